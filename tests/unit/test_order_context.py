"""A recommendation's id is found in an order's texts, and nothing else travels with it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.domain.expressions import pattern_problem
from returns_hub.domain.wair.order_context import LONGEST, LONGEST_TEXT, context_in, with_context
from returns_hub.domain.wair.settings import OrderContext, SkuRule, WairConnection
from tests.support.order_worlds import draft

ID = OrderContext(name="WairRecommendation", pattern=r"wair:([A-Za-z0-9-]+)")
FIT = OrderContext(name="WairFit", pattern=r"fit profile (.+?);")
BLOCK: dict[str, Any] = {
    "base_url": "http://127.0.0.1:5/api/v1",
    "tenant": "acme",
    "locations": [{"id": "WH-1", "warehouses": [3]}],
}


def test_only_the_patterns_group_travels_from_the_first_text_that_has_it() -> None:
    texts = ("", "Ring Pat on +45 99 99 99 99", "please, wair:rec-7 and wair:rec-8", "wair:rec-9")

    assert context_in((ID, FIT), texts) == (("WairRecommendation", "rec-7"),)
    assert context_in((FIT, ID), ("fit profile M / relaxed; wair:r1",)) == (
        ("WairFit", "M / relaxed"),
        ("WairRecommendation", "r1"),
    )
    assert context_in((ID,), ()) == ()


def test_a_value_is_cut_and_printable() -> None:
    long = f"fit profile {'x' * 150}; wair:1"
    assert context_in((FIT,), (long,)) == (("WairFit", "x" * LONGEST),)
    two = OrderContext(name="A", pattern=r"fit<((?:.|\n)+?)>")
    assert context_in((two,), ("fit<a\n\x1b[31m  b>",)) == (("A", "a [31m b"),)


def test_an_address_and_a_blank_value_do_not_travel() -> None:
    assert context_in((FIT,), ("fit profile pat@example.test;",)) == ()
    assert context_in((FIT,), ("fit profile \t ;", "fit profile L;")) == (("WairFit", "L"),)
    optional = OrderContext(name="A", pattern=r"wair(:\d+)?!")
    assert context_in((optional,), ("wair!",)) == ()


def test_no_more_of_a_text_is_searched_than_its_beginning() -> None:
    assert context_in((ID,), (" " * LONGEST_TEXT + "wair:rec-7",)) == ()


def test_an_order_without_settings_or_without_a_find_is_the_same_order() -> None:
    order = draft()
    plain = WairConnection.model_validate(BLOCK)
    asked = WairConnection.model_validate(BLOCK | {"order_context": [ID.model_dump()]})

    assert with_context(order, None, ("wair:1",)) is order
    assert with_context(order, plain, ("wair:1",)) is order
    assert with_context(order, asked, ("hello",)) is order
    assert with_context(order, asked, ("wair:1",)).name_values == (
        *order.name_values,
        ("WairRecommendation", "1"),
    )


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("wair:(", "no regular expression"),
        ("wair:.+", "it has 0"),
        ("(wair):(.+)", "it has 2"),
        ("(.*)", "an empty text"),
        ("x((?:a+)+)", "take for ever"),
        ("x((?:[ab]+c)*)y", "take for ever"),
        ("x((?:a{2,})+)", "take for ever"),
        ("x((?:(?:a*)b)+)", "take for ever"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_in_the_file(pattern: str, why: str) -> None:
    assert why in pattern_problem(pattern)
    with pytest.raises(ValidationError, match="pattern"):
        OrderContext(name="A", pattern=pattern)


@pytest.mark.parametrize("pattern", [r"\((\d+)\)+", r"x([+*]{2})", r"rec\(+([a-z]+)", r"(\w+)!+"])
def test_a_pattern_that_works_is_not_refused(pattern: str) -> None:
    assert pattern_problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("(?P<item>.", "no regular expression"), ("(.+)-(.+)", "needs a group item")],
)
def test_a_pattern_over_skus_that_cannot_work_is_refused_in_the_file(
    pattern: str, why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        SkuRule(pattern=pattern)
    assert SkuRule(pattern="^(?P<item>.{6})").pattern


@pytest.mark.parametrize("name", ["Customer reference", "miinto order", " A", "A\n"])
def test_a_name_that_the_hub_writes_itself_or_nobody_can_read_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        OrderContext(name=name, pattern="x(.)")


def test_a_name_that_stands_twice_is_refused() -> None:
    rows = [{"name": "A", "pattern": "x(.)"}, {"name": "a", "pattern": "y(.)"}]
    with pytest.raises(ValidationError, match="a name stands twice"):
        WairConnection.model_validate(BLOCK | {"order_context": rows})


@pytest.mark.parametrize("sink", ["file_csv", "file_json", "http_json"])
@pytest.mark.parametrize("wanted", ["targets", "transfers"])
def test_advice_is_refused_of_a_sink_that_gives_none(sink: str, wanted: str) -> None:
    block = BLOCK | {"sink": sink}
    with pytest.raises(ValidationError, match="only the sink wair_api gives any"):
        WairConnection.model_validate(block | {"advice": {wanted: True}})
    assert WairConnection.model_validate(block).advice.targets is False
