"""Another rule tried on past transfers: won and lost in money, and nothing that was not known."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from returns_hub.domain.miinto.facts import TransferJudged
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.what_if import Story, Tried, WhatIf, Worth
from returns_hub.domain.miinto.what_if import what_if as try_on
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Permanent
from returns_hub.flows.miinto.decide_transfers import accept_positions
from returns_hub.flows.miinto.what_if import PAGE, read_rule, what_if
from tests.support.miinto import DK, SE, MarketBench, live, position


def by_position(found: WhatIf) -> dict[int, Tried]:
    return {one.position: one for one in found.positions}


def past() -> MarketBench:
    """Accepted at 97.00 and up; declined below; one in another currency, one unknown."""
    hub = MarketBench(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(1, price=9_700), position(2, price=9_500))
    hub.miinto.offer(9002, position(3, price=9_900), position(4, price=100))
    hub.miinto.offer(9003, position(5, product_id="what"))
    hub.miinto.offer(77, position(6, price=14_500), shop=SE, currency="SEK")
    hub.tick()
    return hub


def test_a_milder_rule_wins_and_a_stricter_one_loses_in_each_currency() -> None:
    hub = past()

    milder = what_if(hub.world(), AcceptRule(price_threshold=Decimal("0.95")), 7)
    assert milder.counts == {
        "accepted: accept": 2,
        "declined: accept": 2,
        "declined: leave": 1,
        "waiting: leave": 1,
    }
    assert milder.money == {
        "DKK": Worth(accepted=19_600, would_accept=29_100, won=9_500),
        "SEK": Worth(would_accept=14_500, won=14_500),
    }

    stricter = what_if(
        hub.world(), AcceptRule(price_threshold=Decimal("0.99"), otherwise="decline"), 7
    )
    tried = by_position(stricter)
    assert (tried[1].happened, tried[1].would, tried[1].is_lost) == ("accepted", "decline", True)
    assert "97.00 DKK, least 99.00 DKK: the price is too low" in tried[1].why
    assert (tried[3].would, tried[3].is_lost) == ("accept", False)
    assert stricter.money["DKK"] == Worth(accepted=19_600, would_accept=9_900, lost=9_700)
    assert (tried[5].would, tried[5].code) == ("leave", "unknown_product")


def test_the_same_rule_changes_nothing() -> None:
    hub = past()
    same = what_if(hub.world(), AcceptRule(otherwise="decline"), 7)
    assert not [one for one in same.positions if one.is_won or one.is_lost]
    assert set(same.counts) == {"accepted: accept", "declined: decline", "waiting: leave"}


def test_units_that_would_not_have_been_accepted_are_there_for_the_next() -> None:
    hub = MarketBench(transfers=live())
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(1, price=9_700))
    hub.tick()
    hub.miinto.offer(9002, position(2, price=9_900))
    hub.tick()

    tried = by_position(what_if(hub.world(), AcceptRule(price_threshold=Decimal("0.98")), 7))
    assert (tried[1].is_lost, tried[2].is_won) == (True, True)


def test_units_are_accepted_once_by_the_other_rule_too() -> None:
    hub = MarketBench(transfers=live(price_threshold="0.98", otherwise="decline"))
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(1, price=9_700))
    hub.tick()
    hub.miinto.offer(9002, position(2, price=9_900))
    hub.tick()

    tried = by_position(what_if(hub.world(), AcceptRule(price_threshold=Decimal("0.97")), 7))
    assert (tried[1].is_won, tried[2].is_lost) == (True, True)
    assert tried[2].code == "out_of_stock"


def test_offers_of_one_run_compete_the_oldest_first() -> None:
    hub = MarketBench(transfers=live(price_threshold="1"))
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    for number in (9002, 9001):
        hub.miinto.offer(number, position(number))
        hub.clock.advance(minutes=1)
    hub.tick()
    tried = by_position(what_if(hub.world(), AcceptRule(), 7))
    assert (tried[9002].would, tried[9001].code) == ("accept", "out_of_stock")


def test_kept_back_units_and_the_other_reference_are_tried_exactly() -> None:
    hub = past()
    kept = by_position(what_if(hub.world(), AcceptRule(stock_kept_back=4), 7))
    assert [one.position for one in kept.values() if one.would == "accept"] == [1]
    original = what_if(hub.world(), AcceptRule(price_reference="original"), 7)
    assert by_position(original)[1].would == "accept"


def test_what_a_person_accepted_is_not_lost_to_a_rule_that_leaves_it_to_a_person() -> None:
    hub = MarketBench(transfers=live())
    hub.miinto.offer(9001, position(1, price=100))
    hub.tick()
    accept_positions(hub.world(), DK, 9001, [1], "anna")
    (one,) = what_if(hub.world(), AcceptRule(), 7).positions
    assert (one.happened, one.by, one.would, one.is_lost) == ("accepted", "anna", "leave", False)
    (one,) = what_if(hub.world(), AcceptRule(otherwise="decline"), 7).positions
    assert one.is_lost


def test_what_was_gone_before_it_was_judged_cannot_be_told() -> None:
    hub = MarketBench(transfers=live())
    hub.miinto.offer(9001, position(1))
    hub.stock.levels = {3: {}}
    hub.miinto.fail("map", Permanent("miinto.refused", "no"))
    hub.tick()
    found = what_if(hub.world(), AcceptRule(), 7)
    assert found.counts == {"waiting: cannot_tell": 1}
    assert found.cannot_tell == 1


def test_a_judgement_that_kept_no_stock_cannot_be_told() -> None:
    hub = past()
    state = hub.state(9001)
    events = list(hub.market.timeline("example", "transfer", DK, 9001))
    at = next(n for n, event in enumerate(events) if isinstance(event.fact, TransferJudged))
    fact = events[at].fact
    assert isinstance(fact, TransferJudged)
    old = tuple(one.model_copy(update={"stock": None}) for one in fact.judgements)
    kept = fact.model_copy(update={"judgements": old, "stock_at": None})
    events[at] = events[at].model_copy(update={"fact": kept})
    found = try_on([Story(state, tuple(events))], AcceptRule(), "unknown", {DK: 3})
    assert {one.would for one in found.positions} == {"cannot_tell"}
    assert found.money == {"DKK": Worth(accepted=9_700)}


def test_worth_of_several_units_is_told_only_when_it_is_known() -> None:
    hub = MarketBench(transfers=live() | {"price_is": "unit"})
    hub.miinto.offer(9001, position(1, quantity=2))
    hub.tick()
    assert what_if(hub.world(), AcceptRule(), 7).money["DKK"].accepted == 19_800
    hub.file(transfers=live())
    found = what_if(hub.world(), AcceptRule(), 7)
    assert (found.money, found.without_worth) == ({}, 1)


def test_the_order_of_the_stories_does_not_matter() -> None:
    hub = past()
    stories = [
        Story(state, hub.market.timeline("example", "transfer", state.shop, state.id))
        for state in hub.market.states.values()
    ]
    rule, warehouses = (
        AcceptRule(price_threshold=Decimal("0.95"), stock_kept_back=2),
        {DK: 3, SE: 3},
    )
    answers = set()
    for seed in range(5):
        random.Random(seed).shuffle(stories)
        answers.add(try_on(stories, rule, "unknown", warehouses).model_dump_json())
    assert len(answers) == 1


def test_only_the_last_days_count() -> None:
    hub = past()
    hub.clock.advance(days=3)
    assert len(what_if(hub.world(), AcceptRule(), 3).positions) == 0
    assert len(what_if(hub.world(), AcceptRule(), 4).positions) == 6
    with pytest.raises(Permanent, match="between 1 and 366"):
        what_if(hub.world(), AcceptRule(), 0)


def test_more_than_a_page_of_transfers_is_read() -> None:
    hub = MarketBench(transfers=live())
    for number in range(PAGE + 5):
        hub.miinto.offer(number, position(number))
    hub.tick()
    assert len(what_if(hub.world(), AcceptRule(), 1).positions) == PAGE + 5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "a rule is a map of some of these keys: automatic, price_reference"),
        ({"treshold": 1}, "treshold is no key of a rule; there are automatic"),
        ({"price_threshold": 3}, "price_threshold: input should be less than or equal to 2"),
        ({"otherwise": "x", "rounding": "y"}, "; otherwise: input should be 'leave' or 'decline'"),
    ],
)
def test_a_rule_that_is_none_is_told_in_words(content: object, says: str) -> None:
    with pytest.raises(Permanent) as refused:
        read_rule(content)
    assert says in refused.value.reason


def test_a_rule_is_read() -> None:
    assert read_rule({"price_threshold": "0.9"}) == AcceptRule(price_threshold=Decimal("0.9"))
