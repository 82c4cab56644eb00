"""hub search."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import (
    CommentAdded,
    Event,
    ExternalReturnMade,
    Seen,
    ShipmentsPlanned,
)
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.shipments import PlannedLine, PlannedShipment
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command

AGO = timedelta(days=3, hours=2)


def announce(
    made: Hub,
    return_id: str,
    number: int,
    *orders: str,
    status: str = "open",
    merchant: str = "example",
) -> None:
    line = PlannedLine(line_id="l", sku="TEE-RED", quantity=1, reason_id=1, reason_mapped=True)
    planned = PlannedShipment(
        key="s", warehouse_id=3, reference="#1", lines=(line,), tracking=f"RM {number}"
    )
    at = datetime.now(UTC) - AGO
    facts: list[Any] = [
        Seen(
            source="t",
            return_type="return",
            status=status,
            portal_updated_at=at,
            order_names=orders,
        ),
        ShipmentsPlanned(shipments=(planned,)),
        ExternalReturnMade(shipment="s", external_return_id=number, how="sent"),
        CommentAdded(about="s"),
    ]
    state = made.returns.load(merchant, return_id)
    made.returns.append(
        state,
        [
            Event(sequence=place, at=at, actor="hub", rule="t", config_version=1, fact=fact)
            for place, fact in enumerate(facts, start=1)
        ],
    )


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    announce(made, "r1", 41, "#5501")
    announce(made, "r2", 42, "#5502", "#5503", status="complete")
    return made


@pytest.mark.parametrize(
    ("words", "return_id", "matched"),
    [
        (["r1"], "r1", "return id"),
        (["41"], "r1", "external return 41"),
        (["#5501"], "r1", "order #5501"),
        (["5503"], "r2", "order 5503"),
        (["rm42"], "r2", "tracking rm42"),
        (["RM", "42"], "r2", "tracking RM 42"),
    ],
)
def test_a_return_is_found_by_what_is_in_hand(
    applied: Hub, command: Command, words: list[str], return_id: str, matched: str
) -> None:
    result = command("search", *words, "--json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    (row,) = told["rows"]
    assert (row["return_id"], row["matched"], told["is_cut"]) == (return_id, matched, False)


def test_where_it_waits_and_since_when_is_shown(applied: Hub, command: Command) -> None:
    result = command("search", "tee-red")

    assert result.exit_code == 0, result.output
    newest, older = result.stdout.splitlines()[1:]
    assert newest.split()[:4] == ["r2", "#5502,", "#5503", "nothing"]
    assert older.split()[:5] == ["r1", "#5501", "on", "its", "way"]
    assert "(3 d)" in older
    assert "announced" in older
    assert "SKU tee-red" in older
    assert "more than" not in result.stdout


def test_what_is_cut_is_said(applied: Hub, command: Command) -> None:
    result = command("search", "TEE-RED", "--limit", "1")

    assert "there are more than 1" in result.stdout
    assert json.loads(command("search", "TEE-RED", "--limit", "1", "--json").stdout)["is_cut"]


def test_several_words_are_looked_for_one_by_one_where_together_they_find_nothing(
    applied: Hub, command: Command
) -> None:
    result = command("search", "5501", "RM42", "--json")

    rows = {row["return_id"]: row["matched"] for row in json.loads(result.stdout)["rows"]}
    assert rows == {"r1": "order 5501", "r2": "tracking RM42"}


def test_several_matches_of_one_return_are_one_row(applied: Hub, command: Command) -> None:
    announce(applied, "5501", 43, "#9")
    result = command("search", "5501", "TEE-RED", "--json")

    rows = {row["return_id"]: row["matched"] for row in json.loads(result.stdout)["rows"]}
    assert rows["5501"] == "return id, SKU TEE-RED"
    assert rows["r1"] == "order 5501, SKU TEE-RED"


def test_when_nothing_is_found_it_says_how_returns_are_found(
    applied: Hub, command: Command
) -> None:
    result = command("search", "5599")

    assert result.exit_code == 1
    assert "when the return was announced" in result.output
    as_json = command("search", "5599", "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout) == {"rows": [], "is_cut": False}


def test_no_other_merchants_return_is_found(applied: Hub, command: Command) -> None:
    announce(applied, "r9", 49, "#5599", merchant="other")

    assert command("search", "5599").exit_code == 1
    unknown = command("search", "5599", "--merchant", "nobody")
    assert unknown.exit_code == 1
    assert "nobody" in unknown.output


@pytest.mark.parametrize("words", ["", " ", "#", "\x1b[31m", "é" * 5000])
def test_words_of_nothing_find_nothing(applied: Hub, command: Command, words: str) -> None:
    result = command("search", words)

    assert result.exit_code == 1
    assert "\x1b" not in result.output


def test_what_search_refuses(applied: Hub, command: Command) -> None:
    assert command("search").exit_code == 2
    assert command("search", "x", "--limit", "0").exit_code == 2
    assert command("search", "x", "--limit", "101").exit_code == 2
