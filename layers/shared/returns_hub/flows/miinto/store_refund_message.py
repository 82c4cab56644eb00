"""A message of the store-refunds queue, read strictly; one that cannot be read is kept whole."""

from __future__ import annotations

import hashlib
import re

from pydantic import ValidationError

from returns_hub.domain.refunds import STORE_SCHEMA_NAME, StoreRefund
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from returns_hub.flows.world import Stores, park
from returns_hub.ports import ParkedItem

FLOW = "store_refund"
UNKNOWN_MERCHANT = "_unknown"
LONGEST_MESSAGE = 256 * 1024
"""Characters; a refund of the most lines has fewer."""


def parse(text: str) -> StoreRefund:
    """The message's refund.

    Raises:
        Permanent: It is none; the reason names what is wrong, in the contract's words.
    """
    if len(text) > LONGEST_MESSAGE:
        raise Permanent("refund.too_large", f"the message has {len(text)} characters")
    try:
        content = read_json(text)
    except ValueError:
        raise Permanent("refund.not_json", "the message's body is not JSON") from None
    if not isinstance(content, dict):
        raise Permanent("refund.not_an_object", "the message's body is not a JSON object")
    schema = content.get("schema")
    if schema != STORE_SCHEMA_NAME:
        known = isinstance(schema, str) and re.fullmatch(r"[a-z-]{1,40}/\d{1,4}", schema)
        said = schema if known else "none" if schema is None else "something else"
        raise Permanent(
            "refund.wrong_schema", f"schema is {said}; this queue takes {STORE_SCHEMA_NAME}"
        )
    try:
        return StoreRefund.model_validate(content, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Permanent("refund.invalid", _in_words(error)) from None


def _in_words(error: ValidationError) -> str:
    """What is wrong, field by field, without the values: they may be personal data."""
    problems = [
        f"{_place(problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(problems[:5])[:500]


def _place(path: tuple[int | str, ...]) -> str:
    words = [str(part) if re.fullmatch(r"[A-Za-z0-9_]{1,40}", str(part)) else "…" for part in path]
    return ".".join(words) or "the message"


def park_message(text: str, verdict: Permanent, stores: Stores) -> str:
    """Keep a message that cannot be worked on: it may be the only trace of a refund."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    park(
        stores,
        ParkedItem(
            merchant=UNKNOWN_MERCHANT,
            parked_id=f"{FLOW}/message/{digest}",
            flow=FLOW,
            code=verdict.code,
            reason=verdict.reason,
            subject="",
            payload=text,
        ),
    )
    return "parked"
