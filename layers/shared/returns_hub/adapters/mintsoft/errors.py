"""What Mintsoft's answers mean: the one place where they become verdicts.

Sources: Mintsoft's Swagger (ToolkitResult), its help centre on API keys, and the behaviour that
client projects recorded: HTTP 200 with ``Success: false`` is the normal way to refuse; the limit
in front of it answers 429 with an HTML page and a ``Retry-After: 0`` that means nothing; an
unknown id answers 404 with an empty body.
"""

from __future__ import annotations

from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of
from returns_hub.errors import Permanent, Retryable, UnknownOutcome, Verdict

BACK_OFF_SECONDS = 10.0
DOWN_SECONDS = 30.0


class Unauthorised(Exception):  # noqa: N818 - handled by the client, never leaves it
    """The key was refused: nothing was done, and another key may be tried."""


class NotThere(Exception):  # noqa: N818 - an answer, not a fault
    """Mintsoft does not know what was asked for."""


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
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable("mintsoft.unreachable", f"Mintsoft: {outcome.why}", after=DOWN_SECONDS)
        raise _unclear(f"Mintsoft: {outcome.why}", is_read=is_read)
    _raise_for_status(outcome, is_read=is_read)
    try:
        return json_of(outcome)
    except ValueError:
        raise _unclear(
            f"Mintsoft answered {outcome.status} with something that is not whole JSON",
            is_read=is_read,
        ) from None


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
    if status in {400, 403, 405, 413, 414, 415, 422}:
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
    success = content.get("Success") if isinstance(content, dict) else None
    if success is True:
        made = content.get("ID")
        if isinstance(made, int) and not isinstance(made, bool) and made > 0:
            return made
        raise UnknownOutcome("mintsoft.unknown_outcome", "Mintsoft says done but gives no id")
    if success is False:
        message = content.get("Message")
        said = in_one_line(message) if isinstance(message, str) else "no reason given"
        raise Permanent("mintsoft.refused", f"Mintsoft refused: {said}")
    raise UnknownOutcome("mintsoft.unknown_outcome", "Mintsoft's answer says neither yes nor no")
