"""The side-by-side of `make bench`: that it runs, and that its rivals are what they say."""

from __future__ import annotations

import pytest

from bench.side_by_side import HUB, WAYS, Books, OneWay, books_of, markdown, side_by_side
from tests.simulation.environment import Power
from tests.simulation.scenario import STARTS, Line, PartnerFaults, ReturnPlan, Scenario

NAIVE, BY_RETURN, BY_WRITE = "naive loop", "Powertools, by return", "Powertools, by write"


def lived(
    way: str,
    delays: tuple[float, ...] = (0.1,),
    faults: PartnerFaults | None = None,
    *,
    seed: int = 1,
    power: Power | None = None,
) -> Books:
    plan = ReturnPlan(1, "alpha", 10.0, (Line("TEE"), Line("MUG", group="b")), delays, False, ())
    mintsoft = faults or PartnerFaults()
    wanted = Scenario(seed=seed, start=STARTS[0], returns=(plan,), mintsoft=mintsoft)
    return books_of(OneWay(wanted, WAYS[way], power))


@pytest.mark.parametrize(("way", "twice"), [(NAIVE, 4), (BY_RETURN, 0), (BY_WRITE, 0), (HUB, 0)])
def test_without_faults_three_messages_are_one_too_many_only_for_the_naive_loop(
    way: str, twice: int
) -> None:
    books = lived(way, (0.1, 2.0, 90.0))

    assert books.counts["announced"] == 1
    assert books.counts["records twice"] == books.counts["comments twice"] == twice
    assert books.counts["dead messages"] == books.counts["faults"] == 0


@pytest.mark.parametrize("way", [NAIVE, BY_RETURN, BY_WRITE])
def test_what_was_carried_out_without_an_answer_a_rival_does_again(way: str) -> None:
    lost_answers = PartnerFaults(rate=0.5)

    theirs = sum(
        lived(way, (0.1,), lost_answers, seed=seed).counts["records twice"] for seed in range(9)
    )
    ours = [lived(HUB, (0.1,), lost_answers, seed=seed).counts for seed in range(9)]

    assert theirs > 0
    assert sum(counts["records twice"] for counts in ours) == 0
    assert sum(counts["announced"] + counts["parked"] for counts in ours) == 9
    assert sum(counts["faults"] for counts in ours) == 0


@pytest.mark.parametrize("way", [NAIVE, BY_RETURN, BY_WRITE])
def test_a_rival_that_dies_is_taken_over_in_virtual_time(way: str) -> None:
    """Powertools' record in progress ends with the dead function's time, not a day later."""
    for at in range(1, 14):
        counts = lived(way, power=Power(at, after=True)).counts

        assert counts["announced"] == 1, at
        assert counts["dead messages"] == counts["faults"] == 0, at


def test_a_slice_of_the_table() -> None:
    found = side_by_side(3, jobs=1)

    assert all(books.counts["unfinished messages"] == 0 for books in found.values())
    assert found[NAIVE].counts["records twice"] > 0
    assert found[HUB].counts["records twice"] == found[HUB].counts["lost"] == 0
    assert markdown(found).splitlines()[0] == f"|  | {' | '.join(WAYS)} |"
