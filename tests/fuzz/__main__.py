"""Fuzz every entry of the hub: ``python -m tests.fuzz --cases 100000 --seed 1 --jobs 2``."""

from __future__ import annotations

import argparse
import hashlib
import mmap
import multiprocessing
import re
import resource
import struct
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from tests.fuzz.all_targets import TARGETS, target_of
from tests.fuzz.engine import Fault, Fuzzer, Report
from tests.fuzz.targets import Target

FOUND = Path(__file__).with_name("found")
ROUND = 250
"""Cases of one target before the next one's turn."""
SILENT_SECONDS = 30.0
"""A worker that begins no case for so long hangs where no alarm reaches it."""
MEMORY_BYTES = 6 << 30
LARGEST_INPUT = 4 << 20
HEAD = struct.Struct("<III")


@dataclass
class Worker:
    """One process, what it said so far, and the case that it is in."""

    number: int
    targets: tuple[Target, ...]
    cases: int
    seed: int
    shared: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, LARGEST_INPUT + HEAD.size))
    reports: dict[str, Report] = field(default_factory=dict)
    earlier: dict[str, Report] = field(default_factory=dict)
    heard: float = 0.0
    is_lost: bool = False
    _begun: int = 0
    process: ForkProcess | None = None
    pipe: Connection | None = None

    def start(self, context: multiprocessing.context.ForkContext) -> None:
        """Begin, or go on after a hang with other cases."""
        self.pipe, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=self._work, args=(theirs,), daemon=True)
        self.heard = time.monotonic()
        self.process.start()
        theirs.close()

    def _work(self, pipe: Connection) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        fuzzers = []
        for number, target in enumerate(self.targets):

            def before(data: bytes, number: int = number) -> None:
                self._begun = (self._begun + 1) % (1 << 32)
                head = HEAD.pack(self._begun, number, min(len(data), LARGEST_INPUT))
                self.shared[: HEAD.size] = head
                self.shared[HEAD.size : HEAD.size + len(data)] = data[:LARGEST_INPUT]

            fuzzers.append(Fuzzer(target, self.seed, before=before))
        left = self.cases
        try:
            while left > 0:
                for fuzzer in fuzzers:
                    count = min(ROUND, max(left, 0))
                    pipe.send((fuzzer.target.name, fuzzer.run(count)))
                    left -= count
        except BaseException:
            # A fault of the engine's own; without a word it would look like a hang.
            pipe.send(traceback.format_exc())
            raise
        pipe.send(None)

    def look(self, now: float) -> None:
        """See whether it goes on."""
        begun = HEAD.unpack(self.shared[: HEAD.size])[0]
        if begun != self._begun:
            self._begun, self.heard = begun, now
        self.is_lost = now - self.heard > SILENT_SECONDS

    def done(self) -> int:
        """Cases run so far."""
        both = [*self.reports.values(), *self.earlier.values()]
        return sum(report.cases for report in both)

    def give_up(self) -> None:
        """End a process that hangs, and note the case that it was in."""
        assert self.process is not None
        self.process.kill()
        self.process.join()
        self.is_lost = False
        _, number, length = HEAD.unpack(self.shared[: HEAD.size])
        target = self.targets[number].name
        data = bytes(self.shared[HEAD.size : HEAD.size + length])
        fault = Fault(target, "hangs or dies", f"silent for {SILENT_SECONDS} s", data)
        for name, report in self.reports.items():
            self.earlier[name] = _sum([self.earlier.get(name, Report()), report])
        self.cases -= sum(report.cases for report in self.reports.values()) + ROUND
        self.reports = {}
        self.earlier.setdefault(target, Report()).faults[fault.name] = fault
        self.seed += 1_000_003


def _sum(reports: list[Report]) -> Report:
    total = Report()
    for report in reports:
        total.cases += report.cases
        total.seconds += report.seconds
        total.edges = max(total.edges, report.edges)
        total.kinds += report.kinds
        for name, fault in report.faults.items():
            known = total.faults.get(name)
            if known is None or len(fault.data) < len(known.data):
                total.faults[name] = fault
    return total


def fuzz(targets: tuple[Target, ...], cases: int, seed: int, jobs: int) -> dict[str, Report]:
    """Run all cases side by side; one report for each target."""
    context = multiprocessing.get_context("fork")
    workers = [
        Worker(number, targets, cases // jobs + (number < cases % jobs), seed * 1000 + number)
        for number in range(jobs)
    ]
    for worker in workers:
        worker.start(context)
    running = list(workers)
    started = shown = time.monotonic()
    while running:
        ready = wait([worker.pipe for worker in running if worker.pipe], timeout=1.0)
        now = time.monotonic()
        for worker in list(running):
            if worker.pipe in ready:
                _listen(worker, running)
            else:
                worker.look(now)
            if worker.is_lost:
                worker.give_up()
                worker.start(context)
        if now - shown > 5:
            shown = now
            _say(workers, cases, now - started)
    return {
        target.name: _sum(
            [
                report
                for worker in workers
                for reports in (worker.reports, worker.earlier)
                if (report := reports.get(target.name))
            ]
        )
        for target in targets
    }


def _listen(worker: Worker, running: list[Worker]) -> None:
    assert worker.pipe is not None
    worker.heard = time.monotonic()
    try:
        said = worker.pipe.recv()
    except EOFError:
        # It died in a case, of memory for instance: as good as a hang.
        worker.is_lost = True
        return
    match said:
        case None:
            running.remove(worker)
        case str():
            raise RuntimeError(said)
        case (name, report):
            worker.reports[name] = report


def _say(workers: list[Worker], cases: int, seconds: float) -> None:
    done = sum(worker.done() for worker in workers)
    faults = {
        (name, fault)
        for worker in workers
        for reports in (worker.reports, worker.earlier)
        for name, report in reports.items()
        for fault in report.faults
    }
    rate = done / seconds
    _print(f"{done} of {cases} cases, {rate:.0f} a second, {len(faults)} faults")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def file_name(fault: Fault) -> str:
    """The fault's file: the same for the same fault, so that a later run does not add another."""
    slug = re.sub(r"[^a-z0-9]+", "-", fault.name.lower()).strip("-")[:70]
    digest = hashlib.sha256(fault.name.encode()).hexdigest()[:4]
    return f"{fault.target}--{slug}-{digest}.input"


def _table(reports: dict[str, Report]) -> None:
    _print(f"{'target':28}{'cases':>8}{'edges':>7}{'cases/s':>9}{'faults':>8}  answers")
    for name, report in reports.items():
        rate = report.cases / report.seconds if report.seconds else 0
        kinds = ", ".join(f"{kind} {count}" for kind, count in report.kinds.most_common())
        _print(
            f"{name:28}{report.cases:>8}{report.edges:>7}{rate:>9.0f}"
            f"{len(report.faults):>8}  {kinds}"
        )
    total = sum((report.kinds for report in reports.values()), Counter[str]())
    cases = sum(report.cases for report in reports.values())
    edges = sum(report.edges for report in reports.values())
    _print(f"{'all':28}{cases:>8}{edges:>7}{'':>17}  {dict(total.most_common())}")


def main(arguments: list[str]) -> int:
    """Fuzz; 1 when a property broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--target", action="append", default=[], help="only these")
    parser.add_argument("--found", type=Path, default=FOUND, help="where failing inputs are kept")
    given = parser.parse_args(arguments)
    targets = tuple(map(target_of, given.target)) or TARGETS
    started = time.monotonic()
    reports = fuzz(targets, given.cases, given.seed, max(given.jobs, 1))
    _table(reports)
    _print(f"{time.monotonic() - started:.0f} seconds, seed {given.seed}")
    faults = [fault for report in reports.values() for fault in report.faults.values()]
    for fault in faults:
        given.found.mkdir(parents=True, exist_ok=True)
        path = given.found / file_name(fault)
        path.write_bytes(fault.data)
        shown = ascii(fault.data[:600])[2:-1]
        _print(f"\nFAULT {fault.target}: {fault.name}\n  {fault.detail}\n  {path}\n  {shown}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
