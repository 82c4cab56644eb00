"""hub plan, and the dry run of a replay, against a whole hub."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.ports import ParkedItem
from tests.support.fakes import START
from tests.support.worlds import RETURN_ID, merchant_file
from tests.unit.cli.conftest import Command

WATCH = ("plan", "make", "watch_returns", "example")


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    return made


def tables() -> dict[str, Any]:
    """Everything in the tables but plans."""
    client = boto3.client("dynamodb")
    found = {}
    for name in client.list_tables()["TableNames"]:
        rows = client.scan(TableName=name)["Items"]
        found[name] = sorted(repr(row) for row in rows if "plan" not in row["pk"]["S"])
    return found


def test_a_plan_is_made_kept_listed_shown_and_compared(applied: Hub, command: Command) -> None:
    before = tables()
    first = command(*WATCH, "--json")
    assert first.exit_code == 0, first.output
    plan = json.loads(first.stdout)
    assert (plan["merchant"], plan["job"], plan["rows"], plan["whole"]) == (
        "example",
        "watch_returns",
        [],
        True,
    )
    assert tables() == before
    assert f"{plan['plan_id']}" in command("plan", "list", "example").stdout.replace("\n", "")
    assert "nothing to do" in command("plan", "show", plan["plan_id"]).stdout
    assert "kept as" in command(*WATCH).stdout
    lines = json.loads(command("plan", "list", "example", "--json").stdout)
    ids = [line["plan_id"] for line in lines]
    assert len(ids) == 2
    assert plan["plan_id"] == ids[1]
    same = command("plan", "diff", *ids)
    assert (same.exit_code, same.stdout) == (0, "both do the same\n")
    checked = command("plan", "check", ids[0])
    assert checked.exit_code == 0
    assert "0 of 0 writes done as planned" in checked.stdout
    assert "kept as" not in command(*WATCH, "--dry-run").stdout
    assert command("plan", "show", "example/x/1").exit_code == 1
    assert command("plan", "make", "approve_everything", "example").exit_code == 2


def test_a_dry_run_of_a_replay_shows_and_keeps_its_plan_and_does_nothing(
    applied: Hub, command: Command
) -> None:
    item = ParkedItem(
        merchant="example",
        parked_id=f"create_external_return/{RETURN_ID}/a",
        flow="create_external_return",
        code="mintsoft.unknown_sku",
        reason="no such product",
        subject=RETURN_ID,
        payload="not an event",
        first_seen_at=START,
    )
    applied.parking.park(item)
    before = tables()
    dry = command("parked", "replay", item.parked_id, "--dry-run")
    assert "1 would be acted on" in dry.stdout
    assert "kept as example/replay/" in dry.stdout
    assert "closed: replayed" in dry.stdout
    assert tables() == before
    (line,) = json.loads(command("plan", "list", "example", "--json").stdout)
    assert line["subject"] == item.parked_id


def test_a_write_beyond_a_plan_is_found(applied: Hub, command: Command) -> None:
    plan = json.loads(command("plan", "make", "poll_mintsoft", "example", "--json").stdout)
    key = f"process/example/{RETURN_ID}/1"
    boto3.client("dynamodb").put_item(
        TableName="LedgerTable",
        Item={
            "pk": {"S": key},
            "merchant": {"S": "example"},
            "state": {"S": "CONFIRMED"},
            "partner_id": {"S": "1"},
            "settled_at": {"S": "2999-01-01T00:00:00.000000Z"},
        },
    )
    found = command("plan", "check", plan["plan_id"])
    assert found.exit_code == 1
    assert f"not in the plan: {key}" in found.stdout
    unlooked = command("plan", "check", plan["plan_id"], "--no-beyond")
    assert unlooked.exit_code == 0
    assert "was not looked for" in unlooked.stdout
