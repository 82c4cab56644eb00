"""The simulator of Miinto: RMAs in the other dialect, and decisions without an answer."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.miinto.sample import DK, DK_OUTLET
from local.simulators.wire import WireFault
from tests.support.miinto_caller import data_of, refusal_of
from tests.support.miinto_shop import ITEMS, Shop

# -- dialect B ----------------------------------------------------------------------------------


def test_the_other_dialect_differs_in_everything() -> None:
    shop = Shop(rma_dialect="b")
    made = shop.rma({"id": 71, "quantity": 1, "reason": "SIZE", "comment": "Runs small."})
    assert made == {"rma": "R-30001", "positions": {71: 811}}
    expected = {
        "returnId": "R-30001",
        "rmaStatus": "OPEN",
        "kind": "RETURN",
        "created": "2026-03-02T09:00:00+00:00",
        "orderId": 555001,
        "parentOrderId": "2611111",
        "currencyCode": "DKK",
        "lines": [
            {
                "lineId": 811,
                "rmaStatus": "OPEN",
                "qty": 1,
                "amount": 49900,
                "reason": {"code": "SIZE", "text": "Runs small."},
                "article": {
                    "name": "Linen shirt",
                    "brand": "Acme",
                    "gtin": "5700000000055",
                    "productId": "11110006-2222-4333-8444-555555555555",
                },
                "orderLineId": 71,
            }
        ],
    }
    assert data_of(shop.caller.get(f"/shops/{DK}/returns/R-30001")) == expected
    listed = shop.caller.get(f"/shops/{DK}/returns", [("rmaStatus", "OPEN"), ("limit", "5")])
    assert data_of(listed) == [expected]
    assert data_of(shop.caller.get(f"/shops/{DK}/returns", [("rmaStatus", "REFUSED")])) == []
    wrong = shop.caller.get(f"/shops/{DK}/returns", [("rmaStatus", "pending")])
    assert refusal_of(wrong)[0] == 400
    assert refusal_of(shop.caller.get(f"/shops/{DK}/returns/30001"))[0] == 404


def test_the_other_dialect_decides_by_post_in_one_list() -> None:
    shop = Shop(rma_dialect="b", mixed_rma="mixed")
    shop.rma()
    path = f"/shops/{DK}/returns/R-30001/decision"
    rows = [
        {"lineId": 811, "verdict": "APPROVE"},
        {"lineId": 812, "verdict": "REFUSE", "reasonText": "worn"},
    ]
    shown = data_of(shop.caller.write("POST", path, {"lines": rows}))

    assert shown["rmaStatus"] == "PARTLY"
    assert [row["rmaStatus"] for row in shown["lines"]] == ["APPROVED", "REFUSED"]
    assert shown["lines"][1]["decision"] == {"text": "worn"}
    assert refusal_of(shop.caller.write("POST", path, {"lines": rows[:1]}))[0] == 200
    assert shop.paid() == [(71, 99800, "DKK")]
    assert shop.market.happened("rma_decided")[0]["rma"] == "R-30001"


@pytest.mark.parametrize(
    "body",
    [
        {"acceptedPositions": [{"id": 811}]},
        {"lines": []},
        {"lines": [{"lineId": 811}]},
        {"lines": [{"lineId": 811, "verdict": "accepted"}]},
        {"lines": [{"lineId": "811", "verdict": "APPROVE"}]},
        {"lines": [{"lineId": 811, "verdict": "APPROVE", "reason": "x"}]},
    ],
)
def test_the_other_dialects_decision_is_strict_too(body: Any) -> None:
    shop = Shop(rma_dialect="b")
    shop.rma()
    path = f"/shops/{DK}/returns/R-30001/decision"
    assert refusal_of(shop.caller.write("POST", path, body))[0] == 400
    assert shop.caller.write("PATCH", f"/shops/{DK}/returns/R-30001", body).status == 404
    assert shop.market.happened("rma_decided") == []


def test_the_other_dialect_requests_below_the_order_and_answers_the_id_only() -> None:
    shop = Shop(rma_dialect="b", request_accepted="at_once")
    rows = [{"orderLineId": 71, "qty": 1, "reason": {"code": "NO_RMA", "text": "came unannounced"}}]
    path = f"/shops/{DK}/orders/{shop.order}/return-requests"
    assert data_of(shop.caller.write("POST", path, {"lines": rows})) == {"returnId": "R-30001"}
    shown = data_of(shop.caller.get(f"/shops/{DK}/returns/R-30001"))
    assert (shown["kind"], shown["rmaStatus"]) == ("REQUEST", "APPROVED")
    assert shop.paid() == [(71, 49900, "DKK")]
    elsewhere = f"/shops/{DK_OUTLET}/orders/{shop.order}/return-requests"
    assert refusal_of(shop.caller.write("POST", elsewhere, {"lines": rows}))[0] == 404
    wrong = {"lines": [{"orderLineId": 71, "reason": "text"}]}
    assert refusal_of(shop.caller.write("POST", path, wrong))[0] == 400


# -- held decisions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "now", "later"),
    [("done", 1, 1), ("lost", 0, 0), ("late", 0, 1)],
)
def test_a_held_decision_is_answered_by_a_lost_connection(fate: str, now: int, later: int) -> None:
    shop = Shop(holds_decisions=fate, held_seconds=20.0)
    shop.rma({"id": 72})
    reply = shop.decide(30001, {811: ""}, {})

    assert reply.wire is WireFault.RESET
    assert len(shop.paid()) == now
    assert shop.market.miinto.all_books()["held"] == ["rma"] * (later - now)
    shop.later(19)
    assert len(shop.paid()) == now
    shop.later(1)
    assert len(shop.paid()) == later
    assert shop.market.miinto.all_books()["held"] == []


def test_a_late_decision_that_comes_after_another_changes_nothing() -> None:
    shop = Shop(holds_decisions="late")
    shop.rma({"id": 72})
    shop.decide(30001, {811: ""}, {})
    shop.market.set(holds_decisions="no")
    data_of(shop.decide(30001, {}, {811: "worn"}))
    shop.later(60)
    books = shop.market.miinto.all_books()
    assert (shop.status(30001), shop.paid()) == ("declined", [])
    assert books["refusals"] == {"rma: position is declined already": 1}


def test_by_the_dice_some_held_decisions_are_done() -> None:
    shop = Shop(holds_decisions="either", held_seconds=5.0)
    for number in range(30):
        shop.rma({"id": 72})
        shop.decide(30001 + number, {811 + number: ""}, {})
    at_once = len(shop.paid())
    shop.later(5)
    after = len(shop.paid())
    assert 0 < at_once < after < 30


def test_other_writes_can_be_held_too() -> None:
    shop = Shop(holds_decisions="lost", held=["request", "tracking", "transfer", "stock"])
    shop.rma({"id": 72})
    assert shop.decide(30001, {811: ""}, {}).wire is None
    shop.market.miinto.offer([DK], ITEMS)
    parcel = {"shippingProviderId": "gls", "trackAndTrace": "TT"}
    key = {"group": "G-TEE-RED", "brand": "Acme", "color": "Red", "size": "M"}
    replies = [
        shop.request(71),
        shop.caller.write("PATCH", f"/shops/{DK}/orders/{shop.order}", parcel),
        shop.caller.write(
            "PATCH", f"/shops/{DK}/transfers/9002", {"acceptedPositions": [{"id": 73}]}
        ),
        shop.caller.call("PATCH", f"/stock/locations/{DK}/items", [{"stock": 1, **key}]),
    ]
    assert {reply.wire for reply in replies} == {WireFault.RESET}
    books = shop.market.miinto.all_books()
    assert (len(books["rmas"]), len(books["orders"]), books["stock"]) == (1, 1, {})
    assert shop.market.happened("tracking_told") == []


def test_a_request_that_is_not_signed_is_never_held() -> None:
    shop = Shop(holds_decisions="done")
    shop.rma({"id": 72})
    body = {"acceptedPositions": [{"id": 811}]}
    reply = shop.caller.call("PATCH", f"/order/shops/{DK}/rmas/30001", body, signed="/x")
    assert refusal_of(reply)[0] == 401
    assert shop.paid() == []
