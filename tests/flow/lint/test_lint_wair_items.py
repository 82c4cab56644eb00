"""SKUs of WAIR, where it is their master, that Mintsoft has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from returns_hub.domain.drift.findings import Difference, Look
from returns_hub.domain.wair.rows import ItemRow, SizeRow, SkuRow
from returns_hub.domain.warehouse_goods import ProductPage
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.lint.lints import LINTS
from tests.support.fake_advice import AdviceBench
from tests.support.findings import FakeFindings

(ITEMS,) = (one for one in LINTS if one.name == "lint.wair_items")
MASTER = {"mode": "live", "master": "wair", "read_path": "/Items"}


def item(name: str, *skus: str) -> ItemRow:
    return ItemRow(name, name, name, tuple(SkuRow(sku, sku, name) for sku in skus))


def world(bench: AdviceBench) -> DriftWorld:
    return DriftWorld(bench.world(), FakeFindings(), bench.clock.now())


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
    assert "hub unleashed plan example products" in told["TEE-2"].mend


def test_a_sku_that_is_spelt_alike_is_its_likely_cause(bench: AdviceBench) -> None:
    bench.feed.there = [item("X", "tee "), item("Y", "  ", "BAD\x1b" + "x" * 300)]
    told = found(bench)
    assert told["'tee '"].says == {"wair": "'tee '", "mintsoft": "TEE"}
    assert told["'tee '"].cause == "Mintsoft has TEE, which is spelt differently"
    (other,) = (one for subject, one in told.items() if subject.startswith("BAD"))
    assert len(other.subject) == 80
    assert len(str(other.says["wair"])) == 60
    assert other.subject.isprintable()
    assert "spelt" not in other.cause


def test_what_the_file_leaves_alone_is_not_told(bench: AdviceBench) -> None:
    bench.file["lint"] = {"ignore": ["TEE-*"]}
    assert found(bench) == {}


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
    assert ITEMS.concerns(world(bench)) is is_so
    assert ITEMS.applies(world(bench)) is is_so
    del bench.file["wair"]
    assert not ITEMS.applies(world(bench))


def test_it_is_made_once_a_day_and_not_at_all_where_the_lint_is_off(bench: AdviceBench) -> None:
    before = world(bench)
    before.findings.keep("example", Look(at=before.at, kinds=ITEMS.kinds), [])
    assert not ITEMS.applies(before)
    bench.file["lint"] = {"enabled": False}
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
