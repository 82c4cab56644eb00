"""What a receipt of a purchase order books of what the warehouse booked in, line by line.

Pure. Units of a SKU fill the order's lines in their order; what is more than ordered goes onto the
last of them. What earlier receipts booked is taken off first: by the hub's own count, since
Unleashed's lines do not tell it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.unleashed.purchase_orders import (
    ZERO,
    LineRaise,
    LineReceipt,
    PurchaseBatch,
    PurchaseLine,
    PurchaseOrder,
)
from returns_hub.domain.warehouse_asns import Asn, AsnPortion, BookedMeans

Units = Mapping[str, int]
BatchKey = tuple[str, date | None]


@dataclass(frozen=True)
class Came:
    """Units of a SKU that the warehouse booked in.

    Args:
        units: How many.
        portions: They apart by batch, serial number and expiry date; may be less than all.
    """

    units: int = 0
    portions: tuple[AsnPortion, ...] = ()

    def batches(self) -> Counter[BatchKey]:
        """Units by batch and expiry date; empty where none has a batch."""
        total: Counter[BatchKey] = Counter()
        for part in self.portions:
            if part.batch:
                total[part.batch, part.expires] += part.quantity
        return total

    def serials(self) -> list[str]:
        """Serial numbers, in the warehouse's order."""
        return [part.serial for part in self.portions if part.serial]


@dataclass(frozen=True)
class Receipted:
    """What earlier receipts booked.

    Args:
        lines: Units by the line's Guid.
        units: Units of goods by SKU.
        batches: Units by batch and expiry date, by SKU.
        serials: Serial numbers by SKU.
    """

    lines: Mapping[str, Decimal] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    batches: Mapping[str, Counter[BatchKey]] = field(default_factory=dict)
    serials: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Allocation:
    """What the next receipt books.

    Args:
        lines: For every line of the order, 0 included.
        raises: Lines that have to order more first.
        over: Units by SKU that are more than ordered.
        strange: Units of SKUs that are not on the order.
        fewer: By SKU: units that were receipted and that the warehouse now says did not come.
        unclear: Why batches or serial numbers do not add up, SKU by SKU.
        short: By SKU: units ordered that are not receipted after it.
        services: Codes of what never lies in stock.
    """

    lines: tuple[LineReceipt, ...]
    raises: tuple[LineRaise, ...] = ()
    over: Units = field(default_factory=dict)
    strange: Units = field(default_factory=dict)
    fewer: Units = field(default_factory=dict)
    unclear: tuple[str, ...] = ()
    short: Mapping[str, Decimal] = field(default_factory=dict)
    services: frozenset[str] = frozenset()

    @property
    def books(self) -> bool:
        """Whether there is anything to be booked."""
        return any(line.units for line in self.lines)

    def told(self) -> dict[str, Any]:
        """For the record's timeline; `receipted_of` and `rows_told` read it."""
        coming = [line for line in self.lines if line.units]
        told: dict[str, Any] = {
            "lines": {line.guid: [line.sku, f"{line.units:f}"] for line in coming},
            "services": [line.guid for line in coming if line.sku in self.services],
            "batches": [
                [line.guid, one.number, str(one.expires or ""), f"{one.quantity:f}"]
                for line in coming
                for one in line.batches
            ],
            "serials": {line.guid: list(line.serials) for line in coming if line.serials},
        }
        return {name: value for name, value in told.items() if value}


def came_of(
    asn: Asn, means: BookedMeans, skus: Mapping[str, str] | None = None
) -> dict[str, Came] | None:
    """What an ASN says came, by SKU.

    Args:
        asn: With its items.
        means: Which of an item's two numbers counts.
        skus: SKUs by the id that an item was announced with; they count before the item's own.

    Returns:
        None when the items are not shown, or when one of them is unclear.
    """
    if asn.items is None:
        return None
    found: dict[str, Came] = {}
    for item in asn.items:
        units = item.booked_in(means)
        if units is None:
            return None
        sku = (skus or {}).get(item.line_id.strip().lower(), item.sku)
        before = found.get(sku, Came())
        found[sku] = Came(before.units + units, before.portions + item.portions)
    return found


def version_of(asn: Asn, means: BookedMeans) -> str:
    """A hash of what counts of an ASN: its stage, all ends being one, and what came, apart."""
    rows = sorted(
        (
            item.item_id,
            item.sku,
            str(item.booked_in(means)),
            sorted((p.batch, p.serial, str(p.expires), p.quantity) for p in item.portions),
        )
        for item in asn.items or ()
    )
    stage = "ended" if asn.has_ended else asn.stage.value
    seen = f"{asn.asn_id} {stage} {asn.items is None} {rows!r}"
    return short_hash(seen, 32)


def receipted_of(told: Iterable[Mapping[str, Any]]) -> Receipted:
    """What receipts booked, from what their steps told; see `Allocation.told`."""
    lines: dict[str, Decimal] = {}
    units: Counter[str] = Counter()
    batches: dict[str, Counter[BatchKey]] = {}
    serials: dict[str, frozenset[str]] = {}
    for one in told:
        skus = {guid: str(row[0]) for guid, row in one.get("lines", {}).items()}
        for guid, (sku, many) in one.get("lines", {}).items():
            lines[guid] = lines.get(guid, ZERO) + Decimal(many)
            if guid not in one.get("services", ()):
                units[sku] += int(Decimal(many))
        for guid, number, expires, many in one.get("batches", ()):
            of_sku = batches.setdefault(skus[guid], Counter())
            of_sku[number, _day(expires)] += int(Decimal(many))
        for guid, names in one.get("serials", {}).items():
            serials[skus[guid]] = serials.get(skus[guid], frozenset()) | frozenset(names)
    return Receipted(lines, dict(units), batches, serials)


def rows_told(
    told: Mapping[str, Any], order: PurchaseOrder, before: Receipted
) -> tuple[LineReceipt, ...]:
    """The receipt that a step told of, for every line of the order and every line that it told."""
    coming = {guid: (sku, Decimal(many)) for guid, (sku, many) in told.get("lines", {}).items()}
    skus = {line.guid: line.sku for line in order.lines} | {
        g: sku for g, (sku, _) in coming.items()
    }
    rows = []
    for guid, sku in skus.items():
        units = coming[guid][1] if guid in coming else ZERO
        batches = tuple(
            PurchaseBatch(number, Decimal(many), _day(expires))
            for line, number, expires, many in told.get("batches", ())
            if line == guid
        )
        serials = tuple(told.get("serials", {}).get(guid, ()))
        at_least = before.lines.get(guid, ZERO) + units
        rows.append(LineReceipt(guid, sku, units, at_least, batches, serials))
    return tuple(rows)


def allocate(
    order: PurchaseOrder,
    came: Mapping[str, Came],
    before: Receipted,
    *,
    services: Collection[str] = (),
    tracked: bool = False,
) -> Allocation:
    """What the next receipt books.

    Args:
        order: As Unleashed has it.
        came: All that the warehouse booked in, what was receipted before included.
        before: What was receipted before.
        services: Codes of services that are to be receipted now, in full: they came with the goods.
        tracked: Whether batches and serial numbers go along.
    """
    rows: dict[str, LineReceipt] = {}
    raises, over, strange, fewer, unclear = [], {}, {}, {}, []
    for sku in sorted({*came, *before.units}):
        coming = came.get(sku, Came()).units - before.units.get(sku, 0)
        lines = [line for line in order.lines if line.sku == sku]
        if coming < 0:
            fewer[sku] = -coming
        elif coming and not lines:
            strange[sku] = coming
        elif coming:
            share = _Share(sku, came[sku], before) if tracked else _Share(sku, Came(), before)
            if why := share.problem(coming):
                unclear.append(why)
            for line, units, is_over in _shared(lines, coming, before):
                rows[line.guid] = _row(line, Decimal(units), before, share)
                if is_over:
                    over[sku] = is_over
                    raises.append(LineRaise(line.guid, rows[line.guid].at_least))
    for line in order.lines:
        if line.guid not in rows:
            left = line.quantity - before.lines.get(line.guid, ZERO)
            due = left if line.sku in services and left > 0 else ZERO
            rows[line.guid] = _row(line, due, before, None)
    short: dict[str, Decimal] = {}
    for line in order.lines:
        left = line.quantity - rows[line.guid].at_least
        if left > 0:
            short[line.sku] = short.get(line.sku, ZERO) + left
    return Allocation(
        lines=tuple(rows[line.guid] for line in order.lines),
        raises=tuple(raises),
        over=over,
        strange=strange,
        fewer=fewer,
        unclear=tuple(unclear),
        short=short,
        services=frozenset(services),
    )


def _shared(
    lines: list[PurchaseLine], coming: int, before: Receipted
) -> list[tuple[PurchaseLine, int, int]]:
    """Line, units, and how many of these are more than it orders."""
    shared = []
    for line in lines:
        room = max(0, int(line.quantity - before.lines.get(line.guid, ZERO)))
        is_last = line is lines[-1]
        units = coming if is_last else min(coming, room)
        coming -= units
        if units:
            shared.append((line, units, max(0, units - room)))
    return shared


def _row(
    line: PurchaseLine, units: Decimal, before: Receipted, share: _Share | None
) -> LineReceipt:
    batches, serials = share.take(int(units)) if share is not None else ((), ())
    at_least = before.lines.get(line.guid, ZERO) + units
    return LineReceipt(line.guid, line.sku, units, at_least, batches, serials)


class _Share:
    """Batches and serial numbers of a SKU that were not receipted yet, dealt out to its lines."""

    def __init__(self, sku: str, came: Came, before: Receipted) -> None:
        self._sku = sku
        known = before.serials.get(sku, frozenset())
        self._serials = [name for name in came.serials() if name not in known]
        self._batches = came.batches()
        self._batches.subtract(before.batches.get(sku, Counter()) if self._batches else {})

    def problem(self, coming: int) -> str | None:
        """Why they are not those of the units that come; None when they are, or there are none."""
        counted = sum(self._batches.values())
        if any(units < 0 for units in self._batches.values()) or (
            self._batches and counted != coming
        ):
            return f"{coming} of {self._sku[:60]} came, and {counted} of them have a batch"
        if self._serials and len(self._serials) != coming:
            named = len(self._serials)
            return f"{coming} of {self._sku[:60]} came, and {named} of them have a serial number"
        if len(set(self._serials)) != len(self._serials):
            return f"a serial number of {self._sku[:60]} came twice"
        return None

    def take(self, units: int) -> tuple[tuple[PurchaseBatch, ...], tuple[str, ...]]:
        """Those of so many units."""
        serials = tuple(self._serials[:units])
        self._serials = self._serials[units:]
        batches, left = [], units
        for (number, expires), held in sorted(self._batches.items(), key=_by_day):
            part = min(left, held)
            if part > 0:
                batches.append(PurchaseBatch(number, Decimal(part), expires))
                self._batches[number, expires] -= part
                left -= part
        return tuple(batches), serials


def _by_day(entry: tuple[BatchKey, int]) -> tuple[str, str]:
    (number, expires), _ = entry
    return (str(expires or "9999"), number)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
