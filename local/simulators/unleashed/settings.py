"""What no source tells of Unleashed, or tells in two ways: settings, by default the strict way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """Settings, in the order of a request's way. Seconds are of the simulator's clock.

    Attributes:
        escapes: What a percent escape or a plus in the query gets: ``refused`` is 403,
            ``as_sent`` is signed as it is on the wire, ``decoded`` as it is meant. An escaped
            colon gets 403 whatever this says.
        client_type: Whether ``client-type`` is needed: lower case, no spaces, 20 characters.
        quota: Calls that a company has in a month.
        quota_status: What every call gets when they are used up.
        quota_bare: Whether that answer has no body.
        unknown_parameters: What a query parameter that there is not does.
        unknown_keys: What a key that there is not does in a body.
        dates_taken: Forms of a date in a body: ISO only, or ``/Date(ms)/`` too.
        keys: How the keys of every answer are written, and of bodies.
        error_keys: How a refusal's keys are written; a client was seen to read ``description``.
        salesperson_key: The key of an order's salesperson; both were seen.
        created_status: HTTP status of what was made.
        single_wrapped: Whether one record comes inside of ``Items``.
        visible_seconds: How long a new order is not found by its Guid.
        over_page_size: What a page size above 1000 does.
        without_pagination: Lists that have ``Items`` only; an official sample had.
        clamped_number: The page number told past the end: the last page's, or the one asked for.
        other_order: The order of lists whose order is not documented.
        drift: What happens to a list after its first page: ``arrive`` puts a row before the next
            page, so that one comes twice; ``vanish`` takes one away, so that one is left out.
        drift_passes: How often that happens to a list that is read again and again.
        existing_guid: What a POST with the Guid of a record that there is does.
        order_number: What becomes of an order number in the body of a new sales order.
        order_line_calls: ``official`` has only ``DELETE /SalesOrders/Lines/{guid}``.
        put_lines: What becomes of a document's line that a PUT leaves out.
        auto_shipment: When a company without order management has the order's shipment.
        dispatch_completes: Whether dispatching everything completes the order by itself.
        dispatched_edit: What a change of a dispatched shipment does, but comments and tracking.
        short_dispatch: What dispatching more than there is does.
        shipping_company: How a shipment shows its carrier.
        adjustment: What an adjustment's quantity is: a difference, or what there is afterwards.
        adjustment_default: The status of an adjustment that says none.
        tracked_adjustment: What an adjustment of a tracked product without its batches does.
        partial_receipt: ``closes`` leaves what was not receipted; ``stays`` can be receipted again.
        transfer_number_key: The key of a transfer's number.
        all_warehouses: How the stock of one product in all warehouses is wrapped.
        webhook_keys: How a subscription's keys are written.
        webhook_data: Whether a delivery's data is JSON in a string.
        webhook_loopback: Whether ``http://127.0.0.1`` is taken besides HTTPS.
        webhook_retries: Seconds before each repetition; after the last the delivery is dropped.
        webhook_drop: Share of deliveries that are never sent.
        webhook_double: Share that is sent twice.
    """

    escapes: Literal["refused", "as_sent", "decoded"] = "refused"
    client_type: Literal["required", "optional"] = "required"
    quota: int = 250_000
    quota_status: Literal[403, 429] = 403
    quota_bare: bool = False
    unknown_parameters: Literal["refuse", "ignore"] = "refuse"
    unknown_keys: Literal["refuse", "ignore"] = "refuse"
    dates_taken: Literal["iso", "both"] = "iso"
    keys: Literal["pascal", "camel"] = "pascal"
    error_keys: Literal["pascal", "camel"] = "pascal"
    salesperson_key: Literal["SalesPerson", "Salesperson"] = "SalesPerson"
    created_status: Literal[200, 201] = 200
    single_wrapped: bool = False
    visible_seconds: float = 0.0
    over_page_size: Literal["refuse", "cap"] = "refuse"
    without_pagination: tuple[str, ...] = ("StockAdjustments",)
    clamped_number: Literal["last", "asked"] = "last"
    other_order: Literal["newest", "oldest"] = "newest"
    drift: Literal["no", "arrive", "vanish"] = "no"
    drift_passes: int = 1
    existing_guid: Literal["refuse", "overwrite", "duplicate"] = "refuse"
    order_number: Literal["ignored", "taken", "refused"] = "ignored"
    order_line_calls: Literal["official", "all"] = "official"
    put_lines: Literal["replace", "merge"] = "replace"
    auto_shipment: Literal["completed", "placed"] = "completed"
    dispatch_completes: Literal["never", "without_management", "always"] = "never"
    dispatched_edit: Literal["refuse", "ignore"] = "refuse"
    short_dispatch: Literal["refuse", "allow"] = "refuse"
    shipping_company: Literal["object", "text"] = "object"
    adjustment: Literal["delta", "absolute"] = "delta"
    adjustment_default: Literal["Parked", "Completed"] = "Parked"
    tracked_adjustment: Literal["refuse", "allow"] = "refuse"
    partial_receipt: Literal["closes", "stays"] = "closes"
    transfer_number_key: Literal[
        "TransferOrderNumber", "TransferNumber", "WarehouseTransferNumber"
    ] = "TransferOrderNumber"
    all_warehouses: Literal["items", "list"] = "items"
    webhook_keys: Literal["camel", "pascal"] = "camel"
    webhook_data: Literal["text", "object"] = "text"
    webhook_loopback: bool = False
    webhook_retries: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0)
    webhook_drop: float = 0.0
    webhook_double: float = 0.0
