"""Rules about products, ASNs and pages: units, what was booked in, and lists without an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from returns_hub.adapters.mintsoft.numbers import as_json, as_json_number
from returns_hub.adapters.mintsoft.pages import PAGE_SIZE, walk, walk_all
from returns_hub.domain.warehouse_asns import (
    Asn,
    AsnItem,
    AsnPortion,
    AsnStage,
    BookedMeans,
    prove_booked,
)
from returns_hub.domain.warehouse_goods import (
    IN_KILOGRAMS,
    IN_METRES,
    ProductChange,
    WarehouseProduct,
    converted,
)
from returns_hub.errors import Permanent, Retryable

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)


def asn(*items: AsnItem, stage: AsnStage = AsnStage.BOOKED_IN) -> Asn:
    return Asn(1, "PO-1", stage, stage.value, "1", MOMENT, items=items)


@pytest.mark.parametrize(
    ("value", "one", "other", "comes_to"),
    [
        ("420", "g", "kg", "0.42"),
        ("0.42", "kg", "g", "420"),
        ("1", "lb", "kg", "0.453592"),
        ("1", "kg", "lb", "2.204623"),
        ("16", "oz", "lb", "1"),
        ("0.1234567891", "kg", "kg", "0.1234567891"),
        ("0", "lb", "kg", "0"),
    ],
)
def test_weights_are_converted(value: str, one: str, other: str, comes_to: str) -> None:
    came = converted(Decimal(value), IN_KILOGRAMS[one], IN_KILOGRAMS[other])  # type: ignore[index]

    assert came == Decimal(comes_to)
    assert str(converted(came, IN_KILOGRAMS[other], IN_KILOGRAMS[other])) == str(came)  # type: ignore[index]


def test_a_converted_number_reads_as_people_write_it() -> None:
    assert f"{converted(Decimal(1), IN_METRES['m'], IN_METRES['cm']):f}" == "100"
    assert f"{converted(Decimal(10), IN_METRES['in'], IN_METRES['cm']):f}" == "25.4"


def test_a_number_never_set_is_a_zero_there() -> None:
    product = WarehouseProduct(1, "TEE", "Tee", weight=None, depth=Decimal("0.0"))

    assert product.lacks(ProductChange(weight=Decimal(0), depth=Decimal(0))) == ()
    assert product.lacks(ProductChange(weight=Decimal(1))) == ("weight",)
    assert product.lacks(ProductChange(discontinued=False, ean="")) == ()
    assert product.lacks(ProductChange(discontinued=True)) == ("discontinued",)


@pytest.mark.parametrize(("means", "units"), [("booked", 4), ("received", 7), ("unknown", None)])
def test_two_numbers_that_differ_are_clear_only_when_it_is_known_which_counts(
    means: BookedMeans, units: int | None
) -> None:
    item = AsnItem(1, "TEE", 10, received=7, booked=4)
    clear = AsnItem(2, "MUG", 1, received=1, booked=1)

    assert item.booked_in(means) == units
    whole = asn(item, clear).booked_in(means)
    assert whole == (None if units is None else {"TEE": units, "MUG": 1})
    assert asn(clear).differences(means) == {}


def test_what_counts_is_proven_by_what_was_put_away() -> None:
    def of(received: int, booked: int, *parts: int) -> AsnItem:
        portions = tuple(AsnPortion(part) for part in parts)
        return AsnItem(1, "TEE", 10, received, booked, portions=portions)

    says_booked, says_received = of(7, 4, 1, 3), of(7, 4, 7)
    says_nothing = (of(7, 4), of(5, 5, 5), of(7, 4, 6))

    assert prove_booked([asn(says_booked, *says_nothing)]).means == "booked"
    assert prove_booked([asn(says_received)]).means == "received"
    assert prove_booked([asn(*says_nothing)]).means == "unknown"
    both = prove_booked([asn(says_booked), asn(says_received)])
    assert (both.means, both.is_contradicted) == ("unknown", True)
    open_one = asn(says_booked, stage=AsnStage.PART_BOOKED)
    assert prove_booked([open_one]).means == "unknown"


def test_goods_that_came_have_begun_an_asn_whatever_its_status_says() -> None:
    untouched = asn(AsnItem(1, "TEE", 10), stage=AsnStage.AWAITING)
    came = asn(AsnItem(1, "TEE", 10, received=1), stage=AsnStage.AWAITING)

    assert (untouched.is_begun, came.is_begun) == (False, True)


def pages(*content: list[int]) -> tuple[Callable[[int], list[int]], list[int]]:
    """Pages, one for each call, and which were asked for."""
    asked: list[int] = []
    calls = iter(content)

    def page(number: int) -> list[int]:
        asked.append(number)
        return next(calls)

    return page, asked


FULL = list(range(PAGE_SIZE))
MORE = list(range(PAGE_SIZE, 2 * PAGE_SIZE))


def test_a_short_page_is_not_the_end() -> None:
    page, asked = pages([1, 2], [3], [])
    read = walk(page, lambda row: row, 9)

    assert (read.rows, read.next_page, asked) == ((1, 2, 3), None, [1, 2, 3])


def test_a_walk_that_is_cut_short_says_where_to_go_on() -> None:
    page, asked = pages(FULL, MORE)
    read = walk(page, lambda row: row, 2, first_page=4)

    assert (len(read.rows), read.calls, read.next_page, asked) == (200, 2, 6, [4, 5])


def test_a_full_page_that_comes_again_hides_what_comes_after_it() -> None:
    page, _ = pages(FULL, FULL)
    with pytest.raises(Retryable):
        walk(page, lambda row: row, 9)


def test_a_row_that_slips_from_page_to_page_is_found_by_reading_again() -> None:
    slipped = FULL[1:]
    page, asked = pages(
        *([*slipped, 100], [101], []),  # 0 was on page 2 before, and on page 1 after
        *(FULL, [100, 101], []),
        *(FULL, [101], []),
        *(FULL, [100], []),
    )
    read = walk_all(page, lambda row: row, 20)

    assert 0 in read.rows
    assert (len(read.rows), read.next_page, asked) == (102, None, [1, 2, 3] * 4)


def test_readings_that_the_calls_do_not_suffice_for_are_not_whole() -> None:
    page, _ = pages(FULL, MORE, [], FULL, MORE)
    assert walk_all(page, lambda row: row, 5).next_page is not None
    page, _ = pages(FULL, MORE, [])
    assert walk_all(page, lambda row: row, 3).next_page is not None


def test_numbers_go_out_as_they_came_in() -> None:
    assert as_json({"a": [Decimal("0.2"), 3, None, True, "x"]}) == {"a": [0.2, 3, None, True, "x"]}
    with pytest.raises(Permanent):
        as_json_number(Decimal("0.10000000000000000001"))
