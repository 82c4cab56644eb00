"""A release that is too far from what is stored: nothing is done wrongly, all work waits, and says
why. It costs one small read for each container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.dynamodb.store_version import DynamoDbStoreVersion
from returns_hub.domain.store_version import ROWS, StoreVersion
from returns_hub.errors import Conflict, Misconfigured
from tests.flow.test_damaged_merchant import MERCHANTS, TICKS, Hubs

TOO_NEW = StoreVersion(ROWS + 2, ROWS + 2)


@pytest.fixture
def hubs() -> Hubs:
    return Hubs()


def versions(hubs: Hubs) -> DynamoDbStoreVersion:
    client: Any = hubs.tables
    return DynamoDbStoreVersion(client, "MerchantsTable", cast(Any, hubs.clock))


def is_now(hubs: Hubs, version: StoreVersion) -> None:
    store = versions(hubs)
    store.write(store.read(), version, "a later release")


def others(hubs: Hubs) -> dict[str, Any]:
    """All that is stored but what a tick notes of itself."""
    return {
        name: dict(table.items)
        for name, table in hubs.tables.tables.items()
        if name != "ControlTable"
    }


@pytest.mark.parametrize("name", TICKS)
def test_a_tick_leaves_every_merchant_alone_and_says_why(hubs: Hubs, name: str) -> None:
    is_now(hubs, TOO_NEW)
    before = others(hubs)
    done: Mapping[str, Any] = hubs.tick(name, TICKS[name])
    assert set(done) == set(MERCHANTS)
    reasons = hubs.told_of("store.unknown_version")
    assert len(reasons) == len(MERCHANTS)
    assert "deploy the release that wrote them" in reasons[0]
    if name != "RefreshCredentials":  # the others tell of the same
        assert hubs.telemetry.total("OperatorNeeded") == len(MERCHANTS), "an alarm tells"
    assert others(hubs) == before


def test_a_message_comes_back(hubs: Hubs) -> None:
    is_now(hubs, TOO_NEW)
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": '{"schema": "approved-return/1", "merchant": "alpha", "return_id": "r1", '
        '"occurred_at": "2026-03-02T09:00:00Z", "source": "test"}',
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1772442000000"},
    }
    before = others(hubs)
    answer = hubs.tick(
        "CreateExternalReturn", lambda run: run.approved_returns({"Records": [record]})
    )
    assert answer["batchItemFailures"] == [{"itemIdentifier": "m1"}]
    assert others(hubs) == before
    assert hubs.telemetry.total("OperatorNeeded") == 1


def test_a_container_asks_once_and_again_only_while_it_may_not_work(hubs: Hubs) -> None:
    client: Any = hubs.tables
    reads: list[str] = []
    real = hubs.tables.get_item

    def counting(**given: Any) -> Any:
        reads.append(given["Key"]["pk"]["S"])
        return real(**given)

    hubs.tables.get_item = counting  # type: ignore[method-assign]
    container = DynamoDbMerchants(client, "MerchantsTable", cast(Any, hubs.clock))
    is_now(hubs, TOO_NEW)
    reads.clear()
    for _ in range(2):
        with pytest.raises(Misconfigured):
            container.live("alpha")
    assert reads == ["#store", "#store"]
    hubs.tables.delete_item(
        TableName="MerchantsTable", Key={"pk": {"S": "#store"}, "sk": {"S": "VERSION"}}
    )
    reads.clear()
    for _ in range(3):
        container.live("alpha")
        hubs.clock.advance(minutes=1)
    assert reads == ["#store", "alpha", "alpha", "alpha"]


def test_nothing_is_applied_to_a_store_that_is_not_known(hubs: Hubs) -> None:
    is_now(hubs, TOO_NEW)
    client: Any = hubs.tables
    machine = DynamoDbMerchants(client, "MerchantsTable", cast(Any, hubs.clock))
    with pytest.raises(Misconfigured):
        machine.apply(hubs.file("delta"), "pat", after=0)


def test_the_first_file_of_all_says_of_which_version_a_new_store_is(hubs: Hubs) -> None:
    assert versions(hubs).read() == StoreVersion(ROWS, ROWS)


def test_a_version_that_somebody_changed_meanwhile_is_not_overwritten(hubs: Hubs) -> None:
    store = versions(hubs)
    with pytest.raises(Conflict):
        store.write(None, StoreVersion(), "pat")
    with pytest.raises(Conflict):
        store.write(StoreVersion(), TOO_NEW, "pat")
    store.begin(ROWS + 1, "pat")
    assert store.read() == StoreVersion(ROWS, ROWS)


def test_a_damaged_version_is_no_version(hubs: Hubs) -> None:
    row = {"pk": {"S": "#store"}, "sk": {"S": "VERSION"}, "complete": {"S": "one"}}
    hubs.tables.put_item(TableName="MerchantsTable", Item=row)
    with pytest.raises(Misconfigured) as refused:
        versions(hubs).read()
    assert refused.value.code == "store.version_unreadable"
