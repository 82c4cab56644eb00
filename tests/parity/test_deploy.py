"""The application as the real SAM CLI builds and deploys it, in the local AWS, with one return.

Nothing of our own host is in play here: the emulator runs the built functions, polls the queue and
keeps the schedule, so that a difference between our stack and a deployment shows.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
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

STACK = "returns-hub-parity"
SAM = ROOT / ".venvs" / "sam" / "bin" / "sam"
WITHIN = 60.0


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("state")) as started:
        yield started


@pytest.fixture(scope="module")
def outputs(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The stack's outputs, after a real build and a real deployment."""
    machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    folder = tmp_path_factory.mktemp("source")
    for name in ("template.yaml", "functions", "layers"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    # The emulator takes a number parameter for text and then cannot compare it.
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    number = template.replace("!Ref MaximumConcurrency", "5")
    (folder / "template.yaml").write_text(number, encoding="utf-8")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
        **aws.environment,
        "SAM_CLI_TELEMETRY": "0",
        "HUB_UV": str(ROOT / ".venvs" / "uv" / "bin" / "uv"),
        "LAYER_ARCHITECTURE": machine,
    }
    overrides = f"Stage=local Architecture={machine}"
    _sam(folder, environment, "build", "--parameter-overrides", overrides)
    _sam(
        folder,
        environment,
        *("deploy", "--stack-name", STACK, "--resolve-s3", "--no-confirm-changeset"),
        *("--capabilities", "CAPABILITY_IAM", "--parameter-overrides", overrides),
    )
    stacks = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {row["OutputKey"]: row["OutputValue"] for row in stacks[0]["Outputs"]}


def _sam(folder: Path, environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [str(SAM), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_return_travels_through_the_deployed_application(
    aws: LocalAws, outputs: dict[str, str]
) -> None:
    with partner_simulators() as partners:
        _set_up(aws, outputs, partners)
        (sample,) = samples(1, datetime.now(UTC))
        put_in_portal([sample], partners.redo)
        aws.client("sqs").send_message(
            QueueUrl=outputs["ApprovedReturnsQueueUrl"], MessageBody=message_of(sample)
        )
        _until(lambda: bool(partners.redo.comments), "the return is not in the warehouse")
        partners.mintsoft.receive(41)
        _invoke(aws, "PollMintsoft")
        _invoke(aws, "RefreshCredentials")
        _until(lambda: bool(partners.redo.books.submissions), "the receipt is not processed")

        judgement = judge([sample], partners.redo.all_books(), partners.mintsoft.books(), {})
        assert judgement.summary()["processed"] == 1
        assert not judgement.duplicates


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
