"""Pages of parked work, and the budget of acts: the fake and DynamoDB alike."""

from __future__ import annotations

from collections import Counter

import pytest

from returns_hub.adapters.dynamodb.act_budget import DynamoDbActBudget
from returns_hub.adapters.dynamodb.parking import LOOKED_AT_ONCE, LOOKS_OF_A_PAGE
from returns_hub.ports import ParkedItem
from tests.contract.conftest import Stores


def item(number: int, code: str = "a", flow: str = "f", merchant: str = "m") -> ParkedItem:
    return ParkedItem(merchant, f"{flow}/{number:04d}", flow, code, "why", f"r{number}", "{}")


def ids(stores: Stores, **wanted: str | int) -> list[str]:
    """All pages' ids; every page but the last goes on."""
    found: list[str] = []
    after = ""
    for _ in range(100):
        page = stores.parking.page("m", after=after, **wanted)
        found += [row.parked_id for row in page.rows]
        after = page.after
        if not after:
            return found
    raise AssertionError("pages without an end")


def test_pages_have_every_open_item_once(stores: Stores) -> None:
    for number in range(17):
        stores.parking.park(item(number, "a" if number % 3 else "b"))
    stores.parking.park(item(1, merchant="other"))
    stores.parking.park(item(99, "a", "g"))
    assert stores.parking.close(item(4), "discarded", "pat")
    rest = [number for number in range(17) if number != 4]
    assert ids(stores, limit=4) == [*(f"f/{number:04d}" for number in rest), "g/0099"]
    of_a = [f"f/{number:04d}" for number in rest if number % 3]
    assert ids(stores, flow="f", code="a", limit=4) == of_a
    assert ids(stores, flow="f", code="a", limit=50) == of_a
    assert ids(stores, code="nothing") == []
    assert stores.parking.page("nobody").rows == ()


def test_a_row_tells_what_was_parked_and_how_often(stores: Stores) -> None:
    stores.parking.park(item(1))
    stores.parking.park(item(1))
    (row,) = stores.parking.page("m").rows
    assert (row.merchant, row.parked_id, row.flow, row.code) == ("m", "f/0001", "f", "a")
    assert (row.reason, row.subject, row.times) == ("why", "r1", 2)


def test_one_item_is_read_open_or_closed(stores: Stores) -> None:
    assert stores.parking.read("m", "f/0001") is None
    stores.parking.park(item(1))
    found = stores.parking.read("m", "f/0001")
    assert (found.state, found.payload, found.times) == ("open", "{}", 1)
    stores.parking.close(found, "replayed", "pat")
    assert stores.parking.read("m", "f/0001").state == "replayed"


def test_a_page_is_bounded_whatever_is_parked(dynamodb: Stores) -> None:
    for number in range(30):
        dynamodb.parking.park(item(number, "another"))
    dynamodb.requests.clear()
    assert dynamodb.parking.page("m", code="a").rows == ()
    assert Counter(dynamodb.requests) == {"Query": 1}
    assert (LOOKS_OF_A_PAGE, LOOKED_AT_ONCE) == (10, 1000)


def test_a_page_stops_looking_after_so_many_requests(simulated: Stores) -> None:
    """The simulation's DynamoDB gives three items in a request."""
    for number in range(60):
        simulated.parking.park(item(number, "another"))
    simulated.parking.park(item(70))
    page = simulated.parking.page("m", code="a")
    assert page.rows == ()
    assert page.after == "f/0029"
    assert ids(simulated, code="a") == ["f/0070"]


def budget(stores: Stores, per_minute: int = 30) -> DynamoDbActBudget:
    return DynamoDbActBudget(stores.client, "ControlTable", stores.clock, per_minute)


def test_a_minutes_acts_can_be_done_at_once_and_then_one_at_the_pace(dynamodb: Stores) -> None:
    acts = budget(dynamodb)
    assert [acts.take(1) for _ in range(30)] == [0.0] * 30
    assert acts.take(1) == 2.0
    dynamodb.clock.advance(seconds=1)
    assert acts.take(1) == 1.0
    dynamodb.clock.advance(seconds=1)
    assert acts.take(1) == 0.0
    assert acts.take(1) == 2.0
    dynamodb.clock.advance(hours=1)
    assert acts.take(30) == 0.0
    assert acts.take(1) == 2.0


def test_many_are_taken_together_or_not_at_all(dynamodb: Stores) -> None:
    acts = budget(dynamodb)
    assert acts.take(20) == 0.0
    assert acts.take(25) == 30.0
    assert acts.take(10) == 0.0
    for wrong in (0, -1, 31):
        with pytest.raises(ValueError, match="between 1 and 30"):
            acts.take(wrong)


def test_what_one_dashboard_took_another_does_not_have(simulated: Stores) -> None:
    assert budget(simulated).take(30) == 0.0
    assert budget(simulated).take(1) > 0
