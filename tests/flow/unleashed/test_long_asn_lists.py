"""More ASNs changed at the warehouse than one reading of its list holds: none is left behind."""

from __future__ import annotations

import pytest

from local.simulators.mintsoft.simulator import Settings
from returns_hub.flows import long_orders
from returns_hub.flows.sync.shape import Change, Reached
from returns_hub.flows.unleashed.goods.receipts import ReceiptsSource
from tests.support.purchases import PurchaseBench


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> PurchaseBench:
    monkeypatch.setattr("returns_hub.adapters.mintsoft.asns.PAGE_SIZE", 1)
    monkeypatch.setattr(long_orders, "CALLS_AT_ONCE", 2)
    return PurchaseBench(settings=Settings(asn_order="stable"))


def test_every_asn_is_receipted_however_long_the_list(it: PurchaseBench) -> None:
    made = [it.announced() for _ in range(5)]
    for _, asn in made:
        it.book_in(asn)
    for _ in range(3):
        it.both()
    assert [it.booked(guid) for guid, _ in made] == [[5]] * 5


def test_a_list_of_asns_is_gone_on_with_where_the_last_run_ended(it: PurchaseBench) -> None:
    made = [it.announced() for _ in range(5)]
    for _, asn in made:
        it.book_in(asn)
    source = ReceiptsSource(it.erp_world("receipts"))
    since = it.clock.now() - source.overlap
    told = list(source.pull_from(since, "4"))
    assert [one.place for one in told if isinstance(one, Reached)] == ["5"]
    assert len({one.key for one in told if isinstance(one, Change)}) == 3
    assert {one.key for one in source.pull(since)} == {guid for guid, _ in made}
