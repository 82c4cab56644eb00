"""The processes outside of the environment: partners in one, AWS in another.

Each is told what to do over a pipe, so that what the bench itself asks is in no figure.
"""

from __future__ import annotations

import multiprocessing
import re
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Any

WORD = re.compile(r"\w+")
MARKER = re.compile(r"RH-[0-9a-f]{20}")


class Elsewhere:
    """A process, and what it is asked over its pipe.

    Args:
        make: Makes what answers, there; what it returns has a method for each question.
        arguments: For `make`.
    """

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, make, arguments), daemon=True)
        self.process.start()
        theirs.close()

    def do(self, what: str, *arguments: Any) -> Any:
        """Call a method there; its answer.

        Raises:
            RuntimeError: It raised; with its traceback.
        """
        self._pipe.send((what, arguments))
        good, answer = self._pipe.recv()
        if not good:
            raise RuntimeError(answer)
        return answer

    def end(self) -> None:
        """End it."""
        self._pipe.close()
        self.process.join(5)
        self.process.kill()


def _serve(pipe: Connection, make: Callable[..., Any], arguments: Sequence[Any]) -> None:
    from bench.throughput import wire_bytes  # noqa: PLC0415 - only where servers are

    wire_bytes.count()
    with ExitStack() as ends:
        made = make(ends, *arguments)
        while True:
            try:
                what, given = pipe.recv()
            except EOFError:
                return
            try:
                pipe.send((True, getattr(made, what)(*given)))
            except Exception:  # noqa: BLE001 - told in the other process
                pipe.send((False, traceback.format_exc()))


class Counting:
    """Bytes that came and went since the last question."""

    def __init__(self) -> None:
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
