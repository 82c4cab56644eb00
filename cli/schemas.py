"""The published JSON Schemas, made from the models."""

from __future__ import annotations

import json

from returns_hub.domain.events import ApprovedReturn
from returns_hub.domain.merchant import Merchant

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def merchant_schema() -> str:
    """The JSON Schema of merchant files."""
    content = {"$schema": DIALECT, **Merchant.model_json_schema()}
    return json.dumps(content, indent=1) + "\n"


def event_schema() -> str:
    """The JSON Schema of the approved-return event."""
    content = {"$schema": DIALECT, **ApprovedReturn.model_json_schema(by_alias=True)}
    return json.dumps(content, indent=1) + "\n"
