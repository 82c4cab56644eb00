"""RMAs are fetched: kept, told once for each change, tied to their order, and nothing is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from returns_hub.domain.following import DueKind
from returns_hub.domain.miinto.rmas import return_id_of
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.miinto import fetch_rmas as fetching
from returns_hub.flows.way import Way
from tests.support.rma_worlds import (
    DENMARK,
    HOLLAND,
    RMA_ID,
    RMA_RETURN,
    RmaBench,
    position,
    rma,
    rma_file,
)


def bench(*rmas: Any, **settings: Any) -> RmaBench:
    made = RmaBench(file=rma_file(**settings))
    made.rmas.put(*rmas)
    return made


def told(made: RmaBench) -> list[str]:
    """Return ids of the messages that were published."""
    return [json.loads(text)["return_id"] for text in made.sent]


def test_a_pending_rma_is_kept_and_told_once() -> None:
    made = bench(rma())

    assert made.fetch() == {"told": 1}
    assert told(made) == [RMA_RETURN]
    kept = made.market_store.rma("example", RMA_RETURN)
    assert kept is not None
    assert kept.raw == {"id": 30001}
    assert made.fetch() == {"known": 1}
    assert told(made) == [RMA_RETURN]


def test_what_changed_is_told_again() -> None:
    made = bench(rma())
    made.fetch()
    made.rmas.put(rma(position(1), position(2)))

    assert made.fetch() == {"told": 1}
    assert len(made.sent) == 2


def test_what_was_decided_elsewhere_is_read_again_and_told() -> None:
    made = bench(rma())
    made.fetch()
    made.rmas.settle(DENMARK, RMA_ID, declined=["811"])

    assert made.fetch() == {"told": 1}
    kept = made.market_store.rma("example", RMA_RETURN)
    assert kept is not None
    assert kept.status == "declined"
    assert made.fetch() == {}
    assert made.rmas.reads == [RMA_ID]


def test_what_was_made_and_accepted_between_two_runs_is_found_where_refunds_go_home() -> None:
    made = bench()
    made.file["miinto"]["refunds"] = {"mode": "live", "to": "queue"}
    made.fetch()
    made.rmas.put(rma(created_at=made.clock.now()))
    made.rmas.settle(DENMARK, RMA_ID, accepted=["811"])

    assert made.fetch() == {}
    made.clock.advance(hours=1)
    assert made.fetch() == {"told": 1}
    due = made.returns.load("example", RMA_RETURN).due
    assert [one.kind for one in due] == [DueKind.REFUND_HOME]
    made.clock.advance(hours=1)
    assert made.fetch() == {}


@pytest.mark.parametrize(("in_order", "read"), [(True, 203), (False, 303)])
def test_accepted_ones_are_read_back_as_far_as_they_are_wanted(in_order: bool, read: int) -> None:
    """Only a list that was seen to keep its order may be left before its end."""
    made = bench()
    made.file["miinto"]["refunds"] = {"mode": "live", "to": "queue"}
    now = made.clock.now()
    rows = [rma(id=str(n), created_at=now - timedelta(minutes=n + 1)) for n in range(3)]
    rows += [rma(id=str(n), created_at=now - timedelta(days=n)) for n in range(10, 310)]
    if not in_order:
        rows.insert(0, rows.pop())
    made.rmas.put(*rows)
    for one in rows:
        made.rmas.settle(DENMARK, one.id, accepted=["811"])
    really, given = made.rmas.list, []

    def counted(shop: str, status: Any = None) -> Any:
        for one in really(shop, status):
            given.append(one.id)
            yield one

    made.rmas.list = counted  # type: ignore[method-assign]

    assert made.fetch() == {"told": 3}
    assert len(given) == read


@pytest.mark.parametrize("created_at", [None, datetime(2025, 12, 31, tzinfo=UTC)])
def test_what_may_be_older_than_the_switch_is_not_the_hubs(created_at: Any) -> None:
    made = bench(rma(created_at=created_at))
    made.file["miinto"]["refunds"] = {"mode": "live", "to": "queue"}
    made.rmas.settle(DENMARK, RMA_ID, accepted=["811"])

    assert made.fetch() == {}


def test_an_id_with_signs_of_its_own_is_found_again() -> None:
    made = bench(rma(id="R/30-1"))
    return_id = return_id_of(DENMARK, "R/30-1")
    made.fetch()

    assert made.deliver() == ["announced"]
    assert return_id == "miinto-045-1234-R_30_1"
    made.rmas.settle(DENMARK, "R/30-1", accepted=["811"])
    assert made.fetch() == {"told": 1}


def test_an_rma_that_is_gone_is_not_asked_for_for_ever() -> None:
    made = bench(rma())
    made.fetch()
    kept = dict(made.rmas.kept)
    made.rmas.kept.clear()

    assert made.fetch() == {"gone": 1}
    assert [made.fetch() for _ in range(3)] == [{}] * 3
    made.clock.advance(days=1)
    assert made.fetch() == {"gone": 1}
    assert made.rmas.reads == [RMA_ID] * 2

    made.rmas.kept |= kept
    assert made.fetch() == {"told": 1}


@pytest.mark.parametrize("at", ["publish", "advance"])
def test_cut_off_anywhere_it_is_told_again(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench(rma())
    made.fetch()
    made.sent.clear()
    made.rmas.settle(DENMARK, RMA_ID, accepted=["811"])

    def cut(*_: Any) -> None:
        raise SystemExit

    place: tuple[Any, str] = (fetching, "thin_event")
    if at == "advance":
        place = (made.cursors, "advance")
    with monkeypatch.context() as broken:
        broken.setattr(*place, cut)
        with pytest.raises(SystemExit):
            made.fetch()
    made.sent.clear()

    assert made.fetch() == {"told": 1}
    assert told(made) == [RMA_RETURN]


def test_a_decision_that_the_queue_did_not_take_is_told_by_the_next_run() -> None:
    made = bench(rma())
    made.fetch()
    made.rmas.settle(DENMARK, RMA_ID, accepted=["811"])
    made.sent.clear()

    def away(_: str) -> None:
        raise Retryable("sqs.away", "the queue is away")

    assert fetching.fetch_rmas(made.market(), Way(away, lambda: 0)) == {"failed": 1}
    assert made.fetch() == {"told": 1}
    assert told(made) == [RMA_RETURN]


def test_nothing_is_remembered_as_told_while_nothing_is_announced() -> None:
    made = bench(rma(), announce={"mode": "off"})

    assert made.fetch() == {"kept": 1}
    assert made.sent == []
    made.file["miinto"]["rma"]["announce"]["mode"] = "live"
    assert made.fetch() == {"told": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"rma": {}},
        {"level": "stock_only"},
    ],
)
def test_nothing_is_asked_where_rmas_are_off(change: dict[str, Any]) -> None:
    made = bench(rma())
    made.file["miinto"] |= change

    assert made.fetch() == {}
    assert made.market_store.rmas == {}


def test_a_shop_whose_rmas_are_off_is_left_alone() -> None:
    made = bench(rma())
    made.file["miinto"]["shops"][0]["rmas"] = False

    assert made.fetch() == {}


def test_one_shops_failure_stops_no_other() -> None:
    made = bench(rma(), rma(shop=HOLLAND, id="2"))
    made.rmas.down[DENMARK] = Retryable("miinto.down", "away")

    assert made.fetch() == {"told": 2, "failed": 1}
    assert set(told(made)) == {RMA_RETURN, "miinto-031-778-2"}
    assert made.telemetry.total("RunsFailed", flow="miinto_rmas") == 1
    assert made.fetch() == {"known": 2, "failed": 1}


def test_one_rmas_trouble_stops_no_other() -> None:
    made = bench(rma(id="9" * 64), rma(id="2"))

    assert made.fetch() == {"failed": 1, "told": 1}
    assert told(made) == ["miinto-045-1234-2"]
    assert made.telemetry.total("RunsFailed", flow="miinto_rmas") == 1


def test_one_rma_that_cannot_be_read_again_stops_no_other() -> None:
    made = bench(rma(id="1"), rma(id="2"))
    made.fetch()
    made.sent.clear()
    for number in ("1", "2"):
        made.rmas.settle(DENMARK, number, declined=["811"])

    def refused(before: int) -> None:
        if not before:
            made.rmas.reads.append("refused")
            raise Permanent("miinto.refused", "Miinto refuses it")

    made.rmas.before_read = refused

    assert made.fetch() == {"failed": 1, "told": 1}
    assert len(made.sent) == 1


def test_a_shop_that_only_makes_trouble_is_left_until_the_next_run() -> None:
    made = bench(*(rma(id=str(number)) for number in range(9)))
    made.fetch()
    for number in range(9):
        made.rmas.settle(DENMARK, str(number), declined=["811"])
    asked: list[int] = []

    def away(_: int) -> None:
        asked.append(1)
        raise Retryable("miinto.down", "away")

    made.rmas.before_read = away

    assert made.fetch() == {"failed": 1}
    assert len(asked) == 3


def test_a_list_that_breaks_off_declares_nothing_gone() -> None:
    made = bench(rma())
    made.fetch()
    made.rmas.kept.clear()
    made.rmas.down[DENMARK] = Retryable("miinto.down", "away")

    assert made.fetch() == {"failed": 1}
    assert made.rmas.reads == []


def test_another_run_holds_the_lease() -> None:
    made = bench(rma())
    assert made.cursors.acquire("miinto/rmas/example", "other", 60) is not None

    assert made.fetch() == {}


def test_a_run_that_has_no_time_left_begins_nothing() -> None:
    made = bench(rma())
    made.clock.left = 10

    assert made.fetch() == {"not_started": 2}
    made.clock.left = 60
    assert made.fetch() == {"told": 1}


def test_of_many_that_are_gone_some_are_read_in_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_READ_AGAIN", 2)
    made = bench(*(rma(id=str(number)) for number in range(5)))
    made.fetch()
    for number in range(5):
        made.rmas.settle(DENMARK, str(number), accepted=["811"])

    counts = [made.fetch().get("told", 0) for _ in range(4)]

    assert counts == [2, 2, 1, 0]


# -- words that nobody told of ------------------------------------------------------------------


def odd(word: str, **changes: Any) -> Any:
    return rma(status="unknown", status_word=word, **changes)


def test_an_unknown_word_is_asked_about_once_and_leads_nowhere() -> None:
    made = bench(odd("on_hold"), odd("on_hold", id="2"), odd("escalated", id="3"))

    assert made.fetch() == {"unknown_word": 3}
    assert made.sent == []
    assert len(made.parked("miinto.unknown_word")) == 2
    assert made.telemetry.total("RmaUnknownWords") == 3
    for item in made.parking.list_parked("example"):
        made.parking.close(item, "discarded", "pat")
    made.fetch()
    assert made.parked("miinto.unknown_word") == []


def test_an_unknown_word_of_a_position_is_asked_about() -> None:
    made = bench(rma(position(1), position(2, status="unknown", status_word="lost")))

    assert made.fetch() == {"unknown_word": 1}
    assert "'lost'" in made.parked("miinto.unknown_word")[0]


def test_what_was_unclear_is_told_when_it_is_clear() -> None:
    made = bench(odd("on_hold"))
    made.fetch()
    made.rmas.put(rma())

    assert made.fetch() == {"told": 1}


# -- its order ----------------------------------------------------------------------------------


def test_an_rma_is_tied_to_its_order_once() -> None:
    made = bench(rma())
    made.order()

    made.fetch()
    made.fetch()

    order = made.market_store.order("example", DENMARK, 555001)
    assert order.rmas == (RMA_RETURN,)
    assert order.version == 3


def test_an_order_that_comes_later_is_tied_then() -> None:
    made = bench(rma())
    made.fetch()
    assert made.market_store.order("example", DENMARK, 555001).version == 0

    made.order()
    assert made.fetch() == {"known": 1}

    assert made.market_store.order("example", DENMARK, 555001).rmas == (RMA_RETURN,)
    assert made.fetch() == {"known": 1}


def test_an_rma_of_no_order_is_tied_to_none() -> None:
    made = bench(rma(order_id=None), rma(id="2", order_id="A-1"))

    assert made.fetch() == {"told": 2}
    assert made.fetch() == {"known": 2}
