"""What stock intelligence advises is read when it is due, whole, and kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.errors import Misconfigured, Permanent
from returns_hub.flows.wair.advice import cursor_name, is_due, is_on, read_advice
from returns_hub.flows.wair.flows import FLOWS
from tests.support.fake_advice import AdviceBench, proposal, target
from tests.support.fakes import START

BOTH = {"targets": True, "transfers": True}


@pytest.fixture
def bench() -> AdviceBench:
    made = AdviceBench(wair={"advice": BOTH})
    made.advice.advised = [target("TEE"), target("CAP")]
    made.advice.confirmed = [(START - timedelta(days=9), proposal("R1"))]
    return made


def run(bench: AdviceBench, *, at_once: bool = False, **later: float) -> Any:
    bench.clock.advance(**later)
    return read_advice(bench.world(), at_once)


def skus(bench: AdviceBench) -> list[str]:
    return sorted(one.sku for one in bench.kept.targets("example"))


def references(bench: AdviceBench) -> list[str]:
    return sorted(one.reference for one in bench.kept.proposals("example"))


def test_it_is_one_of_the_ticks_flows_where_the_file_asks_for_it(bench: AdviceBench) -> None:
    flow = FLOWS["advice"]
    assert flow.is_on(bench.world().world.live.merchant)
    assert flow.run(bench.world(), False) == {"targets": 2, "transfers": 1}
    bench.set_wair(advice={})
    assert not is_on(bench.world().world.live.merchant)
    del bench.file["wair"]
    assert not is_on(bench.base().live.merchant)


def test_both_lists_are_read_once_in_their_time(bench: AdviceBench) -> None:
    assert is_due(bench.world(), bench.clock.now())
    assert run(bench) == {"targets": 2, "transfers": 1}
    assert (skus(bench), references(bench)) == (["CAP", "TEE"], ["R1"])
    assert bench.telemetry.total("StockAdvice", outcome="targets") == 2

    assert not is_due(bench.world(), bench.clock.now())
    assert run(bench, hours=23) == {}
    assert run(bench, at_once=True) == {"targets": 2, "transfers": 0}
    assert run(bench, hours=24) == {"targets": 2, "transfers": 0}


def test_only_what_the_file_asks_for_is_read(bench: AdviceBench) -> None:
    bench.set_wair(advice={"transfers": True})
    assert run(bench, at_once=True) == {"transfers": 1}
    assert [what for what, _ in bench.advice.asked] == ["transfers"]


def test_proposals_are_asked_for_from_a_day_before_the_last_reading(bench: AdviceBench) -> None:
    run(bench)
    late = proposal("R2")
    bench.advice.confirmed.append((START - timedelta(hours=20), late))
    assert run(bench, hours=24)["transfers"] == 1
    since = [since for what, since in bench.advice.asked if what == "transfers"]
    assert since == [None, START - timedelta(days=1)]


def test_a_list_that_is_cut_off_keeps_what_was_there_and_is_asked_for_again_soon(
    bench: AdviceBench,
) -> None:
    run(bench)
    bench.advice.advised = [target("MUG"), target("HAT")]
    bench.advice.confirmed += [(bench.clock.now(), proposal(f"R{n}")) for n in range(2, 60)]
    bench.advice.cut_after = 1

    assert run(bench, hours=24) == {"failed": 1}
    assert skus(bench) == ["CAP", "TEE"]
    assert not is_due(bench.world(), bench.clock.now() + timedelta(minutes=29))
    bench.advice.cut_after = None
    assert run(bench, minutes=30) == {"targets": 2, "transfers": 58}
    assert skus(bench) == ["HAT", "MUG"]
    assert [since for what, since in bench.advice.asked if what == "transfers"][1:] == [
        START - timedelta(days=1)
    ] * 2


def test_one_list_in_trouble_does_not_keep_the_other_from_being_read(bench: AdviceBench) -> None:
    bench.advice.away["targets"] = Misconfigured("wair.denied", "the login is refused")
    assert run(bench) == {"failed": 1, "transfers": 1}
    assert bench.telemetry.total("RunsFailed", flow="wair_sync.advice") == 1
    assert bench.telemetry.total("OperatorNeeded") == 1
    bench.advice.away = {"transfers": Permanent("wair.refused", "no such path")}
    assert run(bench, minutes=30) == {"targets": 2}


def test_a_run_that_meets_another_leaves(bench: AdviceBench) -> None:
    lease = bench.cursors.acquire(cursor_name("example"), "other", 60)
    assert lease is not None
    assert run(bench) == {}
    assert bench.advice.asked == []
    bench.cursors.release(lease)
    assert run(bench)["targets"] == 2


def test_a_run_that_lost_its_lease_moves_no_cursor(bench: AdviceBench) -> None:
    really = bench.advice.targets

    def meanwhile() -> Any:
        bench.clock.advance(hours=1)
        assert bench.cursors.acquire(cursor_name("example"), "other", 60)
        return really()

    bench.advice.targets = meanwhile  # type: ignore[method-assign]
    assert run(bench) == {}
    assert bench.cursors.read(cursor_name("example"))["targets_at"] == ""
