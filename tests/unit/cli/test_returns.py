"""hub returns: one return is shown, its status set, a comment added, by a person's hand."""

from __future__ import annotations

import json
import re

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import RedoSimulator, Settings
from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.merchant import Merchant
from tests.support.worlds import TOKEN, item, merchant_file, redo_return, shipment
from tests.unit.cli.conftest import Command, Partners

PAT = "arn:aws:iam::1:user/pat"


@pytest.fixture
def redo(partners: Partners, made: Hub) -> RedoSimulator:
    """A portal with the returns r1 (#5501), r2 and r3 (both #77)."""
    core = RedoSimulator()
    core.seed({"store_id": "store", "tokens": {TOKEN: ["returns_read", "returns_write"]}})
    content = merchant_file()
    partners.cores[content["redo"]["base_url"]] = core
    made.merchants.apply(Merchant.model_validate(content), "test", after=0)
    made.secrets.write("example", "redo", {"api_token": TOKEN})
    lines = [item(1, "TEE", 2), item(2, "MUG", greenReturn=True)]
    core.put(redo_return(lines, id="r1", shipments=[shipment()]), [])
    for name in ("r2", "r3"):
        core.put(redo_return(lines, id=name, order={"id": "o2", "name": "#77"}), [])
    return core


def acts(made: Hub, return_id: str = "r1") -> list[tuple[str, str, str]]:
    return [
        (event.fact.act, event.fact.outcome, event.actor)
        for event in made.returns.timeline("example", return_id)
        if isinstance(event.fact, OperatorActed)
    ]


def writes(redo: RedoSimulator) -> int:
    return sum(n for call, n in redo.calls.counts.items() if not call.startswith("GET"))


def test_a_return_is_shown_with_where_the_hub_stands(redo: RedoSimulator, command: Command) -> None:
    told = command("returns", "show", "r1")
    content = json.loads(command("returns", "show", "r1", "--json").stdout)

    assert told.exit_code == 0, told.output
    for words in ("return r1 (#5501): open", "TEE", "kept by the customer", "RM-sg_one"):
        assert words in told.stdout
    assert "the hub has not seen this return" in told.stdout
    assert (content["portal"]["id"], content["hub"]) == ("r1", None)
    command("returns", "status", "r1", "flagged", "--yes")
    known = command("returns", "show", "r1").stdout
    assert "the hub: not_seen; its story: hub timeline example r1" in " ".join(known.split())
    assert "example.test" not in told.stdout


@pytest.mark.parametrize("arguments", [["#5501"], ["5501x", "--order"]])
def test_a_return_is_found_by_its_orders_name(
    redo: RedoSimulator, command: Command, arguments: list[str]
) -> None:
    redo.returns["r1"]["order"]["name"] = arguments[0]

    assert "return r1" in command("returns", "show", *arguments).stdout


def test_an_order_with_several_returns_or_none_is_told(
    redo: RedoSimulator, command: Command
) -> None:
    several = command("returns", "status", "#77", "flagged", "--yes")
    none = command("returns", "status", "#78", "flagged", "--yes")

    assert (several.exit_code, none.exit_code) == (1, 1)
    assert "#77 has 2 returns; name one by its id" in several.output
    assert "r2  open" in several.output
    assert "no return of an order named #78" in none.output
    assert writes(redo) == 0


@pytest.mark.parametrize("verb", [["show"], ["status", "flagged"], ["comment", "hello"]])
def test_an_unknown_return_is_told(redo: RedoSimulator, command: Command, verb: list[str]) -> None:
    more = [] if verb == ["show"] else ["--yes"]
    result = command("returns", verb[0], "nobody", *verb[1:], *more)

    assert result.exit_code == 1
    assert "Redo does not know it" in result.output
    assert writes(redo) == 0


# -- status -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "wanted", "warning"),
    [
        ("open", "complete", "Nothing says that this pays anybody"),
        ("open", "rejected", "nothing is paid"),
        ("open", "deleted", "no way back is documented"),
        ("open", "flagged", "add a comment that says why"),
        ("complete", "open", "Refunds and exchanges that were made are NOT reversed"),
        ("rejected", "open", "NOT reversed"),
        ("in_transit", "open", "its lines are open again"),
    ],
)
def test_a_status_is_warned_about_and_a_no_changes_nothing(
    redo: RedoSimulator, made: Hub, command: Command, before: str, wanted: str, warning: str
) -> None:
    redo.returns["r1"]["status"] = before
    result = command("returns", "status", "r1", wanted, given="n\n")

    assert result.exit_code == 1
    assert f"is {before}; {wanted}: " in result.stdout
    assert warning in result.stdout
    assert writes(redo) == 0
    assert acts(made) == []


def test_a_status_is_set_with_the_persons_name_on_the_timeline(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    result = command("returns", "status", "#5501", "rejected", given="y\n")

    assert result.exit_code == 0, result.output
    assert redo.returns["r1"]["status"] == "rejected"
    assert acts(made) == [("status_change", "asked", PAT), ("status_change", "done", PAT)]
    story = command("timeline", "example", "r1").stdout
    assert "status rejected" in re.sub(r"\s+", " ", story)
    again = command("returns", "status", "r1", "rejected", "--yes")
    assert "r1 is rejected already; nothing was sent" in again.stdout
    assert redo.books.statuses["r1"] == ["rejected"]


def test_a_command_that_was_cut_off_is_finished_with_its_request(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    redo.faults.add(Fault(FaultKind.ERROR_500_AFTER, path="status", method="PUT"))
    cut = command("returns", "status", "r1", "flagged", "--yes")
    told = re.search(r"repeat the command with --request (\w+), which looks", cut.output)
    assert cut.exit_code == 3
    assert told is not None, cut.output

    early = command("returns", "status", "r1", "flagged", "--yes", "--request", told.group(1))
    assert early.exit_code == 3
    assert "another run is doing it" in early.output
    assert redo.books.statuses["r1"] == ["flagged"]


def test_the_same_request_is_done_once_and_another_again(
    redo: RedoSimulator, command: Command
) -> None:
    flag = ("returns", "status", "r1", "flagged", "--yes", "--request")
    assert command(*flag, "one").stdout == "r1 (#5501) is open; " + command_tail()
    assert "nothing was sent" in command(*flag, "one").stdout
    redo.set_status("r1", "open")
    command(*flag, "two")

    assert redo.books.statuses["r1"] == ["flagged", "open", "flagged"]


def command_tail() -> str:
    return "flagged: it waits for the team; add a comment that says why.\nr1: flagged\n"


def test_a_refusal_is_shown_in_the_portals_words(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    redo.settings = Settings(refuse_status="a flagged return cannot be deleted")
    result = command("returns", "status", "r1", "deleted", "--yes")

    assert result.exit_code == 1
    assert "a flagged return cannot be deleted" in result.output
    assert [outcome for _, outcome, _ in acts(made)] == ["asked", "refused"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "r1", "in_transit"],
        ["status", "r1", "approved"],
        ["status", "r1"],
        ["status", "r1", "flagged", "--request", "a/b"],
        ["comment", "r1"],
    ],
)
def test_what_makes_no_sense_is_refused(
    redo: RedoSimulator, command: Command, arguments: list[str]
) -> None:
    assert command("returns", *arguments).exit_code == 2
    assert not redo.calls.counts


# -- comments ---------------------------------------------------------------------------------


def test_a_comment_is_shown_asked_about_and_added_once(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    no = command("returns", "comment", "r1", "call them", given="n\n")
    assert (no.exit_code, redo.comments) == (1, {})
    assert "to r1: call them" in no.stdout
    for _ in range(2):
        yes = command("returns", "comment", "r1", "call them", "--yes", "--request", "one")
        assert yes.exit_code == 0, yes.output

    (added,) = redo.comments["r1"]
    assert added["message"].startswith("call them [RH-")
    assert acts(made) == [("comment", "asked", PAT), ("comment", "done", PAT)]
    assert "call them" not in command("timeline", "example", "r1", "--json").stdout


@pytest.mark.parametrize("text", ["", " ", "x" * 2001, "a\x1b[2Jb"])
def test_a_comment_that_is_none_is_refused(
    redo: RedoSimulator, command: Command, text: str
) -> None:
    result = command("returns", "comment", "r1", text, "--yes")

    assert result.exit_code == 1
    assert "the comment " in result.output
    assert not redo.calls.counts
