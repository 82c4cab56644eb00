"""More orders changed at the warehouse than one reading of its list holds: none is left behind."""

from __future__ import annotations

import pytest

from returns_hub.adapters.mintsoft import order_reads
from returns_hub.flows import long_orders
from returns_hub.flows.relay.despatches import DespatchSource
from returns_hub.flows.sync.shape import Change, Reached
from tests.support.relay import RelayBench


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> RelayBench:
    monkeypatch.setattr(order_reads, "PAGE_SIZE", 1)
    monkeypatch.setattr(long_orders, "CALLS_AT_ONCE", 2)
    return RelayBench()


def test_every_despatch_is_told_however_long_the_list(it: RelayBench) -> None:
    made = [it.sent(f"DK-{n}", ("TEE", 1)) for n in range(9)]
    for _ in range(3):
        it.run()
    it.deliver()
    assert sorted(event["mintsoft_order_id"] for event in it.taken()) == made


def test_a_list_is_gone_on_with_where_the_last_run_ended(it: RelayBench) -> None:
    made = [str(it.sent(f"DK-{n}", ("TEE", 1))) for n in range(9)]
    source = DespatchSource(it.feed_world())
    since = it.clock.now() - source.overlap
    told = list(source.pull_from(since, "6"))
    assert [one.place for one in told if isinstance(one, Reached)] == ["7", "9"]
    assert len({one.key for one in told if isinstance(one, Change)}) == 5
    assert sorted(change.key for change in source.pull(since)) == made
