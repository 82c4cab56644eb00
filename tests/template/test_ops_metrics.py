"""The function that looks at how every merchant stands, and what every rule's function tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.stack import ROOT, rate_seconds, translated
from returns_hub import ops_runs
from returns_hub.runs import Run
from returns_hub.settings import Settings
from tests.simulation.permissions import resources as written


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = translated(
        ROOT / "template.yaml", tmp_path_factory.mktemp("translated")
    )["template"]
    return found


def test_it_may_read_how_the_hub_stands_and_no_secret(template: dict[str, Any]) -> None:
    (policy,) = template["Resources"]["OpsMetricsFunctionRole"]["Properties"]["Policies"]
    allowed = {
        statement["Sid"]: (set(statement["Action"]), json.dumps(statement["Resource"]))
        for statement in policy["PolicyDocument"]["Statement"]
    }
    assert {sid: actions for sid, (actions, _) in allowed.items()} == {
        "CursorsGatesAndOverviews": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:PutItem",
        },
        "MerchantFiles": {"dynamodb:GetItem", "dynamodb:Query"},
        "CountParked": {"dynamodb:Query"},
        "LastLook": {"dynamodb:Query"},
        "MoneyLine": {"dynamodb:Query"},
    }
    assert "ControlTable" in allowed["CursorsGatesAndOverviews"][1]


def test_it_may_publish_to_the_alarms_topic_alone_and_only_where_there_is_one(
    template: dict[str, Any],
) -> None:
    publish = template["Resources"]["OpsMetricsPublishPolicy"]
    assert publish["Condition"] == "HasAlarmTopic"
    (statement,) = publish["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sns:Publish"]
    assert statement["Resource"] == {"Ref": "AlarmTopicArn"}
    assert publish["Properties"]["Roles"] == [{"Ref": "OpsMetricsFunctionRole"}]
    everything = json.dumps(template["Resources"])
    assert everything.count("sns:Publish") == 1


def test_it_is_told_of_the_summarys_hour_and_topic_and_nothing_else_is(
    template: dict[str, Any],
) -> None:
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        variables = resource["Properties"]["Environment"]["Variables"]
        its_own = {"SUMMARY_HOUR", "ALARM_TOPIC_ARN"} & variables.keys()
        assert bool(its_own) == (name == "OpsMetricsFunction"), name
    hour = template["Parameters"]["SummaryHour"]
    bounds = Settings.model_json_schema()["properties"]["summary_hour"]
    assert (hour["MinValue"], hour["MaxValue"]) == (bounds["minimum"], bounds["maximum"])
    assert hour["Default"] == bounds["default"]


def test_it_has_time_for_what_it_keeps_back_and_ends_before_the_next_tick(
    template: dict[str, Any],
) -> None:
    function = template["Resources"]["OpsMetricsFunction"]["Properties"]
    rule = template["Resources"]["OpsMetricsFunctionEveryFiveMinutes"]["Properties"]
    assert function["Timeout"] > ops_runs.RESERVE_SECONDS * 2
    assert function["Timeout"] < rate_seconds(rule["ScheduleExpression"])
    assert rate_seconds(rule["ScheduleExpression"]) == ops_runs.EVERY_SECONDS


class _Stopped(Exception):
    """The tick is not gone on with: only its beginning counts."""


class _Hub:
    """A hub of which nothing can be had but counters."""

    def __init__(self) -> None:
        self.telemetry = self
        self.started: list[str] = []

    def count(self, metric: str, **dimensions: str) -> None:
        assert metric == "JobsStarted"
        self.started.append(dimensions["flow"])

    def __getattr__(self, name: str) -> Any:
        raise _Stopped(name)


def test_every_function_with_a_rule_counts_its_ticks_under_its_own_name() -> None:
    scheduled = {
        Path(found["Properties"]["CodeUri"]).name
        for found in written().values()
        if found["Type"] == "AWS::Serverless::Function"
        and any(e["Type"] == "Schedule" for e in found["Properties"].get("Events", {}).values())
    }
    assert len(scheduled) >= 10
    for name in sorted(scheduled):
        door = (ROOT / "functions" / name / "app.py").read_text(encoding="utf-8")
        tick = door.rpartition("return run.")[2].partition("(")[0]
        hub: Any = _Hub()
        with pytest.raises(_Stopped):
            getattr(Run(hub), tick)()
        assert hub.started == [name], name
