"""The marketplace's orders become sales orders of Unleashed, which the warehouse sends."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from tests.support.market_partners import market_order, position
from tests.support.market_store_worlds import MarketStoreBench

LOST = [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER, FaultKind.ERROR_500_BEFORE]


def test_an_order_goes_by_unleashed_to_the_warehouse_and_its_despatch_to_both() -> None:
    it = MarketStoreBench()
    it.marketplace.providers[1] = ("postnord",)
    it.ordered(1)
    assert it.sync() == {"seen": 1, "later": 1}
    (sale,) = it.sold()
    assert (sale["OrderStatus"], sale["CustomerRef"]) == ("Placed", "MI-045-1234-1")
    amounts = [float(sale[name]) for name in ("SubTotal", "TaxTotal", "Total")]
    assert amounts == [415.83, 83.17, 499.0]
    assert len(it.mintsoft.orders) == 0

    it.run("orders")
    (order,) = it.mintsoft.orders.values()
    assert order.number == sale["OrderNumber"]
    assert it.sync() == {"made": 1}
    assert it.state_at_market().made_id == order.id
    assert it.sync() == {}

    it.despatch(order.id, tracking_number="JD0001")
    it.follow()
    it.run("despatches")
    assert [told.values["tracking"] for told in it.marketplace.told] == ["JD0001"]
    (sale,) = it.sold()
    assert sale["OrderStatus"] == "Completed"
    assert it.parked() == []


@pytest.mark.parametrize("kind", LOST)
def test_an_answer_that_is_lost_makes_no_second_sales_order(kind: FaultKind) -> None:
    it = MarketStoreBench()
    it.ordered(1)
    it.unleashed.faults.add(Fault(kind, path="/SalesOrders/", method="POST"))
    for _ in range(4):
        it.sync()
        it.run("orders")

    assert len(it.sold()) == 1
    assert len(it.mintsoft.orders) == 1
    assert it.state_at_market().made_id is not None


def test_a_despatch_of_a_part_is_told_from_the_list_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The walk over orders in work finds it too, days later where there are thousands."""
    monkeypatch.setattr("returns_hub.flows.miinto.follow_despatches._read", lambda *_: ())
    it = MarketStoreBench()
    it.marketplace.put(market_order(1, position(71, "TEE", 2), position(72, "MUG", 1)))
    it.sync()
    it.run("orders")
    it.sync()
    (order,) = it.mintsoft.orders.values()
    second = it.split(order.id, {"MUG": 1})
    it.despatch(second, tracking_number="JD0002")
    it.follow()

    (despatch,) = it.state_at_market().despatches
    assert (despatch.tracking, despatch.part) == ("JD0002", "2/2")


def test_one_that_is_cancelled_before_the_warehouse_has_it_is_a_persons() -> None:
    it = MarketStoreBench()
    it.ordered(1)
    it.sync()
    it.marketplace.put(market_order(1).model_copy(update={"accepted": ()}))
    for _ in range(3):
        it.sync()

    assert len(it.sold()) == 1
    assert it.parked() == ["order.cancelled_in_miinto"]
    assert "delete it there" in it.reasons()[0]


def test_a_currency_without_a_customer_waits_and_asks_nobody_about_orders() -> None:
    it = MarketStoreBench()
    it.file["unleashed"]["marketplace"] = {"customers": {"SEK": "X"}, "tax_code": "V.A.T."}
    it.version += 1
    it._client = None
    it.ordered(1)
    assert it.sync() == {"seen": 1, "later": 1}
    assert it.sold() == []
    assert it.parked() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"marketplace": {}}, "needs unleashed.marketplace.customers"),
        ({"orders": {"mode": "off"}}, "nobody would send the orders"),
        (None, "needs an unleashed: block"),
    ],
)
def test_what_it_needs_is_said_before_anything_is_live(
    changes: dict[str, Any] | None, said: str
) -> None:
    it = MarketStoreBench()
    if changes is None:
        del it.file["unleashed"]
    else:
        it.file["unleashed"] |= changes
    with pytest.raises(ValueError, match=said):
        it.live()


def test_the_warehouse_is_not_told_to_cancel_what_unleashed_holds() -> None:
    it = MarketStoreBench()
    it.file["miinto"]["orders"]["cancel_when_new"] = True
    with pytest.raises(ValueError, match="a person is told"):
        it.live()


def test_credit_notes_need_a_connection_to_unleashed() -> None:
    it = MarketStoreBench()
    it.file["miinto"]["orders"].pop("into", None)
    it.file["miinto"]["refunds"] = {"credit_note": "unleashed"}
    assert it.live().merchant.unleashed is not None
    del it.file["unleashed"]
    with pytest.raises(ValueError, match="credit_note: unleashed needs an unleashed: block"):
        it.live()
