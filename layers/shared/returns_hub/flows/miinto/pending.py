"""Pending transfers of the shops, as they were listed last; listed again before they are old."""

from __future__ import annotations

from dataclasses import dataclass

from returns_hub.domain.miinto.transfers import Transfer
from returns_hub.errors import Retryable, Verdict
from returns_hub.flows.miinto.market_world import MarketWorld

FRESH_SECONDS = 30.0
AT_MOST_A_FIFTH = 4.0
"""A list is fresh for so many times the seconds that reading it took: a shop with thousands of
pending transfers is not read all the time, and one with a page of them is as good as read each
time."""


@dataclass(frozen=True)
class Listing:
    """One reading of a shop's pending transfers; `trouble` says why it did not come to its end."""

    transfers: dict[int, Transfer]
    began: float
    seconds: float
    trouble: Verdict | None = None

    def positions(self, transfer: int) -> frozenset[int]:
        """Positions of a transfer that are pending."""
        found = self.transfers.get(transfer)
        return frozenset(position.id for position in found.pending) if found else frozenset()


class Pending:
    """What is pending, shop by shop.

    The documents name no call that reads a single transfer, so that reading one again costs as
    much as reading all of its shop.
    """

    def __init__(self, market: MarketWorld) -> None:
        self._market = market
        self._listings: dict[str, Listing] = {}

    def read(self, shop: str) -> Listing:
        """Read the shop's list now. What was read before it broke off is kept: it is pending."""
        clock = self._market.stores.clock
        began = clock.monotonic()
        found: dict[int, Transfer] = {}
        trouble: Verdict | None = None
        try:
            for transfer in self._market.marketplace.pending_transfers(shop):
                found[transfer.id] = transfer
        except Verdict as verdict:
            trouble = verdict
        listing = Listing(found, began, clock.monotonic() - began, trouble)
        self._listings[shop] = listing
        return listing

    def positions(self, shop: str, transfer: int) -> frozenset[int]:
        """Positions of a transfer that are pending, by a list not older than is good for a
        decision. One that broke off tells of the transfers that it gave, and of no other.

        Raises:
            Retryable: The list broke off before it gave this transfer.
        """
        listing = self._fresh(shop)
        if listing.trouble is not None and transfer not in listing.transfers:
            raise Retryable("miinto.list_cut", listing.trouble.reason)
        return listing.positions(transfer)

    def _fresh(self, shop: str) -> Listing:
        known = self._listings.get(shop)
        now = self._market.stores.clock.monotonic()
        if known is not None:
            good_for = max(FRESH_SECONDS, AT_MOST_A_FIFTH * known.seconds)
            if now - known.began <= good_for + known.seconds:
                return known
        return self.read(shop)


def still_pending(market: MarketWorld, shop: str, transfer: int) -> frozenset[int]:
    """Positions of one transfer that are pending just now.

    Raises:
        Retryable: The list cannot be read.
    """
    try:
        found = market.marketplace.read_transfer(shop, transfer)
    except Retryable:
        raise
    except Verdict as verdict:
        raise Retryable("miinto.list_refused", verdict.reason, after=300) from None
    return frozenset(position.id for position in found.pending) if found else frozenset()
