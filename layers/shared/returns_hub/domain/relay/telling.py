"""What a despatch's timeline says of what its targets were told. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from returns_hub.domain.sync.records import StepState, SyncState

TELL = "tell"


def step_name(target: str, revision: int) -> str:
    """The step that puts a revision onto the queue for a target."""
    return f"{TELL}/r{revision}/{target}"


@dataclass(frozen=True)
class Told:
    """What a step tells.

    Args:
        target: Whom.
        revision: Of the despatch.
        digest: Equal for equal content.
        request: A person's wish that it is told again; empty without one.
    """

    target: str
    revision: int
    digest: str
    request: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the timeline."""
        return asdict(self)

    @staticmethod
    def of(step: StepState) -> Told | None:
        """What a step tells; None for one of another kind."""
        try:
            return Told(**step.told)
        except TypeError:
            return None


def all_told(state: SyncState) -> tuple[Told, ...]:
    """Everything that was planned to be told, and what came of it or will."""
    return tuple(told for step in state.steps if (told := Told.of(step)) is not None)


def told_by(state: SyncState, target: str) -> Told | None:
    """The newest revision that is meant for a target."""
    mine = (told for told in all_told(state) if told.target == target)
    return max(mine, key=lambda told: told.revision, default=None)


def newest_revision(state: SyncState) -> int:
    """The highest that was ever planned; 0 before the first."""
    return max((told.revision for told in all_told(state)), default=0)
