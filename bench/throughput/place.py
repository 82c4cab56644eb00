"""Where a measurement takes place: partners, AWS, the stack's functions, and merchants."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.elsewhere import Elsewhere
from bench.rivals import IDEMPOTENCY_TABLE
from bench.throughput.outside import AwsSide, PartnerSide
from local.aws import FAKE_CREDENTIALS, LocalAws
from local.stack import Stack, translated
from local.world import STATE, TEMPLATE, hub_of
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant

MERCHANTS = tuple(f"bench-{number}" for number in range(10))
"""Several, since a merchant's file lets at most 100 requests a second go to a partner: with one,
the pace would be measured. The returns of a batch are spread over them."""
IDEMPOTENCY: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
QUEUES = "https://sqs.eu-west-1.amazonaws.com/000000000000/"


@dataclass(frozen=True)
class Place:
    """What a measurement needs. `aws` is None where the emulator is AWS, which tells no counts."""

    partners: Elsewhere
    aws: Elsewhere | None
    stack: Stack
    variables: Mapping[str, str]
    addresses: Mapping[str, str]
    credentials: Mapping[str, str]
    hub: Hub
    logs: Path

    def function_of(self, handler_folder: str) -> Any:
        """The function whose code is in that folder of functions/."""
        every = self.stack.functions().values()
        return next(spec for spec in every if spec.code.name == handler_folder)


@contextmanager
def place(partner_delay: float, aws_delay: float | None) -> Iterator[Place]:
    """Everything outside of the environment.

    Args:
        partner_delay: Seconds that every answer of a partner takes.
        aws_delay: Seconds that every answer of AWS takes; None for the local stack's emulator.
    """
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        stack = Stack(translated(TEMPLATE, STATE), {"Stage": "local"}, stack_name="bench")
        partners = Elsewhere(PartnerSide, partner_delay)
        ends.callback(partners.end)
        if aws_delay is None:
            emulator = ends.enter_context(LocalAws(folder))
            emulator.deploy(stack)
            emulator.client("dynamodb").create_table(TableName=IDEMPOTENCY_TABLE, **IDEMPOTENCY)
            aws, variables = None, emulator.environment
        else:
            aws = Elsewhere(AwsSide, tables_of(stack), aws_delay)
            ends.callback(aws.end)
            variables = {"AWS_ENDPOINT_URL": aws.do("url"), **FAKE_CREDENTIALS}
        addresses, credentials = partners.do("told")
        of_functions = stack.functions().values()
        every = {k: v for spec in of_functions for k, v in spec.environment.items()}
        hub = hub_of({**every, **variables})
        (logs := folder / "logs").mkdir()
        yield Place(partners, aws, stack, variables, addresses, credentials, hub, logs)


def tables_of(stack: Stack) -> dict[str, Any]:
    """The stack's tables by name, each named as in the template; the stack is told so."""
    names = {
        name: f"{QUEUES}{name}" if resource["Type"] == "AWS::SQS::Queue" else name
        for name, resource in stack.resources.items()
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket"}
    }
    stack.made(names, {})
    tables = {
        name: resource["Properties"]
        for name, resource in stack.resources.items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }
    return {**tables, IDEMPOTENCY_TABLE: IDEMPOTENCY}


def announcing_file(name: str, addresses: Mapping[str, str]) -> dict[str, Any]:
    """A merchant's file that announces returns, and does nothing else."""
    return {
        "merchant": name,
        "name": "Example Fashion",
        "live_from": "2026-01-01T00:00:00Z",
        "redo": {
            "base_url": f"{addresses['redo']}/v2.2",
            "store_id": "64e5a8a1af49a89df37e4ee7",
            "requests_per_second": 100,
        },
        "mintsoft": {
            "base_url": addresses["mintsoft"],
            "client_id": 12,
            "authentication": "api_key",
            "requests_per_second": 100,
            "warehouses": {"by_location": {"loc_corby": 3}, "merchant_address": 3},
            "reasons": {"default": 1},
        },
        "flows": {
            "create_external_returns": {"mode": "live"},
            "process_receipts": {"mode": "off"},
        },
    }


def make_merchants(made: Place) -> dict[str, dict[str, Any]]:
    """Apply the files and set the secrets of `MERCHANTS`; the files by merchant."""
    files = {name: announcing_file(name, made.addresses) for name in MERCHANTS}
    for name, file in files.items():
        made.hub.merchants.apply(Merchant.model_validate(file), "bench", after=0)
        made.hub.secrets.write(name, "redo", {"api_token": made.credentials["redo_token"]})
        made.hub.secrets.write(name, "mintsoft", {"api_key": made.credentials["mintsoft_key"]})
    return files
