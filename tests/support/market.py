"""The marketplace's store in memory; tests/contract holds it to the one in DynamoDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.domain.miinto.facts import MarketEvent, OrderMade, OrderPlanned
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.promises import promises_changed
from returns_hub.domain.miinto.rmas import Rma, RmaStatus
from returns_hub.domain.miinto.timeline import fold_order, fold_transfer
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Conflict
from returns_hub.ports import marketplace as ports
from returns_hub.ports.marketplace import MarketPage, MarketQuery
from tests.support.fakes import TestClock

AnyState = TypeVar("AnyState", TransferState, OrderState)
Key = tuple[str, str, str, int]
"""Merchant, kind, shop, number."""
Promised = tuple[dict[str, int], datetime | None]


class MarketStore:
    """`ports.marketplace.MarketStore`."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.states: dict[Key, Any] = {}
        self.events: dict[Key, list[MarketEvent]] = {}
        self.links: dict[tuple[str, str | int], Key] = {}
        self.promises: dict[tuple[str, str, str], Promised] = {}
        self.told: dict[tuple[str, str], dict[str, int]] = {}
        self.rmas: dict[tuple[str, str], tuple[Rma, datetime]] = {}

    def transfer(self, merchant: str, shop: str, transfer: int) -> TransferState:
        empty = TransferState(merchant=merchant, shop=shop, id=transfer)
        found: TransferState = self.states.get((merchant, "transfer", shop, transfer), empty)
        return found

    def order(self, merchant: str, shop: str, order: int) -> OrderState:
        empty = OrderState(merchant=merchant, shop=shop, id=order)
        found: OrderState = self.states.get((merchant, "order", shop, order), empty)
        return found

    def append_to_transfer(
        self, state: TransferState, events: Sequence[MarketEvent]
    ) -> TransferState:
        after = fold_transfer(state, events)
        changed = promises_changed(after, events)
        self._append("transfer", state, after, events)
        for promise in changed:
            of_decision = f"transfer-{state.id}/{promise.number}"
            name = f"order-{promise.order}" if promise.order is not None else of_decision
            key = (state.merchant, state.shop, name)
            if promise.order is None or key not in self.promises:
                self.promises[key] = (promise.units, promise.until)
        return after

    def append_to_order(self, state: OrderState, events: Sequence[MarketEvent]) -> OrderState:
        after = fold_order(state, events)
        key = self._append("order", state, after, events)
        self.promises[state.merchant, state.shop, f"order-{state.id}"] = (after.promised, None)
        for event in events:
            match event.fact:
                case OrderPlanned(number=number):
                    self.links[state.merchant, number] = key
                case OrderMade(made_id=made_id):
                    self.links[state.merchant, made_id] = key
        return after

    def _append(
        self, kind: rows.Kind, before: AnyState, after: AnyState, events: Sequence[MarketEvent]
    ) -> Key:
        key = (before.merchant, kind, before.shop, before.id)
        stored = self.states.get(key)
        if (stored.version if stored else 0) != before.version:
            raise Conflict(str(key))
        rows.state_row(after, "", self._clock.now())
        if events:
            self.states[key] = after
            self.events.setdefault(key, []).extend(events)
        return key

    def timeline(
        self, merchant: str, kind: Literal["transfer", "order"], shop: str, number: int
    ) -> tuple[MarketEvent, ...]:
        return tuple(self.events.get((merchant, kind, shop, number), ()))

    def order_of(
        self, merchant: str, *, number: str = "", made_id: int | None = None
    ) -> OrderState | None:
        key = self.links.get((merchant, number if made_id is None else made_id))
        return self.states[key] if key else None

    def orders_in_work(
        self, merchant: str, limit: int, after: OrderState | None = None
    ) -> tuple[OrderState, ...]:
        now = self._clock.now()
        found = self._in_work(merchant, "order", None)
        if after is not None:
            behind = rows.work_place(after, now)
            found = [state for state in found if rows.work_place(state, now) > behind]
        return tuple(found[:limit])

    def transfers_in_work(self, merchant: str, limit: int) -> tuple[TransferState, ...]:
        return tuple(self._in_work(merchant, "transfer", limit))

    def _in_work(self, merchant: str, kind: str, limit: int | None) -> list[Any]:
        mine = [s for key, s in self.states.items() if key[:2] == (merchant, kind) and s.in_work]
        now = self._clock.now()
        mine.sort(key=lambda s: rows.work_place(s, now))
        return mine[:limit]

    def promised(self, merchant: str) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Counter[str]] = {}
        for (owner, shop, _), (promised, until) in self.promises.items():
            if promised and owner == merchant and (until is None or until >= self._clock.now()):
                found.setdefault(shop, Counter()).update(promised)
        return found

    def find_transfers(self, merchant: str, query: MarketQuery) -> MarketPage:
        return self._find(merchant, "transfer", query)

    def find_orders(self, merchant: str, query: MarketQuery) -> MarketPage:
        return self._find(merchant, "order", query)

    def _find(self, merchant: str, kind: str, query: MarketQuery) -> MarketPage:
        found: list[tuple[str, Any]] = []
        for key, state in self.states.items():
            moment = state.created_at or state.first_seen_at or self._clock.now()
            place = rows.list_sk(moment, state.shop, state.id)
            wanted = (
                key[:2] == (merchant, kind)
                and query.shop in {None, state.shop}
                and query.standing in {"", state.standing}
                and (query.since is None or moment >= query.since)
                and (query.until is None or moment < query.until)
                and (not query.after or place < query.after)
            )
            if wanted:
                found.append((place, state))
        found.sort(key=lambda row: row[0], reverse=True)
        shown = found[: query.limit]
        after = shown[-1][0] if len(shown) == query.limit else ""
        return MarketPage(tuple(state for _, state in shown), after)

    def keep_rma(self, merchant: str, rma: Rma) -> bool:
        kept = self.rmas.get((merchant, rma.return_id))
        if kept is not None and kept[0] == rma:
            return False
        first = kept[1] if kept else rma.created_at or self._clock.now()
        self.rmas[merchant, rma.return_id] = (rma, first)
        return True

    def rma(self, merchant: str, return_id: str) -> Rma | None:
        kept = self.rmas.get((merchant, return_id))
        return kept[0] if kept else None

    def told_stock(self, merchant: str, shop: str) -> Mapping[str, int]:
        return dict(self.told.get((merchant, shop), {}))

    def keep_told_stock(
        self, merchant: str, shop: str, told: Mapping[str, int], *, whole: bool = False
    ) -> None:
        before = {} if whole else self.told.get((merchant, shop), {})
        self.told[merchant, shop] = before | dict(told)

    def raw(self, merchant: str, return_id: str) -> Mapping[str, Any]:
        kept = self.rmas.get((merchant, return_id))
        return kept[0].raw if kept else {}

    def find_rmas(
        self, merchant: str, *, shop: str | None = None, status: RmaStatus | None = None
    ) -> tuple[Rma, ...]:
        mine = [
            (rows.list_sk(first, rma.shop, rma.id), rma)
            for (owner, _), (rma, first) in self.rmas.items()
            if owner == merchant and shop in {None, rma.shop} and status in {None, rma.status}
        ]
        mine.sort(key=lambda row: row[0], reverse=True)
        return tuple(rma.model_copy(update={"raw": {}}) for _, rma in mine)


def promised_in_all(store: ports.MarketStore, merchant: str) -> dict[str, int]:
    """SKU -> units that are promised by all shops together."""
    together: Counter[str] = Counter()
    for units in store.promised(merchant).values():
        together.update(units)
    return dict(together)
