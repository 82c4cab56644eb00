"""Goods that were delivered and that nobody booked in: warn, hold, escalate; never paid (R18)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.facts import CarrierDelivered, ClockRang, Flagged, Withdrawn, WouldSend
from returns_hub.domain.timeline import canonical, fold
from returns_hub.flows.parked import OPERATOR_NEEDED
from tests.support.fakes import START
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment

DELIVERED = START + timedelta(hours=1)
STAGES = {"warn_hours": 24, "hold_hours": 48, "escalate_hours": 72}


def announced(*items: dict[str, Any], clocks: dict[str, Any] | None = None, **more: Any) -> Bench:
    bench = Bench()
    bench.file["flows"]["clocks"] = {"enabled": True, **STAGES} | (clocks or {})
    bench.put(redo_return(list(items) or [item(1, "TEE")], **more))
    assert bench.approve() == "announced"
    return bench


def delivered(
    bench: Bench, at: datetime | None = DELIVERED, group: int = 0, **changes: Any
) -> None:
    """The portal says that a parcel was delivered, and its message arrives."""
    bench.clock.moment = max(bench.clock.moment, DELIVERED) + timedelta(minutes=1)
    parcel = bench.redo.returns[RETURN_ID]["shipments"][group]
    parcel["status"] = "delivered"
    if at is not None:
        parcel["deliveredAt"] = at.isoformat()
    parcel |= changes
    bench.redo.set_status(RETURN_ID, "delivered")
    bench.approve()


def later(bench: Bench, hours: float) -> dict[str, int]:
    """A tick so many hours after the delivery."""
    bench.clock.moment = DELIVERED + timedelta(hours=hours)
    return bench.watch()


def rung(bench: Bench) -> list[str]:
    return [fact.stage for fact in bench.facts(ClockRang)]


def test_each_stage_rings_once_in_its_time_and_nothing_is_paid() -> None:
    bench = announced()
    delivered(bench)
    assert bench.watch() == {}

    assert later(bench, 23.9) == {}
    assert later(bench, 24.1) == {"not_booked_in.warn": 1}
    assert later(bench, 24.2) == {}
    assert later(bench, 48.1) == {"not_booked_in.hold": 1}
    assert bench.redo.returns[RETURN_ID]["status"] == "flagged"
    assert later(bench, 72.1) == {"not_booked_in.escalate": 1}
    assert later(bench, 900) == {}

    assert rung(bench) == ["warn", "hold", "escalate"]
    assert not bench.submissions()
    assert bench.state().due == ()
    assert bench.telemetry.total("ClockRang") == 3


def test_a_warning_says_what_was_delivered_when_on_the_portals_timeline() -> None:
    bench = announced()
    delivered(bench)
    later(bench, 24.1)

    note = bench.comments()[-1]
    assert "Mintsoft external return 41 (RoyalMail RM-sg_one) at 2026-03-02 10:00 UTC" in note
    assert "24 hours ago, and warehouse 3 has not booked it in" in note
    assert bench.telemetry.total(OPERATOR_NEEDED) == 0
    assert not bench.parking.list_parked("example")


def test_holding_flags_the_return_with_a_note_before_it() -> None:
    bench = announced(clocks={"warn_hours": None})
    delivered(bench)
    later(bench, 48.1)

    assert bench.redo.books.statuses[RETURN_ID] == ["delivered", "flagged"]
    assert "has not booked it in" in bench.comments()[-1]
    assert bench.state().outcome == "flagged"
    assert len(bench.facts(Flagged)) == 1


def test_a_return_that_is_flagged_already_is_only_told_why() -> None:
    bench = announced(clocks={"warn_hours": None})
    delivered(bench)
    bench.redo.set_status(RETURN_ID, "flagged")
    later(bench, 48.1)

    assert bench.redo.books.statuses[RETURN_ID] == ["delivered", "flagged"]
    assert "has not booked it in" in bench.comments()[-1]
    assert rung(bench) == ["hold"]


def test_escalating_asks_a_person_with_an_alarm() -> None:
    bench = announced(clocks={"warn_hours": None, "hold_hours": None})
    delivered(bench)
    later(bench, 72.1)

    (parked,) = bench.parking.list_parked("example")
    assert (parked.flow, parked.code) == ("clocks", "return.not_booked_in")
    assert bench.telemetry.total(OPERATOR_NEEDED) == 1
    assert bench.state().outcome == "parked"
    assert len(bench.comments()) == 1


def test_goods_that_are_booked_in_end_the_clock_in_silence() -> None:
    bench = announced()
    delivered(bench)
    bench.receive(41)
    assert bench.poll() == {"processed": 1}

    assert bench.state().due_of("not_booked_in", "sg_one") is None
    assert "not_booked_in.warn" not in later(bench, 100)
    assert rung(bench) == []


def test_goods_that_are_booked_in_late_are_processed_after_a_stage_rang() -> None:
    bench = announced()
    delivered(bench)
    later(bench, 48.1)
    later(bench, 48.2)
    assert bench.redo.returns[RETURN_ID]["status"] == "flagged"
    bench.receive(41)

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1}
    assert "not_booked_in.escalate" not in later(bench, 100)
    assert rung(bench) == ["warn", "hold"]


def test_a_clock_never_rings_over_what_the_warehouse_has_confirmed() -> None:
    """The receipts flow is behind; the warehouse itself says that the goods are in."""
    bench = announced()
    delivered(bench)
    bench.receive(41)

    assert later(bench, 24.1) == {"not_booked_in.booked_in": 1}
    assert rung(bench) == []
    assert later(bench, 24.2) == {}
    assert bench.poll() == {"processed": 1}
    assert "not_booked_in.warn" not in later(bench, 30)


def test_a_clock_that_finds_the_return_closed_withdraws_it() -> None:
    bench = announced()
    delivered(bench)
    bench.redo.change_status(RETURN_ID, "rejected")

    assert later(bench, 24.1) == {"not_booked_in.closed": 1}
    assert rung(bench) == []
    assert len(bench.facts(Withdrawn)) == 1
    bench.approve()
    assert len(bench.facts(Withdrawn)) == 1
    assert later(bench, 100) == {}


def test_the_clock_of_a_withdrawn_return_starts_again_where_it_stood_when_it_is_reopened() -> None:
    bench = announced()
    delivered(bench)
    later(bench, 24.1)
    bench.changes("rejected")
    assert bench.state().due_of("not_booked_in", "sg_one") is None

    bench.changes("open")

    assert later(bench, 48.1) == {"not_booked_in.hold": 1}
    assert rung(bench) == ["warn", "hold"]


def test_each_parcel_has_a_clock_of_its_own() -> None:
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    both = [shipment("a", ["item1"]), shipment("b", ["item2"], status="in_transit")]
    bench = announced(*items, shipments=both)
    delivered(bench)
    assert [fact.shipment for fact in bench.facts(CarrierDelivered)] == ["a"]

    assert later(bench, 24.1) == {"not_booked_in.warn": 1}
    delivered(bench, at=DELIVERED + timedelta(hours=20), group=1)

    assert later(bench, 43) == {}
    assert later(bench, 44.1) == {"not_booked_in.warn": 1}
    assert [(f.shipment, f.stage) for f in bench.facts(ClockRang)] == [("a", "warn"), ("b", "warn")]


def test_without_the_carriers_time_the_moment_it_was_first_seen_counts() -> None:
    bench = announced()
    delivered(bench, at=None)
    (fact,) = bench.facts(CarrierDelivered)
    seen_at = DELIVERED + timedelta(minutes=1)
    assert (fact.source, fact.at.replace(microsecond=0)) == ("first_seen", seen_at)

    bench.clock.advance(hours=5)
    bench.redo.set_status(RETURN_ID, "delivered")
    bench.approve()
    assert bench.facts(CarrierDelivered) == [fact]

    delivered(bench)
    assert [f.source for f in bench.facts(CarrierDelivered)] == ["first_seen", "carrier"]
    assert bench.state().due_of("not_booked_in", "sg_one").at == DELIVERED + timedelta(hours=24)


def test_off_by_default_and_the_delivery_is_told_all_the_same() -> None:
    bench = announced(clocks={"enabled": False})
    delivered(bench)

    assert len(bench.facts(CarrierDelivered)) == 1
    assert bench.state().due == ()
    assert later(bench, 1000) == {}


def test_a_clock_that_is_switched_off_meanwhile_ends_and_one_that_was_moved_goes_on() -> None:
    bench = announced()
    delivered(bench)
    bench.file["flows"]["clocks"]["warn_hours"] = 30
    assert later(bench, 24.1) == {"not_booked_in.moved": 1}
    assert later(bench, 30.1) == {"not_booked_in.warn": 1}
    bench.file["flows"]["clocks"]["enabled"] = False

    assert later(bench, 48.1) == {"not_booked_in.ended": 1}
    assert rung(bench) == ["warn"]


def test_a_clock_that_is_switched_on_later_starts_with_the_next_word_of_the_portal() -> None:
    bench = announced(clocks={"enabled": False})
    delivered(bench)
    bench.file["flows"]["clocks"]["enabled"] = True
    bench.clock.advance(minutes=1)
    bench.redo.set_status(RETURN_ID, "delivered")
    bench.approve()

    assert later(bench, 24.1) == {"not_booked_in.warn": 1}


def test_no_clock_runs_while_receipts_are_not_looked_at() -> None:
    bench = announced()
    bench.file["flows"]["process_receipts"]["mode"] = "off"
    delivered(bench)
    assert later(bench, 1000) == {}


def test_shadow_writes_nothing_and_says_what_it_would_do() -> None:
    bench = announced()
    bench.file["flows"]["process_receipts"]["mode"] = "shadow"
    delivered(bench)
    for hours in (24.1, 48.1, 72.1):
        later(bench, hours)

    assert len(bench.comments()) == 1
    assert bench.redo.books.statuses[RETURN_ID] == ["delivered"]
    assert [fact.operation for fact in bench.facts(WouldSend)] == ["comment", "flag"]
    assert len(bench.parking.list_parked("example")) == 1


@pytest.mark.parametrize("path", ["comments", "status"])
def test_a_write_without_an_answer_is_told_once_and_the_stage_rings_once(path: str) -> None:
    bench = announced(clocks={"warn_hours": None})
    delivered(bench)
    method = "POST" if path == "comments" else "PUT"
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path=path, method=method))

    assert later(bench, 48.1) == {"not_booked_in.later": 1}
    assert rung(bench) == []
    assert later(bench, 48.3) == {"not_booked_in.hold": 1}

    assert len(bench.comments()) == 2
    assert bench.redo.books.statuses[RETURN_ID] == ["delivered", "flagged"]
    assert rung(bench) == ["hold"]


def test_a_run_that_dies_before_it_records_tells_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = announced()
    delivered(bench)
    append = bench.returns.append

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench.returns, "append", die)
    with pytest.raises(KeyboardInterrupt):
        later(bench, 24.1)
    monkeypatch.setattr(bench.returns, "append", append)
    bench.cursors = type(bench.cursors)(bench.clock)

    assert later(bench, 24.2) == {"not_booked_in.warn": 1}
    assert len(bench.comments()) == 2
    assert rung(bench) == ["warn"]


@pytest.mark.off_contract("a time that is a number")
def test_a_delivery_that_cannot_be_is_not_believed() -> None:
    for odd in ("1970-01-01T00:00:00Z", "not a time", 17, "9999-12-31T23:59:59Z"):
        bench = announced()
        delivered(bench, at=None, deliveredAt=odd)
        (fact,) = bench.facts(CarrierDelivered)
        now = bench.clock.now()
        assert now - timedelta(minutes=1) <= fact.at <= now, odd


def test_a_return_said_to_be_delivered_as_a_whole_counts_where_parcels_say_nothing() -> None:
    bench = announced()
    bench.redo.set_status(RETURN_ID, "delivered")
    bench.clock.advance(minutes=1)
    bench.approve()
    assert [fact.shipment for fact in bench.facts(CarrierDelivered)] == ["sg_one"]

    other = announced()
    other.redo.returns[RETURN_ID]["shipments"][0]["status"] = "in_transit"
    other.redo.set_status(RETURN_ID, "delivered")
    other.clock.advance(minutes=1)
    other.approve()
    assert not other.facts(CarrierDelivered)


def test_a_line_that_joined_later_has_a_clock_with_its_parcel() -> None:
    bench = announced()
    bench.clock.advance(minutes=1)
    bench.redo.returns[RETURN_ID]["items"].append(item(2, "MUG"))
    bench.redo.set_status(RETURN_ID, "open")
    bench.approve()
    delivered(bench)
    assert [f.shipment for f in bench.facts(CarrierDelivered)] == ["sg_one", "sg_one+2"]


def test_the_state_is_still_the_fold_of_its_timeline() -> None:
    bench = announced()
    delivered(bench)
    for hours in (24.1, 48.1, 72.1):
        later(bench, hours)
    bench.receive(41)
    bench.poll()
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(bench.state())
