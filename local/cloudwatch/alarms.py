"""The template's alarms, evaluated as CloudWatch would: every minute of the world.

Every property that is not honoured stops the start: an alarm that nobody evaluates is silence.
Actions are not taken; a state says what would be told.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from local.cloudwatch.alarm_rules import COMPARISONS, Missing, Rule, StateValue, judge
from local.cloudwatch.clock import MINUTE
from local.cloudwatch.expressions import evaluate, window_sampler
from local.cloudwatch.metrics import MetricStore, is_statistic
from local.cloudwatch.queries import MetricQuery, queries_of_alarm
from local.cloudwatch.search import NotHonoured
from local.stack import LocalStackError, Stack

HOUR = 3600
MOST_HISTORY = 100
"""State changes that are kept of an alarm; CloudWatch keeps two weeks."""
KNOWN = frozenset(
    {
        *("AlarmName", "AlarmDescription", "ActionsEnabled", "AlarmActions", "OKActions"),
        *("InsufficientDataActions", "Namespace", "MetricName", "Dimensions", "Statistic"),
        *("ExtendedStatistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"),
        *("ComparisonOperator", "TreatMissingData", "Metrics", "Tags"),
    }
)
_RUNBOOK = re.compile(r"docs/[\w/-]+\.md(?:#[\w-]+)?")


@dataclass(frozen=True)
class Change:
    """An alarm's state changed."""

    at: datetime
    was: StateValue
    value: StateValue
    reason: str


@dataclass(frozen=True)
class AlarmState:
    """An alarm and its state. Times are the world's.

    Attributes:
        logical_id: Its name in the template.
        name: Its name in CloudWatch.
        value: OK, ALARM or INSUFFICIENT_DATA.
        since: When it came into this state.
        reason: Why, in CloudWatch's words or close to them.
        tells: ARNs that a change to this state would be told to.
        runbook: The page and section that its description names; empty without.
    """

    logical_id: str
    name: str
    description: str
    value: StateValue
    since: datetime
    reason: str
    condition: str
    tells: tuple[str, ...]

    @property
    def runbook(self) -> str:
        """The page and section of the runbook that its description names; empty without."""
        found = _RUNBOOK.search(self.description)
        return found[0] if found else ""


@dataclass(frozen=True)
class Alarm:
    """An alarm of the template. `actions` has the ARNs that are told of each state."""

    logical_id: str
    name: str
    description: str
    rule: Rule
    queries: tuple[MetricQuery, ...]
    actions: Mapping[StateValue, tuple[str, ...]]


class Alarms:
    """Every alarm of a stack.

    Args:
        stack: Where they are from.
        metrics: What they watch.
        clock: The world's time.

    Raises:
        LocalStackError: CloudWatch would refuse an alarm, or it asks for what is not honoured.
    """

    def __init__(self, stack: Stack, metrics: MetricStore, clock: Callable[[], datetime]) -> None:
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        began = clock()
        self.alarms = {
            name: alarm_of(name, properties, stack_name=stack.stack_name)
            for name, properties in stack.properties_of("AWS::CloudWatch::Alarm").items()
        }
        self._changes: dict[str, deque[Change]] = {
            name: deque(maxlen=MOST_HISTORY) for name in self.alarms
        }
        self._states = {
            name: _state(alarm, "INSUFFICIENT_DATA", began, "Unchecked: Initial alarm creation")
            for name, alarm in self.alarms.items()
        }
        self._evaluated = int(began.timestamp() // MINUTE)

    def states(self) -> dict[str, AlarmState]:
        """Each alarm's state now, by its name in the template."""
        self.catch_up()
        with self._lock:
            return dict(self._states)

    def history(self, logical_id: str) -> list[Change]:
        """How an alarm's state changed, oldest first."""
        self.catch_up()
        with self._lock:
            return list(self._changes[logical_id])

    def catch_up(self) -> None:
        """Evaluate at every full minute since the last time."""
        with self._lock:
            now = int(self._clock().timestamp() // MINUTE)
            first, self._evaluated = self._evaluated + 1, max(now, self._evaluated)
            for alarm in self.alarms.values():
                self._catch_up(alarm, first, now)

    def _catch_up(self, alarm: Alarm, first: int, last: int) -> None:
        every = HOUR // MINUTE if alarm.rule.is_of_days else 1
        minute = -(-first // every) * every
        while minute <= last:
            self._evaluate(alarm, minute * MINUTE)
            minute = max(minute + every, self._next_news(alarm, minute, every))

    def _next_news(self, alarm: Alarm, minute: int, every: int) -> int:
        """The next minute that can differ: without data, none does until some comes."""
        if len(alarm.queries) > 1 or alarm.queries[0].metric is None:
            return 0
        begins = minute * MINUTE - alarm.rule.range * alarm.rule.period
        data = self._metrics.first_since(alarm.queries[0].metric, begins)
        if data is None:
            return self._evaluated + 1
        return -(-int(data // MINUTE + 1) // every) * every

    def _evaluate(self, alarm: Alarm, at: float) -> None:
        rule = alarm.rule
        points = [
            self._value(alarm, at - (age + 1) * rule.period, at - age * rule.period)
            for age in range(rule.range)
        ]
        verdict = judge(rule, points)
        state = self._states[alarm.logical_id]
        if verdict.value is None or verdict.value == state.value:
            return
        moment = datetime.fromtimestamp(at, UTC)
        change = Change(moment, state.value, verdict.value, verdict.reason)
        self._changes[alarm.logical_id].append(change)
        self._states[alarm.logical_id] = _state(alarm, verdict.value, moment, verdict.reason)

    def _value(self, alarm: Alarm, start: float, end: float) -> float | None:
        """The data point of one period."""
        first = alarm.queries[0]
        if len(alarm.queries) == 1 and first.metric is not None:
            return self._metrics.statistic(first.metric, first.statistic, start, end)
        sample = window_sampler(self._metrics, start, end)
        (series,) = evaluate(alarm.queries, self._metrics, sample)
        return series.points[-1][1] if series.points else None


def _state(alarm: Alarm, value: StateValue, since: datetime, reason: str) -> AlarmState:
    return AlarmState(
        logical_id=alarm.logical_id,
        name=alarm.name,
        description=alarm.description,
        value=value,
        since=since,
        reason=reason,
        condition=condition_of(alarm),
        tells=alarm.actions[value],
    )


def condition_of(alarm: Alarm) -> str:
    """What raises it, in words."""
    rule = alarm.rule
    shown = " / ".join(query.words for query in alarm.queries if query.is_returned)
    minutes = rule.period / MINUTE
    return (
        f"{shown} {rule.words}, {rule.datapoints_to_alarm} of {rule.evaluation_periods} "
        f"periods of {minutes:g} min; missing data: {rule.missing}"
    )


def alarm_of(logical_id: str, properties: dict[str, Any], *, stack_name: str) -> Alarm:
    """An alarm from its resolved properties.

    Raises:
        LocalStackError: CloudWatch would refuse it, or it asks for what is not honoured.
    """
    try:
        return _alarm_of(logical_id, properties, stack_name)
    except (NotHonoured, KeyError, TypeError, ValueError) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise LocalStackError(f"the alarm {logical_id} cannot be evaluated: {what}") from error


def _alarm_of(logical_id: str, properties: dict[str, Any], stack_name: str) -> Alarm:
    unknown = sorted(set(properties) - KNOWN)
    if unknown:
        raise NotHonoured(f"{unknown[0]} is not honoured here")
    queries = queries_of_alarm(properties)
    for query in queries:
        if query.metric is not None and not is_statistic(query.statistic):
            raise NotHonoured(f"the statistic {query.statistic} is not honoured here")
    evaluation_periods = int(properties["EvaluationPeriods"])
    missing = properties.get("TreatMissingData", "missing")
    rule = Rule(
        period=queries[0].period,
        evaluation_periods=evaluation_periods,
        datapoints_to_alarm=int(properties.get("DatapointsToAlarm", evaluation_periods)),
        comparison=properties["ComparisonOperator"],
        threshold=float(properties["Threshold"]),
        missing=missing,
    )
    _check(rule)
    is_on = str(properties.get("ActionsEnabled", True)).lower() == "true"

    def actions(name: str) -> tuple[str, ...]:
        return tuple(properties.get(name) or ()) if is_on else ()

    return Alarm(
        logical_id=logical_id,
        name=properties.get("AlarmName", f"{stack_name}-{logical_id}"),
        description=properties.get("AlarmDescription", ""),
        rule=rule,
        queries=queries,
        actions={
            "ALARM": actions("AlarmActions"),
            "OK": actions("OKActions"),
            "INSUFFICIENT_DATA": actions("InsufficientDataActions"),
        },
    )


def _check(rule: Rule) -> None:
    """What PutMetricAlarm refuses (its API reference: Period, EvaluationPeriods), and seconds."""
    if rule.comparison not in COMPARISONS:
        raise NotHonoured(f"the comparison {rule.comparison} is not honoured here")
    if rule.missing not in get_args(Missing):
        raise ValueError(f"TreatMissingData {rule.missing} is none")
    if rule.period < MINUTE or rule.period % MINUTE:
        raise NotHonoured(f"a period of {rule.period} seconds is no whole minute")
    if not 1 <= rule.datapoints_to_alarm <= rule.evaluation_periods:
        raise ValueError("DatapointsToAlarm is more than EvaluationPeriods, or less than 1")
    longest = 86400 if rule.period < HOUR else 7 * 86400
    if rule.period * rule.evaluation_periods > longest:
        raise ValueError(f"its periods together are longer than {longest // 86400} days")
