"""Counts of calls and kept Guids: in memory, and in two DynamoDBs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.calls import DynamoDbCallCounts
from returns_hub.adapters.dynamodb.guids import DynamoDbGuids
from returns_hub.adapters.dynamodb.shelf import DynamoDbShelf
from returns_hub.adapters.unleashed.meter import Full, Meter
from returns_hub.domain.unleashed.budget import CallClass, CallPlan, Usage
from returns_hub.domain.warehouse_goods import WarehouseProduct
from returns_hub.errors import Retryable
from tests.contract.conftest import Stores
from tests.support import unleashed_wire
from tests.support.shelf import FakeShelf

URGENT, REGULAR, BULK = CallClass.URGENT, CallClass.REGULAR, CallClass.BULK


@pytest.fixture
def counts(stores: Stores) -> Any:
    if stores.client is None:
        return unleashed_wire.CallCounts()
    return DynamoDbCallCounts(stores.client, "ControlTable")


@pytest.fixture
def guids(stores: Stores) -> Any:
    if stores.client is None:
        return unleashed_wire.Guids()
    return DynamoDbGuids(stores.client, "CatalogueTable", stores.clock)


@pytest.fixture
def shelf(stores: Stores) -> Any:
    if stores.client is None:
        return FakeShelf()
    return DynamoDbShelf(stores.client, "CatalogueTable", stores.clock)


def test_calls_are_counted_by_account_month_and_class(counts: Any) -> None:
    assert counts.read("a", "2026-03") == Usage()
    assert counts.take("a", "2026-03", REGULAR, 25, None) == Usage(regular=25)
    assert counts.take("a", "2026-03", BULK, 10, None) == Usage(regular=25, bulk=10)
    assert counts.take("a", "2026-03", URGENT, 1, 36) == Usage(1, 25, 10)
    assert counts.read("a", "2026-03") == Usage(1, 25, 10)
    assert counts.read("a", "2026-04") == Usage()
    assert counts.read("b", "2026-03") == Usage()


def test_no_class_is_counted_beyond_the_most_of_all(counts: Any) -> None:
    assert counts.take("a", "m", REGULAR, 11, 10) == Full(Usage())
    assert counts.take("a", "m", REGULAR, 10, 10) == Usage(regular=10)
    assert counts.take("a", "m", BULK, 1, 10) == Full(Usage(regular=10))
    assert counts.take("a", "m", BULK, 1, 11) == Usage(regular=10, bulk=1)
    assert counts.take("a", "m", URGENT, 5, None) == Usage(5, 10, 1)
    assert counts.read("a", "m") == Usage(5, 10, 1)


def test_environments_that_share_a_count_leave_the_reserve(stores: Stores, counts: Any) -> None:
    plan = CallPlan(100, 10)
    meters = [Meter("a", plan, counts, stores.clock) for _ in range(3)]
    made = 0
    waits = 0
    for number in range(200):
        try:
            meters[number % 3].spend(REGULAR)
            made += 1
        except Retryable:
            waits += 1

    assert made == 90
    assert waits == 110
    assert counts.read("a", "2026-03") == Usage(regular=90)


def test_counting_is_one_request_a_block(dynamodb: Stores) -> None:
    counts = DynamoDbCallCounts(dynamodb.client, "ControlTable")
    meter = Meter("a", CallPlan(250_000, 10), counts, dynamodb.clock)
    dynamodb.requests.clear()
    for _ in range(100):
        meter.spend(REGULAR)
    assert dynamodb.requests == ["GetItem", *["UpdateItem"] * 4]


def test_guids_are_kept_by_account_and_kind(guids: Any) -> None:
    many = {f"CODE {n}/ü": f"guid-{n}" for n in range(130)}
    guids.remember("a", "product", many)

    assert guids.known("a", "product", [*many, "NEW"]) == many
    assert guids.known("a", "customer", ["CODE 1/ü"]) == {}
    assert guids.known("b", "product", ["CODE 1/ü"]) == {}
    guids.forget("a", "product", ["CODE 1/ü"])
    assert guids.known("a", "product", ["CODE 1/ü", "CODE 2/ü"]) == {"CODE 2/ü": "guid-2"}


def test_guids_are_no_products_of_a_merchant_and_end_after_a_week(simulated: Stores) -> None:
    guids = DynamoDbGuids(simulated.client, "CatalogueTable", simulated.clock)
    guids.remember("a", "product", {"TEE": "guid-1"})
    assert simulated.catalogue.known("a", ["TEE"]) == {}

    cold = DynamoDbGuids(simulated.client, "CatalogueTable", simulated.clock)
    assert cold.known("a", "product", ["TEE"]) == {"TEE": "guid-1"}
    simulated.clock.advance(days=8)
    assert guids.known("a", "product", ["TEE"]) == {}
    assert cold.known("a", "product", ["TEE"]) == {}


# -- the warehouse's products as a list showed them ------------------------------------------------

SHOWN = WarehouseProduct(
    product_id=801,
    sku="TEE & CO",
    name="Tee, réd",
    ean="5700000000017",
    weight=Decimal("0.25"),
    image_url="https://images.example.test/tee.png",
    cost_price=Decimal("7.50"),
    is_bundle=True,
    discontinued=True,
)


def test_a_product_comes_off_the_shelf_as_it_was_put_there(stores: Stores, shelf: Any) -> None:
    bare = WarehouseProduct(product_id=802, sku="MUG", name="")
    shelf.remember("example", [SHOWN, bare, WarehouseProduct(803, "", "without a SKU")])

    fresh = shelf if stores.client is None else _another_environments(stores)
    for kept in (shelf, fresh):
        assert kept.known("example", ["TEE & CO", "MUG", "NONE"]) == {
            "TEE & CO": SHOWN,
            "MUG": bare,
        }
        assert kept.known("other", ["MUG"]) == {}


def test_the_shelf_takes_many_products_a_request(stores: Stores, shelf: Any) -> None:
    shelf.remember("example", [WarehouseProduct(n, f"P{n}", "") for n in range(100)])
    assert len(shelf.known("example", [f"P{n}" for n in range(100)])) == 100

    if stores.client is not None:
        stores.requests.clear()
        _another_environments(stores).known("example", [f"P{n}" for n in range(100)])
        assert len(stores.requests) <= 1


def _another_environments(stores: Stores) -> DynamoDbShelf:
    return DynamoDbShelf(stores.client, "CatalogueTable", stores.clock)
