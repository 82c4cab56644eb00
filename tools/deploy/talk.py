"""What the tool says and asks, and how it stops."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

STOPPED = 1
USAGE = 2
AWS_REFUSES = 3
TAKEN_BACK = 4
INTERRUPTED = 130


class Stopped(Exception):  # noqa: N818 - a way to end
    """Nothing more is done; the message says why and what to do."""

    def __init__(self, why: str, code: int = STOPPED) -> None:
        super().__init__(why)
        self.code = code


class Talk(Protocol):
    """Saying and asking."""

    def say(self, text: str = "") -> None:
        """One line, or several."""

    def ask(self, question: str, default: str = "") -> str:
        """An answer in words.

        Raises:
            Stopped: There is nobody to ask.
        """

    def agreed(self, question: str) -> bool:
        """Whether the person says yes; without a person, what ``--yes`` said beforehand."""


class Terminal:
    """A person at a terminal, or nobody (CI).

    With `yes` nothing is asked that can be agreed to beforehand.
    """

    def __init__(self, *, yes: bool, read: Callable[[str], str] = input) -> None:
        self._yes = yes
        self._read = read
        self.somebody = sys.stdin.isatty() and not yes

    def say(self, text: str = "") -> None:
        print(text, flush=True)

    def ask(self, question: str, default: str = "") -> str:
        if not self.somebody:
            raise Stopped(f"nobody can be asked here: {question}", USAGE)
        try:
            answer = self._read(f"{question}{f' [{default}]' if default else ''}: ").strip()
        except EOFError:
            raise Stopped("the input ended; nothing was done") from None
        return answer or default

    def agreed(self, question: str) -> bool:
        if self._yes:
            return True
        if not self.somebody:
            raise Stopped(f"nobody can be asked here ({question}); --yes agrees beforehand", USAGE)
        return self.ask(f"{question} (yes/no)", "no").lower() in {"y", "yes"}
