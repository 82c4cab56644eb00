"""How it can end with a record, and what a change and a plan have to be like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from returns_hub.domain.base import short_hash
from returns_hub.domain.file_types import Mode
from returns_hub.domain.strict_json import read_json
from returns_hub.domain.sync.records import LONGEST_KEY, SyncState
from returns_hub.errors import Permanent
from returns_hub.flows.sync.shape import Change, Plan

SUBJECT = "sync"
Content = TypeVar("Content")


@dataclass(frozen=True)
class Ending:
    """How it ended with a record; `comes_back`: the next tick goes on."""

    word: str
    comes_back: bool = False
    is_recorded: bool = True


KNOWN = Ending("known")
PARKED = Ending("parked")
SKIPPED = Ending("skipped")
SHADOW = Ending("shadow")
GONE = Ending("gone")
WAITS_FOR_LIVE = Ending("waits_for_live")
LATER = Ending("later", comes_back=True)
OLDER = Ending("older", is_recorded=False)
NOT_RECORDED = Ending("not_recorded", comes_back=True, is_recorded=False)


def is_known(state: SyncState, change: Change[Any], mode: Mode) -> bool:
    """Whether this version was dealt with to its end. What a shadow passed is not, for a live run;
    and what the source had forgotten is not once it shows it again."""
    if state.in_work or state.parked or state.source_version != change.version:
        return False
    was_shadow = state.outcome == SHADOW.word and mode is Mode.LIVE
    return bool(state.version) and not was_shadow and state.outcome != GONE.word


def is_older(state: SyncState, change: Change[Any]) -> bool:
    """Whether this is an earlier version than the newest that was seen."""
    if change.at is None or state.changed_at is None or state.source_version == change.version:
        return False
    return change.at < state.changed_at


def parked_id_of(flow: str, key: str) -> str:
    """The id, in the list of parked work, of what a person is asked about a record."""
    return f"{flow}/{key}"


def key_in(payload: str) -> str | None:
    """The key of the record that parked work is about, by its payload; None where it names none."""
    try:
        content: Any = read_json(payload)
        return str(content["key"])
    except (ValueError, TypeError, KeyError):
        return None


def checked(plan: Plan) -> Plan:
    """The plan, unless its steps cannot be told apart.

    Raises:
        Permanent: Two steps have one name, or a name is empty or too long.
    """
    names = [step.name for step in plan.steps]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Permanent("sync.plan", f"the plan has two steps named {twice}; a fault of the hub")
    if not all(0 < len(name) <= LONGEST_KEY for name in names):
        raise Permanent(
            "sync.plan", "the plan has a step without a usable name; a fault of the hub"
        )
    return plan


def fitted(change: Change[Content]) -> Change[Content] | None:
    """The change with a version that can be kept; None when its key cannot be."""
    if not (0 < len(change.key) <= LONGEST_KEY and change.version):
        return None
    if len(change.version) <= LONGEST_KEY:
        return change
    return replace(change, version=f"={short_hash(change.version, 64)}")
