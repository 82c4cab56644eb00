"""Unleashed: our words and rules."""

from __future__ import annotations
