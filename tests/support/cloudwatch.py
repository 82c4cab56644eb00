"""A CloudWatch of tests: a clock that is moved by hand, and stacks of a few resources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from local.cloudwatch.metrics import Metric
from local.stack import Stack

START = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
ERRORS = Metric.of("ReturnsHub", "CursorsStale", {"service": "returns-hub"})


class HandClock:
    """The world's time, moved by hand."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def moment(self) -> float:
        """In seconds since 1970."""
        return self.now.timestamp()

    def of(self, wall: float) -> float:
        """The machine's clock goes as fast."""
        return wall

    def go_on(self, **by: float) -> None:
        """So many `timedelta` units go by."""
        self.now += timedelta(**by)


def stack_of(resources: dict[str, Any]) -> Stack:
    """A stack of these resources."""
    template = {"Resources": resources, "Conditions": {"No": {"Fn::Equals": ["a", "b"]}}}
    return Stack({"sources": {}, "template": template}, {}, stack_name="returns-hub")


def alarm(**changes: Any) -> dict[str, Any]:
    """An alarm as a resource: one data point of five minutes, at least 1."""
    properties = {
        "AlarmDescription": "Cursors are stale - see docs/runbook.md#stale-cursor",
        "Namespace": ERRORS.namespace,
        "MetricName": ERRORS.name,
        "Dimensions": [{"Name": "service", "Value": "returns-hub"}],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    kept = {name: value for name, value in {**properties, **changes}.items() if value is not None}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": kept}
