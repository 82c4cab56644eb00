"""Deliberate defects: sales orders of Unleashed, and warehouses that are stopped."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Defect, Edit, tests

EDITS = tests("flow/unleashed/test_order_edits.py")
RUNS = tests("flow/unleashed/test_orders_runs.py")
TROUBLE = tests("flow/unleashed/test_order_trouble.py")
OUTAGES = tests("flow/unleashed/test_order_outages.py")
UNTOLD = tests("flow/unleashed/test_orders_untold.py")
PROBLEMS = tests("flow/unleashed/test_warehouse_problems.py")
READING = tests("contract/test_unleashed_sales_orders.py")
SOURCE = "flows/unleashed/orders/source.py"
STEPS = "flows/unleashed/orders/steps.py"
SHARED = "flows/unleashed/shared_steps.py"
EDITING = "flows/unleashed/orders/edits.py"

OF_UNLEASHED_ORDERS = (
    Defect(
        "an order with the number that somebody else made is taken for ours",
        LOST,
        (Edit(SHARED, "if made.found and not is_ours(", "if False and not is_ours("),),
        (TROUBLE,),
    ),
    Defect(
        "an order that was changed before it was found is looked for for ever",
        TWICE,
        (Edit(SHARED, "return answer if mine is None else Found(str(mine))", "return answer"),),
        (TROUBLE,),
    ),
    Defect(
        "what an earlier version told is looked for under the newest one's number alone",
        TWICE,
        (
            Edit(
                STEPS,
                "names = [told] if earlier is None else [earlier]",
                "names = [told]",
            ),
        ),
        (TROUBLE,),
    ),
    Defect(
        "an edit of a deleted order whose making has no answer forgets the warehouse's",
        LOST,
        (Edit(SOURCE, "            if found is not None:\n", "            if False:\n"),),
        (TROUBLE,),
    ),
    Defect(
        "units are compared with what was sent first",
        TWICE,
        (Edit(STEPS, 'units[step.told["sku"]] = step.told["units"]', "pass"),),
        (EDITS,),
    ),
    Defect(
        "a change that nobody heard the end of is not taken for carried out",
        LOST,
        (Edit(EDITING, "        if units.get(sku, 0) == told:\n", "        if False:\n"),),
        (TROUBLE,),
    ),
    Defect(
        "a change that nobody heard the end of is dropped where the partner is in step",
        TOLD,
        (Edit(EDITING, "            if sku not in named:\n", "            if False:\n"),),
        (TROUBLE,),
    ),
    Defect(
        "orders from before the switch are imported a second time",
        TWICE,
        (
            Edit(
                SOURCE,
                "        if made is None:\n            self._require",
                "        if False:\n            self._require",
            ),
        ),
        (RUNS,),
    ),
    Defect(
        "deletions are not read",
        LOST,
        (
            Edit(
                "adapters/unleashed/sales_orders.py",
                'yield from map(to_sales_order, self._deleted(PATH, "orderStatus", since))',
                "pass",
            ),
        ),
        (READING, EDITS),
    ),
    Defect(
        "orders that wait for a warehouse are read one by one in every run",
        CALM,
        (Edit(SOURCE, "code in self._world.places.stopped:", "not code:"),),
        (OUTAGES,),
    ),
    Defect(
        "a warehouse's problem is told in every run",
        CALM,
        (
            Edit(
                "flows/unleashed/warehouse_problems.py", 'item.state == "open" or seen_to', "False"
            ),
        ),
        (PROBLEMS,),
    ),
    Defect(
        "a warehouse that is mended stays on the list",
        TOLD,
        (
            Edit(
                "flows/unleashed/warehouse_problems.py",
                "if not problems and not cursors.read(name)",
                "if not problems or not cursors.read(name)",
            ),
        ),
        (PROBLEMS,),
    ),
    Defect(
        "units that an edit left out are not told to the stock sync",
        TOLD,
        (
            Edit(
                "flows/unleashed/orders/untold.py",
                "told, held = Told.of(_made(state)), units_sent(state)",
                "told, held = Told.of(_made(state)), dict(Told.of(_made(state)).units)",
            ),
        ),
        (UNTOLD,),
    ),
    Defect(
        "units that the warehouse cancelled are booked into Unleashed while a person is asked",
        TWICE,
        (
            Edit(
                "flows/unleashed/orders/untold.py",
                "        if is_in_doubt:\n",
                "        if False:\n",
            ),
        ),
        (UNTOLD,),
    ),
)
