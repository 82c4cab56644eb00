"""Differences between systems, and what became of them from one look to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from returns_hub.domain.base import short_hash

Area = Literal["returns", "stock", "orders", "lint"]
Said = str | int | None


@dataclass(frozen=True)
class Difference:
    """What two systems, or a system and a map, say differently of one thing.

    Args:
        kind: A code, ``stock.mintsoft_unleashed`` or ``lint.sku_blank``; it begins with its area.
            Every kind has a line in docs/drift.md.
        subject: What it is about, the same in every look, e.g. ``TEE-RED-M @ WH-1``; no personal
            data, at most 200 characters.
        says: System -> what it says, at most 60 characters each.
        units: Units that differ; 0 where nothing is counted.
        value: What they are worth, in `currency`; None where nobody tells.
        currency: ISO 4217; empty without a value.
        since: When it began, as far as that can be told.
        cause: A guess, in a sentence.
        mend: The command that would mend it, or would show how; its dry run where it has one. A
            partner's id is one word of it, whatever is in the id: people paste it into a shell.
        confirm: It counts only once a second look, after the merchant's grace time, shows the very
            same: something that is on its way could look like it.
    """

    kind: str
    subject: str
    says: Mapping[str, Said]
    units: int = 0
    value: Decimal | None = None
    currency: str = ""
    since: datetime | None = None
    cause: str = ""
    mend: str = ""
    confirm: bool = True

    @property
    def area(self) -> str:
        """What its kind begins with."""
        return self.kind.split(".", 1)[0]

    @property
    def id(self) -> str:
        """The same in every look."""
        return f"{self.kind}#{short_hash(self.subject, 20)}"


class Standing(StrEnum):
    """Where a finding stands. `SUSPECTED` is shown nowhere but when it is asked for."""

    SUSPECTED = "suspected"
    NEW = "new"
    RECURRING = "recurring"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Finding:
    """A difference over time.

    Args:
        difference: As it was seen last.
        standing: Where it stands.
        first_seen: When it was seen first like this.
        last_seen: When it was seen last.
        looks: How many looks in a row showed it.
        told_at: When it counted first; None while it is suspected.
        resolved_at: When a look did not show it any more; of one that came back, when it had been
            resolved before.
        returned: How often it came back after it had been resolved.
    """

    difference: Difference
    standing: Standing
    first_seen: datetime
    last_seen: datetime
    looks: int = 1
    told_at: datetime | None = None
    resolved_at: datetime | None = None
    returned: int = 0

    @property
    def id(self) -> str:
        """The difference's."""
        return self.difference.id

    @property
    def counts(self) -> bool:
        """Whether it is part of what a look counts."""
        return self.standing in COUNTING


COUNTING = frozenset({Standing.NEW, Standing.RECURRING})


@dataclass(frozen=True)
class Look:
    """One look at one merchant.

    Args:
        at: When it began.
        kinds: The kinds that were looked for to the end; of others nothing is resolved.
        failed: Comparison -> why it could not be made, in a sentence.
        counted: Kind -> differences that count, also where not all are kept.
        units: Kind -> units of them.
        value: Currency -> what they are worth.
        suspected: Kind -> differences that a later look has to confirm.
        beyond: Kind -> differences beyond those that are kept.
        apart: What -> how many: work in hand that is no difference, e.g. parked items.
    """

    at: datetime
    kinds: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    value: Mapping[str, Decimal] = field(default_factory=dict)
    suspected: Mapping[str, int] = field(default_factory=dict)
    beyond: Mapping[str, int] = field(default_factory=dict)
    apart: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Folded:
    """What a look made of the findings before it.

    Args:
        look: The look, with what it counted.
        findings: All that are open, and those that this look resolved.
        changed: Those of them that have to be written.
        forgotten: Ids that are kept no more: suspicions that did not show again, and differences
            that larger ones of their kind displaced.
    """

    look: Look
    findings: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    forgotten: tuple[str, ...] = ()
