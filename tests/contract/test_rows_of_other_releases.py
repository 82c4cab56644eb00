"""Rows that another release wrote, or a hand: nothing is done on a guess, and none hides others."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.items import as_text, typed
from returns_hub.domain.bundles import KnownBundle
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.domain.drift.written import finding_written, look_written
from returns_hub.errors import Permanent
from tests.contract.conftest import Stores
from tests.support.fake_advice import proposal, target
from tests.support.fakes import START

LATER = START + timedelta(hours=1)
KEPT = Finding(Difference("stock.wair", "TEE @ WH-1", {"wair": 4}), Standing.NEW, START, START)


@pytest.fixture(params=["simulated", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.getfixturevalue(str(request.param))
    return made


@pytest.fixture
def findings(stores: Stores) -> DynamoDbFindings:
    made = DynamoDbFindings(stores.client, "FindingsTable", stores.clock)
    made.keep("example", Look(at=START, counted={"stock.wair": 1}), [KEPT])
    return made


@pytest.fixture
def feed(stores: Stores) -> DynamoDbFeedStore:
    return DynamoDbFeedStore(stores.client, "FeedTable", stores.clock)


def put(stores: Stores, table: str, pk: str, sk: str, **more: str | int) -> None:
    row: dict[str, str | int] = {"pk": pk, "sk": sk, **more}
    stores.client.put_item(TableName=table, Item=typed(row))


WRITTEN = finding_written(KEPT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{",
        '{"kind": "stock.wair"}',
        json.dumps(WRITTEN | {"standing": "muted"}),
        json.dumps(WRITTEN | {"first_seen": "2026-03-02T09:00:00"}),
        json.dumps(WRITTEN | {"units": "4"}),
        json.dumps(WRITTEN | {"value": "1E+3499999"}),
        json.dumps(WRITTEN | {"says": ["wair"]}),
    ],
)
def test_a_finding_that_cannot_be_read_hides_no_other(
    stores: Stores, findings: DynamoDbFindings, text: str
) -> None:
    put(stores, "FindingsTable", "example#open", "stock.wair#0", finding=text)
    put(stores, "FindingsTable", "example#open", "stock.wair#1")
    assert list(findings.open_findings("example")) == [KEPT]


def test_a_finding_of_an_older_or_newer_release_is_read(
    stores: Stores, findings: DynamoDbFindings
) -> None:
    """Fields are added; what a release did not have yet is as if it were not told."""
    names = ("kind", "subject", "standing", "first_seen", "last_seen")
    old = {name: WRITTEN[name] for name in names} | {"subject": "MUG @ WH-1"}
    new = WRITTEN | {"subject": "CAP @ WH-1", "owner": {"team": "stock"}}
    for number, row in enumerate((old, new)):
        sk = f"stock.wair#{number}"
        put(stores, "FindingsTable", "example#open", sk, finding=json.dumps(row))
    found = {one.difference.subject: one for one in findings.open_findings("example")}
    assert set(found) == {"TEE @ WH-1", "MUG @ WH-1", "CAP @ WH-1"}
    assert found["MUG @ WH-1"].looks == 1
    assert found["CAP @ WH-1"].difference.says == {"wair": 4}


def test_half_a_character_in_a_finding_is_no_text_that_a_report_fails_of(
    stores: Stores, findings: DynamoDbFindings
) -> None:
    text = json.dumps(WRITTEN | {"says": {"wair": "\ud83d"}, "subject": "CAP @ WH-1"})
    put(stores, "FindingsTable", "example#open", "stock.wair#0", finding=text)
    found = [one.difference.says for one in findings.open_findings("example")]
    assert {"wair": "\ufffd"} in found


@pytest.mark.parametrize(
    "text", ["", "{}", '{"at": 1}', json.dumps(look_written(Look(LATER)) | {"units": {"a": "b"}})]
)
def test_before_a_look_that_cannot_be_read_stands_the_one_before(
    stores: Stores, findings: DynamoDbFindings, text: str
) -> None:
    put(stores, "FindingsTable", "example#looks", as_text(LATER), look=text)
    last = findings.last_look("example")
    assert last is not None
    assert (last.at, last.counted) == (START, {"stock.wair": 1})


@pytest.mark.parametrize("packed", ["", "not base 85 \u00e9", "c$~{iNJ%#@GBkK~C9>"])
def test_what_was_told_and_cannot_be_read_is_no_guess(
    stores: Stores, feed: DynamoDbFeedStore, packed: str
) -> None:
    """Taken for nothing told, units that are no more would stay at the sink for good."""
    put(stores, "FeedTable", "m#told#stock#WH-1", "TOLD#01", told=packed)
    with pytest.raises(Permanent) as refused:
        feed.told("m", "stock", "WH-1")
    assert refused.value.code == "feed.unreadable"
    feed.keep_told("m", "stock", {"TEE": "4"}, part="WH-1", whole=True)
    assert feed.told("m", "stock", "WH-1") == {"TEE": "4"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"SET": 1}', '{"SET": [1, "v", {"TEE": "2"}, 1]}', '{"SET": [1, "v", {}, 1, 2]}'],
)
def test_bundles_that_cannot_be_read_are_not_taken_for_none(
    stores: Stores, feed: DynamoDbFeedStore, text: str
) -> None:
    put(stores, "FeedTable", "m#bundles", "BUNDLES#01", bundles=text)
    with pytest.raises(Permanent) as refused:
        feed.bundles("m")
    assert refused.value.code == "feed.unreadable"
    with pytest.raises(Permanent):
        feed.keep_bundles("m", [KnownBundle("SET-2", 2)])


@pytest.mark.parametrize("rows", ["", "{}", '[["TEE"]]', '[["TEE", "few", ""]]', '[[1, "2", ""]]'])
def test_targets_that_cannot_be_read_are_told_and_the_next_list_takes_their_place(
    stores: Stores, feed: DynamoDbFeedStore, rows: str
) -> None:
    feed.keep_targets("m", [target("MUG")], START)
    (item,) = stores.client.query(
        TableName="FeedTable",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=typed({":pk": "m#targets#1"}),
    )["Items"]
    broken: Any = item | typed({"rows": rows})
    stores.client.put_item(TableName="FeedTable", Item=broken)
    with pytest.raises(Permanent) as refused:
        list(feed.targets("m"))
    assert refused.value.code == "feed.unreadable"
    feed.keep_targets("m", [target("TEE")], LATER)
    assert [one.sku for one in feed.targets("m")] == ["TEE"]


@pytest.mark.parametrize("text", ["", "[]", '{"quantity": "few"}', '{"quantity": 2}', '{"a": "b"}'])
def test_a_proposal_that_cannot_be_read_hides_no_other(
    stores: Stores, feed: DynamoDbFeedStore, text: str
) -> None:
    feed.keep_proposals("m", [proposal("P-1")], START)
    more: dict[str, str | int] = {"proposal": text, "expires_at": 9_999_999_999}
    put(stores, "FeedTable", "m#proposals", f"{as_text(LATER)}#0", **more)
    assert [one.reference for one in feed.proposals("m", 1)] == ["P-1"]
