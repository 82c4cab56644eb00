"""The lint of SKUs over Mintsoft, Unleashed and a Miinto feed: each fault is found, once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.lint.kinds import KINDS
from returns_hub.domain.miinto.facts import OrderSeen
from returns_hub.domain.miinto.orders import OrderLine, OrderState
from returns_hub.errors import Retryable
from returns_hub.flows.lint import skus
from returns_hub.flows.lint.lints import LINTS
from returns_hub.flows.lint.skus import lint_skus
from returns_hub.flows.lint.time_left import LEAST_SECONDS
from tests.support.erp_products import hands
from tests.support.lint_worlds import MUG, LintBench
from tests.support.miinto_wire import SHOP

SKUS = "lint.skus"


@pytest.fixture
def bench() -> LintBench:
    return LintBench()


def test_W2_nothing_is_found_where_nothing_is_wrong(bench: LintBench) -> None:
    assert bench.told() == {}
    assert bench.written_there() == []
    assert {asked.method for asked in bench.to_mintsoft.requests} == {"GET"}


def test_W2_blank_skus_are_told_by_what_else_they_are_called(bench: LintBench) -> None:
    bench.product(950, "")
    bench.product(951, " \u200b ")
    bench.feed(("", "5700000000888"))

    assert bench.told(SKUS) == {
        "sku_blank": [
            "variant G1/Acme/Red/M in miinto feed",
            "product 950 in mintsoft",
            "product 951 in mintsoft",
        ]
    }


@pytest.mark.parametrize(
    ("sku", "kind", "said"),
    [
        (" TEE-X", "sku_white_space", "1 before"),
        ("TEE\u200b-X", "sku_invisible", "U+200B"),
        ("TEE#X", "sku_characters", "holds #"),
        ("T" * 51, "sku_too_long", "51 characters"),
        ("1E+12", "sku_scientific", "spreadsheet"),
    ],
)
def test_W2_what_is_wrong_with_one_sku_is_told_of_the_system_that_has_it(
    bench: LintBench, sku: str, kind: str, said: str
) -> None:
    del bench.file["unleashed"]
    bench.product(950, sku)

    (found,) = bench.found(SKUS)
    assert found.kind == f"lint.{kind}"
    assert said in str(found.says["mintsoft"])
    assert not found.confirm
    assert found.mend


def test_W2_a_feeds_blanks_are_seen_though_the_hub_takes_them_off(bench: LintBench) -> None:
    bench.feed(("TEE-BLU-L ", "5700000000024"))
    assert bench.told(SKUS) == {"sku_white_space": ["'TEE-BLU-L ' in miinto feed"]}


def test_W2_what_a_product_no_more_is_called_is_nobodys_trouble(bench: LintBench) -> None:
    bench.product(950, "OLD#1", discontinued=True)
    hands(bench).obsolete_product("JEANS-34")
    bench.product(951, "tee-red-m", discontinued=True)

    assert bench.told(SKUS) == {}


def test_W2_twins_in_one_system_and_across_systems_are_told_once(bench: LintBench) -> None:
    bench.product(950, "tee-red-m")
    bench.product(MUG, "Mug\u2013Red")
    bench.feed(("CAP BLACK", "5700000000086"), ("jeans-32", "5700000000048"))

    told = bench.told(SKUS)
    assert told["sku_twins"] == ["TEE-RED-M / tee-red-m"]
    assert sorted(told["sku_twins_across"]) == ["JEANS-32 / jeans-32", "MUG-RED / Mug\u2013Red"]
    across = {one.subject: one.says for one in bench.found(SKUS) if "across" in one.kind}
    assert across["JEANS-32 / jeans-32"] == {
        "miinto feed": "jeans-32",
        "unleashed": "JEANS-32",
        "mintsoft": "JEANS-32",
    }
    # CAP BLACK is not CAP-BLACK: a blank is no dash.
    assert told["feed_sku_not_in_mintsoft"] == ["CAP BLACK"]
    assert "sku_not_in_mintsoft" not in told


def test_W2_zeros_that_a_spreadsheet_dropped_are_told(bench: LintBench) -> None:
    bench.product(950, "0012")
    hands(bench).add_product({"ProductCode": "12", "ProductDescription": "Twelve"})
    bench.clock.advance(hours=2)

    assert bench.told(SKUS) == {"sku_leading_zeros": ["0012 / 12"]}


def test_W2_the_same_sku_and_the_same_barcode_twice_are_told(bench: LintBench) -> None:
    bench.product(950, "MUG-RED ")
    bench.product(951, "MUG-RED", ean="5700000000017")

    told = bench.told(SKUS)
    assert told["sku_duplicate"] == ["MUG-RED in mintsoft"]
    assert told["barcode_duplicate"] == ["barcode 5700000000017 in mintsoft"]


# -- missing on one side ---------------------------------------------------------------------


def test_W2_what_one_side_lacks_is_told_and_has_to_be_confirmed(bench: LintBench) -> None:
    bench.product(950, "HAT-1")
    hands(bench).add_product({"ProductCode": "COAT-1", "ProductDescription": "Coat"})
    bench.feed(("SCARF-1", "5700000000777"))
    bench.clock.advance(hours=2)

    found = {one.kind.removeprefix("lint."): one for one in bench.found(SKUS)}
    assert {kind: one.subject for kind, one in found.items()} == {
        "feed_sku_not_in_mintsoft": "SCARF-1",
        "sku_not_in_mintsoft": "COAT-1",
        "sku_not_in_unleashed": "HAT-1",
    }
    assert all(one.confirm for one in found.values())
    assert found["sku_not_in_mintsoft"].mend == "hub unleashed plan example products"


def test_W2_a_product_that_unleashed_has_since_a_moment_is_on_its_way(bench: LintBench) -> None:
    hands(bench).add_product({"ProductCode": "COAT-1", "ProductDescription": "Coat"})
    assert bench.told(SKUS) == {}
    bench.clock.advance(minutes=61)
    assert bench.told(SKUS) == {"sku_not_in_mintsoft": ["COAT-1"]}


def test_W2_a_product_is_on_its_way_until_the_flow_that_makes_it_had_two_turns(
    bench: LintBench,
) -> None:
    bench.file["unleashed"] = bench.file["unleashed"] | {
        "products": {"mode": "live", "every_minutes": 360}
    }
    hands(bench).add_product({"ProductCode": "COAT-1", "ProductDescription": "Coat"})
    bench.clock.advance(hours=12)
    assert bench.told(SKUS) == {}
    bench.clock.advance(minutes=61)
    assert bench.told(SKUS) == {"sku_not_in_mintsoft": ["COAT-1"]}


def test_W2_a_product_that_slipped_from_mintsofts_list_is_looked_up(
    bench: LintBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slipping:
        """The list shows all but one."""

        def __init__(self, real: Any) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def products_updated_since(self, *given: Any) -> Any:
            page = self._real.products_updated_since(*given)
            shown = tuple(one for one in page.products if one.sku != "JEANS-32")
            return type(page)(shown, page.calls, page.next_page)

    monkeypatch.setattr(bench, "products", Slipping(bench.products))
    assert bench.told(SKUS) == {}
    monkeypatch.setattr(skus, "Looks", partial(skus.Looks, 0))
    assert bench.told(SKUS) == {"sku_not_in_mintsoft": ["JEANS-32"]}


def test_W2_bundles_need_not_be_in_unleashed(bench: LintBench) -> None:
    bench.product(950, "SET-1", components=[{"product_id": 801, "quantity": 2}])
    assert bench.told(SKUS) == {}


# -- orders ----------------------------------------------------------------------------------


def test_W2_an_order_of_unleashed_whose_product_mintsoft_lacks_is_told(bench: LintBench) -> None:
    hands(bench).add_product(
        {"ProductCode": "COAT-1", "ProductDescription": "Coat", "DefaultSellPrice": 10}
    )
    hands(bench).place_order("WEBSHOP", {"COAT-1": 1, "TEE-RED-M": 1})
    assert bench.told(SKUS) == {}, "it is on its way"
    bench.clock.advance(hours=2)

    found = {one.kind: one for one in bench.found(SKUS)}
    order = found["lint.order_sku_unknown"]
    assert order.subject == "COAT-1"
    assert str(order.says["order"]).startswith("Unleashed order SO-")
    assert order.says["mintsoft"] == "no product"
    assert not order.confirm, "it was looked up"


def test_W2_an_order_of_a_warehouse_elsewhere_is_none_of_ours(bench: LintBench) -> None:
    hands(bench).add_product({"ProductCode": "COAT-1", "ProductDescription": "Coat"})
    hands(bench).place_order("WEBSHOP", {"COAT-1": 1}, warehouse="3PL")
    bench.file["unleashed"]["warehouses"] = {"MAIN": 3}
    bench.file["unleashed"]["warehouses_elsewhere"] = ["3PL"]
    bench.clock.advance(hours=2)

    assert "order_sku_unknown" not in bench.told(SKUS)


def test_W2_an_order_of_miinto_that_nobody_could_make_is_told_with_the_twin(
    bench: LintBench,
) -> None:
    state = OrderState(merchant="example", shop=SHOP, id=7)
    line = OrderLine(position=71, quantity=1, price=49900, sku="tee-Red-m")
    world = bench.drift_world().market
    assert world is not None
    world.record_order(state, "test", OrderSeen(parent_id="2607", lines=(line,)))

    (found,) = bench.found(SKUS)
    assert (found.kind, found.subject) == ("lint.order_sku_unknown", "tee-Red-m")
    assert found.says == {"order": "Miinto order 2607", "mintsoft": "spells it TEE-RED-M"}


def test_more_orders_than_are_read_are_told_and_hide_nothing_of_those_that_are(
    bench: LintBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands(bench).add_product({"ProductCode": "COAT-1", "ProductDescription": "Coat"})
    hands(bench).place_order("WEBSHOP", {"COAT-1": 1})
    bench.clock.advance(hours=2)
    really = bench.orders.orders_updated_since

    def cut_off(*given: Any) -> Any:
        return replace(really(*given), complete=False)

    monkeypatch.setattr(bench.orders, "orders_updated_since", cut_off)
    found: list[str] = []
    with pytest.raises(Retryable, match="new orders"):
        found.extend(one.kind for one in lint_skus(bench.drift_world()))
    assert "lint.order_sku_unknown" in found


# -- stock intelligence ----------------------------------------------------------------------


def wair(bench: LintBench) -> None:
    bench.file["wair"] = {
        "sink": "file_json",
        "locations": [{"id": "WH-1", "warehouses": [3, 4]}],
        "data_sets": {"items": {"mode": "shadow"}},
    }


def test_W2_skus_and_sizes_that_stock_intelligence_cannot_sort_are_told(bench: LintBench) -> None:
    wair(bench)
    bench.product(950, "TEE-RED-3XL")
    bench.product(951, "TEE-BLU-3XL")
    bench.product(952, "TEE-BLU-42,5")
    del bench.file["unleashed"]

    told = bench.told(SKUS)
    assert told["size_unordered"] == ["size 3XL"]
    (size,) = (one for one in bench.found(SKUS) if one.subject == "size 3XL")
    assert size.says["SKUs"] == 2
    assert size.says["mintsoft"] == "e.g. TEE-BLU-3XL"
    assert "JEANS-32 in mintsoft" in told["sku_pattern"]
    assert "size 42,5" not in told.get("size_unordered", [])
    bench.file["wair"]["data_sets"] = {}
    assert "sku_pattern" not in bench.told(SKUS)


# -- what cannot be read ---------------------------------------------------------------------


def test_W2_a_feed_that_does_not_come_hides_nothing_of_the_others(bench: LintBench) -> None:
    bench.product(950, "TEE#1")
    bench.miinto.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/feed", times=9))

    found: list[str] = []
    with pytest.raises(Retryable):
        found.extend(one.kind for one in lint_skus(bench.drift_world()))
    assert "lint.sku_characters" in found
    assert "lint.sku_not_in_unleashed" in found


def test_W2_a_list_that_was_not_read_to_its_end_says_nothing_of_what_is_missing(
    bench: LintBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.feed(("SCARF-1", "5700000000777"))
    for number in range(120):
        bench.product(1000 + number, f"SKU-{number}-M")
    del bench.file["unleashed"]

    kinds = {one.kind for one in lint_skus(bench.drift_world(), most_calls=1)}
    assert kinds == set()
    assert "feed_sku_not_in_mintsoft" in bench.told(SKUS)

    monkeypatch.setattr(bench.clock, "remaining", lambda: LEAST_SECONDS - 1)
    with pytest.raises(Retryable, match="the time was up"):
        list(lint_skus(bench.drift_world()))


def test_W2_what_the_file_says_to_leave_alone_is_left(bench: LintBench) -> None:
    bench.file["lint"] = {"ignore": ["TEST-*", "OLD#1"]}
    bench.product(950, "TEST-#1")
    bench.product(951, "OLD#1")
    bench.product(952, "OLD#2")
    bench.feed(("TEST-2", "5700000000777"))

    assert bench.told(SKUS) == {
        "sku_characters": ["OLD#2 in mintsoft"],
        "sku_not_in_unleashed": ["OLD#2"],
    }


def test_every_kind_is_told_by_exactly_one_lint() -> None:
    told = [kind for lint in LINTS for kind in lint.kinds]
    assert sorted(told) == sorted(KINDS)
    assert all(found.split(".")[0] == "lint" for found in KINDS)
