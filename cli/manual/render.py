"""Help of one verb or group, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.formatting import HelpFormatter

from cli.manual.page import page_of

COMMON = ("merchant", "dry_run", "yes", "json", "as_json", "_click_default_help")
"""Options that mean the same at every verb; they are listed apart, in this order."""
LONGEST_GIVEN = 40
"""Characters by which a list of words is shown where an option's value stands."""


def write_page(
    command: click.Command,
    ctx: click.Context,
    formatter: HelpFormatter,
    verbs: Sequence[tuple[str, str]] = (),
) -> None:
    """Usage, what it does, its options by kind, its verbs, examples, exit codes, what is near."""
    page = page_of(command)
    command.format_usage(ctx, formatter)
    formatter.write_paragraph()
    with formatter.indentation():
        for number, paragraph in enumerate((page.first, *page.body)):
            if number:
                formatter.write_paragraph()
            formatter.write_text(paragraph)
    options, common = _options(command, ctx)
    for title, rows in (("Options", options), ("Common options", common)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)
    if verbs:
        with formatter.section("Verbs"):
            formatter.write_dl(verbs)
    if page.examples:
        with formatter.section("Examples"):
            for line in page.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
    if page.exit_codes:
        with formatter.section("Exit codes"):
            formatter.write_text(page.exit_codes)
    if page.see_also:
        with formatter.section("See also"):
            formatter.write_text(", ".join(page.see_also))


def _options(
    command: click.Command, ctx: click.Context
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The verb's own options, and those that every verb has alike."""
    own: list[tuple[str, str]] = []
    common: dict[str, tuple[str, str]] = {}
    for param in command.get_params(ctx):
        record = option_record(param, ctx)
        if record is None:
            continue
        if param.name in COMMON:
            common[str(param.name)] = record
        else:
            own.append(record)
    return own, [common[name] for name in COMMON if name in common]


def option_record(param: click.Parameter, ctx: click.Context) -> tuple[str, str] | None:
    """How an option is given, and what it is for; a long list of words goes behind that."""
    record = None if isinstance(param, click.Argument) else param.get_help_record(ctx)
    if (
        record is None
        or len(record[0]) <= LONGEST_GIVEN
        or not isinstance(param.type, click.Choice)
    ):
        return record
    names = ", ".join((*param.opts, *param.secondary_opts))
    words = ", ".join(map(str, param.type.choices))
    return f"{names} WORD", f"{record[1]}; one of {words}"
