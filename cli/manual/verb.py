"""hub help, hub man: one page of the manual, or all of it."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.manual.book import every_verb, in_roff, in_text, tree
from cli.terminal import act_json_option, machine, say_json
from cli.verbs import verb


def _found(root: click.Context, words: tuple[str, ...]) -> click.Context:
    """The context of the verb or group that the words name."""
    ctx = root
    for word in words:
        command = ctx.command
        if not isinstance(command, click.Group):
            raise click.UsageError(f"{ctx.command_path} has no verbs below it")
        name, inner, _ = command.resolve_command(ctx, [word])
        if inner is None:
            raise AssertionError("resolve_command refuses what there is not")
        ctx = click.Context(inner, parent=ctx, info_name=name)
    return ctx


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    command: click.Command = ctx.find_root().command
    for word in ctx.params.get("words") or ():
        inner = command.commands.get(word) if isinstance(command, click.Group) else None
        if inner is None:
            return []
        command = inner
    names = command.commands if isinstance(command, click.Group) else ()
    return [name for name in names if name.startswith(incomplete)]


@verb("help")
@click.argument("words", nargs=-1, metavar="[VERB]...", shell_complete=_complete)
@act_json_option
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the page of a verb: what it does, its options, examples, exit codes, what is near.

    \b
    hub help
    hub help parked replay

    See also: hub man
    """
    named = _found(ctx.find_root(), words)
    if machine() is not None:
        say_json(tree(named))
        return
    click.echo(named.get_help())


@verb()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "roff"]),
    default="text",
    show_default=True,
    help="roff: for man",
)
@act_json_option
@click.pass_context
def man(ctx: click.Context, form: str) -> None:
    """Show the whole manual, in the pager when on a terminal.

    \b
    hub man
    hub man --format roff > hub.1

    See also: hub help, docs/command.md
    """
    root = ctx.find_root()
    if machine() is not None:
        say_json({"verbs": [tree(one) for one in every_verb(root)]})
        return
    text: Any = in_roff(root) if form == "roff" else in_text(root)
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)
