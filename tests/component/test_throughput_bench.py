"""The bench of throughput measures what it says: every way does the job, and is counted."""

from __future__ import annotations

import pytest

from bench.throughput.announce import HUB, WrongBooks, announce, require_right
from bench.throughput.poll import Hub, lists
from bench.throughput.tables import of_announcing


def test_every_way_does_the_job_and_is_counted() -> None:
    ways = ("naive loop", "Powertools, idempotent", HUB)

    figures = announce(0.0, 0.0, ways=ways, rounds=1, enough=0.01)

    assert [row.way for row in figures] == list(ways)
    naive, powertools, hub = figures
    assert [row.partner_calls for row in figures] == [3.0, 3.0, 3.0]
    assert naive.aws_calls == 0
    assert powertools.aws_calls == 2.0
    # State read, plan; claim and settlement of each write; what was made and told; turns.
    assert hub.aws_calls is not None
    assert 7.0 <= hub.aws_calls <= 9.0
    for row in figures:
        assert row.returns == 10
        assert row.per_second > 0
        assert row.partner_bytes > 1000
        assert row.peak_mb > 20
    table = of_announcing(figures)
    assert len(table.rows) == 3
    assert {len(row) for row in table.rows} == {len(table.heads)}


def test_a_way_that_does_the_job_wrongly_gives_no_figure() -> None:
    require_right("a way", {"a": (1, 1), "b": (1, 1)})
    for wrong in ((2, 1), (1, 0), (0, 0), (1, 2)):
        with pytest.raises(WrongBooks, match=r"a way left .* for 1 returns"):
            require_right("a way", {"a": (1, 1), "b": wrong})


def test_a_list_is_read_and_known_in_few_requests() -> None:
    with lists(220, 0.0, 0.0) as there:
        figures = Hub(there).run()
        _, pages, sizes, aws_calls = there.taken()

    assert figures["seconds"] > 0
    # 220 and the sample's products, in pages of 200.
    assert pages == 2
    assert sizes > 100_000
    # One write for each product, one reading for a hundred, and what the samples' changes need.
    assert aws_calls < 220 + 120
