"""Which stored rows a release can work with (decision 0029, docs/upgrades.md). Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

ROWS = 1
"""The version of stored rows that this release writes. It rises by one, never more, with a release
whose rows the release before the last could not work with, or that needs rows migrated."""


@dataclass(frozen=True)
class StoreVersion:
    """What is known of everything that is stored, in one row.

    Args:
        complete: Nothing stored is of an earlier version than this: every migration up to it came
            to its end. 0 for a store that was never migrated.
        newest: The newest version of which anything may be stored; it never goes back, whatever
            release is deployed.
        done: Names of the migrations that came to their end.
    """

    complete: int = 0
    newest: int = 0
    done: frozenset[str] = frozenset()

    def worked_with(self, release: int, known: Collection[str]) -> StoreVersion:
        """Once a release that writes rows of this version has begun to work with the store.

        After an earlier release than before has written, whatever the later one's migrations saw
        to is to be done again: they are no longer done.

        Args:
            release: The version of the rows that it writes.
            known: Names of the migrations that it has.
        """
        return StoreVersion(
            complete=min(self.complete, release),
            newest=max(self.newest, release),
            done=self.done.intersection(known),
        )


def problem_of(stored: StoreVersion, release: int = ROWS) -> str:
    """Why a release that writes this version must not work with the store; empty when it may.

    A release reads what the one before it wrote, and what the one after it writes; of no other it
    knows what its rows mean.
    """
    if stored.newest > release + 1:
        return (
            f"the store holds rows of version {stored.newest}, and this release knows those up to "
            f"version {release + 1}: deploy the release that wrote them, or the one before it"
        )
    if stored.complete < release - 1:
        return (
            f"the store may hold rows of version {stored.complete}, and this release knows those "
            f"from version {release - 1} on: deploy the releases between one by one, with "
            "hub migrate after each"
        )
    return ""


def is_migrated(stored: StoreVersion, release: int = ROWS) -> bool:
    """Whether all that is stored is as this release writes it, and known to be."""
    return stored.complete == release <= stored.newest
