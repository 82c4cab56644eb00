"""Findings and looks as JSON: kept by the hub, and part of the report ``drift-report/1``.

The same finding always gives the same bytes. Money is text, so that nobody rounds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing


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


def finding_read(row: Mapping[str, Any]) -> Finding:
    """The finding that `finding_written` wrote."""
    difference = Difference(
        kind=row["kind"],
        subject=row["subject"],
        says=row["says"],
        units=row["units"],
        value=_decimal(row["value"]),
        currency=row["currency"],
        since=_moment(row["since"]),
        cause=row["cause"],
        mend=row["mend"],
        confirm=row["confirm"],
    )
    return Finding(
        difference=difference,
        standing=Standing(row["standing"]),
        first_seen=datetime.fromisoformat(row["first_seen"]),
        last_seen=datetime.fromisoformat(row["last_seen"]),
        looks=row["looks"],
        told_at=_moment(row["told_at"]),
        resolved_at=_moment(row["resolved_at"]),
        returned=row["returned"],
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


def look_read(row: Mapping[str, Any]) -> Look:
    """The look that `look_written` wrote."""
    return Look(
        at=datetime.fromisoformat(row["at"]),
        kinds=frozenset(row["kinds"]),
        failed=row["failed"],
        counted=row["counted"],
        units=row["units"],
        value={currency: Decimal(total) for currency, total in row["value"].items()},
        suspected=row["suspected"],
        beyond=row["beyond"],
        apart=row["apart"],
    )


def as_json(content: Mapping[str, Any]) -> str:
    """JSON: the same content always gives the same bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _money(value: Decimal | None) -> str | None:
    return str(value) if value is not None else None


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None
