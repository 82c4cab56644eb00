"""What the adapter writes to Loop, against the simulator, at both hosts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.loop import Settings
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Permanent, Retryable
from tests.support.fakes import START
from tests.support.loop_worlds import (
    LATER,
    REDOS,
    RETURN,
    bench_with,
    line_item,
    process,
)


@pytest.mark.parametrize("taken", ["text", "true"])
def test_the_whole_return_is_queued_and_processed_later(taken: Any) -> None:
    bench, portal = bench_with(
        line_item(1, "TEE"), line_item(2, "MUG"), settings=Settings(taken=taken)
    )
    process(portal, 1, 2)

    assert portal.read_return(RETURN).status is ReturnStatus.OPEN
    bench.clock.advance(seconds=2)
    assert portal.read_return(RETURN).status is ReturnStatus.COMPLETE
    assert bench.books()["payments"] == {RETURN: 1}
    assert bench.books()["details"] == []


@pytest.mark.parametrize(
    ("numbers", "restock", "does", "said"),
    [
        ((1,), True, True, "1 of its 2 open lines"),
        ((1, 2, 3), True, True, "2 of its 2 open lines"),
        ((), True, True, "0 of its 2 open lines"),
        ((1, 2), False, True, "restocks the goods"),
        ((1, 2), True, False, "does not restock"),
    ],
)
def test_what_the_dialect_cannot_do_is_refused_before_anything_is_sent(
    numbers: tuple[int, ...], restock: bool, does: bool, said: str
) -> None:
    bench, portal = bench_with(
        line_item(1, "TEE"), line_item(2, "MUG"), file={"portal_restocks": does}
    )
    with pytest.raises(Permanent, match=said) as raised:
        process(portal, *numbers, restock=restock)

    assert raised.value.code == "loop.whole_return_only"
    assert bench.sent("process") == 0


def test_a_portal_that_does_not_restock_is_told_to_process_what_is_not_to_be() -> None:
    bench, portal = bench_with(file={"portal_restocks": False})
    process(portal, 1, restock=False)
    assert bench.books()["submissions"] == {RETURN: 1}


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_return_that_was_closed_meanwhile_is_not_processed(state: str) -> None:
    bench, portal = bench_with(settings=Settings(process_closed="pay_again"))
    bench.loop.set_state(RETURN, state)
    with pytest.raises(Permanent, match=f"the return is {state} by now"):
        process(portal, 1)
    assert bench.sent("process") == 0


def test_a_flagged_return_is_refused_in_loops_words_unless_its_setting_allows_it() -> None:
    bench, portal = bench_with()
    portal.flag(RETURN, LATER)
    with pytest.raises(Permanent, match="UNPROCESSABLE_FLAGGED_RETURN"):
        process(portal, 1)
    bench.loop.settings = Settings(flagged_process=True)
    process(portal, 1)
    assert bench.books()["submissions"] == {RETURN: 1}


def test_an_expired_return_is_refused() -> None:
    bench, portal = bench_with()
    bench.loop.set_state(RETURN, "expired")
    with pytest.raises(Permanent, match="expired and therefore cannot be processed"):
        process(portal, 1)


def test_notes_are_added_and_read_back() -> None:
    _, portal = bench_with()
    assert portal.comments(RETURN) == ()
    portal.add_comment(RETURN, "x" * 254, LATER)
    portal.add_comment(RETURN, "second", LATER)
    assert portal.comments(RETURN) == ("x" * 254, "second")


def test_a_host_that_lists_no_notes_as_none_is_understood_too() -> None:
    _, portal = bench_with(settings=Settings(no_notes="empty"))
    assert portal.comments(RETURN) == ()


def test_a_note_that_is_too_long_is_not_sent() -> None:
    bench, portal = bench_with()
    with pytest.raises(Permanent, match="254"):
        portal.add_comment(RETURN, "x" * 255, LATER)
    assert bench.sent("note") == 0


def test_the_length_that_the_adapter_tells_is_the_longest_that_the_portal_takes() -> None:
    _, portal = bench_with()
    longest = portal.abilities.longest_comment
    assert longest is not None
    portal.add_comment(RETURN, "x" * longest, LATER)
    with pytest.raises(Permanent, match="less than 255"):
        portal._client.act(RETURN, "note", LATER, body={"content": "x" * (longest + 1)})


def test_close_cancel_and_remove_at_loop() -> None:
    bench, portal = bench_with(line_item(1, "TEE"), line_item(2, "MUG"))
    portal.remove(RETURN, ["501"], LATER)
    bench.clock.advance(seconds=1)
    assert bench.books()["removed"] == {RETURN: ["501"]}
    assert bench.books()["payments"] == {RETURN: 1}
    with pytest.raises(Permanent, match="cannot be modified"):
        portal.remove(RETURN, ["502"], LATER)
    with pytest.raises(Permanent, match="cannot be cancelled"):
        portal.cancel(RETURN, LATER)

    bench, portal = bench_with()
    portal.close(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "closed"}
    assert bench.books()["payments"] == {}
    bench, portal = bench_with()
    portal.cancel(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "cancelled"}


def test_at_redos_host_close_cancels_and_cancel_resets() -> None:
    bench, portal = bench_with(file=REDOS)
    portal.cancel(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "open"}
    portal.close(RETURN, LATER)
    assert bench.books()["returns"] == {RETURN: "cancelled"}


@pytest.mark.parametrize("status", ReturnStatus)
def test_a_status_is_set_where_the_dialect_has_a_call_for_it(status: ReturnStatus) -> None:
    bench, portal = bench_with()
    calls = {
        ReturnStatus.FLAGGED: "flag",
        ReturnStatus.REJECTED: "close",
        ReturnStatus.DELETED: "cancel",
    }
    if status in calls:
        portal.set_status(RETURN, status, LATER)
        assert bench.sent(calls[status]) == 1
    else:
        with pytest.raises(Permanent, match=status.value):
            portal.set_status(RETURN, status, LATER)
    assert len(bench.to_loop.requests) == (1 if status in calls else 0)


def test_nothing_is_removed_when_no_line_is_named() -> None:
    bench, portal = bench_with()
    with pytest.raises(Permanent):
        portal.remove(RETURN, [], LATER)
    assert bench.to_loop.requests == []


def test_a_write_whose_time_has_passed_does_not_leave() -> None:
    bench, portal = bench_with()
    with pytest.raises(Retryable):
        portal.flag(RETURN, START - timedelta(seconds=1))
    assert bench.to_loop.requests == []
