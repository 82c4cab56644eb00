"""A webhook's door as it is usually written: Powertools' parser and parameters, boto3."""

from __future__ import annotations

import hmac
import json
import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parser import ValidationError, parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

logger = Logger(service="plain")
metrics = Metrics(namespace="Plain", service="plain")
table = boto3.resource("dynamodb").Table(os.environ["MERCHANTS_TABLE"])
sqs = boto3.client("sqs")


class PortalReturn(BaseModel):
    """The portal's return."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: str


class Delivery(BaseModel):
    """A delivery."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    type: str
    at: str


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Put a delivery onto the queue."""
    merchant = event["pathParameters"]["merchant"]
    name = f"{os.environ['SECRET_PREFIX']}/{merchant}/redo-webhook"
    known: Any = parameters.get_secret(name, "json")
    given = event["headers"].get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given, known["token"]):
        return {"statusCode": 401, "body": "{}"}
    try:
        content = json.loads(event["body"])
        parse(content, Delivery)
        told = parse(content["return"], PortalReturn)
    except (ValueError, KeyError, ValidationError):
        return {"statusCode": 400, "body": "{}"}
    table.get_item(Key={"pk": merchant, "sk": told.id})
    sqs.send_message(QueueUrl=os.environ["APPROVED_RETURNS_QUEUE_URL"], MessageBody=event["body"])
    metrics.add_metric(name="Webhooks", unit=MetricUnit.Count, value=1)
    logger.info("delivery", extra={"return_id": told.id})
    return {"statusCode": 202, "body": json.dumps({"outcome": "queued"})}
