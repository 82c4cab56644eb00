"""Deliberate defects: the stock sync of Unleashed, and the proof that it stands on."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

FLOW = tests("flow/unleashed/test_stock.py")
STOPS = tests("flow/unleashed/test_stock_stops.py")
MUCH = tests("flow/unleashed/test_stock_much.py")
MASTER = tests("flow/unleashed/test_stock_master.py")
PROOF = tests("flow/unleashed/test_prove_stock.py")
CHECKS = tests("unit/test_unleashed_stock_check.py")
SCHEDULE = tests("unit/test_unleashed_stock_schedule.py")
ADAPTER = tests("contract/test_unleashed_stock.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_UNLEASHED_STOCK = (
    _defect(
        "stock is adjusted though what an adjustment does was never proven",
        TOLD,
        ("flows/unleashed/stock/proof.py", "    if why:\n", "    if False:\n"),
        STOPS,
        PROOF,
    ),
    _defect(
        "what a product is now is not read before it is adjusted",
        TWICE,
        (
            "flows/unleashed/stock/source.py",
            "units.get(one.sku) == one.units)",
            "True)",
        ),
        STOPS,
    ),
    _defect(
        "what moves while it is looked at is adjusted all the same",
        TWICE,
        (
            "flows/unleashed/stock/source.py",
            "        again = warehouse_side(self._world, warehouse_id)\n",
            "        again = warehouse_side(self._world, warehouse_id, flying={})\n",
        ),
        FLOW,
    ),
    _defect(
        "goods on their way of one flow alone are taken into account",
        TWICE,
        (
            "flows/unleashed/untold_parts.py",
            "of_place[sku] = of_place.get(sku, InFlight()) + part",
            "of_place[sku] = part",
        ),
        FLOW,
    ),
    _defect(
        "goods that a credit note brought back while stock was adjusted are a surprise",
        TOLD,
        (
            "flows/unleashed/stock/moved.py",
            "if note.is_completed and note.warehouse_code == code:",
            "if False:",
        ),
        STOPS,
    ),
    _defect(
        "a credit note of another warehouse explains stock of this one",
        TOLD,
        (
            "flows/unleashed/stock/moved.py",
            "if note.is_completed and note.warehouse_code == code:",
            "if note.is_completed:",
        ),
        STOPS,
    ),
    _defect(
        "units that cannot be read are counted among what moved",
        LOST,
        (
            "domain/unleashed/stock_check.py",
            "(units if units.is_finite() else Decimal(0) for units in (went, came))",
            "(units for units in (went, came))",
        ),
        STOPS,
    ),
    _defect(
        "after a surprise the other warehouses go on",
        TOLD,
        (
            "flows/unleashed/stock/steps.py",
            'any(step.stuck == "refused" for step in looks)',
            "False and bool(list(looks))",
        ),
        STOPS,
    ),
    _defect(
        "an adjustment that did nothing is taken for right",
        LOST,
        ("domain/unleashed/stock_check.py", "    if not missing:\n", "    if True:\n"),
        CHECKS,
        STOPS,
    ),
    _defect(
        "an adjustment that Unleashed never shows is waited for without an end",
        LOST,
        (
            "flows/unleashed/stock/steps.py",
            "        if seen is None and age < SHOWS_WITHIN:\n",
            "        if seen is None:\n",
        ),
        STOPS,
    ),
    _defect(
        "a quantity that Unleashed does not show counts as 0",
        LOST,
        (
            "adapters/unleashed/stock.py",
            '        raise _unreadable(f"{name} is missing")\n',
            "        return NO_UNITS\n",
        ),
        ADAPTER,
    ),
    _defect(
        "stock of another warehouse is taken for the one asked for",
        LOST,
        ("adapters/unleashed/stock.py", "    if where != code:\n", "    if False:\n"),
        ADAPTER,
    ),
    _defect(
        "a shadow looks at every difference that stands in every run",
        LOST,
        (
            "flows/unleashed/stock/source.py",
            "        if not self._is_shadow or memory.read_from is None:\n",
            "        if True:\n",
        ),
        MUCH,
    ),
    _defect(
        "a full comparison that was cut off begins again from the front",
        LOST,
        (
            "flows/unleashed/stock/compare.py",
            "max(1, part.page - 1)",
            "1",
        ),
        MUCH,
    ),
    _defect(
        "the time of day is taken for UTC",
        TOLD,
        ("domain/unleashed/stock_schedule.py", "at, local).astimezone(UTC)", "at, UTC)"),
        SCHEDULE,
    ),
    _defect(
        "the test of what an adjustment means is booked again after a lost answer",
        TWICE,
        (
            "flows/unleashed/stock/prove.py",
            "            return NotFound() if found is None else Found(guid)\n",
            "            return NotFound()\n",
        ),
        PROOF,
    ),
    _defect(
        "a proof is written over one that somebody made meanwhile",
        LOST,
        (
            "flows/unleashed/stock/prove.py",
            "            if proof_in(lease.value) != plan.last:\n",
            "            if False:\n",
        ),
        PROOF,
    ),
    _defect(
        "units in quarantine are set over",
        LOST,
        (
            "flows/unleashed/stock/warehouse_side.py",
            "if level.quarantined > 0 and hides",
            "if hides and False and hides",
        ),
        MASTER,
    ),
    _defect(
        "an adjustment whose answer was lost is not looked for by its Guid",
        TWICE,
        (
            "flows/unleashed/stock/steps.py",
            "        return NotFound() if found is None else Found(guid)\n",
            "        return NotFound()\n",
        ),
        STOPS,
    ),
)
