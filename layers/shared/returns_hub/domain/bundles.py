"""Bills of materials: what a bundle is made of, down to the units that lie on a shelf."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Bills = Mapping[str, Mapping[str, int]]
"""Bundle's SKU -> component's SKU -> units of it in one bundle, from 1. Without components: it is
known to be a bundle, and nobody says of what."""

BillFault = Literal["", "no_components", "cycle", "too_deep"]
MOST_DEEP: Final = 5
"""How often a bundle may hold bundles that hold bundles; deeper ones are taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """Units without bundles.

    Args:
        units: Units by SKU of what was no bundle, and of the components of what was one.
        unknown: Units by SKU of bundles that cannot be told apart: nobody says of what they are
            made, or they are made of themselves, or they are nested too deep. They are not among
            `units`; neither is any component of theirs.
    """

    units: Mapping[str, int]
    unknown: Mapping[str, int]


def expand(units: Mapping[str, int], bills: Bills) -> Expanded:
    """The same goods, with bundles as their components, however often they are nested.

    A SKU without a bill is no bundle. Numbers multiply: 2 of a bundle with 3 of a component are 6
    of it, beside those that the units name by themselves.
    """
    faults: dict[str, BillFault] = {}
    plain: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    pending: Mapping[str, int] = units
    while pending:
        parts: Counter[str] = Counter()
        for sku, count in pending.items():
            if sku not in bills:
                plain[sku] += count
                continue
            if sku not in faults:
                faults[sku] = bill_fault(sku, bills)
            if faults[sku]:
                unknown[sku] += count
                continue
            for part, each in bills[sku].items():
                parts[part] += each * count
        pending = parts
    return Expanded(dict(sorted(plain.items())), dict(sorted(unknown.items())))


def bill_fault(sku: str, bills: Bills) -> BillFault:
    """Why a bundle cannot be expanded by these bills; empty when it can, or is none.

    A component's own fault is the component's: the bundle around it is expanded, and the component
    is what stays unknown.
    """
    if sku not in bills:
        return ""
    if not bills[sku]:
        return "no_components"
    if _holds_itself(sku, bills):
        return "cycle"
    layer = {sku}
    for _ in range(MOST_DEEP):
        layer = {
            part
            for part in _parts(layer, bills)
            if bills.get(part) and not _holds_itself(part, bills)
        }
        if not layer:
            return ""
    return "too_deep"


def faults_of(bills: Bills) -> Mapping[str, BillFault]:
    """Every bundle that cannot be expanded by these bills, and why."""
    found = {sku: bill_fault(sku, bills) for sku in bills}
    return {sku: fault for sku, fault in sorted(found.items()) if fault}


def _parts(skus: Iterable[str], bills: Bills) -> set[str]:
    return {part for sku in skus for part in bills.get(sku, ())}


def _holds_itself(sku: str, bills: Bills) -> bool:
    seen: set[str] = set()
    layer = _parts((sku,), bills)
    while layer:
        if sku in layer:
            return True
        seen |= layer
        layer = _parts(layer, bills) - seen
    return False
