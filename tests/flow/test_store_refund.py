"""A refund from a store becomes an RMA request, once, and never an echo of the hub's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.domain.facts import Skipped
from returns_hub.domain.miinto.facts import RefundTied
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.answer_request import confirm_request
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.receive_store_refund import receive_store_refund
from returns_hub.flows.miinto.store_refund_message import parse
from returns_hub.flows.operator import Desk, replay
from tests.support.refund_worlds import (
    ORDER,
    RETURN,
    RMA,
    SHOP,
    SLUG,
    RefundBench,
    miinto,
    position,
)
from tests.support.worlds import merchant_file

TWO = OrderLine(position=71, quantity=2, price=49900, sku="TEE")
MUG = OrderLine(position=72, quantity=1, price=9900, sku="MUG")


def bench_with(**refunds: Any) -> RefundBench:
    settings = {"mode": "live", "to": "queue", "from_store": "automatic"} | refunds
    return RefundBench(file=merchant_file(miinto=miinto(refunds=settings)))


def reason(bench: RefundBench) -> str:
    (item,) = bench.parking.list_parked("example")
    return item.reason


def confirm(market: MarketWorld, **more: Any) -> str:
    return confirm_request(market, shop=SLUG, order=ORDER, source="refund-SR-1", who="pat", **more)


# -- once ---------------------------------------------------------------------------------------


def test_a_request_that_could_not_be_sent_gives_way_to_the_buyers_rma() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.trouble = ["not sent"]
    with pytest.raises(Retryable):
        bench.refunded()
    bench.rma()
    bench.clock.advance(minutes=1)
    assert bench.refunded() == "asked"
    assert bench.parked() == ["refund.rma_meanwhile"]
    assert len(list(bench.rmas.list(SHOP))) == 1


def test_a_stores_refund_is_requested_once_however_often_it_comes() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.refunded() == "requested"
    assert bench.refunded() == "known"
    assert bench.refunded() == "known"

    (draft,) = bench.rmas.drafts
    assert (draft.order, draft.positions) == (ORDER, {71: 1})
    assert [fact.refund_id for fact in bench.order_facts(RefundTied)] == ["SR-1"]
    assert f"rma-request/example/{SLUG}/{ORDER}/refund-SR-1" in bench.ledger.rows


def test_the_same_id_that_asks_for_something_else_goes_to_a_person() -> None:
    bench = RefundBench()
    bench.order(TWO)
    assert bench.refunded() == "requested"
    assert bench.refunded(("TEE", 2)) == "parked"
    assert bench.parked() == ["refund.changed"]
    assert len(bench.rmas.drafts) == 1
    assert bench.refunded(occurred_at="2026-03-01T00:00:00Z", source="another") == "known"


def test_two_refunds_of_two_units_are_two_requests_and_a_third_is_not() -> None:
    bench = RefundBench()
    bench.order(TWO)
    assert [bench.refunded(refund_id=f"SR-{n}") for n in (1, 2, 3)] == [
        "requested",
        "requested",
        "asked",
    ]
    assert "only 0 not returned or requested before" in reason(bench)


@pytest.mark.parametrize("market", [SHOP, SLUG, "DK"])
def test_the_order_may_be_named_by_market_and_miintos_id(market: str) -> None:
    bench = RefundBench()
    bench.order()
    assert bench.refunded(order={"market": market, "id": ORDER}) == "requested"


def test_a_lost_answer_is_looked_up_when_the_message_comes_again() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.trouble = ["lost"]
    with pytest.raises(UnknownOutcome):
        bench.refunded()
    bench.clock.advance(minutes=5)
    text = bench.store_message(occurred_at="2026-03-02T09:00:00Z")
    assert bench.deliver(text) == "requested"
    assert len(bench.rmas.drafts) == 1


def test_somebody_who_writes_to_the_order_meanwhile_does_not_lose_or_double_it() -> None:
    bench = RefundBench()
    bench.order()
    append, left = bench.market.append_to_order, [2]

    def contended(state: Any, events: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise Conflict("order")
        return append(state, events)

    bench.market.append_to_order = contended  # type: ignore[method-assign]
    assert bench.refunded() == "requested"
    assert len(bench.rmas.drafts) == 1
    left[0] = 99
    with pytest.raises(Retryable):
        bench.refunded(refund_id="SR-2")


# -- never an echo ------------------------------------------------------------------------------


def gone_home() -> RefundBench:
    bench = RefundBench()
    bench.order(TWO, MUG)
    bench.rma()
    bench.accept("811")
    return bench


def test_a_refund_that_names_the_hubs_as_its_origin_is_skipped_and_recorded_once() -> None:
    bench = gone_home()
    home = bench.queue.told[0].refund_id
    assert bench.refunded(origin=home) == "echo"
    assert bench.refunded(origin=home) == "known"

    assert bench.rmas.drafts == []
    (request,) = bench.order_state().requests
    assert (request.outcome, request.home, request.positions) == ("echo", home, {71: 1})


def test_a_refund_under_the_hubs_own_id_is_an_echo_too() -> None:
    bench = gone_home()
    assert bench.refunded(refund_id=bench.queue.told[0].refund_id) == "echo"


def test_an_echo_without_an_origin_is_known_by_the_lines_that_the_rma_covers() -> None:
    bench = gone_home()
    assert bench.refunded() == "echo"
    (request,) = bench.order_state().requests
    assert request.home == bench.queue.told[0].refund_id
    assert bench.refunded(refund_id="SR-2") == "requested"
    assert bench.refunded(refund_id="SR-3") == "asked"
    assert [draft.positions for draft in bench.rmas.drafts] == [{71: 1}]


@pytest.mark.parametrize("names_origin", [True, False])
def test_the_echo_may_come_before_the_telling_has_ended(names_origin: bool) -> None:
    """The consumer is faster than the hub: the order is tied before anything is told."""
    bench = RefundBench()
    bench.order()
    bench.rma()
    told: list[str] = []
    publish = bench.queue.publish

    def and_back(refund: Any, send_by: Any) -> str:
        sent = publish(refund, send_by)
        told.append(bench.refunded(origin=refund.refund_id if names_origin else None))
        return sent

    bench.queue.publish = and_back  # type: ignore[method-assign]
    bench.accept("811")
    assert told == ["echo"]
    assert bench.rmas.drafts == []
    assert bench.order_state().requests[0].home == bench.queue.told[0].refund_id
    assert bench.parked() == []


def test_a_refund_booked_twice_for_one_of_the_hubs_goes_to_a_person() -> None:
    bench = gone_home()
    home = bench.queue.told[0].refund_id
    assert bench.refunded(origin=home) == "echo"
    assert bench.refunded(origin=home, refund_id="SR-2") == "asked"
    assert bench.parked() == ["refund.booked_twice"]


def test_a_refund_of_more_than_the_hub_told_goes_to_a_person() -> None:
    bench = gone_home()
    home = bench.queue.told[0].refund_id
    assert bench.refunded(("TEE", 2), origin=home) == "asked"
    assert bench.parked() == ["refund.more_than_told"]
    assert bench.rmas.drafts == []


def test_a_refund_that_is_paid_in_part_goes_to_a_person() -> None:
    bench = gone_home()
    assert bench.refunded(("TEE", 1), ("MUG", 1)) == "asked"
    assert "some of it is paid for already" in reason(bench)
    market = bench.market_world()
    assert confirm(market, positions={72: 1}) == "requested"


def test_an_origin_that_looks_like_the_hubs_and_is_none_is_parked() -> None:
    bench = gone_home()
    assert bench.refunded(origin=f"{RETURN}-r0123456789ab") == "parked"
    assert bench.parked() == ["refund.unknown_origin"]


def test_an_origin_of_the_stores_own_is_no_origin_of_the_hubs() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.refunded(origin="return #5501") == "requested"


def test_an_echo_for_an_order_that_the_hub_never_saw_is_on_the_returns_timeline() -> None:
    bench = RefundBench()
    bench.rma()
    bench.accept("811")
    home = bench.queue.told[0].refund_id
    assert bench.refunded(origin=home, order={"number": "MI-X"}) == "echo"
    assert bench.refunded(origin=home, order={"number": "MI-X"}) == "known"
    assert [fact.code for fact in bench.rma_facts(Skipped)] == ["refund.echo"]


def test_an_rma_accepted_in_the_panel_covers_a_refund_before_the_hub_told_of_it() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma(status="accepted")
    assert bench.refunded() == "echo"
    assert bench.order_state().requests[0].home == ""
    assert bench.rmas.drafts == []


def test_an_rma_that_waits_is_for_a_person_to_accept() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma()
    assert bench.refunded() == "asked"
    assert "waits for these lines" in reason(bench)


def test_goods_and_refund_of_one_return_are_one_request_whichever_comes_first() -> None:
    goods_first = RefundBench()
    goods_first.order()
    assert (goods_first.came(), goods_first.refunded()) == ("requested", "echo")
    refund_first = RefundBench()
    refund_first.order()
    assert (refund_first.refunded(), refund_first.came()) == ("requested", "covered")
    assert refund_first.came(version="2") == "known"
    for bench in (goods_first, refund_first):
        assert len(bench.rmas.drafts) == 1
        assert bench.parked() == []
    assert refund_first.came(made=9002) == "asked"
    assert goods_first.refunded(refund_id="SR-2") == "asked"


# -- what a person has to see -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"lines": [{"sku": "TEE", "quantity": 3}]}, "only 2 were ordered"),
        ({"lines": [{"sku": "CAP", "quantity": 1}]}, "no line of the order"),
        (
            {"lines": [{"sku": "TEE", "quantity": 1, "amount_minor": 5000}], "currency": "DKK"},
            "refunded 5000 minor units, and Miinto would pay 49900",
        ),
        ({"currency": "EUR"}, "it is in EUR, and the order in DKK"),
    ],
)
def test_what_is_in_doubt_goes_to_a_person(changes: dict[str, Any], why: str) -> None:
    bench = RefundBench()
    bench.order(TWO, MUG)
    assert bench.refunded(**changes) == "asked"
    assert bench.refunded(**changes) == "known"
    assert why in reason(bench)
    assert bench.rmas.drafts == []


def test_the_whole_amount_is_no_doubt() -> None:
    bench = RefundBench()
    bench.order(TWO, MUG)
    lines = [{"sku": "TEE", "quantity": 2, "amount_minor": 99800}]
    assert bench.refunded(lines=lines, currency="DKK") == "requested"


def test_ask_puts_the_question() -> None:
    bench = bench_with(from_store="ask")
    bench.order()
    assert bench.refunded() == "asked"
    assert bench.parked() == ["refund.ask"]
    assert confirm(bench.market_world()) == "requested"
    assert bench.parked() == []


def test_shadow_requests_nothing() -> None:
    bench = bench_with(mode="shadow")
    bench.order()
    assert bench.refunded() == "shadow"
    assert bench.rmas.drafts == []
    assert [key for key in bench.ledger.rows if key.startswith("rma-request")] == []


@pytest.mark.parametrize("refunds", [{"mode": "off"}, {"from_store": "off"}])
def test_switched_off_it_is_kept_and_done_when_it_is_replayed(refunds: dict[str, str]) -> None:
    bench = bench_with(**refunds)
    bench.order()
    assert bench.refunded() == "parked"
    assert bench.parked() == ["refund.off"]
    bench.file["miinto"]["refunds"] |= {"mode": "live", "from_store": "automatic"}
    sent: list[str] = []
    desk = Desk("pat", bench.returns, bench.parking, bench.clock, bool, bool, sent.append)
    (item,) = bench.parking.list_parked("example")
    assert replay(item, desk) == "replayed"
    assert [bench.deliver(text) for text in sent] == ["requested"]


def test_a_question_is_answered_where_it_is_counted() -> None:
    bench = bench_with(from_store="ask")
    bench.order()
    bench.refunded()
    (item,) = bench.parking.list_parked("example")
    desk = Desk("pat", bench.returns, bench.parking, bench.clock, bool, bool)
    assert replay(item, desk) == "needs an answer"


# -- orders that are not there ------------------------------------------------------------------


def test_an_order_that_was_not_seen_yet_is_waited_for() -> None:
    bench = RefundBench()
    text = bench.store_message()
    with pytest.raises(Retryable) as later:
        bench.deliver(text)
    assert later.value.code == "refund.unknown_order"
    bench.clock.advance(hours=20)
    bench.order()
    assert bench.deliver(text) == "requested"


def test_an_order_that_never_comes_goes_to_a_person_after_a_day() -> None:
    bench = RefundBench()
    text = bench.store_message()
    bench.clock.advance(hours=24)
    assert bench.deliver(text) == "parked"
    assert bench.parked() == ["refund.unknown_order"]


def test_a_number_without_the_marketplaces_prefix_is_another_channels() -> None:
    bench = RefundBench()
    assert bench.refunded(order={"number": "#5501"}) == "not_of_miinto"


def test_blanks_around_a_number_make_it_no_other_channels() -> None:
    bench = RefundBench()
    with pytest.raises(Retryable, match="unknown_order"):
        bench.refunded(order={"number": " MI-045-1234-1 "})
    assert bench.parked() == []


def test_a_market_that_is_none_and_an_order_of_two_shops_are_parked() -> None:
    second = {"id": "1-m!i!s-045-999", "warehouse": 3, "country": "DK"}
    shops = [{"id": SHOP, "warehouse": 3, "country": "DK"}, second]
    bench = RefundBench(file=merchant_file(miinto=miinto(shops=shops)))
    bench.order()
    assert bench.refunded(order={"market": "SE", "id": ORDER}) == "parked"
    state = bench.market.order("example", str(second["id"]), ORDER)
    seen = bench.market.timeline("example", "order", SHOP, ORDER)[0].fact
    bench.market_world().record_order(state, "t", seen)
    order = {"market": "DK", "id": ORDER}
    assert bench.refunded(order=order, refund_id="SR-2") == "parked"
    assert bench.parked() == ["refund.unknown_market", "refund.ambiguous"]


# -- hostile ------------------------------------------------------------------------------------


GOOD: dict[str, Any] = json.loads(RefundBench().store_message())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "refund.not_json"),
        ("[]", "refund.not_an_object"),
        ("NaN", "refund.not_json"),
        ('{"a":' * 5000, "refund.not_json"),
        ("{}", "refund.wrong_schema"),
        (json.dumps(GOOD | {"schema": "refund/1"}), "refund.wrong_schema"),
        (json.dumps(GOOD | {"customer": "Ida Holm"}), "refund.invalid"),
        (json.dumps(GOOD | {"refund_id": "a/b"}), "refund.invalid"),
        (json.dumps(GOOD | {"lines": []}), "refund.invalid"),
        (json.dumps(GOOD | {"lines": [{"sku": "TEE", "quantity": True}]}), "refund.invalid"),
        (json.dumps(GOOD | {"lines": [{"sku": "TEE", "quantity": 0}]}), "refund.invalid"),
        (json.dumps(GOOD | {"lines": [{"sku": "T\u0000", "quantity": 1}]}), "refund.invalid"),
        (
            json.dumps(GOOD | {"lines": [{"sku": "TEE", "quantity": 1, "amount_minor": 1.5}]}),
            "refund.invalid",
        ),
        (json.dumps(GOOD | {"lines": [{"sku": "TEE", "quantity": 1}] * 501}), "refund.invalid"),
        (json.dumps(GOOD | {"order": {}}), "refund.invalid"),
        (json.dumps(GOOD | {"order": {"number": "x", "id": 1}}), "refund.invalid"),
        (json.dumps(GOOD | {"occurred_at": "2026-03-02"}), "refund.invalid"),
        (json.dumps(GOOD | {"origin": "x" * 201}), "refund.invalid"),
        (" " * (256 * 1024 + 1), "refund.too_large"),
    ],
)
def test_a_bad_message_is_kept_with_its_reason(text: str, code: str) -> None:
    bench = RefundBench()
    assert bench.deliver(text) == "parked"
    (item,) = bench.parking.list_parked("_unknown")
    assert (item.code, item.payload) == (code, text)
    assert "Ida" not in item.reason
    assert item.reason.isprintable()


def test_a_merchant_without_a_file_or_a_marketplace_is_said_to_be_none() -> None:
    bench = RefundBench()

    def nobody(_: str) -> Any:
        raise Permanent("merchant.unknown", "no such merchant")

    stores = bench.market_world().stores
    assert receive_store_refund(bench.store_message(), stores, nobody) == "parked"
    assert [item.code for item in bench.parking.list_parked("_unknown")] == ["merchant.unknown"]


def test_a_refund_of_the_future_is_parked() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.refunded(occurred_at="2026-03-02T10:00:00Z") == "parked"
    assert bench.parked() == ["refund.in_the_future"]


def test_a_declined_rma_frees_its_units() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma(position(811, status="declined"), status="declined")
    assert bench.refunded() == "requested"
    assert RMA in {rma.id for rma in bench.rmas.rmas.values()}


def test_the_reason_names_rows_and_never_a_field_that_may_be_a_persons_number() -> None:
    with pytest.raises(Permanent) as refused:
        parse(json.dumps(GOOD | {"4500000042": 1, "lines": [{"sku": "TEE", "quantity": 0}]}))
    assert "4500000042" not in refused.value.reason
    assert "lines.0.quantity" in refused.value.reason
