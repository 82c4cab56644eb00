"""Accepted orders of the marketplace come in, each once; what cannot be made waits for a person."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.miinto.orders import Address
from returns_hub.errors import Conflict, Permanent
from tests.support.fakes import START
from tests.support.market_partners import (
    AWAY,
    BUYER,
    DK,
    LOST,
    PERSONAL,
    SE,
    MarketBench,
    market_order,
    position,
)


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
