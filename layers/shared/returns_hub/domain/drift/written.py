"""Findings and looks as JSON: kept by the hub, and part of the report ``drift-report/1``.

The same finding always gives the same bytes. Money is text, so that nobody rounds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
)

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing

MOST_DIGITS = 60
"""Of an amount of money, on either side of its point."""


def finding_written(finding: Finding) -> dict[str, Any]:
    """A finding, with its difference's fields beside its own."""
    difference = finding.difference
    return {
        "id": finding.id,
        "kind": difference.kind,
        "area": difference.area,
        "subject": difference.subject,
        "standing": finding.standing.value,
        "says": dict(difference.says),
        "units": difference.units,
        "value": _money(difference.value),
        "currency": difference.currency,
        "since": _time(difference.since),
        "cause": difference.cause,
        "mend": difference.mend,
        "confirm": difference.confirm,
        "first_seen": _time(finding.first_seen),
        "last_seen": _time(finding.last_seen),
        "looks": finding.looks,
        "told_at": _time(finding.told_at),
        "resolved_at": _time(finding.resolved_at),
        "returned": finding.returned,
    }


def finding_read(content: object) -> Finding:
    """The finding that `finding_written` wrote, in this release or another.

    Raises:
        ValueError: It lacks what a finding cannot do without, or holds what is none of it.
    """
    row = _FindingRow.model_validate(content)
    difference = Difference(
        kind=row.kind,
        subject=row.subject,
        says=row.says,
        units=row.units,
        value=row.value,
        currency=row.currency,
        since=row.since,
        cause=row.cause,
        mend=row.mend,
        confirm=row.confirm,
    )
    return Finding(
        difference=difference,
        standing=row.standing,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        looks=row.looks,
        told_at=row.told_at,
        resolved_at=row.resolved_at,
        returned=row.returned,
    )


def look_written(look: Look) -> dict[str, Any]:
    """A look, with what it counted."""
    return {
        "at": look.at.isoformat(),
        "kinds": sorted(look.kinds),
        "failed": dict(look.failed),
        "counted": dict(look.counted),
        "units": dict(look.units),
        "value": {currency: str(total) for currency, total in look.value.items()},
        "suspected": dict(look.suspected),
        "beyond": dict(look.beyond),
        "apart": dict(look.apart),
    }


def look_read(content: object) -> Look:
    """The look that `look_written` wrote, in this release or another.

    Raises:
        ValueError: It holds what is no look.
    """
    row = _LookRow.model_validate(content)
    return Look(
        at=row.at,
        kinds=row.kinds,
        failed=row.failed,
        counted=row.counted,
        units=row.units,
        value=row.value,
        suspected=row.suspected,
        beyond=row.beyond,
        apart=row.apart,
    )


def as_json(content: Mapping[str, Any]) -> str:
    """JSON: the same content always gives the same bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _money(value: Decimal | None) -> str | None:
    return str(value) if value is not None else None


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS:
        raise ValueError("no amount of money")
    return value


Amount = Annotated[Decimal, AfterValidator(_bounded)]
Counts = dict[StrictStr, StrictInt]


class _FindingRow(Frozen):
    """What `finding_written` writes. What another release added is passed over; what it did not
    have yet is as it was before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]+\.[a-z0-9_]+$")]
    subject: StrictStr
    standing: Standing
    first_seen: UtcTime
    last_seen: UtcTime
    says: dict[StrictStr, StrictStr | StrictInt | None] = Field(default_factory=dict)
    units: StrictInt = 0
    value: Amount | None = None
    currency: StrictStr = ""
    since: UtcTime | None = None
    cause: StrictStr = ""
    mend: StrictStr = ""
    confirm: StrictBool = True
    looks: StrictInt = 1
    told_at: UtcTime | None = None
    resolved_at: UtcTime | None = None
    returned: StrictInt = 0


class _LookRow(Frozen):
    """What `look_written` writes; as `_FindingRow`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: UtcTime
    kinds: frozenset[StrictStr] = frozenset()
    failed: dict[StrictStr, StrictStr] = Field(default_factory=dict)
    counted: Counts = Field(default_factory=dict)
    units: Counts = Field(default_factory=dict)
    value: dict[StrictStr, Amount] = Field(default_factory=dict)
    suspected: Counts = Field(default_factory=dict)
    beyond: Counts = Field(default_factory=dict)
    apart: Counts = Field(default_factory=dict)
