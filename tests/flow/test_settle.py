"""What the warehouse confirms is processed, flagged or skipped: R7 to R11, R16."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.facts import LinesCommitted, ReceiptTaken, WouldSend
from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.domain.notes import UNMATCHED_NOTE
from returns_hub.domain.returns import PortalReturn
from returns_hub.flows.cursor_names import receipts
from returns_hub.flows.find_receipts import choose
from returns_hub.ports import Capabilities
from tests.support.worlds import RETURN_ID, Bench, item, redo_return, shipment


def announced(*items: dict[str, Any], **changes: Any) -> Bench:
    """A return whose goods are announced and on their way."""
    bench = Bench()
    bench.put(redo_return(list(items) or [item(1, "TEE")], **changes))
    assert bench.approve() == "announced"
    return bench


def restocked(bench: Bench) -> dict[str, bool]:
    bench.clock.advance(seconds=5)
    books = bench.redo.all_books()
    return {key.split("/")[1]: value for key, value in books["restocked"].items()}


def test_R7_a_tick_finds_what_was_confirmed_and_leaves_the_rest() -> None:
    bench = announced()

    assert bench.poll() == {}
    bench.receive(41)

    assert bench.poll() == {"processed": 1}
    assert bench.poll() == {}


def test_R8_all_skus_match_and_every_product_is_processed_with_restock() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG", 2))
    bench.receive(41)

    bench.poll()

    assert restocked(bench) == {"item1": True, "item2": True}
    assert bench.redo.returns[RETURN_ID]["status"] == "complete"
    assert bench.state().outcome == "processed"


def test_R8_restock_is_off_when_the_teams_setting_is_off() -> None:
    bench = announced()
    bench.file["flows"]["process_receipts"]["restock"] = False
    bench.receive(41)

    bench.poll()

    assert restocked(bench) == {"item1": False}


def test_R8_a_green_line_that_arrives_all_the_same_is_never_restocked() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG", greenReturn=True))
    bench.receive(41, ("TEE", 1), ("MUG", 1))

    bench.poll()

    assert restocked(bench) == {"item1": True, "item2": False}


def test_R9_an_unmatched_sku_flags_the_return_and_processes_nothing() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1), ("CAP", 1))

    assert bench.poll() == {"flagged": 1}

    assert bench.redo.returns[RETURN_ID]["status"] == "flagged"
    assert not bench.submissions()
    note = bench.comments()[-1]
    assert UNMATCHED_NOTE in note
    assert "CAP: expected 0, received 1" in note


@pytest.mark.parametrize("status", ["complete", "rejected", "deleted"])
def test_R10_a_closed_return_is_skipped(status: str) -> None:
    bench = announced()
    bench.redo.set_status(RETURN_ID, status)
    bench.receive(41)

    assert bench.poll() == {"skipped_closed": 1}
    assert not bench.submissions()
    assert bench.state().outcome == "withdrawn"


@pytest.mark.parametrize("method", ["refund", "store_credit", "exchange"])
def test_R11_what_the_customer_gets_follows_from_processing(method: str) -> None:
    bench = announced(item(1, "TEE"), compensationMethods=[method])
    bench.receive(41)

    bench.poll()
    bench.clock.advance(seconds=5)

    assert bench.redo.all_books()["payments"] == {f"{RETURN_ID}/item1": 1}


def test_the_customer_is_never_told_internal_words() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("CAP", 1))
    bench.poll()
    bench.receive(41)
    bench.poll()

    assert not bench.redo.books.customer_notes


def test_a_short_line_is_flagged_with_sku_expected_and_received() -> None:
    bench = announced(item(1, "TEE", 3))
    bench.receive(41, ("TEE", 2))

    assert bench.poll() == {"flagged": 1}
    assert "TEE: expected 3, received 2" in bench.comments()[-1]
    assert not bench.submissions()


def test_a_short_line_may_be_held_or_processed_by_setting() -> None:
    for setting, ending in (("hold", "held"), ("process", "processed")):
        bench = announced(item(1, "TEE", 3))
        bench.file["flows"]["process_receipts"]["policy"] = {"lines": {"short": setting}}
        bench.receive(41, ("TEE", 2))
        assert bench.poll() == {ending: 1}


def test_a_line_that_did_not_arrive_stays_open_while_the_other_is_processed() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))

    assert bench.poll() == {"processed_in_part": 1}
    assert bench.submissions() == {"item1": 1}


def test_R16_the_rest_of_a_return_comes_with_a_later_confirmation() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    bench.poll()
    bench.receive(41, ("TEE", 1), ("MUG", 1))

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_R16_one_row_for_each_serial_number_adds_up() -> None:
    bench = announced(item(1, "TEE", 3))
    bench.clock.advance(minutes=1)
    bench.mintsoft.receive(41, [{"sku": "TEE", "quantity": 3, "serials": ["a", "b", "c"]}])

    assert bench.poll() == {"processed": 1}
    assert bench.facts(ReceiptTaken)[0].units == {"TEE": 3}


def test_R16_several_external_returns_of_one_return_never_process_an_item_twice() -> None:
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "TEE", shipmentGroupIds=["b"])]
    bench = announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])
    bench.receive(41)
    bench.poll()
    bench.receive(42)
    bench.poll()
    bench.receive(41)
    bench.poll()

    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_R16_a_line_in_two_parcels_waits_for_the_second() -> None:
    items = [item(1, "TEE", 2, shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench = announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])
    bench.receive(41, ("TEE", 1))
    assert bench.poll() == {"waiting": 1}
    bench.receive(42, ("TEE", 1), ("MUG", 1))

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_a_record_that_is_only_touched_processes_nothing_again() -> None:
    bench = announced()
    bench.receive(41)
    bench.poll()
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    bench.receive(41)
    bench.poll()

    assert bench.submissions() == {"item1": 1}


def test_more_than_announced_is_processed_and_said() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41, ("TEE", 3))

    bench.poll()

    outcomes = {finding.outcome.value for finding in bench.facts(ReceiptTaken)[0].findings}
    assert outcomes == {"matched", "over"}


def test_the_return_is_read_again_and_only_open_items_are_sent() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.redo.returns[RETURN_ID]["items"][0]["status"] = "complete"
    bench.receive(41)

    bench.poll()

    assert bench.submissions() == {"item2": 1}


def test_an_unknown_line_status_leads_to_no_payment() -> None:
    bench = announced(item(1, "TEE"))
    bench.redo.returns[RETURN_ID]["items"][0]["status"] = "marinating"
    bench.receive(41)

    assert bench.poll() == {"flagged": 1}
    assert not bench.submissions()


@pytest.mark.off_contract("a word that Redo may add")
def test_an_unknown_return_status_parks_the_receipt() -> None:
    bench = announced(item(1, "TEE"))
    bench.redo.returns[RETURN_ID]["status"] = "awaiting_owl"
    bench.receive(41)

    assert bench.poll() == {"parked": 1}
    assert bench.state().outcome == "parked"
    assert bench.poll() == {}


def test_shadow_processes_nothing_and_records_what_it_would_do() -> None:
    bench = announced(item(1, "TEE"))
    bench.file["flows"]["process_receipts"]["mode"] = "shadow"
    bench.receive(41)

    assert bench.poll() == {"shadow": 1}
    assert not bench.submissions()
    assert bench.facts(WouldSend)[0].summary == "TEE (restock)"


# -- money is never paid on a guess -----------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER, FaultKind.TIMEOUT_AFTER]
)
def test_a_process_call_whose_answer_is_lost_is_watched_not_repeated(kind: FaultKind) -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41)
    bench.redo.faults.add(Fault(kind, path="process"))

    assert bench.poll() == {"later": 1}
    bench.clock.advance(minutes=5)

    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1}


def test_a_process_call_that_left_no_trace_goes_to_a_person_in_the_end() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="process"))
    endings = []
    for _ in range(8):
        endings.append(bench.poll())
        bench.clock.advance(minutes=5)

    assert endings[0] == {"later": 1}
    assert {"parked": 1} in endings
    assert bench.submissions() == {"item1": 1}
    (parked,) = bench.parking.list_parked("example")
    assert "look at the return there" in parked.reason


def test_a_token_without_its_scope_makes_the_receipt_wait() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41)
    bench.redo.tokens["redo-token"] = frozenset({"returns_read"})

    assert bench.poll() == {"later": 1}

    assert not bench.parking.list_parked("example")
    assert bench.telemetry.total("Misconfigured", code="redo.forbidden") == 1
    bench.redo.tokens["redo-token"] = frozenset({"returns_read", "returns_write"})
    assert bench.poll() == {"processed": 1}
    assert bench.submissions() == {"item1": 1}


def test_a_flag_whose_answer_is_lost_leaves_one_note_and_one_flag() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41, ("CAP", 1))
    bench.redo.faults.add(Fault(FaultKind.RESET_AFTER, path="status", method="PUT"))
    assert bench.poll() == {"later": 1}
    bench.clock.advance(minutes=5)

    assert bench.poll() == {"flagged": 1}
    assert bench.redo.books.statuses[RETURN_ID] == ["flagged"]
    assert len(bench.comments()) == 2


def test_a_run_that_dies_between_committing_and_sending_is_finished_by_the_next() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41)
    world = bench.world()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    world.portal.process = die  # type: ignore[method-assign, assignment]
    from returns_hub.flows.process_receipts import process_receipts

    with pytest.raises(KeyboardInterrupt):
        process_receipts(world)
    assert len(bench.facts(LinesCommitted)) == 1
    bench.redo.set_status(RETURN_ID, "delivered")
    bench.clock.advance(minutes=30)

    # The claim was never settled and nothing shows at the portal, so a person decides.
    assert bench.poll() == {"parked": 1}
    assert bench.poll() == {}
    assert not bench.submissions()
    assert bench.state().outcome == "parked"


# -- finding receipts -------------------------------------------------------------------------


def test_auto_takes_the_best_strategy_that_is_proven() -> None:
    auto = ReceiptStrategy.AUTO
    assert choose(auto, Capabilities()) is ReceiptStrategy.DUE_IDS
    assert choose(auto, Capabilities(by_date_is_updated=True)) is ReceiptStrategy.BY_DATE
    assert choose(auto, Capabilities(returns_list=True)) is ReceiptStrategy.LIST
    assert choose(ReceiptStrategy.DUE_IDS, Capabilities(returns_list=True)) is (
        ReceiptStrategy.DUE_IDS
    )


@pytest.mark.parametrize("strategy", ["list", "by_date", "due_ids"])
def test_every_strategy_finds_each_receipt_once(strategy: str) -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = strategy
    bench.receive(41)

    assert bench.poll() == {"processed": 1}
    bench.clock.advance(minutes=5)
    assert bench.poll() == {}
    assert bench.submissions() == {"item1": 1}


@pytest.mark.parametrize("strategy", ["list", "by_date"])
def test_two_receipts_at_the_same_moment_are_both_dealt_with(strategy: str) -> None:
    items = [item(1, "TEE", shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench = announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = strategy
    bench.clock.advance(minutes=1)
    bench.mintsoft.receive(41)
    bench.mintsoft.receive(42)

    bench.poll()

    assert bench.submissions() == {"item1": 1, "item2": 1}


def test_a_row_that_drifted_off_the_list_is_found_by_the_walk_over_open_ones() -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="honoured", index_delay_seconds=10_000)
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    bench.receive(41)

    assert bench.poll() == {"processed": 1}


def announced_apart(count: int) -> Bench:
    """A return with so many external returns, one for each of its lines; the first one is 41."""
    items = [item(number, "TEE") for number in range(1, count + 1)]
    parcels = [shipment(f"g{number}", [f"item{number}"]) for number in range(1, count + 1)]
    return announced(*items, shipments=parcels)


@pytest.mark.parametrize("strategy", ["due_ids", "by_date"])
def test_a_record_that_cannot_be_read_holds_up_no_other(strategy: str) -> None:
    bench = announced_apart(2)
    bench.file["flows"]["process_receipts"]["strategy"] = strategy
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/Return/41$", times=None))
    bench.receive(42)

    assert bench.poll() == {"processed_in_part": 1}

    assert bench.state().receipt(42) is not None
    assert bench.cursors.standing(receipts("example")).failing == "mintsoft.down"


def test_the_walk_gets_past_a_last_record_that_cannot_be_read() -> None:
    bench = announced_apart(2)
    bench.file["flows"]["process_receipts"] |= {"strategy": "due_ids", "calls_per_run": 1}
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/Return/42$", times=None))

    assert [bench.poll() for _ in range(3)] == [{}, {}, {}]
    bench.receive(41)

    assert {"processed_in_part": 1} in [bench.poll() for _ in range(3)]


def test_a_warehouse_that_cannot_be_read_fails_the_run_and_nothing_is_passed() -> None:
    bench = announced_apart(4)
    bench.file["flows"]["process_receipts"]["strategy"] = "due_ids"
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/Return/4[234]$", times=None))

    assert bench.poll() == {"failed": 1}
    assert bench.cursors.read(receipts("example")) == {}


def test_records_of_which_none_can_be_read_fail_the_run() -> None:
    bench = announced_apart(2)
    bench.file["flows"]["process_receipts"]["strategy"] = "due_ids"
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, path="/Return/4.$", times=None))

    assert bench.poll() == {"failed": 1}


def test_a_list_without_items_is_read_record_by_record() -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="honoured", items_in_lists=False)
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    bench.receive(41)

    assert bench.poll() == {"processed": 1}


def test_records_of_other_clients_and_of_nobody_are_left_alone() -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    from returns_hub.ports import ExternalReturnDraft, ReturnItemDraft

    draft = ExternalReturnDraft(3, "by hand", "x", (ReturnItemDraft("TEE", 901, 1, 1),))
    bench.world().warehouse.create_external_return(draft, bench.clock.now())
    bench.receive(42)

    assert bench.poll() == {"not_ours": 1}
    assert bench.poll() == {}


def test_a_portal_outage_holds_the_cursor_and_loses_nothing() -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    bench.receive(41)
    bench.to_redo.refuse = True
    assert bench.poll() == {"later": 1}
    bench.clock.advance(days=2)
    bench.to_redo.refuse = False

    assert bench.poll() == {"processed": 1}


def test_the_cursor_never_passes_a_receipt_that_is_not_dealt_with() -> None:
    bench = announced(item(1, "TEE"))
    bench.poll()
    bench.receive(41)
    confirmed_at = bench.mintsoft.returns[41].updated_at
    bench.to_redo.refuse = True
    for _ in range(3):
        bench.clock.advance(minutes=5)
        assert bench.poll() == {"later": 1}
        since = bench.cursors.read("receipts/example")["since"]
        assert datetime.fromisoformat(since) <= confirmed_at


def test_a_warehouse_outage_fails_the_run_and_moves_nothing() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41)
    bench.poll()
    before = bench.cursors.read("receipts/example")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    bench.mintsoft.faults.add(Fault(FaultKind.HTML_429, times=None))

    assert bench.poll() == {"failed": 1}
    assert bench.cursors.read("receipts/example") == before


def test_a_tick_that_overlaps_another_leaves() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41)
    bench.cursors.acquire("receipts/example", "another run", 60)

    assert bench.poll() == {}
    assert not bench.submissions()


def test_little_time_left_begins_nothing_and_passes_nothing_over() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41)
    bench.clock.left = 20

    assert bench.poll() == {"not_started": 1}
    bench.clock.left = 60
    assert bench.poll() == {"processed": 1}


def test_the_probe_proves_the_marker_look_up_by_itself() -> None:
    bench = announced(item(1, "TEE"))

    bench.poll()

    assert bench.capabilities.get("example").marker_look_up is True
    assert bench.capabilities.get("example").returns_list is False


def test_a_list_that_ignores_its_filter_is_not_trusted() -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="ignores_filter")

    bench.poll()

    assert bench.capabilities.get("example").returns_list is False


def test_a_record_that_never_fills_up_ends_with_a_flag() -> None:
    """The portal holds what was processed until the rest comes, so somebody has to be told."""
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41, ("TEE", 1))
    assert bench.poll() == {"processed_in_part": 1}
    bench.clock.advance(days=13)
    assert bench.poll() == {}
    bench.clock.advance(days=2)

    assert bench.poll() == {"flagged": 1}
    assert bench.poll() == {}
    assert "MUG: expected 1, received 0" in bench.comments()[-1]


def test_an_open_record_whose_other_parcel_never_comes_is_not_watched_for_ever() -> None:
    items = [item(1, "TEE", 2, shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench = announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])
    bench.receive(41, ("TEE", 1))
    assert bench.poll() == {"waiting": 1}
    bench.clock.advance(days=31)

    assert bench.poll() == {"stopped_watching": 1}
    assert bench.poll() == {}


# -- what only deliberate defects showed to be untested --------------------------------------------


def parcels(count: int) -> Bench:
    """A return of as many parcels, each with one line, all of them confirmed."""
    items = [item(n, "TEE", shipmentGroupIds=[f"g{n}"]) for n in range(1, count + 1)]
    groups = [shipment(f"g{n}", [f"item{n}"]) for n in range(1, count + 1)]
    bench = announced(*items, shipments=groups)
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    for made in bench.external_returns():
        bench.receive(made.id)
    return bench


def test_what_was_not_begun_is_the_first_thing_of_the_next_run() -> None:
    bench = parcels(7)
    bench.clock.left = 20
    assert bench.poll() == {"not_started": 7}
    bench.clock.left = 60

    assert sum(bench.poll().values()) == 7
    assert len(bench.submissions()) == 7


def test_the_cursor_stays_when_the_list_was_not_read_to_its_end() -> None:
    bench = parcels(1)
    bench.poll()
    before = bench.cursors.read("receipts/example")["since"]
    bench.file["flows"]["process_receipts"]["calls_per_run"] = 1
    bench.clock.advance(minutes=5)
    bench.poll()

    assert bench.cursors.read("receipts/example")["since"] == before


@pytest.mark.parametrize("setting", ["flag", "hold", "process"])
def test_a_short_line_waits_while_another_parcel_may_fill_it(setting: str) -> None:
    items = [item(1, "TEE", 2, shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench = announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])
    bench.file["flows"]["process_receipts"]["policy"] = {"lines": {"short": setting}}
    bench.receive(41, ("TEE", 1))

    assert bench.poll() == {"waiting": 1}
    assert not bench.submissions()


def test_a_flag_is_never_set_before_its_note_is_there() -> None:
    bench = announced(item(1, "TEE"))
    bench.receive(41, ("CAP", 1))
    bench.redo.faults.add(Fault(FaultKind.RESET_BEFORE, path="comments", method="POST"))

    assert bench.poll() == {"later": 1}
    assert bench.redo.returns[RETURN_ID]["status"] != "flagged"


def test_a_line_that_the_team_finished_meanwhile_is_not_sent_any_more() -> None:
    bench = announced(item(1, "TEE"), item(2, "MUG"))
    bench.receive(41)
    bench.redo.faults.add(Fault(FaultKind.HTML_429, path="process"))
    assert bench.poll() == {"later": 1}
    bench.redo.returns[RETURN_ID]["items"][0]["status"] = "complete"
    bench.clock.advance(minutes=5)

    bench.poll()

    assert bench.submissions() == {"item2": 1}


def test_the_lease_lasts_as_long_as_its_run() -> None:
    from returns_hub.flows.process_receipts import process_receipts

    bench = announced(item(1, "TEE"))
    bench.receive(41)
    bench.clock.left = 110
    world = bench.world()
    read = world.portal.read_return
    meanwhile: list[dict[str, int]] = []

    def slow(return_id: str) -> PortalReturn:
        bench.clock.advance(seconds=100)
        meanwhile.append(bench.poll())
        return read(return_id)

    world.portal.read_return = slow  # type: ignore[method-assign]

    assert process_receipts(world) == {"processed": 1}
    assert meanwhile == [{}]


def test_a_change_that_the_list_shows_late_is_not_missed() -> None:
    bench = announced(item(1, "TEE"))
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    bench.receive(41)
    assert bench.poll() == {"processed": 1}
    bench.clock.advance(hours=3)
    assert bench.poll() == {}
    bench.receive(41, ("TEE", 1), ("CAP", 1))
    bench.mintsoft.returns[41].updated_at -= timedelta(minutes=30)

    assert bench.poll() == {"skipped_closed": 1}
