"""Deliberate defects: orders and stock in Mintsoft."""

from __future__ import annotations

from tests.mutations.model import ANSWERS, CALM, LOST, TOLD, TWICE, Defect, Edit, tests

BOTH_ORDERS = tests("contract/test_orders_warehouse.py")
ORDERS = tests("contract/test_mintsoft_orders.py")
STOCK = tests("contract/test_mintsoft_stock.py", "unit/test_warehouse_orders.py")
ROWS = tests("unit/test_json_rows.py")
FOREIGN = tests("contract/test_mintsoft_returns.py")
READS = "adapters/mintsoft/order_reads.py"
TRANSLATE = "adapters/mintsoft/order_translate.py"

OF_MINTSOFT_ORDERS = (
    Defect(
        "an order with other goods is taken for ours",
        LOST,
        (
            Edit(
                READS,
                "if units is not None and not _are_goods(orders, units):",
                "if units is not None and not orders:",
            ),
        ),
        (BOTH_ORDERS,),
    ),
    Defect(
        "another client's order with our number is taken for ours",
        LOST,
        (
            Edit(
                READS,
                "mine = [row for row in rows if self._is_ours(row) and has_number(row, number)]",
                "mine = [row for row in rows if has_number(row, number)]",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "an order found by its reference is taken for the one with the number",
        LOST,
        (
            Edit(
                READS,
                "mine = [row for row in rows if self._is_ours(row) and has_number(row, number)]",
                "mine = [row for row in rows if self._is_ours(row)]",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "a search full of strangers is conclusive",
        TWICE,
        (
            Edit(
                READS,
                "hidden = hidden or (exactly and len(rows) >= MOST_SHOWN)",
                "hidden = False",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "a list that did not end is conclusive",
        TWICE,
        (Edit(READS, "may_be_more = not walk.complete", "may_be_more = False"),),
        (ORDERS,),
    ),
    Defect(
        "a full page that comes again ends the list",
        LOST,
        (
            Edit(
                "adapters/mintsoft/pages.py",
                "complete=len(rows) < PAGE_SIZE",
                "complete=True",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "an order that exists already is an error",
        LOST,
        (
            Edit(
                "adapters/mintsoft/errors.py",
                "        if taken is not None:\n",
                "        if taken is not None and not rows:\n",
            ),
        ),
        (ANSWERS, BOTH_ORDERS),
    ),
    Defect(
        "an order made in part counts as made",
        LOST,
        (
            Edit(
                "adapters/mintsoft/errors.py",
                "    if not all(verdict is True for verdict in verdicts):\n",
                "    if not any(verdict is True for verdict in verdicts):\n",
            ),
        ),
        (ANSWERS,),
    ),
    Defect(
        "prices go in minor units",
        LOST,
        (
            Edit(
                TRANSLATE,
                "return float(amount_of(minor, draft.currency))",
                "return float(minor)",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "every currency has two decimal places",
        LOST,
        (Edit("domain/minor_units.py", "return EXPONENTS.get(currency, 2)", "return 2"),),
        (STOCK, ORDERS),
    ),
    Defect(
        "a status that is not known counts as shipped",
        LOST,
        (
            Edit(
                READS,
                "stage = OrderStage.DESPATCHED if _is_shipped(row) else OrderStage.UNKNOWN",
                "stage = OrderStage.DESPATCHED",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "an order in work is cancelled",
        LOST,
        (
            Edit(
                "adapters/mintsoft/orders.py",
                "if order.stage not in (NOT_BEGUN if held_too else {OrderStage.NEW}):",
                "if order.is_shipped:",
            ),
        ),
        (BOTH_ORDERS,),
    ),
    Defect(
        "what Mintsoft says of a buyer reaches an operator's screen",
        CALM,
        (
            Edit("adapters/http/words.py", "told = without(text[", "told = str(text["),
            Edit(
                "adapters/mintsoft/orders.py",
                "said = without_person(verdict.reason, draft)",
                "said = verdict.reason",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "the larger number of stock is promised while its meaning is unknown",
        TWICE,
        (
            Edit(
                "domain/warehouse_stock.py",
                '"unknown": min(self.level, other)',
                '"unknown": max(self.level, other)',
            ),
        ),
        (STOCK,),
    ),
    Defect(
        "units in quarantine are promised",
        TWICE,
        (
            Edit(
                "domain/warehouse_stock.py",
                "return max(0, most[means] - max(0, self.quarantined))",
                "return max(0, most[means])",
            ),
        ),
        (STOCK,),
    ),
    Defect(
        "another client's stock is ours",
        LOST,
        (
            Edit(
                "adapters/mintsoft/stock.py",
                "ours = row.client_id == self._connection.client_id and row.warehouse_id",
                "ours = row.client_id is not None and row.warehouse_id",
            ),
        ),
        (STOCK,),
    ),
    Defect(
        "stock of which the row cannot be read is not there",
        LOST,
        (
            Edit(
                "adapters/mintsoft/stock.py",
                "self._each_level(warehouse_id, keep, broken.add)",
                "self._each_level(warehouse_id, keep)",
            ),
        ),
        (STOCK,),
    ),
    Defect(
        "a stock list that was cut off is whole",
        LOST,
        (
            Edit(
                "adapters/http/rows.py",
                "if not complete or not self._ended or",
                "if",
            ),
        ),
        (ROWS, STOCK),
    ),
    Defect(
        "a missing permission locks the key",
        CALM,
        (
            Edit(
                "adapters/mintsoft/client.py",
                "if self._credentials.is_static and not is_read:",
                "if self._credentials.is_static and is_read:",
            ),
        ),
        (ORDERS,),
    ),
    Defect(
        "an internal return names no order",
        TOLD,
        (
            Edit(
                "adapters/mintsoft/translate.py",
                "        order_id=order_id,\n",
                "        order_id=None,\n",
            ),
        ),
        (FOREIGN,),
    ),
)
