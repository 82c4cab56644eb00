"""Whose turn it is in a tick over all merchants: nobody waits long where time is short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from returns_hub.ticks import by_turns

EVERY = 300
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def most_ticks_between_turns(count: int, room: int, ticks: int) -> int:
    """The longest that one of `count` merchants waits when each tick has room for `room`."""
    names = [f"m{number:03}" for number in range(count)]
    last = dict.fromkeys(names, -1)
    longest = 0
    for tick in range(ticks):
        turn = by_turns(names, AT + timedelta(seconds=tick * EVERY), EVERY)
        for name in turn[:room]:
            longest = max(longest, tick - last[name])
            last[name] = tick
    return max(longest, *(ticks - at for at in last.values()))


def test_five_hundred_with_room_for_a_hundred_wait_ten_ticks_at_most() -> None:
    assert most_ticks_between_turns(500, 100, 300) <= 10


@pytest.mark.parametrize("count", range(1, 61))
def test_whoever_waits_waits_twice_the_shortest_that_is_possible(count: int) -> None:
    for room in {1, 2, 3, count // 3, count // 2, count - 1, count} & set(range(1, count + 1)):
        bound = ceil(2 * count / room)
        assert most_ticks_between_turns(count, room, 3 * bound + 5) <= bound, room


def test_each_turn_names_everybody_once_in_a_row() -> None:
    names = ("a", "b", "c", "d", "e")
    for tick in range(20):
        turn = by_turns(names, AT + timedelta(seconds=tick * EVERY), EVERY)
        first = names.index(turn[0])
        assert turn == (*names[first:], *names[:first])
    assert by_turns((), AT, EVERY) == ()


def test_within_one_interval_the_turn_is_the_same() -> None:
    names = [str(number) for number in range(50)]
    late = AT + timedelta(seconds=EVERY - 1)
    assert by_turns(names, AT, EVERY) == by_turns(names, late, EVERY)
