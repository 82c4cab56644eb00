"""One return, and a crash at every single I/O of its way, before and after it took effect.

After the crash the message is delivered again and the schedule ticks on, as SQS and EventBridge
would have it. Whatever the moment: one external return, no line processed twice, no comment twice,
and an ending that somebody can see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests

from returns_hub.domain.operations import create_external_return_key, marker_of
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.ports import Capabilities
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment

STORES = ("ledger", "returns", "cursors", "parking", "catalogue", "capabilities")
ENDINGS = {"processed", "parked", "flagged"}


class Crash(BaseException):
    """The process is gone: no handler of ours may catch it."""


class Power:
    """Counts every I/O and cuts the power at one of them."""

    def __init__(self, at: int | None, *, after: bool) -> None:
        self.count = 0
        self._at = at
        self._after = after

    def io(self, work: Callable[[], Any]) -> Any:
        self.count += 1
        mine = self.count == self._at
        if mine and not self._after:
            raise Crash
        result = work()
        if mine:
            raise Crash
        return result


class Powered:
    """A store whose every call is an I/O."""

    def __init__(self, inner: Any, power: Power) -> None:
        self._inner = inner
        self._power = power

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        return lambda *args, **more: self._power.io(lambda: found(*args, **more))


def powered(bench: Bench, power: Power) -> dict[str, Any]:
    """Put everything behind the power; what stood there before."""
    before = {name: getattr(bench, name) for name in STORES}
    for name, store in before.items():
        setattr(bench, name, Powered(store, power))
    for adapter in (bench.to_redo, bench.to_mintsoft):
        send = type(adapter).send

        def call(
            request: requests.PreparedRequest, _send: Any = send, _to: Any = adapter, **more: Any
        ) -> Any:
            return power.io(lambda: _send(_to, request, **more))

        adapter.send = call  # type: ignore[method-assign, assignment]
    return before


def live_through(at: int | None, *, after: bool, proven: bool, received: tuple[str, int]) -> Bench:
    """The return's whole life, with the power cut once; the bench without the power afterwards."""
    bench = Bench()
    if proven:
        bench.capabilities.put(
            "example", Capabilities(marker_look_up=True, probed_at=bench.clock.now())
        )
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench.put(redo_return(items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])]))
    power = Power(at, after=after)
    before = powered(bench, power)
    _deliver(bench)
    for record in list(bench.mintsoft.returns.values()):
        sku = record.rows[0].sku
        bench.receive(record.id, received if sku == "TEE" else (sku, 1))
    for _ in range(12):
        _survive(bench.poll)
        bench.clock.advance(minutes=5)
    for name, store in before.items():
        setattr(bench, name, store)
    bench.telemetry.counts.append(("ios", power.count, {}))
    return bench


def _deliver(bench: Bench) -> None:
    """Deliver the message until it is done, as SQS does."""
    text = bench.message()
    for _ in range(40):
        try:
            if _survive(lambda: bench.approve(text)) is not None:
                return
        except (Retryable, UnknownOutcome):
            pass
        bench.clock.advance(hours=1)


def _survive(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Crash:
        return None


def check(bench: Bench, where: str) -> str:
    """The history's rules; how the return ended."""
    markers = Counter(row.comments for made in bench.external_returns() for row in made.rows)
    assert all(count == 1 for count in markers.values()), f"{where}: made twice {markers}"
    assert all(n == 1 for n in bench.submissions().values()), f"{where}: {bench.submissions()}"
    comments = Counter(bench.comments())
    assert all(count == 1 for count in comments.values()), f"{where}: told twice {comments}"
    timeline = bench.returns.timeline("example", RETURN_ID)
    assert canonical(fold("example", RETURN_ID, timeline)) == canonical(bench.state()), where
    assert [event.sequence for event in timeline] == list(range(1, len(timeline) + 1)), where
    _agrees_with_the_partners(bench, where)
    outcome: str = bench.state().outcome
    assert outcome in ENDINGS, f"{where}: ended {outcome}: {bench.kinds()}"
    if outcome == "parked":
        assert bench.parking.list_parked("example"), where
    return outcome


def _agrees_with_the_partners(bench: Bench, where: str) -> None:
    """What the timeline says was done was done, and nothing is left half done."""
    state = bench.state()
    for shipment_ in state.shipments:
        if shipment_.external_return_id is None:
            assert shipment_.parked, f"{where}: {shipment_.key} is neither made nor parked"
            continue
        made = bench.mintsoft.returns.get(shipment_.external_return_id)
        assert made is not None, f"{where}: {shipment_.external_return_id} does not exist"
        key = create_external_return_key("example", RETURN_ID, shipment_.key)
        assert marker_of(key) in made.rows[0].comments, f"{where}: linked to another record"
    for batch in state.batches:
        assert batch.outcome, f"{where}: batch {batch.number} was never finished"
        sent = {line.line_id for line in batch.lines} <= bench.submissions().keys()
        assert sent or batch.outcome == "parked", f"{where}: batch {batch.number} was never sent"
    for receipt in state.receipts:
        assert receipt.settled, f"{where}: receipt {receipt.receipt} was never settled"


@pytest.mark.parametrize("proven", [True, False], ids=["look-up proven", "look-up unproven"])
@pytest.mark.parametrize("received", [("TEE", 1), ("CAP", 1)], ids=["matched", "unmatched"])
def test_a_crash_at_any_io_does_nothing_twice_and_loses_nothing(
    proven: bool, received: tuple[str, int]
) -> None:
    whole = live_through(None, after=False, proven=proven, received=received)
    assert check(whole, "no crash") == ("processed" if received[0] == "TEE" else "flagged")
    ios = int(whole.telemetry.counts[-1][1])
    assert ios > 40

    endings: Counter[str] = Counter()
    for at in range(1, ios + 1):
        for after in (False, True):
            bench = live_through(at, after=after, proven=proven, received=received)
            where = f"crash {'after' if after else 'before'} I/O {at} of {ios}"
            endings[check(bench, where)] += 1

    # A crash costs a person's look only where nobody can know whether a write was carried out.
    assert endings["parked"] < 0.2 * endings.total(), endings
