"""One invocation's looks for drift: a tick, or one merchant's look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.domain.events import LookAsked
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.drift.drift_world import DriftWorld

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


class DriftRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def tick(self) -> dict[str, Any]:
        """Hand out every look that is due. What became of each, by merchant."""
        raise NotImplementedError

    def of_merchants(self, event: dict[str, Any]) -> dict[str, Any]:
        """Messages that each ask for one merchant's look; the partial batch response."""
        raise NotImplementedError

    def world(self, merchant: str) -> DriftWorld:
        """One merchant's world for one look; its partners refuse every write.

        Raises:
            Permanent: No such merchant.
            Misconfigured: This function was given no such table.
        """
        hub_ = self._hub.reading_only()
        if not hub_.settings.findings_table:
            raise Misconfigured("settings.missing", "this function was given no FINDINGS_TABLE")
        world = hub_.world(merchant)
        erp = world.live.merchant.unleashed
        return DriftWorld(
            feed=hub_.feeds.around(world),
            findings=DynamoDbFindings(hub_.dynamodb, hub_.settings.findings_table, hub_.clock),
            at=hub_.clock.now(),
            erp=hub_.erp.around(world, "stock") if erp is not None else None,
            market=world.marketplace(),
        )


def look_asked(body: str) -> LookAsked:
    """The message of the queue of looks.

    Raises:
        Permanent: It is none.
    """
    try:
        return LookAsked.model_validate(read_json(body))
    except ValueError:
        raise Permanent("drift.no_merchant", "the message names no merchant") from None
