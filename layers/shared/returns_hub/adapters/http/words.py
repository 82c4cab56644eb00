"""Reading what answers hold, without trusting any of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from returns_hub.adapters.http.transport import Answer

LONGEST_WORDS = 300


def json_of(answer: Answer) -> Any:
    """The body as JSON, numbers with a point as Decimal.

    Raises:
        ValueError: It is not whole, or not JSON.
    """
    if not answer.complete:
        raise ValueError("the body is cut off")
    try:
        return json.loads(answer.body, parse_float=Decimal)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None


def in_one_line(text: str) -> str:
    """A partner's message, fit for an operator's screen."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:LONGEST_WORDS]


def retry_after(answer: Answer, now: datetime, *, least: float, most: float) -> float:
    """Seconds that the answer asks us to wait, by its Retry-After header, within bounds.

    The header holds seconds or an HTTP date; anything else counts as `least`.
    """
    value = answer.headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now) or least
    if seconds != seconds:  # noqa: PLR0124 - not a number
        seconds = least
    return max(least, min(seconds, most))


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
