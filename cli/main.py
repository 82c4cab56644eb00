"""hub: the command's verbs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.checks import Finding, Mark, Subject, run_checks
from cli.merchant_files import Problem, differences, read_merchant_file
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.domain.events import ApprovedReturn
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable
from returns_hub.flows.probe import probe
from returns_hub.flows.receive_approved_return import parse

REFUSED = 1
SHAPES = {
    "redo": (("api_token",),),
    "mintsoft": (("api_key",), ("username", "password")),
}
MARKS = {Mark.OK: "[green]ok  [/]", Mark.WARN: "[yellow]warn[/]", Mark.FAIL: "[red]fail[/]"}

pass_reach = click.make_pass_decorator(Reach)


class Verbs(click.Group):
    """Turns verdicts into words: a user's mistake never shows a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Retryable as verdict:
            raise CommandError(verdict.reason, UNREACHABLE) from None
        except (Misconfigured, Permanent) as verdict:
            raise CommandError(verdict.reason, REFUSED) from None


def console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--stack", help="CloudFormation stack of the hub in AWS")
@click.option("--region", help="AWS region")
@click.option("--profile", help="AWS profile")
@click.pass_context
def hub(ctx: click.Context, stack: str | None, region: str | None, profile: str | None) -> None:
    """Operate the returns hub.

    Talks to the local stack while one runs here (make up), else to the stack named by --stack.

    Exit codes: 0 fine, 1 refused or a check failed, 2 usage, 3 cannot be reached.
    """
    ctx.obj = Reach(stack, region, profile)


# -- merchant files ---------------------------------------------------------------------------


@hub.group()
def config() -> None:
    """Merchant files: validate, apply, show."""


@config.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="for machines")
def validate(files: tuple[Path, ...], as_json: bool) -> None:
    """Check merchant files; every problem at once.

    Example: hub config validate config/*.yaml
    """
    rows: list[dict[str, Any]] = []
    for path in files:
        reading = read_merchant_file(path)
        rows += [{"file": str(path), **vars(problem)} for problem in reading.problems]
        if not as_json:
            _say_problems(path, reading.problems)
            if reading.merchant:
                click.echo(f"{path}: valid (merchant {reading.merchant.merchant})")
    if as_json:
        click.echo(json.dumps(rows, indent=1))
    if any(not row["is_warning"] for row in rows):
        sys.exit(REFUSED)


def _say_problems(path: Path, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        kind = "warning: " if problem.is_warning else ""
        where = f"{problem.where} " if problem.where else ""
        click.echo(f"{path}:{problem.line}: {kind}{where}{problem.text}", err=True)


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="do not ask")
@pass_reach
def apply(reach: Reach, file: Path, yes: bool) -> None:
    """Validate a merchant file, show what changes, and make it live as a new version.

    Example: hub --stack returns-hub config apply config/example.yaml
    """
    reading = read_merchant_file(file)
    _say_problems(file, reading.problems)
    if reading.merchant is None:
        raise CommandError("nothing was applied", REFUSED)
    merchant = reading.merchant
    made = reach.hub()
    try:
        live = made.merchants.version(merchant.merchant)
    except Misconfigured:
        live = None
    rows = differences(live.merchant if live else None, merchant)
    if not rows:
        click.echo(f"{merchant.merchant}: nothing changes; version {live.version if live else 0}")
        return
    _show_differences(rows)
    if not yes and not click.confirm(f"Apply to {merchant.merchant}?"):
        raise CommandError("nothing was applied", REFUSED)
    try:
        applied = made.merchants.apply(merchant, reach.caller(), after=live.version if live else 0)
    except Conflict:
        raise CommandError(
            "someone else applied a version meanwhile; look at it and apply again", REFUSED
        ) from None
    click.echo(f"{merchant.merchant}: version {applied.version} is live")


def _show_differences(rows: list[tuple[str, str, str]]) -> None:
    table = Table(box=None, header_style="dim")
    for name in ("key", "was", "becomes"):
        table.add_column(name)
    for path, was, becomes in rows:
        table.add_row(path, f"[red]{escape(was)}[/]", f"[green]{escape(becomes)}[/]")
    console().print(table)


@config.command()
@click.argument("merchant")
@click.option("--version", "number", type=click.IntRange(min=1), help="default: the live one")
@pass_reach
def show(reach: Reach, merchant: str, number: int | None) -> None:
    """Show a merchant's file as it was applied."""
    found = reach.hub().merchants.version(merchant, number)
    click.echo(
        f"# version {found.version}, applied {found.applied_at:%Y-%m-%d %H:%M} UTC "
        f"by {found.applied_by}",
        err=True,
    )
    click.echo(found.merchant.model_dump_json(indent=1))


@config.command("list")
@pass_reach
def list_merchants(reach: Reach) -> None:
    """List the merchants that have a file."""
    made = reach.hub()
    for name in made.merchants.all_ids():
        live = made.merchants.version(name)
        click.echo(f"{name}  version {live.version}  {live.merchant.name}")


@config.command()
def schema() -> None:
    """Print the JSON Schema of merchant files, for editors."""
    click.echo(merchant_schema(), nl=False)


def merchant_schema() -> str:
    """The JSON Schema of merchant files."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Merchant.model_json_schema(),
    }
    return json.dumps(content, indent=1) + "\n"


def event_schema() -> str:
    """The JSON Schema of the approved-return event."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ApprovedReturn.model_json_schema(by_alias=True),
    }
    return json.dumps(content, indent=1) + "\n"


# -- secrets ----------------------------------------------------------------------------------


@hub.group()
def secrets() -> None:
    """Credentials: set them, and see whether they are set. They are never shown."""


@secrets.command("set")
@click.argument("merchant")
@click.argument("name", type=click.Choice(sorted(SHAPES)))
@click.option("--from-stdin", is_flag=True, help="a JSON object on standard input")
@pass_reach
def set_secret(reach: Reach, merchant: str, name: str, from_stdin: bool) -> None:
    """Store a merchant's credentials for one partner.

    Values are asked for without echo, or read as JSON from standard input; never an argument.

    Example: hub secrets set example mintsoft
    """
    value = _from_stdin() if from_stdin else _ask(name)
    if not any(set(value) == set(shape) and all(value.values()) for shape in SHAPES[name]):
        shapes = " or ".join("{" + ", ".join(shape) + "}" for shape in SHAPES[name])
        raise CommandError(f"{name} takes {shapes}, each a text that is not empty", REFUSED)
    reach.hub().secrets.write(merchant, name, value)
    click.echo(f"{merchant}/{name} is set; functions use it within five minutes")


def _from_stdin() -> dict[str, str]:
    try:
        content = json.loads(sys.stdin.read(64 * 1024))
    except ValueError:
        raise CommandError("standard input is not JSON", REFUSED) from None
    if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
        raise CommandError("standard input is not a JSON object of texts", REFUSED)
    return {str(key): value.strip() for key, value in content.items()}


def _ask(name: str) -> dict[str, str]:
    shape = SHAPES[name][0]
    if len(SHAPES[name]) > 1:
        kinds = {",".join(found): found for found in SHAPES[name]}
        shape = kinds[click.prompt("Which", type=click.Choice(list(kinds)))]
    return {word: click.prompt(word, hide_input=True).strip() for word in shape}


@secrets.command()
@click.argument("merchant")
@pass_reach
def status(reach: Reach, merchant: str) -> None:
    """Say which of a merchant's secrets are set."""
    made = reach.hub()
    for name in (*sorted(SHAPES), "mintsoft-session"):
        found = made.secrets.read_if_set(merchant, name)
        words = f"set ({', '.join(sorted(found.value))})" if found else "not set"
        click.echo(f"{name}: {words}")


# -- looking ----------------------------------------------------------------------------------


@hub.command()
@click.argument("merchant")
@click.option("--json", "as_json", is_flag=True, help="for machines")
@pass_reach
def check(reach: Reach, merchant: str, as_json: bool) -> None:
    """Find out, by reads alone, whether a merchant is ready to go live."""
    made = reach.hub()
    world = made.world(merchant)
    subject = Subject(
        merchant=world.live.merchant,
        warehouse=world.warehouse,
        portal=world.portal,
        read_secret=lambda name: dict(made.secrets.read(merchant, name, fresh=True).value),
        probe=lambda: probe(world),
        now=datetime.now(UTC),
    )
    findings: list[Finding] = []
    for finding in run_checks(subject):
        findings.append(finding)
        if not as_json:
            line = f"{MARKS[finding.mark]}  {escape(finding.check)}: {escape(finding.text)}"
            console().print(line, soft_wrap=True)
    failed = sum(finding.mark is Mark.FAIL for finding in findings)
    warned = sum(finding.mark is Mark.WARN for finding in findings)
    if as_json:
        click.echo(json.dumps([finding.to_json() for finding in findings], indent=1))
    else:
        click.echo(f"{len(findings)} checks: {failed} failed, {warned} warnings")
    sys.exit(REFUSED if failed else 0)


@hub.command()
@click.argument("merchant")
@click.argument("return_id")
@click.option("--json", "as_json", is_flag=True, help="for machines")
@pass_reach
def timeline(reach: Reach, merchant: str, return_id: str, as_json: bool) -> None:
    """Tell the story of one return."""
    made = reach.hub()
    events = made.returns.timeline(merchant, return_id)
    if not events:
        raise CommandError(f"{merchant} has no return {return_id}", REFUSED)
    if as_json:
        click.echo(json.dumps([event.model_dump(mode="json") for event in events], indent=1))
        return
    table = Table(box=None, header_style="dim")
    for name in ("when (UTC)", "what", "rule", "config", "who"):
        table.add_column(name)
    for event in events:
        table.add_row(
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            escape(event.fact.in_words()),
            event.rule,
            f"v{event.config_version}",
            event.actor,
        )
    console().print(table)
    click.echo(f"stands: {made.returns.load(merchant, return_id).outcome}")


@hub.group()
def parked() -> None:
    """Work set aside for a person."""


@parked.command("list")
@click.argument("merchant")
@click.option("--json", "as_json", is_flag=True, help="for machines")
@pass_reach
def list_parked(reach: Reach, merchant: str, as_json: bool) -> None:
    """List a merchant's parked work; _unknown for messages that name no merchant."""
    items = reach.hub().parking.list_parked(merchant)
    if as_json:
        rows = [{k: v for k, v in vars(item).items() if k != "payload"} for item in items]
        click.echo(json.dumps(rows, indent=1))
        return
    for item in items:
        console().print(
            f"{escape(item.parked_id)}  [dim]{item.code}[/]\n    {escape(item.reason)}",
            soft_wrap=True,
        )
    click.echo(f"{len(items)} parked")


@parked.command("show")
@click.argument("merchant")
@click.argument("parked_id")
@pass_reach
def show_parked(reach: Reach, merchant: str, parked_id: str) -> None:
    """Show one parked item, its payload included."""
    for item in reach.hub().parking.list_parked(merchant):
        if item.parked_id == parked_id:
            click.echo(json.dumps(vars(item), indent=1))
            return
    raise CommandError(f"{merchant} has no parked item {parked_id}", REFUSED)


@hub.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@pass_reach
def publish(reach: Reach, file: Any) -> None:
    """Check an approved-return event (a file, or - for standard input) and put it on the queue.

    Example: hub publish docs/events/example.json
    """
    text = file.read(2 * 1024 * 1024)
    event = parse(text)
    made = reach.hub()
    made.queue(made.settings.approved_returns_queue_url).send(text)
    click.echo(f"published: return {event.return_id} of {event.merchant}")
