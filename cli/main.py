"""hub: the command and its verbs."""

from __future__ import annotations

from typing import Any

import click

from cli.acting import acts, is_about
from cli.audit_verbs import audit
from cli.backfill_verbs import backfill
from cli.catch_up_verbs import catch_up
from cli.check_verb import check
from cli.config_verbs import config
from cli.cost.verb import cost
from cli.decide_verbs import decide_
from cli.despatches.verb import despatches
from cli.dlq_verbs import dlq
from cli.drift_verbs import drift
from cli.lint_verb import lint
from cli.logs.verb import tail
from cli.look_verbs import timeline
from cli.miinto.verb import miinto
from cli.orders.verb import orders
from cli.parked_verbs import parked
from cli.policy_verbs import policy
from cli.redo_verbs import redo
from cli.returns_verbs import returns
from cli.search_verb import search
from cli.secret_verbs import secrets
from cli.status.verb import status
from cli.terminal import REFUSED, Verbs, pass_reach
from cli.unleashed.verb import unleashed
from cli.wair.verb import wair
from cli.withdrawn_verbs import withdrawn
from cli.worlds import CommandError, Reach
from returns_hub.flows.receive_approved_return import LONGEST_MESSAGE, parse


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--stack", help="CloudFormation stack of the hub in AWS")
@click.option("--region", help="AWS region of the stack")
@click.option("--profile", help="AWS profile to reach the stack with")
@click.pass_context
def hub(ctx: click.Context, stack: str | None, region: str | None, profile: str | None) -> None:
    """Operate the returns hub.

    Talks to the local stack while one runs here (make up), else to the stack named by --stack.

    Exit codes: 0 fine, 1 refused, 2 usage, 3 cannot be reached; of check 0 fit, 1 not fit, 2 usage.
    """
    ctx.obj = Reach(stack, region, profile)


@hub.command()
@click.argument("file", type=click.File("rb"))
@pass_reach
@acts()
def publish(reach: Reach, file: Any) -> None:
    """Check an approved-return event (a file, or - for standard input) and put it on the queue.

    Example: hub publish docs/events/example.json
    """
    content: bytes = file.read(LONGEST_MESSAGE + 1)
    if len(content) > LONGEST_MESSAGE:
        raise CommandError(
            "the event is larger than the queue takes: leave its bodies out", REFUSED
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError("the event is not UTF-8 text", REFUSED) from None
    event = parse(text)
    is_about(event.merchant, event.return_id)
    made = reach.hub()
    made.queue(made.settings.approved_returns_queue_url).send(text)
    click.echo(f"published: return {event.return_id} of {event.merchant}")


for verb in (config, secrets, check, timeline, parked, dlq, decide_, policy, redo):
    hub.add_command(verb)
for verb in (catch_up, backfill, returns, withdrawn, miinto, unleashed, wair):
    hub.add_command(verb)
hub.add_command(search)
for verb in (drift, lint, despatches, orders):
    hub.add_command(verb)
for verb in (audit, status, tail, cost):
    hub.add_command(verb)
