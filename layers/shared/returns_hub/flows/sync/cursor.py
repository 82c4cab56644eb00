"""Where a flow that keeps records in step stands between two runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from returns_hub.domain.base import short_hash
from returns_hub.domain.sync.records import SyncState
from returns_hub.flows.sync.shape import Source, basis_of

MOST_SEEN = 4000
"""Changes that a cursor remembers, about 140 KB; beyond them timelines are read again."""
MOST_LATER = 200
"""Records that come back at the next tick; beyond them the walk over all in work finds them."""


def cursor_name(flow: str, merchant: str) -> str:
    """The name of a flow's cursor and lease."""
    return f"sync/{flow}/{merchant}"


def seen_key(key: str) -> str:
    """A record's key, as a cursor remembers it."""
    return short_hash(key, 16)


def seen_version(version: str) -> str:
    """A record's version, as a cursor remembers it."""
    return short_hash(version, 12)


@dataclass(frozen=True)
class Place:
    """Where the walk over the records in work stands; at its beginning without a key."""

    key: str = ""
    began_at: datetime | None = None

    @staticmethod
    def behind(state: SyncState) -> Place:
        """The place behind a record."""
        return Place(state.key, state.began_at)

    def state(self, merchant: str, flow: str) -> SyncState | None:
        """As `ports.sync.SyncStore.in_work` wants it."""
        if not self.key:
            return None
        return SyncState(merchant=merchant, flow=flow, key=self.key, began_at=self.began_at)


@dataclass(frozen=True)
class SyncCursor:
    """Where the run before ended.

    Args:
        began: When the newest whole reading of the source began; the next reads from there on.
        ran: When the newest run that read the source began.
        whole: Whether that one came to the list's end; else the next tick goes on.
        seen: Hash of a key -> hash of the version that is dealt with, or on its timeline.
        later: Keys that come back at the next tick.
        walk: Where the walk over records in work stands.
        mode: Of the newest run; empty before the first.
        shadow_from: From when on only a shadow passed: a flow that goes live reads again from here.
        kept: What the source keeps of its own; see `flows.sync.shape.Remembers`.
        at: How far a reading of the source came that was not read to its end; empty: nowhere.
        at_since: When that reading began.
        read: When the newest run that came to the list's end began.
        basis: Of the source in the newest run; see `flows.sync.shape.LongList`.
    """

    began: datetime | None = None
    ran: datetime | None = None
    whole: bool = True
    seen: Mapping[str, str] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    walk: Place = Place()
    mode: str = ""
    shadow_from: datetime | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    at_since: datetime | None = None
    basis: str = ""
    read: datetime | None = None

    @staticmethod
    def of(value: Mapping[str, Any]) -> SyncCursor:
        """The cursor as it was stored."""
        walk = value.get("walk") or ["", None]
        return SyncCursor(
            began=_moment(value.get("began")),
            ran=_moment(value.get("ran")),
            whole=bool(value.get("whole", True)),
            seen=dict(value.get("seen", {})),
            later=tuple(value.get("later", ())),
            walk=Place(walk[0], _moment(walk[1])),
            mode=value.get("mode", ""),
            shadow_from=_moment(value.get("shadow_from")),
            kept=dict(value.get("kept", {})),
            at=value.get("at", ""),
            at_since=_moment(value.get("at_since")),
            basis=value.get("basis", ""),
            read=_moment(value.get("read")),
        )

    def to_json(self) -> dict[str, Any]:
        """The cursor to be stored."""
        content: dict[str, Any] = {
            "began": _text(self.began),
            "ran": _text(self.ran),
            "whole": self.whole,
            "seen": dict(list(self.seen.items())[-MOST_SEEN:]),
            "later": list(self.later[:MOST_LATER]),
            "walk": [self.walk.key, _text(self.walk.began_at)],
            "mode": self.mode,
            "shadow_from": _text(self.shadow_from),
            "at": self.at,
            "at_since": _text(self.at_since),
            "basis": self.basis,
            "read": _text(self.read),
        }
        return content | ({"kept": dict(self.kept)} if self.kept else {})

    def live_reads_from(self, source: Source[Any], now: datetime) -> datetime:
        """From when on a live run that begins now reads the source; what a shadow passed is read
        again."""
        if self.shadow_from is not None:
            return self.shadow_from
        return (self.began or now - source.first_look_back) - source.overlap

    def with_first(self, keys: Iterable[str]) -> SyncCursor:
        """The cursor with these keys before those that come back anyhow."""
        return replace(self, later=tuple(dict.fromkeys((*keys, *self.later))))

    def is_due(self, source: Source[Any], now: datetime) -> bool:
        """Whether the source is to be read: its interval is over, its list was not read to the
        end, or its mode or its basis is another."""
        if self.ran is None or not self.whole or self.mode != source.mode.value:
            return True
        if self.basis != basis_of(source):
            return True
        return now - self.ran >= source.every


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
