"""Deliberate defects: metrics, alarms and the page of the local world."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Defect, Edit, tests

RULES = "local/cloudwatch/alarm_rules.py"
ALARMS = "local/cloudwatch/alarms.py"
OF_RULES = tests("unit/cloudwatch/test_alarm_rules.py")
OF_ALARMS = tests("unit/cloudwatch/test_alarms.py")
OF_EMF = tests("unit/cloudwatch/test_emf.py")
OF_MATH = tests("unit/cloudwatch/test_expressions.py")
OF_SERVER = tests("unit/page/test_server.py")
OF_CUSTOM = tests("unit/page/test_custom.py")

OF_THE_PAGE = (
    Defect(
        "an alarm is raised by a data point that may still turn out well",
        TOLD,
        (Edit(RULES, "    if oldest + 1 >= rule.datapoints_to_alarm:", "    if oldest >= 0:"),),
        (OF_RULES,),
    ),
    Defect(
        "missing data is filled in where there is enough real data",
        TOLD,
        (
            Edit(
                RULES,
                "    evaluated = [value for _, value in real[:needed]]",
                "    evaluated = [value for age, value in real if age < needed]",
            ),
        ),
        (OF_RULES,),
    ),
    Defect(
        "the age of a queue is that of a message which comes back again and again",
        CALM,
        (
            Edit(
                "local/cloudwatch/of_aws.py",
                'queue.takes_dead_letters or row["ReceiveCount"] < RECEIVES_OF_THE_BACK',
                'queue.takes_dead_letters or row["ReceiveCount"] >= 0',
            ),
        ),
        (tests("component/test_cloudwatch.py"),),
    ),
    Defect(
        "an alarm's last data point is not seen to end",
        TOLD,
        (
            Edit(
                ALARMS,
                "        begins = minute * MINUTE - alarm.rule.range * alarm.rule.period",
                "        begins = float(minute * MINUTE)",
            ),
        ),
        (OF_ALARMS,),
    ),
    Defect(
        "true counts as the number one",
        TOLD,
        (
            Edit(
                "local/cloudwatch/emf.py",
                " and not isinstance(v, bool) for v in values):",
                " for v in values):",
            ),
        ),
        (OF_EMF,),
    ),
    Defect(
        "half a line of a log is taken for a line",
        LOST,
        (
            Edit(
                "local/cloudwatch/emf.py",
                "        self._rest[path] = rest\n",
                '        self._rest[path] = b""\n',
            ),
        ),
        (OF_EMF,),
    ),
    Defect(
        "a search finds metrics with more dimensions than it names",
        TOLD,
        (
            Edit(
                "local/cloudwatch/search.py",
                "names != sorted(dimensions)",
                "not set(dimensions) <= set(names)",
            ),
        ),
        (OF_MATH,),
    ),
    Defect(
        "another site can make the page act",
        TWICE,
        (
            Edit(
                "local/page/server.py",
                "        if origin is not None and origin not in",
                '        if origin == "" and origin not in',
            ),
        ),
        (OF_SERVER,),
    ),
    Defect(
        "an act takes the widget's own parameters for its own",
        TWICE,
        (
            Edit(
                "local/page/custom.py",
                '    return {**params, "widgetContext": context}',
                '    return {**context["params"], **params, "widgetContext": context}',
            ),
        ),
        (OF_CUSTOM,),
    ),
)
