"""Rules over the alarms of template.yaml, and over the runbook that each of them leads to."""

from __future__ import annotations

import re
from typing import Any

import pytest

from local.stack import ROOT, rate_seconds
from returns_hub.adapters.queues.sqs import COPY_FROM_RECEIVE, LONGEST_DELAY
from tests.template.emitted import ANY, emitted
from tests.template.parts import function_behind, of_type

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
QUARTER_OF_AN_HOUR, HOUR, DAY, WEEK = 900, 3600, 86400, 604800
SLEEPS_AFTER = 6 * HOUR
"""So long CloudWatch surely tells of a queue that nobody asks ("Monitoring Amazon SQS")."""
BY_AWS = {
    "AWS/SQS": {
        "ApproximateNumberOfMessagesVisible": "QueueName",
        "ApproximateAgeOfOldestMessage": "QueueName",
    },
    "AWS/Lambda": {"Errors": "FunctionName"},
    "AWS/ApiGateway": {"5xx": "ApiId"},
}
OURS = {"Fn::Sub": "ReturnsHub/${Stage}"}
"""With the stage: two hubs in one account and region count apart."""
SERVICE = {"Name": "service", "Value": "returns-hub"}
HAS_ALL = ("**Means.**", "**If ignored.**", "**Look.**", "**Do.**", "**Clears.**")


@pytest.fixture
def every_alarm(resources: dict[str, Any]) -> dict[str, Any]:
    return of_type(resources, "AWS::CloudWatch::Alarm")


@pytest.fixture
def alarms(resources: dict[str, Any], every_alarm: dict[str, Any]) -> dict[str, Any]:
    """Those that a person is told of; the brakes of a rollout are test_rollout's."""
    return {n: a for n, a in every_alarm.items() if resources[n].get("Condition") != "IsGradual"}


def of_dimension(alarms: dict[str, Any], name: str, metric: str) -> dict[str, Any]:
    """Alarms of a metric by the value of one dimension, a reference by the name it refers to."""
    return {
        value["Ref"] if isinstance(value, dict) and "Ref" in value else str(value): alarm
        for alarm in alarms.values()
        if alarm["MetricName"] == metric
        for value in (d["Value"] for d in alarm["Dimensions"] if d["Name"] == name)
    }


def sections(text: str) -> dict[str, str]:
    """A page's sections of the second level by their anchors, as the forge makes them."""
    found = {}
    for part in text.split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found[words.replace(" ", "-")] = body
    return found


def anchor_of(alarm: dict[str, Any]) -> str:
    told = re.fullmatch(r"[^.#]+ - docs/runbook\.md#([a-z-]+)", alarm["AlarmDescription"])
    assert told, alarm["AlarmDescription"]
    return told[1]


def test_every_alarm_says_what_is_wrong_in_a_sentence_and_where_its_runbook_is(
    every_alarm: dict[str, Any],
) -> None:
    kept = sections(RUNBOOK)
    for name, alarm in every_alarm.items():
        assert anchor_of(alarm) in kept, name
        assert len(alarm["AlarmDescription"]) < 200, name


def test_every_section_of_the_runbook_is_whole_and_names_its_alarms(
    every_alarm: dict[str, Any],
) -> None:
    led_to: dict[str, set[str]] = {}
    for name, alarm in every_alarm.items():
        led_to.setdefault(anchor_of(alarm), set()).add(name)
    for anchor, body in sections(RUNBOOK).items():
        first = body.partition("**Means.**")[0]
        assert set(re.findall(r"`(\w+)`", first)) == led_to.get(anchor), anchor
        for word in HAS_ALL:
            assert body.count(word) == 1, (anchor, word)


def slugs(text: str) -> set[str]:
    """The anchors of all of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("name", ["runbook.md", "operators.md"])
def test_links_of_a_page_lead_somewhere(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w/.-]*)(?:#([\w-]+))?\)", text)
    assert links
    for page, anchor in links:
        target = ROOT / "docs" / (page or name)
        assert target.exists(), page
        assert not anchor or anchor in slugs(target.read_text(encoding="utf-8")), (page, anchor)


def test_alarms_are_everywhere_and_tell_the_topic_of_both_ends(
    resources: dict[str, Any], alarms: dict[str, Any]
) -> None:
    told = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    for name, alarm in alarms.items():
        assert name.endswith("Alarm")
        assert "Condition" not in resources[name], name
        assert alarm["AlarmActions"] == alarm["OKActions"] == told, name


def test_every_alarm_watches_what_the_code_or_aws_emits(alarms: dict[str, Any]) -> None:
    for name, alarm in alarms.items():
        metric, dimensions = alarm["MetricName"], alarm["Dimensions"]
        if alarm["Namespace"] != OURS:
            (dimension,) = dimensions
            assert BY_AWS[alarm["Namespace"]][metric] == dimension["Name"], name
            continue
        assert SERVICE in dimensions, name
        own = frozenset(d["Name"] for d in dimensions if d != SERVICE)
        assert own in emitted().get(metric, ()), f"{name}: nothing emits {metric} by {set(own)}"


def test_every_function_tells_its_metrics_where_the_alarms_look(
    resources: dict[str, Any], translation: dict[str, Any]
) -> None:
    declared = translation["template"]["Parameters"]["MetricsByMerchant"]
    assert (declared["Default"], declared["AllowedValues"]) == ("yes", ["yes", "no"])
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        variables = function["Environment"]["Variables"]
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == OURS, name
        assert variables["METRICS_BY_MERCHANT"] == {"Ref": "MetricsByMerchant"}, name


def test_no_alarm_needs_a_metric_of_a_merchant(every_alarm: dict[str, Any]) -> None:
    """With `MetricsByMerchant` no there are none."""
    for name, alarm in every_alarm.items():
        assert "merchant" not in {d["Name"] for d in alarm["Dimensions"]}, name
        assert "Metrics" not in alarm, name


def test_the_metrics_are_read_from_the_code() -> None:
    found = emitted()
    assert found["WebhookRefused"] == {frozenset(), frozenset({"code"})}
    assert found["OperatorNeeded"] == {frozenset()}
    assert frozenset({ANY}) in found["MarketOrdersSeen"]


def test_missing_data_is_taken_as_what_its_lack_means(alarms: dict[str, Any]) -> None:
    """What is told again and again keeps its state while nobody tells; what is counted only where
    it happens did not happen; what has to come has not come."""
    for name, alarm in alarms.items():
        must_come = alarm["ComparisonOperator"] == "LessThanThreshold"
        is_gauge = alarm["Namespace"] == OURS and alarm["Statistic"] == "Maximum"
        wanted = "breaching" if must_come else "ignore" if is_gauge else "notBreaching"
        assert alarm["TreatMissingData"] == wanted, name


def test_what_an_alarm_looks_back_over_cloudwatch_allows(alarms: dict[str, Any]) -> None:
    for name, alarm in alarms.items():
        assert alarm["Period"] % 60 == 0, name
        longest = WEEK if alarm["Period"] >= HOUR else DAY
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= longest, name
        assert alarm.get("DatapointsToAlarm", 1) <= alarm["EvaluationPeriods"], name


def test_every_schedule_has_an_alarm_that_it_did_not_start(
    resources: dict[str, Any], alarms: dict[str, Any], translation: dict[str, Any]
) -> None:
    watched = of_dimension(alarms, "flow", "JobsStarted")
    scheduled = set()
    for rule in of_type(resources, "AWS::Events::Rule").values():
        function = rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]
        folder = translation["sources"][function].strip("/").rpartition("/")[2]
        alarm = watched[folder]
        assert alarm["Period"] == rate_seconds(rule["ScheduleExpression"]), folder
        assert (alarm["EvaluationPeriods"], alarm["Statistic"], alarm["Threshold"]) == (3, "Sum", 1)
        scheduled.add(folder)
    assert set(watched) == scheduled


def of_queue(alarms: dict[str, Any], metric: str) -> dict[str, Any]:
    """Alarms of a metric of SQS by the queue's logical id."""
    return {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm
        for alarm in alarms.values()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", metric)
    }


def dead_letter_queues(resources: dict[str, Any]) -> set[str]:
    return {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in of_type(resources, "AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    }


def readers(resources: dict[str, Any]) -> dict[str, str]:
    """Queue -> the function that reads it."""
    return {
        mapping["EventSourceArn"]["Fn::GetAtt"][0]: function_behind(
            resources, mapping["FunctionName"]
        )
        for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    }


def test_every_queue_that_no_schedule_refills_has_an_alarm_that_nobody_reads_it(
    resources: dict[str, Any], alarms: dict[str, Any]
) -> None:
    """Of one whose runs a schedule asks for anew, a cursor tells that they do not end."""
    scheduled = {
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]
        for rule in of_type(resources, "AWS::Events::Rule").values()
    }
    read = readers(resources)
    refilled = {queue for queue, function in read.items() if function in scheduled}
    queues = of_type(resources, "AWS::SQS::Queue")
    watched = of_queue(alarms, "ApproximateAgeOfOldestMessage")
    assert set(watched) == set(queues) - refilled - dead_letter_queues(resources)
    for name, alarm in watched.items():
        assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1), name
        # Most of the time that a message is kept is left to whoever is told.
        assert alarm["Threshold"] * 4 <= queues[name]["MessageRetentionPeriod"], name


def test_a_message_that_waits_for_a_partner_is_never_so_old_that_an_alarm_is_raised(
    resources: dict[str, Any], alarms: dict[str, Any]
) -> None:
    """However long the partner is away: from the tenth receive on it is a fresh copy."""
    queues, read = of_type(resources, "AWS::SQS::Queue"), readers(resources)
    for name, alarm in of_queue(alarms, "ApproximateAgeOfOldestMessage").items():
        if name not in read:
            # Whoever books refunds may do so once a day.
            assert alarm["Threshold"] >= DAY + HOUR, name
            continue
        each = max(LONGEST_DELAY, queues[name]["VisibilityTimeout"])
        waits = (COPY_FROM_RECEIVE - 1) * each
        assert waits + HOUR <= alarm["Threshold"] < SLEEPS_AFTER, name


def test_every_dead_letter_queue_has_an_alarm_after_a_quarter_of_an_hour(
    resources: dict[str, Any], alarms: dict[str, Any]
) -> None:
    watched = of_queue(alarms, "ApproximateNumberOfMessagesVisible")
    assert set(watched) == dead_letter_queues(resources)
    for name, alarm in watched.items():
        assert alarm["Period"] * alarm["EvaluationPeriods"] == QUARTER_OF_AN_HOUR, name
        assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 1), name


def test_every_function_has_an_alarm_of_its_errors(
    resources: dict[str, Any], alarms: dict[str, Any]
) -> None:
    watched = of_dimension(alarms, "FunctionName", "Errors")
    assert set(watched) == set(of_type(resources, "AWS::Lambda::Function"))
    every = {
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]: rate_seconds(rule["ScheduleExpression"])
        for rule in of_type(resources, "AWS::Events::Rule").values()
    }
    for name, alarm in watched.items():
        assert alarm["Statistic"] == "Average", name
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0.05, "GreaterThanThreshold")
        # A span without an invocation counts as good: a schedule has to tick in each.
        assert alarm["Period"] >= every.get(name, 0), name
        assert alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]) >= 2, name


@pytest.mark.parametrize("offset", range(0, 3600, 60))
def test_a_message_that_always_fails_raises_its_functions_alarm(
    resources: dict[str, Any], alarms: dict[str, Any], offset: int
) -> None:
    """One alone is enough, wherever its deliveries fall, and before it is a dead letter. (Of
    functions with a schedule each tick asks anew for what failed.)"""
    watched = of_dimension(alarms, "FunctionName", "Errors")
    scheduled = {
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]
        for rule in of_type(resources, "AWS::Events::Rule").values()
    }
    queues = of_type(resources, "AWS::SQS::Queue")
    for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values():
        function = function_behind(resources, mapping["FunctionName"])
        if function in scheduled:
            continue
        alarm = watched[function]
        queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        again, times = queue["VisibilityTimeout"], queue["RedrivePolicy"]["maxReceiveCount"]
        spans = {(offset + again * number) // alarm["Period"] for number in range(times)}
        looks_at = alarm["EvaluationPeriods"]
        most = max(len({s for s in spans if 0 <= s - first < looks_at}) for first in spans)
        assert most >= alarm.get("DatapointsToAlarm", looks_at), function


def test_the_daily_summary_may_be_late_and_not_left_out(alarms: dict[str, Any]) -> None:
    alarm = alarms["DailySummaryAlarm"]
    waits = alarm["Period"] * alarm["EvaluationPeriods"]
    assert DAY + HOUR <= waits <= DAY + 6 * HOUR
    # One period of a day would raise days late: CloudWatch looks back over more than one of them.
    assert alarm["Period"] == HOUR


def test_what_the_alarms_cost_is_told(alarms: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    assert f"{len(alarms)} alarms" in text
    assert f"{len(alarms) * 0.10:.2f} USD" in text
