"""What the verbs of despatches work with: one merchant's relay, and which despatch is meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cli.terminal import REFUSED, clean
from cli.worlds import CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.relay.settings import DespatchRelay
from returns_hub.domain.sync.records import SyncState
from returns_hub.flows.relay.despatches import NAME
from returns_hub.flows.wair.feed_world import FeedWorld


@dataclass(frozen=True)
class Desk:
    """One merchant's relay, for a person."""

    hub: Hub
    merchant: str
    relay: DespatchRelay

    @cached_property
    def world(self) -> FeedWorld:
        """The merchant's, with its warehouse."""
        return self.hub.feeds.world(self.merchant)

    def state(self, order_id: int) -> SyncState:
        """Where the hub stands with what left by this order."""
        return self.hub.sync_records().load(self.merchant, NAME, str(order_id))

    def order_ids(self, order: str) -> tuple[int, ...]:
        """The warehouse's orders that a person means, by the id or the number; with a number the
        warehouse is asked.

        Raises:
            CommandError: There is none.
        """
        text = order.strip()
        if text.isdecimal() and self.state(int(text)).version:
            return (int(text),)
        found = self.world.orders.orders_with_number(text)
        if not found and text.isdecimal() and self.world.orders.read_order(int(text)) is not None:
            return (int(text),)
        if not found:
            raise CommandError(
                clean(f"neither the hub nor Mintsoft knows an order {text} of {self.merchant}"),
                REFUSED,
            )
        return tuple(one.order_id for one in found)


def desk_of(reach: Reach, merchant: str, *, reads_only: bool = False) -> Desk:
    """The merchant's relay; with `reads_only` its partners refuse every write.

    Raises:
        CommandError: Nobody is to be told.
    """
    made = reach.hub()
    relay = made.merchants.live(merchant).merchant.despatch_relay
    if not relay.targets:
        raise CommandError(
            clean(f"{merchant}'s file has no despatch_relay.targets (docs/wair.md)"), REFUSED
        )
    return Desk(made.reading_only() if reads_only else made, merchant, relay)
