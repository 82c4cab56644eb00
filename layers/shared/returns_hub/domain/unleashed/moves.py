"""Warehouse transfers and assemblies of Unleashed, in our words: goods go, and goods come.

A transfer takes goods from one warehouse and brings the same to another; an assembly takes
components and brings what they make. Source: the keys of Unleashed's pages and of two data models
of others. What no source tells: whether the quantity of an assembly's component is of all pieces or
of one. Documents of Unleashed have totals on their lines, so it is taken for all of them, unless
the line's own costs contradict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from returns_hub.domain.base import short_hash
from returns_hub.domain.unleashed.orders_rule import MOST_LINES_NAMED, MOST_UNITS
from returns_hub.domain.unleashed.sales_orders import is_any_status, is_status
from returns_hub.domain.warehouse_orders import units_of

MoveKind = Literal["transfer", "assembly"]
FINISHED = ("completed", "deleted")
KNOWN_STATUSES = ("parked", *FINISHED)
MAKES = frozenset({"", "assembly", "assemble"})
"""Types of an assembly that puts pieces together; no source lists them. Empty: none is told."""
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class MoveLine:
    """Units of a product that go, or come.

    Args:
        number: Its number, from 1.
        sku: The product's code.
        quantity: As written; a fraction is possible; not a number where it cannot be read.
        product_guid: Unleashed's, of the product; empty when not shown.
        wastage: Of a component: units that are lost in making.
        unit_cost: Of a component, of one unit; None when not shown.
        total_cost: Of a component, of all units; None when not shown.
    """

    number: int
    sku: str
    quantity: Decimal
    product_guid: str = ""
    wastage: Decimal = Decimal(0)
    unit_cost: Decimal | None = None
    total_cost: Decimal | None = None


@dataclass(frozen=True)
class Move:
    """A transfer or an assembly.

    Args:
        kind: Which.
        guid: Unleashed's, in lower case.
        number: As people see it.
        status: Unleashed's word.
        source_code: The warehouse that goods are taken from.
        destination_code: The warehouse that goods come to.
        taken: What goes.
        brought: What comes; of a transfer the same.
        modified_at: When it changed last; None when not shown.
        created_at: When it was made; None when not shown.
        custom_status: The account's own status of an assembly; empty for none.
        due: The day it should be there.
        type_word: Unleashed's word for what kind of assembly it is; empty for none.
    """

    kind: MoveKind
    guid: str
    number: str
    status: str
    source_code: str
    destination_code: str
    taken: tuple[MoveLine, ...]
    brought: tuple[MoveLine, ...]
    modified_at: datetime | None = None
    created_at: datetime | None = None
    custom_status: str = ""
    due: date | None = None
    type_word: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.kind} {self.number[:60]}".rstrip()

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted in Unleashed, which keeps it with that status."""
        return is_status(self.status, "deleted")

    @property
    def is_completed(self) -> bool:
        """Whether its goods have moved in Unleashed's stock."""
        return is_status(self.status, "completed")

    @property
    def version(self) -> str:
        """Equal for readings between which nothing changed that is acted on. That alone: an
        update of ours, or a comment of theirs, changes its time and not this."""
        lines = [
            f"{line.sku}={line.quantity.normalize() if line.quantity.is_finite() else '?'}"
            for lines in (self.taken, self.brought)
            for line in (*lines, MoveLine(0, "/", Decimal(0)))
        ]
        words = (self.status, self.custom_status, self.type_word)
        places = (self.number, self.source_code, self.destination_code)
        return short_hash(
            "\n".join([*(" ".join(w.lower().split()) for w in words), *places, *lines])
        )


def is_wanted(move: Move, statuses: Iterable[str], custom_statuses: Iterable[str] = ()) -> bool:
    """Whether moves of its status are imported; custom statuses override where any is named.

    These extend Parked, so that a move which has one and is finished is not imported for it.
    """
    customs = tuple(custom_statuses)
    if customs:
        finished = is_any_status(move.status, FINISHED)
        return is_any_status(move.custom_status, customs) and not finished
    return is_any_status(move.status, statuses)


def is_known_status(move: Move) -> bool:
    """Whether we know what its status means."""
    return is_any_status(move.status, KNOWN_STATUSES)


def units(lines: Iterable[MoveLine]) -> dict[str, int]:
    """Units of each SKU; the lines were found good by `move_problem`."""
    return units_of((line.sku, int(line.quantity)) for line in lines)


def move_problem(move: Move) -> str | None:
    """Why the warehouse cannot be told of it, in a sentence; None when nothing speaks against it.

    Every bad line is meant, as far as few are named.
    """
    if not move.number:
        return f"the {move.kind} {move.guid} has no number under a key that the hub knows"
    if move.type_word.casefold() not in MAKES:
        return (
            f"{move.title} is of the type {move.type_word[:30]}, and the hub only knows how goods "
            "are put together; do it by hand"
        )
    if move.kind == "transfer" and move.source_code == move.destination_code:
        return f"{move.title} goes from {move.source_code} to itself"
    pieces = move.brought[0].quantity if move.kind == "assembly" and move.brought else ONE
    bad = [f"line {line.number} {why}" for line in move.taken if (why := _doubt(line, pieces))]
    if move.kind == "assembly":
        bad += [f"what is made {why}" for line in move.brought if (why := _doubt(line, ONE))]
    if bad:
        more = f", and {len(bad) - MOST_LINES_NAMED} more" if len(bad) > MOST_LINES_NAMED else ""
        return f"{move.title}: " + "; ".join(bad[:MOST_LINES_NAMED]) + more
    if not units(move.taken) or not units(move.brought):
        return f"{move.title} names no goods"
    return None


def _doubt(line: MoveLine, pieces: Decimal) -> str | None:
    quantity = line.quantity
    if not quantity.is_finite() or not 0 <= quantity <= MOST_UNITS:
        return f"has the quantity {quantity}"
    if quantity != quantity.to_integral_value():
        return (
            f"holds {quantity.normalize():f} of {line.sku[:60] or 'a product'}; the warehouse "
            "moves whole units only"
        )
    if quantity and not line.sku:
        return "has no product code"
    if line.wastage:
        return (
            f"names a wastage of {line.wastage} beside {quantity.normalize():f} of "
            f"{line.sku[:60]}: how many are to be picked?"
        )
    if _costs_are_of_all(line, pieces):
        return (
            f"names {quantity.normalize():f} of {line.sku[:60]}, and its cost is of "
            f"{(quantity * pieces).normalize():f}: how many are to be picked?"
        )
    return None


def _costs_are_of_all(line: MoveLine, pieces: Decimal) -> bool:
    """Whether the line's own costs tell that its quantity is of one piece of several."""
    if pieces == 1 or not (line.unit_cost and line.total_cost and pieces.is_finite()):
        return False
    as_written = abs(line.total_cost - line.unit_cost * line.quantity)
    of_all = abs(line.total_cost - line.unit_cost * line.quantity * pieces)
    return of_all < as_written


@dataclass(frozen=True)
class Difference:
    """SKUs of which another number came than should: SKU -> (should, came)."""

    skus: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.skus)

    def __str__(self) -> str:
        named = [
            f"{came} of {should} {sku}"
            for sku, (should, came) in list(self.skus.items())[:MOST_LINES_NAMED]
        ]
        more = len(self.skus) - MOST_LINES_NAMED
        return ", ".join(named) + (f", and {more} more" if more > 0 else "")


def difference(should: dict[str, int], came: dict[str, int]) -> Difference:
    """What came of what should, where that is not the same."""
    both = {sku: (should.get(sku, 0), came.get(sku, 0)) for sku in {*should, *came}}
    return Difference({sku: pair for sku, pair in sorted(both.items()) if pair[0] != pair[1]})
