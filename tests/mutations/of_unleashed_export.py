"""Deliberate defects: order export, credit notes, and the marketplace's orders in Unleashed."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Defect, Edit, tests

EXPORT = tests("flow/unleashed/test_order_export.py")
TROUBLE = tests("flow/unleashed/test_order_export_trouble.py")
NOTES = tests("flow/unleashed/test_credit_notes.py")
THERE = tests("flow/unleashed/test_credits_there.py")
STORE = tests("contract/test_unleashed_store_of_record.py")
MARKET = tests("flow/unleashed/test_marketplace_orders.py")
SOURCE = "flows/unleashed/export/source.py"

OF_UNLEASHED_EXPORT = (
    Defect(
        "a sales order is posted over the one that is there",
        TWICE,
        (Edit("adapters/unleashed/order_making.py", "if there is not None:", "if False:"),),
        (tests("contract/test_sales_orders.py"),),
    ),
    Defect(
        "an order that the hub made for Unleashed is exported once its reference is gone",
        TWICE,
        (Edit(SOURCE, "for flow in OF_UNLEASHED:", "for flow in ():"),),
        (EXPORT,),
    ),
    Defect(
        "a list that is too long for a run is read from its front each time",
        LOST,
        (
            Edit(
                "flows/long_orders.py",
                "    return max(1, int(place) - 1) if place.isdecimal() else 1\n",
                "    return 1\n",
            ),
        ),
        (tests("flow/unleashed/test_long_lists.py"),),
    ),
    Defect(
        "goods of a completed credit note are on their way as long as another note is not",
        TWICE,
        (
            Edit(
                "flows/unleashed/credits/untold.py",
                "            yield place, sku, units - completed\n",
                "            yield place, sku, units\n",
            ),
        ),
        (NOTES,),
    ),
    Defect(
        "a part that was split off after its export becomes a second order",
        TWICE,
        (Edit(SOURCE, "if order.parts == 1:", "if order.parts:"),),
        (TROUBLE,),
    ),
    Defect(
        "an order is completed when its first part was sent",
        TOLD,
        (
            Edit(
                SOURCE,
                "if not all(part.is_shipped for part in parts):",
                "if not any(part.is_shipped for part in parts):",
            ),
        ),
        (TROUBLE,),
    ),
    Defect(
        "of a gross price the tax is added once more",
        TOLD,
        (Edit("domain/unleashed/sale_amounts.py", 'if prices == "gross":', "if False:"),),
        (EXPORT,),
    ),
    Defect(
        "what was sent and waits for a person is not on its way for the stock sync",
        TWICE,
        (
            Edit(
                "flows/unleashed/export/untold.py",
                "return [*keys, *asked_about(self._world, ORDER_EXPORT)]",
                "return keys",
            ),
        ),
        (TROUBLE,),
    ),
    Defect(
        "deleted credit notes are not looked through for the marker",
        TWICE,
        (
            Edit(
                "adapters/unleashed/credit_notes.py",
                'row for row in self._deleted(NOTES, "creditStatus", begin)}',
                "row for row in ()}",
            ),
        ),
        (NOTES, STORE),
    ),
    Defect(
        "a refund whose tax cannot be told is credited as if it had none",
        LOST,
        (
            Edit(
                "adapters/unleashed/store_of_record.py",
                'if value_of(shown, "TaxRate") is None and not text_of(tax, "TaxCode"):',
                "if True:",
            ),
        ),
        (STORE,),
    ),
    Defect(
        "a note whose comments were emptied is made a second time",
        TWICE,
        (
            Edit(
                "adapters/unleashed/credit_notes.py",
                "is_alike and not has_marker(note.comments)",
                "False and is_alike",
            ),
        ),
        (NOTES,),
    ),
    Defect(
        "units that came before are credited again, at their price",
        TWICE,
        (
            Edit(
                "flows/unleashed/credits/credit_notes.py",
                "before=processed.before(),",
                "before=(),",
            ),
        ),
        (NOTES,),
    ),
    Defect(
        "a return that was processed is not handed over to its credit note",
        LOST,
        (
            Edit(
                "flows/process_lines.py",
                "later += credit_later(batch, state, world)",
                "credit_later(batch, state, world)",
            ),
        ),
        (NOTES,),
    ),
    Defect(
        "the hub's own credit notes come back as refunds of a store",
        TWICE,
        (
            Edit(
                "flows/unleashed/credits/credits_there.py",
                "if has_marker(note.comments):",
                "if False:",
            ),
        ),
        (THERE,),
    ),
    Defect(
        "a despatch of the marketplace's order is not known under the ERP's number",
        LOST,
        (
            Edit(
                "flows/miinto/follow_despatches.py",
                "for number in (*row.numbers, *self._told_by_erp(row)):",
                "for number in row.numbers:",
            ),
        ),
        (MARKET,),
    ),
)
