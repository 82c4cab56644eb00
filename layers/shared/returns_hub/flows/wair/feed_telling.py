"""What every set's telling shares: the batch, what is known of its end, and how it is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DataSetName
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.wair.feed_batch import FLOW, Batch, Told
from returns_hub.flows.wair.feed_cursor import Last, Place
from returns_hub.flows.wair.feed_guard import DropGuard
from returns_hub.flows.wair.feed_world import FeedWorld


@dataclass(frozen=True)
class Set:
    """What is to be told of a set at once.

    Args:
        name: Which.
        parts: What of it, as in the cursor.
        full: What is not told is gone there.
    """

    name: DataSetName
    parts: Sequence[str]
    full: bool = False


def after_no_end(told: Told) -> str | None:
    """From which row on a set is told again whose load should have replaced it and has no end; for
    `Telling.unsettle`.

    What can be told as a whole the next time is (None). What would be cut off again, or refused
    again, is told without replacing, from the first row on: nobody knows what becomes there of a
    load without its last part.
    """
    return "" if told.trouble is None or isinstance(told.trouble, Permanent) else None


class Telling:
    """One run's.

    Args:
        world: The merchant's.
        place: The feed's cursor.
    """

    def __init__(self, world: FeedWorld, place: Place) -> None:
        self.world = world
        self.place = place
        self.connection = world.require_intelligence().connection
        self.batch = Batch(world, place)
        self.guard = DropGuard(world, place)
        self.endings: dict[str, int] = {}
        self._was_begun = frozenset(place.cursor.begun)
        self._refused: set[DataSetName] = set()
        self._trouble: Verdict | None = None

    def note(self, data_set: str, ending: str, count: int) -> None:
        """Count how rows ended."""
        if count:
            key = f"{data_set}.{ending}"
            self.endings[key] = self.endings.get(key, 0) + count

    def failed(self, verdict: Verdict) -> None:
        """Something could not be done; a later run is the retry."""
        self.place.run.failed(verdict)
        self.world.world.run_failed(verdict, flow=FLOW)
        self.endings["failed"] = self.endings.get("failed", 0) + 1

    def tell(self, what: Set, rows: Iterator[Row], count: int) -> Told:
        """Tell these rows; what stops the run is raised by `raise_trouble`, once all is kept.

        What is refused is an operator's, and does not keep the other sets back.
        """
        if not count:
            return Told()
        begun = tuple(dict.fromkeys((*self.place.cursor.begun, *what.parts)))
        self.place.advance(begun=begun)
        told = self.batch.tell(what.name, rows, count, full=what.full)
        self.note(what.name, "told", told.rows)
        self.place.run.found_new |= bool(told.rows) and not what.full
        self.note(what.name, "not_told", count - told.rows)
        if isinstance(told.trouble, Permanent):
            self._refused.add(what.name)
            self._park(what.name, told.trouble)
            self.failed(told.trouble)
        else:
            self._trouble = told.trouble
        return told

    def was_refused(self, name: DataSetName) -> bool:
        """Whether rows of the set were refused in this run."""
        return name in self._refused

    def raise_trouble(self) -> None:
        """Raise what stops the run, if anything does.

        Raises:
            Verdict: That.
        """
        if self._trouble is not None:
            raise self._trouble

    def settle(self, part: str, rows: int, *, full: bool) -> None:
        """All of this part was told, and is kept."""
        last = dict(self.place.cursor.last)
        if rows or full:
            last[part] = Last(self.world.stores.clock.now(), rows, full)
        begun = tuple(one for one in self.place.cursor.begun if one != part)
        behind = {key: row for key, row in self.place.cursor.behind.items() if key != part}
        self.place.advance(begun=begun, last=last, behind=behind)

    def unsettle(self, part: str, behind: str | None = None) -> None:
        """It is known what of this part was told, and that is kept.

        Args:
            part: As in the cursor.
            behind: The last row that was told, when there was no time for those after it; empty
                when every row is to be told again, without replacing the set.
        """
        if behind is not None:
            self.place.advance(behind={**self.place.cursor.behind, part: behind})
        if part not in self._was_begun:
            begun = tuple(one for one in self.place.cursor.begun if one != part)
            self.place.advance(begun=begun)

    def close(self) -> None:
        """Close the batch, whatever became of its rows."""
        verdict = self.batch.close()
        if verdict is not None:
            self.failed(verdict)

    def count(self) -> None:
        """Count how everything ended, and how old what was told is."""
        telemetry, merchant = self.world.stores.telemetry, self.world.merchant
        for key, count in self.endings.items():
            data_set, _, ending = key.rpartition(".")
            flow = f"wair.{data_set}" if data_set else "wair.feed"
            telemetry.count("FeedRows", count, flow=flow, merchant=merchant, outcome=ending)
        now = self.world.stores.clock.now()
        for what, at in self.place.cursor.fresh.items():
            minutes = (now - at).total_seconds() / 60
            telemetry.count("FeedAgeMinutes", minutes, flow=f"wair.{what}", merchant=merchant)
        telemetry.log("feed run", flow=FLOW, **self.endings)

    def _park(self, name: DataSetName, verdict: Permanent) -> None:
        why = Permanent(verdict.code, f"rows of {name} are refused: {verdict.reason}")
        self.world.world.park(
            FLOW,
            f"{FLOW}/{name}/refused",
            why,
            subject=f"feed/{name}",
            payload=json.dumps({"merchant": self.world.merchant, "data_set": name}),
        )
