"""Bodies that are sent to Unleashed: exact numbers, and what of them must not be repeated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

PERSONAL = re.compile(
    r"deliver(y|ed).*(name|address|suburb|city|postcode|instruction|contact)|.*(email|phone|mobile)"
    r"|(first|last|contact|customer|receiver)name|.*address\d?|postalcode|comments|customerref",
    re.IGNORECASE,
)
"""Names of values that may be a person's."""
SHORTEST_PRIVATE = 3
"""Characters; shorter texts would blank letters everywhere and tell nothing."""


def content_of(body: object) -> bytes:
    """JSON with every Decimal as the number it is; a float would change prices and quantities.

    Raises:
        TypeError: Something in it has no JSON.
        ValueError: A number is none (NaN), or is a float.
    """
    return "".join(_written(body)).encode()


def private_in(body: object) -> frozenset[str]:
    """Texts in a body that a refusal must not repeat: names, addresses, contacts."""
    return frozenset(text for text in _private(body, is_private=False) if text)


def _written(value: object) -> Iterator[str]:
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError("a number is not finite")
            yield str(value)
        case float():
            raise ValueError("a number is a float; it has to be a Decimal")
        case Mapping():
            yield "{"
            for at, (key, entry) in enumerate(value.items()):
                yield f"{',' if at else ''}{json.dumps(key, ensure_ascii=False)}:"
                yield from _written(entry)
            yield "}"
        case list() | tuple():
            yield "["
            for at, entry in enumerate(value):
                yield "," if at else ""
                yield from _written(entry)
            yield "]"
        case datetime():
            raise TypeError("a time has to be written as Unleashed wants it")
        case _:
            yield json.dumps(value, ensure_ascii=False)


def _private(value: object, *, is_private: bool) -> Iterator[str]:
    match value:
        case str():
            if is_private and len(value.strip()) >= SHORTEST_PRIVATE:
                yield value.strip()
        case Mapping():
            for key, entry in value.items():
                yield from _private(entry, is_private=bool(PERSONAL.fullmatch(str(key))))
        case list() | tuple():
            for entry in value:
                yield from _private(entry, is_private=is_private)
