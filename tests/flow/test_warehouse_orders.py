"""Orders through the ledger: whatever becomes of a request, the order is made once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.operations import Claim, Found, LookUp, NotFound, Operation
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.operation import Done, run_operation
from tests.support.order_worlds import OrderBench, draft

WRITES = ("create", "comment", "cancel")
MARKER = "[RH-00000000000000000001]"


class Desk:
    """One operation on the bench, tried until it is done."""

    def __init__(self, bench: OrderBench, write: str, order_id: int = 0) -> None:
        self.bench = bench
        self.write = write
        self.order_id = order_id
        self.runs = 0

    def once(self) -> Done:
        self.runs += 1
        key = f"{self.write}/example/{self.order_id}"
        return run_operation(
            Operation(key, "example", request_seconds=30, settle_seconds=120, give_up_seconds=7200),
            ledger=self.bench.ledger,
            clock=self.bench.clock,
            owner=f"run-{self.runs}",
            send=self._send,
            look_up=self._look_up,
        )

    def until_done(self) -> Done:
        for _ in range(10):
            try:
                return self.once()
            except (Retryable, UnknownOutcome) as verdict:
                self.bench.clock.advance(seconds=max(verdict.after, 1.0) + 1)
        raise AssertionError("it never ends")

    def _send(self, send_by: datetime) -> str:
        orders = self.bench.orders
        match self.write:
            case "create":
                return str(orders.create_order(draft(), send_by).order_id)
            case "comment":
                orders.add_order_comment(self.order_id, f"label {MARKER}", send_by)
            case _:
                orders.cancel_order(self.order_id, send_by)
        return ""

    def _look_up(self, claim: Claim) -> LookUp:
        orders = self.bench.orders
        match self.write:
            case "create":
                since = claim.first_claimed_at
                return orders.find_order("DK-1001", units=draft().units(), since=since)
            case "comment":
                texts = orders.order_comments(self.order_id)
                return Found("") if any(MARKER in text for text in texts) else NotFound()
            case _:
                order = orders.read_order(self.order_id)
                return Found("") if order is not None and order.is_cancelled else NotFound()


def desk_of(write: str, settings: Settings | None = None) -> Desk:
    bench = OrderBench(settings)
    if write == "create":
        return Desk(bench, write)
    made = bench.orders.create_order(draft("DK-0"), bench.clock.now() + timedelta(days=1))
    return Desk(bench, write, made.order_id)


def accepted(desk: Desk) -> int:
    """How often Mintsoft carried the write out."""
    call = {"create": "create-order", "comment": "order-comment", "cancel": "cancel-order"}
    return len(desk.bench.journal(call[desk.write]))


@pytest.mark.parametrize("kind", list(FaultKind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("write", WRITES)
def test_a_write_is_carried_out_once_whatever_becomes_of_its_requests(
    kind: FaultKind, write: str
) -> None:
    desk = desk_of(write)
    path = {"create": "/api/Order$", "comment": "/Comments$", "cancel": "/Cancel$"}[write]
    desk.bench.mintsoft.faults.add(Fault(kind, path=path, times=2))
    done = desk.until_done()

    assert accepted(desk) == 1
    if write == "create":
        (made,) = desk.bench.mintsoft.orders
        assert done.partner_id == str(made)


@pytest.mark.parametrize("write", WRITES)
def test_a_crash_after_the_request_is_made_good_by_looking(write: str) -> None:
    desk = desk_of(write)
    send = desk._send

    def crashing(send_by: datetime) -> str:
        send(send_by)
        raise KeyboardInterrupt

    desk._send = crashing  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        desk.once()
    desk._send = send  # type: ignore[method-assign]
    done = desk.until_done()

    assert (done.how, accepted(desk)) == ("looked_up", 1)


def test_an_order_that_the_search_shows_late_is_not_made_again() -> None:
    desk = desk_of("create", Settings(index_delay_seconds=100))
    desk.bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="/api/Order$"))
    done = desk.until_done()

    assert (done.how, accepted(desk)) == ("looked_up", 1)


@pytest.mark.parametrize("duplicate_names_order", [True, False])
def test_mintsoft_itself_refuses_a_second_one_where_the_look_up_is_blind(
    duplicate_names_order: bool,
) -> None:
    settings = Settings(index_delay_seconds=900, duplicate_names_order=duplicate_names_order)
    desk = desk_of("create", settings)
    desk.bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="/api/Order$"))
    if duplicate_names_order:
        assert desk.until_done().how == "sent"
    else:
        with pytest.raises(Permanent, match="shows none of this client"):
            desk.until_done()

    assert accepted(desk) == 1


@pytest.mark.parametrize(
    "hands",
    [
        lambda bench, made: bench.split(made, {"TEE": 1}),
        lambda bench, made: bench.despatch(made),
        lambda bench, made: bench.merge(made, _other(bench)),
    ],
    ids=["split", "despatched", "merged"],
)
def test_what_the_warehouse_did_meanwhile_does_not_hide_the_order(
    hands: Callable[[OrderBench, int], Any],
) -> None:
    desk = desk_of("create")
    desk.bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path="/api/Order$"))
    with pytest.raises(UnknownOutcome):
        _two(desk)
    (made,) = desk.bench.mintsoft.orders
    hands(desk.bench, made)
    desk.bench.clock.advance(minutes=10)
    done = _two(desk)

    assert done == Done(str(made), "looked_up")
    assert len([e for e in desk.bench.journal("create-order") if e["number"] == "DK-1001"]) == 1


def _other(bench: OrderBench) -> int:
    other = draft("DK-2", ("MUG", 1))
    return bench.orders.create_order(other, bench.clock.now() + timedelta(days=1)).order_id


def _two(desk: Desk) -> Done:
    """The operation for an order of two shirts."""
    shirts = draft("DK-1001", ("TEE", 2))
    orders = desk.bench.orders
    return run_operation(
        Operation("two", "example", request_seconds=30, settle_seconds=120, give_up_seconds=7200),
        ledger=desk.bench.ledger,
        clock=desk.bench.clock,
        owner="a",
        send=lambda send_by: str(orders.create_order(shirts, send_by).order_id),
        look_up=lambda claim: orders.find_order(
            "DK-1001", units=shirts.units(), since=claim.first_claimed_at
        ),
    )
