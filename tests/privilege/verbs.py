"""What a verb of the command asks of AWS while a test runs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from local.iam.held import record_of
from local.iam.policies import resources
from local.iam.rules import Asked, Record, asked_of
from returns_hub.settings import Settings

FREE = frozenset({"sts:GetCallerIdentity"})
"""What needs no right (STS API Reference, GetCallerIdentity)."""


@contextmanager
def heard(verb: str, settings: Settings | None) -> Iterator[list[Asked]]:
    """What is asked of AWS meanwhile, in the template's names; it is on the suite's record."""
    asked: dict[Asked, None] = {}
    found: list[Asked] = []
    names = {} if settings is None else names_in(settings)
    client_class: Any = BaseClient
    carried_out = client_class._make_api_call

    def ask(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        for one in asked_of(service, operation, parameters, lambda name: names.get(name, name)):
            if not _ASIDE and one.action not in FREE and is_of_the_stack(one.resource):
                asked[one] = None
        return carried_out(client, operation, parameters)

    with patch.object(client_class, "_make_api_call", ask):
        yield found
    found.extend(asked)
    record = _record()
    if record is not None and verb:
        for one in found:
            record.note(verb, one, "tests")


_ASIDE: list[str] = []


@contextmanager
def aside() -> Iterator[None]:
    """What a test itself asks of AWS while a verb runs."""
    _ASIDE.append("")
    try:
        yield
    finally:
        _ASIDE.pop()


def is_of_the_stack(resource: str) -> bool:
    """Whether it is a thing of the template's; tests of other things have names of their own."""
    name = resource.partition(".Arn")[0]
    return name in resources() or name == resource


def names_in(settings: Settings) -> Mapping[str, str]:
    """The template's names of the queues, tables and the bucket of a hub's settings."""
    found = {}
    for field, value in settings.model_dump().items():
        for ends in ("_url", "_bucket", "_table"):
            if value and field.endswith(ends) and not field.endswith("webhook_url"):
                words = field.removesuffix("_url").split("_")
                found[str(value).rpartition("/")[2]] = "".join(map(str.capitalize, words))
    return found


@cache
def _record() -> Record | None:
    path = record_of("verbs")
    return Record(path) if path else None
