"""Events of an HTTP API in payload format 2.0, and the answers to them.

Source: Amazon API Gateway's developer guide, "AWS Lambda proxy integrations for HTTP APIs". Header
names come in lower case, and a header that was sent twice as one, joined by commas. A body whose
content type is not a text's comes in base64. A field may be missing all the same: whoever may
invoke the function can make an event.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from returns_hub.domain.webhooks import WebAnswer, WebRequest

PROBLEM = "application/problem+json"


def request_of(
    event: Mapping[str, Any],
    signature: str = "",
    *,
    timestamp: str = "",
    came_at: datetime | None = None,
) -> WebRequest:
    """The request that an event tells of; what is missing or of another kind reads as empty.

    Args:
        event: The event.
        signature: The header of a portal that signs what it sends.
        timestamp: The header of one that signs when it sent it, too.
        came_at: When the event came.
    """
    context = _object(event.get("requestContext"))
    headers = _object(event.get("headers"))
    return WebRequest(
        method=_text(_object(context.get("http")).get("method")).upper(),
        merchant=_text(_object(event.get("pathParameters")).get("merchant")),
        authorization=_header(headers, "authorization"),
        content_type=_header(headers, "content-type").partition(";")[0].strip().lower(),
        signature=_header(headers, signature.lower()) if signature else "",
        body=_body(event),
        timestamp=_header(headers, timestamp.lower()) if timestamp else "",
        came_at=came_at,
    )


def response_of(answer: WebAnswer) -> dict[str, Any]:
    """The function's answer in payload format 2.0; one of 400 and above is problem+json."""
    kind = PROBLEM if answer.status >= 400 else "application/json"
    return {
        "statusCode": answer.status,
        "headers": {"Content-Type": kind, "Cache-Control": "no-store", **answer.headers},
        "body": json.dumps(answer.content),
        "isBase64Encoded": False,
    }


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _header(headers: Mapping[str, Any], name: str) -> str:
    """The header; empty when it is missing, or there in two spellings that may contradict."""
    found = [value for key, value in headers.items() if key.lower() == name]
    return _text(found[0]).strip() if len(found) == 1 else ""


def _body(event: Mapping[str, Any]) -> bytes:
    """The body's bytes; none when it is missing, no text, or its base64 is broken."""
    body = _text(event.get("body"))
    if event.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return b""
