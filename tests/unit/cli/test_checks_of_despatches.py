"""hub check: how despatches are told to Unleashed."""

from __future__ import annotations

from typing import Any

import pytest

from cli.checks.model import Finding, Result
from cli.checks.unleashed_despatches import look_at_order_management, look_at_shipping_companies
from tests.support.unleashed_despatches import DespatchBench


def management(it: DespatchBench, says: str) -> Finding:
    it.file["unleashed"]["order_management"] = says
    it.set("despatches", mode="shadow")
    return look_at_order_management(it.erp().despatches, it.connection)


@pytest.mark.parametrize(
    ("says", "result"),
    [("on", Result.OK), ("off", Result.FAILED), ("unknown", Result.WARNING)],
)
def test_an_order_with_several_shipments_tells_that_it_is_on(says: str, result: Result) -> None:
    it = DespatchBench(management=True)
    order = it.clerk.place_order("BOUTIQUE", {"TEE-RED-M": 2})
    it.clerk.ship(order["number"], {"TEE-RED-M": 1})
    it.clerk.ship(order["number"])

    found = management(it, says)
    assert found.result is result
    assert f"order {order['number']} has 2 shipments" in found.found
    assert ("set unleashed.order_management to on" in found.to_do) == (says != "on")


@pytest.mark.parametrize(
    ("says", "result"),
    [("on", Result.WARNING), ("off", Result.OK), ("unknown", Result.WARNING)],
)
def test_orders_with_one_shipment_each_prove_nothing(says: str, result: Result) -> None:
    it = DespatchBench(management=True)
    for _ in range(2):
        it.clerk.ship(it.clerk.place_order("BOUTIQUE", {"TEE-RED-M": 2})["number"])

    found = management(it, says)
    assert found.result is result
    assert "2 orders have one shipment each" in found.found


def test_an_account_without_shipments_says_so() -> None:
    it = DespatchBench()

    found = management(it, "unknown")
    assert found.result is Result.SKIPPED
    assert "ask the account's owner" in found.to_do
    assert len(it.to_unleashed.requests) == 1


@pytest.mark.parametrize(
    ("named", "result"),
    [
        ({}, Result.WARNING),
        ({"DHL Parcel Connect": "DPD"}, Result.WARNING),
        (
            {"DHL Parcel Connect": "DPD", "gls parcel shop": "PostNord"},
            Result.OK,
        ),
    ],
)
def test_couriers_without_a_shipping_company_are_named(
    named: dict[str, Any], result: Result
) -> None:
    it = DespatchBench()
    it.set("despatches", shipping_companies=named)

    (found,) = look_at_shipping_companies(it.erp().despatches, it.orders, it.connection)
    assert found.result is result
    assert ("GLS Parcel Shop" in found.found) == (result is Result.WARNING)
    assert "Retired Post" not in found.found
    assert "Unassigned" not in found.found, "no courier is chosen yet"
