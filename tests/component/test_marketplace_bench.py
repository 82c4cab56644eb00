"""The bench of the marketplace measures what it says: everything ends, and is counted."""

from __future__ import annotations

from bench.miinto import orders, rmas, stock, transfers


def test_every_part_ends_all_that_there_is() -> None:
    (decided,) = transfers(7, 0.0)
    assert decided.counts == {"accepted": 7}
    assert decided.requests["Miinto"] >= 7
    assert decided.dynamodb > 7

    (made,) = orders(7, 0.05)
    assert made.counts["made"] == 7
    assert made.seconds >= 7 * 2 * 0.05

    told, unchanged = stock(7, 0.0)
    assert (told.counts, unchanged.counts) == ({"told": 7}, {"unchanged": 7})

    new, known = rmas(7, 0.0)
    assert (new.counts, known.counts) == ({"told": 7}, {"known": 7})
