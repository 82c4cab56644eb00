"""What Unleashed's answers mean: the one place where they become verdicts.

Sources: the body of a refusal is ``{"Description": …, "DebugInformation": …}`` (Mintsoft's help
page, one client); a wrong signature gets 403, often without a body; some sources say 401. Which
status the month's spent calls get is documented nowhere, so a refusal of the key is told apart by
what we know ourselves: how many calls we counted, whether the key has worked before, and whether
there was a query whose bytes could be wrong. An ``Errors`` list was seen by nobody and is read all
the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of, retry_after
from returns_hub.adapters.unleashed.reading import Raw, guid_of, text_of, value_of
from returns_hub.domain.unleashed.budget import wait_until_reset
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

LEAST_BACK_OFF_SECONDS = 5.0
MOST_BACK_OFF_SECONDS = 900.0
DOWN_SECONDS = 30.0
REFUSED = frozenset({400, 406, 409, 410, 413, 414, 415, 422})
OF_THE_QUOTA = re.compile(
    r"\b(api|requests?|calls?|monthly)\b.{0,60}\b(?<!credit )(quota|limit|allowance|usage)\b"
    r"|\b(?<!credit )(quota|limit|allowance)\b.{0,40}\b(api|requests?|calls?)\b",
    re.IGNORECASE,
)
"""A limit of calls; one of a customer's credit is none."""
MOST_ERRORS = 5


class NotThere(Exception):  # noqa: N818 - an answer, not a fault
    """Unleashed does not know what was asked for."""


class KeyRefused(Exception):  # noqa: N818 - handled by the client, never leaves it
    """401 or 403: nothing was done. `status` and `said` are the answer's."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(status)
        self.status = status
        self.said = said


@dataclass(frozen=True)
class Asked:
    """What we know ourselves of a request that was refused for its key.

    Args:
        now: When.
        is_nearly_spent: Whether, by our own count, the month's calls are all but used.
        has_worked: Whether the same key was accepted before.
        has_query: Whether it had a query, which is what the signature covers.
    """

    now: datetime
    is_nearly_spent: bool
    has_worked: bool
    has_query: bool


def told_by(
    outcome: Outcome, *, is_read: bool, now: datetime, private: Collection[str] = ()
) -> Any:
    """What a success holds; None for a write that was answered without content.

    Args:
        outcome: What the request came to.
        is_read: Whether the request changes nothing at Unleashed.
        now: For a Retry-After that is a date.
        private: Texts of the request that a refusal must not repeat.

    Raises:
        NotThere: 404.
        KeyRefused: 401 or 403.
        Permanent: Known refused, in Unleashed's words.
        Misconfigured: The month's calls are used.
        Retryable: Known not done, or a read that may be repeated.
        UnknownOutcome: A write that may have been carried out.
    """
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable(
                "unleashed.unreachable", f"Unleashed: {outcome.why}", after=DOWN_SECONDS
            )
        raise unclear(f"Unleashed: {outcome.why}", is_read=is_read)
    if not 200 <= outcome.status < 300:
        raise _refusal(outcome, is_read=is_read, now=now, private=private)
    if not is_read and outcome.complete and not outcome.body.strip():
        return None
    try:
        content = json_of(outcome)
    except ValueError:
        why = f"Unleashed answered {outcome.status} with something that is not whole JSON"
        raise unclear(why, is_read=is_read) from None
    if is_refusal(content):
        said = words_in(content, private)
        raise unclear(
            f"Unleashed answered {outcome.status} and reports a fault: {said}", is_read=is_read
        )
    return content


def of_the_key(refused: KeyRefused, asked: Asked) -> Misconfigured:
    """The verdict on a request that was refused for its key, as far as it can be told apart."""
    why = f"Unleashed answered {refused.status}"
    why += f": {refused.said}" if refused.said else " without words"
    if OF_THE_QUOTA.search(refused.said):
        return spent(why, asked.now)
    if asked.is_nearly_spent:
        return spent(f"{why}, and by our count the month's calls are all but used", asked.now)
    if not asked.has_worked:
        return Misconfigured(
            "unleashed.key_refused",
            f"{why}: api_id or api_key is wrong, or the month's calls are used",
        )
    if asked.has_query:
        return Misconfigured(
            "unleashed.query_refused",
            f"{why} to a key that worked before: the query was not signed as Unleashed read it, "
            "the key was changed, or the month's calls are used",
        )
    return Misconfigured(
        "unleashed.key_refused",
        f"{why} to a key that worked before: it was changed, or the month's calls are used",
    )


def spent(why: str, now: datetime) -> Misconfigured:
    """The month's calls are used; everything waits for the next month or for more calls."""
    return Misconfigured(
        "unleashed.calls_spent",
        f"the month's calls to Unleashed are used ({why}); they come back on the 1st at 00:00 UTC, "
        "or buy more",
        after=wait_until_reset(now),
    )


def unclear(reason: str, *, is_read: bool) -> Verdict:
    """The verdict where nothing tells what came of a request."""
    if is_read:
        return Retryable("unleashed.down", reason, after=DOWN_SECONDS)
    return UnknownOutcome("unleashed.unknown_outcome", reason)


def is_refusal(content: Any) -> bool:
    """Whether a content is Unleashed's way to report a fault."""
    if not isinstance(content, dict) or guid_of(content):
        return False
    names = {key.lower() for key in content}
    return "description" in names and names <= {"description", "debuginformation", "errors"}


def words_in(content: Any, private: Collection[str] = ()) -> str:
    """What a refusal says, fit for an operator's screen; empty when it says nothing."""
    told = "; ".join(dict.fromkeys(_sentences(content)))
    for text in sorted(private, key=len, reverse=True):
        told = re.sub(re.escape(text), "…", told, flags=re.IGNORECASE)
    return in_one_line(told)


def _refusal(
    answer: Answer, *, is_read: bool, now: datetime, private: Collection[str]
) -> Exception:
    status = answer.status
    said = words_in(_json_or_none(answer), private)
    why = f"Unleashed answered {status}{f': {said}' if said else ''}"
    if status in {401, 403}:
        return KeyRefused(status, said)
    if 400 <= status < 500 and OF_THE_QUOTA.search(said):
        return spent(why, now)
    if status == 404:
        return NotThere(why)
    if status == 405:
        return Permanent("unleashed.no_such_call", f"{why}: it has no such call")
    if status == 429 or (status == 503 and is_read):
        wait = retry_after(answer, now, least=LEAST_BACK_OFF_SECONDS, most=MOST_BACK_OFF_SECONDS)
        return Retryable("unleashed.rate_limited", "Unleashed asks for fewer requests", after=wait)
    if status in REFUSED and answer.complete:
        return Permanent("unleashed.refused", f"Unleashed refuses it: {said}" if said else why)
    return unclear(why, is_read=is_read)


def _sentences(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    if not isinstance(content, dict):
        return []
    found = [text_of(content, name) for name in ("Description", "Message")]
    errors = value_of(content, "Errors")
    for error in errors[:MOST_ERRORS] if isinstance(errors, list) else []:
        found += _sentences(error)
    said = [text for text in found if text]
    # What is in there is meant for Unleashed's developers, and better than nothing.
    return said or _first_line(content)


def _first_line(content: Raw) -> list[str]:
    lines = text_of(content, "DebugInformation").splitlines()
    return lines[:1]


def _json_or_none(answer: Answer) -> Any:
    try:
        return json_of(answer)
    except ValueError:
        return None
