"""What an ERP that takes the marketplace's orders has to keep: the fake, and Unleashed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.ports.sales_orders import SalesOrders
from tests.support.fake_sales_orders import FakeSalesOrders
from tests.support.fakes import START, TestClock
from tests.support.order_worlds import LATER, draft
from tests.support.store_worlds import StoreBench

LOST = UnknownOutcome("erp.unknown_outcome", "no answer")


class Side(Protocol):
    """One kind of ERP; `lose` spoils the next answer, before or after the write."""

    orders: SalesOrders

    def lose(self, when: Any) -> None: ...


class UnleashedSide:
    """Unleashed over its simulator."""

    def __init__(self) -> None:
        self.bench = StoreBench()
        self.orders: SalesOrders = self.bench.sales_orders()

    def lose(self, when: Any) -> None:
        kind = FaultKind.ERROR_500_BEFORE if when == "before" else FaultKind.RESET_AFTER
        self.bench.unleashed.faults.add(Fault(kind, path="/SalesOrders/", method="POST"))


class FakeSide:
    """The fake."""

    def __init__(self) -> None:
        self.clock = TestClock()
        fake = FakeSalesOrders(self.clock)
        self.orders: SalesOrders = fake
        self._fake = fake

    def lose(self, when: Any) -> None:
        self._fake.trouble.append((when, LOST))


@pytest.fixture(params=[FakeSide, UnleashedSide])
def side(request: pytest.FixtureRequest) -> Side:
    made: Side = request.param()
    return made


def test_an_order_is_made_and_found_by_its_number(side: Side) -> None:
    made = side.orders.create_sales_order(draft("DK-1", ("TEE", 2), ("MUG", 1)), LATER)
    assert made
    assert side.orders.find_sales_order("DK-1") == Found(made)
    assert side.orders.find_sales_order("DK-1", units={"TEE": 2, "MUG": 1}) == Found(made)
    assert side.orders.find_sales_order("DK-10") == NotFound()
    assert side.orders.find_sales_order("DK-") == NotFound()


def test_the_same_order_again_is_the_first_one(side: Side) -> None:
    made = side.orders.create_sales_order(draft("DK-1"), LATER)
    assert side.orders.create_sales_order(draft("DK-1"), LATER) == made
    assert side.orders.create_sales_order(draft("DK-2"), LATER) != made


def test_other_goods_under_the_number_are_refused_and_prove_nothing(side: Side) -> None:
    side.orders.create_sales_order(draft("DK-1", ("TEE", 1)), LATER)
    with pytest.raises(Permanent, match="DK-1"):
        side.orders.create_sales_order(draft("DK-1", ("MUG", 1)), LATER)
    found = side.orders.find_sales_order("DK-1", units={"MUG": 1})
    assert isinstance(found, Inconclusive)


@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_lost_answer_the_look_up_tells(side: Side, when: str) -> None:
    side.lose(when)
    with pytest.raises(UnknownOutcome):
        side.orders.create_sales_order(draft("DK-1"), LATER)
    found = side.orders.find_sales_order("DK-1", units={"TEE": 1})
    assert isinstance(found, Found if when == "after" else NotFound)


def test_what_is_too_late_is_not_sent(side: Side) -> None:
    with pytest.raises(Retryable):
        side.orders.create_sales_order(draft("DK-1"), START - timedelta(seconds=1))
    assert side.orders.find_sales_order("DK-1") == NotFound()


def test_an_unknown_product_is_refused_by_its_name(side: Side) -> None:
    with pytest.raises(Permanent, match="NO-SUCH"):
        side.orders.create_sales_order(draft("DK-1", ("NO-SUCH", 1)), LATER)
