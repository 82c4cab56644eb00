"""Which hub the command talks to: a stack in AWS, or the one that runs on this machine."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import boto3

    from returns_hub.bootstrap import Hub
    from returns_hub.ports import Measured

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
    "DataKeyArn": "DATA_KEY_ARN",
    "FilesBucketName": "FILES_BUCKET",
    "OrderRecordsDays": "ORDER_RECORDS_DAYS",
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
        from cli import reaching  # noqa: PLC0415 - help and completion reach nobody

        if self._local:
            content = json.loads(WORLD_FILE.read_text(encoding="utf-8"))
            self.addresses = dict(content.get("addresses", {}))
            self._say("(the local stack)")
            return reaching.local_hub(content["env"])
        if self._stack is None:
            raise CommandError(
                "no local stack runs here (make up), and no --stack was named, nor HUB_STACK set",
                UNREACHABLE,
            )
        made, self.addresses, region = reaching.hub_in_aws(self._stack, self._profile, self._region)
        self._say(f"(stack {self._stack} in {region})")
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
        from cli import reaching  # noqa: PLC0415 - as above

        if self._local or self._stack is None:
            raise CommandError("name the --stack in AWS", UNREACHABLE)
        return reaching.session_of(self._profile, self._region), self._stack

    def caller(self) -> str:
        """Who is at work: the caller's ARN, or on the local stack the user's name."""
        from cli import reaching  # noqa: PLC0415 - as above

        if self._local or self._stack is None:
            return _user()
        return reaching.caller(self._profile, self._region)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"user {os.getuid()}"
