"""Orders that were cancelled or edited upstream, over Mintsoft's simulator, stage by stage."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.operations import Inconclusive, marker_of
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.errors import UnknownOutcome
from tests.support.order_change_worlds import ChangeBench
from tests.support.order_worlds import LATER, draft

HELD_TOO = Settings(cancels_held=True)
REFUSES = Settings()


# -- cancelled, stage by stage --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "settings", "ended", "stands", "flagged", "asked"),
    [
        ("NEW", REFUSES, "cancelled", "CANCELLED", 0, None),
        ("HOLDING", HELD_TOO, "cancelled", "CANCELLED", 0, None),
        ("ONBACKORDER", HELD_TOO, "cancelled", "CANCELLED", 0, None),
        ("HOLDING", REFUSES, "parked", "HOLDING", 1, "order_change.not_cancelled"),
        ("ONBACKORDER", REFUSES, "parked", "ONBACKORDER", 1, "order_change.not_cancelled"),
        ("PRINTED", REFUSES, "parked", "PRINTED", 1, "order_change.in_work"),
        ("PICKED", HELD_TOO, "parked", "PICKED", 1, "order_change.in_work"),
        ("DESPATCHED", REFUSES, "parked", "DESPATCHED", 0, "order_change.too_late"),
        ("FAILED", REFUSES, "parked", "FAILED", 0, "order_change.unclear"),
        ("CANCELLED", REFUSES, "skipped", "CANCELLED", 0, None),
    ],
)
def test_what_a_cancellation_comes_to_hangs_on_how_far_the_order_is(
    status: str, settings: Settings, ended: str, stands: str, flagged: int, asked: str | None
) -> None:
    bench = ChangeBench(settings)
    order = bench.order(status=status)
    assert bench.told() == ended
    assert bench.stands(order) == stands
    assert len(bench.comments_on(order)) == flagged
    assert bench.parked() == ([asked] if asked else [])
    before = bench.writes()
    assert bench.told() == ("parked" if asked else "known")
    assert bench.writes() == before


def test_with_cancelling_off_an_order_is_only_flagged() -> None:
    bench = ChangeBench(cancel=False)
    order = bench.order()
    assert bench.told() == "parked"
    assert (bench.stands(order), len(bench.comments_on(order))) == ("NEW", 1)
    assert bench.parked() == ["order_change.flag_only"]
    assert "order_changes.cancel is off" in bench.reason()


def test_units_that_are_fixed_to_a_pick_keep_a_new_order_from_being_cancelled() -> None:
    bench = ChangeBench()
    order = bench.order()
    bench.mintsoft.orders[order].items[0].committed = 1
    assert bench.told() == "parked"
    assert (bench.stands(order), bench.parked()) == ("NEW", ["order_change.in_work"])


def test_a_comment_carries_the_marker_by_which_it_is_looked_up() -> None:
    bench = ChangeBench()
    order = bench.order(status="PICKED")
    bench.told()
    (text,) = bench.comments_on(order)
    (step,) = (s for s in bench.record().steps if s.name.startswith("flag/"))
    assert text.endswith(f"[{marker_of(bench.record().operation_key(step.name))}]")
    assert "was cancelled upstream" in text


def test_an_order_that_goes_into_work_while_it_is_cancelled_is_flagged_at_once() -> None:
    bench = ChangeBench()
    order = bench.order()
    cancel = bench.orders.cancel_order

    def too_late(*arguments: Any, **more: Any) -> None:
        bench.mintsoft.set_status(order, 17)
        cancel(*arguments, **more)

    bench.orders.cancel_order = too_late  # type: ignore[method-assign]
    assert bench.told() == "parked"
    assert (bench.stands(order), len(bench.comments_on(order))) == ("PICKED", 1)
    assert bench.parked() == ["order_change.in_work"]


def test_a_cancel_that_mintsoft_takes_and_does_not_do_is_seen() -> None:
    bench = ChangeBench()
    order = bench.order()
    bench.orders.cancel_order = lambda *_, **__: None  # type: ignore[method-assign]
    assert bench.told() == "parked"
    assert bench.stands(order) == "NEW"
    assert bench.parked() == ["order_change.not_cancelled"]


# -- split and merged -----------------------------------------------------------------------------


def test_every_part_of_a_split_order_is_cancelled() -> None:
    bench = ChangeBench()
    first = bench.order("1001", ("TEE", 2))
    second = bench.split(first, {"TEE": 1})
    assert bench.told() == "cancelled"
    assert bench.cancelled() == [first, second]


def test_of_a_split_order_what_can_be_stopped_is_and_a_person_sees_to_the_rest() -> None:
    bench = ChangeBench()
    first = bench.order("1001", ("TEE", 3))
    gone, picked = bench.split(first, {"TEE": 1}), bench.split(first, {"TEE": 1})
    bench.despatch(gone)
    bench.mintsoft.set_status(picked, 17)
    assert bench.told() == "parked"
    assert [bench.stands(one) for one in (first, gone, picked)] == [
        "CANCELLED",
        "DESPATCHED",
        "PICKED",
    ]
    assert [len(bench.comments_on(one)) for one in (first, gone, picked)] == [0, 0, 1]
    assert bench.parked() == ["order_change.too_late"]
    assert str(gone) in bench.reason()
    assert str(picked) in bench.reason()


def test_a_part_that_mintsoft_does_not_show_yet_is_waited_for() -> None:
    bench = ChangeBench()
    first = bench.order("1001", ("TEE", 2))
    bench.mintsoft.orders[first].parts = 2
    text = bench.message()
    assert bench.again(text) == "comes back: order_change.waits"
    assert bench.stands(first) == "CANCELLED"
    assert bench.until_end(text, 150) == "parked"
    assert bench.parked() == ["order_change.parts_missing"]


@pytest.mark.parametrize("kind", ["cancelled", "edited"])
def test_an_order_that_was_merged_with_another_is_never_cancelled(kind: str) -> None:
    bench = ChangeBench()
    order, other = bench.order("1001"), bench.order("1002", ("MUG", 1))
    bench.order("1001-1")
    bench.merge(order, other)
    replaced = {"replaced_by": "1001-1"} if kind == "edited" else {}
    assert bench.told(kind=kind, **replaced) == "parked"
    assert (bench.stands(order), len(bench.comments_on(order))) == ("NEW", 1)
    assert bench.parked() == ["order_change.merged"]


# -- edited ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "replacement", "ended", "stands", "asked"),
    [
        ("NEW", "NEW", "cancelled", "CANCELLED", None),
        ("NEW", "PICKED", "cancelled", "CANCELLED", None),
        ("NEW", "DESPATCHED", "cancelled", "CANCELLED", None),
        ("HOLDING", "NEW", "cancelled", "CANCELLED", None),
        ("ONBACKORDER", "NEW", "cancelled", "CANCELLED", None),
        ("PICKED", "NEW", "parked", "PICKED", "order_change.duplicate"),
        ("DESPATCHED", "NEW", "parked", "DESPATCHED", "order_change.duplicate"),
        ("DESPATCHED", "DESPATCHED", "parked", "DESPATCHED", "order_change.duplicate"),
        ("FAILED", "NEW", "parked", "FAILED", "order_change.unclear"),
        ("CANCELLED", "NEW", "skipped", "CANCELLED", None),
    ],
)
def test_what_an_edit_comes_to_when_the_order_that_replaces_it_is_there(
    status: str, replacement: str, ended: str, stands: str, asked: str | None
) -> None:
    bench = ChangeBench(HELD_TOO)
    order = bench.order(status=status)
    other = bench.order("1001-1", ("TEE", 2), status=replacement)
    assert bench.edited() == ended
    assert bench.stands(order) == stands
    assert bench.stands(other) == replacement
    assert bench.parked() == ([asked] if asked else [])
    flags = 1 if asked == "order_change.duplicate" else 0
    assert [len(bench.comments_on(one)) for one in (order, other)] == [flags, flags]


@pytest.mark.parametrize("state", ["absent", "CANCELLED", "FAILED", "empty"])
def test_the_original_stays_until_the_order_that_replaces_it_can_be_counted_on(state: str) -> None:
    bench = ChangeBench()
    order = bench.order()
    if state != "absent":
        other = bench.order("1001-1", status="NEW" if state == "empty" else state)
        if state == "empty":
            bench.mintsoft.orders[other].items = []
    text = bench.message(kind="edited", replaced_by="1001-1")
    assert bench.again(text) == "comes back: order_change.waits"
    assert (bench.stands(order), len(bench.comments_on(order))) == ("NEW", 1)
    bench.clock.advance(hours=23)
    assert bench.again(text) == "comes back: order_change.waits"
    bench.clock.advance(hours=1)
    assert bench.again(text) == "parked"
    assert bench.parked() == ["order_change.no_replacement"]
    assert (bench.stands(order), len(bench.comments_on(order))) == ("NEW", 1)


def test_the_original_is_cancelled_when_its_replacement_comes() -> None:
    bench = ChangeBench()
    order = bench.order()
    text = bench.message(kind="edited", replaced_by="1001-1")
    assert bench.again(text) == "comes back: order_change.waits"
    bench.order("1001-1")
    assert bench.again(text) == "cancelled"
    assert bench.cancelled() == [order]


def test_an_edit_that_names_no_replacement_flags_and_waits_for_one_that_does() -> None:
    bench = ChangeBench()
    order, _ = bench.order(), bench.order("1001-1")
    first = bench.message(kind="edited")
    assert bench.again(first) == "comes back: order_change.waits"
    assert len(bench.comments_on(order)) == 1
    bench.clock.advance(minutes=1)
    assert bench.edited(change_id="ch-2") == "cancelled"
    assert bench.again(first) == "overruled"
    assert bench.cancelled() == [order]


def test_an_edit_without_a_replacement_of_an_order_that_left_is_too_late() -> None:
    bench = ChangeBench()
    bench.order(status="DESPATCHED")
    assert bench.edited(None) == "parked"
    assert bench.parked() == ["order_change.too_late"]


def test_a_split_original_of_which_a_part_left_is_not_cancelled() -> None:
    bench = ChangeBench()
    order = bench.order("1001", ("TEE", 2))
    bench.despatch(bench.split(order, {"TEE": 1}))
    bench.order("1001-1")
    assert bench.edited() == "parked"
    assert (bench.stands(order), bench.parked()) == ("NEW", ["order_change.duplicate"])


@pytest.mark.parametrize("first", [1, 2])
def test_an_edit_of_an_edit_leads_to_the_order_that_is_sent(first: int) -> None:
    bench = ChangeBench()
    order, last = bench.order("1001"), bench.order("1001-2")
    one = bench.message("ch-1", kind="edited", replaced_by="1001-1")
    two = bench.message("ch-2", order="1001-1", kind="edited", replaced_by="1001-2")
    for text in [one, two] if first == 1 else [two, one]:
        bench.again(text)
    assert bench.again(one) in {"cancelled", "known"}
    assert bench.cancelled() == [order]
    assert bench.stands(last) == "NEW"


def test_an_edit_whose_replacement_was_cancelled_upstream_is_asked_about_at_once() -> None:
    bench = ChangeBench()
    order, other = bench.order("1001"), bench.order("1001-1")
    assert bench.told("ch-2", order="1001-1") == "cancelled"
    assert bench.edited() == "parked"
    assert bench.parked() == ["order_change.replacement_cancelled"]
    assert bench.cancelled() == [other]
    assert (bench.stands(order), len(bench.comments_on(order))) == ("NEW", 1)


def test_edits_that_name_each_other_come_to_an_end() -> None:
    bench = ChangeBench()
    order = bench.order("1001")
    bench.told("ch-1", order="1001-1", kind="edited", replaced_by="1001-2")
    bench.told("ch-2", order="1001-2", kind="edited", replaced_by="1001-1")
    assert bench.edited(change_id="ch-3") == "comes back: order_change.waits"
    assert bench.stands(order) == "NEW"


# -- before the order came, and before the merchant went live -------------------------------------


def test_a_change_that_comes_before_its_order_waits_for_it() -> None:
    bench = ChangeBench()
    text = bench.message()
    assert bench.again(text) == "comes back: order_change.waits"
    order = bench.order()
    assert bench.again(text) == "cancelled"
    assert bench.cancelled() == [order]


def test_an_order_that_never_comes_is_told_and_left() -> None:
    bench = ChangeBench()
    text = bench.message()
    assert bench.until_end(text, 150) == "skipped"
    assert bench.record().skips == ("order_change.no_such_order",)
    assert bench.parked() == []


def test_what_mintsoft_cannot_be_searched_for_goes_to_a_person_in_the_end() -> None:
    bench = ChangeBench()
    doubt = Inconclusive("it has too many orders to look through")
    bench.orders.find_order = lambda *_, **__: doubt  # type: ignore[method-assign]
    assert bench.until_end(bench.message(), 150) == "parked"
    assert bench.parked() == ["order_change.cannot_look"]


def test_a_change_of_before_live_from_is_left() -> None:
    bench = ChangeBench()
    order = bench.order()
    before = (bench.clock.now() - timedelta(days=999)).isoformat()
    bench.file["live_from"] = (bench.clock.now() - timedelta(days=1)).isoformat()
    assert bench.told(occurred_at=before) == "skipped"
    assert bench.stands(order) == "NEW"
    assert bench.record().skips == ("order_change.before_live",)


# -- twice, late, in any order, and against each other --------------------------------------------


@pytest.mark.parametrize("first", ["edited", "cancelled"])
def test_what_was_cancelled_stays_so_whatever_edit_is_told_of_it(first: str) -> None:
    bench = ChangeBench()
    order = bench.order()
    cancelled = bench.message("ch-1")
    bench.clock.advance(minutes=5)
    edited = bench.message("ch-2", kind="edited", replaced_by="1001-1")
    texts = [edited, cancelled] if first == "edited" else [cancelled, edited]
    ended = [bench.again(text) for text in texts]
    assert bench.cancelled() == [order]
    assert "cancelled" in ended
    assert bench.again(edited) == "overruled"
    assert bench.again(edited) == "overruled"
    assert bench.on_timeline().count("skipped") == 1


def test_of_two_edits_the_newest_counts_in_whatever_order_they_come() -> None:
    def replaced_by(reverse: bool) -> str:
        bench = ChangeBench()
        bench.order()
        one = bench.message("ch-1", kind="edited", replaced_by="1001-1")
        bench.clock.advance(minutes=5)
        two = bench.message("ch-2", kind="edited", replaced_by="1001-2")
        for text in [two, one] if reverse else [one, two]:
            bench.again(text)
        return bench.record().source_version

    assert replaced_by(reverse=True) == replaced_by(reverse=False) == "edited/ch-2/1001-2"


def test_the_same_id_that_tells_something_else_is_parked_whole() -> None:
    bench = ChangeBench()
    order, other = bench.order(), bench.order("1002")
    assert bench.told() == "cancelled"
    assert bench.told(order="1002") == "parked"
    assert bench.told(kind="edited") == "parked"
    assert bench.cancelled() == [order]
    assert bench.stands(other) == "NEW"
    assert bench.parked() == ["order_change.changed"]


def test_a_later_cancellation_does_not_wait_for_a_person_who_is_asked_about_an_edit() -> None:
    bench = ChangeBench()
    order = bench.order()
    text = bench.message(kind="edited")
    bench.again(text)
    bench.clock.advance(hours=24)
    assert bench.again(text) == "parked"
    assert bench.parked() == ["order_change.no_replacement"]
    assert bench.told("ch-2") == "cancelled"
    assert (bench.cancelled(), bench.parked()) == ([order], [])
    assert bench.again(text) == "overruled"


def test_where_nobody_knows_what_became_of_a_write_a_later_change_waits_for_the_person() -> None:
    bench = ChangeBench(Settings(search_rows_bare=False))
    order = bench.order()
    bench.order("1001-1")
    cancel, read = bench.orders.cancel_order, bench.orders.read_order

    def lost(*arguments: Any, **more: Any) -> None:
        raise UnknownOutcome("mintsoft.no_answer", "the answer was lost")

    def no_order(order_id: int) -> None:
        return None

    bench.orders.cancel_order = lost  # type: ignore[method-assign]
    bench.orders.read_order = no_order  # type: ignore[method-assign]
    assert bench.until_end(bench.message(kind="edited", replaced_by="1001-1"), 300) == "parked"
    assert bench.parked() == ["operation.unknown_outcome"]
    bench.orders.cancel_order = cancel  # type: ignore[method-assign]
    bench.orders.read_order = read  # type: ignore[method-assign]
    assert bench.told("ch-2") == "parked"
    assert bench.cancelled() == []
    bench.clock.advance(minutes=10)
    assert bench.replay() == "cancelled"
    assert bench.cancelled() == [order]


# -- a person -------------------------------------------------------------------------------------


def test_a_person_who_cancelled_it_by_hand_has_it_looked_at_again() -> None:
    bench = ChangeBench()
    order = bench.order(status="PICKED")
    assert bench.told() == "parked"
    bench.mintsoft.set_status(order, 3)
    assert bench.replay() == "skipped"
    assert bench.parked() == []


def test_a_person_who_put_it_back_has_it_cancelled() -> None:
    bench = ChangeBench()
    order = bench.order(status="HOLDING")
    assert bench.told() == "parked"
    bench.mintsoft.set_status(order, 1)
    assert bench.replay() == "cancelled"
    assert bench.cancelled() == [order]
    assert len(bench.comments_on(order)) == 1


def test_a_question_that_was_taken_off_stays_off() -> None:
    bench = ChangeBench()
    bench.order(status="PICKED")
    bench.told()
    bench.discard()
    assert bench.queue == []
    assert bench.told() == "known"
    assert bench.parked() == []


# -- orders that the hub made ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whose", "changes"),
    [
        ("Unleashed", {"external_reference": reference_of("order", "0b5e"), "name_values": ()}),
        ("Unleashed", {"external_reference": reference_of("shipment", "0b5e")}),
        ("Miinto", {"external_reference": "", "name_values": (("Miinto order", "77"),)}),
    ],
)
@pytest.mark.parametrize("kind", ["cancelled", "edited"])
def test_an_order_that_the_hub_made_is_left_to_the_flow_that_made_it(
    whose: str, changes: dict[str, Any], kind: str
) -> None:
    bench = ChangeBench()
    order = bench.orders.create_order(draft("1001", **changes), LATER).order_id
    bench.order("1001-1")
    replaced = {"replaced_by": "1001-1"} if kind == "edited" else {}
    assert bench.told(kind=kind, **replaced) == "parked"
    assert (bench.stands(order), bench.writes()) == ("NEW", 0)
    assert bench.parked() == ["order_change.hub_made"]
    assert whose in bench.reason()


# -- commitments ----------------------------------------------------------------------------------


def test_units_of_a_cancelled_order_are_free_again() -> None:
    bench = ChangeBench()
    bench.set_stock("TEE", 10)
    bench.order("1001", ("TEE", 4))
    held = bench.orders.stock_levels(3)["TEE"]
    assert (held.level, held.total) == (6, 10)
    assert bench.told() == "cancelled"
    free = bench.orders.stock_levels(3)["TEE"]
    assert (free.level, free.total) == (10, 10)


# -- shadow, off, and messages that are no good ---------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "ended"),
    [
        ("NEW", "cancelled", "shadow"),
        ("PICKED", "cancelled", "shadow"),
        ("NEW", "edited", "shadow"),
        ("PICKED", "edited", "shadow"),
        ("DESPATCHED", "cancelled", "parked"),
    ],
)
def test_a_shadow_plans_and_writes_nothing(status: str, kind: str, ended: str) -> None:
    bench = ChangeBench(mode="shadow")
    bench.order(status=status)
    replaced = {"replaced_by": "1001-1"} if kind == "edited" else {}
    text = bench.message(kind=kind, **replaced)
    if kind == "edited":
        assert bench.again(text) == "comes back: order_change.waits"
        bench.order("1001-1")
    assert bench.again(text) == ended
    assert bench.writes() == 0
    if ended == "shadow":
        assert "would_send" in bench.on_timeline()
    bench.file["order_changes"] = {"mode": "live"}
    if ended == "shadow" and status == "NEW":
        assert bench.again(text) == "cancelled"


def test_with_the_flow_off_a_change_is_kept_and_can_be_replayed() -> None:
    bench = ChangeBench(mode="off")
    order = bench.order()
    assert bench.told() == "parked"
    assert (bench.parked(), bench.writes()) == (["order_change.off"], 0)
    bench.file["order_changes"] = {"mode": "live"}
    assert bench.replay() == "cancelled"
    assert bench.cancelled() == [order]


def test_a_change_of_tomorrow_is_parked() -> None:
    bench = ChangeBench()
    bench.order()
    tomorrow = (bench.clock.now() + timedelta(days=1)).isoformat()
    assert bench.told(occurred_at=tomorrow) == "parked"
    assert (bench.parked(), bench.writes()) == (["order_change.in_the_future"], 0)


def test_a_message_that_is_no_good_is_kept_whole_and_replayed_onto_its_queue() -> None:
    bench = ChangeBench()
    text = bench.message(kind="deleted")
    assert bench.again(text) == "parked"
    (item,) = bench.parking.list_parked("_unknown")
    assert (item.code, item.payload) == ("order_change.invalid", text)
    assert bench.replay() == "parked"


# -- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(FaultKind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("path", ["/Cancel$", "/Comments$"])
def test_whatever_becomes_of_its_requests_each_write_is_carried_out_once(
    kind: FaultKind, path: str
) -> None:
    bench = ChangeBench()
    stopped = bench.order("1001", ("TEE", 2))
    picked = bench.split(stopped, {"TEE": 1})
    bench.mintsoft.set_status(picked, 17)
    bench.mintsoft.faults.add(Fault(kind, path=path, times=2))
    assert bench.until_end(bench.message()) == "parked"
    assert bench.cancelled() == [stopped]
    assert len(bench.comments_on(picked)) == 1
    assert bench.parked() == ["order_change.in_work"]


def test_two_messages_at_once_write_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = ChangeBench()
    order = bench.order()
    text = bench.message()
    append: Callable[..., Any] = bench.records.append
    inside: list[str] = []

    def other_first(state: Any, events: Any) -> Any:
        if not inside:
            inside.append("")
            inside[0] = bench.again(text)
        return append(state, events)

    monkeypatch.setattr(bench.records, "append", other_first)
    ended = bench.until_end(text)
    assert {ended, inside[0]} <= {"cancelled", "known"}
    assert bench.cancelled() == [order]


def test_a_message_holds_nothing_of_the_buyer_and_the_timeline_neither() -> None:
    bench = ChangeBench()
    bench.order(status="PICKED")
    bench.told()
    kept = json.dumps(
        [
            e.model_dump(mode="json")
            for e in bench.records.timeline("example", "relay.order_changes", "1001")
        ]
    )
    for word in ("Patricia", "Sampletown", "pat@example.test"):
        assert word not in kept
