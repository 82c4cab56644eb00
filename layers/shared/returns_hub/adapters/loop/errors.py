"""What answers in Loop's dialect mean: the one place where they become verdicts.

Sources: Loop's reference (docs.loopreturns.com: return actions, return data, error codes, rate
limits). Actions answer HTTP 200 whatever came of them: the text ``"true"`` for taken, an object
with ``errors`` or ``error`` for refused, and in some cases an object with nothing but a sentence
(``message`` or ``content``: "Return is cancelled and therefore cannot be processed."). So an
action is done only where the body says so; what says neither may have been done.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of, retry_after
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

NONE_THERE = object()
"""Told by a status; a body of ``null`` is none of this, but an answer that cannot be read."""
LEAST_BACK_OFF_SECONDS = 5.0
MOST_BACK_OFF_SECONDS = 900.0
DOWN_SECONDS = 30.0
REFUSED = frozenset({400, 405, 406, 409, 410, 413, 415, 422})
UNAUTHORISED = frozenset({"NOT_AUTHORIZED", "GEN-UNAUTHORIZED", "401"})
NOT_FOUND = frozenset({"NOT_FOUND", "ORDER_NOT_FOUND"})
FAULTS = frozenset({"UNEXPECTED_ERROR"})
CODES = ("code", "http_code")
SAYS_NO = re.compile(r"\bcannot be\b", re.IGNORECASE)


class Unauthorised(Exception):  # noqa: N818 - handled by the client, never leaves it
    """The key was refused: nothing was done."""


def content_of(outcome: Outcome, *, now: datetime, none_is: int | None = None) -> Any:
    """The JSON that a read brought.

    Args:
        outcome: What the request came to.
        now: For a Retry-After that is a date.
        none_is: The status that says there is none, e.g. 422 for the notes of a return without
            notes; the content is `NONE_THERE` then.

    Raises:
        Unauthorised: The key was refused.
        Misconfigured: The key may not do this.
        Permanent: The portal does not know it, or refuses to tell.
        Retryable: Ask again.
    """
    if isinstance(outcome, Answer) and outcome.complete and outcome.status == none_is:
        return NONE_THERE
    answer = _answered(outcome, is_read=True, now=now)
    try:
        content = json_of(answer)
    except ValueError:
        raise _unclear("the portal's answer is not whole JSON", is_read=True) from None
    if (refusal := _refusal_in(content, is_read=True)) is not None:
        raise refusal
    return content


def require_taken(outcome: Outcome, *, now: datetime) -> None:
    """Raise unless the portal says that it took the action.

    Raises:
        Unauthorised: The key was refused; nothing was done.
        Misconfigured: The key may not do this; nothing was done.
        Permanent: Known refused, under HTTP 200 or with a status of its own.
        Retryable: Known not done.
        UnknownOutcome: It may have been carried out; also when the body says neither.
    """
    answer = _answered(outcome, is_read=False, now=now)
    try:
        content = json_of(answer)
    except ValueError:
        raise _unclear("the portal's answer is not whole JSON", is_read=False) from None
    if content is True or content == "true":
        return
    refusal = _refusal_in(content, is_read=False)
    if refusal is not None:
        raise refusal
    raise _unclear("the portal says neither that it did it nor that it did not", is_read=False)


def _answered(outcome: Outcome, *, is_read: bool, now: datetime) -> Answer:
    """The answer with status 200; the verdict of any other."""
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable("loop.unreachable", f"the portal: {outcome.why}", after=DOWN_SECONDS)
        raise _unclear(f"the portal: {outcome.why}", is_read=is_read)
    if outcome.status == 200:
        return outcome
    status, said = outcome.status, _words_in(_json_or_none(outcome)) or "no detail given"
    if status == 401:
        raise Unauthorised
    if status == 403:
        raise Misconfigured("loop.forbidden", f"the portal forbids it: {said}")
    if status == 404:
        raise Permanent("loop.not_found", f"the portal does not know it: {said}")
    if status == 429 or (status == 503 and is_read):
        wait = retry_after(outcome, now, least=LEAST_BACK_OFF_SECONDS, most=MOST_BACK_OFF_SECONDS)
        raise Retryable("loop.rate_limited", "the portal asks for fewer requests", after=wait)
    if status in REFUSED and outcome.complete:
        raise Permanent("loop.refused", f"the portal answered {status}: {said}")
    raise _unclear(f"the portal answered {status}", is_read=is_read)


def _refusal_in(content: Any, *, is_read: bool) -> Exception | None:
    """What an object under HTTP 200 refuses; None when it is none of the dialect's refusals."""
    if not isinstance(content, dict):
        return None
    said = _words_in(content)
    if not content.get("errors") and not content.get("error"):
        bare = not is_read and SAYS_NO.search(said) is not None
        return Permanent("loop.refused", f"the portal refuses it: {said}") if bare else None
    codes = _codes_in(content)
    if codes & UNAUTHORISED or said.lower().startswith("unauthorized"):
        return Unauthorised()
    if codes & FAULTS:
        return _unclear(f"the portal reports a fault of its own: {said}", is_read=is_read)
    if codes & NOT_FOUND or said.lower().startswith("no return found"):
        return Permanent("loop.not_found", f"the portal does not know it: {said}")
    known = ", ".join(sorted(code for code in codes if re.fullmatch(r"[A-Z_]{3,60}", code)))
    why = f"{said or 'no detail given'}{f' ({known})' if known else ''}"
    return Permanent("loop.refused", f"the portal refuses it: {why}")


def _codes_in(content: dict[str, Any]) -> frozenset[str]:
    words = [one.get(n) for one in _problems(content) for n in CODES if isinstance(one, dict)]
    return frozenset(word.strip().upper() for word in words if isinstance(word, str))


def _problems(content: dict[str, Any]) -> list[Any]:
    """What is under ``errors`` and ``error``, which hold one problem or a list of them."""
    found = [content.get(name) for name in ("errors", "error")]
    return [one for part in found for one in (part if isinstance(part, list) else [part])]


def _words_in(content: Any) -> str:
    """The sentence, from whichever of its places the dialect put it in."""
    if not isinstance(content, dict):
        return ""
    words = [one.get("message") if isinstance(one, dict) else one for one in _problems(content)]
    words += [content.get("message"), content.get("content")]
    return in_one_line(": ".join(dict.fromkeys(w for w in words if isinstance(w, str))))


def _json_or_none(answer: Answer) -> Any:
    try:
        return json_of(answer)
    except ValueError:
        return None


def _unclear(reason: str, *, is_read: bool) -> Verdict:
    if is_read:
        return Retryable("loop.down", reason, after=DOWN_SECONDS)
    return UnknownOutcome("loop.unknown_outcome", reason)
