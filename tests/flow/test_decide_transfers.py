"""Transfers are judged and decided: each position once, never on a guess, nothing forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.miinto.facts import TransferJudged
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.ports.marketplace import MappedProduct
from tests.support.market import promised_in_all
from tests.support.miinto import DK, SE, MarketBench, live, position

AWAY = Retryable("miinto.down", "Miinto is away")


def test_what_is_in_stock_and_paid_for_is_accepted_once() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71, price=9_700))

    assert hub.tick() == {"accepted": 1}

    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]
    assert hub.kinds(9001) == [
        "transfer_seen",
        "transfer_judged",
        "positions_committed",
        "positions_decided",
    ]
    state = hub.state(9001)
    assert state.standing == "decided"
    assert state.decisions[0].order == 555_001
    assert promised_in_all(hub.market, "example") == {"TEE": 1}
    assert list(hub.bench.ledger.rows) == ["decide-transfer/example/045-1234/9001/1"]
    assert hub.tick() == {}
    assert len(hub.kinds(9001)) == 4


def test_accepted_and_declined_positions_are_one_request() -> None:
    hub = MarketBench(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71), position(72, price=100), position(73, product_id="what"))

    assert hub.tick() == {"accepted": 1, "declined": 1, "waiting": 1}

    assert hub.miinto.decisions == [(DK, 9001, (71,), (72,))]
    assert hub.verdicts(9001) == {71: "accepted", 72: "price_too_low", 73: "unknown_product"}
    assert [one.id for one in hub.state(9001).waiting] == [73]


@pytest.mark.parametrize(
    ("miinto", "expected"),
    [
        ({"transfers": {"mode": "off"}}, {"off": 1}),
        ({"level": "stock_only"}, {"off": 1}),
    ],
)
def test_off_and_stock_only_ask_for_nothing(
    miinto: dict[str, Any], expected: dict[str, int]
) -> None:
    hub = MarketBench(**miinto)
    hub.miinto.offer(9001, position(71))
    assert hub.tick() == expected
    assert not hub.miinto.requests
    assert not hub.market.states


def test_shadow_judges_and_tells_what_it_would_send_and_sends_nothing() -> None:
    hub = MarketBench(
        transfers={"mode": "shadow", "rule": {"automatic": True, "otherwise": "decline"}}
    )
    hub.miinto.offer(9001, position(71), position(72, price=1))

    assert hub.tick() == {"recorded": 1, "waiting": 2}

    assert hub.kinds(9001) == ["transfer_seen", "transfer_judged", "would_send"]
    last = hub.market.timeline("example", "transfer", DK, 9001)[-1].fact
    assert last.in_words().endswith("summary accept 71; decline 72")
    assert not hub.miinto.decisions
    assert hub.telemetry.total("OperatorNeeded") == 0
    hub.tick()
    assert len(hub.kinds(9001)) == 3


def test_without_the_switch_every_position_waits_for_a_person_who_is_told_once() -> None:
    hub = MarketBench(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71), position(72))

    assert hub.tick() == {"recorded": 1, "waiting": 2}
    assert hub.tick() == {"waiting": 2}

    assert hub.verdicts(9001) == {71: "accepted", 72: "accepted"}
    assert hub.telemetry.total("OperatorNeeded") == 1
    assert not hub.miinto.decisions


def test_a_shop_without_orders_is_not_asked() -> None:
    hub = MarketBench(shops=[{"id": DK, "warehouse": 3, "orders": False}])
    hub.miinto.offer(9001, position(71))
    assert hub.tick() == {}
    assert not hub.miinto.requests


# -- stock ------------------------------------------------------------------------------------


def test_the_oldest_offer_gets_the_last_unit_whichever_shop_it_is_of() -> None:
    hub = MarketBench(transfers=live(otherwise="decline"))
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    old = hub.clock.now() - timedelta(minutes=9)
    hub.miinto.offer(9001, position(71))
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK", created_at=old)

    assert hub.tick() == {"accepted": 1, "declined": 1}
    assert hub.miinto.decisions == [(SE, 77, (5,), ()), (DK, 9001, (), (71,))]
    assert hub.stock.requests == 1


def test_what_was_promised_before_is_not_promised_again() -> None:
    hub = MarketBench()
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(71))
    hub.tick()
    hub.miinto.offer(9002, position(72))

    assert hub.tick() == {"recorded": 1, "waiting": 1}
    assert hub.verdicts(9002) == {72: "out_of_stock"}


def test_a_promise_counts_in_the_warehouse_that_sends_it_and_in_no_other() -> None:
    shops = [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 4}]
    hub = MarketBench(shops=shops, transfers=live(otherwise="decline"))
    hub.stock.levels = {3: {"TEE": StockLevel(1)}, 4: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(71))
    assert hub.tick() == {"accepted": 1}
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK")
    assert hub.tick() == {"accepted": 1}

    hub.miinto.offer(9002, position(72))
    assert hub.tick() == {"declined": 1}
    assert hub.verdicts(9002) == {72: "out_of_stock"}


def test_a_promise_of_a_shop_that_left_the_file_declines_nothing() -> None:
    hub = MarketBench(shops=[{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 4}])
    hub.stock.levels = {3: {"TEE": StockLevel(1)}, 4: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(71))
    assert hub.tick() == {"accepted": 1}
    hub.file(transfers=live(otherwise="decline"), shops=[{"id": SE, "warehouse": 4}])
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK")

    assert hub.tick() == {"recorded": 1, "waiting": 1}
    assert hub.verdicts(77, SE) == {5: "out_of_stock"}


def test_stock_that_comes_and_goes_is_judged_anew_and_only_news_is_told() -> None:
    hub = MarketBench()
    hub.stock.levels = {3: {"TEE": StockLevel(0)}}
    hub.miinto.offer(9001, position(71, quantity=1))
    hub.tick()
    for units in (-2, 0, 0):
        hub.stock.levels = {3: {"TEE": StockLevel(units)}}
        hub.tick()
    assert hub.kinds(9001) == ["transfer_seen", "transfer_judged"]
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    assert hub.tick() == {"accepted": 1}


def test_stock_that_cannot_be_read_decides_nothing_and_is_seen() -> None:
    hub = MarketBench()
    hub.stock.faults = [Retryable("mintsoft.down", "away")]
    hub.miinto.offer(9001, position(71))

    assert hub.tick() == {"recorded": 1, "failed": 1}
    assert hub.kinds(9001) == ["transfer_seen"]
    assert hub.telemetry.total("RunsFailed", flow="decide_transfers") == 1
    assert hub.tick() == {"accepted": 1}


# -- products and prices ----------------------------------------------------------------------


def test_map_and_feed_are_read_for_what_is_new_and_twice_an_hour() -> None:
    hub = MarketBench(transfers={"mode": "live"})

    def asked() -> tuple[int, int]:
        return hub.miinto.requests["map"], hub.miinto.requests["feed"]

    hub.tick()
    assert asked() == (0, 0)
    hub.miinto.offer(9001, position(71))
    hub.tick()
    assert asked() == (1, 1)
    for _ in range(5):
        hub.tick()
    assert asked() == (1, 1)
    hub.miinto.offer(9002, position(72))
    hub.tick()
    assert asked() == (2, 2)
    for _ in range(6):
        hub.tick()
    assert asked() == (3, 3)
    hub.file(transfers={"mode": "live", "rule": {"stock_kept_back": 1}})
    hub.tick()
    assert asked() == (4, 4)


def test_an_unknown_product_waits_and_is_found_when_it_is_mapped() -> None:
    hub = MarketBench(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71, product_id="id-new", gtin="5700000000055"))
    assert hub.tick() == {"recorded": 1, "waiting": 1}
    hub.miinto.map[DK].append(MappedProduct("S", "TEE", "", "ID-NEW"))
    assert [hub.tick() for _ in range(5)] == [{"waiting": 1}] * 5

    assert hub.tick() == {"accepted": 1}
    assert hub.telemetry.total("OperatorNeeded") == 1


def test_map_and_gtin_that_differ_are_a_persons_with_both_named() -> None:
    hub = MarketBench()
    hub.price("MUG", gtin="5700000000024", DKK=5_000)
    hub.miinto.offer(9001, position(71, gtin="5700000000024"))

    assert hub.tick() == {"recorded": 1, "waiting": 1}
    (judgement,) = hub.state(9001).judgements
    assert judgement.code == "ambiguous_product"
    assert "TEE" in judgement.why
    assert "MUG" in judgement.why


def test_the_warehouse_is_asked_for_a_barcode_that_map_and_feed_do_not_know() -> None:
    hub = MarketBench()
    products = hub.bench.mintsoft
    products.seed(
        {
            "products": {
                "905": {"sku": "HAT", "name": "Hat", "client_id": 12, "ean": "5700000000031"}
            }
        }
    )
    hub.stock.levels[3]["HAT"] = StockLevel(1)
    hub.price("HAT", DKK=2_000)
    hub.miinto.offer(9001, position(71, product_id="x", gtin="5700000000031", price=2_000))
    assert hub.tick() == {"accepted": 1}
    assert hub.miinto.requests["feed"] == 2


def test_miintos_id_may_be_the_sku_where_the_merchant_says_so() -> None:
    hub = MarketBench(identify_by=["product_map", "sku"])
    hub.miinto.map = {}
    hub.miinto.offer(9001, position(71, product_id="TEE"))
    hub.miinto.offer(9002, position(72, product_id="NOTHING"))
    assert hub.tick() == {"accepted": 1, "recorded": 1, "waiting": 1}


@pytest.mark.parametrize("source", ["map", "feed"])
def test_a_source_that_cannot_be_read_makes_nobody_unknown(source: str) -> None:
    hub = MarketBench()
    hub.miinto.fail(source, Misconfigured("feed.columns", "no column id"))
    hub.miinto.offer(9001, position(71))

    assert hub.tick() == {"recorded": 1, "failed": 1}
    assert hub.kinds(9001) == ["transfer_seen"]
    assert hub.telemetry.total("Misconfigured") == 1
    assert hub.tick() == {"accepted": 1}


def test_a_price_in_another_currency_is_no_price_and_does_not_flicker() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71), currency="EUR")
    hub.tick()
    for _ in range(7):
        hub.tick()
    assert hub.kinds(9001) == ["transfer_seen", "transfer_judged"]
    (judgement,) = hub.state(9001).judgements
    assert judgement.code == "currency_mismatch"
    assert judgement.why == "TEE: offered in EUR, and the feed has DKK, SEK only"


# -- much to do ------------------------------------------------------------------------------------


def test_a_shop_that_only_makes_trouble_is_left_until_the_next_run() -> None:
    hub = MarketBench()
    hub.stock.levels = {3: {"TEE": StockLevel(50)}}
    for number in range(9001, 9011):
        hub.miinto.offer(number, position(number))
    hub.miinto.fail("decide", *[AWAY] * 3)
    assert hub.tick() == {"later": 3, "left": 7, "recorded": 7}
    assert hub.miinto.requests["decide"] == 3
    assert hub.tick()["accepted"] == 7
    assert len(hub.miinto.decisions) == 10


def test_five_thousand_are_paged_and_judged_in_a_run_and_decided_oldest_first() -> None:
    hub = MarketBench()
    hub.stock.levels = {3: {"TEE": StockLevel(10_000)}}
    start = hub.clock.now() - timedelta(days=1)
    for number in range(5_000):
        # The newest have the lowest numbers.
        hub.miinto.offer(
            number, position(number), created_at=start + timedelta(seconds=5_000 - number)
        )
    hub.clock.left = 240.0

    def paced() -> None:
        hub.clock.left -= 0.2
        hub.clock.advance(seconds=0.2)

    hub.miinto.before["decide"] = paced
    done = hub.tick()

    assert done["accepted"] + done["left"] == 5_000
    assert 900 < done["accepted"] < 1_000  # 240 s less the reserve, 0.2 s each
    decided = [transfer for _, transfer, _, _ in hub.miinto.decisions]
    assert decided == sorted(range(5_000), reverse=True)[: done["accepted"]]
    asked = hub.miinto.requests
    assert asked["transfers"] <= 101 * (1 + 195 // 30) + 1  # a list is read again when it is old
    assert (asked["map"], asked["feed"], hub.stock.requests) == (1, 1, 1)

    hub.clock.left = 240.0
    again = hub.tick()
    assert again["accepted"] + again["left"] + done["accepted"] == 5_000


def test_what_was_judged_names_rule_and_the_time_of_the_stock() -> None:
    hub = MarketBench()
    hub.miinto.offer(9001, position(71))
    hub.tick()
    event = hub.market.timeline("example", "transfer", DK, 9001)[1]
    assert isinstance(event.fact, TransferJudged)
    assert event.fact.rule.startswith("in stock, and at least 0.97 x final price")
    assert event.fact.stock_at == hub.clock.now()
    assert (event.actor, event.rule, event.config_version) == ("hub", "acceptance rule", 1)
