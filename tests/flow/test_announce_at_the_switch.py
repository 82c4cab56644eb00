"""Announcing in shadow, at the switch from an old connector (S5), and switched off."""

from __future__ import annotations

from returns_hub.ports import ExternalReturnDraft, ReturnItemDraft
from tests.support.worlds import RETURN_ID, Bench, item, merchant_file, redo_return, shipment


def test_shadow_writes_nothing_and_records_what_would_be_sent() -> None:
    bench = Bench()
    bench.file["flows"]["create_external_returns"] = {"mode": "shadow"}
    bench.put(redo_return([item(1, "TEE", 2)]))

    assert bench.approve() == "shadow"

    assert not bench.external_returns()
    assert not bench.comments()
    would = [
        e.fact for e in bench.returns.timeline("example", RETURN_ID) if e.fact.kind == "would_send"
    ]
    assert "2 x TEE" in would[0].summary
    assert {r.method for r in bench.to_redo.requests + bench.to_mintsoft.requests} == {"GET"}


def test_what_was_seen_in_shadow_is_not_created_again_at_the_switch() -> None:
    bench = Bench()
    bench.file["flows"]["create_external_returns"] = {"mode": "shadow"}
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    bench.file["flows"]["create_external_returns"] = {"mode": "live"}
    bench.clock.advance(minutes=1)

    bench.approve()

    assert not bench.external_returns()


def test_before_live_from_is_left_alone() -> None:
    bench = Bench(file=merchant_file(live_from="2026-04-01T00:00:00Z"))
    bench.put(redo_return([item(1, "TEE")]))

    assert bench.approve() == "skipped"
    assert not bench.external_returns()


def test_before_live_from_a_record_of_the_old_connector_is_adopted() -> None:
    bench = Bench(file=merchant_file(live_from="2026-04-01T00:00:00Z"))
    bench.file["flows"]["create_external_returns"] = {"mode": "live", "before_live_from": "adopt"}
    old = bench.world().warehouse
    draft = ExternalReturnDraft(3, "#5501", "OLD", (ReturnItemDraft("TEE", 901, 1, 1),))
    old.create_external_return(draft, bench.clock.now())
    bench.put(redo_return([item(1, "TEE")]))

    bench.approve()

    assert len(bench.external_returns()) == 1
    assert bench.returns.find("example", 41) == RETURN_ID
    made = [
        e.fact
        for e in bench.returns.timeline("example", RETURN_ID)
        if e.fact.kind == "external_return_made"
    ]
    assert made[0].how == "adopted"


def test_off_does_nothing() -> None:
    bench = Bench()
    bench.file["flows"]["create_external_returns"] = {"mode": "off"}
    bench.put(redo_return([item(1, "TEE")]))

    assert bench.approve() == "skipped"
    assert not bench.to_redo.requests


def test_a_record_of_the_old_connector_is_adopted_for_one_shipment_only() -> None:
    bench = Bench(file=merchant_file(live_from="2026-04-01T00:00:00Z"))
    bench.file["flows"]["create_external_returns"] = {"mode": "live", "before_live_from": "adopt"}
    draft = ExternalReturnDraft(3, "#5501", "OLD", (ReturnItemDraft("TEE", 901, 1, 1),))
    bench.world().warehouse.create_external_return(draft, bench.clock.now())
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "TEE", shipmentGroupIds=["b"])]
    bench.put(redo_return(items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])]))

    bench.approve()

    assert [found.external_return_id for found in bench.state().shipments] == [41, None]
