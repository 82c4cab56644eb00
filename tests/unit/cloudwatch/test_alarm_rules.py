"""How CloudWatch decides about an alarm: the tables of its user guide, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from local.cloudwatch.alarm_rules import Rule, judge

RETAIN = None
ALARM, OK, INSUFFICIENT = "ALARM", "OK", "INSUFFICIENT_DATA"


def rule(**changes: Any) -> Rule:
    content: dict[str, Any] = {
        "period": 300,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 1.0,
        "missing": "missing",
    }
    return Rule(**{**content, **changes})


def points(drawn: str) -> list[float | None]:
    """Of a row of the tables, where the newest is on the right."""
    meaning = {"0": 0.0, "X": 5.0, "-": None}
    return [meaning[sign] for sign in reversed(drawn.split())]


TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
THREE_OF_THREE = [
    ("0 - X - X", (OK, OK, OK, OK)),
    ("0 - - - -", (OK, OK, OK, OK)),
    ("- - - - -", (INSUFFICIENT, RETAIN, ALARM, OK)),
    ("0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
    ("- - X - -", (ALARM, RETAIN, ALARM, OK)),
    # Of the older edition of the table; the newer text says that it is not ALARM.
    ("- - - - X", (INSUFFICIENT, RETAIN, ALARM, OK)),
]
TWO_OF_THREE = [
    ("0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
    ("0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
    ("0 - X - -", (OK, OK, ALARM, OK)),
    ("- - - - 0", (OK, OK, ALARM, OK)),
    ("- - - X -", (ALARM, RETAIN, ALARM, OK)),
]


@pytest.mark.parametrize(
    ("needed", "drawn", "treatment", "value"),
    [
        (needed, drawn, treatment, value)
        for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
        for drawn, values in table
        for treatment, value in zip(TREATMENTS, values, strict=True)
    ],
)
def test_a_row_of_the_guide(needed: int, drawn: str, treatment: str, value: str | None) -> None:
    of = rule(datapoints_to_alarm=needed, missing=treatment)
    assert of.range == 5
    assert judge(of, points(drawn)).value == value


@pytest.mark.parametrize(
    ("comparison", "breaching", "fine"),
    [
        ("GreaterThanOrEqualToThreshold", 1.0, 0.9),
        ("GreaterThanThreshold", 1.1, 1.0),
        ("LessThanOrEqualToThreshold", 1.0, 1.1),
        ("LessThanThreshold", 0.9, 1.0),
    ],
)
def test_a_comparison_at_its_edge(comparison: str, breaching: float, fine: float) -> None:
    of = rule(comparison=comparison, evaluation_periods=1, datapoints_to_alarm=1)
    assert judge(of, [breaching, None, None]).value == ALARM
    assert judge(of, [fine, None, None]).value == OK


def test_only_as_many_as_the_evaluation_periods_are_looked_at() -> None:
    assert judge(rule(), points("X X 0 0 0")).value == OK
    assert judge(rule(), points("0 0 X X X")).value == ALARM


def test_a_breaching_point_is_remembered_for_the_whole_range() -> None:
    of = rule(evaluation_periods=1, datapoints_to_alarm=1, missing="notBreaching")
    assert judge(of, points("X - -")).value == ALARM
    assert judge(of, points("- - -")).value == OK


def test_enough_breaching_points_raise_it_though_missing_ones_are_ignored() -> None:
    of = rule(datapoints_to_alarm=1, missing="ignore")
    assert judge(of, points("- - - - X")).value == ALARM


def test_the_reason_names_values_condition_and_what_was_missing() -> None:
    assert judge(rule(), points("0 X X X X")).reason == (
        "Threshold Crossed: 3 out of the last 3 datapoints [5, 5, 5] was greater than or equal to "
        "the threshold (1) (3 of 3 raise it)"
    )
    assert judge(rule(missing="breaching"), points("- - - - X")).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoint [5] was greater than or equal to "
        "the threshold (1), and 2 missing treated as breaching (3 of 3 raise it)"
    )
    assert "no datapoints were received for 3 periods of 300 seconds" in (
        judge(rule(), points("- - - - -")).reason
    )
