"""What a run of a merchant whose systems are compared came to, in the words of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Place = tuple[str, str]
"""A location of WAIR's, and a SKU."""


@dataclass(frozen=True)
class Counting:
    """A finding that a look counted.

    Args:
        at: Seconds of virtual time.
        kind: Of the difference.
        subject: What it is about.
        says: What the systems say, as text.
        units: Units that differ.
    """

    at: float
    kind: str
    subject: str
    says: str = ""
    units: int = 0


@dataclass(frozen=True)
class Feed:
    """What stock intelligence holds, and how its batches stand.

    Args:
        held: Units of what is there, by place.
        ours: The same of the warehouse: the sums of its warehouses.
        reserved: Units that are not for replenishment, as it holds them; none is 0.
        ours_reserved: The same of the warehouse.
        is_open: A batch is open.
        unfinished: Sets of which a full load was begun and never ended.
        started: Batches.
        stopped: Batches.
    """

    held: Mapping[Place, int] = field(default_factory=dict)
    ours: Mapping[Place, int] = field(default_factory=dict)
    reserved: Mapping[Place, int] = field(default_factory=dict)
    ours_reserved: Mapping[Place, int] = field(default_factory=dict)
    is_open: bool = False
    unfinished: tuple[str, ...] = ()
    started: int = 0
    stopped: int = 0


@dataclass(frozen=True)
class Event:
    """A despatch as the channel took it; `content` is all of it but its id and revision."""

    id: str
    despatch_id: str
    revision: int
    order: int
    units: Mapping[str, int]
    content: str


@dataclass(frozen=True)
class Parcel:
    """An order, or a part of one, that left the warehouse."""

    order: int
    number: str
    units: Mapping[str, int]


@dataclass(frozen=True)
class Changed:
    """An order whose buyer changed it.

    Args:
        number: The order's.
        kind: ``cancelled`` or ``edited``.
        is_cancelled: The warehouse will not send it.
        is_sent: It left.
        replaced: The order that replaces it is there, and not cancelled.
        asked: A person was asked.
        in_work: The hub has not ended it.
        said: What the hub wrote onto the order, and ``cancelled`` for each time it cancelled it.
    """

    number: str
    kind: str
    is_cancelled: bool = False
    is_sent: bool = False
    replaced: bool = False
    asked: bool = False
    in_work: bool = False
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Books:
    """Everything that the rules look at.

    Args:
        counting: Findings that counted, look by look.
        not_compared: Comparisons that could not be made, in a sentence each.
        looks: How many were kept.
        feed: WAIR.
        events: What the channel took.
        again: Ids that came to it again.
        out_of_order: Older revisions that came after newer ones.
        parcels: What left the warehouse since the merchant is live.
        changes: Orders that were changed.
        is_calm: Nothing went wrong in this run, so that nothing may be found, or come again.
    """

    counting: tuple[Counting, ...] = ()
    not_compared: tuple[str, ...] = ()
    looks: int = 0
    feed: Feed = Feed()
    events: tuple[Event, ...] = ()
    again: tuple[str, ...] = ()
    out_of_order: tuple[str, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    changes: tuple[Changed, ...] = ()
    is_calm: bool = True
