"""Tables, queues and schedules as the code that uses them expects them."""

from __future__ import annotations

from typing import Any

from local.stack import rate_seconds

DAY = 86400


def test_what_is_due_is_found_by_a_sparse_index_of_keys_alone(resources: dict[str, Any]) -> None:
    from returns_hub.adapters.dynamodb.returns import DUE_INDEX

    table = resources["ReturnsTable"]["Properties"]
    (index,) = (i for i in table["GlobalSecondaryIndexes"] if i["IndexName"] == DUE_INDEX)
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["due_pk", "due_sk"]


def test_the_marketplaces_indexes_are_those_that_its_store_asks(resources: dict[str, Any]) -> None:
    from returns_hub.adapters.dynamodb.market_rows import BY_DATE, IN_WORK

    table = resources["MarketTable"]["Properties"]
    indexes = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == {IN_WORK: ["work_pk", "work_sk"], BY_DATE: ["list_pk", "list_sk"]}


def test_the_index_of_records_in_work_is_the_one_that_its_store_asks(
    resources: dict[str, Any],
) -> None:
    from returns_hub.adapters.dynamodb.sync import IN_WORK

    (index,) = resources["SyncTable"]["Properties"]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == IN_WORK
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["work_pk", "work_sk"]


def test_an_alarm_watches_the_repairs_of_subscriptions(resources: dict[str, Any]) -> None:
    from returns_hub.runs import CHECK_WEBHOOKS_SECONDS

    rule = resources["CheckWebhooksFunctionEveryFifteenMinutes"]["Properties"]
    assert rate_seconds(rule["ScheduleExpression"]) == CHECK_WEBHOOKS_SECONDS


def test_without_a_bus_nothing_is_let_onto_one(translation: dict[str, Any]) -> None:
    assert translation["template"]["Parameters"]["RefundsBus"]["Default"] == ""


def test_a_store_may_be_away_longer_than_a_weekend(resources: dict[str, Any]) -> None:
    """Nobody but the consumer has the refund: the queue keeps it for days."""
    kept = resources["RefundsQueue"]["Properties"]["MessageRetentionPeriod"]
    assert 7 * DAY <= kept < 14 * DAY


def test_a_run_that_waits_for_its_turn_never_ends_among_dead_letters(
    resources: dict[str, Any],
) -> None:
    from returns_hub.adapters.queues.sqs import COPY_FROM_RECEIVE
    from returns_hub.erp_runs import COMES_BACK_SECONDS
    from returns_hub.runs import FIVE_MINUTES

    queue = resources["UnleashedSyncQueue"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] > COPY_FROM_RECEIVE
    assert COMES_BACK_SECONDS < FIVE_MINUTES < queue["MessageRetentionPeriod"]
