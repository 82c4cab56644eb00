"""What a run says of one of its stories: what it showed, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shown:
    """What a run showed of one flow, in words, and how often."""

    flow: str
    what: str
    count: int


@dataclass
class Wrongs:
    """What went wrong in a part of a run.

    Args:
        duplicates: Sentences, one for each thing done more than once.
        lost: Sentences, one for each thing that ended nowhere.
        unexpected: Sentences, one for each other difference.
    """

    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything that went wrong."""
        return (*self.duplicates, *self.lost, *self.unexpected)


@dataclass
class StoryJudgement(Wrongs):
    """What came of every flow of a story, and what went wrong.

    Args:
        shown: One for each flow.
        counts: As the last line of `make run` has them.
    """

    shown: list[Shown] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def summary(self) -> dict[str, int]:
        """The counts, as the last line of `make run` has them."""
        return self.counts
