"""Rules about who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.template.rules.parts import listed, name_of, of_type

SECRETS = "${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/"
WITH_A_STAR = {
    f"{SECRETS}*": "merchants and their secrets come after the stack",
    f"{SECRETS}*-session*": "the same, of keys that the hub itself renews",
    f"{SECRETS}*webhook-??????": "the same, of webhook tokens; Secrets Manager adds six characters",
    "${FilesBucket.Arn}/feeds/*": "a file's name holds its merchant and time",
    "${FilesBucket.Arn}/reports/*": "a file's name holds its merchant and time",
}
"""How a resource may end that is named with a star, and why."""
OF_THE_KEY = {
    ("DataKey", "TheAccountAdministers"): "without it nobody could change the key any more",
    ("DataKey", "LogsOfThisStack"): "in a key's policy the star is the key itself",
}
"""Statements of resources' own policies that allow on a star, and why."""
BY_SAM = "arn:aws:iam::aws:policy/service-role"
MANAGED = {
    f"{BY_SAM}/AWSLambdaBasicExecutionRole": "to write logs; SAM attaches it",
    f"{BY_SAM}/AWSLambdaSQSQueueExecutionRole": "to take from queues; SAM attaches it",
    "UseDataKeyPolicy": "ours",
}
"""Policies that roles may have, and why."""


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy, with the resource that it stands in."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in [
            *role.get("Policies", []),
            {"PolicyDocument": role["AssumeRolePolicyDocument"]},
        ]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for kind, key in (
        ("AWS::IAM::Policy", "PolicyDocument"),
        ("AWS::IAM::ManagedPolicy", "PolicyDocument"),
        ("AWS::SQS::QueuePolicy", "PolicyDocument"),
        ("AWS::S3::BucketPolicy", "PolicyDocument"),
        ("AWS::KMS::Key", "KeyPolicy"),
    ):
        for name, properties in of_type(template, kind).items():
            for statement in properties[key]["Statement"]:
                yield name, statement


def starred(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every star in what is allowed: where, its statement, and what it stands in."""
    for name, statement in statements(template):
        if statement["Effect"] == "Deny":
            continue
        for key in ("Action", "Resource", "Principal"):
            for one in listed(statement.get(key, [])):
                text = json.dumps(one)
                if "*" in text or "?" in text:
                    yield name, statement, _plain(one)


def _plain(one: Any) -> str:
    return one["Fn::Sub"] if isinstance(one, dict) and "Fn::Sub" in one else str(one)


def no_star(template: dict[str, Any]) -> Iterator[str]:
    """Statements name actions and resources; a star needs a reason above."""
    for name, statement in statements(template):
        is_allowed = statement["Effect"] == "Allow"
        if is_allowed and {"NotAction", "NotResource", "NotPrincipal"} & statement.keys():
            yield f"{name}: {statement.get('Sid')} allows all but what it names"
    for name, statement, text in starred(template):
        is_known = (name, statement.get("Sid")) in OF_THE_KEY or any(
            text.endswith(ending) for ending in WITH_A_STAR
        )
        if not is_known:
            yield f"{name}: {statement.get('Sid')} allows {text}"


def managed_policies_are_known(template: dict[str, Any]) -> Iterator[str]:
    """Roles have no policy that somebody else may widen, but those that SAM attaches."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for managed in role.get("ManagedPolicyArns", []):
            if (name_of(managed) or managed) not in MANAGED:
                yield f"{name} has {managed}"


def permissions_name_their_source(template: dict[str, Any]) -> Iterator[str]:
    """Who may start a function is one rule or one route of this stack, not a whole service."""
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        source = json.dumps(permission.get("SourceArn", ""))
        ours = [one for one in template["Resources"] if f'"{one}"' in source]
        if not ours:
            yield f"{name} lets others start it"


def the_key_is_used_through_services(template: dict[str, Any]) -> Iterator[str]:
    """Nobody decrypts with the key directly: only the services that hold the data do, for whom
    may read it there."""
    for name, statement in statements(template):
        actions = [str(action) for action in listed(statement["Action"])]
        if statement["Effect"] == "Deny" or not any(a.startswith("kms:") for a in actions):
            continue
        if (name, statement.get("Sid")) in OF_THE_KEY:
            continue
        if set(actions) != {"kms:Decrypt", "kms:GenerateDataKey"}:
            yield f"{name}: {statement.get('Sid')} may do more with a key than use it"
        if name_of(statement["Resource"]) != "DataKey":
            yield f"{name}: {statement.get('Sid')} may use another key"
        if not statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService"):
            yield f"{name}: {statement.get('Sid')} may use the key directly"
    roles = of_type(template, "AWS::IAM::Role")
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        role = roles[name_of(function["Role"])]
        if {"Ref": "UseDataKeyPolicy"} not in role.get("ManagedPolicyArns", []):
            yield f"{name} cannot read what is encrypted"
