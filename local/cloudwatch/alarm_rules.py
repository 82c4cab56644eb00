"""The rules by which CloudWatch decides about an alarm, as pure functions.

Source: "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data" of the
CloudWatch user guide; every row of their tables is a test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

StateValue = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "ignore", "breaching", "notBreaching"]

EXTRA_PERIODS = 2
"""How many periods the evaluation range has beyond EvaluationPeriods. The guide says that it
depends on the period, and names one case: five for three. So an alarm forgets its last real data
point this many periods later than one would think, there as here."""
COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (
        lambda value, limit: value >= limit,
        "greater than or equal to",
    ),
    "GreaterThanThreshold": (lambda value, limit: value > limit, "greater than"),
    "LessThanThreshold": (lambda value, limit: value < limit, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, limit: value <= limit, "less than or equal to"),
}


@dataclass(frozen=True)
class Rule:
    """What an alarm is about. `period` is in seconds."""

    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float
    missing: Missing

    @property
    def range(self) -> int:
        """How many data points are looked at."""
        return self.evaluation_periods + EXTRA_PERIODS

    @property
    def is_of_days(self) -> bool:
        """Whether it is evaluated once an hour, over whole hours, and not every minute."""
        return self.period * self.evaluation_periods > 86400

    def breaches(self, value: float) -> bool:
        """Whether a data point is beyond the threshold."""
        return COMPARISONS[self.comparison][0](value, self.threshold)

    @property
    def words(self) -> str:
        """The condition in words."""
        return f"{COMPARISONS[self.comparison][1]} the threshold ({_number(self.threshold)})"


@dataclass(frozen=True)
class Verdict:
    """What an evaluation came to. `value` is None when the state is to stay as it is."""

    value: StateValue | None
    reason: str


def judge(rule: Rule, points: Sequence[float | None]) -> Verdict:
    """Decide by the newest data points.

    Args:
        rule: The alarm's.
        points: One for each period of `rule.range`, newest first; None where data is missing.
    """
    real = [(age, value) for age, value in enumerate(points) if value is not None]
    needed = rule.evaluation_periods
    evaluated = [value for _, value in real[:needed]]
    breaching = sum(map(rule.breaches, evaluated))
    lacking = needed - len(evaluated)
    if lacking == 0:
        return _by_count(rule, evaluated, breaching, "")
    if not real:
        return _without_data(rule)
    filled = f", and {lacking} missing treated as {rule.missing}"
    if rule.missing == "breaching":
        return _by_count(rule, evaluated, breaching + lacking, filled)
    if rule.missing == "notBreaching" or breaching >= rule.datapoints_to_alarm:
        return _by_count(rule, evaluated, breaching, filled)
    if breaching < len(real):
        return _by_count(rule, evaluated, breaching, filled)
    return _intermittent(rule, evaluated, oldest=real[-1][0])


def _intermittent(rule: Rule, evaluated: Sequence[float], *, oldest: int) -> Verdict:
    """Every real data point breaches, but they are fewer than it takes ("premature transitions").

    Old enough, and with nothing better since, they raise the alarm. Younger, the next one may be
    better: the guide's older table has INSUFFICIENT_DATA there (`- - - - X`), its newer text only
    that the alarm is not raised.
    """
    if rule.missing == "ignore":
        return Verdict(None, "")
    if oldest + 1 >= rule.datapoints_to_alarm:
        shown = _shown(evaluated)
        words = f"Threshold Crossed: {shown} was {rule.words}, and nothing better came since"
        return Verdict("ALARM", words)
    few = f"Insufficient Data: {len(evaluated)} of {rule.evaluation_periods} datapoints were there"
    return Verdict("INSUFFICIENT_DATA", few)


def _without_data(rule: Rule) -> Verdict:
    words = (
        f"no datapoints were received for {rule.evaluation_periods} "
        f"period{'s' if rule.evaluation_periods > 1 else ''} of {rule.period} seconds"
    )
    match rule.missing:
        case "missing":
            return Verdict("INSUFFICIENT_DATA", f"Insufficient Data: {words}")
        case "ignore":
            return Verdict(None, "")
        case "breaching":
            return Verdict("ALARM", f"Threshold Crossed: {words}, and missing is breaching")
    return Verdict("OK", f"Threshold Crossed: {words}, and missing is not breaching")


def _by_count(rule: Rule, evaluated: Sequence[float], breaching: int, filled: str) -> Verdict:
    """As CloudWatch words it; "Threshold Crossed" is its word in both directions."""
    is_alarm = breaching >= rule.datapoints_to_alarm
    real = sum(map(rule.breaches, evaluated))
    of = len(evaluated)
    counted = real if is_alarm else of - real
    was = "was" if is_alarm else "was not"
    words = (
        f"Threshold Crossed: {counted} out of the last {of} datapoint{'s' if of > 1 else ''} "
        f"{_shown(evaluated)} {was} {rule.words}{filled} "
        f"({rule.datapoints_to_alarm} of {rule.evaluation_periods} raise it)"
    )
    return Verdict("ALARM" if is_alarm else "OK", words)


def _shown(values: Sequence[float]) -> str:
    return f"[{', '.join(_number(value) for value in values[:5])}{', …' if values[5:] else ''}]"


def _number(value: float) -> str:
    return f"{value:.6g}"
