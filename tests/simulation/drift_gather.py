"""The books of a run, gathered from the simulators and from the hub's own tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from local.simulators.mintsoft.tenant import CANCELLED, SHIPPED
from returns_hub.flows.relay.order_change_message import FLOW as CHANGES
from tests.simulation.drift_books import Books, Changed, Counting, Event, Feed, Parcel, Place

if TYPE_CHECKING:
    from tests.simulation.drift import DriftSimulation

CLIENT = 12


def books_of(run: DriftSimulation) -> Books:
    """What a run came to."""
    channel = run.channel.books
    return Books(
        counting=tuple(_counting(run)),
        not_compared=tuple(
            f"at {seen.seconds:.0f} s {name} was not compared: {why}"
            for seen in run.looks
            for name, why in seen.look.failed.items()
        ),
        looks=len(run.looks),
        feed=_feed(run),
        events=tuple(_events(run)),
        again=tuple(channel.came_again),
        out_of_order=tuple(channel.out_of_order),
        parcels=tuple(_parcels(run)),
        changes=tuple(_changes(run)),
        is_calm=run.is_calm,
    )


def _counting(run: DriftSimulation) -> Iterator[Counting]:
    for seen in run.looks:
        for one in seen.findings:
            told = one.difference
            if one.counts:
                said = ", ".join(f"{who} {what}" for who, what in told.says.items())
                yield Counting(seen.seconds, told.kind, told.subject, said, told.units)


def _feed(run: DriftSimulation) -> Feed:
    tenant = run.wair.tenant()
    ours, aside = _sums(run)
    return Feed(
        held=_units_of(tenant.sets["stock"].records.values()),
        ours=ours,
        reserved=_units_of(tenant.sets["reserved"].records.values()),
        ours_reserved=aside,
        is_open=bool(tenant.open_batch),
        unfinished=tuple(n for n, kept in tenant.sets.items() if kept.staged is not None),
        started=tenant.batches["started"],
        stopped=tenant.batches["stopped"],
    )


def _units_of(records: object) -> dict[Place, int]:
    rows: list[dict[str, object]] = list(records)  # type: ignore[call-overload]
    return {(str(row["locationId"]), str(row["skuId"])): int(str(row["quantity"])) for row in rows}


def _sums(run: DriftSimulation) -> tuple[dict[Place, int], dict[Place, int]]:
    """Units of each location in all of its warehouses: those that are there, and those not free."""
    mintsoft = run.mintsoft
    taken = mintsoft.allocated()
    there: Counter[Place] = Counter()
    aside: Counter[Place] = Counter()
    place_of = {one: name for name, several in run.places.items() for one in several}
    for (warehouse, product), held in mintsoft.stock.items():
        found = mintsoft.tenant.products[product]
        if found["client_id"] == CLIENT and warehouse in place_of:
            place = place_of[warehouse], str(found["sku"])
            there[place] += held.units
            aside[place] += min(held.units, taken[warehouse, product] + held.quarantined)
    return dict(there), dict(aside)


def _events(run: DriftSimulation) -> Iterator[Event]:
    for event in run.channel.books.taken:
        units: Counter[str] = Counter()
        for line in event["lines"]:
            units[line["sku"]] += line["despatched"]
        content = {key: value for key, value in event.items() if key not in {"id", "revision"}}
        yield Event(
            id=event["id"],
            despatch_id=event["despatch_id"],
            revision=event["revision"],
            order=event["mintsoft_order_id"],
            units=units,
            content=json.dumps(content, sort_keys=True),
        )


def _parcels(run: DriftSimulation) -> Iterator[Parcel]:
    for order in run.mintsoft.orders.values():
        if order.client_id == CLIENT and order.status_id in SHIPPED:
            units: Counter[str] = Counter()
            for item in order.items:
                units[item.sku] += item.quantity
            yield Parcel(order.id, order.number, units)


def _changes(run: DriftSimulation) -> Iterator[Changed]:
    orders = {order.number: order for order in run.mintsoft.orders.values()}
    for number, plan in run.shop.changed.items():
        state = run.records.load(run.merchant, CHANGES, number)
        order, other = orders[number], orders.get(f"{number}-E1")
        yield Changed(
            number=number,
            kind=plan.change,
            is_cancelled=order.status_id == CANCELLED,
            is_sent=order.status_id in SHIPPED,
            replaced=other is not None and other.status_id != CANCELLED,
            asked=bool(state.parked),
            in_work=state.in_work or not state.version,
            said=tuple(_said(run, order.id)),
        )


def _said(run: DriftSimulation, order_id: int) -> Iterator[str]:
    for row in run.mintsoft.journal:
        if row["call"] == "cancel-order" and row["id"] == order_id:
            yield "cancelled"
        elif row["call"] == "order-comment" and row["order_id"] == order_id:
            yield str(row["text"])
