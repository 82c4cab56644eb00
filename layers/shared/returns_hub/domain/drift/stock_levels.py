"""Stock of many warehouses at once, small: 33 bytes a SKU and warehouse, each SKU's text once."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from returns_hub.domain.warehouse_stock import StockLevel

HERE, BUNDLE, DOUBTFUL = 1, 2, 4
NOT_SHOWN = -(2**62)
"""Stands for a number that is None."""
MOST = 2**61
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class SkuNumbers:
    """Each SKU of a look, and a number for it that every warehouse shares."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._skus: list[str] = []

    def of(self, sku: str) -> int:
        """The SKU's number; a new one when it was not met before."""
        number = self._numbers.setdefault(sku, len(self._skus))
        if number == len(self._skus):
            self._skus.append(sku)
        return number

    def find(self, sku: str) -> int | None:
        """The SKU's number; None when it was not met."""
        return self._numbers.get(sku)

    def sku(self, number: int) -> str:
        """The SKU with this number."""
        return self._skus[number]

    def __len__(self) -> int:
        return len(self._skus)


class WarehouseLevels(Mapping[str, StockLevel]):
    """One warehouse's stock: a mapping as it was read, that makes each level when it is asked for.

    Args:
        skus: Of the whole look.
        levels: As the warehouse told them; not kept.
    """

    def __init__(self, skus: SkuNumbers, levels: Mapping[str, StockLevel]) -> None:
        numbers = array("q", [skus.of(sku) for sku in levels])
        many = max(numbers, default=-1) + 1
        self._skus = skus
        self._level, self._total = _zeros(many), _zeros(many)
        self._quarantined, self._updated = _zeros(many), _zeros(many)
        self._flags = bytearray(many)
        self._count = len(levels)
        for number, level in zip(numbers, levels.values(), strict=True):
            self._level[number] = _bounded(level.level)
            self._total[number] = NOT_SHOWN if level.total is None else _bounded(level.total)
            self._quarantined[number] = _bounded(level.quarantined)
            self._updated[number] = _since_epoch(level.updated_at)
            self._flags[number] = (
                HERE | (BUNDLE if level.bundle else 0) | (DOUBTFUL if level.is_doubtful else 0)
            )

    def __getitem__(self, sku: str) -> StockLevel:
        number = self._skus.find(sku)
        if number is None or number >= len(self._flags) or not self._flags[number]:
            raise KeyError(sku)
        total, updated = self._total[number], self._updated[number]
        return StockLevel(
            level=self._level[number],
            total=None if total == NOT_SHOWN else total,
            quarantined=self._quarantined[number],
            bundle=bool(self._flags[number] & BUNDLE),
            updated_at=None if updated == NOT_SHOWN else EPOCH + updated * MICROSECOND,
            is_doubtful=bool(self._flags[number] & DOUBTFUL),
        )

    def __iter__(self) -> Iterator[str]:
        return (self._skus.sku(number) for number, here in enumerate(self._flags) if here)

    def __len__(self) -> int:
        return self._count


class UnitsBySku:
    """Units of SKUs at one place, small."""

    def __init__(self, skus: SkuNumbers) -> None:
        self._skus = skus
        self._units = array("q")

    def put(self, sku: str, units: int) -> None:
        """Keep the units of a SKU."""
        number = self._skus.of(sku)
        missing = number + 1 - len(self._units)
        if missing > 0:
            self._units.extend([NOT_SHOWN] * missing)
        self._units[number] = _bounded(units)

    def get(self, sku: str) -> int | None:
        """The units of a SKU; None when it was not put."""
        number = self._skus.find(sku)
        if number is None or number >= len(self._units) or self._units[number] == NOT_SHOWN:
            return None
        return self._units[number]

    def __iter__(self) -> Iterator[str]:
        units = enumerate(self._units)
        return (self._skus.sku(number) for number, held in units if held != NOT_SHOWN)


def _zeros(many: int) -> array[int]:
    return array("q", bytes(8 * many))


def _bounded(units: int) -> int:
    return max(-MOST, min(MOST, units))


def _since_epoch(moment: datetime | None) -> int:
    return NOT_SHOWN if moment is None else (moment - EPOCH) // MICROSECOND
