"""Transfers are judged and decided: each position once, never on a guess, nothing forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.miinto.facts import PositionsDecided, TransferJudged
from returns_hub.domain.warehouse_stock import StockLevel
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.decide_transfers import decide_transfers
from returns_hub.ports.marketplace import FeedRow, MappedProduct
from tests.support.miinto import DK, SE, LostAnswer, MarketBench, position

AWAY = Retryable("miinto.down", "Miinto is away")


class Hub(MarketBench):
    """A bench whose schedule ticks every five minutes."""

    def tick(self, minutes: float = 5) -> dict[str, int]:
        self.clock.advance(minutes=minutes)
        return decide_transfers(self.world())

    def verdicts(self, number: int, shop: str = DK) -> dict[int, str]:
        return {j.position: j.code for j in self.state(number, shop).judgements}

    def decided(self, number: int) -> list[PositionsDecided]:
        events = self.market.timeline("example", "transfer", DK, number)
        return [e.fact for e in events if isinstance(e.fact, PositionsDecided)]


def test_what_is_in_stock_and_paid_for_is_accepted_once() -> None:
    hub = Hub()
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
    assert hub.market.promised("example") == {"TEE": 1}
    assert list(hub.bench.ledger.rows) == ["decide-transfer/example/045-1234/9001/1"]
    assert hub.tick() == {}
    assert len(hub.kinds(9001)) == 4


def test_accepted_and_declined_positions_are_one_request() -> None:
    hub = Hub(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71), position(72, price=100), position(73, product_id="what"))

    assert hub.tick() == {"accepted": 1, "declined": 1, "waiting": 1}

    assert hub.miinto.decisions == [(DK, 9001, (71,), (72,))]
    assert hub.verdicts(9001) == {71: "accepted", 72: "price_too_low", 73: "unknown_product"}
    assert [one.id for one in hub.state(9001).waiting] == [73]


def live(**rule: Any) -> dict[str, Any]:
    return {"mode": "live", "rule": {"automatic": True} | rule}


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
    hub = Hub(**miinto)
    hub.miinto.offer(9001, position(71))
    assert hub.tick() == expected
    assert not hub.miinto.requests
    assert not hub.market.states


def test_shadow_judges_and_tells_what_it_would_send_and_sends_nothing() -> None:
    hub = Hub(transfers={"mode": "shadow", "rule": {"automatic": True, "otherwise": "decline"}})
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
    hub = Hub(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71), position(72))

    assert hub.tick() == {"recorded": 1, "waiting": 2}
    assert hub.tick() == {"waiting": 2}

    assert hub.verdicts(9001) == {71: "accepted", 72: "accepted"}
    assert hub.telemetry.total("OperatorNeeded") == 1
    assert not hub.miinto.decisions


def test_a_shop_without_orders_is_not_asked() -> None:
    hub = Hub(shops=[{"id": DK, "warehouse": 3, "orders": False}])
    hub.miinto.offer(9001, position(71))
    assert hub.tick() == {}
    assert not hub.miinto.requests


# -- stock ------------------------------------------------------------------------------------


def test_the_oldest_offer_gets_the_last_unit_whichever_shop_it_is_of() -> None:
    hub = Hub(transfers=live(otherwise="decline"))
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    old = hub.clock.now() - timedelta(minutes=9)
    hub.miinto.offer(9001, position(71))
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK", created_at=old)

    assert hub.tick() == {"accepted": 1, "declined": 1}
    assert hub.miinto.decisions == [(SE, 77, (5,), ()), (DK, 9001, (), (71,))]
    assert hub.stock.requests == 1


def test_what_was_promised_before_is_not_promised_again() -> None:
    hub = Hub()
    hub.stock.levels = {3: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(71))
    hub.tick()
    hub.miinto.offer(9002, position(72))

    assert hub.tick() == {"recorded": 1, "waiting": 1}
    assert hub.verdicts(9002) == {72: "out_of_stock"}


def test_a_promise_that_may_be_another_warehouses_declines_nothing() -> None:
    shops = [{"id": DK, "warehouse": 3}, {"id": SE, "warehouse": 4}]
    hub = Hub(shops=shops, transfers=live(otherwise="decline"))
    hub.stock.levels = {3: {"TEE": StockLevel(1)}, 4: {"TEE": StockLevel(1)}}
    hub.miinto.offer(9001, position(71))
    hub.tick()
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK")

    assert hub.tick() == {"recorded": 1, "waiting": 1}
    assert hub.verdicts(77, SE) == {5: "out_of_stock"}


def test_stock_that_comes_and_goes_is_judged_anew_and_only_news_is_told() -> None:
    hub = Hub()
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
    hub = Hub()
    hub.stock.faults = [Retryable("mintsoft.down", "away")]
    hub.miinto.offer(9001, position(71))

    assert hub.tick() == {"recorded": 1, "failed": 1}
    assert hub.kinds(9001) == ["transfer_seen"]
    assert hub.telemetry.total("RunsFailed", flow="decide_transfers") == 1
    assert hub.tick() == {"accepted": 1}


# -- products and prices ----------------------------------------------------------------------


def test_map_and_feed_are_read_for_what_is_new_and_twice_an_hour() -> None:
    hub = Hub(transfers={"mode": "live"})
    asked = lambda: (hub.miinto.requests["map"], hub.miinto.requests["feed"])  # noqa: E731
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
    hub = Hub(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71, product_id="id-new", gtin="5700000000055"))
    assert hub.tick() == {"recorded": 1, "waiting": 1}
    hub.miinto.map[DK].append(MappedProduct("S", "TEE", "", "ID-NEW"))
    assert [hub.tick() for _ in range(5)] == [{"waiting": 1}] * 5

    assert hub.tick() == {"accepted": 1}
    assert hub.telemetry.total("OperatorNeeded") == 1


def test_map_and_gtin_that_differ_are_a_persons_with_both_named() -> None:
    hub = Hub()
    hub.price("MUG", gtin="5700000000024", DKK=5_000)
    hub.miinto.offer(9001, position(71, gtin="5700000000024"))

    assert hub.tick() == {"recorded": 1, "waiting": 1}
    (judgement,) = hub.state(9001).judgements
    assert judgement.code == "ambiguous_product"
    assert "TEE" in judgement.why
    assert "MUG" in judgement.why


def test_the_warehouse_is_asked_for_a_barcode_that_map_and_feed_do_not_know() -> None:
    hub = Hub()
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
    hub = Hub(identify_by=["product_map", "sku"])
    hub.miinto.map = {}
    hub.miinto.offer(9001, position(71, product_id="TEE"))
    hub.miinto.offer(9002, position(72, product_id="NOTHING"))
    assert hub.tick() == {"accepted": 1, "recorded": 1, "waiting": 1}


@pytest.mark.parametrize("source", ["map", "feed"])
def test_a_source_that_cannot_be_read_makes_nobody_unknown(source: str) -> None:
    hub = Hub()
    hub.miinto.fail(source, Misconfigured("feed.columns", "no column id"))
    hub.miinto.offer(9001, position(71))

    assert hub.tick() == {"recorded": 1, "failed": 1}
    assert hub.kinds(9001) == ["transfer_seen"]
    assert hub.telemetry.total("Misconfigured") == 1
    assert hub.tick() == {"accepted": 1}


def test_a_price_in_another_currency_is_no_price_and_does_not_flicker() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71), currency="EUR")
    hub.tick()
    for _ in range(7):
        hub.tick()
    assert hub.kinds(9001) == ["transfer_seen", "transfer_judged"]
    (judgement,) = hub.state(9001).judgements
    assert judgement.code == "currency_mismatch"
    assert judgement.why == "TEE: offered in EUR, and the feed has DKK, SEK only"


def test_only_what_is_wanted_of_a_large_feed_is_kept() -> None:
    hub = Hub()
    hub.miinto.rows += [
        FeedRow(f"SKU-{n}", "G", "B", "C", "S", f"{n:013d}", {"DKK": n}, {"DKK": n})
        for n in range(1, 500)
    ]
    hub.miinto.offer(9001, position(71))
    from returns_hub.flows.miinto.identify import identify

    findings = identify(hub.world(), {DK: [position(71).item]})
    assert findings.prices.skus == {"TEE"}
    assert len(findings.products) == 1


# -- shops, lists, offers that go ---------------------------------------------------------------


def test_one_shop_that_cannot_be_read_does_not_stop_the_others() -> None:
    hub = Hub()
    hub.miinto.fail("transfers", AWAY)
    hub.miinto.offer(9001, position(71))
    hub.miinto.offer(77, position(5, price=15_000), shop=SE, currency="SEK")
    assert hub.tick() == {"accepted": 1, "failed": 1}
    assert hub.miinto.decisions == [(SE, 77, (5,), ())]


def test_an_offer_that_went_is_gone_after_a_second_reading() -> None:
    hub = Hub(transfers={"mode": "live"})
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
    hub = Hub(transfers={"mode": "live"})
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
    hub = Hub(transfers={"mode": "live"})
    for number in range(9001, 9101):
        hub.miinto.offer(number, position(number))
    hub.tick()
    hub.miinto.fail("transfers", None, AWAY)
    assert hub.tick() == {"failed": 1, "waiting": 50}
    hub.miinto.fail("transfers", None, None, None, AWAY)  # the list's end
    hub.miinto.decided_elsewhere(9100)
    hub.tick()
    assert all(hub.state(number).standing == "pending_approval" for number in range(9001, 9100))


def test_a_page_that_moved_in_the_first_reading_lets_nothing_go() -> None:
    hub = Hub(transfers={"mode": "live"})
    hub.miinto.offer(9001, position(71))
    hub.tick()
    whole = hub.miinto.pending_transfers
    readings: list[str] = []

    def moving(shop: str) -> Any:
        readings.append(shop)
        return iter(()) if len(readings) == 1 else whole(shop)

    hub.miinto.pending_transfers = moving  # type: ignore[method-assign]
    assert hub.tick() == {"waiting": 1}
    assert hub.state(9001).standing == "pending_approval"


# -- requests that end otherwise ---------------------------------------------------------------


def test_a_lost_answer_is_found_among_the_orders() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", LostAnswer())

    assert hub.tick() == {"later": 1}
    assert hub.state(9001).standing == "deciding"
    assert hub.market.promised("example") == {"TEE": 1}
    assert hub.tick() == {"done": 1}

    (decided,) = hub.decided(9001)
    assert (decided.outcome, decided.how, decided.order) == ("done", "looked_up", 555_001)
    assert hub.miinto.requests["decide"] == 1


def test_a_request_that_did_not_leave_is_made_by_the_next_run() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    assert hub.tick() == {"later": 1}
    assert hub.tick() == {"done": 1}
    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]


def test_still_pending_after_no_answer_is_never_sent_again_and_in_the_end_a_person_is_asked() -> (
    None
):
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    while hub.state(9001).standing == "deciding":
        hub.tick()
    assert hub.state(9001).standing == "parked"
    assert hub.clock.now() - hub.miinto.transfers[DK, 9001].created_at > timedelta(minutes=30)  # type: ignore[operator]
    (item,) = hub.bench.parking.list_parked("example")
    assert item.parked_id == "decide_transfers/045-1234/9001/1"
    assert "position 71 pending" in item.reason
    assert hub.miinto.requests["decide"] == 1

    for _ in range(3):
        hub.tick()
    assert item.times == hub.bench.parking.list_parked("example")[0].times == 1
    hub.miinto.decided_elsewhere(9001, accepted=True)  # it was carried out late
    hub.tick()
    (_, decided) = hub.decided(9001)
    assert (decided.outcome, decided.order) == ("done", 555_001)
    assert hub.state(9001).standing == "decided"
    assert not hub.bench.parking.list_parked("example")


def test_no_longer_pending_and_in_no_order_was_somebody_else() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    hub.miinto.decided_elsewhere(9001)

    assert hub.tick() == {"later": 1}  # the order may show later
    assert hub.state(9001).standing == "deciding"
    hub.tick(minutes=15)
    (decided,) = hub.decided(9001)
    assert decided.outcome == "lost"
    assert hub.state(9001).standing == "gone"
    assert hub.market.promised("example") == {}
    assert hub.miinto.requests["decide"] == 1


def test_a_lost_answer_to_a_decline_needs_no_order() -> None:
    hub = Hub(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71, price=1))
    hub.miinto.fail("decide", LostAnswer())
    hub.tick()
    assert hub.tick() == {"done": 1}
    assert hub.state(9001).standing == "decided"


def test_declined_here_and_accepted_there_was_somebody_else() -> None:
    hub = Hub(transfers=live(otherwise="decline"))
    hub.miinto.offer(9001, position(71, price=1))
    hub.miinto.fail("decide", UnknownOutcome("miinto.unknown_outcome", "no answer"))
    hub.tick()
    hub.miinto.decided_elsewhere(9001, accepted=True)
    assert hub.tick() == {"lost": 1}
    assert hub.state(9001).standing == "gone"


def test_a_refusal_with_a_position_gone_tries_the_others_again() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71), position(72))
    take = hub.miinto.decide_transfer

    def first_elsewhere(*args: Any) -> int | None:
        hub.miinto.decide_transfer = take  # type: ignore[method-assign]
        hub.miinto.decided_elsewhere(9001, 71)
        return take(*args)

    hub.miinto.decide_transfer = first_elsewhere  # type: ignore[method-assign]
    assert hub.tick() == {"lost": 1}
    assert hub.state(9001).gone_positions == (71,)
    assert hub.tick() == {"accepted": 1}
    assert hub.miinto.decisions == [(DK, 9001, (72,), ())]
    assert [d.outcome for d in hub.state(9001).decisions] == ["lost", "done"]


def test_a_refusal_without_a_reason_that_shows_is_a_persons() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", Permanent("miinto.refused", "Miinto refuses it: no"))
    assert hub.tick() == {"refused": 1}
    for _ in range(3):
        assert hub.tick()["waiting"] == 1
    assert hub.verdicts(9001) == {71: "refused"}
    assert hub.miinto.requests["decide"] == 1
    assert hub.telemetry.total("OperatorNeeded") == 1
    assert hub.market.promised("example") == {}


def test_decided_elsewhere_between_list_and_request_is_not_sent() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.offer(9002, position(72))
    take = hub.miinto.decide_transfer

    def slow(*args: Any) -> int | None:
        hub.miinto.decided_elsewhere(9002)
        hub.clock.advance(seconds=40)
        return take(*args)

    hub.miinto.decide_transfer = slow  # type: ignore[method-assign]
    assert hub.tick() == {"accepted": 1, "later": 1}
    assert hub.miinto.requests["decide"] == 1
    hub.miinto.decide_transfer = take  # type: ignore[method-assign]
    assert "positions_committed" not in hub.kinds(9002)


def test_an_order_that_miinto_does_not_name_is_looked_for() -> None:
    hub = Hub()
    hub.miinto.names_orders = False
    hub.miinto.offer(9001, position(71))
    hub.tick()
    assert hub.state(9001).decisions[0].order == 555_001


# -- crashes and races ---------------------------------------------------------------------------


class Crash(BaseException):
    """The environment is gone."""


@pytest.mark.parametrize("when", ["after_commit", "before_settle", "before_record"])
def test_a_crash_loses_nothing_and_sends_nothing_twice(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))

    def crash(*args: Any, **kwargs: Any) -> Any:
        raise Crash

    with monkeypatch.context() as patch, pytest.raises(Crash):
        if when == "after_commit":
            patch.setattr(hub.bench.ledger, "claim", crash)
        elif when == "before_settle":
            patch.setattr(hub.bench.ledger, "settle", crash)
        else:
            append = hub.market.append_to_transfer
            patch.setattr(
                hub.market,
                "append_to_transfer",
                lambda s, e: crash() if s.decisions else append(s, e),
            )
        hub.tick()
    assert hub.state(9001).standing == "deciding"

    hub.tick()
    assert hub.state(9001).standing == "decided"
    assert hub.miinto.decisions == [(DK, 9001, (71,), ())]
    assert hub.decided(9001)[0].order == 555_001


def test_a_tick_beside_another_finds_the_lease() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.bench.cursors.acquire("miinto/transfers/example", "another", 3600)
    assert hub.tick() == {}
    assert not hub.miinto.requests


def test_whoever_commits_second_decides_again() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    append = hub.market.append_to_transfer

    def other_first(*args: Any) -> Any:
        hub.market.append_to_transfer = append  # type: ignore[method-assign]
        hub.bench.cursors._rows.clear()  # its lease ended
        assert decide_transfers(hub.world()) == {"accepted": 1}
        return append(*args)

    hub.market.append_to_transfer = other_first  # type: ignore[method-assign]
    assert hub.tick() == {"later": 1}
    assert hub.miinto.requests["decide"] == 1


def test_switched_off_between_commit_and_request_is_a_persons() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    hub.tick()
    hub.file(transfers={"mode": "live"})
    assert hub.tick()["refused"] == 1
    assert not hub.miinto.decisions
    assert hub.state(9001).standing == "pending_approval"


def test_a_shadow_sees_nothing_to_its_end() -> None:
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.miinto.fail("decide", AWAY)
    hub.tick()
    hub.file(transfers={"mode": "shadow", "rule": {"automatic": True}})
    hub.tick()
    assert hub.miinto.requests["decide"] == 1
    hub.file()
    hub.tick()
    assert hub.state(9001).standing == "decided"


# -- much to do ------------------------------------------------------------------------------------


def test_a_shop_that_only_makes_trouble_is_left_until_the_next_run() -> None:
    hub = Hub()
    hub.stock.levels = {3: {"TEE": StockLevel(50)}}
    for number in range(9001, 9011):
        hub.miinto.offer(number, position(number))
    hub.miinto.fail("decide", *[AWAY] * 3)
    assert hub.tick() == {"later": 3, "left": 7, "recorded": 7}
    assert hub.miinto.requests["decide"] == 3
    assert hub.tick()["accepted"] == 7
    assert len(hub.miinto.decisions) == 10


def test_five_thousand_are_paged_and_judged_in_a_run_and_decided_oldest_first() -> None:
    hub = Hub()
    hub.stock.levels = {3: {"TEE": StockLevel(10_000)}}
    start = hub.clock.now() - timedelta(days=1)
    for number in range(5_000):
        # The newest have the lowest numbers.
        hub.miinto.offer(
            number, position(number), created_at=start + timedelta(seconds=5_000 - number)
        )
    hub.clock.left = 240.0
    take = hub.miinto.decide_transfer

    def timed(*args: Any) -> int | None:
        hub.clock.left -= 0.2
        hub.clock.advance(seconds=0.2)
        return take(*args)

    hub.miinto.decide_transfer = timed  # type: ignore[method-assign]
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
    hub = Hub()
    hub.miinto.offer(9001, position(71))
    hub.tick()
    event = hub.market.timeline("example", "transfer", DK, 9001)[1]
    assert isinstance(event.fact, TransferJudged)
    assert event.fact.rule.startswith("in stock, and at least 0.97 x final price")
    assert event.fact.stock_at == hub.clock.now()
    assert (event.actor, event.rule, event.config_version) == ("hub", "acceptance rule", 1)
