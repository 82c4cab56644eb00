"""The command starts light: help and completion load no verb, and one verb loads no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.late import LateVerbs
from cli.main import VERBS
from cli.verbs import Verb, Verbs
from local.stack import ROOT

SCRIPT = """
import json, sys
before = set(sys.modules)
from cli.main import hub
try:
    hub(prog_name="hub", args=json.loads(sys.argv[1]))
finally:
    print("MODULES", json.dumps(sorted(set(sys.modules) - before)))
"""
MOST_MODULES = 130
"""Modules that help or a key in the shell loads: today's 116, and a little; all verbs are 1,343."""
HEAVY = ("boto3", "botocore", "pydantic", "requests", "rich", "yaml", "returns_hub.bootstrap")
LATE = {late.place.partition(":")[0] for late in VERBS.late.values()}


def loaded(*words: str, **environment: str) -> set[str]:
    """Modules that the command loads for these words."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'shared'}:{ROOT}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.rpartition("MODULES ")[2]
    assert said, done.stderr
    return set(json.loads(said))


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("-h",)])
def test_help_loads_no_verb_and_nothing_that_reaches_out(words: tuple[str, ...]) -> None:
    found = loaded(*words)
    assert not found & set(HEAVY)
    assert not found & LATE
    assert len(found) <= MOST_MODULES


@pytest.mark.parametrize(("typed", "verb"), [("hub par", ""), ("hub audit l", "cli.audit_verbs")])
def test_a_key_in_the_shell_loads_the_verbs_on_its_way_alone(typed: str, verb: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    found = loaded(_HUB_COMPLETE="bash_complete", **words)
    assert found & LATE == ({verb} if verb else set())
    if not verb:
        assert not found & set(HEAVY)
        assert len(found) <= MOST_MODULES


@pytest.mark.parametrize("name", VERBS.late)
def test_a_verb_is_listed_by_its_own_name_and_first_sentence(name: str) -> None:
    command = VERBS[name]
    assert isinstance(command, Verb | Verbs)
    assert (command.name, command.page.first) == (name, VERBS.says(name))
    assert not command.hidden


def test_one_verb_loads_no_other() -> None:
    assert loaded("wair", "--help") & LATE == {"cli.wair.verb"}


def test_a_verb_that_was_added_as_such_is_listed_too() -> None:
    verbs = LateVerbs(*VERBS.late.values())
    added = Verb("added", help="What was added.")
    verbs["added"] = added
    assert verbs["added"] is added
    assert verbs.says("added") == "What was added."
    assert len(verbs) == len(VERBS) + 1
    del verbs["added"]
    assert "added" not in verbs
    with pytest.raises(KeyError):
        verbs["added"]


def test_the_command_runs_through_a_link_to_it(tmp_path: Path) -> None:
    link = tmp_path / "hub"
    link.symlink_to(ROOT / "hub")
    done = subprocess.run([link, "--version"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("hub "), done.stderr
