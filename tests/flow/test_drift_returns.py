"""Returns held against the portal, the warehouse and the marketplace: every kind is found where it
is seeded, and a return that goes its way shows none."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.mintsoft.simulator import Settings
from local.simulators.redo.simulator import Settings as RedoSettings
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.facts import (
    DueSet,
    Flagged,
    LinesCommitted,
    Parked,
    RefundCommitted,
    WithdrawalHandled,
)
from returns_hub.domain.refunds import Refund, RefundLine
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.drift import returns_warehouse
from returns_hub.ports import Capabilities
from tests.support.drift import DriftBench
from tests.support.rma_worlds import DENMARK, RMA_ID, RmaBench, position, rma
from tests.support.worlds import RETURN_ID, Bench, item, merchant_file, redo_return, shipment

PORTAL, WAREHOUSE, MARKET, CREDITS = (
    "returns.portal",
    "returns.warehouse",
    "returns.market",
    "returns.credits",
)
ALL = (PORTAL, WAREHOUSE)


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.put(redo_return([item(1, "TEE", 2), item(2, "MUG")]))
    return made


@pytest.fixture
def drift(bench: Bench) -> DriftBench:
    return DriftBench(bench)


def only(drift: DriftBench, comparison: str) -> Difference:
    (found,) = drift.seen(comparison)
    return found


def nothing(drift: DriftBench, *comparisons: str) -> None:
    for comparison in comparisons or ALL:
        assert drift.kinds(comparison) == [], comparison


def noted(bench: Bench, *facts: Any) -> None:
    bench.world().record(bench.state(), "test", *facts)


def test_a_return_that_goes_its_way_shows_nothing_at_any_step(
    bench: Bench, drift: DriftBench
) -> None:
    bench.approve()
    nothing(drift.later())
    made = bench.external_returns()[0].id
    bench.receive(made)
    bench.poll()
    nothing(drift.later())
    bench.clock.advance(days=1)
    bench.watch()
    nothing(drift.later())


def test_a_return_that_nobody_told_of(bench: Bench, drift: DriftBench) -> None:
    found = only(drift.later(), PORTAL)
    assert found.kind == "returns.no_external_return"
    assert found.units == 3
    assert dict(found.says) == {
        "redo": "open",
        "hub": "never seen",
        "mintsoft": "no external return",
    }
    assert found.mend == f"hub backfill --merchant example --ids {RETURN_ID} --dry-run"
    bench.approve()
    nothing(drift)


def test_what_changed_within_the_grace_time_is_on_its_way(drift: DriftBench) -> None:
    nothing(drift.later(minutes=50))


@pytest.mark.parametrize(
    "changes",
    [
        {"createdAt": "2025-12-31T08:15:00Z"},
        {"status": "needs_review"},
        {"type": "warranty"},
        {"items": [item(1, "TEE", greenReturn=True)]},
    ],
    ids=["before live_from", "not approved", "another type", "kept by the buyer"],
)
def test_a_return_that_the_hub_would_leave_is_none(
    bench: Bench, drift: DriftBench, changes: dict[str, Any]
) -> None:
    bench.put(redo_return([item(1, "TEE")]) | changes)
    nothing(drift.later())


def test_a_return_that_the_hub_left_for_a_reason_is_none(bench: Bench, drift: DriftBench) -> None:
    body = redo_return([item(1, "TEE")], shipments=[shipment(externalLocationId="loc_nowhere")])
    bench.file["mintsoft"]["warehouses"] = {"by_location": {"loc_corby": 3}}
    bench.put(body)
    bench.approve()
    assert bench.state().skips
    nothing(drift.later())


def test_an_external_return_that_is_planned_and_not_made(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    state = bench.state()
    unmade = tuple(
        s.model_copy(update={"external_return_id": None, "commented": False})
        for s in state.shipments
    )
    bench.returns.states["example", RETURN_ID] = state.model_copy(update={"shipments": unmade})
    found = only(drift.later(), PORTAL)
    assert (found.kind, found.units) == ("returns.no_external_return", 3)
    assert found.says["hub"] == "planned, not made"


def test_work_that_waits_for_a_person_is_no_difference(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    bench.redo.change_status(RETURN_ID, "rejected")
    assert drift.later().kinds(PORTAL) == ["returns.closed_in_portal_open_here"]
    noted(bench, Parked(flow="x", parked_id="x/1", code="x.y", reason="odd", beside=True))
    nothing(drift)


def test_a_flagged_return_is_with_the_team(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    bench.redo.change_status(RETURN_ID, "rejected")
    noted(bench, Flagged(receipt="r", note="n"))
    nothing(drift.later())


def test_a_return_that_was_closed_and_nobody_told(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    bench.redo.change_status(RETURN_ID, "rejected")
    found = only(drift.later(), PORTAL)
    assert found.kind == "returns.closed_in_portal_open_here"
    assert (found.says["redo"], found.says["mintsoft"]) == ("rejected", "still expected")
    assert found.units == 3
    bench.approve()
    nothing(drift.later())


def test_paid_before_the_goods_came_and_they_did_not_come(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    bench.changes("complete")
    nothing(drift.later(days=13))
    found = only(drift.later(days=2), PORTAL)
    assert found.kind == "returns.processed_not_received"
    assert (found.says["redo"], found.says["mintsoft"]) == ("complete", "nothing booked in")
    state = bench.state()
    noted(bench, WithdrawalHandled(shipment=state.shipments[0].key, note="lost"))
    nothing(drift)


def test_delivered_and_not_booked_in_counts_sooner(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    bench.changes("complete")
    state = bench.state()
    delivered = tuple(
        s.model_copy(update={"delivered_at": bench.clock.now()}) for s in state.shipments
    )
    bench.returns.states["example", RETURN_ID] = state.model_copy(update={"shipments": delivered})
    nothing(drift.later(hours=47))
    found = only(drift.later(hours=1), PORTAL)
    assert found.cause == "delivered, and not booked in by the warehouse"


def test_received_and_not_processed(bench: Bench, drift: DriftBench) -> None:
    bench.redo.settings = RedoSettings(processing_seconds=1_000_000)
    bench.approve()
    bench.receive(bench.external_returns()[0].id)
    bench.poll()
    state = bench.state()
    unsent = tuple(b.model_copy(update={"outcome": ""}) for b in state.batches)
    assert unsent
    bench.returns.states["example", RETURN_ID] = state.model_copy(update={"batches": unsent})
    found = only(drift.later(), PORTAL)
    assert found.kind == "returns.received_not_processed"
    assert found.says["mintsoft"] == "3 received"


def test_a_receipt_that_the_hub_did_not_take(bench: Bench, drift: DriftBench) -> None:
    bench.approve()
    bench.receive(bench.external_returns()[0].id)
    found = only(drift.later(), WAREHOUSE)
    assert (found.kind, found.units) == ("returns.receipt_not_taken", 3)
    bench.poll()
    nothing(drift.later())


def proven(bench: Bench) -> None:
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.capabilities.put("example", Capabilities(returns_list=True))


def test_a_record_that_the_warehouse_changed_afterwards(bench: Bench, drift: DriftBench) -> None:
    proven(bench)
    bench.approve()
    made = bench.external_returns()[0].id
    bench.receive(made)
    bench.poll()
    nothing(drift.later())
    bench.receive(made, ("TEE", 1), ("MUG", 1), ("CAP", 1))
    found = only(drift.later(), WAREHOUSE)
    assert (found.kind, found.units) == ("returns.units_differ", 2)
    assert dict(found.says) == {"mintsoft": "1 x CAP, 1 x TEE", "hub": "0 x CAP, 2 x TEE"}


def test_a_record_with_a_marker_that_is_on_no_timeline(bench: Bench, drift: DriftBench) -> None:
    proven(bench)
    bench.approve()
    drift.later()
    bench.returns.links.clear()
    found = only(drift, WAREHOUSE)
    assert found.kind == "returns.external_return_unknown"
    assert found.says["hub"] == "no return of it"


def test_a_record_of_somebody_elses_is_not_ours(bench: Bench, drift: DriftBench) -> None:
    proven(bench)
    bench.mintsoft.make_return([{"sku": "TEE", "quantity": 1}], client_id=12, warehouse_id=3)
    nothing(drift.later(), WAREHOUSE)


def test_more_than_a_look_reads_is_said_and_what_was_read_counts(
    bench: Bench, drift: DriftBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns_warehouse, "MOST_READ", 0)
    bench.approve()
    with pytest.raises(Retryable, match="more external returns"):
        drift.later().seen(WAREHOUSE)


def test_returns_are_not_compared_where_the_file_says_so(bench: Bench) -> None:
    bench.file = merchant_file(drift={"returns": False})
    for name in (PORTAL, WAREHOUSE, MARKET, CREDITS):
        with pytest.raises(AssertionError, match="does not apply"):
            DriftBench(bench).seen(name)


# -- the marketplace's ------------------------------------------------------------------------


def rma_drift(bench: RmaBench) -> DriftBench:
    return DriftBench(bench, market=bench.market)


def test_an_rma_that_was_fetched_shows_nothing(bench: Bench) -> None:
    rmas = RmaBench().announced()
    nothing(rma_drift(rmas).later(), MARKET)


def test_an_rma_that_was_not_fetched() -> None:
    rmas = RmaBench()
    rmas.rmas.put(rma(position(1, quantity=2)))
    found = only(rma_drift(rmas).later(), MARKET)
    assert (found.kind, found.units) == ("returns.rma_not_taken", 2)
    assert dict(found.says) == {"miinto": "pending", "hub": "never seen"}


@pytest.mark.parametrize(
    ("reject", "there", "shows"),
    [(False, "declined", True), (True, "accepted", True), (False, "accepted", False)],
)
def test_an_rma_that_somebody_decided_otherwise(reject: bool, there: str, shows: bool) -> None:
    rmas = RmaBench().announced()
    state = rmas.rma_state()
    line: Any = {"line_id": "811", "sku": "TEE", "restock": True, "reject": reject}
    batch: Any = {"number": 1, "receipt": "r", "lines": (line,), "outcome": "processed"}
    content = state.model_dump() | {"batches": (batch,)}
    rmas.returns.states["example", state.return_id] = type(state).model_validate(content)
    decided: Any = {there: ("811",)}
    rmas.rmas.settle(DENMARK, RMA_ID, **decided)
    found = rma_drift(rmas).later().seen(MARKET)
    assert [f.kind for f in found] == (["returns.rma_decided_otherwise"] if shows else [])
    if shows:
        assert dict(found[0].says) == {
            "miinto": there,
            "hub": "declined" if reject else "accepted",
        }


def test_a_shop_whose_list_does_not_end_fails_the_comparison() -> None:
    rmas = RmaBench()
    rmas.rmas.down[DENMARK] = Retryable("miinto.away", "Miinto is away")
    with pytest.raises(Retryable):
        rma_drift(rmas).later().seen(MARKET)


# -- refunds and credit notes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("refund_home", "returns.refund_not_told"),
        ("credit_note", "returns.no_credit_note"),
        ("hold", None),
    ],
)
def test_what_is_overdue(bench: Bench, kind: str, wanted: str | None) -> None:
    bench.file = merchant_file(
        miinto={
            "shops": [{"id": DENMARK, "warehouse": 3}],
            "refunds": {"mode": "live", "to": "queue"},
        }
    )
    bench.approve()
    noted(bench, DueSet(due_kind=kind, subject="1", at=bench.clock.now()))
    drift = DriftBench(bench)
    nothing(drift.later(minutes=59), CREDITS)
    found = drift.later(minutes=2).kinds(CREDITS)
    assert found == ([wanted] if wanted else [])
    noted(bench, Parked(flow="x", parked_id="x/1", code="x.y", reason="odd", beside=True))
    nothing(drift, CREDITS)


def refund_of(position: str, units: int) -> Refund:
    """A refund of one position, of 199 kroner a unit."""
    return Refund(
        merchant="example",
        refund_id=f"{RETURN_ID}-r{position}",
        return_id=RETURN_ID,
        shop=DENMARK,
        market="DK",
        order_id=1,
        parent_order_id="2",
        order_number="MI-1",
        currency="DKK",
        lines=(RefundLine(sku="TEE", quantity=units, amount_minor=None, position=position),),
        total_minor=19900 * units,
        reason="goods_accepted",
        accepted_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )


def test_an_overdue_refund_tells_its_own_units_and_worth(bench: Bench) -> None:
    bench.file = merchant_file(
        miinto={
            "shops": [{"id": DENMARK, "warehouse": 3}],
            "refunds": {"mode": "live", "to": "queue"},
        }
    )
    bench.approve()
    line = LineToProcess(line_id="811", sku="TEE", restock=True, reject=False)
    noted(
        bench,
        LinesCommitted(batch=1, receipt="41@1", lines=(line,)),
        RefundCommitted(refund=refund_of("812", 1), targets=("bus",)),
        RefundCommitted(refund=refund_of("811", 2), targets=("queue",)),
        DueSet(due_kind="refund_home", subject="1", at=bench.clock.now()),
        DueSet(due_kind="refund_home", subject="by-hand-r1", at=bench.clock.now()),
    )

    of_batch, by_hand = DriftBench(bench).later().seen(CREDITS)

    assert of_batch.subject == f"return {RETURN_ID}, batch 1"
    assert of_batch.says == {"miinto": "accepted", "queue": "not told"}
    assert (of_batch.units, of_batch.value, of_batch.currency) == (2, Decimal(398), "DKK")
    assert by_hand.subject == f"return {RETURN_ID}, by-hand-r1"
    assert by_hand.says == {"miinto": "accepted", "bus": "not told"}
    assert (by_hand.units, by_hand.value) == (1, Decimal(199))


def test_a_portal_that_does_not_know_the_return_any_more_stops_nothing(
    bench: Bench, drift: DriftBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise Permanent("redo.unknown_return", "not there")

    world = drift.later().world()
    monkeypatch.setattr(type(world.world.portal), "read_return", gone)
    nothing(drift, PORTAL)
