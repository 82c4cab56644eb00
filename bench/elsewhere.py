"""Another process, and what it is asked over a pipe.

So that what a bench does besides is in none of the hub's figures.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Any


class Elsewhere:
    """A process, and what it is asked over its pipe.

    Args:
        make: Makes what answers, there, with an `ExitStack` of what ends with the process; what it
            returns has a method for each question.
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
        self.process.join(10)
        self.process.kill()


def _serve(pipe: Connection, make: Callable[..., Any], arguments: Sequence[Any]) -> None:
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
