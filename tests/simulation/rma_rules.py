"""The rules of the marketplace's RMAs: decisions, requests, and the refunds that go home."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from local.simulators.miinto.rma_dialects import Rma, RmaLine
from returns_hub.domain.timeline import canonical, fold
from tests.simulation.market_left import rma_state, rmas_of_ours

if TYPE_CHECKING:
    from tests.simulation.market import Market

READING = 150.0
"""Seconds from a reading of RMAs to the request that rests on it."""


def done_twice(market: Market) -> Iterator[str]:
    """Requests and refunds that were made twice."""
    yield from _requested_twice(market)
    yield from _refunded_twice(market)


def broken(market: Market) -> Iterator[str]:
    """What is not as it must be, once all has ended."""
    for rma in rmas_of_ours(market):
        for line in _against_the_finding(market, rma):
            yield f"{market.return_id(rma)}: {line}"
        yield from _timeline(market, rma)
    yield from _echoed(market)
    yield from _paid(market)


def _against_the_finding(market: Market, rma: Rma) -> Iterator[str]:
    """What the hub accepted came in good condition, or a person insisted; what it declined, a
    person confirmed, where they are to be asked."""
    decided = _decided_by_hub(market, rma)
    lines = {line.id: line for line in rma.lines}
    confirm = {"processing": "always", "rejecting": True} | market.plan.file["confirm"]
    words = [word for word in market.people.words if word.return_id == market.return_id(rma)]
    said = {(word.verdict, one) for word in words for one in word.lines}
    insisted = {one for word in words if word.against for one in word.lines}
    good = market.good_units(rma)
    accepted: Counter[str] = Counter()
    for number, verdict in decided.items():
        is_accepted = verdict == "accepted"
        asked = confirm["processing"] == "always" if is_accepted else confirm["rejecting"]
        if asked and ("accept" if is_accepted else "decline", str(number)) not in said:
            yield f"position {number} was {verdict}, and nobody had said so"
        if is_accepted and str(number) not in insisted:
            accepted[lines[number].line.variant.sku] += lines[number].quantity
    for sku, units in accepted.items():
        if units > good[sku]:
            yield f"{units} x {sku} were accepted, and {good[sku]} came in good condition"


def _decided_by_hub(market: Market, rma: Rma) -> dict[int, str]:
    """The RMA's positions that the hub decided -> accepted or declined."""
    name = str(market.miinto.rmas.dialect.id_of(rma))
    found: dict[int, str] = {}
    for entry in market.miinto.noted:
        content = entry.content
        is_by_hub = entry.what == "rma_decided" and entry.by_hub
        if is_by_hub and (content["shop"], content["rma"]) == (rma.shop, name):
            found |= {int(number): word for number, word in content["verdicts"].items()}
    return found


def _timeline(market: Market, rma: Rma) -> Iterator[str]:
    run, return_id = market.run, market.return_id(rma)
    state = rma_state(market, rma)
    timeline = run.returns.timeline(market.merchant, return_id)
    row = run.plain.tables["ReturnsTable"].items.get(
        (f"{market.merchant}#return#{return_id}", "STATE"), {}
    )
    text = row.get("state", {}).get("S", "")
    if text and canonical(fold(market.merchant, return_id, timeline)) != text:
        yield f"{return_id}: folding the timeline does not give the stored state"
    committed = Counter(line.line_id for batch in state.batches for line in batch.lines)
    yield from (f"{return_id}: line {x} is in {n} batches" for x, n in committed.items() if n > 1)
    home = Counter(line.position for r in state.refunds for line in r.refund.lines)
    yield from (f"{return_id}: {x} is in {n} refunds" for x, n in home.items() if n > 1)


def _requested_twice(market: Market) -> Iterator[str]:
    """No more units are requested than were ordered and are in no other RMA."""
    held: defaultdict[tuple[str, int], list[tuple[float, RmaLine, bool]]] = defaultdict(list)
    for rma, at in _made_at(market):
        for line in rma.lines:
            place = (rma.shop, line.order_position)
            if rma.kind == "request":
                before = sum(
                    other.quantity
                    for when, other, is_request in held[place]
                    if _counts(other, is_request, when, at)
                )
                if before + line.quantity > line.line.quantity:
                    yield (
                        f"RMA request {rma.number} of {place}: {line.quantity} units, and "
                        f"{before} of {line.line.quantity} are in an RMA already"
                    )
            held[place].append((at, line, rma.kind == "request"))


def _counts(line: RmaLine, is_request: bool, made_at: float, at: float) -> bool:
    """Whether another RMA's units are spoken for; one of a moment ago nobody can have seen."""
    return line.status != "declined" and (is_request or made_at < at - READING)


def _made_at(market: Market) -> list[tuple[Rma, float]]:
    """Every RMA of ours and when it was made, in order."""
    by_name = {
        (rma.shop, str(market.miinto.rmas.dialect.id_of(rma))): rma for rma in rmas_of_ours(market)
    }
    return [
        (by_name[entry.content["shop"], entry.content["rma"]], entry.at)
        for entry in market.miinto.noted
        if entry.what in {"rma_created", "rma_requested"}
    ]


def _echoed(market: Market) -> Iterator[str]:
    """Only goods that came without an RMA and the store's own refunds become requests."""
    requested: Counter[tuple[str, int]] = Counter()
    for rma in rmas_of_ours(market):
        if rma.kind == "request":
            for line in rma.lines:
                requested[rma.shop, line.order_position] += line.quantity
    for place, units in requested.items():
        came, refunded = market.without_rma[place], market.store.refunded[place]
        if units > came + refunded:
            yield (
                f"{units} units of {place} were requested; {came} came without an RMA, and the "
                f"store refunded {refunded}"
            )


def _refunded_twice(market: Market) -> Iterator[str]:
    """A refund's id always says the same, and no position is in two refunds."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    of: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for refund in market.store.heard:
        texts[refund["refund_id"]].add(json.dumps(refund, sort_keys=True))
        for line in refund["lines"]:
            of[refund["return_id"], line["position"]].add(refund["refund_id"])
    yield from (f"{one} says {len(what)} things" for one, what in texts.items() if len(what) > 1)
    yield from (f"{where} is in {sorted(ids)}" for where, ids in of.items() if len(ids) > 1)


def _paid(market: Market) -> Iterator[str]:
    """Whatever went home is what Miinto paid: these positions, this money."""
    paid: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in market.miinto.rmas.refunds:
        paid[f"{row['shop']}/{row['rma']}", row["position"]].append(row)
    for refund in market.store.booked.values():
        rma = next(r for r in rmas_of_ours(market) if market.return_id(r) == refund["return_id"])
        name = f"{rma.shop}/{market.miinto.rmas.dialect.id_of(rma)}"
        lines = {str(line.id): line for line in rma.lines}
        total = 0
        for line in refund["lines"]:
            found = lines[line["position"]]
            rows = paid[name, found.order_position]
            if not rows:
                yield f"{refund['refund_id']}: Miinto paid nothing for position {found.id}"
            total += sum(row["amount"] for row in rows)
            if any(row["currency"] != refund["currency"] for row in rows):
                yield f"{refund['refund_id']} is in {refund['currency']}"
            if line["sku"] not in {None, found.line.variant.sku}:
                yield f"{refund['refund_id']}: position {found.id} is told as {line['sku']}"
        if refund["total_minor"] is not None and refund["total_minor"] != total:
            yield f"{refund['refund_id']} tells {refund['total_minor']}, Miinto paid {total}"
