"""Which hub the command talks to: a stack in AWS, or the one that runs on this machine."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.aws_words import aws_in_words
from returns_hub.adapters.aws import clients
from returns_hub.adapters.http.pace import Pace
from returns_hub.bootstrap import Hub
from returns_hub.ports import Measured
from returns_hub.settings import Settings

WORLD_FILE = Path(__file__).resolve().parent.parent / ".local" / "world.json"
UNREACHABLE = 3
OUTPUTS = {
    "ApprovedReturnsQueueUrl": "APPROVED_RETURNS_QUEUE_URL",
    "PollMintsoftQueueUrl": "POLL_MINTSOFT_QUEUE_URL",
    "ApprovedReturnsDeadLetterQueueUrl": "APPROVED_RETURNS_DEAD_LETTER_QUEUE_URL",
    "PollMintsoftDeadLetterQueueUrl": "POLL_MINTSOFT_DEAD_LETTER_QUEUE_URL",
    "ReturnsTableName": "RETURNS_TABLE",
    "LedgerTableName": "LEDGER_TABLE",
    "ControlTableName": "CONTROL_TABLE",
    "ParkedTableName": "PARKED_TABLE",
    "MerchantsTableName": "MERCHANTS_TABLE",
    "CatalogueTableName": "CATALOGUE_TABLE",
}

MORE_OUTPUTS = {
    "RedoWebhookUrl": "REDO_WEBHOOK_URL",
    "MarketTableName": "MARKET_TABLE",
    "SyncTableName": "SYNC_TABLE",
    "FeedTableName": "FEED_TABLE",
    "FindingsTableName": "FINDINGS_TABLE",
    "AuditTableName": "AUDIT_TABLE",
    "MiintoRmaQueueUrl": "MIINTO_RMA_QUEUE_URL",
    "MiintoRmaDeadLetterQueueUrl": "MIINTO_RMA_DEAD_LETTER_QUEUE_URL",
    "RefundsQueueUrl": "REFUNDS_QUEUE_URL",
    "RefundsBusName": "REFUNDS_BUS",
    "StoreRefundsQueueUrl": "STORE_REFUNDS_QUEUE_URL",
    "StoreRefundsDeadLetterQueueUrl": "STORE_REFUNDS_DEAD_LETTER_QUEUE_URL",
    "UnleashedSyncQueueUrl": "UNLEASHED_SYNC_QUEUE_URL",
    "UnleashedSyncDeadLetterQueueUrl": "UNLEASHED_SYNC_DEAD_LETTER_QUEUE_URL",
    "UnleashedWebhookUrl": "UNLEASHED_WEBHOOK_URL",
    "WairSyncQueueUrl": "WAIR_SYNC_QUEUE_URL",
    "WairSyncDeadLetterQueueUrl": "WAIR_SYNC_DEAD_LETTER_QUEUE_URL",
    "OrderChangesQueueUrl": "ORDER_CHANGES_QUEUE_URL",
    "OrderChangesDeadLetterQueueUrl": "ORDER_CHANGES_DEAD_LETTER_QUEUE_URL",
    "DespatchesQueueUrl": "DESPATCHES_QUEUE_URL",
    "DespatchesDeadLetterQueueUrl": "DESPATCHES_DEAD_LETTER_QUEUE_URL",
    "FilesBucketName": "FILES_BUCKET",
    "DriftReportQueueUrl": "DRIFT_REPORT_QUEUE_URL",
    "DriftReportDeadLetterQueueUrl": "DRIFT_REPORT_DEAD_LETTER_QUEUE_URL",
}
"""Outputs that a stack of an earlier release does not have."""


class CommandError(click.ClickException):
    """An error with an exit code of its own."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for the class


class NoLog:
    """`ports.Telemetry` for a terminal: the command prints what matters itself."""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """See `ports.Telemetry.count`."""

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """See `ports.Telemetry.measure`."""

    def log(self, message: str, **fields: object) -> None:
        """See `ports.Telemetry.log`."""


def _local_stack_runs() -> bool:
    """Whether the stack that left word of itself is still there."""
    try:
        os.kill(int(json.loads(WORLD_FILE.read_text(encoding="utf-8"))["pid"]), 0)
    except PermissionError:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


class Reach:
    """Finds the hub when a command needs it."""

    def __init__(
        self,
        stack: str | None,
        region: str | None,
        profile: str | None,
        *,
        is_quiet: bool = False,
    ) -> None:
        if stack is None and (region or profile):
            raise click.UsageError("--region and --profile say where in AWS; name a --stack too")
        self._stack = stack
        self._region = region or os.environ.get("AWS_REGION") or None
        self._profile = profile
        self._is_quiet = is_quiet
        self._local = stack is None and _local_stack_runs()
        self._made: Hub | None = None
        self.addresses: dict[str, str] = {}
        """The stack's outputs (of the local one: its addresses), once it was reached."""

    @property
    def is_somewhere(self) -> bool:
        """Whether a stack was named, or a local one runs."""
        return self._local or self._stack is not None

    def hub(self) -> Hub:
        """The hub's composition root; which one it is goes to standard error, once.

        Raises:
            CommandError: There is none to be reached.
        """
        if self._made is None:
            self._made = self._reached()
        return self._made

    def _say(self, which: str) -> None:
        if not self._is_quiet:
            click.echo(which, err=True)

    def _reached(self) -> Hub:
        if self._local:
            content = json.loads(WORLD_FILE.read_text(encoding="utf-8"))
            self.addresses = dict(content.get("addresses", {}))
            self._say("(the local stack)")
            return _hub(content["env"], self._local_session(content["env"]), local=True)
        if self._stack is None:
            raise CommandError(
                "no local stack runs here (make up), and no --stack was named, nor HUB_STACK set",
                UNREACHABLE,
            )
        try:
            session = boto3.session.Session(profile_name=self._profile, region_name=self._region)
            made = _hub(self._from_outputs(session), session, local=False)
            self._say(f"(stack {self._stack} in {session.region_name})")
        except (ClientError, BotoCoreError) as error:
            why = aws_in_words(error, self._profile)
            raise CommandError(f"cannot reach stack {self._stack}: {why}", UNREACHABLE) from None
        return made

    @property
    def is_local(self) -> bool:
        """Whether it is the stack that runs on this machine."""
        return self._local

    def in_aws(self) -> tuple[boto3.session.Session, str]:
        """The account of the stack in AWS, and the stack's name.

        Raises:
            CommandError: It is the local one, or there is none.
        """
        if self._local or self._stack is None:
            raise CommandError("name the --stack in AWS", UNREACHABLE)
        session = boto3.session.Session(profile_name=self._profile, region_name=self._region)
        return session, self._stack

    def caller(self) -> str:
        """Who is at work: the caller's ARN, or on the local stack the user's name."""
        if self._local or self._stack is None:
            return _user()
        try:
            session = boto3.session.Session(profile_name=self._profile, region_name=self._region)
            return str(session.client("sts").get_caller_identity()["Arn"])
        except (ClientError, BotoCoreError) as error:
            why = aws_in_words(error, self._profile)
            raise CommandError(f"AWS does not say who you are: {why}", UNREACHABLE) from None

    @staticmethod
    def _local_session(environment: Mapping[str, str]) -> boto3.session.Session:
        return boto3.session.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )

    def _from_outputs(self, session: boto3.session.Session) -> dict[str, str]:
        client: Any = session.client("cloudformation")
        outputs = client.describe_stacks(StackName=self._stack)["Stacks"][0].get("Outputs", [])
        values = {row["OutputKey"]: row["OutputValue"] for row in outputs}
        self.addresses = values
        missing = [name for name in OUTPUTS if name not in values]
        if missing:
            raise CommandError(
                f"stack {self._stack} is not a returns hub: it has no output {missing[0]}",
                UNREACHABLE,
            )
        told = OUTPUTS | {name: word for name, word in MORE_OUTPUTS.items() if name in values}
        environment = {variable: values[name] for name, variable in told.items()}
        return environment | {"SECRET_PREFIX": str(self._stack)}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"user {os.getuid()}"


def _hub(environment: Mapping[str, str], session: boto3.session.Session, *, local: bool) -> Hub:
    endpoint = environment["AWS_ENDPOINT_URL"] if local else None
    settings = Settings.from_environment(environment)
    made: Hub

    def own_pace(_: str, requests_per_second: float) -> Pace:
        """A person who looks wants to see for themselves, even while the flows hold back."""
        return Pace(requests_per_second, made.clock)

    made = Hub(settings, clients(session, endpoint=endpoint), NoLog(), gate_of=own_pace)
    return made
