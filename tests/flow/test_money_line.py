"""Where returns wait, as the flows lead them from step to step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.bodies import whole_totals
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.overview.overview import StepStanding
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Retryable
from returns_hub.flows.overview import money_line as counting
from returns_hub.flows.overview.money_line import money_line, read_money_line
from returns_hub.ports import Waiting
from tests.support.worlds import RETURN_ID, Bench, item, merchant_file, redo_return

STAGES = {"warn_hours": 24, "hold_hours": 48, "escalate_hours": 72}


def announced(*items: dict[str, Any], **file: Any) -> Bench:
    bench = Bench()
    bench.file["flows"] |= file
    bench.put(redo_return(list(items) or [item(1, "TEE")], totals=whole_totals(refund="20.50")))
    assert bench.approve() == "announced"
    return bench


def standing(bench: Bench) -> StepStanding:
    """The one step at which something waits."""
    (found,) = (step for step in money_line(bench.returns, "example") if step.count)
    return found


def step(bench: Bench) -> Step | None:
    """Where the one return waits."""
    counts = {found.step: found.count for found in money_line(bench.returns, "example")}
    assert list(counts) == list(Step)
    waits = [found for found, count in counts.items() if count]
    return waits[0] if waits else None


def delivered(bench: Bench, hours_ago: float) -> None:
    """The portal tells of a delivery, and its message arrives."""
    parcel = bench.redo.returns[RETURN_ID]["shipments"][0]
    at = bench.clock.now() - timedelta(hours=hours_ago)
    parcel |= {"status": "delivered", "deliveredAt": at.isoformat()}
    bench.clock.advance(minutes=1)
    bench.redo.set_status(RETURN_ID, "delivered")
    bench.approve()


def test_a_return_goes_from_step_to_step_until_it_waits_for_nothing() -> None:
    bench = Bench()
    body = redo_return([item(1, "TEE")], totals=whole_totals(refund="20.50"))
    bench.put(body | {"createdAt": "2026-03-01T08:15:00Z"})
    bench.mintsoft.faults.add(Fault(FaultKind.HTML_429, path="/api/Return"))
    with pytest.raises(Retryable):
        bench.approve()
    assert step(bench) is Step.ANNOUNCE
    bench.clock.advance(minutes=5)
    assert bench.approve() == "announced"
    assert standing(bench) == StepStanding(
        step=Step.TRANSIT,
        count=1,
        oldest_since=bench.clock.now(),
        oldest_return=RETURN_ID,
        value={"GBP": Decimal("20.50")},
    )
    bench.clock.advance(hours=20)
    delivered(bench, hours_ago=3)
    booking = standing(bench)
    assert booking.step is Step.BOOKING_IN
    assert booking.oldest_since == bench.clock.now() - timedelta(hours=3, minutes=1)
    bench.receive(41)
    assert bench.poll() == {"processed": 1}
    assert step(bench) is Step.CHECKING
    bench.clock.advance(minutes=11)
    assert bench.watch() == {"check_processing.complete": 1}
    assert step(bench) is None

    folded = fold("example", RETURN_ID, bench.returns.timeline("example", RETURN_ID))
    assert canonical(folded) == canonical(bench.state())


def test_what_the_table_holds_waits_for_a_decision() -> None:
    bench = announced(process_receipts={"mode": "live", "policy": {"wait_seconds": 7200}})
    bench.receive(41)
    assert bench.poll() == {"held": 1}

    assert step(bench) is Step.DECISION


def test_a_process_call_without_an_answer_is_being_processed() -> None:
    bench = announced()
    bench.receive(41)
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="process"))
    assert bench.poll() == {"later": 1}

    assert step(bench) is Step.PROCESSING


def test_what_is_parked_waits_for_a_person() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "NEW")]))
    assert bench.approve() == "parked"

    assert (standing(bench).step, standing(bench).unvalued) == (Step.PERSON, 1)


def test_a_return_that_is_closed_waits_for_a_person_until_its_goods_are_seen_to() -> None:
    bench = announced()
    bench.changes("rejected")

    assert (step(bench), bench.state().outcome) == (Step.PERSON, "withdrawn")


def test_shadow_waits_for_nothing() -> None:
    bench = Bench()
    bench.file["flows"]["create_external_returns"] = {"mode": "shadow"}
    bench.put(redo_return([item(1, "TEE")]))
    assert bench.approve() == "shadow"

    assert step(bench) is None


# -- the clock ----------------------------------------------------------------------------------


def late(bench: Bench) -> int:
    merchant = bench.live().merchant
    return read_money_line(bench.returns, merchant, bench.clock.now()).past_clock


def test_delivered_goods_are_past_their_clock_from_its_first_stage_on() -> None:
    bench = announced(clocks={"enabled": True, **STAGES})
    bench.clock.advance(hours=1)
    delivered(bench, hours_ago=0)
    bench.clock.advance(hours=23, minutes=58)
    assert late(bench) == 0

    bench.clock.advance(minutes=1)
    assert late(bench) == 1
    bench.file["flows"]["clocks"] = {"enabled": False}
    assert late(bench) == 0


def test_goods_are_past_their_clock_also_after_the_return_was_flagged_for_it() -> None:
    bench = announced(clocks={"enabled": True, **STAGES})
    bench.clock.advance(hours=1)
    delivered(bench, hours_ago=0)
    bench.clock.advance(hours=49)
    assert bench.watch() == {"not_booked_in.warn": 1}
    assert bench.watch() == {"not_booked_in.hold": 1}
    assert (step(bench), late(bench)) == (Step.PERSON, 1)

    bench.receive(41)
    bench.poll()
    assert late(bench) == 0


def test_no_clock_runs_while_receipts_are_not_looked_at() -> None:
    bench = announced(clocks={"enabled": True, **STAGES})
    bench.clock.advance(hours=1)
    delivered(bench, hours_ago=0)
    bench.clock.advance(hours=49)
    bench.file["flows"] |= {"process_receipts": {"mode": "off"}}

    assert late(bench) == 0


# -- adding up ----------------------------------------------------------------------------------


class Rows:
    """Returns that wait for a decision."""

    def __init__(self, *rows: Waiting) -> None:
        self.rows = rows

    def in_step(self, _: str, step: Step, limit: int) -> tuple[Waiting, ...]:
        return self.rows[:limit] if step is Step.DECISION else ()


def decision(rows: Rows) -> StepStanding:
    returns: Any = rows
    return next(s for s in money_line(returns, "m") if s.step is Step.DECISION)


def waiting(number: int, value: str | None = "1.10", currency: str = "GBP") -> Waiting:
    since = Bench().clock.now() + timedelta(minutes=number)
    amount = None if value is None else Decimal(value)
    return Waiting(f"r{number}", since, amount, currency if value else "")


def test_values_are_added_by_currency_and_what_is_not_told_is_counted() -> None:
    rows = Rows(waiting(1), waiting(2), waiting(3, "5", "EUR"), waiting(4, None))

    assert decision(rows) == StepStanding(
        step=Step.DECISION,
        count=4,
        oldest_since=waiting(1).since,
        oldest_return="r1",
        value={"GBP": Decimal("2.20"), "EUR": Decimal(5)},
        unvalued=1,
    )


@pytest.mark.parametrize(("there", "is_at_least"), [(2, False), (3, False), (4, True), (9, True)])
def test_beyond_its_bound_a_count_is_at_least(
    monkeypatch: pytest.MonkeyPatch, there: int, is_at_least: bool
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 3)
    found = decision(Rows(*map(waiting, range(there))))

    assert (found.count, found.is_at_least) == (min(there, 3), is_at_least)
    assert found.value == {"GBP": Decimal("1.10") * min(there, 3)}


@pytest.mark.parametrize(("return_id", "late"), [("r", 0), ("miinto-shop-1", 1)])
def test_rmas_have_a_clock_of_their_own(return_id: str, late: int) -> None:
    now = waiting(0).since
    returns: Any = Rows(Waiting(return_id, now, delivered_at=now - timedelta(hours=30)))
    rma = {"decide": {"mode": "shadow"}, "clocks": {"enabled": True, "warn_hours": 30}}
    file = merchant_file(miinto={"shops": [{"id": "1!i!DK", "warehouse": 3}], "rma": rma})
    file["flows"] = {"clocks": {"enabled": True, "warn_hours": 31}}
    merchant = Merchant.model_validate(file)

    assert read_money_line(returns, merchant, now).past_clock == late
