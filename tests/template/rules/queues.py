"""Rules about queues and what is fed from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template.rules.parts import DAY, denies_plain_http, function_of, name_of, of_type


def dead_letters_are_kept_longer_and_watched(template: dict[str, Any]) -> Iterator[str]:
    """Every queue has a dead-letter queue, and that an alarm and the time for a person to look."""
    queues = of_type(template, "AWS::SQS::Queue")
    feeds = {
        name_of(queue["RedrivePolicy"]["deadLetterTargetArn"]): queue
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    watched = {
        name_of(dimension["Value"])
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Dimensions"]
        if alarm["Namespace"] == "AWS/SQS"
    }
    for name, queue in queues.items():
        if name not in feeds:
            if "RedrivePolicy" not in queue:
                yield f"{name} has no dead-letter queue"
            continue
        if queue.get("MessageRetentionPeriod") != 14 * DAY:
            yield f"{name} does not keep dead letters for 14 days"
        # A message keeps its age when it is moved to the dead letters.
        if feeds[name].get("MessageRetentionPeriod", 4 * DAY) >= 14 * DAY:
            yield f"{name} forgets a dead letter as it comes"
        if name not in watched:
            yield f"{name} has no alarm"


def events_report_failures_within_limits(template: dict[str, Any]) -> Iterator[str]:
    """One bad message spoils no other, and none is handed out again while it is worked on."""
    queues = of_type(template, "AWS::SQS::Queue")
    functions = of_type(template, "AWS::Lambda::Function")
    for name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        queue = queues[name_of(mapping["EventSourceArn"])]
        function = functions[function_of(template, mapping["FunctionName"])]
        least = 6 * function.get("Timeout", 3) + mapping.get("MaximumBatchingWindowInSeconds", 0)
        if queue.get("VisibilityTimeout", 30) < least:
            yield f"{name}: a message comes back before {least} s"
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: one bad message fails its whole batch"
        if not mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield f"{name}: as many at once as AWS likes"


def only_over_tls(template: dict[str, Any]) -> Iterator[str]:
    """Every queue has a policy that denies what does not come over TLS."""
    guarded = {
        name_of(queue)
        for policy in of_type(template, "AWS::SQS::QueuePolicy").values()
        for queue in policy["Queues"]
        if denies_plain_http(policy, "sqs")
    }
    for name in of_type(template, "AWS::SQS::Queue").keys() - guarded:
        yield f"{name} can be reached over plain HTTP"
