"""--dry-run: what would be done is told, by the act's own checks, and nothing is written.

That nothing is written, the `command` fixture holds of every dry run; partners are asked here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.dry import WouldWrite, dry, up_to_the_first_write
from local.simulators.miinto.sample import DK
from local.simulators.redo.simulator import RedoSimulator
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.errors import Permanent
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.flows.miinto.fetch_rmas import fetch_rmas
from returns_hub.flows.way import Way
from returns_hub.ports import ParkedItem
from tests.support.worlds import TOKEN, item, merchant_file, redo_return
from tests.unit.cli import miinto_world, test_wair_feed, unleashed_world
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.test_withdrawn import withdraw
from tests.unit.test_messages import GOOD

SCOPES = ["returns_read", "returns_write", "webhooks_read", "webhooks_write"]


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    return made


@pytest.fixture
def redo(partners: Partners, applied: Hub) -> RedoSimulator:
    core = RedoSimulator()
    core.seed({"store_id": "store", "tokens": {TOKEN: SCOPES}})
    partners.cores[merchant_file()["redo"]["base_url"]] = core
    applied.secrets.write("example", "redo", {"api_token": TOKEN})
    core.put(redo_return([item(1, "TEE")], id="r1"), [])
    return core


def tried(done: Any) -> dict[str, Any]:
    """The document of a dry run that would do something."""
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["outcome"], told["dry_run"]) == ("would_be_done", True)
    return told


def writes(core: Any) -> list[str]:
    return [
        call
        for call in core.calls.counts
        if not call.startswith("GET ") and "auth" not in call.lower()
    ]


# -- the hub's own ----------------------------------------------------------------------------


def test_an_event_is_not_published(applied: Hub, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "e.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert tried(command("publish", str(path), "--dry-run", "--json"))["return_id"] == "r1"
    assert "would be published" in command("publish", str(path), "--dry-run").stdout
    other = command("publish", str(path), "--dry-run", "--merchant", "other")
    assert (other.exit_code, "is example's, not other's" in other.stderr) == (1, True)


def test_a_file_is_not_applied(applied: Hub, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(yaml.safe_dump(merchant_file(name="Other")), encoding="utf-8")
    told = tried(command("config", "apply", str(path), "--dry-run", "--json"))
    assert [row["key"] for row in told["changes"]] == ["name"]
    assert command("config", "apply", str(path), "--merchant", "b", "--yes").exit_code == 1
    assert applied.merchants.version("example").version == 1


def test_a_secret_is_checked_and_not_set(applied: Hub, command: Command) -> None:
    words = ("secrets", "set", "example", "mintsoft", "--from-stdin", "--dry-run", "--json")
    told = tried(command(*words, given='{"api_key": "k"}'))
    assert told["fields"] == ["api_key"]
    assert command(*words, given='{"token": "k"}').exit_code == 1
    assert applied.secrets.read_if_set("example", "mintsoft") is None


@pytest.mark.parametrize("verb", ["replay", "discard"])
def test_parked_work_stays(applied: Hub, command: Command, verb: str) -> None:
    url = applied.settings.approved_returns_queue_url
    applied.settings = applied.settings.model_copy(update={"poll_mintsoft_queue_url": url})
    applied.parking.park(ParkedItem("example", "a/1", "f", "event.invalid", "why", "r1", "{}"))
    note = ("--note", "x") if verb == "discard" else ()
    told = tried(command("parked", verb, "--all", *note, "--dry-run", "--json"))
    assert told["items"][0]["parked_id"] == "a/1"


def test_what_stays_behind_stays_on_the_list(applied: Hub, command: Command) -> None:
    withdraw(applied, 77)
    words = ("withdrawn", "done", "77", "--note", "x", "--dry-run")
    assert tried(command(*words, "--json"))["external_returns"] == [{"external_return_id": 77}]
    unknown = command("withdrawn", "done", "77", "78", "--note", "x", "--dry-run")
    assert (unknown.exit_code, "78 is not in the list" in unknown.stderr) == (1, True)
    assert "1 external returns" in command("withdrawn", "list").stdout


def test_a_backfill_that_is_not_there_cannot_be_cancelled(applied: Hub, command: Command) -> None:
    done = command("backfill", "cancel", "nothing", "--dry-run")
    assert (done.exit_code, "no backfill nothing" in done.stderr) == (1, True)


# -- the portal -------------------------------------------------------------------------------


def test_a_status_is_tried_up_to_its_first_write(redo: RedoSimulator, command: Command) -> None:
    told = tried(command("returns", "status", "r1", "flagged", "--dry-run", "--json"))
    assert told["status"] == "flagged"
    assert "would be put" in command("returns", "status", "r1", "flagged", "--dry-run").stdout
    done = command("returns", "status", "r1", "open", "--dry-run", "--json")
    assert json.loads(done.stdout)["outcome"] == "nothing_to_do"
    assert writes(redo) == []


@pytest.mark.parametrize(
    ("text", "says"), [(" ", "the comment is empty"), ("x" * 3000, "there is room for")]
)
def test_a_comment_is_refused_as_it_would_be(
    redo: RedoSimulator, command: Command, text: str, says: str
) -> None:
    done = command("returns", "comment", "r1", text, "--dry-run")
    assert (done.exit_code, says in done.stderr) == (1, True)
    tried(command("returns", "comment", "r1", "hello", "--dry-run", "--json"))
    assert writes(redo) == []


def test_a_replay_of_redos_is_not_asked_for(
    redo: RedoSimulator, made: Hub, command: Command
) -> None:
    made.settings = made.settings.model_copy(
        update={"redo_webhook_url": "https://hub.example.test/webhooks/redo"}
    )
    made.secrets.write("example", "redo-webhook", {"token": "t" * 40})
    for words in (("ensure",), ("replay", "--from", "2026-03-02")):
        tried(command("redo", "webhook", words[0], "example", *words[1:], "--dry-run", "--json"))
    assert writes(redo) == []


# -- Miinto -----------------------------------------------------------------------------------


@pytest.fixture
def market(made: Hub, partners: Partners) -> miinto_world.World:
    it = miinto_world.World(made, partners)
    it.apply(transfers={"mode": "live", "price_is": "unit"}, rma={"decide": {"mode": "live"}})
    return it


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_an_offer_is_not_decided(market: miinto_world.World, command: Command, verb: str) -> None:
    (transfer,) = market.miinto.offer([DK], [{"sku": "LINEN-SHIRT-M"}])["transfers"]
    decide_transfers(market.made.market_world("example"))
    words = ("miinto", "transfers", verb, "045-1234", str(transfer["id"]), "--all", "--dry-run")
    assert tried(command(*words, "--json"))["transfer"] == transfer["id"]
    assert market.written == []
    # Refused as the act would be: the switch is looked at by the flow, not by the verb.
    market.apply(transfers={"mode": "shadow", "price_is": "unit"})
    refused = command(*words)
    assert (refused.exit_code, "mode is not live" in refused.stderr) == (1, True)


def test_an_rma_is_not_decided(market: miinto_world.World, command: Command) -> None:
    number = market.rma()["rma"]
    fetch_rmas(market.made.market_world("example"), Way(lambda _: None, lambda: 0))
    return_id = f"miinto-045-1234-{number}"
    decline = ("miinto", "rma", "decline", return_id, "--reason", "worn", "--dry-run")
    unproven = command(*decline)
    assert (unproven.exit_code, "run hub check" in unproven.output) == (1, True)
    command("check", "example", "--area", "miinto")
    assert tried(command(*decline, "--json"))["return_id"] == return_id
    accept = ("miinto", "rma", "accept", return_id)
    other = command(*accept, "999", "--dry-run")
    assert (other.exit_code, "has no position 999" in other.output) == (1, True)
    tried(command(*accept, "--dry-run", "--json"))
    assert market.written == []


# -- Unleashed and WAIR -----------------------------------------------------------------------


@pytest.fixture
def erp(made: Hub, partners: Partners) -> unleashed_world.World:
    made.settings = made.settings.model_copy(
        update={"unleashed_webhook_url": "https://hub.example.test/webhooks/unleashed"}
    )
    return unleashed_world.World(made, partners)


def test_a_proof_is_planned_and_not_booked(erp: unleashed_world.World, command: Command) -> None:
    erp.apply(stock={"mode": "shadow"})
    words = ("unleashed", "prove-stock", "example", "JEANS-32", "--dry-run")
    told = tried(command(*words, "--json"))
    assert (told["before"], told["sent"]) == (6, 3)
    assert "nothing was booked" in command(*words).stdout
    assert erp.bench.account.happened("stock_adjusted") == []


def test_a_subscription_is_not_made(erp: unleashed_world.World, command: Command) -> None:
    erp.apply(webhooks={"enabled": True}, orders={"mode": "shadow"})
    words = ("unleashed", "webhooks", "example", "subscribe")
    tried(command(*words, "--dry-run", "--json"))
    assert not erp.bench.desk_there.webhooks.subscriptions
    assert command(*words, "--yes").exit_code == 0
    again = json.loads(command(*words, "--dry-run", "--json").stdout)
    assert again["outcome"] == "nothing_to_do"


def test_a_run_is_planned_and_not_made(erp: unleashed_world.World, command: Command) -> None:
    erp.apply(orders={"mode": "live"})
    words = ("unleashed", "run", "example", "orders", "--dry-run")
    told = tried(command(*words, "--json"))
    assert set(told["sources"]) == {"unleashed.orders"}
    assert "nothing was done" in command(*words).stdout


def test_the_feed_is_planned_and_not_run(made: Hub, partners: Partners, command: Command) -> None:
    it = test_wair_feed.World(made, partners)
    told = tried(command("wair", "run", "example", "--now", "--dry-run", "--json"))
    assert {row["data_set"] for row in told["sets"]} >= {"stock"}
    assert writes(it.wair) == [] or set(writes(it.wair)) <= {"POST /api/v1/Token"}


# -- the wall ---------------------------------------------------------------------------------


WRITES: list[Callable[[Hub], object]] = [
    lambda hub: hub.parking.park(ParkedItem("example", "a", "f", "c", "r", "s", "{}")),
    lambda hub: hub.queue(hub.settings.approved_returns_queue_url).send("{}"),
    lambda hub: hub.cursors.acquire("x", "me", 10),
    lambda hub: hub.merchants.apply(Merchant.model_validate(merchant_file(name="b")), "t", after=1),
]


@pytest.mark.parametrize("write", WRITES)
def test_every_write_ends_the_try(applied: Hub, write: Callable[[Hub], object]) -> None:
    it = dry(applied)
    assert it.merchants.all_ids() == ("example",)
    with pytest.raises(WouldWrite):
        write(it)
    assert up_to_the_first_write(lambda: write(it)) is True
    assert up_to_the_first_write(lambda: it.merchants.live("example")) is False


def test_a_refusal_is_no_write() -> None:
    def refuse() -> None:
        raise Permanent("a.b", "no")

    with pytest.raises(Permanent):
        up_to_the_first_write(refuse)


def test_nothing_that_goes_on_after_failures_takes_the_wall_for_one() -> None:
    assert not issubclass(WouldWrite, Exception)
