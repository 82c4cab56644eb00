"""From a customer's reason to the warehouse's reason id (R4)."""

from __future__ import annotations

from collections.abc import Iterator

from returns_hub.domain.merchant import ReasonMap
from returns_hub.domain.returns import ReturnLine


def _candidates(line: ReturnLine) -> Iterator[str]:
    if line.reason_code:
        yield line.reason_code
    yield from reversed(line.reason_codes)
    if line.reason:
        yield line.reason
    yield from reversed(line.reasons)


def reason_id(line: ReturnLine, reasons: ReasonMap) -> tuple[int, bool]:
    """The reason id for a line, and whether the map knew it.

    The code is tried first, then the levels from the narrowest to the broadest, then the texts;
    what the map does not know gets the default. Text is compared without regard to case.
    """
    known = {word.strip().casefold(): number for word, number in reasons.map.items()}
    for word in _candidates(line):
        number = known.get(word.strip().casefold())
        if number is not None:
            return number, True
    return reasons.default, False
