"""hub lint, and the area lint of hub check, over a hub of its own and simulators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.bootstrap import Hub
from tests.support.erp_worlds import PRODUCTS, unleashed_block
from tests.support.worlds import TOKEN, merchant_file
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.unleashed_world import World

REDO = "http://127.0.0.1:1/v2.2"


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    it = World(made, partners)
    partners.cores["http://127.0.0.1:1"] = it.bench.redo
    made.secrets.write("example", "redo", {"api_token": TOKEN})
    mintsoft = it.bench.mintsoft
    ours = set(PRODUCTS.values())
    for key in set(mintsoft.tenant.products) - ours:
        del mintsoft.tenant.products[key]
    mintsoft.stock = {key: held for key, held in mintsoft.stock.items() if key[1] in ours}
    for number, sku in enumerate(("SOCK-3PK", "MUG-RED", "WATCH-01"), 897):
        product(it, number, sku)
    it.apply()
    return it


def product(world: World, number: int, sku: str) -> None:
    row = {"sku": sku, "name": "A product", "client_id": 12}
    world.bench.mintsoft.seed({"products": {str(number): row}})


def tables(made: Hub) -> dict[str, Any]:
    """Everything that is kept."""
    names = ("FindingsTable", "FeedTable", "ParkedTable", "LedgerTable", "ReturnsTable")
    return {name: made.dynamodb.scan(TableName=name)["Items"] for name in names}


def test_W6_a_merchant_with_nothing_wrong_ends_well(world: World, command: Command) -> None:
    told = command("lint", "example")
    assert (told.exit_code, told.stdout) == (0, "example: nothing found\n"), told.output


def test_W6_the_summary_comes_first_and_examples_by_kind(world: World, command: Command) -> None:
    for number in range(25):
        product(world, 1000 + number, f"TEE#{number:02}")
    product(world, 950, "tee-red-m")
    before = tables(world.made)
    told = command("lint", "example")

    assert told.exit_code == 1
    text = told.stdout
    order = [text.index(word) for word in ("sku_characters", "sku_not_in_unleashed", "sku_twins")]
    assert order == sorted(order)
    assert "25" in text.splitlines()[1]
    assert "TEE#19 in mintsoft" in text
    assert "TEE#20 in mintsoft" not in text
    assert "and 5 more (--all shows them)" in text
    assert "next: merge the two in the system that has both" in text
    assert "may be on its way" in text
    assert text.endswith("example: 51 found\n")
    assert "TEE#24 in mintsoft" in command("lint", "example", "--all").stdout
    assert tables(world.made) == before
    assert world.bench.written_there() == []


def test_W6_only_the_kinds_that_are_asked_for_are_looked_for(
    world: World, command: Command
) -> None:
    product(world, 950, "tee-red-m")
    product(world, 951, "TEE#1")
    world.bench.unleashed.faults.add(Fault(FaultKind.ERROR_500_BEFORE, times=None))
    told = json.loads(command("lint", "example", "--json", "--kind", "courier_unknown").stdout)
    assert (told["counts"], told["not_looked_at"], told["exit_code"]) == ({}, {}, 0)


def test_W6_the_document_for_machines(world: World, command: Command) -> None:
    product(world, 950, "TEE#1 ")
    result = command("lint", "example", "--json", "--kind", "sku_characters")
    told = json.loads(result.stdout)

    assert result.exit_code == told["exit_code"] == 1
    assert told["counts"] == {"lint.sku_characters": 1}
    (row,) = told["findings"]
    assert row["subject"] == "'TEE#1 ' in mintsoft"
    assert row["says"] == {"mintsoft": "holds #"}
    assert row["may_be_on_its_way"] is False
    assert "lint.allowed" in row["mend"]


def test_W6_what_cannot_be_looked_at_is_told_beside_what_was_found(
    world: World, command: Command
) -> None:
    world.bench.unleashed.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="Products", times=None))
    told = command("lint", "example")
    assert told.exit_code == 3
    assert "lint.skus was not looked at to its end" in told.stdout

    product(world, 950, "TEE#1")
    assert command("lint", "example").exit_code == 1


def test_W6_mistakes_are_told_in_words(world: World, command: Command) -> None:
    assert command("lint", "example", "--kind", "nonsense").exit_code == 2
    unknown = command("lint", "nobody")
    assert unknown.exit_code == 1
    assert "nobody" in unknown.output


# -- hub check -------------------------------------------------------------------------------


def rows(command: Command) -> dict[str, Any]:
    told = json.loads(command("check", "example", "--area", "lint", "--json").stdout)
    return {row["name"]: row for row in told["checks"]}


def test_W6_the_check_counts_by_kind_and_names_three(world: World, command: Command) -> None:
    fine = rows(command)
    assert {row["result"] for row in fine.values()} == {"ok"}
    assert fine["products looked at"]["details"] == {"unleashed": 12, "mintsoft": 11}
    for number in range(5):
        product(world, 1000 + number, f"TEE#{number}")

    found = rows(command)["sku_characters"]
    assert found["result"] == "warning"
    assert found["details"]["count"] == 5
    assert found["found"].startswith("5: TEE#0 in mintsoft (mintsoft: holds #); TEE#1")
    assert found["found"].endswith("and 2 more")
    assert "lint.allowed" in found["to_do"]


def test_W6_the_check_of_a_large_catalogue_says_that_it_saw_a_part(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.checks.lint.MOST_CALLS", 1)
    for number in range(120):
        product(world, 1000 + number, f"HAT-{number}")
    found = rows(command)
    assert "hub lint example looks at all" in found["products looked at"]["found"]
    assert "sku_not_in_unleashed" not in found


def test_W6_a_partner_that_is_away_fails_the_row_and_no_other(
    world: World, command: Command
) -> None:
    world.bench.redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, times=None))
    content = merchant_file(unleashed=unleashed_block())
    del content["mintsoft"]["warehouses"]["merchant_address"]
    world.apply_file(content)
    found = rows(command)
    assert found["locations"]["result"] == "failed"
    assert found["skus"]["result"] == "ok"


def test_W6_a_file_or_a_stack_without_the_lint_has_no_rows(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = merchant_file(unleashed=unleashed_block())
    world.apply_file(content | {"lint": {"enabled": False}})
    assert rows(command) == {}
    world.apply_file(content)
    assert rows(command) != {}
    monkeypatch.setattr("cli.check_verb.can_lint", lambda _: False)
    assert rows(command) == {}
