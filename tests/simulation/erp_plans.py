"""What a seed decides about a merchant with Unleashed: its file, its days, and its people."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Literal

MINUTE, HOUR = 60.0, 3600.0
CODES = {"MAIN": 3, "3PL": 4}
"""Unleashed's warehouses that are in this Mintsoft, and their ids there."""
ELSEWHERE = "ATTIC"
STOCKED = ("TEE", "MUG", "CAP", "SOCKS")
"""Products that both sides have from the start."""
NEW = ("HAT", "SCARF")
"""Products that people add in Unleashed."""
SET, PARTS = "GIFTBOX", {"TEE": 1, "MUG": 1}
"""What is assembled, and of what."""
Goods = tuple[tuple[str, int], ...]
Sent = Literal["whole", "parts", "held then whole", "cancelled", "never"]
Booked = Literal["as announced", "short", "over", "in parts", "another", "never"]
WHOLE_DAY = 24 * HOUR


@dataclass(frozen=True)
class Act:
    """What a person does with a document, seconds after it was made.

    `what` is of a sale: ``edit``, ``place``, ``park``, ``delete``, ``complete``, ``address``,
    ``ship`` (a shipment of `goods`, of everything without), ``dispatch`` (by hand), ``unship``; of
    a purchase: ``place``, ``delete``, ``more``; of a transfer or an assembly: ``delete``,
    ``complete``.
    """

    after: float
    what: str
    goods: Goods = ()


@dataclass(frozen=True)
class Sale:
    """A sales order, what people do with it, and how the warehouse sends what it gets of it."""

    number: int
    at: float
    warehouse: str
    goods: Goods
    status: str = "Placed"
    charges: bool = False
    address: bool = True
    acts: tuple[Act, ...] = ()
    sent: Sent = "whole"
    sent_after: float = 600.0


@dataclass(frozen=True)
class Purchase:
    """A purchase order, and how its goods are booked in."""

    number: int
    at: float
    warehouse: str
    goods: Goods
    status: str = "Placed"
    acts: tuple[Act, ...] = ()
    booked: Booked = "as announced"
    booked_after: float = 600.0


@dataclass(frozen=True)
class Move:
    """A transfer between warehouses."""

    number: int
    at: float
    source: str
    destination: str
    goods: Goods
    acts: tuple[Act, ...] = ()
    sent: Sent = "whole"
    sent_after: float = 600.0
    booked: Booked = "as announced"
    booked_after: float = 1200.0


@dataclass(frozen=True)
class Making:
    """An assembly of gift boxes."""

    number: int
    at: float
    units: int
    warehouse: str = "MAIN"
    acts: tuple[Act, ...] = ()
    sent: Sent = "whole"
    sent_after: float = 600.0
    booked: Booked = "as announced"
    booked_after: float = 1200.0


@dataclass(frozen=True)
class Count:
    """Somebody counts, or something breaks: units more or less, on one of the sides."""

    at: float
    side: Literal["warehouse", "unleashed"]
    warehouse: str
    sku: str
    units: int


@dataclass(frozen=True)
class Edit:
    """A product is edited in Unleashed, or added."""

    at: float
    sku: str
    fields: tuple[tuple[str, Any], ...]
    new: bool = False


@dataclass(frozen=True)
class ErpPlan:
    """A merchant with Unleashed.

    Args:
        merchant: Whose.
        management: The account's switch Order Management.
        imports: What of a sale reaches the warehouse.
        adjustment: What the account takes an adjustment's quantity for.
        proven: What was proven of that, where it is something else.
        block: Changes to the `unleashed:` block.
        simulator: Settings of the simulated account.
        opening: Units that Unleashed has more than the warehouse, at the start.
        looks_every: When its people look at what is parked.
        answers: Share of the questions that they deal with.
        quota: Calls of the month; 0 for as many as one likes.
    """

    merchant: str = "alpha"
    management: bool = False
    imports: Literal["orders", "shipments"] = "orders"
    adjustment: Literal["delta", "absolute"] = "delta"
    proven: Literal["", "delta", "absolute"] = ""
    block: dict[str, Any] = field(default_factory=dict)
    simulator: dict[str, Any] = field(default_factory=dict)
    opening: tuple[tuple[str, str, int], ...] = ()
    sales: tuple[Sale, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    moves: tuple[Move, ...] = ()
    makings: tuple[Making, ...] = ()
    counts: tuple[Count, ...] = ()
    edits: tuple[Edit, ...] = ()
    looks_every: float = 1800.0
    answers: float = 0.7
    quota: int = 0


def erp_plan(dice: random.Random, merchant: str, faults_end: float) -> ErpPlan:
    """What one seed decides about its merchant."""
    management = dice.random() < 0.4
    imports: Literal["orders", "shipments"] = "shipments" if dice.random() < 0.35 else "orders"
    adjustment: Literal["delta", "absolute"] = dice.choice(("delta", "absolute"))
    until = 0.9 * faults_end
    return ErpPlan(
        merchant=merchant,
        management=management,
        imports=imports,
        adjustment=adjustment,
        block=_block(dice, adjustment),
        simulator=_simulator(dice),
        opening=tuple(
            (dice.choice(tuple(CODES)), dice.choice(STOCKED), dice.randint(-6, 6))
            for _ in range(dice.choice((0, 1, 3)))
        ),
        sales=tuple(
            _sale(dice, number, until, imports, management=management)
            for number in range(1, dice.randint(3, 7))
        ),
        purchases=tuple(_purchase(dice, n, until) for n in range(1, dice.randint(1, 4))),
        moves=tuple(_move(dice, n, until) for n in range(1, dice.randint(1, 3))),
        makings=tuple(_making(dice, n, until) for n in range(1, dice.randint(1, 3))),
        counts=tuple(
            _count(dice, dice.uniform(0, until)) for _ in range(dice.choice((0, 1, 2, 4)))
        ),
        edits=tuple(_edits(dice, until)),
        looks_every=dice.choice((600.0, 1800.0, 3 * HOUR)),
        answers=dice.choice((0.0, 0.6, 1.0)),
    )


def _block(dice: random.Random, adjustment: str) -> dict[str, Any]:
    increases = dice.random() < 0.85
    return {
        "batches_and_serials": False,
        "asns_awaiting_delivery": dice.random() < 0.3,
        "page_size": dice.choice((2, 5, 200)),
        "catalogue_page_size": dice.choice((3, 1000)),
        "orders": {
            "edits": {
                "increases": increases,
                "decreases": increases and dice.random() < 0.6,
                "deletions": dice.choice(("ask", "cancel")),
            },
            "number_prefix": dice.choice(("", "UNL-")),
            "charges": dice.choice(("leave_out", "comment")),
            "default_country": dice.choice((None, "GB")),
        },
        "shipments": {"splitting": dice.random() < 0.6},
        "despatches": {
            "complete_order": dice.random() < 0.85,
            "shipping_companies": {"DHL Parcel Connect": "DPD"} if dice.random() < 0.9 else {},
        },
        "receipts": {
            "part_deliveries": dice.choice(("when_complete", "when_complete", "each")),
            "over_receipt": dice.choice(("report", "raise_line")),
            "complete_order": dice.random() < 0.4,
        },
        "transfers": {"orders_at_source": True, "asns_at_destination": True},
        "assemblies": {"orders": True, "asns": True, "complete": dice.random() < 0.8},
        "stock": {
            "adjustment_means": adjustment,
            "count": "level",
            "settle_minutes": dice.choice((0, 0, 10, 30)),
            "every_minutes": dice.choice((5, 15)),
            "lines_per_adjustment": dice.choice((1, 2, 100)),
            "full_every_hours": dice.choice((1, 24)),
            "hard_stop": {
                "most_percent": 100,
                "most_to_zero_percent": 100,
                "from_units": 100_000,
            },
        },
    }


def _simulator(dice: random.Random) -> dict[str, Any]:
    return {
        "keys": dice.choice(("pascal", "pascal", "camel")),
        "error_keys": dice.choice(("pascal", "camel")),
        "visible_seconds": dice.choice((0.0, 0.0, 20.0)),
        "clamped_number": dice.choice(("last", "asked")),
        "other_order": dice.choice(("newest", "oldest")),
        "drift": dice.choice(("no", "no", "arrive", "vanish")),
        "existing_guid": dice.choice(("refuse", "refuse", "overwrite")),
        "order_number": dice.choice(("ignored", "taken")),
        "auto_shipment": dice.choice(("completed", "placed")),
        "shipping_company": dice.choice(("object", "text")),
        "transfer_number_key": dice.choice(
            ("TransferOrderNumber", "TransferNumber", "WarehouseTransferNumber")
        ),
        "all_warehouses": dice.choice(("items", "list")),
        "partial_receipt": "stays",
        "single_wrapped": dice.random() < 0.3,
        "created_status": dice.choice((200, 201)),
    }


def _goods(dice: random.Random, most: int = 4) -> Goods:
    chosen = dice.sample(STOCKED, dice.choice((1, 1, 2, 3)))
    return tuple((sku, dice.randint(1, most)) for sku in chosen)


def _place(dice: random.Random) -> str:
    return dice.choice(("MAIN",) * 6 + ("3PL",) * 3 + (ELSEWHERE,))


def _after(dice: random.Random, most: float = HOUR) -> float:
    return dice.uniform(30, most)


def _sale(
    dice: random.Random, number: int, until: float, imports: str, *, management: bool
) -> Sale:
    goods = _goods(dice)
    status = dice.choice(("Placed", "Placed", "Placed", "Backordered", "Parked"))
    acts: list[Act] = []
    if status == "Parked" and dice.random() < 0.7:
        acts.append(Act(_after(dice), "place"))
    if dice.random() < 0.35:
        other = tuple((sku, dice.randint(0 if len(goods) > 1 else 1, 6)) for sku, _ in goods)
        acts.append(Act(_after(dice), "edit", other))
    if dice.random() < 0.15:
        acts.append(Act(_after(dice), "edit", ((dice.choice(STOCKED), dice.randint(1, 3)),)))
    rare = (("delete", 0.1), ("complete", 0.1), ("park", 0.07), ("address", 0.1))
    acts += [Act(_after(dice, 2 * HOUR), what) for what, share in rare if dice.random() < share]
    if imports == "shipments":
        acts += _shipping(dice, goods, management=management)
    sent: Sent = dice.choice(
        ("whole", "whole", "whole", "parts", "parts", "held then whole", "cancelled", "never")
    )
    return Sale(
        number,
        dice.uniform(0, until),
        _place(dice),
        goods,
        status,
        charges=dice.random() < 0.2,
        address=dice.random() < 0.85,
        acts=tuple(sorted(acts, key=lambda act: act.after)),
        sent=sent,
        sent_after=dice.choice((60.0, 15 * MINUTE, 2 * HOUR)),
    )


def _shipping(dice: random.Random, goods: Goods, *, management: bool) -> list[Act]:
    """Shipments of an order; with Order Management there may be several."""
    if not management or dice.random() < 0.5:
        found = [Act(_after(dice, 1200), "ship")]
    else:
        part = tuple((sku, max(1, many // 2)) for sku, many in goods)
        found = [Act(_after(dice, 1200), "ship", part), Act(_after(dice), "ship")]
    if dice.random() < 0.15:
        found.append(Act(_after(dice, 2 * HOUR), "dispatch"))
    if dice.random() < 0.1:
        found.append(Act(_after(dice), "unship"))
    return found


def _purchase(dice: random.Random, number: int, until: float) -> Purchase:
    acts: list[Act] = []
    status = dice.choice(("Placed", "Placed", "Placed", "Parked"))
    if status == "Parked" and dice.random() < 0.8:
        acts.append(Act(_after(dice), "place"))
    if dice.random() < 0.08:
        acts.append(Act(_after(dice), "delete"))
    booked: Booked = dice.choice(
        (
            "as announced",
            "as announced",
            "short",
            "over",
            "in parts",
            "in parts",
            "another",
            "never",
        )
    )
    after = dice.choice((60.0, 15 * MINUTE, 2 * HOUR))
    at, goods = dice.uniform(0, until), _goods(dice, 12)
    return Purchase(number, at, _place(dice), goods, status, tuple(acts), booked, after)


def _rare(dice: random.Random) -> tuple[Act, ...]:
    rare = (("delete", 0.08), ("complete", 0.12))
    return tuple(Act(_after(dice, 2 * HOUR), w) for w, share in rare if dice.random() < share)


def _move(dice: random.Random, number: int, until: float) -> Move:
    ways = (("MAIN", "3PL"), ("3PL", "MAIN"), ("MAIN", ELSEWHERE), (ELSEWHERE, "3PL"))
    source, destination = dice.choice((ways[0], ways[0], ways[1], *ways))
    return Move(
        number,
        dice.uniform(0, until),
        source,
        destination,
        _goods(dice, 3),
        _rare(dice),
        dice.choice(("whole", "whole", "whole", "never")),
        dice.choice((60.0, 20 * MINUTE)),
        dice.choice(("as announced", "as announced", "as announced", "short", "in parts")),
        dice.choice((60.0, 30 * MINUTE, HOUR)),
    )


def _making(dice: random.Random, number: int, until: float) -> Making:
    return Making(
        number,
        dice.uniform(0, until),
        dice.randint(1, 3),
        acts=_rare(dice),
        sent=dice.choice(("whole", "whole", "never")),
        sent_after=dice.choice((60.0, 20 * MINUTE)),
        booked=dice.choice(("as announced", "as announced", "short")),
        booked_after=dice.choice((60.0, 30 * MINUTE)),
    )


def _count(dice: random.Random, at: float) -> Count:
    side: Literal["warehouse", "unleashed"] = dice.choice(("warehouse", "warehouse", "unleashed"))
    units = dice.choice((-5, -2, -1, 1, 3, 8))
    return Count(at, side, dice.choice(tuple(CODES)), dice.choice(STOCKED), units)


def _edits(dice: random.Random, until: float) -> list[Edit]:
    found: list[Edit] = []
    for sku in NEW:
        if dice.random() < 0.4:
            fields = (
                ("ProductDescription", f"A {sku.lower()}"),
                ("Barcode", f"50000000{len(sku)}"),
            )
            found.append(Edit(dice.uniform(0, until), sku, fields, new=True))
    if dice.random() < 0.4:
        barcode = f"57000{dice.randint(10_000, 99_999)}"
        found.append(Edit(dice.uniform(0, until), dice.choice(STOCKED), (("Barcode", barcode),)))
    return found
