"""A message of one of the stack's queues, read strictly and by its contract.

What is wrong is told in the contract's words and never with the message's own values: these, and
names of fields that the contract does not have, may be personal data.
"""

from __future__ import annotations

import hashlib
import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent
from returns_hub.flows.parked import park
from returns_hub.flows.world import Stores
from returns_hub.ports import ParkedItem

UNKNOWN_MERCHANT = "_unknown"
"""Whose list of parked work has the messages of which nobody can tell the merchant."""
Message = TypeVar("Message", bound=BaseModel)


def read_message(
    text: str, contract: type[Message], *, about: str, schema: str, longest: int
) -> Message:
    """The message.

    Args:
        text: The message's body, as it came.
        contract: What it has to be.
        about: What it tells of, e.g. ``refund``: begins the codes of refusals.
        schema: The contract's name and version, as the message has to say it.
        longest: Characters that it may have.

    Raises:
        Permanent: It is none; the reason names what is wrong.
    """
    if len(text) > longest:
        raise Permanent(f"{about}.too_large", f"the message has {len(text)} characters")
    try:
        content = read_json(text)
    except ValueError:
        raise Permanent(f"{about}.not_json", "the message's body is not JSON") from None
    if not isinstance(content, dict):
        raise Permanent(f"{about}.not_an_object", "the message's body is not a JSON object")
    told = content.get("schema")
    if told != schema:
        known = isinstance(told, str) and re.fullmatch(r"[a-z-]{1,40}/\d{1,4}", told)
        said = told if known else "none" if told is None else "something else"
        raise Permanent(f"{about}.wrong_schema", f"schema is {said}; this queue takes {schema}")
    try:
        return contract.model_validate(content, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Permanent(f"{about}.invalid", _in_words(error)) from None


def park_message(
    text: str,
    verdict: Permanent,
    stores: Stores,
    *,
    flow: str,
    named: str = "",
    subject: str = "",
    payload: str = "",
) -> str:
    """Keep a message that cannot be worked on: it may be the only trace of what it tells.

    A merchant without a file has no list of parked work either, so all such messages are in one.

    Args:
        text: The message's body, as it came.
        verdict: What is wrong with it.
        stores: Where it is kept.
        flow: Whose queue it is of.
        named: How its id begins; as the flow is called unless it is told.
        subject: What it is about, where that is known.
        payload: What is kept in its place.
    """
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]
    park(
        stores,
        ParkedItem(
            merchant=UNKNOWN_MERCHANT,
            parked_id=f"{named or flow}/message/{digest}",
            flow=flow,
            code=verdict.code,
            reason=verdict.reason,
            subject=subject,
            payload=payload or text,
        ),
    )
    return "parked"


def _in_words(error: ValidationError) -> str:
    problems = [
        f"{_place(problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(problems[:5])[:500]


def _place(path: tuple[int | str, ...]) -> str:
    """Where: rows by their number, fields by their names where these are plain words."""
    return ".".join(_part(part) for part in path) or "the message"


def _part(part: int | str) -> str:
    plain = isinstance(part, int) or re.fullmatch(r"[A-Za-z_]{1,40}", part)
    return str(part) if plain else "\u2026"
