"""hub: the command and its verbs."""

from __future__ import annotations

import click

from cli.ending import Root
from cli.late import Late, LateVerbs
from cli.version import version
from cli.worlds import Reach

# One entry for each verb: its word, where it is, the first sentence of its page.
VERBS = LateVerbs(
    Late("config", "cli.config_verbs:config", "Merchant files: validate, apply, show."),
    Late(
        "secrets",
        "cli.secret_verbs:secrets",
        "Credentials: set them, and see whether they are set.",
    ),
    Late("check", "cli.check_verb:check", "Find out whether a merchant is fit to go live."),
    Late(
        "timeline",
        "cli.look_verbs:timeline",
        "Tell the story of one return: what happened, who took a hand in it, what it waits for.",
    ),
    Late("parked", "cli.parked_verbs:parked", "Work set aside for a person."),
    Late("dlq", "cli.dlq_verbs:dlq", "Dead letters: messages that met a fault of the hub's own."),
    Late(
        "decide",
        "cli.decide_verbs:decide_",
        "Explain what is decided about a return, and answer what the hub asks about it.",
    ),
    Late(
        "policy",
        "cli.policy_verbs:policy",
        "The decision table: what is done about each difference.",
    ),
    Late(
        "redo",
        "cli.redo_verbs:redo",
        "Redo: the webhook's subscription, and Redo's invoices to the merchant.",
    ),
    Late(
        "catch-up",
        "cli.catch_up_verbs:catch_up",
        "Show how many changed returns the webhook or your publisher had not told of.",
    ),
    Late(
        "backfill",
        "cli.backfill_verbs:backfill",
        "Look for returns of the past, and announce those that nobody told the hub of.",
    ),
    Late(
        "returns",
        "cli.returns_verbs:returns",
        "One return in the portal, by its id (or with --order by its order's name).",
    ),
    Late(
        "withdrawn",
        "cli.withdrawn_verbs:withdrawn",
        "What the warehouse still expects of returns that were closed in the portal.",
    ),
    Late(
        "miinto",
        "cli.miinto.verb:miinto",
        "Miinto: shops, transfers, orders, RMAs, and what another rule would have done.",
    ),
    Late(
        "unleashed",
        "cli.unleashed.verb:unleashed",
        "Unleashed: what the next run would do, how each flow stands, and one run by hand.",
    ),
    Late(
        "wair",
        "cli.wair.verb:wair",
        "Stock intelligence (WAIR): what it is told, and what it advises.",
    ),
    Late(
        "drift",
        "cli.drift_verbs:drift",
        "Where the systems say different things that no work in flight explains.",
    ),
    Late(
        "lint",
        "cli.lint_verb:lint",
        "Look over SKUs and maps now, by reads alone; nothing is kept.",
    ),
    Late(
        "despatches",
        "cli.despatches.verb:despatches",
        "Despatches upstream: what would be told, what waits, the story of one, and once more.",
    ),
    Late(
        "orders",
        "cli.orders.verb:orders",
        "Orders that were edited or cancelled where they came from.",
    ),
    Late(
        "plan",
        "cli.plan_verbs:plan",
        "What a run would do now: tried by the same code, with nothing written anywhere.",
    ),
    Late(
        "search",
        "cli.search_verb:search",
        "Find returns by WORDS: an id, an order's name, a SKU, a tracking number, Mintsoft's id.",
    ),
    Late(
        "audit",
        "cli.audit_verbs:audit",
        "Who did what with the hub, and what it decided; kept for thirteen months.",
    ),
    Late(
        "privacy",
        "cli.privacy.verb:privacy",
        "What the hub has of a person, where, for how long; and forgetting it.",
    ),
    Late(
        "status",
        "cli.status.verb:status",
        "Say how the hub stands, on one screen: what needs a person first, with what helps.",
    ),
    Late(
        "tail",
        "cli.logs.verb:tail",
        "Show log lines of all functions as they come: one readable line each, metrics left out.",
    ),
    Late(
        "cost",
        "cli.cost.verb:cost",
        "Say what the stack costs in a month, by what AWS measured, and a return's share of it.",
    ),
    Late(
        "migrate",
        "cli.migrate_verbs:migrate",
        "Bring what an earlier release stored to what this release writes, while all goes on.",
    ),
    Late(
        "publish",
        "cli.publish_verb:publish",
        "Check an approved-return event (a file, or - for standard input) and put it on the queue.",
    ),
    Late(
        "completion",
        "cli.completion:completion",
        "Print the script by which a shell completes this command, and how to install it.",
    ),
    Late(
        "help",
        "cli.manual.verb:help_",
        "Show the page of a verb: what it does, its options, examples, exit codes, what is near.",
    ),
    Late("man", "cli.manual.verb:man", "Show the whole manual, in the pager when on a terminal."),
)


@click.group(cls=Root, commands=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
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
    hub --stack returns-hub --profile work check --all --json
    hub help parked replay

    Exit codes: 0 fine, 1 refused or not as it should be, 2 the words are wrong, 3 something cannot
    be reached, 70 a fault of the command itself, 130 interrupted.

    See also: hub man, hub completion, docs/command.md, docs/operating.md
    """
    ctx.obj = Reach(stack, region, profile)
