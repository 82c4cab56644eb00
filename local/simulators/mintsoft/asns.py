"""ASNs of the simulated Mintsoft, as its API shows and changes them.

From its Swagger, and recorded by client projects: 101 rows or more are answered with 400, page 0
with 500, a page past the end with nothing; rows come in no stable order and without items unless
``IncludeASNItems`` asks for them; an unreadable time is ignored; refusals come as HTTP 200.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.simulators.mintsoft.goods import Goods
from local.simulators.mintsoft.replies import (
    Refusal,
    invalid,
    number,
    object_of,
    rows,
    text,
    toolkit,
    whole,
)
from local.simulators.mintsoft.tenant import NO_EXPIRY, NOT_SET, PAGE_LIMIT, User
from local.simulators.wire import Reply, Request, json_reply

ASN_STATUSES = {
    1: "NEW",
    2: "AWAITNGAPPROVAL",
    3: "AWAITINGDELIVERY",
    4: "BOOKEDIN",
    5: "DISCREPANCY",
    6: "COMPLETE",
    7: "PARTIALLYBOOKED",
    8: "BOOKEDIN-PARTIAL",
    9: "DELIVERED",
    10: "SHIPPED",
    11: "AWAITINGDELIVERY_LATE",
    12: "AWAITINGPUTAWAY",
    13: "ROBOTPUTAWAY",
}
DRAFT, APPROVAL, AWAITING = 1, 2, 3
GOODS_IN_TYPES = (
    *("Pallet", "Carton", "TwentyFtContainer", "FortyFtContainer", "FortyFtContainerHC"),
    *("FortyFiveFtContainer", "FortyFiveFtContainerHC"),
)
HEADER = ("POReference", "Supplier", "SupplierNotes", "Comments", "GoodsInType")
MOST_UNITS = 2**31 - 1


@dataclass
class AsnAllocation:
    """Units that were booked in together."""

    quantity: int
    batch: str | None = None
    serial: str | None = None
    expires: str | None = None


@dataclass
class AsnItem:
    """An item of an ASN."""

    id: int
    product_id: int
    sku: str
    expected: int
    line_id: str | None = None
    allocations: list[AsnAllocation] = field(default_factory=list)


@dataclass
class Asn:
    """An ASN. `header` is what else its body said, in Mintsoft's words."""

    id: int
    client_id: int
    warehouse_id: int
    status_id: int
    packages: int
    items: list[AsnItem]
    created_at: datetime
    updated_at: datetime
    header: dict[str, str | None] = field(default_factory=dict)
    expected: str = NOT_SET
    booked_in_at: datetime | None = None


@dataclass(frozen=True)
class AsnHeader:
    """What a body says beside the items; None: nothing."""

    texts: dict[str, str | None]
    packages: int | None
    expected: str | None


class Asns(Goods):
    """ASNs as the API shows them."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.asns: dict[int, Asn] = {}
        self._next_asn_id = 300
        self._lists = 0

    def _asn_routes(
        self, request: Request, query: dict[str, str], user: User
    ) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            ("PUT", r"/api/asn", lambda: self._create_asn(request, user)),
            ("GET", r"/api/asn/list", lambda: self._list_asns(query, user)),
            ("GET", r"/api/asn/statuses", self._asn_statuses),
            ("GET", r"/api/asn/goodsintypes", self._goods_in_types),
            ("GET", r"/api/asn/(\d+)", lambda i: self._read_asn(int(i), user)),
            ("POST", r"/api/asn/(\d+)", lambda i: self._update_asn(int(i), request, user)),
            ("DELETE", r"/api/asn/(\d+)", lambda i: self._delete_asn(int(i), user)),
            ("GET", r"/api/asn/(\d+)/confirm", lambda i: self._confirm_asn(int(i), user)),
        ]

    # -- reading ----------------------------------------------------------------------------

    def _asn_statuses(self) -> Reply:
        rows_ = [_status(key) | {"Colour": "", "TextColour": ""} for key in ASN_STATUSES]
        return json_reply(200, rows_)

    def _goods_in_types(self) -> Reply:
        return json_reply(200, [{"ID": i, "Name": n} for i, n in enumerate(GOODS_IN_TYPES)])

    def _list_asns(self, query: dict[str, str], user: User) -> Reply:
        page = number(query, "pageno", 1)
        limit = number(query, "limit", PAGE_LIMIT)
        if page == 0:
            return json_reply(500, {"Message": "An error has occurred."})
        if limit > PAGE_LIMIT:
            return json_reply(400, {"Message": "The request is invalid."})
        statuses = {int(one) for one in query.get("asnstatusid", "").split(";") if one.isdigit()}
        client_id = user.client_id or number(query, "clientid")
        place = number(query, "warehouseid")
        since = self.since(query.get("sincelastupdated", ""))
        delay = timedelta(seconds=self.settings.index_delay_seconds)
        found = [
            asn
            for asn in self.asns.values()
            if (not statuses or asn.status_id in statuses)
            and client_id in {0, asn.client_id}
            and place in {0, asn.warehouse_id}
            and (since is None or asn.updated_at >= since)
            and asn.created_at + delay <= self._now()
        ]
        self._lists += self.settings.asn_order == "shuffled"
        found.sort(key=lambda asn: ((asn.id + 7919 * self._lists) * 2654435761) % 2**32)
        with_items = query.get("includeasnitems", "").lower() == "true"
        shown = found[(page - 1) * limit : page * limit]
        return json_reply(200, [self._asn_body(asn, items=with_items) for asn in shown])

    def _asn_seen(self, key: int, user: User) -> Asn:
        asn = self.asns.get(key)
        if asn is None or user.client_id not in {None, asn.client_id}:
            raise Refusal(Reply(404))
        return asn

    def _read_asn(self, key: int, user: User) -> Reply:
        return json_reply(200, self._asn_body(self._asn_seen(key, user), items=True))

    def _asn_body(self, asn: Asn, *, items: bool) -> dict[str, Any]:
        booked = asn.booked_in_at
        return asn.header | {
            "ID": asn.id,
            "ClientId": asn.client_id,
            "CLIENTSHORTNAME": self.tenant.clients[asn.client_id][:10],
            "WarehouseId": asn.warehouse_id,
            "EstimatedDelivery": asn.expected,
            "BookedInDate": self.naive(booked) if booked else NOT_SET,
            "Quantity": asn.packages,
            "ASNStatus": _status(asn.status_id),
            "ASNStatusId": asn.status_id,
            "Shipped": False,
            "Items": [self._asn_item_body(item, asn) for item in asn.items] if items else None,
            "LastUpdated": self.naive(asn.updated_at),
            "LastUpdatedByUser": "warehouse",
        }

    def _asn_item_body(self, item: AsnItem, asn: Asn) -> dict[str, Any]:
        units = sum(part.quantity for part in item.allocations)
        counts = self.settings.asn_counts
        return {
            "ID": item.id,
            "ASNId": asn.id,
            "ProductId": item.product_id,
            "SKU": item.sku,
            "NAME": self.tenant.products[item.product_id]["name"],
            "QuantityExpected": item.expected,
            "QuantityReceieved": 0 if counts == "booked" else units,
            "QuantityBooked": 0 if counts == "received" else units,
            "OnOrder": max(0, item.expected - units),
            "Complete": units >= item.expected > 0,
            "SourceLineId": item.line_id,
            "ASNItemAllocations": [
                {
                    "ASNItemId": item.id,
                    "Quantity": part.quantity,
                    "LocationId": 1,
                    "ExpiryDate": f"{part.expires}T00:00:00" if part.expires else NO_EXPIRY,
                    "BatchNo": part.batch,
                    "SerialNo": part.serial,
                    "Complete": True,
                    "ProductId": item.product_id,
                    "SKU": item.sku,
                }
                for part in item.allocations
            ],
        }

    # -- writing ----------------------------------------------------------------------------

    def _create_asn(self, request: Request, user: User) -> Reply:
        body = object_of(request)
        if user.client_id is not None and "ClientId" in body:
            return toolkit(False, 0, "Client Users cannot specify a ClientId when creating an ASN!")
        client_id = user.client_id or whole(body, "ClientId", default=0)
        if client_id not in self.tenant.clients:
            return toolkit(False, 0, "Client does not exist")
        why = self._unfit_header(body)
        if why:
            return toolkit(False, 0, why)
        items = []
        for row in rows(body, "Items"):
            item = self._asn_item(row, client_id)
            if isinstance(item, str):
                return toolkit(False, 0, item)
            items.append(item)
        header = self._header_of(body)
        made = self.put_asn(client_id, whole(body, "WarehouseId"), items)
        self._set_header(made, header)
        self.note(
            "create-asn",
            user.name,
            id=made.id,
            client_id=client_id,
            reference=made.header["POReference"],
            units=[[item.sku, item.expected] for item in items],
        )
        said = "ASN Successfully created. Please note the ID for future reference."
        return toolkit(True, made.id, said)

    def put_asn(self, client_id: int, warehouse_id: int, items: list[AsnItem]) -> Asn:
        """A new ASN with no header yet."""
        self._next_asn_id += 1
        now = self._now()
        made = Asn(self._next_asn_id, client_id, warehouse_id, DRAFT, 1, items, now, now)
        made.header = dict.fromkeys(HEADER)
        self.asns[made.id] = made
        return made

    def _unfit_header(self, body: dict[str, Any]) -> str:
        if whole(body, "WarehouseId", default=0) not in self.tenant.warehouses:
            return "Warehouse does not exist"
        if text(body, "GoodsInType") not in GOODS_IN_TYPES:
            return "Invalid GoodsInType:  See ASN/GoodsInTypes for valid types"
        return ""

    def _asn_item(self, row: dict[str, Any], client_id: int) -> AsnItem | str:
        sku = text(row, "SKU")
        product_id = whole(row, "ProductId", default=0) or self.product_with(sku, client_id)
        product = self.tenant.products.get(product_id)
        if product is None or product["client_id"] != client_id:
            return f"Product {sku} does not exist"
        quantity = whole(row, "Quantity")
        if quantity > MOST_UNITS:
            raise Refusal(invalid("Items.Quantity"))
        if quantity < 1:
            return "Quantity must be at least 1"
        line_id = text(row, "SourceLineId") or None
        return AsnItem(self.row_id(), product_id, product["sku"], quantity, line_id)

    def _header_of(self, body: dict[str, Any]) -> AsnHeader:
        expected = None
        if body.get("EstimatedDelivery") is not None:
            expected = text(body, "EstimatedDelivery")
            if self.since(expected) is None:
                raise Refusal(invalid("EstimatedDelivery"))
        return AsnHeader(
            {name: text(body, name) or None for name in HEADER if name in body},
            whole(body, "Quantity") if "Quantity" in body else None,
            expected,
        )

    def _set_header(self, asn: Asn, header: AsnHeader) -> None:
        asn.header |= header.texts
        asn.packages = asn.packages if header.packages is None else header.packages
        asn.expected = asn.expected if header.expected is None else header.expected
        asn.updated_at = self._now()

    def _update_asn(self, key: int, request: Request, user: User) -> Reply:
        asn = self._asn_seen(key, user)
        body = object_of(request)
        if user.client_id is not None and "ClientId" in body:
            return toolkit(False, 0, "Client Users cannot specify a ClientId!")
        why = self._unfit_header(body)
        if why:
            return toolkit(False, 0, why)
        self._set_header(asn, self._header_of(body))
        if self.settings.asn_update == "drops_items" and not body.get("Items"):
            asn.items = []
        self.note("update-asn", user.name, id=asn.id, reference=asn.header["POReference"])
        return toolkit(True, asn.id, "ASN Updated")

    def _confirm_asn(self, key: int, user: User) -> Reply:
        asn = self._asn_seen(key, user)
        if asn.status_id != DRAFT:
            return toolkit(False, 0, f"ASN is already {ASN_STATUSES[asn.status_id]}")
        asn.status_id = APPROVAL if self.settings.asn_approval else AWAITING
        asn.updated_at = self._now()
        self.note("confirm-asn", user.name, id=asn.id)
        return toolkit(True, asn.id, "ASN Confirmed")

    def _delete_asn(self, key: int, user: User) -> Reply:
        asn = self._asn_seen(key, user)
        if any(item.allocations for item in asn.items):
            return toolkit(False, 0, "ASN cannot be deleted as items have been booked in")
        del self.asns[key]
        self.note("delete-asn", user.name, id=key, reference=asn.header["POReference"])
        return toolkit(True, key, "ASN Deleted")


def _status(key: int) -> dict[str, Any]:
    return {"ID": key, "Name": ASN_STATUSES[key]}
