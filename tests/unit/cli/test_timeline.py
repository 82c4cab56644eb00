"""hub timeline: one return's story, named in any way that somebody has in hand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cli.ages import age
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.domain.facts import (
    Event,
    ExternalReturnMade,
    Fact,
    OperatorActed,
    Parked,
    Seen,
)
from returns_hub.domain.merchant import Merchant
from tests.support.fakes import START
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

PAT = "arn:aws:sts::1:assumed-role/Operators/pat"
DAY = timedelta(days=1)


def seen(order: str) -> Seen:
    return Seen(
        source="webhook",
        return_type="return",
        status="open",
        portal_updated_at=START,
        order_names=(order,),
    )


def told(made: Hub, return_id: str, *facts: tuple[Fact, timedelta, str]) -> None:
    state = made.returns.load("example", return_id)
    for number, (fact, after, who) in enumerate(facts, start=1):
        event = Event(
            sequence=number, at=START + after, actor=who, rule="R12", config_version=4, fact=fact
        )
        state = made.returns.append(state, [event])


@pytest.fixture
def known(made: Hub) -> Hub:
    """A hub with one merchant and a return on which a person acted."""
    made.merchants.apply(Merchant.model_validate(merchant_file()), "sam", after=0)
    parked = Parked(flow="f", code="x.y", reason="the product is unknown", parked_id="f/ret_1")
    told(
        made,
        "ret_1",
        (seen("EX-5501"), timedelta(0), "hub"),
        (parked, timedelta(hours=1), "hub"),
        (OperatorActed(act="replayed", subject="f/ret_1", note="made it"), DAY, PAT),
        (parked, DAY + timedelta(minutes=1), "hub"),
    )
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("ret_1",),
        ("example", "ret_1"),
        ("ret_1", "--merchant", "example"),
        ("example", "ret_1", "--merchant", "example"),
        ("#EX-5501",),
        ("example", "ex-5501"),
    ],
    ids=" ".join,
)
def test_a_return_is_named_as_somebody_knows_it(
    known: Hub, command: Command, words: tuple[str, ...]
) -> None:
    result = command("timeline", *words)
    assert result.exit_code == 0, result.output
    assert "return ret_1 of example, order EX-5501" in result.stdout


def test_a_return_is_found_by_its_number_in_the_warehouse(known: Hub, command: Command) -> None:
    made_there = ExternalReturnMade(shipment="sg_one", external_return_id=4711, how="sent")
    told(known, "ret_2", (seen("EX-9"), timedelta(0), "hub"), (made_there, DAY, "hub"))
    assert "return ret_2 of example" in command("timeline", "4711").stdout


def test_a_story_is_told_day_by_day_with_who_and_what_it_waits_for(
    known: Hub, command: Command
) -> None:
    story = command("timeline", "ret_1").stdout
    lines = [line.strip() for line in story.splitlines()]
    assert lines[1].startswith("2026-03-02")
    assert lines[4].startswith("2026-03-03")
    assert "Monday" in lines[1]
    assert lines[1].endswith("ago")
    assert lines[5].startswith("09:00:00")
    assert "pat: " in lines[5]
    assert "made it" in lines[5]
    assert any(line.startswith("waits for: a person, since 2026-03-03 09:01") for line in lines)
    assert "a person is asked: hub parked show example f/ret_1" in lines
    assert "R12" not in story
    assert PAT not in story
    assert "\x1b[" not in story


def test_rules_and_versions_are_told_where_they_are_asked_for(known: Hub, command: Command) -> None:
    story = command("timeline", "ret_1", "--rules").stdout
    assert story.count("R12, configuration v4") == 4
    assert f"by {PAT}" in story.replace("\n", "")


def test_what_a_person_did_not_bring_to_its_end_is_told(known: Hub, command: Command) -> None:
    act = Act(
        act_id="a",
        at=known.clock.now(),
        who=PAT,
        through="hub",
        verb="returns status",
        merchant="example",
        return_id="ret_1",
        subject="rejected",
        outcome="refused",
        told="Redo says no",
    )
    for name, outcome in (("a", "refused"), ("b", "done"), ("c", "asked")):
        known.audit.record(act.model_copy(update={"act_id": name, "outcome": outcome}))
    story = " ".join(command("timeline", "ret_1").stdout.split())
    assert story.count("pat: returns status rejected: refused: Redo says no") == 1
    assert story.count("cut off, or still at work") == 1
    assert "rejected: done" not in story


def test_machines_get_the_entries_as_they_are_kept(known: Hub, command: Command) -> None:
    rows = json.loads(command("timeline", "#ex-5501", "--json").stdout)
    assert [row["sequence"] for row in rows] == [1, 2, 3, 4]
    assert rows[2]["actor"] == PAT


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("ret_9",), 1, "example has no return ret_9"),
        (("nobody", "ret_1"), 1, "no merchant 'nobody'"),
        (("a", "b", "c"), 2, "goes into quotes"),
        (("example", "ret_1", "--merchant", "other"), 2, "give one of them"),
    ],
)
def test_what_names_no_return_is_refused(
    known: Hub, command: Command, words: tuple[str, ...], code: int, said: str
) -> None:
    result = command("timeline", *words)
    assert result.exit_code == code
    assert said in result.output


def test_an_order_of_several_returns_is_asked_back(known: Hub, command: Command) -> None:
    told(known, "ret_2", (seen("EX-5501"), timedelta(0), "hub"))
    result = command("timeline", "EX-5501")
    assert result.exit_code == 1
    for word in ("is several", "ret_1", "ret_2", "waits for"):
        assert word in result.output


def test_with_several_merchants_one_is_named(known: Hub, command: Command) -> None:
    second = Merchant.model_validate(merchant_file(merchant="example-2"))
    known.merchants.apply(second, "sam", after=0)
    result = command("timeline", "ret_1")
    assert result.exit_code == 2
    assert "say --merchant" in result.output


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (86399, "23 h 59 min"),
        (90000, "1 d 1 h"),
        (86400 * 30 + 3600, "30 d"),
    ],
)
def test_an_age_is_told_in_two_units_at_most(seconds: int, words: str) -> None:
    assert age(timedelta(seconds=seconds)) == words
