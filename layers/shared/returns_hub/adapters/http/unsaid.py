"""What a partner was sent and must not come back in words.

A partner's refusal may quote the request: its key, or the name and the address in it. Words of
partners reach operators' screens, timelines and logs, and all of them pass `words.in_one_line`,
which hides whatever this thread has sent lately.
"""

from __future__ import annotations

import html
import json
import re
import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from returns_hub.domain.privacy import PRIVATE_KEYS

if TYPE_CHECKING:
    # Words are cleared at doors too, which have no HTTP client.
    import requests

PUBLIC_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-length", "content-type", "date"),
        *("host", "user-agent"),
    }
)
PERSONS = re.compile(
    r"(?:first|last|sur|given|middle|full|contact|customer|company|receiver|recipient|delivery)_?"
    r"name|town|city|suburb|county|comments?|notes?|(?:delivery|special)_?(?:notes|instructions?)"
    r"|login|username",
    re.IGNORECASE,
)
"""Names of fields with a person's data, beside `PRIVATE_KEYS`."""
SHORTEST = 4
"""Characters; a shorter text would blank letters everywhere."""
LARGEST_BODY = 256 * 1024
"""Bytes; a larger body is rows of stock or products."""
HIDDEN = "…"
_Request = tuple[Mapping[str, str | bytes], str, bytes | str | None]
"""Headers, address and body."""


KEPT = 3
"""Requests: an answer may be looked at after the key was tried once more, and a login before."""


class _Sent(threading.local):
    def __init__(self) -> None:
        self.requests: deque[_Request] = deque(maxlen=KEPT)
        self.texts: Collection[str] | None = None


_SENT = _Sent()


def to_be_sent(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The request, which this thread is about to send; what it holds is only looked at when there
    are words to be cleared of it."""
    body = request.body
    is_read = isinstance(body, str | bytes) and len(body) <= LARGEST_BODY
    _SENT.requests.append((request.headers, str(request.url), body if is_read else None))
    _SENT.texts = None
    return request


def without(text: str) -> str:
    """The text without what of the last requests is a secret or a person's."""
    if not _SENT.requests or not text:
        return text
    if _SENT.texts is None:
        found = {
            way for request in _SENT.requests for one in _private_in(*request) for way in _ways(one)
        }
        _SENT.texts = sorted(found, key=len, reverse=True)
    for private in _SENT.texts:
        text = re.sub(re.escape(private), HIDDEN, text, flags=re.IGNORECASE)
    return text


def _ways(text: str) -> Iterator[str]:
    """The text, and how it is written in a URL, in HTML and in JSON."""
    yield text
    yield quote(text, safe="")
    yield html.escape(text)
    yield json.dumps(text)[1:-1]


def _private_in(
    headers: Mapping[str, str | bytes], url: str, body: bytes | str | None
) -> Iterator[str]:
    found: list[str] = []
    for name, value in headers.items():
        if name.lower() not in PUBLIC_HEADERS:
            told = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            # A scheme stands before a token, and a name before each part of a signature.
            found += [told, *re.split(r"[\s,;]+", told), *re.split(r"[\s,;=]+", told)]
    for name, value in parse_qsl(urlsplit(url).query):
        if PRIVATE_KEYS.search(name):
            found.append(value)
    found += _private_of(_content(body), is_private=False)
    for text in found:
        if len(text.strip()) >= SHORTEST and text.lower() not in {"bearer", "basic"}:
            yield text.strip()


def _content(body: bytes | str | None) -> object:
    try:
        return None if body is None else json.loads(body)
    except (ValueError, RecursionError):
        return None


def _private_of(value: object, *, is_private: bool) -> Iterator[str]:
    match value:
        case str() if is_private:
            yield value
            # A long text comes back cut off, or line by line.
            yield from (line for line in value.splitlines() if line != value)
        case Mapping():
            for key, entry in value.items():
                name = str(key)
                private = is_private or bool(PRIVATE_KEYS.search(name) or PERSONS.fullmatch(name))
                yield from _private_of(entry, is_private=private)
        case list():
            for entry in value:
                yield from _private_of(entry, is_private=is_private)
