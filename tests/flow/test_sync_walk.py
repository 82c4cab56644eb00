"""Anything in any order, and a process that may end anywhere: in the end all is in step, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from returns_hub.domain.file_types import Mode
from tests.support.power import Mains, Power, PowerCut
from tests.support.sync import AWAY, LOST, REFUSED, SyncBench

CALLS: dict[str, tuple[str, ...]] = {
    "records": ("load", "append", "in_work"),
    "ledger": (),
    "cursors": (),
    "parking": (),
    "partner": ("write", "find"),
}
TROUBLE = {"away": AWAY, "refused": REFUSED, "lost": LOST}
KEYS = st.sampled_from("ABC")
PUT = st.tuples(st.just("put"), KEYS, st.sampled_from("abcd"), st.integers(0, 2))
ACTS = st.one_of(
    PUT,
    PUT,
    st.tuples(st.just("lost midway"), KEYS, st.booleans()),
    st.tuples(st.just("odd"), KEYS),
    st.tuples(st.just("waits"), KEYS),
    st.tuples(st.just("trouble"), st.sampled_from(sorted(TROUBLE)), st.booleans()),
    st.tuples(st.just("run"), st.sampled_from([10, 120, 3600, 90_000])),
    st.tuples(st.just("run"), st.sampled_from([10, 120, 3600, 90_000])),
    st.tuples(st.just("cut"), st.integers(0, 80)),
    st.tuples(st.just("cut list"), st.integers(0, 3)),
    st.tuples(st.just("mode"), st.sampled_from(["live", "shadow", "off"])),
    st.tuples(st.just("replay")),
    st.tuples(st.just("short of time"), st.integers(30, 90)),
)

LEFT_IN_WORK = [("put", "B", "a", 1), ("lost midway", "A", True), ("lost midway", "A", False)]
"""B's line is sent without an answer."""

WAITS_THEN_LOOKED = [("waits", "B"), ("run", 3600), ("replay",), ("run", 3600)]
"""B waits though it was written, without an answer; a person looked."""


class Walk:
    """A bench behind the power, and what is done to it."""

    def __init__(self) -> None:
        self.it = SyncBench()
        self.whole = {name: getattr(self.it, name) for name in CALLS}
        self.power = Power(10**9)
        for name, calls in CALLS.items():
            setattr(self.it, name, Mains(self.whole[name], self.power, *calls))
        self.it.source.partner = self.it.partner
        self.it.source.first_look_back = timedelta(days=90)
        self.partner = self.whole["partner"]
        self.partner.seconds = 5.0

    def do(self, act: str, *with_: Any) -> None:
        it = self.it
        match act:
            case "put":
                key, value, lines = with_
                it.put(key, value, lines=lines)
            case "lost midway":
                key, is_done = with_
                it.put(key, "midway")
                self.do("trouble", "lost", is_done)
                self.do("run", 3600)
            case "odd":
                it.put(with_[0], odd="odd")
            case "waits":
                it.put(with_[0], waits=True)
            case "trouble":
                name, is_after = with_
                # What is known refused, or known not done, was not carried out.
                when = "after" if is_after and name == "lost" else "before"
                self.partner.trouble.append((when, TROUBLE[name]))
            case "run":
                self._powered(lambda: it.run(seconds=with_[0]))
            case "cut":
                self.power.left = with_[0]
            case "cut list":
                it.source.cut_after = with_[0]
            case "mode":
                it.source.mode = Mode(with_[0])
            case "replay":
                self._powered(it.replay_all)
            case "short of time":
                it.clock.left = float(with_[0])

    def _powered(self, act: Any) -> None:
        try:
            act()
        except PowerCut:
            self.power.left = 10**9

    def end(self) -> None:
        """All is well again, for some days."""
        it = self.it
        self.power.left = 10**9
        self.partner.trouble.clear()
        it.source.cut_after = None
        it.source.mode = Mode.LIVE
        it.partner.ready.update("ABC")
        for key, change in list(it.source.known.items()):
            if change.content.odd:
                it.put(key, "mended")
        for _ in range(5):
            it.clock.left = 600.0
            it.run(days=1)
            it.replay_all()


@settings(max_examples=400)
@example([*LEFT_IN_WORK, ("put", "B", "a", 0)])
@example([*LEFT_IN_WORK, ("lost midway", "B", False)])
@example([("trouble", "lost", True), ("put", "B", "b", 0), ("run", 3600), *WAITS_THEN_LOOKED])
@given(st.lists(ACTS, max_size=25))
def test_in_the_end_all_is_in_step_and_nothing_was_done_twice(acts: list[Any]) -> None:
    walk = Walk()
    for act in acts:
        walk.do(*act)
        walk.it.clock.advance(seconds=1)
    walk.end()

    it, partner = walk.it, walk.partner
    wanted = {key: change.content.value for key, change in it.source.known.items()}
    assert partner.rows == wanted
    assert partner.twice() == []
    made = [key for key in wanted if f"{key}" in partner.rows]
    assert sorted(made) == sorted(wanted)
    for key, change in it.source.known.items():
        lines = {line for line in partner.lines if line.startswith(f"{key}/")}
        assert lines >= {f"{key}/line/{n}" for n in range(change.content.lines)}
    assert len(set(partner.lines)) == len(partner.lines)
    assert it.parked() == []
    assert not any(it.state(key).in_work for key in wanted)
