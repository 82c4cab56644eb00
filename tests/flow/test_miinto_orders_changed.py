"""Orders of the marketplace that wait for a person, and what is cancelled or changed elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.miinto.orders import Address
from returns_hub.domain.warehouse_orders import OrderStage
from tests.support.market import promised_in_all
from tests.support.market_partners import AWAY, BUYER, LOST, SE, MarketBench, market_order, position
from tests.support.order_worlds import LATER, draft


@pytest.fixture
def bench() -> MarketBench:
    return MarketBench()


# -- what waits for a person -------------------------------------------------------------------


def test_an_unknown_product_waits_and_is_made_after_the_map_is_mended(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1, position(71, "NEW"), position(72, "TEE")))
    assert bench.sync() == {"seen": 1, "parked": 1}
    assert bench.state().standing == "not_inserted"
    assert bench.parked() == ["miinto.unknown_product"]
    assert "position 71" in bench.reasons()
    assert "position 72" not in bench.reasons()
    assert bench.sync() == {}
    assert promised_in_all(bench.market, "example") == {"TEE": 1}

    bench.identify.skus["NEW"] = "CAP"
    bench.replay()
    assert bench.sync() == {"made": 1}
    assert bench.drafts()[0].units() == {"CAP": 1, "TEE": 1}
    assert bench.parked() == []


def test_replayed_too_early_it_waits_again(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1, position(71, "NEW")))
    bench.sync()
    bench.replay()
    assert bench.sync() == {"parked": 1}
    assert bench.parked() == ["miinto.unknown_product"]


def test_what_mintsoft_refused_is_sent_again_when_a_person_says_so(bench: MarketBench) -> None:
    bench.warehouse.skus.discard("TEE")
    bench.marketplace.put(market_order(1))
    assert bench.sync()["parked"] == 1
    assert bench.sync() == {}
    bench.warehouse.skus.add("TEE")
    bench.replay()
    assert bench.sync() == {"made": 1}


def test_a_discarded_order_is_left_and_promises_nothing(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1, position(71, "TEE"), position(72, "NEW")))
    bench.sync()
    bench.discard("by hand")
    assert bench.sync() == {}
    assert bench.state().ended == "discarded"
    assert promised_in_all(bench.market, "example") == {}
    assert bench.drafts() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"customer": None}, "miinto.no_customer"),
        ({"currency": None}, "miinto.no_currency"),
        (
            {"customer": BUYER.model_copy(update={"delivery": Address(name="Ida", street="X")})},
            "miinto.bad_address",
        ),
    ],
)
def test_what_no_courier_could_deliver_waits(
    bench: MarketBench, changes: dict[str, Any], code: str
) -> None:
    bench.marketplace.put(market_order(1, **changes))
    assert bench.sync()["parked"] == 1
    assert bench.parked() == [code]
    assert bench.drafts() == []


def test_an_order_of_a_shop_that_left_the_file_waits(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append(("before", AWAY))
    bench.sync()
    bench.settings["shops"] = [{"id": SE, "warehouse": 3}]
    assert bench.sync()["parked"] == 1
    assert bench.parked() == ["miinto.unknown_shop"]


def test_other_goods_under_the_number_wait_for_a_person(bench: MarketBench) -> None:
    bench.made(accepted=(position(71, "MUG"),))
    bench.market = type(bench.market)(bench.clock)
    bench.ledger.rows.clear()
    bench.cursors = type(bench.cursors)(bench.clock)
    bench.marketplace.put(market_order(1))
    assert bench.sync()["parked"] == 1
    assert len(bench.drafts()) == 1


def test_a_look_up_that_finds_other_goods_is_not_ours(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append(("before", LOST))
    bench.sync()
    bench.warehouse.create_order(draft("MI-045-1234-1", ("MUG", 4)), LATER)
    assert bench.sync(minutes=30) == {"later": 1}
    bench.sync(hours=30)
    assert bench.parked() == ["operation.unknown_outcome"]
    assert bench.state().made_id is None


# -- cancelled and changed elsewhere -----------------------------------------------------------


def gone(number: int = 1) -> Any:
    order = market_order(number)
    return order.model_copy(update={"accepted": (), "declined": order.accepted})


def test_an_order_that_is_gone_before_it_is_made_is_not_made(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append(("before", AWAY))
    bench.sync()
    bench.marketplace.put(gone())
    assert bench.sync() == {"cancelled": 1}
    assert (bench.drafts(), bench.parked()) == ([], [])
    assert bench.state().standing == "cancelled"
    assert promised_in_all(bench.market, "example") == {}


@pytest.mark.parametrize("how", ["declined", "unknown"])
def test_an_order_that_is_gone_after_it_was_made_is_told_a_person_and_never_cancelled(
    bench: MarketBench, how: str
) -> None:
    made = bench.made()
    if how == "declined":
        bench.marketplace.put(gone())
    else:
        bench.marketplace.known.clear()
    assert bench.sync() == {"cancelled": 1}
    assert bench.parked() == ["order.cancelled_in_miinto"]
    assert "MI-045-1234-1" in bench.reasons()
    assert bench.warehouse.kept[made].order.stage is OrderStage.NEW
    bench.sync()
    assert len(bench.parking.items) == 1


def test_it_is_cancelled_while_new_where_the_file_says_so(bench: MarketBench) -> None:
    bench.settings["orders"]["cancel_when_new"] = True
    made = bench.made()
    bench.marketplace.put(gone())
    bench.warehouse.trouble.append(("after", LOST))
    assert bench.sync() == {"later": 1}
    assert bench.sync(minutes=30) == {"cancelled": 1}
    assert bench.warehouse.kept[made].order.is_cancelled
    assert bench.parked() == []


def test_what_is_in_work_is_a_persons_whatever_the_file_says(bench: MarketBench) -> None:
    bench.settings["orders"]["cancel_when_new"] = True
    made = bench.made()
    bench.warehouse.move(made, OrderStage.IN_WORK)
    bench.marketplace.put(gone())
    assert bench.sync() == {"cancelled": 1}
    assert bench.parked() == ["order.cancelled_in_miinto"]
    assert not bench.warehouse.kept[made].order.is_cancelled


def test_gone_while_nobody_knows_whether_it_was_made_is_looked_up(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append(("after", LOST))
    bench.sync()
    bench.marketplace.put(gone())
    bench.sync(minutes=30)
    assert bench.state().made_id == 501
    assert bench.parked() == ["order.cancelled_in_miinto"]


def test_goods_that_came_back_are_no_cancelling(bench: MarketBench) -> None:
    bench.set("tracking", mode="live")
    made = bench.made()
    bench.warehouse.despatch(made)
    bench.follow()
    bench.marketplace.put(market_order(1).model_copy(update={"accepted": ()}))
    bench.sync()
    assert bench.state().standing == "despatched"
    assert bench.parked() == []


def test_goods_that_change_before_anything_was_sent_are_taken_as_they_are(
    bench: MarketBench,
) -> None:
    bench.marketplace.put(market_order(1, position(71, "TEE", 2)))
    bench.warehouse.trouble.append(("before", AWAY))
    bench.sync()
    bench.marketplace.put(market_order(1, position(71, "TEE", 1)))
    bench.sync()
    assert [draft.units() for draft in bench.drafts()] == [{"TEE": 1}]
    assert bench.parked() == []


def test_goods_that_change_after_it_was_made_are_told_a_person_once(bench: MarketBench) -> None:
    bench.made(number=1)
    bench.marketplace.put(market_order(1, position(73, "MUG")))
    assert bench.sync() == {"changed": 1}
    for _ in range(3):
        bench.sync()
    assert bench.parked() == ["order.changed"]
    assert "positions 71 are not accepted any more" in bench.reasons()
    assert len(bench.parking.items) == 1
    assert [draft.units() for draft in bench.drafts()] == [{"TEE": 1}]


def test_goods_that_change_while_nobody_knows_whether_it_was_made(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1, position(71, "TEE", 2)))
    bench.warehouse.trouble.append(("after", LOST))
    bench.sync()
    bench.marketplace.put(market_order(1, position(71, "TEE", 1)))
    bench.sync(minutes=30)
    assert [draft.units() for draft in bench.drafts()] == [{"TEE": 2}]
    assert bench.state().made_id == 501
    assert bench.parked() == ["order.changed"]
