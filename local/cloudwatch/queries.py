"""What a graph or an alarm asks for: metrics with statistics, and expressions over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.cloudwatch.metrics import Metric
from local.cloudwatch.search import NotHonoured


@dataclass(frozen=True)
class MetricQuery:
    """A metric with its statistic, or an expression over others. `period` is in seconds."""

    id: str
    metric: Metric | None
    statistic: str
    period: int
    expression: str = ""
    label: str = ""
    is_returned: bool = True

    @property
    def words(self) -> str:
        """What it is, for people."""
        if self.metric is None:
            return self.label or self.expression
        return f"{self.statistic} of {self.metric}"


def queries_of_alarm(properties: Mapping[str, Any]) -> tuple[MetricQuery, ...]:
    """What an alarm watches, from its resolved properties.

    Raises:
        NotHonoured: A search, which CloudWatch refuses in alarms; periods that differ; nothing,
            or more than one series, that the alarm could be about.
    """
    if "Metrics" not in properties:
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        metric = _metric(properties)
        return (MetricQuery("m1", metric, statistic, int(properties["Period"])),)
    rows = [_query(row) for row in properties["Metrics"]]
    periods = {query.period for query in rows if query.metric is not None}
    if len(periods) != 1:
        raise NotHonoured("all metrics of an alarm have to have one period")
    if any("SEARCH" in query.expression for query in rows):
        raise NotHonoured("an alarm cannot search")
    if sum(query.is_returned for query in rows) != 1:
        raise NotHonoured("exactly one of an alarm's metrics has to return data")
    (period,) = periods
    return tuple(replace(query, period=period) for query in rows)


def _query(row: Mapping[str, Any]) -> MetricQuery:
    is_returned = str(row.get("ReturnData", True)).lower() == "true"
    if "Expression" in row:
        return MetricQuery(
            row["Id"], None, "", 0, row["Expression"], row.get("Label", ""), is_returned
        )
    stat = row["MetricStat"]
    return MetricQuery(
        row["Id"],
        _metric(stat["Metric"]),
        stat["Stat"],
        int(stat["Period"]),
        label=row.get("Label", ""),
        is_returned=is_returned,
    )


def _metric(content: Mapping[str, Any]) -> Metric:
    dimensions = {row["Name"]: str(row["Value"]) for row in content.get("Dimensions", [])}
    return Metric.of(content["Namespace"], content["MetricName"], dimensions)
