"""Goods of a Miinto order that came without an RMA become an RMA request, once (scenario 1)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from returns_hub.domain.miinto.facts import RmaRequested, RmaTied
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.domain.miinto.timeline import fold_order
from returns_hub.domain.operations import marker_of
from returns_hub.domain.receipts import Condition, ReceivedRow
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.answer_request import (
    confirm_request,
    discard_request,
    meet_requests,
)
from returns_hub.flows.process_receipts import process_receipts
from tests.support.refund_worlds import (
    MADE,
    NUMBER,
    ORDER,
    SHOP,
    SLUG,
    RefundBench,
    miinto,
    position,
)
from tests.support.worlds import merchant_file

SOURCE = "receipt-9001@1"
TWO = OrderLine(position=71, quantity=2, price=49900, sku="TEE")
MUG = OrderLine(position=72, quantity=1, price=9900, sku="MUG")


def bench_with(requests: str = "automatic", mode: str = "live", **rma: Any) -> RefundBench:
    settings = {"decide": {"mode": mode} | rma, "requests": requests}
    return RefundBench(file=merchant_file(miinto=miinto(rma=settings)))


def asked(bench: RefundBench) -> str:
    (item,) = bench.parking.list_parked("example")
    return item.reason


def confirm(bench: RefundBench, source: str = SOURCE, **more: Any) -> str:
    market = bench.market_world()
    return confirm_request(market, shop=SLUG, order=ORDER, source=source, who="pat", **more)


def discard(bench: RefundBench, source: str = SOURCE) -> str:
    market = bench.market_world()
    return discard_request(
        market, shop=SHOP, order=ORDER, source=source, who="pat", note="a mistake"
    )


# -- the goods ----------------------------------------------------------------------------------


def test_goods_without_an_rma_are_requested_once_with_a_reference_of_their_own() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.came() == "requested"
    assert bench.came() == "known"

    (draft,) = bench.rmas.drafts
    assert (draft.shop, draft.order, draft.positions) == (SHOP, ORDER, {71: 1})
    assert draft.reference == marker_of(f"rma-request/example/{SLUG}/{ORDER}/{SOURCE}")
    (request,) = bench.order_state().requests
    (made,) = bench.rmas.rmas.values()
    assert (request.outcome, request.return_id) == ("made", made.return_id)
    assert [fact.return_id for fact in bench.order_facts(RmaTied)] == [made.return_id]
    timeline = bench.market.timeline("example", "order", SHOP, ORDER)
    empty = bench.market.order("example", SHOP, 1).model_copy(update={"id": ORDER})
    assert fold_order(empty, timeline) == bench.order_state()


@pytest.mark.parametrize(
    "names",
    [
        {"order_id": MADE, "order_number": ""},
        {"order_id": None, "order_number": f" {NUMBER} "},
        {"order_id": None, "order_number": "", "reference": NUMBER},
        {"order_id": 4242, "order_number": "", "reference": NUMBER},
    ],
)
def test_the_order_is_found_by_id_number_or_reference(names: dict[str, Any]) -> None:
    bench = RefundBench()
    bench.order()
    assert bench.came(**names) == "requested"


@pytest.mark.parametrize(
    "names",
    [
        {"order_id": 4242, "order_number": "5501"},
        {"order_id": None, "order_number": "", "reference": ""},
        {"markers": ("Return [RH-0123456789abcdef0123]",)},
        {"confirmed": False},
        {"updated_at": "2025-12-31T23:59:00Z"},
    ],
    ids=["another order", "no order", "our marker", "not confirmed", "before the switch"],
)
def test_other_goods_are_left_alone(names: dict[str, Any]) -> None:
    bench = RefundBench()
    bench.order()
    assert bench.came(**names) == "not_ours"
    assert bench.rmas.drafts == []
    assert bench.order_state().requests == ()


@pytest.mark.parametrize(("requests", "mode"), [("off", "live"), ("automatic", "off")])
def test_switched_off_it_does_nothing(requests: str, mode: str) -> None:
    bench = bench_with(requests, mode)
    bench.order()
    assert bench.came() == "not_ours"


def test_shadow_tells_what_would_be_requested() -> None:
    bench = bench_with(mode="shadow")
    bench.order()
    assert bench.came() == "shadow"
    assert bench.came() == "known"
    assert bench.rmas.drafts == []
    assert not bench.ledger.rows
    assert "would_send" in [
        event.fact.kind for event in bench.market.timeline("example", "order", SHOP, ORDER)
    ]


def test_a_later_version_asks_for_what_is_new_and_for_nothing_twice() -> None:
    bench = RefundBench()
    bench.order(TWO)
    assert bench.came(("TEE", 1)) == "requested"
    assert bench.came(("TEE", 1), version="2") == "known"
    assert bench.came(("TEE", 2), version="3") == "requested"
    assert bench.came(("TEE", 2), version="4") == "known"
    assert [draft.positions for draft in bench.rmas.drafts] == [{71: 1}, {71: 1}]


def test_a_second_external_return_of_the_same_unit_goes_to_a_person() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.came() == "requested"
    assert bench.came(made=9002) == "asked"
    assert "only 0 not returned or requested before" in asked(bench)
    assert len(bench.rmas.drafts) == 1


def test_a_request_that_the_list_does_not_show_still_holds_its_units() -> None:
    bench = RefundBench()
    bench.order()
    assert bench.came() == "requested"
    bench.rmas.rmas.clear()
    assert bench.came(made=9002) == "asked"
    assert len(bench.rmas.drafts) == 1


def test_a_question_that_waits_holds_its_units() -> None:
    bench = bench_with("ask")
    bench.order()
    assert bench.came() == "asked"
    assert bench.came(made=9002) == "asked"
    assert bench.parked() == ["rma.request_ask", "rma.request_in_doubt"]


@pytest.mark.parametrize(
    ("goods", "why"),
    [
        ((("TEE", 3),), "only 2 were ordered"),
        ((("CAP", 1),), "no line of the order has this SKU"),
        ((("", 1),), "goods without a SKU"),
        ((("TEE", 1), ("CAP", 1)), "1 x CAP"),
    ],
)
def test_what_does_not_fit_the_order_goes_to_a_person(goods: Any, why: str) -> None:
    bench = RefundBench()
    bench.order(TWO, MUG)
    assert bench.came(*goods) == "asked"
    assert bench.came(*goods) == "known"
    assert why in asked(bench)
    assert bench.parked() == ["rma.request_in_doubt"]
    assert bench.rmas.drafts == []


def test_damaged_goods_are_not_requested_by_themselves() -> None:
    bench = RefundBench()
    bench.order()
    rows = (ReceivedRow(sku="TEE", quantity=1, condition=Condition.SCRAP),)
    assert bench.came(rows=rows) == "asked"
    assert "the warehouse says scrap" in asked(bench)


def test_lines_of_different_prices_are_not_guessed_between() -> None:
    bench = RefundBench()
    cheap = OrderLine(position=73, quantity=1, price=100, sku="TEE")
    bench.order(TWO, cheap)
    assert bench.came(("TEE", 1)) == "asked"
    assert "different prices" in asked(bench)
    assert bench.came(("TEE", 3), made=9002) == "requested"


def test_aliases_and_several_lines_of_one_sku_are_placed() -> None:
    bench = bench_with(policy={"matching": {"aliases": {"T-OLD": "TEE"}}})
    bench.order(TWO, TWO.model_copy(update={"position": 73}), MUG)
    assert bench.came(("T-OLD", 1), ("TEE", 2), ("MUG", 1)) == "requested"
    assert bench.rmas.drafts[0].positions == {71: 2, 73: 1, 72: 1}


# -- RMAs that there are ------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["pending", "unknown"])
def test_goods_of_an_rma_that_waits_belong_to_it(status: str) -> None:
    bench = RefundBench()
    bench.order(TWO)
    bench.rma(status=status)
    assert bench.came() == "asked"
    assert "waits for these lines" in asked(bench)
    assert bench.rmas.drafts == []


def test_units_of_an_accepted_rma_are_not_free_and_those_of_a_declined_one_are() -> None:
    bench = RefundBench()
    bench.order(TWO)
    bench.rma(status="accepted")
    assert bench.came(("TEE", 2)) == "asked"
    assert "only 1 not returned" in asked(bench)

    free = RefundBench()
    free.order(TWO)
    free.rma(status="declined")
    assert free.came(("TEE", 2)) == "requested"


def test_an_rma_that_could_be_any_line_stops_the_hub() -> None:
    bench = RefundBench()
    bench.order(TWO, MUG)
    bench.rma(position(811, of=None))
    assert bench.came(("MUG", 1)) == "asked"
    assert "could be any line" in asked(bench)


def test_other_orders_and_other_shops_do_not_count() -> None:
    bench = RefundBench()
    bench.order()
    bench.rma(order_id="555002")
    bench.rma(number="30002", shop="1-m!i!s-031-778")
    assert bench.came() == "requested"


def test_rmas_that_cannot_be_read_put_the_question_to_a_person() -> None:
    """The contract is not public: a path that is not there must not lose the goods."""
    bench = RefundBench()
    bench.order()
    bench.rmas.unreadable = "there is no such path"
    assert bench.came() == "asked"
    assert "cannot be read" in asked(bench)
    bench.rmas.unreadable = ""
    assert confirm(bench) == "requested"


def test_nothing_is_requested_under_a_contract_that_reads_did_not_prove() -> None:
    bench = RefundBench()
    bench.order()
    bench.prove(proven=False)
    with pytest.raises(Misconfigured):
        bench.came()
    assert bench.order_state().requests == ()
    bench.prove()
    assert bench.came() == "requested"


# -- requests that go wrong ---------------------------------------------------------------------


@pytest.mark.parametrize("tells_reference", [True, False])
def test_a_request_without_an_answer_is_found_and_not_repeated(tells_reference: bool) -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.tells_reference = tells_reference
    bench.rmas.trouble = ["lost"]
    with pytest.raises(UnknownOutcome):
        bench.came()
    assert bench.order_state().requests[0].outcome == "committed"

    bench.clock.advance(minutes=5)
    assert bench.came(version="2") == "requested"
    assert len(bench.rmas.drafts) == 1
    assert bench.order_state().requests[0].outcome == "made"
    assert bench.came() == "known"


def test_a_request_that_is_nowhere_goes_to_a_person_and_is_never_sent_on_a_guess() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.trouble = ["lost, not made"]
    with pytest.raises(UnknownOutcome):
        bench.came()
    bench.clock.advance(minutes=5)
    with pytest.raises(UnknownOutcome):
        bench.came()
    bench.clock.advance(minutes=20)
    assert bench.came() == "asked"
    assert bench.parked() == ["operation.unknown_outcome"]
    with pytest.raises(Permanent, match="look at the order in Miinto"):
        confirm(bench)
    assert len(bench.rmas.drafts) == 1

    assert confirm(bench, send_again=True) == "requested"
    assert len(bench.rmas.drafts) == 2
    assert bench.rmas.drafts[0].reference != bench.rmas.drafts[1].reference
    assert bench.parked() == []


def test_a_request_that_turns_up_later_is_tied_and_its_question_closed() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.trouble = ["lost, not made"]
    with pytest.raises(UnknownOutcome):
        bench.came()
    bench.clock.advance(minutes=30)
    assert bench.came() == "asked"
    draft = bench.rmas.drafts[0]
    late = bench.rma(position(1), number="31000", raw={"note": f"[{draft.reference}]"})

    assert meet_requests(late, bench.market_world()) == "own"
    (request,) = bench.order_state().requests
    assert (request.outcome, request.return_id) == ("made", late.return_id)
    assert bench.parked() == []


def test_a_refusal_goes_to_a_person_who_can_have_it_made_again() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.trouble = ["refused"]
    assert bench.came() == "asked"
    assert bench.came(version="2") == "known"
    assert bench.parked() == ["miinto.refused"]
    assert confirm(bench) == "requested"
    assert confirm(bench) == "known"
    assert bench.parked() == []


def test_a_request_known_not_sent_comes_back() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.trouble = ["not sent"]
    with pytest.raises(Retryable):
        bench.came()
    assert bench.came() == "requested"
    assert len(bench.rmas.rmas) == 1


def test_a_request_is_read_again_though_no_list_of_undecided_ones_shows_it() -> None:
    """Accepted at once, it is in none; its refund goes home only when it is read."""
    bench = RefundBench()
    bench.order()
    assert bench.came() == "requested"
    (made,) = bench.rmas.rmas.values()
    (kept,) = bench.market.find_rmas("example", status="pending")
    assert (kept.return_id, kept.id, kept.shop) == (made.return_id, made.id, SHOP)


def test_an_id_that_is_not_told_is_no_second_request() -> None:
    bench = RefundBench()
    bench.order()
    bench.rmas.tells_id = False
    assert bench.came() == "requested"
    assert bench.order_state().requests[0].return_id == ""
    (made,) = bench.rmas.rmas.values()
    assert bench.came(made=9002) == "asked"

    assert meet_requests(made, bench.market_world()) == "own"
    assert bench.order_state().requests[0].return_id == made.return_id
    assert meet_requests(made, bench.market_world()) == "own"
    assert len(bench.order_facts(RmaTied)) == 1


# -- a person -----------------------------------------------------------------------------------


def test_ask_puts_the_question_and_a_person_has_it_made() -> None:
    bench = bench_with("ask")
    bench.order()
    assert bench.came() == "asked"
    assert bench.came(version="2") == "known"
    assert bench.parked() == ["rma.request_ask"]
    assert bench.rmas.drafts == []

    assert confirm(bench) == "requested"
    assert bench.parked() == []
    actors = {
        event.actor
        for event in bench.market.timeline("example", "order", SHOP, ORDER)
        if isinstance(event.fact, RmaRequested) and event.fact.request.outcome == "committed"
    }
    assert actors == {"pat"}


def test_a_person_gives_up_a_question_and_its_units_are_free_again() -> None:
    bench = bench_with("ask")
    bench.order()
    bench.came()
    assert discard(bench) == "discarded"
    assert discard(bench) == "already"
    assert bench.parked() == []
    with pytest.raises(Permanent, match="discarded"):
        confirm(bench)
    assert bench.came(version="2") == "known"
    assert bench.came(made=9002) == "asked"
    assert confirm(bench, "receipt-9002@1") == "requested"
    with pytest.raises(Permanent, match="made"):
        discard(bench, "receipt-9002@1")


@pytest.mark.parametrize(
    ("positions", "code"),
    [
        ({71: 3}, "request.over"),
        ({71: 0}, "request.over"),
        ({99: 1}, "request.no_position"),
        ({}, "request.empty"),
        (None, "request.in_doubt"),
    ],
)
def test_a_persons_word_does_not_go_beyond_the_order(positions: Any, code: str) -> None:
    bench = RefundBench()
    bench.order(TWO)
    bench.came(("CAP", 1))
    with pytest.raises(Permanent) as refused:
        confirm(bench, positions=positions)
    assert refused.value.code == code
    assert bench.rmas.drafts == []
    assert confirm(bench, positions={71: 2}) == "requested"


def test_a_persons_word_does_not_go_against_an_rma_that_waits() -> None:
    bench = RefundBench()
    bench.order(TWO)
    bench.rma()
    bench.came()
    with pytest.raises(Permanent, match="accept or decline it instead"):
        confirm(bench, positions={71: 1})


def test_an_unknown_request_is_said_to_be_one() -> None:
    bench = RefundBench()
    bench.order()
    with pytest.raises(Permanent, match="has no RMA request"):
        confirm(bench, "receipt-1@1")


# -- the buyer makes one as well ----------------------------------------------------------------


def test_an_rma_for_units_requested_before_is_marked_for_a_person_once() -> None:
    bench = RefundBench()
    bench.order()
    bench.came()
    rma = bench.rma()
    assert meet_requests(rma, bench.market_world()) == "twice"
    assert meet_requests(rma, bench.market_world()) == "twice"
    assert bench.parked() == ["rma.requested_before"]
    assert bench.telemetry.total("OperatorNeeded") == 1


def test_an_rma_for_other_units_is_the_buyers_own() -> None:
    bench = RefundBench()
    bench.order(TWO, MUG)
    bench.came(("TEE", 1))
    for number, positions in (("30002", position(1)), ("30003", position(2, of=72))):
        rma = bench.rma(positions, number=number)
        assert meet_requests(rma, bench.market_world()) == "free"
    over = bench.rma(position(1, 2), number="30004")
    assert meet_requests(over, bench.market_world()) == "twice"
    declined = bench.rma(position(1, 2), number="30005", status="declined")
    assert meet_requests(declined, bench.market_world()) == "free"


def test_an_rma_of_an_order_that_the_hub_never_saw_is_free() -> None:
    bench = RefundBench()
    assert meet_requests(bench.rma(), bench.market_world()) == "free"
    assert meet_requests(bench.rma(order_id=None), bench.market_world()) == "free"


# -- in the receipts run ------------------------------------------------------------------------


def test_the_receipts_run_asks_and_loses_nothing_that_has_to_come_back() -> None:
    bench = RefundBench()
    bench.order()
    bench.file["flows"]["process_receipts"] |= {"strategy": "by_date"}
    goods = [{"sku": "TEE", "quantity": 1}]
    made = bench.mintsoft.make_return(goods, client_id=12, warehouse_id=3, reference=NUMBER)
    bench.rmas.trouble = ["not sent"]

    assert process_receipts(bench.world()) == {"later": 1}
    assert process_receipts(bench.world()) == {"requested": 1}
    assert process_receipts(bench.world()) == {}
    assert bench.order_state().requests[0].external_return_id == made.id
    assert len(bench.rmas.rmas) == 1


# -- whatever comes, in whatever order ----------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_no_unit_is_asked_for_twice_whatever_comes(seed: int) -> None:
    """Receipts in versions, a store's refunds, RMAs of the buyer, lost answers, people: what is
    requested and what the buyer's RMAs hold together never exceed what was ordered, but for RMAs
    that the buyer made after a request."""
    dice = random.Random(seed)
    bench = RefundBench()
    bench.order(TWO, MUG)
    bought = {71: 2, 72: 1}
    versions: dict[int, int] = {}
    buyers: dict[int, int] = {71: 0, 72: 0}
    for step in range(25):
        bench.clock.advance(minutes=dice.choice([1, 7, 40]))
        bench.rmas.trouble = dice.choice([[], [], ["lost"], ["lost, not made"], ["refused"]])
        sku, at = dice.choice([("TEE", 71), ("MUG", 72)])
        try:
            match dice.randrange(5):
                case 0 | 1:
                    made = dice.choice([9001, 9002])
                    versions[made] = versions.get(made, 0) + dice.choice([0, 1])
                    bench.came(
                        (sku, dice.choice([1, 1, 2])), made=made, version=str(versions[made])
                    )
                case 2:
                    bench.refunded((sku, 1), refund_id=f"SR-{dice.randrange(4)}")
                case 3:
                    sources = [r.source for r in bench.order_state().requests]
                    if sources:
                        confirm(bench, dice.choice(sources), send_again=False)
                case 4:
                    asked_for = sum(d.positions.get(at, 0) for d in bench.rmas.drafts)
                    if asked_for + buyers[at] < bought[at]:
                        buyers[at] += 1
                        bench.rma(position(100 + step, of=at), number=f"4{step:04}")
        except (Retryable, UnknownOutcome, Permanent):
            pass
    refused = {r.source for r in bench.order_state().requests if r.outcome == "refused"}
    assert len({draft.reference for draft in bench.rmas.drafts}) >= len(bench.rmas.drafts) - len(
        refused
    )
    for at, ordered in bought.items():
        requested = sum(
            p.quantity
            for rma in bench.rmas.rmas.values()
            if rma.type == "RMA_REQUEST"
            for p in rma.positions
            if p.order_position == str(at)
        )
        assert requested + buyers[at] <= ordered, bench.order_state().requests
