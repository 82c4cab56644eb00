"""What Redo's answers mean: the one place where they become verdicts.

Sources: Redo's OpenAPI 2.2 (problem+json, per-operation answers), its scopes page (403
``com.getredo.api:scope/forbidden``) and its errors page (422, 429). No Retry-After is documented;
it is honoured within bounds when it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of, retry_after
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

LEAST_BACK_OFF_SECONDS = 2.0
MOST_BACK_OFF_SECONDS = 900.0
DOWN_SECONDS = 30.0
SUCCESS = frozenset({200, 201, 202, 204})
REFUSED = frozenset({400, 405, 406, 409, 410, 413, 415, 422})


class Unauthorised(Exception):  # noqa: N818 - handled by the client, never leaves it
    """The token was refused: nothing was done."""


def content_of(outcome: Outcome, *, now: datetime) -> Any:
    """The JSON that a read brought; None where it says that there is none.

    See `answer_of` for the arguments and for what it raises.
    """
    answer = answer_of(outcome, is_read=True, now=now)
    if answer.status == 204:
        return None
    try:
        return json_of(answer)
    except ValueError:
        raise _unclear("Redo's answer is not whole JSON", is_read=True) from None


def answer_of(
    outcome: Outcome, *, is_read: bool, now: datetime, private: Sequence[str] = ()
) -> Answer:
    """The answer of a success, whole when it is a read's. A write that was answered with success is
    done, whatever its body says.

    Args:
        outcome: What the request came to.
        is_read: Whether the request changes nothing at Redo.
        now: For a Retry-After that is a date.
        private: Texts of the request that a refusal must not repeat: Redo may quote what it
            was sent.

    Raises:
        Unauthorised: 401.
        Misconfigured: The token lacks a scope.
        Permanent: Known refused.
        Retryable: Known not done, or a read that may be repeated.
        UnknownOutcome: A write that may have been carried out.
    """
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable("redo.unreachable", f"Redo: {outcome.why}", after=DOWN_SECONDS)
        raise _unclear(f"Redo: {outcome.why}", is_read=is_read)
    if outcome.status not in SUCCESS:
        raise _refusal(outcome, is_read=is_read, now=now, private=private)
    if is_read and not outcome.complete:
        raise _unclear("Redo's answer is cut off", is_read=is_read)
    return outcome


def _refusal(answer: Answer, *, is_read: bool, now: datetime, private: Sequence[str]) -> Exception:
    status, said = answer.status, _detail(answer, private)
    if status == 401:
        return Unauthorised()
    if status == 403:
        return Misconfigured("redo.forbidden", f"Redo forbids it: {said or 'no detail given'}")
    if status == 404:
        return Permanent("redo.not_found", f"Redo does not know it: {said or 'no detail given'}")
    if status in {429, 503} and (status == 429 or is_read):
        wait = retry_after(answer, now, least=LEAST_BACK_OFF_SECONDS, most=MOST_BACK_OFF_SECONDS)
        return Retryable("redo.rate_limited", "Redo asks for fewer requests", after=wait)
    if status in REFUSED:
        return Permanent("redo.refused", f"Redo answered {status}: {said or 'no detail given'}")
    return _unclear(f"Redo answered {status}", is_read=is_read)


def _unclear(reason: str, *, is_read: bool) -> Verdict:
    if is_read:
        return Retryable("redo.down", reason, after=DOWN_SECONDS)
    return UnknownOutcome("redo.unknown_outcome", reason)


def _detail(answer: Answer, private: Sequence[str]) -> str:
    """The problem's words, from problem+json or the orders endpoints' ``error``."""
    try:
        content = json_of(answer)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    words = [content.get(name) for name in ("title", "detail", "error")]
    told = ": ".join(word for word in words if isinstance(word, str))
    for text in private:
        told = told.replace(text, "…")
    return in_one_line(told)
