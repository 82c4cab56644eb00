"""A power cut at any write or record of a transfer's and an assembly's story: nothing twice.

One at a read is one after the write, or the record, before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest

from tests.support.moves import MovesBench

Kind = Literal["transfers", "assemblies"]
BOTH: dict[str, dict[str, bool]] = {
    "transfers": {"orders_at_source": True, "asns_at_destination": True},
    "assemblies": {"orders": True, "asns": True, "complete": True},
}
LEAST = 10
"""Writes and records of a story: an order, an ASN, a completing, and what is kept of them."""


class PowerCut(BaseException):
    """The environment is gone: nothing catches it."""


class Story:
    """A bench on which the power goes at one write or record, before or after it."""

    def __init__(self, flow: Kind, at: int, *, after: bool) -> None:
        self.flow = flow
        self.bench = MovesBench(asns_awaiting_delivery=True)
        self.bench.set(flow, **BOTH[flow])
        self.acts = 0
        self._at, self._after = at, after
        bench: Any = self.bench
        bench.mintsoft.handle = self._watched(bench.mintsoft.handle, _writes)
        bench.unleashed.handle = self._watched(bench.unleashed.handle, _writes)
        bench.records.append = self._watched(bench.records.append, lambda *_: True)

    def _watched(self, act: Callable[..., Any], counts: Callable[..., bool]) -> Callable[..., Any]:
        def acted(*given: Any) -> Any:
            if not counts(*given):
                return act(*given)
            number = self.acts
            self.acts += 1
            if number == self._at and not self._after:
                raise PowerCut
            done = act(*given)
            if number == self._at:
                raise PowerCut
            return done

        return acted

    def live(self) -> dict[str, str]:
        """Live through it: parked, made, sent and booked in, completed."""
        park = self.bench.park_transfer
        made = park() if self.flow == "transfers" else self.bench.park_assembly()
        self._run(3)
        for order in self.bench.made_orders():
            self.bench.despatch(order.id)
        for asn in self.bench.made_asns():
            self.bench.book_in(asn.id)
        self._run(3)
        return made

    def _run(self, many: int) -> None:
        for _ in range(many):
            try:
                self.bench.run(self.flow)
            except PowerCut:
                continue


def _writes(request: Any) -> bool:
    return bool(request.method != "GET" or request.path.lower().endswith("/confirm"))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("flow", BOTH)
def test_nothing_is_done_twice_or_left(flow: Kind, after: bool) -> None:
    at = 0
    while True:
        story = Story(flow, at, after=after)
        made = story.live()
        bench = story.bench
        assert len(bench.made_orders()) == len(bench.made_asns()) == 1, at
        state = bench.transfer(made) if flow == "transfers" else bench.assembly(made)
        assert (state.outcome, bench.parked()) == ("over", []), at
        assert bench.stock_there("TEE-RED-M", "MAIN") == bench.here("TEE-RED-M", 3) == 36, at
        assert bench.untold() == {}, at
        if story.acts <= at:
            break
        at += 1
    assert at >= LEAST
