"""Bodies of RMA calls, read and written as the merchant's contract says (`miinto.rma.contract`).

Names are looked up in JSON and nothing is evaluated. What cannot be read makes the whole RMA one of
unknown status: it is kept and told, and no decision is made on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from returns_hub.adapters.miinto.translate import currency_of
from returns_hub.domain.miinto.rma_contract import DecideCall, Meaning, RequestCall, RmaContract
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, RmaStatus
from returns_hub.domain.miinto.transfers import Item
from returns_hub.ports.marketplace import RmaRequestDraft

KNOWN: Mapping[str, RmaStatus] = {
    "pending": "pending",
    "accepted": "accepted",
    "declined": "declined",
}
LONGEST_ID = 64
LONGEST_TEXT = 500
LONGEST_WORD = 60


class NoId(Exception):  # noqa: N818 - the adapter makes a verdict of it
    """The entry has no id where the contract says."""


class _Odd(Exception):  # noqa: N818 - becomes the RMA's unknown word
    """A position that cannot be read; the message says what, without values."""


def to_rma(body: Any, shop: str, contract: RmaContract) -> Rma:
    """An RMA.

    Raises:
        NoId: Nothing tells which RMA it is.
    """
    fields = contract.fields
    id_ = text_in(body, fields.id, LONGEST_ID)
    if not id_:
        raise NoId
    word = text_in(body, fields.status, LONGEST_WORD)
    raw = without(body, frozenset(contract.not_kept))
    try:
        meaning = contract.words.meaning(word) if word else "by_position"
        positions = _positions(body, meaning, contract)
        return Rma(
            shop=shop,
            id=id_,
            status=_status(meaning, positions),
            status_word=word,
            type=text_in(body, fields.type, LONGEST_WORD),
            created_at=_moment_in(body, fields.created_at),
            updated_at=_moment_in(body, fields.updated_at),
            delivered_at=_moment_in(body, fields.delivered_at),
            order_id=text_in(body, fields.order_id, LONGEST_ID) or None,
            parent_id=text_in(body, fields.parent_id, LONGEST_ID) or None,
            currency=currency_of(text_in(body, fields.currency, LONGEST_WORD)),
            positions=positions,
            tracking=text_in(body, fields.tracking, LONGEST_TEXT) or None,
            raw=raw,
        )
    except (_Odd, ValidationError) as error:
        why = str(error) if isinstance(error, _Odd) else "it holds a value that makes no sense"
        return Rma(shop=shop, id=id_, status="unknown", status_word=f"(unreadable: {why})", raw=raw)


def _status(meaning: str, positions: Sequence[RmaPosition]) -> RmaStatus:
    """The RMA's status: its word's meaning, or what its positions come to."""
    if meaning in KNOWN:
        return KNOWN[meaning]
    found = {position.status for position in positions}
    if meaning != "by_position" or not found or "unknown" in found:
        return "unknown"
    return "pending" if "pending" in found else "accepted" if "accepted" in found else "declined"


def _positions(body: Any, of_rma: str, contract: RmaContract) -> tuple[RmaPosition, ...]:
    """The positions of every list; one that two lists tell differently is unknown."""
    known: dict[str, RmaPosition] = {}
    for name, meaning in contract.lists.items():
        for row in _rows(body, name):
            position = _position(row, meaning, of_rma, contract)
            other = known.get(position.id)
            if other is None:
                known[position.id] = position
            elif meaning != "by_position" and other.status != position.status:
                known[position.id] = other.model_copy(
                    update={"status": "unknown", "status_word": "(in two lists)"}
                )
    return tuple(known.values())


def _rows(body: Any, name: str) -> Iterator[Mapping[str, Any]]:
    value = _at(body, name)
    rows = list(value.values()) if isinstance(value, dict) else value
    if rows is None:
        return
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Odd(f"{name} is no list of positions")
    yield from rows


def _position(
    row: Mapping[str, Any], meaning: Meaning, of_rma: str, contract: RmaContract
) -> RmaPosition:
    names = contract.position
    id_ = text_in(row, names.id, LONGEST_ID)
    if not id_:
        raise _Odd("a position has no id")
    word = text_in(row, names.status, LONGEST_WORD)
    return RmaPosition(
        id=id_,
        order_position=text_in(row, names.order_position, LONGEST_ID) or None,
        quantity=_quantity(row, names.quantity, id_),
        price=_whole(_value_in(row, names.price)),
        item=Item(
            product_id=text_in(row, names.product_id, LONGEST_TEXT) or None,
            gtin=text_in(row, names.gtin, LONGEST_ID) or None,
            name=text_in(row, names.name, LONGEST_TEXT),
            brand=text_in(row, names.brand, LONGEST_TEXT) or None,
        ),
        status=_status_of_position(word, meaning, of_rma, contract),
        status_word=word,
        reason=text_in(row, names.reason, LONGEST_TEXT),
        comment=text_in(row, names.comment, LONGEST_TEXT),
    )


def _status_of_position(
    word: str, meaning: Meaning, of_rma: str, contract: RmaContract
) -> RmaStatus:
    """What a position is: by its own word, its list, or its RMA; unknown where two disagree."""
    own = contract.words.meaning(word) if word else meaning if meaning != "by_position" else of_rma
    if meaning not in {"by_position", own}:
        return "unknown"
    return KNOWN.get(own, "unknown")


def _quantity(row: Mapping[str, Any], names: Sequence[str], id_: str) -> int:
    value = _value_in(row, names)
    if value is None:
        return 1
    whole = _whole(value)
    if not whole:
        raise _Odd(f"position {id_} has no quantity that makes sense")
    return whole


# -- looking up ---------------------------------------------------------------------------------


def _at(body: Any, name: str) -> Any:
    for part in name.split("."):
        if not isinstance(body, dict):
            return None
        body = body.get(part)
    return body


def _value_in(body: Any, names: Sequence[str]) -> Any:
    """The first that holds a single value; objects and lists are none."""
    for name in names:
        value = _at(body, name)
        if value not in {None, ""} if not isinstance(value, dict | list) else False:
            return value
    return None


def text_in(body: Any, names: Sequence[str], longest: int) -> str:
    """The first text, or number's digits, under these names; empty when there is none."""
    for name in names:
        value = _at(body, name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return "".join(c for c in value.strip() if c.isprintable() or c == "\n")[:longest]
    return ""


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        return int(value)
    return None


def _moment_in(body: Any, names: Sequence[str]) -> datetime | None:
    """A time with its offset; what cannot be read is none."""
    try:
        moment = datetime.fromisoformat(text_in(body, names, LONGEST_WORD))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def without(content: Any, names: frozenset[str]) -> Any:
    """The body without these fields, at any depth."""
    if isinstance(content, dict):
        return {k: without(v, names) for k, v in content.items() if k not in names}
    if isinstance(content, list):
        return [without(entry, names) for entry in content]
    return content


# -- writing ------------------------------------------------------------------------------------


def decision_body(
    call: DecideCall, accepted: Sequence[str], declined: Mapping[str, str]
) -> dict[str, Any]:
    """The body that decides these positions; lists that would be empty are left out."""
    rows_accepted = [_decided(call, id_, call.accept_reason, call.accept_word) for id_ in accepted]
    rows_declined = [_decided(call, i, why, call.decline_word) for i, why in declined.items()]
    body: dict[str, Any] = {}
    if call.style == "one_list":
        _put(body, call.one_list, [*rows_accepted, *rows_declined])
        return body
    if rows_accepted:
        _put(body, call.accepted_list, rows_accepted)
    if rows_declined:
        _put(body, call.declined_list, rows_declined)
    return body


def _decided(call: DecideCall, id_: str, reason: str, word: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    _put(row, call.id_field, written_id(id_, call.ids))
    if call.style == "one_list":
        _put(row, call.verdict_field, word)
    if call.reason_field and reason:
        _put(row, call.reason_field, cut(reason, call.longest_reason))
    return row


def request_body(call: RequestCall, draft: RmaRequestDraft) -> dict[str, Any]:
    """The body that asks for an RMA."""
    rows = []
    for position, units in draft.positions.items():
        row: dict[str, Any] = {}
        _put(row, call.id_field, position)
        if call.quantity_field:
            _put(row, call.quantity_field, units)
        if call.reason_field and draft.reason:
            _put(row, call.reason_field, draft.reason)
        rows.append(row)
    body: dict[str, Any] = {}
    if call.order_field:
        _put(body, call.order_field, draft.order)
    _put(body, call.list_field, rows)
    if call.reference_field:
        _put(body, call.reference_field, draft.reference)
    return body


def written_id(id_: str, ids: str) -> int | str:
    """A position's id as it is sent: digits as a number, unless they are to be a text."""
    return int(id_) if ids == "number" and re.fullmatch(r"0|[1-9][0-9]{0,17}", id_) else id_


def cut(text: str, longest: int) -> str:
    """The text, with a mark where it had to be cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    *path, last = name.split(".")
    for part in path:
        body = body.setdefault(part, {})
    body[last] = value
