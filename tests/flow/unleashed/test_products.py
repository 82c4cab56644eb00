"""Products of Unleashed at Mintsoft: made, updated, discontinued."""

from __future__ import annotations

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.products import MintsoftProducts
from returns_hub.flows.unleashed.dry import plan_flow
from tests.support.erp_products import (
    FLOW,
    TEE,
    bench_in_step,
    edited,
    forget,
    guid,
    hands,
    state,
    there,
    writes,
)
from tests.support.erp_worlds import ErpBench


@pytest.fixture
def bench() -> ErpBench:
    return bench_in_step()


# -- made --------------------------------------------------------------------------------------


def test_a_new_product_is_made_with_all_that_mintsoft_takes(bench: ErpBench) -> None:
    hands(bench).add_product(
        {
            "ProductCode": "MUG-BLU",
            "ProductDescription": "Blue mug",
            "Barcode": "5012345678900",
            "Weight": 0.42,
            "Height": 10.5,
            "Width": 9,
            "Depth": 12,
            "DefaultPurchasePrice": 2.05,
            "CommerceCode": "691200",
            "CustomsDescription": "Ceramic mug",
            "ICCCountryCode": "PT",
        }
    )

    assert bench.run("products") == {"made": 1}

    (body,) = [r.json() for r in bench.to_mintsoft.requests if r.method == "PUT"]
    assert body == {
        "ClientId": 12,
        "SKU": "MUG-BLU",
        "Name": "Blue mug",
        "EAN": "5012345678900",
        "Weight": 0.42,
        "Height": 10.5,
        "Width": 9,
        "Depth": 12,
        "CostPrice": 2.05,
        "CommodityCode": {"Code": "691200"},
        "CustomsDescription": "Ceramic mug",
        "CountryOfManufacture": {"Code": "PT"},
    }
    made = there(bench, "MUG-BLU")
    assert bench.records.made_by("example", FLOW, str(made.product_id)) == guid(bench, "MUG-BLU")
    forget(bench)
    assert bench.run("products") == {}
    assert bench.to_mintsoft.requests == []


def test_the_first_run_makes_what_is_missing_and_leaves_the_rest_alone() -> None:
    bench = ErpBench()
    bench.set("products", updates=[])

    assert bench.run("products") == {"in_step": 8, "made": 3, "skipped": 1}

    asked = [r.path for r in bench.to_mintsoft.requests]
    assert asked[:2] == ["/api/Product/List"] * 2
    assert len(asked) == 2 + 3 * 3, "what is in step costs no request of its own"
    assert state(bench, "CARRIAGE").skips == ("unleashed.no_goods",)


def test_the_first_run_fills_in_what_is_empty_and_leaves_what_differs() -> None:
    bench = ErpBench()
    bench.edit_product(TEE, name="Somebody's name")
    bench.mintsoft.change_product(TEE, EAN="999", CostPrice=0.0)
    bench.set("products")

    assert bench.run("products")["updated"] == 8

    tee = there(bench, "TEE-RED-M")
    assert (tee.ean, str(tee.cost_price), tee.name) == ("999", "7.5", "Somebody's name")
    bench.mintsoft.change_product(TEE, EAN="998")
    again = ErpBench()
    again.mintsoft.change_product(TEE, EAN="999", CostPrice=7.5)
    again.set("products")
    assert again.run("products")["left_different"] == 1


def test_products_are_not_made_where_the_file_says_so_until_it_says_otherwise() -> None:
    bench = ErpBench()
    bench.set("products", create=False)
    assert bench.run("products")["skipped"] == 4
    assert bench.run("products") == {}

    bench.set("products", create=True)

    assert bench.run("products")["made"] == 3


def test_codes_on_which_mintsofts_imports_break_are_left_with_the_reason(bench: ErpBench) -> None:
    hands(bench).add_product({"ProductCode": "A&B", "ProductDescription": "Odd"})

    assert bench.run("products") == {"skipped": 1}

    facts = bench.records.timeline("example", FLOW, guid(bench, "A&B"))
    (left,) = [event.fact for event in facts if event.fact.kind == "skipped"]
    assert "holds &" in left.reason
    assert writes(bench) == []
    assert bench.parked() == []


def test_a_code_that_differs_by_case_alone_is_a_persons_question(bench: ErpBench) -> None:
    hands(bench).add_product({"ProductCode": "tee-red-m", "ProductDescription": "Tee"})

    assert bench.run("products") == {"parked": 1}

    assert bench.parked() == ["mintsoft.sku_taken"]
    assert "capitals" in bench.reasons()[0]
    assert writes(bench) == []


def test_a_product_that_was_made_meanwhile_is_taken_for_ours(bench: ErpBench) -> None:
    hands(bench).add_product({"ProductCode": "MUG-BLU", "ProductDescription": "Blue mug"})
    bench.mintsoft.seed({"products": {"990": {"sku": "MUG-BLU", "name": "x", "client_id": 12}}})

    assert bench.run("products") == {"in_step": 1}
    assert state(bench, "MUG-BLU").memo["id"] == 990


def test_a_lost_answer_makes_no_second_product(bench: ErpBench) -> None:
    hands(bench).add_product({"ProductCode": "MUG-BLU", "ProductDescription": "Blue mug"})
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, method="PUT", path="/api/Product$"))

    assert bench.run("products") == {"later": 1}
    assert bench.run("products") == {"made": 1}

    assert writes(bench) == ["PUT /api/Product"]
    hats = [p for p in bench.mintsoft.tenant.products.values() if p["sku"] == "MUG-BLU"]
    assert len(hats) == 1


def test_a_shadow_writes_nothing_and_tells_what_it_would_do() -> None:
    bench = ErpBench()
    bench.set("products", mode="shadow")

    assert bench.run("products") == {"shadow": 11, "skipped": 1}
    assert writes(bench) == []
    bench.set("products", mode="live")
    assert bench.run("products") == {"updated": 8, "made": 3}


def test_the_plan_tells_the_same() -> None:
    bench = ErpBench()
    bench.set("products")

    (plan,) = bench.plan("products")

    assert plan.whole
    assert {change.does for change in plan.changes} == {"create", "update", "skip"}
    assert writes(bench) == []


def test_a_plan_over_stores_that_are_only_read_tells_the_same() -> None:
    bench = ErpBench()
    bench.set("products")
    (wanted,) = bench.plan("products")

    found = plan_flow("products", bench.erp_world("products"), limit=1000)

    assert found == {FLOW: wanted}


# -- updated -----------------------------------------------------------------------------------


def test_what_unleashed_changes_is_carried(bench: ErpBench) -> None:
    assert edited(bench, Barcode="501", DefaultPurchasePrice=8.25) == {"updated": 1}

    tee = there(bench, "TEE-RED-M")
    assert tee.ean == "501"
    assert [r.json()["EAN"] for r in bench.to_mintsoft.requests if r.method == "POST"] == ["501"]
    assert bench.run("products") == {}


def test_an_edit_at_mintsoft_is_not_fought_over(bench: ErpBench) -> None:
    bench.mintsoft.change_product(TEE, EAN="999")

    assert bench.run("products") == {}
    assert edited(bench, Weight=0.3) == {"updated": 1}
    assert there(bench, "TEE-RED-M").ean == "999"
    assert edited(bench, Barcode="501") == {"updated": 1}
    assert there(bench, "TEE-RED-M").ean == "501"


def test_what_mintsoft_does_not_take_from_unleashed_costs_no_request(bench: ErpBench) -> None:
    assert edited(bench, ProductDescription="Tee, red") == {"in_step": 1}
    assert bench.to_mintsoft.requests == []


def test_a_weight_at_mintsoft_stays(bench: ErpBench) -> None:
    bench.mintsoft.change_product(TEE, Weight=0.25)

    assert edited(bench, Weight=0.3) == {"in_step": 1}
    assert writes(bench) == []
    bench.set("products", overwrite_weight=True)
    bench.run("products")
    assert edited(bench, Weight=0.4) == {"updated": 1}
    assert str(there(bench, "TEE-RED-M").weight) == "0.4"


def test_what_was_lost_is_looked_up_and_not_sent_twice(bench: ErpBench) -> None:
    hands(bench).change_product("TEE-RED-M", {"Barcode": "501"})
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, method="POST"))

    assert bench.run("products") == {"later": 1}
    assert bench.run("products") == {"updated": 1}
    assert writes(bench) == ["POST /api/Product"]


def test_what_changed_back_while_nobody_knew_is_carried_as_it_is_now(bench: ErpBench) -> None:
    before = there(bench, "TEE-RED-M").ean
    hands(bench).change_product("TEE-RED-M", {"Barcode": "501"})
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, method="POST"))
    bench.run("products")

    assert edited(bench, Barcode=before) == {"updated": 1}

    assert there(bench, "TEE-RED-M").ean == before
    assert bench.parked() == []


def test_a_change_that_empties_other_fields_stops_the_others() -> None:
    bench = ErpBench(settings=Settings(product_update="empties"))
    bench.set("products")
    connection = bench.live().merchant.mintsoft
    goods = connection.goods.model_copy(update={"product_update": "changes"})
    client = MintsoftClient(
        bench.http(connection.base_url, bench.to_mintsoft, "mintsoft"), bench.credentials()
    )
    bench.products = MintsoftProducts(client, connection.model_copy(update={"goods": goods}))

    ended = bench.run("products")

    assert bench.parked() == ["mintsoft.fields_lost"]
    assert "product_update to whole" in bench.reasons()[0]
    assert ended["later"] == 7
    assert len([w for w in writes(bench) if w.startswith("POST")]) == 1


def test_a_product_that_was_taken_away_at_mintsoft_is_a_persons_question(bench: ErpBench) -> None:
    del bench.mintsoft.tenant.products[TEE]

    assert edited(bench, Barcode="501") == {"parked": 1}

    assert bench.parked() == ["unleashed.product_gone"]
    bench.mintsoft.seed({"products": {"991": {"sku": "TEE-RED-M", "name": "T", "client_id": 12}}})
    bench.replay()
    assert bench.run("products") == {"updated": 1}
    assert state(bench, "TEE-RED-M").memo["id"] == 991


def test_while_mintsoft_is_away_no_product_is_begun(bench: ErpBench) -> None:
    for code in ("TEE-RED-M", "JEANS-32"):
        hands(bench).change_product(code, {"Barcode": f"9{code}"})
    bench.to_mintsoft.refuse = True
    for _ in range(4):
        bench.run("products")
    waiting = bench.records.in_work("example", FLOW, 10)
    bench.to_mintsoft.refuse = False

    for _ in range(3):
        bench.run("products")
    assert len(waiting) <= 2
    assert there(bench, "TEE-RED-M").ean == "9TEE-RED-M"


def test_a_write_is_decided_on_what_is_there_now() -> None:
    """Somebody fills in what was empty when the list was read."""
    bench = ErpBench()
    bench.set("products", updates=["purchase_price"])
    bench.to_unleashed.refuse = True
    bench.run("products")
    bench.to_unleashed.refuse = False
    bench.mintsoft.change_product(TEE, CostPrice=9.5)

    bench.run("products")

    assert str(there(bench, "TEE-RED-M").cost_price) == "9.5"
