"""What a receipt books of what came, line by line."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.domain.unleashed.purchase_orders import (
    LineRaise,
    PurchaseBatch,
    PurchaseLine,
    PurchaseOrder,
    is_set,
    why_other,
)
from returns_hub.domain.unleashed.receipt_rule import (
    Allocation,
    Came,
    Receipted,
    allocate,
    came_of,
    receipted_of,
    rows_told,
    version_of,
)
from returns_hub.domain.warehouse_asns import Asn, AsnItem, AsnPortion, AsnStage

DAY = date(2028, 1, 31)


def order(*lines: tuple[str, Any], **more: Any) -> PurchaseOrder:
    """An order; its lines' Guids are g1, g2, …"""
    rows = tuple(
        PurchaseLine(f"g{at}", at, sku, Decimal(str(units)))
        for at, (sku, units) in enumerate(lines, start=1)
    )
    return PurchaseOrder("po", "PO-1", "Placed", "MAIN", rows, "now", **more)


def came(**units: int) -> dict[str, Came]:
    return {sku: Came(many) for sku, many in units.items()}


def booked(found: Allocation) -> list[int]:
    return [int(row.units) for row in found.lines]


def asn(*items: AsnItem, **more: Any) -> Asn:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Asn(301, "PO-1", AsnStage.BOOKED_IN, "BOOKEDIN", "v", at, items=items, **more)


@pytest.mark.parametrize(
    ("lines", "units", "wanted"),
    [
        ([("A", 5)], 5, [5]),
        ([("A", 5)], 3, [3]),
        ([("A", 5)], 8, [8]),
        ([("A", 5), ("A", 4)], 7, [5, 2]),
        ([("A", 5), ("B", 1), ("A", 4)], 12, [5, 0, 7]),
        ([("A", 5), ("A", 4)], 0, [0, 0]),
    ],
)
def test_units_fill_lines_in_order_and_more_goes_onto_the_last(
    lines: list[tuple[str, int]], units: int, wanted: list[int]
) -> None:
    found = allocate(order(*lines), came(A=units), Receipted())

    assert booked(found) == wanted
    ordered = sum(many for sku, many in lines if sku == "A")
    assert found.over == ({"A": units - ordered} if units > ordered else {})
    assert found.short.get("A", 0) == max(0, ordered - units)


def test_a_raise_names_what_the_line_has_to_order_in_all() -> None:
    before = Receipted(lines={"g1": Decimal(5), "g2": Decimal(2)}, units={"A": 7})
    found = allocate(order(("A", 5), ("A", 4)), came(A=12), before)

    assert booked(found) == [0, 5]
    assert found.raises == (LineRaise("g2", Decimal(7)),)
    assert found.over == {"A": 3}


def test_what_was_receipted_before_is_taken_off() -> None:
    one = order(("A", 5), ("B", 2))
    first = allocate(one, came(A=2), Receipted())
    before = receipted_of([first.told()])
    second = allocate(one, came(A=5, B=1), before)

    assert booked(second) == [3, 1]
    assert second.lines[0].at_least == 5
    assert not allocate(one, came(A=2), before).books


def test_fewer_than_was_receipted_and_goods_that_are_not_ordered_are_told() -> None:
    before = Receipted(lines={"g1": Decimal(5)}, units={"A": 5})
    assert allocate(order(("A", 5)), came(A=4), before).fewer == {"A": 1}
    assert allocate(order(("A", 5)), {}, before).fewer == {"A": 5}
    assert allocate(order(("A", 5)), came(A=5, X=2), Receipted()).strange == {"X": 2}
    assert allocate(order(("A", 5)), came(A=5, X=0), Receipted()).strange == {}


def test_a_service_is_receipted_in_full_once() -> None:
    one = order(("A", 5), ("FREIGHT", "1.5"))
    found = allocate(one, came(A=3), Receipted(), services={"FREIGHT"})
    assert [row.units for row in found.lines] == [Decimal(3), Decimal("1.5")]

    before = receipted_of([found.told()])
    assert before.units == {"A": 3}
    again = allocate(one, came(A=3), before, services={"FREIGHT"})
    assert not again.books
    assert again.fewer == {}


def portion(units: int, batch: str = "", serial: str = "", expires: date | None = None) -> Any:
    return AsnPortion(units, batch, serial, expires)


def test_batches_are_dealt_out_to_lines_the_soonest_to_expire_first() -> None:
    parts = (portion(2, "L2"), portion(3, "L1", expires=DAY), portion(1, "L2"))
    found = allocate(order(("A", 4), ("A", 9)), {"A": Came(6, parts)}, Receipted(), tracked=True)

    assert found.lines[0].batches == (
        PurchaseBatch("L1", Decimal(3), DAY),
        PurchaseBatch("L2", Decimal(1)),
    )
    assert found.lines[1].batches == (PurchaseBatch("L2", Decimal(2)),)
    assert found.unclear == ()


def test_batches_and_serials_of_earlier_receipts_are_not_sent_again() -> None:
    one = order(("A", 9), ("S", 3))
    first = {
        "A": Came(3, (portion(3, "L1", expires=DAY),)),
        "S": Came(1, (portion(1, serial="S1"),)),
    }
    told = allocate(one, first, Receipted(), tracked=True).told()
    both = {
        "A": Came(5, (portion(3, "L1", expires=DAY), portion(2, "L1", expires=DAY))),
        "S": Came(2, (portion(1, serial="S1"), portion(1, serial="S2"))),
    }
    found = allocate(one, both, receipted_of([told]), tracked=True)

    assert found.lines[0].batches == (PurchaseBatch("L1", Decimal(2), DAY),)
    assert found.lines[1].serials == ("S2",)
    assert found.unclear == ()


@pytest.mark.parametrize(
    "parts",
    [
        (portion(2, "L1"),),
        (portion(4, "L1"),),
        (portion(1, serial="S1"),),
        (portion(1, serial="S1"), portion(1, serial="S1"), portion(1, serial="S2")),
    ],
)
def test_batches_and_serials_that_do_not_add_up_are_told(parts: tuple[AsnPortion, ...]) -> None:
    found = allocate(order(("A", 3)), {"A": Came(3, parts)}, Receipted(), tracked=True)
    assert len(found.unclear) == 1
    untracked = allocate(order(("A", 3)), {"A": Came(3, parts)}, Receipted())
    assert untracked.unclear == ()
    assert untracked.lines[0].batches == ()


def test_a_batch_that_went_down_since_its_receipt_is_told() -> None:
    one = order(("A", 9))
    told = allocate(one, {"A": Came(3, (portion(3, "L1"),))}, Receipted(), tracked=True).told()
    now = {"A": Came(4, (portion(4, "L2"),))}

    assert allocate(one, now, receipted_of([told]), tracked=True).unclear


def test_what_a_step_told_is_the_same_receipt_again() -> None:
    one = order(("A", 5), ("S", 2), ("B", 2))
    all_came = {
        "A": Came(5, (portion(5, "L1", expires=DAY),)),
        "S": Came(2, (portion(1, serial="S1"), portion(1, serial="S2"))),
    }
    before = Receipted(lines={"g3": Decimal(2)}, units={"B": 2})
    found = allocate(one, {**all_came, **came(B=2)}, before, tracked=True)

    assert rows_told(found.told(), one, before) == found.lines
    fewer = order(("A", 5))
    assert {row.guid for row in rows_told(found.told(), fewer, before)} == {"g1", "g2"}


def test_no_unit_is_lost_or_booked_twice_over_any_run_of_bookings() -> None:
    dice = random.Random(11)
    for _ in range(300):
        lines = [(dice.choice("AB"), dice.randint(0, 6)) for _ in range(dice.randint(1, 5))]
        one = order(*lines)
        total = dict.fromkeys("AB", 0)
        told: list[Any] = []
        for _ in range(dice.randint(1, 4)):
            for sku in {sku for sku, _ in lines}:
                total[sku] += dice.randint(0, 4)
            before = receipted_of(told)
            found = allocate(one, came(**total), before)
            if found.books:
                told.append(found.told())
        after = receipted_of(told)
        assert {sku: after.units.get(sku, 0) for sku in total} == total
        for sku, rows in itertools.groupby(
            sorted(one.lines, key=lambda line: line.sku), key=lambda line: line.sku
        ):
            shares = [(line, after.lines.get(line.guid, 0)) for line in rows]
            assert sum(many for _, many in shares) == total[sku]
            # Whoever is not the last takes no more than it orders.
            assert all(many <= line.quantity for line, many in shares[:-1])


# -- what came --------------------------------------------------------------------------------


def test_what_came_is_counted_under_the_lines_sku() -> None:
    found = came_of(
        asn(AsnItem(1, "OLD", 5, 3, 3, "G1"), AsnItem(2, "B", 1, 1, 1)), "unknown", {"g1": "A"}
    )
    assert found == came(A=3, B=1)


def test_what_is_unclear_is_not_counted() -> None:
    unclear = asn(AsnItem(1, "A", 5, received=3, booked=0))
    assert came_of(unclear, "unknown") is None
    assert came_of(unclear, "received") == came(A=3)
    assert came_of(asn(), "unknown") == {}
    assert came_of(Asn(1, "", AsnStage.COMPLETE, "", "", datetime.now(UTC)), "booked") is None


def test_a_version_is_another_when_what_counts_is() -> None:
    one = asn(AsnItem(1, "A", 5, 3, 3))
    assert version_of(one, "unknown") == version_of(asn(AsnItem(1, "A", 9, 3, 3)), "unknown")
    others = [
        asn(AsnItem(1, "A", 5, 4, 4)),
        asn(AsnItem(1, "A", 5, 3, 3, portions=(portion(3, "L1"),))),
        Asn(301, "PO-1", AsnStage.PART_BOOKED, "", "v", one.updated_at, items=one.items),
    ]
    assert len({version_of(each, "unknown") for each in [one, *others]}) == 4


# -- what a receipt would book ----------------------------------------------------------------


def test_every_line_counts_for_what_would_be_booked() -> None:
    rows = allocate(order(("A", 5), ("B", 2)), came(A=5), Receipted()).lines
    lines = order(("A", 5), ("B", 2)).lines

    def with_receipts(*units: int, **more: Any) -> PurchaseOrder:
        made = tuple(
            PurchaseLine(line.guid, line.number, line.sku, line.quantity, receipt=Decimal(many))
            for line, many in zip(lines, units, strict=True)
        )
        return PurchaseOrder("po", "PO-1", more.get("status", "Placed"), "MAIN", made, "now")

    assert is_set(with_receipts(5, 0), rows, tracked=True)
    assert not is_set(with_receipts(5, 1), rows, tracked=True)
    assert not is_set(with_receipts(4, 0), rows, tracked=True)
    assert not is_set(with_receipts(5, 0, status="Parked"), rows, tracked=True)
    assert why_other(order(("A", 4), ("B", 2)), rows)
    assert why_other(order(("A", 5), ("C", 2)), rows)
    assert why_other(order(("A", 5)), rows)
    assert why_other(order(("A", 6), ("B", 2)), rows) is None
