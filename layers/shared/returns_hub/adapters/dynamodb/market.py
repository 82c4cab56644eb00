"""Timelines of the marketplace's transfers and orders, and its RMAs, in DynamoDB.

==========================================  ==================  ===================================
pk                                          sk                  what
==========================================  ==================  ===================================
``{merchant}#transfer#{shop}#{id}``         ``STATE``           state, version; in the index
                                                                ``market-by-date``, and in
                                                                ``market-in-work`` while something
                                                                is to be done
``{merchant}#order#{shop}#{id}``            ``STATE``           the same, of an order
both                                        ``EVENT#00000001``  one event
``{merchant}#order-number#{number}``        ``LINK``            shop and id of the order
``{merchant}#made#{id}``                    ``LINK``            the same, by Mintsoft's id
``{merchant}#promise#{shop}#order-{id}``    ``PROMISE``         units by SKU; in ``market-in-work``
                                                                while Mintsoft does not know of them
``{merchant}#promise#{shop}#transfer-{}``   ``DECISION#0001``   the same, while no order is known
``{merchant}#rma#{return id}``              ``RMA``             parsed; in ``market-by-date``, and
                                                                ``market-in-work`` while undecided
``{merchant}#rma#{return id}``              ``RAW``             the body that it came in
``{merchant}#stock#{shop}``                 ``TOLD#00``         variant's hash -> units told last
==========================================  ==================  ===================================
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb import market_rows as rows
from returns_hub.adapters.dynamodb.items import as_text, dynamodb_errors, expiry, typed
from returns_hub.adapters.dynamodb.kept_models import read_model, readable
from returns_hub.adapters.dynamodb.market_rmas import KeptRmas
from returns_hub.adapters.dynamodb.market_stock import ToldStock
from returns_hub.adapters.dynamodb.table import Row
from returns_hub.domain.miinto.facts import MarketEvent, OrderMade, OrderPlanned
from returns_hub.domain.miinto.facts import market_event_from_json as event_from_json
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.promises import Promise, promises_changed
from returns_hub.domain.miinto.timeline import fold_order, fold_transfer
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Conflict
from returns_hub.ports.marketplace import MarketPage, MarketQuery

MOST_ROWS = 1000
"""Rows that one search reads at most; what it did not come to is behind the page's `after`."""
AFTER_ALL = "~"
AnyState = TypeVar("AnyState", TransferState, OrderState)


class DynamoDbMarketStore(KeptRmas, ToldStock):
    """`ports.marketplace.MarketStore`. A state: 1 request. An append: 1, and 1 more where it tells
    which order a decision made. Lists: 1 for each page of an index; none scans."""

    def transfer(self, merchant: str, shop: str, transfer: int) -> TransferState:
        """See `MarketStore.transfer`."""
        item = self._get(rows.of_transfer(merchant, shop, transfer), "STATE")
        if not item:
            return TransferState(merchant=merchant, shop=shop, id=transfer)
        return read_model(TransferState, item["state"], item["pk"])

    def order(self, merchant: str, shop: str, order: int) -> OrderState:
        """See `MarketStore.order`."""
        item = self._get(rows.of_order(merchant, shop, order), "STATE")
        if not item:
            return OrderState(merchant=merchant, shop=shop, id=order)
        return read_model(OrderState, item["state"], item["pk"])

    def append_to_transfer(
        self, state: TransferState, events: Sequence[MarketEvent]
    ) -> TransferState:
        """See `MarketStore.append_to_transfer`."""
        after = fold_transfer(state, events)
        promises = [self._promised_by(after, p) for p in promises_changed(after, events)]
        return self._append(state, after, events, [put for put in promises if put])

    def append_to_order(self, state: OrderState, events: Sequence[MarketEvent]) -> OrderState:
        """See `MarketStore.append_to_order`."""
        after = fold_order(state, events)
        puts = [self._put(row) for row in self._links(after, events)]
        if not state.version or after.promised != state.promised:
            # Kept even when it promises nothing: it tells the transfer's decision, should that be
            # recorded later than the order was seen, that the order has taken over.
            key = rows.promise_key(after.merchant, after.shop, 0, order=after.id, transfer=0)
            now = self._clock.now()
            puts.append(self._put(rows.promise_row(key, after.merchant, after.promised, None, now)))
        return self._append(state, after, events, puts)

    def timeline(
        self, merchant: str, kind: Literal["transfer", "order"], shop: str, number: int
    ) -> tuple[MarketEvent, ...]:
        """See `MarketStore.timeline`."""
        of = rows.of_order if kind == "order" else rows.of_transfer
        found = self._partition(of(merchant, shop, number), "EVENT#")
        return tuple(
            readable(partial(event_from_json, item["event"]), item["pk"]) for item in found
        )

    def order_of(
        self, merchant: str, *, number: str = "", made_id: int | None = None
    ) -> OrderState | None:
        """See `MarketStore.order_of`. 2 requests."""
        if made_id is None:
            link = self._get(rows.of_number(merchant, number), "LINK")
        else:
            link = self._get(rows.of_made_id(merchant, made_id), "LINK")
        return self.order(merchant, link["shop"], link["order"]) if link else None

    def orders_in_work(
        self, merchant: str, limit: int, after: OrderState | None = None
    ) -> tuple[OrderState, ...]:
        """See `MarketStore.orders_in_work`."""
        behind = rows.work_place(after, self._clock.now()) if after is not None else ""
        found = self._in_work(rows.partition(merchant, "order"), limit, behind)
        return tuple(read_model(OrderState, item["state"], item["pk"]) for item in found)

    def transfers_in_work(self, merchant: str, limit: int) -> tuple[TransferState, ...]:
        """See `MarketStore.transfers_in_work`."""
        found = self._in_work(rows.partition(merchant, "transfer"), limit)
        return tuple(read_model(TransferState, item["state"], item["pk"]) for item in found)

    def promised(self, merchant: str) -> Mapping[str, Mapping[str, int]]:
        """See `MarketStore.promised`. Small rows of their own, about 20,000 to a request."""
        now = as_text(self._clock.now())
        found: dict[str, Counter[str]] = {}
        for item in self._in_work(rows.partition(merchant, "promise"), None):
            if item["work_sk"] >= now:
                shop = rows.shop_of_promise(item["pk"])
                found.setdefault(shop, Counter()).update(json.loads(item["units"]))
        return found

    def find_transfers(self, merchant: str, query: MarketQuery) -> MarketPage:
        """See `MarketStore.find_transfers`."""
        return self._find(merchant, "transfer", query)

    def find_orders(self, merchant: str, query: MarketQuery) -> MarketPage:
        """See `MarketStore.find_orders`."""
        return self._find(merchant, "order", query)

    # -- how ----------------------------------------------------------------------------------

    def _find(self, merchant: str, kind: rows.Kind, query: MarketQuery) -> MarketPage:
        before = min(query.after or AFTER_ALL, as_text(query.until) if query.until else AFTER_ALL)
        since = as_text(query.since) if query.since else ""
        narrow = {"shop": query.shop or "", "standing": query.standing}
        found: list[dict[str, Any]] = []
        read = 0
        while read < MOST_ROWS:
            # What is narrowed is read in large pages: few of their rows may be wanted.
            wanted = MOST_ROWS - read
            if not any(narrow.values()):
                wanted = min(wanted, max(query.limit - len(found), 1))
            items, count, last = self._page_by_date(
                rows.partition(merchant, kind), before, wanted, narrow
            )
            read += count
            for item in items:
                if item["list_sk"] < since:
                    return MarketPage(_states(found, kind))
                found.append(item)
                if len(found) == query.limit:
                    return MarketPage(_states(found, kind), item["list_sk"])
            if not last or last < since:
                return MarketPage(_states(found, kind))
            before = last
        return MarketPage(_states(found, kind), before)

    def _append(
        self, before: AnyState, after: AnyState, events: Sequence[MarketEvent], more: list[Any]
    ) -> AnyState:
        if not events:
            return before
        write_id = uuid.uuid4().hex
        state = self._put(rows.state_row(after, write_id, self._clock.now()))
        if before.version:
            state["Put"]["ConditionExpression"] = "version = :version"
            state["Put"]["ExpressionAttributeValues"] = typed({":version": before.version})
        else:
            state["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
        puts = [state, *(self._event(before, event) for event in events), *more]
        try:
            with dynamodb_errors():
                self._client.transact_write_items(TransactItems=puts, ClientRequestToken=write_id)
        except ClientError as error:
            # The client repeats a request whose answer was lost; what it then meets is its own
            # work, told by the write's id.
            stored = self._get(rows.of_state(before), "STATE")
            if stored.get("write_id") != write_id:
                raise Conflict(f"{rows.of_state(before)} changed meanwhile") from error
        return after

    def _event(self, state: TransferState | OrderState, event: MarketEvent) -> Any:
        row: Row = {
            "pk": rows.of_state(state),
            "sk": f"EVENT#{event.sequence:08d}",
            "event": event.model_dump_json(),
            "expires_at": expiry(event.at),
        }
        put = self._put(rows.fitting(row, f"an event of {state.shop} {state.id}"))
        put["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
        return put

    def _links(self, state: OrderState, events: Sequence[MarketEvent]) -> list[Row]:
        now = self._clock.now()
        target: Row = {
            "sk": "LINK",
            "shop": state.shop,
            "order": state.id,
            "expires_at": expiry(now),
        }
        keys: list[str] = []
        for event in events:
            match event.fact:
                case OrderPlanned(number=number):
                    keys.append(rows.of_number(state.merchant, number))
                case OrderMade(made_id=made_id):
                    keys.append(rows.of_made_id(state.merchant, made_id))
        return [target | {"pk": key} for key in dict.fromkeys(keys)]

    def _promised_by(self, state: TransferState, promise: Promise) -> Any:
        """What a decision's promise is written as; nothing where its order was seen already."""
        key = rows.promise_key(
            state.merchant, state.shop, promise.number, order=promise.order, transfer=state.id
        )
        now = self._clock.now()
        put = self._put(rows.promise_row(key, state.merchant, promise.units, promise.until, now))
        if promise.order is not None:
            if self._get(str(key["pk"]), str(key["sk"])):
                return None
            put["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
        return put


def _states(found: Sequence[Mapping[str, Any]], kind: rows.Kind) -> tuple[Any, ...]:
    return tuple(rows.read_row(item, kind) for item in found)
