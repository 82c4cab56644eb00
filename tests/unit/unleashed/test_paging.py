"""Unleashed's lists while they change: nothing that stays is missed, nothing is given twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.paging import MOST_READINGS, Page, pages_of
from returns_hub.adapters.unleashed.reading import guid_of
from returns_hub.errors import Retryable
from tests.support.unleashed_wire import guid, listed, stamp


def row(number: int, at: int) -> dict[str, Any]:
    return {"Guid": guid(number), "LastModifiedOn": stamp(at), "At": at}


class Listed:
    """A list as Unleashed pages it; `between` happens before each page but the first."""

    def __init__(self, many: int, size: int = 10, *, newest_first: bool = True) -> None:
        self.rows = [row(number, 1000 + number) for number in range(many)]
        self.size = size
        self.newest_first = newest_first
        self.reads: list[int] = []
        self.between: Callable[[Listed], None] | None = None
        self.clock = 1_000_000

    def touch(self, number: int) -> None:
        self.clock += 1
        self.remove(number)
        self.rows.append(row(number, self.clock))

    def remove(self, number: int) -> None:
        self.rows = [one for one in self.rows if one["Guid"] != guid(number)]

    def ordered(self) -> list[dict[str, Any]]:
        if self.newest_first:
            return sorted(self.rows, key=lambda one: -one["At"])
        return sorted(self.rows, key=lambda one: str(one["Guid"]))

    def page(self, number: int) -> Any:
        if self.reads and self.between:
            self.between(self)
        self.reads.append(number)
        return listed(self.ordered(), number, self.size)


def given_by(pages: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for page in pages:
        found += [(one["Guid"], one["LastModifiedOn"]) for one in page.rows]
    return found


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("many", [0, 1, 9, 10, 11, 30, 95])
def test_a_quiet_list_is_given_once(many: int, newest_first: bool) -> None:
    list_ = Listed(many, newest_first=newest_first)
    found = given_by(pages_of(list_.page))

    assert found == [(one["Guid"], one["LastModifiedOn"]) for one in list_.ordered()]
    # The front is looked at once more, where there was time for something to move.
    pages = max(1, -(-many // 10))
    assert list_.reads == [*range(1, pages + 1), *([1] if pages > 1 else [])]


def test_a_page_past_the_end_is_the_last_one_again_and_ends_the_list() -> None:
    """Resumed at a page that is not there any more."""
    list_ = Listed(20)
    found = given_by(pages_of(list_.page, first=7, settle=False))

    assert list_.reads == [7]
    assert {one for one, _ in found} == {guid(number) for number in range(10)}


def test_where_nothing_is_said_of_pages_the_clamped_one_ends_it() -> None:
    reads: list[int] = []

    def page(number: int) -> Any:
        reads.append(number)
        return {"Items": [row(1, 1), row(2, 2)]}

    assert len(given_by(pages_of(page))) == 2
    assert reads == [1, 2]


def test_where_nothing_is_said_of_pages_what_moved_is_given_all_the_same() -> None:
    list_ = Listed(30)

    def page(number: int) -> Any:
        return {"Items": list_.page(number)["Items"]}

    def leave(it: Listed) -> None:
        if len(it.reads) == 2:
            for gone in (29, 28, 27):
                it.remove(gone)

    list_.between = leave
    found = given_by(pages_of(page))

    assert {one for one, _ in found} >= {guid(number) for number in range(27)}
    assert len(found) == len(set(found))


def test_a_list_without_an_envelope_or_a_second_page_ends() -> None:
    def page(number: int) -> Any:
        if number > 1:
            raise NotThere
        return [row(1, 1)]

    assert len(given_by(pages_of(page))) == 1


@pytest.mark.parametrize("settle", [True, False])
@pytest.mark.parametrize("gone", [2, 3])
def test_a_page_that_the_list_says_it_has_and_that_is_not_there_is_no_end(
    gone: int, settle: bool
) -> None:
    list_ = Listed(30)

    def page(number: int) -> Any:
        if number == gone:
            raise NotThere
        return list_.page(number)

    with pytest.raises(Retryable, match=f"no page {gone}"):
        list(pages_of(page, settle=settle))


def test_the_page_that_a_reading_goes_on_at_is_there() -> None:
    def page(_: int) -> Any:
        raise NotThere

    with pytest.raises(Retryable, match="no page 7"):
        list(pages_of(page, first=7, settle=False))


@pytest.mark.parametrize("settle", [True, False])
def test_another_page_than_the_last_one_in_place_of_what_was_asked_for_is_no_end(
    settle: bool,
) -> None:
    """Whatever heeds no page number shows its first page for ever."""
    list_ = Listed(30)

    with pytest.raises(Retryable, match="page 1 of 3 in place of page 2"):
        list(pages_of(lambda _: list_.page(1), settle=settle))


@pytest.mark.parametrize("number", [1, 3])
def test_an_empty_last_page_of_a_list_that_counts_rows_is_no_end(number: int) -> None:
    list_ = Listed(10 * number)

    def page(asked: int) -> Any:
        content = list_.page(asked)
        return content | {"Items": []} if asked == number else content

    with pytest.raises(Retryable, match=f"empty page {number} of {number}"):
        list(pages_of(page, settle=False))


def test_a_first_page_that_is_not_there_is_told() -> None:
    def page(_: int) -> Any:
        raise NotThere

    with pytest.raises(NotThere):
        list(pages_of(page))


@pytest.mark.parametrize("content", [None, 7, {}, {"Items": None}, {"Items": [1]}, "none"])
def test_what_is_no_list_is_not_an_empty_one(content: Any) -> None:
    with pytest.raises(Retryable) as raised:
        list(pages_of(lambda _: content))
    assert raised.value.code == "unleashed.unreadable"


def test_a_row_that_moves_to_the_front_while_later_pages_are_read_is_given() -> None:
    list_ = Listed(30)

    def move(it: Listed) -> None:
        if len(it.reads) == 1:
            it.touch(3)  # It is on page 3, and page 1 is read.

    list_.between = move
    found = given_by(pages_of(list_.page))

    assert (guid(3), stamp(1_000_001)) in found
    assert len({one for one, _ in found}) == 30
    assert len(found) == len(set(found))


def test_what_moves_up_because_others_left_is_given() -> None:
    list_ = Listed(30)

    def leave(it: Listed) -> None:
        if len(it.reads) == 1:
            for number in (29, 28, 27):
                it.remove(number)

    list_.between = leave
    found = {one for one, _ in given_by(pages_of(list_.page))}

    assert found >= {guid(number) for number in range(27)}


def test_one_that_leaves_while_another_comes_is_noticed_by_the_front() -> None:
    list_ = Listed(30)

    def swap(it: Listed) -> None:
        if len(it.reads) == 1:
            it.remove(25)
            it.touch(99)

    list_.between = swap
    assert guid(99) in {one for one, _ in given_by(pages_of(list_.page))}


def test_a_row_that_changed_comes_again_as_it_is_now() -> None:
    list_ = Listed(30)

    def move(it: Listed) -> None:
        if len(it.reads) == 2:
            it.touch(29)

    list_.between = move
    found = [at for one, at in given_by(pages_of(list_.page)) if one == guid(29)]

    assert found == [stamp(1029), stamp(1_000_001)]


# What comes and goes without end cannot be read whole by anybody; so always the same examples.
@settings(max_examples=100, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    many=st.integers(0, 60),
    moves=st.integers(1, 15),
    newest_first=st.booleans(),
)
def test_every_row_that_stays_is_given_and_each_version_once(
    seed: int, many: int, moves: int, newest_first: bool
) -> None:
    """Whatever happens between two pages, as long as it ends at some time."""
    dice = random.Random(seed)
    list_ = Listed(many, newest_first=newest_first)
    gone: set[str] = set()
    left = [moves]

    def shuffle(it: Listed) -> None:
        for _ in range(dice.randint(0, 2)):
            if not left[0]:
                return
            left[0] -= 1
            number = dice.randrange(80)
            if dice.random() < 0.4:
                it.remove(number)
                gone.add(guid(number))
            elif newest_first or any(one["Guid"] == guid(number) for one in it.rows):
                it.touch(number)

    list_.between = shuffle
    found = given_by(pages_of(list_.page))
    stayed = {guid(number) for number in range(many)} - gone

    assert {one for one, _ in found} >= stayed
    assert len(found) == len(set(found))


def test_changes_without_end_do_not_hold_a_reader_for_ever() -> None:
    """What changes after the reading began is the next poll's."""
    list_ = Listed(50)

    def busy(it: Listed) -> None:
        it.touch(it.clock % 50)

    list_.between = busy
    found = {one for one, _ in given_by(pages_of(list_.page))}

    assert found == {guid(number) for number in range(50)}
    assert len(list_.reads) <= 6 * MOST_READINGS


def test_old_rows_that_come_and_come_are_told() -> None:
    """As a list would that gives another part of itself each time."""
    count = iter(range(10**6))

    def page(number: int) -> Any:
        rows = [row(next(count), 5) for _ in range(10)]
        return listed(rows, 1, 10) | {
            "Pagination": {"NumberOfItems": 50, "PageNumber": number, "NumberOfPages": 5}
        }

    with pytest.raises(Retryable) as raised:
        list(pages_of(page))
    assert raised.value.code == "unleashed.list_unclear"


def test_a_list_without_end_is_given_up() -> None:
    def page(number: int) -> Any:
        return {
            "Pagination": {"PageNumber": number, "NumberOfPages": number + 1},
            "Items": [row(number, 1)],
        }

    with pytest.raises(Retryable) as raised:
        for _ in pages_of(page):
            pass
    assert raised.value.code == "unleashed.endless_list"


def test_an_empty_page_that_is_not_the_last_is_no_list() -> None:
    reads: list[int] = []

    def page(number: int) -> Any:
        reads.append(number)
        return {"Pagination": {"NumberOfPages": 20_261_201}, "Items": []}

    with pytest.raises(Retryable, match=r"unleashed\.list_unclear"):
        list(pages_of(page))
    assert reads == [1]


def test_a_full_sync_that_goes_on_reads_each_page_once_and_says_where_it_is() -> None:
    list_ = Listed(40, newest_first=False)
    first: list[Page] = []
    for page in pages_of(list_.page, settle=False):
        first.append(page)
        if page.number == 2:
            break
    rest = list(pages_of(list_.page, first=3, settle=False))

    assert list_.reads == [1, 2, 3, 4]
    assert [(page.number, page.pages) for page in first + rest] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len({guid_of(one) for page in first + rest for one in page.rows}) == 40


def test_pages_are_read_when_they_are_asked_for() -> None:
    list_ = Listed(1000)
    pages = pages_of(list_.page)
    next(pages)
    assert list_.reads == [1]


def test_a_product_in_two_warehouses_is_two_rows() -> None:
    rows = [{"Guid": guid(1), "WarehouseId": guid(w), "LastModifiedOn": stamp(1)} for w in (7, 8)]
    found = [one for page in pages_of(lambda n: listed(rows, n, 10)) for one in page.rows]
    assert found == rows


def test_rows_without_a_guid_are_told_apart_by_what_they_hold() -> None:
    rows = [{"Name": "Royal Mail"}, {"Name": "DPD"}]
    found = [one for page in pages_of(lambda n: listed(rows, n, 10)) for one in page.rows]
    assert found == rows
