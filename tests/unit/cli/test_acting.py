"""Every command that writes is on record before it writes, and how it ended after."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from cli import acting, worlds
from cli.declared import READS
from cli.main import hub
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports import ParkedItem
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.test_messages import GOOD as EVENT

GOOD = json.dumps(EVENT)
PAT = "arn:aws:iam::1:user/pat"


def leaves(group: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something by itself, by its words."""
    if not isinstance(group, click.Group):
        yield " ".join(words), group
        return
    if words and group.invoke_without_command:
        yield " ".join(words), group
    for name, command in group.commands.items():
        yield from leaves(command, (*words, name))


LEAVES = dict(leaves(hub))


@pytest.mark.parametrize("words", sorted(LEAVES))
def test_every_command_is_declared_as_one_that_reads_or_one_that_acts(words: str) -> None:
    acts = hasattr(LEAVES[words].callback, "__acts__")
    assert acts is not (words in READS), (
        f"{words}: decorate it with @acts, or add it to declared.READS"
    )


def test_what_is_declared_as_reading_exists() -> None:
    assert set(LEAVES) >= READS


def all_acts(made: Hub) -> list[Act]:
    now, long_ago = made.clock.now() + timedelta(hours=1), made.clock.now() - timedelta(days=2)
    return [
        act
        for merchant in ("", "example", "example-2")
        for act in made.audit.of_merchant(merchant, long_ago, now, newest_first=False)
    ]


def the_act(made: Hub) -> Act:
    (found,) = all_acts(made)
    return found


@pytest.fixture
def applied(made: Hub) -> Hub:
    """A hub with one merchant, and nobody's act."""
    made.merchants.apply(Merchant.model_validate(merchant_file()), "sam", after=0)
    return made


@pytest.fixture
def parked(applied: Hub) -> Hub:
    """The same with one item for a person."""
    applied.parking.park(
        ParkedItem("example", "p-1", "create_external_return", "x.y", "why", "ret_1", GOOD)
    )
    return applied


def test_an_act_is_recorded_with_who_what_and_how_it_ended(parked: Hub, command: Command) -> None:
    result = command("parked", "discard", "p-1", "--note", " by hand ", "--rate", "2")
    assert result.exit_code == 0, result.output
    act = the_act(parked)
    assert act == Act(
        act_id=act.act_id,
        at=act.at,
        who=PAT,
        through="hub",
        verb="parked discard",
        merchant="example",
        subject="p-1",
        details={"ids": "p-1", "rate": "2.0"},
        note="by hand",
        outcome="done",
        told="1 discarded",
        config_version=1,
    )


def test_it_is_recorded_before_anything_is_done(
    parked: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood: list[str] = []
    really = parked.parking.close

    def close(*given: Any) -> bool:
        stood.append(the_act(parked).outcome)
        return really(*given)

    monkeypatch.setattr(parked.parking, "close", close)
    command("parked", "discard", "p-1", "--note", "x")
    assert stood == ["asked"]
    assert the_act(parked).outcome == "done"


def test_what_cannot_be_recorded_is_not_done(
    parked: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Act) -> None:
        raise Retryable("dynamodb.busy", "the table is busy")

    monkeypatch.setattr(parked.audit, "record", refuse)
    result = command("parked", "discard", "p-1", "--note", "x")
    assert result.exit_code == worlds.UNREACHABLE
    assert "nothing was done, for it could not be recorded who does it" in result.output
    assert [item.state for item in parked.parking.list_parked("example")] == ["open"]


def test_nobody_acts_whose_name_aws_does_not_tell(
    parked: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_: object) -> str:
        raise worlds.CommandError("AWS does not say who you are", worlds.UNREACHABLE)

    monkeypatch.setattr(worlds.Reach, "caller", nobody)
    result = command("parked", "discard", "p-1", "--note", "x")
    assert result.exit_code == worlds.UNREACHABLE
    assert [item.state for item in parked.parking.list_parked("example")] == ["open"]
    assert all_acts(parked) == []


def test_an_end_that_cannot_be_recorded_is_told_and_changes_nothing(
    parked: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = parked.audit.record

    def only_asked(act: Act) -> None:
        if act.outcome != "asked":
            raise Retryable("dynamodb.busy", "the table is busy")
        really(act)

    monkeypatch.setattr(parked.audit, "record", only_asked)
    result = command("parked", "discard", "p-1", "--note", "x")
    assert result.exit_code == 0
    assert "how this ended could not be recorded" in result.output
    assert the_act(parked).outcome == "asked"


def test_a_stack_of_an_earlier_release_warns_once_and_goes_on(
    parked: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = parked.settings.model_copy(update={"audit_table": ""})
    monkeypatch.setattr(parked, "settings", earlier)
    result = command("parked", "discard", "p-1", "--note", "x")
    assert result.exit_code == 0
    assert result.output.count("keeps no record of acts") == 1
    assert parked.parking.list_parked("example") == ()
    monkeypatch.undo()


def test_a_dry_run_and_a_look_are_nobodys_act(parked: Hub, command: Command) -> None:
    for words in (
        ["parked", "discard", "p-1", "--note", "x", "--dry-run"],
        ["parked", "replay", "p-1", "--dry-run"],
        ["dlq", "replay", "--all", "--dry-run"],
        ["parked", "list"],
        ["config", "list"],
        ["backfill", "list"],
        ["secrets", "status", "example"],
        ["timeline", "example", "ret_1"],
    ):
        command(*words)
    assert all_acts(parked) == []


@pytest.mark.parametrize(
    ("words", "given", "outcome", "told"),
    [
        (["parked", "discard", "--note", "x"], None, "refused", "say which"),
        (["parked", "discard", "--all", "--note", "x"], "n\n", "refused", "did not go on"),
        (["parked", "discard", "p-9", "--note", "x"], None, "done", "nothing that is parked fits"),
        (["returns", "status", "ret_1", "rejected", "--yes"], None, "failed", "redo"),
        (["withdrawn", "done", "example", "41", "--note", "x"], None, "refused", "41"),
    ],
)
def test_how_an_act_ended(
    parked: Hub, command: Command, words: list[str], given: str | None, outcome: str, told: str
) -> None:
    parked.parking.park(ParkedItem("example", "p-2", "f", "x.y", "why", "ret_2", GOOD))
    command(*words, given=given)
    act = the_act(parked)
    assert (act.outcome, act.verb) == (outcome, " ".join(words[:2]))
    assert told in act.told


@pytest.mark.parametrize(
    ("ended", "exit_code", "outcome", "told"),
    [
        (Retryable("a.b", "busy for now"), 3, "failed", "busy for now"),
        (Permanent("a.b", "not so"), 1, "refused", "not so"),
        (KeyboardInterrupt(), 130, "failed", "interrupted"),
        (SystemExit(3), 3, "failed", ""),
        (SystemExit(1), 1, "refused", ""),
        (SystemExit(0), 0, "done", ""),
    ],
)
def test_how_an_act_ended_that_was_stopped(
    parked: Hub,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    ended: BaseException,
    exit_code: int,
    outcome: str,
    told: str,
) -> None:
    def stop(*_: object) -> bool:
        raise ended

    monkeypatch.setattr(parked.parking, "close", stop)
    result = command("parked", "discard", "p-1", "--note", "x")
    assert result.exit_code == exit_code
    assert the_act(parked).outcome == outcome
    assert told in the_act(parked).told


def test_a_fault_of_the_hubs_own_is_recorded_without_its_words(
    parked: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def stop(*_: object) -> bool:
        raise LookupError("jo@example.test")

    monkeypatch.setattr(parked.parking, "close", stop)
    result = CliRunner().invoke(hub, ["parked", "discard", "p-1", "--note", "x"])
    assert result.exit_code == 70
    assert "jo@example.test" not in result.output
    assert (the_act(parked).outcome, the_act(parked).told) == ("failed", "LookupError")


def test_what_is_secret_or_written_to_people_is_never_recorded(
    applied: Hub, command: Command, tmp_path: Path
) -> None:
    word = "heron-22"
    body = tmp_path / "body.json"
    body.write_text(GOOD.replace("r1", word), encoding="utf-8")
    command("secrets", "set", "example", "redo", "--from-stdin", given=f'{{"api_token": "{word}"}}')
    command("returns", "comment", "ret_1", f"tell {word} that", "--yes")
    command("returns", "comment", "ret_1", f"tell {word} that", given="n\n")
    command("miinto", "rma", "decline", "miinto-1-2-3", "--reason", word, "--yes")
    command("dlq", "edit", "m-1", "--body", str(body), "--yes")
    command("publish", str(body))
    kept = [act for act in all_acts(applied) if act.verb != "publish"]
    assert len(kept) == 5
    assert [act for act in kept if word in act.model_dump_json()] == []
    told = {act.verb: act.details for act in kept}
    assert told["returns comment"] == {"return_": "ret_1", "text": "(given)"}
    assert told["miinto rma decline"]["reason"] == "(given)"
    assert told["dlq edit"] == {"message_id": "m-1", "file": "(given)"}
    assert told["secrets set"] == {"name": "redo", "from_stdin": "yes"}


def test_a_file_names_whose_act_it_is(made: Hub, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    made.merchants.apply(
        Merchant.model_validate(merchant_file(merchant="example-2")), "sam", after=0
    )
    file.write_text(json.dumps(merchant_file()), encoding="utf-8")
    assert command("config", "apply", str(file), "--yes").exit_code == 0
    assert command("config", "apply", str(file), "--yes").exit_code == 0
    first, second = all_acts(made)
    assert (first.merchant, first.subject, first.config_version) == ("", "example.yaml", 0)
    assert first.details["merchant"] == "example"
    assert first.told == "example: version 1 is live"
    assert (second.merchant, second.config_version) == ("example", 1)


def test_an_event_names_whose_and_which_return_it_is(applied: Hub, command: Command) -> None:
    assert command("publish", "-", given=GOOD).exit_code == 0
    act = the_act(applied)
    assert (act.merchant, act.return_id) == ("example", EVENT["return_id"])
    assert act.details == {"file": "(given)"}


def test_a_mistake_that_shows_before_the_hub_is_asked_is_nobodys_act(
    applied: Hub, command: Command, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("merchant: example\n", encoding="utf-8")
    assert command("config", "apply", str(wrong)).exit_code == 1
    assert command("publish", "-", given="{").exit_code == 1
    assert all_acts(applied) == []


def test_of_many_only_the_first_are_listed(parked: Hub, command: Command) -> None:
    ids = [f"p-{number}" for number in range(30)]
    command("parked", "discard", *ids, "--note", "x", "--yes")
    assert the_act(parked).details["ids"].endswith("p-19 and 10 more")


def test_an_act_on_the_local_stack_is_the_users(
    parked: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worlds.Reach, "caller", lambda _self: worlds._user())
    command("parked", "discard", "p-1", "--note", "x")
    assert the_act(parked).who == worlds._user()
    assert the_act(parked).who


def test_a_check_keeps_what_it_proves_and_a_walk_on_this_machine_nothing(
    applied: Hub, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> Iterator[None]:
        yield from ()

    monkeypatch.setattr("cli.check_verb.walk_here", nothing)
    command("check", "example", "--end-to-end")
    assert all_acts(applied) == []
    command("check", "example", "--area", "secrets")
    assert the_act(applied).verb == "check"


def test_the_screen_is_the_users_again_after_an_act(parked: Hub, command: Command) -> None:
    import sys

    before = sys.stdout
    command("parked", "discard", "p-1", "--note", "x")
    assert sys.stdout is before
    assert os.fstat(1)
    assert acting.LONGEST
