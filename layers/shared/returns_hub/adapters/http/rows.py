"""Rows of a JSON array that is too long to be kept: read as it comes, one row at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any

from returns_hub.domain.strict_json import read_at

MOST_ROW_CHARACTERS = 4 * 1024 * 1024
BLANKS = " \t\r\n"


class JsonRows:
    """Takes the bytes of an array of objects and gives each object away as soon as it is whole.

    Never raises while it takes; `finish` tells whether all of it could be read. At any time it
    holds one row and one bit of the body.
    """

    def __init__(self, row: Callable[[dict[str, Any]], None]) -> None:
        self._row = row
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._began = self._ended = False
        self._row_may_come = True
        self._bad = ""

    def feed(self, part: bytes) -> None:
        """Take more of the body."""
        if self._bad:
            return
        try:
            self._text += self._decoder.decode(part)
            self._text = self._text[self._take() :]
        except ValueError as error:
            self._bad, self._text = str(error) or "not JSON", ""

    def finish(self, *, complete: bool = True) -> None:
        """The body has come to its end, or was cut off and is not `complete`.

        Raises:
            ValueError: It was not an array of objects, or was not whole.
        """
        if self._bad:
            raise ValueError(self._bad)
        if not complete or not self._ended or self._decoder.getstate()[0]:
            raise ValueError("the list has no end")

    def _take(self) -> int:
        """Give away every row that is whole; how far that was."""
        text, at = self._text, 0
        while True:
            at = _over_blanks(text, at)
            if at == len(text):
                return at
            if self._ended:
                raise ValueError("something comes after the list")
            if not self._began:
                self._began = _is(text[at], "[", "not a list")
                at += 1
            elif text[at] == "]":
                self._ended = True
                at += 1
            elif not self._row_may_come:
                self._row_may_come = _is(text[at], ",", "no comma between two rows")
                at += 1
            else:
                _is(text[at], "{", "a row is not an object")
                try:
                    content, ends = read_at(text, at)
                except ValueError:
                    if len(text) - at > MOST_ROW_CHARACTERS:
                        raise ValueError("a row is too long, or broken") from None
                    return at
                self._row(content)
                self._row_may_come = False
                at = ends


def _over_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in BLANKS:
        at += 1
    return at


def _is(character: str, wanted: str, why: str) -> bool:
    if character != wanted:
        raise ValueError(why)
    return True
