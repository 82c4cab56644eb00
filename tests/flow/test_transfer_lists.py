"""Offers that go by themselves, and lists of them that do not come to their end."""

from __future__ import annotations

from returns_hub.errors import Retryable
from tests.support.miinto import SE, MarketBench, position

AWAY = Retryable("miinto.down", "Miinto is away")


# -- shops, lists, offers that go ---------------------------------------------------------------


def test_one_shop_that_cannot_be_read_does_not_stop_the_others() -> None:
    hub = MarketBench()
    hub.miinto.fail("transfers", AWAY)
    hub.miinto.offer(9001, position(71))
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK")
    assert hub.tick() == {"accepted": 1, "failed": 1}
    assert hub.miinto.decisions == [(SE, 77, (5,), ())]


def test_an_offer_that_went_is_gone_after_a_second_reading() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71), position(72))
    hub.tick()
    hub.miinto.decided_elsewhere(9001, 71)
    hub.miinto.requests.clear()

    assert hub.tick() == {"gone": 1, "waiting": 1}
    assert hub.miinto.requests["transfers"] == 3  # twice here, once the other shop
    assert [one.id for one in hub.state(9001).waiting] == [72]
    assert hub.state(9001).standing == "pending_approval"
    hub.miinto.decided_elsewhere(9001)
    assert hub.tick() == {"gone": 1}
    assert not hub.state(9001).waiting
    assert not hub.state(9001).in_work


def test_a_whole_offer_that_went_stands_as_gone_and_may_come_back() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71))
    hub.tick()
    kept = dict(hub.miinto.transfers)
    hub.miinto.decided_elsewhere(9001)
    assert hub.tick() == {"gone": 1}
    assert (hub.state(9001).standing, hub.state(9001).gone) == ("gone", "not_pending")
    hub.miinto.transfers = kept
    hub.tick()
    assert hub.state(9001).standing == "pending_approval"


def test_a_list_that_was_cut_lets_nothing_go() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    for number in range(9001, 9101):
        hub.miinto.offer(number, position(number))
    hub.tick()
    hub.miinto.fail("transfers", None, AWAY)
    assert hub.tick() == {"failed": 1, "waiting": 50}
    assert not hub.miinto.faults["transfers"]
    hub.miinto.decided_elsewhere(9100)
    hub.miinto.fail("transfers", None, None, None, AWAY)  # the second reading is cut
    hub.tick()
    assert {hub.state(number).standing for number in range(9001, 9101)} == {"pending_approval"}
    assert hub.tick()["gone"] == 1
    assert hub.state(9100).standing == "gone"


def test_a_page_that_moved_in_the_first_reading_lets_nothing_go() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71))
    hub.tick()
    kept, readings = dict(hub.miinto.transfers), []

    def move() -> None:
        readings.append("one")
        hub.miinto.transfers = {} if len(readings) == 1 else kept

    hub.miinto.before["transfers"] = move
    assert hub.tick() == {"waiting": 1}
    assert hub.state(9001).standing == "pending_approval"
