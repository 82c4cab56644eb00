"""AWS on this machine: MiniStack as a child process, and the stack made in it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.processes import end, free_port, spawn, wait_for_port
from local.stack import EMULATOR_PYTHON, LocalStackError, Stack

READY_WITHIN = 60.0
FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
}


class LocalAws:
    """The emulator, reached through `AWS_ENDPOINT_URL` only."""

    def __init__(self, state: Path) -> None:
        self._state = state / "emulator"
        shutil.rmtree(self._state, ignore_errors=True)
        (self._state / "tmp").mkdir(parents=True)
        self.port = free_port()
        self._clients: dict[str, Any] = {}
        self._log = (self._state / "emulator.log").open("wb")
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._state),
            "TMPDIR": str(self._state / "tmp"),
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_PORT": str(self.port),
            "EDGE_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "PERSIST_STATE": "0",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            **FAKE_CREDENTIALS,
        }
        program = EMULATOR_PYTHON.with_name("ministack")
        self._process = spawn([str(program)], environment=environment, output=self._log)
        if not wait_for_port(self.port, self._process, READY_WITHIN):
            self.stop()
            tail = (self._state / "emulator.log").read_text(errors="replace")[-1500:]
            raise LocalStackError(f"the local AWS did not start; its last words:\n{tail}")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What points any AWS client here."""
        return {"AWS_ENDPOINT_URL": self.url, **FAKE_CREDENTIALS}

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS; one of each, because making one takes long."""
        if service not in self._clients:
            self._clients[service] = self._new_client(service, self.url)
        return self._clients[service]

    @staticmethod
    def _new_client(service: str, url: str) -> Any:
        session = boto3.session.Session(
            aws_access_key_id=FAKE_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=FAKE_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=FAKE_CREDENTIALS["AWS_REGION"],
        )
        config = Config(
            connect_timeout=2,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=30,
        )
        make: Any = session.client
        return make(service, endpoint_url=url, config=config)

    def deploy(self, stack: Stack) -> None:
        """Make the emulator's part of the stack, and tell the stack what was made."""
        cloudformation = self.client("cloudformation")
        try:
            cloudformation.create_stack(
                StackName=stack.stack_name,
                TemplateBody=json.dumps(stack.for_emulator()),
                Parameters=stack.parameters_for_emulator(),
                Capabilities=["CAPABILITY_IAM"],
            )
            self._wait(cloudformation, stack.stack_name)
        except (ClientError, BotoCoreError) as error:
            raise LocalStackError(f"the local AWS refused the stack: {error}") from error
        rows = cloudformation.describe_stack_resources(StackName=stack.stack_name)
        physical = {
            row["LogicalResourceId"]: row["PhysicalResourceId"] for row in rows["StackResources"]
        }
        stack.made(physical, self._attributes(stack, physical))
        dynamodb = self.client("dynamodb")
        for name, attribute in stack.ttl_attributes().items():
            dynamodb.update_time_to_live(
                TableName=physical[name],
                TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute},
            )

    @staticmethod
    def _wait(cloudformation: Any, stack_name: str) -> None:
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends:
            status = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
            if status["StackStatus"] == "CREATE_COMPLETE":
                return
            if "FAILED" in status["StackStatus"] or "ROLLBACK" in status["StackStatus"]:
                why = status.get("StackStatusReason", status["StackStatus"])
                raise LocalStackError(f"the local AWS could not make the stack: {why}")
            time.sleep(0.05)
        raise LocalStackError("the local AWS did not finish making the stack")

    def _attributes(self, stack: Stack, physical: Mapping[str, str]) -> dict[str, str]:
        """``Name.Arn`` and the like, for references from what we run ourselves."""
        account = "arn:aws:{}:eu-west-1:000000000000:{}"
        found: dict[str, str] = {}
        for name, resource in stack.resources.items():
            made = physical.get(name, "")
            match resource["Type"]:
                case "AWS::SQS::Queue":
                    queue = made.rsplit("/", 1)[-1]
                    found[f"{name}.Arn"] = account.format("sqs", queue)
                    found[f"{name}.QueueName"] = queue
                case "AWS::S3::Bucket":
                    found[f"{name}.Arn"] = f"arn:aws:s3:::{made}"
                case "AWS::KMS::Key":
                    found[f"{name}.Arn"] = account.format("kms", f"key/{made}")
                case "AWS::DynamoDB::Table":
                    found[f"{name}.Arn"] = account.format("dynamodb", f"table/{made}")
        return found

    def stop(self) -> None:
        """End it; what it kept is gone."""
        end(self._process)
        self._log.close()

    def __enter__(self) -> LocalAws:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
