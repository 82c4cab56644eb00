"""The lint of SKUs: one reading of every system, and every kind of finding out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from returns_hub.domain.drift.findings import Difference, Said
from returns_hub.domain.lint.kinds import KINDS
from returns_hub.domain.lint.skus import shown
from returns_hub.errors import Verdict
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.ordered import ordered_skus
from returns_hub.flows.lint.read_skus import FEED, MINTSOFT, UNLEASHED, Reading

SKU_KINDS = frozenset(
    kind
    for kind in KINDS
    if kind.startswith(("lint.sku_", "lint.barcode_", "lint.size_", "lint.feed_", "lint.order_"))
)
LOOKED_UP = 25
"""SKUs that Mintsoft's list did not show and that are looked up, at two or three calls each."""


@dataclass
class Looks:
    """How many more SKUs may be looked up at Mintsoft."""

    left: int = LOOKED_UP

    def at(self, reading: Reading, sku: str) -> Literal["there", "gone", "unproven"]:
        """Whether Mintsoft has a SKU after all: its list is in no stable order, and rows slip."""
        if self.left <= 0:
            return "unproven"
        reading.require_time(f"before {shown(sku)} was looked up")
        self.left -= 1
        return "gone" if reading.world.feed.products.find_product(sku) is None else "there"


def lint_skus(world: DriftWorld, *, most_calls: int | None = None) -> Iterator[Difference]:
    """What is wrong with SKUs.

    A system that cannot be read does not hide what is wrong in the others: what it says fails the
    look at its end.

    Args:
        world: The merchant's.
        most_calls: Of Mintsoft's list of products; what is missing is told of a whole list alone.

    Raises:
        Verdict: A system could not be read; every finding that does not need it was given.
    """
    yield from lint_reading(Reading(world, most_calls))


def lint_reading(reading: Reading) -> Iterator[Difference]:
    """The same of a reading that is not begun, which counts what it looked at."""
    trouble: list[Verdict] = []
    ordered = ordered_skus(reading.world, trouble)
    read: dict[str, bool] = {}
    systems = ((FEED, reading.feed), (UNLEASHED, reading.unleashed), (MINTSOFT, reading.mintsoft))
    for system, rows in systems:
        before = len(trouble)
        yield from _through(rows(), trouble)
        read[system] = len(trouble) == before
    yield from reading.register.duplicates()
    yield from reading.register.twins()
    if reading.sizes is not None:
        yield from reading.sizes.unordered()
    if reading.whole and read[MINTSOFT]:
        yield from _through(_missing(reading, read, ordered), trouble)
    if trouble:
        raise trouble[0]


def _through(found: Iterator[Difference], trouble: list[Verdict]) -> Iterator[Difference]:
    """Everything up to a verdict, which is kept."""
    try:
        yield from found
    except Verdict as verdict:
        trouble.append(verdict)


def _missing(
    reading: Reading, read: dict[str, bool], ordered: dict[str, str]
) -> Iterator[Difference]:
    looks = Looks()
    if reading.most_calls is not None:
        looks.left = min(looks.left, reading.most_calls // 4)
    yield from _on_orders(reading, ordered, looks)
    if read[FEED]:
        for sku in reading.register.missing(FEED, MINTSOFT):
            if looks.at(reading, sku) != "there":
                says: dict[str, Said] = {FEED: "offered", MINTSOFT: "no product"}
                yield reading.finding("lint.feed_sku_not_in_mintsoft", shown(sku), says)
    if reading.world.erp is None or not read[UNLEASHED]:
        return
    for sku in reading.register.missing(UNLEASHED, MINTSOFT):
        if sku not in reading.young and looks.at(reading, sku) != "there":
            says = {UNLEASHED: "a product", MINTSOFT: "no product"}
            yield reading.finding("lint.sku_not_in_mintsoft", shown(sku), says)
    for sku in reading.register.missing(MINTSOFT, UNLEASHED):
        if sku not in reading.bundles:
            says = {MINTSOFT: "a product", UNLEASHED: "no product"}
            yield reading.finding("lint.sku_not_in_unleashed", shown(sku), says)


def _on_orders(reading: Reading, ordered: dict[str, str], looks: Looks) -> Iterator[Difference]:
    known = reading.register.system(MINTSOFT)
    for sku, order in sorted(ordered.items()):
        if known.has(sku) or sku in reading.young or (sku and reading.rules.is_ignored(sku)):
            continue
        looked_up = looks.at(reading, sku) if sku else "gone"
        if looked_up == "there":
            continue
        alike = reading.register.alike(MINTSOFT, sku) if sku else ""
        there = f"spells it {shown(alike)}" if alike else "no product"
        yield reading.finding(
            "lint.order_sku_unknown",
            shown(sku) if sku else f"a line without a SKU on {order}",
            {"order": order, MINTSOFT: there},
            # Looked up after the order was read: nothing is on its way.
            confirm=looked_up != "gone",
        )
