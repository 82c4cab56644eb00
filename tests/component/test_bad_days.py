"""docs/operators.md, lived: a morning and three bad days, with the commands that stand there.

Each section's commands are typed in the order of the page, against a real local world; between two
blocks happens what the page tells. What a block of text says is printed, is printed.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

import cli.worlds
from cli.main import hub
from local.simulators.faults import FaultKind
from local.stack import ROOT
from returns_hub.invocation import InvocationClock
from tests.support.canaries import first_in, leaks, secret
from tests.support.provocations import Stage, write_file
from tests.support.stepped import stepped_world

PAGE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
UNKNOWN = "SCARF-NEW"
FENCED = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
BAD = ("CreateExternalReturnFunction", "PollMintsoftFunction")
NEW_TOKEN = secret("new-token")
Meanwhile = Callable[[Stage], None]
on_this_machine = pytest.mark.off_contract("the door that a subscription names is on this machine")


@dataclass(frozen=True)
class Block:
    """Commands, and lines that they print in this order, together."""

    commands: tuple[str, ...]
    prints: tuple[str, ...]


def blocks_of(heading: str) -> list[Block]:
    """The blocks of a section of the page that have any command of ours."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    fences = [(kind, tuple(body.strip().splitlines())) for kind, body in FENCED.findall(section)]
    found = []
    for number, (kind, lines) in enumerate(fences):
        commands = tuple(line for line in lines if line.startswith("hub "))
        if kind == "sh" and commands:
            after = fences[number + 1] if number + 1 < len(fences) else ("", ())
            found.append(Block(commands, after[1] if after[0] == "text" else ()))
    return found


def typed(command: str) -> str:
    """What a command prints. A secret is given on standard input, since nobody can be asked."""
    words = shlex.split(command, comments=True)[1:]
    given = ""
    if words[:2] == ["secrets", "set"]:
        words.append("--from-stdin")
        given = json.dumps({"api_token": NEW_TOKEN})
    ended = CliRunner().invoke(hub, words, input=given, terminal_width=200)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    assert ended.exit_code in {0, 1}, ended.output
    return ended.output


def require_printed(lines: tuple[str, ...], output: str) -> None:
    """Each line is printed, in this order; what stands for … may be anything."""
    printed = iter(" ".join(line.split()) for line in output.splitlines())
    for line in lines:
        wanted = ".*".join(re.escape(part) for part in " ".join(line.split()).split("…"))
        pattern = re.compile(rf"(^|\W){wanted}")
        assert any(pattern.search(one) for one in printed), f"not printed: {line}\n{output}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("days")
    patch = pytest.MonkeyPatch()
    with (
        stepped_world(folder / "state", write_file(folder / "merchants")) as world,
        patch.context(),
    ):
        patch.setattr(cli.worlds, "WORLD_FILE", folder / "state" / "world.json")
        patch.setattr(InvocationClock, "now", lambda _: world.clock())
        made = Stage(world)
        world.step(times=2)
        yield made
        patch.undo()


def live(stage: Stage, heading: str, *between: Meanwhile) -> None:
    """Type a section's commands; before each block what happened meanwhile happens."""
    blocks = blocks_of(heading)
    assert len(blocks) == len(between), heading
    for block, happen in zip(blocks, between, strict=True):
        happen(stage)
        require_printed(block.prints, "\n".join(map(typed, block.commands)))


def nothing(_: Stage) -> None:
    """The next command is typed at once."""


@on_this_machine
def test_a_morning(stage: Stage) -> None:
    def night(stage: Stage) -> None:
        stage.put_return()
        stage.put_return()
        stage.put_return(sku=UNKNOWN)
        stage.at.until(lambda: stage.parked() == 1)
        stage.at.step(times=2)

    def product_is_made(stage: Stage) -> None:
        stage.make_product(UNKNOWN)

    def replayed(stage: Stage) -> None:
        stage.at.until(lambda: stage.parked() == 0)
        stage.at.step(times=2)

    live(stage, "A morning", lambda _: None, night, product_is_made, replayed)


@on_this_machine
def test_a_partner_is_down(stage: Stage) -> None:
    def down(stage: Stage) -> None:
        assert len(stage.at.partners.mintsoft.returns) == 3
        stage.receive_all()
        stage.fail("mintsoft", FaultKind.ERROR_500_BEFORE)
        stage.at.step(times=7)
        assert {"BreakersOpenAlarm", "CursorsStaleAlarm"} <= stage.at.raised()

    def back(stage: Stage) -> None:
        stage.mend("mintsoft")
        stage.at.step(times=6)
        assert stage.at.raised() == set()

    live(stage, "A partner is down", down, nothing, nothing, back)
    payments = stage.at.partners.redo.books.payments
    assert len(payments) == 3
    assert set(payments.values()) == {1}


@on_this_machine
def test_a_key_is_dead(stage: Stage) -> None:
    def revoked(stage: Stage) -> None:
        tokens = stage.at.partners.redo.tokens
        tokens[NEW_TOKEN] = tokens.pop(stage.at.partners.credentials["redo_token"])
        stage.at.step(times=5)
        assert {"KeysFailingAlarm", "CursorsStaleAlarm"} <= stage.at.raised()

    def taken(stage: Stage) -> None:
        stage.at.step(times=5)
        assert stage.at.raised() == set()

    live(stage, "A key is dead", revoked, nothing, nothing, taken)


@on_this_machine
def test_a_bad_deploy(stage: Stage) -> None:
    def deployed(stage: Stage) -> None:
        stage.short_lived("ApprovedReturns")
        stage.at.deploy_broken(*BAD)
        stage.put_return()
        stage.at.until(lambda: stage.at.world.waiting("ApprovedReturnsDeadLetterQueue") == 1)
        stage.at.step(times=7)
        # Catching up tells of the return once more, and that message fails as well.
        stage.at.until(lambda: stage.at.world.waiting("ApprovedReturnsDeadLetterQueue") == 2)
        stage.at.step(times=4)
        assert {
            "PollMintsoftErrorsAlarm",
            "PollMintsoftNotStartedAlarm",
            "ApprovedReturnsDeadLetterAlarm",
        } <= stage.at.raised()

    def deployed_before(stage: Stage) -> None:
        stage.long_lived("ApprovedReturns")
        stage.at.deploy_before()
        stage.at.step(times=2)

    def done(stage: Stage) -> None:
        stage.at.until(lambda: len(stage.at.partners.mintsoft.returns) == 4)
        stage.at.step(times=6)
        assert stage.at.raised() == set()

    live(stage, "A bad deploy", deployed, deployed_before, nothing, done)


def test_what_is_not_printed_is_seen() -> None:
    require_printed(("all quiet: …", "drift 0 open"), "x\n all  quiet: 7\ndrift      0 open; y")
    for lines in (("all loud",), ("drift 0 open", "all quiet: …")):
        with pytest.raises(AssertionError, match="not printed"):
            require_printed(lines, "all quiet: 7\ndrift 0 open")


def test_nothing_planted_is_in_what_the_functions_wrote(stage: Stage) -> None:
    """After all of these days, with refused keys and partners that were away: logs of the real
    processes, every table and every queue."""
    logs = list((stage.at.folder / "logs").glob("*.log"))
    written = "\n".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)
    assert written.count("partner call") > 50
    assert first_in(written) == ""
    assert list(leaks(stored(stage))) == []


def stored(stage: Stage) -> dict[str, str]:
    """Every item of the stack's tables, and every message of its queues: place -> text."""
    made = stage.hub
    found = {}
    for page in made.dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            rows = made.dynamodb.get_paginator("scan").paginate(TableName=name)
            found[name] = repr([row["Items"] for row in rows])
    assert sum(len(text) > 2 for text in found.values()) >= 5
    for url in made.sqs.list_queues()["QueueUrls"]:
        asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 1}
        messages = made.sqs.receive_message(QueueUrl=url, **asked).get("Messages", [])
        found[f"queue {url}"] = repr([message["Body"] for message in messages])
    return found
