"""RMAs are fetched from each shop, kept as they came, and told to the flow that announces them.

Miinto tells nothing by itself, and no call for changes is known. So every pending RMA is listed,
and what was pending before and is not listed any more is read one by one: somebody decided it. What
is new or changed goes as a thin message to the approved-returns queue. It is first kept, then told,
and only then remembered as told; cut off anywhere, it is told again, which is harmless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.events import MIINTO, thin_event
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import RmaTied
from returns_hub.domain.miinto.rmas import Rma, shop_slug_of
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.errors import Conflict, Permanent, Verdict
from returns_hub.flows.cursor_names import marketplace
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.follow_rma import follow_money
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.refund_order import order_of
from returns_hub.flows.miinto.rma_proof import require_rma_proof
from returns_hub.flows.way import Way
from returns_hub.flows.world import REQUEST_SECONDS
from returns_hub.ports import Lease
from returns_hub.ports.marketplace import Rmas

FLOW = "miinto_rmas"
WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2
ACCEPTED_EVERY = timedelta(hours=1)
ACCEPTED_SINCE = timedelta(days=7)
"""An RMA that was made and accepted in Miinto's panel between two runs is in no list of undecided
ones. Where refunds go home, RMAs so old are so often looked for among the accepted ones."""
ENOUGH_OLDER = 200
MOST_TOLD = 4000
"""Undecided RMAs that a merchant's cursor remembers; more are told again in each run."""
MOST_READ_AGAIN = 60
MOST_TROUBLES_IN_A_ROW = 3
MOST_WORDS = 100
LONGEST_RETURN_ID = 64


def fetch_rmas(market: MarketWorld, way: Way) -> dict[str, int]:
    """Fetch the RMAs of every shop.

    Returns:
        How many RMAs ended in which way, and how many shops failed. Empty when both of the flows
        for RMAs are off, or another run holds the lease.
    """
    settings, rmas, stores = market.settings, market.rmas, market.stores
    modes = (settings.rma.announce.mode, settings.rma.decide.mode)
    if rmas is None or settings.level == "stock_only" or all(mode is Mode.OFF for mode in modes):
        return {}
    with leased(stores, marketplace("rmas", market.merchant)) as lease:
        if lease is None:
            return {}
        if settings.rma.announce.mode is Mode.LIVE:
            require_rma_proof(market.world.live, stores.capabilities)
        return _Run(market, rmas, way, lease).shops()


@dataclass
class _Told:
    """What the cursor remembers.

    Args:
        sent: Return id of an undecided RMA -> what of it was told last; or on which day Miinto did
            not know it any more.
        words: Words for a status that a person was asked about.
        turn: Which shop begins.
        accepted: Shop -> when its accepted RMAs were looked through last.
    """

    sent: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    turn: int = 0
    accepted: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> _Told:
        return cls(
            sent=dict(value.get("sent", {})),
            words=list(value.get("words", ())),
            turn=int(value.get("turn", 0)),
            accepted=dict(value.get("accepted", {})),
        )

    def to_json(self) -> dict[str, Any]:
        newest = dict(list(self.sent.items())[-MOST_TOLD:])
        words = self.words[-MOST_WORDS:]
        return {"sent": newest, "words": words, "turn": self.turn, "accepted": self.accepted}


@dataclass
class _Troubles:
    """Troubles of single RMAs of a shop: the others go on, unless several in a row have any."""

    first: Verdict | None = None
    in_a_row: int = 0

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep what one RMA raises."""
        try:
            yield
        except Verdict as verdict:
            self.first = self.first or verdict
            self.in_a_row += 1
            if self.in_a_row == MOST_TROUBLES_IN_A_ROW:
                raise
        else:
            self.in_a_row = 0


class _Run:
    """One run under the lease."""

    def __init__(self, market: MarketWorld, rmas: Rmas, way: Way, lease: Lease) -> None:
        self._market = market
        self._rmas = rmas
        self._way = way
        self._lease = lease
        self._told = _Told.of(lease.value)
        self._is_announced = market.settings.rma.announce.mode is not Mode.OFF
        self._endings: dict[str, int] = {}

    def shops(self) -> dict[str, int]:
        """Each shop in turn; one's trouble does not stop the others."""
        market = self._market
        shops = [shop for shop in market.settings.shops if shop.rmas]
        first = self._told.turn % len(shops) if shops else 0
        self._told.turn = first + 1
        for shop in (*shops[first:], *shops[:first]):
            if self._is_late():
                self._note("not_started")
                continue
            try:
                self._shop(shop)
            except Verdict as verdict:
                self._lease.run.failed(verdict)
                market.world.run_failed(verdict, flow=FLOW)
                self._note("failed")
            if not self._is_saved():
                break
        for ending, count in self._endings.items():
            market.stores.telemetry.count(
                "RmasFetched", count, merchant=market.merchant, outcome=ending
            )
        market.stores.telemetry.log("RMAs run", **self._endings)
        return self._endings

    def _is_saved(self) -> bool:
        try:
            self._market.stores.cursors.advance(self._lease, self._told.to_json())
        except Conflict:
            name = self._lease.name
            self._market.stores.telemetry.log("the lease was lost; another goes on", cursor=name)
            return False
        return True

    def _is_late(self) -> bool:
        return self._market.stores.clock.remaining() < WORST_CASE_SECONDS

    def _note(self, ending: str) -> None:
        self._endings[ending] = self._endings.get(ending, 0) + 1

    # -- one shop -------------------------------------------------------------------------------

    def _shop(self, shop: MiintoShop) -> None:
        """One shop; what single RMAs raised is raised when all others were dealt with."""
        troubles = _Troubles()
        self._fetch(shop, troubles)
        if troubles.first is not None:
            raise troubles.first

    def _fetch(self, shop: MiintoShop, troubles: _Troubles) -> None:
        """What is listed as pending, then what was and is not any more."""
        listed: set[str] = set()
        for rma in self._rmas.list(shop.id, "pending"):
            if self._is_late():
                self._note("not_started")
                return
            if rma.return_id not in listed:
                listed.add(rma.return_id)
                with troubles.kept():
                    self._deal_with(rma)
        for return_id, id_ in self._gone_from(shop, listed):
            if self._is_late():
                self._note("not_started")
                return
            with troubles.kept():
                self._read_again(shop, return_id, id_)
        self._look_for_accepted(shop, troubles)

    def _look_for_accepted(self, shop: MiintoShop, troubles: _Troubles) -> None:
        """Accepted RMAs of which no run has heard: their refunds go home too."""
        market, now = self._market, self._market.stores.clock.now()
        refunds, live_from = market.settings.refunds, market.world.live.merchant.live_from
        before = self._told.accepted.get(shop.slug)
        is_due = before is None or datetime.fromisoformat(before) + ACCEPTED_EVERY <= now
        if refunds.mode is Mode.OFF or not refunds.targets or live_from is None or not is_due:
            return
        since = max(live_from, now - ACCEPTED_SINCE)
        for rma in _as_far_as(since, self._rmas.list(shop.id, "accepted")):
            if self._is_late():
                return
            is_new = rma.created_at is not None and rma.created_at >= since
            if is_new and market.market.rma(market.merchant, rma.return_id) is None:
                with troubles.kept():
                    self._deal_with(rma)
        self._told.accepted[shop.slug] = now.isoformat()

    def _gone_from(self, shop: MiintoShop, listed: set[str]) -> Iterator[tuple[str, str]]:
        """RMAs of the shop that were undecided and are not listed: return id, and Miinto's id."""
        kept = {rma.return_id: rma.id for rma in self._undecided if rma.shop == shop.id}
        told = (i for i in self._told.sent if shop_slug_of(i) == shop.slug and i not in kept)
        known = kept | {return_id: self._id_of(return_id) for return_id in told}
        gone = [
            (return_id, id_)
            for return_id, id_ in known.items()
            if return_id not in listed and self._told.sent.get(return_id) != self._unknown_today
        ]
        yield from _in_turn(gone, self._told.turn)

    @cached_property
    def _unknown_today(self) -> str:
        return f"unknown on {self._market.stores.clock.now():%Y-%m-%d}"

    @cached_property
    def _undecided(self) -> tuple[Rma, ...]:
        """RMAs that were undecided, or unclear, when they were read last."""
        market, merchant = self._market.market, self._market.merchant
        pending = market.find_rmas(merchant, status="pending")
        return (*pending, *market.find_rmas(merchant, status="unknown"))

    def _id_of(self, return_id: str) -> str:
        """Miinto's own id; every RMA that was told of was kept before."""
        kept = self._market.market.rma(self._market.merchant, return_id)
        return kept.id if kept is not None else return_id.rpartition("-")[2]

    def _read_again(self, shop: MiintoShop, return_id: str, id_: str) -> None:
        rma = self._rmas.read(shop.id, id_)
        if rma is None:
            # What was kept of it is undecided for good: it is asked for again once a day.
            self._told.sent.pop(return_id, None)
            if return_id in {kept.return_id for kept in self._undecided}:
                self._told.sent[return_id] = self._unknown_today
            self._note("gone")
            return
        self._deal_with(rma)

    # -- one RMA --------------------------------------------------------------------------------

    def _deal_with(self, rma: Rma) -> None:
        """Keep it, tie it to its order, tell of it: the last is remembered after all others."""
        market, return_id = self._market, rma.return_id
        if len(return_id) > LONGEST_RETURN_ID:
            raise Permanent("miinto.rma_id", f"the id of an RMA of shop {rma.shop} is too long")
        kind = "free" if rma.unknown_words else follow_money(rma, market)
        changed = market.market.keep_rma(market.merchant, rma)
        if kind != "free":
            # Ours, or the buyer's for what we had requested before: its goods are not announced.
            self._note(f"requested_{kind}")
            return
        if rma.unknown_words:
            self._ask_about(rma)
            self._note("unknown_word")
            return
        is_tied = self._tie(rma)
        told = short_hash(rma.model_dump_json(exclude={"raw", "updated_at"}), 12)
        told += "" if is_tied else "?"
        before = self._told.sent.get(return_id, "")
        news = before.rstrip("?") != told.rstrip("?")
        if news and self._is_announced:
            now = market.stores.clock.now()
            self._way.publish(thin_event(market.merchant, return_id, now, MIINTO))
        self._told.sent.pop(return_id, None)
        if rma.is_open and self._is_announced:
            self._told.sent[return_id] = told
        self._lease.run.found_new |= news or changed
        self._note("told" if news and self._is_announced else "kept" if changed else "known")

    def _tie(self, rma: Rma) -> bool:
        """Write to the order's timeline that the RMA is of it; False while that is to be tried
        again, because the order is not known yet or is being changed."""
        market = self._market
        before = self._told.sent.get(rma.return_id, "?")
        if not before.endswith("?") or rma.order_number is None:
            return True
        order = order_of(rma, market)
        if not order.version:
            return False
        if rma.return_id in order.rmas:
            return True
        try:
            market.record_order(order, "an RMA of it", RmaTied(return_id=rma.return_id))
        except Conflict:
            return False
        return True

    def _ask_about(self, rma: Rma) -> None:
        """A person is asked once for each word, and nothing is decided on it."""
        market = self._market
        market.stores.telemetry.count("RmaUnknownWords", merchant=market.merchant)
        for word in rma.unknown_words:
            if word in self._told.words:
                continue
            verdict = Permanent(
                "miinto.unknown_word",
                f"RMA {rma.id} of shop {rma.shop} says {word!r}, which nobody told the hub of; no "
                "decision is made on such RMAs. Add the word to miinto.rma.contract.words",
            )
            name = re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-").lower()[:40]
            market.world.park(
                FLOW,
                f"{FLOW}/word/{name}-{short_hash(word, 6)}",
                verdict,
                subject="",
                payload=json.dumps({"merchant": market.merchant}),
            )
            self._told.words.append(word)


def _as_far_as(since: datetime, rmas: Iterable[Rma]) -> Iterator[Rma]:
    """RMAs until enough in a row are older; all of them where they do not come newest first.

    No filter by time is known, and whether the list keeps the order asked for is only seen from it.
    """
    last, older, is_in_order = datetime.max.replace(tzinfo=UTC), 0, True
    for rma in rmas:
        yield rma
        is_in_order = is_in_order and rma.created_at is not None and rma.created_at <= last
        last = rma.created_at or last
        older = older + 1 if last < since else 0
        if is_in_order and older >= ENOUGH_OLDER:
            return


def _in_turn(gone: list[tuple[str, str]], turn: int) -> list[tuple[str, str]]:
    """At most `MOST_READ_AGAIN`, beginning with others in each run."""
    if len(gone) <= MOST_READ_AGAIN:
        return gone
    start = turn * MOST_READ_AGAIN % len(gone)
    return (gone[start:] + gone[:start])[:MOST_READ_AGAIN]
