"""Plans compared, held against the ledger, and kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.ledger_book import DynamoDbLedgerBook
from returns_hub.adapters.dynamodb.plans import PART, DynamoDbPlans
from returns_hub.domain.operations import OperationState
from returns_hub.domain.plans import (
    Plan,
    PlanRow,
    Standing,
    about_of,
    check_plan,
    difference,
    kind_of,
    plan_id_of,
)
from returns_hub.errors import Permanent, Retryable
from tests.simulation.watched import tables
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=3)
PROCESS = PlanRow(
    does="update", partner="redo", key="process/example/r1/1", about="r1", content="aa"
)
COMMENT = PlanRow(
    does="create", partner="redo", key="comment/example/r1/announced/a", about="r1", content="bb"
)
PARK = PlanRow(does="park", partner="hub", key="process_receipts/r2", code="decision.ask")


def plan(*rows: PlanRow, **more: Any) -> Plan:
    given: dict[str, Any] = {"merchant": "example", "job": "poll_mintsoft", "at": AT}
    given |= {"config_version": 3, "rows": rows} | more
    return Plan(plan_id=plan_id_of(given["merchant"], given["job"], given["at"]), **given)


def confirmed(row: PlanRow, at: datetime = LATER) -> Standing:
    return Standing(key=row.key, state=OperationState.CONFIRMED, settled_at=at, partner_id="7")


def test_two_plans_of_the_same_work_do_not_differ() -> None:
    one, other = plan(PROCESS, PARK), plan(PARK, PROCESS, at=LATER)
    assert difference(one, other).is_none


def test_what_another_plan_does_differently_is_told() -> None:
    changed = PROCESS.model_copy(update={"content": "cc"})
    found = difference(plan(PROCESS, PARK), plan(changed, COMMENT))
    assert found.gone == (PARK,)
    assert found.new == (COMMENT,)
    assert found.changed == ((PROCESS, changed),)
    twice = difference(plan(PARK), plan(PARK, PARK))
    assert twice.new == (PARK,)


def test_a_batch_of_a_feed_is_the_same_whenever_it_is_opened() -> None:
    rows = [
        PlanRow(does="update", partner="wair", key=f"feed/example/{at}-3/stock/1/1")
        for at in ("20260302T090000Z", "20260302T090500Z")
    ]
    assert difference(plan(rows[0]), plan(rows[1])).is_none
    check = check_plan(plan(rows[0]), {}, [confirmed(rows[1])])
    assert check.is_exact


def test_a_plan_that_was_carried_out_is_exact() -> None:
    found = check_plan(plan(PROCESS, PARK), {PROCESS.key: confirmed(PROCESS)}, [])
    assert found.is_exact
    assert [(one.outcome, one.partner_id) for one in found.checked] == [("done", "7")]


@pytest.mark.parametrize(
    ("stands", "outcome"),
    [
        (None, "not_done"),
        (Standing(key=PROCESS.key, state=OperationState.RELEASED, reason="closed"), "not_done"),
        (Standing(key=PROCESS.key, state=OperationState.REJECTED, reason="no"), "refused"),
        (Standing(key=PROCESS.key, state=OperationState.CLAIMED), "in_work"),
        (confirmed(PROCESS, AT - timedelta(seconds=1)), "not_done"),
    ],
)
def test_what_was_not_done_as_planned_is_told_with_its_reason(
    stands: Standing | None, outcome: str
) -> None:
    ledger = {} if stands is None else {PROCESS.key: stands}
    found = check_plan(plan(PROCESS), ledger, [])
    assert not found.is_exact
    assert found.checked[0].outcome == outcome
    assert found.checked[0].why


def test_what_was_done_beyond_a_plan_is_told_and_other_jobs_are_not() -> None:
    ledger = {PROCESS.key: confirmed(PROCESS)}
    others = Standing(
        key="feed/example/20260302T090000Z-1/stock/1/1",
        state=OperationState.CONFIRMED,
        settled_at=LATER,
    )
    since = [confirmed(PROCESS), confirmed(COMMENT), others]
    found = check_plan(plan(PROCESS), ledger, since)
    assert [one.key for one in found.beyond] == [COMMENT.key]
    assert not found.is_exact
    unknown = check_plan(plan(PROCESS), ledger, None)
    assert not unknown.beyond_known
    assert not unknown.is_exact


def test_a_write_of_a_flow_of_the_erp_is_beyond_a_plan_that_had_none() -> None:
    made = Standing(
        key="sync/unleashed.orders/example/SO-1/order",
        state=OperationState.CONFIRMED,
        settled_at=LATER,
    )
    found = check_plan(plan(job="unleashed_sync"), {}, [made, confirmed(COMMENT)])
    assert [one.key for one in found.beyond] == [made.key]
    assert not found.is_exact


def test_keys_tell_their_kind_and_what_they_are_about() -> None:
    assert (kind_of(PROCESS.key), about_of(PROCESS.key)) == ("process", "r1")
    step = "sync/unleashed.orders/example/SO-1/order"
    assert (kind_of(step), about_of(step)) == ("sync/unleashed.orders", "unleashed.orders/SO-1")


class Kept:
    """Tables in memory."""

    def __init__(self) -> None:
        self.client = InMemoryDynamoDb(tables(), page=3)
        client: Any = self.client
        self.plans = DynamoDbPlans(client, "FindingsTable", fakes.TestClock())
        self.book = DynamoDbLedgerBook(client, "LedgerTable", fakes.TestClock())


def test_plans_are_kept_whole_and_listed_newest_first() -> None:
    it = Kept()
    # Hashes do not pack, so that this one needs several items.
    rows = [
        PlanRow(does="skip", about=f"{number}", reason=_noise(number)) for number in range(4000)
    ]
    large, small = plan(*rows), plan(PARK, at=LATER, job="watch_returns", subject="s")
    it.plans.keep(large)
    it.plans.keep(small)
    parts = [key for key in it.client.tables["FindingsTable"].items if key[1].startswith("PART")]
    assert len(parts) > 2
    assert it.plans.load(large.plan_id) == large
    assert it.plans.load(small.plan_id) == small
    lines = it.plans.lines("example", 10)
    assert [line.plan_id for line in lines] == [small.plan_id, large.plan_id]
    assert lines[0].counts == {"park": 1}
    assert [line.job for line in it.plans.lines("example", 1)] == ["watch_returns"]
    assert it.plans.lines("other", 10) == ()
    items = it.client.tables["FindingsTable"].items.values()
    assert all(int(item["expires_at"]["N"]) < AT.timestamp() + 91 * 86400 for item in items)
    assert all(len(item.get("part", {"S": ""})["S"]) <= PART for item in items)


def test_a_plan_is_listed_once_all_of_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The requests of one batch are carried out in no order."""
    it = Kept()
    really = it.client.batch_write_item

    def no_parts(*, RequestItems: Any) -> Any:
        (wanted,) = RequestItems.values()
        parts = [one for one in wanted if "part" in one["PutRequest"]["Item"]]
        if others := [one for one in wanted if one not in parts]:
            really(RequestItems={"FindingsTable": others})
        return {"UnprocessedItems": {"FindingsTable": parts} if parts else {}}

    monkeypatch.setattr(it.client, "batch_write_item", no_parts)
    with pytest.raises(Retryable):
        it.plans.keep(plan(PARK))

    assert it.plans.lines("example", 10) == ()


def test_a_plan_that_is_not_kept_is_refused_in_words() -> None:
    with pytest.raises(Permanent, match="there is no plan example/x/1"):
        Kept().plans.load("example/x/1")


def test_the_ledger_tells_what_was_settled_since() -> None:
    it = Kept()
    for number in range(7):
        state = "CONFIRMED" if number else "CLAIMED"
        row = {"pk": f"process/example/r{number}/1", "merchant": "example", "state": state}
        if number:
            row["settled_at"] = f"2026-03-02T09:00:0{number}.000000Z"
        it.client.put_item(TableName="LedgerTable", Item={k: {"S": v} for k, v in row.items()})
    it.client.put_item(
        TableName="LedgerTable",
        Item={
            "pk": {"S": "process/other/r1/1"},
            "merchant": {"S": "other"},
            "state": {"S": "CONFIRMED"},
            "settled_at": {"S": "2026-03-02T10:00:00.000000Z"},
        },
    )
    since = it.book.settled_since("example", AT + timedelta(seconds=3))
    assert sorted(one.key for one in since) == [f"process/example/r{n}/1" for n in (3, 4, 5, 6)]
    found = list(it.book.standings(["process/example/r0/1", "process/example/r9/1"]))
    assert [(one.key, one.state) for one in found] == [
        ("process/example/r0/1", OperationState.CLAIMED)
    ]


def _noise(number: int) -> str:
    import hashlib

    return "".join(hashlib.sha256(f"{number}/{part}".encode()).hexdigest() for part in range(4))
