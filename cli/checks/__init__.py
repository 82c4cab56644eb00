"""The set-up check (R13): what has to be right before a merchant goes live, found out by reads."""

from __future__ import annotations
