"""What a run knows of its list, by hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from returns_hub.flows.sync.cursor import seen_key, seen_version
from returns_hub.flows.sync.shape import Change


@dataclass
class Seen:
    """What the run knows of the list's changes, by hashes; see `SyncCursor.seen`."""

    known: dict[str, str]
    pulled: set[str]

    def has(self, change: Change[Any]) -> bool:
        """Whether this version is dealt with; the run has seen its key either way."""
        self.pulled.add(seen_key(change.key))
        return self.known.get(seen_key(change.key)) == seen_version(change.version)

    def add(self, key: str, version: str) -> None:
        """A version is dealt with, or on its timeline."""
        self.known.pop(seen_key(key), None)
        self.known[seen_key(key)] = seen_version(version)

    def forget(self, key: str) -> None:
        """The source does not know the record any more."""
        self.known.pop(seen_key(key), None)
