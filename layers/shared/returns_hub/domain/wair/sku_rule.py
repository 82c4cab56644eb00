"""What a SKU tells of its item, style, colour and size: the warehouse keeps none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from returns_hub.domain.wair.rows import ColorRow, SizeRow
from returns_hub.domain.wair.settings import SkuRule

STEP = 10
"""Between two sizes that the file lists, so that one can be put between them there."""
NUMBERS_FROM = 100_000
OTHERS_FROM = 10_000_000
LARGEST_NUMBER = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class SkuParts:
    """What a SKU is made of; colour and size are empty where it does not tell them."""

    item: str
    style: str
    color: str = ""
    size: str = ""


class SkuReader:
    """Reads SKUs by a rule."""

    def __init__(self, rule: SkuRule) -> None:
        self._rule = rule
        self._pattern = re.compile(rule.pattern)

    def parts(self, sku: str) -> SkuParts | None:
        """What the SKU is made of; None for one that does not fit the rule."""
        match = self._pattern.fullmatch(sku)
        found = match.groupdict("") if match else {}
        item = found.get("item", "")
        if not item:
            return None
        color, size = found.get("color", ""), found.get("size", "")
        in_colors = self._rule.style == "item_color" and color
        return SkuParts(item, f"{item}-{color}" if in_colors else item, color, size)

    def parts_or_itself(self, sku: str) -> SkuParts:
        """The same; a SKU that does not fit is an item of its own."""
        return self.parts(sku) or SkuParts(sku, sku)


def size_rows(sizes: Iterable[str], rule: SkuRule) -> Iterator[SizeRow]:
    """Sizes in their order: as the file lists them, then numbers, then the others by their letters.

    Without `sort_order` they would stand by their letters, L before M before S (docs.wair.ai,
    "Sizes").
    """
    listed = {size.casefold(): at for at, size in reversed(tuple(enumerate(rule.sizes, start=1)))}
    found = sorted(set(sizes))
    others = [s for s in found if s.casefold() not in listed and _number(s) is None]
    last = {size: OTHERS_FROM + at for at, size in enumerate(others)}
    for size in found:
        number = _number(size)
        order = last.get(size, 0)
        if size.casefold() in listed:
            order = listed[size.casefold()] * STEP
        elif number is not None:
            order = NUMBERS_FROM + int(number * 100)
        yield SizeRow(size, size, rule.size_names.get(size, size), order)


def has_place(size: str, rule: SkuRule) -> bool:
    """Whether a size has its place in the order of `size_rows`, and does not merely come last."""
    is_listed = size.casefold() in {listed.casefold() for listed in rule.sizes}
    return is_listed or _number(size) is not None


def color_rows(colors: Iterable[str], rule: SkuRule) -> Iterator[ColorRow]:
    """Colours by their letters."""
    for color in sorted(set(colors)):
        yield ColorRow(color, color, rule.color_names.get(color, color))


def _number(size: str) -> Decimal | None:
    """The number that a size is, such as 38 or 42.5 or 42,5."""
    try:
        number = Decimal(size.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= LARGEST_NUMBER else None
