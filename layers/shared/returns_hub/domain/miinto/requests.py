"""RMA requests: which units of an order may be asked for, and whose an RMA is.

Units are counted by the order's positions, and never twice: what an RMA holds, what was requested,
and what waits for a person's answer is not free.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from returns_hub.domain.matching import resolve
from returns_hub.domain.miinto.orders import OrderLine, OrderState, RequestState
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, RmaStatus
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.operations import marker_of, rma_request_key
from returns_hub.domain.policy import Matching

SPOKEN_FOR = frozenset({"asked", "committed", "made", "unknown"})
"""Outcomes of a request that keep its units from being requested again."""
SENT = frozenset({"committed", "made", "unknown"})
MOST_NAMED = 10


def receipt_source(external_return_id: int, version: str) -> str:
    """Names goods that came: one version of one external return."""
    return f"receipt-{external_return_id}@{version}"


def refund_source(refund_id: str) -> str:
    """Names a store's refund."""
    return f"refund-{refund_id}"


def key_of(order: OrderState, source: str, attempt: int = 0) -> str:
    """The ledger's key of a request."""
    return rma_request_key(order.merchant, slug_of(order.shop), order.id, source, attempt)


def position_status(rma: Rma, position: RmaPosition) -> RmaStatus:
    """Where one position stands: its own word, or the RMA's while no position has one."""
    if position.status == "pending" and rma.status in {"accepted", "declined"}:
        nobody_told = all(other.status == "pending" for other in rma.positions)
        return rma.status if nobody_told else "pending"
    return "unknown" if rma.status == "unknown" else position.status


def is_of_order(rma: Rma, order: OrderState) -> bool:
    """Whether the RMA is of this order; one that names no order may be of any of its basket."""
    if rma.shop != order.shop:
        return False
    if rma.order_id:
        return rma.order_id == str(order.id)
    return bool(order.parent_id) and rma.parent_id == order.parent_id


def order_position(position: RmaPosition, order: OrderState) -> int | None:
    """The order's position that an RMA's is about; None when it cannot be told."""
    if position.order_position:
        known = (line.position for line in order.lines)
        return next((p for p in known if str(p) == position.order_position), None)
    item = position.item
    fitting = [
        line.position
        for line in order.lines
        if (item.product_id and line.product_id == item.product_id)
        or (item.gtin and line.gtin == item.gtin)
    ]
    return fitting[0] if len(fitting) == 1 else None


def units_of(rma: Rma, order: OrderState, *statuses: RmaStatus) -> Counter[int]:
    """Order position -> units that the RMA holds in these statuses, as far as it can be told."""
    units: Counter[int] = Counter()
    for position in rma.positions:
        placed = order_position(position, order)
        if placed is not None and position_status(rma, position) in statuses:
            units[placed] += position.quantity
    return units


def own_request(rma: Rma, order: OrderState) -> RequestState | None:
    """The hub's request that made this RMA, if one did.

    Known by its id, by the reference in what Miinto shows, or, where Miinto shows neither, by being
    called a request of exactly the same units.
    """
    shown = json.dumps(rma.raw, default=str)
    for request in order.requests:
        if request.return_id and request.return_id == rma.return_id:
            return request
        if request.outcome not in SENT or request.return_id:
            continue
        keys = (key_of(order, request.source, n) for n in range(request.attempt + 1))
        if any(marker_of(key) in shown for key in keys):
            return request
    if "request" not in rma.type.lower():
        return None
    units = units_of(rma, order, "pending", "accepted", "declined", "unknown")
    return next(
        (
            request
            for request in order.requests
            if request.outcome in SENT and not request.return_id and request.positions == units
        ),
        None,
    )


RmaKind = Literal["free", "own", "twice"]


def kind_of(rma: Rma, order: OrderState) -> RmaKind:
    """Whose an RMA is: the buyer's (``free``), one that the hub requested (``own``), or one that
    the buyer made for units that the hub had requested already (``twice``)."""
    if own_request(rma, order) is not None:
        return "own"
    wanted = units_of(rma, order, "pending", "accepted", "unknown")
    requested: Counter[int] = Counter()
    for request in order.requests:
        if request.outcome in SENT:
            requested.update(request.positions)
    ordered = {line.position: line.quantity for line in order.lines}
    both = wanted.keys() & requested.keys()
    over = any(wanted[p] + requested[p] > ordered.get(p, 0) for p in both)
    return "twice" if over else "free"


@dataclass(frozen=True)
class Standing:
    """Units of an order's positions, as its RMAs and requests leave them.

    Args:
        free: Position -> units that nobody has asked back.
        waiting: Position -> return id of the buyer's RMA that is not decided.
        covered: Position -> units that are paid for already, as seen from goods that came, or from
            a store's refund; see `standing_of`.
        unplaced: Return ids of RMAs with a position that could be any line of the order.
    """

    free: Mapping[int, int]
    waiting: Mapping[int, str]
    covered: Mapping[int, int]
    unplaced: tuple[str, ...] = ()


def standing_of(
    order: OrderState,
    rmas: Iterable[Rma],
    *,
    origin: Literal["receipt", "store"],
    but: str = "",
) -> Standing:
    """How the order's units stand.

    Goods that came and the store's refund of them are two tellings of one return. So what was
    requested for the one covers the other; and an accepted RMA of the buyer covers a store's
    refund. Each unit covers once: an ``echo`` uses it up.

    Args:
        order: What the hub knows of it, its requests included.
        rmas: Of the shop, read just now; those of other orders are left out.
        origin: What is being decided on: goods that came, or a store's refund.
        but: Source of a request that is not counted, because it is being decided on.
    """
    free = Counter({line.position: line.quantity for line in order.lines})
    waiting: dict[int, str] = {}
    covered: Counter[int] = Counter()
    unplaced: list[str] = []
    matched: set[str] = set()
    for rma in _once(rmas):
        if not is_of_order(rma, order):
            continue
        undecided = units_of(rma, order, "pending", "unknown")
        accepted = units_of(rma, order, "accepted")
        free.subtract(undecided + accepted)
        own = own_request(rma, order)
        if own is not None:
            matched.add(own.source)
            covered.update(undecided + accepted if own.origin != origin else {})
            continue
        waiting |= dict.fromkeys(undecided, rma.return_id)
        covered.update(accepted if origin == "store" else {})
        if any(
            order_position(p, order) is None and position_status(rma, p) != "declined"
            for p in rma.positions
        ):
            unplaced.append(rma.return_id)
    for request in order.requests:
        if request.source == but:
            continue
        if request.outcome in SPOKEN_FOR and request.source not in matched:
            free.subtract(request.positions)
            sent = request.outcome in SENT
            covered.update(request.positions if sent and request.origin != origin else {})
        if request.outcome == "echo" and request.origin == origin:
            covered.subtract(request.positions)
    return Standing(
        free={p: max(0, units) for p, units in free.items()},
        waiting=waiting,
        covered={p: units for p, units in covered.items() if units > 0},
        unplaced=tuple(unplaced),
    )


def _once(rmas: Iterable[Rma]) -> Iterable[Rma]:
    return {rma.return_id: rma for rma in rmas}.values()


@dataclass(frozen=True)
class Placing:
    """Units laid on the order's positions; `problems` are why a person has to look first."""

    positions: Mapping[int, int]
    problems: tuple[str, ...] = ()


def place(
    units: Mapping[str, int], order: OrderState, standing: Standing, matching: Matching
) -> Placing:
    """Lay units of SKUs on positions whose units are free; where it is in doubt, say why."""
    problems: list[str] = []
    if standing.unplaced:
        named = ", ".join(standing.unplaced[:MOST_NAMED])
        problems.append(f"RMA {named} has a position that could be any line of the order")
    positions: dict[int, int] = {}
    for sku, wanted in _resolved(units, order, matching).items():
        lines = [line for line in order.lines if sku and line.sku == sku]
        problem = _problem(sku, wanted, lines, standing)
        if problem:
            problems.append(problem)
            continue
        positions |= _share(wanted, lines, standing.free)
    return Placing(positions, tuple(problems[:MOST_NAMED]))


def _resolved(units: Mapping[str, int], order: OrderState, matching: Matching) -> Counter[str]:
    known = {line.sku for line in order.lines if line.sku}
    total: Counter[str] = Counter()
    for sku, count in units.items():
        total[resolve(sku, "", known, matching)] += count
    return total


def _problem(sku: str, wanted: int, lines: Sequence[OrderLine], standing: Standing) -> str:
    goods = f"{wanted} x {sku or 'goods without a SKU'}"
    if not lines:
        return f"{goods}: no line of the order has this SKU"
    held = {standing.waiting[line.position] for line in lines if line.position in standing.waiting}
    if held:
        named = ", ".join(sorted(held)[:MOST_NAMED])
        return f"{goods}: RMA {named} waits for these lines and they belong to it"
    ordered = sum(line.quantity for line in lines)
    free = sum(standing.free[line.position] for line in lines)
    if wanted > ordered:
        return f"{goods}: only {ordered} were ordered"
    if wanted > free:
        return f"{goods}: {ordered} were ordered, and only {free} not returned or requested before"
    choice = {line.price for line in lines if standing.free[line.position]}
    if wanted < free and len(choice) > 1:
        return f"{goods}: lines of different prices have this SKU, and it could be either"
    return ""


def _share(wanted: int, lines: Sequence[OrderLine], free: Mapping[int, int]) -> dict[int, int]:
    shares: dict[int, int] = {}
    for line in lines:
        given = min(wanted, free.get(line.position, 0))
        if given:
            shares[line.position] = given
        wanted -= given
    return shares


@dataclass(frozen=True)
class Echo:
    """Units that are paid for already: all of what came or was refunded, some, or none."""

    positions: Mapping[int, int]
    extent: Literal["all", "some", "none"]


def echo_of(
    units: Mapping[str, int], order: OrderState, standing: Standing, matching: Matching
) -> Echo:
    """What of these units is paid for already; see `standing_of`."""
    positions: dict[int, int] = {}
    missing = 0
    for sku, wanted in _resolved(units, order, matching).items():
        lines = [line for line in order.lines if sku and line.sku == sku]
        shares = _share(wanted, lines, standing.covered)
        positions |= shares
        missing += wanted - sum(shares.values())
    if not positions:
        return Echo({}, "none")
    return Echo(positions, "some" if missing else "all")
