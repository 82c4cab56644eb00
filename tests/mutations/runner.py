"""Copies of the tree, a defect in each, and what its checks say."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from local.iam.held import RECORD
from tests.mutations.model import Check, Defect

PARTS = (
    "layers",
    "cli",
    "local",
    "functions",
    "tests",
    "samples",
    "config",
    "bench",
    "tools",
    "docs",
    "template.yaml",
    "pyproject.toml",
    "samconfig.toml",
    "Makefile",
    ".gitignore",
)
LONGEST_SECONDS = 180.0
"""A check that takes longer hangs, and that is noticed too."""
FIRST_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+\.py\S*(?: [^-]\S*)*)", re.MULTILINE)
SEED = re.compile(r"^seed (\d+): \d+ rules broken\n +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Ending:
    """How one check of one tree ended; `by` is the first test that failed."""

    result: Literal["passed", "failed", "error"]
    by: str
    output: str = ""


@dataclass(frozen=True)
class Finding:
    """What became of a defect."""

    defect: Defect
    result: Literal["caught", "SURVIVED", "ERROR"]
    by: str
    seconds: float


def mutated_files(defect: Defect, tree: Path) -> dict[str, str]:
    """The files that a defect changes, by their path, and their new text.

    Raises:
        ValueError: An old text is not there exactly once.
    """
    texts: dict[str, str] = {}
    for edit in defect.edits:
        before = texts.get(edit.path) or (tree / edit.path).read_text()
        texts[edit.path] = edit.applied_to(before)
    return texts


def copy_tree(source: Path, target: Path) -> Path:
    """Copy what the tests need; the environments are only linked."""
    skipped = shutil.ignore_patterns(".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache")
    target.mkdir(parents=True)
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, ignore=skipped)
        else:
            shutil.copy2(source / part, target / part)
    (target / ".venvs").symlink_to(Path(sys.prefix).parent)
    (target / ".cache").symlink_to((source / ".cache").resolve())
    return target


class Bench:
    """Runs checks in fresh processes, and ends them all when told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def try_defect(self, defect: Defect, clean: Path, place: Path) -> Finding:
        """Make the defect in a copy of the clean tree, and run its checks until one fails."""
        began = time.monotonic()
        tree = copy_tree(clean, place)
        try:
            for path, text in mutated_files(defect, clean).items():
                (tree / path).write_text(text)
                for compiled in (tree / path).parent.glob(f"__pycache__/{Path(path).stem}.*"):
                    compiled.unlink()
            for check in defect.checks:
                ending = self.run(check, tree)
                if ending.result != "passed":
                    caught: Literal["caught", "ERROR"] = (
                        "caught" if ending.result == "failed" else "ERROR"
                    )
                    return Finding(defect, caught, ending.by, time.monotonic() - began)
            return Finding(defect, "SURVIVED", "", time.monotonic() - began)
        finally:
            shutil.rmtree(tree, ignore_errors=True)

    def run(self, check: Check, tree: Path) -> Ending:
        """Run one check on a tree."""
        module = "pytest" if check.kind == "pytest" else "tests.simulation"
        options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short")
        words = [*check.arguments, *(options if check.kind == "pytest" else ())]
        process = self._start([sys.executable, "-m", module, *words], tree)
        try:
            output, _ = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            _end(process)
            process.communicate()
            return Ending("failed", f"no end in {LONGEST_SECONDS:.0f} s: {check.in_words}")
        finally:
            with self._lock:
                self._running.discard(process)
        if check.kind == "pytest":
            return _of_pytest(process.returncode, output, check)
        return _of_simulation(process.returncode, output, check)

    def _start(self, command: list[str], tree: Path) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise InterruptedError
            process = subprocess.Popen(
                command,
                cwd=tree,
                env=_of_tree(tree),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def stop(self) -> None:
        """End what runs, and let nothing begin any more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _of_tree(tree: Path) -> dict[str, str]:
    """The environment of a check; what defective code asks of AWS is on no record."""
    inherited = {name: value for name, value in os.environ.items() if name != RECORD}
    return inherited | {"PYTHONPATH": f"{tree / 'layers/shared'}{os.pathsep}{tree}"}


def _of_pytest(code: int, output: str, check: Check) -> Ending:
    if code == 0:
        return Ending("passed", "", output)
    first = FIRST_FAILED.search(output)
    if code == 1 and first:
        return Ending("failed", first[1].removeprefix("tests/"), output)
    return _error(code, output, check)


def _of_simulation(code: int, output: str, check: Check) -> Ending:
    if code == 0:
        return Ending("passed", "", output)
    told = SEED.search(output)
    if code == 1 and told:
        return Ending("failed", f"simulation, seed {told[1]}: {told[2]}", output)
    return _error(code, output, check)


def _error(code: int, output: str, check: Check) -> Ending:
    """The check itself went wrong, which says nothing of the defect."""
    last = (output.strip().splitlines() or ["no output"])[-1]
    return Ending("error", f"{check.in_words} ended with {code}: {last}", output)
