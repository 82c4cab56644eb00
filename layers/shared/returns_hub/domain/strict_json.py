"""JSON from outside, read strictly: what is taken can be counted with and stored."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

HALVES = re.compile("[\ud800-\udfff]")
MAY_HOLD_HALVES = re.compile(r"[\ud800-\udfff]|\\u[dD]")
MOST_DIGITS = 38
"""Of a number written out. DynamoDB keeps no more; and `1e999999999` is eleven characters."""


def read_json(text: str | bytes) -> Any:
    """The content, numbers with a point as Decimal.

    Half of a surrogate pair, which no store takes, becomes U+FFFD.

    Raises:
        ValueError: It is not JSON (`NaN` is not), is nested too deeply, or has a number of more
            than `MOST_DIGITS` digits.
    """
    try:
        content = json.loads(text, parse_float=number_of, parse_int=_whole, parse_constant=_refused)
        # Most texts hold none, and a copy of a large content takes as long as reading it.
        is_clean = isinstance(text, str) and not MAY_HOLD_HALVES.search(text)
        return content if is_clean else _mended(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _mended(content: Any) -> Any:
    match content:
        case str():
            return content if content.isascii() else HALVES.sub("\ufffd", content)
        case list():
            return [_mended(entry) for entry in content]
        case dict():
            return {_mended(key): _mended(value) for key, value in content.items()}
    return content


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return int(text)


def number_of(text: str) -> Decimal:
    """A number from its digits.

    Raises:
        ValueError: It is none, or is out of the range that stores keep (`MOST_DIGITS`).
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number is out of range") from None
    if not (number.is_finite() and -MOST_DIGITS < number.adjusted() < MOST_DIGITS):
        raise ValueError("a number is out of range")
    return number


def _refused(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


DECODER = json.JSONDecoder(parse_float=number_of, parse_int=_whole, parse_constant=_refused)


def read_at(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at this place of a longer text, and where it ends; see `read_json`.

    Raises:
        ValueError: There is none that is whole and fit to be taken.
    """
    try:
        content, ends = DECODER.raw_decode(text, at)
        return _mended(content), ends
    except RecursionError:
        raise ValueError("nested too deeply") from None
