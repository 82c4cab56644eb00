"""What the stock sync keeps from run to run: differences only, never the stock.

Everything of it fits into the flow's cursor, at 50,000 products too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from returns_hub.domain.unleashed.stock_guards import Seen
from returns_hub.domain.unleashed.stock_rule import StockTotals

MOST_BYTES = 140_000
"""Of all differences that are kept. Those beyond are seen again, and wait for their turn."""
MOST_BYTES_OF_UNKNOWN = 20_000
"""Of SKUs that the ERP does not know, of all warehouses; others are looked for at every change.
And so much again of SKUs that are on their way; a full comparison looks at the others."""
CODES_BITS = 1 << 21


@dataclass(frozen=True, slots=True)
class Pending:
    """A difference that is waited on: what `Seen` has, and the product's Guid."""

    units: int
    since: datetime
    guid: str

    @property
    def seen(self) -> Seen:
        """As the rule takes it."""
        return Seen(self.units, self.since)


class CodeSet:
    """Which of many codes were met, in 256 KB, and in a tenth of that when it is stored.

    It may take one of 500 codes for met that was not; the next one, with another `salt`, takes
    others.
    """

    def __init__(self, salt: str, bits: bytes = b"") -> None:
        self._salt = salt
        self._bits = bytearray(bits or bytes(CODES_BITS // 8))

    def add(self, code: str) -> None:
        """It was met."""
        for at in self._places(code):
            self._bits[at >> 3] |= 1 << (at & 7)

    def __contains__(self, code: str) -> bool:
        return all(self._bits[at >> 3] & 1 << (at & 7) for at in self._places(code))

    def to_text(self) -> str:
        """To be stored."""
        return base64.b85encode(zlib.compress(bytes(self._bits), 9)).decode()

    @staticmethod
    def of(salt: str, text: str) -> CodeSet:
        """As it was stored."""
        return CodeSet(salt, zlib.decompress(base64.b85decode(text)))

    def _places(self, code: str) -> tuple[int, int]:
        hashed = hashlib.blake2b(f"{self._salt}/{code}".encode(), digest_size=8).digest()
        first, second = hashed[:4], hashed[4:]
        return (
            int.from_bytes(first, "big") % CODES_BITS,
            int.from_bytes(second, "big") % CODES_BITS,
        )


@dataclass
class FullReading:
    """A full comparison of a warehouse in hand.

    Args:
        began: When.
        page: The next page to read.
        codes: Products that had a row.
        units: Units of the products met so far.
        with_stock: How many of these have any.
    """

    began: datetime
    page: int
    codes: CodeSet
    units: Decimal = Decimal(0)
    with_stock: int = 0

    @staticmethod
    def begin(now: datetime) -> FullReading:
        """At its first page."""
        return FullReading(now, 1, CodeSet(now.isoformat()))

    @property
    def totals(self) -> StockTotals:
        """Of what was read."""
        return StockTotals(self.units, self.with_stock)


@dataclass
class WarehouseMemory:
    """What is kept of one warehouse.

    Args:
        pending: Differences by SKU.
        read_from: When the newest comparison that came to its end began.
        full_at: When the newest full one that came to its end began.
        totals: Of that one; None before the first.
        pages: Pages of the warehouse's list, as that one found them.
        part: A full comparison that did not come to its end.
        slot: The time of day that was served last, where the sync runs once a day.
        look_at: When what that comparison found is to be looked at again; None when it was.
        unfinished: A run was cut off while it adjusted; the next one goes on with that.
        unknown: SKUs of the warehouse that the ERP does not know; looked for again by the next
            full one.
        left: Why products were left out by the newest full one: how many, and the first of them.
        flying: What was on its way when the newest comparison was made, by SKU, as one number.
    """

    pending: dict[str, Pending] = field(default_factory=dict)
    read_from: datetime | None = None
    full_at: datetime | None = None
    totals: StockTotals | None = None
    pages: int = 1
    part: FullReading | None = None
    slot: datetime | None = None
    look_at: datetime | None = None
    unfinished: bool = False
    unknown: set[str] = field(default_factory=set)
    left: dict[str, list[Any]] = field(default_factory=dict)
    flying: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(value: Mapping[str, Any]) -> WarehouseMemory:
        """As it was stored."""
        part, totals = value.get("part"), value.get("totals")
        return WarehouseMemory(
            pending={
                sku: Pending(units, datetime.fromtimestamp(second, UTC), guid)
                for sku, (units, second, guid) in value.get("pending", {}).items()
            },
            read_from=_moment(value.get("from")),
            full_at=_moment(value.get("full")),
            totals=StockTotals(Decimal(totals[0]), totals[1]) if totals else None,
            pages=value.get("pages", 1),
            part=_part(part) if part else None,
            slot=_moment(value.get("slot")),
            look_at=_moment(value.get("look")),
            unfinished=bool(value.get("unfinished")),
            unknown=set(value.get("unknown", ())),
            left=dict(value.get("left", {})),
            flying=dict(value.get("flying", {})),
        )

    def to_json(self, most_bytes: int, most_unknown: int) -> dict[str, Any]:
        """To be stored; of the differences and the unknown, in the order of SKUs, as many as
        fit into so many bytes."""
        pending: dict[str, list[Any]] = {}
        for sku, one in sorted(self.pending.items()):
            row = [one.units, int(one.since.timestamp()), one.guid]
            most_bytes -= len(json.dumps([sku, row]))
            if most_bytes < 0:
                break
            pending[sku] = row
        part, totals = self.part, self.totals
        content: dict[str, Any] = {
            "pending": pending,
            "from": _text(self.read_from),
            "full": _text(self.full_at),
            "totals": [str(totals.units), totals.with_stock] if totals else None,
            "pages": self.pages,
            "part": part
            and {
                "began": _text(part.began),
                "page": part.page,
                "codes": part.codes.to_text(),
                "units": str(part.units),
                "with_stock": part.with_stock,
            },
            "slot": _text(self.slot),
            "look": _text(self.look_at),
            "unfinished": self.unfinished or None,
            "unknown": _some(self.unknown, most_unknown) or None,
            "left": self.left,
            "flying": {sku: self.flying[sku] for sku in _some(self.flying, most_unknown)},
        }
        return {name: kept for name, kept in content.items() if kept not in (None, {})}


class StockMemory:
    """What is kept of every warehouse, by its code."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        stored = kept.get("warehouses", {})
        self._of = {code: WarehouseMemory.of(value) for code, value in stored.items()}

    def of(self, code: str) -> WarehouseMemory:
        """Of one warehouse; empty before its first run."""
        return self._of.setdefault(code, WarehouseMemory())

    def to_json(self, codes: frozenset[str]) -> dict[str, Any]:
        """To be stored, of these warehouses."""
        kept = {code: memory for code, memory in self._of.items() if code in codes}
        many = max(1, len(kept))
        each, unknown = MOST_BYTES // many, MOST_BYTES_OF_UNKNOWN // many
        return {
            "warehouses": {code: memory.to_json(each, unknown) for code, memory in kept.items()}
        }


def _part(value: Mapping[str, Any]) -> FullReading:
    began = datetime.fromisoformat(value["began"])
    return FullReading(
        began=began,
        page=value["page"],
        codes=CodeSet.of(began.isoformat(), value["codes"]),
        units=Decimal(value["units"]),
        with_stock=value["with_stock"],
    )


def _some(skus: Iterable[str], most_bytes: int) -> list[str]:
    kept: list[str] = []
    for sku in sorted(skus):
        most_bytes -= len(json.dumps(sku)) + 2
        if most_bytes < 0:
            break
        kept.append(sku)
    return kept


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
