"""What Mintsoft's answers mean: the one place where they become verdicts.

Sources: Mintsoft's Swagger (ToolkitResult), its help centre on API keys, and the behaviour that
client projects recorded: HTTP 200 with ``Success: false`` is the normal way to refuse; the limit
in front of it answers 429 with an HTML page and a ``Retry-After: 0`` that means nothing; an
unknown id answers 404 with an empty body. A created order answers with an array, for it may become
two; a number that is taken already is refused with a message that holds "already exists". A created
product answers with a result of its own (NewProductResult). What a user without a permission is
answered is not published: 403, and a refusal that speaks of permission, count as a setting that is
wrong, not as one about the piece of work.
"""

from __future__ import annotations

import re
from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

BACK_OFF_SECONDS = 10.0
DOWN_SECONDS = 30.0
NOT_ALLOWED = re.compile(
    r"\bpermissions?\b|\bnot authori[sz]ed\b|\bunauthori[sz]ed\b|\bread[- ]?only\b", re.IGNORECASE
)
WRONG_KIND = re.compile(r"\bcannot specify a ClientId\b", re.IGNORECASE)
TAKEN = re.compile(r"\balready exists?\b", re.IGNORECASE)


class Unauthorised(Exception):  # noqa: N818 - handled by the client, never leaves it
    """The key was refused: nothing was done, and another key may be tried."""


class NotThere(Exception):  # noqa: N818 - an answer, not a fault
    """Mintsoft does not know what was asked for."""


class AlreadyThere(Exception):  # noqa: N818 - an answer that the adapter looks into
    """Mintsoft refused what it has already: an order's number or reference, a product's SKU.

    Args:
        existing_id: The id of what it has; None when Mintsoft does not tell.
    """

    def __init__(self, existing_id: int | None) -> None:
        super().__init__(existing_id)
        self.existing_id = existing_id


def content_of(outcome: Outcome, *, is_read: bool) -> Any:
    """The JSON of an answer that is one.

    Args:
        outcome: What the request came to.
        is_read: Whether the request changes nothing at Mintsoft. Its method does not tell.

    Raises:
        Unauthorised: 401.
        NotThere: 404.
        Retryable: Known not done, or a read that may be repeated.
        Permanent: Known refused.
        UnknownOutcome: A write that may have been carried out.
    """
    answer = answer_of(outcome, is_read=is_read)
    try:
        return json_of(answer)
    except ValueError:
        raise _unclear(
            f"Mintsoft answered {answer.status} with something that is not whole JSON",
            is_read=is_read,
        ) from None


def answer_of(outcome: Outcome, *, is_read: bool) -> Answer:
    """The answer, if it is one with content; raises as `content_of` does."""
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable("mintsoft.unreachable", f"Mintsoft: {outcome.why}", after=DOWN_SECONDS)
        raise _unclear(f"Mintsoft: {outcome.why}", is_read=is_read)
    _raise_for_status(outcome, is_read=is_read)
    return outcome


def rows_end(error: ValueError) -> Retryable:
    """A list, read row by row, that did not come to its end."""
    return Retryable(
        "mintsoft.down", f"Mintsoft's list cannot be read: {error}", after=DOWN_SECONDS
    )


def _raise_for_status(answer: Answer, *, is_read: bool) -> None:
    status = answer.status
    if status == 200:
        return
    if status == 401:
        raise Unauthorised
    if status == 404:
        raise NotThere
    if status == 429:
        raise Retryable(
            "mintsoft.rate_limited", "Mintsoft asks for fewer requests", after=BACK_OFF_SECONDS
        )
    if status == 403:
        raise not_allowed(_message(answer) or "it answered 403")
    if status in {400, 405, 413, 414, 415, 422}:
        said = f": {_message(answer)}" if _message(answer) else ""
        raise Permanent("mintsoft.refused", f"Mintsoft answered {status}{said}")
    raise _unclear(f"Mintsoft answered {status}", is_read=is_read)


def _unclear(reason: str, *, is_read: bool) -> Verdict:
    if is_read:
        return Retryable("mintsoft.down", reason, after=DOWN_SECONDS)
    return UnknownOutcome("mintsoft.unknown_outcome", reason)


def _message(answer: Answer) -> str:
    try:
        content = json_of(answer)
    except ValueError:
        return ""
    message = content.get("Message") if isinstance(content, dict) else None
    return in_one_line(message) if isinstance(message, str) else ""


def created_id(content: Any) -> int:
    """The id in a ToolkitResult: only ``Success: true`` with an id above 0 is a success.

    Raises:
        Permanent: Refused, with Mintsoft's own message.
        UnknownOutcome: Not a ToolkitResult: something was carried out, or not.
    """
    require_done(content)
    made = _id_in(content, "ID")
    if made is None:
        raise UnknownOutcome("mintsoft.unknown_outcome", "Mintsoft says done but gives no id")
    return made


def require_done(content: Any) -> None:
    """A ToolkitResult of a write whose id is known already.

    Raises:
        Permanent: Refused, with Mintsoft's own message.
        Misconfigured: Refused to this user.
        UnknownOutcome: Not a ToolkitResult.
    """
    success = content.get("Success") if isinstance(content, dict) else None
    if success is False:
        raise _refusal(content)
    if success is not True:
        raise UnknownOutcome(
            "mintsoft.unknown_outcome", "Mintsoft's answer says neither yes nor no"
        )


def created_orders(content: Any) -> tuple[int, int | None]:
    """The order's id and that of its drop-ship order, in the answer to a created order.

    The answer is an array of rows with ``Success``, ``OrderId`` and ``DropShipOrderId``; when
    everything is sent by somebody else the drop-ship order is the order.

    Raises:
        AlreadyThere: The number or the reference is taken.
        Permanent: Refused, with Mintsoft's own message.
        Misconfigured: Refused to this user.
        UnknownOutcome: No such array, or rows that disagree.
    """
    rows = content if isinstance(content, list) else [content]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise UnknownOutcome(
            "mintsoft.unknown_outcome", "Mintsoft's answer says neither yes nor no"
        )
    verdicts = [row.get("Success") for row in rows]
    if all(verdict is False for verdict in verdicts):
        taken = next((row for row in rows if TAKEN.search(str(row.get("Message")))), None)
        if taken is not None:
            raise AlreadyThere(_id_in(taken, "OrderId"))
        raise _refusal(rows[0])
    if not all(verdict is True for verdict in verdicts):
        raise UnknownOutcome("mintsoft.unknown_outcome", "Mintsoft made a part of the order only")
    ids = [_id_in(row, name) for name in ("OrderId", "DropShipOrderId") for row in rows]
    made = list(dict.fromkeys(found for found in ids if found is not None))
    if not made:
        raise UnknownOutcome("mintsoft.unknown_outcome", "Mintsoft says done but gives no id")
    return made[0], made[1] if len(made) > 1 else None


def created_product(content: Any) -> int:
    """The product's id in the answer to a created product or bundle, which is no ToolkitResult.

    Raises:
        AlreadyThere: The SKU is taken.
        Permanent: Refused, with Mintsoft's own message.
        Misconfigured: Refused to this user.
        UnknownOutcome: No such answer, or one without an id.
    """
    if isinstance(content, dict) and content.get("Success") is False:
        if TAKEN.search(str(content.get("Message"))):
            raise AlreadyThere(_id_in(content, "ProductId"))
        raise _refusal(content)
    if not isinstance(content, dict) or content.get("Success") is not True:
        raise UnknownOutcome(
            "mintsoft.unknown_outcome", "Mintsoft's answer says neither yes nor no"
        )
    made = _id_in(content, "ProductId")
    if made is None:
        raise UnknownOutcome("mintsoft.unknown_outcome", "Mintsoft says done but gives no id")
    return made


def rows_done(content: Any) -> dict[str, str]:
    """Mintsoft's words about the SKUs that it refused, in the answer to a write of many rows.

    The answer is an array of rows with ``Success``, ``Message`` and ``SKU``; one client reads a
    ToolkitResult.

    Raises:
        Permanent: Every row was refused, with Mintsoft's own message about the first.
        Misconfigured: Refused to this user.
        UnknownOutcome: No such array.
    """
    if isinstance(content, dict):
        require_done(content)
        return {}
    rows = content if isinstance(content, list) else []
    verdicts = [row.get("Success") if isinstance(row, dict) else None for row in rows]
    if not rows or not all(isinstance(verdict, bool) for verdict in verdicts):
        raise UnknownOutcome(
            "mintsoft.unknown_outcome", "Mintsoft's answer says neither yes nor no"
        )
    if not any(verdicts):
        raise _refusal(rows[0])
    refused = [row for row in rows if row["Success"] is False]
    return {str(row.get("SKU") or "").strip(): str(_refusal(row).reason) for row in refused}


def not_allowed(said: str) -> Misconfigured:
    """The key is good, and its user may not do this."""
    return Misconfigured(
        "mintsoft.not_allowed",
        f"the user of the Mintsoft key may not do this ({said}); give the user the permission in "
        "Mintsoft, or set the key of one that has it",
    )


def _refusal(content: dict[str, Any]) -> Verdict:
    said = _said(content)
    if WRONG_KIND.search(said):
        return Misconfigured(
            "mintsoft.user_kind",
            f"the Mintsoft key is a client user's ({said}); set mintsoft.user_kind to client",
        )
    if NOT_ALLOWED.search(said):
        return not_allowed(said)
    return Permanent("mintsoft.refused", f"Mintsoft refused: {said}")


def _said(content: dict[str, Any]) -> str:
    message = content.get("Message")
    return in_one_line(message) if isinstance(message, str) and message else "no reason given"


def _id_in(content: dict[str, Any], name: str) -> int | None:
    found = content.get(name)
    is_id = isinstance(found, int) and not isinstance(found, bool) and found > 0
    return found if is_id else None
