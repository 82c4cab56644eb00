"""Books of a small run at the ERP that went well, for tests of its judge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local.run.erp_books import ErpBooks, Place
from local.run.erp_check import TEST
from local.simulators.unleashed.company import API
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from returns_hub.ports import ParkedItem

CLERK = "clerk@example.test"
PRODUCTS = {"1": {"sku": "TEE", "client_id": 12}, "2": {"sku": "COAT", "client_id": 13}}
PLACES = {
    "example": Place("a", 12, {"MAIN": 3, "3PL": 4}),
    "outlet": Place("b", 13, {"LEEDS": 5}),
}


def entry(what: str, guid: str, by: str = API, **more: Any) -> dict[str, Any]:
    """One of Unleashed's journal."""
    return {"what": what, "guid": guid, "by": by, **more}


def order_of(guid: str, *, kind: str = "order", client: int = 12, **more: Any) -> dict[str, Any]:
    """One of Mintsoft's, which has left."""
    return {
        "id": 500 + len(guid),
        "number": f"N-{guid}",
        "client_id": client,
        "external_reference": f"unleashed:{kind}:{guid}",
        "status_id": 4,
        "tracking_number": f"T-{guid}",
        "items": [{"sku": "TEE" if client == 12 else "COAT", "quantity": 2}],
        **more,
    }


def asn_of(number: str, units: int = 2) -> dict[str, Any]:
    """One of Mintsoft's, which was booked in."""
    items = [{"sku": "TEE", "allocations": [{"quantity": units}]}]
    return {"client_id": 12, "header": {"POReference": number}, "items": items}


def _elsewhere() -> list[dict[str, Any]]:
    """An order of the web shop, exported; and a credit note."""
    return [
        entry("order_made", "o7", order="SO-7", source_id="hub:7", lines={}),
        entry("order_completed", "o7", order="SO-7"),
        entry("credit_made", "c1", credit="CR-1"),
        entry("credit_completed", "c1", credit="CR-1"),
    ]


def _sales() -> list[dict[str, Any]]:
    lines = {"TEE": "2"}
    told: dict[str, Any] = {"order": "SO-1", "lines": lines}
    return [
        entry("order_made", "o1", CLERK, **told, source_id=None),
        entry("shipment_dispatched", "s1", **told, shipment="SS-1", tracking=None),
        entry("order_completed", "o1", order="SO-1"),
        entry("shipment_changed", "s1", **told, shipment="SS-1", tracking="T-o1"),
        entry("order_made", "o2", CLERK, order="SO-2", lines=lines, source_id=None),
        entry("order_deleted", "o2", CLERK, order="SO-2", lines=lines, source_id=None),
    ]


def _goods() -> Iterable[dict[str, Any]]:
    lines = {"TEE": {"ordered": "3", "receipted": "2"}}
    yield entry("purchase_made", "p1", CLERK, purchase="PO-1", lines=lines)
    yield entry("purchase_receipted", "p1", purchase="PO-1", lines=lines)
    for kind, number in (("transfer", "TX-1"), ("assembly", "ASM-1")):
        yield entry(f"{kind}_made", f"{kind}1", CLERK, **{kind: number})
        yield entry(f"{kind}_completed", f"{kind}1", **{kind: number})
    yield entry("stock_adjusted", "a1", adjustment="SA-1", comments=[TEST])
    yield entry("stock_adjusted", "a2", adjustment="SA-2", comments=["counted"])


def _shipments() -> list[dict[str, Any]]:
    lines = {"COAT": "2"}
    sent: dict[str, Any] = {"order": "SO-9", "shipment": "SS-9", "lines": lines}
    return [
        entry("order_made", "o9", CLERK, order="SO-9", lines=lines, source_id=None),
        entry("shipment_made", "s9", CLERK, **sent, tracking=None),
        entry("shipment_dispatched", "s9", **sent, tracking="T-s9"),
        entry("order_completed", "o9", order="SO-9"),
    ]


def company(journal: list[dict[str, Any]], stock: dict[str, Any]) -> dict[str, Any]:
    """One at Unleashed."""
    taken = {"event_id": "e1", "state": "delivered"}
    return {
        "journal": journal,
        "stock": stock,
        "refusals": {},
        "unknown_keys": {},
        "webhooks": {"deliveries": [taken]},
    }


def parked(subject: str, flow: str = "unleashed.orders", code: str = "code") -> ParkedItem:
    """What a person is asked."""
    return ParkedItem("example", "p", flow, code, "a reason", subject, "{}")


def clean() -> ErpBooks:
    """One of everything, all of it well; of order o2, which was deleted, a person is asked."""
    orders = [
        order_of("o1"),
        order_of("o2", status_id=1),
        order_of("s9", kind="shipment", client=13),
        order_of("transfer1", kind="transfer"),
        order_of("assembly1", kind="assembly"),
        order_of("7", number="WEB-7", external_reference=""),
    ]
    return ErpBooks(
        places=PLACES,
        companies={
            "example": company(
                [*_sales(), *_goods(), *_elsewhere()], {"MAIN": {"TEE": 5.0}, "3PL": {}}
            ),
            "outlet": company(_shipments(), {"LEEDS": {"COAT": 7.0}}),
        },
        mintsoft={
            "orders": orders,
            "asns": [asn_of("PO-1"), asn_of("TX-1"), asn_of("ASM-1")],
            "products": PRODUCTS,
            "stock": [
                {"warehouse_id": 3, "product_id": 1, "units": 6, "quarantined": 1},
                {"warehouse_id": 5, "product_id": 2, "units": 7, "quarantined": 0},
                {"warehouse_id": 9, "product_id": 1, "units": 4, "quarantined": 0},
            ],
            "journal": [
                {"call": "create-product", "id": 1},
                {"call": "update-product", "id": 1},
                *(
                    {"call": "create-order", "external_reference": order["external_reference"]}
                    for order in orders[:-1]
                ),
            ],
        },
        parked=[parked("record/unleashed.orders/o2"), parked("r1", "process_receipts")],
        flows=FLOW_NAMES,
        counted={"example": frozenset({"TEE"}), "outlet": frozenset({"COAT"})},
        customers=3,
        returns=("r-1",),
        credits={"c1": "Return: return r-1, batch 1"},
    )
