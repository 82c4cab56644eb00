"""The Mintsoft adapter for changes of orders: what it sends, every fault, nothing personal told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wire import Reply
from returns_hub.domain.operations import Found, NotFound
from returns_hub.domain.order_changes import OrderHeaderChange
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Permanent, Verdict
from tests.support.goods_worlds import GoodsBench
from tests.support.order_worlds import LATER, PAT, draft
from tests.support.write_faults import CARRIED_OUT, OF_WRITES

ROBIN = Recipient(
    country="SWE",
    first_name="Robin",
    last_name="Elsewhere",
    address=("Other Road 2",),
    town="Othertown",
    postcode="11122",
)


def bench_with_order(*goods: tuple[str, int], **file: Any) -> tuple[GoodsBench, int]:
    bench = GoodsBench(**file)
    order = draft("DK-1", *goods or (("TEE", 2), ("MUG", 1)))
    return bench, bench.orders.create_order(order, LATER).order_id


def last(bench: GoodsBench, method: str) -> tuple[str, Any]:
    """Path and body of the last write by this method."""
    request = [r for r in bench.to_mintsoft.requests if r.method == method][-1]
    return request.path, request.json() if request.body else None


def answering(bench: GoodsBench, path: str, content: Any, method: str = "GET") -> None:
    """From now on Mintsoft answers requests that end like this with this."""
    handle = bench.mintsoft.handle

    def answer(request: Any) -> Reply:
        if request.path.endswith(path) and request.method == method:
            return Reply(200, {}, json.dumps(content).encode())
        return handle(request)

    bench.mintsoft.handle = answer  # type: ignore[method-assign]


def test_lines_are_added_changed_and_removed_in_mintsofts_words() -> None:
    bench, made = bench_with_order()
    tee, mug = bench.mintsoft.orders[made].items
    bench.order_changes.set_order_units(made, "CAP", 3, LATER, unit_price=Decimal("18.99"))
    bench.order_changes.set_order_units(made, "TEE", 5, LATER)
    bench.order_changes.set_order_units(made, "MUG", 0, LATER)

    assert last(bench, "PUT") == (
        f"/api/Order/{made}/Items",
        {"SKU": "CAP", "Quantity": 3, "UnitPrice": 18.99},
    )
    assert last(bench, "POST") == (
        f"/api/Order/{made}/Items/{tee.id}",
        {"SKU": "TEE", "Quantity": 5},
    )
    assert last(bench, "DELETE") == (f"/api/Order/{made}/Items/{mug.id}", None)
    assert [entry["call"] for entry in bench.mintsoft.journal[1:]] == [
        "add-order-item",
        "change-order-item",
        "remove-order-item",
    ]


def test_units_that_are_there_already_are_not_sent_not_even_for_an_order_in_work() -> None:
    bench, made = bench_with_order()
    bench.mintsoft.set_status(made, 17)
    bench.order_changes.set_order_units(made, "TEE", 2, LATER)
    bench.order_changes.set_order_units(made, "CAP", 0, LATER)

    assert len(bench.mintsoft.journal) == 1


def test_a_line_that_somebody_picks_is_left_alone() -> None:
    bench, made = bench_with_order()
    bench.mintsoft.orders[made].items[0].committed = 1
    with pytest.raises(Permanent) as raised:
        bench.order_changes.set_order_units(made, "MUG", 2, LATER)

    assert raised.value.code == "mintsoft.order_begun"


def test_a_sku_on_several_lines_is_for_a_person() -> None:
    bench, made = bench_with_order(("TEE", 2), ("MUG", 1))
    order = bench.mintsoft.orders[made]
    order.items.append(replace(order.items[0], id=999))
    bench.order_changes.set_order_units(made, "TEE", 4, LATER)
    with pytest.raises(Permanent, match="2 lines"):
        bench.order_changes.set_order_units(made, "TEE", 3, LATER)

    assert len(bench.mintsoft.journal) == 1


def test_a_line_whose_id_is_not_shown_is_for_a_person() -> None:
    bench, made = bench_with_order()
    body = bench.raw("GET", f"/api/Order/{made}")
    for item in body["OrderItems"]:
        del item["ID"]
    answering(bench, f"/{made}", body)
    with pytest.raises(Permanent, match="does not show the id"):
        bench.order_changes.set_order_units(made, "TEE", 3, LATER)


def test_a_merged_order_is_for_a_person() -> None:
    bench, made = bench_with_order()
    other = bench.orders.create_order(draft("DK-2"), LATER).order_id
    bench.merge(made, other)
    with pytest.raises(Permanent) as raised:
        bench.order_changes.set_order_units(made, "MUG", 2, LATER)

    assert raised.value.code == "mintsoft.order_split"


def test_an_address_is_sent_whole_and_the_country_by_its_id() -> None:
    bench, made = bench_with_order()
    change = OrderHeaderChange(
        recipient=ROBIN,
        courier="GLS Parcel Shop",
        external_reference="SO-2",
        required_delivery=date(2026, 3, 9),
    )
    bench.order_changes.update_order(made, change, LATER)

    path, body = last(bench, "POST")
    assert path == f"/api/Order/{made}"
    assert body == {
        "Title": "",
        "CompanyName": "",
        "FirstName": "Robin",
        "LastName": "Elsewhere",
        "Address1": "Other Road 2",
        "Address2": "",
        "Address3": "",
        "Town": "Othertown",
        "County": "",
        "PostCode": "11122",
        "CountryId": 46,
        "Email": "",
        "Phone": "",
        "CourierService": "GLS Parcel Shop",
        "ExternalOrderReference": "SO-2",
        "RequiredDeliveryDate": "2026-03-09T00:00:00",
    }
    assert bench.mintsoft.orders[made].header["Country"] == "SE"
    assert bench.order_changes.order_has(made, change) == Found(str(made))
    by_id = OrderHeaderChange(courier=8)
    assert bench.order_changes.order_has(made, by_id) == Found(str(made))
    assert bench.order_changes.order_has(made, OrderHeaderChange(courier=7)) == NotFound()
    bench.order_changes.update_order(made, change, LATER)
    assert len(bench.journal("update-order")) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"town": "Elsewhere"},
        {"country": "NO"},
        {"first_name": ""},
        {"address": ("Other Road 2", "floor 3")},
    ],
    ids=str,
)
def test_another_address_is_told_apart(changes: dict[str, Any]) -> None:
    bench, made = bench_with_order()
    bench.order_changes.update_order(made, OrderHeaderChange(recipient=ROBIN), LATER)
    other = OrderHeaderChange(recipient=replace(ROBIN, **changes))

    assert bench.order_changes.order_has(made, other) == NotFound()


def test_a_country_that_mintsoft_does_not_have_is_refused_here() -> None:
    bench, made = bench_with_order()
    change = OrderHeaderChange(recipient=replace(ROBIN, country="XX"))
    with pytest.raises(Permanent, match="no country XX"):
        bench.order_changes.update_order(made, change, LATER)


def test_another_clients_order_is_none_of_ours() -> None:
    bench = GoodsBench()
    bench.stranger("DK-9")
    (foreign,) = bench.mintsoft.orders
    acts: tuple[Callable[[], object], ...] = (
        lambda: bench.order_changes.set_order_units(foreign, "TEE", 1, LATER),
        lambda: bench.order_changes.update_order(foreign, OrderHeaderChange(courier=8), LATER),
        lambda: bench.order_changes.order_has(foreign, OrderHeaderChange(courier=8)),
    )
    for act in acts:
        with pytest.raises(Permanent) as raised:
            act()
        assert raised.value.code == "mintsoft.no_such_order"


def test_what_a_refusal_says_of_the_buyer_is_left_out() -> None:
    bench, made = bench_with_order()
    said = "Robin Elsewhere, Other Road 2, 11122 OTHERTOWN (ring twice) has no courier"
    answering(bench, f"/{made}", {"Success": False, "Message": said, "ID": 0}, "POST")
    change = OrderHeaderChange(recipient=ROBIN, delivery_notes="ring twice")
    with pytest.raises(Permanent) as raised:
        bench.order_changes.update_order(made, change, LATER)

    assert raised.value.reason.endswith("has no courier")
    for word in ("Robin", "Elsewhere", "Other Road", "11122", "twice"):
        assert word.casefold() not in raised.value.reason.casefold()
    assert "twice" not in repr(change)
    assert "Robin" not in repr(change)


def test_notes_alone_that_a_refusal_repeats_are_left_out() -> None:
    bench, made = bench_with_order()
    said = "DeliveryNotes 'ring twice' are too long"
    answering(bench, f"/{made}", {"Success": False, "Message": said, "ID": 0}, "POST")
    with pytest.raises(Permanent) as raised:
        bench.order_changes.update_order(
            made, OrderHeaderChange(delivery_notes="ring twice"), LATER
        )

    assert "twice" not in raised.value.reason


def test_a_reference_that_belongs_to_another_order_is_refused() -> None:
    bench, made = bench_with_order()
    bench.orders.create_order(draft("DK-2", recipient=PAT), LATER)
    with pytest.raises(Permanent, match="already exists"):
        bench.order_changes.update_order(
            made, OrderHeaderChange(external_reference="ref-DK-2"), LATER
        )


@pytest.mark.parametrize("kind", OF_WRITES, ids=lambda kind: kind.value)
@pytest.mark.parametrize("write", ["add", "change", "remove", "header"])
def test_a_write_is_sent_once_whatever_becomes_of_it(kind: FaultKind, write: str) -> None:
    bench, made = bench_with_order()
    changes = bench.order_changes
    acts: dict[str, tuple[str, Callable[[], object]]] = {
        "add": ("PUT", lambda: changes.set_order_units(made, "CAP", 1, LATER)),
        "change": ("POST", lambda: changes.set_order_units(made, "TEE", 3, LATER)),
        "remove": ("DELETE", lambda: changes.set_order_units(made, "MUG", 0, LATER)),
        "header": ("POST", lambda: changes.update_order(made, OrderHeaderChange(courier=8), LATER)),
    }
    method, act = acts[write]
    bench.mintsoft.faults.add(Fault(kind, path="/Order/", method=method))
    with pytest.raises(Verdict) as raised:
        act()

    assert type(raised.value) is OF_WRITES[kind]
    assert len(bench.mintsoft.journal) - 1 == (kind in CARRIED_OUT)
