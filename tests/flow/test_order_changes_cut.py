"""A process that ends at any of its steps, while a change of an order is carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from returns_hub.errors import Retryable
from tests.support.order_change_worlds import ChangeBench
from tests.support.power import Mains, Power, PowerCut

CALLS: dict[str, tuple[str, ...]] = {
    "records": (),
    "ledger": (),
    "parking": ("park", "close"),
    "warehouse": (
        "add_order_comment",
        "cancel_order",
        "orders_with_number",
        "read_order",
        "order_comments",
    ),
}
"""Every store and partner, and which of its calls are steps; all when none is named."""
PLENTY = 10**9


def split_order() -> tuple[ChangeBench, list[str], dict[str, int]]:
    """Cancelled: one part can be stopped, one is in work."""
    it = ChangeBench()
    stopped = it.order("1001", ("TEE", 2))
    picked = it.split(stopped, {"TEE": 1})
    it.mintsoft.set_status(picked, 17)
    return it, [it.message()], {"stopped": stopped, "picked": picked}


def edited_order() -> tuple[ChangeBench, list[str], dict[str, int]]:
    """Edited, and the order that replaces it comes a little later."""
    it = ChangeBench()
    stopped = it.order()
    return (
        it,
        [it.message(kind="edited", replaced_by="1001-1")],
        {"stopped": stopped, "picked": stopped},
    )


def life(it: ChangeBench, texts: list[str], *, cut_at: int = PLENTY) -> int:
    """Deliveries until every message ended, with power for so many steps; the steps it took."""
    whole = {name: getattr(it, name) for name in CALLS}
    power = Power(cut_at)
    for name, calls in CALLS.items():
        setattr(it, name, Mains(whole[name], power, *calls))
    spent, left = 0, list(texts)
    for turn in range(20):
        for text in list(left):
            try:
                it.deliver(text)
                left.remove(text)
            except Retryable:
                pass
            except PowerCut:
                spent, power.left = cut_at, PLENTY
        if turn == 1 and "replaced_by" in texts[0]:
            it.order("1001-1")
        it.clock.advance(minutes=20)
        if not left:
            break
    assert not left
    for name, store in whole.items():
        setattr(it, name, store)
    return spent or cut_at - power.left


def judge_split(it: ChangeBench, ids: dict[str, int]) -> None:
    assert it.cancelled() == [ids["stopped"]]
    assert len(it.comments_on(ids["picked"])) == 1
    assert it.parked() == ["order_change.in_work"]
    assert it.record().standing == "parked"


def judge_edited(it: ChangeBench, ids: dict[str, int]) -> None:
    assert it.cancelled() == [ids["stopped"]]
    assert len(it.comments_on(ids["stopped"])) == 1
    assert it.parked() == []
    assert it.record().standing == "cancelled"


LIVES: dict[str, tuple[Callable[[], Any], Callable[[ChangeBench, dict[str, int]], None]]] = {
    "split": (split_order, judge_split),
    "edited": (edited_order, judge_edited),
}
STEPS = 80


@pytest.mark.parametrize("name", LIVES)
def test_whole_it_ends_within_the_steps_that_are_cut(name: str) -> None:
    make, judge = LIVES[name]
    it, texts, ids = make()
    assert 40 < life(it, texts) <= STEPS
    judge(it, ids)


@pytest.mark.parametrize("cut_at", range(STEPS))
@pytest.mark.parametrize("name", LIVES)
def test_cut_off_at_any_step_each_write_is_carried_out_once(name: str, cut_at: int) -> None:
    make, judge = LIVES[name]
    it, texts, ids = make()
    life(it, texts, cut_at=cut_at)
    judge(it, ids)
