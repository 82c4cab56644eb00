"""hub miinto with nothing put aside: the real flows and adapters, against the simulators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.miinto.sample import DK, NL
from returns_hub.bootstrap import Hub
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.flows.miinto.fetch_rmas import fetch_rmas
from returns_hub.flows.way import Way
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.miinto_world import World

WHO = "arn:aws:iam::1:user/pat"


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    it = World(made, partners)
    it.apply(transfers={"mode": "live", "price_is": "unit"}, rma={"decide": {"mode": "live"}})
    return it


def books(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.miinto.all_books()
    return found


def test_the_shops_of_the_login(world: World, command: Command) -> None:
    content = json.loads(command("miinto", "shops", "example", "--json").stdout)
    found = {row["id"]: (row["name"], row["standing"]) for row in content["shops"]}

    assert found[DK] == ("Example Fashion DK", "configured")
    assert found[NL] == ("Example Fashion NL", "configured")
    assert content["services"]["order"] == "OK"
    assert sum(standing == "not_configured" for _, standing in found.values()) == 2


def test_a_person_accepts_a_position_and_declines_another(world: World, command: Command) -> None:
    offered = world.miinto.offer([DK], [{"sku": "LINEN-SHIRT-M"}, {"sku": "TEE-RED-M"}])
    (transfer,) = offered["transfers"]
    decide_transfers(world.made.market_world("example"))
    listed = json.loads(command("miinto", "transfers", "list", "--json").stdout)["transfers"]
    assert [row["id"] for row in listed] == [transfer["id"]]

    number = str(transfer["id"])
    first, second = (str(position) for position in transfer["positions"])
    accepted = command("miinto", "transfers", "accept", "045-1234", number, first, "--yes")
    declined = command("miinto", "transfers", "decline", DK, number, second, "--yes")
    again = command("miinto", "transfers", "accept", "045-1234", number, first, "--yes")

    assert "Miinto made order" in accepted.stdout, accepted.output
    assert declined.exit_code == 0, declined.output
    assert again.exit_code == 1
    assert len(books(world)["orders"]) == 1
    shown = command("miinto", "transfers", "show", "045-1234", number).stdout
    assert WHO in shown
    assert "accepted: request 1" in " ".join(shown.split())


def test_an_rma_is_declined_by_a_person_once_the_contract_is_proven(
    world: World, command: Command
) -> None:
    made = world.rma()
    sent: list[str] = []
    fetch_rmas(world.made.market_world("example"), Way(sent.append, lambda: 0))
    return_id = f"miinto-045-1234-{made['rma']}"
    assert return_id in command("miinto", "rma", "list").stdout

    words = ("--reason", "The item was worn", "--yes")
    before = command("miinto", "rma", "decline", return_id, *words)
    assert before.exit_code == 1
    assert "run hub check example" in before.output
    assert command("check", "example", "--area", "miinto").exit_code in {0, 1}
    after = command("miinto", "rma", "decline", return_id, *words)
    again = command("miinto", "rma", "decline", return_id, *words)

    assert "declined at Miinto" in after.output, after.output
    assert again.exit_code == 1
    (rma,) = books(world)["rmas"].values()
    assert rma["status"] == "declined"
    assert WHO in command("timeline", "example", return_id, "--rules").stdout


def test_another_rule_is_tried_on_what_the_simulator_offered(
    world: World, command: Command
) -> None:
    world.miinto.offer([DK], [{"sku": "LINEN-SHIRT-M"}])
    decide_transfers(world.made.market_world("example"))
    content = json.loads(command("miinto", "what-if", "--days", "1", "--json").stdout)

    assert len(content["positions"]) == 1
    assert content["positions"][0]["happened"] == "waiting"
