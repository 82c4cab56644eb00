"""What `make` can do is told by `make help`, and nothing of it is taken for a file."""

from __future__ import annotations

import re
import subprocess
from itertools import takewhile

from local.stack import ROOT

TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):(?!=)", TEXT, re.MULTILINE)
PARTS = {"help", "setup-sam", "setup-browser", "setup-check", "setup-sbom", "schema"}
PARTS |= {"test-alone", "test-on-the-stack"}
"""What only other targets ask for, and the help itself."""


def helped() -> list[str]:
    done = subprocess.run(
        ["/usr/bin/env", "make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if line.startswith("  ")]


def test_help_tells_of_each_target_what_it_does() -> None:
    told = {name: what for name, _, what in (line.strip().partition(" ") for line in helped())}
    assert set(told) == set(TARGETS) - PARTS
    assert all(what.startswith(" ") and what.strip() for what in told.values())


def test_help_begins_with_what_a_newcomer_does_first() -> None:
    assert [line.split()[0] for line in helped()][:4] == ["run", "up", "test", "deploy"]


def test_no_target_is_taken_for_a_file() -> None:
    phony = {
        word for line in TEXT.splitlines() if line.startswith(".PHONY:") for word in line.split()
    }
    assert phony - {".PHONY:"} == set(TARGETS)


def test_each_target_that_runs_something_sets_it_up() -> None:
    lines = iter(TEXT.splitlines())
    for line in lines:
        target = re.match(r"([a-z-]+):(?!=)([a-z -]*)(##|$)", line)
        if target is None or target[1] in PARTS:
            continue
        recipe = "".join(takewhile(lambda one: one.startswith("\t"), lines))
        if "$(APP)" in recipe or "$(SAM)" in recipe:
            assert re.search(r"\b(setup|schema)", target[2]), line
