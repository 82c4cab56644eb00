"""Every run of every function is held to the plan that was made of it a moment before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from returns_hub.plan_runs import DOORS, JOBS
from tests.simulation.drift_plans import busy_days
from tests.simulation.drift_seeds import calm
from tests.simulation.planned import JOB_OF, QUEUE_OF, Planned, PlannedDays, Tally
from tests.simulation.scenario import AwsFaults, PartnerFaults, Process, Scenario, scenario

PARKED = (1, 6, 7, 11, 15, 30)
"""Seeds after which work of different flows is parked."""
RETURNS = (3, 7, 11, 19)
"""Seeds of returns and a marketplace, in which the store refunds too."""
DAYS = (1, 2)
LOG_INS = {"POST /auth/channels", "POST /api/*/Token"}
"""What is not read by GET: log-ins that end nobody else's."""


def lived(seeds: Sequence[int]) -> list[Tally]:
    """Hours of a merchant with a portal, a warehouse and a marketplace."""
    return [Planned(quiet(seed)).run().tally for seed in seeds]


def quiet(seed: int) -> Scenario:
    """What a seed decides for one merchant, with nothing that goes wrong."""
    told = scenario(seed)
    return replace(
        told,
        merchants=("alpha",),
        returns=tuple(replace(plan, merchant="alpha") for plan in told.returns),
        aws=AwsFaults(),
        redo=PartnerFaults(),
        mintsoft=PartnerFaults(),
        miinto=PartnerFaults(),
        process=Process(),
    )


def lived_a_day(seed: int) -> Tally:
    """A day of a merchant with all systems, whose warehouse's key ends each day."""
    plan = busy_days(seed, 1)
    told = replace(calm(seed, plan), authentication="login", watched=True)
    run = PlannedDays(told, plan).run()
    assert not run.faults
    return run.tally


@pytest.fixture(scope="module")
def tallies() -> list[Tally]:
    return [*lived(RETURNS), *map(lived_a_day, DAYS)]


def test_what_a_run_writes_is_its_plan_and_nothing_else(tallies: list[Tally]) -> None:
    for tally in tallies:
        assert not tally.wrong, "\n".join(tally.wrong[:3])


def test_every_job_and_every_queue_was_planned_and_run(tallies: list[Tally]) -> None:
    plans: Counter[str] = sum((tally.plans for tally in tallies), Counter())
    assert set(JOB_OF.values()) == set(JOBS)
    assert set(QUEUE_OF.values()) == set(DOORS)
    # Of a lone merchant nothing is handed out but flows.
    not_handed_out = {"message miinto", "message drift"}
    wanted = set(JOBS) | {f"message {name}" for name in QUEUE_OF} - not_handed_out
    assert wanted <= set(+plans), wanted - set(+plans)


def test_plans_that_write_were_held_to_it_exactly(tallies: list[Tally]) -> None:
    """Not only those in which nothing was to do, or all depended on the partner's answer."""
    exact: Counter[str] = sum((tally.exact for tally in tallies), Counter())
    wanted = {"poll_mintsoft", "miinto_rma", "watch_returns"}
    wanted |= {f"message {name}" for name in ("create", "unleashed", "wair", "relay", "poll")}
    wanted |= {"message changes", "message store-refunds"}
    assert wanted <= set(+exact), wanted - set(+exact)
    depends: Counter[str] = sum((tally.depends for tally in tallies), Counter())
    assert sum(exact.values()) > sum(depends.values())
    # A key that is renewed, a subscription that is mended: what follows is the partner's to say.
    assert {"refresh_credentials", "check_webhooks"} <= set(+depends)


def test_a_plan_only_reads(tallies: list[Tally]) -> None:
    asked = set().union(*(tally.asked for tally in tallies))
    assert {one for one in asked if not one.startswith("GET ")} <= LOG_INS
    assert not any("Cancel" in one or "Confirm" in one for one in asked)


class PlannedReplays(Planned):
    """Only what a person has done again is held to its plan."""

    every_run = False


def test_what_a_replay_writes_is_its_plan_and_nothing_else() -> None:
    plans: Counter[str] = Counter()
    writes: Counter[str] = Counter()
    for seed in PARKED:
        run = PlannedReplays(quiet(seed)).run()
        run.replay_all()
        assert not run.tally.wrong, "\n".join(run.tally.wrong[:3])
        plans += run.tally.plans
        writes += run.tally.exact
    flows = ("process_receipts", "follow_return", "store_refund", "miinto_despatches")
    assert {f"message replay {flow}" for flow in flows} <= set(plans)
    assert writes["message replay process_receipts"]
