"""What a look makes of the findings before it. Pure: the same looks give the same findings.

docs/drift.md tells the states; docs/decisions/0020 tells why it takes two looks.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from returns_hub.domain.drift.findings import Difference, Finding, Folded, Look, Standing
from returns_hub.domain.drift.words import tidied

MOST_KEPT = 500
"""Findings of one kind that are kept; of the others only the number."""
LEFT_ALONE_FOR = timedelta(days=30)
"""What nobody looked for in so long is not kept: its comparison is not made any more."""


def fold(
    before: Iterable[Finding],
    seen: Iterable[Difference],
    look: Look,
    grace: timedelta,
    *,
    last: Look | None = None,
    most: int = MOST_KEPT,
) -> Folded:
    """What a look makes of the findings before it.

    Args:
        before: Findings that are open, and those resolved lately: one that comes back has a past.
        seen: What the look saw; read once, as a stream.
        look: The look; of it `at`, `kinds`, `failed` and `apart` count.
        grace: How much later the second look has to be.
        last: The last look that came to its end. What was new in a look that was cut off stays
            new: nobody was told.
        most: Findings of one kind that are kept.
    """
    folding = Folding(before, look.at, grace, last=last, most=most)
    for difference in seen:
        folding.see(difference)
    return folding.done(look)


@dataclass
class _Kind:
    """What a look has seen of one kind: the largest, as a heap with the smallest on top."""

    heap: list[tuple[tuple[Decimal, int, str], Difference]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    beyond: int = 0
    beyond_units: int = 0


class Folding:
    """`fold` for whoever learns only at the end what was looked for to the end.

    It holds at most `most` differences of a kind, however many there are.
    """

    def __init__(
        self,
        before: Iterable[Finding],
        at: datetime,
        grace: timedelta,
        *,
        last: Look | None = None,
        most: int = MOST_KEPT,
    ) -> None:
        self._before = {finding.id: finding for finding in before}
        self._at = at
        self._grace = grace
        self._last = last
        self._most = most
        self._kinds: dict[str, _Kind] = {}
        self._shown: set[str] = set()

    def see(self, difference: Difference) -> None:
        """One difference. A second one with the same kind and subject is left out."""
        difference = tidied(difference)
        kind = self._kinds.setdefault(difference.kind, _Kind())
        name = difference.id
        if name in kind.ids:
            return
        if name in self._before:
            self._shown.add(name)
        kind.ids.add(name)
        heapq.heappush(kind.heap, (_size(difference), difference))
        if len(kind.heap) > self._most:
            _, least = heapq.heappop(kind.heap)
            kind.ids.discard(least.id)
            kind.beyond += 1
            kind.beyond_units += least.units

    def done(self, look: Look, edges: Mapping[str, datetime] | None = None) -> Folded:
        """What the look made of everything; it looked for `look.kinds` to the end.

        Args:
            look: The look.
            edges: Kind -> what is older than this was not looked at: not to be seen any more does
                not resolve it.
        """
        kept: list[Finding] = []
        changed: list[Finding] = []
        forgotten: list[str] = []
        for kind in self._kinds.values():
            for _, difference in sorted(kind.heap, key=lambda entry: entry[0], reverse=True):
                finding = self._seen_again(difference)
                kept.append(finding)
                changed.append(finding)
        present = {finding.id for finding in kept}
        of_kind = Counter(finding.difference.kind for finding in kept)
        for name, finding in self._before.items():
            if name in present:
                continue
            if name in self._shown:
                forgotten.append(name)
            elif finding.standing is Standing.RESOLVED:
                continue
            elif finding.difference.kind not in look.kinds or _is_beyond(finding, edges or {}):
                of_kind[finding.difference.kind] += 1
                is_old = self._at - finding.last_seen > LEFT_ALONE_FOR
                if is_old or of_kind[finding.difference.kind] > self._most:
                    forgotten.append(name)
                else:
                    kept.append(finding)
            elif finding.standing is Standing.SUSPECTED and not finding.returned:
                forgotten.append(name)
            else:
                gone = self._gone(finding)
                kept.append(gone)
                changed.append(gone)
        return Folded(
            look=self._counted(look, kept),
            findings=tuple(kept),
            changed=tuple(changed),
            forgotten=tuple(forgotten),
        )

    def _seen_again(self, difference: Difference) -> Finding:
        before = self._before.get(difference.id)
        if before is None:
            return self._first_sight(
                difference, Finding(difference, Standing.SUSPECTED, self._at, self._at)
            )
        if before.standing is Standing.RESOLVED:
            came_back = replace(before, first_seen=self._at, looks=1, returned=before.returned + 1)
            return self._first_sight(difference, came_back)
        again = replace(before, difference=difference, last_seen=self._at, looks=before.looks + 1)
        if before.standing is Standing.SUSPECTED:
            return self._suspected_again(before, again)
        if before.told_at is not None and self._was_told(before.told_at):
            return replace(again, standing=Standing.RECURRING)
        return again

    def _first_sight(self, difference: Difference, finding: Finding) -> Finding:
        counts = not difference.confirm
        return replace(
            finding,
            difference=difference,
            standing=Standing.NEW if counts else Standing.SUSPECTED,
            last_seen=self._at,
            told_at=self._at if counts else None,
        )

    def _suspected_again(self, before: Finding, again: Finding) -> Finding:
        difference = again.difference
        if difference.confirm and dict(difference.says) != dict(before.difference.says):
            return replace(again, first_seen=self._at, looks=1)
        if difference.confirm and self._at - before.first_seen < self._grace:
            return again
        return replace(again, standing=Standing.NEW, told_at=self._at)

    def _was_told(self, told_at: datetime) -> bool:
        return self._last is None or told_at <= self._last.at

    def _gone(self, finding: Finding) -> Finding:
        # A suspicion of one that had been resolved is none any more: it is resolved as it was.
        when = finding.resolved_at if finding.standing is Standing.SUSPECTED else self._at
        back = 1 if finding.standing is Standing.SUSPECTED else 0
        return replace(
            finding,
            standing=Standing.RESOLVED,
            resolved_at=when,
            returned=finding.returned - back,
        )

    def _counted(self, look: Look, kept: Iterable[Finding]) -> Look:
        counted: Counter[str] = Counter()
        units: Counter[str] = Counter()
        suspected: Counter[str] = Counter()
        value: dict[str, Decimal] = {}
        for finding in kept:
            difference = finding.difference
            if finding.standing is Standing.SUSPECTED:
                suspected[difference.kind] += 1
            if not finding.counts:
                continue
            counted[difference.kind] += 1
            units[difference.kind] += difference.units
            if difference.value is not None:
                total = value.get(difference.currency, Decimal())
                value[difference.currency] = total + difference.value
        beyond = {name: kind.beyond for name, kind in self._kinds.items() if kind.beyond}
        for name, number in beyond.items():
            # Nobody can tell of each of them whether it was there before. They are smaller than
            # those that are kept, and count once all of these do.
            if not suspected[name]:
                counted[name] += number
                units[name] += self._kinds[name].beyond_units
        return replace(
            look,
            counted=dict(sorted(counted.items())),
            units={name: units[name] for name in sorted(counted)},
            value=dict(sorted(value.items())),
            suspected={name: number for name, number in sorted(suspected.items()) if number},
            beyond=dict(sorted(beyond.items())),
        )


def _is_beyond(finding: Finding, edges: Mapping[str, datetime]) -> bool:
    edge, since = edges.get(finding.difference.kind), finding.difference.since
    return edge is not None and since is not None and since < edge


def _size(difference: Difference) -> tuple[Decimal, int, str]:
    """What is kept first: the most worth, the most units; the id, so that it is the same ones."""
    return (difference.value or Decimal(), difference.units, difference.id)
