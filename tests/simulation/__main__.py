"""Live through many seeds: make simulate [SEED=n] [RUNS=n]. Exit code 1 when a rule was broken."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.outcome import Told, World
from tests.simulation.seeds import leave_interrupts_alone, live_through_all

STORIES = 3


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seed", type=int, help="the first seed; alone, just this one, with story")
    parser.add_argument("--runs", type=int, help="how many seeds (default 500)")
    parser.add_argument("--step", type=int, default=1, help="every so many seeds (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--world",
        choices=("all", "returns", "erp", "drift", "drift-faults"),
        default="all",
        help="of returns, of Unleashed (every fourth seed has one; alone, every seed), or both; "
        "drift: four busy days on which nothing is wrong and nothing may be found; drift-faults: "
        "a day of the same merchant on which everything goes wrong that can",
    )
    given = parser.parse_args()
    first = given.seed or 0
    runs = given.runs if given.runs is not None else (1 if given.seed is not None else 500)
    if runs < 1 or given.jobs < 1 or given.step < 1:
        parser.error("at least one run, one job and a step of 1")
    if runs == 1:
        return _one(first, given.world)
    began = time.monotonic()
    endings: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    duplicates = losses = 0
    broken: list[tuple[int, str]] = []
    for number, told in enumerate(
        _all(range(first, first + runs * given.step, given.step), given.jobs, given.world), 1
    ):
        endings += told.endings
        beside += told.beside
        duplicates, losses = duplicates + told.duplicates, losses + told.losses
        if told.broken:
            broken.append((told.seed, told.story))
        _progress(number, runs, len(broken), began)
    took = time.monotonic() - began
    for _, text in sorted(broken)[:STORIES]:
        print(f"\n{text}")  # noqa: T201 - a command's answer
    ways = ", ".join(f"{count} {ending}" for ending, count in endings.most_common())
    last = first + (runs - 1) * given.step
    print(  # noqa: T201
        f"{runs} runs (seeds {first} to {last}) in {took:.0f} s: "
        f"{endings.total()} returns: {ways}\n"
        f"{', '.join(f'{count} {what}' for what, count in sorted(beside.items()))}\n"
        f"duplicates {duplicates}, losses {losses}, runs with a broken rule {len(broken)}"
    )
    if broken:
        some = " ".join(str(seed) for seed, _ in sorted(broken)[:20])
        print(f"again, one by one: make simulate SEED=n, for n of {some}")  # noqa: T201
    return 1 if broken else 0


def _one(seed: int, world: World) -> int:
    told = live_through_all(seed, world, always_told=True)
    print(told.story)  # noqa: T201
    return 1 if told.broken else 0


def _all(seeds: range, jobs: int, world: World) -> Iterator[Told]:
    live = partial(live_through_all, world=world)
    if jobs == 1:
        yield from map(live, seeds)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=leave_interrupts_alone) as pool:
        try:
            yield from pool.map(live, seeds, chunksize=1 if world.startswith("drift") else 10)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _progress(done: int, runs: int, broken: int, began: float) -> None:
    if done % (20 if runs > 20 else 5) and done != runs:
        return
    left = (time.monotonic() - began) / done * (runs - done)
    line = f"{done}/{runs} runs, {broken} broken, {left:.0f} s left"
    if sys.stderr.isatty():
        print(f"\r{line}   ", end="" if done < runs else "\n", file=sys.stderr)  # noqa: T201
    elif done % 500 == 0 or done == runs:
        print(line, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ninterrupted")
