"""The simulator of Miinto: RMAs in both dialects, requests, refunds, held decisions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from local.simulators.miinto_sample import DK, DK_OUTLET, SE
from local.simulators.wire import WireFault
from tests.support.miinto_caller import Caller, Marketplace, data_of, refusal_of

ITEMS: list[dict[str, Any]] = [{"sku": "LINEN-SHIRT-M", "quantity": 2}, {"sku": "TEE-RED-M"}]


class Shop:
    """A shop with one order of two positions (71: two shirts, 72: a tee), as its hub sees it."""

    def __init__(self, **settings: Any) -> None:
        self.market = Marketplace(**settings)
        self.caller: Caller = self.market.caller()
        self.order, _ = self.market.miinto.order(DK, ITEMS)

    def rma(self, *positions: dict[str, Any]) -> dict[str, Any]:
        return self.market.miinto.create_rma(DK, self.order, positions)

    def later(self, seconds: float) -> None:
        self.market.clock.advance(seconds=seconds)

    def decide(self, number: int, accepted: dict[int, str], declined: dict[int, str]) -> Any:
        """In dialect A; position to reason."""
        rows = {
            "acceptedPositions": [{"id": n, "reason": why} for n, why in accepted.items()],
            "declinedPositions": [{"id": n, "reason": why} for n, why in declined.items()],
        }
        body = {name: row for name, row in rows.items() if row}
        return self.caller.write("PATCH", f"/shops/{DK}/rmas/{number}", body)

    def request(self, *positions: int, **body: Any) -> Any:
        """In dialect A."""
        wanted = {"orderId": self.order, "positions": [{"id": number} for number in positions]}
        return self.caller.write("POST", f"/shops/{DK}/rma-requests", wanted | body)

    def status(self, name: object) -> str:
        return str(self.market.miinto.all_books()["rmas"][f"{DK}/{name}"]["status"])

    def paid(self) -> list[tuple[int, int, str]]:
        refunds = self.market.miinto.all_books()["refunds"]
        return [(row["position"], row["amount"], row["currency"]) for row in refunds]


# -- dialect A ----------------------------------------------------------------------------------


def test_a_buyers_rma_is_read_as_the_guess_has_it() -> None:
    shop = Shop()
    made = shop.rma({"id": 71, "quantity": 1, "reason": "too_small", "comment": "Runs small."})

    assert made == {"rma": 30001, "positions": {71: 811}}
    expected = {
        "id": 30001,
        "status": "pending",
        "type": "return",
        "createdAt": "2026-03-02T09:00:00+00:00",
        "order": {"id": 555001},
        "parentOrder": {"id": "2611111"},
        "currency": "DKK",
        "pendingPositions": [
            {
                "id": 811,
                "quantity": 1,
                "price": 49900,
                "reason": "too_small",
                "item": {
                    "name": "Linen shirt",
                    "brand": "Acme",
                    "gtin": "5700000000055",
                    "productId": "11110006-2222-4333-8444-555555555555",
                },
                "orderPositionId": 71,
                "comment": "Runs small.",
            }
        ],
    }
    assert data_of(shop.caller.get(f"/shops/{DK}/rmas/30001")) == expected
    assert data_of(shop.caller.get(f"/shops/{DK}/rmas", [("status[]", "pending")])) == [expected]


def test_positions_are_decided_once_each_and_the_whole_follows() -> None:
    shop = Shop()
    shop.rma()
    shown = data_of(shop.decide(30001, {811: "as new"}, {}))
    assert shown["status"] == "pending"
    assert shown["acceptedPositions"][0]["decisionReason"] == "as new"
    for again in ({811: ""}, {811: "", 812: ""}):
        assert refusal_of(shop.decide(30001, again, {}))[0] == 200
    assert shop.status(30001) == "pending"
    data_of(shop.decide(30001, {812: ""}, {}))

    assert shop.status(30001) == "accepted"
    decided = shop.market.happened("rma_decided")
    assert [row["verdicts"] for row in decided] == [{"811": "accepted"}, {"812": "accepted"}]
    assert [row["reasons"] for row in decided] == [{"811": "as new"}, {"812": ""}]
    assert {row["by"] for row in decided} == {"hub@example.test"}


def test_only_what_was_accepted_is_paid_in_minor_units() -> None:
    shop = Shop(refund_seconds=60.0, price_is="line")
    shop.rma()
    data_of(shop.decide(30001, {811: ""}, {812: "worn"}))
    assert shop.paid() == []
    shop.later(60)
    assert shop.paid() == [(71, 99800, "DKK")]
    assert shop.paid() == [(71, 99800, "DKK")]
    assert [row["amount"] for row in shop.market.happened("refund_paid")] == [99800]


@pytest.mark.parametrize(
    ("mixed", "written"),
    [("accepted", "accepted"), ("declined", "declined"), ("mixed", "partially_accepted")],
)
def test_the_state_of_an_rma_that_was_decided_both_ways_can_be_set(
    mixed: str, written: str
) -> None:
    shop = Shop(mixed_rma=mixed)
    shop.rma()
    assert data_of(shop.decide(30001, {811: ""}, {812: ""}))["status"] == written


def test_declining_may_take_a_reason() -> None:
    shop = Shop(reason_required=True)
    shop.rma()
    assert refusal_of(shop.decide(30001, {}, {811: ""})) == (400, "declining takes a reason")
    data_of(shop.decide(30001, {812: ""}, {811: "worn"}))


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"acceptedPositions": []},
        {"acceptedPositions": [{"id": "811"}]},
        {"acceptedPositions": [{"id": 811, "reason": 5}]},
        {"acceptedPositions": [{"id": 811, "quantity": 1}]},
        {"acceptedPositions": [{"id": 811}], "declinedPositions": [{"id": 811}]},
        {"acceptedPositions": [{"id": 811}, {"id": 999}]},
        {"acceptedPositions": [{"id": 811}], "status": "accepted"},
    ],
)
def test_a_decision_that_is_wrong_changes_nothing(body: Any) -> None:
    shop = Shop()
    shop.rma()
    assert refusal_of(shop.caller.write("PATCH", f"/shops/{DK}/rmas/30001", body))[0] == 400
    assert shop.market.happened("rma_decided") == []
    assert shop.paid() == []


def test_rmas_of_other_shops_and_unknown_ones_are_not_found() -> None:
    shop = Shop()
    shop.rma()
    for path in (f"{DK_OUTLET}/rmas/30001", f"{DK}/rmas/1", f"{DK}/rmas/R-30001"):
        assert refusal_of(shop.caller.get(f"/shops/{path}"))[0] == 404
    assert data_of(shop.caller.get(f"/shops/{SE}/rmas")) == []


def test_somebody_decides_in_the_admin_panel() -> None:
    shop = Shop(conflict_status=409)
    made = shop.rma()
    told = {"shop": DK, "rma": made["rma"], "declined": [811, 812], "reason": "worn"}
    shop.market.admin("decide-rma", told)
    assert refusal_of(shop.decide(30001, {811: ""}, {})) == (409, "position is declined already")
    assert [row["by"] for row in shop.market.happened("rma_decided")] == ["admin panel"]


def test_an_unknown_word_is_shown_in_place_of_the_state() -> None:
    shop = Shop()
    shop.rma()
    shop.market.admin("word", {"kind": "rma", "shop": DK, "id": 30001, "word": "awaiting_parcel"})
    assert data_of(shop.caller.get(f"/shops/{DK}/rmas/30001"))["status"] == "awaiting_parcel"
    assert data_of(shop.caller.get(f"/shops/{DK}/rmas", [("status[]", "pending")])) == []


def test_a_returned_position_may_be_shown_with_a_quantity_of_nothing() -> None:
    shop = Shop(returned_quantity="zero", order_position_ids=False)
    shop.rma({"id": 71})
    shown = data_of(shop.decide(30001, {811: ""}, {}))
    order = data_of(shop.caller.get(f"/shops/{DK}/orders/{shop.order}"))
    assert [row["quantity"] for row in order["acceptedPositions"]] == [0, 1]
    assert "orderPositionId" not in shown["acceptedPositions"][0]


# -- access -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("access", "version", "status"),
    [
        ("granted", "2.5", 200),
        ("granted", "2.4", 404),
        ("forbidden", "2.6", 403),
        ("absent", "2.6", 404),
    ],
)
@pytest.mark.parametrize(("dialect", "path"), [("a", "rmas"), ("b", "returns")])
def test_rmas_are_there_from_a_version_on_and_for_those_who_may(
    access: str, version: str, status: int, dialect: str, path: str
) -> None:
    shop = Shop(rma_access=access, rma_dialect=dialect)
    asked = shop.caller.get(f"/shops/{DK}/{path}", miinto_api_control_version=version)
    assert asked.status == status
    other = {"rmas": "returns", "returns": "rmas"}[path]
    assert shop.caller.get(f"/shops/{DK}/{other}").status == 404


# -- requests of the merchant's -----------------------------------------------------------------


def test_a_request_becomes_an_rma_of_its_own_and_miinto_accepts_it_later() -> None:
    shop = Shop(request_seconds=60.0)
    made = data_of(shop.request(72))
    assert (made["id"], made["type"], made["status"]) == (30001, "request", "pending")
    assert refusal_of(shop.decide(30001, {811: ""}, {}))[1] == (
        "a request is not the shop's to decide"
    )
    shop.later(59)
    assert (shop.status(30001), shop.paid()) == ("pending", [])
    shop.later(1)
    assert (shop.status(30001), shop.paid()) == ("accepted", [(72, 19900, "DKK")])
    asked = shop.market.happened("rma_requested")
    assert [(row["by"], row["rma"], row["positions"]) for row in asked] == [
        ("hub@example.test", "30001", {"72": 1})
    ]
    assert [row["by"] for row in shop.market.happened("rma_decided")] == ["miinto"]


def test_a_request_may_be_accepted_at_once_or_never() -> None:
    shop = Shop(request_accepted="at_once")
    assert data_of(shop.request(71))["status"] == "accepted"
    shop.market.set(request_accepted="never")
    data_of(shop.request(72))
    shop.later(86400)
    assert shop.status(30002) == "pending"
    shop.market.admin("accept-request", {"shop": DK, "rma": "30002"})
    assert shop.status(30002) == "accepted"


def test_a_second_request_is_taken_and_paid_again_unless_that_is_set() -> None:
    shop = Shop(request_accepted="at_once")
    for _ in range(2):
        data_of(shop.request(72))
    assert Counter(shop.paid()) == {(72, 19900, "DKK"): 2}
    shop.market.set(second_request="refused")
    assert refusal_of(shop.request(72)) == (200, "a position is being returned already")
    data_of(shop.request(71))


def test_a_request_of_what_a_buyer_returns_is_refused_when_second_ones_are() -> None:
    shop = Shop(second_request="refused")
    shop.rma({"id": 71})
    assert refusal_of(shop.request(71))[0] == 200
    data_of(shop.decide(30001, {}, {811: "worn"}))
    data_of(shop.request(71))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"orderId": 555009}, 404),
        ({"orderId": "555001"}, 400),
        ({"positions": []}, 400),
        ({"positions": [{"id": 999}]}, 400),
        ({"positions": [{"id": 71}, {"id": 71}]}, 400),
        ({"positions": [{"id": 71, "quantity": 3}]}, 400),
        ({"positions": [{"id": 71, "quantity": 0}]}, 400),
        ({"positions": [{"id": 71, "amount": 5}]}, 400),
        ({"more": 1}, 400),
    ],
)
def test_a_request_that_is_wrong_makes_nothing(changes: dict[str, Any], status: int) -> None:
    shop = Shop()
    assert refusal_of(shop.request(71, **changes))[0] == status
    assert shop.market.miinto.all_books()["rmas"] == {}


def test_requests_may_be_left_out_of_the_list() -> None:
    shop = Shop()
    shop.rma({"id": 71})
    shop.request(72)
    rows = data_of(shop.caller.get(f"/shops/{DK}/rmas"))
    assert sorted((row["id"], row["type"]) for row in rows) == [
        (30001, "return"),
        (30002, "request"),
    ]
    shop.market.set(requests_listed=False)
    assert [row["id"] for row in data_of(shop.caller.get(f"/shops/{DK}/rmas"))] == [30001]


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
