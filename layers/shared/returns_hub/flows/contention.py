"""When others change the same record at the same time: a store says `Conflict`, and the flow begins
anew with what they left."""

from __future__ import annotations

TRIES_AGAINST_OTHERS = 5
"""Beginnings before a flow leaves the record to them: its message, or the next tick, comes back."""
