"""A schedule's poller as it is usually written: a cursor in DynamoDB, requests to the warehouse."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import requests
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

logger = Logger(service="plain")
metrics = Metrics(namespace="Plain", service="plain")
table = boto3.resource("dynamodb").Table(os.environ["IDEMPOTENCY_TABLE"])
sqs = boto3.client("sqs")
session = requests.Session()


class Warehouse(BaseModel):
    """A warehouse, as Mintsoft has it."""

    model_config = ConfigDict(extra="ignore")

    ID: int
    Name: str | None = None


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Look for what changed since the cursor."""
    row = table.get_item(Key={"id": "cursor"}).get("Item", {})
    since = row.get("at", (datetime.now(UTC) - timedelta(days=1)).isoformat())
    known: Any = parameters.get_secret(f"{os.environ['SECRET_PREFIX']}/example/mintsoft", "json")
    answer = session.get(
        f"{os.environ['MINTSOFT_URL']}/api/Warehouse",
        headers={"ms-apikey": known["api_key"]},
        timeout=10,
    )
    answer.raise_for_status()
    rows = [parse(row, Warehouse) for row in answer.json()]
    table.put_item(Item={"id": "cursor", "at": datetime.now(UTC).isoformat()})
    metrics.add_metric(name="Seen", unit=MetricUnit.Count, value=len(rows))
    logger.info("polled", extra={"since": since})
    return {"seen": len(rows)}
