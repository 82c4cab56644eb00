"""ASNs of the warehouse, in our words: goods that are announced to it, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

GoodsIn = Literal[
    "Pallet",
    "Carton",
    "TwentyFtContainer",
    "FortyFtContainer",
    "FortyFtContainerHC",
    "FortyFiveFtContainer",
    "FortyFiveFtContainerHC",
]
"""How goods come: the warehouse's own words."""
BookedMeans = Literal["unknown", "booked", "received"]
"""Which number of an item counts as booked in."""
MOST_UNITS = 2**31 - 1
"""The warehouse's quantities are 32 bits wide."""


class AsnStage(StrEnum):
    """How far the warehouse is with an ASN.

    `DRAFT` is not expected yet, and in `APPROVAL` it was asked to be; `DISCREPANCY` is the
    warehouse's own word and asks a person; `UNKNOWN` is a status we have not been told of, and
    leads to no decision.
    """

    DRAFT = "draft"
    APPROVAL = "approval"
    AWAITING = "awaiting"
    DELIVERED = "delivered"
    PART_BOOKED = "part_booked"
    PUTTING_AWAY = "putting_away"
    BOOKED_IN = "booked_in"
    COMPLETE = "complete"
    DISCREPANCY = "discrepancy"
    UNKNOWN = "unknown"


NOT_BEGUN = frozenset({AsnStage.DRAFT, AsnStage.APPROVAL, AsnStage.AWAITING})
"""Nobody has worked on it: it may be changed and taken back."""
ENDED = frozenset({AsnStage.BOOKED_IN, AsnStage.COMPLETE})
"""Everything that came is in stock."""


@dataclass(frozen=True)
class AsnLine:
    """Units of a SKU that are announced.

    Args:
        sku: The warehouse's SKU.
        quantity: Units, at least 1.
        line_id: Ours; comes back with the item exactly as it was sent.
    """

    sku: str
    quantity: int
    line_id: str = ""


@dataclass(frozen=True)
class AsnDraft:
    """An ASN to be made. The warehouse makes it a draft: `confirm_asn` makes it expected.

    Args:
        reference: The number of the purchase order or transfer that it is for.
        marker: Of the operation; written into its comments, to find it again.
        warehouse_id: Which warehouse.
        lines: What is announced.
        expected: The day it should come; None when it is not known.
        supplier: Who sends it.
        supplier_notes: What the supplier said.
        comments: For the warehouse, beside the marker.
        goods_in: How it comes; None for what the merchant's file says.
        packages: Pallets or cartons, not units.
    """

    reference: str
    marker: str
    warehouse_id: int
    lines: tuple[AsnLine, ...]
    expected: date | None = None
    supplier: str = ""
    supplier_notes: str = ""
    comments: str = ""
    goods_in: GoodsIn | None = None
    packages: int = 1

    def units(self) -> dict[str, int]:
        """Units announced of each SKU."""
        return _summed((line.sku, line.quantity) for line in self.lines)


@dataclass(frozen=True)
class AsnChange:
    """What changes of an ASN's header; None leaves it as it is."""

    expected: date | None = None
    supplier: str | None = None
    supplier_notes: str | None = None
    comments: str | None = None
    packages: int | None = None

    def named(self) -> dict[str, str | date | int]:
        """The fields that change, with what they become."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class AsnPortion:
    """Units of an item that came together: one batch, one serial number, one expiry date."""

    quantity: int
    batch: str = ""
    serial: str = ""
    expires: date | None = None


@dataclass(frozen=True)
class AsnItem:
    """An item of an ASN.

    Args:
        item_id: The warehouse's id.
        sku: The warehouse's SKU.
        expected: Units announced.
        received: Units that came, in the warehouse's first number.
        booked: Units that came, in its second one; see `BookedMeans`.
        line_id: Ours, from the draft.
        complete: The warehouse is done with it.
        product_id: Of the product; None when not shown.
        portions: What came, apart by batch, serial number and expiry date; may be less than all.
    """

    item_id: int
    sku: str
    expected: int
    received: int = 0
    booked: int = 0
    line_id: str = ""
    complete: bool = False
    product_id: int | None = None
    portions: tuple[AsnPortion, ...] = ()

    def booked_in(self, means: BookedMeans) -> int | None:
        """Units that are booked in; None while the two numbers differ and it is `unknown` which
        counts."""
        if means == "unknown":
            return self.booked if self.booked == self.received else None
        return self.booked if means == "booked" else self.received

    @property
    def tells(self) -> BookedMeans | None:
        """Which number counts by this item's portions; None when both fit, or neither."""
        units = sum(portion.quantity for portion in self.portions)
        if not units or self.booked == self.received:
            return None
        return {self.booked: "booked", self.received: "received"}.get(units)  # type: ignore[return-value]


@dataclass(frozen=True)
class Asn:
    """An ASN as the warehouse holds it.

    Args:
        asn_id: The warehouse's id.
        reference: The number of the purchase order that it is for.
        stage: How far the warehouse is.
        status_word: The warehouse's own word, for people.
        version: The warehouse's word for the last change; with the id it identifies what was read.
        updated_at: When that was.
        warehouse_id: Where it goes; None when not shown.
        items: What is announced and what came; None when a list does not show them.
        expected: The day it should come; None when not set.
        booked_in_at: When it was booked in; None when not yet, or not shown.
        supplier: Who sends it.
        supplier_notes: What the supplier said.
        comments: For the warehouse, without the marker.
        marker: Of the operation that made it; empty when the hub did not.
        goods_in: How it comes, in the warehouse's word.
        packages: Pallets or cartons.
    """

    asn_id: int
    reference: str
    stage: AsnStage
    status_word: str
    version: str
    updated_at: datetime
    warehouse_id: int | None = None
    items: tuple[AsnItem, ...] | None = None
    expected: date | None = None
    booked_in_at: datetime | None = None
    supplier: str = ""
    supplier_notes: str = ""
    comments: str = field(default="", repr=False)
    marker: str = ""
    goods_in: str = ""
    packages: int = 0

    @property
    def key(self) -> str:
        """Identifies this version of this ASN."""
        return f"{self.asn_id}@{self.version}"

    @property
    def is_begun(self) -> bool:
        """Whether somebody has worked on it, or may have: then it is not changed any more."""
        came = any(item.received or item.booked or item.portions for item in self.items or ())
        return came or self.stage not in NOT_BEGUN

    @property
    def has_ended(self) -> bool:
        """Whether everything that came is in stock."""
        return self.stage in ENDED

    def announced(self) -> dict[str, int]:
        """Units announced of each SKU; empty also when the items are not shown."""
        return _summed((item.sku, item.expected) for item in self.items or ())

    def booked_in(self, means: BookedMeans) -> dict[str, int] | None:
        """Units booked in of each SKU.

        None when the items are not shown, or when what one of them says is unclear.
        """
        if self.items is None:
            return None
        counted = [(item.sku, item.booked_in(means)) for item in self.items]
        known = [(sku, units) for sku, units in counted if units is not None]
        return _summed(known) if len(known) == len(counted) else None

    def differences(self, means: BookedMeans) -> dict[str, tuple[int, int]] | None:
        """SKUs of which another number came than was announced: (announced, booked in).

        None when it is unclear what came.
        """
        came = self.booked_in(means)
        if came is None:
            return None
        told = self.announced()
        both = {sku: (told.get(sku, 0), came.get(sku, 0)) for sku in {*told, *came}}
        return {sku: pair for sku, pair in sorted(both.items()) if pair[0] != pair[1]}

    def has(self, change: AsnChange) -> bool:
        """Whether the header is as the change wants it."""
        return all(getattr(self, name) == value for name, value in change.named().items())


@dataclass(frozen=True)
class AsnPage:
    """Some ASNs, and how many calls finding them took.

    Args:
        asns: Those.
        calls: How many.
        complete: Whether these are all.
        next_page: The page of the list to go on at; None where there is none such.
    """

    asns: tuple[Asn, ...]
    calls: int
    complete: bool = True
    next_page: int | None = None


@dataclass(frozen=True)
class BookedProof:
    """What comparing items with their portions came to, item by item that tells."""

    said: tuple[BookedMeans, ...] = ()

    @property
    def means(self) -> BookedMeans:
        """Which number counts: only when every item that tells says the same."""
        return self.said[0] if len(set(self.said)) == 1 else "unknown"

    @property
    def is_contradicted(self) -> bool:
        """Whether items tell different things."""
        return len(set(self.said)) > 1


def prove_booked(asns: Iterable[Asn]) -> BookedProof:
    """What the items of ASNs that have ended tell of their two numbers."""
    told = [item.tells for asn in asns if asn.has_ended for item in asn.items or ()]
    return BookedProof(tuple(means for means in told if means is not None))


def asn_problem(draft: AsnDraft, reference_length: int) -> str | None:
    """Why no warehouse would take the draft, in a sentence; None when nothing speaks against it."""
    reference = draft.reference
    units = draft.units()
    texts = (draft.supplier, draft.supplier_notes, draft.comments)
    line_ids = [line.line_id for line in draft.lines if line.line_id]
    says: tuple[tuple[bool, str], ...] = (
        (not reference.strip() or reference != reference.strip(), "it needs a reference"),
        (not reference.isprintable(), "its reference must be printable"),
        (
            len(reference) > reference_length,
            f"its reference has more than {reference_length} characters",
        ),
        (not draft.marker.strip(), "it needs a marker"),
        (draft.warehouse_id < 1, "it names no warehouse"),
        (not draft.lines, "it announces nothing"),
        (
            any(not line.sku.strip() or line.quantity < 1 for line in draft.lines),
            "a line needs a SKU and a quantity of at least 1",
        ),
        (max(units.values(), default=0) > MOST_UNITS, f"a line has more than {MOST_UNITS} units"),
        (len(set(line_ids)) != len(line_ids), "two lines have the same id"),
        (not 1 <= draft.packages <= MOST_UNITS, "it needs at least one package"),
        (any("\x00" in text for text in texts), "a text holds a character that nobody can read"),
    )
    return next((f"ASN {reference[:60]}: {why}" for is_so, why in says if is_so), None)


def _summed(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for sku, quantity in rows:
        if quantity > 0:
            total[sku.strip()] += quantity
    return dict(total)
