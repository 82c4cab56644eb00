"""What WAIR's answers mean, and those of another place that takes rows: the one classifier.

Sources: 200 usually without a body, 400 with a list of validation errors whose shape is not shown,
401, and 500 whose body says what broke (docs.wair.ai, "Integration core principles" and
`/docs/post-token`). No rate limit is published; 429 is read as anybody means it. That a success may
report a fault all the same no page says, and other places that take JSON do so.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import LONGEST_WORDS, in_one_line, json_of, retry_after
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

LEAST_BACK_OFF_SECONDS = 5.0
MOST_BACK_OFF_SECONDS = 900.0
DOWN_SECONDS = 30.0
MOST_ERRORS = 5
REFUSED = frozenset({400, 406, 409, 410, 413, 414, 415, 422})
VERDICTS = frozenset({"success", "issuccess", "succeeded"})
FAULTS = frozenset({"error", "errors"})
"""Names under which a body says no, or lists what is wrong, whatever its status."""
REPEATED_WORDS = frozenset({"status", "type", "traceid", "instance"})
"""Of ASP.NET's problem details, what says nothing."""


class TokenRefused(Exception):  # noqa: N818 - handled by the client, never leaves it
    """401 or 403: nothing was done. `said` is what the answer says."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(status)
        self.status = status
        self.said = said


@dataclass(frozen=True)
class Asked:
    """What is known of a request, for what its answer means.

    Args:
        who: Who was asked, as an operator knows it.
        what: The path below the base URL.
        is_read: Whether it changes nothing there.
        now: For a Retry-After that is a date.
        private: Texts that a refusal must not repeat.
    """

    who: str
    what: str
    is_read: bool
    now: datetime
    private: Collection[str] = ()


def body_of(outcome: Outcome, asked: Asked) -> Answer:
    """The answer of a success, whole and no web page, and of a write no report of a fault.

    Raises:
        TokenRefused: 401 or 403.
        Permanent: Known refused, in the partner's words.
        Misconfigured: The path or the address is wrong.
        Retryable: Known not done, or a read that may be repeated.
        UnknownOutcome: A write that may have been carried out.
    """
    who = asked.who
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable("wair.unreachable", f"{who}: {outcome.why}", after=DOWN_SECONDS)
        raise unclear(f"{who}: {outcome.why}", asked)
    if not 200 <= outcome.status < 300:
        raise _refusal(outcome, asked)
    if not outcome.complete:
        raise unclear(f"{who} answered {outcome.status}, and the answer was cut off", asked)
    if outcome.body.lstrip()[:1] == b"<":
        raise unclear(f"{who} answered {outcome.status} with a web page", asked)
    if not asked.is_read and _reports_a_fault(outcome):
        said = words_in(outcome, asked.private)
        why = f"{who} answered {outcome.status} and reports a fault"
        raise unclear(f"{why}: {said}" if said else why, asked)
    return outcome


def content_of(outcome: Outcome, asked: Asked) -> Any:
    """What a read's answer holds; see `body_of`."""
    answer = body_of(outcome, asked)
    try:
        return json_of(answer)
    except ValueError:
        raise unclear(f"{asked.who} answered with something that is not JSON", asked) from None


def unclear(reason: str, asked: Asked) -> Verdict:
    """The verdict where nothing tells what came of a request."""
    if asked.is_read:
        return Retryable("wair.down", reason, after=DOWN_SECONDS)
    return UnknownOutcome("wair.unknown_outcome", reason)


def words_in(answer: Answer, private: Collection[str] = ()) -> str:
    """What a refusal says, shortened and fit for an operator's screen; empty for a web page."""
    if answer.body.lstrip()[:1] == b"<":
        return ""
    try:
        sentences = _sentences(json_of(answer))
    except ValueError:
        text = answer.body[: 4 * LONGEST_WORDS].decode("utf-8", "replace")
        sentences = [line for line in text.splitlines() if line.strip()]
    sentences = list(dict.fromkeys(sentences))
    told = "; ".join(sentences[:MOST_ERRORS])
    if len(sentences) > MOST_ERRORS:
        told += f"; and {len(sentences) - MOST_ERRORS} more"
    for text in sorted(filter(None, private), key=len, reverse=True):
        told = re.sub(re.escape(text), "…", told, flags=re.IGNORECASE)
    return in_one_line(told)


def _refusal(answer: Answer, asked: Asked) -> Exception:
    status, said = answer.status, words_in(answer, asked.private)
    why = f"{asked.who} answered {status}{f': {said}' if said else ''}"
    if status in {401, 403}:
        return TokenRefused(status, said)
    if 300 <= status < 400:
        return Misconfigured(
            "wair.moved", f"{why}: base_url leads to another address; correct wair.base_url"
        )
    if status in {404, 405}:
        return Misconfigured(
            "wair.no_such_call",
            f"{why}: it has no {asked.what}; correct its path, or wair.base_url, in the file",
        )
    if status == 429 or (status == 503 and asked.is_read):
        wait = retry_after(
            answer, asked.now, least=LEAST_BACK_OFF_SECONDS, most=MOST_BACK_OFF_SECONDS
        )
        return Retryable("wair.rate_limited", f"{asked.who} asks for fewer requests", after=wait)
    if status in REFUSED and answer.complete:
        return Permanent("wair.refused", f"{asked.who} refuses it: {said}" if said else why)
    return unclear(why, asked)


def _reports_a_fault(answer: Answer) -> bool:
    try:
        content = json_of(answer)
    except ValueError:
        return False
    if not isinstance(content, dict):
        return False
    told = [(name.lower(), value) for name, value in content.items()]
    return any(
        (name in VERDICTS and value is False)
        or (name in FAULTS and isinstance(value, str | list | dict) and bool(value))
        for name, value in told
    )


def _sentences(content: Any, depth: int = 0) -> list[str]:
    """Every text of a refusal, in whatever shape it lists them."""
    if depth > 5:
        return []
    if isinstance(content, str):
        return [content] if content.strip() else []
    if isinstance(content, list):
        return [text for entry in content for text in _sentences(entry, depth + 1)]
    if isinstance(content, dict):
        return [
            text
            for name, value in content.items()
            if name.lower() not in REPEATED_WORDS
            for text in _sentences(value, depth + 1)
        ]
    return []
