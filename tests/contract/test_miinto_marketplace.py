"""`ports.Marketplace` on Miinto's API: what is asked, and what is made of what comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.simulators.wire import Reply, WireFault, json_reply
from returns_hub.domain.miinto.transfers import Position
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.ports.marketplace import MappedProduct, Marketplace, ShopAccess, StockRow
from tests.support.fakes import START
from tests.support.miinto_wire import (
    OTHER_SHOP,
    SHOP,
    MiintoBench,
    Seen,
    failure,
    success,
)

LATER = START + timedelta(minutes=1)
ORDERS, TRANSFERS = f"/shops/{SHOP}/orders", f"/shops/{SHOP}/transfers"
ONE = f"{TRANSFERS}/9001"
ITEM = {
    "name": "Linen shirt",
    "brand": "Acme",
    "gtin": "5700000000017",
    "productId": "11111111-2222-4333-8444-555555555555",
}


def position(number: int = 71, **changes: Any) -> dict[str, Any]:
    return {"id": number, "quantity": 1, "price": 49900, "item": ITEM} | changes


def transfer(number: int = 9001, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "currency": "DKK",
        "createdAt": "2024-03-01T09:15:00+00:00",
        "pendingPositions": [position()],
    } | changes


def order(number: int = 555001, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "parentOrder": {"id": "2611111", "createdAt": "2024-03-01T09:10:00+00:00"},
        "currency": "dkk",
        "billingInformation": {
            "name": "Ida Holm",
            "email": "ida@example.test",
            "phone": "+4500000000",
            "address": {
                "street": "Nygade 1",
                "postcode": "8000",
                "city": "Aarhus",
                "countryCode": "dk",
            },
        },
        "shippingInformation": {
            "deliveryAddress": {
                "type": "ParcelShopDelivery",
                "name": "Kiosk",
                "address": {
                    "street": "Torvet 2",
                    "postcode": "8000",
                    "city": "Aarhus",
                    "countryCode": "DK",
                },
            }
        },
        "acceptedPositions": [position()],
    } | changes


def bench_with(**connection: Any) -> tuple[MiintoBench, Marketplace]:
    bench = MiintoBench(**connection)
    return bench, bench.marketplace()


# -- transfers --------------------------------------------------------------------------------


def test_pending_transfers_are_asked_for_as_known_clients_do() -> None:
    bench, miinto = bench_with()
    bench.wire.lists(TRANSFERS, [transfer()])
    (found,) = miinto.pending_transfers(SHOP)

    (asked,) = bench.wire.asked(TRANSFERS)
    assert asked.raw_query == "status%5B%5D=pending&sort=-createdAt&limit=50&offset=0"
    assert asked.host == "api-order.miinto.net"
    assert (found.shop, found.id, found.currency) == (SHOP, 9001, "DKK")
    assert found.created_at == datetime(2024, 3, 1, 9, 15, tzinfo=UTC)
    assert found.pending == (
        Position.model_validate(
            {
                "id": 71,
                "quantity": 1,
                "price": 49900,
                "item": {
                    "product_id": ITEM["productId"],
                    "gtin": ITEM["gtin"],
                    "name": "Linen shirt",
                    "brand": "Acme",
                },
            }
        ),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": None, "createdAt": None},
        {"currency": "kroner", "createdAt": "yesterday"},
        {"currency": 208, "createdAt": "2024-03-01T09:15:00"},
    ],
)
def test_what_is_not_told_of_a_transfer_is_none(changes: dict[str, Any]) -> None:
    bench, miinto = bench_with()
    bench.wire.lists(TRANSFERS, [transfer(**changes)])
    (found,) = miinto.pending_transfers(SHOP)
    assert (found.currency, found.created_at) == (None, None)


@pytest.mark.parametrize("item", [None, [], {}, {"gtin": "", "name": None, "productId": None}])
def test_an_item_that_tells_nothing(item: Any) -> None:
    bench, miinto = bench_with()
    bench.wire.lists(TRANSFERS, [transfer(pendingPositions=[position(item=item)])])
    (found,) = miinto.pending_transfers(SHOP)
    told = found.pending[0].item
    assert (told.product_id, told.gtin, told.name, told.brand) == (None, None, "", None)


def test_numbers_may_come_as_their_digits_and_lists_as_objects() -> None:
    bench, miinto = bench_with()
    row = position(number="71", price="49900", item=ITEM | {"gtin": 5700000000017})  # type: ignore[arg-type]
    bench.wire.lists(TRANSFERS, [transfer(id="9001", pendingPositions={"1": row})])
    (found,) = miinto.pending_transfers(SHOP)
    assert (found.id, found.pending[0].id, found.pending[0].price) == (9001, 71, 49900)
    assert found.pending[0].item.gtin == "5700000000017"


@pytest.mark.parametrize(
    "bad",
    [
        {"id": None},
        {"pendingPositions": [position(price="499.00")]},
        {"pendingPositions": [position(price=499.5)]},
        {"pendingPositions": [position(price=None)]},
        {"pendingPositions": [position(price=-1)]},
        {"pendingPositions": [position(quantity=True)]},
        {"pendingPositions": [position(quantity=None)]},
        {"pendingPositions": "none"},
    ],
)
def test_one_that_cannot_be_read_stops_no_other_and_is_told(bad: dict[str, Any]) -> None:
    bench, miinto = bench_with()
    bench.wire.lists(TRANSFERS, [transfer(1), transfer(2) | bad, transfer(3)])
    found: list[int] = []
    with pytest.raises(Retryable, match="a transfer of Miinto's cannot be read at") as raised:
        found.extend(one.id for one in miinto.pending_transfers(SHOP))
    assert found == [1, 3]
    assert raised.value.code == "miinto.unreadable"
    assert "499" not in raised.value.reason


def test_a_transfer_is_read_while_it_has_pending_positions() -> None:
    bench, miinto = bench_with(page_size=2)
    rows = [transfer(n) for n in range(8)] + [transfer(9, pendingPositions=[])]
    bench.wire.lists(TRANSFERS, rows)

    found = miinto.read_transfer(SHOP, 5)
    assert found is not None
    assert found.id == 5
    assert miinto.read_transfer(SHOP, 9) is None
    assert miinto.read_transfer(SHOP, 404) is None


def test_a_list_that_heeds_no_state_gives_pending_ones_all_the_same() -> None:
    bench, miinto = bench_with()
    rows = [transfer(1), transfer(2, pendingPositions=[]), {"id": 3, "acceptedPositions": []}]
    bench.wire.lists(TRANSFERS, rows)
    assert [one.id for one in miinto.pending_transfers(SHOP)] == [1]


def test_a_transfer_that_was_not_found_in_a_list_that_broke_is_not_gone() -> None:
    bench, miinto = bench_with()
    bench.wire.lists(TRANSFERS, [transfer(1)])
    bench.wire.answers["GET", TRANSFERS] = success([transfer(1)], totalItemCount=90)
    with pytest.raises(Retryable):
        miinto.read_transfer(SHOP, 5)
    bench.wire.lists(TRANSFERS, [transfer(1), transfer(2, id="?")])
    with pytest.raises(Retryable):
        miinto.read_transfer(SHOP, 2)


@pytest.mark.parametrize(
    ("accepted", "declined", "body"),
    [
        ([71], [72], b'{"acceptedPositions":[{"id":71}],"declinedPositions":[{"id":72}]}'),
        ([71, 73], [], b'{"acceptedPositions":[{"id":71},{"id":73}]}'),
        ([], [72], b'{"declinedPositions":[{"id":72}]}'),
    ],
)
def test_positions_are_decided_by_their_ids(
    accepted: list[int], declined: list[int], body: bytes
) -> None:
    bench, miinto = bench_with()
    bench.wire.answers["PATCH", ONE] = success({"newOrder": {"id": 555001}} if accepted else [])

    made = miinto.decide_transfer(SHOP, 9001, accepted, declined, LATER)

    assert made == (555001 if accepted else None)
    (sent,) = bench.wire.asked(ONE)
    assert sent.body == body


@pytest.mark.parametrize("data", [None, [], {}, {"newOrder": []}, {"newOrder": {"id": None}}, "x"])
def test_a_decision_without_an_orders_id_is_done_all_the_same(data: Any) -> None:
    bench, miinto = bench_with()
    bench.wire.answers["PATCH", ONE] = success(data)
    assert miinto.decide_transfer(SHOP, 9001, [71], [], LATER) is None


@pytest.mark.parametrize(("accepted", "declined"), [([], []), ([71], [71, 72])])
def test_what_is_no_decision_is_not_sent(accepted: list[int], declined: list[int]) -> None:
    bench, miinto = bench_with()
    with pytest.raises(Permanent):
        miinto.decide_transfer(SHOP, 9001, accepted, declined, LATER)
    assert bench.wire.seen == []


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (failure("decided already"), Permanent),
        (failure("decided already", status=409), Permanent),
        (failure("not found", status=404), Permanent),
        (failure("the shop is not active"), Misconfigured),
        (failure("Too many requests", status=429), Retryable),
        (failure("oops", status=500), UnknownOutcome),
        (Reply(200, body=b"<html>"), UnknownOutcome),
        (Reply(200, wire=WireFault.RESET), UnknownOutcome),
        (Reply(200, wire=WireFault.LATE), UnknownOutcome),
        (Reply(200, body=b'{"meta":{"status":"success"}}', wire=WireFault.CUT_OFF), UnknownOutcome),
    ],
)
def test_a_decision_that_is_not_taken(reply: Reply, verdict: type) -> None:
    bench, miinto = bench_with()
    bench.wire.answers["PATCH", ONE] = reply
    with pytest.raises(verdict) as raised:
        miinto.decide_transfer(SHOP, 9001, [71], [], LATER)
    assert type(raised.value) is verdict
    assert len(bench.wire.asked(ONE)) == 1


# -- orders -----------------------------------------------------------------------------------


def test_an_order_is_read_with_its_buyer() -> None:
    bench, miinto = bench_with()
    bench.wire.answers["GET", f"{ORDERS}/555001"] = success(order())
    found = miinto.read_order(SHOP, 555001)

    assert found is not None
    assert (found.id, found.parent_id, found.currency) == (555001, "2611111", "DKK")
    assert found.created_at == datetime(2024, 3, 1, 9, 10, tzinfo=UTC)
    assert (found.delivery_type, found.delivery_word) == ("parcel_shop", "ParcelShopDelivery")
    buyer = found.customer
    assert buyer is not None
    assert (buyer.name, buyer.email, buyer.phone) == ("Ida Holm", "ida@example.test", "+4500000000")
    assert (buyer.billing.name, buyer.billing.street) == ("Ida Holm", "Nygade 1")
    assert (buyer.billing.postcode, buyer.billing.city) == ("8000", "Aarhus")
    assert (buyer.delivery.name, buyer.delivery.street) == ("Kiosk", "Torvet 2")
    assert (buyer.billing.country, buyer.delivery.country) == ("DK", "DK")
    assert "Ida" not in repr(found)
    assert "ida@" not in bench.logged()


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("CompanyDelivery", "company"),
        ("HomeDelivery", "home"),
        ("parcelshopdelivery", "parcel_shop"),
        ("Drone", "unknown"),
        (None, "unknown"),
    ],
)
def test_delivery_types(word: Any, ours: str) -> None:
    bench, miinto = bench_with()
    body = order(shippingInformation={"deliveryAddress": {"type": word}})
    bench.wire.answers["GET", f"{ORDERS}/1"] = success(body)
    found = miinto.read_order(SHOP, 1)
    assert found is not None
    assert found.delivery_type == ours


def test_an_order_that_is_not_known_is_none_and_one_that_cannot_be_read_is_not() -> None:
    bench, miinto = bench_with()
    assert miinto.read_order(SHOP, 404) is None
    bench.wire.answers["GET", f"{ORDERS}/1"] = success([])
    with pytest.raises(Retryable, match="cannot be read"):
        miinto.read_order(SHOP, 1)


def test_a_line_that_was_returned_is_none_of_its_goods() -> None:
    bench, miinto = bench_with()
    body = order(acceptedPositions=[position(71), position(72, quantity=0)], declinedPositions=None)
    bench.wire.answers["GET", f"{ORDERS}/1"] = success(body)
    found = miinto.read_order(SHOP, 1)
    assert found is not None
    assert [line.id for line in found.accepted] == [71]


@pytest.mark.parametrize(
    ("field", "body", "url"),
    [
        (
            "shipping.label",
            {"shipping": {"label": "https://l.example.test/1"}},
            "https://l.example.test/1",
        ),
        (
            "parcels.label.url",
            {"parcels": [{}, {"label": {"url": "https://l.example.test/2"}}]},
            "https://l.example.test/2",
        ),
        ("labels", {"labels": ["https://l.example.test/3"]}, "https://l.example.test/3"),
        ("label", {"label": "javascript:alert(1)"}, None),
        ("label", {"label": "https://user@l.example.test"}, None),
        ("label", {"label": "https://l.example.test/a b"}, None),
        ("label", {"label": {"url": "https://l.example.test"}}, None),
        ("label", {}, None),
        (None, {"label": "https://l.example.test/1"}, None),
    ],
)
def test_a_labels_link_is_read_where_the_file_says(
    field: str | None, body: dict[str, Any], url: str | None
) -> None:
    bench, miinto = bench_with(orders={"label_field": field}, tracking={"seen_at": field})
    bench.wire.answers["GET", f"{ORDERS}/1"] = success(order() | body)
    found = miinto.read_order(SHOP, 1)
    assert found is not None
    assert found.label_url == url
    if url:
        assert found.tracking_seen == url


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ("T1", "T1"),
        (370712345678901234, "370712345678901234"),
        (37.5, None),
        (True, None),
        ({"number": "T1"}, None),
    ],
)
def test_a_tracking_number_of_digits_is_seen_as_well(shown: Any, seen: str | None) -> None:
    """Taken for none, it would be told to Miinto a second time."""
    bench, miinto = bench_with(tracking={"seen_at": "trackAndTrace"})
    bench.wire.answers["GET", f"{ORDERS}/1"] = success(order() | {"trackAndTrace": shown})
    found = miinto.read_order(SHOP, 1)
    assert found is not None
    assert found.tracking_seen == seen


def test_orders_are_read_back_to_the_time_asked_for() -> None:
    bench, miinto = bench_with(page_size=3)
    rows = [order(n, createdAt=(START - timedelta(hours=n)).isoformat()) for n in range(20)]
    bench.wire.lists(ORDERS, rows)

    found = list(miinto.orders(SHOP, START - timedelta(hours=4)))

    assert [one.id for one in found] == [0, 1, 2, 3, 4]
    assert bench.wire.asked(ORDERS)[0].raw_query == (
        "status%5B%5D=accepted&sort=-createdAt&limit=3&offset=0"
    )
    assert len(bench.wire.asked(ORDERS)) < 6
    assert all(one.customer is None for one in found)


def test_an_old_basket_at_the_top_of_a_page_hides_no_order_behind_it() -> None:
    bench, miinto = bench_with(page_size=3)
    old = {"id": "1", "createdAt": "2020-01-01T00:00:00+00:00"}
    new = {"id": "2", "createdAt": START.isoformat()}
    rows = [order(n, parentOrder=old if n % 3 else new) for n in range(9)]
    bench.wire.lists(ORDERS, rows)

    assert [one.id for one in miinto.orders(SHOP, START)] == [0, 3, 6]


def test_an_order_without_a_time_is_given() -> None:
    bench, miinto = bench_with()
    bench.wire.lists(ORDERS, [order(1, parentOrder=[]), order(2, parentOrder=None)])
    assert [one.id for one in miinto.orders(SHOP, START)] == [1, 2]


def test_a_page_of_orders_that_cannot_be_read_is_not_the_end() -> None:
    bench, miinto = bench_with(page_size=2)
    rows = [{"id": "?"}, {"id": "?!"}, order(3, createdAt=START.isoformat())]
    bench.wire.lists(ORDERS, rows)
    found: list[int] = []
    with pytest.raises(Retryable, match="an order"):
        found.extend(one.id for one in miinto.orders(SHOP, START))
    assert found == [3]


def test_shipping_providers_of_an_order() -> None:
    bench, miinto = bench_with()
    path = f"/shops/{SHOP}/shipping-providers/orders/1"
    bench.wire.answers["GET", path] = success(
        [{"id": "gls", "name": "GLS"}, {"id": 7}, {"id": "gls"}, {"id": ""}]
    )
    assert [(p.id, p.name) for p in miinto.shipping_providers(SHOP, 1)] == [
        ("gls", "GLS"),
        ("7", ""),
    ]
    assert miinto.shipping_providers(SHOP, 404) == ()
    bench.wire.answers["GET", path] = success("none")
    with pytest.raises(Retryable):
        miinto.shipping_providers(SHOP, 1)


def test_tracking_is_sent_as_the_file_describes_the_call() -> None:
    bench, miinto = bench_with(
        tracking={
            "method": "POST",
            "path": "/shops/{shop}/orders/{order}/shipments",
            "body": {
                "parcels": [{"code": "{tracking}", "by": "{provider}", "link": "{tracking_url}"}],
                "note": "sent with {provider}",
                "final": True,
            },
        }
    )
    bench.wire.answers["POST", f"{ORDERS}/5/shipments"] = Reply(204)
    values = {"tracking": "T1", "provider": "gls", "tracking_url": "", "despatched_at": ""}

    miinto.send_tracking(SHOP, 5, values, LATER)

    (sent,) = bench.wire.asked(f"{ORDERS}/5/shipments")
    assert json.loads(sent.body) == {
        "parcels": [{"code": "T1", "by": "gls"}],
        "note": "sent with gls",
        "final": True,
    }


def test_a_place_that_nothing_fills_is_a_mistake_in_the_file() -> None:
    bench, miinto = bench_with(tracking={"body": {"code": "{traking}"}})
    with pytest.raises(Misconfigured, match="traking"):
        miinto.send_tracking(SHOP, 5, {"tracking": "T1"}, LATER)
    assert bench.wire.seen == []


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (failure("unknown provider"), Permanent),
        (failure("not found", status=404), Permanent),
        (Reply(200, body=b"<html>"), UnknownOutcome),
        (failure("oops", status=502), UnknownOutcome),
    ],
)
def test_tracking_that_is_not_taken(reply: Reply, verdict: type) -> None:
    bench, miinto = bench_with()
    bench.wire.answers["PATCH", f"{ORDERS}/5"] = reply
    with pytest.raises(verdict):
        miinto.send_tracking(SHOP, 5, {"tracking": "T1", "provider": "gls"}, LATER)


# -- products and stock -----------------------------------------------------------------------


def test_the_product_map_is_asked_for_by_shop_and_read_row_by_row() -> None:
    bench, miinto = bench_with()
    rows = [[f"STYLE-{n}", f"SKU-{n}", "", f"id-{n}"] for n in range(3000)]
    bench.wire.answers["GET", "/productmaps"] = json_reply(200, [*rows, ["none"], None])
    found = list(miinto.product_map(SHOP))

    assert len(found) == 3000
    assert found[-1] == MappedProduct("STYLE-2999", "SKU-2999", "", "id-2999")
    (asked,) = bench.wire.asked("/productmaps")
    assert (asked.host, asked.raw_query) == ("api-pc.miinto.net", f"unifiedLocationId={SHOP}")
    assert ("product map", {"shop": SHOP, "left_out": 2}) in bench.telemetry.lines


@pytest.mark.parametrize("refusal", [failure("Unauthorized"), failure(status=401)])
def test_a_product_map_whose_channel_ended_is_read_with_a_new_one(refusal: Reply) -> None:
    bench, miinto = bench_with()
    bench.wire.answers["GET", "/productmaps"] = json_reply(200, [["S", "K", "", "id"]])
    list(miinto.product_map(SHOP))
    bench.clock.advance(minutes=2)
    bench.wire.end_channels()
    bench.wire.refusal = refusal

    assert [row.sku for row in miinto.product_map(SHOP)] == ["K"]
    assert bench.wire.logins == 2


@pytest.mark.parametrize(
    ("reply", "verdict", "code"),
    [
        (failure("the shop is not active"), Misconfigured, "miinto.shop_not_active"),
        (failure("nothing there", status=404), Misconfigured, "miinto.no_product_map"),
        (failure("oops", status=500), Retryable, "miinto.down"),
        (Reply(204), Retryable, "miinto.down"),
        (Reply(200, body=b"<html>"), Retryable, "miinto.down"),
        (json_reply(200, [["S", "K", "", "id"]] * 9), None, ""),
        (
            Reply(
                200, body=json.dumps([["S", "K", "", "id"]] * 9).encode(), wire=WireFault.CUT_OFF
            ),
            Retryable,
            "miinto.cut_off",
        ),
        (Reply(200, wire=WireFault.RESET), Retryable, "miinto.down"),
    ],
)
def test_a_product_map_that_is_not_had_whole_is_told(
    reply: Reply, verdict: type[Verdict] | None, code: str
) -> None:
    bench, miinto = bench_with()
    bench.wire.answers["GET", "/productmaps"] = reply
    if verdict is None:
        assert len(list(miinto.product_map(SHOP))) == 9
        return
    with pytest.raises(verdict) as raised:
        list(miinto.product_map(SHOP))
    assert (type(raised.value), raised.value.code) == (verdict, code)


def test_a_product_map_may_be_left_in_the_middle() -> None:
    bench, miinto = bench_with()
    bench.wire.answers["GET", "/productmaps"] = json_reply(200, [["S", "K", "", "id"]] * 9)
    rows = miinto.product_map(SHOP)
    next(iter(rows))
    rows.close()  # type: ignore[attr-defined]
    assert len(list(miinto.product_map(SHOP))) == 9


def test_stock_is_told_by_the_variants_key() -> None:
    bench, miinto = bench_with()
    path = f"/locations/{SHOP}/items"
    bench.wire.answers["PATCH", path] = Reply(200)
    miinto.push_stock(SHOP, [StockRow(3, "STYLE-1", "Acme", "Blå", "M")], LATER)
    miinto.push_stock(SHOP, [], LATER)

    (sent,) = bench.wire.asked(path)
    assert sent.host == "api-stock.miinto.net"
    assert json.loads(sent.body) == [
        {"stock": 3, "group": "STYLE-1", "brand": "Acme", "color": "Blå", "size": "M"}
    ]
    assert "Blå".encode() in sent.body

    bench.wire.answers["PATCH", path] = failure("no such location", status=404)
    with pytest.raises(Permanent, match="does not know it"):
        miinto.push_stock(SHOP, [StockRow(3, "S", "A", "B", "M")], LATER)


# -- access -----------------------------------------------------------------------------------


def test_shops_with_their_countries_and_names() -> None:
    bench, miinto = bench_with()
    bench.wire.answers["GET", f"/shops/{SHOP}"] = success({"name": "Acme Aarhus"})
    bench.wire.answers["GET", f"/shops/{OTHER_SHOP}"] = failure("the shop is not active")

    assert miinto.shops() == (
        ShopAccess(OTHER_SHOP, ("NL",), ""),
        ShopAccess(SHOP, ("DK",), "Acme Aarhus"),
    )


def test_a_login_without_shops() -> None:
    bench, miinto = bench_with()
    bench.wire.privileges = []
    assert miinto.shops() == ()


def test_access_is_proven_by_reads() -> None:
    bench, miinto = bench_with(shops=[{"id": SHOP, "warehouse": 3}])
    bench.wire.answers["GET", f"/shops/{SHOP}"] = success({"name": "Acme Aarhus"})

    assert miinto.check_access() == (f"the login may use 2 shops; read: {SHOP} 'Acme Aarhus' (DK)")


@pytest.mark.parametrize(
    ("shop", "code"),
    [("1-m!i!s-046-9", "miinto.shop_not_granted"), (SHOP, "miinto.no_such_shop")],
)
def test_a_shop_of_the_file_that_the_login_may_not_use(shop: str, code: str) -> None:
    _, miinto = bench_with(shops=[{"id": shop, "warehouse": 3}])
    with pytest.raises(Misconfigured) as raised:
        miinto.check_access()
    assert raised.value.code == code


def test_what_a_service_says_of_itself_is_asked_without_a_signature() -> None:
    bench, _ = bench_with()
    client = bench.client()
    bench.wire.answers["GET", "/status"] = success({"name": "order", "status": "OK"})
    assert [client.status("order"), client.status("auth")] == ["OK", "OK"]
    assert [one.host for one in bench.wire.seen] == ["api-order.miinto.net", "api-auth.miinto.net"]
    assert "Miinto-Api-Auth-ID" not in bench.wire.seen[0].headers
    bench.wire.answers["GET", "/status"] = failure("gone", status=404)
    with pytest.raises(Retryable):
        client.status("stock")


def test_the_sandbox_is_asked_in_test_mode() -> None:
    bench, miinto = bench_with(test_mode=True)
    bench.wire.lists(TRANSFERS, [])
    list(miinto.pending_transfers(SHOP))
    assert [one.host for one in bench.wire.seen] == [
        "api-auth-sandbox.miinto.net",
        "api-order-sandbox.miinto.net",
    ]


def test_every_request_has_a_seed_of_its_own_and_the_time_it_leaves() -> None:
    bench, miinto = bench_with()
    times = iter([Reply(200, wire=WireFault.RESET), success([], totalItemCount=0)])

    def once_lost(seen: Seen) -> Reply:
        bench.clock.advance(seconds=7)
        return next(times)

    bench.wire.answers["GET", TRANSFERS] = once_lost
    assert list(miinto.pending_transfers(SHOP)) == []

    first, second = bench.wire.asked(TRANSFERS)
    seed, stamp = "Miinto-Api-Auth-Seed", "Miinto-Api-Auth-Timestamp"
    assert first.headers[seed] != second.headers[seed]
    assert int(second.headers[stamp]) - int(first.headers[stamp]) == 7


def test_nothing_leaves_while_nothing_listens() -> None:
    bench, miinto = bench_with()
    list_of = bench.client()
    list_of.session()
    bench.wire.refuses = True
    with pytest.raises(Retryable) as raised:
        miinto.decide_transfer(SHOP, 9001, [71], [], LATER)
    assert type(raised.value) is Retryable
