"""SKUs of every system as they stream by: twins, duplicates, and what one of them lacks.

Built for 50,000 products of each system in a function of 256 MB. Of a SKU each system keeps the
text (one object for all systems) and a number; what is folded is kept as a number of 64 bits alone.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.lint.kinds import found
from returns_hub.domain.lint.skus import folded, same_number, shown

MOST_SPELLINGS = 4
"""So many spellings of one SKU are named."""


@dataclass
class OfSystem:
    """What is known of one system's SKUs.

    Args:
        row_of: SKU -> a number of the row that has it, to know a row that came twice.
        ended: SKUs of products that are discontinued or obsolete: they are there, and no more.
        by_barcode: Barcode, as a number -> the first SKU that has it.
        twice: SKUs that several rows have.
        same_barcode: Barcode -> its SKUs, where there are several.
    """

    row_of: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    by_barcode: dict[int, str] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    same_barcode: dict[tuple[int, str], set[str]] = field(default_factory=dict)

    def has(self, sku: str) -> bool:
        """Whether it is there, discontinued ones too."""
        return sku in self.row_of or sku in self.ended


class Register:
    """Every system's SKUs.

    Args:
        merchant: Whose.
    """

    def __init__(self, merchant: str) -> None:
        self._merchant = merchant
        self._systems: dict[str, OfSystem] = {}
        self._first: dict[int, str] = {}
        self._spellings: dict[int, set[str]] = {}

    def system(self, name: str) -> OfSystem:
        """What is known of a system; empty for one that was not read."""
        return self._systems.setdefault(name, OfSystem())

    def see_ended(self, system: str, sku: str) -> None:
        """A product that is no more. It is nobody's twin, and it is not missing."""
        self.system(system).ended.add(sys.intern(sku.strip()))

    def see(self, system: str, written: str, row: str, barcodes: Iterable[str] = ()) -> None:
        """A product or a row of a feed.

        Args:
            system: Whose.
            written: Its SKU with the blanks around it. It is not blank.
            row: Its id there; the same one may come twice.
            barcodes: Its barcodes.
        """
        known, sku = self.system(system), sys.intern(written.strip())
        number = _number(row)
        if known.row_of.setdefault(sku, number) != number:
            known.twice.add(sku)
        self._spell(sku)
        for barcode in barcodes:
            self._see_barcode(known, barcode, sku)

    def _spell(self, sku: str) -> None:
        key = _number(same_number(sku))
        first = self._first.setdefault(key, sku)
        if first != sku:
            self._spellings.setdefault(key, {first}).add(sku)

    @staticmethod
    def _see_barcode(known: OfSystem, barcode: str, sku: str) -> None:
        code = barcode.strip()
        if not code:
            return
        # 8, 12, 13 and 14 digits are one number, filled with zeros on the left (GS1).
        key = _number(code.lstrip("0") or "0")
        first = known.by_barcode.setdefault(key, sku)
        if first != sku:
            known.same_barcode.setdefault((key, code), {first}).add(sku)

    # -- what is wrong ------------------------------------------------------------------------

    def duplicates(self) -> Iterator[Difference]:
        """SKUs and barcodes that one system has twice."""
        for name, known in self._systems.items():
            for sku in sorted(known.twice):
                yield found(
                    "lint.sku_duplicate",
                    f"{shown(sku)} in {name}",
                    {name: "several products have it"},
                    merchant=self._merchant,
                )
            for (_, code), skus in sorted(known.same_barcode.items()):
                yield found(
                    "lint.barcode_duplicate",
                    f"barcode {shown(code)} in {name}",
                    {name: ", ".join(map(shown, sorted(skus)[:MOST_SPELLINGS]))},
                    merchant=self._merchant,
                )

    def twins(self) -> Iterator[Difference]:
        """SKUs that people, or spreadsheets, take for one."""
        for spellings in self._spellings.values():
            for group in _groups(sorted(spellings)):
                yield self._twin(group)

    def _twin(self, group: list[str]) -> Difference:
        where = {name: self._spelt(known, group) for name, known in self._systems.items()}
        where = {name: spelt for name, spelt in where.items() if spelt}
        kind = "lint.sku_twins_across"
        if len({folded(sku) for sku in group}) > 1:
            kind = "lint.sku_leading_zeros"
        elif any(len(spelt) > 1 for spelt in where.values()):
            kind = "lint.sku_twins"
        says = {
            name: " and ".join(map(shown, spelt[:MOST_SPELLINGS])) for name, spelt in where.items()
        }
        return found(
            kind, " / ".join(map(shown, group[:MOST_SPELLINGS])), says, merchant=self._merchant
        )

    @staticmethod
    def _spelt(known: OfSystem, group: list[str]) -> list[str]:
        return [sku for sku in group if sku in known.row_of]

    def missing(self, here: str, there: str) -> Iterator[str]:
        """SKUs that one system has and the other has in no spelling at all."""
        other = self.system(there)
        for sku in self.system(here).row_of:
            if not other.has(sku) and not self.alike(there, sku):
                yield sku

    def alike(self, system: str, sku: str) -> str:
        """How a system spells a SKU otherwise; empty where it has none like it."""
        spellings = self._spellings.get(_number(same_number(sku)), set())
        known = self.system(system).row_of
        plain = same_number(sku)
        fits = (one for one in sorted(spellings) if one in known and same_number(one) == plain)
        first = self._first.get(_number(plain), "")
        if first in known and same_number(first) == plain:
            return first
        return next(fits, "")


def _groups(spellings: list[str]) -> Iterator[list[str]]:
    """Those of them that are one indeed: two numbers of 64 bits may be the same by chance."""
    by_plain: dict[str, list[str]] = {}
    for sku in spellings:
        by_plain.setdefault(same_number(sku), []).append(sku)
    return (group for group in by_plain.values() if len(group) > 1)


def _number(text: str) -> int:
    """64 bits of the text: hash() has fewer that differ, and is another one in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest())
