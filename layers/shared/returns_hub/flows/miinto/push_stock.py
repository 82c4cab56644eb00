"""The warehouse's stock is told to Miinto, variant by variant, by the keys of the merchant's feed.

A request tells absolute numbers, so that telling it again changes nothing. Each is an operation of
the ledger still: one whose answer was lost is not kept as told, and the next run tells what is true
by then. What was told is kept when a shop's push ends.

Nothing is told on a guess: not when the stock or the feed did not come to its end, is empty, or
would send a large share of a shop's variants to 0 at once; then a person is asked.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.keys import push_stock_key
from returns_hub.domain.miinto.promises import promised_of
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.domain.miinto.stock_push import (
    Drop,
    StockPlan,
    Variant,
    changed,
    drop_of,
    plan_stock,
)
from returns_hub.domain.operations import Claim, LookUp, NotFound
from returns_hub.domain.warehouse_stock import readable
from returns_hub.errors import Conflict, Misconfigured, Permanent, UnknownOutcome, Verdict
from returns_hub.flows.cursor_names import marketplace
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.order_work import has_time
from returns_hub.flows.miinto.stock_cursor import StockCursor
from returns_hub.ports import Lease
from returns_hub.ports.marketplace import StockRow

FLOW = "miinto_stock"
SETTLE_SECONDS = 30.0
GIVE_UP_SECONDS = 3600.0
MOST_NAMED = 20
MOST_REFUSALS = 20
"""So many refused requests of one shop, and the others wait for the next run."""
Thing = TypeVar("Thing")


def push_stock(mw: MarketWorld) -> dict[str, int]:
    """Tell one merchant's stock to Miinto.

    Returns:
        How many variants ended in which way, and how many SKUs could not be told. Empty when
        another run holds the lease.
    """
    if mw.settings.stock.mode is Mode.OFF:
        return {"off": 1}
    stores = mw.stores
    name = marketplace("stock", mw.merchant)
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        run = _Run(mw, lease)
        try:
            return run.run()
        except Verdict as verdict:
            lease.run.failed(verdict)
            mw.world.run_failed(verdict, flow=FLOW)
            return run.endings | {"failed": 1}
        except Conflict:
            stores.telemetry.log("the lease was lost; another run goes on", cursor=name)
            return run.endings


@dataclass
class _Sent:
    """What became of the requests about one shop.

    Args:
        told: Variant's hash -> units that Miinto took.
        refused: SKUs of variants that it refuses by themselves.
        refusals: How many requests it refused.
        refusal: The last of these.
        trouble: What ended it before its end.
    """

    told: dict[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    refusals: int = 0
    refusal: Permanent | None = None
    trouble: Verdict | None = None


class _Run:
    """One run under the lease."""

    def __init__(self, mw: MarketWorld, lease: Lease) -> None:
        self._mw = mw
        self._lease = lease
        self._settings = mw.settings.stock
        self._cursor = StockCursor.of(lease.value)
        self._was_begun = frozenset(self._cursor.begun)
        self._levels: dict[int, Mapping[str, int]] = {}
        self.endings: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        mw = self._mw
        # What is promised is read before the stock: an order that is made in between counts
        # twice for this run, and never not at all.
        promised = mw.market.promised(mw.merchant)
        feed = self._feed()
        self._advance(replace(self._cursor, number=self._cursor.number + 1))
        for shop in _from(mw.settings.shops, self._cursor.number - 1):
            if not has_time(mw):
                self._note("not_started", 1)
                break
            try:
                self._push_shop(shop, feed, promised)
            except Verdict as verdict:
                self._lease.run.failed(verdict)
                mw.world.run_failed(verdict, flow=FLOW)
                self._note("failed", 1)
        for ending, count in self.endings.items():
            mw.stores.telemetry.count("MarketStock", count, merchant=mw.merchant, outcome=ending)
        return self.endings

    def _note(self, ending: str, count: int) -> None:
        if count:
            self.endings[ending] = self.endings.get(ending, 0) + count

    def _advance(self, cursor: StockCursor) -> None:
        """Keep the cursor.

        Raises:
            Conflict: The lease was lost.
        """
        self._mw.stores.cursors.advance(self._lease, cursor.to_value())
        self._cursor = cursor

    # -- what there is to tell ----------------------------------------------------------------

    def _feed(self) -> tuple[Variant, ...]:
        """The feed's variants, all of them.

        Raises:
            Retryable: It did not come to its end.
            Misconfigured: There is none.
        """
        variants = tuple(
            Variant(row.sku, row.group, row.brand, row.color, row.size)
            for row in self._mw.marketplace.feed()
        )
        if not variants:
            raise Misconfigured(
                "miinto.no_feed",
                "stock is told by the keys of the merchant's own feed, and miinto.feed names none, "
                "or an empty one",
            )
        return variants

    def _available(self, warehouse: int) -> Mapping[str, int]:
        if warehouse not in self._levels:
            means = self._mw.world.live.merchant.mintsoft.orders.stock_level_means
            levels = readable(self._mw.orders.stock_levels(warehouse))
            self._levels[warehouse] = {sku: level.available(means) for sku, level in levels.items()}
        found = self._levels[warehouse]
        if not found:
            raise Misconfigured(
                "mintsoft.no_stock",
                f"Mintsoft shows no stock at all in warehouse {warehouse}: nothing is told",
            )
        return found

    # -- telling it ---------------------------------------------------------------------------

    def _push_shop(
        self,
        shop: MiintoShop,
        feed: tuple[Variant, ...],
        promised: Mapping[str, Mapping[str, int]],
    ) -> None:
        mw = self._mw
        of_warehouse = promised_of(shop.warehouse, promised, mw.settings.shops).units
        plan = plan_stock(
            feed, self._available(shop.warehouse), of_warehouse, self._settings.stock_kept_back
        )
        self._tell_what_is_left_out(shop, plan)
        told = mw.market.told_stock(mw.merchant, shop.id)
        if not self._may_drop(shop, drop_of(plan, told)):
            self._note("asked", 1)
            return
        is_full = self._is_full(shop)
        wanted = dict(plan.units) if is_full else changed(plan, told)
        self._note("unchanged", len(plan.units) - len(wanted))
        self._lease.run.found_new |= bool(wanted) and not is_full
        if self._settings.mode is Mode.SHADOW:
            self._note("would_tell", len(wanted))
            mw.stores.telemetry.log("stock, not told", shop=shop.slug, variants=len(wanted))
            return
        if not wanted:
            return
        now = mw.stores.clock.now()
        self._begin(shop)
        sent = self._send(shop, plan, self._in_order(wanted, changed(plan, told)))
        is_all = len(sent.told) == len(wanted)
        mw.market.keep_told_stock(mw.merchant, shop.id, sent.told, whole=is_full and is_all)
        self._note("told", len(sent.told))
        if not isinstance(sent.trouble, UnknownOutcome):
            is_tried = len(sent.told) + len(sent.refused) == len(wanted)
            self._end(shop, now if is_full and is_tried else None)
        trouble = sent.trouble or sent.refusal
        if trouble is not None:
            raise trouble

    def _in_order(self, wanted: Mapping[str, int], news: Mapping[str, int]) -> dict[str, int]:
        """What Miinto was not told yet, then what is only told again; each begins with others in
        each run, so that what time or refusals keep from being told has its turn."""
        first = sorted(wanted.keys() & news.keys())
        then = sorted(wanted.keys() - news.keys())
        begin = (self._cursor.number - 1) * self._settings.batch
        return {key: wanted[key] for key in (*_from(first, begin), *_from(then, begin))}

    def _begin(self, shop: MiintoShop) -> None:
        """From here on the shop may have been told more than is kept: were the run cut off, every
        variant would be told anew."""
        begun = tuple(dict.fromkeys((*self._cursor.begun, shop.id)))
        self._advance(replace(self._cursor, begun=begun))

    def _end(self, shop: MiintoShop, full_at: datetime | None) -> None:
        """What the shop was told is kept."""
        full = {shop.id: full_at.isoformat()} if full_at is not None else {}
        begun = tuple(other for other in self._cursor.begun if other != shop.id)
        if full_at is None and shop.id in self._was_begun:
            begun = self._cursor.begun
        self._advance(replace(self._cursor, full_at=self._cursor.full_at | full, begun=begun))

    def _send(self, shop: MiintoShop, plan: StockPlan, wanted: Mapping[str, int]) -> _Sent:
        """Tell these variants, in their order.

        A batch that Miinto refuses is told again in halves, after all others, until it is known
        which variants are refused.
        """
        sent = _Sent()
        batches = deque(_batches(wanted, self._settings.batch))
        number = 0
        while batches and sent.refusals < MOST_REFUSALS:
            if not has_time(self._mw):
                self._note("not_started", sum(map(len, batches)))
                break
            batch, number = batches.popleft(), number + 1
            try:
                self._send_batch(
                    shop, number, [_row(plan.variants[key], wanted[key]) for key in batch]
                )
            except Permanent as verdict:
                half = len(batch) // 2
                batches += (batch[:half], batch[half:]) if half else ()
                sent.refused += () if half else (plan.variants[batch[0]].sku,)
                sent.refusals, sent.refusal = sent.refusals + 1, verdict
            except Verdict as verdict:
                sent.trouble = verdict
                break
            else:
                sent.told |= {key: wanted[key] for key in batch}
        if sent.refusal is not None:
            self._park_refused(shop, sent.refusal, sent.refused)
        return sent

    def _send_batch(self, shop: MiintoShop, number: int, rows: list[StockRow]) -> None:
        mw = self._mw
        operation = mw.world.operation(
            push_stock_key(mw.merchant, shop.slug, self._cursor.number, number),
            settle=SETTLE_SECONDS,
            give_up=GIVE_UP_SECONDS,
        )

        def send(send_by: datetime) -> str:
            mw.marketplace.push_stock(shop.id, rows, send_by)
            return ""

        def look_up(_: Claim) -> LookUp:
            # Absolute numbers: told again they change nothing.
            return NotFound()

        mw.world.run(operation, send=send, look_up=look_up)

    def _is_full(self, shop: MiintoShop) -> bool:
        if shop.id in self._was_begun:
            return True
        last = self._cursor.full_at.get(shop.id)
        every = timedelta(hours=self._settings.full_every_hours)
        now = self._mw.stores.clock.now()
        return last is None or now - datetime.fromisoformat(last) >= every

    # -- what a person has to see -------------------------------------------------------------

    def _may_drop(self, shop: MiintoShop, drop: Drop) -> bool:
        """Whether the drop is none, or a person let it pass; else one is asked, once."""
        asked = self._cursor.drops.get(shop.id)
        if not drop.is_sudden(self._settings.most_to_zero_percent):
            if asked is not None:
                self._forget(shop)
            return True
        if asked is None:
            asked = f"drop-{self._cursor.number}"
            self._advance(replace(self._cursor, drops=self._cursor.drops | {shop.id: asked}))
        standing = self._standing(shop, asked)
        if standing == "replayed":
            self._forget(shop)
            return True
        if not standing:
            why = Permanent(
                "stock.sudden_drop",
                f"{drop.to_zero} of {drop.had_stock} variants of shop {shop.slug} that had stock "
                "would go to 0 at once: nothing is told until you replay this (let it pass) or "
                "stock is back",
            )
            self._park(shop, asked, why, {"to_zero": drop.to_zero, "had_stock": drop.had_stock})
        return False

    def _forget(self, shop: MiintoShop) -> None:
        drops = {key: value for key, value in self._cursor.drops.items() if key != shop.id}
        self._advance(replace(self._cursor, drops=drops))

    def _standing(self, shop: MiintoShop, asked: str) -> str:
        """Where the question stands; nothing when it is not on the list (yet)."""
        wanted = _parked_id(shop, asked)
        listed = self._mw.stores.parking.list_parked(self._mw.merchant, closed_too=True)
        return next((item.state for item in listed if item.parked_id == wanted), "")

    def _park_refused(self, shop: MiintoShop, verdict: Permanent, skus: Sequence[str]) -> None:
        named = ", ".join(sku[:60] for sku in skus[:MOST_NAMED])
        why = f"{verdict.reason}: {named}" if named else verdict.reason
        self._park(shop, "refused", Permanent(verdict.code, why), {})

    def _park(
        self, shop: MiintoShop, about: str, verdict: Permanent, more: Mapping[str, int]
    ) -> None:
        payload = {"merchant": self._mw.merchant, "shop": shop.id, **more}
        self._mw.world.park(
            FLOW,
            _parked_id(shop, about),
            verdict,
            subject=f"miinto-stock/{shop.slug}",
            payload=json.dumps(payload),
        )

    def _tell_what_is_left_out(self, shop: MiintoShop, plan: StockPlan) -> None:
        for name, skus in (
            ("unknown_in_warehouse", plan.unknown),
            ("no_feed_row", plan.without_row),
            ("ambiguous", plan.ambiguous),
        ):
            self._note(name, len(skus))
            if skus:
                named = ", ".join(sku[:60] for sku in skus[:MOST_NAMED])
                log = self._mw.stores.telemetry.log
                log("stock left out", shop=shop.slug, why=name, count=len(skus), skus=named)


def _parked_id(shop: MiintoShop, about: str) -> str:
    return f"{FLOW}/{shop.slug}/{about}"


def _row(variant: Variant, units: int) -> StockRow:
    return StockRow(
        stock=units,
        group=variant.group,
        brand=variant.brand,
        color=variant.color,
        size=variant.size,
    )


def _from(those: Sequence[Thing], begin: int) -> tuple[Thing, ...]:
    """All of them in turn, beginning somewhere among them."""
    at = begin % len(those) if those else 0
    return (*those[at:], *those[:at])


def _batches(keys: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    rest = iter(keys)
    while batch := tuple(islice(rest, size)):
        yield batch
