"""A queue's worker as it is usually written: Powertools, boto3, requests, pydantic.

It announces a return to the warehouse: batch processing with partial failures, a parsed model,
idempotency in DynamoDB, secrets by Powertools' parameters, two requests to the warehouse and one
to the portal. No Tracer, which would need another package and 200 ms more.
"""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
import requests
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field

logger = Logger(service="plain")
metrics = Metrics(namespace="Plain", service="plain")
processor = BatchProcessor(event_type=EventType.SQS)
merchants = boto3.resource("dynamodb").Table(os.environ["MERCHANTS_TABLE"])
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(event_key_jmespath="return_id", raise_on_no_idempotency_key=True)
session = requests.Session()


class Item(BaseModel):
    """A line of the return."""

    model_config = ConfigDict(extra="ignore")

    id: str
    sku: str
    quantity: int
    reason_code: str | None = Field(default=None, alias="reasonCode")


class PortalReturn(BaseModel):
    """The portal's return."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: str
    items: list[Item]


class ApprovedReturn(BaseModel):
    """The message."""

    merchant: str
    return_id: str
    occurred_at: str
    source: str
    body: PortalReturn = Field(alias="return")


def secret(name: str) -> dict[str, Any]:
    """A secret's content."""
    found: Any = parameters.get_secret(f"{os.environ['SECRET_PREFIX']}/example/{name}", "json")
    return dict(found)


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="told", persistence_store=persistence, config=config
)
def announce(told: dict[str, Any]) -> dict[str, Any]:
    """One return to the warehouse, and a comment in the portal."""
    approved = parse(told, ApprovedReturn)
    merchants.get_item(Key={"pk": approved.merchant, "sk": "none"})
    headers = {"ms-apikey": secret("mintsoft")["api_key"]}
    items = []
    for line in approved.body.items:
        found = session.get(
            f"{os.environ['MINTSOFT_URL']}/api/Product/LookupProductId",
            params={"SKU": line.sku, "ClientId": "12"},
            headers=headers,
            timeout=10,
        )
        found.raise_for_status()
        items.append(
            {
                "SKU": line.sku,
                "ProductId": found.json(),
                "Quantity": line.quantity,
                "ReturnReasonId": int(os.environ["REASON_ID"]),
                "Action": "NONE",
            }
        )
    made = session.post(
        f"{os.environ['MINTSOFT_URL']}/api/Return/CreateExternalReturn",
        json={
            "ClientId": 12,
            "WarehouseId": 3,
            "Reference": f"{approved.return_id}-{os.urandom(4).hex()}",
            "ReturnItems": items,
        },
        headers=headers,
        timeout=10,
    )
    made.raise_for_status()
    said = session.post(
        f"{os.environ['REDO_URL']}/returns/{approved.return_id}/comments",
        json={"comment": {"message": f"announced as {made.json().get('ID')}"}},
        headers={"Authorization": f"Bearer {secret('redo')['api_token']}"},
        timeout=10,
    )
    said.raise_for_status()
    metrics.add_metric(name="Announced", unit=MetricUnit.Count, value=1)
    return {"id": made.json().get("ID")}


def record_handler(record: SQSRecord) -> dict[str, Any]:
    """One message."""
    told = json.loads(record.body)
    logger.info("announcing", extra={"return_id": told.get("return_id")})
    done: dict[str, Any] = announce(told=told)
    return done


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch of messages."""
    config.register_lambda_context(context)
    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )
