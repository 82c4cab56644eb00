"""Bundles are read and kept, and orders that one without components would stall are raised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from returns_hub.domain.miinto.facts import (
    MarketEvent,
    OrderMade,
    OrderSeen,
    TransferGone,
    TransferJudged,
    TransferSeen,
)
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.domain.miinto.transfers import Judgement
from returns_hub.domain.warehouse_goods import BundleComponent, ProductPage
from returns_hub.domain.warehouse_orders import OrderPage, OrderStage, WarehouseOrder
from returns_hub.errors import Retryable
from returns_hub.flows.bundles import look as flow
from returns_hub.flows.bundles.look import cursor_name, is_due
from returns_hub.flows.wair.flows import FLOWS
from tests.support.bundle_worlds import BundleBench
from tests.support.fakes import START
from tests.support.market_partners import position

DK = "1-m!i!s-045-1234"
KNOWN = {"bundles": 2, "without_components": 1}


@pytest.fixture
def bench() -> BundleBench:
    return BundleBench()


# -- what bundles are made of --------------------------------------------------------------------


def test_it_is_one_of_the_ticks_flows_where_it_is_switched_on(bench: BundleBench) -> None:
    flow_of_tick = FLOWS["bundles"]
    assert flow_of_tick.is_on(bench.world().world.live.merchant)
    assert flow_of_tick.is_due(bench.world(), bench.clock.now())
    assert flow_of_tick.run(bench.world(), False) == KNOWN
    assert not is_due(bench.world(), bench.clock.now())
    bench.clock.advance(minutes=15)
    assert is_due(bench.world(), bench.clock.now())
    bench.set_bundles(mode="off")
    assert not flow_of_tick.is_on(bench.world().world.live.merchant)


def test_the_warehouses_bundles_are_known_and_the_files_word_stands_before_theirs() -> None:
    bench = BundleBench(bills={"SET": {"TEE": 9}, "OWN": {"CAP": 1}})
    bench.look()
    assert dict(bench.bills()) == {"SET": {"TEE": 9}, "OWN": {"CAP": 1}, "BARE": {}}


def test_a_new_bundle_and_a_changed_one_are_known_with_the_next_look(bench: BundleBench) -> None:
    bench.look()
    bench.bundle("NEW", MUG=4)
    bench.bundle("SET", MUG=1)
    assert bench.look() == {"bundles": 3, "without_components": 1}
    assert bench.bills() == {"SET": {"MUG": 1}, "NEW": {"MUG": 4}, "BARE": {}}


def test_a_bundle_whose_time_is_an_hour_early_is_known_with_the_next_look(
    bench: BundleBench,
) -> None:
    bench.look()
    bench.clock.advance(minutes=-75)
    bench.bundle("NEW", MUG=4)
    bench.clock.advance(minutes=75)
    bench.look(minutes=15)
    assert bench.bills()["NEW"] == {"MUG": 4}, "the zone of Mintsoft's times is not proven"


def test_changes_that_there_was_no_time_for_are_read_again(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.look()
    bench.bundle("NEW-1", MUG=4)
    bench.bundle("NEW-2", MUG=5)
    really = bench.products.bundle_components

    def slow(product_id: int) -> tuple[BundleComponent, ...]:
        bench.clock.left = 20
        return really(product_id)

    monkeypatch.setattr(bench.products, "bundle_components", slow)
    bench.look(hours=5)
    assert "NEW-2" not in bench.bills()
    monkeypatch.undo()
    bench.clock.left = 60
    bench.look()
    assert bench.bills()["NEW-2"] == {"MUG": 5}


def test_changes_too_many_to_be_read_are_found_though_the_reading_of_all_has_passed_them(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.look()
    really = bench.products.products_updated_since

    def many(since: Any, most: int, first: int = 1) -> ProductPage:
        if since is not None:
            return ProductPage((), most, next_page=most + 1)
        if first == 1:
            return replace(really(since, most), next_page=2)
        if first == 2:
            bench.bundle("NEW", MUG=4)
            bench.clock.left = 20
            return ProductPage((), 1, next_page=3)
        return ProductPage((), 1)

    monkeypatch.setattr(bench.products, "products_updated_since", many)
    bench.look(hours=24)
    bench.clock.left = 60
    bench.look(hours=2)
    monkeypatch.setattr(bench.products, "products_updated_since", really)
    bench.look()
    assert bench.bills()["NEW"] == {"MUG": 4}


def test_what_no_time_of_change_tells_is_read_once_a_day(bench: BundleBench) -> None:
    bench.look()
    product = bench.products.find_product("SET")
    assert product is not None
    bench.products.parts[product.product_id] = bench.products.parts[product.product_id][:1]
    bench.look(hours=23)
    assert bench.bills()["SET"] == {"TEE": 2, "CAP": 1}
    bench.look(hours=1)
    assert bench.bills()["SET"] == {"TEE": 2}


def test_a_product_that_is_gone_or_no_bundle_any_more_is_none(bench: BundleBench) -> None:
    bench.look()
    for sku, product in [(p.sku, p) for p in list(bench.products.kept.values())]:
        if sku == "SET":
            del bench.products.kept[product.product_id]
        if sku == "BARE":
            bench.products.edit_product(product.product_id, is_bundle=False)
    bench.look(hours=24)
    assert bench.bills() == {}


def test_a_component_that_is_not_told_whole_makes_the_bundle_unknown(bench: BundleBench) -> None:
    bench.bundle("HALF", TEE=1, CAP=0)
    bench.look()
    assert bench.bills()["HALF"] == {}


def test_a_reading_that_takes_several_runs_goes_on_where_it_ended(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, asked = bench.products.products_updated_since, list[Any]()

    def pages(since: Any, most: int, first: int = 1) -> ProductPage:
        page = really(since, most, first)
        if since is not None:
            return page
        asked.append(first)
        half = page.products[:4] if first == 1 else page.products[4:]
        if len(asked) == 1:
            bench.clock.left = 20
        return replace(page, products=half, next_page=2 if first == 1 else None)

    monkeypatch.setattr(bench.products, "products_updated_since", pages)
    bench.order("A-1", BARE=1)
    bench.look()
    bench.clock.left = 60
    assert is_due(bench.world(), bench.clock.now())
    bench.look(minutes=1)
    bench.look(minutes=1)
    assert asked == [1, 1, 2], "a page that was not dealt with is read again"
    assert bench.bills() == {"SET": {"TEE": 2, "CAP": 1}, "BARE": {}}
    assert len(bench.questions()) == 1, "orders are looked at again when all bundles are known"


def unreadable(bench: BundleBench, monkeypatch: pytest.MonkeyPatch, *skus: str) -> None:
    """Of these bundles the warehouse cannot tell the components."""
    really = bench.products.bundle_components

    def told(product_id: int) -> tuple[BundleComponent, ...]:
        if bench.products.kept[product_id].sku in skus:
            raise Retryable("mintsoft.unreadable", f"components of {product_id} are not JSON")
        return really(product_id)

    monkeypatch.setattr(bench.products, "bundle_components", told)


def test_a_bundle_that_cannot_be_read_keeps_none_behind_it_unknown(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(bench, monkeypatch, "SET")
    done = bench.look()
    assert (bench.bills(), done["failed"]) == ({"BARE": {}}, 1)
    bench.bundle("NEW", MUG=2)
    done = bench.look()
    assert (bench.bills(), done["failed"]) == ({"BARE": {}, "NEW": {"MUG": 2}}, 1)
    monkeypatch.undo()
    done = bench.look()
    assert bench.bills()["SET"] == {"TEE": 2, "CAP": 1}
    assert "failed" not in done


def test_a_bundle_that_cannot_be_read_and_is_gone_is_asked_for_no_more(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(bench, monkeypatch, "SET")
    bench.look()
    product = bench.products.find_product("SET")
    assert product is not None
    del bench.products.kept[product.product_id]
    bench.look()
    assert "failed" not in bench.look()


def test_where_no_bundle_can_be_read_the_list_is_left_for_later(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(f"NEW-{number}" for number in range(9))
    bench.look()
    for name in names:
        bench.bundle(name, MUG=1)
    asked = list[int]()
    unreadable(bench, monkeypatch, *names)
    told = bench.products.bundle_components

    def counted(product_id: int) -> tuple[BundleComponent, ...]:
        asked.append(product_id)
        return told(product_id)

    monkeypatch.setattr(bench.products, "bundle_components", counted)
    bench.look()
    assert len(asked) <= 5, "the warehouse is in trouble, not a bundle"
    monkeypatch.undo()
    bench.look()
    assert set(names) <= bench.bills().keys()


# -- the file and the warehouse ------------------------------------------------------------------


def test_a_difference_is_asked_about_once_and_closes_by_itself() -> None:
    bench = BundleBench(bills={"SET": {"TEE": 1, "CAP": 1}})
    assert bench.look() == KNOWN | {"asked": 1}
    assert "is 1 x CAP, 1 x TEE in the merchant's file" in bench.reasons()
    assert "1 x CAP, 2 x TEE in Mintsoft" in bench.reasons()
    assert bench.look() == KNOWN
    assert bench.says("discard") == "discarded"
    assert bench.look() == KNOWN
    bench.bundle("SET", TEE=3)
    assert bench.look() == KNOWN | {"asked": 1, "closed": 1}
    bench.bundle("SET", TEE=1, CAP=1)
    assert bench.look() == KNOWN | {"closed": 1}
    assert bench.questions() == []


# -- orders --------------------------------------------------------------------------------------


def test_W3_an_order_for_a_bundle_without_components_is_raised_once_before_it_stalls(
    bench: BundleBench,
) -> None:
    bench.look()
    bench.order("A-1", BARE=2, TEE=1)
    bench.order("A-2", SET=1)
    assert bench.look() == KNOWN | {"asked": 1}
    (item,) = bench.questions()
    assert item.code == "bundle.components_unknown"
    assert "Mintsoft's order A-1 has 2 x bundle BARE: nobody says what it is made of" in item.reason
    assert item.subject == "mintsoft-order/501"
    for _ in range(3):
        assert bench.look() == KNOWN
    assert item.times == 1
    assert bench.telemetry.total("BundleQuestions", outcome="asked") == 1


def test_it_closes_by_itself_when_the_components_are_known(bench: BundleBench) -> None:
    bench.order("A-1", BARE=2)
    bench.look()
    product = bench.products.find_product("BARE")
    assert product is not None
    bench.products.parts[product.product_id] = bench.products.parts[9001]
    assert bench.look() == {"bundles": 2, "closed": 1}
    (item,) = bench.questions(closed_too=True)
    assert (item.state, item.closed_by, item.note) == (
        "replayed",
        "hub",
        "the bundle's components are known now",
    )


def test_it_closes_by_itself_though_another_bundle_cannot_be_read(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(bench, monkeypatch, "SET")
    bench.order("A-1", BARE=2)
    assert bench.look()["asked"] == 1
    bench.look(hours=3)
    product = bench.products.find_product("BARE")
    assert product is not None
    bench.products.parts[product.product_id] = bench.products.parts[9001]
    done = bench.look()
    assert (done["closed"], done["failed"]) == (1, 1)


def test_the_files_bill_closes_it_too_and_without_it_it_is_asked_again(bench: BundleBench) -> None:
    bench.order("A-1", BARE=2)
    bench.look()
    bench.set_bundles(bills={"BARE": {"CAP": 2}})
    assert bench.look()["closed"] == 1
    bench.set_bundles(bills={})
    assert bench.look()["asked"] == 1
    assert len(bench.questions()) == 1


@pytest.mark.parametrize(
    ("stage", "word"),
    [(OrderStage.CANCELLED, "cancelled"), (OrderStage.IN_WORK, "in work"), (None, "gone")],
)
def test_it_closes_by_itself_when_the_order_does_not_wait_any_more(
    bench: BundleBench, stage: OrderStage | None, word: str
) -> None:
    order = bench.order("A-1", BARE=2)
    bench.look()
    if stage is None:
        del bench.orders.kept[order]
    else:
        bench.orders.move(order, stage)
    assert bench.look() == KNOWN | {"closed": 1}
    assert bench.questions(closed_too=True)[0].note == f"the order is {word}"


@pytest.mark.parametrize("stage", [OrderStage.ON_HOLD, OrderStage.BACK_ORDERED])
def test_orders_that_wait_for_something_else_are_raised_too(
    bench: BundleBench, stage: OrderStage
) -> None:
    bench.orders.move(bench.order("A-1", BARE=2), stage)
    assert bench.look()["asked"] == 1


def test_orders_in_work_are_not_raised(bench: BundleBench) -> None:
    bench.orders.move(bench.order("A-1", BARE=2), OrderStage.IN_WORK)
    assert bench.look() == KNOWN


def test_a_bundle_that_loses_its_components_stalls_orders_that_were_fine(
    bench: BundleBench,
) -> None:
    bench.order("A-1", SET=1)
    bench.look()
    bench.look(days=2)
    bench.bundle("SET")
    assert bench.look()["asked"] == 1


def test_bundles_that_come_to_hold_each_other_stall_orders_that_were_fine(
    bench: BundleBench,
) -> None:
    bench.bundle("BARE", TEE=1)
    bench.order("A-1", SET=1)
    bench.look()
    bench.bundle("SET", BARE=1)
    bench.bundle("BARE", SET=1)
    assert bench.look(days=2)["asked"] == 1


def test_a_bundle_in_a_bundle_is_raised_by_its_own_name(bench: BundleBench) -> None:
    bench.bundle("BOX", BARE=3, TEE=1)
    bench.order("A-1", BOX=2)
    bench.look()
    assert "has 6 x bundle BARE" in bench.reasons()


def test_bundles_that_hold_each_other_are_raised(bench: BundleBench) -> None:
    bench.bundle("SET", BARE=1)
    bench.bundle("BARE", SET=1)
    bench.order("A-1", SET=1)
    bench.look()
    assert "bundle SET: it is made of itself" in bench.reasons()


def test_who_replays_is_asked_again_and_who_discards_is_not(bench: BundleBench) -> None:
    order = bench.order("A-1", BARE=2)
    bench.look()
    assert bench.says("replay") == "replayed"
    assert bench.look()["asked"] == 1
    assert bench.says("discard") == "discarded"
    for _ in range(2):
        assert bench.look() == KNOWN
    bench.set_bundles(every_minutes=5, bills={"OTHER": {"TEE": 1}})
    assert bench.look() == KNOWN, "looked at anew, and not asked again"
    for stage in (OrderStage.IN_WORK, OrderStage.NEW):
        bench.orders.move(order, stage)
        bench.look()
    assert bench.questions() == []


def test_a_list_that_did_not_come_to_its_end_is_read_again(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.look()
    really = bench.orders.orders_updated_since

    def cut(since: Any, most: int, stage: Any = None) -> OrderPage:
        return OrderPage((), most, complete=False)

    monkeypatch.setattr(bench.orders, "orders_updated_since", cut)
    bench.order("A-1", BARE=2)
    assert bench.look(hours=2) == KNOWN | {"not_all_seen": 1}
    monkeypatch.setattr(bench.orders, "orders_updated_since", really)
    assert bench.look(hours=2) == KNOWN | {"asked": 1}


def test_an_order_whose_time_is_an_hour_early_is_raised(bench: BundleBench) -> None:
    bench.look()
    bench.clock.advance(minutes=-75)
    bench.order("A-1", BARE=1)
    bench.clock.advance(minutes=75)
    bench.look()
    assert "A-1" in bench.reasons(), "the zone of Mintsoft's times is not proven"


def test_more_questions_than_can_be_kept_wait_for_their_turn(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST_ASKED", 2)
    orders = [bench.order(f"A-{number}", BARE=1) for number in range(3)]
    assert bench.look() == KNOWN | {"asked": 2, "not_all_seen": 1}
    bench.orders.move(orders[0], OrderStage.CANCELLED)
    assert bench.look(hours=3) == KNOWN | {"asked": 1, "closed": 1}
    assert "A-2" in bench.reasons()


def test_one_list_in_trouble_does_not_keep_orders_from_being_looked_at(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.look()

    def away(*_: Any) -> ProductPage:
        raise Retryable("partner.away", "away")

    monkeypatch.setattr(bench.products, "products_updated_since", away)
    bench.order("A-1", BARE=1)
    assert bench.look() == KNOWN | {"asked": 1, "failed": 1}


def test_an_order_that_cannot_be_read_keeps_no_other_from_being_looked_at(
    bench: BundleBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, other = bench.order("A-1", BARE=1), bench.order("A-2", BARE=1)
    bench.look()
    really = bench.orders.read_order

    def unreadable(order_id: int) -> WarehouseOrder | None:
        if order_id == odd:
            raise Retryable("partner.unreadable", "unreadable")
        return really(order_id)

    monkeypatch.setattr(bench.orders, "read_order", unreadable)
    bench.orders.move(other, OrderStage.CANCELLED)
    bench.order("A-3", BARE=1)
    assert bench.look() == KNOWN | {"asked": 1, "failed": 1}
    assert bench.look() == KNOWN | {"closed": 1, "failed": 1}, "the odd one is behind the others"
    assert sorted(item.state for item in bench.questions()) == ["open", "open"]


def test_a_run_that_meets_another_leaves(bench: BundleBench) -> None:
    bench.cursors.acquire(cursor_name("example"), "other", 3600)
    assert bench.look() == {}


# -- orders that the hub is about to make ---------------------------------------------------------


def event(version: int, fact: Any) -> MarketEvent:
    return MarketEvent(
        sequence=version + 1, at=START, actor="hub", rule="x", config_version=1, fact=fact
    )


def test_miintos_orders_are_raised_before_they_are_made(bench: BundleBench) -> None:
    bench.file["miinto"] = {"shops": [{"id": DK, "warehouse": 3}]}
    state = bench.market.order("example", DK, 1)
    lines = (OrderLine(position=71, quantity=2, price=1, sku="BARE"),)
    state = bench.market.append_to_order(state, [event(0, OrderSeen(lines=lines))])
    bench.look()
    assert "Miinto's order 1 has 2 x bundle BARE" in bench.reasons()
    bench.market.append_to_order(state, [event(1, OrderMade(made_id=501, how="sent"))])
    assert bench.look()["closed"] == 1


def test_miintos_transfers_are_raised_before_they_are_accepted(bench: BundleBench) -> None:
    bench.file["miinto"] = {"shops": [{"id": DK, "warehouse": 3}]}
    state = bench.market.transfer("example", DK, 7)
    seen = TransferSeen(positions=(position(1, "X", 3), position(2, "Y")))
    judged = TransferJudged(
        rule="1",
        judgements=(
            Judgement(position=1, verdict="accept", code="accepted", why="", sku="BARE"),
            Judgement(position=2, verdict="decline", code="no", why="", sku="BARE"),
        ),
    )
    state = bench.market.append_to_transfer(state, [event(0, seen), event(1, judged)])
    bench.look()
    assert "Miinto's transfer 7 has 3 x bundle BARE" in bench.reasons()
    bench.market.append_to_transfer(state, [event(2, TransferGone(code="expired"))])
    assert bench.look()["closed"] == 1


def test_sales_orders_are_raised_while_nobody_knows_that_they_are_made(bench: BundleBench) -> None:
    bench.file["unleashed"] = {"base_url": "http://127.0.0.1:3", "order_management": "off"}
    bench.record("g1", units={"BARE": 1})
    bench.look()
    assert "Unleashed's record SO-g1 has 1 x bundle BARE" in bench.reasons()
    bench.record("g1", units={}, done=True)
    assert bench.look()["closed"] == 1
