"""What happens at the ERP in a run: a case for each flow, each done by people on both sides.

A case never waits: it yields a word for what it waits for, and goes on when that is to be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local.run.erp_cases_goods import (
    assembled,
    counted,
    received,
    received_short,
    transferred,
)
from local.run.erp_cases_returns import credited, exported
from local.run.erp_cases_sales import (
    deleted,
    discontinued,
    edited,
    from_customer,
    made_and_updated,
    split,
)
from local.run.erp_check import WEBHOOKS
from local.run.erp_stage import Stage, Steps


@dataclass(frozen=True)
class Case:
    """One thing that happens.

    Args:
        about: In the field's words, for the table.
        flows: The flows that it shows; webhooks count as one.
        steps: What people do, and what they wait for.
    """

    about: str
    flows: tuple[str, ...]
    steps: Callable[[Stage], Steps]


CASES = (
    Case("A new product is made at Mintsoft, then updated", ("products",), made_and_updated),
    Case("A deleted product is told by a webhook", ("products", WEBHOOKS), discontinued),
    Case("An order is edited (more units), then sent", ("orders", "despatches"), edited),
    Case(
        "An order without an address goes to its customer's", ("customers", "orders"), from_customer
    ),
    Case("An order is deleted: a person is asked", ("orders",), deleted),
    Case("An order leaves in two shipments", ("shipments", "despatches"), split),
    Case("A purchase order is booked in", ("purchase_orders", "receipts"), received),
    Case("A delivery comes short", ("purchase_orders", "receipts"), received_short),
    Case("Components are picked, the bundle received", ("assemblies",), assembled),
    Case("Goods move to another warehouse", ("transfers",), transferred),
    Case("An order of a web shop becomes a sales order", ("order_export",), exported),
    Case("A return that was processed is credited", ("credit_notes",), credited),
    Case("The warehouse finds more than it should", ("stock",), counted),
)
