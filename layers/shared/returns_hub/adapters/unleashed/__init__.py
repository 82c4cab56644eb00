"""Unleashed: inventory, orders and accounts; whatever is in its words stays in here."""

from __future__ import annotations
