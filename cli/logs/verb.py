"""hub tail: what the functions write, as they write it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli import worlds
from cli.choices import MERCHANT
from cli.logs.lines import LogLine
from cli.logs.sources import CloudWatchLogs, LocalFiles, LogSource, groups_of
from cli.terminal import REFUSED, clean, console, pass_reach, shown
from cli.times import TimeType
from cli.verbs import verb
from cli.worlds import UNREACHABLE, CommandError, Reach

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
LOOK_EVERY = 2.0
"""Seconds between two looks for new lines."""
STYLES = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"}


@verb()
@click.option("--function", "name", help="only this function's, e.g. poll_mintsoft")
@click.option("--merchant", type=MERCHANT, help="only lines about this merchant")
@click.option(
    "--since", type=TimeType(), default="10m", show_default=True, help="10m, a day, or a time"
)
@click.option("--grep", "pattern", help="only lines in which this is found (a regular expression)")
@click.option("--follow/--no-follow", default=True, help="go on until Ctrl-C, or end [follow]")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line, for machines")
@pass_reach
def tail(
    reach: Reach,
    name: str | None,
    merchant: str | None,
    since: datetime,
    pattern: str | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Show log lines of all functions as they come: one readable line each, metrics left out.

    Against AWS lines come some seconds late, and a look at all functions takes some seconds too:
    CloudWatch allows few requests a second. What must not be logged is taken out once more.

    \b
    hub tail --merchant example --since 1h --no-follow
    hub tail --function poll_mintsoft --grep "comes back|parked"

    Exit codes: 0 the end, by Ctrl-C too, where it follows

    See also: hub status, hub timeline
    """
    wanted = _pattern(pattern)
    source = _source(reach, name, since)
    try:
        while True:
            found = sorted(source.read(), key=lambda line: line.at)
            _say(found, merchant, wanted, as_json=as_json)
            if not follow:
                return
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        return


def _pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as wrong:
        raise click.BadParameter(f"{wrong}", param_hint="--grep") from None


def _source(reach: Reach, name: str | None, since: datetime) -> LogSource:
    if reach.is_local:
        _require_known(name, {path.parent.name for path in FUNCTIONS.glob("*/app.py")})
        return LocalFiles(worlds.WORLD_FILE.parent / "logs", name, since)
    session, stack = reach.in_aws()
    try:
        groups = groups_of(session.client("cloudformation"), stack)
        client = session.client("logs")
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"cannot reach stack {stack}: {error}", UNREACHABLE) from None
    if name is not None:
        _require_known(name, groups)
        groups = {name: groups[name]}
    return CloudWatchLogs(client, groups, since)


def _require_known(name: str | None, functions: Collection[str]) -> None:
    if name is not None and name not in functions:
        known = ", ".join(sorted(functions))
        raise CommandError(clean(f"there is no function {name}; there are: {known}"), REFUSED)


def _say(
    lines: Iterable[LogLine], merchant: str | None, wanted: re.Pattern[str] | None, *, as_json: bool
) -> None:
    for line in lines:
        words = line.in_words()
        if merchant is not None and line.merchant != merchant:
            continue
        if wanted is not None and not wanted.search(f"{line.function} {line.level} {words}"):
            continue
        if as_json:
            click.echo(json.dumps(line.as_json(), default=str))
            continue
        style = STYLES.get(line.level, "default")
        whose = f" [cyan]{shown(line.merchant)}[/]" if line.merchant else ""
        console().print(
            f"[dim]{line.at:%H:%M:%S}[/] {shown(line.function)}{whose} [{style}]{shown(words)}[/]",
            soft_wrap=True,
        )
