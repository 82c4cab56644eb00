"""The shape of everything that is kept as JSON in rows, and what the release before could not read.

``PYTHONPATH=layers/shared:. python -m tests.upgrade.shapes`` writes `shapes.json`: once for each
release, when it is made. In between the test holds what is written to that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from returns_hub.domain.audit import Act
from returns_hub.domain.facts import Event
from returns_hub.domain.miinto.facts import MarketEvent
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.rma_proof import RmaProof
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.domain.overview.overview import Overview
from returns_hub.domain.overview.summary import DailySummary
from returns_hub.domain.plans import Plan, PlanLine
from returns_hub.domain.state import ReturnState
from returns_hub.domain.sync.records import SyncEvent, SyncState
from returns_hub.flows.backfill_jobs import Job
from returns_hub.flows.migrations.run import Progress
from returns_hub.flows.subscription_steps import Memory

FILE = Path(__file__).with_name("shapes.json")
KEPT: tuple[Any, ...] = (
    *(Act, DailySummary, Event, Job, MarketEvent, Memory, OrderState, Overview, Plan, PlanLine),
    *(Progress, ReturnState, Rma, RmaProof, SyncEvent, SyncState, TransferState),
)
"""Every model that a row or a cursor holds."""
Shape = dict[str, list[str]]
"""Of each path the types, or words, that it can have; ``shipments[].key``: ``["string"]``."""


def shapes() -> dict[str, Shape]:
    """Of every model that is kept, as this release writes it."""
    return {model.__name__: shape_of(model) for model in KEPT}


def shape_of(model: Any) -> Shape:
    """The shape of one model."""
    schema = TypeAdapter(model).json_schema(mode="serialization")
    found: dict[str, set[str]] = {}
    for path, word in _walk(schema, schema.get("$defs", {}), "", ()):
        found.setdefault(path, set()).add(word)
    return {path: sorted(words) for path, words in sorted(found.items())}


def unreadable(before: Shape, now: Shape) -> Iterator[str]:
    """What of this release's rows the release before could not read."""
    for path, words in before.items():
        if path not in now:
            yield f"{path} is no longer written, and the release before may need it"
        elif new := set(now[path]) - set(words):
            yield f"{path} may be {', '.join(sorted(new))}, which the release before does not know"


def as_text(found: dict[str, Shape]) -> str:
    """A path in a line."""
    models = []
    for name, shape in found.items():
        lines = ",\n".join(f"  {json.dumps(path)}: {json.dumps(w)}" for path, w in shape.items())
        models.append(f' "{name}": {{\n{lines}\n }}')
    return "{\n" + ",\n".join(models) + "\n}\n"


def _walk(
    part: dict[str, Any], definitions: dict[str, Any], path: str, within: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        if name not in within:
            yield from _walk(definitions[name], definitions, path, (*within, name))
        return
    choices = part.get("anyOf") or part.get("oneOf")
    if choices:
        for choice in choices:
            yield from _walk(choice, definitions, path, within)
    elif "const" in part:
        yield path, f"={part['const']}"
    elif "enum" in part:
        yield from ((path, f"={word}") for word in part["enum"])
    elif part.get("type") == "object":
        yield from _object(part, definitions, path, within)
    elif part.get("type") == "array":
        items = [*part.get("prefixItems", []), *filter(None, [part.get("items")])]
        for inner in items:
            yield from _walk(inner, definitions, f"{path}[]", within)
    else:
        yield path, str(part.get("type", "anything"))


def _object(
    part: dict[str, Any], definitions: dict[str, Any], path: str, within: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if "properties" not in part:
        yield path, "map"
        if isinstance(inner := part.get("additionalProperties"), dict):
            yield from _walk(inner, definitions, f"{path}{{}}", within)
        return
    # Facts of different kinds share a place; each is told apart by its kind.
    kind = part["properties"].get("kind", {}).get("const", "")
    here = f"{path}<{kind}>" if kind else path
    for name, inner in part["properties"].items():
        yield from _walk(inner, definitions, f"{here}.{name}".lstrip("."), within)


if __name__ == "__main__":
    FILE.write_text(as_text(shapes()), encoding="utf-8")
