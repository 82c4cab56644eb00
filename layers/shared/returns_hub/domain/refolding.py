"""States that an earlier release wrote, as this release would have written them. Pure.

A state is the fold of its timeline, so what a release added to it is had by folding again. Nothing
that the earlier release said is ever changed by that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.domain.facts import Event
from returns_hub.domain.overview.search_terms import Term, terms_of
from returns_hub.domain.overview.steps import since_when, step_of
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import fold


@dataclass(frozen=True)
class Refolded:
    """A state of this release.

    Args:
        state: It.
        terms: By what the return is found.
        told_at: When the first of them was told, as far as anybody still knows.
        is_fold: It is the fold of its timeline. Where the first events have expired, or the fold
            says anything else than the earlier release did, the state is as it was stored, and
            waits at its step since its last event.
    """

    state: ReturnState
    terms: tuple[Term, ...]
    told_at: datetime
    is_fold: bool


def is_of_earlier_release(text: str) -> bool:
    """Whether a stored state lacks anything that this release writes.

    Raises:
        ValueError: This release cannot read it.
    """
    known = ReturnState.model_validate_json(text, extra="ignore")
    return _lacks(known.model_dump(mode="json"), json.loads(text))


def refolded(text: str, events: Iterable[Event], last_event_at: datetime) -> Refolded:
    """The state as this release writes it.

    Args:
        text: As it is stored.
        events: Its timeline, as far as it is still there.
        last_event_at: When its last event was appended.
    """
    known = ReturnState.model_validate_json(text, extra="ignore")
    timeline = tuple(events)
    is_whole = [event.sequence for event in timeline] == list(range(1, known.version + 1))
    state = fold(known.merchant, known.return_id, timeline) if is_whole else None
    is_fold = state is not None and _says(state.model_dump(mode="json"), json.loads(text))
    if state is None or not is_fold:
        state = _as_it_stands(known, last_event_at)
    told_at = timeline[0].at if is_whole and timeline else last_event_at
    return Refolded(state, terms_of(state), told_at, is_fold)


def _as_it_stands(known: ReturnState, last_event_at: datetime) -> ReturnState:
    after = known.model_copy(update={"step": step_of(known)})
    return after.model_copy(update={"step_since": since_when(known, after, last_event_at)})


def _lacks(now: Any, then: Any) -> bool:
    """Whether an object of `now` has a name that the same object of `then` has not."""
    if isinstance(now, dict) and isinstance(then, dict):
        return any(name not in then or _lacks(part, then[name]) for name, part in now.items())
    if isinstance(now, list) and isinstance(then, list):
        return any(_lacks(*parts) for parts in zip(now, then, strict=False))
    return False


def _says(now: Any, then: Any) -> bool:
    """Whether `now` says all that `then` says, in names that both have."""
    if isinstance(now, dict) and isinstance(then, dict):
        return all(_says(now[name], part) for name, part in then.items() if name in now)
    if isinstance(now, list) and isinstance(then, list):
        return len(now) == len(then) and all(map(_says, now, then))
    return bool(now == then)
