"""SIGKILL to the marketplace's function while it decides transfers and makes orders of them.

The schedule ticks on. Whatever the moment: a transfer is decided once, an order is in the warehouse
once, and what nobody can know is a person's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from local.run.miinto_books import number_of
from tests.kill.proxy import Kind
from tests.kill.stage import MERCHANT, MOST_TURNS, SETTLE, Stage

DK, SKU = "1-m!i!s-045-1234", "TEE-RED-M"
FUNCTION = "MiintoRmaFunction"
OFFERS = 3
BEFORE, AFTER = False, True
DECIDE = ("UpdateItem", "decide-transfer/")


@dataclass(frozen=True)
class Moment:
    """A request, named by words of it; it is the second offer's."""

    name: str
    front: str
    words: tuple[str, ...]
    after: bool
    parked: int = 0


MOMENTS = [
    # What Miinto still shows as pending may be decided late: it is never asked twice.
    Moment("decision", "miinto", ("PATCH", "/transfers/"), BEFORE, parked=1),
    Moment("decision", "miinto", ("PATCH", "/transfers/"), AFTER),
    Moment("settlement of the decision", "aws", (*DECIDE, SETTLE), BEFORE),
    Moment("order", "mintsoft", ("PUT", "/api/Order"), AFTER),
]


def name_of(moment: Moment) -> str:
    return f"{'after' if moment.after else 'before'} the {moment.name}"


class Market:
    """The marketplace of the stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.miinto, self.mintsoft = stage.partners.miinto, stage.partners.mintsoft
        self.miinto.state.now = stage.now
        self._parked = len(self._open())
        self.transfers: list[int] = []
        for _ in range(OFFERS):
            made = self.miinto.offer([DK], [{"sku": SKU, "quantity": 1}])
            self.transfers.append(made["transfers"][0]["id"])

    def tick(self) -> None:
        self._stage.tick(FUNCTION)
        self._stage.time_passes()

    def settle(self) -> None:
        """Tick until nothing is left to do, and once more: a later tick must change nothing."""
        for _ in range(2 * MOST_TURNS):
            self.tick()
            if len(self.made()) + self.parked() >= OFFERS:
                break
        before = self.made()
        self.tick()
        assert self.made() == before

    def _open(self) -> tuple[Any, ...]:
        return self._stage.world.hub.parking.list_parked(MERCHANT)

    def parked(self) -> int:
        return len(self._open()) - self._parked

    def orders(self) -> Counter[int]:
        """Transfer -> orders that Miinto made of it, of this test's."""
        offers = self.miinto.orders.offers.transfers
        return Counter({number: len(offers[DK, number].orders) for number in self.transfers})

    def made(self) -> list[str]:
        """Numbers of this test's orders in the warehouse."""
        offers = self.miinto.orders.offers.transfers
        wanted = {number_of(DK, o) for n in self.transfers for o in offers[DK, n].orders}
        return sorted(o.number for o in self.mintsoft.orders.values() if o.number in wanted)


@pytest.mark.parametrize("moment", MOMENTS, ids=name_of)
def test_killed_at_the_marketplace(stage: Stage, moment: Moment) -> None:
    market = Market(stage)
    trap = stage.kill_at(moment.front, *moment.words, after=moment.after, nth=2)
    market.tick()
    assert trap.sprung.is_set(), "the function never came to this request"
    market.settle()

    assert stage.failures == ["Runtime.ExitError"]
    assert market.parked() == moment.parked
    assert set(market.orders().values()) <= {0, 1}
    assert sum(market.orders().values()) == OFFERS - moment.parked
    assert len(market.made()) == len(set(market.made())) == OFFERS - moment.parked
    assert not market.miinto.all_books()["refusals"]
    assert stage.miinto.count(Kind(("PATCH", "/transfers/"))) == OFFERS
    assert not stage.world.waiting("MiintoRmaDeadLetterQueue")
