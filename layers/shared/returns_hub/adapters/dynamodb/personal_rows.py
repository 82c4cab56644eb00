"""What of each table's rows is about a person, and what they are once the person is forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from returns_hub.adapters.dynamodb.found_returns import term_pk
from returns_hub.domain.forgetting import (
    FORGOTTEN,
    forgotten_rma,
    masked,
    names_any,
    without,
)
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.overview.search_terms import Term, TermKind, normalised
from returns_hub.domain.state import ReturnState
from returns_hub.domain.still_needed import (
    order_needs,
    record_needs,
    return_needs,
    rma_needs,
)
from returns_hub.domain.sync.records import SyncState
from returns_hub.ports.privacy import Row, StoredCopy, Subject

Stored = Mapping[str, Any]
Model = TypeVar("Model", bound=BaseModel)
UNREADABLE = (
    "a release wrote it that this one does not know, and writing it again could lose what that one "
    "added: deploy that release again (docs/upgrades.md)"
)
"""Why nothing is taken out of such a row; what it says is told all the same."""
WHAT_WAS_TOLD = frozenset({"tracking", "tracking_url"})
"""Of a record that is kept in step: compared with what is to be told."""
ENDED = frozenset({"done", "refused", "failed"})


@dataclass(frozen=True)
class Tables:
    """The tables' names; empty for one that the stack does not have."""

    returns: str
    ledger: str
    parked: str
    market: str
    sync: str
    findings: str
    audit: str


def find_keys(merchant: str, word: str) -> tuple[str, ...]:
    """Partitions in which a name of an order or a tracking number is looked for."""
    kinds = (TermKind.ORDER, TermKind.TRACKING)
    terms = (Term(kind, normalised(kind, word)) for kind in kinds)
    return tuple(term_pk(merchant, term) for term in terms if term.text)


def text_of(row: Stored) -> str:
    """All that a row says, to look for words in."""
    return " ".join(str(value) for value in row.values())


# -- returns ----------------------------------------------------------------------------------


def of_return(table: str, read: Iterable[Stored]) -> Iterator[StoredCopy]:
    """A return's state and events. The state is masked by an event of the timeline's own, the
    others here; while the return needs them, neither is."""

    def needs(text: str) -> str:
        return _needs(ReturnState, text, return_needs)

    return _timeline(table, read, ("returns.state", "returns.events"), ("return", 1), needs)


def of_term(table: str, row: Stored) -> StoredCopy:
    """A term by which a return is found."""
    kind = str(row["pk"]).split("#", 3)[2]
    content = {"found_by": kind, "term": row["pk"].split("#", 3)[3], "return_id": row["return_id"]}
    where = f"a key of {kind} to return {row['return_id']}"
    return StoredCopy("returns.find", where, content, _row(table, row, "return_id"), becomes=None)


def _event(
    table: str,
    row: Stored,
    place: str,
    needed: str = "",
    but: frozenset[str] = frozenset(),
) -> StoredCopy:
    event = json.loads(row["event"])
    becomes = event | {"fact": masked(event.get("fact", {}), but)}
    return StoredCopy(
        place,
        f"{row['pk'].partition('#')[2].replace('#', ' ')}, entry {event.get('sequence')}",
        event,
        _row(table, row, "event"),
        becomes={} if becomes == event else {"event": _json(becomes)},
        needed=needed if becomes != event else "",
    )


# -- beside the returns -----------------------------------------------------------------------


def is_parked_about(row: Stored, subject: Subject, *, known: bool) -> bool:
    """Whether a parked item is about the person.

    Args:
        row: The item.
        subject: The person.
        known: Its merchant is the subject's; else nobody knows whose it is, and only a text in the
            message itself counts.
    """
    ids = subject.return_ids
    of_id = re.split(r"[/#]", str(row["sk"]))
    of_order = {(slug_of(shop), str(number)) for shop, number in subject.orders}
    if known and (
        row.get("subject") in ids
        or not set(of_id).isdisjoint(ids)
        or not of_order.isdisjoint(pairwise(of_id))
    ):
        return True
    words = (*ids, *(word for word in subject.words if len(word) >= 4))
    said = f"{row.get('payload', '')} {row.get('reason', '')} {row.get('subject', '')}"
    return names_any(said, words)


def of_parked(table: str, row: Stored) -> StoredCopy:
    """A parked item: while it is open, whoever deals with it needs all of it."""
    becomes = {
        name: text
        for name, text in (("payload", ""), ("reason", FORGOTTEN), ("note", FORGOTTEN))
        if row.get(name) and row[name] != text
    }
    is_open = row.get("state") == "open"
    mend = f"deal with it first (hub parked show|replay|discard {row['sk']})"
    return StoredCopy(
        "parked",
        f"parked item {row['sk']}",
        dict(row),
        _row(table, row, *(becomes or ("state",)), "state"),
        becomes=becomes,
        needed=mend if is_open else "",
    )


def of_finding(table: str, row: Stored, *, is_open: bool) -> StoredCopy:
    """A difference between systems; one that stands is no copy but what the systems say now."""
    content = _read(row["finding"])
    where = f"{'open' if is_open else 'resolved'} finding {row['sk'].rpartition('#')[2]}"
    becomes: dict[str, str] | None = {} if is_open else None
    return StoredCopy("findings", where, content, _row(table, row, "finding"), becomes=becomes)


def is_act_about(row: Stored, subject: Subject) -> bool:
    """Whether an act names the person otherwise than by the return it is about: by an order's
    number, a parked item's id, or in what came of it."""
    orders = (f"{slug_of(shop)}/{number}" for shop, number in subject.orders)
    words = (*subject.return_ids, *orders, *(word for word in subject.words if len(word) >= 4))
    return names_any(str(row.get("act", "")), words)


def of_act(table: str, row: Stored, words: Sequence[str]) -> Iterator[StoredCopy]:
    """An act of a person about the return: that it was done stays, what was written goes."""
    act = _read(row.get("act", ""))
    texts = {name: without(str(act.get(name, "")), words) for name in ("subject", "told")}
    details = {name: without(str(text), words) for name, text in act.get("details", {}).items()}
    note = FORGOTTEN if act.get("note") else ""
    after = act | texts | {"details": details, "note": note}
    is_ended = act.get("outcome") in ENDED
    yield StoredCopy(
        "audit",
        f"act {act.get('act_id', row['sk'])}",
        act,
        _row(table, row, "act"),
        becomes={"act": _json(after)} if after != act and is_ended else {},
    )


def of_operation(table: str, row: Stored) -> Iterator[StoredCopy]:
    """An operation of the ledger: its key and its end stay."""
    reason = str(row.get("reason", ""))
    is_told = reason not in {"", FORGOTTEN}
    yield StoredCopy(
        "ledger",
        f"operation {row['pk']}",
        {name: value for name, value in row.items() if name != "expires_at"},
        Row(table, {"pk": str(row["pk"])}, {"reason": reason} if is_told else {}),
        becomes={"reason": FORGOTTEN} if is_told else {},
    )


# -- the marketplace --------------------------------------------------------------------------


def of_rma(table: str, read: Iterable[Stored]) -> Iterator[StoredCopy]:
    """An RMA and the body that it came in. Its digest stays: read again unchanged, it is known."""
    rows = {row["sk"]: row for row in read}
    if "RMA" not in rows:
        return
    row = rows["RMA"]
    needed = _needs(Rma, row["rma"], rma_needs)
    after = row["rma"]
    if needed != UNREADABLE:
        rma = Rma.model_validate_json(row["rma"])
        after = forgotten_rma(rma).model_dump_json(exclude={"raw"})
    becomes = {"rma": after, "forgotten": "yes"}
    where = _named("RMA", row)
    is_done = row.get("forgotten") == "yes" and row["rma"] == after
    if "RAW" in rows:
        yield StoredCopy(
            "market.rmas",
            f"{where}, as it came",
            _read(rows["RAW"]["raw"]),
            _row(table, rows["RAW"], "raw"),
            becomes={"raw": "{}"} if rows["RAW"]["raw"] != "{}" else {},
            needed=needed,
        )
    yield StoredCopy(
        "market.rmas",
        where,
        json.loads(row["rma"]),
        _row(table, row, "rma", "digest"),
        becomes={} if is_done else becomes,
        needed=needed,
    )


def of_order(table: str, read: Iterable[Stored]) -> Iterator[StoredCopy]:
    """An order of the marketplace; as `of_return`."""

    def needs(text: str) -> str:
        return _needs(OrderState, text, order_needs)

    return _timeline(table, read, ("market.orders", "market.orders"), ("order", 2), needs)


# -- records that are kept in step ------------------------------------------------------------


def record_of(partition: str) -> tuple[str, str]:
    """Flow and key of the record in a partition."""
    _, _, flow, key = partition.split("#", 3)
    return flow, key


def steps_of(operation: str) -> str:
    """What the keys of a record's operations have in common, whichever its step and attempt."""
    parts = operation.split("/", 4)
    if parts[0] != "sync" or len(parts) < 5:
        return ""
    return "/".join((*parts[:3], parts[3].partition("+")[0], ""))


def of_record(table: str, read: Iterable[Stored]) -> Iterator[StoredCopy]:
    """A record's state and events: sentences go, numbers that were told stay."""
    rows = list(read)
    needed = ""
    for row in rows:
        if row["sk"] == "STATE":
            content = json.loads(row["state"])
            needed = _needs(SyncState, row["state"], record_needs)
            after = masked(content, WHAT_WAS_TOLD)
            yield StoredCopy(
                "sync",
                _named("record", row, parts=2),
                content,
                _row(table, row, "state"),
                becomes={} if after == content else {"state": _json(after)},
                needed=needed if after != content else "",
            )
    for row in rows:
        if "event" in row:
            yield _event(table, row, "sync", needed, WHAT_WAS_TOLD)


# -- how --------------------------------------------------------------------------------------


def _timeline(
    table: str,
    read: Iterable[Stored],
    places: tuple[str, str],
    named: tuple[str, int],
    needs: Callable[[str], str],
) -> Iterator[StoredCopy]:
    """A state, which stays as it is, and its events.

    Args:
        table: The table's name.
        read: The partition's rows.
        places: Those of the state and of its events, as `domain.personal_data.MAP` has them.
        named: What the partition is about, and in how many parts its key says it.
        needs: Why it may not be taken out now, by the state's text.
    """
    needed, rows = "", list(read)
    for row in rows:
        if row["sk"] == "STATE":
            needed = needs(row["state"])
            yield StoredCopy(
                places[0],
                _named(named[0], row, named[1]),
                json.loads(row["state"]),
                _row(table, row, "state"),
                needed=needed,
            )
    for row in rows:
        if "event" in row:
            yield _event(table, row, places[1], needed)


def _needs(model: type[Model], text: str, why: Callable[[Model], str]) -> str:
    """Why what a row holds may not be taken out now; strict, since a field that is passed over
    here would be lost when the row is written."""
    try:
        kept = model.model_validate_json(text)
    except ValidationError:
        return UNREADABLE
    return why(kept)


def _named(kind: str, row: Stored, parts: int = 1) -> str:
    """What a partition is about, by the ids at the end of its key."""
    return " ".join((kind, *str(row["pk"]).split("#", parts + 1)[2:]))


def _row(table: str, row: Stored, *names: str) -> Row:
    key = {name: str(row[name]) for name in ("pk", "sk") if name in row}
    return Row(table, key, {name: str(row[name]) for name in names if name in row})


def _json(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"unreadable": text}
    return found if isinstance(found, dict) else {"content": found}
