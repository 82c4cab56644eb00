"""hub unleashed prove-stock, and what hub check says of the proof."""

from __future__ import annotations

import json

import pytest

from cli.checks.model import Result
from local.simulators.faults import Fault, FaultKind
from returns_hub.bootstrap import Hub
from returns_hub.flows.unleashed.stock.proof import stock_proof
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.unleashed_world import World

NAME = "what an adjustment means"
PROVE = ("unleashed", "prove-stock", "example", "JEANS-32")


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    found = World(made, partners)
    found.apply(stock={"mode": "shadow"})
    return found


def on_hand(world: World) -> int:
    desk = world.bench.desk_there
    stock = desk.company.stock
    return int(stock.there(desk.product("JEANS-32"), desk.warehouse("MAIN")))


def test_it_is_told_first_and_asked_and_booked_back(world: World, command: Command) -> None:
    told = command(*PROVE, given="y\n")
    assert told.exit_code == 0, told.output
    assert "has 6 on hand: an adjustment with NewQuantity 3 makes it 9 or 3" in told.output
    assert "proven: 6 became 9, so it is delta" in told.output
    assert "say unleashed.stock.adjustment_means: delta" in told.output
    assert on_hand(world) == 6


def test_without_a_yes_nothing_is_booked(world: World, command: Command) -> None:
    told = command(*PROVE, given="n\n")
    assert told.exit_code == 1
    assert world.bench.account.happened("stock_adjusted") == []
    assert stock_proof(world.made.stores(), "example") is None


def test_for_machines(world: World, command: Command) -> None:
    world.bench.account.set(adjustment="absolute")
    told = command(*PROVE, "--yes", "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["means"], found["standing"], found["back"]) == ("absolute", "proven", "6")


def test_an_unfit_product_is_refused_in_words(world: World, command: Command) -> None:
    told = command("unleashed", "prove-stock", "example", "CAP-BLACK", "--yes")
    assert (told.exit_code, "nothing of it is on hand" in told.output) == (1, True)


def test_what_may_have_been_booked_is_run_again(world: World, command: Command) -> None:
    lost = Fault(FaultKind.RESET_AFTER, "/StockAdjustments/", "POST", times=1)
    world.bench.unleashed.faults.add(lost)
    told = command(*PROVE, "--yes")
    assert told.exit_code == 3, told.output
    assert "run this again" in told.output


def test_what_no_meaning_explains_is_told(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = world.bench.desk_there.company.stock
    move = stock.move

    def twice(*args: object, **more: object) -> None:
        move(*args, **more)  # type: ignore[arg-type]
        move(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(stock, "move", twice)
    told = command(*PROVE, "--yes")
    assert told.exit_code == 1
    assert "NewQuantity 3 made 12 of 6, which no meaning explains" in told.output


def test_the_check_tells_how_the_proof_stands(world: World, command: Command) -> None:
    assert world.look()[NAME].result is Result.WARNING
    assert "was never proven" in world.look()[NAME].found
    command(*PROVE, "--yes")
    world.apply(stock={"mode": "live", "adjustment_means": "absolute"})
    found = world.look()[NAME]
    assert (found.result, found.found) == (
        Result.FAILED,
        f"stock.adjustment_means is absolute, and delta was proven on {found_day(world)}",
    )
    world.apply(stock={"mode": "live", "adjustment_means": "delta"})
    assert world.look()[NAME].result is Result.OK
    world.apply(stock={"mode": "off"})
    assert world.look()[NAME].result is Result.SKIPPED


def found_day(world: World) -> str:
    proof = stock_proof(world.made.stores(), "example")
    assert proof is not None
    return f"{proof.at:%Y-%m-%d}"
