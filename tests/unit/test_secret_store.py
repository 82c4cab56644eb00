"""Secrets that the hub makes itself are encrypted with the stack's own key."""

from __future__ import annotations

import json
from typing import Any

import boto3
from moto import mock_aws

from returns_hub.adapters.secrets.store import SecretStore
from tests.support.fakes import TestClock

KEY = "arn:aws:kms:eu-west-1:123456789012:key/of-the-stack"
NAME = "hub/example/mintsoft-session"


def written(key: str, *values: str) -> dict[str, Any]:
    """What Secrets Manager says of a secret that was written with these values in turn."""
    client: Any = boto3.client("secretsmanager", "eu-west-1")
    store = SecretStore(client, "hub", TestClock(), key=key)
    for value in values:
        store.write("example", "mintsoft-session", {"key": value})
    kept = client.get_secret_value(SecretId=NAME)["SecretString"]
    assert json.loads(kept) == {"key": values[-1]}
    told: dict[str, Any] = client.describe_secret(SecretId=NAME)
    return told


@mock_aws
def test_a_new_secret_is_under_the_stacks_key() -> None:
    assert written(KEY, "a")["KmsKeyId"] == KEY


@mock_aws
def test_a_new_version_leaves_the_key_as_it_is() -> None:
    assert written(KEY, "a", "b")["KmsKeyId"] == KEY


@mock_aws
def test_without_a_key_it_is_awss_own() -> None:
    assert "KmsKeyId" not in written("", "a")
