"""The simulator of Mintsoft: what it refuses it has not done, and parts do not share a header."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.clock import SetClock
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.wire import Reply, Request
from tests.support.fakes import START

ORDER = {
    "OrderNumber": "DK-1",
    "WarehouseId": 3,
    "CourierServiceId": 1,
    "FirstName": "Pat",
    "LastName": "Sample",
    "Address1": "1 Test Street",
    "Town": "Leeds",
    "PostCode": "LS1 1AA",
    "Country": "GB",
    "OrderItems": [{"SKU": "TEE", "Quantity": 2}, {"SKU": "MUG", "Quantity": 1}],
}
STOCK = "/api/Product/BulkOnHandStockUpdate"


@pytest.fixture
def mintsoft() -> MintsoftSimulator:
    made = MintsoftSimulator(now=SetClock(START))
    made.seed(
        {
            "users": [{"name": "hub", "password": "pw", "static_key": "key"}],
            "clients": {"12": "Example"},
            "warehouses": {"3": {"name": "Corby"}, "4": {"name": "London"}},
            "products": {
                "1": {"sku": "TEE", "name": "TEE", "client_id": 12},
                "2": {"sku": "MUG", "name": "MUG", "client_id": 12},
                "3": {"sku": "SET", "name": "Set", "client_id": 12, "components": {"TEE": 2}},
            },
        }
    )
    return made


def call(mintsoft: MintsoftSimulator, method: str, path: str, content: Any, **query: str) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return mintsoft.handle(Request(method, path, query, {"ms-apikey": "key"}, body))


@pytest.mark.parametrize("wrong", [{"EstimatedDelivery": "soon"}, {"Comments": 5}], ids=str)
def test_an_asn_that_is_refused_is_not_made(
    mintsoft: MintsoftSimulator, wrong: dict[str, Any]
) -> None:
    body = {"ClientId": 12, "WarehouseId": 3, "GoodsInType": "Pallet", "POReference": "P-1"}
    items = {"Items": [{"SKU": "TEE", "Quantity": 1}]}
    assert call(mintsoft, "PUT", "/api/ASN", body | items | wrong).status == 400
    assert not mintsoft.asns

    assert call(mintsoft, "PUT", "/api/ASN", body | items).status == 200
    (asn,) = mintsoft.asns.values()
    changes = body | {"POReference": "P-2"} | wrong
    assert call(mintsoft, "POST", f"/api/ASN/{asn.id}", changes).status == 400
    assert asn.header["POReference"] == "P-1"


def test_an_order_that_is_not_updated_is_as_it_was(mintsoft: MintsoftSimulator) -> None:
    order = mintsoft.make_order(12, ORDER)
    body = {"ExternalOrderReference": "other", "Town": 5}
    assert call(mintsoft, "POST", f"/api/Order/{order.id}", body).status == 400
    assert order.external_reference == ""


def test_parts_of_an_order_have_headers_of_their_own(mintsoft: MintsoftSimulator) -> None:
    order = mintsoft.make_order(12, ORDER)
    part = mintsoft.split(order.id, {"MUG": 1})
    assert call(mintsoft, "POST", f"/api/Order/{part.id}", {"Town": "York"}).status == 200
    assert (order.header["Town"], part.header["Town"]) == ("Leeds", "York")


@pytest.mark.parametrize(
    "body",
    [
        b"[",
        [{"SKU": "TEE", "WarehouseId": 3, "Quantity": "many"}],
        [{"SKU": "TEE", "WarehouseId": "north", "Quantity": 1}],
        [{"SKU": "TEE", "WarehouseId": 3, "Quantity": 1.5}],
    ],
    ids=str,
)
def test_stock_that_cannot_be_read_is_not_set(mintsoft: MintsoftSimulator, body: object) -> None:
    assert call(mintsoft, "POST", STOCK, body, clientid="12").status == 400
    assert not mintsoft.stock


def test_stock_is_set_by_the_products_id(mintsoft: MintsoftSimulator) -> None:
    rows = [{"ProductId": 2, "WarehouseId": 3, "Quantity": 7}]
    answer = call(mintsoft, "POST", STOCK, rows, clientid="12")
    assert json.loads(answer.body)[0] == {
        "Success": True, "Message": None, "ProductId": 2, "SKU": "MUG"
    }  # fmt: skip
    assert mintsoft.stock[3, 2].units == 7


def test_bundles_are_as_many_as_their_components_allow(mintsoft: MintsoftSimulator) -> None:
    mintsoft.set_stock(3, 1, 5)
    mintsoft.set_stock(4, 1, 3)

    def bundles(**query: str) -> dict[int, int]:
        answer = call(mintsoft, "GET", "/api/Product/StockLevels", None, **query)
        rows = [row for row in json.loads(answer.body) if row["Bundle"]]
        return {row["WarehouseId"]: row["Level"] for row in rows}

    assert bundles(warehouseid="3") == {3: 2}
    assert bundles(warehouseid="0") == {0: 3}
    assert bundles() == {3: 2, 4: 1}
    assert bundles(warehouseid="3", sku="TEE") == {}
    assert bundles(warehouseid="3", productid="3") == {3: 2}
