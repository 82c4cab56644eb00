"""The house's rules of the command (docs/command.md), held of every verb there is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cli.declared import READS
from cli.main import hub
from cli.manual.page import EXIT_CODES, Page, page_of
from cli.verbs import MerchantArgument, Verb, Verbs
from tests.unit.cli.manners import examples_of_json, wrong_with

ROOT = Path(__file__).resolve().parents[3]
OF_NO_MERCHANT = frozenset(
    {"completion", "config schema", "cost", "help", "man", "migrate", "migrate status"}
)
"""Verbs that are about no merchant."""
ASK_NOBODY = frozenset(
    {
        "backfill cancel",  # what it sent stays sent, and the same backfill goes on later
        "drift look",  # it keeps what it found, and writes to nobody
        "publish",
        "redo webhook ensure",
        "redo webhook replay",
        "secrets set",
    }
)
"""Verbs that write, and are harmless or wanted by their very words."""


def every(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every verb and group, by its words."""
    yield " ".join(words), command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from every(inner, (*words, name))


ALL = dict(every(hub))
VERBS = {
    words: command
    for words, command in ALL.items()
    if words and (not isinstance(command, click.Group) or command.invoke_without_command)
}


def options(command: click.Command) -> set[str]:
    found = [param for param in command.params if isinstance(param, click.Option)]
    return {name for param in found for name in param.opts}


def page(words: str) -> Page:
    return page_of(ALL[words])


@pytest.mark.parametrize("words", sorted(filter(None, ALL)))
def test_a_verb_is_made_of_the_houses_parts(words: str) -> None:
    assert isinstance(ALL[words], Verb | Verbs), "use cli.verbs.verb and verbs, not click's own"


@pytest.mark.parametrize("words", sorted(VERBS))
def test_a_verb_speaks_to_machines(words: str) -> None:
    assert "--json" in options(VERBS[words])


@pytest.mark.parametrize("words", sorted(set(VERBS) - OF_NO_MERCHANT))
def test_a_verb_takes_a_merchant_by_its_option(words: str) -> None:
    assert "--merchant" in options(VERBS[words])


@pytest.mark.parametrize("words", sorted(VERBS))
def test_no_verb_needs_a_merchant_among_its_words(words: str) -> None:
    for param in VERBS[words].params:
        is_old = isinstance(param, click.Argument) and param.name in {"merchant", "merchant_"}
        assert not is_old, "use choices.merchant_argument"
        if isinstance(param, MerchantArgument):
            assert not param.required


@pytest.mark.parametrize("words", sorted(VERBS))
def test_what_writes_can_be_tried(words: str) -> None:
    may = {"check": False, "plan make": True}  # it keeps what it read of an API; it keeps a plan
    assert ("--dry-run" in options(VERBS[words])) is may.get(words, words not in READS)


@pytest.mark.parametrize("words", sorted(set(VERBS) - READS - ASK_NOBODY))
def test_what_writes_asks_and_takes_a_yes(words: str) -> None:
    assert "--yes" in options(VERBS[words])


def test_the_lists_above_name_verbs() -> None:
    assert set(VERBS) >= OF_NO_MERCHANT | ASK_NOBODY | READS
    assert not ASK_NOBODY & READS


# -- the manual -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", sorted(filter(None, ALL)))
def test_a_page_begins_with_a_sentence_and_has_examples(words: str) -> None:
    found = page(words)
    assert re.match(r"[A-Z].{8,110}[.:]$", found.first), found.first
    assert [line for line in found.examples if line.startswith("hub ")], "no example"
    assert found.see_also, "no See also:"


@pytest.mark.parametrize("words", sorted(filter(None, ALL)))
def test_a_verbs_own_page_has_an_example_of_it(words: str) -> None:
    own = [line for line in page(words).examples if f" {words} " in f" {line} "]
    assert own


@pytest.mark.parametrize("words", sorted(ALL))
def test_what_is_near_exists(words: str) -> None:
    for name in page(words).see_also:
        if name.startswith("hub "):
            assert name.removeprefix("hub ") in ALL, name
        else:
            assert (ROOT / name.partition("#")[0]).is_file(), name


EXAMPLES = sorted({line for words in ALL for line in page(words).examples})


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_is_right_usage(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(line)
    assert words.pop(0) == "hub"
    if ">" in words:
        del words[words.index(">") :]
    parse(words)


def parse(words: list[str]) -> None:
    """Refuse words that the command would refuse as wrong usage; nothing is run."""
    command: click.Command = hub
    parent: click.Context | None = None
    name: str | None = "hub"
    with ExitStack() as opened:
        while True:
            ctx = opened.enter_context(command.make_context(name, words, parent=parent))
            rest = [*ctx._protected_args, *ctx.args]
            if not isinstance(command, click.Group) or not rest:
                return
            name, inner, words = command.resolve_command(ctx, rest)
            assert inner is not None
            command, parent = inner, ctx


def test_a_wrong_example_would_be_seen() -> None:
    for words in (["parked", "lst"], ["parked", "list", "--closd"], ["check", "--last", "x"]):
        with pytest.raises(click.UsageError):
            parse(words)


@pytest.mark.parametrize("words", sorted(filter(None, ALL)))
def test_an_option_says_what_it_is_for(words: str) -> None:
    for param in ALL[words].params:
        if isinstance(param, click.Option):
            assert param.help, param.opts


@pytest.mark.parametrize("words", sorted(ALL))
def test_exit_codes_are_the_houses(words: str) -> None:
    told = {int(code) for code in re.findall(r"\b(\d{1,3}) [a-z]", page(words).exit_codes)}
    assert told <= set(EXIT_CODES)


@pytest.mark.parametrize("words", sorted(ALL))
def test_help_fits_a_terminal_of_eighty_columns(words: str) -> None:
    told = CliRunner().invoke(hub, [*words.split(), "--help"]).output
    # An example is not broken over lines, so that it can be copied.
    lines = [line for line in told.splitlines() if not line.startswith("  hub ")]
    assert max(map(len, lines)) <= 80


# -- the documents ----------------------------------------------------------------------------


def test_every_verb_has_an_example_of_its_document() -> None:
    assert set(examples_of_json()) == set(VERBS)


@pytest.mark.parametrize("words", sorted(set(VERBS) - READS - {"check", "backfill", "drift look"}))
def test_an_acts_document_says_its_outcome_and_whether_it_was_a_try(words: str) -> None:
    for example in examples_of_json()[words]:
        if words == "unleashed webhooks" and "subscriptions" in example:
            continue  # its action list only looks
        assert {"outcome", "dry_run"} <= set(example)


def test_a_shape_that_changes_is_seen() -> None:
    example: dict[str, Any] = {"a": 1, "rows": [{"b": "x"}], "<name>": {"n": 1}}
    assert wrong_with({"a": 2, "rows": [], "p": {"n": 2}, "q": {"n": 3}}, example) == ""
    assert wrong_with({"a": 2, "rows": [{"b": "y"}, {"c": 1}]}, example) == "rows.1: b is missing"
    assert wrong_with({"a": {}, "rows": []}, example) == "a: no object is told of"
    assert wrong_with({"rows": []}, example) == "a is missing"
    assert wrong_with({"a": 1, "rows": [], "p": {"m": 1}}, example) == "p: n is missing"


def test_the_page_of_the_command_has_every_verb_and_every_exit_code() -> None:
    text = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    for words in VERBS:
        assert f"`hub {words}`" in text, words
    for code, means in EXIT_CODES.items():
        assert f"| {code} | {means} |" in text
