"""The template's alarms over metrics, minute by minute of the world's time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from local.cloudwatch.alarms import Alarms
from local.cloudwatch.metrics import Metric, MetricStore
from local.stack import ROOT, LocalStackError, Stack, translated
from tests.support.cloudwatch import ERRORS, START, HandClock, alarm, stack_of


class World:
    """Metrics, a clock and the alarms of a stack."""

    def __init__(self, **alarms: dict[str, Any]) -> None:
        self.metrics = MetricStore()
        self.clock = HandClock()
        self.alarms = Alarms(stack_of(alarms), self.metrics, self.clock)

    def put(self, *values: float, metric: Metric = ERRORS) -> None:
        self.metrics.put(metric, self.clock.moment(), *values)

    def values(self) -> dict[str, str]:
        return {name: state.value for name, state in self.alarms.states().items()}


def test_an_alarm_begins_without_data_and_is_evaluated_at_full_minutes() -> None:
    world = World(Stale=alarm())
    world.put(0)
    world.clock.go_on(seconds=59)
    assert world.values() == {"Stale": "INSUFFICIENT_DATA"}
    world.clock.go_on(seconds=1)
    assert world.values() == {"Stale": "OK"}


def test_it_raises_and_clears_with_when_and_why() -> None:
    world = World(Stale=alarm())
    for value in (0, 3, 0):
        world.put(value)
        world.clock.go_on(minutes=5)
        world.alarms.catch_up()
    changes = world.alarms.history("Stale")
    assert [(change.was, change.value) for change in changes] == [
        ("INSUFFICIENT_DATA", "OK"),
        ("OK", "ALARM"),
        ("ALARM", "OK"),
    ]
    # The window slides every minute: a value of minute 5 is seen at minute 6, and gone at 11.
    assert [change.at - START for change in changes] == [
        timedelta(minutes=minutes) for minutes in (1, 6, 11)
    ]
    state = world.alarms.states()["Stale"]
    assert state.since == START + timedelta(minutes=11)
    assert state.reason.startswith("Threshold Crossed: 1 out of the last 1 datapoint [0] was not")


def test_what_is_asked_for_late_is_as_if_every_minute_had_been_looked_at() -> None:
    often, late = World(Stale=alarm()), World(Stale=alarm())
    for minute in range(120):
        for world in (often, late):
            if minute in {3, 40, 41, 90}:
                world.put(minute % 2)
            world.clock.go_on(minutes=1)
        often.alarms.catch_up()
    assert late.alarms.history("Stale") == often.alarms.history("Stale")
    assert len(often.alarms.history("Stale")) >= 4


def test_a_job_that_did_not_start_raises_where_missing_breaches() -> None:
    world = World(Jobs=alarm(TreatMissingData="breaching", ComparisonOperator="LessThanThreshold"))
    world.put(1)
    world.clock.go_on(minutes=15)
    assert world.values() == {"Jobs": "OK"}
    world.clock.go_on(minutes=1)
    assert world.values() == {"Jobs": "ALARM"}
    world.put(1)
    world.clock.go_on(minutes=1)
    assert world.values() == {"Jobs": "OK"}


def test_days_that_go_by_at_once_are_evaluated_quickly_and_each_minute_counts() -> None:
    world = World(**{f"Stale{number}": alarm() for number in range(40)})
    world.put(1)
    world.clock.go_on(days=7)
    changes = world.alarms.history("Stale0")
    assert [change.value for change in changes] == ["ALARM", "OK"]
    assert changes[1].at - START == timedelta(minutes=16)


def test_an_alarm_of_more_than_a_day_looks_at_whole_hours() -> None:
    world = World(
        Jobs=alarm(
            Period=3600 * 24,
            EvaluationPeriods=3,
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="missing",
        )
    )
    world.clock.go_on(minutes=2)
    for _ in range(3):
        world.put(0)
        world.clock.go_on(days=1)
    (change,) = world.alarms.history("Jobs")
    assert change.value == "ALARM"
    assert change.at.minute == 0
    assert change.at - START > timedelta(hours=48)


def test_what_it_tells_and_where_its_runbook_is() -> None:
    topic = ["arn:aws:sns:eu-west-1:000000000000:people"]
    world = World(
        Stale=alarm(AlarmActions=topic),
        Off=alarm(
            AlarmActions=topic, ActionsEnabled=False, AlarmDescription="no page", AlarmName="x"
        ),
    )
    world.put(2)
    world.clock.go_on(minutes=1)
    states = world.alarms.states()
    assert states["Stale"].tells == tuple(topic)
    assert states["Stale"].runbook == "docs/runbook.md#stale-cursor"
    assert states["Stale"].name == "returns-hub-Stale"
    assert states["Off"].tells == ()
    assert states["Off"].runbook == ""
    assert states["Off"].name == "x"
    assert states["Stale"].condition == (
        "Maximum of ReturnsHub CursorsStale (service=returns-hub) greater than or equal to the "
        "threshold (1), 1 of 1 periods of 5 min; missing data: notBreaching"
    )


def _math(*rows: dict[str, Any]) -> dict[str, Any]:
    return alarm(
        Metrics=list(rows),
        Namespace=None,
        MetricName=None,
        Dimensions=None,
        Statistic=None,
        Period=None,
        Threshold=50,
    )


def _stat(name: str, metric: str, period: int = 300) -> dict[str, Any]:
    of = {"Namespace": "AWS/Lambda", "MetricName": metric}
    return {
        "Id": name,
        "MetricStat": {"Metric": of, "Period": period, "Stat": "Sum"},
        "ReturnData": False,
    }


def test_an_alarm_on_a_rate_of_errors() -> None:
    rate = {"Id": "rate", "Expression": "100 * errors / calls", "Label": "errors in percent"}
    world = World(Rate=_math(rate, _stat("errors", "Errors"), _stat("calls", "Invocations")))
    errors, calls = Metric.of("AWS/Lambda", "Errors"), Metric.of("AWS/Lambda", "Invocations")
    world.put(1, 0, 0, metric=errors)
    world.put(1, 1, 1, metric=calls)
    world.clock.go_on(minutes=5)
    assert world.values() == {"Rate": "OK"}
    world.put(1, 1, metric=errors)
    world.put(1, 1, 1, metric=calls)
    world.clock.go_on(minutes=5)
    assert world.values() == {"Rate": "ALARM"}
    assert world.alarms.states()["Rate"].condition.startswith("errors in percent greater")


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (alarm(ThresholdMetricId="ad1"), "ThresholdMetricId is not honoured"),
        (alarm(ComparisonOperator="GreaterThanUpperThreshold"), "comparison"),
        (alarm(Statistic="IQM"), "the statistic IQM is not honoured"),
        (alarm(Period=90), "no whole minute"),
        (alarm(Period=30), "no whole minute"),
        (alarm(DatapointsToAlarm=2), "DatapointsToAlarm is more than"),
        (alarm(EvaluationPeriods=289), "longer than 1 days"),
        (alarm(Period=86400, EvaluationPeriods=8), "longer than 7 days"),
        (alarm(TreatMissingData="good"), "TreatMissingData good is none"),
        (alarm(Threshold=None), "it has no 'Threshold'"),
        (_math({"Id": "a", "Expression": "SEARCH('\"x\"', 'Sum')"}, _stat("b", "E")), "search"),
        (_math({"Id": "a", "Expression": "b + c"}, _stat("b", "E"), _stat("c", "F", 60)), "period"),
        (_math(_stat("b", "E")), "exactly one"),
    ],
)
def test_what_is_not_honoured_stops_the_start(resource: dict[str, Any], words: str) -> None:
    with pytest.raises(LocalStackError, match="the alarm Wrong cannot be evaluated") as refused:
        World(Wrong=resource)
    assert words in str(refused.value)


def test_every_alarm_of_the_template_is_evaluated(tmp_path_factory: pytest.TempPathFactory) -> None:
    translation = translated(ROOT / "template.yaml", tmp_path_factory.mktemp("translated"))
    stack = Stack(translation, {"Stage": "local"}, stack_name="returns-hub")
    alarms = Alarms(stack, MetricStore(), HandClock())
    declared = [
        name
        for name, resource in translation["template"]["Resources"].items()
        # The brakes of a gradual rollout are not made where everything changes at once.
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource.get("Condition") != "IsGradual"
    ]
    assert set(alarms.states()) == set(declared)
    assert len(declared) >= 19


@pytest.mark.parametrize("stage", ["local", "prod-2"])
def test_a_stacks_functions_alarms_and_graphs_are_of_one_namespace(
    tmp_path_factory: pytest.TempPathFactory, stage: str
) -> None:
    translation = translated(ROOT / "template.yaml", tmp_path_factory.mktemp("translated"))
    given = {"Stage": stage, "MetricsByMerchant": "no"}
    stack = Stack(translation, given, stack_name="returns-hub")
    alarms = stack.properties_of("AWS::CloudWatch::Alarm").values()
    ours = {a["Namespace"] for a in alarms if not a["Namespace"].startswith("AWS/")}
    assert ours == {f"ReturnsHub/{stage}"}
    (shown,) = stack.properties_of("AWS::CloudWatch::Dashboard").values()
    assert set(re.findall(r"ReturnsHub[^\\\"]*", shown["DashboardBody"])) == ours
    assert "(MetricsByMerchant: no)" in shown["DashboardBody"]
    for one in stack.functions().values():
        assert {one.environment["POWERTOOLS_METRICS_NAMESPACE"]} == ours, one.name
        assert one.environment["METRICS_BY_MERCHANT"] == "no", one.name
