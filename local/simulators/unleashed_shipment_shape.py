"""What shipments and their lines look like at Unleashed."""

from __future__ import annotations

from local.simulators.unleashed_shapes import DELIVERY, STAMPS, Field, Shape, numbers, own, texts

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
