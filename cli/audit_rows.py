"""Rows of the audit's export: acts of people, and what the hub decided."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from cli.terminal import clean
from returns_hub.domain.audit import Act
from returns_hub.domain.facts import Event
from returns_hub.domain.invoices import safe_cell

COLUMNS = (
    "kind",
    "at",
    "who",
    "through",
    "merchant",
    "return_id",
    "what",
    "subject",
    "outcome",
    "told",
    "note",
    "details",
    "rule",
    "config_version",
    "id",
)
Row = Mapping[str, Any]


def act_row(act: Act) -> Row:
    """A person's act."""
    return {
        "kind": "act",
        "at": act.at.isoformat(),
        "who": act.who,
        "through": act.through,
        "merchant": act.merchant,
        "return_id": act.return_id,
        "what": act.verb,
        "subject": act.subject,
        "outcome": act.outcome,
        "told": act.told,
        "note": act.note,
        "details": act.details,
        "rule": "",
        "config_version": act.config_version,
        "id": act.act_id,
    }


def decision_row(merchant: str, return_id: str, event: Event) -> Row:
    """An entry of a return's timeline: by whose hand, which rule and which configuration."""
    return {
        "kind": "decision",
        "at": event.at.isoformat(),
        "who": event.actor,
        "through": "hub",
        "merchant": merchant,
        "return_id": return_id,
        "what": event.fact.kind,
        "subject": "",
        "outcome": "",
        "told": event.fact.in_words(),
        "note": "",
        "details": {},
        "rule": event.rule,
        "config_version": event.config_version,
        "id": str(event.sequence),
    }


def write_csv(rows: Iterable[Row], file: TextIO) -> int:
    """A table for a spreadsheet, which takes no cell for a formula; how many rows it has."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    return _counted(writer.writerow([_cell(row[name]) for name in COLUMNS]) for row in rows)


def write_jsonl(rows: Iterable[Row], file: TextIO) -> int:
    """One JSON object a line; how many."""
    return _counted(file.write(json.dumps(row) + "\n") for row in rows)


def _counted(written: Iterator[object]) -> int:
    return sum(1 for _ in written)


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        value = "; ".join(f"{name}={told}" for name, told in value.items())
    return safe_cell(clean(str(value)).replace("\n", " "))
