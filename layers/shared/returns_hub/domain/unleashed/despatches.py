"""What Unleashed is told of goods that the warehouse sent, and how it is worked out. Pure.

Facts: an account without Order Management has one shipment for an order, and completing the order
books the goods; with it an order has as many shipments as it takes, and a dispatched one books its
own. A shipment has one tracking number of 100 characters. A shipment's line names the order's line:
a SKU may stand on two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from returns_hub.domain.base import plain_word
from returns_hub.domain.unleashed.sales_orders import is_status
from returns_hub.domain.warehouse_orders import PickedUnits, WarehouseOrder

LONGEST_TRACKING = 100
"""Characters of a shipment's tracking number at Unleashed."""
MOST_NAMED = 5
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """Goods on a line of a sales order, or of a shipment.

    Args:
        line: The number of the order's line.
        sku: The product's code.
        quantity: As ordered, or shipped; a fraction is possible.
        product: The product's Guid.
        guid: The line's own.
    """

    line: int
    sku: str
    quantity: Decimal
    product: str = ""
    guid: str = ""


@dataclass(frozen=True)
class SoldOrder:
    """What a sales order says of its goods; charge lines are left out.

    Args:
        guid: Unleashed's.
        number: As people see it.
        status: Unleashed's word.
        lines: Its goods.
        warehouse: The code of where it is sent from.
    """

    guid: str
    number: str
    status: str
    lines: tuple[GoodsLine, ...]
    warehouse: str = ""

    @property
    def is_completed(self) -> bool:
        """Whether its goods have left Unleashed's stock."""
        return is_status(self.status, "completed")

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted."""
        return is_status(self.status, "deleted")

    @property
    def is_parked(self) -> bool:
        """Whether it is a draft, as orders with a custom status are; it takes no shipment."""
        return is_status(self.status, "parked")


@dataclass(frozen=True)
class ErpShipment:
    """A shipment of a sales order.

    Args:
        guid: Unleashed's.
        number: As people see it.
        order_guid: Its order's.
        order_number: Its order's.
        status: Unleashed's word.
        lines: What it holds.
        tracking: Its tracking number; empty for none.
        comments: What the hub looks for its marker in.
    """

    guid: str
    number: str
    order_guid: str
    order_number: str
    status: str
    lines: tuple[GoodsLine, ...]
    tracking: str = ""
    comments: str = field(default="", repr=False)

    @property
    def is_dispatched(self) -> bool:
        """Whether its goods have left Unleashed's stock."""
        return is_status(self.status, "dispatched")

    @property
    def is_deleted(self) -> bool:
        """Whether it was deleted."""
        return is_status(self.status, "deleted")


@dataclass(frozen=True, slots=True)
class Tracked:
    """Whether a product's units are told apart, and whether there is stock of it at all."""

    batches: bool = False
    serials: bool = False
    keeps_stock: bool = True


@dataclass(frozen=True, slots=True)
class LineApart:
    """Batches and serial numbers of what went on a line: number -> units, and numbers."""

    batches: tuple[tuple[str, int], ...] = ()
    serials: tuple[str, ...] = ()


@dataclass(frozen=True)
class DespatchNote:
    """What a shipment is told of the parcels that left.

    Args:
        tracking: Tracking numbers, joined; empty for none.
        company: The shipping company's name at Unleashed; empty: it is not named.
        packages: How many parcels; None where the warehouse does not tell.
        left_on: The day, UTC; None where the warehouse does not tell.
        units: What has to be on the shipment, by the number of the order's line.
        apart: Batches and serial numbers, by the number of the order's line.
    """

    tracking: str = ""
    company: str = ""
    packages: int | None = None
    left_on: date | None = None
    units: Mapping[int, int] = field(default_factory=dict)
    apart: Mapping[int, LineApart] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """For the record's timeline."""
        return {"tracking": self.tracking, "company": self.company}


def tracking_of(parts: Iterable[WarehouseOrder]) -> str:
    """The parts' tracking numbers as one text, each once, as many whole ones as there is room for;
    how many more there are is said at its end."""
    numbers = list(dict.fromkeys(p.tracking_number.strip() for p in parts if p.tracking_number))
    for kept in range(len(numbers), 0, -1):
        left = len(numbers) - kept
        text = ", ".join(numbers[:kept]) + (f" +{left}" if left else "")
        if len(text) <= LONGEST_TRACKING:
            return text
    return numbers[0][:LONGEST_TRACKING] if numbers else ""


def company_for(courier: str, companies: Mapping[str, str]) -> str:
    """A courier's name at Unleashed: the file's word for it, or its own. Letters' case and blanks
    do not count."""
    named = {plain_word(one): company for one, company in companies.items()}
    return named.get(plain_word(courier), courier)


def company_of(parts: Iterable[WarehouseOrder], companies: Mapping[str, str]) -> str:
    """The shipping company of the first part that names its courier; empty where none does."""
    courier = next((part.courier for part in parts if part.courier), "")
    return company_for(courier, companies) if courier else ""


def note_of(parts: Sequence[WarehouseOrder], companies: Mapping[str, str] | None) -> DespatchNote:
    """What a shipment is told of parts that left; without `companies` no company is named."""
    parcels = [part.parcels for part in parts]
    days = [part.despatched_at.date() for part in parts if part.despatched_at]
    return DespatchNote(
        tracking=tracking_of(parts),
        company=company_of(parts, companies) if companies is not None else "",
        packages=sum(parcels) if all(parcels) else None,
        left_on=max(days, default=None),
    )


# -- goods --------------------------------------------------------------------------------------


def goods_in(lines: Iterable[GoodsLine]) -> dict[str, Decimal]:
    """Quantities by SKU; lines of nothing are left out."""
    total: dict[str, Decimal] = {}
    for line in lines:
        if line.quantity:
            total[line.sku] = total.get(line.sku, ZERO) + line.quantity
    return total


def sent_by(parts: Iterable[WarehouseOrder]) -> Counter[str]:
    """Units by SKU that these orders of the warehouse hold."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part.units())
    return total


def held_against(sent: Mapping[str, int], wanted: Mapping[str, Decimal]) -> tuple[str, str]:
    """What was sent too little, and what too much or of other goods, each in words; empty when
    nothing was."""
    less = [
        f"{sent.get(sku, 0)} of {many.normalize():f} {sku}"
        for sku, many in sorted(wanted.items())
        if sent.get(sku, 0) < many
    ]
    more = [
        f"{units} {sku} where {wanted.get(sku, ZERO).normalize():f} are ordered"
        for sku, units in sorted(sent.items())
        if units > wanted.get(sku, ZERO)
    ]
    return listed(less), listed(more)


def listed(words: Sequence[str]) -> str:
    """Words in a sentence, the first few of them."""
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return ", ".join(words[:MOST_NAMED]) + more


def on_lines(
    units: Mapping[str, int], lines: Iterable[GoodsLine], gone: Mapping[int, Decimal]
) -> tuple[dict[int, int], dict[str, int]]:
    """Units put on an order's lines, in the lines' order, as far as there is room.

    Args:
        units: By SKU.
        lines: The order's.
        gone: What other shipments have, by line.

    Returns:
        Units by line; and by SKU what no line has room for.
    """
    left = dict(units)
    put: dict[int, int] = {}
    for line in sorted(lines, key=lambda one: one.line):
        room = int(max(ZERO, line.quantity - gone.get(line.line, ZERO)))
        take = min(left.get(line.sku, 0), room)
        if take:
            put[line.line] = put.get(line.line, 0) + take
            left[line.sku] -= take
    return put, {sku: many for sku, many in left.items() if many}


def by_line(lines: Iterable[GoodsLine]) -> dict[int, Decimal]:
    """Quantities by the number of the order's line."""
    total: dict[int, Decimal] = {}
    for line in lines:
        total[line.line] = total.get(line.line, ZERO) + line.quantity
    return total


def apart_on(
    units: Mapping[int, int], skus: Mapping[int, str], picked: Iterable[PickedUnits]
) -> dict[int, LineApart]:
    """Batches and serial numbers that were picked, put on lines until each has its units.

    Args:
        units: By line.
        skus: By line.
        picked: What the warehouse recorded.
    """
    batches: dict[str, list[list[Any]]] = {}
    serials: dict[str, list[str]] = {}
    for one in picked:
        if one.batch:
            batches.setdefault(one.sku, []).append([one.batch, one.quantity])
        if one.serial:
            serials.setdefault(one.sku, []).append(one.serial)
    found: dict[int, LineApart] = {}
    for line, many in sorted(units.items()):
        sku = skus[line]
        taken = _take(batches.get(sku, []), many)
        mine, serials[sku] = serials.get(sku, [])[:many], serials.get(sku, [])[many:]
        if taken or mine:
            found[line] = LineApart(tuple(taken.items()), tuple(mine))
    return found


def _take(rows: list[list[Any]], wanted: int) -> dict[str, int]:
    taken: dict[str, int] = {}
    for row in rows:
        many = min(row[1], wanted)
        if many:
            taken[row[0]] = taken.get(row[0], 0) + many
            row[1] -= many
            wanted -= many
    return taken


def missing_apart(
    units: Mapping[int, int],
    skus: Mapping[int, str],
    apart: Mapping[int, LineApart],
    tracked: Mapping[str, Tracked],
) -> str:
    """What the warehouse did not record of products whose units Unleashed tells apart, in words."""
    short = []
    for line, many in sorted(units.items()):
        sku = skus[line]
        kept, known = apart.get(line, LineApart()), tracked.get(sku, Tracked())
        batched = sum(quantity for _, quantity in kept.batches)
        if known.batches and batched != many:
            short.append(f"batch numbers of {batched} of {many} {sku}")
        if known.serials and len(kept.serials) != many:
            short.append(f"serial numbers of {len(kept.serials)} of {many} {sku}")
    return listed(short)
