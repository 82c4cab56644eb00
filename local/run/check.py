"""What really happened, by the simulators' own books: the hub's word counts only where the
partners were to hear nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from local.run.publish import Sample

MARKED = re.compile(r"Redo return (\S+) \[(RH-[0-9a-f]{20})\]")
ENDINGS = ("processed", "flagged", "skipped", "parked")


@dataclass(frozen=True)
class Judgement:
    """How every approved return ended, and what went wrong.

    Args:
        endings: Return id -> one of `ENDINGS`, or ``lost``.
        external_returns: Return id -> how many the warehouse holds.
        duplicates: Sentences, one for each thing done more than once.
        unexpected: Sentences, one for each return that ended otherwise than its sample says.
    """

    endings: Mapping[str, str]
    external_returns: Mapping[str, int]
    duplicates: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def lost(self) -> int:
        """Approved returns that ended nowhere."""
        return sum(ending == "lost" for ending in self.endings.values())

    def summary(self) -> dict[str, int]:
        """The counts, as the last line of `make run` has them."""
        counts = Counter(self.endings.values())
        return {
            "approved": len(self.endings),
            "external_returns": sum(self.external_returns.values()),
            **{ending: counts[ending] for ending in ENDINGS},
            "duplicates": len(self.duplicates),
            "lost": self.lost,
        }


def judge(
    all_samples: Iterable[Sample],
    redo_books: Mapping[str, Any],
    mintsoft_books: Mapping[str, Any],
    hub_says: Mapping[str, str],
) -> Judgement:
    """Judge a run.

    Args:
        all_samples: What was published.
        redo_books: The portal's own books.
        mintsoft_books: The warehouse's own books.
        hub_says: Return id -> the hub's word; used only for returns that the portal shows neither
            processed nor flagged, since a skip or a parked return leaves nothing there.
    """
    published = {sample.return_id: sample for sample in all_samples}
    made: Counter[str] = Counter()
    by_marker: defaultdict[str, set[int]] = defaultdict(set)
    unexpected: list[str] = []
    for record in mintsoft_books["external_returns"]:
        marks = _marks(record)
        if not any(return_id in published for return_id, _ in marks):
            unexpected.append(f"external return {record['id']} is of no published return")
        for return_id, marker in marks:
            made[return_id] += 1
            by_marker[marker].add(record["id"])
    lines = Counter(key.split("/")[0] for key in redo_books["submissions"])
    flagged = {name for name, words in redo_books["statuses"].items() if "flagged" in words}
    endings: dict[str, str] = {}
    for name, sample in published.items():
        endings[name] = _ending(name, lines, flagged, hub_says.get(name, ""))
        found = _told(endings[name], made[name], lines[name], flagged=name in flagged)
        wanted = _told(
            sample.expected_outcome,
            sample.expected_external_returns,
            sample.expected_lines_processed,
            flagged=sample.expected_outcome == "flagged",
        )
        if found != wanted:
            unexpected.append(f"{sample.about}: {found}; expected: {wanted}")
    return Judgement(
        endings=endings,
        external_returns={name: made[name] for name in endings},
        duplicates=tuple(_duplicates(by_marker, redo_books)),
        unexpected=tuple(unexpected),
    )


def _marks(record: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(return id, marker) of an external return: one, however many rows it has."""
    found = (MARKED.search(row["comments"]) for row in record["rows"])
    return {(match[1], match[2]) for match in found if match}


def _told(ending: str, made: int, lines: int, *, flagged: bool) -> str:
    """What can be compared of a return, in words."""
    told = f"{ending}, {made} external returns, {lines} lines processed"
    return f"{told}, flagged" if flagged else told


def _ending(name: str, lines: Mapping[str, int], flagged: Set[str], hub_says: str) -> str:
    if lines.get(name):
        return "processed"
    if name in flagged:
        return "flagged"
    # A withdrawn return was skipped, after the warehouse had been told.
    said = "skipped" if hub_says == "withdrawn" else hub_says
    return said if said in {"skipped", "parked"} else "lost"


def _duplicates(by_marker: Mapping[str, set[int]], redo_books: Mapping[str, Any]) -> Iterable[str]:
    for marker, ids in by_marker.items():
        for extra in sorted(ids)[1:]:
            yield f"external return {extra} was made again for {marker}"
    for book in ("submissions", "payments"):
        for item, count in redo_books[book].items():
            for _ in range(count - 1):
                yield f"{book} of item {item} more than once"
    for return_id, comments in redo_books["comments"].items():
        for text, count in Counter(c.get("message", "") for c in comments).items():
            for _ in range(count - 1):
                yield f"comment on {return_id} more than once: {text[:60]}"
