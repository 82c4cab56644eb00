"""Bundles: the warehouse's are kept, and orders that one without components would stall are raised.

The merchant's file stands before the warehouse's word; where the two differ, a person is asked
once. Nothing is written to a partner.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from returns_hub.domain.base import short_hash
from returns_hub.domain.bundle_settings import Bundles
from returns_hub.domain.bundles import Bills, bills_in_force, differences_of, expand
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows import cursor_names
from returns_hub.flows.bundles.cursor import OVERLAP, BundleCursor
from returns_hub.flows.bundles.orders import FIRST_LOOK_BACK, Orders, OrderSeen
from returns_hub.flows.bundles.questions import (
    Questions,
    question_about,
    question_of_bills,
)
from returns_hub.flows.bundles.reading import LEAST_SECONDS, BundleReading, without
from returns_hub.flows.lease import leased
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.ports import Lease

FLOW = "wair_sync.bundles"
MOST_ASKED = 1000
"""Questions that are open at once: the cursor holds them. Orders beyond them wait for their turn,
by their list being read again."""
LOOKED_AT_ONCE = 50
"""Orders and bundles in question that one run reads anew."""


def cursor_name(merchant: str) -> str:
    """The cursor of this flow."""
    return cursor_names.bundles(merchant)


def bills_of(world: FeedWorld) -> Bills:
    """What the merchant's bundles are made of, as far as it is known: the file's word, else what
    the warehouse said when it was read last.

    Raises:
        Retryable: The hub's own store cannot be asked.
    """
    return bills_in_force(
        world.world.live.merchant.bundles.bills, world.kept.bundles(world.merchant)
    )


def is_on(merchant: Merchant) -> bool:
    """Whether the merchant's file has it switched on."""
    return merchant.bundles.mode == "on"


def is_due(world: FeedWorld, now: datetime) -> bool:
    """Whether it is time for a look, or products are being read."""
    cursor = BundleCursor.of(world.stores.cursors.read(cursor_name(world.merchant)))
    return bool(cursor.walk_began) or _is_over(
        cursor.looked_at, timedelta(minutes=_settings(world).every_minutes), now
    )


def look_at_bundles(world: FeedWorld, at_once: bool = False) -> Mapping[str, object]:
    """Read bundles, and raise orders that one of them would stall.

    Args:
        world: The merchant's.
        at_once: Also what is not due.

    Returns:
        How many bundles are known and how many of them without components; how many questions were
        asked and closed. Empty when another run holds the lease.
    """
    stores = world.stores
    name = cursor_name(world.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        run = _Run(world, lease)
        try:
            run.run(at_once)
        except Verdict as verdict:
            lease.run.failed(verdict)
            world.world.run_failed(verdict, flow=FLOW)
            run.note("failed", 1)
        except Conflict:
            stores.telemetry.log("the lease was lost; another run goes on", cursor=name)
    return run.endings


class _Run:
    """One run under the lease."""

    def __init__(self, world: FeedWorld, lease: Lease) -> None:
        self._world = world
        self._lease = lease
        self._cursor = BundleCursor.of(lease.value)
        self._settings = _settings(world)
        self._questions = Questions(world)
        self._bills: Bills = {}
        self.endings: dict[str, int] = {}

    def note(self, ending: str, count: int) -> None:
        """Count what came of something."""
        if count:
            self.endings[ending] = self.endings.get(ending, 0) + count

    def run(self, at_once: bool) -> None:
        """Read, compare, look at orders, and at what was asked before."""
        now = self._world.stores.clock.now()
        whole = at_once or _is_over(
            self._cursor.read_at, timedelta(hours=self._settings.read_every_hours), now
        )
        self._advance(looked_at=now.isoformat())
        self._look_anew_where_the_file_changed()
        reading = BundleReading(self._world, self._cursor, self._advance)
        try:
            reading.run(whole=whole)
            in_question = dict.fromkeys(sku for _, _, sku in self._cursor.asked.values())
            reading.refresh(list(in_question)[:LOOKED_AT_ONCE])
            reading.read_what_was_passed()
        except Verdict as verdict:
            # What is known by now is looked for all the same.
            self._failed(verdict)
        self._bills = bills_in_force(self._settings.bills, reading.known)
        without_parts = sum(1 for known in reading.known.values() if not known.parts)
        self.note("bundles", len(reading.known))
        self.note("without_components", without_parts)
        self._compare(reading)
        orders = Orders(self._world)
        self._settle(orders)
        self._look(orders, now)
        for outcome in ("asked", "closed"):
            self._world.stores.telemetry.count(
                "BundleQuestions",
                self.endings.get(outcome, 0),
                merchant=self._world.merchant,
                outcome=outcome,
            )

    # -- the file and the warehouse -----------------------------------------------------------

    def _look_anew_where_the_file_changed(self) -> None:
        """Orders that were looked at by other bills are looked at again."""
        bills = {sku: dict(bill) for sku, bill in self._settings.bills.items()}
        stands_for = short_hash(json.dumps(bills, sort_keys=True))
        if self._cursor.bills != stands_for:
            self._advance(bills=stands_for, orders_from="")

    def _compare(self, reading: BundleReading) -> None:
        found = differences_of(self._settings.bills, reading.known)
        wanted = {sku: question_of_bills(sku, *said) for sku, said in found.items()}
        for sku, question in sorted(self._cursor.differs.items()):
            if wanted.get(sku) != question:
                self._close(question, "the file and Mintsoft say the same, or another thing now")
        for sku, said in found.items():
            if self._cursor.differs.get(sku) != wanted[sku]:
                self.note("asked", self._questions.ask_which(sku, *said))
                self._hold(differs=self._cursor.differs | {sku: wanted[sku]})
        self._advance()

    # -- orders -------------------------------------------------------------------------------

    def _look(self, orders: Orders, now: datetime) -> None:
        """Raise what would stall."""
        last = self._cursor.orders_from
        since = datetime.fromisoformat(last) - OVERLAP if last else now - FIRST_LOOK_BACK
        there = orders.at_warehouse(since)
        is_all = there.complete
        for order in chain(there.orders, orders.about_to_be_made()):
            unknown = expand(order.units, self._bills).unknown
            for sku, units in unknown.items():
                is_all = self._raise(order, sku, units) and is_all
        if is_all:
            self._hold(orders_from=now.isoformat())
        else:
            self.note("not_all_seen", 1)
        self._advance()

    def _raise(self, order: OrderSeen, sku: str, units: int) -> bool:
        """Ask about an order, unless it was; False when there is no room for the question."""
        question = question_about(order, sku)
        if question in self._cursor.asked:
            return True
        if len(self._cursor.asked) >= MOST_ASKED:
            return False
        self.note("asked", self._questions.ask_about(order, sku, units, self._bills))
        self._hold(asked=self._cursor.asked | {question: (order.place, order.key, sku)})
        return True

    def _settle(self, orders: Orders) -> None:
        """Close what was asked and is answered; the questions longest not looked at come first."""
        looked = 0
        for question, (place, key, sku) in list(self._cursor.asked.items()):
            if not expand({sku: 1}, self._bills).unknown:
                self._close(question, "the bundle's components are known now")
                continue
            if looked >= LOOKED_AT_ONCE or not self._has_time():
                continue
            looked += 1
            try:
                stands = orders.as_it_stands(place, key)
            except Verdict as verdict:
                # Its turn comes again behind the others; new orders are looked for all the same.
                self._failed(verdict)
                self._put_last(question)
                looked = LOOKED_AT_ONCE
                continue
            if isinstance(stands, str):
                self._close(question, f"the order is {stands.replace('_', ' ')}")
                continue
            units = expand(stands.units, self._bills).unknown.get(sku, 0)
            if not units:
                self._close(question, "the order does not hold the bundle any more")
                continue
            if self._questions.standing(question) == "replayed":
                self.note("asked", self._questions.ask_about(stands, sku, units, self._bills))
            self._put_last(question)
        self._advance()

    def _put_last(self, question: str) -> None:
        rest = dict(self._cursor.asked)
        row = rest.pop(question)
        self._hold(asked=rest | {question: row})

    def _close(self, question: str, why: str) -> None:
        self._questions.close(question, why)
        self.note("closed", 1)
        self._cursor = without(self._cursor, question)

    # -- both ---------------------------------------------------------------------------------

    def _failed(self, verdict: Verdict) -> None:
        """Something cannot be read now; the run goes on."""
        self._lease.run.failed(verdict)
        self._world.world.run_failed(verdict, flow=FLOW)
        self.note("failed", 1)

    def _has_time(self) -> bool:
        return self._world.stores.clock.remaining() > LEAST_SECONDS

    def _hold(self, **changes: object) -> None:
        """Change the cursor; kept with the next `_advance`. A question that was asked meanwhile is
        found on the list of parked work."""
        self._cursor = replace(self._cursor, **changes)  # type: ignore[arg-type]  # fields' names

    def _advance(self, **changes: object) -> BundleCursor:
        self._hold(**changes)
        self._world.stores.cursors.advance(self._lease, self._cursor.to_value())
        return self._cursor


def _settings(world: FeedWorld) -> Bundles:
    return world.world.live.merchant.bundles


def _is_over(moment: str, span: timedelta, now: datetime) -> bool:
    return not moment or now - datetime.fromisoformat(moment) >= span
