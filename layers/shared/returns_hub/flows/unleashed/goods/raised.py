"""Units that the receipts flow adds to lines of a purchase order: its own writes, not an edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from returns_hub.domain.unleashed.names import RECEIPTS
from returns_hub.flows.sync.sync_world import SyncWorld

RAISE = "raise"


def raised_by_receipts(sync: SyncWorld, guid: str) -> Mapping[str, frozenset[int]]:
    """By SKU the numbers of units by which lines may have been raised: what is known to be done,
    and with what was begun and has no end yet."""
    done: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    for step in sync.load(RECEIPTS, guid).steps:
        if not step.name.startswith(f"{RAISE}/"):
            continue
        units = {str(sku): int(many) for sku, many in step.told.get("raised", {}).items()}
        begun.update(units)
        if step.how:
            done.update(units)
    return {sku: frozenset({done[sku], begun[sku]}) for sku in begun}
