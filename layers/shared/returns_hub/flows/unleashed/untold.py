"""Goods that one side's stock shows already and the other side was not told of yet.

Each flow that moves goods tells its own part; the stock sync takes them into account, so that a
unit on its way to being told is not adjusted a second time.
"""

from __future__ import annotations

from collections.abc import Callable

from returns_hub.flows.unleashed.credits.untold import untold_credits
from returns_hub.flows.unleashed.despatches.untold import untold_despatches
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.export.untold import untold_exports
from returns_hub.flows.unleashed.goods.untold import untold_receipts
from returns_hub.flows.unleashed.moves.untold import untold_assemblies, untold_transfers
from returns_hub.flows.unleashed.orders.untold import ordered_untold
from returns_hub.flows.unleashed.shipments.untold import shipments_untold
from returns_hub.flows.unleashed.untold_parts import Untold

__all__ = ["UNTOLD", "TellsUntold", "Untold"]

TellsUntold = Callable[[ErpWorld], Untold]
"""One flow's part. Raises Retryable when it cannot be told now: then nothing is adjusted."""

UNTOLD: tuple[TellsUntold, ...] = (
    ordered_untold,
    shipments_untold,
    untold_despatches,
    untold_receipts,
    untold_exports,
    untold_credits,
    untold_transfers,
    untold_assemblies,
)
"""Every flow's part."""
