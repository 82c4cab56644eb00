"""Returns that somebody must look at again by now are looked at, each by its kind's handler.

One run for one merchant works under a lease, bounded in time and in returns. What cannot be done
now stays due, and the next run begins behind it, so that no return keeps the others waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from returns_hub.domain.facts import DueCleared
from returns_hub.domain.following import Due, DueKind
from returns_hub.domain.miinto.rmas import is_of_miinto
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Conflict, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.ask_person import ask_person
from returns_hub.flows.by_hand import finish_what_was_begun
from returns_hub.flows.check_processing import check_processing
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.cursor_names import watched
from returns_hub.flows.lease import leased
from returns_hub.flows.miinto.refund_home import refund_home
from returns_hub.flows.process_receipts import process_receipts_of
from returns_hub.flows.ring_clock import ring_clock
from returns_hub.flows.unleashed.credits.due import hand_over
from returns_hub.flows.world import REQUEST_SECONDS, World
from returns_hub.ports import Lease

FLOW = "watch_returns"
WORST_CASE_SECONDS = 3 * REQUEST_SECONDS / 2
MOST_FOUND = 1000
MOST_PER_RUN = 100

Handler = Callable[[ReturnState, Due, World], str]
"""Looks at one thing that is due; a bounded word for what came of it.

It records what it did, and moves or clears what is due, unless it is to be called again in the next
run. It may raise every verdict: what is known refused goes to a person, the rest comes back.
"""


def watch_returns(world: World, handlers: Mapping[str, Handler] | None = None) -> dict[str, int]:
    """Look at what is due by now.

    Returns:
        How many looks ended in which way, as ``kind.word``. Empty when nothing is due, or another
        run holds the lease.
    """
    stores = world.stores
    found = stores.returns.due(world.merchant, stores.clock.now(), MOST_FOUND)
    name = watched(world.merchant)
    if not found:
        stores.cursors.beat(name)
        return {}
    with leased(stores, name) as lease:
        if lease is None:
            return {}
        try:
            away = _away(world, found)
            return _run(world, lease, found, HANDLERS if handlers is None else handlers, away)
        except Verdict as verdict:
            lease.run.failed(verdict)
            world.run_failed(verdict, flow=FLOW)
            return {"failed": 1}


def _away(world: World, found: tuple[tuple[datetime, str], ...]) -> frozenset[str]:
    """Portals that asking is no use of now, of those that the returns are of.

    Raises:
        Retryable: None of the returns can be looked at.
    """
    worlds = {
        is_of_miinto(return_id): world.for_return(return_id) for _, return_id in reversed(found)
    }
    away: dict[str, Retryable] = {}
    for one in worlds.values():
        try:
            one.require_partners()
        except Retryable as verdict:
            away[one.live.merchant.portal] = verdict
    if len(away) == len(worlds):
        raise next(iter(away.values()))
    return frozenset(away)


def _run(
    world: World,
    lease: Lease,
    found: tuple[tuple[datetime, str], ...],
    handlers: Mapping[str, Handler],
    away: frozenset[str],
) -> dict[str, int]:
    stores = world.stores
    endings: dict[str, int] = {}
    reached: tuple[str, str] | None = None
    for at, return_id in _after(found, lease.value)[:MOST_PER_RUN]:
        if stores.clock.remaining() < WORST_CASE_SECONDS:
            endings["not_started"] = 1
            break
        for ending in _look_at(return_id, world.for_return(return_id), handlers, away):
            endings[ending] = endings.get(ending, 0) + 1
        reached = (at.isoformat(), return_id)
    for ending, count in endings.items():
        stores.telemetry.count("Watched", count, merchant=world.merchant, outcome=ending)
    try:
        if reached is not None:
            stores.cursors.advance(lease, {"at": reached[0], "return_id": reached[1]})
    except Conflict:
        stores.telemetry.log("the lease was lost; another run goes on", cursor=lease.name)
    stores.telemetry.log("watch run", due=len(found), **endings)
    return endings


def _after(
    found: tuple[tuple[datetime, str], ...], reached: Mapping[str, str]
) -> tuple[tuple[datetime, str], ...]:
    """What is due, beginning behind the last return that an earlier run looked at."""
    if not reached:
        return found
    last = (datetime.fromisoformat(reached["at"]), reached["return_id"])
    behind = tuple(row for row in found if row > last)
    return (*behind, *found[: len(found) - len(behind)])


def _look_at(
    return_id: str, world: World, handlers: Mapping[str, Handler], away: frozenset[str]
) -> list[str]:
    """Everything that is due of one return, each once; one's trouble does not stop the others."""
    if world.live.merchant.portal in away:
        return ["portal_away"]
    endings: list[str] = []
    tried: set[tuple[str, str]] = set()
    while True:
        state = world.stores.returns.load(world.merchant, return_id)
        now = world.stores.clock.now()
        due = next((d for d in state.due if d.at <= now and (d.kind, d.subject) not in tried), None)
        if due is None:
            return endings
        tried.add((due.kind, due.subject))
        handler = handlers.get(due.kind)
        ending = _handle(handler, state, due, world) if handler else "nobodys"
        endings.append(f"{due.kind}.{ending}" if handler else ending)


def _handle(handler: Handler, state: ReturnState, due: Due, world: World) -> str:
    for _ in range(TRIES_AGAINST_OTHERS):
        try:
            return handler(state, due, world)
        except Conflict:
            state = world.stores.returns.load(world.merchant, state.return_id)
            if due not in state.due:
                return "changed"
        except Permanent as verdict:
            return _ask(state, due, verdict, world)
        except (Retryable, UnknownOutcome) as verdict:
            world.tell_if_misconfigured(verdict)
            world.stores.telemetry.log(
                "due return comes back",
                return_id=state.return_id,
                due=due.kind,
                code=verdict.code,
                reason=verdict.reason,
            )
            return "later"
    return "later"


def _ask(state: ReturnState, due: Due, verdict: Permanent, world: World) -> str:
    """What can never succeed by itself goes to a person, and is not due any more."""
    about = f"{due.kind}/{due.subject}" if due.subject else due.kind
    asked = ask_person(
        world, state.return_id, flow=FLOW, about=about, code=verdict.code, reason=verdict.reason
    )
    now = world.stores.returns.load(world.merchant, state.return_id)
    cleared = DueCleared(due_kind=due.kind, subject=due.subject)
    try:
        world.record(now, "a person is asked", asked, cleared)
    except Conflict:
        return "later"
    return "parked"


def look_at_receipts(state: ReturnState, due: Due, world: World) -> str:
    """What the warehouse confirmed is decided on anew: a hold is over, or the return was reopened
    after goods had come while it was closed."""
    endings = process_receipts_of(world, state.return_id)
    if endings.keys() & {"later", "not_started"}:
        return "later"
    now = world.stores.returns.load(world.merchant, state.return_id)
    still = now.due_of(due.kind, due.subject)
    if still is not None and still.at <= due.at:
        world.record(now, "looked at again", DueCleared(due_kind=due.kind, subject=due.subject))
    return "looked_at"


def leave_the_list(state: ReturnState, due: Due, world: World) -> str:
    """A withdrawn shipment that nobody saw to, and that never came, is not listed any more."""
    world.record(state, "listed long enough", DueCleared(due_kind=due.kind, subject=due.subject))
    return "left_the_list"


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        DueKind.NOT_BOOKED_IN: ring_clock,
        DueKind.CHECK_PROCESSING: check_processing,
        DueKind.REOPENED: look_at_receipts,
        DueKind.WITHDRAWN: leave_the_list,
        DueKind.HOLD: look_at_receipts,
        DueKind.BY_HAND: finish_what_was_begun,
        DueKind.REFUND_HOME: refund_home,
        DueKind.CREDIT_NOTE: hand_over,
    }
)
"""Who looks at what; another kind of due joins here with its handler."""
