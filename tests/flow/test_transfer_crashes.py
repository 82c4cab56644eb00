"""A crash before or after every call of a run: nothing is decided twice, nothing is forgotten."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.flows.miinto.decide_transfers import release_decision
from tests.support.market import promised_in_all
from tests.support.miinto import DK, SE, LostAnswer, MarketBench, live, position

MOST_CALLS = 400


class Crash(BaseException):
    """The environment is gone."""


class Wire:
    """Counts what is called, before and after, and crashes at one of these moments."""

    def __init__(self, at: int) -> None:
        self.left = at

    def moment(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash

    def around(self, inner: Any) -> Any:
        return _Watched(inner, self)


class _Watched:
    def __init__(self, inner: Any, wire: Wire) -> None:
        self.__dict__.update(inner=inner, wire=wire)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return self._watched(found) if callable(found) else found

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.inner, name, value)

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.wire.moment()
            answer = call(*args, **kwargs)
            self.wire.moment()
            return answer

        return watched


def offers() -> MarketBench:
    hub = MarketBench(transfers=live(otherwise="decline"))
    old = hub.clock.now() - timedelta(hours=1)
    hub.miinto.offer(9001, position(71), position(72, price=1), position(73, product_id="what"))
    hub.miinto.offer(9002, position(74))
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK", created_at=old)
    return hub


def live_through(at: int, lost: Exception | None) -> tuple[Wire, bool]:
    """One life with a crash; whether a person had to say that a request was never made."""
    hub = offers()
    if lost is not None:
        hub.miinto.fail("decide", lost)
    wire = Wire(at)
    inner = (hub.market, hub.miinto, hub.bench.ledger, hub.bench.cursors)
    hub.market, hub.miinto, hub.bench.ledger, hub.bench.cursors = map(wire.around, inner)
    with contextlib.suppress(Crash):
        hub.tick()
    hub.market, hub.miinto, hub.bench.ledger, hub.bench.cursors = inner
    for _ in range(5):
        hub.tick(minutes=10)
    is_asked = _answer_what_is_asked(hub)

    accepted = [p for _, _, positions, _ in hub.miinto.decisions for p in positions]
    declined = [p for _, _, _, positions in hub.miinto.decisions for p in positions]
    assert (sorted(accepted), declined) == ([5, 71, 74], [72])
    assert [order.accepted[0].id for order in hub.miinto.made] == accepted
    for shop, number, waits in ((DK, 9001, [73]), (DK, 9002, []), (SE, 77, [])):
        state = hub.state(number, shop)
        assert [one.id for one in state.waiting] == waits
        assert [d.outcome for d in state.decisions if d.outcome != "lost"] == ["done"]
        assert state.decisions[-1].order in {order.id for order in hub.miinto.made}
    assert promised_in_all(hub.market, "example") == {"TEE": 3}
    assert not hub.bench.parking.list_parked("example")
    return wire, is_asked


def _answer_what_is_asked(hub: MarketBench) -> bool:
    """A request that was about to leave, or left, when the environment ended: its positions are
    still pending, so nobody but a person can know that it was not carried out."""
    items = hub.bench.parking.list_parked("example")
    for item in items:
        _, slug, transfer, number = item.parked_id.split("/")
        shop = DK if slug == "045-1234" else SE
        assert hub.state(int(transfer), shop).standing == "parked"
        release_decision(hub.world(), slug, int(transfer), int(number), "anna", "not there")
    hub.tick()
    return bool(items)


@pytest.mark.parametrize("lost", [None, LostAnswer()])
def test_a_crash_at_every_call(lost: Exception | None) -> None:
    moments = asked = 0
    for at in range(1, MOST_CALLS):
        wire, is_asked = live_through(at, lost)
        if wire.left > 0:
            break  # the run came to its end
        moments, asked = moments + 1, asked + is_asked
    assert 40 < moments < MOST_CALLS - 1
    assert 3 <= asked <= 9  # between the claim and the request, of three transfers
