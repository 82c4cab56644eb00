"""Everything that the hub has about a person, place by place: the export, and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from returns_hub.domain.forgetting import names_any
from returns_hub.domain.personal_data import MAP, PARTNERS
from returns_hub.flows.dead_letters import Dead
from returns_hub.ports.privacy import PersonalData, StoredCopy, Subject

SCHEMA_NAME = "personal-data/1"


@dataclass(frozen=True)
class Found:
    """What there is about a person.

    Args:
        subject: Who.
        copies: Rows of the hub's tables.
        letters: Dead letters that tell of the person.
        scanned: Whether rows that nothing finds were read too.
        doubts: What could not be looked at, in words.
    """

    subject: Subject
    copies: tuple[StoredCopy, ...] = ()
    letters: tuple[Dead, ...] = ()
    scanned: bool = False
    doubts: tuple[str, ...] = field(default=())

    @property
    def needed(self) -> tuple[str, ...]:
        """Why something may not be taken out now, each reason once."""
        rows = [f"{copy.where}: {copy.needed}" for copy in self.copies if copy.needed]
        # A return's entries wait for the same as the return.
        whole = [line for line in rows if ", entry " not in line] or rows
        letters = [
            f"dead letter {letter.message_id}: replay or discard it first "
            f"(hub dlq replay|discard {letter.message_id})"
            for letter in self.letters
        ]
        return tuple(dict.fromkeys((*whole, *letters)))


def find_all(
    subject: Subject,
    data: PersonalData,
    letters: Callable[[], tuple[Iterable[Dead], Sequence[str]]] | None = None,
    scan: Callable[[str, int], None] | None = None,
) -> Found:
    """Look in every place where something can be found.

    Args:
        subject: Who.
        data: The hub's tables.
        letters: Every dead letter, and what could not be looked at; None where none can be.
        scan: Is told how far a scan has come; None for no scan.

    Raises:
        Retryable: The tables or queues cannot be asked now.
    """
    copies = {_key(copy): copy for copy in data.copies(subject)}
    if scan is not None:
        copies = {_key(copy): copy for copy in data.scan(subject, scan)} | copies
    if letters is None:
        doubts: Sequence[str] = ("dead letters were not looked at: no queues were named",)
        dead: tuple[Dead, ...] = ()
    else:
        every, doubts = letters()
        dead = tuple(letter for letter in every if is_about(letter, subject))
    return Found(subject, tuple(copies.values()), dead, scan is not None, tuple(doubts))


def is_about(letter: Dead, subject: Subject) -> bool:
    """Whether a dead letter tells of the person."""
    of_others = letter.merchant not in {subject.merchant, "_unknown"}
    if of_others:
        return False
    if letter.return_id in subject.return_ids:
        return True
    words = (*subject.return_ids, *(word for word in subject.words if len(word) >= 4))
    return names_any(letter.letter.body, words)


def document(found: Found, asked_for: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The export: of every place of the map what is there, or why nothing is told."""
    return {
        "schema": SCHEMA_NAME,
        "made_at": at.isoformat(),
        "merchant": found.subject.merchant,
        "asked_for": asked_for,
        "is_about": {
            "returns": list(found.subject.return_ids),
            "orders": [f"{shop}/{number}" for shop, number in found.subject.orders],
        },
        "scanned": found.scanned,
        "doubts": list(found.doubts),
        "places": [_of_place(place.name, found) for place in MAP],
        "partners": [
            {"partner": one.name, "holds": one.holds, "from_hub": one.from_hub, "ask": one.ask}
            for one in PARTNERS
        ],
    }


def _of_place(name: str, found: Found) -> dict[str, Any]:
    place = next(one for one in MAP if one.name == name)
    rows = [
        {"where": copy.where, "forgetting": copy.does, "content": dict(copy.content)}
        for copy in found.copies
        if copy.place == name
    ]
    kind, _, queue = name.partition(".")
    if kind == "dead_letters":
        rows += [
            {
                "where": f"message {dead.message_id}",
                "forgetting": "wait",
                "content": dead.letter.body,
            }
            for dead in found.letters
            if dead.letter.queue == queue
        ]
    return {
        "place": name,
        "holds": place.what,
        "why": place.why,
        "from": place.source,
        "kept": place.kept,
        "goes": place.goes,
        "stays": place.stays,
        "found": _word(name, rows, found),
        "rows": rows,
    }


def _word(name: str, rows: Sequence[object], found: Found) -> str:
    """``here``, ``nothing``, or why that is not told."""
    if rows:
        return "here"
    if name.startswith("dead_letters.") and found.doubts:
        return "not_looked_at"
    if name in LOOKED_IN or name.startswith("dead_letters."):
        is_part = name in {"ledger", "sync", "audit"} and not found.scanned
        return "nothing_without_scan" if is_part else "nothing"
    return "not_by_person"


LOOKED_IN = frozenset(
    {
        "returns.state",
        "returns.events",
        "returns.find",
        "ledger",
        "parked",
        "market.orders",
        "market.rmas",
        "sync",
        "findings",
        "audit",
    }
)
"""Places whose rows are looked for; the others hold nothing that is a person's, or nothing that can
be found by one."""


def _key(copy: StoredCopy) -> tuple[str, ...]:
    return (copy.row.table, *copy.row.key.values())
