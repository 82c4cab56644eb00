"""Entries where Unleashed's answers come in, resource by resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from returns_hub.domain.unleashed.despatches import DespatchNote, GoodsLine, SoldOrder
from returns_hub.domain.unleashed.purchase_orders import LineRaise, LineReceipt, PurchaseOrder
from returns_hub.domain.unleashed.stock_rows import AdjustmentDraft
from returns_hub.domain.unleashed.stock_rule import AdjustmentLine
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports.erp import Erp
from tests.fuzz.partner_answers import DOWN, EMPTY_404, LIMITED
from tests.fuzz.replies import Scripted, read_script, script
from tests.fuzz.targets import Target, Wrong
from tests.fuzz.unleashed_world import answer, first_of, scripted_erp, usable
from tests.support import fakes

SINCE = fakes.START - timedelta(days=1)
LATER = fakes.START + timedelta(minutes=2)
DONE = frozenset(range(200, 300))
REFUSED = frozenset({400, 406, 409, 410, 413, 414, 415, 422})
REFUSAL = Scripted(400, body=b'{"Description": "Quantity is wrong.", "DebugInformation": null}')
FAULT = Scripted(200, body=b'{"Description": "Something went wrong."}')
OUTAGES = (*map(script, (REFUSAL, FAULT, Scripted(403), LIMITED, DOWN, EMPTY_404)),)
GUID = "5790f82e-c1d3-4cff-aa3a-f4d46b0a18e8"


@dataclass(frozen=True)
class Read:
    """What a read came to."""

    value: object


def reading(
    act: Callable[[Erp], object], *, also: frozenset[int] = frozenset()
) -> Callable[[bytes], Read]:
    """An entry that reads: a value comes of whole answers, of there being none, or of a status in
    `also`, and can be written down."""

    def run(data: bytes) -> Read:
        erp, partner = scripted_erp()
        partner.play(read_script(data))
        value = act(erp)
        if isinstance(value, Iterator):
            value = tuple(value)
        last = partner.seen.last
        if last and last.status not in DONE | {404} | also:
            raise Wrong("a value comes of an answer that is none", f"status {last.status}")
        if last and last.status == 200 and not last.is_whole and not last.is_encoded:
            raise Wrong("a value comes of an answer that is cut off", repr(value)[:100])
        usable(value)
        return Read(value)

    return run


def writing(
    act: Callable[[Erp], object],
    *,
    once: str | None = "",
    also: frozenset[int] = frozenset(),
) -> Callable[[bytes], Read]:
    """An entry that writes: success and refusal only where the answer to the write says so.

    Args:
        act: The write.
        once: How the path of the write ends that must not be done twice; None: there is none,
            since numbers are named that may be written again.
        also: Statuses of a refusal that may turn out to be a success.
    """

    def run(data: bytes) -> Read:
        erp, partner = scripted_erp()
        partner.play(read_script(data))
        try:
            value = act(erp)
        except (Permanent, Retryable) as verdict:
            wrote = partner.seen.wrote
            said_no = wrote is None or wrote.wire == "refused" or 400 <= wrote.status < 500
            is_once = once is not None and partner.seen.wrote_to.partition("?")[0].endswith(once)
            if wrote is not None and is_once and not said_no:
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        wrote = partner.seen.wrote
        if wrote is not None and wrote.status not in DONE | also:
            raise Wrong("a write that is not provably done counts as done", f"{wrote.status}")
        usable(value)
        return Read(value)

    return run


def page(*rows: Any, **told: int) -> dict[str, Any]:
    """One page of a list."""
    counts = {"NumberOfItems": len(rows), "PageSize": 200, "PageNumber": 1, "NumberOfPages": 1}
    return {"Pagination": counts | told, "Items": list(rows)}


def _list(
    name: str,
    resource: str,
    act: Callable[[Erp], object],
    also: frozenset[int] = frozenset(),
) -> Target:
    whole = answer(f"/{resource}/1")
    row = whole["Items"][0]
    seeds = (
        script(whole),
        script(page(row, NumberOfPages=2, NumberOfItems=2), page(row, PageNumber=2)),
        script(page(row, row | {"Guid": None}, {"Guid": 7}, {})),
        script([row]),
        script(page()),
    )
    return Target(name, "script", reading(act, also=also), (Read,), (*seeds, *OUTAGES))


def _single(name: str, resource: str, act: Callable[[Erp, str], object]) -> Target:
    row = first_of(resource)
    guid = row["Guid"]
    seeds = (script(row), script({"Items": [row]}), script(page(row)), script({}), script([row]))
    run = reading(lambda erp: act(erp, guid))
    return Target(name, "script", run, (Read,), (*seeds, *OUTAGES))


def _write(
    name: str,
    resource: str,
    act: Callable[[Erp, str], object],
    *,
    once: str | None = "",
    **changes: Any,
) -> Target:
    row = first_of(resource) | changes
    guid = row["Guid"]
    seeds = (
        script(row, row, row),
        script(row, Scripted(204), row),
        script(row, REFUSAL),
        script(row, FAULT, row),
        script(row, Scripted(500), row),
        script(row, Scripted(200, wire="cut"), row),
        script(row, Scripted(200, wire="late"), row),
    )
    run = writing(lambda erp: act(erp, guid), once=once)
    return Target(name, "script", run, (Read,), (*seeds, *OUTAGES))


def _sold() -> SoldOrder:
    row = first_of("SalesOrders")
    lines = (GoodsLine(1, "TEE-RED-M", Decimal(1), product=GUID, guid=GUID),)
    return SoldOrder(row["Guid"], row["OrderNumber"], "Placed", lines)


def _receipts() -> tuple[LineReceipt, ...]:
    lines = first_of("PurchaseOrders")["PurchaseOrderLines"]
    return tuple(
        LineReceipt(line["Guid"], line["Product"]["ProductCode"], Decimal(1)) for line in lines
    )


def _raises() -> tuple[LineRaise, ...]:
    lines = first_of("PurchaseOrders")["PurchaseOrderLines"]
    return (LineRaise(lines[0]["Guid"], Decimal(9)),)


NOTE = DespatchNote(tracking="JD1", company="DPD", packages=1, units={1: 1})


def _products_of(erp: Erp, guid: str) -> object:
    order = erp.purchase_orders.read(guid)
    return erp.purchase_orders.products_of(order) if isinstance(order, PurchaseOrder) else None


def _tracked_in(erp: Erp, guid: str) -> object:
    move = erp.assemblies.read(guid)
    return move and erp.assemblies.tracked_in(move)


def _company_targets() -> tuple[Target, ...]:
    return (
        _list("unleashed-warehouses", "Warehouses", lambda erp: erp.warehouses.warehouses()),
        _list("unleashed-products", "Products", lambda erp: erp.products.pages_changed_since(None)),
        _list(
            "unleashed-product-code", "Products", lambda erp: erp.products.with_code("CAP-BLACK")
        ),
        _single("unleashed-product", "Products", lambda erp, guid: erp.products.read(guid)),
        _list("unleashed-customers", "Customers", lambda erp: erp.customers.learn(None)),
        _list("unleashed-customer", "Customers", lambda erp: erp.customers.with_code("WEBSHOP")),
        _list(
            "unleashed-customer-name", "Customers", lambda erp: erp.customers.with_name("A shop")
        ),
        _single("unleashed-address", "Customers", lambda erp, _: erp.customers.address_of("X")),
    )


def _sales_targets() -> tuple[Target, ...]:
    return (
        _list("unleashed-orders", "SalesOrders", lambda erp: erp.orders.changed_since(SINCE)),
        _list("unleashed-open-orders", "SalesOrders", lambda erp: erp.orders.open_orders()),
        _single("unleashed-order", "SalesOrders", lambda erp, guid: erp.orders.read(guid)),
        _list(
            "unleashed-order-number",
            "SalesOrders",
            lambda erp: erp.orders.with_number("SO-00000001"),
        ),
        _list(
            "unleashed-shipments",
            "SalesShipments",
            lambda erp: erp.shipments.changed_since(SINCE),
            # An account that has no such word cannot tell of deletions.
            REFUSED,
        ),
        _list(
            "unleashed-shipments-of",
            "SalesShipments",
            lambda erp: erp.shipments.of_order("SO-00000001"),
        ),
        _single("unleashed-shipment", "SalesShipments", lambda erp, guid: erp.shipments.read(guid)),
        _single(
            "unleashed-sold-order", "SalesOrders", lambda erp, guid: erp.despatches.sold_order(guid)
        ),
        _list(
            "unleashed-dispatched",
            "SalesShipments",
            lambda erp: iter(erp.despatches.dispatched_since(SINCE)),
        ),
        _list(
            "unleashed-tracked", "Products", lambda erp: erp.despatches.tracked([GUID, GUID[::-1]])
        ),
        _write(
            "unleashed-complete",
            "SalesOrders",
            lambda erp, guid: erp.despatches.complete(replace(_sold(), guid=guid), LATER),
        ),
        _write(
            "unleashed-place",
            "SalesOrders",
            lambda erp, guid: erp.despatches.place(guid, LATER),
            OrderStatus="Parked",
        ),
        _write(
            "unleashed-dispatch",
            "SalesShipments",
            lambda erp, guid: erp.despatches.dispatch(guid, NOTE, LATER),
        ),
        _write(
            "unleashed-fill",
            "SalesShipments",
            lambda erp, guid: erp.despatches.fill_shipment(guid, NOTE, LATER),
        ),
        _single(
            "unleashed-is-filled",
            "SalesShipments",
            lambda erp, guid: erp.despatches.is_filled(guid, NOTE),
        ),
    )


def _goods_targets() -> tuple[Target, ...]:
    return (
        _list(
            "unleashed-purchases",
            "PurchaseOrders",
            lambda erp: erp.purchase_orders.changed_since(SINCE),
        ),
        _single(
            "unleashed-purchase", "PurchaseOrders", lambda erp, guid: erp.purchase_orders.read(guid)
        ),
        _single("unleashed-purchased", "PurchaseOrders", _products_of),
        _write(
            "unleashed-set-receipt",
            "PurchaseOrders",
            lambda erp, guid: erp.purchase_orders.set_receipt(guid, _receipts(), LATER),
            once=None,
        ),
        _write(
            "unleashed-receipt",
            "PurchaseOrders",
            lambda erp, guid: erp.purchase_orders.receipt(guid, _receipts(), LATER),
            once="/Receipt",
        ),
        _write(
            "unleashed-raise",
            "PurchaseOrders",
            lambda erp, guid: erp.purchase_orders.raise_lines(guid, _raises(), LATER),
            once=None,
        ),
        _single(
            "unleashed-receipt-set",
            "PurchaseOrders",
            lambda erp, guid: erp.purchase_orders.receipt_set(guid, _receipts()),
        ),
        _list(
            "unleashed-transfers",
            "WarehouseStockTransfers",
            lambda erp: erp.transfers.changed_since(SINCE),
        ),
        _write(
            "unleashed-transfer-complete",
            "WarehouseStockTransfers",
            lambda erp, guid: erp.transfers.complete(guid, LATER),
        ),
        _list(
            "unleashed-assemblies",
            "Assemblies",
            lambda erp: erp.assemblies.changed_since(SINCE),
        ),
        _single("unleashed-assembly", "Assemblies", _tracked_in),
        _write(
            "unleashed-assembly-complete",
            "Assemblies",
            lambda erp, guid: erp.assemblies.complete(guid, LATER),
        ),
    )


STOCK = answer("/StockOnHand/1", "warehouseCode=MAIN")
ADJUSTMENT = {
    "Guid": GUID,
    "AdjustmentNumber": "SA-1",
    "Status": "Completed",
    "Warehouse": {"WarehouseCode": "MAIN"},
    "StockAdjustmentLines": [{"Product": {"ProductCode": "CAP-BLACK"}, "NewQuantity": 1}],
}
DRAFT = AdjustmentDraft(
    GUID,
    "MAIN",
    "Mintsoft",
    fakes.START.date(),
    (AdjustmentLine("CAP-BLACK", Decimal(1), Decimal("4.00"), 1),),
)


def _stock(name: str, act: Callable[[Erp], object]) -> Target:
    row = STOCK["Items"][0]
    seeds = (script(STOCK), script(page(row, row | {"ProductGuid": "none"}, {})), script(page()))
    return Target(name, "script", reading(act), (Read,), (*seeds, *OUTAGES))


def _stock_targets() -> tuple[Target, ...]:
    products = script(answer("/Products/1"))
    adjustment = script(ADJUSTMENT)
    return (
        _stock("unleashed-stock", lambda erp: erp.stock.pages("MAIN")),
        _stock("unleashed-stock-changed", lambda erp: erp.stock.changed("MAIN", SINCE)),
        _stock("unleashed-stock-rows", lambda erp: erp.stock.rows_of("MAIN", [GUID])),
        Target(
            "unleashed-stock-products",
            "script",
            reading(lambda erp: erp.stock.products_named(["CAP-BLACK", "TEE-RED-M"])),
            (Read,),
            (products, *OUTAGES),
        ),
        Target(
            "unleashed-adjustment",
            "script",
            reading(lambda erp: erp.stock.read_adjustment(GUID)),
            (Read,),
            (adjustment, *OUTAGES),
        ),
        Target(
            "unleashed-adjust",
            "script",
            writing(lambda erp: erp.stock.adjust(DRAFT, LATER)),
            (Read,),
            (adjustment, script(Scripted(204)), *OUTAGES),
        ),
    )


UNLEASHED_TARGETS: tuple[Target, ...] = (
    *_company_targets(),
    *_sales_targets(),
    *_goods_targets(),
    *_stock_targets(),
)
