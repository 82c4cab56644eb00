"""The days that are lived through, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.scale.crowd import Day, Partner, Setup, live_through

MEASURED = Path(__file__).resolve().parent / "measured.json"
RETURNS_A_MONTH, MERCHANTS = 1_000_000, 500
ORDINARY = RETURNS_A_MONTH // 30
AFTER_A_HOLIDAY = 8 * ORDINARY
"""Assumed: eight ordinary days in one."""
EFFICIENCY = 0.59
"""Of a pace that a backlog uses: 2,000 s at the full pace, 3,386 s in `make pressure`."""
PORTAL = Partner(per_second=5.0, calls=2.0, efficiency=EFFICIENCY)
WAREHOUSE = Partner(per_second=2.0, calls=1.0, efficiency=EFFICIENCY)
CLIENTS, RETURNS_OF_CLIENTS = 50, 100_000 // 30
LISTS_AN_HOUR = 12
"""Each merchant's receipts are looked for every five minutes."""
CALLS_OF_A_RETURN = 3.1
"""Of the warehouse, whole life, receipts found by its list: measured by `life`."""


@dataclass(frozen=True)
class Case:
    """A day with a name."""

    name: str
    about: str
    setup: Setup


def measured() -> dict[str, Any]:
    """What other benchmarks measured."""
    content: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return content


def cases(per_environment: Mapping[str, float]) -> tuple[Case, ...]:
    """Every day, from the easiest to the worst.

    Args:
        per_environment: Returns a second that one environment announces, by milliseconds of the
            partners' answers.
    """
    usual = Setup(
        returns=ORDINARY,
        merchants=MERCHANTS,
        partners=(PORTAL, WAREHOUSE),
        environments=5,
        per_environment=per_environment["200"],
    )
    holiday = replace(usual, returns=AFTER_A_HOLIDAY)
    account = Partner(
        per_second=2.0, calls=CALLS_OF_A_RETURN, besides=CLIENTS * LISTS_AN_HOUR / 3600
    )
    clients = replace(usual, returns=RETURNS_OF_CLIENTS, merchants=CLIENTS, shared=(account,))
    return (
        Case("ordinary", "an ordinary day of 500 merchants", usual),
        Case("holiday", "the day after a holiday", holiday),
        Case(
            "away",
            "… and the warehouses are away from 10 to 16 h",
            replace(holiday, days=2, away=(36_000, 57_600)),
        ),
        Case(
            "one",
            "… of one merchant alone, at 2 requests a second",
            replace(holiday, merchants=1, days=4),
        ),
        Case(
            "one-faster",
            "… of one merchant alone, at 10 requests a second",
            replace(
                holiday,
                merchants=1,
                days=2,
                partners=(replace(PORTAL, per_second=20.0), replace(WAREHOUSE, per_second=10.0)),
            ),
        ),
        Case(
            "account",
            "an ordinary day of a 3PL's 50 clients who share one account of 2 requests a second",
            replace(clients, days=2),
        ),
        Case(
            "account-holiday",
            "… the day after a holiday",
            replace(clients, returns=8 * RETURNS_OF_CLIENTS, days=2),
        ),
    )


def lived(all_cases: tuple[Case, ...]) -> dict[str, Day]:
    """Each day's outcome by its name."""
    return {case.name: live_through(case.setup) for case in all_cases}
