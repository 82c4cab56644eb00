"""Despatches while things go wrong: no shipment twice, no order completed twice, nothing lost."""

from __future__ import annotations

import pytest

from local.simulators.faults import FaultKind
from local.simulators.wire import Request
from tests.support.unleashed_despatches import DespatchBench, once

GOODS = {"TEE-RED-M": 2, "JEANS-32": 1}
LOST_ANSWERS = [
    FaultKind.RESET_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.ERROR_500_AFTER,
    FaultKind.CUT_OFF_AFTER,
    FaultKind.HTML_200_AFTER,
]
NOT_DONE = [
    FaultKind.RESET_BEFORE,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.HTTP_429,
    FaultKind.HTML_ERROR,
]
WRITES = {
    "make": ("POST", r"^/SalesShipments$"),
    "put": ("PUT", r"^/SalesShipments/"),
    "complete": ("POST", r"/Complete$"),
}


def sent(*, management: bool, parts: int = 1) -> tuple[DespatchBench, str]:
    """An order of which everything left."""
    it = DespatchBench(management=management)
    guid, made = it.sell(GOODS)
    if parts > 1:
        it.despatch(it.split(made, {"TEE-RED-M": 1}), tracking_number="JD0002")
    it.despatch(made, tracking_number="JD0001")
    return it, guid


def until_told(it: DespatchBench, guid: str) -> None:
    for _ in range(12):
        it.tell()
        if it.told(guid).standing == "told":
            return
    raise AssertionError((it.told(guid).standing, it.reasons()))


def is_told_once(it: DespatchBench, guid: str, shipments: int = 1) -> None:
    assert it.parked() == []
    assert it.status(guid) == "Completed"
    assert it.happened("order_completed") == 1
    assert len(it.shipments()) == it.happened("shipment_dispatched") == shipments
    assert it.on_hand("TEE-RED-M") == 38
    assert it.on_hand("JEANS-32") == 5
    told = sorted(one["TrackingNumber"] for one in it.shipments())
    assert told == ["JD0001", "JD0002"][:shipments]


@pytest.mark.parametrize("kind", [*LOST_ANSWERS, *NOT_DONE])
@pytest.mark.parametrize(
    ("management", "write"),
    [(True, "make"), (True, "put"), (True, "complete"), (False, "put"), (False, "complete")],
)
def test_a_write_that_fails_is_done_once_in_the_end(
    management: bool, write: str, kind: FaultKind
) -> None:
    it, guid = sent(management=management)
    method, path = WRITES[write]
    it.fault_there(kind, method=method, path=path)

    until_told(it, guid)
    is_told_once(it, guid)


@pytest.mark.parametrize("kind", [*LOST_ANSWERS, *NOT_DONE])
def test_placing_an_order_that_fails_is_done_in_the_end(kind: FaultKind) -> None:
    it = DespatchBench(management=True)
    guid, made = it.sell(GOODS, custom="Ready to ship")
    it.despatch(made, tracking_number="JD0001")
    it.fault_there(kind, method="PUT", path="/SalesOrders/")

    until_told(it, guid)
    is_told_once(it, guid)


@pytest.mark.parametrize("kind", [FaultKind.ERROR_500_BEFORE, FaultKind.CUT_OFF_AFTER])
@pytest.mark.parametrize("path", ["/SalesOrders/", r"^/SalesShipments/1$"])
def test_a_read_that_fails_is_read_again(path: str, kind: FaultKind) -> None:
    it, guid = sent(management=True)
    it.fault_there(kind, method="GET", path=path, times=2)

    until_told(it, guid)
    is_told_once(it, guid)


def cut(_: Request) -> None:
    raise RuntimeError("cut")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("management", [False, True])
def test_a_power_cut_at_any_request_leaves_nothing_twice_and_nothing_out(
    management: bool, when: str
) -> None:
    cuts = 0
    for at in range(20):
        it, guid = sent(management=management, parts=2 if management else 1)
        left = [at]

        def count(request: Request, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                cut(request)

        setattr(it.meddler, when, count)
        try:
            it.tell()
        except RuntimeError:
            cuts += 1
        setattr(it.meddler, when, lambda _: None)
        until_told(it, guid)
        is_told_once(it, guid, 2 if management else 1)
    assert cuts == (10 if management else 7)


@pytest.mark.parametrize("management", [False, True])
def test_an_order_that_somebody_completes_at_that_moment_is_completed_once(
    management: bool,
) -> None:
    it, guid = sent(management=management)
    number = it.desk_there.company.one("SalesOrders", guid)["OrderNumber"]
    it.meddler.before = once("POST", "/Complete", lambda: it.clerk.complete_order(number))

    until_told(it, guid)
    is_told_once(it, guid)


def test_a_shipment_that_somebody_changes_at_that_moment_is_left_to_a_person() -> None:
    it, _ = sent(management=True)

    def change() -> None:
        shipment = it.desk_there.company.one("SalesShipments", it.shipments()[0]["Guid"])
        shipment["SalesShipmentLines"][0]["ShipmentQty"] -= 1
        it.desk_there.company.touch(shipment, "clerk@example.test")

    it.meddler.after = once("POST", "/SalesShipments", change)

    assert it.tell() == {"later": 1}
    assert it.tell() == {"parked": 1}
    assert it.parked() == ["unleashed.other_shipment"]
    assert it.happened("shipment_dispatched") == 0


def test_a_comment_that_somebody_writes_at_that_moment_is_kept() -> None:
    it, guid = sent(management=True)

    def comment() -> None:
        shipment = it.desk_there.company.one("SalesShipments", it.shipments()[0]["Guid"])
        shipment["Comments"] = "leave with a neighbour"
        it.desk_there.company.touch(shipment, "clerk@example.test")

    it.meddler.after = once("POST", "/SalesShipments", comment)

    assert it.tell() == {"told": 1}
    is_told_once(it, guid)
    assert it.shipments()[0]["Comments"] == "leave with a neighbour"


def test_a_tick_that_overlaps_another_leaves() -> None:
    it, guid = sent(management=True)
    inner: list[dict[str, int]] = []
    it.meddler.after = once("POST", "/Complete", lambda: inner.append(it.tell(seconds=1)))

    assert it.tell() == {"told": 1}
    assert inner == [{}]
    is_told_once(it, guid)


@pytest.mark.parametrize("write", list(WRITES))
def test_a_tick_that_lost_its_lease_and_the_next_do_it_once(write: str) -> None:
    it, guid = sent(management=True)
    method, path = WRITES[write]
    at = once(method, path.strip("^$"), lambda: it.tell(minutes=5))
    it.meddler.after = at

    it.tell()
    until_told(it, guid)
    is_told_once(it, guid)


def test_while_unleashed_is_away_everything_waits_and_nothing_is_lost() -> None:
    it, guid = sent(management=True)
    it.to_unleashed.refuse = True
    assert it.tell() == {"later": 1}
    assert it.tell() == {"later": 1}
    it.to_unleashed.refuse = False

    until_told(it, guid)
    is_told_once(it, guid)


def test_while_mintsoft_is_away_the_run_fails_and_the_next_reads_all() -> None:
    it, guid = sent(management=True)
    it.to_mintsoft.refuse = True
    assert it.tell() == {"cut_off": 1}
    it.to_mintsoft.refuse = False

    until_told(it, guid)
    is_told_once(it, guid)
