"""What a policy allows; every statement of template.yaml is told of, and people's policies too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.main import hub
from local.iam.held import RECORD
from local.iam.policies import functions, policy_in, policy_of, resources, resources_of
from local.iam.rules import Asked, Policy, asked_of, policy_from
from tests.privilege import operators, table
from tests.privilege.comparison import read_list
from tests.privilege.operators import STACK, path_of

TEMPLATE = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - Version: "2012-10-17"
          Statement:
            - {Sid: A, Effect: Allow, Action: "sqs:*", Resource: !GetAtt Q.Arn}
            - {Sid: B, Effect: Deny, Action: ["sqs:DeleteMessage"], NotResource: !GetAtt Other.Arn}
            - Sid: C
              Effect: Allow
              Action: [s3:ListBucket]
              Resource: !GetAtt Files.Arn
              Condition: {StringLike: {"s3:prefix": "feeds/*"}}
        - !Ref Shared
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Sid: K, Effect: Allow, Action: [kms:Decrypt], Resource: !GetAtt Key.Arn,
             Condition: {StringEquals: {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}}
  OfARole:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref FRole]
      PolicyDocument:
        Statement: [{Sid: T, Effect: Allow, Action: [sns:Publish], Resource: !Ref Topic}]
"""


@pytest.fixture(params=["as read", "as functions read it"])
def policy(request: pytest.FixtureRequest) -> Policy:
    made = policy_in(resources_of(TEMPLATE), "F")
    if request.param == "as read":
        return made
    from dataclasses import asdict

    return policy_from("F", json.loads(json.dumps([asdict(one) for one in made.statements])))


@pytest.mark.parametrize(
    ("action", "resource", "context", "allowed"),
    [
        ("sqs:SendMessage", "Q.Arn", {}, True),
        ("sqs:SendMessage", "Other.Arn", {}, False),
        ("sqs:DeleteMessage", "Q.Arn", {}, False),  # the denial goes first
        ("s3:ListBucket", "Files.Arn", {"s3:prefix": "feeds/x"}, True),
        ("s3:ListBucket", "Files.Arn", {"s3:prefix": "reports/x"}, False),
        ("s3:ListBucket", "Files.Arn", {}, False),
        ("kms:Decrypt", "Key.Arn", {}, False),  # by its services alone
        ("kms:Decrypt", "Key.Arn", {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}, True),
        ("sns:Publish", "Topic", {}, True),
    ],
)
def test_a_policy_decides_as_iam_does(
    policy: Policy, action: str, resource: str, context: dict[str, str], allowed: bool
) -> None:
    assert policy.allows(Asked(action, resource, tuple(context.items()))) is allowed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("!Ref Shared\n", "!Ref Nowhere\n"),
        ("!Ref Shared\n", "!If [A, B, C]\n"),
        ("StringLike", "DateLessThan"),
        ("NotResource", "NotPrincipal"),
    ],
)
def test_what_is_not_understood_is_not_passed_over(old: str, new: str) -> None:
    with pytest.raises(ValueError, match="not understood"):
        policy_in(resources_of(TEMPLATE.replace(old, new)), "F")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "asked"),
    [
        (
            "dynamodb",
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "A"}},
                    {"ConditionCheck": {"TableName": "B"}},
                ]
            },
            ["dynamodb:PutItem A.Arn", "dynamodb:ConditionCheckItem B.Arn"],
        ),
        (
            "dynamodb",
            "BatchWriteItem",
            {"RequestItems": {"A": [], "B": []}},
            ["dynamodb:BatchWriteItem A.Arn", "dynamodb:BatchWriteItem B.Arn"],
        ),
        (
            "dynamodb",
            "Query",
            {"TableName": "A", "IndexName": "x"},
            ["dynamodb:Query A.Arn/index/x"],
        ),
        (
            "sqs",
            "DeleteMessageBatch",
            {"QueueUrl": "http://h/0/Q"},
            ["sqs:DeleteMessage Q.Arn"],
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "arn:aws:secretsmanager:r:1:secret:hub/m/redo-Zz9Zz9"},
            ["secretsmanager:GetSecretValue secret:hub/m/redo-Zz9Zz9"],
        ),
        ("s3", "HeadObject", {"Bucket": "F", "Key": "a/b"}, ["s3:GetObject F.Arn/a/b"]),
        (
            "events",
            "PutEvents",
            {"Entries": [{"EventBusName": "b"}]},
            ["events:PutEvents event-bus/b"],
        ),
        ("kms", "Decrypt", {}, ["kms:Decrypt *"]),
    ],
)
def test_a_call_asks_for_each_right_that_it_needs(
    service: str, operation: str, parameters: dict[str, Any], asked: list[str]
) -> None:
    found = [f"{one.action} {one.resource}" for one in asked_of(service, operation, parameters)]
    assert found == asked


# -- template.yaml, and what is told of it ---------------------------------------------------------


def test_no_function_takes_from_a_queue_that_is_not_its_own() -> None:
    held = 0
    for function in functions(resources()):
        events = resources()[function]["Properties"].get("Events", {}).values()
        own = {e["Properties"]["Queue"] for e in events if e["Type"] == "SQS"}
        denied = [s for s in policy_of(function).statements if not s.allows]
        if not own:
            assert denied == []
            continue
        (statement,) = denied
        assert statement.besides
        assert set(statement.resources) == own
        taking = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
        assert set(statement.actions) == taking, "what AWSLambdaSQSQueueExecutionRole allows"
        held += 1
    assert held == 9


def test_the_page_has_every_statement_and_what_it_is_for() -> None:
    wanted = {(row.function, row.statement): row.text for row, _ in table.rows()}
    assert {key: cells for key, (cells, _) in table.kept().items()} == wanted, (
        "write docs/permissions.md anew: python -m tests.privilege table"
    )
    without = [key for key, (row, _) in zip(wanted, table.rows(), strict=True) if not row.purpose]
    assert without == [], "say what it is for in tests/privilege/purposes.toml"


def test_no_purpose_is_of_a_statement_that_is_gone() -> None:
    rows = {(row.function, statement.sid) for row, statement in table.rows()}
    names = {sid for _, sid in rows} | {f"{function}.{sid}" for function, sid in rows}
    assert set(table.purposes()) - names == set()


def test_the_page_tells_why_what_is_listed_is_needed() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    for listed in read_list():
        assert listed.why in page, "write docs/permissions.md anew: python -m tests.privilege table"


# -- people ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["read", "act"])
def test_peoples_policies_are_ones_that_iam_takes(kind: operators.Kind) -> None:
    content = json.loads(path_of(kind).read_text(encoding="utf-8"))
    # Quotas of IAM: a managed policy has at most 6,144 characters, white space not counted.
    assert len("".join(json.dumps(content).split())) <= 6144
    sids = [statement["Sid"] for statement in content["Statement"]]
    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)
    for statement in content["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action]
        for resource in statement["Resource"]:
            assert STACK in resource or "Condition" in statement or resource == "*", resource


def test_who_only_looks_writes_no_timeline_no_secret_and_takes_no_message() -> None:
    rights = operators.kept("read")
    assert not [r for r in rights if r.action in {"sqs:SendMessage", "sqs:DeleteMessage"}]
    written = {r.resource for r in rights if r.action.endswith((":PutItem", ":UpdateItem"))}
    assert not [one for one in written if "ReturnsTable" in one or "LedgerTable" in one]
    secrets = {
        r.resource
        for r in rights
        if r.action.endswith(("SecretValue", "CreateSecret"))
        and not r.action.endswith(":GetSecretValue")
    }
    assert all("-session" in one for one in secrets)


def test_verbs_that_are_faked_exist() -> None:
    assert {use.who for use in operators.faked()} <= set(hub.commands)


def test_a_verb_that_asks_for_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RECORD, raising=False)
    writes = [Asked("dynamodb:UpdateItem", "LedgerTable.Arn")]
    operators.require("unleashed run", writes)
    with pytest.raises(AssertionError, match=r"hub parked list \(read\) asks for dynamodb:Update"):
        operators.require("parked list", writes)
