"""Unleashed's adapter for products, over the simulator in its dialects."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.unleashed.hands_goods import Hands
from returns_hub.adapters.unleashed.account import UnleashedAccount
from returns_hub.adapters.unleashed.products import UnleashedProducts
from returns_hub.domain.unleashed.products import ErpProduct
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.errors import Retryable
from tests.support.erp_worlds import ErpBench, unleashed_block
from tests.support.unleashed_wire import UnleashedBench, guid


def products_of(bench: ErpBench) -> UnleashedProducts:
    return UnleashedProducts(bench.unleashed_account())


def add(bench: ErpBench, **fields: Any) -> ErpProduct:
    made = Hands(bench.desk_there).add_product({"ProductDescription": "x", **fields})
    found = products_of(bench).read(made["guid"])
    assert found is not None
    return found


@pytest.mark.parametrize("keys", ["pascal", "camel"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_product_is_read_as_it_is(keys: str, wrapped: bool) -> None:
    bench = ErpBench()
    bench.account.set(keys=keys, single_wrapped=wrapped)

    found = add(
        bench,
        ProductCode="MUG-BLU",
        Barcode="5012345678900",
        Weight=0.42,
        Width=9,
        Height=10.5,
        Depth=12,
        DefaultPurchasePrice=2.05,
        CommerceCode="691200",
        CustomsDescription="Ceramic mug",
        ICCCountryCode="PT",
        IsBatchTracked=True,
    )

    assert found == ErpProduct(
        guid=found.guid,
        code="MUG-BLU",
        name="x",
        barcode="5012345678900",
        weight=Decimal("0.42"),
        width=Decimal(9),
        height=Decimal("10.5"),
        depth=Decimal(12),
        purchase_price=Decimal("2.05"),
        commodity_code="691200",
        customs_description="Ceramic mug",
        country="PT",
        is_batch_tracked=True,
        created_at=found.created_at,
        modified_at=bench.clock.now(),
    )


def test_what_is_missing_or_odd_is_not_known() -> None:
    bench = UnleashedBench()
    bench.wire.lists("/Products", [{"Guid": guid(1), "Weight": "heavy", "Images": "none"}])

    (found,) = list(_over(bench).changed_since(None))

    assert found == ErpProduct(guid=guid(1), code="")


def test_the_image_is_the_default_one() -> None:
    bench = UnleashedBench()
    images = [{"Url": "https://a.example.test", "IsDefault": False}]
    default = [*images, {"Url": "https://b.example.test", "IsDefault": True}]
    rows: list[dict[str, Any]] = [{"Images": default}, {"Images": images}]
    rows += [{"Images": None, "ImageUrl": "https://c.example.test"}]
    bench.wire.lists("/Products", [{"Guid": guid(n)} | row for n, row in enumerate(rows, 1)])

    found = [product.image_url for product in _over(bench).changed_since(None)]

    assert [url[8:9] for url in found] == ["b", "a", "c"]


def test_the_average_cost_is_read() -> None:
    bench = ErpBench()
    found = products_of(bench).with_code("TEE-RED-M")

    assert found is not None
    assert (found.average_cost, found.purchase_price) == (Decimal("7.5"), Decimal("7.5"))


def test_obsolete_products_are_among_those_that_changed() -> None:
    bench = ErpBench()
    bench.clock.advance(days=1)
    Hands(bench.desk_there).obsolete_product("CAP-BLACK")

    since = bench.clock.now() - timedelta(hours=1)
    found = list(products_of(bench).changed_since(since))

    assert [(product.code, product.obsolete) for product in found] == [("CAP-BLACK", True)]
    assert len(list(products_of(bench).changed_since(None))) == 12


def test_a_product_that_is_not_there_is_none() -> None:
    bench = ErpBench()

    assert products_of(bench).read(guid(9)) is None
    assert products_of(bench).with_code("TEE") is None, "a code is no beginning of another"


def test_a_code_is_found_whatever_it_holds() -> None:
    bench = ErpBench()
    add(bench, ProductCode="A&B 1")
    add(bench, ProductCode="A&B 2")

    found = products_of(bench).with_code("A&B 2")

    assert found is not None
    assert found.code == "A&B 2"


def test_a_kept_guid_that_is_none_any_more_is_looked_up_again() -> None:
    bench = ErpBench()
    products = products_of(bench)
    first = products.with_code("CAP-BLACK")
    Hands(bench.desk_there).delete_product("CAP-BLACK")
    assert products.with_code("CAP-BLACK") is None
    made = add(bench, ProductCode="CAP-BLACK")
    bench.to_unleashed.requests.clear()

    found = products.with_code("CAP-BLACK")
    again = products.with_code("CAP-BLACK")

    assert first is not None
    assert found == again == made
    assert len(bench.to_unleashed.requests) == 3, "one look-up, and each product is read"


def test_pages_are_read_while_they_are_worked_on_and_from_where_it_is_wanted() -> None:
    bench = ErpBench(catalogue_page_size=5)
    pages = products_of(bench).pages_changed_since(None)

    first = next(pages)

    assert len(bench.to_unleashed.requests) == 1
    assert (first.number, len(first.products)) == (1, 5)
    assert [page.number for page in pages] == [2, 3]
    again = products_of(bench).pages_changed_since(None, 3)
    assert [(page.number, len(page.products)) for page in again] == [(3, 2)]
    behind = products_of(bench).pages_changed_since(None, 9)
    assert [len(page.products) for page in behind] == [2], "the last page again"


@pytest.mark.parametrize("gone", [1, 4, 5, 12])
def test_rows_that_leave_pass_nobody_over(gone: int) -> None:
    """So many products before it are deleted while the list is read."""
    bench = UnleashedBench()
    rows = [{"Guid": guid(n), "ProductCode": f"P{n:03}"} for n in range(1, 51)]
    bench.wire.lists("/Products", rows)
    found: set[str] = set()

    for page in _over(bench, size=5).pages_changed_since(None):
        found |= {product.code for product in page.products}
        if page.number == 4 and len(rows) == 50:
            del rows[:gone]

    assert found == {f"P{n:03}" for n in range(1, 51)}


def test_a_list_that_keeps_going_is_not_read_for_ever() -> None:
    bench = UnleashedBench()
    rows = [{"Guid": guid(n), "ProductCode": f"P{n:03}"} for n in range(1, 500)]
    bench.wire.lists("/Products", rows)

    with pytest.raises(Retryable):
        for _ in _over(bench, size=2).pages_changed_since(None):
            del rows[:1]


def _over(bench: UnleashedBench, size: int = 1000) -> UnleashedProducts:
    connection = UnleashedConnection.model_validate(unleashed_block(catalogue_page_size=size))
    client = bench.client()
    account = UnleashedAccount(client, connection, bench.natural_keys(client), bench.clock)
    return UnleashedProducts(account)
