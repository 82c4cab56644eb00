"""What AWS measured of a stack's month, asked of CloudWatch and of the resources themselves.

Requests: 1 of CloudFormation for each 100 resources, 1 of Lambda for each function, 1 of DynamoDB
for each table, 1 of CloudWatch for each 400 metrics (and page), 1 of it for each 500 metrics of the
hub's own, 1 of Secrets Manager for each 100 secrets. CloudWatch bills 0.01 USD for each 1,000
metrics asked for; a stack has some 150.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.cost.bill import FunctionUse, Use
from returns_hub.observability import NAMESPACE

AT_ONCE = 400
DAY = 86400
QUEUE_METRICS = (
    "NumberOfMessagesSent",
    "NumberOfMessagesReceived",
    "NumberOfMessagesDeleted",
    "NumberOfEmptyReceives",
)
OURS = {"returns": "ExternalReturns", "calls": "PartnerCalls"}
"""What is summed over all of its dimensions."""


@dataclass(frozen=True)
class Asked:
    """One metric whose sum is asked for."""

    key: tuple[str, str]
    namespace: str
    metric: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True)
class Settings:
    """What a function of the stack is set to."""

    memory_mb: int
    architecture: str
    namespace: str
    """Where its metrics are; empty when it has none of its own."""
    counts_by_merchant: bool
    """Whether what it counts of a merchant is a metric."""


@dataclass(frozen=True)
class Clients:
    """The AWS clients that are asked."""

    cloudformation: Any
    cloudwatch: Any
    functions: Any
    dynamodb: Any
    secrets: Any


def measure(aws: Clients, stack: str, start: datetime, end: datetime, share: float) -> Use:
    """What was used from `start` to `end`, which is that share of the month."""
    resources = _resources(aws.cloudformation, stack)
    settings = {name: _function(aws.functions, name) for name in resources["Lambda::Function"]}
    namespace = next((one.namespace for one in settings.values() if one.namespace), NAMESPACE)
    tables = {name: _table(aws.dynamodb, name) for name in resources["DynamoDB::Table"]}
    sums = _sums(aws.cloudwatch, tuple(_asked(resources, tables)), start, end)
    is_counted = all(one.counts_by_merchant for one in settings.values())

    def own(what: str, dimensions: str) -> float:
        schema = f'"{namespace}",{dimensions}'
        return _summed(aws.cloudwatch, OURS[what], schema, start, end)

    by_kind: dict[str, float] = defaultdict(float)
    for (kind, _), value in sums.items():
        by_kind[kind] += value
    return Use(
        share=share,
        functions={
            name: FunctionUse(
                invocations=sums.get(("invocations", name), 0.0),
                seconds=sums.get(("duration", name), 0.0) / 1000,
                memory_mb=one.memory_mb,
                architecture=one.architecture,
            )
            for name, one in settings.items()
        },
        reads=by_kind["reads"],
        writes=by_kind["writes"],
        stored_bytes=sum(size for size, _ in tables.values()),
        queue_requests=by_kind["queue"],
        api_requests=by_kind["api"],
        log_bytes=by_kind["logs"],
        metrics=_own_metrics(aws.cloudwatch, namespace),
        alarms=len(resources["CloudWatch::Alarm"]),
        dashboards=len(resources["CloudWatch::Dashboard"]),
        secrets=_secrets(aws.secrets, stack),
        keys=len(resources["KMS::Key"]),
        returns=own("returns", "merchant,outcome,service") if is_counted else None,
        calls=own("calls", "partner,service") or None,
    )


def _resources(client: Any, stack: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for row in page["StackResourceSummaries"]:
            kind = row["ResourceType"].removeprefix("AWS::")
            found[kind].append(row["PhysicalResourceId"])
    return found


def _function(client: Any, name: str) -> Settings:
    told = client.get_function_configuration(FunctionName=name)
    variables = told.get("Environment", {}).get("Variables", {})
    return Settings(
        memory_mb=int(told["MemorySize"]),
        architecture=str(told.get("Architectures", ["x86_64"])[0]),
        namespace=str(variables.get("POWERTOOLS_METRICS_NAMESPACE", "")),
        counts_by_merchant=variables.get("METRICS_BY_MERCHANT") != "no",
    )


def _table(client: Any, name: str) -> tuple[int, list[str]]:
    """Bytes with its indexes, and the indexes' names."""
    told = client.describe_table(TableName=name)["Table"]
    indexes = told.get("GlobalSecondaryIndexes", [])
    size = int(told.get("TableSizeBytes", 0))
    size += sum(int(index.get("IndexSizeBytes", 0)) for index in indexes)
    return size, [str(index["IndexName"]) for index in indexes]


def _asked(
    resources: Mapping[str, list[str]], tables: Mapping[str, tuple[int, list[str]]]
) -> Iterator[Asked]:
    for name in resources["Lambda::Function"]:
        of = {"FunctionName": name}
        yield Asked(("invocations", name), "AWS/Lambda", "Invocations", of)
        yield Asked(("duration", name), "AWS/Lambda", "Duration", of)
    for name, (_, indexes) in tables.items():
        # A table's own metrics leave those of its indexes out.
        for index in ("", *indexes):
            of = {"TableName": name} | ({"GlobalSecondaryIndexName": index} if index else {})
            where = f"{name}/{index}"
            for kind, word in (("reads", "Read"), ("writes", "Write")):
                metric = f"Consumed{word}CapacityUnits"
                yield Asked((kind, where), "AWS/DynamoDB", metric, of)
    for url in resources["SQS::Queue"]:
        of = {"QueueName": url.rpartition("/")[2]}
        for metric in QUEUE_METRICS:
            yield Asked(("queue", f"{url}/{metric}"), "AWS/SQS", metric, of)
    for name in resources["Logs::LogGroup"]:
        yield Asked(("logs", name), "AWS/Logs", "IncomingBytes", {"LogGroupName": name})
    for name in resources["ApiGatewayV2::Api"]:
        yield Asked(("api", name), "AWS/ApiGateway", "Count", {"ApiId": name})


def _sums(
    client: Any, asked: Sequence[Asked], start: datetime, end: datetime
) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = defaultdict(float)
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        queries = [
            {
                "Id": f"m{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": one.namespace,
                        "MetricName": one.metric,
                        "Dimensions": [{"Name": n, "Value": v} for n, v in one.dimensions.items()],
                    },
                    "Period": DAY,
                    "Stat": "Sum",
                },
            }
            for number, one in enumerate(some)
        ]
        for name, value in _results(client, queries, start, end):
            found[some[int(name[1:])].key] += value
    return found


def _summed(client: Any, metric: str, schema: str, start: datetime, end: datetime) -> float:
    """A metric of the hub's own, over all values of the dimensions that its schema names."""
    words = f"SEARCH('{{{schema}}} MetricName=\"{metric}\"', 'Sum', {DAY})"
    queries = [{"Id": "ours", "Expression": words, "Period": DAY}]
    return sum(value for _, value in _results(client, queries, start, end))


def _results(
    client: Any, queries: Iterable[Any], start: datetime, end: datetime
) -> Iterator[tuple[str, float]]:
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(queries), StartTime=start, EndTime=end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            yield str(result["Id"]), float(sum(result["Values"]))


def _own_metrics(client: Any, namespace: str) -> int:
    """Metrics of the hub's own that were written within three hours."""
    pages = client.get_paginator("list_metrics").paginate(
        Namespace=namespace, RecentlyActive="PT3H"
    )
    return sum(len(page["Metrics"]) for page in pages)


def _secrets(client: Any, stack: str) -> int:
    pages = client.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [f"{stack}/"]}]
    )
    return sum(len(page["SecretList"]) for page in pages)
