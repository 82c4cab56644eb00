"""What both partners' books say of one merchant, in the words of the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Side = Literal["warehouse", "unleashed"]
Kind = Literal["sale", "shipment", "purchase", "transfer", "assembly"]
Place = tuple[str, str]
"""A warehouse's code, and a SKU."""


@dataclass(frozen=True)
class Movement:
    """Units that came, or below nothing went, at one of the sides.

    Args:
        at: Seconds of virtual time.
        side: Where.
        place: The warehouse's code at Unleashed.
        sku: Whose.
        units: How many.
        what: The side's word of the reason; ``stock_adjusted`` is an adjustment.
        doc: The document it belongs to, ``kind:guid``; empty for none.
        by_hub: The hub booked it, and no person.
    """

    at: float
    side: str
    place: str
    sku: str
    units: int
    what: str
    doc: str = ""
    by_hub: bool = False


@dataclass(frozen=True)
class Document:
    """A document of Unleashed's that the warehouse is to know of.

    Args:
        name: ``kind:guid``.
        number: As people see it.
        units: What it holds at the end, by SKU.
        wants_order: The warehouse is to have an order for it.
        wants_asn: And an ASN.
        is_gone: It is not open any more.
        is_deleted: A person deleted it, or took it back: nothing of it is booked any more.
        told: Why what it says is not carried over: codes of what was told once, and ``parked``
            or ``discarded`` where a person is asked, or took it off the list.
        told_back: The same of what the warehouse did with it.
        let_go: A person took what was asked about it off the list.
        by_hand: A person booked goods of it in Unleashed.
    """

    name: str
    number: str
    units: Mapping[str, int]
    wants_order: bool = False
    wants_asn: bool = False
    is_gone: bool = False
    is_deleted: bool = False
    told: frozenset[str] = frozenset()
    told_back: frozenset[str] = frozenset()
    let_go: bool = False
    by_hand: bool = False

    @property
    def kind(self) -> str:
        """What it is."""
        return self.name.partition(":")[0]


@dataclass(frozen=True)
class Made:
    """An order, with all of its parts, or an ASN that the hub made in the warehouse.

    Args:
        number: Mintsoft's id.
        doc: The document it was made for.
        place: The warehouse's code at Unleashed; empty for one that it does not have.
        units: What it holds, by SKU; of an ASN what was announced.
        done: Units that left, or that were booked in.
        bookings: How often goods were booked in.
        is_over: Everything of it has left, or no more is booked in.
        is_cancelled: The warehouse, or the hub, gave it up.
    """

    number: int
    doc: str
    place: str
    units: Mapping[str, int]
    done: Mapping[str, int] = field(default_factory=Counter)
    bookings: int = 0
    is_over: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True)
class Booked:
    """What was booked in Unleashed for a document: ``completed``, ``dispatched``, ``receipted``."""

    at: float
    what: str
    doc: str
    guid: str
    by_hub: bool


@dataclass(frozen=True)
class Books:
    """Everything that the rules look at.

    Args:
        movements: Of both sides, in the order of time; those of the opening too.
        documents: By name.
        orders: In the warehouse.
        asns: In the warehouse.
        booked: At Unleashed.
        open_places: Products that may be adjusted, in warehouses that may be worked with.
        adjusts: Whether the stock sync runs.
        is_stopped: It waits for a person, who was asked about the stock itself.
        acts: Moments at which a person changed, deleted or completed a document, or dealt with what
            was asked.
        parts: Whether each booking is receipted by itself.
        late_writes: What the hub wrote to a partner after all had been quiet.
        echoes: Records of the hub's own that came back as somebody else's.
        credits: Return and batch -> credit notes for it.
    """

    movements: tuple[Movement, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    orders: tuple[Made, ...] = ()
    asns: tuple[Made, ...] = ()
    booked: tuple[Booked, ...] = ()
    open_places: frozenset[Place] = frozenset()
    adjusts: bool = False
    is_stopped: bool = False
    acts: tuple[float, ...] = ()
    parts: bool = False
    late_writes: tuple[str, ...] = ()
    echoes: tuple[str, ...] = ()
    credits: Mapping[str, int] = field(default_factory=dict)
