"""The map of personal data is of this stack: no table, queue, log or bucket without an entry, and
how long each keeps is what the template and the code say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.stack import ROOT
from returns_hub.adapters.dynamodb import cached, deliveries, items, plans
from returns_hub.domain.personal_data import (
    MAP,
    QUEUES,
    as_markdown,
    partners_as_markdown,
    place,
)
from returns_hub.domain.personal_places import (
    CACHE_DAYS,
    DELIVERY_DAYS,
    FILE_DAYS,
    LOG_DAYS,
    PLAN_DAYS,
    REGISTER_DAYS,
    RESTORE_DAYS,
    ROW_DAYS,
    TABLES,
)
from returns_hub.domain.sync.records import ORDER_RECORD_DAYS
from returns_hub.settings import Settings

KINDS = {
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::Events::Archive",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}
"""Types of what can keep anything."""
DAY = 86_400
WITH_A_TIME = re.compile(r"\bexpiry\((\([^()]*\)|[^()])*,")


def of(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {n: r.get("Properties", {}) for n, r in resources.items() if r["Type"] == kind}


def test_everything_that_keeps_anything_is_in_the_map(resources: dict[str, Any]) -> None:
    keeping = {name for name, resource in resources.items() if resource["Type"] in KINDS}
    mapped = {name for one in MAP for name in one.resources}
    assert keeping - mapped == set(), "tell of it in domain/personal_data.py and docs/privacy.md"
    assert mapped - keeping == set(), "the map tells of what is not there"


def test_a_name_is_told_once() -> None:
    names = [one.name for one in MAP]
    assert len(names) == len(set(names))
    assert place("returns.state").has_personal_data
    with pytest.raises(KeyError):
        place("nowhere")


def test_queues_keep_as_long_as_the_map_says(resources: dict[str, Any]) -> None:
    found = of(resources, "AWS::SQS::Queue")
    for one in QUEUES:
        (name,) = one.resources
        assert one.days is not None
        assert found[name]["MessageRetentionPeriod"] == round(one.days * DAY), name


def test_tables_end_as_the_map_says(resources: dict[str, Any]) -> None:
    """A table whose rows have an end has a time to live, and every one can be restored."""
    ends = {name for one in TABLES if one.days is not None for name in one.resources}
    for name, properties in of(resources, "AWS::DynamoDB::Table").items():
        has_end = properties.get("TimeToLiveSpecification") == {
            "AttributeName": "expires_at",
            "Enabled": True,
        }
        assert has_end == (name in ends), name
        restore = properties["PointInTimeRecoverySpecification"]
        days = restore.get("RecoveryPeriodInDays", RESTORE_DAYS)
        assert restore["PointInTimeRecoveryEnabled"]
        assert days <= RESTORE_DAYS


def test_the_codes_times_are_the_maps() -> None:
    assert items.KEEP_FOR.days == ROW_DAYS == REGISTER_DAYS
    assert plans.KEEP_FOR.days == PLAN_DAYS
    assert cached.KEEP.days == CACHE_DAYS
    assert deliveries.KEPT_FOR.days == DELIVERY_DAYS
    assert Settings.model_fields["order_records_days"].default == ORDER_RECORD_DAYS


def test_no_other_time_to_live_is_written() -> None:
    """`expiry` with a time of its own stands in these places alone, each held to the map above."""
    folder = ROOT / "layers/shared/returns_hub/adapters"
    found = {
        path.name
        for path in folder.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if WITH_A_TIME.search(line) and "def expiry" not in line
    }
    assert found == {"plans.py", "cached.py", "deliveries.py", "sync.py"}


def test_the_templates_times_are_the_maps(
    resources: dict[str, Any], translation: dict[str, Any]
) -> None:
    parameters = translation["template"]["Parameters"]
    assert parameters["LogRetentionDays"]["Default"] == LOG_DAYS
    assert parameters["OrderRecordsDays"]["Default"] == ORDER_RECORD_DAYS
    rules = resources["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [rule["ExpirationInDays"] for rule in rules] == [FILE_DAYS]
    bounds = Settings.model_json_schema()["properties"]["order_records_days"]
    assert parameters["OrderRecordsDays"]["MinValue"] == bounds["minimum"]


def test_nothing_ends_before_a_replay_could_come() -> None:
    """A message may be done again from its dead-letter queue, and replayed from there anew."""
    longest = max(one.days or 0 for one in QUEUES)
    least = Settings.model_json_schema()["properties"]["order_records_days"]["minimum"]
    assert 2 * longest < ROW_DAYS, "the ledger"
    assert 2 * ROW_DAYS <= least <= ORDER_RECORD_DAYS
    assert REGISTER_DAYS > RESTORE_DAYS


def test_the_map_says_of_the_doors_log_what_its_lines_hold(resources: dict[str, Any]) -> None:
    (stage,) = of(resources, "AWS::ApiGatewayV2::Stage").values()
    holds_senders = "$context.identity" in stage["AccessLogSettings"]["Format"]
    assert place("logs.webhooks").what.startswith("none: ") is not holds_senders


def test_the_page_shows_the_map() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert as_markdown() in page, "hub privacy map --markdown"
    assert partners_as_markdown() in page
