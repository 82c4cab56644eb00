"""Shipments as orders of their own, what of them is compared, and what the warehouse was sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.sales_orders import SalesLine, SalesOrder
from returns_hub.domain.unleashed.shipment_sent import (
    most_promised,
    promised_units,
    sent_of,
    units_step,
)
from returns_hub.domain.unleashed.shipments import (
    Shipment,
    ShipmentLine,
    as_order,
    is_withdrawn,
    ordered_units,
    version_of,
)
from returns_hub.domain.warehouse_orders import (
    OrderedItem,
    OrderStage,
    Recipient,
    WarehouseOrder,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
PAT = Recipient(country="GB", last_name="Sample", town="Leeds", address=("1 Test Street",))


def line(number: int = 1, order_line: int | None = 1, sku: str = "MUG") -> ShipmentLine:
    return ShipmentLine(number, order_line, sku, Decimal(2))


def shipment(*lines: ShipmentLine, **changes: Any) -> Shipment:
    made = Shipment(
        guid="9d1f0000-0000-4000-8000-000000000001",
        number="SS-1",
        status="Placed",
        order_guid="5c0e6b0e-0000-4000-8000-00000000a001",
        order_number="SO-1",
        warehouse_code="MAIN",
        lines=lines or (line(),),
        recipient=PAT,
        modified_at=AT,
        created_at=AT,
    )
    return replace(made, **changes)


def order(*lines: SalesLine) -> SalesOrder:
    return SalesOrder(
        guid="5c0e6b0e-0000-4000-8000-00000000a001",
        number="SO-1",
        status="Backordered",
        custom_status="Ready to ship",
        warehouse_code="MAIN",
        currency="GBP",
        lines=lines,
        recipient=replace(PAT, town="York"),
        modified_at=AT,
        source_id="shop-1",
        delivery_method="Express",
        comments="for the office",
    )


def sold(number: int, sku: str = "MUG", price: str = "7.5", **more: Any) -> SalesLine:
    return SalesLine(number, sku, Decimal(5), Decimal(price), **more)


@pytest.mark.parametrize(
    ("lines", "priced"),
    [
        ((sold(1), sold(2, price="9")), Decimal("7.5")),
        ((sold(1, sku="CAP"), sold(2)), None),
        ((sold(1), sold(1, price="9")), None),
        ((), None),
    ],
)
def test_the_price_is_that_of_the_orders_line_of_the_same_product(
    lines: tuple[SalesLine, ...], priced: Decimal | None
) -> None:
    assert as_order(shipment(), order(*lines)).lines[0].unit_price == priced


def test_without_the_number_of_the_line_a_product_with_one_price_has_it() -> None:
    bare = shipment(line(order_line=None))

    assert as_order(bare, order(sold(1), sold(2))).lines[0].unit_price == Decimal("7.5")
    assert as_order(bare, order(sold(1), sold(2, price="9"))).lines[0].unit_price is None


def test_it_has_its_own_number_and_address_and_the_rest_of_its_order() -> None:
    found = as_order(shipment(), order(sold(1)))
    elsewhere = as_order(shipment(recipient=Recipient(country="GB")), order(sold(1)))

    assert (found.number, found.currency, found.source_id) == ("SS-1", "GBP", "shop-1")
    assert found.delivery_method == "Express"
    assert (found.status, found.custom_status, found.comments) == ("Placed", "", "")
    assert found.recipient.town == "Leeds"
    assert elsewhere.recipient.town == "York"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "Packed"},
        {"number": "SS-2"},
        {"warehouse_code": "3PL"},
        {"lines": (replace(line(), quantity=Decimal(3)),)},
        {"lines": (line(sku="CAP"),)},
        {"recipient": replace(PAT, postcode="LS1 1AA")},
    ],
)
def test_what_the_warehouse_is_told_makes_another_version(change: dict[str, Any]) -> None:
    assert version_of(shipment(**change)) != version_of(shipment())


@pytest.mark.parametrize(
    "change",
    [
        {"status": "PLACED"},
        {"modified_at": None},
        {"tracking_number": "AB1"},
        {"shipping_company": "DPD"},
        {"lines": (replace(line(), quantity=Decimal("2.000")),)},
        {"lines": (replace(line(), batches=(("L1", Decimal(2)),)),)},
    ],
)
def test_what_the_hub_writes_itself_makes_none(change: dict[str, Any]) -> None:
    assert version_of(shipment(**change)) == version_of(shipment())


@pytest.mark.parametrize(
    ("status", "wanted", "withdrawn"),
    [
        ("Parked", ("placed",), True),
        ("Placed", ("placed",), False),
        ("Picking", ("placed",), False),
        ("Packed", ("placed",), False),
        ("Placed", ("packed",), True),
        ("Parked", ("parked", "placed"), False),
        ("On hold", ("placed",), True),
        ("Dispatched", ("placed",), False),
    ],
)
def test_only_what_goes_back_is_withdrawn(
    status: str, wanted: tuple[str, ...], withdrawn: bool
) -> None:
    assert is_withdrawn(status, wanted) is withdrawn


def test_what_is_ordered_of_a_product_is_on_all_its_lines_and_on_no_charge() -> None:
    found = ordered_units(order(sold(1), sold(2), sold(3, sku="CAP"), sold(4, is_charge=True)))

    assert found == {"MUG": Decimal(10), "CAP": Decimal(5)}


def test_a_deleted_shipment_has_no_units() -> None:
    assert shipment(line(), line(2)).units() == {"MUG": Decimal(4)}
    assert shipment(status="deleted").units() == {}


def state(*steps: StepState) -> SyncState:
    return SyncState(merchant="example", flow="unleashed.shipments", key="k", steps=steps)


def step(name: str, turn: int, *, how: str = "sent", **told: Any) -> StepState:
    return StepState(name=name, told=told, turn=turn, how=how, partner_id="501")


MADE = step("order", 1, number="SS-1", warehouse=3, units={"MUG": 5, "CAP": 1}, address="a")


def test_the_newest_step_that_is_done_tells_what_was_sent() -> None:
    mug = units_step("MUG")
    found = sent_of(
        state(
            MADE,
            step(f"{mug}/4", 4, units={"MUG": 2}),
            step(f"{mug}/2", 2, units={"MUG": 9}),
            step(f"{units_step('CAP')}/5", 5, units={"CAP": 0}),
            step(f"{mug}/6", 6, how="", units={"MUG": 1}),
            step("address/3", 3, address="b"),
        )
    )

    assert found is not None
    assert (found.number, found.warehouse_id, found.units) == ("SS-1", 3, {"MUG": 2})
    assert found.address == "b"
    assert sent_of(state(step("order", 1, how="", units={}))) is None


def test_what_nobody_knows_the_end_of_counts_with_the_most_that_it_can_be() -> None:
    mug = units_step("MUG")
    less = state(MADE, step(f"{mug}/2", 2, how="", units={"MUG": 3}))
    more = state(MADE, step(f"{mug}/2", 2, how="", units={"MUG": 8}))

    assert most_promised(less) == {"MUG": 5, "CAP": 1}
    assert most_promised(more) == {"MUG": 8, "CAP": 1}
    assert most_promised(state(step("order", 1, how="", units={"MUG": 5}))) == {"MUG": 5}


def there(*items: tuple[str, int], **changes: Any) -> WarehouseOrder:
    made = WarehouseOrder(
        order_id=501,
        number="SS-1",
        stage=OrderStage.NEW,
        status_word="NEW",
        version="1",
        updated_at=AT,
        items=tuple(OrderedItem(sku, units) for sku, units in items),
    )
    return replace(made, **changes)


def test_of_what_was_sent_only_what_is_still_there_is_promised() -> None:
    most = {"MUG": 5, "CAP": 1}

    assert promised_units(most, (there(("MUG", 3)),)) == {"MUG": 3, "CAP": 0}
    assert promised_units(most, (there(("MUG", 9), ("CAP", 1)),)) == most
    assert promised_units(most, (there(("MUG", 2)), there(("MUG", 3)))) == {"MUG": 5, "CAP": 0}
    cancelled = there(("MUG", 5), stage=OrderStage.CANCELLED)
    assert promised_units(most, (cancelled,)) == {"MUG": 0, "CAP": 0}
    assert promised_units(most, ()) == {"MUG": 0, "CAP": 0}
    assert promised_units(most, (there(("MUG", 1), number="SS-1+SS-2"),)) == most
    assert promised_units(most, (there(items=None),)) == most
