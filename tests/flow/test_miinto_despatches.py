"""What the warehouse sends is followed, in parts too, and Miinto is told of it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from returns_hub.domain.facts import WouldSend
from returns_hub.domain.warehouse_orders import OrderPage, OrderStage
from returns_hub.errors import Permanent, UnknownOutcome
from tests.support.market_partners import AWAY, DK, SE, MarketBench, market_order, position

LOST = UnknownOutcome("miinto.unknown_outcome", "no answer")
COURIER = "DHL Parcel Connect"
TRACKING = {
    "mode": "live",
    "providers": {COURIER: "dhl"},
    "provider_default": "store",
    "seen_at": "trackAndTrace",
}


@pytest.fixture
def bench() -> MarketBench:
    made = MarketBench(tracking=dict(TRACKING))
    made.marketplace.providers[1] = ("dhl", "gls")
    return made


def values(bench: MarketBench) -> list[tuple[str, str]]:
    """Provider and tracking number of every call."""
    return [(told.values["provider"], told.values["tracking"]) for told in bench.marketplace.told]


# -- followed ----------------------------------------------------------------------------------


def test_a_despatch_is_recorded_told_and_ends_the_order(bench: MarketBench) -> None:
    made = bench.made()
    assert bench.follow() == {}
    bench.warehouse.despatch(made, tracking_number="T1", tracking_url="https://t.example.test/1")

    assert bench.follow() == {"told": 1}
    (despatch,) = bench.state().despatches
    assert (despatch.carrier, despatch.tracking, despatch.made_id) == (COURIER, "T1", made)
    (told,) = bench.marketplace.told
    assert (told.shop, told.order) == (DK, 1)
    assert told.values == {
        "provider": "dhl",
        "tracking": "T1",
        "tracking_url": "https://t.example.test/1",
        "despatched_at": bench.state().despatches[0].at.isoformat(),  # type: ignore[union-attr]
    }
    assert bench.kinds()[3:] == ["despatched", "tracking_sent", "order_ended"]
    assert bench.market.orders_in_work("example", 9) == ()
    for _ in range(3):
        assert bench.follow() == {}
    assert len(bench.marketplace.told) == 1


def test_with_tracking_off_the_despatch_alone_ends_it(bench: MarketBench) -> None:
    bench.set("tracking", mode="off")
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    assert bench.follow() == {"despatched": 1}
    assert bench.state().ended == "despatched"
    assert bench.marketplace.told == []


def test_in_shadow_it_is_said_what_would_be_told(bench: MarketBench) -> None:
    bench.set("tracking", mode="shadow")
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    facts = [e.fact for e in bench.market.events["example", "order", DK, 1]]
    assert [f.summary for f in facts if isinstance(f, WouldSend)] == ["T1 by dhl for order 1"]
    assert bench.marketplace.told == []
    bench.set("tracking", mode="live")
    bench.follow()
    assert bench.marketplace.told == []


def test_every_part_of_a_split_order_is_told_and_the_last_ends_it(bench: MarketBench) -> None:
    made = bench.made(accepted=(position(71, "TEE", 3),))
    second = bench.warehouse.split(made, {"TEE": 1})
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    assert values(bench) == [("dhl", "T1")]
    assert not bench.state().ended
    assert [d.part for d in bench.state().despatches] == ["1/2"]

    bench.warehouse.despatch(second, tracking_number="T2")
    bench.follow(hours=9)
    assert values(bench) == [("dhl", "T1"), ("dhl", "T2")]
    assert bench.state().ended == "despatched"


def test_orders_that_the_warehouse_merged_are_each_told(bench: MarketBench) -> None:
    first, second = bench.made(1), bench.made(2)
    bench.marketplace.providers[2] = ("dhl",)
    bench.warehouse.merge(first, second)
    bench.warehouse.despatch(first, tracking_number="T1")
    bench.follow()
    assert {(t.order, t.values["tracking"]) for t in bench.marketplace.told} == {
        (1, "T1"),
        (2, "T1"),
    }


def test_a_despatch_that_no_list_showed_is_found_by_the_walk(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    monkeypatch.setattr(bench.warehouse, "orders_updated_since", lambda *_, **__: OrderPage((), 1))
    assert bench.follow(days=2) == {"told": 1}


def test_the_walk_comes_to_every_order_in_turn(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.flows.miinto.follow_despatches.READ_PER_RUN", 2)
    monkeypatch.setattr(bench.warehouse, "orders_updated_since", lambda *_, **__: OrderPage((), 1))
    for number in range(1, 6):
        bench.marketplace.providers[number] = ("dhl",)
        bench.warehouse.despatch(bench.made(number), tracking_number=f"T{number}")
    for _ in range(6):
        bench.follow()
    assert sorted(tracking for _, tracking in values(bench)) == ["T1", "T2", "T3", "T4", "T5"]


def test_a_list_that_was_cut_off_is_read_again(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.made()
    bench.follow()
    before = bench.cursors.read("miinto/despatches/example")["since"]
    really = bench.warehouse.orders_updated_since

    def cut(*arguments: Any) -> OrderPage:
        return OrderPage(really(*arguments).orders, 30, complete=False)

    monkeypatch.setattr(bench.warehouse, "orders_updated_since", cut)
    assert bench.follow()["incomplete"] == 1
    assert bench.cursors.read("miinto/despatches/example")["since"] == before


def test_a_list_that_is_too_long_for_a_run_becomes_shorter(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a warehouse that was away for long, with more changes than a run reads, would never be
    read to its end again; what the list did not come to is the walk's."""
    bench.made()
    bench.follow()
    really = bench.warehouse.orders_updated_since

    def cut(since: datetime, most_calls: int) -> OrderPage:
        page = really(since, most_calls)
        return OrderPage(page.orders, 30, complete=bench.clock.now() - since < timedelta(hours=4))

    monkeypatch.setattr(bench.warehouse, "orders_updated_since", cut)
    endings = [bench.follow(days=3), *(bench.follow() for _ in range(8))]
    assert "incomplete" in endings[0]
    assert "incomplete" not in endings[-1]
    since = datetime.fromisoformat(bench.cursors.read("miinto/despatches/example")["since"])
    assert since == bench.clock.now()


def test_other_sellers_orders_are_not_looked_for(bench: MarketBench) -> None:
    from tests.support.order_worlds import LATER, draft

    bench.made()
    other = bench.warehouse.create_order(draft("WEB-1"), LATER).order_id
    bench.warehouse.despatch(other, tracking_number="X")
    asked: list[str] = []
    really = bench.market.order_of

    def order_of(merchant: str, *, number: str = "", made_id: int | None = None) -> Any:
        asked.append(number)
        return really(merchant, number=number, made_id=made_id)

    bench.market.order_of = order_of
    bench.follow()
    assert asked == ["MI-045-1234-1"]


def test_a_tracking_number_that_comes_later_is_told(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.despatch(made)
    bench.follow()
    assert (bench.marketplace.told, bench.state().ended) == ([], "")
    bench.clock.advance(hours=2)
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    assert values(bench) == [("dhl", "T1")]
    assert len(bench.state().despatches) == 1


def test_a_despatch_without_a_number_is_a_persons_after_a_day(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.despatch(made)
    bench.follow()
    bench.follow(hours=25)
    assert bench.parked() == ["order.no_tracking"]
    assert bench.state().ended == "despatched"


def test_a_despatch_without_number_and_date_is_a_persons_a_day_after_it_was_seen(
    bench: MarketBench,
) -> None:
    made = bench.made()
    bench.warehouse.despatch(made)
    kept = bench.warehouse.kept[made]
    bench.warehouse.kept[made] = replace(kept, order=replace(kept.order, despatched_at=None))
    bench.follow()
    bench.follow(hours=23)
    assert (bench.parked(), bench.state().ended) == ([], "")
    bench.follow(hours=2)
    assert bench.parked() == ["order.no_tracking"]
    assert bench.state().ended == "despatched"


# -- which provider ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "mapped", "told"),
    [
        (("dhl",), {COURIER: "dhl"}, "dhl"),
        (("dhl",), {COURIER.upper(): "dhl"}, "dhl"),
        (("gls",), {COURIER: "dhl"}, "store"),
        ((), {COURIER: "dhl"}, "store"),
        (("dhl",), {}, "store"),
    ],
)
def test_the_provider_is_the_mapped_one_where_it_is_allowed(
    bench: MarketBench, allowed: tuple[str, ...], mapped: dict[str, str], told: str
) -> None:
    bench.set("tracking", providers=mapped)
    made = bench.made()
    bench.marketplace.providers[1] = allowed
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    assert values(bench) == [(told, "T1")]


@pytest.mark.parametrize("mapped", [{}, {COURIER: "dhl"}])
def test_without_any_provider_a_person_is_asked(bench: MarketBench, mapped: dict[str, str]) -> None:
    bench.set("tracking", providers=mapped, provider_default=None)
    made = bench.made()
    bench.marketplace.providers[1] = ()
    bench.warehouse.despatch(made, tracking_number="T1")
    assert bench.follow() == {"parked": 1}
    assert bench.parked() == ["miinto.no_provider"]
    assert bench.state().standing == "despatched"

    bench.set("tracking", provider_default="store")
    bench.replay()
    bench.follow()
    assert values(bench) == [("store", "T1")]


# -- told, once --------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_whose_answer_was_lost_is_looked_up(bench: MarketBench, when: Any) -> None:
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.marketplace.trouble.append((when, LOST))
    assert bench.follow() == {"later": 1}
    bench.follow(minutes=30)
    assert values(bench) == [("dhl", "T1")]
    assert bench.state().tracking_sent == ("T1",)


def test_without_a_field_to_look_at_it_is_never_told_again_but_by_a_person(
    bench: MarketBench,
) -> None:
    bench.set("tracking", seen_at=None)
    bench.marketplace.shows_tracking = False
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.marketplace.trouble.append(("after", LOST))
    bench.follow()
    for _ in range(8):
        bench.follow(minutes=20)
    assert len(bench.marketplace.told) == 1
    assert bench.parked() == ["operation.unknown_outcome"]
    assert "tracking.seen_at" in bench.reasons()

    bench.replay()
    bench.follow()
    assert len(bench.marketplace.told) == 1
    bench.replay(send_again=True)
    bench.follow()
    assert len(bench.marketplace.told) == 2
    assert bench.state().ended == "despatched"


def test_another_number_in_the_field_proves_nothing(bench: MarketBench) -> None:
    bench.marketplace.shows_tracking = False
    made = bench.made(tracking_seen="OTHER")
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.marketplace.trouble.append(("before", LOST))
    bench.follow()
    assert bench.follow(minutes=30) == {"later": 1}
    assert bench.marketplace.told == []


def test_what_miinto_refuses_is_parked_and_told_again_by_a_person(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.marketplace.trouble.append(("before", Permanent("miinto.refused", "no such field")))
    assert bench.follow() == {"parked": 1}
    assert bench.follow() == {}
    bench.replay()
    assert bench.follow() == {"told": 1}


def test_a_discarded_call_is_never_made(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.marketplace.trouble.append(("before", Permanent("miinto.refused", "no")))
    bench.follow()
    bench.discard("told by hand")
    bench.follow(hours=5)
    assert bench.marketplace.told == []
    assert bench.state().ended == "discarded"


def test_what_comes_back_is_done_by_the_next_run(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.marketplace.trouble.append(("before", AWAY))
    assert bench.follow() == {"later": 1}
    assert bench.follow(days=2) == {"told": 1}


# -- cancelled and failed in the warehouse -----------------------------------------------------


def test_what_the_warehouse_cancels_is_a_persons(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.move(made, OrderStage.CANCELLED)
    bench.follow()
    assert bench.parked() == ["order.cancelled_in_mintsoft"]
    assert bench.state().standing == "cancelled"
    bench.follow()
    assert len(bench.parking.items) == 1


def test_a_cancelled_part_is_asked_about_and_the_rest_followed(bench: MarketBench) -> None:
    made = bench.made(accepted=(position(71, "TEE", 3),))
    second = bench.warehouse.split(made, {"TEE": 1})
    bench.warehouse.move(second, OrderStage.CANCELLED)
    bench.follow()
    assert bench.parked() == ["order.cancelled_in_mintsoft"]
    assert not bench.state().cancelled
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    assert values(bench) == [("dhl", "T1")]


def test_a_failed_order_is_asked_about_once(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.move(made, OrderStage.FAILED)
    for _ in range(3):
        bench.follow()
    (item,) = bench.parking.items.values()
    assert (item.code, item.times) == ("order.failed_in_mintsoft", 1)
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    assert values(bench) == [("dhl", "T1")]


def test_what_is_sent_though_it_was_cancelled_is_told_a_person_and_not_miinto(
    bench: MarketBench,
) -> None:
    made = bench.made()
    bench.marketplace.known.clear()
    bench.sync()
    bench.warehouse.despatch(made, tracking_number="T1")
    bench.follow()
    assert "order.sent_though_cancelled" in bench.parked()
    assert bench.marketplace.told == []
    assert bench.state().despatches


def test_an_unknown_stage_leads_to_nothing(bench: MarketBench) -> None:
    made = bench.made()
    bench.warehouse.move(made, OrderStage.UNKNOWN)
    assert bench.follow() == {}
    assert bench.kinds() == ["order_seen", "order_planned", "order_made"]


# -- calm --------------------------------------------------------------------------------------


def test_one_orders_trouble_is_its_own(bench: MarketBench) -> None:
    first, second = bench.made(1), bench.made(2)
    bench.marketplace.providers[2] = ("dhl",)
    for made, tracking in ((first, "T1"), (second, "T2")):
        bench.warehouse.despatch(made, tracking_number=tracking)
    bench.marketplace.trouble.append(("before", Permanent("miinto.refused", "no")))
    assert bench.follow() == {"parked": 1, "told": 1}


def test_a_warehouse_that_is_away_fails_the_run_and_passes_nothing(
    bench: MarketBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench.made()
    bench.follow()
    bench.warehouse.despatch(made, tracking_number="T1")

    def away(*_: Any, **__: Any) -> Any:
        raise AWAY

    with monkeypatch.context() as patched:
        patched.setattr(bench.warehouse, "orders_updated_since", away)
        assert bench.follow() == {"failed": 1}
    assert bench.follow(hours=30) == {"told": 1}


def test_one_run_at_a_time(bench: MarketBench) -> None:
    assert bench.cursors.acquire("miinto/despatches/example", "another", 3600)
    assert bench.follow() == {}


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_nothing_is_followed_where_nothing_was_made(mode: str) -> None:
    bench = MarketBench(orders={"mode": mode})
    assert bench.follow() == {"off": 1}


def test_orders_of_two_markets_are_told_apart(bench: MarketBench) -> None:
    bench.marketplace.put(market_order(1))
    bench.marketplace.put(market_order(1, shop=SE))
    bench.sync()
    swedish = bench.state(1, SE).made_id
    assert swedish is not None
    bench.warehouse.despatch(swedish, tracking_number="T9")
    bench.follow()
    assert [(told.shop, told.order) for told in bench.marketplace.told] == [(SE, 1)]
