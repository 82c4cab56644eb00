"""What the verb lint and the checks of the lint share: the world, what was found, and its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from returns_hub.bootstrap import Hub
from returns_hub.domain.drift.findings import Difference
from returns_hub.drift_runs import DriftRuns
from returns_hub.errors import Verdict
from returns_hub.flows.drift.drift_world import DriftWorld


def can_lint(made: Hub) -> bool:
    """Whether the stack has the tables that a look needs; one of an earlier release has not."""
    return bool(made.settings.findings_table and made.settings.feed_table)


def lint_world(made: Hub, merchant: str) -> DriftWorld:
    """Every system of the merchant's; all refuse writes.

    Raises:
        Permanent: No such merchant.
        Misconfigured: The stack has no table for it.
    """
    return DriftRuns(made).world(merchant)


@dataclass
class Found:
    """What lints found, by kind, and what they could not look at.

    Args:
        by_kind: In the order in which kinds came up.
        trouble: Lint -> the verdict that ended it.
    """

    by_kind: dict[str, list[Difference]] = field(default_factory=dict)
    trouble: dict[str, Verdict] = field(default_factory=dict)

    def take(self, name: str, differences: Iterator[Difference]) -> None:
        """Everything that a lint finds, up to its verdict."""
        try:
            for found in differences:
                self.by_kind.setdefault(found.kind, []).append(found)
        except Verdict as verdict:
            self.trouble[name] = verdict

    @property
    def counts(self) -> dict[str, int]:
        """Kind -> how many, the most first."""
        pairs = ((kind, len(rows)) for kind, rows in self.by_kind.items())
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def worst(rows: Iterable[Difference], most: int | None) -> list[Difference]:
    """Those about the most units first, then by name; all of them without `most`."""
    return sorted(rows, key=lambda row: (-row.units, row.subject))[:most]


def in_words(found: Difference) -> str:
    """The finding in a line."""
    said = ", ".join(f"{system}: {told}" for system, told in found.says.items())
    return f"{found.subject} ({said})"
