"""What was told last is kept: in memory, in the simulation's DynamoDB, and in moto's."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb import told_rows
from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.adapters.dynamodb.items import MOST_BYTES
from returns_hub.errors import Permanent
from tests.contract.conftest import Stores
from tests.support.feed_worlds import FakeFeedStore
from tests.support.power import Mains, Power, PowerCut


@pytest.fixture
def kept(stores: Stores) -> Any:
    """One store of each kind."""
    if stores.client is None:
        return FakeFeedStore()
    return DynamoDbFeedStore(stores.client, "FeedTable", stores.clock)


def over(stores: Stores) -> Any:
    return DynamoDbFeedStore(stores.client, "FeedTable", stores.clock)


def test_nothing_was_told_first(kept: Any) -> None:
    assert kept.told("m", "stock", "WH-1") == {}


def test_rows_are_kept_beside_those_before(kept: Any) -> None:
    kept.keep_told("m", "stock", {"TEE": "1", "MÜG \U0001f600": "2"}, part="WH-1")
    kept.keep_told("m", "stock", {"TEE": "3", "CAP": "4"}, part="WH-1")
    assert kept.told("m", "stock", "WH-1") == {"TEE": "3", "MÜG \U0001f600": "2", "CAP": "4"}


def test_sets_parts_and_merchants_are_apart(kept: Any) -> None:
    for merchant, name, part in (
        ("m", "stock", "WH-1"),
        ("m", "stock", "WH-2"),
        ("m", "stock", ""),
        ("m", "reserved", "WH-1"),
        ("n", "stock", "WH-1"),
    ):
        kept.keep_told(merchant, name, {"TEE": f"{merchant}{name}{part}"}, part=part)
    assert kept.told("m", "stock", "WH-1") == {"TEE": "mstockWH-1"}
    assert kept.told("m", "stock") == {"TEE": "mstock"}
    assert kept.told("m", "reserved", "WH-1") == {"TEE": "mreservedWH-1"}
    assert kept.told("n", "stock", "WH-1") == {"TEE": "nstockWH-1"}


def test_what_is_gone_is_forgotten_and_what_is_told_again_is_not(kept: Any) -> None:
    kept.keep_told("m", "items", {"TEE": "1", "MUG": "2"})
    kept.keep_told("m", "items", {"CAP": "3"}, gone=["TEE", "NEVER"])
    assert kept.told("m", "items") == {"MUG": "2", "CAP": "3"}
    kept.keep_told("m", "items", {"MUG": "5"}, gone=["MUG"])
    assert kept.told("m", "items") == {"MUG": "5", "CAP": "3"}


def test_a_whole_set_is_kept_in_place_of_the_one_before(kept: Any) -> None:
    kept.keep_told("m", "items", {f"ITEM-{number}": "1" for number in range(300)})
    kept.keep_told("m", "items", {"TEE": "1"}, whole=True)
    assert kept.told("m", "items") == {"TEE": "1"}
    kept.keep_told("m", "items", {}, whole=True)
    assert kept.told("m", "items") == {}


def test_any_history_leaves_what_a_mapping_would_hold(kept: Any) -> None:
    dice = random.Random(5)
    wanted: dict[str, str] = {}
    for _ in range(12):
        rows = {f"SKU-{dice.randrange(200)}": str(dice.randrange(9)) for _ in range(40)}
        gone = {f"SKU-{dice.randrange(200)}" for _ in range(10)}
        whole = dice.random() < 0.2
        kept.keep_told("m", "stock", rows, part="WH-1", gone=gone, whole=whole)
        before = {} if whole else {k: v for k, v in wanted.items() if k not in gone}
        wanted = before | rows
        assert kept.told("m", "stock", "WH-1") == wanted


# -- DynamoDB alone ----------------------------------------------------------------------------


def test_a_hundred_thousand_rows_take_few_requests(dynamodb: Stores) -> None:
    store, dice = over(dynamodb), random.Random(3)
    rows = {f"{dice.getrandbits(60):015X}-{n % 97}": str(n % 900) for n in range(100_000)}
    store.keep_told("m", "stock", rows, part="WH-1", whole=True)
    assert dynamodb.requests == ["Query", *["BatchWriteItem"] * 3]
    sizes = [
        len(item["told"]["S"]) for item in dynamodb.client.scan(TableName="FeedTable")["Items"]
    ]
    assert max(sizes) < MOST_BYTES / 5
    dynamodb.requests.clear()
    assert store.told("m", "stock", "WH-1") == rows
    assert len(dynamodb.requests) <= 4
    dynamodb.requests.clear()
    store.keep_told("m", "stock", {"ONE": "1"}, part="WH-1")
    assert dynamodb.requests.count("BatchWriteItem") == 1


def test_a_row_expires_after_months_and_is_kept_while_it_is_told(dynamodb: Stores) -> None:
    store = over(dynamodb)
    store.keep_told("m", "stock", {"TEE": "1"}, part="WH-1")
    (item,) = dynamodb.client.scan(TableName="FeedTable")["Items"]
    ends = dynamodb.clock.now() + timedelta(days=400)
    assert int(item["expires_at"]["N"]) == int(ends.timestamp())


def test_a_bucket_that_does_not_fit_is_refused_in_words(
    dynamodb: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told_rows, "MOST_BYTES", 10)
    with pytest.raises(Permanent, match="too much to be kept"):
        over(dynamodb).keep_told("m", "stock", {"TEE": "1"}, part="WH-1")


def test_what_dynamodb_did_not_take_is_sent_again(simulated: Stores) -> None:
    really = simulated.client.batch_write_item
    asked: list[int] = []

    def some(*, RequestItems: Any) -> Any:
        ((table, writes),) = RequestItems.items()
        asked.append(len(writes))
        really(RequestItems={table: writes[:10]})
        left = writes[10:]
        return {"UnprocessedItems": {table: left} if left else {}}

    simulated.client.batch_write_item = some
    rows = {f"SKU-{number}": "1" for number in range(30)}
    over(simulated).keep_told("m", "stock", rows, part="WH-1")
    assert over(simulated).told("m", "stock", "WH-1") == rows
    assert len(asked) > 1


def test_a_keep_that_is_cut_off_leaves_each_row_as_it_was_or_should_be(simulated: Stores) -> None:
    client = simulated.client
    before = {f"SKU-{number}": "1" for number in range(300)}
    after = {f"SKU-{number}": "2" for number in range(100, 300)}
    for steps in range(8):
        over(simulated).keep_told("m", "stock", before, part="WH-1", whole=True)
        simulated.client = Mains(client, Power(steps), "batch_write_item")
        with suppress(PowerCut):
            over(simulated).keep_told("m", "stock", after, part="WH-1")
        simulated.client = client
        found = over(simulated).told("m", "stock", "WH-1")
        assert found.keys() == before.keys()
        assert all(found[key] in {before[key], after.get(key, before[key])} for key in found)


def test_an_error_of_dynamodb_is_a_verdict(dynamodb: Stores) -> None:
    store = DynamoDbFeedStore(dynamodb.client, "NoSuchTable", dynamodb.clock)
    with pytest.raises(Exception, match="dynamodb") as caught:
        store.told("m", "stock")
    assert not isinstance(caught.value, ClientError)
