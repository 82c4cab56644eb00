"""Transfers are judged by the rule and, where the merchant wants it, decided without a person.

One run for one merchant works under the lease of its cursor. Everything that is pending is listed
and judged, the oldest first over all shops; what the time does not suffice for is the next run's.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.cursor_names import marketplace
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.decide_by_hand import (
    accept_positions,
    decline_positions,
    release_decision,
)
from returns_hub.flows.miinto.decide_transfer import FLOW, decide, went
from returns_hub.flows.miinto.judge_transfers import Offer, judge_transfers
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.pending import Listing, Pending
from returns_hub.flows.miinto.settle_offers import SettleOffers
from returns_hub.flows.world import REQUEST_SECONDS
from returns_hub.ports import Lease

__all__ = ["accept_positions", "decide_transfers", "decline_positions", "release_decision"]

WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2
MOST_IN_WORK = 20_000
"""Transfers that the store is asked for at once; what is beyond is read one by one."""


def decide_transfers(market: MarketWorld) -> dict[str, int]:
    """Judge every pending transfer of a merchant, and decide what the rule may decide.

    Returns:
        How many positions or transfers ended in which way. Empty when another run holds the lease;
        ``off`` when the merchant does not want it. ``failed`` counts shops that could not be read.
    """
    settings = market.settings
    if settings.transfers.mode is Mode.OFF or settings.level != "orders_and_stock":
        return {"off": 1}
    stores = market.stores
    with leased(stores, marketplace("transfers", market.merchant)) as lease:
        if lease is None:
            return {}
        try:
            return _Run(market, lease).run()
        except Verdict as verdict:
            lease.run.failed(verdict)
            market.world.run_failed(verdict, flow=FLOW)
            return {"failed": 1}


class _Run:
    """One run."""

    def __init__(self, market: MarketWorld, lease: Lease) -> None:
        self._market = market
        self._lease = lease
        self._clock = market.stores.clock
        self._shops = [shop for shop in market.settings.shops if shop.orders]
        self._pending = Pending(market)
        self._counts: Counter[str] = Counter()

    def run(self) -> dict[str, int]:
        known = self._known()
        listings = {shop.id: self._listing(shop, known) for shop in self._shops}
        self._finish(known, listings)
        offers = self._offers(known, listings)
        found = judge_transfers(self._market, offers, self._looked_up_at())
        for trouble in found.troubles:
            self._failed(trouble)
        if found.looked_up:
            self._advance()
        self._counts += SettleOffers(self._market, self._pending).settle(found)
        self._tell(found_pending=len(offers))
        return {word: count for word, count in self._counts.items() if count}

    # -- what there is ------------------------------------------------------------------------

    def _known(self) -> dict[tuple[str, int], TransferState]:
        """Transfers in work, as they were a moment ago: good for finding work, and for seeing that
        there is none."""
        found = self._market.market.transfers_in_work(self._market.merchant, MOST_IN_WORK)
        return {(state.shop, state.id): state for state in found}

    def _listing(self, shop: MiintoShop, known: dict[tuple[str, int], TransferState]) -> Listing:
        """What is pending in a shop. One shop's trouble does not stop the others."""
        listing = self._pending.read(shop.id)
        if listing.trouble is None and _missing(shop, known, listing):
            # Somebody decided, or a page moved while it was read: a second reading tells which.
            listing = self._again(shop, known, listing)
        if listing.trouble is not None:
            self._failed(listing.trouble)
        return listing

    def _again(
        self, shop: MiintoShop, known: dict[tuple[str, int], TransferState], first: Listing
    ) -> Listing:
        listing = self._pending.read(shop.id)
        if listing.trouble is not None:
            return listing
        missing = _missing(shop, known, first)
        for transfer, positions in _missing(shop, known, listing).items():
            both = positions & missing.get(transfer, frozenset())
            state = self._market.market.transfer(self._market.merchant, shop.id, transfer)
            known[shop.id, transfer] = state
            gone = [position.id for position in state.waiting if position.id in both]
            if not gone:
                continue
            facts = went(state, gone, "not_pending", "decided elsewhere, or the offer expired")
            try:
                known[shop.id, transfer] = self._market.record_transfer(
                    state, "not pending any more", *facts
                )
                self._counts["gone"] += 1
            except Conflict:
                self._counts["later"] += 1
        return listing

    def _offers(
        self, known: dict[tuple[str, int], TransferState], listings: dict[str, Listing]
    ) -> list[Offer]:
        offers: list[Offer] = []
        for shop in self._shops:
            for transfer in listings[shop.id].transfers.values():
                state = known.get((shop.id, transfer.id))
                if state is None:
                    if self._clock.remaining() < WORST_CASE_SECONDS:
                        self._counts["left"] += 1
                        continue
                    state = self._market.market.transfer(
                        self._market.merchant, shop.id, transfer.id
                    )
                    self._lease.run.found_new |= not state.version
                offers.append(Offer(shop, transfer, state))
        return offers

    # -- what an earlier run, or a person, began ---------------------------------------------

    def _finish(
        self, known: dict[tuple[str, int], TransferState], listings: dict[str, Listing]
    ) -> None:
        """See to their end requests that were committed, whoever decided so."""
        if self._market.settings.transfers.mode is not Mode.LIVE:
            return
        by_id = {shop.id: shop for shop in self._shops}
        for key, state in list(known.items()):
            shop = by_id.get(state.shop)
            if shop is None or not state.unresolved:
                continue
            try:
                known[key] = self._finished(shop, state, listings[shop.id])
            except (Conflict, Retryable, UnknownOutcome) as verdict:
                self._later(state, verdict)
            except Permanent as verdict:
                self._failed(verdict)

    def _finished(self, shop: MiintoShop, state: TransferState, listing: Listing) -> TransferState:
        # What is told here must not rest on a stale reading: it may be a request's end.
        state = self._market.market.transfer(self._market.merchant, shop.id, state.id)
        for decision in state.unresolved:
            if self._clock.remaining() < WORST_CASE_SECONDS:
                self._counts["left"] += 1
                break
            is_pending = bool(listing.positions(state.id).intersection(decision.positions))
            if decision.outcome == "unknown" and (is_pending or listing.trouble is not None):
                continue  # a person was asked, and nothing has changed
            ended = decide(
                self._market,
                shop,
                state,
                decision,
                lambda: self._pending.positions(shop.id, state.id),  # noqa: B023
            )
            state = ended.state
            self._counts[ended.decision.outcome or "later"] += 1
        return state

    # -- how ----------------------------------------------------------------------------------

    def _looked_up_at(self) -> datetime | None:
        """When map and feed were read last under this version of the file."""
        value = self._lease.value
        if value.get("version") != self._market.world.live.version or "looked_up_at" not in value:
            return None
        return datetime.fromisoformat(str(value["looked_up_at"]))

    def _advance(self) -> None:
        value = {
            "version": self._market.world.live.version,
            "looked_up_at": self._clock.now().isoformat(),
        }
        try:
            self._market.stores.cursors.advance(self._lease, value)
        except Conflict:
            self._market.stores.telemetry.log(
                "the lease was lost; another run goes on", cursor=self._lease.name
            )

    def _failed(self, verdict: Verdict) -> None:
        self._lease.run.failed(verdict)
        self._market.world.run_failed(verdict, flow=FLOW)
        self._counts["failed"] += 1

    def _later(self, state: TransferState, verdict: Exception) -> None:
        self._counts["later"] += 1
        if isinstance(verdict, Verdict):
            self._market.world.tell_if_misconfigured(verdict)
            self._market.stores.telemetry.log(
                "transfer comes back",
                shop=state.shop,
                transfer=state.id,
                code=verdict.code,
                reason=verdict.reason,
            )

    def _tell(self, found_pending: int) -> None:
        telemetry, merchant = self._market.stores.telemetry, self._market.merchant
        for outcome, count in self._counts.items():
            telemetry.count("Transfers", count, merchant=merchant, outcome=outcome)
        telemetry.log("transfers run", pending=found_pending, **dict(self._counts))


def _missing(
    shop: MiintoShop, known: dict[tuple[str, int], TransferState], listing: Listing
) -> dict[int, frozenset[int]]:
    """Positions of the shop's known transfers that wait and are not listed."""
    missing: dict[int, frozenset[int]] = {}
    for state in known.values():
        if state.shop == shop.id:
            waiting = {position.id for position in state.waiting}
            if gone := waiting - listing.positions(state.id):
                missing[state.id] = frozenset(gone)
    return missing
