"""Deliberate defects: what the warehouse sent is told to Unleashed."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

WIRE = tests("contract/test_unleashed_despatches.py")
OFF = tests("flow/unleashed/test_despatches.py")
ON = tests("flow/unleashed/test_despatches_by_part.py")
SHIPMENTS = tests("flow/unleashed/test_despatches_of_shipments.py")
TROUBLE = tests("flow/unleashed/test_despatches_trouble.py")
UNTOLD = tests("flow/unleashed/test_despatches_untold.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UNLEASHED_DESPATCHES = (
    _defect(
        "a shipment whose answer was lost is looked for by its Guid alone",
        TWICE,
        (
            "adapters/unleashed/despatches.py",
            "            if new.marker in shipment.comments:\n",
            '            if new.marker == "":\n',
        ),
        WIRE,
    ),
    _defect(
        "an order of which a part waits is completed",
        TOLD,
        (
            "flows/unleashed/despatches/plan.py",
            "    if sent.waiting:\n        return Plan(outcome=PARTLY, again=True)\n"
            "    order = telling.order()\n",
            "    order = telling.order()\n",
        ),
        OFF,
    ),
    _defect(
        "what a person dispatched is dispatched once more",
        TWICE,
        (
            "flows/unleashed/despatches/by_part.py",
            "        if there is not None:\n            return [self._dispatched(",
            "        if there is not None and not there.is_dispatched:\n"
            "            return [self._dispatched(",
        ),
        ON,
    ),
    _defect(
        "a shipment that a person dispatched counts for every part of its size",
        LOST,
        (
            "flows/unleashed/despatches/by_part.py",
            "        room = {sku: many - used[sku] for",
            "        room = {sku: many - 0 * used[sku] for",
        ),
        ON,
    ),
    _defect(
        "units of a merged order are told to all that were merged",
        TOLD,
        (
            "flows/unleashed/despatches/facts.py",
            "                needed[sku] = needed.get(sku, Decimal(0)) + many\n",
            "                needed[sku] = needed.get(sku, Decimal(0))\n",
        ),
        SHIPMENTS,
    ),
    _defect(
        "batches that nobody scanned are left to Unleashed to pick",
        TOLD,
        (
            "flows/unleashed/despatches/facts.py",
            "        missing = missing_apart(units, skus, apart, tracked)\n",
            '        missing = ""\n',
        ),
        SHIPMENTS,
    ),
    _defect(
        "a shipment is written over what somebody changed meanwhile",
        TOLD,
        (
            "adapters/unleashed/despatches.py",
            "        if by_line(shipment.lines) != dict(note.units):\n",
            "        if not shipment.lines:\n",
        ),
        WIRE,
        TROUBLE,
    ),
    _defect(
        "what left and was not looked at yet is not told to the stock sync",
        LOST,
        (
            "flows/unleashed/despatches/untold.py",
            "        keys = dict.fromkeys((*self._begun(), *by_hand, *fresh))\n",
            "        keys = dict.fromkeys((*self._begun(), *by_hand))\n",
        ),
        UNTOLD,
    ),
    _defect(
        "what a person booked while they were asked about it counts as untold",
        TWICE,
        (
            "flows/unleashed/despatches/dispatched_there.py",
            "if sent is not None and (sent.waiting or not is_told):",
            "if sent is not None and sent.waiting:",
        ),
        UNTOLD,
    ),
)
