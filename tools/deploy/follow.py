"""A stack's operation from its start to its end, with what goes on told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.deploy.aws import Aws
from tools.deploy.stack_state import NONE, StackState, events_of, failure_in, state_of
from tools.deploy.talk import Talk

LOOK_EVERY = 3.0
TELL_EVERY = 15.0
BEGINS_WITHIN = 60.0


@dataclass(frozen=True)
class Clock:
    """Seconds, and waiting for some."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep


def latest_event(aws: Aws, stack: str) -> str:
    """The id of its newest event: what comes after it is of the next operation."""
    return next((event["EventId"] for event in events_of(aws, stack)), "")


def follow(aws: Aws, stack: str, total: int, talk: Talk, clock: Clock, *, since: str) -> StackState:
    """Wait for the end of the operation whose events come after `since`.

    `total` is how many resources are expected to change. Failures are told at once, the rest is
    counted every quarter of a minute.
    """
    done: set[str] = set()
    began = told_at = clock.now()
    while True:
        state = state_of(aws, stack)
        new = []
        for event in events_of(aws, stack):
            if event["EventId"] == since:
                break
            new.append(event)
        for event in reversed(new):
            since = event["EventId"]
            if event["LogicalResourceId"] == stack:
                began = float("-inf")
            elif failure_in(event):
                talk.say(f"  failed: {failure_in(event)}")
            elif event["ResourceStatus"].endswith("_COMPLETE"):
                done.add(event["LogicalResourceId"])
        has_begun = clock.now() - began > BEGINS_WITHIN or state.status == NONE
        if has_begun and not state.status.endswith("IN_PROGRESS"):
            return state
        if clock.now() - told_at >= TELL_EVERY:
            told_at = clock.now()
            talk.say(f"  {len(done)} of about {max(total, len(done))} done ({state.status})")
        clock.wait(LOOK_EVERY)
