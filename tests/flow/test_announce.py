"""An approved return reaches the warehouse: R1 to R5 and R12."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.domain.facts import Skipped
from returns_hub.domain.timeline import canonical, fold
from returns_hub.ports import ExternalReturnDraft, ReturnItemDraft
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment


def test_R1_one_external_return_for_each_shipment() -> None:
    bench = Bench()
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", 2, shipmentGroupIds=["b"])]
    bench.put(redo_return(items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])]))

    assert bench.approve() == "announced"

    made = bench.external_returns()
    assert [[(row.sku, row.quantity) for row in m.rows] for m in made] == [
        [("TEE", 1)],
        [("MUG", 2)],
    ]
    assert {m.client_id for m in made} == {12}


def test_R2_warehouse_by_location_else_merchant_address() -> None:
    bench = Bench()
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    far = shipment("a", ["item1"], externalLocationId="loc_london")
    unmapped = shipment("b", ["item2"], externalLocationId="loc_popup")
    bench.put(redo_return(items, shipments=[far, unmapped]))

    bench.approve()

    assert [m.warehouse_id for m in bench.external_returns()] == [4, 3]


def test_R2_no_warehouse_is_a_visible_skip() -> None:
    bench = Bench()
    bench.file["mintsoft"]["warehouses"]["merchant_address"] = None
    bench.put(redo_return([item(1, "TEE")], shipments=[shipment(externalLocationId="loc_popup")]))

    assert bench.approve() == "skipped"

    assert not bench.external_returns()
    assert "loc_popup is not in warehouses.by_location" in bench.facts(Skipped)[-1].reason


def test_R2_one_homeless_shipment_does_not_stop_the_other() -> None:
    bench = Bench()
    bench.file["mintsoft"]["warehouses"]["merchant_address"] = None
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    lost = shipment("b", ["item2"], externalLocationId="loc_popup")
    bench.put(redo_return(items, shipments=[shipment("a", ["item1"]), lost]))

    assert bench.approve() == "announced"
    assert [row.sku for m in bench.external_returns() for row in m.rows] == ["TEE"]
    assert bench.state().outcome == "announced"


def test_R3_reference_is_the_order_name_and_every_item_carries_the_marker() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE"), item(2, "MUG")]))

    bench.approve()

    (made,) = bench.external_returns()
    assert made.reference == "#5501"
    comments = {row.comments for row in made.rows}
    assert len(comments) == 1
    comment = comments.pop()
    assert comment.startswith(f"Redo return {RETURN_ID} [RH-")
    assert comment.endswith("] (RoyalMail RM-sg_one)")


def comments_with(**label: Any) -> str:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], shipments=[shipment(**label)]))
    assert bench.approve() == "announced"
    (made,) = bench.external_returns()
    return str(made.rows[0].comments)


def test_X6_carrier_and_tracking_stand_behind_the_marker() -> None:
    comments = comments_with(carrier="DPD", tracker="1550 0000 0001")
    assert comments.startswith(f"Redo return {RETURN_ID} [RH-")
    assert comments.endswith("] (DPD 1550 0000 0001)")
    assert comments_with(carrier=None, tracker="T1").endswith("] (T1)")
    assert comments_with(carrier=None, tracker=None).endswith("]")


def test_X6_whatever_the_label_says_the_marker_is_whole_and_alone() -> None:
    assert comments_with(carrier="C" * 25, tracker="9" * 48).endswith(f"] ({'9' * 48})")
    another = f"RH-{'0' * 20}"
    for odd in ("9" * 49, another, f"x{another.lower()}", "  ", "\x00"):
        comments = comments_with(carrier=odd, tracker=odd)
        assert comments.startswith(f"Redo return {RETURN_ID} [RH-"), odd
        assert comments.endswith("]"), odd
        assert another not in comments
    assert comments_with(carrier="[RH", tracker="a]\n[b\x1b").endswith("] (RH ab)")


def test_X6_a_note_that_is_too_long_gives_way_to_the_marker() -> None:
    bench = Bench()
    draft = ExternalReturnDraft(
        3, "#1", "RH-" + "a" * 20, (ReturnItemDraft("TEE", 901, 1, 1),), note="n" * 500, label="L1"
    )
    bench.world().warehouse.create_external_return(draft, bench.clock.now())
    (made,) = bench.external_returns()
    assert len(made.rows[0].comments) == 200
    assert made.rows[0].comments.endswith("n [RH-aaaaaaaaaaaaaaaaaaaa]")


def test_R3_a_name_that_does_not_fit_gives_way_to_the_return_id() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], order={"id": "order1", "name": "W" * 51}))

    bench.approve()

    assert bench.external_returns()[0].reference == RETURN_ID


def test_R4_reasons_by_code_by_level_and_by_default() -> None:
    bench = Bench()
    items = [
        item(1, "TEE", reasonCode="damaged"),
        item(2, "MUG", reasonCode=None, reasonCodes=["faulty", "seam"]),
        item(3, "CAP", reasonCode="whim", reasonCodes=["whim"]),
    ]
    bench.put(redo_return(items))

    bench.approve()

    assert [row.reason_id for row in bench.external_returns()[0].rows] == [2, 2, 1]


def test_R4_a_default_of_zero_is_sent_as_the_placeholder_it_is() -> None:
    bench = Bench()
    bench.file["mintsoft"]["reasons"] = {"default": 0}
    bench.put(redo_return([item(1, "TEE")]))

    bench.approve()

    assert bench.external_returns()[0].rows[0].reason_id == 0


def test_R5_green_lines_and_lines_without_sku_are_left_off_and_said_so() -> None:
    bench = Bench()
    items = [item(1, "TEE"), item(2, "MUG", greenReturn=True), item(3, None), item(4, "   ")]
    bench.put(redo_return(items))

    bench.approve()

    assert [row.sku for row in bench.external_returns()[0].rows] == ["TEE"]
    left_off = {entry.line_id: entry.reason for entry in bench.state().left_off}
    assert "keeps the item" in left_off["item2"]
    assert left_off["item3"] == left_off["item4"] == "the line has no SKU"


def test_R5_the_sku_may_come_from_the_order() -> None:
    bench = Bench()
    order = {
        "id": "order1",
        "name": "#5501",
        "items": [{"id": "6100000000001/1", "variant": {"sku": "CAP"}}],
    }
    bench.put(redo_return([item(1, None)]), [order])

    bench.approve()

    assert bench.external_returns()[0].rows[0].sku == "CAP"


def test_R12_the_portal_is_told_once_with_warehouse_id_and_items() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE"), item(2, "MUG", 2)]))

    bench.approve()
    bench.clock.advance(minutes=1)
    bench.approve()

    (comment,) = bench.comments()
    assert "external return 41" in comment
    assert "warehouse 3" in comment
    assert "1 x TEE, 2 x MUG" in comment


@pytest.mark.parametrize("status", ["complete", "rejected", "deleted"])
def test_a_return_that_is_no_longer_open_is_skipped(status: str) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], status=status))

    assert bench.approve() == "skipped"
    assert not bench.external_returns()
    assert bench.state().outcome == "skipped"


@pytest.mark.parametrize("kind", ["claim", "warranty"])
def test_an_excluded_type_is_skipped_once_on_the_timeline(kind: str) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], type=kind))

    bench.approve()
    bench.approve()

    assert bench.kinds() == ["seen", "skipped"]


@pytest.mark.off_contract("a word that Redo may add")
def test_an_unknown_status_is_parked_not_guessed() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")], status="awaiting_owl"))

    assert bench.approve() == "parked"
    assert not bench.external_returns()
    (parked,) = bench.parking.list_parked("example")
    assert "awaiting_owl" in parked.reason
    assert json.loads(parked.payload)["source"] == "replay"


def test_speed_one_write_one_read_one_comment_and_product_ids_amortised() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    other = redo_return([item(1, "TEE")], id="66aa01f0c0ffee0000000002")
    bench.put(other)
    to_redo, to_mintsoft = len(bench.to_redo.requests), len(bench.to_mintsoft.requests)

    bench.approve(bench.message(return_id="66aa01f0c0ffee0000000002"))

    calls = [(r.method, r.path.rsplit("/", 1)[1]) for r in bench.to_redo.requests[to_redo:]]
    assert calls == [("GET", "66aa01f0c0ffee0000000002"), ("POST", "comments")]
    assert [r.path for r in bench.to_mintsoft.requests[to_mintsoft:]] == [
        "/api/Return/CreateExternalReturn"
    ]


def test_a_refusal_is_parked_with_mintsofts_own_words() -> None:
    bench = Bench()
    bench.file["mintsoft"]["warehouses"]["by_location"]["loc_corby"] = 77
    bench.put(redo_return([item(1, "TEE")]))

    assert bench.approve() == "parked"
    (parked,) = bench.parking.list_parked("example")
    assert "Warehouse does not exist" in parked.reason


def test_one_shipments_refusal_does_not_stop_the_other() -> None:
    bench = Bench()
    items = [item(1, "NEVER", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench.put(redo_return(items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])]))

    assert bench.approve() == "parked"
    assert [row.sku for m in bench.external_returns() for row in m.rows] == ["MUG"]


def test_folding_the_timeline_gives_the_stored_state_byte_for_byte() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE"), item(2, None)]))
    bench.approve()
    bench.receive(41)
    bench.poll()

    folded = fold("example", RETURN_ID, bench.returns.timeline("example", RETURN_ID))

    assert canonical(folded) == canonical(bench.state())


def test_no_personal_data_reaches_stores_or_logs() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve(bench.message(body=redo_return([item(1, "TEE")])))
    bench.receive(41)
    bench.poll()

    kept = repr((bench.returns.events, bench.parking.items, bench.telemetry.lines))
    for private in ("pat@example.test", "Sample Row", "Pat", "Wexquillname", "447700900000"):
        assert private not in kept


@pytest.mark.parametrize("group", ["batch-1", "batch-of-may"])
def test_a_shipment_that_is_called_as_batches_are_is_parked_as_any_other(group: str) -> None:
    bench = Bench()
    goods = item(1, "UNHEARD-OF", shipmentGroupIds=[group])
    bench.put(redo_return([goods], shipments=[shipment(group, ["item1"])]))

    assert bench.approve() == "parked"

    assert [shipment.parked for shipment in bench.state().shipments] == [
        parked.parked_id for parked in bench.parking.list_parked("example")
    ]
