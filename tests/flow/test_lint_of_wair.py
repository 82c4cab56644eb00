"""SKUs of WAIR, where it is their master, that Mintsoft has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.wair.rows import ItemRow, SizeRow, SkuRow
from returns_hub.domain.warehouse_goods import ProductPage
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.drift.comparisons import COMPARISONS
from returns_hub.flows.drift.drift_world import DriftWorld
from tests.support.fake_advice import AdviceBench

(ITEMS,) = (one for one in COMPARISONS if one.name == "lint.wair_items")
MASTER = {"mode": "live", "master": "wair", "read_path": "/Items"}


def item(name: str, *skus: str) -> ItemRow:
    return ItemRow(name, name, name, tuple(SkuRow(sku, sku, name) for sku in skus))


def world(bench: AdviceBench) -> DriftWorld:
    return DriftWorld(bench.world(), cast("Any", None), bench.clock.now())


def found(bench: AdviceBench) -> dict[str, Difference]:
    told = list(ITEMS.differences(world(bench)))
    assert {one.kind for one in told} <= ITEMS.kinds
    assert len({one.id for one in told}) == len(told)
    return {one.subject: one for one in told}


@pytest.fixture
def bench() -> AdviceBench:
    made = AdviceBench(wair={"data_sets": {"items": MASTER}})
    made.feed.there = [item("TEE", "TEE", "TEE-2"), SizeRow("M", "M", "M", 1), item("X", "TEE-2")]
    return made


def test_W2_what_is_missing_is_told_once_and_what_is_there_is_not(bench: AdviceBench) -> None:
    told = found(bench)
    assert list(told) == ["TEE-2"]
    assert told["TEE-2"].says == {"wair": "TEE-2", "mintsoft": None}
    assert told["TEE-2"].confirm
    assert told["TEE-2"].mend == ""


def test_a_sku_that_is_spelt_alike_is_its_likely_cause(bench: AdviceBench) -> None:
    bench.feed.there = [item("X", "tee "), item("Y", "  ", "BAD\x1b" + "x" * 300)]
    told = found(bench)
    assert told["tee "].says == {"wair": "tee ", "mintsoft": "TEE"}
    assert "Mintsoft has TEE, which is spelt differently" in told["tee "].cause
    (other,) = (one for subject, one in told.items() if subject.startswith("BAD"))
    assert len(other.subject) == 200
    assert len(str(other.says["wair"])) == 60
    assert other.subject.isprintable()


def test_with_an_erp_its_flow_of_products_is_what_would_mend_it(bench: AdviceBench) -> None:
    bench.file["unleashed"] = {"base_url": "http://127.0.0.1:3", "order_management": "off"}
    assert found(bench)["TEE-2"].mend == "hub unleashed plan example products"


@pytest.mark.parametrize(
    ("changes", "is_so"),
    [
        ({}, True),
        ({"master": "mintsoft"}, False),
        ({"read_path": None}, False),
        ({"mode": "off"}, False),
    ],
)
def test_it_is_looked_for_only_where_wair_is_the_master_and_can_be_read(
    bench: AdviceBench, changes: dict[str, Any], is_so: bool
) -> None:
    bench.set_wair(data_sets={"items": MASTER | changes})
    assert ITEMS.applies(world(bench)) is is_so
    del bench.file["wair"]
    assert not ITEMS.applies(world(bench))


def test_rows_of_a_set_whose_master_is_wair_are_not_told(bench: AdviceBench) -> None:
    connection = bench.world().require_intelligence().connection
    assert not connection.is_told("items")
    assert connection.modes == []


def test_nothing_is_said_on_a_guess(bench: AdviceBench, monkeypatch: pytest.MonkeyPatch) -> None:
    really = bench.products.products_updated_since

    def pages(since: Any, most: int, first: int = 1) -> ProductPage:
        page = really(since, most, first)
        half = page.products[:2] if first == 1 else page.products[2:]
        return replace(page, products=half, next_page=2 if first == 1 else None)

    monkeypatch.setattr(bench.products, "products_updated_since", pages)
    bench.feed.there = [item("CAP", "CAP"), item("TEE", "TEE")]
    assert found(bench) == {}
    bench.clock.left = 19
    with pytest.raises(Retryable):
        found(bench)
    bench.feed.there = None
    with pytest.raises(Misconfigured):
        found(bench)
