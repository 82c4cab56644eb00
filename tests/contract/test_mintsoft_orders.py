"""The Mintsoft adapter for orders: its search's and lists' quirks, what it sends, every fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from local.simulators.wire import Reply
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.warehouse_orders import OrderLine, OrderStage, PickedUnits, Recipient
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from tests.support.fakes import START
from tests.support.order_worlds import LATER, PAT, OrderBench, draft
from tests.support.write_faults import CARRIED_OUT, OF_WRITES

AN_HOUR_AGO = START - timedelta(hours=1)
UNITS = {"TEE": 1}


def sent(bench: OrderBench) -> dict[str, Any]:
    """The body of the last order that left."""
    puts = [request for request in bench.to_mintsoft.requests if request.method == "PUT"]
    content: dict[str, Any] = puts[-1].json()
    return content


def answering(bench: OrderBench, path: str, content: Any, status: int = 200) -> None:
    """From now on Mintsoft answers requests that end like this with this."""
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith(path):
            return Reply(status, {}, json.dumps(content).encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]


# -- what is sent -----------------------------------------------------------------------------


def test_an_order_is_sent_in_mintsofts_words() -> None:
    bench = OrderBench()
    bench.orders.create_order(
        draft(
            "DK-1",
            ("TEE", 2),
            courier="GLS Parcel Shop",
            delivery_notes="Parcel shop 4711",
            comments="gift",
        ),
        LATER,
    )

    assert sent(bench) == {
        "ClientId": 12,
        "OrderNumber": "DK-1",
        "ExternalOrderReference": "ref-DK-1",
        "FirstName": "Patricia",
        "LastName": "Sample",
        "Address1": "Example Street 1",
        "Address2": "2nd floor",
        "Town": "Sampletown",
        "PostCode": "9999",
        "Country": "DK",
        "Email": "pat@example.test",
        "Phone": "+45 99 99 99 99",
        "CourierService": "GLS Parcel Shop",
        "Channel": "Miinto",
        "WarehouseId": 3,
        "Currency": "DKK",
        "Comments": "gift",
        "DeliveryNotes": "Parcel shop 4711",
        "OrderItems": [{"SKU": "TEE", "Quantity": 2, "UnitPrice": 189.9}],
        "OrderNameValues": [
            {"Name": "MiintoShop", "Value": "1!shop"},
            {"Name": "MiintoOrder", "Value": "77"},
        ],
    }


@pytest.mark.parametrize(
    ("currency", "minor", "price"),
    [
        ("DKK", 18990, "189.9"),
        ("GBP", 1, "0.01"),
        ("GBP", 0, "0.0"),
        ("JPY", 1890, "1890.0"),
        ("EUR", 123456789012345, "1234567890123.45"),
    ],
)
def test_prices_go_by_the_currencys_decimal_places(currency: str, minor: int, price: str) -> None:
    bench = OrderBench()
    line = OrderLine("TEE", 1, minor)
    bench.orders.create_order(replace(draft(), items=(line,), currency=currency), LATER)

    assert f'"UnitPrice": {price}' in bench.to_mintsoft.requests[0].body.decode()


def test_an_ioss_number_goes_along_where_the_order_has_one() -> None:
    bench = OrderBench()
    bench.orders.create_order(replace(draft(), ioss_number="IM0123456789"), LATER)

    assert sent(bench)["IOSSNumber"] == "IM0123456789"


def test_a_price_that_no_double_keeps_is_refused_and_none_is_left_out() -> None:
    bench = OrderBench()
    with pytest.raises(Permanent, match="out of range"):
        bench.orders.create_order(replace(draft(), items=(OrderLine("TEE", 1, 10**15),)), LATER)
    bench.orders.create_order(replace(draft(), items=(OrderLine("TEE", 1),)), LATER)

    assert sent(bench)["OrderItems"] == [{"SKU": "TEE", "Quantity": 1}]


def test_ids_go_as_ids_rules_as_their_word_and_long_addresses_lose_nothing() -> None:
    bench = OrderBench()
    lines = ("one", "two", " ", "three", "four")
    someone = Recipient(country="GB", company="Example Ltd", address=lines)
    bench.orders.create_order(draft("A", courier=8, channel=2, recipient=someone), LATER)
    body = sent(bench)

    assert (body["CourierServiceId"], body["ChannelId"]) == (8, 2)
    assert not {"CourierService", "Channel", "FirstName", "Email"} & body.keys()
    assert [body[f"Address{n}"] for n in (1, 2, 3)] == ["one", "two", "three, four"]
    bench.orders.create_order(draft("B", external_reference="", channel=""), LATER)
    assert sent(bench)["CourierService"] == "AUTO"
    assert not {"ExternalOrderReference", "Channel", "ChannelId"} & sent(bench).keys()


def test_a_client_users_key_names_no_client() -> None:
    bench = OrderBench(user_kind="client")
    bench.mintsoft.seed(
        {"users": [{"name": "hub", "password": "x", "static_key": "static-key", "client_id": 12}]}
    )
    made = bench.orders.create_order(draft(), LATER)

    assert "ClientId" not in sent(bench)
    assert bench.orders.find_order("DK-1001", units=UNITS) == Found(str(made.order_id))
    assert len(bench.orders.orders_updated_since(AN_HOUR_AGO, 9).orders) == 1


def test_a_client_users_key_where_the_file_says_warehouse_is_a_setting_to_mend() -> None:
    bench = OrderBench()
    bench.mintsoft.seed(
        {"users": [{"name": "hub", "password": "x", "static_key": "static-key", "client_id": 12}]}
    )
    with pytest.raises(Misconfigured, match="user_kind to client"):
        bench.orders.create_order(draft(), LATER)


@pytest.mark.parametrize("answer", ["401", "403", "refusal"])
def test_a_user_who_may_not_write_is_told_and_the_key_is_not_blamed(
    answer: Literal["401", "403", "refusal"],
) -> None:
    bench = OrderBench(Settings(not_allowed=answer))
    made = bench.orders.create_order(draft(), LATER)
    bench.mintsoft.seed(
        {"users": [{"name": "hub", "password": "x", "static_key": "static-key", "read_only": True}]}
    )
    for act in (
        lambda: bench.orders.create_order(draft("DK-2"), LATER),
        lambda: bench.orders.add_order_comment(made.order_id, "text", LATER),
        lambda: bench.orders.cancel_order(made.order_id, LATER),
    ):
        with pytest.raises(Misconfigured, match="may not do this") as raised:
            act()
        assert raised.value.code == "mintsoft.not_allowed"

    assert bench.orders.read_order(made.order_id)


def test_a_login_whose_user_may_not_write_is_told_after_one_more_login() -> None:
    bench = OrderBench(authentication="login")
    bench.secrets.values["example", "mintsoft"] = {"username": "login", "password": "pass-word"}
    user = {"name": "login", "password": "pass-word", "read_only": True}
    bench.mintsoft.seed({"users": [user]})
    with pytest.raises(Misconfigured, match="may not do this"):
        bench.orders.create_order(draft(), LATER)

    assert bench.mintsoft.logins["login"] == 2
    assert bench.orders.courier_services()


def test_what_a_refusal_says_of_the_buyer_is_left_out() -> None:
    bench = OrderBench()
    said = "Patricia Sample, Example Street 1, 2nd floor, 9999 SAMPLETOWN has no courier"
    answering(bench, "/api/Order", [{"Success": False, "Message": said, "OrderId": 0}])
    with pytest.raises(Permanent) as raised:
        bench.orders.create_order(draft(), LATER)

    assert raised.value.reason.endswith("has no courier")
    for word in ("Patricia", "Sample", "Example Street", "9999"):
        assert word.casefold() not in raised.value.reason.casefold()


def test_nothing_personal_shows_in_a_draft_or_in_an_order() -> None:
    bench = OrderBench()
    order = draft(comments="call Patricia", delivery_notes="at Sample's")
    made = bench.orders.create_order(order, LATER)
    shown = repr(order) + repr(bench.orders.read_order(made.order_id)) + repr(PAT)

    for word in ("Patricia", "Sample", "Example Street", "pat@", "9999"):
        assert word not in shown


# -- every fault of a write -------------------------------------------------------------------


@pytest.mark.parametrize("kind", OF_WRITES, ids=lambda kind: kind.value)
@pytest.mark.parametrize("write", ["create", "comment", "cancel"])
def test_a_write_is_sent_once_whatever_becomes_of_it(kind: FaultKind, write: str) -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft("DK-0"), LATER).order_id
    acts: dict[str, tuple[str, Callable[[], object]]] = {
        "create": ("/api/Order$", lambda: bench.orders.create_order(draft(), LATER)),
        "comment": ("/Comments$", lambda: bench.orders.add_order_comment(made, "hello", LATER)),
        "cancel": ("/Cancel$", lambda: bench.orders.cancel_order(made, LATER)),
    }
    path, act = acts[write]
    before = len(bench.mintsoft.journal)
    bench.mintsoft.faults.add(Fault(kind, path=path))
    with pytest.raises(Verdict) as raised:
        act()

    assert type(raised.value) is OF_WRITES[kind]
    assert len(bench.mintsoft.journal) - before == (kind in CARRIED_OUT)


@pytest.mark.parametrize(
    "kind", [FaultKind.HTML_429, FaultKind.HTML_ERROR, FaultKind.CUT_OFF_AFTER]
)
@pytest.mark.parametrize(
    "path", ["/Search$", "/List$", r"/Order/\d+$", "/StockLevels$", "/Services$", r"/\d+/Comments$"]
)
def test_a_read_that_fails_is_made_again_later(kind: FaultKind, path: str) -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    bench.mintsoft.faults.add(Fault(kind, path=path, times=2))
    reads: dict[str, Callable[[], object]] = {
        "/Search$": lambda: bench.orders.find_order("DK-1001"),
        "/List$": lambda: bench.orders.orders_updated_since(AN_HOUR_AGO, 9),
        r"/Order/\d+$": lambda: bench.orders.read_order(made),
        "/StockLevels$": lambda: bench.orders.stock_levels(3),
        "/Services$": bench.orders.courier_services,
        r"/\d+/Comments$": lambda: bench.orders.order_comments(made),
    }
    with pytest.raises(Retryable):
        reads[path]()


# -- an order that exists already -------------------------------------------------------------


@pytest.mark.parametrize("names_it", [True, False])
@pytest.mark.parametrize("spelt", ["DK-1001", "dk-1001", "#DK-1001"])
def test_an_order_that_exists_is_ours_by_number_and_goods(names_it: bool, spelt: str) -> None:
    bench = OrderBench(Settings(duplicate_names_order=names_it))
    bench.orders.create_order(draft(), LATER)
    (order,) = bench.mintsoft.orders.values()
    order.number = spelt
    if spelt.startswith("#"):
        order.external_reference = "ref-DK-1001"
    found = bench.orders.create_order(draft(), LATER)

    assert (found.order_id, found.found) == (order.id, True)
    assert len(bench.journal("create-order")) == 1


def test_one_that_others_hide_in_the_search_is_found_by_the_id_that_the_refusal_names() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft("7"), LATER)
    answering(bench, "/Search", [{"ID": n, "ClientId": 13, "LastUpdated": "x"} for n in range(10)])

    again = bench.orders.create_order(draft("7"), LATER)
    assert (again.order_id, again.found) == (made.order_id, True)
    with pytest.raises(Permanent, match="and ours is 3 TEE"):
        bench.orders.create_order(draft("7", ("TEE", 3)), LATER)
    bench.mintsoft.settings = replace(bench.mintsoft.settings, duplicate_names_order=False)
    with pytest.raises(Permanent, match="too many orders"):
        bench.orders.create_order(draft("7"), LATER)


@pytest.mark.parametrize("named", [True, False])
def test_one_that_mintsoft_will_not_show_is_for_a_person(named: bool) -> None:
    bench = OrderBench()
    row = {"Success": False, "Message": "Order already exists", "OrderId": 77 if named else 0}
    answering(bench, "/api/Order", [row])
    with pytest.raises(Permanent, match="shows none of this client") as raised:
        bench.orders.create_order(draft(), LATER)

    assert raised.value.code == "mintsoft.order_number_taken"


def test_another_clients_order_with_the_same_number_is_none_of_ours() -> None:
    bench = OrderBench()
    bench.stranger("DK-1001")

    assert bench.orders.find_order("DK-1001", units=UNITS, since=START) == NotFound()
    assert not bench.orders.create_order(draft(), LATER).found
    foreign = min(bench.mintsoft.orders)
    assert bench.orders.read_order(foreign) is None
    assert len(bench.orders.orders_with_number("DK-1001")) == 1


# -- the search -------------------------------------------------------------------------------


@pytest.mark.parametrize("heeded", [True, False])
@pytest.mark.parametrize("bare", [True, False])
def test_the_search_is_checked_row_by_row(heeded: bool, bare: bool) -> None:
    bench = OrderBench(Settings(exact_match_heeded=heeded, search_rows_bare=bare))
    for number in ("DK-1", "DK-10", "XDK-1"):
        bench.orders.create_order(draft(number, external_reference=""), LATER)
    by_reference = bench.orders.create_order(draft("OTHER", external_reference="DK-2"), LATER)
    bench.despatch(by_reference.order_id, tracking_number="DK-3")

    assert bench.orders.find_order("DK-1", units=UNITS) == Found("501")
    (order,) = bench.orders.orders_with_number("DK-1")
    assert (order.stage, order.units()) == (OrderStage.NEW, UNITS)
    for number in ("DK-2", "DK-3", "DK"):
        assert bench.orders.find_order(number, units=UNITS) == NotFound()


@pytest.mark.parametrize("heeded", [True, False])
def test_an_order_that_ten_others_hide_is_found_in_the_list(heeded: bool) -> None:
    bench = OrderBench(Settings(exact_match_heeded=heeded))
    made = bench.orders.create_order(draft("7"), LATER)
    bench.clock.advance(minutes=1)
    for client in range(20, 31):
        bench.mintsoft.tenant.clients[client] = f"Client {client}"
        product = {"sku": "OTHER", "name": "Other", "client_id": client}
        bench.mintsoft.tenant.products[client * 100] = product
        bench.stranger("7", ClientId=client)

    assert isinstance(bench.orders.find_order("7", units=UNITS), Inconclusive)
    found = bench.orders.find_order("7", units=UNITS, since=START)
    assert found == Found(str(made.order_id))
    assert bench.orders.find_order("8", units=UNITS, since=START) == NotFound()


def test_a_list_without_an_end_proves_nothing() -> None:
    bench = OrderBench()
    bench.orders.create_order(draft("DK-1"), LATER)
    (order,) = bench.mintsoft.orders.values()
    (body,) = bench.raw("GET", "/api/Order/List")
    pages = iter(range(10_000))
    handle = bench.mintsoft.handle

    def endless(request: Any) -> Reply:
        if not request.path.endswith("/List"):
            return handle(request)
        rows = [body | {"ID": next(pages), "OrderNumber": f"X-{order.id}"}]
        return Reply(200, {}, json.dumps(rows).encode())

    bench.mintsoft.handle = endless  # type: ignore[method-assign]
    looked_up = bench.orders.find_order("DK-9", since=START)

    assert isinstance(looked_up, Inconclusive)
    assert "DK-9" in looked_up.why


def test_a_tenant_without_the_search_proves_nothing() -> None:
    bench = OrderBench()
    answering(bench, "/Search", None, status=404)

    assert isinstance(bench.orders.find_order("DK-1"), Inconclusive)
    assert bench.orders.find_order("DK-1", since=START) == NotFound()


# -- reading and listing ----------------------------------------------------------------------


@pytest.mark.parametrize("status", range(1, 24))
def test_shipped_is_4_5_and_6_alone(status: int) -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    bench.mintsoft.set_status(made, status)
    order = bench.orders.read_order(made)

    assert order is not None
    assert order.is_shipped == (status in {4, 5, 6})
    assert order.is_cancelled == (status == 3)
    assert order.stage is not OrderStage.UNKNOWN
    assert order.status_word == bench.mintsoft.tenant.statuses[status][0]


def test_a_status_that_we_were_not_told_of_is_asked_for_once_and_decides_nothing() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    bench.mintsoft.tenant.statuses |= {40: ("MARINATING", "WAITING"), 41: ("GONE", "DESPATCHED")}
    stages = []
    for status in (40, 40, 41):
        bench.mintsoft.set_status(made, status)
        order = bench.orders.read_order(made)
        assert order is not None
        stages.append((order.stage, order.status_word))
    bench.mintsoft.orders[made].status_id = 99

    waits = (OrderStage.UNKNOWN, "MARINATING")
    assert stages == [waits, waits, (OrderStage.DESPATCHED, "GONE")]
    asked = [r for r in bench.to_mintsoft.requests if r.path.endswith("/Statuses")]
    assert len(asked) == 1
    last = bench.orders.read_order(made)
    assert last is not None
    assert (last.stage, last.status_word) == (OrderStage.UNKNOWN, "status 99")
    assert bench.orders.unknown_statuses() == (
        "status 40 MARINATING is not known: it leads to no decision",
    )
    bench.mintsoft.tenant.statuses[17] = ("PICKED", "DESPATCHED")
    bench.clock.advance(hours=2)
    assert "status 17 is PICKED there" in bench.orders.unknown_statuses()[0]


def test_a_status_is_unknown_while_statuses_cannot_be_read() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    bench.mintsoft.orders[made].status_id = 40
    bench.mintsoft.faults.add(Fault(FaultKind.HTML_ERROR, path="/Statuses", times=None))
    order = bench.orders.read_order(made)

    assert order is not None
    assert order.stage is OrderStage.UNKNOWN


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 2), (100, 2), (101, 3)])
def test_a_list_ends_with_an_empty_page_not_with_a_short_one(count: int, pages: int) -> None:
    bench = OrderBench()
    for number in range(count):
        bench.orders.create_order(draft(f"DK-{number}"), LATER)
    page = bench.orders.orders_updated_since(AN_HOUR_AGO, 9)

    assert (len(page.orders), page.calls, page.complete) == (count, pages, True)
    short = bench.orders.orders_updated_since(AN_HOUR_AGO, 1)
    assert short.complete == (count == 0)


@pytest.mark.parametrize(("stage", "made"), [(None, 250), (OrderStage.BACK_ORDERED, 350)])
def test_a_list_that_was_cut_off_is_gone_on_with_at_its_next_page(
    stage: OrderStage | None, made: int
) -> None:
    """There are goods for a hundred orders; the others wait."""
    bench = OrderBench()
    for number in range(made):
        bench.orders.create_order(draft(f"DK-{number}"), LATER)
    first = bench.orders.orders_updated_since(AN_HOUR_AGO, 2, stage)
    assert (len(first.orders), first.calls, first.next_page) == (200, 2, 3)
    rest = bench.orders.orders_updated_since(AN_HOUR_AGO, 2, stage, first_page=3)
    assert (len(rest.orders), rest.calls, rest.complete, rest.next_page) == (50, 2, True, None)
    assert len({order.order_id for order in (*first.orders, *rest.orders)}) == 250


@pytest.mark.parametrize(("count", "complete"), [(99, True), (100, False)])
def test_a_list_that_heeds_no_page_number_is_whole_only_when_it_fits_a_page(
    count: int, complete: bool
) -> None:
    bench = OrderBench()
    for number in range(count):
        bench.orders.create_order(draft(f"DK-{number}"), LATER)
    answering(bench, "/List", bench.raw("GET", "/api/Order/List"))
    page = bench.orders.orders_updated_since(AN_HOUR_AGO, 9)

    assert (len(page.orders), page.calls, page.complete) == (count, 2, complete)
    assert page.next_page is None


def test_filters_that_are_ignored_are_applied_here() -> None:
    bench = OrderBench()
    bench.stranger("X-1")
    bench.orders.create_order(draft("DK-1"), LATER)
    everything = bench.raw("GET", "/api/Order/List", IncludeOrderItems="true")
    answering(bench, "/List", everything)

    page = bench.orders.orders_updated_since(AN_HOUR_AGO, 9)
    assert [order.number for order in page.orders] == ["DK-1"]
    assert page.complete
    assert bench.orders.orders_updated_since(START + timedelta(hours=1), 9).orders == ()
    assert bench.orders.orders_updated_since(AN_HOUR_AGO, 9, OrderStage.CANCELLED).orders == ()


def test_a_stage_of_one_status_is_asked_for_by_the_parameter_that_counts() -> None:
    bench = OrderBench()
    bench.orders.create_order(draft("DK-1"), LATER)
    bench.to_mintsoft.requests.clear()
    bench.orders.orders_updated_since(AN_HOUR_AGO, 9, OrderStage.CANCELLED)
    assert [r.query.get("OrderStatusId") for r in bench.to_mintsoft.requests] == ["3"]

    bench.to_mintsoft.requests.clear()
    bench.orders.orders_updated_since(AN_HOUR_AGO, 9, OrderStage.DESPATCHED)
    assert bench.to_mintsoft.requests[0].query.keys() == {
        *("Limit", "PageNo", "IncludeOrderItems", "ClientId", "SinceLastUpdated")
    }


def test_a_stage_of_several_statuses_has_a_list_of_each() -> None:
    """A list of all orders would hide those on hold behind the many that left meanwhile."""
    bench = OrderBench()
    for number in range(120):
        bench.despatch(bench.orders.create_order(draft(f"DK-{number}"), LATER).order_id)
    for number, status in enumerate((7, 12, 18)):
        held = bench.orders.create_order(draft(f"HELD-{number}"), LATER).order_id
        bench.mintsoft.set_status(held, status)
    bench.to_mintsoft.requests.clear()
    page = bench.orders.orders_updated_since(AN_HOUR_AGO, 12, OrderStage.ON_HOLD)
    assert page.complete
    assert {order.numbers[0] for order in page.orders} == {"HELD-0", "HELD-1", "HELD-2"}
    assert page.calls == len(bench.to_mintsoft.requests) == 10
    asked = [request.query["OrderStatusId"] for request in bench.to_mintsoft.requests]
    assert sorted(set(asked), key=int) == ["7", "10", "11", "12", "13", "14", "18"]

    # The calls are for all of them together.
    bench.to_mintsoft.requests.clear()
    cut = bench.orders.orders_updated_since(AN_HOUR_AGO, 4, OrderStage.ON_HOLD)
    assert not cut.complete
    assert cut.calls == len(bench.to_mintsoft.requests) == 4


def test_times_go_and_come_in_the_tenants_zone() -> None:
    bench = OrderBench()
    bench.clock.advance(days=120)
    made = bench.orders.create_order(draft(), bench.clock.now()).order_id
    bench.despatch(made)
    order = bench.orders.read_order(made)

    assert order is not None
    now = bench.clock.now().replace(microsecond=0)
    assert order.despatched_at == order.updated_at == now
    assert "T10:00:00" in order.version
    bench.to_mintsoft.requests.clear()
    bench.orders.orders_updated_since(bench.clock.now(), 9)
    assert bench.to_mintsoft.requests[0].query["SinceLastUpdated"].endswith("T10:00:00")


def test_an_order_whose_version_cannot_be_read_is_read_again_later() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    body = bench.raw("GET", f"/api/Order/{made}")
    answering(bench, f"/Order/{made}", body | {"LastUpdated": "soon"})
    with pytest.raises(Retryable, match="LastUpdated"):
        bench.orders.read_order(made)


def test_columns_left_empty_stop_nothing() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    kept = {"ID": made, "ClientId": 12, "LastUpdated": "2026-03-02T09:00:00", "OrderItems": []}
    body = dict.fromkeys(bench.raw("GET", f"/api/Order/{made}")) | kept
    answering(bench, f"/Order/{made}", body | {"TrackingURL": "javascript:alert(1)"})
    order = bench.orders.read_order(made)

    assert order is not None
    assert (order.number, order.stage, order.part, order.parts) == ("", OrderStage.UNKNOWN, 1, 1)
    assert (order.tracking_url, order.items, order.warehouse_id) == ("", (), None)


def test_items_that_are_not_shown_are_read_by_themselves() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    body = bench.raw("GET", f"/api/Order/{made}")
    answering(bench, f"/Order/{made}", body | {"OrderItems": None})
    order = bench.orders.read_order(made)

    assert order is not None
    assert order.units() == UNITS


def test_comments_of_another_shape_prove_nothing() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft(), LATER).order_id
    answering(bench, "/Comments", [{"Note": "hello [RH-1]"}])
    with pytest.raises(Retryable, match="has a text"):
        bench.orders.order_comments(made)


def test_a_drop_shipped_part_is_told() -> None:
    bench = OrderBench()
    bench.mintsoft.tenant.products[903]["drop_ship"] = True
    both = bench.orders.create_order(draft("DK-1", ("TEE", 1), ("CAP", 1)), LATER)
    alone = bench.orders.create_order(draft("DK-2", ("CAP", 1)), LATER)

    assert both.drop_ship_order_id
    assert both.drop_ship_order_id != both.order_id
    assert alone.drop_ship_order_id is None
    assert bench.orders.read_order(alone.order_id)
    again = bench.orders.create_order(draft("DK-1", ("TEE", 1), ("CAP", 1)), LATER)
    assert (again.order_id, again.found) == (both.order_id, True)


# -- what was scanned at the pick ---------------------------------------------------------------


def test_units_that_were_scanned_have_their_sku_batch_and_serial_number() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft("DK-1", ("TEE", 2), ("MUG", 1)), LATER).order_id
    bench.mintsoft.despatch(
        made,
        courier_id=7,
        parcels=3,
        scanned=[
            {"sku": "TEE", "quantity": 2, "batch": "B1"},
            {"sku": "MUG", "quantity": 0, "serial": "S1"},
        ],
    )
    order = bench.orders.read_order(made)
    assert order is not None

    assert order.parcels == 3
    assert bench.orders.picked_units(order) == (
        PickedUnits("TEE", 2, batch="B1"),
        PickedUnits("MUG", 1, serial="S1"),
    )


def test_an_order_without_scans_or_that_is_not_known_has_none() -> None:
    bench = OrderBench()
    made = bench.orders.create_order(draft("DK-1"), LATER).order_id
    order = bench.orders.read_order(made)
    assert order is not None

    assert bench.orders.picked_units(order) == ()
    assert bench.orders.picked_units(replace(order, order_id=99)) == ()
