"""How plans are told on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import click

from cli.terminal import clean, console, shown, table
from returns_hub.domain.plans import Check, Difference, Plan, PlanLine, PlanRow

MOST_ROWS = 200
"""Rows on a terminal; --json has them all."""


def in_words(counts: dict[str, int]) -> str:
    """``3 create, 1 park``."""
    return ", ".join(f"{count} {does}" for does, count in counts.items()) or "nothing to do"


def say_plan(plan: Plan) -> None:
    """A plan, its rows first."""
    if plan.rows:
        _say_rows(plan.rows)
    for move in plan.cursors:
        click.echo(clean(f"cursor {move.name} would move"))
    what = f" of {plan.subject}" if plan.subject else ""
    click.echo(
        clean(
            f"{plan.job}{what} for {plan.merchant}, file version {plan.config_version}, at "
            f"{plan.at:%Y-%m-%d %H:%M:%S} UTC: {in_words(plan.counts)}"
        )
    )
    if any(row.depends for row in plan.rows):
        click.echo("what comes after a row with * depends on the partner's answer to it")
    if not plan.whole:
        click.echo(clean(f"this may not be all: {plan.why_not}"), err=True)


def _say_rows(rows: Iterable[PlanRow]) -> None:
    made = table("does", "at", "about", "what", "why")
    told = list(rows)
    for row in told[:MOST_ROWS]:
        why = " ".join(word for word in (row.code, row.reason) if word)
        made.add_row(
            row.does + ("*" if row.depends else ""),
            shown(row.partner),
            shown(row.about or row.key),
            shown(row.summary or row.request or row.key),
            shown(why),
        )
    console().print(made)
    if len(told) > MOST_ROWS:
        click.echo(f"and {len(told) - MOST_ROWS} more (--json has them all)")


def say_lines(lines: Iterable[PlanLine]) -> None:
    """Plans, a line each."""
    made = table("plan", "of", "file", "would do")
    for line in lines:
        more = "" if line.whole else " (not whole)"
        made.add_row(
            shown(line.plan_id),
            shown(line.subject),
            str(line.config_version),
            shown(in_words(line.counts) + more),
        )
    console().print(made)


def say_difference(found: Difference) -> None:
    """What the second plan does differently."""
    for title, rows in (("only in the first", found.gone), ("only in the second", found.new)):
        if rows:
            click.echo(f"{title}:")
            _say_rows(rows)
    if found.changed:
        click.echo("in both, and different:")
        for before, after in found.changed:
            names = [name for name, value in before if value != getattr(after, name)]
            words = "; ".join(
                f"{name}: {getattr(before, name)} -> {getattr(after, name)}" for name in names
            )
            click.echo(clean(f"  {before.key or before.about}  {words}"))
    if found.is_none:
        click.echo("both do the same")


def say_check(found: Check) -> None:
    """A plan held against what was done."""
    made = table("planned", "became", "id", "why")
    for one in found.checked:
        made.add_row(
            shown(one.row.key), one.outcome.replace("_", " "), shown(one.partner_id), shown(one.why)
        )
    if found.checked:
        console().print(made)
    for beyond in found.beyond:
        click.echo(clean(f"not in the plan: {beyond.key}  {beyond.partner_id}"))
    done = sum(one.outcome == "done" for one in found.checked)
    click.echo(f"{done} of {len(found.checked)} writes done as planned")
    if found.beyond_known:
        click.echo(f"{len(found.beyond)} writes of its kinds were done beyond it")
    else:
        click.echo("what was done beyond it was not looked for")
