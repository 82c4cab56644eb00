"""The target's client against a receiver on real sockets: signatures, and lost answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.receiver import ReceiverSimulator
from local.simulators.wire import Server
from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.adapters.relay.target import HttpDespatchTarget
from returns_hub.domain.relay.counting import despatch_of
from returns_hub.domain.relay.settings import RelayTarget
from returns_hub.domain.warehouse_orders import OrderedItem, OrderStage, WarehouseOrder
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome
from tests.support.fakes import Telemetry, TestClock
from tests.support.relay import SECRET

LEFT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORDER = WarehouseOrder(
    order_id=501,
    number="DK-1",
    stage=OrderStage.DESPATCHED,
    status_word="DESPATCHED",
    version="v1",
    updated_at=LEFT,
    items=(OrderedItem("TEE-Ø", 2),),
    despatched_at=LEFT,
)
EVENT = despatch_of("example", ORDER, (), 1, {})


class WallClock(TestClock):
    """The real time: the receiver refuses signatures of another."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Wire:
    """A receiver behind a server, and the client."""

    def __init__(self, url: str, receiver: ReceiverSimulator) -> None:
        self.receiver = receiver
        self.clock = WallClock()
        target = RelayTarget(name="channel", url=f"{url}/despatches", secret="channel")
        http = PartnerHttp(
            target.url,
            partner="relay-channel",
            gate=Pace(10_000, self.clock),
            clock=self.clock,
            telemetry=Telemetry(),
            spent=PartnerTime(),
        )
        self.secret = dict(SECRET)
        self.client = HttpDespatchTarget(
            http, target, secret=lambda *, fresh: self.secret, clock=self.clock
        )

    def tell(self) -> str:
        return self.client.tell(EVENT, self.clock.now() + timedelta(seconds=60))


@pytest.fixture
def wire() -> Iterator[Wire]:
    receiver = ReceiverSimulator()
    receiver.seed(SECRET)
    with Server(receiver) as server:
        yield Wire(server.url, receiver)


def test_an_event_is_taken_and_its_signature_holds_over_its_very_bytes(wire: Wire) -> None:
    assert wire.tell() == EVENT.id
    assert wire.tell() == EVENT.id
    assert len(wire.receiver.books.taken) == 1
    assert wire.receiver.books.taken[0]["lines"][0]["sku"] == "TEE-Ø"
    assert wire.receiver.books.unsigned == 0


def test_a_signature_with_another_key_is_not_let_in(wire: Wire) -> None:
    wire.secret["signing_key"] = "another"
    with pytest.raises(Misconfigured, match="401"):
        wire.tell()
    assert wire.receiver.books.taken == []


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER])
def test_an_answer_that_goes_astray_leaves_it_unknown(wire: Wire, kind: FaultKind) -> None:
    wire.receiver.faults.add(Fault(kind))
    with pytest.raises(UnknownOutcome):
        wire.tell()
    assert len(wire.receiver.books.taken) == 1
    assert wire.tell() == EVENT.id
    assert wire.receiver.books.came_again == [EVENT.id]


def test_a_success_whose_body_is_cut_off_is_one(wire: Wire) -> None:
    wire.receiver.faults.add(Fault(FaultKind.CUT_OFF_AFTER))
    assert wire.tell() == EVENT.id


def test_a_redirect_is_not_followed(wire: Wire) -> None:
    with Server(ReceiverSimulator()) as elsewhere:
        moved = f"{elsewhere.url}/despatches"
        wire.receiver.settings = replace(wire.receiver.settings, moved_to=moved)
        with pytest.raises(Misconfigured, match="not followed"):
            wire.tell()
        assert elsewhere_calls(elsewhere) == 0


def elsewhere_calls(server: Server) -> int:
    """Calls that reached the other host."""
    core: ReceiverSimulator = server._server.RequestHandlerClass.core  # type: ignore[attr-defined]
    return sum(core.calls.counts.values())


def test_nobody_there_is_known_not_told() -> None:
    receiver = ReceiverSimulator()
    with Server(receiver) as server:
        url = server.url
    with pytest.raises(Retryable) as caught:
        Wire(url, receiver).tell()
    assert caught.value.code == "relay.unreachable"
