"""A test return in the sandbox: made once, and only in a sandbox (R13)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.make_test_return import SandboxReturnAsked, make_test_return
from returns_hub.ports import SandboxLine, ShipFrom
from tests.support.checks import ORDER, sandbox_returns
from tests.support.worlds import TOKEN, Bench

ASKED = SandboxReturnAsked(
    shop="shopify",
    order_id="6100",
    lines=(SandboxLine("14", "Damaged", "damaged"),),
    ship_from=ShipFrom("1 Sample Row", "Leeds", "West Yorkshire", "LS1 1AA", "GB"),
)


def sandbox(*, marked: bool = True) -> Bench:
    bench = Bench()
    bench.file["sandbox"] = marked
    bench.redo.orders["order1"] = json.loads(json.dumps(ORDER))
    return bench


def make(bench: Bench, asked: SandboxReturnAsked = ASKED) -> tuple[str, str]:
    done = make_test_return(bench.world(), sandbox_returns(bench), asked)
    return done.partner_id, done.how


def test_R13_it_is_refused_where_the_file_does_not_say_sandbox() -> None:
    bench = sandbox(marked=False)

    with pytest.raises(Permanent, match="not marked as a sandbox"):
        make(bench)
    assert bench.to_redo.requests == []
    assert bench.ledger.rows == {}


def test_R13_it_is_made_once_however_often_it_is_asked_for() -> None:
    bench = sandbox()
    made, how = make(bench)

    assert how == "sent"
    assert make(bench) == (made, "already")
    assert bench.redo.books.made == [made]
    assert make(bench, replace(ASKED, number=2))[0] != made
    assert len(bench.redo.books.made) == 2


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.HTML_200_AFTER])
def test_R13_a_lost_answer_is_looked_up_and_nothing_is_made_twice(kind: FaultKind) -> None:
    bench = sandbox()
    bench.redo.faults.add(Fault(kind, times=1))
    with pytest.raises(UnknownOutcome):
        make(bench)
    with pytest.raises(Retryable):
        make(bench)
    bench.clock.advance(minutes=3)
    (made,) = bench.redo.books.made

    assert make(bench) == (made, "looked_up")
    assert bench.redo.books.made == [made]


def test_R13_a_request_that_never_came_is_sent_again_with_the_same_key() -> None:
    bench = sandbox()
    bench.redo.faults.add(Fault(FaultKind.RESET_BEFORE, times=1))
    with pytest.raises(UnknownOutcome):
        make(bench)
    bench.clock.advance(minutes=3)

    assert make(bench)[1] == "sent"
    keys = {
        request.headers["idempotency-key"]
        for request in bench.to_redo.requests
        if request.method == "POST"
    }
    assert len(keys) == 1
    assert len(bench.redo.books.made) == 1


def test_R13_what_was_refused_may_be_asked_for_again_once_it_is_mended() -> None:
    bench = sandbox()
    order = bench.redo.orders.pop("order1")
    with pytest.raises(Permanent):
        make(bench)
    bench.redo.orders["order1"] = order

    assert make(bench)[1] == "sent"


def test_R13_a_missing_scope_releases_the_claim() -> None:
    bench = sandbox()
    bench.redo.tokens[TOKEN] = frozenset({"returns_read"})
    with pytest.raises(Retryable, match="returns_write"):
        make(bench)
    bench.redo.tokens[TOKEN] = frozenset({"returns_read", "returns_write"})

    assert make(bench)[1] == "sent"
