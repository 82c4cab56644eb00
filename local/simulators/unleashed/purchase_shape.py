"""What purchase orders and their lines look like at Unleashed."""

from __future__ import annotations

from local.simulators.unleashed.shapes import DELIVERY, STAMPS, Field, Shape, numbers, own, texts

PURCHASE_LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole", required=True),
        Field("Product", "ref", of="Products", required=True),
        Field("UnitOfMeasure", "ref", of="UnitsOfMeasure"),
        Field("OrderQuantity", "number", required=True),
        *numbers("ReceiptQuantity"),
        Field("UnitPrice", "number", required=True),
        *own("DiscountedUnitPrice"),
        Field("LineTotal", "number", required=True),
        Field("LineTax", "number", required=True),
        *texts(0, "LineTaxCode"),
        *numbers("LineTaxRate", "DiscountRate"),
        Field("DeliveryDate", "date"),
        *texts(1024, "Comments"),
        Field("PendingBatchNumbers", "batches"),
        Field("BatchNumbers", "batches", own=True),
        Field("PendingSerialNumbers", "serials"),
        Field("SerialNumbers", "serials", own=True),
        *own("BCSubTotal", "LastModifiedOn"),
    )
)
PURCHASE = Shape(
    (
        Field("Guid", "guid"),
        *own("OrderNumber"),
        Field("OrderStatus", required=True),
        *texts(15, "CustomOrderStatus"),
        Field("OrderDate", "date"),
        Field("DeliveryDate", "date"),
        *own("CompletedDate", "ReceivedDate"),
        Field("Supplier", "ref", of="Suppliers", required=True),
        *texts(500, "SupplierRef"),
        Field("Warehouse", "ref", of="Warehouses"),
        Field("Currency", "ref", of="Currencies"),
        *numbers("ExchangeRate"),
        Field("Tax", "ref", of="Taxes"),
        *numbers("TaxRate", "DiscountRate"),
        *texts(1024, "Comments"),
        *DELIVERY,
        *own("Printed"),
        Field("SubTotal", "number", required=True),
        Field("TaxTotal", "number", required=True),
        Field("Total", "number", required=True),
        *own("BCSubTotal", "BCTaxTotal", "BCTotal"),
        *STAMPS,
        Field("PurchaseOrderLines", "lines", lines=PURCHASE_LINE, required=True),
    )
)
