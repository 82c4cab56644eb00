"""A run on a slow machine is slow and no more; one that stands still says where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.run import patience
from local.run.patience import LONGEST_SECONDS, STILL_SECONDS, Patience, faults, standstill

FAULT = '{"level":"INFO","message":"fault","data":{"message_id":"m","fault":"ValueError"}}\n'


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(patience, "time", made)
    return made


def test_patience_is_counted_from_the_last_change(watch: Watch) -> None:
    kept = Patience(0)
    for turn in range(3):
        assert kept.lasts(turn)
        watch.now += STILL_SECONDS
        assert kept.lasts(turn)
    watch.now += 1

    assert not kept.lasts(2)
    assert kept.why == "nothing changed for 90 s"
    assert not kept.lasts("another change"), "it stays at an end"


def test_patience_has_a_hard_end_that_grows_with_the_returns(watch: Watch) -> None:
    few, many = Patience(9), Patience(1000)
    for turn in range(9):
        watch.now += (LONGEST_SECONDS + 8) / 9
        assert few.lasts(turn)
        assert many.lasts(turn)
    watch.now += 2

    assert not few.lasts(99)
    assert few.why == "not at rest after 309 s"
    assert many.lasts(99)


def test_a_standstill_tells_what_waits_and_what_failed_without_a_word_of_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "F.1.log").write_text(FAULT * 2 + '{"message":"fault","data":{"fa', "utf-8")
    (tmp_path / "F.2.log").write_text(FAULT + '{"message":"partner call"}\n', encoding="utf-8")
    failed = Counter({("F", "Sandbox.Timedout"): 5})

    world = world_of({"Q": (1, 4, 0), "R": (0, 0, 0)}, failed)

    assert list(standstill(world, tmp_path, {"a": 7})) == [
        "Q: 1 messages visible, 4 in work or waiting for another try, 0 delayed",
        "a: 7 runs over receipts so far",
        "F: invocations that failed with Sandbox.Timedout: 5",
        "F: faults in its log of kind ValueError: 3",
        "F: faults in its log of kind unknown: 1",
    ]


def test_a_standstill_without_a_failure_says_so(tmp_path: Path) -> None:
    assert list(standstill(world_of({"Q": (0, 0, 0)}, Counter()), tmp_path, {})) == [
        "no invocation failed, and no function logged a fault"
    ]
    assert not faults(tmp_path)


def world_of(queues: dict[str, tuple[int, int, int]], failed: Counter[tuple[str, str]]) -> Any:
    sources = [SimpleNamespace(queue=name) for name in queues]
    return SimpleNamespace(
        stack=SimpleNamespace(queue_sources=lambda: sources),
        waiting_how=queues.__getitem__,
        host=SimpleNamespace(failures=failed),
    )
