"""How hub status looks: what is wrong first, then everything in the dashboard's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import click
from rich.table import Table

from cli.ages import age
from cli.audit_reading import short_name
from cli.status.problems import Problem, name_of
from cli.terminal import clean, console, shown, table
from returns_hub.domain.audit import Act
from returns_hub.domain.overview.keys import is_ending
from returns_hub.domain.overview.overview import Overview, QueueStanding, StepStanding
from returns_hub.domain.overview.standing import is_shut

MOST_PROBLEMS = 12
LONGEST = 66
"""Characters of an act's line, so that it stays one on a screen of 80."""
QUIET = "[green]all quiet[/]"


@dataclass(frozen=True)
class Picture:
    """One merchant, as it is shown."""

    overview: Overview
    queues: tuple[QueueStanding, ...]
    acts: tuple[Act, ...]
    problems: tuple[Problem, ...]
    now: datetime


def show_one(picture: Picture) -> None:
    """One merchant on one screen."""
    overview, now = picture.overview, picture.now
    old = age(now - overview.at)
    head = f"{overview.merchant}: {overview.mode}, file v{overview.config_version}"
    click.echo(clean(f"{head}; as of {overview.at:%Y-%m-%d %H:%M:%S} UTC, {old} ago"))
    say_problems(picture.problems, _quiet(picture))
    grid = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, line in _lines(picture):
        grid.add_row(label, shown(line))
    console().print(grid)


def say_problems(problems: Sequence[Problem], quiet: str) -> None:
    """What is wrong, each with the command that helps; or one line that nothing is."""
    if not problems:
        console().print(f"{QUIET}: {shown(quiet)}")
        return
    things = "thing needs" if len(problems) == 1 else "things need"
    console().print(f"[bold red]{len(problems)} {things} a person[/]")
    for problem in problems[:MOST_PROBLEMS]:
        console().print(f"  [red]![/] {shown(problem.what)}\n      [dim]{shown(problem.helps)}[/]")
    if len(problems) > MOST_PROBLEMS:
        click.echo(f"  and {len(problems) - MOST_PROBLEMS} more (--json has all)")


def show_many(
    overviews: Mapping[str, Overview | None],
    problems: Mapping[str, Sequence[Problem]],
    now: datetime,
) -> None:
    """One line for each merchant, the worst first."""
    rows = table("merchant", "mode", "needs a person", "parked", "waiting", "late", "as of")
    for merchant in sorted(overviews, key=lambda name: _badness(name, problems[name])):
        overview, found = overviews[merchant], problems[merchant]
        first = QUIET if not found else f"[red]{shown(found[0].what)}[/]"
        more = f" [dim]and {len(found) - 1} more[/]" if len(found) > 1 else ""
        if overview is None:
            rows.add_row(shown(merchant), "", first, "", "", "", "never")
            continue
        rows.add_row(
            shown(merchant),
            shown(overview.mode),
            first + more,
            str(sum(cause.count for cause in overview.causes)),
            str(sum(step.count for step in overview.steps)),
            str(sum(one.is_stale(now) for one in overview.freshness)),
            f"{age(now - overview.at)} ago",
        )
    console().print(rows)


def _badness(merchant: str, problems: Sequence[Problem]) -> tuple[int, int, str]:
    return (problems[0].rank if problems else 99, -len(problems), merchant)


def _quiet(picture: Picture) -> str:
    jobs = len(picture.overview.freshness)
    return f"{jobs} jobs in time, nobody is waited for, no dead letters"


def _lines(picture: Picture) -> Iterator[tuple[str, str]]:
    overview, now = picture.overview, picture.now
    yield "freshness", _freshness(overview, now)
    yield from _under("money line", _money(overview, now))
    yield "person", _person(overview)
    yield "queues", _queues(picture.queues)
    yield "drift", _drift(overview, now)
    yield "partners", _partners(overview, now)
    yield "keys", _keys(overview, now)
    acts = [clean(_act(act, now))[:LONGEST] for act in picture.acts]
    yield from _under("last acts", acts or ["none within a week"])


def _person(overview: Overview) -> str:
    parked = sum(cause.count for cause in overview.causes)
    told = [f"{parked} parked, of {len(overview.causes)} causes"] if parked else []
    if overview.past_clock:
        told.append(f"{overview.past_clock} past their clock")
    return ", ".join(told) or "nothing waits for one"


def _act(act: Act, now: datetime) -> str:
    what = f"{act.verb} {act.subject}".rstrip()
    return f"{age(now - act.at)} ago  {short_name(act.who)}: {what} ({act.outcome})"


def _under(label: str, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines):
        yield (label if number == 0 else ""), line


def _freshness(overview: Overview, now: datetime) -> str:
    if not overview.freshness:
        return "no job is switched on"
    late = [one for one in overview.freshness if one.is_stale(now)]
    failing = sum(bool(one.failing) for one in overview.freshness)
    worst = max(overview.freshness, key=lambda one: one.lateness(now))
    told = (
        f"{len(late)} of {len(overview.freshness)} jobs late"
        if late
        else f"{len(overview.freshness)} jobs in time"
    )
    failed = f", the last run of {failing} failed" if failing else ""
    since = age(worst.age(now) or timedelta(0))
    due = age(timedelta(seconds=worst.every_seconds))
    return f"{told}{failed}; the latest: {name_of(worst)}, {since} ago (every {due})"


def _money(overview: Overview, now: datetime) -> list[str]:
    waiting = [step for step in overview.steps if step.count]
    if not waiting:
        return ["no return waits for anything"]
    head = _columns("returns wait", "count", "oldest", "worth")
    return [head, *(_step(step, now) for step in waiting)]


def _step(step: StepStanding, now: datetime) -> str:
    count = f"{step.count}{'+' if step.is_at_least else ''}"
    since = age(now - step.oldest_since) if step.oldest_since else ""
    value = ", ".join(f"{_money_of(amount)} {code}" for code, amount in step.value.items())
    return _columns(step.step.in_words, count, since, value)


def _columns(what: str, count: str, oldest: str, worth: str) -> str:
    return f"{what:<24}{count:>6}  {oldest:<10} {worth}".rstrip()


def _money_of(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _queues(queues: Sequence[QueueStanding]) -> str:
    if not queues:
        return "none is known"
    busy = [f"{q.name} {q.waiting + q.in_work}" for q in queues if q.waiting + q.in_work]
    dead = [f"{q.name} {q.dead} dead" for q in queues if q.dead]
    return ", ".join([*dead, *busy]) or f"{len(queues)} queues, all empty"


def _drift(overview: Overview, now: datetime) -> str:
    drift = overview.drift
    if drift is None:
        return "not looked for"
    if drift.looked_at is None:
        return "nobody looked yet"
    value = ", ".join(f"{_money_of(amount)} {code}" for code, amount in drift.value.items())
    worth = f", {value}" if value else ""
    return f"{drift.open} open{worth}; looked {age(now - drift.looked_at)} ago"


def _partners(overview: Overview, now: datetime) -> str:
    told = []
    for one in overview.partners:
        word = "away" if is_shut(one, now) else ("held back" if one.closed_until else "open")
        share = f", calls {one.forecast:.0%} foreseen" if one.forecast is not None else ""
        told.append(f"{one.partner} {word}{share}")
    return "; ".join(told) or "none"


def _keys(overview: Overview, now: datetime) -> str:
    bad = [f"{key.name} refused" for key in overview.keys if key.failing]
    bad += [f"{key.name} ends" for key in overview.keys if not key.failing and is_ending(key, now)]
    return ", ".join(bad) or "none refused, none ends soon"
