"""Deliberate defects: shipments of Unleashed."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

FLOW = tests("flow/unleashed/test_shipments.py")
EDITS = tests("flow/unleashed/test_shipments_edits.py")
SPLITS = tests("flow/unleashed/test_shipments_split.py")
UNTOLD = tests("flow/unleashed/test_shipments_untold.py")
RULES = tests("unit/test_unleashed_shipments.py")
LISTS = tests("contract/test_unleashed_shipments.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    file, old, new = where
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_UNLEASHED_SHIPMENTS = (
    _defect(
        "a shipment is imported while another one of its order still has the units",
        TWICE,
        ("flows/unleashed/shipments/siblings.py", "    if blocking:\n", "    if False:\n"),
        SPLITS,
    ),
    _defect(
        "an order's book is not written before the warehouse gets a shipment",
        TWICE,
        ("flows/unleashed/shipments/steps.py", "        enter(world, shipment)\n", ""),
        SPLITS,
    ),
    _defect(
        "a decrease whose end nobody knows counts as carried out",
        TWICE,
        (
            "domain/unleashed/shipment_sent.py",
            "                most[sku] = max(most.get(sku, 0), many)\n",
            "                most[sku] = many\n",
        ),
        RULES,
    ),
    _defect(
        "what was ordered is no limit to what the warehouse is promised",
        TWICE,
        (
            "flows/unleashed/shipments/siblings.py",
            "        if promised + many > ordered.get(sku, Decimal(0)):\n",
            "        if promised + many < 0:\n",
        ),
        SPLITS,
    ),
    _defect(
        "a shipment's units go down at the warehouse though splitting is off",
        LOST,
        (
            "flows/unleashed/shipments/edits.py",
            "    decreases = edits.decreases or world.connection.shipments.splitting\n",
            "    decreases = True\n",
        ),
        SPLITS,
    ),
    _defect(
        "an order that is not wanted any more is made after all",
        TWICE,
        (
            "flows/unleashed/shipments/source.py",
            "if not is_over and not is_withdrawn(shipment.status, self._settings.statuses):\n",
            "if True:\n",
        ),
        SPLITS,
    ),
    _defect(
        "a shipment of an order that was imported as an order is imported too",
        TWICE,
        (
            "flows/unleashed/shipments/source.py",
            "        if held is not None and not held.is_cancelled:\n",
            "        if False:\n",
        ),
        FLOW,
    ),
    _defect(
        "an order whose shipments are in the warehouse is imported too",
        TWICE,
        ("flows/unleashed/orders/source.py", "        if shipped:\n", "        if False:\n"),
        SPLITS,
    ),
    _defect(
        "a shipment whose order the warehouse cancelled is taken for sent",
        LOST,
        (
            "flows/unleashed/shipments/edits.py",
            "    if not held or all(order.is_cancelled for order in held):\n",
            "    if not held:\n",
        ),
        EDITS,
    ),
    _defect(
        "deleted shipments are never asked for",
        LOST,
        (
            "adapters/unleashed/shipments.py",
            "        yield from map(shipment_of, deleted)\n",
            "        del deleted\n",
        ),
        LISTS,
    ),
    _defect(
        "units of a shipment that the warehouse cancelled are booked while a person is asked",
        TWICE,
        (
            "flows/unleashed/shipments/untold.py",
            "bool(state.parked) or guid in in_doubt",
            "bool(state.parked)",
        ),
        UNTOLD,
    ),
    _defect(
        "what Unleashed dispatched counts as on its way to the warehouse",
        TOLD,
        (
            "flows/unleashed/shipments/untold.py",
            " if shipment.is_dispatched else ():\n",
            " if False else ():\n",
        ),
        UNTOLD,
    ),
)
