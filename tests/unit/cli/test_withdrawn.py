"""hub withdrawn list, done."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from returns_hub.bootstrap import Hub
from returns_hub.domain.facts import (
    DueSet,
    Event,
    ExternalReturnMade,
    ReceiptTaken,
    ShipmentsPlanned,
    Withdrawn,
)
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.shipments import PlannedLine, PlannedShipment
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command


def withdraw(
    made: Hub,
    number: int,
    *,
    merchant: str = "example",
    days_ago: float = 1,
    arrived: bool = False,
    **planned: Any,
) -> None:
    """A return whose external return of this number stays behind."""
    sku = planned.pop("sku", "TEE")
    line = PlannedLine(line_id="l", sku=sku, quantity=2, reason_id=1, reason_mapped=True)
    content: dict[str, Any] = {"warehouse_id": 3, "reference": "#5501", "carrier": "RoyalMail"}
    content |= {"tracking": "RM1", **planned}
    shipment = PlannedShipment(key="s", lines=(line,), **content)
    now = datetime.now(UTC)
    closed_at = now - timedelta(days=days_ago)
    facts: list[Any] = [
        ShipmentsPlanned(shipments=(shipment,)),
        ExternalReturnMade(shipment="s", external_return_id=number, how="sent"),
        Withdrawn(status="rejected", at=closed_at, shipment="s", note="n"),
        DueSet(due_kind="withdrawn", subject="s", at=now + timedelta(days=80)),
    ]
    if arrived:
        taken: dict[str, Any] = {
            "external_return_id": number,
            "receipt": f"{number}@1",
            "units": {sku: 2},
        }
        facts.append(ReceiptTaken(decision="skip_closed", **taken))
    state = made.returns.load(merchant, f"r{number}")
    events = [
        Event(sequence=n, at=now, actor="t", rule="t", config_version=1, fact=fact)
        for n, fact in enumerate(facts, start=1)
    ]
    made.returns.append(state, events)


@pytest.fixture
def two(made: Hub) -> Hub:
    """Two merchants with files."""
    for merchant in ("example", "other"):
        content = Merchant.model_validate(merchant_file(merchant=merchant))
        made.merchants.apply(content, "test", after=0)
    return made


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_has_clear_columns_and_one_row_for_each_sku(two: Hub, command: Command) -> None:
    withdraw(two, 41)
    result = command("withdrawn", "list", "example", "--csv")

    assert result.exit_code == 0, result.output
    (row,) = table(result.stdout)
    since = row.pop("since")
    assert datetime.fromisoformat(since).date() <= datetime.now(UTC).date()
    assert row == {
        "merchant": "example",
        "warehouse": "3",
        "external return id": "41",
        "reference": "#5501",
        "return id": "r41",
        "status": "rejected",
        "sku": "TEE",
        "quantity": "2",
        "tracking": "RM1",
        "carrier": "RoyalMail",
        "note": "cannot be cancelled by API: see to it in the warehouse",
    }


def test_of_all_merchants_by_age_and_by_warehouse(two: Hub, command: Command) -> None:
    withdraw(two, 41, days_ago=5)
    withdraw(two, 42, merchant="other", warehouse_id=4)

    def ids(*options: str) -> list[str]:
        listed = table(command("withdrawn", "list", "--csv", *options).stdout)
        return [row["external return id"] for row in listed]

    assert ids() == ["41", "42"]
    assert ids("--since", "2d") == ["42"]
    assert ids("--warehouse", "3") == ["41"]
    assert ids("--warehouse", "9") == []


def test_what_arrived_all_the_same_says_so(two: Hub, command: Command) -> None:
    withdraw(two, 41, arrived=True)
    (row,) = json.loads(command("withdrawn", "list", "example", "--json").stdout)
    assert row["note"] == "arrived after it was closed: nothing was processed"


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1+1", "\t=1+1", "\uff1d1+1", "\r=1+1"]
)
def test_no_cell_is_a_formula_to_a_spreadsheet(two: Hub, command: Command, evil: str) -> None:
    withdraw(two, 41, reference=evil, sku=evil.strip() or "x")
    (row,) = table(command("withdrawn", "list", "--csv").stdout)
    for name in ("reference", "sku"):
        assert row[name][0] not in "=+-@\uff1d\t\r", repr(row[name])


def test_a_line_break_in_an_order_name_makes_no_row(two: Hub, command: Command) -> None:
    withdraw(two, 41, reference='#1\n=2,"x"')
    (row,) = table(command("withdrawn", "list", "--csv").stdout)
    assert row["reference"] == '#1 =2,"x"'


def test_into_a_file_that_spreadsheets_take_for_utf_8(
    two: Hub, command: Command, tmp_path: Path
) -> None:
    withdraw(two, 41, reference="Größe")
    out = tmp_path / "list.csv"
    result = command("withdrawn", "list", "--csv", "--out", str(out))

    assert result.stdout == ""
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert table(out.read_text(encoding="utf-8-sig"))[0]["reference"] == "Größe"
    assert command("withdrawn", "list", "--csv", "--out", str(tmp_path / "no" / "x")).exit_code == 1


def test_options_that_make_no_sense_are_told(two: Hub, command: Command) -> None:
    assert command("withdrawn", "list", "--out", "x.csv").exit_code == 2
    assert command("withdrawn", "list", "--csv", "--json").exit_code == 2


def test_a_person_takes_one_off_the_list_and_the_timeline_says_who(
    two: Hub, command: Command
) -> None:
    withdraw(two, 41)
    assert "1 external returns stay behind" in command("withdrawn", "list").stdout

    result = command("withdrawn", "done", "example", "41", "--note", "sent back")

    assert result.exit_code == 0, result.output
    assert "0 external returns stay behind" in command("withdrawn", "list").stdout
    event = two.returns.timeline("example", "r41")[-1]
    assert event.actor == "arn:aws:iam::1:user/pat"
    assert "sent back" in command("timeline", "example", "r41").stdout
    again = command("withdrawn", "done", "example", "41", "--note", "again")
    assert again.exit_code == 1
    assert "41 is not in the list" in again.output
