"""A month's bill, and the page that tells of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.scale.cases import cases, measured
from bench.scale.life import Asked, Measured, measure
from bench.scale.month import month
from bench.scale.tables import asked, span
from cli.cost.bill import read_prices

OF_ONE = Asked(
    write_units=100, read_units=10, invocations=2, invocation_seconds=2, log_bytes=10_000
)
MEASURED = Measured(OF_ONE, Asked(write_units=50, invocation_seconds=5))


def test_returns_and_merchants_each_cause_their_part() -> None:
    prices = read_prices()
    one = month(MEASURED, prices, returns=1000, merchants=1, processor_seconds=0)
    more = month(MEASURED, prices, returns=2000, merchants=1, processor_seconds=0)
    many = month(MEASURED, prices, returns=1000, merchants=10, processor_seconds=0)

    def cost(items: object) -> Decimal:
        return sum((item.cost for item in items), Decimal(0))  # type: ignore[attr-defined]

    assert cost(more.of_returns) == 2 * cost(one.of_returns)
    assert cost(many.of_merchants) == 10 * cost(one.of_merchants)
    assert one.of_the_stack == many.of_the_stack
    assert one.in_all == cost((*one.of_returns, *one.of_merchants, *one.of_the_stack))
    writes = next(item for item in one.of_returns if item.name == "DynamoDB writes")
    assert writes.cost == Decimal(100_000) / 1_000_000 * prices.dynamodb_writes_per_million


def test_what_is_measured_is_of_returns_that_were_processed() -> None:
    found = measure(8)
    assert 60 < found.of_a_return.write_units < 200
    assert found.of_a_return.portal_calls == pytest.approx(6, abs=2)
    assert found.idle_hour.warehouse_calls == pytest.approx(12)


def test_every_case_has_a_pace_that_was_measured() -> None:
    known = measured()["returns_per_second_of_an_environment"]
    assert {case.setup.per_environment for case in cases(known)} <= set(known.values())


def test_a_table_tells_both_ways_of_finding_receipts() -> None:
    assert "| … write units | 100 | 100 | 50.0 | 50.0 |" in asked(MEASURED, MEASURED)


@pytest.mark.parametrize(("seconds", "words"), [(5, "5 s"), (600, "10 min"), (20_000, "5.6 h")])
def test_spans_are_told_as_people_do(seconds: float, words: str) -> None:
    assert span(seconds) == words
