"""hub: the command and its verbs."""

from __future__ import annotations

import click

from cli.audit_verbs import audit
from cli.backfill_verbs import backfill
from cli.catch_up_verbs import catch_up
from cli.check_verb import check
from cli.completion import completion
from cli.config_verbs import config
from cli.cost.verb import cost
from cli.decide_verbs import decide_
from cli.despatches.verb import despatches
from cli.dlq_verbs import dlq
from cli.drift_verbs import drift
from cli.ending import Root
from cli.lint_verb import lint
from cli.logs.verb import tail
from cli.look_verbs import timeline
from cli.manual.verb import help_, man
from cli.miinto.verb import miinto
from cli.orders.verb import orders
from cli.parked_verbs import parked
from cli.plan_verbs import plan
from cli.policy_verbs import policy
from cli.publish_verb import publish
from cli.redo_verbs import redo
from cli.returns_verbs import returns
from cli.search_verb import search
from cli.secret_verbs import secrets
from cli.status.verb import status
from cli.unleashed.verb import unleashed
from cli.version import version
from cli.wair.verb import wair
from cli.withdrawn_verbs import withdrawn
from cli.worlds import Reach


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--stack", envvar="HUB_STACK", help="the hub's stack in AWS [env HUB_STACK]")
@click.option("--region", help="its AWS region [env AWS_REGION]")
@click.option("--profile", help="the AWS profile that reaches it [env AWS_PROFILE]")
@click.version_option(version(), "--version", prog_name="hub", message="%(prog)s %(version)s")
@click.pass_context
def hub(ctx: click.Context, stack: str | None, region: str | None, profile: str | None) -> None:
    """Operate the returns hub.

    Talks to the stack that --stack or HUB_STACK names, else to the local one while it runs here
    (make up); which one it is goes to standard error. --stack, --region and --profile stand before
    the verb.

    \b
    hub parked list
    hub --stack returns-hub-prod --profile work check --all --json
    hub help parked replay

    Exit codes: 0 fine, 1 refused or not as it should be, 2 the words are wrong, 3 something cannot
    be reached, 70 a fault of the command itself, 130 interrupted.

    See also: hub man, hub completion, docs/command.md, docs/operating.md
    """
    ctx.obj = Reach(stack, region, profile)


verb: click.Command
for verb in (config, secrets, check, timeline, parked, dlq, decide_, policy, redo):
    hub.add_command(verb)
for verb in (catch_up, backfill, returns, withdrawn, miinto, unleashed, wair):
    hub.add_command(verb)
for verb in (drift, lint, despatches, orders, plan):
    hub.add_command(verb)
for verb in (search, audit, status, tail, cost):
    hub.add_command(verb)
for verb in (publish, completion, help_, man):
    hub.add_command(verb)
