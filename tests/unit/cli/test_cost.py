"""hub cost: a bill of what AWS measured, and what a return's share of it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli import worlds
from cli.cost import verb
from cli.cost.bill import PRICES, FunctionUse, Use, bill, read_prices, total
from cli.cost.measure import Clients, measure
from local.cloudwatch.search import parsed_search
from tests.unit.cli.conftest import Command

START = datetime(2026, 3, 1, tzinfo=UTC)
PRICE = read_prices()
WHOLE = Use(
    share=1.0,
    functions={"f": FunctionUse(1_000_000, 200_000, 512)},
    reads=2_000_000,
    writes=1_000_000,
    stored_bytes=2 * 1024**3,
    queue_requests=1_000_000,
    api_requests=1_000_000,
    log_bytes=1024**3,
    metrics=10,
    alarms=20,
    dashboards=1,
    secrets=5,
    keys=1,
    returns=1000,
    calls=3000,
)


def costs(use: Use) -> dict[str, Decimal]:
    return {item.name: item.cost for item in bill(use, PRICE)}


def test_a_bill_is_what_was_used_times_what_it_costs() -> None:
    found = {name: f"{cost:.4f}" for name, cost in costs(WHOLE).items()}
    assert found == {
        "Lambda time": "1.3333",
        "Lambda requests": "0.2000",
        "DynamoDB reads": "0.2500",
        "DynamoDB writes": "0.6250",
        "DynamoDB storage": "0.9000",
        "SQS requests": "0.4000",
        "HTTP API": "1.0000",
        "logs": "0.5000",
        "metrics": "3.0000",
        "alarms": "2.0000",
        "dashboards": "3.0000",
        "secrets": "2.0000",
        "key": "1.0000",
    }
    assert total(bill(WHOLE, PRICE)) == sum(costs(WHOLE).values())


def test_what_is_paid_by_the_month_counts_so_far_and_what_was_used_counts_whole() -> None:
    half = Use(**{**vars(WHOLE), "share": 0.5})
    whole, part = costs(WHOLE), costs(half)
    by_month = {"DynamoDB storage", "metrics", "alarms", "dashboards", "secrets", "key"}
    for name, cost in whole.items():
        assert part[name] == (cost / 2 if name in by_month else cost), name


def test_the_architecture_and_the_memory_count() -> None:
    intel = Use(share=1, functions={"f": FunctionUse(0, 100, 1024, "x86_64")})
    assert costs(intel)["Lambda time"] == Decimal(100) * PRICE.lambda_gb_second_x86_64


def test_prices_say_whose_word_they_are() -> None:
    assert PRICE.as_of
    assert PRICE.region
    assert "AWS" in PRICE.source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ("\xd0", "JSON"),
        ("{}", "Field required"),
        (PRICES.read_text().replace('"0.20"', '"-1"', 1), "greater than or equal"),
    ],
)
def test_a_file_of_prices_that_is_none_is_refused(
    tmp_path: Path, command: Command, text: str, said: str
) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text, encoding="latin-1")
    result = command("--stack", "s", "cost", "--prices", str(path))
    assert result.exit_code == 1
    assert said in result.output


class Aws:
    """A stack of a function, a table with an index, a queue and a log group."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.values = {
            "Invocations": [10.0, 5.0],
            "Duration": [3000.0],
            "ConsumedReadCapacityUnits": [7.0],
            "ConsumedWriteCapacityUnits": [2.0],
            "IncomingBytes": [1000.0],
            "NumberOfMessagesSent": [4.0],
        }
        self.searches = {"ExternalReturns": [3.0, 2.0], "PartnerCalls": [20.0]}
        self.variables: dict[str, str] = {"POWERTOOLS_METRICS_NAMESPACE": "ReturnsHub/prod"}
        self.listed: list[str] = []

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=getattr(self, name))

    def list_stack_resources(self, **_: Any) -> Iterator[dict[str, Any]]:
        rows = [
            ("AWS::Lambda::Function", "fn"),
            ("AWS::DynamoDB::Table", "tbl"),
            ("AWS::SQS::Queue", "https://sqs/1/q"),
            ("AWS::Logs::LogGroup", "lg"),
            ("AWS::CloudWatch::Alarm", "a1"),
            ("AWS::CloudWatch::Alarm", "a2"),
            ("AWS::CloudWatch::Dashboard", "d"),
            ("AWS::KMS::Key", "k"),
        ]
        for kind, name in rows:
            yield {"StackResourceSummaries": [{"ResourceType": kind, "PhysicalResourceId": name}]}

    def get_function_configuration(self, **_: Any) -> dict[str, Any]:
        told = {"MemorySize": 256, "Architectures": ["arm64"]}
        return told | ({"Environment": {"Variables": self.variables}} if self.variables else {})

    def describe_table(self, **_: Any) -> dict[str, Any]:
        index = {"IndexName": "ix", "IndexSizeBytes": 50}
        return {"Table": {"TableSizeBytes": 100, "GlobalSecondaryIndexes": [index]}}

    def get_metric_data(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        for query in asked["MetricDataQueries"]:
            if "Expression" in query:
                for name, values in self.searches.items():
                    if name in query["Expression"]:
                        yield {"MetricDataResults": [{"Id": query["Id"], "Values": values}]}
                continue
            values = self.values.get(query["MetricStat"]["Metric"]["MetricName"], [])
            yield {"MetricDataResults": [{"Id": query["Id"], "Values": values}]}

    def list_metrics(self, Namespace: str, **_: Any) -> Iterator[dict[str, Any]]:
        self.listed.append(Namespace)
        yield {"Metrics": [{}] * 500}
        yield {"Metrics": [{}]}

    def list_secrets(self, **asked: Any) -> Iterator[dict[str, Any]]:
        assert asked["Filters"][0]["Values"] == ["s/"]
        yield {"SecretList": [{}, {}]}


def measured(aws: Aws) -> Use:
    every: Any = aws
    return measure(Clients(*[every] * 5), "s", START, START + timedelta(days=31), 1.0)


def test_what_was_used_is_asked_of_aws() -> None:
    aws = Aws()
    use = measured(aws)
    assert use == Use(
        share=1.0,
        functions={"fn": FunctionUse(15.0, 3.0, 256, "arm64")},
        reads=14.0,
        writes=4.0,
        stored_bytes=150,
        queue_requests=4.0,
        log_bytes=1000.0,
        metrics=501,
        alarms=2,
        dashboards=1,
        secrets=2,
        keys=1,
        returns=5.0,
        calls=20.0,
    )
    assert len(aws.asked) == 3
    assert {asked["StartTime"] for asked in aws.asked} == {START}


@pytest.mark.parametrize(
    ("variables", "namespace"),
    [({"POWERTOOLS_METRICS_NAMESPACE": "ReturnsHub/prod"}, "ReturnsHub/prod"), ({}, "ReturnsHub")],
)
def test_metrics_are_those_of_the_stacks_own_stage(
    variables: dict[str, str], namespace: str
) -> None:
    aws = Aws()
    aws.variables = variables
    measured(aws)
    assert aws.listed == [namespace]
    searches = [q["Expression"] for a in aws.asked for q in a["MetricDataQueries"] if len(q) == 3]
    found = [re.match(r"SEARCH\('([^']+)'", text) for text in searches]
    schemas = [parsed_search(one[1]).schema for one in found if one]
    assert schemas == [
        (namespace, "merchant", "outcome", "service"),
        (namespace, "partner", "service"),
    ]


def test_calls_that_nobody_measured_are_not_told_to_be_none() -> None:
    aws = Aws()
    aws.searches.clear()
    use = measured(aws)
    assert (use.calls, use.returns) == (None, 0)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Aws:
    """A stack in AWS that the command reaches."""
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    aws = Aws()
    session = SimpleNamespace(client=lambda _: aws, region_name="eu-west-1")
    monkeypatch.setattr(worlds.Reach, "in_aws", lambda _self: (session, "s"))
    return aws


def test_people_are_told_what_is_measured_and_what_is_assumed(stack: Aws, command: Command) -> None:
    result = command("--stack", "s", "cost", "--month", "2026-03")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    for word in (
        "5 external returns: ",
        "with 4.0 calls to partners",
        "measured; a batch counts as its messages",
        "us-east-1",
        "not in it: ",
        "2026-03-01 to 2026-04-01 00:00 UTC (100% of the month)",
    ):
        assert word in text


def test_machines_are_told_the_same(stack: Aws, command: Command) -> None:
    found = json.loads(command("--stack", "s", "cost", "--json").stdout)
    assert Decimal(found["total"]) > 0
    assert abs(Decimal(found["per_return"]) * 5 - Decimal(found["total"])) < Decimal("0.00001")
    assert found["partner_calls"] == 20.0
    assert 0 < found["share_of_month"] <= 1


def test_a_month_without_returns_has_no_cost_per_return(stack: Aws, command: Command) -> None:
    stack.searches.clear()
    text = command("--stack", "s", "cost").stdout
    assert "no external return was made" in text
    assert "calls to partners: not measured" in text


def test_returns_that_are_counted_in_the_log_only_are_not_known_and_not_none(
    stack: Aws, command: Command
) -> None:
    stack.variables["METRICS_BY_MERCHANT"] = "no"
    stack.searches["ExternalReturns"] = []
    text = " ".join(command("--stack", "s", "cost").stdout.split())
    assert "external returns: not known" in text
    assert "MetricsByMerchant is no" in text
    assert "no external return was made" not in text
    found = json.loads(command("--stack", "s", "cost", "--json").stdout)
    assert (found["external_returns"], found["per_return"]) == (None, None)
    assert found["partner_calls"] == 20.0


def test_december_is_followed_by_january() -> None:
    assert verb._next(datetime(2025, 12, 1, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
    assert verb._next(datetime(2025, 1, 1, tzinfo=UTC)) == datetime(2025, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("month", ["2026", "2026-13", "March", "2999-01", "1999-01"])
def test_a_month_that_is_none_is_refused(stack: Aws, command: Command, month: str) -> None:
    assert command("--stack", "s", "cost", "--month", month).exit_code == 2


def test_what_may_not_be_asked_is_told(stack: Aws, command: Command) -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetMetricData")

    stack.get_metric_data = refuse  # type: ignore[assignment,method-assign]
    result = command("--stack", "s", "cost")
    assert result.exit_code == worlds.UNREACHABLE
    assert "s cannot be measured" in result.output


def test_the_local_stack_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    monkeypatch.setattr(worlds, "_local_stack_runs", lambda: True)
    result = command("cost")
    assert result.exit_code == 1
    assert "the local stack costs nothing" in result.output
