"""What a receiver's answer means: the one place where it becomes a verdict.

Receivers are the merchant's own, so nothing is documented but what docs/events.md asks of them. An
answer that names no reason is taken for the most careful meaning that its status can have.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import NEVER_SENT, Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of, retry_after
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome

DOWN_SECONDS = 30.0
LEAST_BACK_OFF_SECONDS = 5.0
MOST_BACK_OFF_SECONDS = 900.0
OF_THE_SETTINGS = {
    401: "it does not take the token or the signature",
    403: "the token may not do this",
    404: "there is nothing at this address",
    405: "the address takes no POST",
    407: "a proxy asks for a log-in",
    410: "the address was given up",
}
"""Nothing of these is about one despatch: every other one would meet the same."""
MOST_DEEP = 3
"""Of what a receiver says, so that no nesting costs more than its words are worth."""
WORDS = ("message", "detail", "error", "reason", "title", "description", "errors")


def require_taken(outcome: Outcome, *, target: str, event_id: str, now: datetime) -> None:
    """Nothing, when the receiver has the event.

    Any 2xx is a success, whatever its body. So is a 409 that names the event's id: it was taken
    before. Another 409 may be an earlier try that is still in work, so nobody knows.

    Raises:
        Retryable: Known not done.
        Misconfigured: What only an operator can mend; known not done.
        Permanent: It is refused as it is, in the receiver's words.
        UnknownOutcome: It may have been taken.
    """
    if isinstance(outcome, NoAnswer):
        raise _without_answer(outcome, target)
    status = outcome.status
    said = _said(outcome)
    why = f"{target} answered {status}{f': {said}' if said else ''}"
    if 200 <= status < 300 or (status == 409 and _names(outcome, event_id)):
        return
    if 300 <= status < 400:
        raise Misconfigured(
            "relay.redirected", f"{why}: it sends elsewhere, which is not followed; mend the url"
        )
    if status in OF_THE_SETTINGS:
        raise Misconfigured("relay.not_let_in", f"{why} ({OF_THE_SETTINGS[status]})")
    if status in {425, 429}:
        wait = retry_after(outcome, now, least=LEAST_BACK_OFF_SECONDS, most=MOST_BACK_OFF_SECONDS)
        raise Retryable("relay.rate_limited", f"{target} asks for fewer requests", after=wait)
    if status in {408, 409} or not 400 <= status < 500:
        raise _unclear(why, outcome, now)
    raise Permanent("relay.refused", f"{target} refuses it ({status}){f': {said}' if said else ''}")


def _without_answer(outcome: NoAnswer, target: str) -> Exception:
    if outcome.why == NEVER_SENT:
        return Misconfigured(
            "relay.cannot_be_sent", f"what goes to {target} is no request: look at url and token"
        )
    if not outcome.sent:
        return Retryable("relay.unreachable", f"{target}: {outcome.why}", after=DOWN_SECONDS)
    return UnknownOutcome("relay.no_answer", f"{target}: {outcome.why}")


def _unclear(why: str, answer: Answer, now: datetime) -> UnknownOutcome:
    """After the claim's lease, or later where the receiver asks for it."""
    least = UnknownOutcome("", "").after
    wait = retry_after(answer, now, least=least, most=MOST_BACK_OFF_SECONDS)
    return UnknownOutcome("relay.no_clear_answer", why, after=wait)


def _names(answer: Answer, event_id: str) -> bool:
    """Whether the answer has the id as a value of its own, in a header or in its JSON."""
    if event_id in {
        answer.headers.get("Idempotency-Key", ""),
        answer.headers.get("webhook-id", ""),
    }:
        return True
    content = _json_or_none(answer)
    values = content.values() if isinstance(content, dict) else ()
    return any(value == event_id for value in values)


def _said(answer: Answer) -> str:
    """What the receiver says, fit for an operator's screen; empty when it says nothing."""
    content = _json_or_none(answer)
    if isinstance(content, str):
        return in_one_line(content)
    if not isinstance(content, dict):
        return ""
    found = [content[name] for name in WORDS if content.get(name)]
    return in_one_line("; ".join(_in_words(value) for value in found[:3]))


def _in_words(value: Any, deep: int = 0) -> str:
    if not isinstance(value, list | dict):
        return str(value)
    if deep >= MOST_DEEP:
        return "…"
    if isinstance(value, list):
        return ", ".join(_in_words(one, deep + 1) for one in value[:5])
    told = list(value.items())[:5]
    return ", ".join(f"{name}: {_in_words(one, deep + 1)}" for name, one in told)


def _json_or_none(answer: Answer) -> Any:
    try:
        return json_of(answer)
    except ValueError:
        return None
