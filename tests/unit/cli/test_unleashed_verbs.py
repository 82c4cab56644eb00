"""hub unleashed: what the next run would do, how flows stand, one record, one run by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from returns_hub.adapters.queues import dead_letters
from returns_hub.bootstrap import Hub
from returns_hub.domain.file_types import Mode
from returns_hub.errors import Permanent
from returns_hub.flows.sync.cursor import cursor_name
from returns_hub.flows.unleashed.sources import SOURCES
from returns_hub.flows.unleashed.stock.full import full_asked_at
from tests.support.erp_hub import sources_of
from tests.support.sync import FakeSource, Row
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command, Partners
from tests.unit.cli.unleashed_world import World

KNOWN: Any = SOURCES
GUID = "0b5e7c1a-0000-4000-8000-000000000001"


@pytest.fixture
def world(made: Hub, partners: Partners) -> World:
    return World(made, partners)


@pytest.fixture
def source(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    """The only source of orders; no other flow is of this release."""
    found = world.source()
    for name in list(SOURCES):
        monkeypatch.delitem(KNOWN, name)
    register(monkeypatch, "orders", found)
    return found


def register(monkeypatch: pytest.MonkeyPatch, flow: str, *sources: FakeSource) -> None:
    monkeypatch.setitem(KNOWN, flow, sources_of(*sources))


def rows(made: Hub) -> list[Any]:
    """Everything in the tables that a flow could have written."""
    tables = ("SyncTable", "LedgerTable", "ControlTable", "ParkedTable", "CatalogueTable")
    return [made.dynamodb.scan(TableName=name)["Items"] for name in tables]


# -- plan --------------------------------------------------------------------------------------


def test_a_plan_tells_what_the_next_run_would_do_and_writes_nothing(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    source.put("a", Row("x", lines=1))
    source.put("b", Row("x", odd="an order without lines"))
    source.put("c", Row("x", waits=True))
    source.put("d", Row("x", skip="not ours"))
    before = rows(world.made)

    told = command("unleashed", "plan", "example")

    assert told.exit_code == 0, told.output
    assert "fake.orders (live): 1 create, 1 hold, 1 wait, 1 skip" in told.output
    assert "make at fake: make of a" in told.output
    assert "line/0 at fake: line/0 of a" in told.output
    assert "an order without lines" in told.output
    assert source.partner.rows == {}
    assert rows(world.made) == before


def test_a_plan_for_machines_has_every_record(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    for key in "abc":
        source.put(key, Row("x"))

    told = json.loads(command("unleashed", "plan", "example", "--json", "--limit", "2").stdout)

    (plan,) = told["plans"]
    assert (plan["flow"], plan["source"], plan["mode"]) == ("orders", "fake.orders", "live")
    assert (plan["whole"], plan["why_not"]) == (False, "more than 2 records")
    assert plan["counts"] == {"create": 2}
    (step,) = plan["changes"][0]["steps"]
    assert step["told"] == {"value": "x"}


def test_a_flow_that_is_off_is_planned_when_it_is_named(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply()
    source.put("a", Row("x"))
    source.mode = Mode.OFF

    nothing = command("unleashed", "plan", "example")
    named = command("unleashed", "plan", "example", "orders")

    assert (nothing.exit_code, "every flow is off; name one" in nothing.output) == (1, True)
    assert "fake.orders (off): 1 create" in named.output


def test_what_makes_a_plan_impossible_is_a_line_of_it(
    world: World, source: FakeSource, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(orders={"mode": "live"}, customers={"mode": "shadow"})
    source.cut_after = 0

    def broken(_: Any) -> Any:
        raise Permanent("fake.broken", "cannot be told")

    monkeypatch.setitem(KNOWN, "customers", broken)
    told = command("unleashed", "plan", "example")
    assert "cannot be told" in command("unleashed", "flows", "example").output

    assert told.exit_code == 0
    assert "nothing to do; not to its end: the list was cut off" in told.output
    assert "unleashed.customers (shadow): nothing to do; not to its end: cannot be told" in (
        told.output
    )


def test_in_a_plan_nobody_is_asked_and_no_store_is_written(
    world: World, source: FakeSource, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a source does while it is made or asked."""
    world.apply(orders={"mode": "live"})
    seen: list[str] = []

    def told(erp: Any) -> Any:
        erp.world.park("unleashed.warehouses", "x", Permanent("a", "b"), subject="", payload="")
        writes: dict[str, Callable[[], object]] = {
            "cursors": lambda: erp.stores.cursors.acquire("x", "me", 5),
            "records": lambda: erp.sync.records.append(None, ()),
            "ledger": lambda: erp.stores.ledger.claim(None, "me"),
            "capabilities": lambda: erp.stores.capabilities.put("example", None),
        }
        for store, write in writes.items():
            with pytest.raises(RuntimeError, match="a plan writes nothing"):
                write()
            seen.append(store)
        return (source,)

    monkeypatch.setitem(KNOWN, "orders", told)
    before = rows(world.made)

    assert command("unleashed", "plan", "example").exit_code == 0
    assert seen == ["cursors", "records", "ledger", "capabilities"]
    assert rows(world.made) == before


def test_partners_refuse_writes_while_a_plan_is_made(
    world: World, source: FakeSource, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(orders={"mode": "live"})

    def told(erp: Any) -> Any:
        assert erp.erp.warehouses.warehouses()
        with pytest.raises(Permanent, match="nothing is written"):
            erp.orders.add_order_comment(1, "x", world.made.clock.now() + timedelta(minutes=1))
        return (source,)

    monkeypatch.setitem(KNOWN, "orders", told)
    assert command("unleashed", "plan", "example").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("plan", "plain"), 1, "no block unleashed:"),
        (("plan", "nobody"), 1, "no merchant 'nobody'"),
        (("plan", "example", "stock"), 1, "has no flow stock; there are: orders"),
        (("plan", "example", "no-such"), 2, "is not one of"),
        (("flows", "plain"), 1, "no block unleashed:"),
        (("show", "example", "stock", "x"), 1, "has no flow stock"),
        (("show", "example", "orders", "x"), 1, "the hub has no record x of orders"),
        (("run", "example", "stock"), 1, "has no flow stock"),
        (("run", "plain", "orders"), 1, "no block unleashed:"),
        (("run", "example", "orders", "--full"), 2, "it goes with stock"),
    ],
)
def test_a_mistake_is_told(
    world: World,
    source: FakeSource,
    command: Command,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    world.apply(orders={"mode": "live"})
    world.apply_file(merchant_file(merchant="plain"))

    told = command("unleashed", *arguments)

    assert (told.exit_code, said in told.output) == (code, True), told.output


# -- flows -------------------------------------------------------------------------------------


def test_each_flow_is_told_with_what_is_in_work_waits_and_is_parked(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"}, customers={"mode": "shadow"}, monthly_calls=10_000)
    source.put("a", Row("x"))
    source.put("b", Row("x", odd="an order without lines"))
    source.put("c", Row("x", waits=True))
    source.put("d", Row("x", away=True))
    never = json.loads(command("unleashed", "flows", "example", "--json").stdout)
    world.made.erp.by_hand("example").erp.warehouses.warehouses()
    ran = command("unleashed", "run", "example", "orders", "--yes")

    told = json.loads(command("unleashed", "flows", "example", "--json").stdout)

    assert ran.exit_code == 0, ran.output
    first, after = (
        next(row for row in found["flows"] if row["flow"] == "orders") for found in (never, told)
    )
    assert (first["ran"], first["in_work"], first["parked"]) == ("", 0, 0)
    assert after["ran"]
    counted = {name: after[name] for name in ("in_work", "waits", "comes_back", "parked")}
    assert counted == {"in_work": 2, "waits": 2, "comes_back": 1, "parked": 1}
    assert (after["whole"], after["at_work"], after["mode"]) == (True, False, "live")
    assert told["calls"]["used"] == 25
    assert told["calls"]["foreseen"] >= 25
    assert (told["calls"]["monthly_calls"], told["calls"]["reserve"]) == (10_000, 1000)

    table = command("unleashed", "flows", "example").output
    assert "calls this month: 25 used" in table
    assert "of 10000; the last 1000 are kept" in table
    assert "not in this release" in table


def test_a_run_that_is_at_work_and_a_list_that_was_cut_are_told(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    source.put("a", Row("x"))
    source.cut_after = 0
    ran = command("unleashed", "run", "example", "orders", "--yes")
    assert ran.exit_code == 3
    assert "the list was cut off" in ran.output
    assert "cut: the next tick goes on" in command("unleashed", "flows", "example").output

    world.made.cursors.acquire(cursor_name("fake.orders", "example"), "another", 60)
    assert "at work now" in command("unleashed", "flows", "example").output
    again = command("unleashed", "run", "example", "orders", "--yes", "--now")
    assert "another run is at work" in again.output


# -- show --------------------------------------------------------------------------------------


def test_a_record_tells_its_story_by_its_key_or_by_what_was_made_of_it(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    source.put(GUID, Row("x"))
    source.put("b", Row("x", odd="an order without lines"))
    command("unleashed", "run", "example", "orders", "--yes")

    by_key = command("unleashed", "show", "example", "orders", GUID.upper())
    by_made = command("unleashed", "show", "example", "orders", f"made-{GUID}-make")
    as_json = json.loads(command("unleashed", "show", "example", "orders", GUID, "--json").stdout)
    parked = command("unleashed", "show", "example", "orders", "b")

    assert by_key.exit_code == 0, by_key.output
    assert by_key.output == by_made.output
    assert f"{GUID} of fake.orders stands: made" in by_key.output
    assert f"made: make made-{GUID}-make" in by_key.output
    assert "step done" in by_key.output
    assert as_json["standing"] == "made"
    assert as_json["timeline"][0]["fact"]["kind"] == "record_seen"
    assert "a person is asked: hub parked show example fake.orders/b" in parked.output


@pytest.mark.parametrize("kind", ["orders", "shipments"])
def test_a_despatch_is_found_by_the_guid_of_its_order_or_shipment(
    world: World, source: FakeSource, command: Command, kind: str
) -> None:
    world.apply(orders={"mode": "live"})
    source.put(f"{kind}/{GUID}", Row("x"))
    command("unleashed", "run", "example", "orders", "--yes")
    shown = command("unleashed", "show", "example", "orders", GUID.upper())

    assert f"{kind}/{GUID} of fake.orders stands: made" in shown.output


# -- run ---------------------------------------------------------------------------------------


def test_a_live_flow_is_run_only_after_a_yes(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    source.put("a", Row("x"))

    assert command("unleashed", "run", "example", "orders", given="n\n").exit_code == 1
    assert source.pulls == []
    done = command("unleashed", "run", "example", "orders", given="y\n")

    assert done.exit_code == 0, done.output
    assert "fake.orders (live): 1 made" in done.output
    assert source.partner.rows == {"a": "x"}


def test_a_shadow_is_run_without_asking_and_a_flow_that_is_off_is_refused(
    world: World, source: FakeSource, command: Command
) -> None:
    source.put("a", Row("x"))
    source.mode = Mode.SHADOW
    world.apply(orders={"mode": "shadow"})
    done = command("unleashed", "run", "example", "orders", "--json")
    assert json.loads(done.stdout)["sources"] == {"fake.orders": {"shadow": 1}}
    assert source.partner.rows == {}

    world.apply()
    refused = command("unleashed", "run", "example", "orders")
    assert (refused.exit_code, "orders is off" in refused.output) == (1, True)


def test_it_is_run_though_it_is_not_due_only_with_now(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    command("unleashed", "run", "example", "orders", "--yes")

    waits = command("unleashed", "run", "example", "orders", "--yes")
    done = command("unleashed", "run", "example", "orders", "--yes", "--now")

    assert "its interval is not over; --now" in waits.output
    assert (waits.exit_code, done.exit_code, len(source.pulls)) == (0, 0, 2)


def test_a_run_by_hand_ends_before_its_lease(
    world: World, source: FakeSource, command: Command
) -> None:
    world.apply(orders={"mode": "live"})
    command("unleashed", "run", "example", "orders", "--yes")

    left = world.made.clock.remaining()
    assert 200 < left <= 270
    world.made.clock.begin(lambda: 300.0)


def test_a_full_stock_sync_is_asked_for(
    world: World, source: FakeSource, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, "stock", source)
    world.apply(stock={"mode": "shadow"})
    source.mode = Mode.SHADOW
    assert full_asked_at(world.made.stores(), "example") is None

    assert command("unleashed", "run", "example", "stock", "--full").exit_code == 0

    asked = full_asked_at(world.made.stores(), "example")
    assert asked is not None
    assert asked <= world.made.clock.now()
    assert len(source.pulls) == 1
    assert full_asked_at(world.made.stores(), "other") is None


# -- dead letters ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('{"merchant": "example", "flow": "orders"}', "readable"),
        ('{"merchant": "example", "flow": "no-such"}', "unleashed.no_flow"),
    ],
)
def test_a_dead_letter_of_its_queue_is_listed_by_its_contract_and_sent_again(
    made: Hub, command: Command, monkeypatch: pytest.MonkeyPatch, body: str, wrong: str
) -> None:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    monkeypatch.setattr(dead_letters, "SEND_DELAY", 0)
    sqs = boto3.client("sqs")
    names = ("poll_mintsoft", "approved_returns", "unleashed_sync")
    urls = {
        f"{name}{kind}queue_url": sqs.create_queue(QueueName=f"{name}{kind}")["QueueUrl"]
        for name in names
        for kind in ("_", "_dead_letter_")
    }
    made.settings = made.settings.model_copy(update=urls)
    dead = urls["unleashed_sync_dead_letter_queue_url"]
    sqs.send_message(QueueUrl=dead, MessageBody=body)

    told = json.loads(command("dlq", "list", "--queue", "unleashed-sync", "--json").stdout)
    (row,) = told["messages"]
    assert (row["queue"], row["merchant"], row["code"]) == ("unleashed-sync", "example", wrong)
    if wrong == "readable":
        assert command("dlq", "replay", row["message_id"]).exit_code == 0
        (sent,) = sqs.receive_message(QueueUrl=urls["unleashed_sync_queue_url"])["Messages"]
        assert sent["Body"] == body
    else:
        done = command("dlq", "discard", row["message_id"], "--note", "of another release")
        assert done.exit_code == 0, done.output
