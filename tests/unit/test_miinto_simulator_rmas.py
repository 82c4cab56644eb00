"""The simulator of Miinto: RMAs of buyers, requests of the merchant, refunds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from local.simulators.miinto.sample import DK, DK_OUTLET, SE
from tests.support.miinto_caller import data_of, refusal_of
from tests.support.miinto_shop import Shop

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


def test_support_may_change_what_was_decided() -> None:
    shop = Shop()
    shop.rma({"id": 71})
    decide = {"shop": DK, "rma": 30001, "accepted": [811]}
    shop.market.admin("decide-rma", decide)
    wanted = {"shop": DK, "rma": 30001, "position": 811, "status": "declined"}
    shop.market.admin("change-rma", wanted)

    assert shop.status(30001) == "declined"
    (told,) = shop.market.happened("rma_changed")
    assert (told["by"], told["position"], told["status"]) == ("miinto", 811, "declined")
    assert len(shop.market.happened("rma_decided")) == 1
    with pytest.raises(AssertionError, match="position 9 not found"):
        shop.market.admin("change-rma", wanted | {"position": 9})
    with pytest.raises(AssertionError, match="not pending"):
        shop.market.admin("change-rma", wanted | {"status": "pending"})


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
