"""The adapter's models name only what the document names, and need only what it requires."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from returns_hub.adapters.redo import models, sandbox, webhook_models
from tests.official.contract import Schema, contract

RETURN, ORDER = "return-read.schema", "order-read.schema"
READ: Mapping[type[BaseModel], str] = {
    models.Return: RETURN,
    models.ReturnInList: RETURN,
    models.Order: ORDER,
    models.Comments: "GET /returns/{returnId}/comments",
    models.ReturnWithOrder: "GET /returns/{returnId}",
    webhook_models.Webhook: "webhook-read.schema",
    webhook_models.WebhookAlone: "GET /webhooks/{webhookId}",
    webhook_models.InvoiceInList: "invoice.schema",
    sandbox._Made: "POST /stores/{storeId}/returns",
}
"""Which schema, or which operation's answer, a model reads. Models inside them are found."""


@pytest.mark.parametrize("model", READ, ids=lambda model: model.__name__)
def test_a_model_reads_only_what_the_document_says(model: type[BaseModel]) -> None:
    assert list(_differences(model, _schema(READ[model]))) == []


def test_no_model_is_left_out() -> None:
    seen = {inner for model in READ for inner in (model, *_inner(model))}
    modules = (models, sandbox, webhook_models)
    classes = (cls for module in modules for _, cls in inspect.getmembers(module, inspect.isclass))
    assert {cls for cls in classes if _is_own(cls)} - seen == {
        models.Theirs,
        webhook_models.Private,
    }


def test_a_difference_is_seen() -> None:
    class Parcel(models.Theirs):
        id: str
        tracker: str
        carrier: str | None = None

    schema = contract().schema("return-shipment.schema")
    assert list(_differences(Parcel, schema)) == [
        "Parcel.id is not in the document",
        "Parcel.tracker is needed and may be missing",
    ]


def _schema(name: str) -> Schema:
    official = contract()
    method, _, path = name.partition(" ")
    if not path:
        return official.schema(name)
    answer = official.document["paths"][path][method.lower()]["responses"]["200"]
    return official.resolved(answer["content"]["application/json"]["schema"])


def _differences(model: type[BaseModel], schema: Schema) -> Iterator[str]:
    # A schema of alternatives names what any of them names, and requires nothing.
    parts = [contract().resolved(part) for part in schema.get("oneOf", [schema])]
    named = {name: node for part in parts for name, node in part.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    for name, field in model.model_fields.items():
        theirs = field.alias or name
        if theirs not in named:
            yield f"{model.__name__}.{name} is not in the document"
            continue
        if field.is_required() and theirs not in required:
            yield f"{model.__name__}.{name} is needed and may be missing"
        for inner in _models_in(field.annotation):
            node = contract().resolved(named[theirs])
            yield from _differences(inner, contract().resolved(node.get("items", node)))


def _inner(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            yield inner
            yield from _inner(inner)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _is_own(cls: type) -> bool:
    return issubclass(cls, models.Theirs)
