"""The Mintsoft adapter for products: what it sends, what its look-ups prove, every fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.wire import Reply
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.warehouse_goods import BundleComponent, ProductChange, ProductMade
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from tests.support.fakes import START
from tests.support.goods_worlds import GoodsBench, new_product
from tests.support.order_worlds import LATER
from tests.support.write_faults import CARRIED_OUT, OF_WRITES


def sent(bench: GoodsBench, method: str) -> Any:
    """The body of the last write by this method."""
    return [r for r in bench.to_mintsoft.requests if r.method == method][-1].json()


def answering(bench: GoodsBench, path: str, content: Any, method: str = "GET") -> None:
    """From now on Mintsoft answers requests that end like this with this."""
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith(path) and request.method == method:
            return Reply(200, {}, json.dumps(content).encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]


# -- what is sent -----------------------------------------------------------------------------


def test_a_product_is_sent_in_mintsofts_words() -> None:
    bench = GoodsBench()
    draft = new_product(
        commodity_code="650500",
        country_of_manufacture="PT",
        price=Decimal("19.90"),
        customs_description="Hat",
    )
    bench.products.create_product(draft, LATER)

    assert sent(bench, "PUT") == {
        "ClientId": 12,
        "SKU": "HAT",
        "Name": "Hat, blue",
        "EAN": "5000000000012",
        "Weight": 0.2,
        "Height": 2,
        "Width": 20,
        "Depth": 25.5,
        "Price": 19.9,
        "CostPrice": 2.1375,
        "ImageURL": "https://images.example.test/hat.png",
        "CustomsDescription": "Hat",
        "CommodityCode": {"Code": "650500"},
        "CountryOfManufacture": {"Code": "PT"},
        "HasBatchNumber": True,
    }


def test_a_bundle_is_sent_with_its_components() -> None:
    bench = GoodsBench()
    parts = (BundleComponent("TEE", 2, 901), BundleComponent("MUG", 1))
    bench.products.create_product(new_product("SET", components=parts), LATER)

    assert sent(bench, "PUT") == {
        "ClientId": 12,
        "SKU": "SET",
        "Name": "Hat, blue",
        "Components": [
            {"SKU": "TEE", "Quantity": 2, "ProductId": 901},
            {"SKU": "MUG", "Quantity": 1},
        ],
    }


def test_a_client_users_key_names_no_client_not_even_in_what_was_read() -> None:
    bench = GoodsBench(user_kind="client")
    bench.as_client_user()
    made = bench.products.create_product(new_product(), LATER).product_id
    bench.products.update_product(made, ProductChange(name="Cap"), LATER)

    assert "ClientId" not in sent(bench, "PUT")
    assert "ClientId" not in sent(bench, "POST")
    assert bench.products.look_up_product("HAT") == Found(str(made))
    assert all("ClientId" not in request.query for request in bench.to_mintsoft.requests)


def test_a_client_users_key_where_the_file_says_warehouse_is_a_setting_to_mend() -> None:
    bench = GoodsBench()
    bench.as_client_user()
    with pytest.raises(Misconfigured, match="user_kind to client"):
        bench.products.create_product(new_product(), LATER)


# -- keeping the rest -------------------------------------------------------------------------


@pytest.mark.parametrize("kept", ["keeps", "empties"])
def test_a_whole_product_goes_back_and_loses_nothing(kept: Literal["keeps", "empties"]) -> None:
    bench = GoodsBench(Settings(product_update=kept))
    made = bench.products.create_product(new_product(), LATER).product_id
    bench.mintsoft.change_product(
        made,
        PalletSizes="4x4",
        ProductSuppliers=[{"Name": "Example Mills", "Cost": 1.25}],
        LowStockAlertLevel=7,
    )
    before = bench.raw("GET", f"/api/Product/{made}")
    updated = bench.products.update_product(made, ProductChange(weight=Decimal("0.25")), LATER)
    after = bench.raw("GET", f"/api/Product/{made}")

    assert (updated.refused, updated.lost) == ((), ())
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"Weight", "LastUpdated", "LastUpdatedByUser"}
    assert after["Weight"] == 0.25
    assert after["ProductSuppliers"] == [{"Name": "Example Mills", "Cost": 1.25}]


def test_changes_alone_are_sent_where_the_file_says_so_and_what_is_lost_is_told() -> None:
    bench = GoodsBench(Settings(product_update="empties"), goods={"product_update": "changes"})
    made = bench.products.create_product(new_product(), LATER).product_id
    updated = bench.products.update_product(made, ProductChange(name="Cap"), LATER)

    assert sent(bench, "POST") == {"ID": made, "ClientId": 12, "Name": "Cap"}
    assert set(updated.lost) >= {"EAN", "Weight", "CostPrice", "ImageURL", "HasBatchNumber"}
    bench.mintsoft.settings = Settings()
    assert bench.products.update_product(made, ProductChange(name="Hat"), LATER).lost == ()


def test_what_mintsoft_did_not_take_is_told() -> None:
    bench = GoodsBench()
    answering(bench, "/api/Product", {"ID": 901, "Success": True}, "POST")
    updated = bench.products.update_product(901, ProductChange(upc="1", name="Tee"), LATER)

    assert updated.refused == ("upc",)


def test_what_cannot_be_read_afterwards_was_changed_all_the_same() -> None:
    bench = GoodsBench()
    bench.mintsoft.faults.add(Fault(FaultKind.HTML_429, path=r"/Product/\d+$", after=1, times=2))
    updated = bench.products.update_product(901, ProductChange(name="Shirt"), LATER)

    assert updated.product is None
    assert bench.mintsoft.tenant.products[901]["name"] == "Shirt"


def test_a_number_that_no_double_keeps_is_not_sent_back() -> None:
    bench = GoodsBench()
    body = bench.raw("GET", "/api/Product/901")
    text = json.dumps(body).replace('"Weight": 0.0', '"Weight": 0.12345678901234567891')
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith("/901"):
            return Reply(200, {}, text.encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]
    with pytest.raises(Permanent, match="exactly"):
        bench.products.update_product(901, ProductChange(name="Shirt"), LATER)
    assert not bench.journal("update-product")


# -- looking up -------------------------------------------------------------------------------


def test_another_clients_products_are_none_of_ours() -> None:
    bench = GoodsBench(Settings(look_up_heeds_client=False))

    assert bench.products.look_up_product("OTHER") == NotFound()
    assert bench.products.read_product(904) is None
    assert bench.products.bundle_components(904) == ()
    with pytest.raises(Permanent, match="no product 904"):
        bench.products.update_product(904, ProductChange(name="x"), LATER)
    assert not bench.products.create_product(new_product("OTHER"), LATER).found


def test_an_alternative_code_is_no_sku() -> None:
    bench = GoodsBench()
    assert bench.products.look_up_product("CUP") == NotFound()
    made = bench.products.create_product(new_product("CUP"), LATER)

    assert bench.products.look_up_product("CUP") == Found(str(made.product_id))


def test_a_discontinued_product_is_found_where_the_look_up_leaves_it_out() -> None:
    bench = GoodsBench(Settings(look_up_discontinued=False))
    bench.mintsoft.change_product(901, DisCont=True)

    assert bench.products.look_up_product("TEE") == Found("901")
    assert bench.products.create_product(new_product("TEE"), LATER) == ProductMade(901, found=True)


def test_a_search_that_is_full_proves_nothing() -> None:
    bench = GoodsBench()
    rows = [{"ID": n, "ClientId": 12, "SKU": f"HAT-{n}"} for n in range(100)]
    answering(bench, "/Search", rows)

    assert isinstance(bench.products.look_up_product("HAT"), Inconclusive)
    answering(bench, "/Search", rows[:99])
    assert bench.products.look_up_product("HAT") == NotFound()


def test_a_product_made_a_moment_ago_by_somebody_else_is_found_after_the_refusal() -> None:
    bench = GoodsBench()
    handle = bench.mintsoft.handle

    def race(request: Any) -> Reply:
        if request.method == "PUT":
            handle(request)
        return handle(request)

    bench.mintsoft.handle = race  # type: ignore[method-assign]
    made = bench.products.create_product(new_product(), LATER)

    assert made.found
    assert len(bench.journal("create-product")) == 1


def test_one_that_mintsoft_will_not_show_is_for_a_person() -> None:
    bench = GoodsBench()
    said = {"Success": False, "ProductId": 0, "Message": "SKU already exists"}
    answering(bench, "/api/Product", said, "PUT")
    with pytest.raises(Permanent, match="shows none of this client") as raised:
        bench.products.create_product(new_product(), LATER)

    assert raised.value.code == "mintsoft.sku_taken"


def test_where_a_sku_may_be_there_twice_it_is_made_once_all_the_same() -> None:
    bench = GoodsBench(Settings(duplicate_sku="allow"))
    bench.mintsoft.faults.add(Fault(FaultKind.TIMEOUT_AFTER, path="/api/Product$", method="PUT"))
    with pytest.raises(UnknownOutcome):
        bench.products.create_product(new_product(), LATER)

    assert bench.products.create_product(new_product(), LATER).found
    assert len(bench.journal("create-product")) == 1


# -- lists ------------------------------------------------------------------------------------


def many(bench: GoodsBench, number: int) -> None:
    rows = {
        str(n): {"sku": f"S{n}", "name": "x", "client_id": 12 if n % 2 else 13}
        for n in range(2000, 2000 + number)
    }
    bench.mintsoft.seed({"products": rows})


def test_all_products_are_read_page_by_page_and_gone_on_with() -> None:
    bench = GoodsBench()
    many(bench, 450)
    whole = bench.products.products_updated_since(None, 20)
    first = bench.products.products_updated_since(None, 2)
    assert first.next_page == 3
    rest = bench.products.products_updated_since(None, 9, first.next_page)

    assert len({one.sku for one in whole.products}) == 225 + 3
    assert whole.complete
    both = [one.sku for one in (*first.products, *rest.products)]
    assert sorted(both) == sorted(one.sku for one in whole.products)
    assert rest.complete


def test_a_list_that_ignores_its_filters_is_checked_row_by_row() -> None:
    bench = GoodsBench()
    bench.clock.advance(hours=2)
    bench.mintsoft.change_product(901, Name="Shirt")
    bench.mintsoft.change_product(904, Name="Theirs")
    rows = [bench.raw("GET", f"/api/Product/{key}") for key in (901, 902, 904)]
    answering(bench, "/List", rows)
    # One that shows no time may have changed.
    page = bench.products.products_updated_since(START, 5)

    assert [one.sku for one in page.products] == ["TEE", "MUG"]
    rows[1]["LastUpdated"] = "2026-03-01T00:00:00"
    assert [p.sku for p in bench.products.products_updated_since(START, 5).products] == ["TEE"]


def test_a_full_page_that_comes_again_is_no_end() -> None:
    bench = GoodsBench()
    answering(bench, "/List", [{"ID": n, "ClientId": 12, "SKU": f"S{n}"} for n in range(100)])
    with pytest.raises(Retryable, match="same page"):
        bench.products.products_updated_since(None, 9)


# -- every fault ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OF_WRITES, ids=lambda kind: kind.value)
@pytest.mark.parametrize("write", ["create", "bundle", "update"])
def test_a_write_is_sent_once_whatever_becomes_of_it(kind: FaultKind, write: str) -> None:
    bench = GoodsBench()
    parts = (BundleComponent("TEE", 2),)
    acts: dict[str, tuple[str, str, Callable[[], object]]] = {
        "create": ("PUT", "/Product$", lambda: bench.products.create_product(new_product(), LATER)),
        "bundle": (
            "PUT",
            "/Bundle$",
            lambda: bench.products.create_product(new_product(components=parts), LATER),
        ),
        "update": (
            "POST",
            "/Product$",
            lambda: bench.products.update_product(901, ProductChange(name="x"), LATER),
        ),
    }
    method, path, act = acts[write]
    bench.mintsoft.faults.add(Fault(kind, path=path, method=method))
    with pytest.raises(Verdict) as raised:
        act()

    assert type(raised.value) is OF_WRITES[kind]
    assert len(bench.mintsoft.journal) == (kind in CARRIED_OUT)


@pytest.mark.parametrize(
    "kind", [FaultKind.HTML_429, FaultKind.HTML_ERROR, FaultKind.CUT_OFF_AFTER]
)
@pytest.mark.parametrize("path", ["/LookupProductId$", "/Search$", "/List$", r"/\d+$", "/Bundle$"])
def test_a_read_that_fails_is_made_again_later(kind: FaultKind, path: str) -> None:
    bench = GoodsBench()
    parts = (BundleComponent("TEE", 2),)
    made = bench.products.create_product(new_product("SET", components=parts), LATER).product_id
    bench.mintsoft.faults.add(Fault(kind, path=path, times=2))
    reads: dict[str, Callable[[], object]] = {
        "/LookupProductId$": lambda: bench.products.find_product("TEE"),
        "/Search$": lambda: bench.products.look_up_product("HAT"),
        "/List$": lambda: bench.products.products_updated_since(None, 5),
        r"/\d+$": lambda: bench.products.read_product(901),
        "/Bundle$": lambda: bench.products.bundle_components(made),
    }
    with pytest.raises(Retryable):
        reads[path]()


@pytest.mark.parametrize("answer", ["401", "403", "refusal"])
def test_a_user_who_may_not_write_is_told_and_the_key_is_not_blamed(
    answer: Literal["401", "403", "refusal"],
) -> None:
    bench = GoodsBench(Settings(not_allowed=answer))
    bench.mintsoft.seed(
        {"users": [{"name": "hub", "password": "x", "static_key": "static-key", "read_only": True}]}
    )
    with pytest.raises(Misconfigured, match="may not do this"):
        bench.products.create_product(new_product(), LATER)
    with pytest.raises(Misconfigured, match="may not do this"):
        bench.products.update_product(901, ProductChange(name="x"), LATER)

    assert bench.products.read_product(901)


def test_columns_left_empty_stop_nothing() -> None:
    bench = GoodsBench()
    body = dict.fromkeys(bench.raw("GET", "/api/Product/901")) | {"ID": 901, "ClientId": 12}
    answering(bench, "/Product/901", body)
    product = bench.products.read_product(901)

    assert product is not None
    assert (product.sku, product.weight, product.updated_at, product.barcodes) == (
        "",
        None,
        None,
        frozenset(),
    )


# -- on hand ------------------------------------------------------------------------------------


def test_units_on_hand_are_set_to_a_number_and_a_sku_that_is_not_known_is_told() -> None:
    bench = GoodsBench()
    assert bench.products.set_on_hand(3, {"TEE": 7, "NO-SUCH": 1}, LATER) == {
        "NO-SUCH": "Mintsoft refused: Could not find product NO-SUCH"
    }
    asked = bench.to_mintsoft.requests[-1]
    assert (asked.path, asked.query) == ("/api/Product/BulkOnHandStockUpdate", {"ClientId": "12"})
    assert asked.json()[0] == {"SKU": "TEE", "Quantity": 7, "WarehouseId": 3}
    assert bench.orders.stock_levels(3)["TEE"].total == 7


def test_a_client_user_sets_units_without_naming_the_client() -> None:
    bench = GoodsBench(user_kind="client")
    bench.as_client_user()
    assert bench.products.set_on_hand(3, {"TEE": 7}, LATER) == {}
    assert bench.to_mintsoft.requests[-1].query == {}


@pytest.mark.parametrize("units", [{}, {f"S{n}": 1 for n in range(51)}, {"NO-SUCH": 1}])
def test_units_that_cannot_be_set_are_refused(units: dict[str, int]) -> None:
    with pytest.raises(Permanent):
        GoodsBench().products.set_on_hand(3, units, LATER)


@pytest.mark.parametrize("body", [b"[]", b"null", b'[{"SKU": "TEE"}]', b'["TEE"]'])
def test_an_answer_without_verdicts_says_neither_yes_nor_no(body: bytes) -> None:
    bench = GoodsBench()
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        is_set = request.path.endswith("/BulkOnHandStockUpdate")
        return Reply(200, {}, body) if is_set else handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]
    with pytest.raises(UnknownOutcome):
        bench.products.set_on_hand(3, {"TEE": 7}, LATER)
