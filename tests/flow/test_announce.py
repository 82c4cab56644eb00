"""An approved return reaches the warehouse: R1 to R5, R12, and the switch-over of S5."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.facts import Event, ExternalReturnMade, Skipped
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import canonical, fold
from returns_hub.errors import Retryable, UnknownOutcome
from returns_hub.flows.plan_return import NEW_RETURNS
from returns_hub.ports import Capabilities, ExternalReturnDraft, ReturnItemDraft
from tests.support.worlds import RETURN_ID, Bench, item, merchant_file, redo_return, shipment

CREATE = "CreateExternalReturn"


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


def test_the_same_message_again_costs_no_partner_call() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    text = bench.message(body=redo_return([item(1, "TEE")]), occurred_at="2026-03-02T08:59:00Z")
    bench.approve(text)
    before = len(bench.to_redo.requests), len(bench.to_mintsoft.requests)

    assert bench.approve(text) == "skipped"

    assert (len(bench.to_redo.requests), len(bench.to_mintsoft.requests)) == before


def test_a_line_is_never_announced_twice_when_its_shipment_is_named_later() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE", shipmentGroupIds=[])], shipments=[]))
    bench.approve()
    bench.clock.advance(minutes=5)
    bench.put(redo_return([item(1, "TEE")], updatedAt="2026-03-02T09:04:00Z"))

    bench.approve()

    assert len(bench.external_returns()) == 1


def test_a_line_that_is_added_later_gets_an_external_return_of_its_own() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.approve()
    bench.clock.advance(minutes=5)
    items = [item(1, "TEE"), item(2, "MUG", shipmentGroupIds=["late"])]
    both = [shipment("sg_one", ["item1"]), shipment("late", ["item2"])]
    bench.put(redo_return(items, shipments=both, updatedAt="2026-03-02T09:04:00Z"))

    bench.approve()

    assert [[row.sku for row in m.rows] for m in bench.external_returns()] == [["TEE"], ["MUG"]]
    assert bench.telemetry.total(NEW_RETURNS) == 1


def test_a_product_that_is_unknown_is_parked_and_never_created() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "NEVER")]))

    assert bench.approve() == "parked"
    (parked,) = bench.parking.list_parked("example")
    assert "NEVER" in parked.reason
    assert len(bench.mintsoft.tenant.products) == 4


@pytest.mark.parametrize("sku", ["CUP", "tee", "OTHER"])
def test_a_look_up_by_other_code_case_or_client_is_no_match(sku: str) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, sku)]))

    assert bench.approve() == "parked"
    assert not bench.external_returns()


def test_a_look_up_that_heeds_no_client_is_not_believed() -> None:
    bench = Bench()
    bench.mintsoft.settings = Settings(look_up_heeds_client=False)
    bench.put(redo_return([item(1, "OTHER")]))

    assert bench.approve() == "parked"
    assert "OTHER" in bench.parking.list_parked("example")[0].reason


def matched(**matching: Any) -> Bench:
    bench = Bench()
    bench.file["flows"]["process_receipts"]["policy"] = {"matching": matching}
    bench.mintsoft.seed(
        {
            "products": {
                "905": {"sku": "W-9", "name": "Tee", "client_id": 12, "ean": "5000000000012"},
                "906": {"sku": "W-8", "name": "Tee", "client_id": 13, "upc": "5000000000029"},
                "907": {"sku": "W-7", "name": "Tee", "client_id": 12, "upc": "12345678"},
            }
        }
    )
    return bench


def test_an_alias_leads_to_the_product_of_the_warehouse_and_the_same_SKU_goes_first() -> None:
    bench = matched(aliases={"W-9": "TEE-X", "MUG": "TEE"})
    bench.put(redo_return([item(1, "TEE-X"), item(2, "TEE")]))

    assert bench.approve() == "announced"

    (made,) = bench.external_returns()
    assert [(row.sku, row.product_id) for row in made.rows] == [("W-9", 905), ("TEE", 901)]
    bench.receive(41)
    assert bench.poll() == {"processed": 1}


@pytest.mark.parametrize(
    ("barcode", "ending"),
    [
        ("5000000000012", "announced"),
        ("5000000000029", "parked"),
        ("5000000000099", "parked"),
        ("1234567", "parked"),
        ("12345678", "announced"),
    ],
)
def test_a_barcode_leads_to_a_product_only_whole_and_of_this_client(
    barcode: str, ending: str
) -> None:
    bench = matched(barcodes=True)
    bench.put(redo_return([item(1, "UNKNOWN", upc=barcode)]))

    assert bench.approve() == ending
    if ending == "announced":
        bench.receive(41)
        assert bench.poll() == {"processed": 1}


def test_barcodes_are_not_asked_for_unless_the_file_says_so() -> None:
    bench = matched()
    bench.put(redo_return([item(1, "UNKNOWN", upc="5000000000012")]))

    assert bench.approve() == "parked"


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


def test_speed_what_is_made_and_told_is_recorded_by_one_write() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    append, written = bench.returns.append, list[list[str]]()

    def noted(state: ReturnState, events: Sequence[Event]) -> ReturnState:
        written.append([event.rule for event in events])
        return append(state, events)

    bench.returns.append = noted  # type: ignore[method-assign]

    assert bench.approve() == "announced"

    assert written == [
        ["plan shipments", "plan shipments"],
        ["one external return per shipment", "tell the portal"],
    ]


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_BEFORE])
def test_what_is_made_is_known_while_the_portal_cannot_be_told(kind: FaultKind) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.redo.faults.add(Fault(kind, path="comments", method="POST"))

    with pytest.raises((Retryable, UnknownOutcome)):
        bench.approve()

    assert bench.state().shipments[0].external_return_id == 41
    assert bench.returns.find("example", 41) == RETURN_ID
    assert not bench.state().is_announced


def test_a_crash_after_the_portal_was_told_is_made_good() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    append = bench.returns.append

    def crash(state: ReturnState, events: Sequence[Event]) -> ReturnState:
        if any(isinstance(event.fact, ExternalReturnMade) for event in events):
            raise KeyboardInterrupt
        return append(state, events)

    bench.returns.append = crash  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        bench.approve()
    assert len(bench.comments()) == 1
    bench.returns.append = append  # type: ignore[method-assign]

    assert bench.approve() == "announced"

    assert len(bench.comments()) == 1
    assert len(bench.external_returns()) == 1
    assert bench.returns.find("example", 41) == RETURN_ID
    assert bench.state().is_announced


# -- what must not happen twice ---------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET_AFTER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.HTML_200_AFTER,
        FaultKind.CUT_OFF_AFTER,
    ],
)
def test_a_create_whose_answer_is_lost_is_found_again_not_made_again(kind: FaultKind) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(kind, path=CREATE))

    with pytest.raises(UnknownOutcome):
        bench.approve()
    with pytest.raises(Retryable):
        bench.approve()
    bench.clock.advance(minutes=4)

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1
    assert bench.state().shipments[0].external_return_id == 41


def test_a_create_that_did_not_happen_is_parked_until_the_look_up_is_proven() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path=CREATE))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(hours=25)

    assert bench.approve() == "parked"

    assert not bench.external_returns()
    (parked,) = bench.parking.list_parked("example")
    assert "RH-" in parked.reason


def test_a_create_that_did_not_happen_is_sent_again_once_the_look_up_is_proven() -> None:
    bench = Bench()
    bench.capabilities.put("example", Capabilities(marker_look_up=True))
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_BEFORE, path=CREATE))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1


def test_a_refused_connection_is_known_not_sent_and_may_be_sent_again_at_once() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    world = bench.world()
    world.warehouse.find_product("TEE")
    bench.catalogue.remember("example", {"TEE": 901})
    bench.to_mintsoft.refuse = True
    with pytest.raises(Retryable):
        bench.approve()
    bench.to_mintsoft.refuse = False

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1


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


def test_a_comment_whose_answer_is_lost_is_not_posted_twice() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="comments", method="POST"))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.clock.advance(minutes=4)

    bench.approve()

    assert len(bench.comments()) == 1
    assert len(bench.external_returns()) == 1
    assert bench.state().is_announced


def test_two_runs_at_once_make_one_external_return() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    first, second = bench.world(), bench.world()
    made_during: list[str] = []
    create = first.warehouse.create_external_return

    def slow_create(draft: ExternalReturnDraft, send_by: datetime) -> int:
        with pytest.raises(Retryable):
            from returns_hub.flows.announce_return import announce_return
            from returns_hub.flows.receive_approved_return import parse

            announce_return(parse(bench.message()), second)
        made_during.append("tried")
        return create(draft, send_by)

    first.warehouse.create_external_return = slow_create  # type: ignore[method-assign]
    from returns_hub.flows.receive_approved_return import receive_approved_return

    receive_approved_return(bench.message(), first.stores, lambda _: first)

    assert made_during == ["tried"]
    assert len(bench.external_returns()) == 1


# -- shadow and the switch-over ---------------------------------------------------------------


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


# -- the timeline -----------------------------------------------------------------------------


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


@pytest.mark.parametrize("status", ["complete", "rejected"])
def test_a_record_whose_answer_was_lost_is_found_though_the_return_is_closed_by_now(
    status: str,
) -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.mintsoft.faults.add(Fault(FaultKind.RESET_AFTER, path=CREATE))
    with pytest.raises(UnknownOutcome):
        bench.approve()
    bench.redo.set_status(RETURN_ID, status)
    bench.clock.advance(minutes=4)

    assert bench.approve() == "skipped"

    assert bench.returns.find("example", 41) == RETURN_ID
    assert len(bench.external_returns()) == 1


def test_a_message_that_comes_back_goes_on_with_what_was_planned() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    text = bench.message(occurred_at="2026-03-02T08:59:00Z")
    bench.mintsoft.faults.add(Fault(FaultKind.HTML_429, path=CREATE))
    with pytest.raises(Retryable):
        bench.approve(text)

    assert bench.approve(text) == "announced"
    assert len(bench.external_returns()) == 1


def test_a_record_of_the_old_connector_is_adopted_for_one_shipment_only() -> None:
    bench = Bench(file=merchant_file(live_from="2026-04-01T00:00:00Z"))
    bench.file["flows"]["create_external_returns"] = {"mode": "live", "before_live_from": "adopt"}
    draft = ExternalReturnDraft(3, "#5501", "OLD", (ReturnItemDraft("TEE", 901, 1, 1),))
    bench.world().warehouse.create_external_return(draft, bench.clock.now())
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "TEE", shipmentGroupIds=["b"])]
    bench.put(redo_return(items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])]))

    bench.approve()

    assert [found.external_return_id for found in bench.state().shipments] == [41, None]


def test_a_product_id_that_was_refused_is_looked_up_anew_for_the_next_return() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    bench.catalogue.remember("example", {"TEE": 777})
    assert bench.approve() == "parked"
    other = "66aa01f0c0ffee0000000002"
    bench.put(redo_return([item(1, "TEE")], id=other))

    assert bench.approve(bench.message(return_id=other)) == "announced"


def test_a_line_that_joins_an_announced_shipment_later_gets_an_external_return_of_its_own() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))
    assert bench.approve() == "announced"
    for number, sku in ((2, "MUG"), (3, "CAP")):
        later = redo_return(
            [item(1, "TEE"), *(item(n, s) for n, s in ((2, "MUG"), (3, "CAP")) if n <= number)],
            updatedAt=f"2026-03-02T09:0{number}:00Z",
        )
        bench.put(later)
        bench.clock.advance(minutes=2)
        assert bench.approve(bench.message(occurred_at=f"2026-03-02T09:0{number}:00Z")), sku

    skus = [[row.sku for row in made.rows] for made in bench.external_returns()]
    assert skus == [["TEE"], ["MUG"], ["CAP"]]
    keys = [shipment.key for shipment in bench.state().shipments]
    assert len(set(keys)) == 3
    for record in bench.external_returns():
        bench.receive(record.id)
    bench.poll()
    assert bench.submissions() == {"item1": 1, "item2": 1, "item3": 1}
