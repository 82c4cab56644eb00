"""The published JSON Schemas, made from the models."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel

from returns_hub.domain.events import ApprovedReturn
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.refunds import Refund, StoreRefund
from returns_hub.domain.relay.despatch import Despatch
from returns_hub.domain.relay.order_change import OrderChange

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def merchant_schema() -> str:
    """The JSON Schema of merchant files."""
    content = {"$schema": DIALECT, **Merchant.model_json_schema()}
    return json.dumps(content, indent=1) + "\n"


def event_schema() -> str:
    """The JSON Schema of the approved-return event."""
    return _of_event(ApprovedReturn)


def refund_schema() -> str:
    """The JSON Schema of the event that a refund goes home as."""
    return _of_event(Refund, mode="serialization")


def store_refund_schema() -> str:
    """The JSON Schema of the event by which a store tells of a refund."""
    return _of_event(StoreRefund)


def order_change_schema() -> str:
    """The JSON Schema of the event that an order changed upstream."""
    return _of_event(OrderChange)


def despatch_schema() -> str:
    """The JSON Schema of the event by which upstream is told of a despatch."""
    return _of_event(Despatch, mode="serialization")


def _of_event(
    model: type[BaseModel], mode: Literal["validation", "serialization"] = "validation"
) -> str:
    content = {"$schema": DIALECT, **model.model_json_schema(by_alias=True, mode=mode)}
    return json.dumps(content, indent=1) + "\n"
