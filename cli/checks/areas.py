"""Every area, in the order of the report: the cheap ones and those that others rest on first.

A new area is a new file with an `Area`, and one line here (a test tells when the line is missing).
"""

from __future__ import annotations

from cli.checks import (
    catch_up,
    despatches,
    going_live,
    lint,
    miinto,
    mintsoft,
    policy,
    portal,
    receipts,
    recent_returns,
    schedules,
    secrets,
    unleashed,
    wair,
    webhook,
)
from cli.checks.model import Area

AREAS: tuple[Area, ...] = (
    policy.AREA,
    secrets.AREA,
    portal.AREA,
    mintsoft.AREA,
    receipts.AREA,
    webhook.AREA,
    catch_up.AREA,
    schedules.AREA,
    recent_returns.AREA,
    miinto.AREA,
    unleashed.AREA,
    lint.AREA,
    wair.AREA,
    despatches.AREA,
    going_live.AREA,
)
TITLES = {
    "hub": "Hub",
    **{area.name: area.title for area in AREAS},
    "end_to_end": "End to end",
}
"""Of every area that a report can have; `hub` is what was found before any check could be made."""
