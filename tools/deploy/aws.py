"""The way to AWS, and what it refuses, in words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.aws_words import aws_in_words
from tools.deploy.talk import AWS_REFUSES, Stopped

DENIED = re.compile(r"not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?")
THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
)
POLICY = "config/deployer-policy.json"


class Aws(Protocol):
    """Clients of one account and region."""

    region: str
    profile: str

    def client(self, service: str) -> Any:
        """A low-level client."""


class RealAws:
    """AWS by the credentials of the environment or of a profile.

    Raises:
        Stopped: No region is named, or the profile is not there.
    """

    def __init__(self, profile: str, region: str) -> None:
        named = region or os.environ.get("AWS_REGION", "")
        with in_words():
            self._session = boto3.session.Session(
                profile_name=profile or None, region_name=named or None
            )
        if not self._session.region_name:
            raise Stopped(
                "no AWS region is named: give REGION=eu-west-1, or set AWS_REGION", AWS_REFUSES
            )
        self.region: str = self._session.region_name
        self.profile = profile
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            config = Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": 5},
            )
            make: Any = self._session.client
            self._clients[service] = make(service, config=config)
        return self._clients[service]


@dataclass(frozen=True)
class Identity:
    """Whose credentials these are."""

    account: str
    arn: str


def identity(aws: Aws) -> Identity:
    """Ask AWS who is asking.

    Raises:
        Stopped: There are no credentials, or they are not taken.
    """
    with in_words(aws.profile):
        told = aws.client("sts").get_caller_identity()
    return Identity(account=str(told["Account"]), arn=str(told["Arn"]))


@contextmanager
def in_words(profile: str = "") -> Iterator[None]:
    """What AWS refuses inside stops the tool with a sentence.

    Raises:
        Stopped: AWS refused, or does not answer.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise Stopped(refusal(error, profile), AWS_REFUSES) from None


def refusal(error: ClientError | BotoCoreError, profile: str = "") -> str:
    """What was refused and what to do, in a sentence."""
    denied = denial_in(str(error))
    if denied:
        return denied
    if isinstance(error, ClientError) and error.response["Error"]["Code"] in THROTTLED:
        return f"AWS is asked too often just now ({error.operation_name}); wait a minute and repeat"
    return aws_in_words(error, profile or None, option="PROFILE=name")


def denial_in(text: str) -> str:
    """A denied permission that a text tells of, in words; empty for none."""
    found = DENIED.search(text)
    if not found:
        return ""
    on = f" on {found[2].rstrip('.')}" if found[2] else ""
    return f"these credentials may not {found[1]}{on}; {POLICY} has what deploying needs"
