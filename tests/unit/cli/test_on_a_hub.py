"""The command's verbs against a whole hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.timeline import Event, Skipped
from returns_hub.ports import ParkedItem
from tests.support.fakes import START
from tests.support.worlds import merchant_file
from tests.unit.cli.conftest import Command
from tests.unit.test_messages import GOOD


def file(folder: Path, **changes: Any) -> str:
    path = folder / "example.yaml"
    path.write_text(yaml.safe_dump(merchant_file(**changes)), encoding="utf-8")
    return str(path)


@pytest.fixture
def applied(made: Hub) -> Hub:
    made.merchants.apply(Merchant.model_validate(merchant_file()), "test", after=0)
    return made


def test_a_file_is_applied_shown_and_listed(made: Hub, command: Command, tmp_path: Path) -> None:
    first = command("config", "apply", file(tmp_path), "--yes")
    assert first.exit_code == 0, first.output
    assert "version 1 is live" in first.output

    again = command("config", "apply", file(tmp_path), "--yes")
    assert "nothing changes" in again.output

    second = command("config", "apply", file(tmp_path, name="Renamed"), "--yes")
    assert "version 2 is live" in second.output
    assert "Renamed" in second.output

    live = made.merchants.version("example")
    assert (live.version, live.applied_by) == (2, "arn:aws:iam::1:user/pat")
    assert json.loads(command("config", "show", "example").stdout)["name"] == "Renamed"
    old = command("config", "show", "example", "--version", "1")
    assert json.loads(old.stdout)["name"] == "Example Fashion"
    assert "example  version 2" in command("config", "list").stdout
    (row,) = json.loads(command("config", "list", "--json").stdout)
    assert (row["merchant"], row["version"]) == ("example", 2)


def test_nothing_is_applied_without_a_yes(made: Hub, command: Command, tmp_path: Path) -> None:
    result = command("config", "apply", file(tmp_path), given="n\n")

    assert result.exit_code == 1
    assert made.merchants.all_ids() == ()


def test_a_live_file_that_cannot_be_read_is_not_taken_for_none(
    applied: Hub, command: Command, tmp_path: Path
) -> None:
    boto3.client("dynamodb").update_item(
        TableName="MerchantsTable",
        Key={"pk": {"S": "example"}, "sk": {"S": "LIVE"}},
        UpdateExpression="SET #file = :file",
        ExpressionAttributeNames={"#file": "file"},
        ExpressionAttributeValues={":file": {"S": '{"merchant": "example"}'}},
    )
    result = command("config", "apply", file(tmp_path), "--yes")

    assert result.exit_code == 1
    assert "does not fit this release" in result.output
    assert "someone else" not in result.output
