"""`order-change/1`: what is taken, what is refused and how, and which change counts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.schemas import order_change_schema
from returns_hub.domain.relay.order_change import OrderChange, change_that_counts
from returns_hub.domain.sync.records import RecordSeen, SyncEvent, SyncState, fold
from returns_hub.errors import Permanent
from returns_hub.flows.relay.order_change_message import LONGEST_MESSAGE, message_of, parse

EVENTS = Path(__file__).resolve().parents[2] / "docs" / "events"
GOOD = json.loads((EVENTS / "order-change-1.example.json").read_text(encoding="utf-8"))
PERSONAL = "ida@example.test"


def test_the_published_schema_is_current_and_takes_the_example() -> None:
    schema = (EVENTS / "order-change-1.schema.json").read_text(encoding="utf-8")
    assert schema == order_change_schema()
    assert jsonschema.Draft202012Validator(json.loads(schema)).is_valid(GOOD)
    assert parse(json.dumps(GOOD)).replaced_by == "1001-E1"


@pytest.mark.parametrize(
    ("change", "code", "names"),
    [
        ({"schema": "order-change/2"}, "order_change.wrong_schema", "order-change/1"),
        ({"kind": "deleted"}, "order_change.invalid", "kind"),
        ({"kind": None}, "order_change.invalid", "kind"),
        ({"id": "a b"}, "order_change.invalid", "id"),
        ({"id": "x" * 81}, "order_change.invalid", "id"),
        ({"order": ""}, "order_change.invalid", "order"),
        ({"order": " 1001"}, "order_change.invalid", "order"),
        ({"order": "10\n01"}, "order_change.invalid", "order"),
        ({"order": "10\u202e01"}, "order_change.invalid", "order"),
        ({"order": "1001+1002"}, "order_change.invalid", "merged"),
        ({"order": 1001}, "order_change.invalid", "order"),
        ({"order": "x" * 101}, "order_change.invalid", "order"),
        ({"replaced_by": "1001"}, "order_change.invalid", "replace itself"),
        ({"kind": "cancelled"}, "order_change.invalid", "replaced_by"),
        ({"merchant": "Bad!"}, "order_change.invalid", "merchant"),
        ({"occurred_at": "2026-11-21T09:20:41"}, "order_change.invalid", "occurred_at"),
        ({"source": "My Shop"}, "order_change.invalid", "source"),
        ({"email": PERSONAL}, "order_change.invalid", "email"),
    ],
)
def test_what_is_no_change_is_refused_in_the_contracts_words(
    change: dict[str, Any], code: str, names: str
) -> None:
    with pytest.raises(Permanent) as refused:
        parse(json.dumps(GOOD | change))
    assert refused.value.code == code
    assert names in refused.value.reason
    assert PERSONAL not in refused.value.reason


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "order_change.not_json"),
        ("[" * 100_000, "order_change.too_large"),
        ("[" * 9_000, "order_change.not_json"),
        ("[]", "order_change.not_an_object"),
        ("{}", "order_change.wrong_schema"),
        (" " * LONGEST_MESSAGE + "{}", "order_change.too_large"),
    ],
)
def test_a_text_that_is_no_message_is_refused(text: str, code: str) -> None:
    with pytest.raises(Permanent) as refused:
        parse(text)
    assert refused.value.code == code


@pytest.mark.parametrize("number", ["1001", "#1001/2", "SO-00000001", "1001 (A)", "Ø-1"])
def test_a_number_may_be_whatever_the_warehouse_shows(number: str) -> None:
    change = parse(json.dumps(GOOD | {"order": number, "replaced_by": f"{number}/e"}))
    assert (change.order, change.replaced_by) == (number, f"{number}/e")


def made(change_id: str, kind: str, minutes: int, replaced_by: str | None = None) -> OrderChange:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minutes)
    content = {"id": change_id, "kind": kind, "replaced_by": replaced_by, "occurred_at": at}
    return OrderChange.model_validate(GOOD | content)


def test_one_change_counts_whatever_the_order_in_which_they_are_told() -> None:
    edits = [made("a", "edited", 0, "1-1"), made("b", "edited", 5), made("c", "edited", 5, "1-2")]
    cancelled = [made("d", "cancelled", -9), made("e", "cancelled", -9)]
    for told in permutations(edits):
        assert max(told, key=lambda change: change.rank).id == "c"
    for told in permutations([*edits, *cancelled]):
        assert max(told, key=lambda change: change.rank).id == "e"


@pytest.mark.parametrize(
    "change",
    [
        made("a", "cancelled", 0),
        made("a", "edited", 0),
        made("a:b#c", "edited", 0, "1001/2/3"),
        made("x" * 80, "edited", 0, "y" * 100),
    ],
)
def test_the_change_that_counts_is_told_by_its_orders_timeline(change: OrderChange) -> None:
    assert len(change.version) <= 200
    seen = RecordSeen(source_version=change.version, changed_at=change.occurred_at)
    event = SyncEvent(
        sequence=1, at=change.occurred_at, actor="hub", rule="t", config_version=1, fact=seen
    )
    empty = SyncState(merchant=change.merchant, flow="relay.order_changes", key=change.order)
    assert (change_that_counts(empty), message_of(empty)) == (None, None)
    state = fold(empty, [event])
    assert change_that_counts(state) == change.model_copy(update={"source": "replay"})
    assert parse(message_of(state) or "").rank == change.rank
