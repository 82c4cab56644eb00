"""One look: what fails, fails alone; what was not looked for stays; nothing counts before it is
kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from returns_hub.domain.drift.findings import Difference, Standing
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.look import NO_TIME, Looked, lease_name, look_at
from tests.support.drift import DriftBench, showing
from tests.support.worlds import merchant_file

BLANK = Difference("lint.sku_blank", "product 7", {"mintsoft": ""}, confirm=False)
STOCK = Difference(
    "stock.mintsoft_unleashed",
    "TEE @ 3",
    {"mintsoft": 5, "unleashed": 7},
    units=2,
    value=Decimal("19.90"),
    currency="GBP",
)
ORDER = Difference("orders.on_hold", "order 1", {"mintsoft": "ON HOLD"}, confirm=False)


@pytest.fixture
def bench() -> DriftBench:
    return DriftBench()


def raising(name: str, error: Exception, *first: Difference) -> Comparison:
    def differences(_: DriftWorld) -> Iterator[Difference]:
        yield from first
        raise error

    return Comparison(name, frozenset({STOCK.kind}), lambda _: True, differences)


def look(bench: DriftBench, *comparisons: Comparison, keep: bool = True) -> Looked:
    looked = look_at(bench.world(), comparisons=comparisons, keep=keep)
    assert looked is not None
    return looked


def standings(bench: DriftBench) -> dict[str, str]:
    rows = bench.findings.rows.values()
    return {finding.difference.subject: finding.standing.value for finding in rows}


def test_what_is_found_is_kept_from_look_to_look(bench: DriftBench) -> None:
    comparison = showing("all", [BLANK, STOCK])
    assert dict(look(bench, comparison).look.counted) == {BLANK.kind: 1}
    bench.later()
    second = look(bench, comparison)
    assert dict(second.look.counted) == {BLANK.kind: 1, STOCK.kind: 1}
    assert standings(bench) == {"product 7": "recurring", "TEE @ 3": "new"}
    bench.later()
    assert look(bench, showing("all", [BLANK], kinds=[STOCK.kind])).counts == {
        "recurring": 1,
        "resolved": 1,
        "not_compared": 0,
    }


@pytest.mark.parametrize(
    "error", [Permanent("x.y", "no such thing"), Retryable("x.y", "away"), KeyError("oops")]
)
def test_a_comparison_that_fails_fails_alone_and_resolves_nothing(
    bench: DriftBench, error: Exception
) -> None:
    look(bench, showing("stock", [STOCK]))
    bench.later()
    looked = look(bench, raising("stock", error), showing("orders", [ORDER]))
    assert list(looked.look.failed) == ["stock"]
    assert looked.look.kinds == {ORDER.kind}
    assert standings(bench) == {"TEE @ 3": "suspected", "order 1": "new"}


def test_what_a_failing_comparison_showed_before_it_failed_still_goes_on(
    bench: DriftBench,
) -> None:
    look(bench, showing("stock", [STOCK]))
    bench.later()
    look(bench, raising("stock", Retryable("x.y", "cut off"), STOCK))
    assert standings(bench) == {"TEE @ 3": "new"}


def test_a_fault_of_our_own_is_counted_and_its_words_are_not_told(bench: DriftBench) -> None:
    looked = look(bench, raising("stock", KeyError("buyer@example.test")))
    assert looked.look.failed == {"stock": "a fault of the hub's own (KeyError)"}
    assert bench.bench.telemetry.total("Faults") == 1


def test_what_there_is_no_time_for_is_told_and_not_resolved(bench: DriftBench) -> None:
    look(bench, showing("stock", [BLANK]))
    bench.later()
    bench.bench.clock.left = 80.0
    looked = look(bench, showing("stock", [], kinds=[BLANK.kind]))
    assert looked.look.failed == {"stock": NO_TIME}
    assert dict(looked.look.counted) == {BLANK.kind: 1}


def test_a_comparison_that_runs_out_of_time_is_given_up_before_the_end(bench: DriftBench) -> None:
    bench.bench.clock.left = 200.0

    def slow(world: DriftWorld) -> Iterator[Difference]:
        for number in range(100):
            bench.bench.clock.left -= 20
            yield replace(BLANK, subject=f"product {number}")

    looked = look(bench, Comparison("slow", frozenset({BLANK.kind}), lambda _: True, slow))
    assert looked.look.failed == {"slow": NO_TIME}
    assert sum(looked.look.counted.values()) == 8
    assert bench.bench.clock.left > 30


def noting(made: list[str], name: str) -> Comparison:
    def differences(_: DriftWorld) -> Iterator[Difference]:
        made.append(name)
        return iter(())

    return Comparison(name, frozenset({f"{name}.x"}), lambda _: True, differences)


def test_what_failed_last_time_comes_first_this_time(bench: DriftBench) -> None:
    made: list[str] = []
    look(bench, noting([], "orders"), raising("stock", Retryable("x.y", "away")))
    bench.later()
    look(bench, noting(made, "orders"), noting(made, "stock"))
    assert made == ["stock", "orders"]


def test_a_lint_takes_no_time_from_the_others_though_it_failed_last_time(bench: DriftBench) -> None:
    made: list[str] = []
    slow = raising("lint.skus", Retryable("x.y", "away"))
    look(bench, noting([], "orders"), noting([], "stock"), slow, noting([], "lint.maps"))
    bench.later()
    names = ("orders", "stock", "lint.maps", "lint.skus")
    look(bench, *(noting(made, name) for name in names))
    assert made == ["orders", "stock", "lint.skus", "lint.maps"]


def test_findings_of_an_area_that_is_switched_off_are_forgotten(bench: DriftBench) -> None:
    look(bench, showing("all", [BLANK, ORDER]))
    bench.bench.file = merchant_file(drift={"orders": False})
    bench.later()
    assert dict(look(bench, showing("lint", [BLANK])).look.counted) == {BLANK.kind: 1}
    assert standings(bench) == {"product 7": "recurring"}


def test_one_merchant_is_looked_at_once_at_a_time(bench: DriftBench) -> None:
    lease = bench.bench.cursors.acquire(lease_name("example"), "another", 60)
    assert look_at(bench.world(), comparisons=[showing("all", [BLANK])]) is None
    assert bench.findings.kept_looks == {}
    assert lease is not None
    bench.bench.cursors.release(lease)
    assert look_at(bench.world(), comparisons=[showing("all", [BLANK])]) is not None


def test_the_lease_is_given_back_also_when_the_look_cannot_be_kept(
    bench: DriftBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Retryable("dynamodb.away", "away")

    monkeypatch.setattr(bench.findings, "keep", away)
    with pytest.raises(Retryable):
        look(bench, showing("all", [BLANK]))
    assert bench.bench.cursors.acquire(lease_name("example"), "next", 60) is not None


def test_a_look_that_keeps_nothing_writes_nothing(bench: DriftBench) -> None:
    looked = look(bench, showing("all", [BLANK]), keep=False)
    assert dict(looked.look.counted) == {BLANK.kind: 1}
    assert (bench.findings.rows, bench.findings.kept_looks) == ({}, {})
    assert bench.bench.telemetry.counts == []


@pytest.mark.parametrize(
    ("settings", "over"),
    [
        ({}, True),
        ({"limit_findings": 1}, False),
        ({"limit_findings": 1, "limit_value": "19.89"}, True),
        ({"limit_findings": 1, "limit_value": "19.90"}, False),
        ({"limit_findings": 1, "limit_value": "1", "prices": "DKK"}, False),
    ],
)
def test_the_limit_is_the_merchants(
    bench: DriftBench, settings: dict[str, object], over: bool
) -> None:
    bench.bench.file = merchant_file(drift=settings)
    counting = replace(STOCK, confirm=False)
    assert look(bench, showing("all", [counting])).over_limit is over


def test_what_was_found_is_counted_by_kind_and_standing(bench: DriftBench) -> None:
    comparison = showing("all", [BLANK, STOCK])
    look(bench, comparison)
    bench.later()
    bench.bench.telemetry.counts.clear()
    look(bench, comparison)
    total = bench.bench.telemetry.total
    assert total("DriftFindings", merchant="example", outcome="new") == 1
    assert total("DriftFindings", merchant="example", outcome="recurring") == 1
    assert total("DriftFindings", merchant="example", outcome="resolved") == 0
    assert total("DriftFindings", merchant="example", code=STOCK.kind) == 1
    assert total("DriftUnits", merchant="example") == 2
    assert total("DriftValue", merchant="example", code="GBP") == pytest.approx(19.90)
    assert bench.bench.telemetry.lines[-1][0] == "looked for drift"


def test_parked_work_is_counted_apart(bench: DriftBench) -> None:
    world = bench.bench.world()
    world.park("flow", "id-1", Permanent("x.y", "odd"), subject="s", payload="{}")
    world.park("flow", "id-2", Permanent("x.y", "odd"), subject="s", payload="{}")
    world.park("flow", "id-3", Permanent("x.z", "odd"), subject="s", payload="{}")
    looked = look(bench, showing("all", []))
    assert dict(looked.look.apart) == {"parked": 3}
    assert dict(looked.look.counted) == {}


def test_words_of_partners_are_cut_and_hold_no_mail_address(bench: DriftBench) -> None:
    odd = Difference(
        "lint.sku_odd",
        "sku\n" + "x" * 300,
        {"mintsoft": "pat@example.test\x07" + "y" * 90},
        cause="c" * 900,
        confirm=False,
    )
    look(bench, showing("all", [odd]))
    (kept,) = bench.findings.rows.values()
    assert len(kept.difference.subject) == 200
    assert "\n" not in kept.difference.subject
    said = str(kept.difference.says["mintsoft"])
    assert len(said) <= 60
    assert "pat@" not in said
    assert said.isprintable()
    assert len(kept.difference.cause) == 400


def test_a_thousand_looks_at_a_moving_world_raise_no_false_alarm(bench: DriftBench) -> None:
    """Goods move all day, so that every look sees differences, and never the same ones."""
    for number in range(1000):
        moving = [
            replace(STOCK, subject=f"SKU-{n}", says={"mintsoft": number + n, "unleashed": 3})
            for n in range(number % 7)
        ]
        looked = look(bench, showing("stock", moving, kinds=[STOCK.kind]))
        assert dict(looked.look.counted) == {}
        bench.later(hours=6)


def test_a_finding_that_nobody_looks_for_any_more_ends(bench: DriftBench) -> None:
    look(bench, showing("all", [BLANK]))
    bench.later(days=29)
    assert dict(look(bench).look.counted) == {BLANK.kind: 1}
    bench.later(days=2)
    assert dict(look(bench).look.counted) == {}
    assert bench.findings.rows == {}


def test_progress_is_told(bench: DriftBench) -> None:
    told: list[tuple[float, str]] = []
    both = [showing("orders", []), showing("stock", [])]
    progress: Callable[[float, str], None] = lambda share, what: told.append((share, what))  # noqa: E731
    look_at(bench.world(), comparisons=both, progress=progress)
    assert told == [(0.0, "orders"), (0.5, "stock")]


def test_a_resolved_finding_that_comes_back_is_known(bench: DriftBench) -> None:
    look(bench, showing("all", [BLANK]))
    bench.later()
    look(bench, showing("all", [], kinds=[BLANK.kind]))
    bench.later(days=20)
    look(bench, showing("all", [BLANK]))
    (kept,) = bench.findings.rows.values()
    assert (kept.standing, kept.returned) == (Standing.NEW, 1)
    assert kept.resolved_at == kept.first_seen - timedelta(days=20)


def test_what_the_file_has_compared_no_more_is_forgotten_at_once(bench: DriftBench) -> None:
    """Nobody could mend it, and that it is mended nobody knows."""
    look(bench, showing("stock", [BLANK]), showing("orders", [ORDER]))
    bench.later()
    left = replace(showing("stock", [], kinds=[BLANK.kind]), applies=lambda _: False)
    looked = look(bench, left, showing("orders", [ORDER]))
    assert dict(looked.look.counted) == {ORDER.kind: 1}
    assert standings(bench) == {"order 1": "recurring"}


def test_what_is_put_off_stays(bench: DriftBench) -> None:
    look(bench, showing("lint", [BLANK]))
    bench.later()
    later = replace(
        showing("lint", [], kinds=[BLANK.kind]), applies=lambda _: False, is_put_off=lambda _: True
    )
    assert dict(look(bench, later).look.counted) == {BLANK.kind: 1}


def test_what_is_too_old_to_be_looked_at_is_not_resolved(bench: DriftBench) -> None:
    edge = bench.world().at - timedelta(days=30)
    old, young = (
        replace(ORDER, subject=name, since=edge + timedelta(hours=hours))
        for name, hours in (("old", 1), ("young", 48))
    )
    made = replace(
        showing("orders", [old, young]), looks_back_to=lambda w: w.at - timedelta(days=30)
    )
    look(bench, made)
    bench.later(hours=6)
    none = replace(showing("orders", [], kinds=[ORDER.kind]), looks_back_to=made.looks_back_to)
    assert dict(look(bench, none).look.counted) == {ORDER.kind: 1}
    assert standings(bench) == {"old": "new", "young": "resolved"}
