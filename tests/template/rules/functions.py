"""Rules about functions, what starts them, and the alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template.rules.parts import function_of, name_of, of_type

TELLS = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
LONGEST_AGE = 300
TICKS = {
    "CheckWebhooksFunctionEveryFifteenMinutes": "rate(15 minutes)",
    "DriftReportFunctionEveryHour": "rate(1 hour)",
}
"""Schedules that are not every five minutes."""


def are_bounded_and_logged(template: dict[str, Any]) -> Iterator[str]:
    """Each function says its runtime, memory and timeout, and logs to a group that forgets."""
    groups = of_type(template, "AWS::Logs::LogGroup")
    used = []
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        if function.get("Runtime") != "python3.11":
            yield f"{name} does not run on Python 3.11"
        if function.get("Architectures") != [{"Ref": "Architecture"}]:
            yield f"{name} is not of the stack's architecture"
        if not 128 <= function.get("MemorySize", 0) <= 1769:
            yield f"{name}: memory of less than 128 MB, or of more than one processor, or none said"
        if not 1 <= function.get("Timeout", 0) <= 900:
            yield f"{name} says no timeout"
        group = name_of(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            yield f"{name} logs to a group that is not the stack's"
        used.append(group)
    for group in {one for one in used if used.count(one) > 1}:
        yield f"{group} is of several functions"
    for name, group in groups.items():
        if not group.get("RetentionInDays"):
            yield f"{name} never forgets"


def asynchronous_calls_are_bounded(template: dict[str, Any]) -> Iterator[str]:
    """A function that no queue and no door alone starts repeats nothing by itself and does nothing
    late. (What comes from a queue has the queue's bounds, and a door's caller waits.)"""
    started_by_others = {
        function_of(template, mapping["FunctionName"])
        for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values()
    }
    started_by_events = set()
    for permission in of_type(template, "AWS::Lambda::Permission").values():
        of = function_of(template, permission["FunctionName"])
        if permission["Principal"] == "apigateway.amazonaws.com":
            started_by_others.add(of)
        else:
            started_by_events.add(of)
    configs = {
        function_of(template, config["FunctionName"]): config
        for config in of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    }
    functions = of_type(template, "AWS::Lambda::Function").keys()
    for name in (functions - started_by_others) | started_by_events:
        config = configs.get(name, {})
        if config.get("MaximumRetryAttempts", 2) != 0:
            yield f"{name} is repeated by AWS"
        if config.get("MaximumEventAgeInSeconds", 21600) > LONGEST_AGE:
            yield f"{name} may be started long after it was called"


def schedules_are_bounded(template: dict[str, Any]) -> Iterator[str]:
    """A rule ticks as it is meant to, repeats nothing and starts nothing late."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        if rule.get("ScheduleExpression") != TICKS.get(name, "rate(5 minutes)"):
            yield f"{name} does not tick as it is meant to"
        for target in rule["Targets"]:
            retries = target.get("RetryPolicy", {})
            if retries.get("MaximumRetryAttempts", 185) != 0:
                yield f"{name} repeats what failed"
            if retries.get("MaximumEventAgeInSeconds", 86400) > LONGEST_AGE:
                yield f"{name} starts work late"


BRAKE = "IsGradual"


def alarms_tell_their_topic(template: dict[str, Any]) -> Iterator[str]:
    """Each alarm is there in every stack and tells the topic, where there is one, of both ends.

    But for the brakes of a gradual rollout, which CodeDeploy alone looks at.
    """
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        if template["Resources"][name].get("Condition") == BRAKE:
            continue
        if alarm.get("AlarmActions") != TELLS or alarm.get("OKActions") != TELLS:
            yield f"{name} does not tell the topic of both its ends"
        if alarm.get("ActionsEnabled") is False or "Condition" in template["Resources"][name]:
            yield f"{name} can be off"
