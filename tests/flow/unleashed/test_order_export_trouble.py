"""Exported orders: lost answers, splits and merges, and what is on its way meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import FaultKind
from local.simulators.unleashed.hands import SalesHands
from returns_hub.domain.unleashed.stock_rule import InFlight
from returns_hub.domain.warehouse_orders import OrderStage
from returns_hub.errors import Retryable
from returns_hub.flows.unleashed.export.untold import untold_exports
from returns_hub.flows.unleashed.untold import UNTOLD
from tests.support.export_worlds import BLUE, FLOW, JEANS, TEE, ExportBench

GOODS: dict[str, tuple[int, float | None]] = {TEE: (3, 24.0), JEANS: (1, 96.0)}
WHOLE = {TEE: 3, JEANS: 1}
SENT = {3: {sku: InFlight(despatched=many) for sku, many in WHOLE.items()}}
EARLY: dict[str, Any] = {"statuses": ["NEW", "PICKED", "DESPATCHED"]}


def until(it: ExportBench, word: str) -> None:
    for _ in range(8):
        if word in it.export():
            return
    raise AssertionError(f"no run ended with {word}; parked: {it.reasons()}")


# -- lost answers -------------------------------------------------------------------------------

LOST = [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER, FaultKind.TIMEOUT_AFTER]


@pytest.mark.parametrize("kind", [*LOST, FaultKind.ERROR_500_BEFORE, FaultKind.RESET_BEFORE])
@pytest.mark.parametrize("path", [r"/SalesOrders/[0-9a-f-]+$", r"/Complete$"])
@pytest.mark.parametrize("existing", ["refuse", "overwrite", "duplicate"])
def test_an_answer_that_is_lost_makes_no_second_order(
    kind: FaultKind, path: str, existing: str
) -> None:
    it = ExportBench()
    it.account.set(existing_guid=existing)
    it.sent("WEB-1", GOODS)
    it.lose_there(kind, path)

    it.export()
    until(it, "completed")
    assert it.goods() == [("Completed", WHOLE)]
    assert it.account.on_hand(TEE) == 37
    assert it.parked() == []
    assert len(it.account.happened("order_made")) == 1
    assert len(it.account.happened("order_overwritten")) == 0


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("path", [r"/SalesShipments$", r"/SalesShipments/", r"/Complete$"])
def test_nor_a_second_shipment(kind: FaultKind, path: str) -> None:
    it = ExportBench(management=True)
    it.sent("WEB-1", GOODS)
    method = "PUT" if path.endswith("/") else "POST"
    it.lose_there(kind, path, method=method)

    it.export()
    until(it, "completed")
    assert it.goods() == [("Completed", WHOLE)]
    assert len(it.account.items("/SalesShipments?pageSize=200")) == 1
    assert it.account.on_hand(TEE) == 37


def test_what_somebody_changed_before_its_making_was_known_is_asked() -> None:
    it = ExportBench({"statuses": ["NEW"]})
    it.sell("WEB-1", GOODS)
    it.lose_there(FaultKind.RESET_AFTER, r"/SalesOrders/[0-9a-f-]+$")
    it.export()
    (order,) = it.exported()
    SalesHands(it.desk_there).edit_order(order["OrderNumber"], {TEE: 5})

    for _ in range(100):
        it.export()
    assert len(it.exported()) == 1
    assert it.goods() == [("Placed", {TEE: 5, JEANS: 1})]
    assert len(it.parked()) == 1


def test_a_product_that_unleashed_does_not_have_is_asked_about() -> None:
    it = ExportBench()
    it.mintsoft.seed({"products": {"898": {"sku": "ODD", "name": "Odd", "client_id": 12}}})
    it.sent("WEB-1", {"ODD": (1, 5.0)})
    assert it.export() == {"parked": 1}
    assert it.exported() == []


def test_goods_that_unleashed_has_too_few_of_are_asked_about_and_completed_later() -> None:
    it = ExportBench()
    it.mintsoft.set_stock(3, 804, 50)
    order_id = it.sent("WEB-1", {JEANS: (50, 96.0)})
    assert it.export() == {"parked": 1}
    assert it.goods() == [("Placed", {JEANS: 50})]
    assert untold_exports(it.erp_world("stock")) == {3: {JEANS: InFlight(despatched=50)}}

    it.account.desk.seed({"stock": {"MAIN": {JEANS: 60}}})
    it.replay()
    until(it, "completed")
    assert it.goods() == [("Completed", {JEANS: 50})]
    assert it.state_of(FLOW, str(order_id)).standing == "completed"


# -- splits and merges --------------------------------------------------------------------------


def test_parts_that_were_split_before_are_orders_of_their_own() -> None:
    it = ExportBench()
    first = it.sell("WEB-1", GOODS, ShippingTotalExVat=4.5)
    second = it.split(first, {TEE: 1})
    it.despatch(first)
    assert it.export() == {"completed": 1}
    it.despatch(second)
    assert it.export() == {"completed": 1}

    assert it.goods() == [("Completed", {TEE: 2, JEANS: 1}), ("Completed", {TEE: 1})]
    lines = [len(row["SalesOrderLines"]) for row in it.exported()]
    assert lines == [3, 1]
    assert it.account.on_hand(TEE) == 37


def test_what_was_split_off_after_its_export_is_told_with_its_order() -> None:
    it = ExportBench(EARLY)
    first = it.sell("WEB-1", GOODS)
    assert it.export() == {"exported": 1}
    second = it.split(first, {TEE: 1})
    assert it.export() == {"exported": 1, "skipped": 1}
    it.despatch(second)
    it.export()
    assert it.goods() == [("Placed", WHOLE)]
    assert untold_exports(it.erp_world("stock")) == {3: {TEE: InFlight(despatched=1)}}

    it.despatch(first)
    assert "completed" in it.export()
    assert it.goods() == [("Completed", WHOLE)]
    assert untold_exports(it.erp_world("stock")) == {}
    assert it.parked() == []


def test_an_order_that_was_changed_after_its_export_is_a_persons() -> None:
    it = ExportBench(EARLY)
    order_id = it.sell("WEB-1", GOODS)
    it.export()
    it.mintsoft.orders[order_id].items[0].quantity = 1
    it.despatch(order_id)

    assert it.export() == {"parked": 1}
    assert it.parked() == ["unleashed.export_changed"]
    assert it.goods() == [("Placed", WHOLE)]


def test_an_order_that_was_cancelled_after_its_export_is_a_persons() -> None:
    it = ExportBench(EARLY)
    order_id = it.sell("WEB-1", GOODS)
    it.export()
    it.move(order_id, OrderStage.CANCELLED)
    assert it.export() == {"parked": 1}
    assert it.parked() == ["unleashed.export_cancelled"]


def test_one_that_was_cancelled_before_is_left() -> None:
    it = ExportBench(EARLY)
    it.move(it.sell("WEB-1", GOODS), OrderStage.CANCELLED)
    assert it.export() == {}


def test_merged_orders_are_one_unless_unleashed_has_one_of_them() -> None:
    it = ExportBench()
    first, second = it.sell("WEB-1", {TEE: (1, 24.0)}), it.sell("WEB-2", {BLUE: (1, 24.0)})
    it.merge(first, second)
    it.despatch(first)
    assert it.export() == {"completed": 1}
    assert it.goods() == [("Completed", {TEE: 1, BLUE: 1})]

    sold = SalesHands(it.desk_there).place_order("BOUTIQUE", {TEE: 1})
    third, theirs = it.sell("WEB-3", {TEE: (1, 24.0)}), it.sell(sold["number"], {TEE: (1, 24.0)})
    it.merge(third, theirs)
    it.despatch(third)
    assert it.export() == {"parked": 1}
    assert it.parked() == ["unleashed.export_merged"]


# -- what is on its way -------------------------------------------------------------------------


def test_it_is_one_of_the_parts_that_the_stock_sync_asks() -> None:
    assert untold_exports in UNTOLD


def test_what_left_is_untold_until_it_is_completed() -> None:
    it = ExportBench()
    order_id = it.sell("WEB-1", GOODS)
    assert untold_exports(it.erp_world("stock")) == {}
    it.despatch(order_id)
    assert untold_exports(it.erp_world("stock")) == SENT

    it.lose_there(FaultKind.ERROR_500_BEFORE, r"/Complete$", times=3)
    it.export()
    assert untold_exports(it.erp_world("stock")) == SENT
    it.unleashed.faults.clear()
    until(it, "completed")
    assert untold_exports(it.erp_world("stock")) == {}


def test_a_completion_whose_answer_was_lost_is_not_counted_twice() -> None:
    it = ExportBench()
    it.sent("WEB-1", GOODS)
    it.lose_there(FaultKind.RESET_AFTER, r"/Complete$")
    it.export()
    assert it.account.on_hand(TEE) == 37
    assert untold_exports(it.erp_world("stock")) == {}


def test_what_a_person_is_asked_about_is_untold_and_what_is_left_is_not() -> None:
    it = ExportBench({"channels": ["Web shop"]})
    it.sent("WEB-1", {TEE: (3, None), JEANS: (1, None)})
    it.sent("MKT-1", GOODS, Channel="Market")
    assert it.export() == {"parked": 1}
    # The list of what changed does not show it any more.
    it.export(hours=5)
    it.export(hours=5)
    assert untold_exports(it.erp_world("stock")) == SENT

    it.discard()
    assert untold_exports(it.erp_world("stock")) == {}


def test_bundles_are_untold_as_their_components() -> None:
    it = ExportBench()
    it.bundle("SOCK-3PK", {TEE: 2, BLUE: 1})
    it.sent("WEB-1", {"SOCK-3PK": (2, 36.0)})
    way = {TEE: InFlight(despatched=4), BLUE: InFlight(despatched=2)}
    assert untold_exports(it.erp_world("stock")) == {3: way}


def test_too_many_make_the_stock_sync_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    it = ExportBench()
    it.sent("WEB-1", GOODS)
    it.sent("WEB-2", GOODS)
    monkeypatch.setattr("returns_hub.flows.unleashed.export.untold.MOST_RECORDS", 1)
    with pytest.raises(Retryable, match="2 orders"):
        untold_exports(it.erp_world("stock"))
