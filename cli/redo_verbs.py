"""hub redo webhook: the subscription by which Redo tells of changed returns."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from cli.acting import acts
from cli.choices import merchant_argument
from cli.filters import dry_run_option
from cli.invoice_verbs import invoices
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    json_option,
    pass_reach,
    say_json,
    say_outcome,
)
from cli.verbs import verbs
from cli.worlds import CommandError, Reach
from returns_hub.domain.base import UtcTime
from returns_hub.domain.subscriptions import Standing, Step, Subscription, next_step
from returns_hub.errors import Misconfigured
from returns_hub.flows import subscription as flow
from returns_hub.flows.subscription_steps import Report, Webhook

WORDS = {
    "whole": "whole",
    "missing": "missing: Redo tells nothing",
    "altered": "altered",
    "token_to_be_changed": "still has the former token, which the door takes",
    "duplicated": "whole, but every event comes more than once",
}


@verbs()
def redo() -> None:
    """Redo: the webhook's subscription, and Redo's invoices to the merchant.

    \b
    hub redo webhook status example
    hub redo invoices export example --out invoices.csv

    See also: docs/webhook-subscription.md
    """


@redo.group()
def webhook() -> None:
    """The subscription by which Redo tells of changed returns.

    \b
    hub redo webhook status example
    hub redo webhook ensure example --make-token --dry-run

    See also: hub catch-up, docs/webhook-subscription.md
    """


redo.add_command(invoices)


class Moment(click.ParamType[datetime]):
    """A time with its offset, or a day in UTC."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        text = f"{value}T00:00:00Z" if len(value) == len("2026-03-02") else value
        try:
            return TypeAdapter(UtcTime).validate_python(text)
        except ValidationError:
            self.fail(f"{value!r} is no time; give 2026-03-02T09:15:00Z or 2026-03-02", param, ctx)


@webhook.command()
@merchant_argument
@json_option
@pass_reach
def status(reach: Reach, merchant: str, as_json: bool) -> None:
    """Say whether the subscription is as it should be; Redo is only read.

    Tokens are never shown.

    Example: hub redo webhook status example

    Exit codes: 0 it is whole, 1 it is not

    See also: hub redo webhook ensure, docs/webhook-subscription.md
    """
    made = _webhook(reach, merchant)
    try:
        report = flow.status(made)
    except Misconfigured as verdict:
        raise CommandError(clean(verdict.reason), REFUSED) from None
    if as_json:
        say_json(_for_machines(made, report))
    else:
        _say(made, report)
    if not report.is_whole:
        sys.exit(REFUSED)


@webhook.command()
@merchant_argument
@click.option("--make-token", is_flag=True, help="make a token when the secret holds none")
@click.option("--rotate-token", is_flag=True, help="change the token; the former one stays good")
@click.option(
    "--remove-duplicates", is_flag=True, help="delete other subscriptions that deliver here too"
)
@dry_run_option
@act_json_option
@pass_reach
@acts()
def ensure(
    reach: Reach,
    merchant: str,
    make_token: bool,
    rotate_token: bool,
    remove_duplicates: bool,
    dry_run: bool,
) -> None:
    """Make the subscription, or repair it, and replay what it missed.

    Subscriptions that are not the hub's own are never touched. Tokens are never shown.

    \b
    hub redo webhook ensure example --make-token
    hub redo webhook ensure example --dry-run

    Exit codes: 0 it is whole, 1 a replay may not have been made

    See also: hub redo webhook status, hub redo webhook replay, docs/webhook-subscription.md
    """
    if rotate_token and (make_token or remove_duplicates):
        raise click.UsageError("--rotate-token goes alone")
    made = _webhook(reach, merchant)
    if dry_run:
        steps = _plan(made, make_token, rotate_token, remove_duplicates)
        for step in steps:
            click.echo(clean(f"would {step}"))
        if not steps:
            click.echo("nothing to do")
        ended = "would_be_done" if steps else "nothing_to_do"
        say_outcome(ended, dry_run=True, merchant=merchant, would=steps)
        return
    if make_token:
        told = "a token was made" if flow.make_token(made) else "there is a token already"
        click.echo(f"secret {clean(made.secret)}: {told}")
    if rotate_token:
        report = flow.rotate_token(made, tell=_say_step)
        click.echo("the token was changed; the former one stays good until the next change")
    else:
        report = flow.ensure(made, remove_duplicates=remove_duplicates, tell=_say_step)
    _say(made, report)
    say_outcome("done", merchant=merchant, webhook=_for_machines(made, report))
    redo = made.world.live.merchant.redo
    if redo is not None and not redo.webhook.enabled:
        click.echo(
            "note: redo.webhook.enabled is false in the merchant file, so nothing repairs it later"
        )
    if report.memory.not_replayed:
        sys.exit(REFUSED)


@webhook.command()
@merchant_argument
@click.option(
    "--from", "start", type=Moment(), required=True, help="2026-03-02T09:15:00Z, or a day"
)
@click.option("--again", is_flag=True, help="though the same was asked for before")
@dry_run_option
@act_json_option
@pass_reach
@acts()
def replay(reach: Reach, merchant: str, start: datetime, again: bool, dry_run: bool) -> None:
    """Have Redo tell of everything since a time once more.

    What the hub knows already it takes once. The same replay is asked for once, unless --again.

    \b
    hub redo webhook replay example --from 2026-03-02 --dry-run
    hub redo webhook replay example --from 2026-03-02T09:15:00Z

    See also: hub redo webhook ensure, hub backfill
    """
    if start > datetime.now(UTC):
        raise click.BadParameter("it lies in the future", param_hint="--from")
    made = _webhook(reach, merchant)
    named: dict[str, Any] = {"merchant": merchant, "since": start.isoformat()}
    if dry_run:
        flow.status(made)
        click.echo(f"would ask Redo for everything since {start:%Y-%m-%d %H:%M:%S} UTC")
        say_outcome("would_be_done", dry_run=True, **named)
        return
    done = flow.replay(made, start, again=again)
    if done.how == "already":
        click.echo("the same was asked for before; --again asks once more")
    else:
        click.echo(f"Redo tells of everything since {start:%Y-%m-%d %H:%M:%S} UTC once more")
    say_outcome("nothing_to_do" if done.how == "already" else "done", **named, how=done.how)


def _webhook(reach: Reach, merchant: str) -> Webhook:
    made = reach.hub()
    return made.webhook(made.world(merchant))


def _say_step(step: Step) -> None:
    click.echo(clean(f"done: {_in_words(step)}"))


def _in_words(step: Step) -> str:
    what = {
        "create": "create the subscription",
        "change": f"set address and token of {step.subscription}",
        "delete": f"delete {step.subscription}",
    }
    return f"{what[step.act]} ({step.why})"


def _plan(
    made: Webhook, make_token: bool, rotate_token: bool, remove_duplicates: bool
) -> list[str]:
    """What would be done, in words, by reads alone."""
    if make_token and not made.read_secret().get("token"):
        return ["make a token, and create or set the subscription with it"]
    report = flow.status(made)
    step = next_step(
        report.standing,
        remove_duplicates=remove_duplicates,
        token_unsent=report.memory.token_unsent,
    )
    found = [] if step is None else [_in_words(step)]
    if report.memory.owed or (report.standing.is_harmed and report.memory.whole_at):
        found.append("ask for a replay of what it missed")
    if rotate_token:
        found.append("change the token in the secret and in the subscription")
    return found


def _say(made: Webhook, report: Report) -> None:
    standing, memory = report.standing, report.memory
    lines = [f"subscription {made.external_id}: {WORDS[standing.word]}"]
    lines += [f"  differs: {word.value.replace('_', ' ')}" for word in sorted(standing.differences)]
    lines.append(f"  deliveries go to {made.url}")
    if standing.ours and standing.ours.url != made.url:
        lines.append(f"  but Redo has {standing.ours.url}")
    if standing.ours and not _shows(standing.ours):
        lines.append("  Redo does not show the token, so whether it is ours is not known")
    lines += [f"  delivers here too: {_named(row)}" for row in standing.duplicates]
    lines += [f"  not ours: {_named(row)} -> {row.url}" for row in standing.foreign]
    if memory.whole_at:
        lines.append(f"  last seen whole: {memory.whole_at:%Y-%m-%d %H:%M} UTC")
    if memory.owed:
        lines.append(f"  a replay is owed since {memory.owed:%Y-%m-%d %H:%M} UTC")
    if memory.not_replayed:
        since = memory.not_replayed
        lines.append(
            f"  a replay since {since:%Y-%m-%d %H:%M} UTC may not have been made; ask for it with: "
            f"hub redo webhook replay {made.world.merchant} --from {since.isoformat()} --again"
        )
    for line in lines:
        click.echo(clean(line))


def _shows(found: Subscription) -> bool:
    return found.token_shown


def _named(found: Subscription) -> str:
    return f"{found.id} ({found.external_id or 'no external id'})"


def _for_machines(made: Webhook, report: Report) -> dict[str, Any]:
    standing, memory = report.standing, report.memory
    return {
        "standing": standing.word,
        "is_whole": report.is_whole,
        "external_id": made.external_id,
        "url": made.url,
        "differences": sorted(word.value for word in standing.differences),
        **_rows(standing),
        "memory": memory.model_dump(mode="json"),
    }


def _rows(standing: Standing) -> dict[str, Any]:
    def row(found: Subscription) -> dict[str, Any]:
        return found.model_dump(mode="json", exclude={"token"})

    return {
        "ours": row(standing.ours) if standing.ours else None,
        "duplicates": [row(found) for found in standing.duplicates],
        "foreign": [row(found) for found in standing.foreign],
    }
