"""Measure, live through large days, price a month; write docs/scale.md's tables and plots."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.scale.cases import Case, cases, lived, measured
from bench.scale.crowd import DAY, STEP, Day
from bench.scale.life import Measured, measure
from bench.scale.month import Month, month
from bench.scale.tables import asked, bills, days, numbers
from bench.tables import write_between
from cli.cost.bill import Prices, read_prices
from local.stack import ROOT

PAGE, FOLDER = ROOT / "docs" / "scale.md", ROOT / "docs" / "scale"
PLOTS = ROOT / ".venvs" / "plots" / "bin" / "python"
SIZES = (1_000, 5_000, 20_000, 100_000, 300_000, 1_000_000)
CROWDS = (1, 10, 100, 500)
EVERY = 300
"""Seconds between two points of a plot."""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--returns", type=int, default=240, help="returns of the measured day")
    parser.add_argument("--write", action="store_true", help="write docs/scale.md and its plots")
    given = parser.parse_args()
    tell = Console(stderr=True, highlight=False)
    known = measured()
    tell.print(f"living through afternoons with {given.returns} returns; half a minute")
    listed, by_id = measure(given.returns, "list"), measure(given.returns, "due_ids")
    every = cases(known["returns_per_second_of_an_environment"])
    tell.print(f"living through {len(every)} days; half a minute")
    outcome = lived(every)
    prices = read_prices()
    months = [
        ("1 M returns, 500 merchants", _month(listed, prices, 1_000_000, 500)),
        ("1 M returns, 1 merchant", _month(listed, prices, 1_000_000, 1)),
        ("20,000 returns, 1 merchant", _month(listed, prices, 20_000, 1)),
    ]
    tables = {
        "asked": asked(listed, by_id),
        "days": days(every, outcome),
        "bills": bills(months),
    }
    for name, text in tables.items():
        print(f"\n## {name}\n\n{text}")
    if given.write:
        for name, text in tables.items():
            write_between(PAGE, name, text)
        _plot(_data(listed, by_id, every, outcome, prices))
        tell.print(f"wrote {PAGE.relative_to(ROOT)} and {FOLDER.relative_to(ROOT)}")
    return 0


def _month(of: Measured, prices: Prices, returns: int, merchants: int) -> Month:
    seconds = float(measured()["processor_seconds_of_a_return"])
    return month(of, prices, returns=returns, merchants=merchants, processor_seconds=seconds)


def _data(
    listed: Measured,
    by_id: Measured,
    every: tuple[Case, ...],
    outcome: dict[str, Day],
    prices: Prices,
) -> dict[str, Any]:
    return {
        "measured": {
            "list": {"a return": numbers(listed.of_a_return), "hour": numbers(listed.idle_hour)},
            "due_ids": {"a return": numbers(by_id.of_a_return), "hour": numbers(by_id.idle_hour)},
        },
        "cases": [
            {
                "name": case.name,
                "about": case.about,
                "every_seconds": EVERY,
                "away": case.setup.away if any(case.setup.away) else None,
                "depth": outcome[case.name].depth[:: EVERY // STEP],
                "days": len(outcome[case.name].depth) * STEP // DAY,
            }
            for case in every
        ],
        "costs": [
            {
                "name": f"{crowd} merchant{'s' if crowd > 1 else ''}",
                "points": [
                    (many, float(_month(listed, prices, many, crowd).of_one_return))
                    for many in SIZES
                ],
            }
            for crowd in CROWDS
        ],
    }


def _plot(data: dict[str, Any]) -> None:
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / "data.json"
    file.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    if not PLOTS.exists():
        raise SystemExit("no environment for plots: python3.11 tools/setup.py plots")
    script = Path(__file__).with_name("plots.py")
    subprocess.run([str(PLOTS), str(script), str(file), str(FOLDER)], check=True)


if __name__ == "__main__":
    sys.exit(main())
