"""Redo, the returns portal."""

from __future__ import annotations
