"""Rules about what is kept: encrypted, recoverable, told to nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.template.rules.parts import denies_plain_http, name_of, of_type, strings

ENCRYPTED_BY = {
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::S3::Bucket": (
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        0,
        "ServerSideEncryptionByDefault",
        "KMSMasterKeyID",
    ),
}
HOLDS_NONE = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
}
"""Types that keep nothing of a merchant's."""
NAMES_A_SECRET = re.compile(r"KEY|TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL", re.IGNORECASE)
NO_SECRETS = {"SECRET_PREFIX", "DATA_KEY_ARN"}
"""Variables whose names sound like one: where secrets are, and the name of the key."""


def is_under_the_data_key(template: dict[str, Any]) -> Iterator[str]:
    """What holds data is encrypted with the stack's own key, and a type of resource that nobody
    judged here is a question."""
    for name, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind in HOLDS_NONE:
            continue
        if kind not in ENCRYPTED_BY:
            yield f"{name}: does {kind} hold data?"
            continue
        found = resource.get("Properties", {})
        for part in ENCRYPTED_BY[kind]:
            try:
                found = found[part]
            except (KeyError, IndexError):
                found = None
                break
        if name_of(found) != "DataKey":
            yield f"{name} is not encrypted with the stack's key"


def tables_are_recoverable_and_kept(template: dict[str, Any]) -> Iterator[str]:
    """Tables cost by use, can be taken back to any second, and outlive the stack."""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} has a capacity that can be too small"
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            yield f"{name} cannot be taken back"
        if table.get("SSESpecification", {}).get("SSEType") != "KMS":
            yield f"{name} is not encrypted with KMS"
        yield from _kept(template, name)
        expires = table.get("TimeToLiveSpecification", {}).get("AttributeName")
        if expires != "expires_at" and name not in {"ControlTable", "MerchantsTable"}:
            yield f"{name} never forgets"


def _kept(template: dict[str, Any], name: str) -> Iterator[str]:
    resource = template["Resources"][name]
    if resource.get("DeletionPolicy") != "RetainExceptOnCreate":
        yield f"{name} goes with the stack"
    if resource.get("UpdateReplacePolicy") != "Retain":
        yield f"{name} goes when it is replaced"


def the_key_turns_and_is_kept(template: dict[str, Any]) -> Iterator[str]:
    """The key is rotated, outlives the stack, and is let to nobody but the account and its logs."""
    keys = of_type(template, "AWS::KMS::Key")
    if not keys:
        yield "there is no key"
    for name, key in keys.items():
        if key.get("EnableKeyRotation") is not True:
            yield f"{name} is never rotated"
        if key.get("PendingWindowInDays", 30) < 30:
            yield f"{name} could be gone before anybody sees it"
        yield from _kept(template, name)
        for statement in key["KeyPolicy"]["Statement"]:
            who = json.dumps(statement["Principal"])
            is_service = "Service" in statement["Principal"]
            if is_service and "kms:EncryptionContext" not in json.dumps(statement.get("Condition")):
                yield f"{name}: a service may use it for what is not this stack's"
            if not is_service and "${AWS::AccountId}:root" not in who:
                yield f"{name} is let to {who}"


def the_bucket_is_private_and_over_tls(template: dict[str, Any]) -> Iterator[str]:
    """Buckets are open to nobody, by whatever setting, and not over plain HTTP."""
    guarded = {
        name_of(policy["Bucket"])
        for policy in of_type(template, "AWS::S3::BucketPolicy").values()
        if denies_plain_http(policy, "s3")
    }
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        blocked = bucket.get("PublicAccessBlockConfiguration", {})
        if len(blocked) != 4 or not all(value is True for value in blocked.values()):
            yield f"{name} could be made public"
        if name not in guarded:
            yield f"{name} can be reached over plain HTTP"
        yield from _kept(template, name)


def no_secret_is_told(template: dict[str, Any]) -> Iterator[str]:
    """No secret in the environment, in a parameter, in an output, on the dashboard or in a
    description: only Secrets Manager has one, and the template makes it empty."""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        for variable in function.get("Environment", {}).get("Variables", {}):
            if NAMES_A_SECRET.search(variable) and variable not in NO_SECRETS:
                yield f"{name} is told {variable}"
    for name, parameter in template.get("Parameters", {}).items():
        if NAMES_A_SECRET.search(name) and parameter.get("NoEcho") not in (True, "true"):
            yield f"parameter {name} can be read by who sees the stack"
    secrets = of_type(template, "AWS::SecretsManager::Secret")
    for name, secret in secrets.items():
        if secret.get("SecretString") != "{}":
            yield f"{name} is not empty in the template"
    outside = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] != "AWS::SecretsManager::Secret"
    }
    for place, content in (*outside.items(), *template.get("Outputs", {}).items()):
        for text in strings(content):
            if "{{resolve:" in text:
                yield f"{place} has a secret filled in"
            if any(text == name or f"${{{name}" in text for name in secrets):
                yield f"{place} refers to a secret"
