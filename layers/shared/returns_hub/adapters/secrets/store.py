"""Secrets: one JSON object for each merchant and purpose, cached in the container."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from returns_hub.adapters.aws import verdict_of
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True)
class Secret:
    """A secret's content and the version it was read at. Its repr shows neither."""

    value: Mapping[str, str] = field(repr=False)
    version: str = field(repr=False)


class SecretStore:
    """Secrets named ``{prefix}/{merchant}/{name}`` in AWS Secrets Manager.

    `key` is the ARN of the KMS key that new ones are encrypted with; empty for AWS's own. A secret
    that is there keeps the key that it has.
    """

    CACHE_FOR = timedelta(minutes=5)

    def __init__(
        self, client: SecretsManagerClient, prefix: str, clock: Clock, *, key: str = ""
    ) -> None:
        self._client = client
        self._key = key
        self._prefix = prefix
        self._clock = clock
        self._cached: dict[str, tuple[datetime, Secret]] = {}

    def read(self, merchant: str, name: str, *, fresh: bool = False) -> Secret:
        """The secret; from the container's cache for five minutes unless `fresh`.

        Raises:
            Misconfigured: It is missing, empty or malformed. No part of it is in the reason.
            Retryable: Secrets Manager cannot be asked now.
        """
        secret_id = self._id(merchant, name)
        now = self._clock.now()
        cached = self._cached.get(secret_id)
        if cached and not fresh and now - cached[0] < self.CACHE_FOR:
            return cached[1]
        found = self._fetch(secret_id)
        if found is None or not found.value:
            raise Misconfigured(
                "secret.missing",
                f"secret {secret_id} is not set; set it with: hub secrets set {merchant} {name}",
            )
        self._cached[secret_id] = (now, found)
        return found

    def read_if_set(self, merchant: str, name: str) -> Secret | None:
        """The secret as it is now, or None when it is missing or empty."""
        found = self.find(merchant, name)
        return found if found is not None and found.value else None

    def find(self, merchant: str, name: str) -> Secret | None:
        """The secret as it is now, empty or not; None when it was never made."""
        return self._fetch(self._id(merchant, name))

    def write(self, merchant: str, name: str, value: Mapping[str, str]) -> str:
        """Store the secret, created when missing; its new version.

        Raises:
            Retryable: Secrets Manager cannot be asked now.
        """
        secret_id = self._id(merchant, name)
        text = json.dumps(dict(value))
        try:
            version = self._put_or_create(secret_id, text)
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "secretsmanager") from error
        self._cached[secret_id] = (self._clock.now(), Secret(dict(value), version))
        return version

    def _put_or_create(self, secret_id: str, text: str) -> str:
        known = self._client.exceptions
        try:
            return self._client.put_secret_value(SecretId=secret_id, SecretString=text)["VersionId"]
        except known.ResourceNotFoundException:
            pass
        try:
            return self._create(secret_id, text)
        except known.ResourceExistsException:
            # Created between the two, by another run or by our own request whose answer was lost.
            return self._client.put_secret_value(SecretId=secret_id, SecretString=text)["VersionId"]

    def _create(self, secret_id: str, text: str) -> str:
        if not self._key:
            return self._client.create_secret(Name=secret_id, SecretString=text)["VersionId"]
        made = self._client.create_secret(Name=secret_id, SecretString=text, KmsKeyId=self._key)
        return made["VersionId"]

    def _fetch(self, secret_id: str) -> Secret | None:
        try:
            answer = self._client.get_secret_value(SecretId=secret_id)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except (ClientError, BotoCoreError) as error:
            raise verdict_of(error, "secretsmanager") from error
        return Secret(_checked(answer.get("SecretString", ""), secret_id), answer["VersionId"])

    def _id(self, merchant: str, name: str) -> str:
        return f"{self._prefix}/{merchant}/{name}"


def _checked(text: str, secret_id: str) -> dict[str, str]:
    try:
        content: Any = json.loads(text)
    except ValueError:
        raise Misconfigured("secret.malformed", f"secret {secret_id} is not JSON") from None
    if not isinstance(content, dict) or not all(
        isinstance(value, str) for value in content.values()
    ):
        raise Misconfigured(
            "secret.malformed", f"secret {secret_id} is not a JSON object of strings"
        )
    return content
