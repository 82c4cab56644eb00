"""What the warehouse confirms is processed, flagged or skipped: R7 to R11, R16."""

from __future__ import annotations

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.facts import LinesCommitted, ReceiptTaken, WouldSend
from returns_hub.domain.notes import UNMATCHED_NOTE
from tests.support.worlds import RETURN_ID, Bench, announced, item, shipment


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
