"""Every kind of the lint's findings is in the documents, with a next step that there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from cli.main import hub
from returns_hub.domain.lint.kinds import KINDS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "drift.md"


def test_W6_every_kind_has_its_row_in_the_documents_and_a_next_step() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        assert f"| `{name}` |" in text, name
        assert all((kind.means, kind.cause, kind.mend)), name


def test_W6_every_command_that_is_named_as_the_next_step_exists() -> None:
    for name, kind in KINDS.items():
        for named in re.findall(r"hub ((?:[a-z-]+ ?)+)", kind.mend.replace("{merchant}", "X")):
            verb: Any = hub
            for word in named.split():
                if not isinstance(verb, click.Group):
                    break
                assert word in verb.commands, (name, named)
                verb = verb.commands[word]
            assert not isinstance(verb, click.Group), (name, named)
