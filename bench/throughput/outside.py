"""What runs outside of the environment, each in a process of its own: partners and AWS."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

WORD = re.compile(r"\w+")
MARKER = re.compile(r"RH-[0-9a-f]{20}")


class Counting:
    """Bytes that came and went since the last question; this process serves from now on."""

    def __init__(self) -> None:
        from bench.throughput import wire_bytes  # noqa: PLC0415 - only where servers are

        wire_bytes.count()
        self._bytes = (0, 0)

    def take_bytes(self) -> tuple[int, int]:
        """Bytes taken and given since the last time."""
        from bench.throughput.wire_bytes import counted  # noqa: PLC0415 - as above

        before, self._bytes = self._bytes, counted()
        return self._bytes[0] - before[0], self._bytes[1] - before[1]


class PartnerSide(Counting):
    """Redo's and Mintsoft's simulators."""

    def __init__(self, ends: ExitStack, delay: float) -> None:
        from local.partners import partner_simulators  # noqa: PLC0415 - the bench need not load it

        super().__init__()
        self._partners = ends.enter_context(partner_simulators(delay))
        self._calls: Counter[str] = Counter()

    def told(self) -> tuple[dict[str, str], dict[str, str]]:
        """Where partners are served, and the credentials that they take."""
        return self._partners.addresses, dict(self._partners.credentials)

    def put(self, returns: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Returns and their orders, as the portal knows them."""
        for body, order in returns:
            self._partners.redo.put(body, [order])

    def take_calls(self) -> dict[str, int]:
        """Calls since the last time, by method and path."""
        every = self._partners.redo.calls.counts + self._partners.mintsoft.calls.counts
        calls, self._calls = every - self._calls, every
        return dict(calls)

    def books(self, return_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many external returns and how many comments of the hub's each return has."""
        made: Counter[str] = Counter()
        wanted = set(return_ids)
        for record in self._partners.mintsoft.returns.values():
            named = {word for row in record.rows for word in WORD.findall(row.comments)}
            made.update(named & wanted)
        comments = self._partners.redo.comments
        told = {
            one: [row for row in comments.get(one, []) if MARKER.search(row["message"])]
            for one in return_ids
        }
        return {one: (made[one], len(told[one])) for one in return_ids}


class AwsSide(Counting):
    """AWS that answers after a set time."""

    def __init__(self, ends: ExitStack, tables: Mapping[str, Any], delay: float) -> None:
        from bench.throughput.aws_answers import AwsAnswers, AwsServer  # noqa: PLC0415 - as above

        super().__init__()
        del ends
        self._answers = AwsAnswers(tables, delay)
        self._server = AwsServer(self._answers)

    def url(self) -> str:
        """Where it is served."""
        return self._server.url

    def take_calls(self) -> dict[str, int]:
        """Calls since the last time, by operation."""
        calls, self._answers.calls = self._answers.calls, Counter()
        return dict(calls)
