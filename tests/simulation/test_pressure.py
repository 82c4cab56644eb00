"""A partner that is away for a day costs neither messages nor the other merchants anything."""

from __future__ import annotations

from tests.simulation.pressure import RATE, live_through


def test_a_day_without_the_warehouse_loses_nothing_and_holds_up_nobody_else() -> None:
    result = live_through(returns=100)

    assert (result.made, result.doubled, result.dead) == (result.returns, 0, 0)
    assert result.parked == 0
    assert result.most_receives <= 10
    assert result.calls_while_away < 200, "a probe now and then, not a call for each message"
    assert result.most_in_ten_seconds <= 10 * RATE + 10
    assert result.slowest_of_the_other < 10
