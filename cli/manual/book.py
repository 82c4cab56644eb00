"""The whole manual: every verb's page, as text, as roff, and as a tree for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from cli.manual.page import EXIT_CODES, page_of
from cli.manual.render import option_record


def every_verb(ctx: click.Context) -> Iterator[click.Context]:
    """Contexts of all verbs below this one that can be given by themselves, in the manual's
    order; groups that only hold others are left out."""
    command = ctx.command
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield ctx
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            if not command.commands[name].hidden:
                yield from every_verb(
                    click.Context(command.commands[name], parent=ctx, info_name=name)
                )


def tree(ctx: click.Context) -> dict[str, Any]:
    """One verb or group for machines: what its page says, and its parameters."""
    page = page_of(ctx.command)
    verbs = ctx.command.list_commands(ctx) if isinstance(ctx.command, click.Group) else []
    return {
        "verb": ctx.command_path,
        "says": page.first,
        "arguments": [
            param.make_metavar(ctx)
            for param in ctx.command.params
            if isinstance(param, click.Argument)
        ],
        "options": [
            {"names": [*param.opts, *param.secondary_opts], "says": param.help or ""}
            for param in ctx.command.params
            if isinstance(param, click.Option)
        ],
        "verbs": verbs,
        "examples": list(page.examples),
        "exit_codes": page.exit_codes,
        "see_also": list(page.see_also),
    }


def in_text(root: click.Context) -> str:
    """All pages, one after the other."""
    parts = [root.get_help(), _exit_codes()]
    parts += [f"{one.command_path.upper()}\n\n{one.get_help()}\n" for one in every_verb(root)]
    return "\n\n".join(parts)


def _exit_codes() -> str:
    rows = "\n".join(f"  {code:>3}  {means}" for code, means in EXIT_CODES.items())
    return f"EXIT CODES\n\n{rows}\n"


def in_roff(root: click.Context) -> str:
    """One manual page of section 1."""
    lines = [
        '.TH HUB 1 "" "returns hub" "Operators\' manual"',
        ".SH NAME",
        f"hub \\- {_escaped(page_of(root.command).first.rstrip('.').lower())}",
        ".SH SYNOPSIS",
        "hub [--stack NAME] [--region REGION] [--profile PROFILE] VERB ...",
        ".SH DESCRIPTION",
        *(_escaped(text) for text in page_of(root.command).body),
        ".SH EXIT STATUS",
    ]
    for code, means in EXIT_CODES.items():
        lines += [".TP", f".B {code}", _escaped(means)]
    lines.append(".SH VERBS")
    for one in every_verb(root):
        lines += list(_of_verb(one))
    return "\n".join(lines) + "\n"


def _of_verb(ctx: click.Context) -> Iterator[str]:
    page = page_of(ctx.command)
    yield f".SS {_escaped(' '.join([ctx.command_path, *ctx.command.collect_usage_pieces(ctx)]))}"
    for text in (page.first, *page.body):
        yield _escaped(text)
        yield ".PP"
    for param in ctx.command.get_params(ctx):
        record = option_record(param, ctx)
        if record is not None:
            yield from (".TP", f".B {_escaped(record[0])}", _escaped(record[1]) or ".")
    if page.examples:
        yield from (".PP", "Examples:", ".nf", *map(_escaped, page.examples), ".fi")
    if page.exit_codes:
        yield from (".PP", f"Exit codes: {_escaped(page.exit_codes)}")
    if page.see_also:
        yield from (".PP", f"See also: {_escaped(', '.join(page.see_also))}")


def _escaped(text: str) -> str:
    words = text.replace("\b", "").replace("\\", "\\e").replace("-", "\\-").strip()
    return "\\&" + words if words.startswith((".", "'")) else words
