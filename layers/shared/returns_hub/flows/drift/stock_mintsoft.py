"""What of the warehouse's own stock cannot be right, or cannot be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.drift.stock_causes import SETTING
from returns_hub.domain.drift.stock_rule import subject_of
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.flows.drift import stock_miinto, stock_unleashed, stock_wair
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.stock_telling import worth_of

NEGATIVE, DOUBLED = "stock.negative", "stock.doubled_rows"
UNKNOWN = "stock.level_meaning_unknown"
KINDS = frozenset({NEGATIVE, DOUBLED, UNKNOWN})
OTHERS = (
    (stock_unleashed.applies, stock_unleashed.warehouses),
    (stock_wair.stock_applies, stock_wair.warehouses),
    (stock_miinto.applies, stock_miinto.warehouses),
)
"""Systems that are held against the warehouse, and the warehouses that they are held against."""


def applies(world: DriftWorld) -> bool:
    """Whether any other system's stock is compared."""
    return any(applies_to(world) for applies_to, _ in OTHERS)


def differences(world: DriftWorld) -> Iterator[Difference]:
    """What is wrong.

    Raises:
        Verdict: A warehouse was not read to its end.
    """
    means = world.world.live.merchant.mintsoft.orders.stock_level_means
    unclear = 0
    for warehouse_id in _warehouses(world):
        levels = world.stock.of(warehouse_id)
        yield from _odd(world, warehouse_id, levels)
        if means == "unknown":
            unclear += sum(_is_unclear(level) for level in levels.values())
    if unclear:
        yield Difference(
            kind=UNKNOWN,
            subject=SETTING,
            says={"the file": "unknown", "mintsoft": "two numbers that differ"},
            cause=f"{unclear} times Mintsoft's two numbers of a SKU differ, and the file does not "
            "say which of them counts what is allocated: none of these is compared",
            mend=f"hub check {world.merchant} --area mintsoft",
            confirm=False,
        )


def _warehouses(world: DriftWorld) -> list[int]:
    found: dict[int, None] = {}
    for applies_to, warehouses in OTHERS:
        if applies_to(world):
            found |= dict.fromkeys(warehouses(world))
    return list(found)


def _odd(
    world: DriftWorld, warehouse_id: int, levels: Mapping[str, StockLevel]
) -> Iterator[Difference]:
    place = f"Mintsoft warehouse {warehouse_id}"
    check = f"hub check {world.merchant} --area mintsoft"
    for sku, level in levels.items():
        least = min(level.level, level.level if level.total is None else level.total)
        if least < 0:
            value, currency = worth_of(world, sku, -least)
            yield Difference(
                kind=NEGATIVE,
                subject=subject_of(sku, place),
                says={"mintsoft": least},
                units=-least,
                value=value,
                currency=currency,
                cause="more was sent or taken off than was booked in: count it in Mintsoft",
                mend=check,
            )
        if level.is_doubtful:
            yield Difference(
                kind=DOUBLED,
                subject=subject_of(sku, place),
                says={"mintsoft": "two rows of one SKU"},
                cause="two products have this SKU, or the list has it twice: which of the numbers "
                "is right cannot be told, and the SKU is not compared",
                mend=check,
                confirm=False,
            )


def _is_unclear(level: StockLevel) -> bool:
    return not level.bundle and level.total is not None and level.total != level.level


COMPARISON = Comparison("stock.mintsoft", KINDS, applies, differences)
