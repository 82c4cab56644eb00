"""Mintsoft, the warehouse."""

from __future__ import annotations
