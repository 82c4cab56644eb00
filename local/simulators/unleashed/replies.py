"""Requests as Unleashed reads them, its refusals, and how it writes JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.simulators.wire import Reply

ISO = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:\d{2})?)?")
QUERY_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?")
MS_DATE = re.compile(r"\\?/Date\((-?\d+)(?:[+-]\d{4})?\)\\?/")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = "00000000-0000-0000-0000-000000000000"
"""Seen where there is no Guid."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is refused; `bare` has no body, as a wrong signature gets."""

    def __init__(self, status: int, description: str = "", *, bare: bool = False) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.bare = bare

    def reply(self, *, camel: bool = False) -> Reply:
        """The refusal as it is answered."""
        if self.bare:
            return Reply(self.status)
        content = {"Description": self.description, "DebugInformation": None}
        return answer(content, self.status, camel=camel)


def wrong(description: str) -> Refused:
    """Refused because of what was sent."""
    return Refused(400, description)


def not_found(what: str) -> Refused:
    """There is no such thing."""
    return Refused(404, f"{what} was not found.")


def refused_of_status(status: int) -> Reply:
    """A refusal on demand."""
    return Refused(status, "An error occurred.").reply()


@dataclass(frozen=True)
class Call:
    """A request to one company. `path` is decoded and has no slash at its end."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    by: str = "api@unleashedsoftware.com"

    def content(self) -> dict[str, Any]:
        """The body, which has to be a JSON object; numbers with a point are decimals.

        Raises:
            Refused: It is not.
        """
        try:
            found = json.loads(self.body, parse_float=Decimal)
        except ValueError:
            raise wrong("The request body is not valid JSON.") from None
        if not isinstance(found, dict):
            raise wrong("The request body is not an object; objects are written one at a time.")
        return found

    def no_content(self) -> None:
        """Nothing may have been sent; an empty object is nothing.

        Raises:
            Refused: Something was.
        """
        if self.body.strip() not in {b"", b"{}"}:
            raise wrong("This call takes no body.")

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A query parameter that is true or false.

        Raises:
            Refused: It is another word.
        """
        text = self.query.get(name)
        if text is None:
            return default
        if text not in {"true", "false"}:
            raise wrong(f"{name} is true or false.")
        return text == "true"


def query_of(text: str) -> dict[str, str]:
    """A query's values.

    Raises:
        Refused: A name comes twice.
    """
    pairs = [pair.partition("=") for pair in text.split("&") if pair]
    values = {unquote(name): unquote(value) for name, _, value in pairs}
    if len(values) != len(pairs):
        raise wrong("A query parameter was given twice.")
    return values


def decoded(text: str) -> str:
    """A query without its escapes."""
    return "&".join(f"{name}={value}" for name, value in parse_qsl(text, keep_blank_values=True))


@lru_cache(maxsize=64)
def day_or_time(name: str, text: str) -> datetime:
    """A date of the query, UTC.

    Raises:
        Refused: It is neither ``YYYY-MM-DD`` nor ``YYYY-MM-DDTHH:mm:ss``.
    """
    if not QUERY_TIME.fullmatch(text):
        raise wrong(f"{name} is not a date: {text}")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise wrong(f"{name} is not a date: {text}") from None


def body_time(name: str, value: Any, *, ms_taken: bool) -> datetime:
    """A date of a body, UTC.

    Raises:
        Refused: It is none, or has a form that is not taken.
    """
    if isinstance(value, str):
        found = MS_DATE.fullmatch(value)
        if found and ms_taken:
            return datetime.fromtimestamp(int(found.group(1)) / 1000, UTC)
        if ISO.fullmatch(value):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                raise wrong(f"{name} is not a date: {value}") from None
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise wrong(f"{name} is not a date: {value}")


def ms_date(moment: datetime) -> str:
    """A time as Unleashed writes it in JSON: milliseconds since 1970, UTC."""
    return f"/Date({round(moment.timestamp() * 1000)})/"


def answer(content: Any, status: int = 200, *, camel: bool = False) -> Reply:
    """A reply with a JSON body."""
    shown = with_camel_keys(content) if camel else content
    body = json.dumps(shown, default=_written).encode()
    return Reply(status, {"Content-Type": "application/json; charset=utf-8"}, body)


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return ms_date(value)
    raise TypeError(f"{type(value)} cannot be written")


def with_camel_keys(content: Any) -> Any:
    """The same with every key's first letter small."""
    if isinstance(content, dict):
        return {key[:1].lower() + key[1:]: with_camel_keys(value) for key, value in content.items()}
    if isinstance(content, list):
        return [with_camel_keys(value) for value in content]
    return content


Route = tuple[str, str, Callable[..., Reply]]
"""Method, pattern of the path, and what answers: it takes the call and the pattern's groups."""
