"""What shipments and their lines look like at Unleashed."""

from __future__ import annotations

from local.simulators.unleashed.shapes import (
    DELIVERY,
    STAMPS,
    Field,
    Record,
    Shape,
    numbers,
    own,
    texts,
)

SHIPMENT_LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole"),
        Field("Product", "ref", of="Products", required=True),
        Field("ShipmentQty", "number", required=True),
        Field("SalesOrderLineNumber", "whole"),
        *numbers("CommercialMonetaryValue"),
        Field("SerialNumbers", "serials"),
        Field("BatchNumbers", "batches"),
        *STAMPS,
    )
)
SHIPMENT = Shape(
    (
        Field("Guid", "guid"),
        *own("ShipmentNumber"),
        Field("OrderNumber", most=20, required=True),
        *own("OrderGuid"),
        Field("ShipmentStatus", most=20),
        *own("ShipmentStatusEnum"),
        Field("DispatchDate", "date"),
        Field("ShippingCompany", "ref", of="ShippingCompanies"),
        *texts(100, "TrackingNumber"),
        *texts(50, "ShipmentWeight"),
        Field("NumberOfPackages", "whole"),
        *texts(500, "Comments"),
        *texts(3, "Incoterm"),
        *texts(20, "ReceiverEORI", "ShipperEORI"),
        *numbers("TotalCommercialValue"),
        Field("Customer", "ref", own=True, of="Customers"),
        *own("CustomerRef"),
        Field("Warehouse", "ref", own=True, of="Warehouses"),
        *own("DeliveryContact"),
        *DELIVERY,
        *texts(500, "DeliveryInstruction"),
        *STAMPS,
        Field("SalesShipmentLines", "lines", lines=SHIPMENT_LINE, required=True),
    )
)


def whole_shipment(order: Record, status: str) -> Record:
    """A shipment of everything that is ordered, not kept yet."""
    record: Record = {known.name: None for known in SHIPMENT.fields}
    record |= {"OrderNumber": order["OrderNumber"], "ShipmentStatus": status}
    blank: Record = {known.name: None for known in SHIPMENT_LINE.fields}
    record["SalesShipmentLines"] = [
        blank
        | {
            "Product": line["Product"],
            "ShipmentQty": line["OrderQuantity"],
            "SalesOrderLineNumber": line["LineNumber"],
            "BatchNumbers": line["BatchNumbers"],
            "_line": line["Guid"],
        }
        for line in order["SalesOrderLines"]
        if line["Product"] is not None
    ]
    return record
