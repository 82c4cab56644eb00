"""The books of both partners, read from a simulated world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from local.simulators.mintsoft.tenant import CANCELLED, CLOSED, Order
from local.simulators.unleashed.company import API
from local.simulators.unleashed.shapes import Record
from returns_hub.domain.sync.records import SyncState
from tests.simulation.erp_books import Booked, Books, Document, Made
from tests.simulation.erp_plans import CODES, ELSEWHERE
from tests.simulation.erp_whose import document_of

if TYPE_CHECKING:
    from tests.simulation.erp import ErpSimulation

BOOKED = {
    "order_completed": "completed",
    "shipment_dispatched": "dispatched",
    "purchase_receipted": "receipted",
    "transfer_completed": "completed",
    "assembly_completed": "completed",
}
RESOURCES = {
    "sale": ("SalesOrders", "SalesOrderLines", "OrderQuantity", "OrderStatus"),
    "shipment": ("SalesShipments", "SalesShipmentLines", "ShipmentQty", "ShipmentStatus"),
    "purchase": ("PurchaseOrders", "PurchaseOrderLines", "OrderQuantity", "OrderStatus"),
    "transfer": (
        "WarehouseStockTransfers",
        "TransferDetails",
        "TransferQuantity",
        "TransferStatus",
    ),
    "assembly": ("Assemblies", "AssemblyLines", "Quantity", "AssemblyStatus"),
}
FLOWS = {
    "sale": ("unleashed.orders", "unleashed.despatches", "orders/"),
    "shipment": ("unleashed.shipments", "unleashed.despatches", "shipments/"),
    "purchase": ("unleashed.purchase_orders", "unleashed.receipts", ""),
    "transfer": ("unleashed.transfers", "unleashed.transfers", ""),
    "assembly": ("unleashed.assemblies", "unleashed.assemblies", ""),
}
STOCK = "unleashed.stock"
IMPORTED = frozenset({"Placed", "Backordered"})
LEFT_TO_A_PERSON = frozenset({"left_open", "discarded", "partly_sent"})
"""Outcomes that say why something is not carried over."""
QUIET = 3600.0
"""Seconds after the last thing that happened, from when on the hub writes nothing any more."""


def books_of(run: ErpSimulation) -> Books:
    """Everything that the rules look at."""
    states = {(state.flow, state.key): state for state in run.states()}
    by_hand = {m.doc for m in run.log.movements if m.side == "unleashed" and not m.by_hub}
    documents = {}
    numbers = dict(run.days.numbers)
    for guid, shipment in run.there.company.all("SalesShipments").items():
        numbers[f"shipment:{guid}"] = shipment["ShipmentNumber"]
    for name, number in numbers.items():
        document = _document(run, name, number, states, by_hand)
        if document is not None:
            documents[name] = document
    settings = run.block
    quiet = run.quiet_since
    return Books(
        movements=tuple(run.log.movements),
        documents=documents,
        orders=tuple(_orders(run)),
        asns=tuple(_asns(run)),
        booked=tuple(_booked(run)),
        open_places=_open_places(run),
        adjusts=settings.get("stock", {}).get("mode") == "live",
        is_stopped=any(state.parked for state in states.values() if state.flow == STOCK),
        acts=(*run.days.acts, *run.people.acts),
        parts=settings["receipts"]["part_deliveries"] == "each",
        late_writes=tuple(
            f"{what} at {at:.0f} s"
            for at, what in run.log.writes
            if quiet is not None and at > quiet + QUIET
        ),
        echoes=tuple(_echoes(run)),
        credits=_credits(run),
    )


def _document(
    run: ErpSimulation,
    name: str,
    number: str,
    states: dict[tuple[str, str], SyncState],
    by_hand: set[str],
) -> Document | None:
    kind, _, guid = name.partition(":")
    if kind in {"sale", "shipment"} and kind != run.imports:
        return None
    resource, lines, quantity, status_key = RESOURCES[kind]
    record = run.there.company.all(resource)[guid]
    status, flows = record[status_key], FLOWS[kind]
    first = states.get((flows[0], guid))
    back = states.get((flows[1], f"{flows[2]}{guid}"))
    wants = _wants(run, kind, record)
    is_open = status in IMPORTED or (kind in {"transfer", "assembly"} and status == "Parked")
    return Document(
        name,
        number,
        _units(run, record, kind, lines, quantity),
        wants_order=is_open and wants[0],
        wants_asn=is_open and wants[1],
        is_gone=not is_open,
        is_deleted=status == "Deleted" or (kind in {"sale", "shipment"} and status == "Parked"),
        told=_why(first) | _left_by_switch(run, first),
        told_back=_why(back) | _why(first),
        let_go=any(s is not None and _was_discarded(run, s) for s in (first, back)),
        by_hand=name in by_hand,
    )


def _wants(run: ErpSimulation, kind: str, record: Record) -> tuple[bool, bool]:
    """Whether the warehouse is to have an order for it, and an ASN."""
    places = run.there.company.all("Warehouses")

    def is_here(key: str) -> bool:
        guid = record.get(key)
        if guid is None and kind == "shipment":
            guid = run.there.company.all("SalesOrders")[record["OrderGuid"]]["Warehouse"]
        return guid is not None and places[guid]["WarehouseCode"] != ELSEWHERE

    match kind:
        case "sale" | "shipment":
            return is_here("Warehouse"), False
        case "purchase":
            return False, is_here("Warehouse")
        case _:
            return is_here("SourceWarehouse"), is_here("DestinationWarehouse")


def _units(
    run: ErpSimulation, record: Record, kind: str, lines: str, quantity: str
) -> Counter[str]:
    codes, units = run.there.company.all("Products"), Counter[str]()
    if kind == "assembly":
        units[codes[record["Product"]]["ProductCode"]] += int(record["Quantity"])
        return units
    for line in record[lines]:
        if line["Product"] in codes:
            units[codes[line["Product"]]["ProductCode"]] += int(line[quantity])
    return units


def _why(state: SyncState | None) -> frozenset[str]:
    if state is None:
        return frozenset()
    words = set(state.skips) | ({"parked"} if state.parked else set())
    if state.outcome in LEFT_TO_A_PERSON:
        words.add(state.outcome)
    return frozenset(words)


def _left_by_switch(run: ErpSimulation, state: SyncState | None) -> frozenset[str]:
    """Whether a step of it says that an edit was left, as the file wants it."""
    if state is None or not state.steps:
        return frozenset()
    for event in run.records.timeline(run.merchant, state.flow, state.key):
        if event.fact.kind == "step_planned" and "not carried over" in event.fact.summary:
            return frozenset({"edit_left"})
    return frozenset()


def _was_discarded(run: ErpSimulation, state: SyncState) -> bool:
    return f"{state.flow}/{state.key}" in run.people.discarded


def _orders(run: ErpSimulation) -> Iterator[Made]:
    parts: dict[tuple[str, str], list[Order]] = {}
    for order in run.mintsoft.orders.values():
        if order.external_reference.startswith("unleashed:"):
            of_one = (run.days.doc_of_order(order), order.number)
            parts.setdefault(of_one, []).append(order)
    places = {place: code for code, place in CODES.items()}
    for (doc, _), of_order in parts.items():
        units: Counter[str] = Counter()
        for order in of_order:
            if order.status_id != CANCELLED:
                units.update({item.sku: 0 for item in order.items})
                for item in order.items:
                    units[item.sku] += item.quantity
        for _ in [order for order in of_order if order.part == 1]:
            yield Made(
                of_order[0].id,
                doc,
                places[of_order[0].warehouse_id],
                units,
                done=_moved_there(run, doc, -1),
                is_over=all(order.status_id in CLOSED for order in of_order),
                is_cancelled=all(order.status_id == CANCELLED for order in of_order),
            )


def _asns(run: ErpSimulation) -> Iterator[Made]:
    places = {place: code for code, place in CODES.items()}
    for asn in run.mintsoft.asns.values():
        units, done = Counter[str](), Counter[str]()
        for item in asn.items:
            units[item.sku] += item.expected
            done[item.sku] += sum(part.quantity for part in item.allocations)
        yield Made(
            asn.id,
            run.days.doc_of_asn(asn),
            places[asn.warehouse_id],
            units,
            done,
            bookings=run.days.bookings.get(asn.id, 0),
            is_over=asn.booked_in_at is not None,
        )


def _moved_there(run: ErpSimulation, doc: str, sign: int) -> Counter[str]:
    units: Counter[str] = Counter()
    for row in run.log.movements:
        if row.side == "warehouse" and row.doc == doc and row.units * sign > 0:
            units[row.sku] += row.units * sign
    return units


def _booked(run: ErpSimulation) -> Iterator[Booked]:
    for entry in run.there.company.journal:
        what = BOOKED.get(entry["what"])
        if what is None:
            continue
        guid, by_hub = entry["guid"], entry["by"] == API
        doc = document_of(run, entry["what"], guid)
        if entry["what"] == "order_completed":
            doc = f"sale:{guid}"
        yield Booked(0.0, what, doc, guid, by_hub)


def _open_places(run: ErpSimulation) -> frozenset[tuple[str, str]]:
    ids = run.product_ids()
    products = run.there.company.all("Products").values()
    codes = {row["ProductCode"] for row in products if not row.get("NeverDiminishing")}
    # What the warehouse never had it does not list, and that is no 0.
    listed = run.mintsoft.stock
    return frozenset(
        (code, sku)
        for code, place in CODES.items()
        for sku in codes & ids.keys()
        if (place, ids[sku]) in listed
    )


def _echoes(run: ErpSimulation) -> Iterator[str]:
    """Sales orders of the hub's that came back to the warehouse as orders of somebody else's."""
    for guid, record in run.there.company.all("SalesOrders").items():
        back = [o for o in run.mintsoft.orders.values() if o.external_reference.endswith(guid)]
        if record["CreatedBy"] == API and back:
            yield f"sales order {record['OrderNumber']} came back as order {back[0].id}"


def _credits(run: ErpSimulation) -> Counter[str]:
    """Credit notes of the hub's, by what they refer to."""
    notes = run.there.company.all("CreditNotes").values()
    return Counter(f"credit {note['Reference']}" for note in notes if note["CreatedBy"] == API)
