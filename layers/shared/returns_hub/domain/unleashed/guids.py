"""Guids that we choose ourselves, so that a write can be looked for by its own."""

from __future__ import annotations

from uuid import UUID, uuid5

OURS = UUID("6d1f3a52-0b7e-5c39-9a41-2f6f0e5b7c11")
"""The hub's name space; changing it would make every write look new."""


def guid_for(operation_key: str) -> str:
    """The Guid of what an operation creates: the same for the same key, everywhere and always.

    For sales orders, purchase orders, stock adjustments, products and customers, where Unleashed
    takes the Guid of whoever creates; not for transfers between warehouses, where it refuses one.
    """
    return str(uuid5(OURS, operation_key))
