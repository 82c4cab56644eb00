"""Everything that is said to and by Redo's simulator while tests run, held to the document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

from local.simulators.admin import PREFIX
from local.simulators.redo.deliveries import Deliveries, Outgoing
from local.simulators.redo.simulator import RedoSimulator
from local.simulators.wire import Reply, Request
from tests.official.contract import contract

TIME = re.compile(
    rb"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,6})?"
    rb"(?:Z|\+00:00)"
)
MOST_SHOWN = 20
UNHEARD = frozenset({"authorization", "content-length", "user-agent"})
Contradictions = tuple[str, ...]
_known: dict[tuple[object, ...], Contradictions] = {}


@dataclass
class Conversation:
    """What was said in one stretch of time, and delivered."""

    pairs: list[tuple[Request, Reply]] = field(default_factory=list)
    deliveries: list[Outgoing] = field(default_factory=list)

    def contradictions(self) -> dict[str, int]:
        """What of it contradicts the document, and how often it was said."""
        found: Counter[str] = Counter()
        for request, reply in self.pairs:
            for words in contradictions_of(request, reply):
                found[f"{request.method} {request.path}, {words}"] += 1
        for outgoing in self.deliveries:
            for words in contradictions_of_a_delivery(outgoing):
                found[f"a delivery, {words}"] += 1
        return dict(found)


def contradictions_of(request: Request, reply: Reply) -> Contradictions:
    """What a request and its reply say against the document.

    Checking takes some milliseconds, and a simulated day says the same again and again: what
    differs only in its moments, or in the ids of its path, is checked once. A request without a
    User-Agent was made by a test's own hand, and only its reply is looked at.
    """
    official = contract()
    operation = official.operation(request)
    name = operation.name if operation else f"{request.method} {request.path}"
    asked = (
        name,
        *((name, _without_times(value.encode())) for name, value in sorted(request.query.items())),
        *((name, request.headers[name]) for name in sorted(request.headers.keys() - UNHEARD)),
        *sorted({"authorization", "user-agent"} & request.headers.keys()),
        _without_times(request.body),
    )
    if asked not in _known:
        found = official.of_request(request) if "user-agent" in request.headers else ()
        _known[asked] = tuple(f"the request: {words}" for words in found)
    said = (name, reply.status, *sorted(reply.headers.items()), _without_times(reply.body))
    if said not in _known:
        found = official.of_reply(request, reply)
        _known[said] = tuple(f"reply {reply.status}: {words}" for words in found)
    return _known[asked] + _known[said]


def contradictions_of_a_delivery(outgoing: Outgoing) -> Contradictions:
    """What a delivery says against the document."""
    said = ("a delivery", *sorted(outgoing.headers.items()), _without_times(outgoing.body))
    if said not in _known:
        # A subscription's `auth` may be null, and then its deliveries do not say who sends.
        headers = {"authorization": "Bearer of-nobody"}
        headers |= {name.lower(): value for name, value in outgoing.headers.items()}
        delivery = Request("POST", "/", {}, headers, outgoing.body)
        _known[said] = contract().of_delivery(delivery)
    return _known[said]


def complaint(found: Mapping[str, int], *, is_off_contract: bool) -> str:
    """What a test has to answer for; empty for nothing.

    Args:
        found: Contradictions, and how often each was said.
        is_off_contract: The test says that it makes Redo say such things.
    """
    if is_off_contract:
        return "" if found else "nothing off the contract was said: drop the mark"
    if not found:
        return ""
    shown = [f"  {words} ({times} times)" for words, times in found.items()][:MOST_SHOWN]
    return "\n".join(("against Redo's official schema:", *shown))


@contextmanager
def listening() -> Iterator[Conversation]:
    """Hear what every Redo simulator of this process is asked, answers and delivers."""
    heard = Conversation()
    handle = RedoSimulator.handle
    take_due = Deliveries.take_due

    def overheard(simulator: RedoSimulator, request: Request) -> Reply:
        reply = handle(simulator, request)
        if not request.path.startswith(PREFIX):
            heard.pairs.append((request, reply))
        return reply

    def overseen(deliveries: Deliveries, most: int | None = None) -> list[Outgoing]:
        taken = take_due(deliveries, most)
        heard.deliveries.extend(taken)
        return taken

    with (
        mock.patch.object(RedoSimulator, "handle", overheard),
        mock.patch.object(Deliveries, "take_due", overseen),
    ):
        yield heard


def _without_times(text: bytes) -> bytes:
    return TIME.sub(b"a moment", text)
