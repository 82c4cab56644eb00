"""The way to a hub: AWS's session, the stack's outputs, the composition root over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cli.aws_words import aws_in_words
from cli.worlds import MORE_OUTPUTS, OUTPUTS, UNREACHABLE, CommandError, NoLog
from returns_hub.adapters.aws import clients
from returns_hub.adapters.http.pace import Pace
from returns_hub.bootstrap import Hub
from returns_hub.settings import Settings


def session_of(profile: str | None, region: str | None) -> boto3.session.Session:
    """The account that the person named."""
    return boto3.session.Session(profile_name=profile, region_name=region)


def caller(profile: str | None, region: str | None) -> str:
    """The caller's ARN.

    Raises:
        CommandError: AWS does not say.
    """
    try:
        return str(session_of(profile, region).client("sts").get_caller_identity()["Arn"])
    except (ClientError, BotoCoreError) as error:
        why = aws_in_words(error, profile)
        raise CommandError(f"AWS does not say who you are: {why}", UNREACHABLE) from None


def local_hub(environment: Mapping[str, str]) -> Hub:
    """The hub that runs on this machine."""
    session = boto3.session.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    return _hub(environment, session, environment["AWS_ENDPOINT_URL"])


def hub_in_aws(
    stack: str, profile: str | None, region: str | None
) -> tuple[Hub, dict[str, str], str]:
    """The hub of a stack in AWS, the stack's outputs, and its region.

    Raises:
        CommandError: It cannot be reached, or is no returns hub.
    """
    try:
        session = session_of(profile, region)
        outputs = _outputs(session, stack)
        made = _hub(_environment(stack, outputs), session, None)
    except (ClientError, BotoCoreError) as error:
        why = aws_in_words(error, profile)
        raise CommandError(f"cannot reach stack {stack}: {why}", UNREACHABLE) from None
    return made, outputs, session.region_name


def _outputs(session: boto3.session.Session, stack: str) -> dict[str, str]:
    client: Any = session.client("cloudformation")
    outputs = client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {row["OutputKey"]: row["OutputValue"] for row in outputs}


def _environment(stack: str, outputs: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in OUTPUTS if name not in outputs]
    if missing:
        raise CommandError(
            f"stack {stack} is not a returns hub: it has no output {missing[0]}", UNREACHABLE
        )
    told = OUTPUTS | {name: word for name, word in MORE_OUTPUTS.items() if name in outputs}
    environment = {variable: outputs[name] for name, variable in told.items()}
    return environment | {"SECRET_PREFIX": stack}


def _hub(
    environment: Mapping[str, str], session: boto3.session.Session, endpoint: str | None
) -> Hub:
    settings = Settings.from_environment(environment)
    made: Hub

    def own_pace(_: str, requests_per_second: float) -> Pace:
        """A person who looks wants to see for themselves, even while the flows hold back."""
        return Pace(requests_per_second, made.clock)

    made = Hub(settings, clients(session, endpoint=endpoint), NoLog(), gate_of=own_pace)
    return made
