"""Deliberate defects: purchase orders of Unleashed, their ASNs and receipts."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

RULE = tests("unit/test_unleashed_receipt_rule.py")
MONEY = tests("unit/test_unleashed_purchase_rule.py")
ADAPTER = tests("contract/test_unleashed_purchase_orders.py")
PURCHASES = tests("flow/unleashed/test_purchase_orders.py")
RECEIPTS = tests("flow/unleashed/test_receipts.py")
TROUBLE = tests("flow/unleashed/test_receipts_trouble.py")
FLOWS = "flows/unleashed/"


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_UNLEASHED_PURCHASES = (
    _defect(
        "what an earlier receipt booked is booked again",
        TWICE,
        (
            "domain/unleashed/receipt_rule.py",
            "came.get(sku, Came()).units - before.units.get(sku, 0)",
            "came.get(sku, Came()).units",
        ),
        RULE,
        RECEIPTS,
    ),
    _defect(
        "a receipt whose answer was lost counts as not booked, whatever became of the order",
        TWICE,
        (
            "adapters/unleashed/purchase_orders.py",
            '        if stamp and f"{guid}@{order.stamp}" == stamp:\n',
            "        if stamp:\n",
        ),
        ADAPTER,
    ),
    _defect(
        "a receipt whose end nobody knows is followed by another one",
        TWICE,
        (f"{FLOWS}goods/receipts.py", "        if was_left(state):\n", "        if False:\n"),
        TROUBLE,
    ),
    _defect(
        "lines are written again while the end of a receipt is not known",
        TWICE,
        (
            f"{FLOWS}goods/receipts.py",
            "        if begun is not None and begun.name == make.receipt_name(wanted.told()):\n",
            "        if False:\n",
        ),
        TROUBLE,
    ),
    _defect(
        "what somebody had set on another line is booked with the goods",
        TWICE,
        (
            "domain/unleashed/purchase_orders.py",
            "        rows[line.guid].is_set_on(line, tracked=tracked) for line in order.lines\n",
            "        rows[line.guid].is_set_on(line, tracked=tracked)\n"
            "        for line in order.lines\n        if rows[line.guid].units\n",
        ),
        RULE,
    ),
    _defect(
        "goods that somebody announced by hand are announced again",
        TWICE,
        (
            f"{FLOWS}goods/purchase_orders.py",
            "            self._require_no_other(order)\n",
            "            pass\n",
        ),
        PURCHASES,
    ),
    _defect(
        "a list of ASNs that was cut off tells that nobody announced the goods",
        TWICE,
        (
            f"{FLOWS}goods/purchase_orders.py",
            "        if not listed.complete:\n",
            "        if False:\n",
        ),
        PURCHASES,
    ),
    _defect(
        "a list of ASNs that is too long for a run is read from its front each time",
        LOST,
        (
            f"{FLOWS}goods/receipts.py",
            "in asns_from(self._world.asns, since, place):",
            'in asns_from(self._world.asns, since, ""):',
        ),
        tests("flow/unleashed/test_long_asn_lists.py"),
    ),
    _defect(
        "an over-receipt raises the line although it is to be reported",
        TOLD,
        (
            f"{FLOWS}goods/receipts.py",
            '        if wanted.over and self._settings.over_receipt == "report":\n',
            "        if False:\n",
        ),
        RECEIPTS,
    ),
    _defect(
        "a raised line keeps the total it had",
        TOLD,
        (
            "domain/unleashed/purchase_rule.py",
            "    raised = _total(line, to)\n",
            "    raised = line.total\n",
        ),
        MONEY,
    ),
    _defect(
        "the hub's own raise is taken for an edit of the purchase order",
        TOLD,
        (
            "domain/unleashed/purchase_rule.py",
            "        explained = {before} | {before + units for units in raised.get(sku, ())}\n",
            "        explained = {before}\n",
        ),
        MONEY,
        RECEIPTS,
    ),
    _defect(
        "an edit after the import is told to nobody",
        TOLD,
        (
            f"{FLOWS}goods/purchase_orders.py",
            "        if differs and not _was_repeated(order, asn, state, services):\n",
            "        if False:\n",
        ),
        PURCHASES,
    ),
    _defect(
        "goods of parked receipts are not told to the stock sync",
        LOST,
        (
            f"{FLOWS}goods/untold.py",
            "{*_in_work(world, RECEIPTS), *_parked(world), *by_hand}",
            "{*_in_work(world, RECEIPTS), *by_hand}",
        ),
        TROUBLE,
    ),
    _defect(
        "goods that were booked in since the last look are not told to the stock sync",
        LOST,
        (
            f"{FLOWS}goods/untold.py",
            "        guid = whose.order_of(asn) if asn.is_begun else None\n",
            "        guid = None\n",
        ),
        TROUBLE,
    ),
    _defect(
        "goods of an ASN whose making was not answered are nobody's",
        LOST,
        (
            f"{FLOWS}goods/whose_asn.py",
            "order.guid if marker_of(key)",
            "None if marker_of(key)",
        ),
        TROUBLE,
    ),
)
