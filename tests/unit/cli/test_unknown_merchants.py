"""A merchant that there is not is said to be none, not shown as one that has nothing."""

from __future__ import annotations

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.ports import ParkedItem
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

LISTS = [("timeline", "{}", "66aa"), ("withdrawn", "list", "{}"), ("parked", "list", "{}")]


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_a_merchant_that_there_is_not_is_told_to_be_none(
    made: Hub, command: Command, words: tuple[str, ...]
) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)

    unknown = command(*(word.format("nobody") for word in words))
    known = command(*(word.format("example") for word in words))

    assert unknown.exit_code == 1
    assert "no merchant 'nobody'; apply its file" in unknown.output
    assert "no merchant" not in known.output


@pytest.mark.usefixtures("made")
def test_messages_that_name_no_merchant_are_listed_all_the_same(command: Command) -> None:
    done = command("parked", "list", "_unknown")
    assert (done.exit_code, "0 parked" in done.output) == (0, True)


NARROWED = [
    ("parked", "replay", "--reason", "c", "--yes", "--merchant"),
    ("parked", "discard", "--reason", "c", "--note", "x", "--yes", "--merchant"),
    ("parked", "list"),
    ("dlq", "discard", "--note", "x", "--yes", "--merchant"),
    ("dlq", "discard", "--note", "x", "--yes", "--return"),
    ("config", "list", "--merchant"),
    ("audit", "list", "--merchant"),
    ("tail", "--merchant"),
    ("status",),
]


def test_a_variable_of_the_shell_that_is_not_set_never_means_everything(
    made: Hub, command: Command
) -> None:
    item = ParkedItem(
        merchant="example",
        parked_id="p",
        flow="create_external_return",
        code="c",
        reason="r",
        subject="",
        payload="",
    )
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    made.parking.park(item)

    for words in NARROWED:
        done = command(*words, "")
        assert (done.exit_code, "an empty word is no " in done.stderr) == (2, True), words

    assert len(made.parking.list_parked("example")) == 1


@pytest.mark.parametrize("named", ["", " "])
def test_an_order_without_a_name_is_a_mistake_of_use(
    made: Hub, command: Command, named: str
) -> None:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    made.secrets.write("example", "redo", {"api_token": "t"})
    done = command("returns", "show", "--merchant", "example", "--order", named)
    assert (done.exit_code, "name a return" in done.output) == (2, True)
