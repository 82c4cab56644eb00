"""Make each defect, and see that a test catches it: make mutate [ONLY=word] [JOBS=n].

Exit code 1 when one survives, cannot be made, or when the unchanged tree fails.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.mutations.defects import DEFECTS
from tests.mutations.model import ROOT, Check, Defect
from tests.mutations.runner import Bench, Finding, copy_tree, mutated_files


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("--only", metavar="WORD", help="only defects whose name or file has it")
    parser.add_argument("--jobs", type=int, default=2, help="defects at a time (default 2)")
    given = parser.parse_args()
    if given.jobs < 1:
        parser.error("at least one job")
    chosen = [defect for defect in DEFECTS if _is_meant(defect, given.only)]
    if not chosen:
        parser.error(f"no defect has {given.only!r} in its name or its files")
    try:
        for defect in chosen:
            mutated_files(defect, ROOT)
    except ValueError as error:
        _say(f"the list of defects is out of date: {error}")
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    bench = Bench()
    with tempfile.TemporaryDirectory(prefix="mutations-") as place:
        try:
            return _all(chosen, given.jobs, bench, Path(place))
        except KeyboardInterrupt:
            _say("stopped")
            return 130
        finally:
            bench.stop()


def _is_meant(defect: Defect, word: str | None) -> bool:
    names = [defect.name, *(edit.path for edit in defect.edits)]
    return word is None or any(word.lower() in name.lower() for name in names)


def _all(chosen: Sequence[Defect], jobs: int, bench: Bench, place: Path) -> int:
    began = time.monotonic()
    clean = copy_tree(ROOT, place / "clean")
    checks = list(dict.fromkeys(check for defect in chosen for check in defect.checks))
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        if not _is_sound(checks, bench, clean, pool):
            return 1
        running = [
            pool.submit(bench.try_defect, defect, clean, place / f"defect-{number}")
            for number, defect in enumerate(chosen, start=1)
        ]
        findings: list[Finding] = []
        for number, done in enumerate(as_completed(running), start=1):
            finding = done.result()
            findings.append(finding)
            _say(f"{number}/{len(chosen)} {_line(finding)}")
    finally:
        bench.stop()
        pool.shutdown(cancel_futures=True)
    in_order = {defect.name: number for number, defect in enumerate(chosen)}
    findings.sort(key=lambda finding: in_order[finding.defect.name])
    _table(findings, time.monotonic() - began)
    return 0 if all(finding.result == "caught" for finding in findings) else 1


def _is_sound(checks: list[Check], bench: Bench, clean: Path, pool: ThreadPoolExecutor) -> bool:
    """Whether the unchanged tree passes everything; only then a failure tells something."""
    began = time.monotonic()
    endings = pool.map(lambda check: (check, bench.run(check, clean)), checks)
    failed = [(check, ending) for check, ending in endings if ending.result != "passed"]
    for check, ending in failed:
        _say(f"{ending.output}\nthe unchanged tree fails {check.in_words}: {ending.by}")
    if not failed:
        took = time.monotonic() - began
        _say(f"the unchanged tree passes all {len(checks)} checks, in {took:.0f} s")
    return not failed


def _line(finding: Finding) -> str:
    by = f" by {finding.by}" if finding.by else ""
    return f"{finding.result} in {finding.seconds:.1f} s: {finding.defect.name}{by}"


def _table(findings: list[Finding], took: float) -> None:
    rows = [("defect", "breaks", "result", "seconds", "by")]
    rows += [(f.defect.name, f.defect.breaks, f.result, f"{f.seconds:.1f}", f.by) for f in findings]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    _say("")
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)]
        _say("  ".join([*cells, row[4]]).rstrip())
        if number == 0:
            _say("  ".join("-" * width for width in (*widths, 2)))
    caught = sum(finding.result == "caught" for finding in findings)
    _say(f"\n{caught} of {len(findings)} defects caught, in {took:.0f} s")
    for finding in findings:
        if finding.result != "caught":
            says = "no test catches" if finding.result == "SURVIVED" else "its check went wrong"
            _say(f"{says}: {finding.defect.name}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
