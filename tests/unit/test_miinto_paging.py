"""Lists that change while they are read: nothing that stays is passed over."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from returns_hub.adapters.miinto.errors import Told
from returns_hub.adapters.miinto.paging import pages_of
from returns_hub.errors import Retryable


class Listed:
    """A list as Miinto pages it; `between` happens before each page but the first."""

    def __init__(
        self,
        ids: list[int],
        between: Callable[[list[int]], None] | None = None,
        *,
        counts: bool = True,
        most: int = 1000,
    ) -> None:
        self.ids = ids
        self.reads: list[tuple[int, int]] = []
        self._between = between
        self._counts = counts
        self._most = most

    def page(self, limit: int, offset: int) -> Told:
        if self.reads and self._between:
            self._between(self.ids)
        self.reads.append((limit, offset))
        rows = [{"id": one} for one in self.ids[offset : offset + min(limit, self._most)]]
        return Told(rows, len(self.ids) if self._counts else None)


def read(listed: Listed, size: int = 50) -> list[int]:
    return [row["id"] for page in pages_of(listed.page, size) for row in page]


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("many", [0, 1, 2, 9, 10, 11, 18, 19, 20, 28, 101])
def test_a_quiet_list_is_given_once_and_in_order(many: int, counts: bool) -> None:
    assert read(Listed(list(range(many)), counts=counts), 10) == list(range(many))


def test_one_page_is_one_request_and_5000_are_little_more_than_a_hundred() -> None:
    one, many = Listed(list(range(49))), Listed(list(range(5000)))
    read(one)
    read(many)

    assert one.reads == [(50, 0)]
    assert len(many.reads) <= 114


def test_pages_shorter_than_asked_for_are_not_the_end() -> None:
    assert read(Listed(list(range(95)), most=20)) == list(range(95))
    assert read(Listed(list(range(95)), most=20, counts=False)) == list(range(95))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_smallest_pages(size: int) -> None:
    assert read(Listed(list(range(7))), size) == list(range(7))


def test_what_moves_up_because_others_left_is_given() -> None:
    listed = Listed(list(range(100)), lambda ids: ids.remove(ids[0]))
    assert read(listed, 10) == list(range(100))


def test_a_page_whose_beginning_left_is_looked_for_further_back() -> None:
    leaving = iter([30])

    def leave(ids: list[int]) -> None:
        del ids[: next(leaving, 0)]

    listed = Listed(list(range(60)), leave)
    assert read(listed, 10) == [*range(10), *range(30, 60)]
    offsets = [offset for _, offset in listed.reads]
    assert offsets != sorted(offsets)


def test_new_ones_at_the_front_make_nothing_twice() -> None:
    fresh = iter(range(-1, -99, -1))
    listed = Listed(list(range(40)), lambda ids: ids.insert(0, next(fresh)))
    assert read(listed, 10) == list(range(40))


def test_a_list_that_empties_meanwhile_ends() -> None:
    assert read(Listed(list(range(30)), lambda ids: ids.clear()), 10) == list(range(10))


@given(
    seed=st.integers(0, 10_000), many=st.integers(0, 60), size=st.integers(2, 9), c=st.booleans()
)
@example(seed=403, many=49, size=2, c=True)  # rows that had left hid that others were not given
def test_every_item_that_stays_is_given_and_given_once(
    seed: int, many: int, size: int, c: bool
) -> None:
    dice = random.Random(seed)
    stays = set(dice.sample(range(many), many // 2))
    fresh = iter(range(1000, 9999))

    def change(ids: list[int]) -> None:
        for one in [one for one in ids if one not in stays]:
            if dice.random() < 0.15:
                ids.remove(one)
        if dice.random() < 0.5:
            # New ones come to the front, as in a list whose newest are first.
            ids.insert(0, next(fresh))

    given_ids: list[int] = []
    listed = Listed(list(range(many)), change, counts=c)
    # So much change may make it doubt that it has all; what stays is given before it says so.
    with contextlib.suppress(Retryable):
        for page in pages_of(listed.page, size):
            given_ids += [row["id"] for row in page]

    assert stays <= set(given_ids)
    assert len(given_ids) == len(set(given_ids))


@pytest.mark.parametrize("seed", range(20))
def test_a_list_without_order_is_read_again_until_as_many_were_given(seed: int) -> None:
    listed = Listed(list(range(45)), random.Random(seed).shuffle)
    assert sorted(read(listed, 10)) == list(range(45))
    assert len(listed.reads) < 80


def test_a_list_that_brings_new_rows_each_time_is_told() -> None:
    fresh = iter(range(1000, 2000))

    def page(limit: int, offset: int) -> Told:
        rows = [{"id": one % 20} for one in range(60)][offset : offset + limit]
        return Told(rows if offset else [{"id": next(fresh)}, *rows[1:]], 60)

    with pytest.raises(Retryable, match="order"):
        list(pages_of(page, 10))


def test_a_list_that_counts_rows_twice_ends_when_nothing_is_new() -> None:
    assert read(Listed([one % 20 for one in range(60)]), 10) == list(range(20))


def test_a_list_without_order_that_counts_what_it_never_gives_is_told() -> None:
    ids = list(range(45))
    dice = random.Random(3)

    def page(limit: int, offset: int) -> Told:
        dice.shuffle(ids)
        return Told([{"id": one} for one in ids[offset : offset + limit]], 46)

    with pytest.raises(Retryable, match="holds 46"):
        list(pages_of(page, 10))


def test_a_list_with_rows_twice_is_given_once() -> None:
    ids = [one for one in range(60) for _ in range(1 if one % 7 else 2)]
    assert read(Listed(ids), 10) == list(range(60))


def test_a_list_that_says_more_than_it_gives_is_not_whole() -> None:
    for rows in ([], [{"id": 1}]):
        with pytest.raises(Retryable, match="holds 30"):
            list(pages_of(lambda limit, offset, rows=rows: Told(rows, 30), 10))  # type: ignore[misc]


def test_a_list_without_end_is_given_up() -> None:
    def endless(limit: int, offset: int) -> Told:
        return Told([{"id": one} for one in range(offset, offset + limit)], 10**9)

    with pytest.raises(Retryable, match="pages"):
        list(pages_of(endless, 2))


@pytest.mark.parametrize(
    ("many", "total"), [(2, None), (5, None), (60, None), (60, 60), (5, 5), (1, None)]
)
def test_a_list_that_is_given_whole_whatever_is_asked_for_has_an_end(
    many: int, total: int | None
) -> None:
    """No source tells that every list has pages."""
    asked: list[int] = []

    def whole(limit: int, offset: int) -> Told:
        asked.append(offset)
        return Told([{"id": one} for one in range(many)], total)

    assert [row["id"] for page in pages_of(whole, 50) for row in page] == list(range(many))
    assert len(asked) <= 21


def test_a_list_that_gives_its_first_page_again_and_counts_more_is_not_whole() -> None:
    with pytest.raises(Retryable, match="holds 90"):
        list(pages_of(lambda limit, offset: Told([{"id": n} for n in range(50)], 90), 50))


@pytest.mark.parametrize("data", [None, {}, "x", 3, {"transfers": []}])
def test_what_is_no_list_is_not_an_empty_one(data: Any) -> None:
    with pytest.raises(Retryable, match="is none"):
        list(pages_of(lambda limit, offset: Told(data, None), 10))


def test_php_may_say_none_otherwise() -> None:
    assert list(pages_of(lambda limit, offset: Told(None, 0), 10)) == []


def test_rows_without_an_id_are_told_apart_by_what_they_hold() -> None:
    rows = [{"name": "a"}, {"name": "b"}, "c", ["d"]]
    assert list(pages_of(lambda limit, offset: Told(rows, 4), 10)) == [rows]
