"""What a warehouse of orders promises: the fake, and the Mintsoft adapter on its simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrderMade
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.ports import OrdersWarehouse
from tests.support.fake_orders import FakeOrdersWarehouse
from tests.support.fakes import START, TestClock
from tests.support.order_worlds import LATER, OrderBench, draft

AN_HOUR_AGO = START - timedelta(hours=1)


class Side:
    """One kind of warehouse; `hands` are those of its people, and `lose` spoils the next answer."""

    def __init__(
        self, orders: OrdersWarehouse, hands: Any, clock: TestClock, lose: Callable[[str], None]
    ) -> None:
        self.orders = orders
        self.hands = hands
        self.clock = clock
        self.lose = lose

    def make(self, *args: Any, **changes: Any) -> int:
        return self.orders.create_order(draft(*args, **changes), LATER).order_id

    def read(self, order_id: int) -> Any:
        order = self.orders.read_order(order_id)
        assert order is not None
        return order


@pytest.fixture(params=["fake", "simulator"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "fake":
        clock = TestClock()
        fake = FakeOrdersWarehouse(clock)
        for sku in ("TEE", "MUG", "CAP"):
            fake.set_stock(sku, 100)

        def lost(_: str) -> None:
            fake.trouble.append(("after", UnknownOutcome("mintsoft.unknown_outcome", "lost")))

        return Side(fake, fake, clock, lost)
    bench = OrderBench()

    def lose(path: str) -> None:
        bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path=path))

    return Side(bench.orders, bench, bench.clock, lose)


def test_an_order_is_made_and_read_back(side: Side) -> None:
    made = side.orders.create_order(draft("DK-1", ("TEE", 2), ("MUG", 1)), LATER)
    order = side.read(made.order_id)

    assert made == WarehouseOrderMade(made.order_id)
    assert (order.number, order.external_reference) == ("DK-1", "ref-DK-1")
    assert (order.stage, order.status_word, order.warehouse_id) == (OrderStage.NEW, "NEW", 3)
    assert order.units() == {"TEE": 2, "MUG": 1}
    assert [item.allocated for item in order.items] == [2, 1]
    assert order.name_values == (("MiintoShop", "1!shop"), ("MiintoOrder", "77"))
    assert (order.part, order.parts, order.despatched_at) == (1, 1, None)
    assert not order.is_shipped
    assert not order.is_cancelled


def test_the_same_order_again_is_found_and_none_is_made(side: Side) -> None:
    first = side.make()
    again = side.orders.create_order(draft(), LATER)

    assert again == WarehouseOrderMade(first, found=True)
    assert len(side.orders.orders_with_number("DK-1001")) == 1


def test_a_number_that_belongs_to_another_order_is_for_a_person(side: Side) -> None:
    side.make("DK-1", ("TEE", 1))
    with pytest.raises(Permanent) as raised:
        side.orders.create_order(draft("DK-1", ("TEE", 2)), LATER)

    assert raised.value.code == "mintsoft.order_number_taken"


def test_a_reference_that_belongs_to_another_order_is_for_a_person(side: Side) -> None:
    side.make("DK-1", external_reference="same")
    with pytest.raises(Permanent, match="DK-1") as raised:
        side.orders.create_order(draft("DK-2", external_reference="same"), LATER)

    assert raised.value.code == "mintsoft.order_number_taken"
    assert side.orders.orders_with_number("DK-2") == ()


def test_an_answer_that_is_lost_is_looked_up_by_the_number(side: Side) -> None:
    side.lose("/api/Order$")
    with pytest.raises(UnknownOutcome):
        side.make("DK-1")
    units = draft("DK-1").units()

    assert isinstance(side.orders.find_order("DK-1", units=units, since=START), Found)
    assert side.orders.find_order("DK-2", units=units, since=START) == NotFound()
    other = side.orders.find_order("DK-1", units={"TEE": 2}, since=START)
    assert isinstance(other, Inconclusive)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": ""},
        {"number": " DK-1"},
        {"number": "DK-1+DK-2"},
        {"number": "x" * 51},
        {"items": ()},
        {"warehouse_id": 0},
        {"currency": "kr"},
        {"courier": ""},
    ],
    ids=str,
)
def test_a_draft_that_is_none_is_refused_before_anything_is_sent(
    side: Side, changes: dict[str, Any]
) -> None:
    with pytest.raises(Permanent) as raised:
        side.orders.create_order(replace(draft(), **changes), LATER)

    assert raised.value.code == "mintsoft.bad_order"
    assert side.orders.orders_updated_since(AN_HOUR_AGO, 9).orders == ()


def test_an_unknown_product_is_refused(side: Side) -> None:
    with pytest.raises(Permanent, match="NONE"):
        side.make("DK-1", ("NONE", 1))


def test_nothing_leaves_after_its_time(side: Side) -> None:
    first = side.make("DK-1")
    side.clock.advance(days=2)
    for late in (
        lambda: side.orders.create_order(draft("DK-2"), LATER),
        lambda: side.orders.add_order_comment(first, "text", LATER),
        lambda: side.orders.cancel_order(first, LATER),
    ):
        with pytest.raises(Retryable):
            late()

    assert side.orders.orders_with_number("DK-2") == ()
    assert side.orders.order_comments(first) == ()
    assert not side.read(first).is_cancelled


def test_what_was_despatched_tells_how_it_travels(side: Side) -> None:
    made = side.make()
    side.clock.advance(hours=3)
    side.hands.despatch(made, tracking_number="JD0001", tracking_url="https://t.example.test/1")
    order = side.read(made)

    assert order.is_shipped
    assert order.despatched_at == START + timedelta(hours=3)
    assert (order.courier, order.courier_id) == ("DHL Parcel Connect", 7)
    assert (order.tracking_number, order.tracking_url) == ("JD0001", "https://t.example.test/1")


@pytest.mark.parametrize(
    "stage", [OrderStage.IN_WORK, OrderStage.ON_HOLD, OrderStage.CANCELLED, OrderStage.FAILED]
)
def test_other_stages_are_told_apart(side: Side, stage: OrderStage) -> None:
    made = side.make()
    side.hands.move(made, stage)

    assert side.read(made).stage is stage
    assert not side.read(made).is_shipped


def test_an_order_short_of_stock_waits(side: Side) -> None:
    side.hands.set_stock("TEE", 1)
    order = side.read(side.make("DK-1", ("TEE", 3)))

    assert order.stage is OrderStage.BACK_ORDERED
    assert [(i.allocated, i.on_back_order) for i in order.items] == [(1, 2)]


def test_a_split_order_is_its_parts(side: Side) -> None:
    made = side.make("DK-1", ("TEE", 2), ("MUG", 1))
    second = side.hands.split(made, {"MUG": 1})
    parts = side.orders.orders_with_number("DK-1")

    assert [(o.order_id, o.part, o.parts) for o in parts] == [(made, 1, 2), (second, 2, 2)]
    assert [o.units() for o in parts] == [{"TEE": 2}, {"MUG": 1}]
    assert side.orders.find_order("DK-1", units={"TEE": 2, "MUG": 1}) == Found(str(made))
    assert side.orders.create_order(draft("DK-1", ("TEE", 2), ("MUG", 1)), LATER).found


def test_a_merged_order_is_found_by_either_number(side: Side) -> None:
    first = side.make("DK-1")
    side.hands.merge(first, side.make("DK-2", ("MUG", 1)))

    for number, units in (("DK-1", {"TEE": 1}), ("DK-2", {"MUG": 1})):
        assert side.orders.find_order(number, units=units, since=START) == Found(str(first))
    assert side.read(first).numbers == ("DK-1", "DK-2")
    foreign = side.orders.find_order("DK-1", units={"CAP": 1}, since=START)
    assert isinstance(foreign, Inconclusive)


def test_what_changed_is_listed_by_time_and_stage(side: Side) -> None:
    old = side.make("DK-1")
    side.clock.advance(hours=3)
    moved, shipped = side.make("DK-2"), side.make("DK-3")
    side.hands.despatch(shipped)
    since = START + timedelta(hours=2)
    page = side.orders.orders_updated_since(since, 9)

    assert page.complete
    assert {order.order_id for order in page.orders} == {moved, shipped}
    new = side.orders.orders_updated_since(since, 9, OrderStage.NEW)
    assert [order.order_id for order in new.orders] == [moved]
    gone = side.orders.orders_updated_since(since, 9, OrderStage.DESPATCHED)
    assert [order.order_id for order in gone.orders] == [shipped]
    assert side.read(old).key not in {order.key for order in page.orders}


def test_comments_are_added_and_read(side: Side) -> None:
    made = side.make()
    side.orders.add_order_comment(made, "label: https://l.example.test/1 [RH-1]", LATER)
    side.lose("/Comments$")
    with pytest.raises(UnknownOutcome):
        side.orders.add_order_comment(made, "second [RH-2]", LATER)

    assert side.orders.order_comments(made) == (
        "label: https://l.example.test/1 [RH-1]",
        "second [RH-2]",
    )


def test_what_is_not_there_is_told(side: Side) -> None:
    assert side.orders.read_order(999) is None
    assert side.orders.find_order("DK-1") == NotFound()
    assert side.orders.orders_with_number("DK-1") == ()
    for act in (
        lambda: side.orders.order_comments(999),
        lambda: side.orders.add_order_comment(999, "text", LATER),
        lambda: side.orders.cancel_order(999, LATER),
    ):
        with pytest.raises(Permanent):
            act()


def test_a_new_order_is_cancelled_once(side: Side) -> None:
    made = side.make()
    side.lose("/Cancel$")
    with pytest.raises(UnknownOutcome):
        side.orders.cancel_order(made, LATER)

    assert side.read(made).is_cancelled
    side.orders.cancel_order(made, LATER)


def test_an_order_that_the_warehouse_works_on_is_not_cancelled(side: Side) -> None:
    made = side.make()
    side.hands.move(made, OrderStage.IN_WORK)
    with pytest.raises(Permanent) as raised:
        side.orders.cancel_order(made, LATER)

    assert raised.value.code == "mintsoft.too_late_to_cancel"
    assert side.read(made).stage is OrderStage.IN_WORK


def test_stock_is_what_can_be_promised(side: Side) -> None:
    side.hands.set_stock("TEE", 10, 3)
    side.hands.set_stock("MUG", 5, warehouse_id=4)
    side.make("DK-1", ("TEE", 2), ("CAP", 1))
    levels = side.orders.stock_levels(3)

    tee = levels["TEE"]
    assert (tee.level, tee.total, tee.quarantined, tee.bundle) == (8, 10, 3, False)
    assert tee.available("unknown") == 5
    assert levels["MUG"].level == 100
    assert side.orders.stock_levels(4)["MUG"].level == 5
    assert "TEE" not in side.orders.stock_levels(4)


def test_despatch_takes_units_out_of_stock_and_cancelling_gives_them_back(side: Side) -> None:
    side.hands.set_stock("TEE", 10)
    gone, back = side.make("DK-1", ("TEE", 2)), side.make("DK-2", ("TEE", 3))
    side.hands.despatch(gone)
    side.orders.cancel_order(back, LATER)
    level = side.orders.stock_levels(3)["TEE"]

    assert (level.level, level.total) == (8, 8)


def test_what_a_level_means_is_proven_by_products_that_are_allocated(side: Side) -> None:
    assert side.orders.prove_stock_levels(3).means == "unknown"
    side.make("DK-1", ("TEE", 2))

    assert side.orders.prove_stock_levels(3).means == "available"


def test_couriers_have_ids_and_names(side: Side) -> None:
    services = {service.name: service for service in side.orders.courier_services()}

    assert services["DHL Parcel Connect"].id == 7
    assert services["DHL Parcel Connect"].active
    assert side.orders.unknown_statuses() == ()
