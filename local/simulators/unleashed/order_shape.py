"""What sales orders and their lines look like at Unleashed."""

from __future__ import annotations

from local.simulators.unleashed.shapes import DELIVERY, STAMPS, Field, Shape, numbers, own, texts

ORDER_LINE = Shape(
    (
        Field("Guid", "guid"),
        Field("LineNumber", "whole"),
        *texts(20, "LineType"),
        Field("Product", "ref", of="Products"),
        Field("DueDate", "date"),
        Field("OrderQuantity", "number", required=True),
        Field("UnitPrice", "number", required=True),
        *numbers("DiscountRate"),
        Field("LineTotal", "number", required=True),
        Field("LineTax", "number", required=True),
        *numbers("TaxRate"),
        *texts(0, "LineTaxCode", "XeroTaxCode", "XeroSalesAccount", "CostOfGoodsAccount"),
        *numbers("UnitCost"),
        *own("AverageLandedPriceAtTimeOfSale", "BCUnitPrice", "BCLineTotal", "BCLineTax"),
        *own("Volume", "Weight"),
        *texts(1024, "Comments"),
        Field("SerialNumbers", "serials", own=True),
        Field("BatchNumbers", "batches"),
        *own("Assembly", "LastModifiedOn"),
    )
)
ORDER = Shape(
    (
        Field("Guid", "guid"),
        *own("OrderNumber"),
        Field("OrderDate", "date"),
        Field("RequiredDate", "date"),
        *own("ReceivedDate", "CompletedDate"),
        Field("PaymentDueDate", "date"),
        Field("OrderStatus", most=20, required=True),
        *texts(15, "CustomOrderStatus"),
        Field("Customer", "ref", of="Customers", required=True),
        *texts(500, "CustomerRef"),
        *texts(2048, "Comments"),
        Field("Warehouse", "ref", of="Warehouses", required=True),
        *DELIVERY,
        *texts(500, "DeliveryInstruction"),
        *texts(50, "DeliveryMethod"),
        Field("DeliveryContact", "plain"),
        Field("Currency", "ref", of="Currencies"),
        Field("ExchangeRate", "number", required=True),
        *numbers("DiscountRate"),
        Field("Tax", "ref", of="Taxes"),
        *numbers("TaxRate"),
        *texts(0, "XeroTaxCode"),
        Field("SubTotal", "number", required=True),
        Field("TaxTotal", "number", required=True),
        Field("Total", "number", required=True),
        *own("TotalVolume", "TotalWeight", "BCSubTotal", "BCTaxTotal", "BCTotal"),
        Field("AllocateProduct", "flag", default=True),
        *texts(50, "SalesOrderGroup"),
        Field("SalesPerson", "ref", of="Salespersons"),
        *texts(0, "SalesAccount"),
        Field("SendAccountingJournalOnly", "flag", default=False),
        *texts(500, "SourceId"),
        *STAMPS,
        Field("SalesOrderLines", "lines", lines=ORDER_LINE, required=True),
    )
)
