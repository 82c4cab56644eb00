"""Units that left and are not told, and units that a person booked before they left."""

from __future__ import annotations

import pytest

from local.simulators.faults import FaultKind
from returns_hub.domain.unleashed.names import DISPATCHED as NAME
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.despatches import untold
from returns_hub.flows.unleashed.untold import UNTOLD
from tests.support.unleashed_despatches import DespatchBench

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}
SENT = {3: {sku: InFlight(despatched=units) for sku, units in GOODS.items()}}
BOOKED = {3: {sku: InFlight(completed=units) for sku, units in GOODS.items()}}


def untold_of(it: DespatchBench) -> dict[int, dict[str, InFlight]]:
    """What the stock sync is told, and that both sides agree once it is counted in."""
    found = untold.untold_despatches(it.erp_world("stock"))
    agrees(it, found)
    return found


def agrees(it: DespatchBench, found: dict[int, dict[str, InFlight]]) -> None:
    here = it.orders.stock_levels(3)
    for sku in GOODS:
        way = found.get(3, {}).get(sku, InFlight())
        assert (here[sku].total or 0) - way.completed == it.on_hand(sku) - way.despatched, sku


@pytest.fixture(params=[False, True], ids=["off", "on"])
def it(request: pytest.FixtureRequest) -> DespatchBench:
    return DespatchBench(management=request.param)


def test_it_is_one_of_the_parts_that_the_stock_sync_asks() -> None:
    assert untold.untold_despatches in UNTOLD


def test_nothing_is_on_its_way_before_anything_left(it: DespatchBench) -> None:
    it.sell(GOODS)

    assert untold_of(it) == {}


def test_what_left_is_untold_until_it_is_told(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.despatch(made)

    assert untold_of(it) == SENT
    assert len(it.asked_there()) == 0
    it.tell()
    assert untold_of(it) == {}


def test_what_left_while_the_flow_stood_still_for_a_week_is_untold(it: DespatchBench) -> None:
    it.tell()
    _, made = it.sell(GOODS)
    it.despatch(made)
    it.clock.advance(days=7)

    assert untold_of(it) == SENT


def test_of_an_order_that_left_in_part_just_that_is_untold() -> None:
    off, on = DespatchBench(), DespatchBench(management=True)
    for it in (off, on):
        _, made = it.sell(GOODS)
        it.split(made, {"TEE-RED-M": 1})
        it.despatch(made)
        it.tell()
        it.clock.advance(days=2)

    assert untold_of(off) == {
        3: {"TEE-RED-M": InFlight(despatched=1), "JEANS-32": InFlight(despatched=1)}
    }
    assert untold_of(on) == {}


def test_what_a_person_is_asked_about_is_untold(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    it.despatch(made)
    it.desk_there.stock_up("MAIN", "JEANS-32", -6)
    it.mintsoft.set_stock(3, 804, 0)
    it.tell()
    assert it.parked() == ["unleashed.refused"]
    it.clock.advance(days=3)

    found = untold.untold_despatches(it.erp_world("stock"))
    assert found == SENT
    it.discard()
    it.clock.advance(days=3)
    assert untold.untold_despatches(it.erp_world("stock")) == {}


@pytest.mark.parametrize("path", ["/SalesShipments", "/Complete"])
def test_where_an_answer_was_lost_unleashed_is_asked(it: DespatchBench, path: str) -> None:
    _, made = it.sell(GOODS)
    it.despatch(made)
    it.fault_there(FaultKind.RESET_AFTER, method="POST", path=path)
    it.tell()

    untold_of(it)


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_where_the_end_of_a_dispatch_is_not_known_unleashed_is_asked(kind: FaultKind) -> None:
    it = DespatchBench(management=True)
    _, made = it.sell(GOODS)
    it.despatch(made)
    it.fault_there(kind, method="PUT", path="/SalesShipments")
    it.tell()

    assert untold_of(it) == ({} if kind is FaultKind.RESET_AFTER else SENT)


def test_what_a_person_completed_is_booked_until_it_leaves(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    number = it.mintsoft.orders[made].number
    if it.desk_there.company.management:
        it.clerk.ship(number, status="Dispatched")
    it.clerk.complete_order(number)

    assert untold_of(it) == BOOKED
    it.tell()
    it.clock.advance(days=3)
    assert untold_of(it) == BOOKED
    it.despatch(made)
    assert untold_of(it) == {}
    it.tell()
    it.tell()
    assert untold_of(it) == {}
    assert it.records.in_work("example", NAME, 10) == ()


def test_of_what_a_person_booked_a_part_that_left_is_neither() -> None:
    it = DespatchBench(management=True)
    _, made = it.sell(GOODS)
    number = it.mintsoft.orders[made].number
    rest = it.split(made, {"TEE-RED-M": 1})
    it.clerk.ship(number, status="Dispatched")
    it.despatch(made)

    assert untold_of(it) == {3: {"TEE-RED-M": InFlight(completed=1)}}
    it.tell()
    assert untold_of(it) == {3: {"TEE-RED-M": InFlight(completed=1)}}
    it.despatch(rest)
    it.tell()
    assert untold_of(it) == {}


def test_a_shipment_that_a_person_dispatched_is_booked_until_it_leaves() -> None:
    it = DespatchBench(management=True)
    _, made = it.sell_shipment(GOODS)
    it.clerk.set_shipment_status(it.shipments()[0]["ShipmentNumber"], "Dispatched")

    assert untold_of(it) == BOOKED
    it.tell()
    it.despatch(made)
    assert untold_of(it) == {}


def test_what_a_person_books_while_they_are_asked_is_untold_no_more() -> None:
    it = DespatchBench()
    it.account.set(auto_shipment="placed")
    _, made = it.sell(GOODS)
    it.despatch(made)
    it.clerk.edit_order(it.mintsoft.orders[made].number, {"TEE-RED-M": 3})
    it.tell()
    assert it.parked() == ["unleashed.other_goods_sent"]
    assert untold_of(it) == SENT

    it.clerk.set_shipment_status(it.shipments()[0]["ShipmentNumber"], "Dispatched")
    for _ in range(3):
        assert untold_of(it) == {}
        it.tell()
    it.discard()
    it.tell()
    assert untold_of(it) == {}
    assert it.records.in_work("example", NAME, 10) == ()


def test_what_the_warehouse_cancelled_is_booked_no_more(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    number = it.mintsoft.orders[made].number
    if it.desk_there.company.management:
        it.clerk.ship(number, status="Dispatched")
    it.clerk.complete_order(number)
    it.tell()
    it.move(made, OrderStage.CANCELLED)

    assert untold.untold_despatches(it.erp_world("stock")) == {}


def test_merged_orders_are_counted_once_each(it: DespatchBench) -> None:
    _, made = it.sell(GOODS)
    _, other = it.sell({"TEE-RED-M": 1})
    it.merge(made, other)
    it.despatch(made)

    assert untold_of(it) == {
        3: {"TEE-RED-M": InFlight(despatched=3), "JEANS-32": InFlight(despatched=1)}
    }
    it.tell()
    assert untold_of(it) == {}


def test_orders_that_are_left_open_have_their_goods_until_a_person_completes_them() -> None:
    it = DespatchBench()
    it.set("despatches", complete_order=False)
    _, made = it.sell(GOODS)
    it.sell({"JEANS-34": 1})
    it.despatch(made)
    it.tell()
    it.clock.advance(days=3)

    assert untold_of(it) == SENT
    it.clerk.complete_order(it.mintsoft.orders[made].number)
    assert untold_of(it) == {}


def test_nothing_is_told_of_a_flow_that_is_not_live(it: DespatchBench) -> None:
    it.set("despatches", mode="shadow")
    _, made = it.sell(GOODS)
    it.despatch(made)

    assert untold.untold_despatches(it.erp_world("stock")) == {}
    assert it.to_unleashed.requests == []


def test_too_much_to_look_at_makes_the_stock_sync_wait(
    it: DespatchBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        it.despatch(it.sell(GOODS)[1])
    monkeypatch.setattr(untold, "MOST_RECORDS", 2)

    with pytest.raises(Retryable, match="of 3 orders"):
        untold.untold_despatches(it.erp_world("stock"))
