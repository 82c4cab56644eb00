"""The marketplace's store: what the flows rely on, in memory and in DynamoDB."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore
from returns_hub.domain.facts import Parked
from returns_hub.domain.miinto.facts import (
    Despatched,
    MarketEvent,
    MarketFact,
    OrderCancelled,
    OrderEnded,
    OrderMade,
    OrderPlanned,
    OrderSeen,
    PositionsCommitted,
    PositionsDecided,
    TransferGone,
    TransferJudged,
    TransferSeen,
    Unparked,
)
from returns_hub.domain.miinto.orders import Despatch, OrderLine, OrderState
from returns_hub.domain.miinto.rmas import Rma, RmaPosition
from returns_hub.domain.miinto.timeline import fold_order
from returns_hub.domain.miinto.transfers import Judgement, Position, TransferState
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.ports.marketplace import FeedRow, MarketQuery
from tests.contract.conftest import Stores
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import START
from tests.support.market import promised_in_all
from tests.support.market_partners import MarketBench, market_order

DK, SE = "1-m!i!s-045-1234", "1-m!i!s-046-77"
SEEN = OrderSeen(
    parent_id="2611111",
    created_at=START,
    currency="DKK",
    lines=(
        OrderLine(position=71, quantity=2, price=49900, sku="TEE"),
        OrderLine(position=72, quantity=1, price=9900),
    ),
)
PLANNED = OrderPlanned(number="MI-045-1234-1", warehouse=3)


def events_for(version: int, *facts: MarketFact, at: datetime = START) -> list[MarketEvent]:
    return [
        MarketEvent(sequence=n, at=at, actor="hub", rule="x", config_version=1, fact=fact)
        for n, fact in enumerate(facts, start=version + 1)
    ]


def order(stores: Stores, number: int, *facts: MarketFact, shop: str = DK) -> OrderState:
    state: OrderState = stores.market.order("m", shop, number)
    made = events_for(state.version, *facts, at=stores.clock.now())
    after: OrderState = stores.market.append_to_order(state, made)
    return after


def transfer(stores: Stores, number: int, *facts: MarketFact, shop: str = DK) -> TransferState:
    state: TransferState = stores.market.transfer("m", shop, number)
    made = events_for(state.version, *facts, at=stores.clock.now())
    after: TransferState = stores.market.append_to_transfer(state, made)
    return after


def seen_at(moment: datetime) -> OrderSeen:
    return SEEN.model_copy(update={"created_at": moment})


def offered(*units: int) -> TransferSeen:
    return TransferSeen(
        currency="DKK",
        created_at=START,
        positions=tuple(
            Position(id=71 + n, quantity=quantity, price=49900) for n, quantity in enumerate(units)
        ),
    )


def judged(*skus: str | None) -> TransferJudged:
    return TransferJudged(
        rule="r",
        judgements=tuple(
            Judgement(position=71 + n, verdict="accept", code="accepted", why="", sku=sku)
            for n, sku in enumerate(skus)
        ),
    )


# -- timelines --------------------------------------------------------------------------------


def test_an_unknown_order_and_transfer_are_empty(stores: Stores) -> None:
    assert stores.market.order("m", DK, 5) == OrderState(merchant="m", shop=DK, id=5)
    assert stores.market.transfer("m", DK, 5) == TransferState(merchant="m", shop=DK, id=5)


def test_a_state_is_what_its_timeline_folds_to(stores: Stores) -> None:
    order(stores, 1, SEEN, PLANNED)
    after = order(stores, 1, OrderMade(made_id=9, how="sent"))

    stored = stores.market.order("m", DK, 1)
    told = stores.market.timeline("m", "order", DK, 1)
    assert stored == after
    assert fold_order(OrderState(merchant="m", shop=DK, id=1), told) == after
    assert [event.sequence for event in told] == [1, 2, 3]
    assert stores.market.timeline("m", "transfer", DK, 1) == ()


def test_the_same_number_in_two_markets_and_of_two_merchants_is_two_orders(stores: Stores) -> None:
    order(stores, 1, SEEN)
    assert order(stores, 1, SEEN, shop=SE).version == 1
    assert stores.market.order("other", DK, 1).version == 0


@pytest.mark.parametrize("before", [0, 1])
def test_who_is_late_conflicts_and_writes_nothing(stores: Stores, before: int) -> None:
    if before:
        order(stores, 1, SEEN)
    old = stores.market.order("m", DK, 1)
    order(stores, 1, SEEN)
    with pytest.raises(Conflict):
        stores.market.append_to_order(
            old, events_for(old.version, PLANNED, OrderMade(made_id=9, how="sent"))
        )
    assert len(stores.market.timeline("m", "order", DK, 1)) == before + 1
    assert stores.market.order_of("m", made_id=9) is None


def test_a_late_transfer_conflicts(stores: Stores) -> None:
    old = stores.market.transfer("m", DK, 1)
    transfer(stores, 1, offered(1))
    with pytest.raises(Conflict):
        stores.market.append_to_transfer(old, events_for(0, offered(1)))


def test_a_lost_answer_is_no_conflict(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    if stores.client is None:
        pytest.skip("in memory no answer is lost")
    really = stores.client.transact_write_items

    def lost(**what: Any) -> Any:
        really(**what)
        again = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
        raise ClientError(again, "TransactWriteItems")  # type: ignore[arg-type]

    monkeypatch.setattr(stores.client, "transact_write_items", lost)
    assert order(stores, 1, SEEN).version == 1


def test_what_is_larger_than_an_item_is_refused_in_words(stores: Stores) -> None:
    big = offered(*[1] * 9000)
    with pytest.raises(Permanent, match=r"transfer 1 of shop .* is too large .* at most 390") as it:
        transfer(stores, 1, big)
    assert it.value.code == "market.too_large"
    assert stores.market.transfer("m", DK, 1).version == 0


# -- found by number and id -------------------------------------------------------------------


def test_an_order_is_found_by_number_and_by_mintsofts_id(stores: Stores) -> None:
    order(stores, 1, SEEN, PLANNED)
    assert stores.market.order_of("m", number="MI-045-1234-1").id == 1
    assert stores.market.order_of("m", made_id=9) is None
    order(stores, 1, OrderMade(made_id=9, how="sent"))
    found = stores.market.order_of("m", made_id=9)
    assert (found.shop, found.id, found.made_id) == (DK, 1, 9)
    assert stores.market.order_of("other", made_id=9) is None
    assert stores.market.order_of("m", number="MI-") is None


# -- in work ----------------------------------------------------------------------------------

ENDS: list[MarketFact] = [
    OrderCancelled(code="x"),
    OrderEnded(code="told"),
    PLANNED.model_copy(update={"shadow": True}),
    Unparked(act="discarded"),
]


@pytest.mark.parametrize("end", ENDS, ids=lambda fact: str(fact.kind))
def test_an_order_is_in_work_until_it_ends(stores: Stores, end: MarketFact) -> None:
    order(stores, 1, SEEN)
    order(stores, 2, SEEN)
    order(stores, 1, end)
    assert [state.id for state in stores.market.orders_in_work("m", 9)] == [2]
    assert stores.market.orders_in_work("other", 9) == ()


def test_a_despatch_does_not_end_what_is_still_to_be_told(stores: Stores) -> None:
    order(stores, 1, SEEN, PLANNED, OrderMade(made_id=9, how="sent"))
    order(stores, 1, Despatched(despatch=Despatch(tracking="T1")))
    assert [state.standing for state in stores.market.orders_in_work("m", 9)] == ["despatched"]


def test_the_oldest_work_comes_first_and_not_more_than_asked_for(stores: Stores) -> None:
    for number in (9, 3, 5, 4, 8):
        order(stores, number, SEEN)
        stores.clock.advance(minutes=1)
    assert [state.id for state in stores.market.orders_in_work("m", 4)] == [9, 3, 5, 4]
    assert len(stores.market.orders_in_work("m", 50)) == 5
    third = stores.market.order("m", DK, 5)
    assert [state.id for state in stores.market.orders_in_work("m", 9, third)] == [4, 8]


def test_a_transfer_is_in_work_until_every_position_is_decided_or_gone(stores: Stores) -> None:
    def ids() -> list[int]:
        return [state.id for state in stores.market.transfers_in_work("m", 9)]

    for number in (1, 2):
        transfer(stores, number, offered(1, 1))
    transfer(stores, 2, TransferGone(code="expired"))
    assert ids() == [1]
    transfer(stores, 1, PositionsCommitted(number=1, accepted=(71,), declined=(72,), by="rule"))
    assert ids() == [1]
    transfer(stores, 1, PositionsDecided(number=1, outcome="unknown"))
    assert ids() == [1]
    transfer(stores, 1, PositionsDecided(number=1, outcome="done", order=5))
    assert ids() == []


# -- promised ---------------------------------------------------------------------------------


def test_an_order_promises_until_the_store_of_record_has_it(stores: Stores) -> None:
    order(stores, 1, SEEN)
    order(stores, 2, SEEN, shop=SE)
    assert promised_in_all(stores.market, "m") == {"TEE": 4}
    order(stores, 1, PLANNED)
    parked = Parked(flow="f", parked_id="p", code="c", reason="r")
    order(stores, 2, parked, shop=SE)
    assert promised_in_all(stores.market, "m") == {"TEE": 4}
    order(stores, 1, OrderMade(made_id=9, how="sent"))
    assert promised_in_all(stores.market, "m") == {"TEE": 2}
    order(stores, 2, OrderCancelled(code="x"), shop=SE)
    assert promised_in_all(stores.market, "m") == {}
    assert promised_in_all(stores.market, "other") == {}


def test_lines_that_changed_change_what_is_promised(stores: Stores) -> None:
    order(stores, 1, SEEN)
    order(stores, 1, SEEN.model_copy(update={"lines": SEEN.lines[1:]}))
    assert promised_in_all(stores.market, "m") == {}


def accept(stores: Stores) -> None:
    transfer(stores, 7, offered(1, 2), judged("TEE", "MUG"))
    transfer(stores, 7, PositionsCommitted(number=1, accepted=(71, 72), by="rule"))


@pytest.mark.parametrize("outcome", ["refused", "lost"])
def test_a_decision_promises_until_it_is_known_to_be_void(stores: Stores, outcome: Any) -> None:
    accept(stores)
    assert promised_in_all(stores.market, "m") == {"TEE": 1, "MUG": 2}
    transfer(stores, 7, PositionsDecided(number=1, outcome="unknown"))
    assert promised_in_all(stores.market, "m") == {"TEE": 1, "MUG": 2}
    transfer(stores, 7, PositionsDecided(number=1, outcome=outcome))
    assert promised_in_all(stores.market, "m") == {}


def test_declined_positions_promise_nothing(stores: Stores) -> None:
    transfer(stores, 7, offered(1, 2), judged("TEE", "MUG"))
    transfer(stores, 7, PositionsCommitted(number=1, accepted=(72,), declined=(71,), by="rule"))
    assert promised_in_all(stores.market, "m") == {"MUG": 2}


def test_the_order_takes_the_promise_over_when_it_is_seen(stores: Stores) -> None:
    accept(stores)
    transfer(stores, 7, PositionsDecided(number=1, outcome="done", order=1))
    assert promised_in_all(stores.market, "m") == {"TEE": 1, "MUG": 2}
    order(stores, 1, SEEN)
    assert promised_in_all(stores.market, "m") == {"TEE": 2}


def test_an_order_that_was_seen_and_made_first_leaves_no_promise_behind(stores: Stores) -> None:
    accept(stores)
    order(stores, 1, SEEN, PLANNED, OrderMade(made_id=9, how="sent"))
    transfer(stores, 7, PositionsDecided(number=1, outcome="done", order=1))
    assert promised_in_all(stores.market, "m") == {}


def test_an_order_that_is_seen_while_its_decision_is_written_leaves_none_either(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stores.client is None:
        pytest.skip("in memory nothing happens between two requests")
    accept(stores)
    really = stores.client.transact_write_items

    def meanwhile(**what: Any) -> Any:
        monkeypatch.setattr(stores.client, "transact_write_items", really)
        order(stores, 1, SEEN, PLANNED, OrderMade(made_id=9, how="sent"))
        return really(**what)

    monkeypatch.setattr(stores.client, "transact_write_items", meanwhile)
    with pytest.raises(Conflict):
        transfer(stores, 7, PositionsDecided(number=1, outcome="done", order=1))
    transfer(stores, 7, PositionsDecided(number=1, outcome="done", order=1))
    assert promised_in_all(stores.market, "m") == {}


def test_an_order_whose_id_was_never_told_promises_for_a_day(stores: Stores) -> None:
    accept(stores)
    transfer(stores, 7, PositionsDecided(number=1, outcome="done"))
    stores.clock.advance(hours=23)
    assert promised_in_all(stores.market, "m") == {"TEE": 1, "MUG": 2}
    stores.clock.advance(hours=2)
    assert promised_in_all(stores.market, "m") == {}


# -- lists ------------------------------------------------------------------------------------


def numbers(stores: Stores, **query: Any) -> list[int]:
    """Every order of the answer's pages."""
    found: list[int] = []
    after = ""
    for _ in range(20):
        page = stores.market.find_orders("m", MarketQuery(after=after, **query))
        found += [state.id for state in page.rows]
        after = page.after
        if not after:
            return found
    raise AssertionError("it never ends")


@pytest.fixture
def filled(stores: Stores) -> Stores:
    """Seven orders, an hour apart; even ones are Swedish, every third is made."""
    for number in range(1, 8):
        shop = DK if number % 2 else SE
        order(stores, number, seen_at(START + timedelta(hours=number)), shop=shop)
        if number % 3 == 0:
            order(stores, number, PLANNED, OrderMade(made_id=number, how="sent"), shop=shop)
    transfer(stores, 100, offered(1))
    return stores


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_lists_are_the_newest_first_page_by_page(filled: Stores, limit: int) -> None:
    assert numbers(filled, limit=limit) == [7, 6, 5, 4, 3, 2, 1]
    assert numbers(filled, limit=limit, shop=SE) == [6, 4, 2]
    assert numbers(filled, limit=limit, standing="inserted") == [6, 3]
    assert numbers(filled, limit=limit, standing="inserted", shop=SE) == [6]
    assert numbers(filled, limit=limit, standing="cancelled") == []


def test_lists_have_a_beginning_that_counts_and_an_end_that_does_not(filled: Stores) -> None:
    since, until = START + timedelta(hours=3), START + timedelta(hours=6)
    assert numbers(filled, limit=2, since=since, until=until) == [5, 4, 3]
    assert numbers(filled, since=since, shop=DK) == [7, 5, 3]
    assert numbers(filled, until=since) == [2, 1]


def test_a_page_holds_no_more_than_asked_for(filled: Stores) -> None:
    page = filled.market.find_orders("m", MarketQuery(limit=3))
    assert len(page.rows) == 3
    assert page.after


def test_transfers_have_a_list_of_their_own(filled: Stores) -> None:
    page = filled.market.find_transfers("m", MarketQuery(standing="pending_approval"))
    assert [state.id for state in page.rows] == [100]
    assert not filled.market.find_transfers("other", MarketQuery()).rows


def test_a_search_reads_a_bounded_number_of_rows(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.adapters.dynamodb.market.MOST_ROWS", 4)
    for number in range(1, 12):
        order(stores, number, seen_at(START + timedelta(hours=number)))
    page = stores.market.find_orders("m", MarketQuery(standing="cancelled"))
    assert page.rows == ()
    assert bool(page.after) is (stores.client is not None)
    order(stores, 1, OrderCancelled(code="x"))
    assert numbers(stores, standing="cancelled") == [1]


# -- RMAs -------------------------------------------------------------------------------------


def rma(number: str, **more: Any) -> Rma:
    content: dict[str, Any] = {
        "shop": DK,
        "id": number,
        "status": "pending",
        "created_at": START,
        "positions": (RmaPosition(id="811"),),
        "raw": {"id": int(number), "odd": {"word": "ø"}},
    }
    return Rma(**(content | more))


def test_an_rma_is_kept_raw_and_parsed_and_written_when_it_changed(stores: Stores) -> None:
    assert stores.market.rma("m", "miinto-045-1234-1") is None
    assert stores.market.raw("m", "miinto-045-1234-1") == {}
    assert stores.market.keep_rma("m", rma("1"))
    assert not stores.market.keep_rma("m", rma("1"))
    assert stores.market.keep_rma("m", rma("1", raw={"id": 1, "new": True}))
    assert stores.market.keep_rma("m", rma("1", raw={"id": 1, "new": True}, status="unknown"))
    kept = stores.market.rma("m", "miinto-045-1234-1")
    assert kept == rma("1", raw={"id": 1, "new": True}, status="unknown")
    assert stores.market.raw("m", kept.return_id) == {"id": 1, "new": True}
    assert stores.market.rma("other", kept.return_id) is None


def test_an_rma_that_is_forgotten_while_it_is_kept_stays_forgotten(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated.market.keep_rma("m", rma("1", status="accepted"))
    carry_out = simulated.client.transact_write_items

    def late(**parameters: Any) -> Any:
        simulated.client.update_item(
            TableName="MarketTable",
            Key={"pk": {"S": "m#rma#miinto-045-1234-1"}, "sk": {"S": "RMA"}},
            UpdateExpression="SET rma = :rma, forgotten = :yes",
            ExpressionAttributeValues={
                ":rma": {"S": rma("1", status="accepted", tracking="-").model_dump_json()},
                ":yes": {"S": "yes"},
            },
        )
        return carry_out(**parameters)

    monkeypatch.setattr(simulated.client, "transact_write_items", late)
    with pytest.raises(Retryable):
        simulated.market.keep_rma("m", rma("1", status="declined"))
    monkeypatch.undo()

    row = simulated.client.get_item(
        TableName="MarketTable",
        Key={"pk": {"S": "m#rma#miinto-045-1234-1"}, "sk": {"S": "RMA"}},
    )["Item"]
    assert row["forgotten"] == {"S": "yes"}
    assert simulated.market.keep_rma("m", rma("1", status="declined"))


def test_an_rma_whose_rows_are_in_anothers_transaction_is_kept_later(
    dynamodb: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: Any) -> Any:
        code = "TransactionCanceledException"
        raise ClientError({"Error": {"Code": code, "Message": "busy"}}, "TransactWriteItems")

    monkeypatch.setattr(dynamodb.client, "transact_write_items", busy)

    with pytest.raises(Retryable):
        dynamodb.market.keep_rma("m", rma("1"))


def test_rmas_are_listed_newest_first_by_shop_and_status(stores: Stores) -> None:
    for number in range(1, 8):
        kept = rma(
            str(number),
            shop=DK if number % 2 else SE,
            created_at=START + timedelta(hours=number),
            status="pending" if number < 5 else "accepted",
        )
        stores.market.keep_rma("m", kept)

    def ids(**query: Any) -> list[str]:
        return [found.id for found in stores.market.find_rmas("m", **query)]

    assert ids() == ["7", "6", "5", "4", "3", "2", "1"]
    assert ids(shop=SE) == ["6", "4", "2"]
    assert ids(status="pending") == ["4", "3", "2", "1"]
    assert ids(status="pending", shop=DK) == ["3", "1"]
    assert ids(status="accepted") == ["7", "6", "5"]
    assert ids(status="unknown") == []
    stores.market.keep_rma("m", rma("3", created_at=START + timedelta(hours=3), status="declined"))
    assert ids(status="pending") == ["4", "2", "1"]
    assert ids(status="declined") == ["3"]


def test_an_undecided_rma_is_listed_however_old_it_is(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_hub.adapters.dynamodb.market_rmas.MOST_RMAS", 2)
    stores.market.keep_rma("m", rma("1"))
    for number in range(2, 6):
        decided = rma(str(number), created_at=START + timedelta(hours=number), status="accepted")
        stores.market.keep_rma("m", decided)
    assert [found.id for found in stores.market.find_rmas("m", status="pending")] == ["1"]


def test_a_body_that_is_too_large_is_refused_in_words(stores: Stores) -> None:
    if stores.client is None:
        pytest.skip("in memory everything fits")
    with pytest.raises(Permanent, match="RMA 1 of shop"):
        stores.market.keep_rma("m", rma("1", raw={"text": "x" * 400_000}))


def test_what_is_kept_goes_after_400_days(dynamodb: Stores) -> None:
    dynamodb.market.keep_rma("m", rma("1"))
    items = dynamodb.client.scan(TableName="MarketTable")["Items"]
    ends = int((dynamodb.clock.now() + timedelta(days=400)).timestamp())
    assert {int(item["expires_at"]["N"]) for item in items} == {ends}
    assert {item["sk"]["S"] for item in items} == {"RMA", "RAW"}


def test_work_costs_few_requests(dynamodb: Stores) -> None:
    stores = dynamodb
    stores.requests.clear()
    order(stores, 1, SEEN, PLANNED)
    assert stores.requests == ["GetItem", "TransactWriteItems"]
    stores.requests.clear()
    stores.market.promised("m")
    stores.market.orders_in_work("m", 50)
    stores.market.find_orders("m", MarketQuery())
    assert stores.requests == ["Query", "Query", "Query"]


# -- stock ------------------------------------------------------------------------------------


def test_what_was_told_of_stock_is_kept_by_variant(stores: Stores) -> None:
    market = stores.market
    assert market.told_stock("m", DK) == {}
    first = {f"{number:012x}": number % 7 for number in range(0, 2**44, 2**37)}
    market.keep_told_stock("m", DK, first)
    market.keep_told_stock("m", SE, {"00000000000a": 3})
    market.keep_told_stock("m", DK, {"00000000000a": 9, "ffff00000000": 1})
    assert market.told_stock("m", DK) == first | {"00000000000a": 9, "ffff00000000": 1}
    assert market.told_stock("m", SE) == {"00000000000a": 3}
    market.keep_told_stock("m", DK, {"00000000000a": 1}, whole=True)
    assert market.told_stock("m", DK) == {"00000000000a": 1}


def test_only_what_changed_is_written(dynamodb: Stores) -> None:
    told = {f"{number:04x}00000000": 1 for number in range(64)}
    dynamodb.market.keep_told_stock("m", DK, told)
    dynamodb.requests.clear()
    dynamodb.market.keep_told_stock("m", DK, told | {"000500000000": 2})
    assert dynamodb.requests == ["Query", "PutItem"]


# -- a life over them -------------------------------------------------------------------------


@pytest.mark.parametrize("lag", [0.0, 400.0, 2000.0])
def test_orders_live_their_lives_over_indexes_that_lag(tables: dict[str, Any], lag: float) -> None:
    bench = MarketBench(
        orders={"mode": "live", "label_field": "label"},
        tracking={"mode": "live", "provider_default": "store", "seen_at": "trackAndTrace"},
        stock={"mode": "live"},
    )
    client: Any = InMemoryDynamoDb(
        tables, now=lambda: bench.clock.now().timestamp(), lag=lambda: lag, page=3
    )
    bench.market = DynamoDbMarketStore(client, "MarketTable", bench.clock)
    bench.marketplace.rows = [FeedRow("TEE", "G", "Acme", "Red", "M")]
    for number in range(1, 8):
        label = f"https://labels.example.test/{number}"
        bench.marketplace.put(market_order(number, label_url=label))
    for _ in range(8):
        bench.sync()
        for made_id, kept in bench.warehouse.kept.items():
            if not kept.order.is_shipped:
                bench.warehouse.despatch(made_id, tracking_number=f"T{made_id}")
        bench.follow()
        bench.push()
    bench.clock.advance(seconds=lag)
    assert sorted(draft.number for draft in bench.drafts()) == [
        f"MI-045-1234-{number}" for number in range(1, 8)
    ]
    assert [len(kept.comments) for kept in bench.warehouse.kept.values()] == [1] * 7
    assert sorted(told.order for told in bench.marketplace.told) == list(range(1, 8))
    assert {bench.state(number).ended for number in range(1, 8)} == {"despatched"}
    assert bench.market.orders_in_work("example", 50) == ()
    assert promised_in_all(bench.market, "example") == {}
    assert bench.parked() == []
    last = bench.marketplace.pushed[-1][1][0]
    assert last.stock == 93
