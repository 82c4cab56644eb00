"""The store of findings: what looks for drift rely on, in memory and in DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.errors import Retryable
from tests.contract.conftest import Stores
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import START, TestClock

DAY = timedelta(days=1)
LOOK = Look(at=START)


def finding(subject: str, kind: str = "stock.a", **changes: Any) -> Finding:
    difference = Difference(kind, subject, {"mintsoft": 5, "unleashed": None, "map": "é"})
    base = Finding(difference, Standing.NEW, START, START, told_at=START)
    return replace(base, **changes)


def resolved(subject: str, at: Any = START, **changes: Any) -> Finding:
    return finding(subject, standing=Standing.RESOLVED, resolved_at=at, **changes)


def subjects(found: Any) -> list[str]:
    return [each.difference.subject for each in found]


def test_nothing_is_known_before_the_first_look(stores: Stores) -> None:
    assert list(stores.findings.open_findings("example")) == []
    assert list(stores.findings.resolved_since("example", START - DAY)) == []
    assert list(stores.findings.looks("example")) == []
    assert stores.findings.last_look("example") is None


def test_a_finding_comes_back_as_it_was_kept(stores: Stores) -> None:
    difference = Difference(
        kind="returns.units_differ",
        subject="ret_1",
        says={"redo": 2, "mintsoft": "1", "hub": None},
        units=1,
        value=Decimal("19.90"),
        currency="GBP",
        since=START - DAY,
        cause="one unit did not come",
        mend="hub returns explain example ret_1",
        confirm=False,
    )
    kept = Finding(
        difference, Standing.RECURRING, START, START + DAY, 7, START, START - DAY, returned=1
    )
    stores.findings.keep("example", LOOK, [kept])
    assert list(stores.findings.open_findings("example")) == [kept]


def test_a_look_comes_back_as_it_was_kept(stores: Stores) -> None:
    look = Look(
        at=START,
        kinds=frozenset({"stock.a", "lint.b"}),
        failed={"stock.wair": "the token was refused"},
        counted={"stock.a": 3},
        units={"stock.a": 9},
        value={"GBP": Decimal("0.10")},
        suspected={"stock.a": 1},
        beyond={"stock.a": 2},
        apart={"parked": 4},
    )
    stores.findings.keep("example", look, [])
    assert stores.findings.last_look("example") == look


def test_areas_and_merchants_are_told_apart(stores: Stores) -> None:
    both = [finding("A"), finding("B", "returns.b"), finding("C", "stocks.c")]
    stores.findings.keep("example", LOOK, both)
    stores.findings.keep("example-2", LOOK, [finding("D")])
    assert subjects(stores.findings.open_findings("example", "stock")) == ["A"]
    assert sorted(subjects(stores.findings.open_findings("example"))) == ["A", "B", "C"]
    assert subjects(stores.findings.open_findings("example-2")) == ["D"]


def test_many_are_read_to_the_end(stores: Stores) -> None:
    many = [finding(f"S{number}") for number in range(60)]
    stores.findings.keep("example", LOOK, many)
    assert len(list(stores.findings.open_findings("example"))) == 60


def test_a_resolved_one_leaves_the_open_ones_and_comes_back(stores: Stores) -> None:
    stores.findings.keep("example", LOOK, [finding("A"), finding("B")])
    stores.findings.keep("example", LOOK, [resolved("A", START + DAY)])
    assert subjects(stores.findings.open_findings("example")) == ["B"]
    assert subjects(stores.findings.resolved_since("example", START)) == ["A"]

    back = finding("A", resolved_at=START + DAY, returned=1)
    stores.findings.keep("example", LOOK, [back])
    assert sorted(subjects(stores.findings.open_findings("example"))) == ["A", "B"]
    assert subjects(stores.findings.resolved_since("example", START)) == []


def test_resolved_ones_are_given_from_a_moment_on_the_last_first(stores: Stores) -> None:
    rows = [resolved(f"S{number}", START + number * DAY) for number in range(5)]
    stores.findings.keep("example", LOOK, rows)
    found = stores.findings.resolved_since("example", START + 2 * DAY)
    assert subjects(found) == ["S4", "S3", "S2"]


def test_what_is_forgotten_is_gone(stores: Stores) -> None:
    gone = finding("A", standing=Standing.SUSPECTED)
    stores.findings.keep("example", LOOK, [gone, finding("B")])
    stores.findings.keep("example", LOOK, [], [gone.id])
    assert subjects(stores.findings.open_findings("example")) == ["B"]


def test_looks_are_given_the_last_first_and_not_more_than_asked_for(stores: Stores) -> None:
    for number in range(5):
        stores.findings.keep("example", Look(at=START + number * DAY), [])
    found = [look.at for look in stores.findings.looks("example", 2)]
    assert found == [START + 4 * DAY, START + 3 * DAY]


def test_the_look_is_written_last_so_that_one_cut_off_did_not_happen(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    dynamodb.findings.keep("example", LOOK, [finding(f"S{n}") for n in range(26)])
    assert dynamodb.requests == ["BatchWriteItem", "BatchWriteItem", "PutItem"]


def test_only_resolved_findings_and_looks_have_an_end(dynamodb: Stores) -> None:
    dynamodb.findings.keep("example", LOOK, [finding("A"), resolved("B")])
    rows = dynamodb.client.scan(TableName="FindingsTable")["Items"]
    ends = {row["pk"]["S"]: int(row.get("expires_at", {"N": "0"})["N"]) for row in rows}
    in_400_days = int((START + 400 * DAY).timestamp())
    assert ends == {
        "example#open": 0,
        "example#resolved": in_400_days,
        "example#looks": in_400_days,
    }


def test_what_dynamodb_did_not_take_is_sent_again_and_given_up_in_the_end(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = simulated.client.batch_write_item, [2]

    def busy(*, RequestItems: Any) -> Any:
        if refused[0]:
            refused[0] -= 1
            return {"UnprocessedItems": RequestItems}
        return real(RequestItems=RequestItems)

    monkeypatch.setattr(simulated.client, "batch_write_item", busy)
    simulated.findings.keep("example", LOOK, [finding("A")])
    assert subjects(simulated.findings.open_findings("example")) == ["A"]

    refused[0] = 99
    with pytest.raises(Retryable):
        simulated.findings.keep("example", Look(at=START + DAY), [finding("B")])
    assert simulated.findings.last_look("example") == LOOK


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_keep_of_which_dynamodb_takes_only_a_part_loses_no_finding(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    """The requests of one batch are carried out in no order: what is taken away goes by itself."""
    before, after = finding("A"), resolved("A", START + DAY)
    if comes_back:
        before, after = after, finding("A", resolved_at=START + DAY, returned=1)
    simulated.findings.keep("example", LOOK, [before])
    really = simulated.client.batch_write_item

    def no_puts(*, RequestItems: Any) -> Any:
        (wanted,) = RequestItems.values()
        gone = [one for one in wanted if "DeleteRequest" in one]
        if gone:
            really(RequestItems={"FindingsTable": gone})
        left = [one for one in wanted if "PutRequest" in one]
        return {"UnprocessedItems": {"FindingsTable": left} if left else {}}

    monkeypatch.setattr(simulated.client, "batch_write_item", no_puts)
    with pytest.raises(Retryable):
        simulated.findings.keep("example", replace(LOOK, at=START + DAY), [after])
    monkeypatch.undo()

    known = {*subjects(simulated.findings.open_findings("example"))}
    known |= {*subjects(simulated.findings.resolved_since("example", START))}
    assert known == {"A"}


def test_a_keep_that_is_cut_off_loses_no_finding(
    tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is resolved is written there before it is taken away here."""
    clock = TestClock()
    client: Any = InMemoryDynamoDb(tables, now=lambda: clock.now().timestamp())
    store = DynamoDbFindings(client, "FindingsTable", clock)
    many = [finding(f"{number:02d}") for number in range(20)]
    store.keep("example", LOOK, many)
    calls: list[int] = []
    really = client.batch_write_item

    def once(**parameters: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise RuntimeError("cut off")
        return really(**parameters)

    monkeypatch.setattr(client, "batch_write_item", once)
    later = replace(LOOK, at=START + DAY)
    gone = [resolved(one.difference.subject, later.at) for one in many]
    with pytest.raises(RuntimeError):
        store.keep("example", later, gone)
    known = {*subjects(store.open_findings("example"))}
    known |= {*subjects(store.resolved_since("example", START))}
    assert known == {*subjects(many)}
