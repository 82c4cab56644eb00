"""Entries where Mintsoft's answers about orders and stock come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from returns_hub.adapters.mintsoft.orders import MintsoftOrders
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.warehouse_orders import OrderPage, WarehouseOrder, WarehouseOrderMade
from returns_hub.domain.warehouse_stock import StockProof
from returns_hub.errors import Permanent, Retryable
from tests.fuzz.mintsoft_targets import MINTSOFT_NOT_DONE
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import OUTAGES, scripted_bench, scripted_world
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Target, Wrong
from tests.support import fakes
from tests.support.order_worlds import LATER, draft, orders_of

NUMBER = "DK-1001"
ORDER = {
    "ID": 501,
    "ClientId": 12,
    "OrderNumber": NUMBER,
    "ExternalOrderReference": "ref-DK-1001",
    "OrderStatusId": 4,
    "Part": 1,
    "NumberOfParts": 1,
    "WarehouseId": 3,
    "DespatchDate": "2026-03-02T08:15:00.1234567",
    "CourierServiceId": 7,
    "CourierServiceName": "DHL",
    "TrackingNumber": "JD1",
    "TrackingURL": "https://t.example.test/1",
    "OrderItems": [{"SKU": "TEE", "Quantity": 1, "Allocated": 1, "Commited": 0}],
    "OrderNameValues": [{"Name": "MiintoOrder", "Value": "77"}],
    "LastUpdated": "2026-03-02T08:15:00.1234567",
    "FirstName": CANARIES[0],
    "Email": CANARIES[1],
    "Address1": CANARIES[2],
}
BARE = ORDER | {"OrderStatusId": None, "OrderItems": None}
OTHERS = ORDER | {"ID": 502, "ClientId": 13}
MADE = [{"OrderId": 501, "DropShipOrderId": 0, "OrderNumber": NUMBER, "Success": True}]
EXISTS = [{"OrderId": 501, "Success": False, "Message": f"Order {NUMBER} already exists"}]
NO = [{"OrderId": 0, "Success": False, "Message": "Product TEE does not exist"}]
LEVEL = {"ProductId": 901, "WarehouseId": 3, "ClientId": 12, "SKU": "TEE", "Level": 40}
LEVELS = [LEVEL | {"TotalStockLevel": 44, "Breakdown": [{"Quantity": 3, "Type": "Quarantine"}]}]
INVENTORY = [{"WarehouseId": 3, "OnHand": 44, "Allocated": 4, "InQuarantine": 3}]
TOOLKIT = {"ID": 9, "Success": True, "Message": "Comment Added"}


def _orders() -> tuple[MintsoftOrders, ScriptedPartner]:
    partner = scripted_world("mintsoft")[1]
    return orders_of(scripted_bench("mintsoft")), partner


def _rows(reply: Scripted) -> Iterator[dict[str, Any]]:
    try:
        content = reply.content()
    except ValueError:
        return
    for row in content if isinstance(content, list) else [content]:
        if isinstance(row, dict):
            yield row


def _says(reply: Scripted, success: bool) -> bool:
    rows = list(_rows(reply))
    is_answer = reply.wire == "" and reply.status == 200
    return is_answer and bool(rows) and all(row.get("Success") is success for row in rows)


def _refused(reply: Scripted) -> bool:
    no_wire = reply.wire in {"", "cut"}
    return no_wire and (reply.status in MINTSOFT_NOT_DONE or _says(reply, False))


def _writing(act: Callable[[MintsoftOrders], object]) -> Callable[[bytes], object]:
    """Success and refusal only where the answer to the write says so; a number that is taken may
    be a success too, when the order was read."""

    def run(data: bytes) -> object:
        orders, partner = _orders()
        partner.play(read_script(data))
        try:
            value = act(orders)
        except (Permanent, Retryable) as verdict:
            wrote = partner.seen.wrote
            if wrote and wrote.wire != "refused" and not wrote.is_encoded and not _refused(wrote):
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        wrote = partner.seen.wrote
        is_found = isinstance(value, WarehouseOrderMade) and value.found
        if wrote is not None and not wrote.is_encoded and not _says(wrote, not is_found):
            raise Wrong("a write that is not provably done counts as done", repr(value)[:100])
        return value

    return run


def _reading(act: Callable[[MintsoftOrders], object]) -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        orders, partner = _orders()
        partner.play(read_script(data))
        value = act(orders)
        last = partner.seen.last
        if last and (last.status not in {200, 404} or (last.status == 200 and not last.is_whole)):
            unknown = isinstance(value, WarehouseOrder) and not value.is_shipped
            if not unknown:
                raise Wrong("a value comes of an answer that is none", f"status {last.status}")
        return value

    return run


def look_up(data: bytes) -> object:
    """The look-up after a create without an answer: "not found" leads to a second create."""
    orders, partner = _orders()
    replies = read_script(data)
    partner.play(replies)
    since = fakes.START - timedelta(hours=1)
    found = orders.find_order(NUMBER, units=draft().units(), since=since)
    served = [reply for reply in replies[: partner.seen.asked] if reply.status == 200]
    heard = [reply for reply in served if reply.wire == "" and not reply.is_encoded]
    shown = [row for reply in heard for row in _rows(reply)]
    if isinstance(found, NotFound):
        ours = [r for r in shown if r.get("OrderNumber") == NUMBER and r.get("ClientId") == 12]
        if ours and isinstance(ours[0].get("ID"), int):
            raise Wrong("not found, though it was shown", repr(ours[0])[:100])
    if isinstance(found, Found) and not any(reply.is_encoded for reply in served):
        ids = {str(row.get("ID")) for row in shown}
        if not any(str(int(found.partner_id)) in text for text in ids):
            raise Wrong("found, and never shown", found.partner_id)
    return found


ORDER_TARGETS: tuple[Target, ...] = (
    Target(
        "orders-create",
        "script",
        _writing(lambda orders: orders.create_order(draft(NUMBER), LATER)),
        (WarehouseOrderMade,),
        (
            script(MADE),
            script(EXISTS, [BARE], ORDER),
            script(EXISTS, [OTHERS], [], ORDER),
            script(NO),
            script(Scripted(401), [{"ID": 3, "Name": "Corby"}]),
            *OUTAGES,
        ),
    ),
    Target(
        "orders-look-up",
        "script",
        look_up,
        (Found, NotFound, Inconclusive),
        (
            script([BARE], ORDER),
            script([OTHERS], [OTHERS], []),
            script([], [], [ORDER], []),
            script([OTHERS] * 10, [OTHERS] * 10, [ORDER | {"OrderNumber": "DK-1+DK-1001"}], []),
            *OUTAGES,
        ),
    ),
    Target(
        "orders-read",
        "script",
        _reading(lambda orders: orders.read_order(501)),
        (WarehouseOrder, type(None)),
        (
            script(ORDER),
            script(ORDER | {"OrderItems": None}, ORDER["OrderItems"]),
            script(ORDER | {"OrderStatusId": 40}, [{"ID": 40, "Name": "ODD"}]),
            script(OTHERS),
            *OUTAGES,
        ),
    ),
    Target(
        "orders-list",
        "script",
        _reading(lambda orders: orders.orders_updated_since(fakes.START - timedelta(days=1), 6)),
        (OrderPage,),
        (script([ORDER, OTHERS], [BARE], []), script([]), *OUTAGES),
    ),
    Target(
        "orders-comment",
        "script",
        _writing(lambda orders: orders.add_order_comment(501, "text", LATER)),
        (type(None),),
        (script(TOOLKIT), script(TOOLKIT | {"Success": False}), *OUTAGES),
    ),
    Target(
        "orders-cancel",
        "script",
        _writing(lambda orders: orders.cancel_order(501, LATER)),
        (type(None),),
        (
            script(ORDER | {"OrderStatusId": 1}, TOOLKIT),
            script(ORDER | {"OrderStatusId": 3}),
            script(ORDER),
            *OUTAGES,
        ),
    ),
    Target(
        "orders-comments",
        "script",
        _reading(lambda orders: orders.order_comments(501)),
        (tuple,),
        (script([{"Comment": "text"}, {"Comment": None}]), script([]), *OUTAGES),
    ),
    Target(
        "orders-stock",
        "script",
        _reading(lambda orders: orders.stock_levels(3)),
        (dict,),
        (script(LEVELS), script([LEVEL, LEVEL | {"ClientId": 13}, {"x": 1}]), *OUTAGES),
    ),
    Target(
        "orders-stock-proof",
        "script",
        _reading(lambda orders: orders.prove_stock_levels(3)),
        (StockProof,),
        (script(LEVELS, INVENTORY), script(LEVELS, Scripted(404)), *OUTAGES),
    ),
    Target(
        "orders-couriers",
        "script",
        _reading(lambda orders: orders.courier_services()),
        (tuple,),
        (script([{"ID": 7, "Name": "DHL", "ActiveB": True}]), *OUTAGES),
    ),
)
