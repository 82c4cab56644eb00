"""The simulator of Miinto: offers to several shops, orders, lists, tracking."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.miinto.sample import DK, DK_OUTLET, NL, RIVAL, RIVALS_DK, SE
from tests.support.miinto_caller import Caller, Marketplace, data_of, refusal_of

TEE, SHIRT, HOODIE = {"sku": "TEE-RED-M"}, {"sku": "LINEN-SHIRT-M"}, {"sku": "HOODIE-GREY-M"}


def ids(rows: list[int]) -> list[dict[str, int]]:
    return [{"id": number} for number in rows]


def decide(
    caller: Caller, made: dict[str, Any], accepted: list[int], declined: list[int] | None = None
) -> Any:
    body = {"acceptedPositions": ids(accepted), "declinedPositions": ids(declined or [])}
    path = f"/shops/{made['shop']}/transfers/{made['id']}"
    return caller.write("PATCH", path, {name: rows for name, rows in body.items() if rows})


def pending(caller: Caller, shop: str) -> list[int]:
    reply = caller.get(f"/shops/{shop}/transfers", [("status[]", "pending")])
    return [row["id"] for row in data_of(reply)]


def states(market: Marketplace, made: dict[str, Any]) -> list[str]:
    book = market.miinto.all_books()["transfers"][f"{made['shop']}/{made['id']}"]
    return list(book["positions"].values())


def test_a_transfer_is_listed_in_minor_units_and_never_with_a_sku() -> None:
    market = Marketplace()
    market.miinto.offer([DK], [{"sku": "LINEN-SHIRT-M", "price": 47405}, HOODIE])
    reply = market.caller().get(f"/shops/{DK}/transfers")

    content = json.loads(reply.body)
    assert content["meta"] == {"status": "success", "version": "2.6", "totalItemCount": 1}
    assert content["data"] == [
        {
            "id": 9001,
            "currency": "DKK",
            "createdAt": "2026-03-02T09:00:00+00:00",
            "pendingPositions": [
                {
                    "id": 71,
                    "quantity": 1,
                    "price": 47405,
                    "item": {
                        "name": "Linen shirt",
                        "brand": "Acme",
                        "gtin": "5700000000055",
                        "productId": "11110006-2222-4333-8444-555555555555",
                    },
                },
                {
                    "id": 72,
                    "quantity": 1,
                    "price": 44900,
                    "item": {
                        "name": "Hoodie",
                        "brand": "Acme",
                        "gtin": None,
                        "productId": "11110005-2222-4333-8444-555555555555",
                    },
                },
            ],
        }
    ]


def test_what_is_accepted_becomes_an_order_and_is_decided_once() -> None:
    market = Marketplace()
    caller = market.caller()
    made = market.miinto.offer([DK], [SHIRT, TEE])["transfers"][0]
    first, second = made["positions"]

    assert data_of(decide(caller, made, [first], [second])) == {"newOrder": {"id": 555001}}
    for again in ([first], [second]):
        status, why = refusal_of(decide(caller, made, again))
        assert status == 200
        assert why.endswith("already")
    order = data_of(caller.get(f"/shops/{DK}/orders/555001"))
    assert [row["id"] for row in order["acceptedPositions"]] == [first]
    assert pending(caller, DK) == []
    decided = market.happened("transfer_decided")
    assert len(decided) == 1
    assert decided[0] | {"channel": "", "number": 0} == {
        "number": 0,
        "at": "2026-03-02T09:00:00+00:00",
        "what": "transfer_decided",
        "channel": "",
        "by": "hub@example.test",
        "shop": DK,
        "transfer": 9001,
        "accepted": [first],
        "declined": [second],
        "order": 555001,
    }
    assert market.miinto.all_books()["refusals"] == {
        "transfer: position is accepted already": 1,
        "transfer: position is declined already": 1,
    }


def test_nothing_accepted_makes_no_order() -> None:
    market = Marketplace()
    made = market.miinto.offer([DK], [TEE])["transfers"][0]
    assert data_of(decide(market.caller(), made, [], made["positions"])) == []
    assert market.miinto.all_books()["orders"] == {}


def test_what_is_not_named_stays_to_be_decided() -> None:
    market = Marketplace()
    caller = market.caller()
    made = market.miinto.offer([DK], [SHIRT, TEE])["transfers"][0]
    decide(caller, made, [71])
    assert states(market, made) == ["accepted", "pending"]
    assert pending(caller, DK) == [9001]
    assert data_of(decide(caller, made, [72])) == {"newOrder": {"id": 555002}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"acceptedPositions": []},
        {"acceptedPositions": [71]},
        {"acceptedPositions": [{"id": "71"}]},
        {"acceptedPositions": [{"id": True}]},
        {"acceptedPositions": [{"id": 71, "quantity": 1}]},
        {"acceptedPositions": [{"id": 71}], "note": "x"},
        {"acceptedPositions": [{"id": 71}], "declinedPositions": []},
        {"acceptedPositions": [{"id": 71}], "declinedPositions": [{"id": 71}]},
        {"acceptedPositions": [{"id": 71}, {"id": 999}]},
    ],
)
def test_a_decision_that_is_wrong_changes_nothing(body: Any) -> None:
    market = Marketplace()
    caller = market.caller()
    made = market.miinto.offer([DK], [TEE])["transfers"][0]
    assert refusal_of(caller.write("PATCH", f"/shops/{DK}/transfers/9001", body))[0] == 400
    assert states(market, made) == ["pending"]
    assert refusal_of(caller.write("PATCH", f"/shops/{DK}/transfers/1", body))[0] == 404


# -- several shops ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 409])
def test_the_first_shop_to_accept_takes_it(status: int) -> None:
    market = Marketplace(conflict_status=status)
    mine, rival = market.caller(), market.caller(RIVAL)
    ours, theirs = market.miinto.offer([DK, RIVALS_DK], [SHIRT, TEE])["transfers"]

    data_of(decide(rival, theirs, [theirs["positions"][0]]))
    assert refusal_of(decide(mine, ours, ours["positions"])) == (
        status,
        "position is taken already",
    )
    assert states(market, ours) == ["taken", "pending"]
    data_of(decide(mine, ours, ours["positions"][1:]))
    assert states(market, theirs) == ["accepted", "taken"]
    assert len(market.happened("order_made")) == 2


def test_in_turn_what_one_declines_is_offered_to_the_next() -> None:
    market = Marketplace()
    caller, rival = market.caller(), market.caller(RIVAL)
    offered = market.miinto.offer([DK, RIVALS_DK, DK_OUTLET], [SHIRT, TEE], mode="in_turn")
    assert [row["shop"] for row in offered["transfers"]] == [DK]
    assert pending(rival, RIVALS_DK) == []

    made = offered["transfers"][0]
    decide(caller, made, made["positions"][:1], made["positions"][1:])
    shown = data_of(rival.get(f"/shops/{RIVALS_DK}/transfers"))
    assert [row["item"]["name"] for row in shown[0]["pendingPositions"]] == ["Tee"]
    assert pending(caller, DK_OUTLET) == []


def test_an_offer_expires_on_the_clock_and_goes_on() -> None:
    market = Marketplace(offer_seconds=3600.0)
    caller, rival = market.caller(), market.caller(RIVAL)
    made = market.miinto.offer([DK, RIVALS_DK], [TEE], mode="in_turn")["transfers"][0]
    market.clock.advance(seconds=3599)
    caller.log_in()
    rival.log_in()
    assert pending(caller, DK) == [made["id"]]
    market.clock.advance(seconds=1)

    assert pending(caller, DK) == []
    assert refusal_of(decide(caller, made, made["positions"])) == (
        200,
        "position is expired already",
    )
    assert len(pending(rival, RIVALS_DK)) == 1
    assert [row["transfer"] for row in market.happened("transfer_expired")] == [made["id"]]


def test_an_offer_can_be_ended_or_decided_elsewhere() -> None:
    market = Marketplace()
    caller = market.caller()
    one, other = (market.miinto.offer([DK], [TEE])["transfers"][0] for _ in range(2))
    market.admin("expire-transfer", {"shop": DK, "transfer": one["id"]})
    told = market.admin(
        "decide-transfer", {"shop": DK, "transfer": other["id"], "accepted": other["positions"]}
    )

    assert told == {"order": 555001}
    assert refusal_of(decide(caller, one, one["positions"]))[1] == "position is expired already"
    assert (
        refusal_of(decide(caller, other, other["positions"]))[1] == "position is accepted already"
    )
    assert market.happened("transfer_decided")[0]["by"] == "admin panel"


def test_numbers_are_a_markets_own() -> None:
    market = Marketplace()
    danish, swedish = (market.miinto.order(shop, [TEE]) for shop in (DK, SE))
    assert danish == swedish
    market.set(numbers="global")
    assert market.miinto.order(DK, [TEE])[0] != market.miinto.order(SE, [TEE])[0]


# -- orders -------------------------------------------------------------------------------------


def test_an_order_is_read_as_clients_know_it() -> None:
    market = Marketplace()
    buyer = {"delivery": "ParcelShopDelivery", "delivery_name": "Kiosk 7", "name": "Ida Holm"}
    market.miinto.order(DK, [{"sku": "TEE-RED-M", "quantity": 2}], buyer=buyer)
    address = {"street": "Nygade 1", "postcode": "8000", "city": "Aarhus", "countryCode": "DK"}

    assert data_of(market.caller().get(f"/shops/{DK}/orders/555001")) == {
        "id": 555001,
        "parentOrder": {"id": "2611111", "createdAt": "2026-03-02T09:00:00+00:00"},
        "currency": "DKK",
        "billingInformation": {
            "name": "Ida Holm",
            "email": "buyer-2611111@example.test",
            "phone": "+4500000000",
            "address": address,
        },
        "shippingInformation": {
            "deliveryAddress": {
                "type": "ParcelShopDelivery",
                "name": "Kiosk 7",
                "address": address,
            }
        },
        "acceptedPositions": [
            {
                "id": 71,
                "quantity": 2,
                "price": 19900,
                "item": {
                    "name": "Tee",
                    "brand": "Acme",
                    "gtin": "5700000000017",
                    "productId": "11110001-2222-4333-8444-555555555555",
                },
            }
        ],
    }


def test_another_shops_order_is_not_found() -> None:
    market = Marketplace()
    market.miinto.order(DK, [TEE])
    caller = market.caller()
    for path in ("orders/555001", "shipping-providers/orders/555001"):
        assert refusal_of(caller.get(f"/shops/{DK_OUTLET}/{path}"))[0] == 404


def test_what_no_source_tells_of_an_order_can_be_set() -> None:
    market = Marketplace(
        label_field="shippingInformation.labelUrl",
        price_is="line",
        currency_case="lower",
        gtins=False,
    )
    market.miinto.order(DK, [{"sku": "TEE-RED-M", "quantity": 3}])
    market.admin("word", {"kind": "order", "shop": DK, "id": 555001, "word": "on_hold"})
    order = data_of(market.caller().get(f"/shops/{DK}/orders/555001"))

    label = f"https://labels.example.test/{DK}/555001.pdf"
    assert order["shippingInformation"]["labelUrl"] == label
    assert (order["currency"], order["status"]) == ("dkk", "on_hold")
    position = order["acceptedPositions"][0]
    assert (position["price"], position["item"]["gtin"]) == (59700, None)


def test_shipping_providers_are_those_of_the_orders_country() -> None:
    market = Marketplace()
    caller = market.caller()
    for shop, names in ((DK, ["postnord", "gls"]), (NL, ["postnl", "store-shipment"])):
        number, _ = market.miinto.order(shop, [TEE])
        rows = data_of(caller.get(f"/shops/{shop}/shipping-providers/orders/{number}"))
        assert [row["id"] for row in rows] == names


# -- tracking -----------------------------------------------------------------------------------


def test_tracking_is_told_as_it_is_set_and_shown_afterwards() -> None:
    market = Marketplace()
    caller = market.caller()
    market.miinto.order(DK, [TEE, SHIRT])
    parcel = {"shippingProviderId": "gls", "trackAndTrace": "TT1"}
    data_of(caller.write("PATCH", f"/shops/{DK}/orders/555001", parcel))

    assert data_of(caller.get(f"/shops/{DK}/orders/555001")).items() >= parcel.items()
    told = market.happened("tracking_told")
    assert [row["positions"] for row in told] == [{"71": parcel, "72": parcel}]


def test_tracking_of_positions_by_another_path_verb_and_names() -> None:
    market = Marketplace(
        tracking_method="POST",
        tracking_path="/shops/{shop}/parcels/{order}",
        tracking_positions="items",
        tracking_provider="carrier",
        tracking_number="number",
    )
    caller = market.caller()
    market.miinto.order(DK, [TEE, SHIRT])
    path = f"/shops/{DK}/parcels/555001"
    row = {"id": 72, "carrier": "gls", "number": "TT2"}
    data_of(caller.write("POST", path, {"items": [row]}))

    positions = data_of(caller.get(f"/shops/{DK}/orders/555001"))["acceptedPositions"]
    assert "carrier" not in positions[0]
    assert positions[1].items() >= row.items()
    assert refusal_of(caller.write("PATCH", f"/shops/{DK}/orders/555001", {}))[0] == 404
    assert refusal_of(caller.write("POST", path, {"items": [{**row, "id": 9}]}))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"shippingProviderId": "gls"},
        {"shippingProviderId": "gls", "trackAndTrace": ""},
        {"shippingProviderId": "postnl", "trackAndTrace": "TT"},
        {"shippingProviderId": "gls", "trackAndTrace": "TT", "more": 1},
    ],
)
def test_tracking_that_is_wrong_is_refused(body: Any) -> None:
    market = Marketplace()
    market.miinto.order(DK, [TEE])
    reply = market.caller().write("PATCH", f"/shops/{DK}/orders/555001", body)
    assert refusal_of(reply)[0] == 400
    assert market.happened("tracking_told") == []


def test_there_may_be_no_call_for_tracking() -> None:
    market = Marketplace(tracking_method="")
    market.miinto.order(DK, [TEE])
    body = {"shippingProviderId": "gls", "trackAndTrace": "TT"}
    reply = market.caller().write("PATCH", f"/shops/{DK}/orders/555001", body)
    assert refusal_of(reply)[0] == 404
