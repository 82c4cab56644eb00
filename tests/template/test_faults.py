"""Each rule sees the faults that it is there for: a copy of the template is broken, it objects."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.template.breaking import Break, also_allowing, one_more, told, with_, without
from tests.template.rules import RULES, Rule, data, functions, privileges, queues

PORTAL = "CreateExternalReturnFunction"
POLL = "PollMintsoftFunction"
ROLE = f"{PORTAL}Role"
QUEUE = "ApprovedReturnsQueue"
DEAD = "ApprovedReturnsDeadLetterQueue"
TICK = "PollMintsoftFunctionEveryFiveMinutes"
MAPPING = f"{PORTAL}ApprovedReturns"
ALARM = "ApprovedReturnsDeadLetterAlarm"


P = "Properties"
KEY_STATEMENTS = ("DataKey", P, "KeyPolicy", "Statement")
USES_KEY = ("UseDataKeyPolicy", P, "PolicyDocument", "Statement", 0)
SECRET = "FirstMerchantRedoSecret"
TABLE = {"Fn::GetAtt": ["ReturnsTable", "Arn"]}

FAULTS: dict[Rule, dict[str, Break]] = {
    queues.dead_letters_are_kept_longer_and_watched: {
        "a queue without dead letters": without(QUEUE, P, "RedrivePolicy"),
        "dead letters that are forgotten in four days": without(DEAD, P, "MessageRetentionPeriod"),
        "dead letters as old as they may get": with_(
            QUEUE, P, "MessageRetentionPeriod", value=1209600
        ),
        "dead letters without an alarm": without(ALARM),
    },
    queues.events_report_failures_within_limits: {
        "a queue that hands out what is still worked on": with_(
            QUEUE, P, "VisibilityTimeout", value=359
        ),
        "a function that may take longer than its queue waits": with_(
            PORTAL, P, "Timeout", value=61
        ),
        "a batch that fails whole": without(MAPPING, P, "FunctionResponseTypes"),
        "a queue that is worked on without a limit": without(MAPPING, P, "ScalingConfig"),
    },
    queues.only_over_tls: {
        "a queue that no policy guards": lambda template: template["Resources"][
            "QueuesOverTlsPolicy"
        ][P]["Queues"].pop(),
        "queues' policy that denies TLS": with_(
            *("QueuesOverTlsPolicy", P, "PolicyDocument", "Statement", 0, "Condition"),
            value={"Bool": {"aws:SecureTransport": True}},
        ),
    },
    functions.are_bounded_and_logged: {
        "a function without a log group of its own": without(PORTAL, P, "LoggingConfig"),
        "two functions in one log group": with_(
            PORTAL, P, "LoggingConfig", "LogGroup", "Ref", value="PollMintsoftLogGroup"
        ),
        "a log that is kept for ever": without("WebhooksAccessLogGroup", P, "RetentionInDays"),
        "a function that says no timeout": without(PORTAL, P, "Timeout"),
        "a function that says no memory": without(PORTAL, P, "MemorySize"),
        "another runtime": with_(PORTAL, P, "Runtime", value="python3.9"),
    },
    functions.asynchronous_calls_are_bounded: {
        "a function that is repeated by AWS": without(f"{POLL}EventInvokeConfig"),
        "a function that acts an hour after the click": with_(
            "OpsActsFunctionEventInvokeConfig", P, "MaximumEventAgeInSeconds", value=3600
        ),
        "one try more": with_(f"{POLL}EventInvokeConfig", P, "MaximumRetryAttempts", value=1),
    },
    functions.schedules_are_bounded: {
        "a rule that repeats 185 times": without(TICK, P, "Targets", 0, "RetryPolicy"),
        "a rule that starts work a day late": without(
            TICK, P, "Targets", 0, "RetryPolicy", "MaximumEventAgeInSeconds"
        ),
        "a rule that ticks too rarely": with_(TICK, P, "ScheduleExpression", value="rate(5 hours)"),
    },
    functions.alarms_tell_their_topic: {
        "an alarm that tells nobody": without(ALARM, P, "AlarmActions"),
        "an alarm that needs a topic": with_(
            *(ALARM, P, "OKActions"), value=[{"Ref": "AlarmTopicArn"}]
        ),
        "an alarm that is there only with a topic": with_(
            ALARM, "Condition", value="HasAlarmTopic"
        ),
    },
    privileges.no_star: {
        "every action of a service": also_allowing(ROLE, Action=["dynamodb:*"], Resource=TABLE),
        "an action that is not in a list": also_allowing(
            ROLE, Action="dynamodb:Get*", Resource=TABLE
        ),
        "every table": also_allowing(ROLE, Action=["dynamodb:GetItem"], Resource="*"),
        "every index": also_allowing(
            ROLE, Action=["dynamodb:Query"], Resource=[{"Fn::Sub": "${ReturnsTable.Arn}/index/*"}]
        ),
        "every secret of the account": also_allowing(
            ROLE,
            Action=["secretsmanager:GetSecretValue"],
            Resource={"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:*:secret:*"},
        ),
        "all but what is named": also_allowing(ROLE, NotAction=["iam:PassRole"], Resource=TABLE),
        "a queue that anybody may send to": with_(
            "QueuesOverTlsPolicy", P, "PolicyDocument", "Statement", 0, "Effect", value="Allow"
        ),
        "a role of everybody's": with_(
            *(ROLE, P, "AssumeRolePolicyDocument", "Statement", 0, "Principal"), value={"AWS": "*"}
        ),
    },
    privileges.managed_policies_are_known: {
        "a policy that AWS may widen": with_(
            ROLE, P, "ManagedPolicyArns", 0, value="arn:aws:iam::aws:policy/AmazonSQSFullAccess"
        ),
    },
    privileges.permissions_name_their_source: {
        "a function that every rule may start": without(f"{TICK}Permission", P, "SourceArn"),
        "a function that another stack's rule may start": with_(
            f"{TICK}Permission", P, "SourceArn", value="arn:aws:events:eu-west-1:1:rule/other"
        ),
    },
    privileges.the_key_is_used_through_services: {
        "the key without a service between": without(*USES_KEY, "Condition"),
        "the key to do more with than reading and writing": with_(
            *USES_KEY, "Action", value=["kms:Decrypt", "kms:ScheduleKeyDeletion"]
        ),
        "another key": with_(*USES_KEY, "Resource", value="arn:aws:kms:eu-west-1:1:key/other"),
        "a function that cannot read what is encrypted": lambda template: template["Resources"][
            ROLE
        ][P]["ManagedPolicyArns"].remove({"Ref": "UseDataKeyPolicy"}),
    },
    data.is_under_the_data_key: {
        "a queue that AWS's key encrypts": without(DEAD, P, "KmsMasterKeyId"),
        "a table that AWS's key encrypts": with_(
            "LedgerTable", P, "SSESpecification", value={"SSEEnabled": True}
        ),
        "a secret under another key": with_(
            SECRET, P, "KmsKeyId", value="alias/aws/secretsmanager"
        ),
        "a log that is not encrypted": without("WebhooksAccessLogGroup", P, "KmsKeyId"),
        "a bucket that is not encrypted": without("FilesBucket", P, "BucketEncryption"),
        "a new place for data": one_more("Stream", "AWS::Kinesis::Stream", ShardCount=1),
    },
    data.tables_are_recoverable_and_kept: {
        "a table that goes with its stack": without("LedgerTable", "DeletionPolicy"),
        "a table that goes when it is replaced": without("LedgerTable", "UpdateReplacePolicy"),
        "a table without a way back": without("LedgerTable", P, "PointInTimeRecoverySpecification"),
        "a table that can be too small": with_(
            "LedgerTable", P, "BillingMode", value="PROVISIONED"
        ),
        "a table that never forgets": without("LedgerTable", P, "TimeToLiveSpecification"),
    },
    data.the_key_turns_and_is_kept: {
        "a key that goes with its stack, and every table with it": without(
            "DataKey", "DeletionPolicy"
        ),
        "a key that stays the same": with_("DataKey", P, "EnableKeyRotation", value=False),
        "a key that is gone in a week": with_("DataKey", P, "PendingWindowInDays", value=7),
        "a key that logs of every stack may use": without(*KEY_STATEMENTS, 1, "Condition"),
        "a key that is let to another account": with_(
            *KEY_STATEMENTS, 0, "Principal", value={"AWS": "arn:aws:iam::1:root"}
        ),
    },
    data.the_bucket_is_private_and_over_tls: {
        "a bucket that could be made public": with_(
            "FilesBucket", P, "PublicAccessBlockConfiguration", "BlockPublicPolicy", value=False
        ),
        "a bucket over plain HTTP": without("FilesBucketPolicy"),
    },
    data.no_secret_is_told: {
        "a token in the environment": with_(
            PORTAL, P, "Environment", "Variables", "REDO_TOKEN", value="x"
        ),
        "a secret of Secrets Manager's in the environment": with_(
            *(PORTAL, P, "Environment", "Variables", "REDO"),
            value={"Fn::Sub": "{{resolve:secretsmanager:${AWS::StackName}/x/redo}}"},
        ),
        "a token among the parameters": told("Parameters", "RedoToken", Type="String"),
        "a secret among the outputs": told("Outputs", "Redo", Value={"Ref": SECRET}),
        "a secret on the dashboard": with_(
            "Dashboard", P, "DashboardBody", value={"Fn::Sub": f"{{${{{SECRET}}}}}"}
        ),
        "a secret in the template itself": with_(SECRET, P, "SecretString", value='{"token": "x"}'),
    },
}


CASES = [
    pytest.param(rule, broken, id=name)
    for rule, faults in FAULTS.items()
    for name, broken in faults.items()
]


@pytest.mark.parametrize(("rule", "broken"), CASES)
def test_the_rule_sees_the_fault(rule: Rule, broken: Break, translation: dict[str, Any]) -> None:
    template = copy.deepcopy(translation["template"])
    broken(template)
    assert list(rule(template))


def test_every_rule_was_seen_to_object() -> None:
    assert FAULTS.keys() == set(RULES)
