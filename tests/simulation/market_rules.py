"""The rules of the marketplace: what the hub did at Miinto and for it, by the partners' books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from local.simulators.miinto.orders import Order
from local.simulators.mintsoft.tenant import CANCELLED
from returns_hub.domain.miinto.order_draft import number_of
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.miinto.timeline import fold_order, fold_transfer
from returns_hub.domain.miinto.transfers import TransferState
from tests.simulation.market_left import order_state, ours, rma_state, rmas_of_ours
from tests.simulation.market_plans import WAREHOUSES

if TYPE_CHECKING:
    from tests.simulation.market import Market

STOCK_SEEN = 420.0
"""Seconds from a reading of the stock to the decision that rests on it: an invocation, a reading of
some seconds ago, and a write that comes late."""


def done_twice(market: Market) -> Iterator[str]:
    """Writes at Miinto and in the warehouse's orders that were carried out, or asked for, twice."""
    yield from _decided_twice(market)
    yield from _made_twice(market)
    yield from _told_twice(market)


def _decided_twice(market: Market) -> Iterator[str]:
    """A position of a transfer, or of an RMA, is decided once, and then nobody asks again."""
    done: list[tuple[float, tuple[str, str, str], frozenset[int]]] = []
    for entry in market.miinto.noted:
        if not entry.by_hub:
            continue
        content = entry.content
        if entry.what == "transfer_decided":
            ids = frozenset([*content["accepted"], *content["declined"]])
            done.append((entry.at, ("transfer", content["shop"], str(content["transfer"])), ids))
        elif entry.what == "rma_decided":
            ids = frozenset(map(int, content["verdicts"]))
            done.append((entry.at, ("rma", content["shop"], str(content["rma"])), ids))
    for asked in market.miinto.asked:
        for at, of, ids in done:
            if of == asked.of and at < asked.at and ids.intersection(asked.ids):
                yield f"{' '.join(of)}: {sorted(ids)} decided at {at:.0f} s and asked again"


def _made_twice(market: Market) -> Iterator[str]:
    numbers: Counter[str] = Counter()
    for order in market.run.mintsoft.orders.values():
        if order.number.startswith("MI-") and order.part == 1:
            numbers[order.number] += 1
    yield from (
        f"{count} orders are numbered {number}" for number, count in numbers.items() if count > 1
    )
    known = {number_of("MI-", slug_of(order.shop), order.id) for order in ours(market)}
    yield from (
        f"order {number} is of no order of Miinto's" for number in numbers if number not in known
    )


def _told_twice(market: Market) -> Iterator[str]:
    told: Counter[tuple[str, int, str]] = Counter()
    for entry in market.miinto.noted:
        if entry.what == "tracking_told":
            parcels = {p["trackAndTrace"] for p in entry.content["positions"].values()}
            for parcel in parcels:
                told[entry.content["shop"], entry.content["order"], parcel] += 1
    yield from (f"Miinto was told {count} times of {of}" for of, count in told.items() if count > 1)
    for order in market.run.mintsoft.orders.values():
        texts = Counter(comment.text for comment in order.comments)
        yield from (f"order {order.number}: {n} times {t!r}" for t, n in texts.items() if n > 1)


def broken(market: Market) -> Iterator[str]:
    """What is not as it must be, once all has ended."""
    for order in ours(market):
        yield from _inserted(market, order)
    yield from _timelines(market)
    yield from _promised(market)


def _inserted(market: Market, order: Order) -> Iterator[str]:
    """Every accepted order is in the warehouse with the right goods, or a person was told."""
    state = order_state(market, order.shop, order.id)
    number = number_of("MI-", slug_of(order.shop), order.id)
    made = [o for o in market.run.mintsoft.orders.values() if o.number == number]
    where = f"order {number}"
    if not made:
        if not _told_a_person(market, state):
            yield f"{where} is accepted at Miinto, not in the warehouse, and nobody was told"
        return
    goods: Counter[str] = Counter()
    for part in made:
        for item in part.items:
            goods[item.sku] += item.quantity
    wanted: Counter[str] = Counter()
    for position in order.positions:
        wanted[position.line.variant.sku] += position.line.quantity
    if goods != wanted:
        yield f"{where} holds {dict(goods)}, and Miinto's {dict(wanted)}"
    if made[0].warehouse_id != WAREHOUSES[order.shop]:
        yield f"{where} is in warehouse {made[0].warehouse_id}"
    if state.made_id is None and not _told_a_person(market, state):
        yield f"{where} is in the warehouse, and its timeline does not say so"
    if any(part.status_id == CANCELLED for part in made) and not _told_a_person(market, state):
        yield f"{where} was cancelled in the warehouse, and nobody was told"


def _told_a_person(market: Market, state: OrderState) -> bool:
    return bool(state.parked or state.asked)


def _timelines(market: Market) -> Iterator[str]:
    """Every timeline folds to the stored state, and no position is in two decisions that stand."""
    merchant = market.merchant
    for shop, number in market.miinto.orders.offers.transfers:
        transfer = market.timelines.transfer(merchant, shop, number)
        events = market.timelines.timeline(merchant, "transfer", shop, number)
        if (
            transfer.version
            and fold_transfer(TransferState(merchant=merchant, shop=shop, id=number), events)
            != transfer
        ):
            yield f"transfer {shop}/{number}: folding its timeline does not give the stored state"
        held = Counter(
            position
            for decision in transfer.decisions
            if decision.outcome not in {"lost", "refused"}
            for position in decision.positions
        )
        yield from (
            f"transfer {shop}/{number}: {p} in {n} decisions" for p, n in held.items() if n > 1
        )
    for order in ours(market):
        state = order_state(market, order.shop, order.id)
        events = market.timelines.timeline(merchant, "order", order.shop, order.id)
        if (
            state.version
            and fold_order(OrderState(merchant=merchant, shop=order.shop, id=order.id), events)
            != state
        ):
            yield f"order {order.shop}/{order.id}: folding its timeline does not give the state"


def _promised(market: Market) -> Iterator[str]:
    """What the rule accepts was in stock, and promised to nobody else, when it was looked at."""
    taken: list[tuple[float, tuple[int, str], int]] = []
    for entry in market.miinto.noted:
        if entry.what != "transfer_decided" or not entry.by_hub or not entry.content["accepted"]:
            continue
        shop, number = entry.content["shop"], entry.content["transfer"]
        transfer = market.miinto.orders.offers.transfers[shop, number]
        units: Counter[tuple[int, str]] = Counter()
        for position in transfer.positions:
            if position.id in entry.content["accepted"]:
                units[WAREHOUSES[shop], position.line.variant.sku] += position.line.quantity
        by_hand = (shop, number) in market.people.transfers_by_hand
        for key, wanted in units.items():
            if not by_hand and wanted > _free(market, taken, key, entry.at):
                yield f"transfer {shop}/{number}: {wanted} x {key} promised, and there are fewer"
            taken.append((entry.at, key, wanted))


def _free(
    market: Market, taken: list[tuple[float, tuple[int, str], int]], key: tuple[int, str], at: float
) -> int:
    """The most units that were free at any moment of the reading, less what was taken since."""
    looks = [look for look in market.margins if at - STOCK_SEEN <= look[0] <= at]
    free = [
        margin.get(key, 0)
        - sum(units for when, of, units in taken if of == key and seen < when <= at)
        for seen, margin in looks
    ]
    return max(free, default=10**6)


def records(market: Market) -> set[int]:
    """The warehouse's records that timelines of RMAs know, or that a person was asked about."""
    known: set[int] = set()
    for rma in rmas_of_ours(market):
        state = rma_state(market, rma)
        known |= {s.external_return_id for s in state.shipments if s.external_return_id}
        if any(shipped.parked for shipped in state.shipments):
            known |= {record.id for record in market.records_of(rma)}
    return known


def counts(market: Market) -> Counter[str]:
    """What happened at the marketplace, for the summary of many runs."""
    found = Counter(
        f"{entry.what} by {'the hub' if entry.by_hub else 'others'}"
        for entry in market.miinto.noted
        if entry.what in {"transfer_decided", "rma_decided", "rma_requested", "rma_created"}
    )
    found["orders made in the warehouse"] = sum(
        o.number.startswith("MI-") and o.part == 1 for o in market.run.mintsoft.orders.values()
    )
    found["orders accepted"] = len(ours(market))
    found["refunds home"] = len(market.store.booked)
    found["refunds told back"] = market.store.told_back
    found["goods without an RMA"] = len(market.run.ignored)
    return found
