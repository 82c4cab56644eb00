"""The plots of docs/scale.md, from its data: python -m bench.scale.plots DATA FOLDER

Runs in an environment of its own, which has matplotlib and nothing of ours.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BLUE, RED, GREY, GREEN = "#2a6fdb", "#c8372d", "#8a8f98", "#2e8b57"


def main() -> None:
    """The command."""
    import matplotlib as mpl  # noqa: PLC0415 - only here, in its own environment

    mpl.use("svg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "returns hub",
            "font.family": "sans-serif",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e3e6ea",
            "axes.axisbelow": True,
        }
    )
    data, folder = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2])
    depths(data, folder / "waiting.svg")
    costs(data, folder / "cost.svg")


def depths(data: dict[str, Any], target: Path) -> None:
    """How many returns wait, by hour, one panel for each day that is not quiet."""
    from matplotlib import pyplot  # noqa: PLC0415

    shown = [case for case in data["cases"] if max(case["depth"]) > 100]
    figure, panels = pyplot.subplots(
        len(shown), 1, figsize=(7.2, 1.9 * len(shown)), constrained_layout=True
    )
    for panel, case in zip(panels, shown, strict=True):
        hours = [place * case["every_seconds"] / 3600 for place in range(len(case["depth"]))]
        panel.fill_between(hours, case["depth"], color=BLUE, alpha=0.25, linewidth=0)
        panel.plot(hours, case["depth"], color=BLUE, linewidth=1.4)
        panel.set_title(
            case["about"].replace("… ", "the day after a holiday: ", 1), loc="left", fontsize=9
        )
        panel.set_ylim(bottom=0)
        panel.set_xlim(0, hours[-1])
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        if case["away"]:
            panel.axvspan(*(at / 3600 for at in case["away"]), color=RED, alpha=0.12, linewidth=0)
    panels[-1].set_xlabel("hours since midnight")
    figure.supylabel("returns that wait", fontsize=9)
    save(figure, target)


def costs(data: dict[str, Any], target: Path) -> None:
    """What a return costs, by how many there are and over how many merchants."""
    from matplotlib import pyplot  # noqa: PLC0415

    figure, panel = pyplot.subplots(figsize=(7.2, 3.2), constrained_layout=True)
    for line, colour in zip(data["costs"], (BLUE, GREEN, RED, GREY), strict=False):
        panel.plot(
            [many for many, _ in line["points"]],
            [cost for _, cost in line["points"]],
            color=colour,
            linewidth=1.4,
            marker="o",
            markersize=3,
            label=line["name"],
        )
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlabel("returns a month")
    panel.set_ylabel("USD for each return")
    panel.legend(frameon=False)
    save(figure, target)


def save(figure: Any, target: Path) -> None:
    """Without a date, so that the same data gives the same file."""
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()
