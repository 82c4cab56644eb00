"""hub wair plan, run and show, with Mintsoft and WAIR behind a hub whose tables are real."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.wair.sample import PASSWORD, TENANT, USER, sample
from local.simulators.wair.simulator import WairSimulator
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from tests.support.worlds import KEY, merchant_file
from tests.unit.cli.conftest import Command, Partners

MINTSOFT, WAIR = "http://127.0.0.1:2", "http://127.0.0.1:7"
SKUS = ("TEE-RED-S", "TEE-RED-M", "MUG")


class World:
    """The hub between both simulators."""

    def __init__(self, made: Hub, partners: Partners) -> None:
        self.made = made
        self.mintsoft, self.wair = MintsoftSimulator(), WairSimulator()
        partners.cores |= {MINTSOFT: self.mintsoft, WAIR: self.wair}
        self.wair.seed(sample())
        self.mintsoft.seed(
            {
                "users": [{"name": "hub", "password": "pw", "static_key": KEY}],
                "clients": {"12": "Example Fashion"},
                "warehouses": {"3": {"name": "Corby"}},
                "products": {
                    str(901 + at): {"sku": sku, "name": sku.title(), "client_id": 12}
                    for at, sku in enumerate(SKUS)
                },
                "stock": {"3": {"901": 12, "902": 8, "903": 1}},
            }
        )
        made.secrets.write("example", "mintsoft", {"api_key": KEY})
        made.secrets.write("example", "wair", {"username": USER, "password": PASSWORD})
        self.versions = 0
        self.apply()

    def apply(self, mode: str = "live", **block: Any) -> None:
        """The merchant's file, with every set in this mode."""
        names = ("locations", "sizes", "colors", "items", "stock", "reserved")
        wair = {
            "base_url": f"{WAIR}/api/v1",
            "tenant": TENANT,
            "requests_per_second": 100,
            "locations": [{"id": "COR", "name": "Corby", "warehouses": [3]}],
            "data_sets": {name: {"mode": mode} for name in names},
        }
        content = merchant_file(wair=wair | block)
        content["mintsoft"]["orders"] = {"stock_level_means": "available"}
        self.made.merchants.apply(Merchant.model_validate(content), "test", after=self.versions)
        self.versions += 1

    @property
    def books(self) -> dict[str, Any]:
        """What WAIR really has."""
        found: dict[str, Any] = self.wair.tenants[TENANT].books()
        return found


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    return World(made, partners)


def content(command: Command, *words: str) -> Any:
    done = command("wair", *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def rows(made: Hub) -> list[Any]:
    """Everything that the feed could have written; a gate only spaces requests."""
    tables = ("FeedTable", "LedgerTable", "ControlTable", "ParkedTable")
    found: list[Any] = [row for t in tables for row in made.dynamodb.scan(TableName=t)["Items"]]
    return [row for row in found if not row["pk"]["S"].startswith("gate#")]


def test_a_plan_says_what_would_be_told_and_writes_nothing(world: World, command: Command) -> None:
    before = rows(world.made)
    done = command("wair", "plan", "example")
    assert done.exit_code == 0, done.output
    assert "every row would be told" in done.output
    assert "TEE-RED-S 12" in done.output
    assert "the products have not been read to their end yet" in done.output
    assert rows(world.made) == before
    assert world.books["stock"] == {}

    found = content(command, "plan", "example")
    counts = {(one["data_set"], one["location"]): one["tell"] for one in found["sets"]}
    assert counts == {("locations", ""): 1, ("stock", "COR"): 3, ("reserved", "COR"): 0}


def test_a_run_tells_and_show_says_so(world: World, command: Command) -> None:
    assert "never" in command("wair", "show", "example").output
    done = command("wair", "run", "example", "--yes")
    assert done.exit_code == 0, done.output
    assert "stock.told: 3" in done.output
    assert world.books["stock"] == {"COR": {"TEE-RED-S": 12, "TEE-RED-M": 8, "MUG": 1}}
    assert world.books["batches"]["open"] == 0
    assert {item["itemId"] for item in world.books["sets"]["items"]} == {"TEE", "MUG"}

    told = {
        (one["data_set"], one["location"]): (one["rows"], one["full"], one["kept"])
        for one in content(command, "show", "example")["sets"]
    }
    assert told["stock", "COR"] == (3, True, 3)
    assert told["items", ""] == (2, True, 2)
    assert "every row was told last on 20" in command("wair", "show", "example").output


def test_what_changed_is_planned_and_everything_when_it_is_asked_for(
    world: World, command: Command
) -> None:
    command("wair", "run", "example", "--yes")
    world.mintsoft.set_stock(3, 903, 0, 0)
    found = content(command, "plan", "example")
    stock = next(one for one in found["sets"] if one["data_set"] == "stock")
    assert (stock["tell"], stock["unchanged"], stock["first"]) == (1, 2, ["MUG 0"])
    everything = content(command, "plan", "example", "--full")
    assert [one["tell"] for one in everything["sets"]] == [1, 2, 1, 2, 3, 0]
    assert "nothing is due" in command("wair", "run", "example", "--yes").output
    assert content(command, "run", "example", "--yes", "--now")["ended"]["stock.told"] == 1
    ended = content(command, "run", "example", "--yes", "--full")["ended"]
    assert (ended["stock.told"], ended["items.told"]) == (3, 2)


def test_a_live_run_is_asked_about_and_a_shadow_is_not(world: World, command: Command) -> None:
    done = command("wair", "run", "example", given="n\n")
    assert (done.exit_code, world.books["stock"]) == (1, {})
    world.apply("shadow")
    done = command("wair", "run", "example")
    assert done.exit_code == 0
    assert "stock.would tell: 3" in done.output
    assert world.books["stock"] == {}


def test_why_a_run_failed_is_said_in_words(world: World, command: Command) -> None:
    world.made.secrets.write("example", "wair", {"username": USER, "password": "another one"})
    done = command("wair", "run", "example", "--yes")
    assert done.exit_code == 3
    assert "Traceback" not in done.output
    assert "login" in done.output.lower() or "password" in done.output.lower()
    world.apply(locations=[{"id": "COR", "warehouses": [4]}])
    done = command("wair", "plan", "example")
    assert done.exit_code == 3
    assert "no stock at all in warehouse 4" in done.output


def test_switched_off_or_without_the_block_is_said(world: World, command: Command) -> None:
    world.apply("off")
    done = command("wair", "run", "example", "--yes")
    assert (done.exit_code, "no set of example is told" in done.output) == (1, True)
    file = Merchant.model_validate(merchant_file())
    world.made.merchants.apply(file, "test", after=world.versions)
    for verb in ("plan", "run", "show"):
        done = command("wair", verb, "example")
        assert (done.exit_code, "has no block wair:" in done.output) == (1, True)
