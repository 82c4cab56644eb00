"""Where log lines are: CloudWatch Logs, or the files of the local stack."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cli.logs.lines import LogLine, read_line
from cli.terminal import clean
from cli.worlds import UNREACHABLE, CommandError

LATE = timedelta(seconds=60)
"""A line may be found so long after the time it bears; read again, and told once."""
REQUESTS_A_SECOND = 4.0
"""CloudWatch allows 5 FilterLogEvents a second to an account and region ("CloudWatch Logs
quotas"), of which one is left to others."""
WORD = re.compile(r"(?<!^)(?=[A-Z])")


class LogSource(Protocol):
    """Lines of all functions."""

    def read(self) -> Iterator[LogLine]:
        """Lines that were not told before, in no order over functions."""


def function_name(resource: str) -> str:
    """``PollMintsoftLogGroup`` and ``PollMintsoftFunction`` are of ``poll_mintsoft``."""
    short = resource.removesuffix("LogGroup").removesuffix("Function")
    return WORD.sub("_", short).lower()


class LocalFiles:
    """The files that the local stack's functions write; each environment has one."""

    def __init__(self, folder: Path, function: str | None, since: datetime) -> None:
        self._folder = folder
        self._function = function
        self._since = since
        self._read: dict[Path, int] = {}

    def read(self) -> Iterator[LogLine]:
        """See `LogSource.read`. A line is told once it is whole."""
        for path in sorted(self._folder.glob("*.log")):
            name = function_name(path.name.partition(".")[0])
            if self._function in {None, name}:
                # A stack that ends, or begins anew, takes its files away meanwhile.
                with suppress(FileNotFoundError):
                    yield from self._of_file(path, name)

    def _of_file(self, path: Path, name: str) -> Iterator[LogLine]:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                self._read[path] = self._read.get(path, 0) + len(raw)
                text = raw.decode("utf-8", "replace")
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                line = read_line(text, name, written)
                if line is not None and line.at >= self._since:
                    yield line


class CloudWatchLogs:
    """Log groups of a stack, by FilterLogEvents: 1 request for each group and look, and one for
    each further page, at most `REQUESTS_A_SECOND`.

    Args:
        client: CloudWatch Logs.
        groups: Function -> its log group.
        since: Lines of that time and later.
    """

    def __init__(
        self,
        client: Any,
        groups: Mapping[str, str],
        since: datetime,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._groups = groups
        self._since = since
        self._newest = dict.fromkeys(groups, since)
        self._told: dict[str, datetime] = {}
        self._sleep = sleep

    def read(self) -> Iterator[LogLine]:
        """See `LogSource.read`."""
        for name, group in self._groups.items():
            start = max(self._since, self._newest[name] - LATE)
            for event in self._events(group, start):
                at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                self._newest[name] = max(self._newest[name], at)
                if event["eventId"] in self._told:
                    continue
                self._told[event["eventId"]] = at
                line = read_line(event["message"], name, at)
                if line is not None:
                    yield line
        oldest = min(self._newest.values(), default=self._since) - 2 * LATE
        self._told = {name: at for name, at in self._told.items() if at >= oldest}

    def _events(self, group: str, start: datetime) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {
            "logGroupName": group,
            "startTime": int(start.timestamp() * 1000),
        }
        while True:
            try:
                page = self._client.filter_log_events(**asked)
            except (ClientError, BotoCoreError) as error:
                told = clean(f"the logs of {group} cannot be read: {error}")
                raise CommandError(told, UNREACHABLE) from None
            yield from page.get("events", [])
            self._sleep(1 / REQUESTS_A_SECOND)
            if "nextToken" not in page:
                return
            asked["nextToken"] = page["nextToken"]


def groups_of(cloudformation: Any, stack: str) -> dict[str, str]:
    """Log groups of the stack's functions, by the function's name; 1 request for 100 resources."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    rows = [row for page in pages for row in page["StackResourceSummaries"]]
    functions = {
        function_name(row["LogicalResourceId"])
        for row in rows
        if row["ResourceType"] == "AWS::Lambda::Function"
    }
    return {
        name: row["PhysicalResourceId"]
        for row in rows
        if row["ResourceType"] == "AWS::Logs::LogGroup"
        and (name := function_name(row["LogicalResourceId"])) in functions
    }
