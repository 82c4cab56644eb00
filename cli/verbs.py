"""What every verb and every group of verbs of the command is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
from click.formatting import HelpFormatter
from click.shell_completion import CompletionItem

from cli.late import LateVerbs
from cli.manual.page import Page, page_of
from cli.manual.render import write_page

Function = Callable[..., Any]
OMITTED = "returns-hub.merchant-omitted"
WRITES = "returns-hub.writes"
"""Where the root context keeps whether the verb at work writes."""
STOPPED = "what was begun is seen to by the hub, or by the same command again"
DONE = "returns-hub.done"
"""Where it keeps, in words, what the verb had done so far."""


class MerchantArgument(click.Argument):
    """MERCHANT, which may be left out, or given as --merchant; see `choices.merchant_argument`."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        if not ctx.meta.get(f"{OMITTED} {ctx.command_path}"):
            super().add_to_parser(parser, ctx)


def done_so_far(words: str) -> None:
    """What an act has done by now, for whoever interrupts it."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None:
        ctx.find_root().meta[DONE] = words


class Verb(click.Command):
    """A verb: its manual page is its docstring, and MERCHANT may be left out."""

    @property
    def page(self) -> Page:
        return page_of(self)

    def format_help(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        write_page(self, ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's
        return self.page.first

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        takes = any(isinstance(param, MerchantArgument) for param in self.params)
        if takes and not ctx.resilient_parsing:
            ctx.meta[f"{OMITTED} {ctx.command_path}"] = _omits_merchant(self, ctx, list(args))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        ctx.find_root().meta[WRITES] = "dry_run" in ctx.params and not ctx.params["dry_run"]
        return super().invoke(ctx)


class Verbs(click.Group):
    """A group of verbs."""

    command_class = Verb
    group_class = type

    @property
    def page(self) -> Page:
        return page_of(self)

    def listed(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Its verbs, each with what it does in one sentence; what is late is not loaded for it."""
        names = self.list_commands(ctx)
        if isinstance(self.commands, LateVerbs):
            said = [(name, self.commands.says(name)) for name in names]
            return [(name, says) for name, says in said if says is not None]
        found = [(name, self.commands[name]) for name in names]
        return [(name, inner.get_short_help_str()) for name, inner in found if not inner.hidden]

    def format_help(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        write_page(self, ctx, formatter, self.listed(ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        verbs_ = [
            CompletionItem(name, help=says)
            for name, says in self.listed(ctx)
            if name.startswith(incomplete)
        ]
        return verbs_ + click.Command.shell_complete(self, ctx, incomplete)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's
        return self.page.first


def require_no_options(ctx: click.Context, of: str) -> None:
    """Refuse options of a group that does something itself, where one of its verbs was named.

    Raises:
        UsageError: One was given.
    """
    sources = (ctx.get_parameter_source(param.name or "") for param in ctx.command.params)
    if any(source is click.core.ParameterSource.COMMANDLINE for source in sources):
        raise click.UsageError(f"options of {of} go without {ctx.invoked_subcommand}")


def verb(name: str | None = None) -> Callable[[Function], Verb]:
    """Make a function a verb."""
    return click.command(name, cls=Verb)


def verbs(name: str | None = None, **given: Any) -> Callable[[Function], Verbs]:
    """Make a function a group of verbs."""
    return click.group(name, cls=Verbs, **given)


def _omits_merchant(command: click.Command, ctx: click.Context, args: list[str]) -> bool:
    """Whether the words leave MERCHANT out, told by how many they are, or by what they can be."""
    values, rest, _ = command.make_parser(ctx).parse_args(args)
    others = [
        param
        for param in command.get_params(ctx)
        if isinstance(param, click.Argument) and not isinstance(param, MerchantArgument)
    ]
    if not others:
        return False
    arguments = [param for param in command.get_params(ctx) if isinstance(param, click.Argument)]
    words = [word for param in arguments for word in _words(values.get(param.name or ""))]
    words += rest
    many = next((param for param in others if param.nargs == -1), None)
    if many is None:
        return len(words) <= len(others)
    if not words:
        return False
    return values.get("merchant") != words[0] and _fits(many, words[0], ctx)


def _words(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, tuple) else ()


def _fits(param: click.Argument, word: str, ctx: click.Context) -> bool:
    try:
        param.type.convert(word, param, ctx)
    except click.UsageError:
        return False
    return True
