"""A dashboard with something of everything on it, and a page of all its widgets.

``python -m tests.support.widget_samples FILE [--theme dark] [--width 720]`` writes the page, to be
looked at in a browser.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from returns_hub.domain.audit import Act
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.domain.facts import (
    CarrierDelivered,
    CommentAdded,
    DueSet,
    Event,
    ExternalReturnMade,
    Fact,
    LinesCommitted,
    LinesProcessed,
    OperatorActed,
    Parked,
    ReceiptTaken,
    Seen,
    ShipmentsPlanned,
)
from returns_hub.domain.matching import Finding as Row
from returns_hub.domain.matching import LineOutcome
from returns_hub.domain.overview.overview import (
    Cause,
    DriftStanding,
    Freshness,
    KeyStanding,
    Overview,
    PartnerStanding,
    StepStanding,
)
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.parked_ids import parked_batch_id
from returns_hub.domain.shipments import LeftOff, PlannedLine, PlannedShipment
from returns_hub.flows.dead_letters import READABLE
from returns_hub.flows.receive_approved_return import parse
from returns_hub.runs import receipts_asked
from tests.support.widgets import Dashboard, FakeDeadLetters
from tests.support.worlds import RETURN_ID

PAT = "arn:aws:sts::123456789012:assumed-role/Operators/pat"
BOARD = "dashboard hub-dev"
GOOD_LETTER = {
    "schema": "approved-return/1",
    "merchant": "example",
    "return_id": RETURN_ID,
    "occurred_at": "2026-03-02T08:15:00Z",
    "source": "redo_webhook",
}


def rich() -> Dashboard:
    """A dashboard on a morning on which not all is well."""
    it = Dashboard("example", "northwind")
    _overviews(it)
    _returns(it)
    for number in range(1, 74):
        it.park(number)
    it.park(
        900,
        parked_id=parked_batch_id(RETURN_ID, 1),
        flow="process_receipts",
        code="operation.unknown_outcome",
        reason="a process call had no answer and the portal still shows its lines open",
        subject=RETURN_ID,
        payload=json.dumps({"number": 1, "receipt": "r1", "lines": [{"line_id": "item1"}]}),
    )
    _letters(it)
    _findings(it)
    _acts(it)
    return it


def _overviews(it: Dashboard) -> None:
    now = it.clock.now()

    def ago(**by: float) -> timedelta:
        return timedelta(**by)

    def fresh(
        job: str, flow: str, every: int, minutes: float, new: float, failing: str = ""
    ) -> Freshness:
        return Freshness(
            job=job,
            flow=flow,
            every_seconds=every,
            succeeded_at=now - ago(minutes=minutes),
            new_record_at=now - ago(minutes=new),
            failing=failing,
        )

    steps = (
        (Step.ANNOUNCE, 12, ago(minutes=9), "812.40"),
        (Step.TRANSIT, 318, ago(days=11, hours=4), "21904.00"),
        (Step.BOOKING_IN, 41, ago(days=4, hours=2), "3120.75"),
        (Step.DECISION, 6, ago(hours=7), "402.00"),
        (Step.PROCESSING, 0, None, "0"),
        (Step.CHECKING, 23, ago(hours=3), "1808.10"),
        (Step.PERSON, 74, ago(days=2, hours=5), "5210.00"),
    )
    it.overviews.keep(
        Overview(
            merchant="example",
            at=now - ago(minutes=2),
            config_version=7,
            mode="live",
            freshness=(
                fresh("poll_mintsoft", "process_receipts", 300, 2, 14),
                fresh("catch_up_redo", "catch_up", 300, 27, 130, "redo.unavailable"),
                fresh("watch_returns", "watch_returns", 300, 4, 64),
                fresh("unleashed_sync", "stock", 900, 22, 41),
                fresh("drift_report", "drift_report", 86400, 900, 900),
                Freshness(job="wair_sync", flow="wair_feed", every_seconds=3600, since=now),
            ),
            steps=tuple(
                StepStanding(
                    step=step,
                    count=count,
                    oldest_since=None if oldest is None else now - oldest,
                    oldest_return=RETURN_ID if count else "",
                    value={"GBP": Decimal(value)} if count else {},
                    unvalued=3 if step is Step.TRANSIT else 0,
                )
                for step, count, oldest, value in steps
            ),
            past_clock=4,
            causes=(
                Cause(
                    code="mintsoft.unknown_sku",
                    flow="create_external_return",
                    count=73,
                    oldest=now - ago(days=2),
                ),
                Cause(
                    code="operation.unknown_outcome",
                    flow="process_receipts",
                    count=1,
                    oldest=now - ago(hours=5),
                    example=parked_batch_id(RETURN_ID, 1),
                ),
            ),
            partners=(
                PartnerStanding(partner="redo", closed_since=now - ago(minutes=25)),
                PartnerStanding(partner="mintsoft"),
                PartnerStanding(
                    partner="unleashed", calls_used=143_200, calls_limit=200_000, forecast=1.08
                ),
            ),
            keys=(
                KeyStanding(name="redo", ends_at=now + ago(days=120)),
                KeyStanding(name="mintsoft", ends_at=now + ago(hours=60)),
                KeyStanding(name="unleashed"),
            ),
            drift=DriftStanding(
                looked_at=now - ago(hours=5), open=214, value={"GBP": Decimal("9120.55")}
            ),
        )
    )
    it.overviews.keep(
        Overview(
            merchant="northwind",
            at=now - ago(minutes=2),
            config_version=2,
            mode="shadow",
            freshness=(fresh("poll_mintsoft", "process_receipts", 300, 3, 600),),
            steps=(
                StepStanding(
                    step=Step.TRANSIT,
                    count=9,
                    oldest_since=now - ago(days=2),
                    oldest_return="nw1",
                    value={"EUR": Decimal("640.00")},
                ),
            ),
            partners=(PartnerStanding(partner="redo"), PartnerStanding(partner="mintsoft")),
            drift=DriftStanding(looked_at=now - ago(hours=5)),
        )
    )


def story_of(it: Dashboard, return_id: str, facts: Sequence[tuple[Fact, str, str]]) -> None:
    """A return's timeline, an event every 20 minutes; each fact with its rule and actor."""
    state = it.returns.load("example", return_id)
    begun = it.clock.now() - timedelta(minutes=20 * len(facts))
    events = [
        Event(
            sequence=number,
            at=begun + timedelta(minutes=20 * number),
            actor=actor,
            rule=rule,
            config_version=7 if actor == "hub" else 0,
            fact=fact,
        )
        for number, (fact, rule, actor) in enumerate(facts, start=1)
    ]
    it.returns.append(state, events)


def _returns(it: Dashboard) -> None:
    now = it.clock.now()
    lines = (
        PlannedLine(line_id="item1", sku="TEE", quantity=2, reason_id=1, reason_mapped=True),
        PlannedLine(line_id="item2", sku="MUG", quantity=1, reason_id=2, reason_mapped=True),
    )
    shipment = PlannedShipment(
        key="sg_one",
        warehouse_id=3,
        reference="RH-5501",
        lines=lines,
        carrier="RoyalMail",
        tracking="RM123456785GB",
    )
    off = (LeftOff(line_id="item3", sku="GIFT", reason="the customer keeps it"),)
    committed = (
        LineToProcess(line_id="item1", sku="TEE", restock=True),
        LineToProcess(line_id="item2", sku="MUG", restock=False, amount=Decimal("4.50")),
    )
    batch_id = parked_batch_id(RETURN_ID, 1)
    hub = "hub"
    story_of(
        it,
        RETURN_ID,
        (
            (
                Seen(
                    source="redo_webhook",
                    return_type="return",
                    status="open",
                    portal_updated_at=now - timedelta(hours=5),
                    order_names=("#5501",),
                    value=Decimal("63.90"),
                    currency="GBP",
                ),
                "plan shipments",
                hub,
            ),
            (ShipmentsPlanned(shipments=(shipment,), left_off=off), "plan shipments", hub),
            (
                ExternalReturnMade(shipment="sg_one", external_return_id=48123, how="sent"),
                "one external return per shipment",
                hub,
            ),
            (CommentAdded(about="sg_one"), "tell the portal", hub),
            (
                CarrierDelivered(shipment="sg_one", at=now - timedelta(hours=3), source="carrier"),
                "follow the parcel",
                hub,
            ),
            (DueSet(due_kind="not_booked_in", subject="sg_one", at=now), "clocks", hub),
            (
                ReceiptTaken(
                    external_return_id=48123,
                    receipt="48123/2",
                    units={"TEE": 2, "MUG": 1},
                    decision="process",
                    policy="default/3",
                    note="the mug is chipped: refunded in part",
                    findings=(
                        Row(
                            sku="MUG",
                            line_id="item2",
                            expected=1,
                            received=1,
                            outcome=LineOutcome.MATCHED,
                            detail="1 unit is faulty",
                        ),
                    ),
                ),
                "all goods came",
                hub,
            ),
            (LinesCommitted(batch=1, receipt="48123/2", lines=committed), "process", hub),
            (
                Parked(
                    flow="process_receipts",
                    parked_id=batch_id,
                    code="operation.unknown_outcome",
                    reason="a process call had no answer and the portal still shows its lines open",
                    subject="batch-1",
                ),
                "a person is asked",
                hub,
            ),
        ),
    )
    story_of(
        it,
        "66aa01f0c0ffee0000000002",
        (
            (
                Seen(
                    source="catch_up",
                    return_type="return",
                    status="open",
                    portal_updated_at=now - timedelta(hours=9),
                    order_names=("#5502",),
                ),
                "plan shipments",
                hub,
            ),
            (ShipmentsPlanned(shipments=(shipment,)), "plan shipments", hub),
            (
                ExternalReturnMade(shipment="sg_one", external_return_id=48200, how="looked_up"),
                "one external return per shipment",
                hub,
            ),
            (CommentAdded(about="sg_one"), "tell the portal", hub),
            (LinesCommitted(batch=1, receipt="48200/1", lines=committed[:1]), "process", hub),
            (
                OperatorActed(act="comment", subject="request 1", note="told the team"),
                "by hand",
                PAT,
            ),
            (LinesProcessed(batch=1, how="sent"), "the portal took the batch", hub),
        ),
    )


def _letters(it: Dashboard) -> None:
    now = it.clock.now()
    approved = FakeDeadLetters("approved-returns", parse)
    approved.put(GOOD_LETTER, now - timedelta(hours=2), "0b5c2a9e-0000-4000-8000-000000000001")
    approved.put(
        GOOD_LETTER | {"return_id": "", "customer": "kept hidden"},
        now - timedelta(hours=3),
        "0b5c2a9e-0000-4000-8000-000000000002",
    )
    receipts = FakeDeadLetters("poll-mintsoft", receipts_asked)
    it.queues += [approved, receipts]
    assert READABLE


def _findings(it: Dashboard) -> None:
    now = it.clock.now()
    rows = [
        Finding(
            Difference(
                kind="stock.mintsoft_unleashed",
                subject=f"TEE-RED-{size} @ WH-1",
                says={"mintsoft": 14 + number, "unleashed": 9},
                units=5 + number,
                value=Decimal(60 + 13 * number),
                currency="GBP",
                cause="a despatch that Unleashed was not told of",
                mend="hub unleashed plan example stock",
            ),
            Standing.RECURRING if number % 2 else Standing.NEW,
            now - timedelta(days=number + 1),
            now - timedelta(hours=5),
            looks=3,
            returned=number % 2,
        )
        for number, size in enumerate(("S", "M", "L", "XL"))
    ]
    look = Look(
        at=now - timedelta(hours=5),
        counted={"stock.mintsoft_unleashed": 4},
        value={"GBP": Decimal("318.00")},
        failed={"orders": "unleashed did not answer in time"},
    )
    it.findings.keep("example", look, rows)


def _acts(it: Dashboard) -> None:
    now = it.clock.now()
    rows = (
        ("parked replay", "done", "replayed", PAT, "hub", "", 12),
        (
            "parked discard",
            "done",
            "discarded",
            "dashboard hub-dev",
            "dashboard",
            "refunded by hand",
            55,
        ),
        ("config apply", "done", "version 7 is live", PAT, "hub", "new warehouse", 300),
        ("dlq replay", "failed", "SQS did not answer", BOARD, "dashboard", "", 900),
    )
    for number, (verb, outcome, told, who, through, note, minutes) in enumerate(rows):
        it.audit.record(
            Act.model_validate(
                {
                    "act_id": f"act-{number}",
                    "at": now - timedelta(minutes=minutes),
                    "who": who,
                    "through": through,
                    "verb": verb,
                    "merchant": "example",
                    "subject": f"create_external_return/ret{number:05d}/s1",
                    "return_id": RETURN_ID if number == 0 else "",
                    "note": note,
                    "outcome": outcome,
                    "told": told,
                }
            )
        )


VIEWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Summary", {"widget": "summary"}),
    ("Freshness", {"widget": "freshness"}),
    ("Money line", {"widget": "money_line", "merchant": "example"}),
    ("Needs a person", {"widget": "needs_person"}),
    (
        "Parked, one item",
        {"widget": "parked", "merchant": "example", "parked_id": parked_batch_id(RETURN_ID, 1)},
    ),
    ("Dead letters", {"widget": "dead_letters"}),
    ("Dead letters of a queue", {"widget": "dead_letters", "queue": "approved-returns"}),
    (
        "One dead letter",
        {
            "widget": "dead_letters",
            "queue": "approved-returns",
            "message_id": "0b5c2a9e-0000-4000-8000-000000000001",
        },
    ),
    ("Search", {"widget": "find", "merchant": "example", "words": "TEE"}),
    ("Story", {"widget": "find", "merchant": "example", "return_id": RETURN_ID}),
    ("Drift", {"widget": "drift"}),
    ("Drift of a merchant", {"widget": "drift", "merchant": "example"}),
    ("Recent actions", {"widget": "recent_actions"}),
    ("Partners", {"widget": "partners"}),
    ("Cost", {"widget": "cost"}),
    (
        "Parked, one cause",
        {
            "widget": "parked",
            "merchant": "example",
            "flow": "create_external_return",
            "code": "mintsoft.unknown_sku",
        },
    ),
    ("An error", {"widget": "parked", "merchant": "nobody", "flow": "x"}),
)


def as_page(theme: str, width: int, first: int = 0) -> str:
    """Every view of the rich dashboard, below each other, as cards of this width."""
    it = rich()
    dark = theme == "dark"
    card = "#161d26" if dark else "#fff"
    ground = "#0f141a" if dark else "#eef0f3"
    ink = "#b8c2ce" if dark else "#414d5c"
    shown = "".join(
        f"<section><h2>{title}</h2>{it.show(context={'theme': theme}, **params)}</section>"
        for title, params in VIEWS[first:]
    )
    return (
        f"<!doctype html><meta charset=utf-8><style>body{{background:{ground};margin:16px;"
        f"display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start}}section{{background:{card};"
        f"border-radius:10px;padding:12px 16px;width:{width}px;box-sizing:border-box}}"
        f"h2{{font:600 14px system-ui;color:{ink};margin:0 0 8px}}</style>{shown}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=720)
    parser.add_argument("--first", type=int, default=0, help="leave out the views before it")
    given = parser.parse_args()
    given.file.write_text(as_page(given.theme, given.width, given.first), encoding="utf-8")


if __name__ == "__main__":
    main()
