"""What is masked: every field of every fact is thought of, and masking twice changes nothing."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from returns_hub.domain.facts import Event
from returns_hub.domain.forgetting import (
    FORGOTTEN,
    FREE_TEXT,
    KEPT_WHOLE,
    LISTS_OF,
    NAMES_OF,
    TEXTS_BY_KEY,
    masked,
    names_any,
    personal_texts,
    without,
)
from returns_hub.domain.miinto.facts import MarketEvent
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.state import ReturnState
from returns_hub.domain.sync.records import FLOWS_OF_ORDERS, SyncEvent, SyncState
from returns_hub.domain.unleashed import names
from returns_hub.flows.relay.despatches import NAME as DESPATCHES
from returns_hub.flows.relay.order_change_message import FLOW as ORDER_CHANGES

TAKEN_OUT = FREE_TEXT | NAMES_OF | LISTS_OF | TEXTS_BY_KEY
IDS = {
    "about",
    "asked",
    "batch",
    "due_kind",
    "external_return_id",
    "home",
    "id",
    "key",
    "line_id",
    "made_id",
    "number",
    "order_id",
    "order_line_id",
    "order_position",
    "parent_id",
    "parked",
    "parked_beside",
    "parked_id",
    "partner_id",
    "position",
    "product_id",
    "receipt",
    "refund_id",
    "refunds",
    "return_id",
    "rmas",
    "shipment",
    "shipment_group_ids",
    "shop",
    "subject",
}
"""Ids, and numbers by which a late RMA or refund finds its order."""
OF_GOODS = {
    "amount",
    "as_sku",
    "barcode",
    "brand",
    "carrier",
    "courier",
    "currency",
    "ean",
    "goods",
    "gtin",
    "name",
    "provider",
    "sku",
    "skus",
    "units",
    "value",
}
OUR_WORDS = {
    "act",
    "actor",
    "answered_for",
    "answers",
    "before",
    "by",
    "cancelled",
    "checked",
    "closed",
    "code",
    "condition",
    "conditions",
    "decision",
    "delivered_source",
    "detail",
    "done",
    "ended",
    "flow",
    "gone",
    "how",
    "kind",
    "lines",
    "market",
    "memo",
    "merchant",
    "operation",
    "origin",
    "outcome",
    "parked_version",
    "part",
    "partner",
    "policy",
    "portal_status",
    "reason_code",
    "return_type",
    "rule",
    "rung",
    "seen",
    "sent_lines",
    "settled",
    "skips",
    "source",
    "source_version",
    "stage",
    "standing",
    "status",
    "status_word",
    "step",
    "step_since",
    "stuck",
    "target",
    "targets",
    "told",
    "type",
    "verdict",
    "was",
    "where",
    "why",
    "withdrawn",
    "work",
}
"""Bounded words and sentences that the hub makes of ids, SKUs and units alone."""


def texts(kind: Any, path: tuple[Any, ...] = ()) -> Iterator[str]:
    """Names of every field in a model, at any depth, that can hold a text."""
    origin = get_origin(kind)
    if origin is typing.Annotated:
        yield from texts(get_args(kind)[0], path)
    elif origin in {typing.Union, types.UnionType, tuple, list, dict}:
        for part in get_args(kind):
            if part is not Ellipsis:
                yield from texts(part, path)
    elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in path:
        for name, field in kind.model_fields.items():
            if holds_text(field.annotation):
                yield name
            if name not in KEPT_WHOLE:
                yield from texts(field.annotation, (*path, kind))


def holds_text(kind: Any) -> bool:
    if kind in {str, Any}:
        return True
    if get_origin(kind) is typing.Literal:
        return False
    return any(holds_text(part) for part in get_args(kind) if part is not Ellipsis)


@pytest.mark.parametrize(
    "model", [Event, ReturnState, MarketEvent, OrderState, Rma, SyncEvent, SyncState]
)
def test_every_field_that_holds_a_text_is_thought_of(model: type[BaseModel]) -> None:
    known = TAKEN_OUT | IDS | OF_GOODS | OUR_WORDS | {"raw"}
    assert set(texts(model)) - known == set(), "is it a person's? domain/forgetting.py"


def test_the_lists_do_not_overlap() -> None:
    assert not TAKEN_OUT & (IDS | OF_GOODS | (OUR_WORDS - {"told"}))


PERSONAL: dict[str, Any] = {
    "order_names": ["#1"],
    "tracking_sent": ["T"],
    "note": "n",
    "reason": "",
    "answer_reasons": {"l1": "why", "l2": ""},
    "shipments": [{"tracking": "T", "tracking_url": "https://x", "key": "a"}],
    "refund": {"reason": "fit", "tracking": "T"},
    "lines": [{"reason": "x"}],
    "told": {"text": "t", "units": 2, "tracking": "T"},
    "value": None,
}


def test_texts_and_names_go_and_the_rest_stays() -> None:
    assert masked(PERSONAL) == {
        "order_names": [],
        "tracking_sent": [],
        "note": FORGOTTEN,
        "reason": "",
        "answer_reasons": {"l1": FORGOTTEN, "l2": ""},
        "shipments": [{"tracking": "", "tracking_url": "", "key": "a"}],
        "refund": {"reason": "fit", "tracking": "T"},
        "lines": [{"reason": "x"}],
        "told": {"text": FORGOTTEN, "units": 2, "tracking": ""},
        "value": None,
    }


def test_masking_twice_changes_nothing() -> None:
    assert masked(masked(PERSONAL)) == masked(PERSONAL)


def test_what_was_told_may_stay() -> None:
    assert masked(PERSONAL, frozenset({"tracking"}))["told"]["tracking"] == "T"


def test_words_by_which_a_person_is_found() -> None:
    assert personal_texts(PERSONAL) == ("#1", "T", "https://x")


@pytest.mark.parametrize(
    ("text", "words", "has"),
    [
        ("return r1 is open", ["r1"], True),
        ("return r11 is open", ["r1"], False),
        ("a-r1", ["r1"], False),
        ("#5501,", ["5501"], True),
        ("x", [""], False),
        ("a.b", ["a+b"], False),
        ('{"mail": "robin@example.test"}', ["robin@example.test"], True),
        ('{"mail": "robin@example.test"}', ["Robin@Example.TEST"], True),
        ('{"mail": "ROBIN@example.test"}', ["robin@example.test"], True),
        ("write to <robin@example.test>.", ["robin@example.test"], True),
        ("write to robin@example.test. Thanks", ["robin@example.test"], True),
        ("pat.robin@example.test", ["robin@example.test"], False),
        ("pat+robin@example.test", ["robin@example.test"], False),
        ("robin+pat@example.test", ["robin@example.test"], False),
        ("robin@example.test.uk", ["robin@example.test"], False),
        ("robin+pat@example.test", ["robin+pat@example.test"], True),
        ('{"by": "Zo\\u00eb Vale"}', ["Zoë Vale"], True),
        ('{"by": "Zoe\\u0308 Vale"}', ["ZOË VALE"], True),
        ('{"by": "\\ud835\\udc0fat Vale"}', ["Pat Vale"], True),
        ('{"says": "hello\\nrobin@example.test\\r\\n5501"}', ["robin@example.test"], True),
        ('{"says": "hello\\t#EX-5501"}', ["EX-5501"], True),
        ('{"says": "hello\\nEX-5501"}', ["ex-5501"], True),
        ('{"body": "{\\"order\\": \\"A\\\\/5501\\"}"}', ["A/5501"], True),
        ('{"order": "A\\\\5501"}', ["A\\5501"], True),
        ("order A\\5501", ["A\\5501"], True),
        ('{"by": "\\ud800 Pat Vale"}', ["Pat Vale"], True),
    ],
)
def test_a_word_is_found_as_a_whole(text: str, words: list[str], has: bool) -> None:
    assert names_any(text, words) is has


def test_short_words_are_not_cut_out_of_a_text() -> None:
    assert without("told 12 of #EX-5501 and ex-5501", ["12", "EX-5501", "#EX-5501"]) == (
        f"told 12 of {FORGOTTEN} and {FORGOTTEN}"
    )


def test_flows_of_orders_are_those_of_orders() -> None:
    of_goods = {
        names.PRODUCTS,
        names.CUSTOMERS,
        names.PURCHASE_ORDERS,
        names.RECEIPTS,
        names.TRANSFERS,
        names.ASSEMBLIES,
        names.STOCK,
        names.WAREHOUSES,
    }
    every = {value for value in vars(names).values() if str(value).startswith("unleashed.")}
    assert every - of_goods | {DESPATCHES, ORDER_CHANGES} == FLOWS_OF_ORDERS
