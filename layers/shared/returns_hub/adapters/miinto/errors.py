"""What Miinto's answers mean: the one place where they become verdicts.

Sources: Miinto's own client (statuses below 200 and from 400 on are errors) and clients of
merchants: ``meta.status: failure`` comes with HTTP 200 as well, for a channel that has ended (one
client logs in again on any failure) and for a shop that is not active. The body of an error is
documented nowhere, so it is read leniently: ``data.errors[]`` of ``code`` and ``message``, as
Miinto's template for new services has it. The words that tell one kind of failure from another are
ours, and where they say nothing, a failure is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer, NoAnswer, Outcome
from returns_hub.adapters.http.words import in_one_line, json_of, retry_after
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict

LEAST_BACK_OFF_SECONDS = 5.0
MOST_BACK_OFF_SECONDS = 900.0
DOWN_SECONDS = 30.0
FAILED = frozenset({"failure", "failed", "error"})
REFUSED = frozenset({400, 405, 406, 409, 410, 413, 414, 415, 422})
MOST_PROBLEMS = 10

OF_THE_CHANNEL = re.compile(
    r"unauthori[sz]ed|authenticat|authori[sz]ation|credential|signature|timestamp|access denied"
    r"|(channel|token|session)\b.{0,40}\b(expired|ended|closed|invalid|unknown|missing"
    r"|not (found|valid|exist|known))|(expired|invalid|unknown|missing)\b.{0,40}"
    r"\b(channel|token|session)",
    re.IGNORECASE,
)
OF_THE_SHOP = re.compile(
    r"(shop|store|location)\b.{0,60}\b(not active|inactive|not enabled|disabled|blocked)",
    re.IGNORECASE,
)
TOO_MANY = re.compile(r"too many|rate limit", re.IGNORECASE)
FOR_NOW = re.compile(r"try again|temporar|unavailable|maintenance|busy", re.IGNORECASE)
A_FAULT = re.compile(
    r"internal (server )?error|unexpected error|time(d )?[ -]?out|exception", re.IGNORECASE
)
CODES_OF_THE_CHANNEL = frozenset({401, 403})


class ChannelRefused(Exception):  # noqa: N818 - handled by the client, never leaves it
    """The channel may have ended: nothing was done, and a new one may be tried, once.

    `verdict` is what it comes to when a new channel is answered with the same.
    """

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code)
        self.verdict = verdict


class NotThere(Exception):  # noqa: N818 - an answer, not a fault
    """Miinto does not know what was asked for."""


@dataclass(frozen=True)
class Told:
    """What a success holds: `data`, and of a list how many there are in all, if it says so."""

    data: Any
    total: int | None = None


def told_by(outcome: Outcome, *, is_read: bool, now: datetime, private: Sequence[str] = ()) -> Told:
    """What an answer in Miinto's envelope tells.

    Args:
        outcome: What the request came to.
        is_read: Whether the request changes nothing at Miinto.
        now: For a Retry-After that is a date.
        private: Texts of the request that a refusal must not repeat.

    Raises:
        ChannelRefused: The channel is refused; nothing was done.
        NotThere: 404.
        Misconfigured: The shop is not active; nothing was done.
        Permanent: Known refused, by its status or under HTTP 200.
        Retryable: Known not done, or a read that may be repeated.
        UnknownOutcome: A write that may have been carried out; also when the answer says neither
            that it was nor that it was not.
    """
    content = _content(outcome, is_read=is_read, now=now, private=private)
    if _status_in(content) != "success":
        raise unclear("Miinto's answer says neither success nor failure", is_read=is_read)
    return Told(content.get("data"), _total_in(content))


def require_taken(outcome: Outcome, *, now: datetime, private: Sequence[str] = ()) -> None:
    """Raise unless a write without a documented answer was taken: 2xx that is no failure.

    Raises:
        As `told_by`.
    """
    if not (isinstance(outcome, Answer) and _is_empty_success(outcome)):
        _content(outcome, is_read=False, now=now, private=private)


def require_success(
    outcome: Outcome, *, is_read: bool, now: datetime, private: Sequence[str] = ()
) -> Answer:
    """The answer with a status of success, whatever its body says.

    Raises:
        As `told_by`.
    """
    if isinstance(outcome, NoAnswer):
        if not outcome.sent:
            raise Retryable("miinto.unreachable", f"Miinto: {outcome.why}", after=DOWN_SECONDS)
        raise unclear(f"Miinto: {outcome.why}", is_read=is_read)
    if 200 <= outcome.status < 300:
        return outcome
    raise _refusal(outcome, is_read=is_read, now=now, private=private)


def failure_in(content: Any, *, is_read: bool, private: Sequence[str] = ()) -> Exception | None:
    """What an envelope refuses; None when it refuses nothing."""
    if _status_in(content) not in FAILED:
        return None
    said = _words_in(content, private)
    if OF_THE_SHOP.search(said):
        return Misconfigured("miinto.shop_not_active", f"Miinto: {said}; ask Miinto to activate it")
    if not said:
        # One client takes every failure for the end of its channel.
        return ChannelRefused(Permanent("miinto.refused", "Miinto answered failure, without words"))
    if OF_THE_CHANNEL.search(said) or _codes_in(content) & CODES_OF_THE_CHANNEL:
        return ChannelRefused(_channel_refused(said))
    if A_FAULT.search(said):
        return unclear(f"Miinto reports a fault of its own: {said}", is_read=is_read)
    if TOO_MANY.search(said) or 429 in _codes_in(content):
        why = f"Miinto asks for fewer requests: {said}"
        return Retryable("miinto.rate_limited", why, after=DOWN_SECONDS)
    if FOR_NOW.search(said):
        return Retryable("miinto.for_now", f"Miinto answered failure: {said}", after=DOWN_SECONDS)
    return Permanent("miinto.refused", f"Miinto refuses it: {said}")


def _content(outcome: Outcome, *, is_read: bool, now: datetime, private: Sequence[str]) -> Any:
    """The JSON under a 2xx that is no failure."""
    answer = require_success(outcome, is_read=is_read, now=now, private=private)
    try:
        content = json_of(answer)
    except ValueError:
        why = f"Miinto answered {answer.status} with something that is not whole JSON"
        raise unclear(why, is_read=is_read) from None
    refusal = failure_in(content, is_read=is_read, private=private)
    if refusal is not None:
        raise refusal
    return content


def _refusal(answer: Answer, *, is_read: bool, now: datetime, private: Sequence[str]) -> Exception:
    status, content = answer.status, _json_or_none(answer)
    said = _words_in(content, private)
    why = f"Miinto answered {status}{f': {said}' if said else ''}"
    if status == 401:
        return ChannelRefused(_channel_refused(said))
    if status == 403:
        return ChannelRefused(Misconfigured("miinto.forbidden", f"Miinto forbids it ({why})"))
    if status == 404:
        return NotThere(why)
    if status == 429 or (status == 503 and is_read):
        wait = retry_after(answer, now, least=LEAST_BACK_OFF_SECONDS, most=MOST_BACK_OFF_SECONDS)
        return Retryable("miinto.rate_limited", "Miinto asks for fewer requests", after=wait)
    if status in REFUSED and answer.complete:
        if OF_THE_CHANNEL.search(said):
            return ChannelRefused(_channel_refused(said))
        return Permanent("miinto.refused", why)
    return unclear(why, is_read=is_read)


def _channel_refused(said: str) -> Misconfigured:
    why = f" ({said})" if said else ""
    return Misconfigured(
        "miinto.channel_refused", f"Miinto refuses a channel that is only just made{why}"
    )


def _is_empty_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300 and answer.complete and not answer.body.strip()


def _status_in(content: Any) -> str | None:
    meta = content.get("meta") if isinstance(content, dict) else None
    status = meta.get("status") if isinstance(meta, dict) else None
    return status.strip().lower() if isinstance(status, str) else None


def _total_in(content: Any) -> int | None:
    total = content["meta"].get("totalItemCount")
    if isinstance(total, str) and total.isascii() and total.isdigit() and len(total) < 19:
        total = int(total)
    is_count = isinstance(total, int) and not isinstance(total, bool)
    return total if is_count and total >= 0 else None


def _words_in(content: Any, private: Sequence[str]) -> str:
    """The sentences of a failure, from whichever place they are in, with their codes."""
    words: list[str] = []
    for problem in _problems(content):
        code, message = problem.get("code"), problem.get("message")
        if isinstance(message, str) and message.strip():
            is_code = isinstance(code, int) and not isinstance(code, bool)
            words.append(f"{message} ({code})" if is_code else message)
        elif isinstance(code, int | str) and not isinstance(code, bool):
            words.append(f"code {code}")
    told = "; ".join(dict.fromkeys(words))
    for text in private:
        told = told.replace(text, "…") if text else told
    return in_one_line(told)


def _codes_in(content: Any) -> frozenset[int]:
    codes = (str(problem.get("code")) for problem in _problems(content))
    return frozenset(int(code) for code in codes if re.fullmatch(r"[0-9]{1,6}", code))


def _problems(content: Any) -> Iterator[dict[str, Any]]:
    """Whatever looks like an error: in ``data``, ``meta`` or at the top, one or a list of them."""
    if not isinstance(content, dict):
        return
    places = [content.get("data"), content.get("meta"), content]
    for place in places:
        if isinstance(place, str):
            yield {"message": place}
        if not isinstance(place, dict):
            continue
        listed = [one for name in ("errors", "error") for one in _each(place.get(name))]
        for one in [*listed[:MOST_PROBLEMS], place]:
            if isinstance(one, dict):
                yield one
            elif isinstance(one, str):
                yield {"message": one}


def _each(listed: Any) -> list[Any]:
    """One problem or several; PHP writes a list with gaps as an object."""
    if isinstance(listed, dict) and not listed.keys() & {"code", "message"}:
        return list(listed.values())
    return listed if isinstance(listed, list) else [listed]


def _json_or_none(answer: Answer) -> Any:
    try:
        return json_of(answer)
    except ValueError:
        return None


def unclear(reason: str, *, is_read: bool) -> Verdict:
    """The verdict where nothing tells what came of a request."""
    if is_read:
        return Retryable("miinto.down", reason, after=DOWN_SECONDS)
    return UnknownOutcome("miinto.unknown_outcome", reason)
