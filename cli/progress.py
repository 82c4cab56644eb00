"""How far a long command has come: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.terminal import clean, shown

PLAIN_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""


def is_terminal() -> bool:
    """Whether progress goes to somebody's screen."""
    return sys.stderr.isatty()


@contextmanager
def progress(title: str) -> Iterator[Callable[[float, str], None]]:
    """A bar on a terminal, else a line now and then; always beside the command's own output."""
    if is_terminal():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
        )
        with Progress(
            *columns, console=Console(stderr=True), transient=True, redirect_stdout=False
        ) as bar:
            task = bar.add_task(shown(title), total=1.0, told="")

            def show(share: float, told: str) -> None:
                bar.update(task, completed=share, told=shown(told))

            yield show
        return
    lines = _PlainLines(title)
    yield lines.tell


@contextmanager
def working(title: str) -> Iterator[None]:
    """The same for what does not say how far it has come."""
    if not is_terminal():
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False
    ) as bar:
        bar.add_task(shown(title), total=None)
        yield


class _PlainLines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._next = time.monotonic() + PLAIN_EVERY

    def tell(self, share: float, told: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PLAIN_EVERY
            click.echo(clean(f"{self._title}: about {share:.0%}, {told}"), err=True)
