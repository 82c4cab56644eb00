"""Every alarm of the template is provoked in the local world, is raised, and clears.

The real functions run in processes of their own; their logs, their invocations, the queues and the
doors are read as CloudWatch reads them, and the template's alarms are evaluated by CloudWatch's
rules. Only time is moved by hand (`tests.support.stepped`). What an alarm is provoked by stands in
`ACTS`; an alarm that is in none of them fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pytest

from local.simulators.faults import FaultKind
from local.stack import ROOT
from tests.support.provocations import (
    QUEUES_OF_EVENTS,
    QUEUES_OF_RUNS,
    Stage,
    write_file,
)
from tests.support.stepped import stepped_world

SCHEDULED = (
    *("CatchUpRedo", "CheckWebhooks", "PollMintsoft", "MiintoRma", "UnleashedSync"),
    *("WairSync", "DriftReport", "WatchReturns", "RefreshCredentials", "OpsMetrics"),
)
DOORS = ("RedoWebhook", "LoopWebhook", "UnleashedWebhook")
OF_QUEUES = {
    "CreateExternalReturn": "ApprovedReturns",
    "DespatchRelay": "Despatches",
    "OrderChanges": "OrderChanges",
    "StoreRefunds": "StoreRefunds",
}
WIDGETS = ("OpsWidgets", "OpsActs")
FUNCTIONS = (*SCHEDULED, *DOORS, *OF_QUEUES, *WIDGETS)


@dataclass(frozen=True)
class Act:
    """What goes wrong, and how it is mended.

    Args:
        alarms: The alarms that it raises, without "Alarm".
        provoke: Spoils the world and lives in it until they should be raised.
        mend: Mends it and lives on until they should be clear.
    """

    about: str
    alarms: tuple[str, ...]
    provoke: Callable[[Stage], None]
    mend: Callable[[Stage], None]


# -- a fault of the hub's own --------------------------------------------------------------------


def more_faults(stage: Stage, than: int) -> bool:
    return stage.faults() > than


def faults(stage: Stage) -> None:
    stage.at.deploy_mistaken()
    for _ in range(3):
        before = stage.faults()
        stage.send("ApprovedReturns", "{}")
        stage.at.until(partial(more_faults, stage, before))
        stage.at.step()


def no_faults(stage: Stage) -> None:
    stage.at.deploy_before()
    # They would come back a minute of this machine's later, in the midst of the next act.
    stage.empty("ApprovedReturns")
    stage.at.step(times=4)


# -- partners that fail, keys, budgets, strangers ------------------------------------------------


def trouble(stage: Stage) -> None:
    return_id = stage.put_return()
    stage.at.step(until=stage.announced(return_id))
    stage.carrier_delivers(return_id)
    stage.at.step(until=stage.delivered(return_id))
    # Its breaker counts in one environment; with a second merchant runs are spread over several.
    stage.fail("mintsoft", FaultKind.ERROR_500_BEFORE)
    stage.at.step(times=5)
    stage.fail("unleashed", FaultKind.UNAUTHORISED)
    ends = stage.at.clock().date().isoformat()
    stage.set_secret("redo", ends_at=ends)
    stage.apply(lambda content: content["unleashed"].update(monthly_calls=1000))
    stage.put_unreadable_merchant()
    stage.lose_subscription()
    stage.send("ApprovedReturns", "no event at all")
    for _ in range(20):
        stage.post("redo", token="a stranger's guess")
    stage.at.step(times=4)
    stage.at.step(minutes=65)
    stage.at.step(times=4)


def no_trouble(stage: Stage) -> None:
    stage.mend("mintsoft")
    stage.mend("unleashed")
    stage.set_secret("redo", ends_at="")
    stage.apply(lambda content: content["unleashed"].update(monthly_calls=1_000_000))
    stage.remove_unreadable_merchant()
    stage.at.step()
    stage.receive_all()
    stage.at.step(times=2)
    stage.at.step(minutes=65)
    stage.at.step(times=4)


# -- what stays silent for hours -----------------------------------------------------------------


def silence(stage: Stage) -> None:
    stage.put_back_store()
    stage.drop_deliveries(1.0)
    stage.order_at_the_erp()
    stage.send("Refunds", "{}")
    for _ in range(3):
        return_id = stage.put_return()
        stage.at.clock.go_on(minutes=5)
        stage.at.step(minutes=55, until=stage.announced(return_id))
    stage.at.asleep.add("CatchUpRedoFunction")
    stage.disable_mappings(*QUEUES_OF_EVENTS)
    for queue in QUEUES_OF_EVENTS:
        stage.send(queue, "no event at all")
    stage.put_return()
    stage.at.step(minutes=60, times=4)
    stage.at.asleep.add("DriftReportFunction")
    stage.at.step(minutes=360)
    stage.at.look()
    stage.at.asleep.remove("DriftReportFunction")
    stage.at.step(minutes=14 * 60)
    stage.at.step(times=2)


def told_again(stage: Stage) -> None:
    stage.migrate()
    stage.drop_deliveries(0.0)
    stage.enable_mappings(*QUEUES_OF_EVENTS)
    stage.book_refunds()
    stage.at.asleep.clear()
    stage.at.step(times=2)
    stage.at.step(minutes=60, times=4)
    stage.at.step(times=4)


# -- a bad deploy --------------------------------------------------------------------------------


def bad_deploy(stage: Stage) -> None:
    stage.short_lived(*QUEUES_OF_RUNS, *QUEUES_OF_EVENTS, "Refunds")
    stage.give_up_a_refund()
    stage.at.deploy_broken(*(f"{name}Function" for name in FUNCTIONS))
    for _ in range(5):
        for queue in (*QUEUES_OF_RUNS, *QUEUES_OF_EVENTS):
            stage.send(queue, "{}")
        for portal in ("redo", "loop", "unleashed"):
            stage.post(portal, token="any")
        for name in WIDGETS:
            stage.at.world.host.invoke(f"{name}Function", {"widget": "summary"})
        stage.at.step()
    stage.wait_for_dead_letters()
    stage.at.step(minutes=60, times=3)
    stage.at.step(minutes=32 * 60)
    stage.at.look()


def deploy_before(stage: Stage) -> None:
    stage.at.deploy_before()
    stage.empty_dead_letters()
    stage.at.step(times=8)
    # What the broken release still had in its hands when the other came may have got there since.
    stage.empty_dead_letters()
    stage.at.step(minutes=60, times=3)
    stage.at.step(times=2)


ACTS = (
    Act(
        "a release with a mistake in the work on one message is deployed",
        ("Faults",),
        faults,
        no_faults,
    ),
    Act(
        "a partner is down, a key is refused, one ends, calls run out, strangers knock",
        (
            *("CursorsStale", "BreakersOpen", "KeysFailing", "KeysEnding", "BudgetForecast"),
            *("OverviewsFailed", "WebhookRefused", "WebhookRepaired", "OperatorNeeded"),
            *("ReturnsPastClock", "UnleashedPollingStale"),
        ),
        trouble,
        no_trouble,
    ),
    Act(
        "nothing is delivered, rules do not tick, nobody reads, looks or migrates",
        (
            *("PortalWebhookSilent", "UnleashedWebhookSilent", "CatchUpRedoNotStarted"),
            *("DriftOverLimit", "DriftLooksMissing", "DriftReportNotStarted", "MigrationPending"),
            *(f"{name}NotRead" for name in (*QUEUES_OF_EVENTS, "Refunds")),
        ),
        silence,
        told_again,
    ),
    Act(
        "a release that fails at every event is deployed",
        (
            *(f"{name}Errors" for name in FUNCTIONS),
            *(f"{name}NotStarted" for name in SCHEDULED),
            *(f"{name}DeadLetter" for name in (*QUEUES_OF_RUNS, *QUEUES_OF_EVENTS, "Refunds")),
            *("WebhookFailing", "DailySummary"),
        ),
        bad_deploy,
        deploy_before,
    ),
)


@dataclass(frozen=True)
class Lived:
    """What was seen of an alarm in an act."""

    at_first: str
    raised_at: datetime | None
    why: str
    in_the_end: str
    why_still: str


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Lived]:
    """Every act, lived through once: (act, alarm) -> what was seen."""
    folder = tmp_path_factory.mktemp("alarms")
    found: dict[tuple[str, str], Lived] = {}
    with stepped_world(folder / "state", write_file(folder / "merchants")) as world:
        stage = Stage(world)
        world.step(times=5)
        for act in ACTS:
            before, began = world.states(), world.time()
            act.provoke(stage)
            mended = world.time()
            act.mend(stage)
            after = world.states()
            for name in (f"{word}Alarm" for word in act.alarms):
                raised = [
                    change
                    for change in world.alarms.history(name)
                    if change.value == "ALARM" and began <= change.at <= mended
                ]
                found[act.about, name] = Lived(
                    before[name].value,
                    raised[0].at if raised else None,
                    raised[0].reason if raised else "",
                    after[name].value,
                    after[name].reason,
                )
        assert not world.logs.problems
    return found


WATCHED = sorted((act.about, f"{word}Alarm") for act in ACTS for word in act.alarms)


@pytest.mark.parametrize(("about", "alarm"), WATCHED)
def test_an_alarm_is_raised_by_what_it_is_for_and_clears(
    lived: dict[tuple[str, str], Lived], about: str, alarm: str
) -> None:
    seen = lived[about, alarm]
    assert seen.at_first != "ALARM", f"{alarm} was raised before anything was wrong"
    assert seen.raised_at is not None, f"{alarm} is silent while {about}"
    assert seen.why.startswith("Threshold Crossed"), seen.why
    assert seen.in_the_end == "OK", f"{alarm} does not clear: {seen.why_still}"


def test_no_alarm_of_the_template_is_without_a_provocation() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    # Those with a condition are the brakes of a gradual rollout: CodeDeploy's, and not here.
    alarms = re.findall(
        r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm\n    Properties:", text, re.MULTILINE
    )
    assert len(alarms) > 50
    assert {alarm for _, alarm in WATCHED} == set(alarms)
