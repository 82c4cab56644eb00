"""hub status: the morning look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cli.choices import merchants_argument
from cli.migrate_words import store_json
from cli.status.desk import last_acts, queues_of
from cli.status.problems import Problem, missing, of_queues, of_store, problems_of, unreadable
from cli.status.screen import Picture, say_problems, show_many, show_one
from cli.terminal import REFUSED, json_option, pass_reach, say_json
from cli.verbs import verb
from cli.worlds import CommandError, Reach
from returns_hub.domain.overview.overview import Overview, QueueStanding
from returns_hub.flows.migrations.run import standing
from returns_hub.migrating import migration_world
from returns_hub.ops_runs import OpsRuns


@verb()
@merchants_argument
@click.option("--all", "everyone", is_flag=True, help="one line each, though there is only one")
@click.option("--now", "is_fresh", is_flag=True, help="look now, and not as it was kept")
@json_option
@pass_reach
def status(
    reach: Reach, merchant: str | None, everyone: bool, is_fresh: bool, as_json: bool
) -> None:
    """Say how the hub stands, on one screen: what needs a person first, with what helps.

    Then, in the dashboard's order: freshness, the money line, what needs a person, queues, drift,
    partners, keys, the last acts. Of several merchants one line each, the worst first. It is what
    was looked at within the last five minutes; --now looks again. Queues are the whole stack's.

    \b
    hub status
    hub status example --now

    Exit codes: 0 all is quiet, 1 something needs a person, 3 it cannot be told

    See also: hub timeline, hub parked list, hub dlq list, hub tail
    """
    if merchant and everyone:
        raise click.UsageError("name one MERCHANT, or --all")
    made = reach.hub()
    ids = (merchant,) if merchant else made.merchants.all_ids()
    broken = made.merchants.unreadable(ids)
    if merchant and merchant not in broken:
        made.merchants.live(merchant)  # refused by its own words when there is none
    if not ids:
        raise CommandError("no merchant file has been applied (hub config apply)", REFUSED)
    looks = OpsRuns(made)
    overviews = {
        name: _overview(looks, name, is_fresh=is_fresh and name not in broken) for name in ids
    }
    now = made.clock.now()
    problems = {
        name: [missing(name)] if found is None else problems_of(found, now)
        for name, found in overviews.items()
    }
    for name, why in broken.items():
        problems[name].insert(0, unreadable(why.reason))
    queues = queues_of(made)
    store = standing(migration_world(made))
    dead = [*of_queues(queues), *of_store(store)]
    if as_json:
        say_json(_for_machines(overviews, queues, problems, dead) | {"store": store_json(store)})
    elif len(ids) == 1 and not everyone and (one := overviews[ids[0]]) is not None:
        found = sorted([*problems[ids[0]], *dead], key=lambda problem: problem.rank)
        show_one(Picture(one, queues, last_acts(made, ids[0], now), tuple(found), now))
    else:
        say_problems([*dead, *_of_merchants(problems)], _quiet(problems, len(queues)))
        show_many(overviews, problems, now)
    if dead or any(problems.values()):
        raise click.exceptions.Exit(REFUSED)


def _of_merchants(problems: Mapping[str, list[Problem]]) -> Iterator[Problem]:
    """The worst of each merchant that is not quiet; its own screen has the others."""
    for name, found in problems.items():
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            yield Problem(found[0].rank, f"{name}: {found[0].what}{more}", f"hub status {name}")


def _quiet(problems: Mapping[str, list[Problem]], queues: int) -> str:
    """What is quiet, in words."""
    return f"{len(problems)} merchants, no dead letters in {queues} queues"


def _overview(looks: OpsRuns, merchant: str, *, is_fresh: bool) -> Overview | None:
    return looks.look(merchant) if is_fresh else looks.overviews.latest(merchant)


def _for_machines(
    overviews: Mapping[str, Overview | None],
    queues: tuple[QueueStanding, ...],
    problems: Mapping[str, list[Problem]],
    dead: list[Problem],
) -> dict[str, Any]:
    return {
        "is_quiet": not dead and not any(problems.values()),
        "queues": [queue.model_dump(mode="json") for queue in queues],
        "dead_letters": [vars(problem) for problem in dead],
        "merchants": [
            {
                "merchant": name,
                "is_quiet": not problems[name],
                "problems": [vars(problem) for problem in problems[name]],
                "overview": found.model_dump(mode="json") if found else None,
            }
            for name, found in overviews.items()
        ],
    }
