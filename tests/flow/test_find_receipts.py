"""What the warehouse confirmed is found: by each strategy, by the walk, and from the cursor on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.domain.returns import PortalReturn
from returns_hub.flows.cursor_names import receipts
from returns_hub.flows.find_receipts import choose
from returns_hub.ports import Capabilities
from tests.support.worlds import Bench, announced, item, shipment


def announced_apart(count: int) -> Bench:
    """A return with so many external returns, one for each of its lines; the first one is 41."""
    numbers = range(1, count + 1)
    items = [item(n, "TEE", shipmentGroupIds=[f"g{n}"]) for n in numbers]
    return announced(*items, shipments=[shipment(f"g{n}", [f"item{n}"]) for n in numbers])


def confirmed_apart(count: int) -> Bench:
    """The same, all of them confirmed."""
    bench = announced_apart(count)
    bench.mintsoft.settings = Settings(returns_list="honoured")
    bench.file["flows"]["process_receipts"]["strategy"] = "list"
    for made in bench.external_returns():
        bench.receive(made.id)
    return bench


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


def test_an_open_record_whose_other_parcel_never_comes_is_not_watched_for_ever() -> None:
    items = [item(1, "TEE", 2, shipmentGroupIds=["a"]), item(2, "MUG", shipmentGroupIds=["b"])]
    bench = announced(*items, shipments=[shipment("a", ["item1"]), shipment("b", ["item2"])])
    bench.receive(41, ("TEE", 1))
    assert bench.poll() == {"waiting": 1}
    bench.clock.advance(days=31)

    assert bench.poll() == {"stopped_watching": 1}
    assert bench.poll() == {}


def test_what_was_not_begun_is_the_first_thing_of_the_next_run() -> None:
    bench = confirmed_apart(7)
    bench.clock.left = 20
    assert bench.poll() == {"not_started": 7}
    bench.clock.left = 60

    assert sum(bench.poll().values()) == 7
    assert len(bench.submissions()) == 7


def test_the_cursor_stays_when_the_list_was_not_read_to_its_end() -> None:
    bench = confirmed_apart(1)
    bench.poll()
    before = bench.cursors.read("receipts/example")["since"]
    bench.file["flows"]["process_receipts"]["calls_per_run"] = 1
    bench.clock.advance(minutes=5)
    bench.poll()

    assert bench.cursors.read("receipts/example")["since"] == before


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
