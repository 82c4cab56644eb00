"""What arrived, matched to what the customer announced: the findings of one return (R8, R14, R16).

Units are handed out, never counted twice: goods of earlier receipts first and finished lines
first, so that what a line was processed for stays with that line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.policy import Matching
from returns_hub.domain.receipts import WORST_LAST, Condition, Goods

SHORTEST_BARCODE = 8
"""Mintsoft matches shorter ones in part and gives the wrong product."""


class Standing(StrEnum):
    """Where a line of the case stands."""

    OPEN = "open"
    FINISHED = "finished"
    UNKNOWN = "unknown"


class CaseLine(Frozen):
    """A line of the return, as far as a decision needs it. `value` is in the case's currency."""

    id: str
    sku: str
    quantity: int
    standing: Standing = Standing.OPEN
    keep_item: bool = False
    value: Decimal | None = None


class LineOutcome(StrEnum):
    """What became of one line, or of goods that no open line announced."""

    MATCHED = "matched"
    ALREADY_DONE = "already_done"
    SHORT = "short"
    NOT_RECEIVED = "not_received"
    OVER = "over"
    DUPLICATE = "duplicate"
    WRONG_SKU = "wrong_sku"
    UNIDENTIFIED = "unidentified"


class Finding(Frozen):
    """One row of the comparison: a SKU, expected and received units, and the outcome.

    `conditions` counts the received units that are not good; `detail` tells what numbers cannot.
    """

    sku: str
    line_id: str | None
    expected: int
    received: int
    outcome: LineOutcome
    conditions: dict[Condition, int] = Field(default_factory=dict)
    detail: str = ""

    @property
    def worst(self) -> Condition:
        """The worst condition among the received units."""
        return max(self.conditions or {Condition.GOOD: 0}, key=WORST_LAST.index)


class _Pool:
    """Goods not handed out yet, in the order they are handed out."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[Condition, int]]] = {}

    def add(self, sku: str, condition: Condition, units: int) -> None:
        self._rows.setdefault(sku, []).append((condition, units))

    def left(self, sku: str) -> int:
        return sum(units for _, units in self._rows.get(sku, ()))

    def skus(self) -> tuple[str, ...]:
        return tuple(self._rows)

    def take(self, sku: str, most: int) -> dict[Condition, int]:
        """Hand out up to so many units: how many of each condition."""
        taken: dict[Condition, int] = {}
        rest: list[tuple[Condition, int]] = []
        for condition, units in self._rows.get(sku, ()):
            given = min(units, most)
            most -= given
            if given:
                taken[condition] = taken.get(condition, 0) + given
            if units > given:
                rest.append((condition, units - given))
        self._rows[sku] = rest
        return taken


def compare(
    lines: Sequence[CaseLine], goods: Iterable[Goods], matching: Matching
) -> tuple[Finding, ...]:
    """Match received goods to the return's lines.

    Args:
        lines: The return's lines; those without a SKU can only be matched by nothing.
        goods: Everything received over all confirmed external returns of this return, earlier
            receipts first.
        matching: Aliases and bills of materials of the merchant.

    Returns:
        A finding for each line that has a SKU, and one for each SKU beyond the lines.
    """
    by_sku: dict[str, list[CaseLine]] = {}
    for line in lines:
        if line.sku:
            by_sku.setdefault(line.sku, []).append(line)
    pool, names = _resolved(goods, by_sku.keys(), matching)
    findings: list[Finding] = []
    for sku, same in by_sku.items():
        if sku not in matching.bundles:
            findings += _share(same, pool)
    for sku, same in by_sku.items():
        if sku in matching.bundles:
            findings += _share_bundle(same, pool, matching.bundles[sku])
    order = {line.id: place for place, line in enumerate(lines)}
    findings.sort(key=lambda finding: order[finding.line_id or ""])
    return (*findings, *_beyond(pool, _claimants(by_sku, matching), names))


def resolve(sku: str, as_sku: str, known: Iterable[str], matching: Matching) -> str:
    """The shop's SKU for one of the warehouse: itself, its alias, or what its barcode told."""
    skus = set(known)
    for bundle in skus & matching.bundles.keys():
        skus |= matching.bundles[bundle].keys()
    choices = (sku, matching.aliases.get(sku, ""), as_sku)
    return next((choice for choice in choices if choice and choice in skus), sku)


def _resolved(
    goods: Iterable[Goods], skus: Iterable[str], matching: Matching
) -> tuple[_Pool, dict[str, str]]:
    """The goods by the shop's SKUs, and what the warehouse called those that differ."""
    pool = _Pool()
    names: dict[str, str] = {}
    known = tuple(skus)
    for row in goods:
        name = resolve(row.sku, row.as_sku, known, matching)
        if name != row.sku:
            names[name] = row.sku
        if row.units > 0:
            pool.add(name, row.condition, row.units)
    return pool, names


def _finished_first(lines: Sequence[CaseLine]) -> list[CaseLine]:
    return sorted(lines, key=lambda line: (line.standing is Standing.OPEN, line.keep_item))


def _share(lines: Sequence[CaseLine], pool: _Pool) -> list[Finding]:
    """Hand received units of one SKU to its lines: finished ones first, kept ones last."""
    return [_finding(line, pool.take(line.sku, line.quantity)) for line in _finished_first(lines)]


def _finding(line: CaseLine, given: dict[Condition, int], detail: str = "") -> Finding:
    received = sum(given.values())
    if line.standing is not Standing.OPEN:
        outcome = LineOutcome.ALREADY_DONE
    elif received == line.quantity:
        outcome = LineOutcome.MATCHED
    else:
        outcome = LineOutcome.SHORT if received or detail else LineOutcome.NOT_RECEIVED
    return Finding(
        sku=line.sku,
        line_id=line.id,
        expected=line.quantity,
        received=received,
        outcome=outcome,
        conditions={c: units for c, units in given.items() if c is not Condition.GOOD},
        detail=detail,
    )


def _share_bundle(
    lines: Sequence[CaseLine], pool: _Pool, components: dict[str, int]
) -> list[Finding]:
    """As `_share` for bundles: units booked in whole first, then what the components make up.

    A bundle of which some component is missing has not arrived; its other components are taken
    with it all the same, so that they are not mistaken for goods nobody announced.
    """
    findings = []
    for line in _finished_first(lines):
        given = pool.take(line.sku, line.quantity)
        wanted = line.quantity - sum(given.values())
        whole = min(wanted, *(pool.left(part) // units for part, units in components.items()))
        worst = Condition.GOOD
        for part, units in components.items():
            taken = pool.take(part, whole * units)
            worst = max((worst, *taken), key=WORST_LAST.index)
        if whole:
            given[worst] = given.get(worst, 0) + whole
        missing = wanted - whole
        partly = {
            part: sum(pool.take(part, missing * units).values())
            for part, units in components.items()
        }
        detail = ""
        if any(partly.values()):
            rows = (f"{n} of {missing * components[part]} {part}" for part, n in partly.items())
            detail = f"of the parts of {missing} more: {', '.join(rows)}"
        findings.append(_finding(line, given, detail))
    return findings


def _claimants(by_sku: dict[str, list[CaseLine]], matching: Matching) -> dict[str, list[CaseLine]]:
    """The lines that could have used a SKU: its own, and those of bundles that hold it."""
    claimants = {sku: list(same) for sku, same in by_sku.items()}
    for bundle, components in matching.bundles.items():
        for part in components:
            claimants.setdefault(part, []).extend(by_sku.get(bundle, ()))
    return {sku: same for sku, same in claimants.items() if same}


def _beyond(pool: _Pool, by_sku: dict[str, list[CaseLine]], names: dict[str, str]) -> list[Finding]:
    """Goods that are left once every line has its units."""
    findings = []
    for sku in pool.skus():
        left = pool.take(sku, pool.left(sku))
        units = sum(left.values())
        if not units:
            continue
        same = by_sku.get(sku, [])
        expected = sum(line.quantity for line in same if line.sku == sku)
        if not sku:
            outcome = LineOutcome.UNIDENTIFIED
        elif not same:
            outcome = LineOutcome.WRONG_SKU
        elif all(line.standing is Standing.FINISHED for line in same):
            outcome = LineOutcome.DUPLICATE
        else:
            outcome = LineOutcome.OVER
        findings.append(
            Finding(
                sku=sku,
                line_id=None,
                expected=expected,
                received=expected + units,
                outcome=outcome,
                conditions={c: n for c, n in left.items() if c is not Condition.GOOD},
                detail=f"the warehouse calls it {names[sku]}" if sku in names else "",
            )
        )
    return findings
