"""Run the main job on this machine: approved returns to the warehouse and back.

Starts AWS, the Lambda handlers and simulators of Redo, Mintsoft, Miinto, Unleashed and WAIR from
template.yaml, publishes the sample returns, lets the warehouse confirm them, has Miinto's offers
accepted, sent and returned, shows every flow between Unleashed and Mintsoft, feeds WAIR, relays
despatches, and checks what happened in the simulators' own books. Then it plants drift of every
kind and holds the report against it. The last line on standard output is one JSON object. Exit code
1 when anything was done twice, lost, or ended otherwise than its sample says, and when the report
has not exactly what was planted.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

try:
    from rich.console import Console
    from rich.markup import escape

    from local.later import WorldClock
    from local.partners import partner_simulators
    from local.processes import AlreadyRunning, RunLock
    from local.run.check import Judgement, judge
    from local.run.drift import PAGE, DriftStory
    from local.run.drift_check import DriftJudgement
    from local.run.erp_ready import make_ready
    from local.run.judgement import StoryJudgement
    from local.run.miinto import MERCHANT
    from local.run.miinto_books import is_marketplaces
    from local.run.miinto_check import MiintoJudgement
    from local.run.patience import Patience, faults, standstill
    from local.run.publish import Sample, publish, put_in_portal, samples
    from local.run.report import (
        Progress,
        show_drift,
        show_outcomes,
        show_stories,
        show_timeline,
        show_times,
    )
    from local.run.stories import Stories
    from local.run.warehouse import Warehouse
    from local.stack import EMULATOR_PYTHON, LocalStackError
    from local.world import (
        STATE,
        LocalWorld,
        apply_merchants,
        local_world,
        set_sample_secrets,
        ticking,
    )
except KeyboardInterrupt:  # while loading: nothing was started yet
    raise SystemExit(130) from None

RUNS_TO_REST = 3
LOOK_SECONDS = 0.1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make run ARGS=…",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--returns", type=int, help="how many (default: every sample once)")
    parser.add_argument("--seed", type=int, default=1, help="order of the messages (default 1)")
    parser.add_argument(
        "--speed", type=float, default=300.0, help="schedules' clock; 300 is a tick a second"
    )
    parser.add_argument(
        "--partner-delay", type=float, default=0.05, help="seconds that partners take to answer"
    )
    parser.add_argument(
        "--state", type=Path, default=STATE, help="folder for logs and the like (default .local)"
    )
    parser.add_argument("--brief", action="store_true", help="no table of returns")
    options = parser.parse_args()
    if options.returns is not None and not 1 <= options.returns <= 5000:
        parser.error("--returns takes 1 to 5000")
    if not 1 <= options.speed <= 3000:
        parser.error("--speed takes 1 to 3000")
    if not 0 <= options.partner_delay <= 10:
        parser.error("--partner-delay takes 0 to 10 seconds")
    return options


def main() -> int:
    options = arguments()
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 140)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with RunLock(options.state):
            return run(options, console)
    except AlreadyRunning as other:
        console.print(
            f"A local stack of this work tree runs already (process {other}). Stop it with Ctrl-C "
            f"where it runs, or: kill {other}"
        )
    except LocalStackError as error:
        console.print(f"The local stack could not be started: {error}", markup=False)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything that was started is stopped.")
        return 130
    return 2


def run(options: argparse.Namespace, console: Console) -> int:
    if not EMULATOR_PYTHON.exists():
        raise LocalStackError("its environment is missing; `make run` installs it")
    progress = Progress(console)
    clock = WorldClock(options.state / "clock")
    with (
        partner_simulators(options.partner_delay, clock) as partners,
        local_world(
            partners=partners, speed=options.speed, state=options.state, lives_by=clock
        ) as world,
    ):
        progress.say(f"local AWS at {world.aws.url}, partners simulated, functions warm")
        set_sample_secrets(world)
        applied = apply_merchants(world)
        progress.say(f"merchants applied: {', '.join(applied)}")
        make_ready(world, progress)
        all_samples = samples(options.returns, datetime.now(UTC))
        put_in_portal(all_samples, partners)
        stories = Stories(world, partners, progress)

        def said() -> None:
            progress.going("publishing approved returns")
            stories.go_on()

        logs = options.state / "logs"
        with ticking(world):
            published = publish(world, all_samples, options.seed, said)
            progress.say(f"{len(published)} approved returns published, copies and bad ones too")
            patience = Patience(len(all_samples))
            _let_work(world, all_samples, stories.go_on, progress, patience)
            if patience.is_out:
                _say_what_waits(world, logs, progress, patience.why)
            stories.end()
            if stories.trouble and not patience.is_out:
                _say_what_waits(world, logs, progress, stories.trouble)
            judgement = _judge(world, all_samples, stories.erp.returns)
            others = stories.judge()
        drift = DriftStory(world, partners, clock, progress)
        if patience.is_out or stories.trouble:
            found = drift.not_told()
        else:
            bundle = stories.wair.stage.asked.bundle
            found = drift.tell(all_samples, bundle, options.state)
        if not options.brief:
            show_outcomes(console, all_samples, judgement)
            show_stories(console, *others)
            show_drift(console, found, options.state / PAGE)
        _show(console, world, all_samples, published, logs)
        _show_stories(console, world, stories)
        wrong = [
            *judgement.duplicates,
            *judgement.unexpected,
            *(sentence for one in others for sentence in one.sentences),
            *found.sentences,
            *_faults(logs),
        ]
        for sentence in wrong:
            console.print(sentence, style="red", markup=False, highlight=False)
    print(json.dumps(counted(judgement, *others, found)), flush=True)
    return 1 if wrong or judgement.lost else 0


def _show_stories(console: Console, world: LocalWorld, stories: Stories) -> None:
    market, erp = stories.market, stories.erp
    if market.shown:
        title = f"Timeline of the RMA {market.shown} (goods came damaged)"
        show_timeline(console, title, world.hub.returns.timeline(MERCHANT, market.shown))
    if erp.timeline:
        show_timeline(console, "Timeline of Unleashed's order, edited, then sent", erp.timeline)


def _faults(logs: Path) -> Iterator[str]:
    for (function, kind), count in sorted(faults(logs).items()):
        yield f"{function}: {count} faults in its log of kind {kind}"


def counted(
    judgement: Judgement,
    marketplace: MiintoJudgement,
    synced: StoryJudgement,
    fed: StoryJudgement,
    drift: DriftJudgement,
) -> dict[str, int]:
    """The last line: the returns' counts, the marketplace's, the ERP's, the stock feed's, of drift,
    and what went wrong."""
    returns, others = judgement.summary(), (marketplace, synced, fed)
    wrong = {
        "duplicates": returns.pop("duplicates") + sum(len(one.duplicates) for one in others),
        "lost": returns.pop("lost") + sum(len(one.lost) for one in others),
    }
    told = {name: count for one in others for name, count in one.summary().items()}
    return {**returns, **told, **drift.counts, **wrong}


def _let_work(
    world: LocalWorld,
    all_samples: list[Sample],
    go_on: Callable[[], None],
    progress: Progress,
    patience: Patience,
) -> None:
    """Let the queue drain, the warehouse confirm and the schedules tick, until all is at rest."""
    partners = world.partners
    if partners is None:
        return
    warehouse = Warehouse(partners, all_samples)
    while waiting := world.waiting("ApprovedReturnsQueue"):
        announced = warehouse.announced()
        if not patience.lasts((waiting, announced)):
            return
        progress.going(f"announcing: {announced} external returns in Mintsoft")
        go_on()
        time.sleep(LOOK_SECONDS)
    progress.say(f"{warehouse.announced()} external returns are in Mintsoft")
    warehouse.meanwhile()
    while confirmed := warehouse.confirm_next():
        progress.say(f"the warehouse confirmed {confirmed}; the clock runs fast")
        _rest(world, go_on, progress, patience)


def _rest(
    world: LocalWorld, go_on: Callable[[], None], progress: Progress, patience: Patience
) -> None:
    """Wait until runs that began after the last change have found nothing more to do."""
    runs_then, before = _runs_begun(world), ""
    while True:
        now, runs = _state_of(world), _runs_begun(world)
        if now != before:
            runs_then, before = runs, now
        since = {name: min(runs[name] - runs_then[name], RUNS_TO_REST) for name in runs}
        if all(count == RUNS_TO_REST for count in since.values()):
            return
        if not patience.lasts((now, since)):
            return
        books = json.loads(now)
        flagged = sum(status == "flagged" for status in books["returns"].values())
        paid = len(books["payments"])
        progress.going(f"processing: {paid} lines paid in Redo, {flagged} returns flagged")
        go_on()
        time.sleep(LOOK_SECONDS)


def _say_what_waits(world: LocalWorld, logs: Path, progress: Progress, why: str) -> None:
    progress.say(escape(f"GIVEN UP: {why}"))
    for line in standstill(world, logs, _runs_begun(world)):
        progress.say(escape(f"  {line}"))


def _runs_begun(world: LocalWorld) -> dict[str, int]:
    """How many receipt runs each merchant has had: every one takes the lease once."""
    dynamodb = world.aws.client("dynamodb")
    table = world.environment["CONTROL_TABLE"]
    begun = {}
    for merchant in world.hub.merchants.all_ids():
        key = {"pk": {"S": f"cursor#receipts/{merchant}"}}
        item = dynamodb.get_item(TableName=table, Key=key).get("Item", {})
        begun[merchant] = int(item.get("fence", {"N": "0"})["N"])
    return begun


def _state_of(world: LocalWorld) -> str:
    partners = world.partners
    if partners is None:
        return ""
    with partners.held():
        return json.dumps(partners.redo.all_books(), default=str)


def _judge(world: LocalWorld, all_samples: list[Sample], others: Sequence[str]) -> Judgement:
    """Judge the samples; `others` are returns of another story."""
    assert world.partners is not None  # noqa: S101 - a run always has simulators
    with world.partners.held():
        warehouse, portal = world.partners.mintsoft.books(), world.partners.redo.all_books()
    records = [
        record
        for record in warehouse["external_returns"]
        if not is_marketplaces(record) and not any(name in str(record["rows"]) for name in others)
    ]
    hub_says = {
        sample.return_id: world.hub.returns.load(sample.merchant, sample.return_id).outcome
        for sample in all_samples
    }
    return judge(
        all_samples,
        portal,
        warehouse | {"external_returns": records},
        hub_says,
    )


def _show(
    console: Console,
    world: LocalWorld,
    all_samples: list[Sample],
    published: dict[str, float],
    logs: Path,
) -> None:
    shown = next((s for s in all_samples if len(s.warehouse) > 1), all_samples[0])
    title = f"Timeline of {shown.return_id} ({shown.about})"
    show_timeline(console, title, world.hub.returns.timeline(shown.merchant, shown.return_id))
    assert world.partners is not None  # noqa: S101 - a run always has simulators
    with world.partners.held():
        books = world.partners.mintsoft.books()
    show_times(console, published, books, logs)
    bad = world.hub.parking.list_parked("_unknown")
    console.print(f"Messages that were none, kept with their reason: {len(bad)}")
    for item in bad:
        console.print(f"  {item.code}: {item.reason}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
