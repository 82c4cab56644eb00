"""Every entry that is fuzzed."""

from __future__ import annotations

from tests.fuzz import targets
from tests.fuzz.door import DOOR
from tests.fuzz.targets import Target

TARGETS: tuple[Target, ...] = (*targets.TARGETS, *DOOR)


def target_of(name: str) -> Target:
    """The target of that name.

    Raises:
        KeyError: There is none.
    """
    return {target.name: target for target in TARGETS}[name]
