"""How the command asks, refuses, ends, completes and draws, whatever the verb."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from click.testing import CliRunner, Result

from cli import asking, known_words, progress, terminal, worlds
from cli.__main__ import heed_streams
from cli.aws_words import aws_in_words
from cli.filters import one_by_one
from cli.main import hub
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.ports import ParkedItem
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    return made


def park(made: Hub, *ids: str, merchant: str = "example") -> None:
    for parked_id in ids:
        made.parking.park(
            ParkedItem(merchant, parked_id, "redo_webhook", "event.invalid", "why", "r1", "{}")
        )


def open_ids(made: Hub) -> list[str]:
    return sorted(item.parked_id for item in made.parking.list_parked("example"))


# -- MERCHANT and --merchant ------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "show", "example"),
        ("policy", "show", "--merchant", "example"),
        ("policy", "show", "example", "--merchant", "example"),
        ("policy", "show"),
    ],
    ids=" ".join,
)
def test_a_merchant_is_a_word_or_an_option_or_the_only_one(
    applied: Hub, command: Command, words: tuple[str, ...]
) -> None:
    done = command(*words)
    assert (done.exit_code, "example v1" in done.stdout) == (0, True)


def test_two_merchants_that_differ_are_refused(applied: Hub, command: Command) -> None:
    done = command("policy", "show", "example", "--merchant", "other")
    assert done.exit_code == 2
    assert "MERCHANT says example and --merchant says other" in done.stderr


def test_without_a_name_one_of_several_is_never_chosen(applied: Hub, command: Command) -> None:
    applied.merchants.apply(Merchant.model_validate(merchant_file(merchant="b")), "test", after=0)
    done = command("policy", "show")
    assert (done.exit_code, "there are: b, example" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "merchant", "rest"),
    [
        (("orders", "show", "example", "1001"), "example", {"order": "1001"}),
        (("orders", "show", "1001"), None, {"order": "1001"}),
        (("orders", "show", "1001", "--merchant", "b"), "b", {"order": "1001"}),
        (("unleashed", "plan", "example", "orders"), "example", {"flows": ("orders",)}),
        (("unleashed", "plan", "orders", "stock"), None, {"flows": ("orders", "stock")}),
        (("unleashed", "plan", "--merchant", "b", "orders"), "b", {"flows": ("orders",)}),
        (("unleashed", "plan", "example"), "example", {"flows": ()}),
        (("withdrawn", "done", "5", "6", "--note", "x"), None, {"external_return_ids": (5, 6)}),
        (("withdrawn", "done", "b", "6", "--note", "x"), "b", {"external_return_ids": (6,)}),
        (
            ("withdrawn", "done", "5", "6", "--note", "x", "--merchant", "5"),
            "5",
            {"external_return_ids": (6,)},
        ),
    ],
    ids=str,
)
def test_words_without_a_merchant_are_told_from_those_with_one(
    words: tuple[str, ...], merchant: str | None, rest: dict[str, Any]
) -> None:
    verb: click.Command = hub
    names = list(words)
    while isinstance(verb, click.Group):
        verb = verb.commands[names.pop(0)]
    with verb.make_context("x", names) as ctx:
        given = ctx.params
    assert (given["merchant"] or given["merchant_word"]) == merchant
    assert rest.items() <= given.items()


def test_a_word_that_is_neither_merchant_nor_flow_is_refused(
    applied: Hub, command: Command
) -> None:
    done = command("unleashed", "plan", "nonsense", "orders", "--merchant", "example")
    assert (done.exit_code, "MERCHANT says nonsense" in done.stderr) == (2, True)


# -- asking -----------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_asked_and_it_is_said_what_to_give(
    applied: Hub, command: Command
) -> None:
    park(applied, "a", "b")
    done = command("parked", "discard", "--all", "--note", "x")
    assert done.exit_code == 2
    assert "no terminal" in done.stderr
    assert "--yes" in done.stderr
    assert open_ids(applied) == ["a", "b"]


def test_a_no_does_nothing_and_a_yes_does_it(applied: Hub, command: Command) -> None:
    park(applied, "a", "b")
    no = command("parked", "discard", "--all", "--note", "x", given="n\n")
    assert (no.exit_code, open_ids(applied)) == (1, ["a", "b"])
    yes = command("parked", "discard", "--all", "--note", "x", "--json", given="y\n")
    assert json.loads(yes.stdout)["counts"] == {"discarded": 2}
    assert open_ids(applied) == []


def test_credentials_are_not_asked_for_without_a_terminal(applied: Hub, command: Command) -> None:
    done = command("secrets", "set", "example", "mintsoft")
    assert (done.exit_code, "--from-stdin" in done.stderr) == (2, True)


# -- one document -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("parked", "show", "example", "nothing", "--json"), "refused", 1),
        (("parked", "list", "--nonsense", "--json"), "usage", 2),
        (("prked", "list", "--json"), "usage", 2),
        (("policy", "show", "nobody", "--json"), "refused", 1),
    ],
    ids=str,
)
def test_an_error_is_the_one_document(
    applied: Hub, command: Command, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    done = command(*words)
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["code"], error["exit_code"]) == (exit_code, code, exit_code)
    assert error["message"].split()[0] in done.stderr


def test_json_behind_two_dashes_is_a_word_of_the_persons(applied: Hub, command: Command) -> None:
    done = CliRunner().invoke(hub, ["policy", "show", "--", "--json"])
    assert (done.exit_code, done.stdout) == (1, "")


def test_a_verb_that_fails_after_its_document_says_no_second_one(
    applied: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(**_: Any) -> None:
        terminal.say_json({"told": True})
        raise worlds.CommandError("and then", 3)

    monkeypatch.setattr(hub.commands["catch-up"], "callback", said)
    done = CliRunner().invoke(hub, ["catch-up", "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (3, {"told": True})
    assert "and then" in done.stderr


# -- ends -------------------------------------------------------------------------------------


def test_an_interrupted_act_says_how_far_it_came(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    park(applied, "a", "b", "c")
    real, left = applied.parking.close, [1]

    def once(*given: Any) -> bool:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return real(*given)

    monkeypatch.setattr(applied.parking, "close", once)
    words = ("parked", "discard", "--all", "--note", "x", "--yes", "--rate", "100", "--json")
    done = command(*words)
    assert done.exit_code == 130
    assert "1 discarded of 3" in json.loads(done.stdout)["error"]["message"]
    assert len(open_ids(applied)) == 2


def test_an_interrupted_look_changed_nothing(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(applied.parking, "list_parked", stop)
    done = command("parked", "list")
    assert (done.exit_code, "nothing was changed" in done.stderr) == (130, True)


class Full(io.StringIO):
    """A file on a disk that is full."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("words", [["config", "schema"], ["privacy", "map"]], ids=" ".join)
def test_a_disk_that_is_full_is_no_fault_of_ours(
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(SystemExit) as ended:
        hub.main(words)
    assert ended.value.code == 1
    told = "Error: what is said cannot be written: No space left on device; nothing was changed"
    assert capsys.readouterr().err.strip() == told
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_our_own_leaves_its_trace_in_a_file_alone(
    applied: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise LookupError("jo@example.test")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(applied.parking, "list_parked", stop)
    done = CliRunner().invoke(hub, ["parked", "list", "--json"])
    (file,) = (tmp_path / "returns-hub").iterdir()
    assert done.exit_code == 70
    assert json.loads(done.stdout)["error"]["code"] == "fault"
    assert str(file) in done.stderr
    assert "Traceback" not in done.output
    assert "jo@example.test" not in done.output
    assert "LookupError: jo@example.test" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ProfileNotFound(profile="work"), "aws configure list-profiles"),
        (EndpointConnectionError(endpoint_url="https://x.test"), "is there a network"),
        (ClientError({"Error": {"Code": "ExpiredToken"}}, "X"), "aws sso login --profile work"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "X"), "may not do that"),
        (ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "X"), "deploy this release"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_AWS_refuses_is_told_with_what_to_do(error: Any, says: str) -> None:
    assert says in aws_in_words(error, "work")


def test_an_expired_sign_in_within_a_verb_is_no_fault(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "ExpiredTokenException"}}, "Query")

    monkeypatch.setattr(applied.parking, "list_parked", stop)
    done = command("parked", "list")
    assert (done.exit_code, "sign in again" in done.stderr) == (3, True)


# -- where ------------------------------------------------------------------------------------


def test_the_stack_is_named_by_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[tuple[Any, ...]] = []

    def reach(*given: Any) -> Any:
        named.append(given)
        raise click.UsageError("enough")

    monkeypatch.setattr("cli.main.Reach", reach)
    CliRunner().invoke(hub, ["catch-up"], env={"HUB_STACK": "of-env"})
    CliRunner().invoke(hub, ["--stack", "given", "catch-up"], env={"HUB_STACK": "of-env"})
    assert [one[0] for one in named] == ["of-env", "given"]


def test_the_region_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def session(**given: Any) -> Any:
        asked.append(given)
        raise ProfileNotFound(profile="x")

    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setattr(boto3.session, "Session", session)
    done = CliRunner().invoke(hub, ["--stack", "s", "config", "list"])
    assert (done.exit_code, asked[0]["region_name"]) == (3, "eu-north-1")


def test_the_release_is_told() -> None:
    assert CliRunner().invoke(hub, ["--version"]).stdout.startswith("hub 1.")


@pytest.mark.parametrize("option", ["--stack", "--region", "--profile"])
def test_where_is_said_before_the_verb(option: str) -> None:
    done = CliRunner().invoke(hub, ["parked", "list", option, "x"])
    assert (done.exit_code, f"before the verb, hub {option}" in done.stderr) == (2, True)


# -- the manual and completion ----------------------------------------------------------------


def test_the_manual_has_every_page() -> None:
    text = CliRunner().invoke(hub, ["man"]).stdout
    roff = CliRunner().invoke(hub, ["man", "--format", "roff"]).stdout
    told = json.loads(CliRunner().invoke(hub, ["man", "--json"]).stdout)["verbs"]
    for page in told:
        assert page["verb"].upper() in text
        assert page["says"].split(",")[0].replace("-", "\\-")[:40] in roff
    assert len(told) > 80
    assert roff.startswith(".TH HUB 1")


def test_the_roff_is_a_manual_page(tmp_path: Path) -> None:
    man = shutil.which("man") or shutil.which("groff")
    roff = CliRunner().invoke(hub, ["man", "--format", "roff"]).stdout
    # A line that begins with a full stop is a request: only those that we mean may.
    requests = {line.split(" ")[0] for line in roff.splitlines() if line.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi"}
    if man and man.endswith("groff"):
        (tmp_path / "hub.1").write_text(roff, encoding="utf-8")
        done = subprocess.run(
            [man, "-man", "-Tascii", "-ww", str(tmp_path / "hub.1")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "warning" not in done.stderr


def test_standard_output_may_be_closed() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m cli privacy map >&-', sys.executable],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "layers/shared:."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_letter_that_the_terminal_lacks_is_written_as_an_escape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="latin-1"))
    heed_streams()
    terminal.console().print("→ é")
    sys.stdout.flush()
    assert written.getvalue() == b"\\u2192 \xe9\n"


@pytest.mark.parametrize("words", [(), ("parked",), ("parked", "replay")], ids=str)
def test_help_shows_the_page_that_the_option_shows(words: tuple[str, ...]) -> None:
    by_verb = CliRunner().invoke(hub, ["help", *words]).stdout
    assert by_verb == CliRunner().invoke(hub, [*words, "--help"]).stdout


def test_help_of_what_there_is_not_suggests() -> None:
    done = CliRunner().invoke(hub, ["help", "parked", "replya"])
    assert (done.exit_code, "'replay'" in done.stderr) == (2, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_one_of_its_shell(shell: str) -> None:
    done = CliRunner().invoke(hub, ["completion", shell])
    assert done.exit_code == 0
    assert "_HUB_COMPLETE" in done.stdout
    assert done.stdout.startswith("# ")
    found = shutil.which(shell)
    if found:
        subprocess.run([found, "-n"], input=done.stdout, text=True, check=True)


def complete(*words: str) -> list[str]:
    env = {
        "_HUB_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["hub", *words]),
        "COMP_CWORD": str(len(words)),
    }
    told: Result = CliRunner().invoke(hub, [], env=env, prog_name="hub")
    return [line.partition(",")[2] for line in told.output.splitlines() if line]


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_verbs_options_merchants_and_parked_work_are_completed(applied: Hub, cache: Path) -> None:
    park(applied, "create_external_return/r1", "other/2")
    assert complete("par") == ["parked"]
    assert "replay" in complete("parked", "")
    assert complete("parked", "list", "--old") == ["--older-than"]
    assert complete("policy", "show", "ex") == ["example"]
    assert complete("policy", "show", "--merchant", "") == ["example"]
    assert complete("parked", "show", "example", "cre") == ["create_external_return/r1"]
    assert complete("parked", "replay", "--merchant", "example", "") == [
        "create_external_return/r1",
        "other/2",
    ]
    assert complete("help", "parked", "disc") == ["discard"]


def test_completed_words_are_kept_for_a_while(
    applied: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert complete("policy", "show", "") == ["example"]
    monkeypatch.setattr(worlds.Reach, "hub", lambda _: pytest.fail("it was asked again"))
    assert complete("policy", "show", "") == ["example"]
    (kept,) = cache.rglob("words-*.json")
    os.utime(kept, (0, 0))
    monkeypatch.setattr(worlds.Reach, "hub", lambda _: 1 / 0)
    assert complete("policy", "show", "") == []
    kept.write_text("{", encoding="utf-8")
    assert complete("policy", "show", "") == []


def test_a_hub_that_does_not_answer_completes_nothing_and_says_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "none.json")
    assert complete("policy", "show", "") == []
    monkeypatch.setattr(known_words, "PATIENCE", 0.0)
    assert complete("--stack", "x", "policy", "show", "") == []


# -- tables -----------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A terminal of so many columns."""

    def isatty(self) -> bool:
        return True


def drawn(monkeypatch: pytest.MonkeyPatch, columns: int, out: io.StringIO) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", out)
    rows = terminal.table("id", "what", "why")
    rows.add_row("66aa01f0c0ffee0000000001" * 3, "[red]wrong[/]", "a long story " * 20)
    terminal.console().print(rows)
    return out.getvalue()


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_table_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = drawn(monkeypatch, columns, Screen())
    plain = click.unstyle(text)
    assert max(map(len, plain.splitlines())) <= columns
    # Folded, not cut: every character of the id is there.
    assert plain.replace("\n", "").count("c") == 3


@pytest.mark.parametrize("sku", ["TEE:M:RED", "A:100:B", ":x:", "[red]TEE[/]"])
def test_a_sku_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch, sku: str) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    rows = terminal.table("sku")
    rows.add_row(terminal.shown(sku))
    terminal.console().print(rows)
    terminal.console().print(terminal.shown(sku))
    assert out.getvalue().split() == ["sku", sku, sku]


def test_a_pipe_gets_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" not in drawn(monkeypatch, 80, io.StringIO())


def test_a_terminal_without_colour_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = drawn(monkeypatch, 80, Screen())
    monkeypatch.setenv("NO_COLOR", "1")
    plain = drawn(monkeypatch, 80, Screen())
    assert "\x1b[31m" in coloured
    assert "\x1b[31m" not in plain


def test_acts_at_a_pace_say_how_far_they_are_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PLAIN_EVERY", 0.0)
    assert one_by_one(iter("abc"), lambda _: "done", of=3, rate=100) == {"done": 3}
    told = capsys.readouterr()
    assert (told.out, "3 of 3" in told.err) == ("", True)


def test_a_question_never_goes_where_documents_go(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def asks() -> None:
        asking.require_yes("go on?", yes=False)

    monkeypatch.setattr(asking, "is_terminal", lambda: True)
    done = CliRunner().invoke(asks, input="y\n")
    assert (done.exit_code, "go on?" in done.stderr, done.stdout) == (0, True, "")
