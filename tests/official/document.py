"""Redo's official OpenAPI document, and where it is wrong.

A correction names what the document says and what it is read as. When a newer document says
something else there, loading fails: the correction has to go, or to be thought about again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import yaml

from tools import redo_schema

NOT_THERE: Any = object()
MISSING = (
    f"Redo's official schema ({redo_schema.PIN.in_words}) is not in .cache: run `make contract`, "
    "or set HUB_OFFLINE=1 to go without this check"
)
Says = Callable[[Any], Any]


@dataclass(frozen=True)
class Correction:
    """One place of the document.

    Args:
        where: The keys that lead there.
        says: What the document says there; `NOT_THERE` for nothing.
        read_as: What it is read as; `NOT_THERE` for nothing.
        why: How we know.
    """

    where: tuple[str, ...]
    says: Any
    read_as: Any
    why: str


class NotNeeded(Exception):
    """The document does not say any more what a correction corrects."""


PROBLEM = {
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/error.schema"}}
    },
    "description": "Error",
}
ONE_WEBHOOK = ("paths", "/webhooks/{webhookId}")
COMMENTS = ("paths", "/returns/{returnId}/comments")
WEBHOOKS = ("paths", "/stores/{storeId}/webhooks")
ITEM = ("components", "schemas", "return-read.schema", "properties", "items", "items", "properties")
ANSWERS_OF_ITEM = ("assessments", "items", "properties", "responses", "items")
PRODUCT = (
    *("paths", "/returns/{returnId}/process", "post", "requestBody", "content"),
    *("application/json", "schema", "properties", "products", "items", "properties"),
)
INPUT = (*PRODUCT, "processInput")


def _nullable(where: tuple[str, ...], kind: str, why: str) -> Correction:
    return Correction(
        (*where, "type"), kind, [kind, "null"], f"`nullable` is no word of 3.1: {why}"
    )


CORRECTIONS = (
    Correction(
        ("components", "schemas", "invoice.schema", "required"),
        ["team", "updatedAt", "status", "createdAt", "charge"],
        ["id", "updatedAt", "status", "createdAt", "charge"],
        "an invoice has no property `team`, and without its id nobody could ask for its lines",
    ),
    Correction(
        ("components", "schemas", "webhook-read.schema", "required"),
        ["callback", "createdAt", "externalId id", "updatedAt", "topic"],
        ["callback", "createdAt", "externalId", "id", "updatedAt", "topic"],
        "`externalId id` is two names in one line",
    ),
    *(
        _nullable((*ITEM, name), "string", "its description tells when it is null")
        for name in ("upc", "grade", "outcome")
    ),
    _nullable(INPUT, "object", "`nullable: true` says what is meant"),
    _nullable(
        (*INPUT, "properties", "newMerchantAdjustment"),
        "number",
        "`nullable: true` says what is meant",
    ),
    Correction(
        (*ITEM, *ANSWERS_OF_ITEM, "discriminator"),
        {"propertyName": "type"},
        NOT_THERE,
        "a discriminator chooses among named schemas, and these have no names",
    ),
    *(
        Correction(
            (*where, "responses", "default"),
            NOT_THERE,
            PROBLEM,
            "a missing scope and an unknown id are answered here as everywhere",
        )
        for where in (
            (*COMMENTS, "get"),
            (*ONE_WEBHOOK, "get"),
            (*ONE_WEBHOOK, "delete"),
        )
    ),
    *(
        Correction(
            (*where, "security"),
            NOT_THERE,
            [{"Bearer": []}],
            "the document's introduction: endpoints are authenticated by a bearer token",
        )
        for where in (
            (*COMMENTS, "get"),
            (*WEBHOOKS, "get"),
            (*ONE_WEBHOOK, "get"),
            (*ONE_WEBHOOK, "put"),
            ("paths", "/webhooks/{webhookId}/replay", "post"),
        )
    ),
)


def corrected(
    document: dict[str, Any], corrections: Iterable[Correction] = CORRECTIONS
) -> dict[str, Any]:
    """A copy of the document with the corrections made.

    Raises:
        NotNeeded: The document says something else than a correction expects.
    """
    content = deepcopy(document)
    for correction in corrections:
        *path, last = correction.where
        place = content
        for name in path:
            place = place.get(name, {})
        if place.get(last, NOT_THERE) != correction.says:
            raise NotNeeded(
                f"{'.'.join(correction.where)} says {place.get(last, 'nothing')!r} by now: drop "
                f"the correction or think again ({correction.why})"
            )
        if correction.read_as is NOT_THERE:
            del place[last]
        else:
            place[last] = deepcopy(correction.read_as)
    return content


@cache
def as_published() -> dict[str, Any]:
    """The document as it is in the package.

    Raises:
        LookupError: It is not in the cache.
    """
    path = redo_schema.cached()
    if path is None:
        raise LookupError(MISSING)
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(loaded, dict):
        raise TypeError(f"{path} holds no document")
    return loaded


@cache
def is_here() -> bool:
    """Whether the document is in the cache."""
    return redo_schema.cached() is not None


def needed() -> None:
    """End the test when the document is missing: failed, or skipped when the user is offline."""
    if is_here():
        return
    if redo_schema.is_offline():
        pytest.skip(MISSING)
    pytest.fail(MISSING, pytrace=False)
