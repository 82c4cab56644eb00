"""Which hub the command reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from cli import worlds
from local.stack import ROOT
from tests.support.moto_tables import asked_of_create_table
from tests.unit.cli.conftest import REGION, Command


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty account, and no local stack."""
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


class Stacks:
    """CloudFormation, as far as the command asks it."""

    def __init__(self) -> None:
        self.outputs: dict[str, list[dict[str, str]]] = {}

    def describe_stacks(self, **given: str) -> dict[str, Any]:
        if given["StackName"] not in self.outputs:
            answer: Any = {"Code": "ValidationError", "Message": "does not exist"}
            raise ClientError({"Error": answer}, "DescribeStacks")
        return {"Stacks": [{"Outputs": self.outputs[given["StackName"]]}]}


@pytest.fixture(autouse=True)
def stacks(monkeypatch: pytest.MonkeyPatch) -> Stacks:
    made, other = Stacks(), boto3.session.Session.client

    def client(session: boto3.session.Session, name: str, **given: Any) -> Any:
        return made if name == "cloudformation" else other(session, name, **given)  # type: ignore[call-overload]

    monkeypatch.setattr(boto3.session.Session, "client", client)
    return made


def deploy(stacks: Stacks, tables: dict[str, Any], outputs: list[str]) -> None:
    """A stack with a table of merchants and these outputs."""
    dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
    dynamodb.create_table(
        TableName="the-merchants", **asked_of_create_table(tables["MerchantsTable"])
    )
    stacks.outputs["hub-stage"] = [
        {"OutputKey": name, "OutputValue": "the-merchants"} for name in outputs
    ]


def test_a_stack_is_reached_by_its_outputs(
    stacks: Stacks, tables: dict[str, Any], command: Command
) -> None:
    deploy(stacks, tables, list(worlds.OUTPUTS))
    result = command("--stack", "hub-stage", "--region", REGION, "config", "list", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == []
    assert f"(stack hub-stage in {REGION})" in result.stderr


def test_who_applies_is_the_callers_ARN(
    stacks: Stacks, tables: dict[str, Any], command: Command
) -> None:
    deploy(stacks, tables, list(worlds.OUTPUTS))
    example = str(ROOT / "config" / "example.yaml")
    where = ("--stack", "hub-stage", "--region", REGION)
    result = command(*where, "config", "apply", example, "--yes")

    assert result.exit_code == 0, result.output
    assert "by arn:aws:" in command(*where, "config", "show", "example").stderr


def test_a_stack_that_is_no_hub_is_told(
    stacks: Stacks, tables: dict[str, Any], command: Command
) -> None:
    deploy(stacks, tables, ["ReturnsTableName"])
    result = command("--stack", "hub-stage", "--region", REGION, "config", "list")

    assert result.exit_code == 3
    assert "is not a returns hub" in result.output


@pytest.mark.parametrize(
    "where", [("--stack", "no-such", "--region", REGION), ("--stack", "x", "--profile", "no-such")]
)
def test_what_cannot_be_reached_is_told(command: Command, where: tuple[str, ...]) -> None:
    result = command(*where, "config", "list")

    assert result.exit_code == 3
    assert "cannot reach stack" in result.output


def test_the_outputs_are_the_templates() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8").split("\nOutputs:\n")[1]
    for name in worlds.OUTPUTS:
        assert f"  {name}:\n" in text, name
