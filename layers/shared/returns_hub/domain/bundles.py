"""Bills of materials: what a bundle is made of, down to the units that lie on a shelf."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Bills = Mapping[str, Mapping[str, int]]
"""Bundle's SKU -> component's SKU -> units of it in one bundle, from 1. Without components: it is
known to be a bundle, and nobody says of what."""

BillFault = Literal["", "no_components", "cycle", "too_deep"]
MOST_DEEP: Final = 5
"""How often a bundle may hold bundles that hold bundles; deeper ones are taken for a mistake."""
MOST_TOLD: Final = 6
"""Components that are named to a person."""
WHY_UNKNOWN: Final[Mapping[BillFault, str]] = {
    "no_components": "nobody says what it is made of",
    "cycle": "it is made of itself",
    "too_deep": f"it holds bundles in bundles more than {MOST_DEEP} times",
}


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


# -- what the warehouse says of its own ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownBundle:
    """A product that the warehouse calls a bundle.

    Args:
        sku: Its SKU.
        product_id: The warehouse's id.
        version: The warehouse's word for its last change, when it was read.
        parts: Units of each component; empty while the warehouse does not say all of them.
        walk: The number of the reading of all products that saw it last.
    """

    sku: str
    product_id: int
    version: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    walk: int = 0


def parts_of(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Units of each component; empty where a row has no SKU or no units: then nobody can tell what
    the bundle is made of."""
    units: Counter[str] = Counter()
    for sku, quantity in rows:
        if not sku.strip() or quantity < 1:
            return {}
        units[sku.strip()] += quantity
    return dict(units)


def bills_in_force(of_file: Bills, of_warehouse: Mapping[str, KnownBundle]) -> Bills:
    """What bundles are made of: what the merchant's file says, else what the warehouse says."""
    return {sku: known.parts for sku, known in of_warehouse.items()} | dict(of_file)


def differences_of(
    of_file: Bills, of_warehouse: Mapping[str, KnownBundle]
) -> Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]]:
    """Bundles of which the file and the warehouse say different things, with what each says."""
    found = {}
    for sku, bill in sorted(of_file.items()):
        known = of_warehouse.get(sku)
        if known is not None and known.parts and dict(known.parts) != dict(bill):
            found[sku] = (bill, known.parts)
    return found


def in_words(bill: Mapping[str, int]) -> str:
    """``3 x CAP, 1 x TEE``, the first few."""
    told = [f"{units} x {sku[:40]}" for sku, units in sorted(bill.items())]
    more = [f"and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    return ", ".join(told[:MOST_TOLD] + more) or "nothing"
