"""Accepted orders of the marketplace come in, each once; what cannot be made waits for a person."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.facts import WouldSend
from returns_hub.domain.miinto.facts import OrderPlanned
from returns_hub.domain.miinto.orders import Address
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START
from tests.support.market import promised_in_all
from tests.support.market_partners import (
    BUYER,
    DK,
    PERSONAL,
    SE,
    MarketBench,
    market_order,
    position,
)
from tests.support.order_worlds import LATER, draft

LOST = UnknownOutcome("mintsoft.unknown_outcome", "no answer")
AWAY = Retryable("partner.away", "away")


@pytest.fixture
def bench() -> MarketBench:
    return MarketBench()


# -- made, once --------------------------------------------------------------------------------


def test_an_order_becomes_one_order_of_the_warehouse(bench: MarketBench) -> None:
    bench.marketplace.put(
        market_order(1, position(71, "TEE", 2, 49900), position(72, "MUG", 1, 9900))
    )

    assert bench.sync() == {"seen": 1, "made": 1}
    (draft,) = bench.drafts()
    assert draft.number == "MI-045-1234-1"
    assert (draft.warehouse_id, draft.currency, draft.courier) == (3, "DKK", "AUTO")
    assert [(i.sku, i.quantity, i.unit_price_minor) for i in draft.items] == [
        ("TEE", 2, 49900),
        ("MUG", 1, 9900),
    ]
    assert (draft.recipient.first_name, draft.recipient.last_name) == ("Ida", "Holm")
    assert draft.recipient.address == ("Nygade 1",)
    assert dict(draft.name_values) == {
        "Miinto shop": DK,
        "Miinto order": "1",
        "Miinto parent order": "261",
    }
    assert bench.kinds() == ["order_seen", "order_planned", "order_made"]
    assert bench.state().standing == "inserted"
    assert bench.market.order_of("example", made_id=501).id == 1


def test_ticks_make_nothing_twice(bench: MarketBench) -> None:
    bench.made()
    for _ in range(4):
        assert bench.sync() == {}
    assert len(bench.drafts()) == 1
    assert bench.kinds() == ["order_seen", "order_planned", "order_made"]


def test_the_same_number_of_two_markets_makes_two_orders(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(1, shop=SE, currency="SEK"))

    assert bench.sync()["made"] == 2
    assert {(d.number, d.currency) for d in bench.drafts()} == {
        ("MI-045-1234-1", "DKK"),
        ("MI-046-77-1", "SEK"),
    }


def test_two_orders_of_one_basket_are_two(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1, parent_id="2611111"))
    bench.marketplace.put(market_order(2, parent_id="2611111"))
    assert bench.sync()["made"] == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_order_whose_answer_was_lost_is_looked_up_and_never_made_twice(
    bench: MarketBench, when: Any
) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append((when, LOST))
    assert bench.sync() == {"seen": 1, "later": 1}

    bench.sync(minutes=30)
    assert len(bench.drafts()) == 1
    assert bench.state().made_id == 501
    how = bench.market.timeline("example", "order", DK, 1)[-1].fact.how
    assert how == ("looked_up" if when == "after" else "sent")


def test_what_is_known_not_done_is_done_by_the_next_run(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append(("before", AWAY))
    assert bench.sync() == {"seen": 1, "later": 1}
    assert bench.sync() == {"made": 1}


def test_what_was_lost_from_the_cursor_is_found_in_work(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append(("before", AWAY))
    bench.sync()
    bench.clock.advance(days=3)
    lease = bench.cursors.acquire("miinto/orders/example", "x", 1)
    assert lease is not None
    bench.cursors.advance(lease, {**lease.value, "later": []})
    bench.cursors.release(lease)
    assert bench.sync() == {"made": 1}


def test_an_order_of_a_basket_of_days_ago_is_found_within_the_hour(bench: MarketBench) -> None:
    """It bears the basket's time; the shop was asked, or decided, much later."""
    bench.sync()
    bench.sync(days=3)
    bench.marketplace.put(market_order(1, created_at=START + timedelta(hours=1)))
    assert bench.sync() == {}
    assert bench.sync(minutes=60) == {"seen": 1, "made": 1}
    assert bench.sync(minutes=60) == {}


def test_an_order_that_two_runs_see_at_once_is_made_once(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.marketplace.put(market_order(1))
    really = bench.market.append_to_order
    calls = []

    def raced(state: Any, events: Any) -> Any:
        calls.append(1)
        if len(calls) <= 2:
            really(state, events[:1])
            raise Conflict("somebody was first")
        return really(state, events)

    monkeypatch.setattr(bench.market, "append_to_order", raced)
    bench.sync()
    bench.sync(minutes=30)
    assert len(bench.drafts()) == 1


def test_one_run_at_a_time(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    lease = bench.cursors.acquire("miinto/orders/example", "another", 3600)
    assert lease is not None
    assert bench.sync() == {}


def test_one_shops_trouble_is_its_own(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(2, shop=SE))
    bench.marketplace.away_shops.add(DK)
    assert bench.sync() == {"failed": 1, "seen": 1, "made": 1}
    bench.marketplace.away_shops.clear()
    bench.clock.advance(hours=30)
    assert bench.sync() == {"seen": 1, "made": 1}


def test_an_order_that_cannot_be_read_stops_no_other_and_holds_the_cursor_back(
    bench: MarketBench,
) -> None:
    bench.marketplace.unreadable_in.add(DK)
    bench.marketplace.put(market_order(1))
    assert bench.sync() == {"failed": 1, "seen": 1, "made": 1}
    assert bench.sync() == {"failed": 1}
    assert bench.telemetry.total("RunsFailed") == 2
    assert set(bench.cursors.read("miinto/orders/example")["since"]) == {SE}

    bench.marketplace.unreadable_in.clear()
    bench.marketplace.put(market_order(2))
    assert bench.sync(hours=30) == {"seen": 1, "made": 1}
    assert set(bench.cursors.read("miinto/orders/example")["since"]) == {DK, SE}


def test_what_is_seen_has_an_end_when_time_does(bench: MarketBench) -> None:
    for number in range(1, 5):
        created = START - timedelta(minutes=number)
        bench.marketplace.put(market_order(number, created_at=created))
    really = bench.market.append_to_order

    def slow(*arguments: Any) -> Any:
        bench.clock.left = 5.0
        return really(*arguments)

    bench.clock.left = 300.0
    bench.market.append_to_order = slow
    assert bench.sync() == {"seen": 1, "not_started": 4}
    assert DK not in bench.cursors.read("miinto/orders/example")["since"]
    bench.clock.left = 300.0
    bench.market.append_to_order = really
    bench.clock.advance(hours=30)
    assert bench.sync() == {"seen": 3, "made": 4}


def test_products_that_cannot_be_asked_for_hold_the_cursor_back(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.identify.away = AWAY
    assert bench.sync() == {"failed": 1}
    assert bench.state().version == 0
    bench.identify.away = None
    bench.clock.advance(hours=30)
    assert bench.sync()["made"] == 1


def test_products_are_asked_for_once_for_each_shop(bench: MarketBench) -> None:
    for number in range(1, 6):
        bench.marketplace.put(market_order(number))
    assert bench.sync()["made"] == 5
    assert bench.identify.asked == [(DK, 1)]
    for number in range(6, 9):
        bench.marketplace.put(market_order(number, position(71, f"NEW-{number}")))
    bench.sync()
    assert bench.identify.asked[1:] == [(DK, 3)]


def test_what_one_run_could_not_look_up_is_the_next_runs(bench: MarketBench) -> None:
    bench.identify.most = 1
    for number, sku in enumerate(("TEE", "MUG", "CAP"), start=1):
        bench.marketplace.put(market_order(number, position(71, sku)))
    assert bench.sync() == {"seen": 1, "later": 2, "made": 1}
    assert bench.parked() == []
    assert bench.sync(hours=3) == {"seen": 1, "later": 1, "made": 1}
    assert bench.sync(hours=3) == {"seen": 1, "made": 1}


def test_the_oldest_is_made_first_and_time_ends_a_run(bench: MarketBench) -> None:
    for number in range(1, 5):
        created = START - timedelta(minutes=number)
        bench.marketplace.put(market_order(number, created_at=created))
    really = bench.warehouse.create_order

    def slow(draft: Any, send_by: Any) -> Any:
        bench.clock.left = 5.0
        return really(draft, send_by)

    bench.clock.left = 300.0
    bench.warehouse.create_order = slow
    assert bench.sync() == {"seen": 4, "made": 1, "not_started": 3}
    assert bench.state(4).made_id is not None
    bench.clock.left = 300.0
    bench.warehouse.create_order = really
    assert bench.sync() == {"made": 3}


# -- nothing of the buyer is kept --------------------------------------------------------------


def test_nothing_of_the_buyer_is_stored_logged_or_parked(bench: MarketBench) -> None:
    bench.settings["orders"]["label_field"] = "label"
    bench.marketplace.put(market_order(1, label_url="https://labels.example.test/1"))
    bench.marketplace.put(
        market_order(2, customer=BUYER.model_copy(update={"delivery": Address(name="Ida Holm")}))
    )
    bench.marketplace.put(market_order(3, position(71, "NOBODY-KNOWS")))
    bench.sync()
    told = [
        *(
            e.model_dump_json()
            for n in (1, 2, 3)
            for e in bench.market.events["example", "order", DK, n]
        ),
        *(s.model_dump_json() for s in bench.market.states.values()),
        json.dumps([item.__dict__ for item in bench.parking.items.values()], default=str),
        repr(bench.telemetry.lines),
        repr(bench.cursors.read("miinto/orders/example")),
        repr(bench.ledger.rows),
    ]
    assert len(bench.parked()) == 2
    for word in PERSONAL:
        assert word not in "\n".join(told), word


# -- couriers and labels -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "courier", "provider"),
    [
        (("gls", "dhl"), 7, "dhl"),
        (("gls",), "AUTO", ""),
        ((), "AUTO", ""),
        (("bring", "dhl"), "Bring Parcel", "bring"),
    ],
)
def test_the_courier_is_the_first_allowed_provider_that_is_mapped(
    bench: MarketBench, allowed: tuple[str, ...], courier: Any, provider: str
) -> None:
    bench.settings["orders"]["couriers"] = {"dhl": "7", "bring": "Bring Parcel"}
    bench.marketplace.providers[1] = allowed
    bench.made()
    (draft,) = bench.drafts()
    assert draft.courier == courier
    assert bench.state().provider == provider


def test_providers_are_not_asked_for_without_a_map(bench: MarketBench) -> None:
    bench.made()
    assert "providers 1" not in bench.marketplace.reads


def test_the_labels_link_is_a_comment_once(bench: MarketBench) -> None:
    bench.settings["orders"]["label_field"] = "label"
    made = bench.made(label_url="https://labels.example.test/1")
    for _ in range(3):
        bench.sync()
    (comment,) = bench.warehouse.kept[made].comments
    assert "https://labels.example.test/1" in comment
    assert bench.state().label_linked


def test_a_comment_whose_answer_was_lost_is_looked_up(bench: MarketBench) -> None:
    bench.settings["orders"]["label_field"] = "label"
    bench.marketplace.put(market_order(1, label_url="https://labels.example.test/1"))
    really = bench.warehouse.create_order

    def then_lose(draft: Any, send_by: Any) -> Any:
        made = really(draft, send_by)
        bench.warehouse.trouble.append(("after", LOST))
        return made

    bench.warehouse.create_order = then_lose
    assert bench.sync()["later"] == 1
    assert bench.state().made_id == 501
    bench.sync(minutes=30)
    assert len(bench.warehouse.kept[501].comments) == 1
    assert bench.state().label_linked


def test_a_label_that_comes_later_is_found(bench: MarketBench) -> None:
    bench.settings["orders"]["label_field"] = "label"
    made = bench.made()
    assert bench.warehouse.kept[made].comments == []
    bench.marketplace.put(market_order(1, label_url="https://labels.example.test/1"))
    bench.sync()
    assert len(bench.warehouse.kept[made].comments) == 1


def test_a_refused_comment_is_asked_about_once_and_holds_nothing_up(bench: MarketBench) -> None:
    bench.settings["orders"]["label_field"] = "label"
    bench.marketplace.put(market_order(1, label_url="https://labels.example.test/1"))
    refused = Permanent("mintsoft.refused", "no comments today")

    def refuse(*_: Any) -> None:
        raise refused

    bench.warehouse.add_order_comment = refuse
    assert bench.sync()["made"] == 1
    bench.sync()
    assert bench.parked() == ["mintsoft.refused"]
    assert bench.state().parked == ""
    (item,) = bench.parking.items.values()
    assert item.times == 1


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


# -- the moment of the switch, and shadow ------------------------------------------------------


def test_orders_before_the_switch_are_left_and_told_once(bench: MarketBench) -> None:
    bench.file["live_from"] = "2026-03-02T08:55:00Z"
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(2, created_at=START))
    assert bench.sync() == {"before_live_from": 1, "seen": 1, "made": 1}
    assert bench.sync() == {}
    assert bench.kinds(1) == ["order_seen", "skipped", "order_ended"]
    assert bench.identify.asked == [(DK, 1)]
    assert promised_in_all(bench.market, "example") == {}


def test_an_order_that_tells_no_time_may_be_older_than_the_switch_and_waits(
    bench: MarketBench,
) -> None:
    bench.marketplace.put(market_order(1, created_at=None))
    bench.marketplace.put(market_order(2))
    assert bench.sync() == {"parked": 1, "seen": 1, "made": 1}
    assert bench.kinds(1) == ["order_seen", "parked"]
    assert bench.parked() == ["order.no_time"]
    for _ in range(3):
        assert bench.sync() == {}
    (item,) = bench.parking.list_parked("example")
    assert item.times == 1

    bench.replay()
    assert bench.sync() == {"made": 1}
    assert {draft.number for draft in bench.drafts()} == {"MI-045-1234-1", "MI-045-1234-2"}


def test_what_shadow_saw_without_a_time_waits_when_the_switch_is_live(bench: MarketBench) -> None:
    bench.set("orders", mode="shadow")
    bench.marketplace.put(market_order(1, created_at=None))
    assert bench.sync() == {"seen": 1, "shadow": 1}
    bench.set("orders", mode="live")
    assert bench.sync() == {"parked": 1}
    assert bench.drafts() == []


def test_in_shadow_nothing_is_made_and_all_is_told(bench: MarketBench) -> None:
    bench.set("orders", mode="shadow", couriers={"dhl": "7"})
    bench.marketplace.providers[1] = ("dhl",)
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(2, position(71, "NEW")))
    assert bench.sync() == {"seen": 2, "shadow": 2}
    assert (bench.drafts(), bench.parked(), bench.ledger.rows) == ([], [], {})
    facts = [e.fact for n in (1, 2) for e in bench.market.events["example", "order", DK, n]]
    would = [fact.summary for fact in facts if isinstance(fact, WouldSend)]
    assert "order MI-045-1234-1 in warehouse 3: 1 x TEE; courier 7" in would
    assert "it would wait for a person" in would[1]
    assert bench.sync() == {}
    assert promised_in_all(bench.market, "example") == {}


def test_live_takes_up_what_shadow_saw_since_the_switch(bench: MarketBench) -> None:
    bench.set("orders", mode="shadow")
    bench.marketplace.put(market_order(1, created_at=START - timedelta(hours=2)))
    bench.marketplace.put(market_order(2, created_at=START + timedelta(hours=1)))
    bench.sync(hours=2)
    bench.sync(hours=10)
    bench.file["live_from"] = "2026-03-02T09:30:00Z"
    bench.set("orders", mode="live")
    assert bench.sync() == {"seen": 1, "made": 1}
    assert [draft.number for draft in bench.drafts()] == ["MI-045-1234-2"]
    assert bench.sync() == {}


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_number_that_was_planned_stays_whatever_the_file_says_later(
    bench: MarketBench, when: Any
) -> None:
    bench.marketplace.put(market_order(1))
    bench.warehouse.trouble.append((when, LOST))
    bench.sync()
    bench.set("orders", number_prefix="X-")
    bench.sync(minutes=30)
    assert [draft.number for draft in bench.drafts()] == ["MI-045-1234-1"]
    planned = [e.fact for e in bench.market.events["example", "order", DK, 1]]
    assert sum(isinstance(fact, OrderPlanned) for fact in planned) == 1


@pytest.mark.parametrize(
    "changes", [{"orders": {"mode": "off"}}, {"level": "stock_only", "orders": {"mode": "live"}}]
)
def test_off_reads_nothing(changes: dict[str, Any]) -> None:
    bench = MarketBench(**changes)
    bench.marketplace.put(market_order(1))
    assert bench.sync() == {"off": 1}
    assert bench.marketplace.reads == []


def test_a_shop_whose_orders_are_off_is_not_read(bench: MarketBench) -> None:
    bench.settings["shops"] = [{"id": DK, "warehouse": 3, "orders": False}]
    bench.marketplace.put(market_order(1))
    assert bench.sync() == {}


def test_unleashed_without_its_connection_is_refused_in_words() -> None:
    bench = MarketBench(orders={"mode": "off", "into": "unleashed"})
    with pytest.raises(ValueError, match="into: unleashed needs an unleashed: block"):
        bench.world()
