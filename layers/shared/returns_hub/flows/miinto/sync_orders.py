"""Accepted orders of Miinto come in, and each becomes one order of the store of record.

One run for one merchant works under the lease of its orders' cursor:

1. of each shop the orders since the cursor are read, the newest first, and what is new is put on
   timelines, oldest first; then the cursor passes them. It overlaps, and dedupes by order and
   version;
2. what is on a timeline and not made is made: what is new, what came back before, and some of all
   that is in work, so that nothing waits on the cursor;
3. a few orders that are made and not sent are read again, in turn: they may have been cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import OrderMade, OrderSeen
from returns_hub.domain.miinto.order_draft import are_same_goods, item_of, lines_of
from returns_hub.domain.miinto.orders import MarketOrder, OrderState
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.domain.miinto.transfers import Item
from returns_hub.errors import Conflict, Verdict
from returns_hub.flows.cursor_names import marketplace
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.known_products import Identify, KnownProducts
from returns_hub.flows.miinto.make_order import FLOW, find_made, link_label, make_order
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.order_work import (
    OrderKey,
    Walk,
    dealt_with,
    has_time,
    key_of,
)
from returns_hub.flows.miinto.orders_cursor import OrdersCursor
from returns_hub.flows.miinto.see_orders import (
    as_moment,
    is_before_live,
    is_new,
    look_for_changes,
    see,
    see_nothing_accepted,
    version_of,
)
from returns_hub.ports import Lease

IN_WORK_PER_RUN = 500
READ_AGAIN_PER_RUN = 10
NOT_SEEN = frozenset({"later", "not_started"})
"""Endings of an order that is not on its timeline yet."""
LONGEST_LOOK_BACK = timedelta(days=30)
OLD_BASKETS = timedelta(days=7)
OLD_BASKETS_EVERY = timedelta(hours=1)
"""An order bears the time of the buyer's basket, which may be offered or decided days later; so
long ago, but not before the first run, orders are listed anew so often."""


def sync_orders(mw: MarketWorld, identify: Identify) -> dict[str, int]:
    """Bring one merchant's orders in.

    Returns:
        How many orders ended in which way. Empty when another run holds the lease.
    """
    settings = mw.settings
    if settings.orders.mode is Mode.OFF or settings.level == "stock_only":
        return {"off": 1}
    stores = mw.stores
    with leased(stores, marketplace("orders", mw.merchant)) as lease:
        if lease is None:
            return {}
        try:
            return _Run(mw, identify, lease).run()
        except Verdict as verdict:
            lease.run.failed(verdict)
            mw.world.run_failed(verdict, flow=FLOW)
            return {"failed": 1}


class _Run:
    """One run under the lease."""

    def __init__(self, mw: MarketWorld, identify: Identify, lease: Lease) -> None:
        self._mw = mw
        self._products = KnownProducts(identify)
        self._lease = lease
        self._cursor = OrdersCursor.of(lease.value)
        self._settings = mw.settings.orders
        self._worked_on: set[OrderKey] = set()
        self.endings: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        mw = self._mw
        new: list[OrderKey] = []
        for shop in mw.settings.shops:
            if shop.orders:
                new += self._see_shop(shop)
        cursor = replace(self._cursor, mode=self._settings.mode.value)
        # What is seen is durable: the cursor passes it before the longer part begins.
        if not self._advance(cursor):
            return self.endings
        later, walk = self._make(new)
        again = self._read_again()
        self._advance(replace(cursor, later=later, walk=walk, again=again))
        for ending, count in self.endings.items():
            outcome = {"merchant": mw.merchant, "outcome": ending}
            mw.stores.telemetry.count("MarketOrdersSeen", count, **outcome)
        mw.stores.telemetry.log("orders run", **self.endings)
        return self.endings

    def _advance(self, cursor: OrdersCursor) -> bool:
        self._cursor = cursor
        try:
            self._mw.stores.cursors.advance(self._lease, cursor.to_value())
        except Conflict:
            log = self._mw.stores.telemetry.log
            log("the lease was lost; another run goes on", cursor=self._lease.name)
            return False
        return True

    def _note(self, ending: str) -> str:
        if ending != "known":
            self.endings[ending] = self.endings.get(ending, 0) + 1
        return ending

    # -- 1: seeing ----------------------------------------------------------------------------

    def _see_shop(self, shop: MiintoShop) -> list[OrderKey]:
        """Put what is new of one shop on timelines; what is to be made of it. The trouble of one
        shop does not stop the others, nor that of one order those beside it; the cursor stays."""
        started = self._mw.stores.clock.now()
        since = self._since(shop) - timedelta(minutes=self._settings.overlap_minutes)
        begun = as_moment(self._cursor.begun.get(shop.id, since.isoformat()))
        old = self._cursor.old.get(shop.id)
        is_old_due = old is None or as_moment(old) + OLD_BASKETS_EVERY <= started
        if is_old_due:
            since = min(since, max(begun, started - OLD_BASKETS))
        found, is_whole = self._listed(shop, since)
        try:
            new, undone = self._see_all(shop, found)
        except Verdict as verdict:
            self._failed(verdict)
            return []
        mine = f"{shop.id}/"
        before = self._cursor.seen
        others = {k: v for k, v in before.items() if not (is_whole and k.startswith(mine))}
        seen = {
            OrderKey(shop.id, order.id).text: version_of(order)
            for order in reversed(found)
            if order.id not in undone
        }
        self._cursor = replace(self._cursor, seen=others | seen)
        begun_at = self._cursor.begun | {shop.id: min(begun, since).isoformat()}
        self._cursor = replace(self._cursor, begun=begun_at)
        if is_whole and not undone:
            now = {shop.id: started.isoformat()}
            old_at = self._cursor.old | (now if is_old_due else {})
            self._cursor = replace(self._cursor, since=self._cursor.since | now, old=old_at)
        return new

    def _listed(self, shop: MiintoShop, since: datetime) -> tuple[list[MarketOrder], bool]:
        """The shop's orders, the newest first, and whether the list came to its end with every
        order readable."""
        found: list[MarketOrder] = []
        try:
            found.extend(self._mw.marketplace.orders(shop.id, since))
        except Verdict as verdict:
            self._failed(verdict)
            return found, False
        return found, True

    def _failed(self, verdict: Verdict) -> None:
        self._lease.run.failed(verdict)
        self._mw.world.run_failed(verdict, flow=FLOW)
        self._note("failed")

    def _since(self, shop: MiintoShop) -> datetime:
        """Up to when the shop's orders were read; with the switch to live, back to that moment."""
        mw = self._mw
        now = mw.stores.clock.now()
        stored = self._cursor.since.get(shop.id)
        look_back = timedelta(hours=self._settings.first_look_back_hours)
        since = as_moment(stored) if stored else now - look_back
        live_from = mw.world.live.merchant.live_from
        is_live = self._settings.mode is Mode.LIVE
        if is_live and live_from is not None and not (stored and self._cursor.mode == "live"):
            since = min(since, max(live_from, now - LONGEST_LOOK_BACK))
        return since

    def _see_all(
        self, shop: MiintoShop, found: list[MarketOrder]
    ) -> tuple[list[OrderKey], set[int]]:
        """What is to be made of these orders, and which are not on their timelines yet."""
        mw = self._mw
        news = []
        undone: set[int] = set()
        is_same_mode = self._cursor.mode == self._settings.mode.value
        for order in {order.id: order for order in reversed(found)}.values():
            key = OrderKey(shop.id, order.id)
            if is_same_mode and self._cursor.seen.get(key.text) == version_of(order):
                continue
            if not has_time(mw):
                self._note("not_started")
                undone.add(order.id)
                continue
            state = mw.market.order(mw.merchant, shop.id, order.id)
            news.append((key, order, is_new(state, order, mw)))
        wanted = [
            order for _, order, is_fresh in news if is_fresh and not is_before_live(mw, order)
        ]
        self._products.ask(shop.id, (p.item for order in wanted for p in order.accepted))
        endings = {key: self._seen(key, order) for key, order, _ in news}
        new = [key for key, ending in endings.items() if ending == "seen"]
        self._lease.run.found_new |= bool(new)
        undone |= {key.id for key, ending in endings.items() if ending in NOT_SEEN}
        return new, undone

    def _seen(self, key: OrderKey, order: MarketOrder) -> str:
        mw, products = self._mw, self._products
        if not has_time(mw):
            return self._note("not_started")

        def work(state: OrderState) -> str:
            skus: dict[int, str | None] = {}
            if is_new(state, order, mw) and not is_before_live(mw, order):
                # An order is put on its timeline when all of its products were found out about.
                skus = {p.id: products.sku_of(key.shop, p.item) for p in order.accepted}
            return see(mw, state, order, skus)

        return self._note(dealt_with(mw, key, flow=FLOW, work=work))

    # -- 2: making ----------------------------------------------------------------------------

    def _make(self, new: Iterable[OrderKey]) -> tuple[tuple[str, ...], Walk]:
        """Make what is not made; what comes back, and where the walk stands."""
        in_work, walk = self._cursor.walk.steps(self._mw, IN_WORK_PER_RUN)
        unmade = [key_of(state) for state in in_work if state.made_id is None]
        before = [OrderKey.of(text) for text in self._cursor.later]
        self._ask_for(state for state in in_work if not state.parked)
        later: list[str] = []
        for key in dict.fromkeys((*before, *new, *unmade)):
            if not has_time(self._mw):
                self._note("not_started")
                later.append(key.text)
                continue
            ending = self._note(dealt_with(self._mw, key, flow=FLOW, work=self._make_one))
            if ending != "known":
                self._worked_on.add(key)
            if ending == "later":
                later.append(key.text)
        return tuple(later), walk

    def _ask_for(self, unmade: Iterable[OrderState]) -> None:
        """Ask for the products that these lack, of each shop at once."""
        items: dict[str, list[Item]] = {}
        for state in unmade:
            if state.made_id is None:
                lacking = [item_of(line) for line in state.lines if line.sku is None]
                items.setdefault(state.shop, []).extend(lacking)
        for shop, of_shop in items.items():
            try:
                self._products.ask(shop, of_shop)
            except Verdict as verdict:
                self._mw.world.run_failed(verdict, flow=FLOW)

    def _make_one(self, state: OrderState) -> str:
        mw = self._mw
        if state.made_id is not None or state.parked or not state.in_work:
            return "known"
        order = mw.marketplace.read_order(state.shop, state.id)
        if order is None or not order.accepted:
            return see_nothing_accepted(mw, state, order)
        state = self._with_goods(state, order)
        return "made" if state.made_id is not None else make_order(mw, state, order)

    def _with_goods(self, state: OrderState, order: MarketOrder) -> OrderState:
        """The state with the goods as they are now, and products that became known meanwhile.

        What was sent to the warehouse stays as it was sent.
        """
        same = are_same_goods(state.lines, order.accepted)
        if not same and state.number and (made := find_made(self._mw, state)) is not None:
            fact = OrderMade(made_id=made, how="looked_up")
            state = self._mw.record_order(state, "one order for each number", fact)
            look_for_changes(self._mw, state, order)
            return self._mw.market.order(state.merchant, state.shop, state.id)
        if same and all(line.sku for line in state.lines):
            return state
        known: dict[int, str | None] = {line.position: line.sku for line in state.lines if line.sku}
        for line in lines_of(order.accepted, known):
            if line.sku is None:
                known[line.position] = self._products.sku_of(state.shop, item_of(line))
        lines = lines_of(order.accepted, known)
        if lines == state.lines:
            return state
        seen = OrderSeen(
            parent_id=order.parent_id or state.parent_id,
            created_at=order.created_at or state.created_at,
            currency=order.currency or state.currency,
            lines=lines,
        )
        return self._mw.record_order(state, "seen in Miinto", seen)

    # -- 3: reading again ---------------------------------------------------------------------

    def _read_again(self) -> Walk:
        states, walk = self._cursor.again.steps(self._mw, READ_AGAIN_PER_RUN)
        if self._settings.mode is not Mode.LIVE:
            return Walk()
        for state in states:
            if not has_time(self._mw):
                return self._cursor.again
            is_waiting = state.made_id is not None and not state.despatches
            if is_waiting and key_of(state) not in self._worked_on:
                ending = dealt_with(self._mw, key_of(state), flow=FLOW, work=self._again)
                self._note("known" if ending == "not_accepted" else ending)
        return walk

    def _again(self, state: OrderState) -> str:
        mw = self._mw
        if state.made_id is None or state.despatches or not state.in_work:
            return "known"
        order = mw.marketplace.read_order(state.shop, state.id)
        if order is None or not order.accepted:
            return see_nothing_accepted(mw, state, order)
        ending = look_for_changes(mw, state, order)
        state = mw.market.order(state.merchant, state.shop, state.id)
        link_label(mw, state, order)
        return ending
