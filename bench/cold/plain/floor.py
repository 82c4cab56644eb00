"""The least that works with AWS: boto3's client for DynamoDB, one row read, and nothing else."""

from __future__ import annotations

import os
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Look whether the cursor is there."""
    key = {"id": {"S": "cursor"}}
    answer = dynamodb.get_item(TableName=os.environ["IDEMPOTENCY_TABLE"], Key=key)
    return {"known": "Item" in answer}
