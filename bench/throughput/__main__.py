"""Measure throughput: python -m bench.throughput [--quick] [--write-docs]; see the package."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from bench.tables import Table, as_markdown, show, write_between
from bench.throughput.announce import AWS_SECONDS, DELAYS, OTHER, WAYS, announce
from bench.throughput.environment import CORES, keep_off
from bench.throughput.poll import has_dlt, poll
from bench.throughput.tables import of_announcing, of_polling
from local.stack import ROOT

PAGE = ROOT / "docs" / "throughput.md"
COMMAND = "make bench"
PRODUCTS, FEW_PRODUCTS = 2000, 400
Said = Callable[[str], None]


def announcing(given: argparse.Namespace, said: Said) -> list[Table]:
    """Every delay, with an AWS that takes a set time and with the emulator."""
    delays = (0.0, 0.05) if given.quick else DELAYS
    rounds, enough = (1, 0.3) if given.quick else (3, 1.5)
    ways = (*WAYS, *(f"{OTHER}{folder}" for folder in given.against))
    found = []
    for aws in (AWS_SECONDS,) if given.quick else (AWS_SECONDS, None):
        for delay in delays:
            told = f"partners {delay * 1000:.0f} ms, AWS {'emulator' if aws is None else aws}"
            figures = announce(
                delay,
                aws,
                ways=ways,
                rounds=rounds,
                enough=enough,
                said=lambda text, told=told: said(f"{told}: {text}"),  # type: ignore[misc]
            )
            found.append(of_announcing(figures))
    return found


def polling(given: argparse.Namespace, said: Said) -> list[Table]:
    """Every delay."""
    if not has_dlt():
        raise SystemExit("bench: dlt is not installed; python3.11 tools/setup.py rivals")
    count = FEW_PRODUCTS if given.quick else PRODUCTS
    delays = (0.0,) if given.quick else DELAYS
    return [of_polling(poll(count, delay, AWS_SECONDS, said), count) for delay in delays]


PARTS: dict[str, Callable[[argparse.Namespace, Said], list[Table]]] = {
    "announce": announcing,
    "poll": polling,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer delays, rounds and products")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="only these")
    parser.add_argument(
        "--against", action="append", default=[], metavar="FOLDER", help="another tree of the hub's"
    )
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    parser.add_argument("--write-docs", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    given, _ = parser.parse_known_args(arguments)
    keep_off()
    console = Console(width=170, highlight=False)
    err = Console(stderr=True, highlight=False)
    if len(CORES) == 1:
        err.print("one core: what answers takes it from the environment that is measured")
    tables = []
    for name in given.only or list(PARTS):
        for table in PARTS[name](given, err.print):
            tables.append(table)
            if not given.markdown:
                show(console, table)
    if given.markdown:
        console.print(as_markdown(tables), soft_wrap=True)
    if given.write_docs:
        write_between(PAGE, "throughput", f"\n    {COMMAND}\n\n{as_markdown(tables)}")
        err.print(f"written into {PAGE}")
    sys.stdout.flush()
    os.sched_setaffinity(0, CORES)


if __name__ == "__main__":
    main()
