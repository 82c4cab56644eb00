"""The command behind ``make deploy``, ``make undeploy`` and ``make rollback``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cli.cost.bill import read_prices
from tools.deploy.aws import Aws, RealAws
from tools.deploy.deploying import Tool, Wanted, deploy
from tools.deploy.environments import given
from tools.deploy.going_back import roll_back
from tools.deploy.idle import as_markdown, idle_month
from tools.deploy.talk import INTERRUPTED, USAGE, Stopped, Terminal
from tools.deploy.template_facts import TemplateFacts
from tools.deploy.undeploying import undeploy

ROOT = Path(__file__).resolve().parents[2]
ENV = "An environment of samconfig.toml."
SET = "A parameter of the template; it stays where samconfig.toml does not set it."
ALLOW = "A resource that may be replaced or removed, though it holds data or an address."
ALARMS_TO = "E-mail address or SNS topic for alarms, - for none; asked the first time."
EXIT_CODES = """\b
Exit codes: 0 done; 1 stopped, nothing or no more was done; 2 wrong usage or a wrong place;
3 AWS refuses or does not answer; 4 the deployment failed; 130 interrupted.
"""


def shared(verb: Any) -> Any:
    """Options of every verb."""
    option = click.option
    for one in (
        option("--env", "environment", default="dev", show_default=True, help=ENV),
        option("--profile", default="", help="AWS profile; else the environment's credentials."),
        option("--region", default="", help="AWS region; else what was answered or is configured."),
        option("--account", default="", help="Stop where the credentials are of another account."),
    ):
        verb = one(verb)
    return verb


def changing(verb: Any) -> Any:
    """Options of what deploys."""
    option = click.option
    for one in (
        option("--yes", is_flag=True, help="Ask nothing (CI); what would lose data still stops."),
        option("--dry-run", is_flag=True, help="Build and tell what would change; change nothing."),
        option("--set", "settings", multiple=True, metavar="NAME=VALUE", help=SET),
        option("--allow-replace", multiple=True, metavar="NAME", help=ALLOW),
        option("--allow-changed-files", is_flag=True, help="Deploy what is not committed."),
    ):
        verb = one(verb)
    return verb


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Deploy the hub into an AWS account, take it down, or go back a release (docs/deploy.md)."""


@command.command("deploy")
@shared
@changing
@click.option("--merchant", default="", help="The first merchant's id; asked the first time.")
@click.option("--alarms-to", default=None, help=ALARMS_TO)
def deploy_verb(**options: Any) -> None:
    """Check, build, tell what changes, and deploy."""
    wanted = wanted_of(options)
    if options["merchant"]:
        parameters = {**wanted.parameters, "FirstMerchant": options["merchant"]}
        wanted = replace(wanted, parameters=parameters)
    deploy(tool_of(options), replace(wanted, alarms_to=options["alarms_to"]))


@command.command("rollback")
@shared
@changing
@click.option("--to", default="", metavar="COMMIT", help="Commit or tag; else the release before.")
def rollback_verb(**options: Any) -> None:
    """Deploy the release before again, from its own commit, at once."""
    roll_back(tool_of(options), wanted_of(options), options["to"])


@command.command("undeploy")
@shared
@click.option("--confirm", default="", metavar="STACK", help="Its name, in place of typing it.")
def undeploy_verb(**options: Any) -> None:
    """Take a stack down; tells what goes and what stays, and has its name typed."""
    named = options["environment"]
    undeploy(tool_of(options), named, confirmed=options["confirm"], account=options["account"])


@command.command("cost")
def cost_verb() -> None:
    """What an idle stack costs a month, as docs/deploy.md has it."""
    prices = read_prices()
    print(as_markdown(idle_month(TemplateFacts(ROOT / "template.yaml"), prices), prices))


def tool_of(options: Mapping[str, Any]) -> Tool:
    """The tool on this clone."""

    def connect(named: str) -> Aws:
        return RealAws(options["profile"], options["region"] or named)

    talk = Terminal(yes=options.get("yes", False))
    return Tool(root=ROOT, source=ROOT, talk=talk, connect=connect)


def wanted_of(options: Mapping[str, Any]) -> Wanted:
    """What was asked for."""
    return Wanted(
        environment=options["environment"],
        parameters=given(options["settings"]),
        account=options["account"],
        dry_run=options["dry_run"],
        allow_changed_files=options["allow_changed_files"],
        allow_replace=options["allow_replace"],
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; a user's mistake is a sentence on standard error, never a stack trace."""
    try:
        command.main(arguments, prog_name="deploy", standalone_mode=False)
    except Stopped as stopped:
        print(f"\nstopped: {stopped}", file=sys.stderr)
        return stopped.code
    except click.UsageError as wrong:
        if wrong.ctx is None or wrong.ctx.parent is None:
            wrong.show()
        else:
            verb = wrong.ctx.info_name
            say = f"{wrong.format_message()} What there is: make {verb} ARGS=--help"
            print(f"\nstopped: {say}", file=sys.stderr)
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        print(
            "\ninterrupted. What CloudFormation has begun it goes on with; repeat the command to "
            "see how the stack stands",
            file=sys.stderr,
        )
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
