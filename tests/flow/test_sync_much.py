"""A flow that keeps records in step: in shadow and then live, with much to do, and cut anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.domain.file_types import Mode
from returns_hub.flows.sync.shape import Change
from tests.support.power import Mains, Power, PowerCut
from tests.support.sync import AWAY, LOST, Row, SyncBench


@pytest.fixture
def it() -> SyncBench:
    return SyncBench()


def cursor_of(it: SyncBench) -> dict[str, Any]:
    return dict(it.cursors.read("sync/fake.records/example"))


def test_a_shadow_tells_what_it_would_do_and_writes_nothing(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    it.put("A", lines=60)
    it.put("B", skip="not ours")

    assert it.run() == {"shadow": 1, "skipped": 1}
    assert it.run() == {}
    assert it.kinds("A") == ["record_seen", *["would_send"] * 61, "record_settled"]
    assert it.written() == []
    assert it.ledger.rows == {}


def test_live_reads_again_and_does_what_the_shadow_would_have(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    it.put("A")
    for _ in range(5):
        it.run(days=1)
    it.put("B")
    it.run(days=1)
    it.source.mode = Mode.LIVE
    it.source.cut_after = 1

    assert it.run(minutes=1) == {"made": 1, "cut_off": 1}
    it.source.cut_after = None
    assert it.run(minutes=1) == {"made": 1}
    assert it.run() == {}
    assert it.partner.rows == {"A": "a", "B": "a"}


def test_what_is_not_done_at_once_after_the_switch_is_not_lost(it: SyncBench) -> None:
    it.source.mode = Mode.SHADOW
    it.put("A")
    it.run()
    it.source.mode = Mode.LIVE
    it.partner.trouble.append(("before", AWAY))

    assert it.run() == {"later": 1}
    assert it.run(days=3) == {"made": 1}


def test_what_live_began_waits_while_a_shadow_runs(it: SyncBench) -> None:
    it.put("A")
    it.put("B", away=True)
    it.put("C", waits=True)
    it.partner.trouble.append(("after", LOST))
    it.run()
    it.source.mode = Mode.SHADOW
    it.source.known["B"] = Change("B", *_rest(it, "B"), Row("a"))

    assert it.run(days=3) == {"waits_for_live": 1, "shadow": 1, "waiting": 1}
    it.run(days=3)
    it.source.mode = Mode.LIVE
    it.partner.ready.add("C")
    assert it.run() == {"made": 3}
    assert sorted(it.partner.rows) == ["A", "B", "C"]
    assert it.partner.twice() == []


def _rest(it: SyncBench, key: str) -> tuple[str, Any]:
    change = it.source.known[key]
    return change.version, change.at


# -- much of it ------------------------------------------------------------------------------------


def test_who_is_out_of_time_goes_on_at_the_next_tick(it: SyncBench) -> None:
    for number in range(10):
        it.put(f"k{number}")
    it.clock.left, it.partner.seconds = 60.0, 10.0

    assert it.run() == {"made": 2, "not_started": 1}
    it.clock.left = 60.0
    assert it.run(minutes=5) == {"made": 2, "not_started": 1}
    it.clock.left = 600.0
    assert it.run(minutes=5) == {"made": 6}
    assert it.run(minutes=5) == {"not_due": 1}
    assert it.partner.twice() == []


def test_a_record_of_many_steps_goes_on_where_it_was(it: SyncBench) -> None:
    it.put("A", lines=5)
    it.clock.left, it.partner.seconds = 65.0, 10.0

    assert it.run() == {"later": 1, "not_started": 1}
    assert it.written() == ["make", "line/0", "line/1"]
    it.clock.left = 600.0
    assert it.run(minutes=5) == {"in_step": 1}
    assert it.written() == ["make", *(f"line/{n}" for n in range(5))]


def test_many_that_wait_keep_nothing_new_from_being_done_and_each_gets_its_turn(
    it: SyncBench,
) -> None:
    for number in range(600):
        it.put(f"w{number}", waits=True)
    it.run(minutes=1)
    read = it.source.read

    def slowly(key: str) -> Any:
        it.clock.left -= 1.0
        return read(key)

    it.source.read = slowly
    for turn in range(5):
        it.put(f"new{turn}")
        it.clock.left = 300.0
        assert it.run()["made"] == 1
    assert {key for key in it.source.reads if key.startswith("w")} == {f"w{n}" for n in range(600)}


def test_five_thousand_changes_take_some_ticks_and_each_is_made_once(it: SyncBench) -> None:
    for number in range(5000):
        it.put(f"k{number}")
    it.partner.seconds = 0.1
    it.source.times = False
    loads = 0
    load = it.records.load

    def counted(*name: str) -> Any:
        nonlocal loads
        loads += 1
        return load(*name)

    it.records.load = counted
    ticks = 0
    while True:
        it.clock.left = 200.0
        ticks += 1
        if "not_started" not in it.run(minutes=5):
            break

    assert ticks == 4
    assert len(it.partner.rows) == 5000
    assert it.partner.twice() == []
    assert loads < 6000
    assert len(str(cursor_of(it))) < 200_000


# -- a process that ends anywhere ------------------------------------------------------------------


def test_every_call_can_be_its_last_and_nothing_is_lost_or_twice() -> None:
    calls: dict[str, tuple[str, ...]] = {
        "records": ("load", "append", "in_work"),
        "ledger": (),
        "cursors": (),
        "parking": (),
        "partner": ("write", "find"),
    }

    def life(cut_at: int | None) -> int:
        it = SyncBench()
        whole = {name: getattr(it, name) for name in calls}
        power = Power(10**9 if cut_at is None else cut_at)
        for name, of in calls.items():
            setattr(it, name, Mains(whole[name], power, *of))
        it.source.partner = it.partner
        it.put("A", lines=1)
        it.put("B", odd="makes no sense")
        it.put("C", skip="not ours")
        for tick in range(6):
            if tick == 1:
                it.put("A", "b", lines=1)
                it.put("B", "b")
            for act in (it.run, it.replay_all):
                try:
                    act()
                except PowerCut:
                    # The process is gone; another one begins.
                    power.left = 10**9
        used, power.left = 10**9 - power.left, 10**9
        assert whole["partner"].rows == {"A": "b", "B": "b"}, cut_at
        assert whole["partner"].lines == ["A/line/0"], cut_at
        assert whole["partner"].twice() == [], cut_at
        assert {it.state(key).in_work for key in "ABC"} == {False}, cut_at
        assert it.parked() == [], cut_at
        return used

    steps = life(None)
    assert steps > 60
    for cut_at in range(steps):
        life(cut_at)
