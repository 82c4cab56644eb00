"""The policy of whoever deploys, against what CloudFormation's own resource types say they call.

The SAM CLI's linter brings the schema of every type, with the permissions of its handlers. What is
not tested without an account: whether AWS asks for more, and the resources of each statement.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from functools import cache

import pytest

from local.stack import ROOT, translated

POLICY = ROOT / "config" / "deployer-policy.json"
SCHEMAS = next((ROOT / ".venvs" / "sam" / "lib").glob("*/site-packages/cfnlint/data/schemas"), None)
MOST_CHARACTERS = 10_240
"""Of a role's inline policies, without white space, by IAM."""
HANDLERS = ("create", "read", "update", "delete")
OTHER_FEATURES_OF_BUCKETS = (
    *("Accelerate", "Analytics", "Abac", "Cors", "CORS", "Logging", "Metadata", "Metrics"),
    *("Notification", "ObjectLock", "Tagging", "Versioning", "Website", "IntelligentTiering"),
    *("Inventory", "Replication", "Acl", "Tag", "Journal"),
)
OF_OTHER_FEATURES = (
    # networks, file systems, code signing, scaling and other features that no function here has
    "ec2:*",
    "elasticfilesystem:*",
    "s3files:*",
    "lambda:*CodeSigning*",
    "lambda:*ProvisionedConcurrency*",
    "lambda:*RuntimeManagement*",
    "lambda:*RecursionConfig",
    "lambda:*ScalingConfig",
    "lambda:*FunctionConcurrency",
    "lambda:AssociateRuntimeAlias",
    "lambda:PassCapacityProvider",
    # replicas, imports, streams and rows of tables, autoscaling
    "kinesis:*",
    "dynamodb:*Kinesis*",
    "dynamodb:*Replica",
    "dynamodb:*Import*",
    "dynamodb:*Item",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:*ResourcePolicy",
    "dynamodb:*ContributorInsights",
    "iam:CreateServiceLinkedRole",
    # other ends of logs
    "firehose:*",
    "logs:*DataProtection*",
    "logs:*IndexPolic*",
    "logs:*DeletionProtection",
    "logs:*Bearer*",
    "logs:DeleteResourcePolicy",
    "s3:REST.PUT.OBJECT",
    # of buckets: websites, replication, analytics, inventories, notifications and the like
    *(f"s3:*{word}*" for word in OTHER_FEATURES_OF_BUCKETS),
    "s3:getObject",
    "s3tables:*",
    "s3:DeleteObject",
    # users and groups, and on-premises machines
    "iam:*Group*",
    "iam:*User*",
    "iam:*PermissionsBoundary",
    "codedeploy:RegisterOnPremisesInstance",
    # secrets elsewhere, or made by AWS
    "secretsmanager:*Replic*",
    "secretsmanager:GetRandomPassword",
    "secretsmanager:GetSecretValue",
    "logs:CreateLogDelivery",
)
ENCRYPTION = {"AWS::KMS::Key", "AWS::KMS::Alias", "AWS::IAM::ManagedPolicy"}
"""Types of the stack's own key and of who may use it."""
BY_THE_TOOL = {
    "sts:GetCallerIdentity",
    "cloudformation:DescribeStacks",
    "cloudformation:DescribeStackEvents",
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStackResources",
    "lambda:GetAccountSettings",
    "secretsmanager:DescribeSecret",
    "sns:CreateTopic",
    "sns:Subscribe",
    "sqs:GetQueueAttributes",
}
BY_THE_SAM_CLI = {
    "s3:PutObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
}
BY_HAND = {"cloudformation:ContinueUpdateRollback", "cloudformation:RollbackStack"}
OF_ACCESS_LOGS = {f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")} | {
    "logs:ListLogDeliveries"
}
"""What API Gateway does under the caller's name to log what comes to a door."""


@cache
def asked_by(kind: str) -> frozenset[str]:
    """What the handlers of a type call."""
    if SCHEMAS is None:
        pytest.fail("the SAM CLI is missing: python3.11 tools/setup.py sam")
    files = json.loads((SCHEMAS / "providers" / "eu-west-1.json").read_text(encoding="utf-8"))
    schema = SCHEMAS / "resources" / f"{files[kind]}.json"
    handlers = json.loads(schema.read_text(encoding="utf-8")).get("handlers", {})
    return frozenset(
        action for verb in HANDLERS for action in handlers.get(verb, {}).get("permissions", [])
    )


def needed_by(kind: str) -> set[str]:
    return {
        action
        for action in asked_by(kind)
        if not any(fnmatchcase(action, other) for other in OF_OTHER_FEATURES)
    }


def allowed() -> set[str]:
    content = json.loads(POLICY.read_text(encoding="utf-8"))
    return {action for statement in content["Statement"] for action in statement["Action"]}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("gradual")
    template = translated(ROOT / "template.yaml", folder, "Rollout=Canary10Percent5Minutes")
    return ENCRYPTION | {one["Type"] for one in template["template"]["Resources"].values()}


@pytest.fixture(scope="module")
def needed(kinds: set[str]) -> set[str]:
    found = set().union(*(needed_by(kind) for kind in kinds))
    return found | BY_THE_TOOL | BY_THE_SAM_CLI | BY_HAND | OF_ACCESS_LOGS


def test_whoever_deploys_may_do_what_every_resource_needs(needed: set[str]) -> None:
    assert sorted(needed - allowed()) == []


def test_whoever_deploys_may_do_nothing_that_nobody_needs(needed: set[str]) -> None:
    assert sorted(allowed() - needed) == []


def test_the_policy_fits_and_reaches_no_data_of_others() -> None:
    text = POLICY.read_text(encoding="utf-8")
    assert len("".join(text.split())) <= MOST_CHARACTERS
    by_any_name = {
        action
        for statement in json.loads(text)["Statement"]
        if statement["Resource"] == "*"
        for action in statement["Action"]
    }
    may_be = ("Describe", "Get", "List", "LogDelivery", "kms:", "EventSourceMapping", "PutResource")
    assert not [one for one in by_any_name if not any(word in one for word in may_be)]
    reads = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage"}
    assert not reads & allowed()
    assert "secretsmanager:GetSecretValue" not in allowed()


def test_every_pattern_leaves_something_out(kinds: set[str]) -> None:
    asked = set().union(*(asked_by(kind) for kind in kinds))
    idle = [p for p in OF_OTHER_FEATURES if not any(fnmatchcase(a, p) for a in asked)]
    assert idle == []
