"""Purchase orders become ASNs, once each; edits are carried over or told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.operations import Claim, Found, LookUp
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Permanent, UnknownOutcome
from returns_hub.flows.sync.run import run_sync
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods import purchase_orders
from returns_hub.flows.unleashed.goods.purchase_orders import PurchaseOrdersSource
from tests.support.purchases import BLUE, ORDERS, TEE, PurchaseBench

DAY = datetime(2026, 5, 4, tzinfo=UTC)


def asn_there(bench: PurchaseBench, guid: str) -> Any:
    return bench.mintsoft.asns[bench.asn_of(guid)]


def test_a_placed_order_becomes_one_asn() -> None:
    bench = PurchaseBench()
    guid = bench.place({TEE: 5, BLUE: 2}, fields={"DeliveryDate": "2026-05-04"})

    assert bench.run("purchase_orders") == {"announced": 1}
    asn = asn_there(bench, guid)
    assert asn.header["POReference"] == bench.order(guid)["OrderNumber"]
    assert asn.header["Supplier"] == "Example Mill"
    assert asn.expected.startswith("2026-05-04")
    assert (asn.warehouse_id, asn.status_id) == (3, 1)
    assert [(i.sku, i.expected, i.line_id) for i in asn.items] == [
        (TEE, 5, bench.lines(guid)[0]["Guid"]),
        (BLUE, 2, bench.lines(guid)[1]["Guid"]),
    ]
    bench.settle()
    assert len(bench.made()) == 1


def test_it_is_awaited_where_the_file_says_so() -> None:
    bench = PurchaseBench(asns_awaiting_delivery=True)
    guid = bench.place()
    bench.run("purchase_orders")

    assert asn_there(bench, guid).status_id == 3


@pytest.mark.parametrize("status", ["Parked", "Unapproved", "Costed"])
def test_orders_of_other_statuses_are_left(status: str) -> None:
    bench = PurchaseBench()
    bench.place(status=status)

    assert bench.run("purchase_orders") == {"not_wanted": 1}
    assert bench.made() == []


def test_statuses_and_custom_statuses_are_the_files() -> None:
    bench = PurchaseBench(purchases={"statuses": ["costed"]})
    bench.place()
    bench.place(status="Costed")
    bench.run("purchase_orders")
    assert len(bench.made()) == 1

    bench = PurchaseBench(purchases={"custom_statuses": ["On hold"]})
    bench.place()
    bench.place(status="Parked", fields={"CustomOrderStatus": "On hold"})
    bench.run("purchase_orders")
    assert len(bench.made()) == 1


def test_orders_that_are_receipted_before_they_come_may_be_wanted_so() -> None:
    bench = PurchaseBench(purchases={"statuses": ["receipted"]})
    guid = bench.place()
    bench.receipt_by_hand(guid, 5)
    bench.run("purchase_orders")
    bench.book_in(bench.asn_of(guid))

    assert bench.run("receipts") == {"by_hand": 1}
    assert (bench.parked(), bench.posts()) == ([], 0)


def test_an_order_that_cannot_be_read_goes_to_a_person() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.lines(guid)[0]["OrderQuantity"] = None
    bench.place()
    bench.run("purchase_orders")

    assert bench.parked() == ["purchase_orders.order"]
    assert "OrderQuantity" in bench.reasons()[0]
    assert len(bench.made()) == 1


def test_orders_from_before_live_are_the_other_connectors() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.touch(guid, CreatedOn=datetime(2020, 1, 1, tzinfo=UTC))

    assert bench.run("purchase_orders") == {"skipped": 1}
    assert bench.made() == []


def test_half_a_unit_goes_to_a_person() -> None:
    bench = PurchaseBench()
    bench.place({TEE: "2.5"})
    bench.run("purchase_orders")

    assert bench.parked() == ["purchase_orders.order"]
    assert "line 1 orders 2.5 of TEE-RED-M" in bench.reasons()[0]


def test_another_unit_of_measure_goes_to_a_person() -> None:
    bench = PurchaseBench()
    desk = bench.desk_there
    box = desk.company.add("UnitsOfMeasure", {"Name": "BOX12"})["Guid"]
    guid = bench.place()
    bench.edit_line(guid, UnitOfMeasure=box)
    bench.run("purchase_orders")
    assert bench.parked() == ["purchase_orders.unit_of_measure"]
    assert "BOX12" in bench.reasons()[0]

    same = desk.company.by_code("Products", TEE)
    assert same
    bench.edit_line(guid, UnitOfMeasure=same["UnitOfMeasure"])
    bench.replay()
    bench.run("purchase_orders")
    assert len(bench.made()) == 1


def test_a_warehouse_in_doubt_has_its_orders_wait() -> None:
    bench = PurchaseBench(warehouses={"MAIN": 3})
    guid = bench.place(warehouse="3PL")
    assert bench.run("purchase_orders") == {"later": 1}
    assert bench.made() == []

    bench.file["unleashed"]["warehouses"] = {"MAIN": 3, "3PL": 4}
    bench.version += 1
    bench.run("purchase_orders")
    assert asn_there(bench, guid).warehouse_id == 4


def test_a_warehouse_elsewhere_is_left() -> None:
    bench = PurchaseBench(warehouses={"MAIN": 3}, warehouses_elsewhere=["3PL"])
    bench.place(warehouse="3PL")

    assert bench.run("purchase_orders") == {"elsewhere": 1}


def test_a_product_that_the_warehouse_does_not_have_goes_to_a_person() -> None:
    bench = PurchaseBench()
    bench.place({"SOCK-3PK": 2, TEE: 1})
    bench.run("purchase_orders")

    assert bench.parked() == ["purchase_orders.unknown_product"]
    assert "SOCK-3PK" in bench.reasons()[0]
    assert TEE not in bench.reasons()[0]
    assert bench.made() == []


class Maker:
    """Makes products at Mintsoft, as the flow of products does."""

    def __init__(self, bench: PurchaseBench) -> None:
        self.bench = bench
        self.asked: list[str] = []
        self.loses = False

    def run(self, **later: float) -> None:
        self.bench.clock.advance(**(later or {"minutes": 20}))
        world = self.bench.erp_world("purchase_orders")
        run_sync(PurchaseOrdersSource(world, self), world.sync)

    def __call__(self, world: ErpWorld, state: SyncState, code: str) -> Step | None:
        self.asked.append(code)
        if code != "SOCK-3PK":
            raise Permanent("unleashed.bad_product", f"{code} cannot be made")

        def send(_: datetime) -> str:
            row = {"sku": code, "name": code, "client_id": 12}
            self.bench.mintsoft.seed({"products": {"861": row}})
            if self.loses:
                self.loses = False
                raise UnknownOutcome("fake.lost", "the answer was lost")
            return "861"

        def look_up(_: Claim) -> LookUp:
            return Found("861")

        return Step(f"product/{code}", "mintsoft", f"product {code}", send, look_up)


def test_a_product_is_made_first_where_the_file_says_so() -> None:
    bench = PurchaseBench(purchases={"create_products": True})
    maker = Maker(bench)
    bench.place({"SOCK-3PK": 2, TEE: 1})
    maker.run()

    assert bench.made()[0]["units"] == [["SOCK-3PK", 2], [TEE, 1]]
    assert maker.asked == ["SOCK-3PK"]


def test_a_product_that_cannot_be_made_goes_to_a_person() -> None:
    bench = PurchaseBench(purchases={"create_products": True})
    maker = Maker(bench)
    bench.hands.add_product({"ProductCode": "NEW-1", "ProductDescription": "New"})
    bench.place({"NEW-1": 2})
    maker.run()

    assert bench.parked() == ["unleashed.bad_product"]


def test_a_product_whose_making_was_not_answered_is_gone_on_with() -> None:
    bench = PurchaseBench(purchases={"create_products": True})
    maker = Maker(bench)
    maker.loses = True
    bench.place({"SOCK-3PK": 2, TEE: 1})
    maker.run()
    assert bench.made() == []
    maker.run()

    assert bench.parked() == []
    assert bench.made()[0]["units"] == [["SOCK-3PK", 2], [TEE, 1]]


def test_goods_that_somebody_announced_by_hand_are_not_announced_twice() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    number = bench.order(guid)["OrderNumber"]
    other = bench.announce(number, (TEE, 5))
    bench.run("purchase_orders")
    assert bench.parked() == ["purchase_orders.asn_exists"]
    assert f"ASN {other}" in bench.reasons()[0]

    del bench.mintsoft.asns[other]
    bench.replay()
    bench.run("purchase_orders")
    assert len(bench.made()) == 1


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One page of ASNs is read; a list ends with an empty one."""
    monkeypatch.setattr(purchase_orders, "MOST_ASN_CALLS", 1)
    return monkeypatch


def test_nothing_is_announced_while_not_all_asns_can_be_looked_through(
    few: pytest.MonkeyPatch,
) -> None:
    bench = PurchaseBench()
    bench.place()
    bench.announce("another", (TEE, 5))
    assert bench.run("purchase_orders") == {"later": 1}
    assert (bench.made(), bench.parked()) == ([], [])
    told = [by for name, _, by in bench.telemetry.counts if name == "Misconfigured"]
    assert [by["code"] for by in told] == ["purchase_orders.too_many_asns"]

    few.undo()
    bench.run("purchase_orders")
    assert len(bench.made()) == 1


@pytest.mark.usefixtures("few")
def test_an_asn_of_its_reference_is_seen_in_a_list_that_is_cut_off() -> None:
    bench = PurchaseBench()
    number = bench.order(bench.place())["OrderNumber"]
    bench.announce(number, (TEE, 5))
    bench.run("purchase_orders")
    assert bench.parked() == ["purchase_orders.asn_exists"]


@pytest.mark.usefixtures("few")
def test_an_order_of_long_ago_that_waits_keeps_no_new_one_waiting() -> None:
    bench = PurchaseBench()
    old = [bench.place(), bench.place()]
    bench.announce("another", (TEE, 5))
    bench.clock.advance(days=5)
    new = [bench.place(), bench.place()]
    for guid in old:
        bench.touch(guid)
    asked = len(bench.to_mintsoft.requests)
    assert bench.run("purchase_orders") == {"later": 2, "announced": 2}
    lists = [one for one in bench.to_mintsoft.requests[asked:] if "ASN/List" in one.path]
    assert len(lists) == 2
    for guid in new:
        assert bench.asn_of(guid)


def test_an_order_that_was_receipted_in_part_by_hand_is_not_announced() -> None:
    bench = PurchaseBench()
    bench.account.set(partial_receipt="stays")
    guid = bench.place()
    bench.receipt_by_hand(guid, 2)
    bench.run("purchase_orders")

    assert bench.parked() == ["purchase_orders.order"]
    assert "by hand" in bench.reasons()[0]
    assert bench.made() == []


def test_another_day_is_carried_over_while_nobody_has_begun() -> None:
    bench = PurchaseBench()
    guid = bench.place(fields={"DeliveryDate": "2026-05-04"})
    bench.run("purchase_orders")
    bench.touch(guid, DeliveryDate=DAY + timedelta(days=3))
    bench.run("purchase_orders")
    assert asn_there(bench, guid).expected.startswith("2026-05-07")

    bench.touch(guid, DeliveryDate=DAY)
    bench.run("purchase_orders")
    assert asn_there(bench, guid).expected.startswith("2026-05-04")

    bench.book_in(bench.asn_of(guid), (TEE, 1), complete=False)
    bench.touch(guid, DeliveryDate=DAY + timedelta(days=9))
    bench.run("purchase_orders")
    assert asn_there(bench, guid).expected.startswith("2026-05-04")
    assert bench.parked() == []
    assert len(asn_there(bench, guid).items) == 1


def test_a_day_that_the_warehouse_set_is_left_when_something_else_changes() -> None:
    bench = PurchaseBench()
    guid = bench.place(fields={"DeliveryDate": "2026-05-04"})
    bench.run("purchase_orders")
    asn_there(bench, guid).expected = "2026-05-20T00:00:00"
    bench.touch(guid, OrderStatus="Costed")
    bench.run("purchase_orders")

    assert asn_there(bench, guid).expected.startswith("2026-05-20")


def test_other_units_are_told_and_nothing_is_changed() -> None:
    bench = PurchaseBench()
    guid = bench.place({TEE: 5, BLUE: 2})
    bench.run("purchase_orders")
    bench.order_more(guid, 8)
    bench.run("purchase_orders")

    assert bench.parked() == ["purchase_orders.changed"]
    assert "TEE-RED-M 5 → 8" in bench.reasons()[0]
    assert BLUE not in bench.reasons()[0]
    assert [item.expected for item in asn_there(bench, guid).items] == [5, 2]

    asn_there(bench, guid).items[0].expected = 8
    bench.replay()
    bench.run("purchase_orders")
    assert bench.parked() == []
    assert len(bench.made()) == 1


def test_a_comment_or_a_price_is_no_edit_of_the_goods() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.run("purchase_orders")
    bench.touch(guid, Comments="call before delivery")

    assert bench.run("purchase_orders") == {}


def test_a_service_that_comes_later_is_no_edit_of_the_goods() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.run("purchase_orders")
    other = bench.place({"CARRIAGE": 1})
    bench.lines(guid).append(bench.lines(other)[0] | {"Guid": bench.desk_there.company.new_guid()})
    bench.touch(guid)
    bench.run("purchase_orders")

    assert bench.parked() == []

    # With other units of the goods, and the same done at the warehouse, it is in step as well.
    bench.order_more(guid, 8)
    bench.run("purchase_orders")
    assert bench.parked() == ["purchase_orders.changed"]
    asn_there(bench, guid).items[0].expected = 8
    bench.replay()
    bench.run("purchase_orders")
    assert bench.parked() == []


@pytest.mark.parametrize("status", ["Deleted", "Parked"])
def test_an_order_that_is_taken_back_is_a_persons(status: str) -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.run("purchase_orders")
    asn = bench.asn_of(guid)
    bench.clock.advance(minutes=1)
    bench.hands.set_purchase_status(bench.order(guid)["OrderNumber"], status)
    bench.run("purchase_orders")
    assert bench.parked() == ["purchase_orders.withdrawn"]
    assert f"ASN {asn}" in bench.reasons()[0]
    assert asn in bench.mintsoft.asns

    del bench.mintsoft.asns[asn]
    bench.replay()
    bench.run("purchase_orders")
    assert bench.parked() == []


def test_an_order_that_was_deleted_before_it_was_announced_is_left() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.hands.set_purchase_status(bench.order(guid)["OrderNumber"], "Deleted")

    assert bench.run("purchase_orders") == {"not_wanted": 1}


def test_an_asn_that_is_gone_is_not_made_a_second_time() -> None:
    bench = PurchaseBench()
    guid = bench.place()
    bench.run("purchase_orders")
    del bench.mintsoft.asns[bench.asn_of(guid)]
    bench.order_more(guid, 8)
    bench.run("purchase_orders")

    assert bench.parked() == ["purchase_orders.asn_gone"]
    assert len(bench.made()) == 1


def test_edits_after_the_goods_came_are_nobodys_business() -> None:
    bench = PurchaseBench(receipts={"mode": "off"})
    guid = bench.place()
    bench.run("purchase_orders")
    bench.book_in(bench.asn_of(guid), (TEE, 4))
    bench.order_more(guid, 4)
    bench.run("purchase_orders")

    assert bench.parked() == []


def test_a_shadow_announces_nothing_and_live_does() -> None:
    bench = PurchaseBench(purchases={"mode": "shadow"})
    bench.place()
    assert bench.run("purchase_orders") == {"shadow": 1}
    assert bench.made() == []

    bench.set("purchase_orders", mode="live")
    bench.run("purchase_orders")
    assert len(bench.made()) == 1


def test_what_is_told_holds_no_money_and_no_names() -> None:
    bench = PurchaseBench()
    guid = bench.place(fields={"DeliveryName": "Pat Sample"})
    bench.run("purchase_orders")

    step = bench.state_of(ORDERS, guid).step("asn")
    assert step is not None
    assert set(step.told) == {
        *("reference", "warehouse", "warehouse_id", "expected", "units", "services")
    }
    assert Decimal(step.told["units"][TEE]) == 5
