"""Reading what answers hold, without trusting any of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.http.unsaid import without
from returns_hub.domain.strict_json import read_json

if TYPE_CHECKING:
    from returns_hub.adapters.http.transport import Answer

LONGEST_WORDS = 300
PERSONAL = re.compile(
    r"[\w.+-]+@[\w.-]+"  # an e-mail address
    r"|(?:\+|(?<!\w)0)\d[\d ()-]{7,}\d"  # a phone number; a barcode is none
    r"|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}"  # a token, or an id that nobody misses
)


def json_of(answer: Answer) -> Any:
    """The body as JSON, numbers with a point as Decimal.

    Raises:
        ValueError: It is not whole, or not JSON that we take.
    """
    if not answer.complete:
        raise ValueError("the body is cut off")
    return read_json(answer.body)


def in_one_line(text: str) -> str:
    """A partner's message, fit for an operator's screen and for logs: nothing personal in it, and
    nothing private of what the partner was sent (`unsaid`)."""
    told = without(text[: 10 * LONGEST_WORDS])
    printable = "".join(c if c.isprintable() else " " for c in told)
    return PERSONAL.sub("…", " ".join(printable.split()))[:LONGEST_WORDS]


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
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
