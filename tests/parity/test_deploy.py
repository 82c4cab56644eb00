"""The application as `make deploy` builds and deploys it with the real SAM CLI, in the local AWS.

Nothing of our own host is in play here: the emulator runs the built functions, polls the queue and
keeps the schedule, so that a difference between our stack and a deployment shows. The tests follow
each other as an owner's days would: deployed, upgraded, taken down.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.merchant_samples import MERCHANTS, apply_files, sample_secrets
from local.partners import PartnerSimulators, partner_simulators
from local.run.check import judge
from local.run.publish import message_of, put_in_portal, samples
from local.stack import ROOT
from local.world import hub_of
from tools.deploy.aws import RealAws
from tools.deploy.deploying import Tool, Wanted, deploy
from tools.deploy.follow import Clock
from tools.deploy.talk import Stopped
from tools.deploy.undeploying import undeploy

STACK = "returns-hub-dev"
MACHINE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
WITHIN = 60.0
FIRST = Wanted(
    "dev",
    parameters={"Stage": "local", "Architecture": MACHINE, "FirstMerchant": "example"},
    alarms_to="ops@example.test",
)
LATER = replace(FIRST, alarms_to=None)
KINDS = len(samples(None, datetime.now(UTC)))
RETURNS = samples(KINDS + 1, datetime.now(UTC))[::KINDS]
"""One return, and another like it."""


@dataclass
class Heard:
    """A person who says yes to everything; keeps what was said."""

    said: list[str] = field(default_factory=list)

    def say(self, text: str = "") -> None:
        self.said.append(text)

    def ask(self, question: str, default: str = "") -> str:
        raise AssertionError(f"asked {question} ({default})")

    def agreed(self, question: str) -> bool:
        self.said.append(question)
        return True

    @property
    def all(self) -> str:
        return "\n".join(self.said)


@pytest.fixture(scope="module")
def tool(aws: LocalAws, sources: Path) -> Iterator[Tool]:
    """`make deploy`'s own Python on a copy of what is deployed."""
    shutil.copy(ROOT / "samconfig.toml", sources / "samconfig.toml")
    (sources / ".venvs").symlink_to(ROOT / ".venvs")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        yield Tool(
            root=sources,
            source=sources,
            talk=Heard(),
            connect=lambda region: RealAws("", region),
            clock=Clock(wait=lambda _: time.sleep(0.2)),
        )


@pytest.fixture(scope="module")
def outputs(aws: LocalAws, tool: Tool) -> dict[str, str]:
    """The stack's outputs, after a real build and a real first deployment."""
    deploy(tool, FIRST)
    return _outputs(aws)


def _outputs(aws: LocalAws) -> dict[str, str]:
    stacks = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {row["OutputKey"]: row["OutputValue"] for row in stacks[0]["Outputs"]}


@pytest.fixture(scope="module")
def partners(aws: LocalAws, outputs: dict[str, str]) -> Iterator[PartnerSimulators]:
    with partner_simulators() as started:
        _set_up(aws, outputs, started)
        yield started


@pytest.mark.shows_planted("an owner's own app puts whole bodies onto the queue")
def test_one_return_travels_through_the_deployed_application(
    aws: LocalAws, outputs: dict[str, str], partners: PartnerSimulators, tool: Tool
) -> None:
    put_in_portal(RETURNS, partners)
    for sample in RETURNS:
        aws.client("sqs").send_message(
            QueueUrl=outputs["ApprovedReturnsQueueUrl"], MessageBody=message_of(sample)
        )
    _until(lambda: len(partners.redo.comments) == 2, "the returns are not in the warehouse")
    partners.mintsoft.receive(min(partners.mintsoft.returns))
    _invoke(aws, "PollMintsoft")
    _invoke(aws, "RefreshCredentials")
    _until(lambda: len(_processed(partners)) == 1, "the receipt is not processed")

    said = tool.talk.all  # type: ignore[attr-defined]  # Heard
    assert "this is the first deployment" in said
    assert f"./hub --stack {STACK} secrets set example redo" in said
    assert f"topic       arn:aws:sns:eu-west-1:000000000000:{STACK}-alarms" in said


@pytest.mark.skipif(
    os.environ.get("PARITY") != "whole", reason="a minute's second build: make parity"
)
def test_an_upgrade_keeps_tables_and_what_is_on_its_way(
    aws: LocalAws, outputs: dict[str, str], partners: PartnerSimulators, tool: Tool
) -> None:
    """A return that the release before announced is paid by the next, and nothing twice.

    What would lose credentials (another first merchant's id) is refused, and changes nothing.
    """
    before = _live_version(aws, "CreateExternalReturn")
    rows = aws.client("dynamodb").scan(TableName=outputs["ControlTableName"])["Items"]
    package = tool.source / "layers" / "shared" / "returns_hub" / "__init__.py"
    text = package.read_text(encoding="utf-8")
    package.write_text(text + '\nCHANGED = "in the next release"\n', encoding="utf-8")
    other = {**LATER.parameters, "FirstMerchant": "other"}
    with pytest.raises(Stopped, match=r"FirstMerchantRedoSecret \w+ be replaced"):
        deploy(tool, replace(LATER, parameters=other))
    change_sets = aws.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    assert not [row for row in change_sets if row["ExecutionStatus"] == "AVAILABLE"]
    assert _outputs(aws) == outputs
    deploy(tool, LATER)

    after = _outputs(aws)
    assert after["Release"] != outputs["Release"]
    changed = {name for name in outputs if outputs[name] != after[name]}
    assert changed == {"Release"}
    assert _live_version(aws, "CreateExternalReturn") == before + 1
    kept = aws.client("dynamodb").scan(TableName=outputs["ControlTableName"])["Items"]
    assert {str(row["pk"]) for row in rows} <= {str(row["pk"]) for row in kept}

    partners.mintsoft.receive(max(partners.mintsoft.returns))
    _invoke(aws, "PollMintsoft")
    _until(lambda: len(_processed(partners)) == 2, "the second receipt is not processed")
    judgement = judge(RETURNS, partners.redo.all_books(), partners.mintsoft.books(), {})
    assert judgement.summary()["processed"] == 2
    assert not judgement.duplicates


def test_it_is_taken_down_by_its_name_alone_and_keeps_its_tables(
    aws: LocalAws, outputs: dict[str, str], tool: Tool
) -> None:
    with pytest.raises(Stopped, match="nothing was deleted"):
        undeploy(tool, "dev", confirmed="returns-hub")
    heard = Heard()
    undeploy(replace(tool, talk=heard), "dev", confirmed=STACK)
    table = outputs["ReturnsTableName"]
    assert f"aws dynamodb delete-table --table-name {table}" in heard.all
    assert aws.client("dynamodb").describe_table(TableName=table)["Table"]["ItemCount"] >= 2
    left = aws.client("lambda").list_functions()["Functions"]
    assert not [row for row in left if row["FunctionName"].startswith(STACK)]


def _processed(partners: PartnerSimulators) -> set[str]:
    return {key.partition("/")[0] for key in partners.redo.books.submissions}


def _live_version(aws: LocalAws, name: str) -> int:
    functions = aws.client("lambda").list_functions()["Functions"]
    function = next(row["FunctionName"] for row in functions if name in row["FunctionName"])
    alias = aws.client("lambda").get_alias(FunctionName=function, Name="live")
    return int(alias["FunctionVersion"])


def _set_up(aws: LocalAws, outputs: dict[str, str], partners: PartnerSimulators) -> None:
    """The merchant's file and secrets, as the operators' command would set them."""
    environment = {
        **aws.environment,
        "SECRET_PREFIX": STACK,
        **{
            f"{name.upper()}_TABLE": outputs[f"{name}TableName"]
            for name in ("Returns", "Ledger", "Control", "Parked", "Merchants", "Catalogue")
        },
    }
    hub = hub_of(environment)
    apply_files(hub, partners, MERCHANTS)
    sample_secrets(hub, partners)


def _invoke(aws: LocalAws, name: str) -> Any:
    functions = aws.client("lambda").list_functions()["Functions"]
    function = next(row["FunctionName"] for row in functions if name in row["FunctionName"])
    answer = aws.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def _until(holds: Any, otherwise: str) -> None:
    ends = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < ends, otherwise
        time.sleep(0.2)
