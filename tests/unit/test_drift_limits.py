"""When what a look found is too much."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.drift.findings import Look
from returns_hub.domain.drift.limits import is_over_limit
from returns_hub.domain.drift.settings import DriftSettings

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "counted", "worth", "is_over"),
    [
        ({}, {}, {}, False),
        ({}, {"stock.unleashed": 1}, {}, True),
        ({}, {"lint.sku_blank": 40}, {}, False),
        ({}, {"lint.sku_blank": 40, "orders.stalled": 1}, {}, True),
        ({"limit_findings": 2}, {"stock.wair": 1, "stock.miinto": 1}, {}, False),
        ({"limit_findings": 2}, {"stock.wair": 2, "stock.miinto": 1}, {}, True),
        ({"limit_findings": 9, "limit_value": 10}, {"stock.wair": 1}, {"GBP": "10"}, False),
        ({"limit_findings": 9, "limit_value": 10}, {"stock.wair": 1}, {"GBP": "10.01"}, True),
        ({"limit_findings": 9, "limit_value": 10}, {"stock.wair": 1}, {"EUR": "99"}, False),
    ],
)
def test_over_the_limit(
    settings: dict[str, Any], counted: dict[str, int], worth: dict[str, str], is_over: bool
) -> None:
    value = {currency: Decimal(number) for currency, number in worth.items()}
    look = Look(AT, counted=counted, value=value)
    assert is_over_limit(look, DriftSettings(**settings)) is is_over
