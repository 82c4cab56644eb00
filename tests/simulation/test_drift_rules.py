"""Each rule over looks, the feed, despatches upstream and changed orders, seen to fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation import drift_rules
from tests.simulation.drift_books import Books, Changed, Counting, Event, Feed, Parcel

TOLD = Event("e1", "d1", 1, 501, {"TEE": 2}, "left on Monday")
LEFT = Parcel(501, "S-1", {"TEE": 2})
EDITED = Changed("S-2", "edited", is_cancelled=True, replaced=True, said=("cancelled", "a word"))
CANCELLED = Changed("S-3", "cancelled", is_cancelled=True)
HOLDS = Feed(
    held={("WH-1", "TEE"): 7, ("WH-1", "CAP"): 0},
    ours={("WH-1", "TEE"): 7, ("WH-1", "CAP"): 0},
    reserved={("WH-1", "TEE"): 2},
    ours_reserved={("WH-1", "TEE"): 2, ("WH-1", "CAP"): 0},
    started=4,
    stopped=4,
)
WELL = Books(looks=6, feed=HOLDS, events=(TOLD,), parcels=(LEFT,), changes=(EDITED, CANCELLED))


def told(books: Books) -> list[str]:
    """Every sentence of every rule."""
    return [*drift_rules.twice(books), *drift_rules.broken(books), *drift_rules.lost(books)]


def test_books_that_agree_break_no_rule() -> None:
    assert told(WELL) == []


BROKEN: dict[str, tuple[Books, str]] = {
    "a false alarm": (
        replace(
            WELL, counting=(Counting(900, "stock.wair", "TEE @ WH-1", "mintsoft 7, wair 8", 1),)
        ),
        "at 900 s stock.wair of TEE @ WH-1: mintsoft 7, wair 8 (1 units)",
    ),
    "a comparison that was not made": (
        replace(WELL, not_compared=("at 900 s stock.wair was not compared: away",)),
        "at 900 s stock.wair was not compared: away",
    ),
    "no look at all": (replace(WELL, looks=0), "nobody looked"),
    "an open batch": (
        replace(WELL, feed=replace(HOLDS, started=5)),
        "5 batches were begun and 4 ended",
    ),
    "a batch that is open": (
        replace(WELL, feed=replace(HOLDS, is_open=True)),
        "4 batches were begun and 4 ended",
    ),
    "a full load that never ended": (
        replace(WELL, feed=replace(HOLDS, unfinished=("stock",))),
        "a full load of stock was begun and not ended",
    ),
    "other units at WAIR": (
        replace(WELL, feed=replace(HOLDS, held={("WH-1", "TEE"): 6, ("WH-1", "CAP"): 0})),
        "WAIR holds 6 of TEE in WH-1, and the warehouse 7",
    ),
    "a SKU that WAIR was never told": (
        replace(WELL, feed=replace(HOLDS, held={("WH-1", "TEE"): 7})),
        "WAIR holds None of CAP in WH-1, and the warehouse 0",
    ),
    "reserved units that are free": (
        replace(WELL, feed=replace(HOLDS, ours_reserved={})),
        "WAIR holds 2 reserved of TEE in WH-1, and the warehouse None",
    ),
    "a despatch that is not told": (
        replace(WELL, events=()),
        "order S-1 (501) left, and the channel was not told",
    ),
    "a despatch that did not happen": (
        replace(WELL, parcels=()),
        "the channel was told of order 501, which did not leave",
    ),
    "wrong counts": (
        replace(WELL, events=(replace(TOLD, units={"TEE": 1}),)),
        "order S-1 (501) left with 2 TEE, and the channel was told 1 TEE",
    ),
    "an id that was taken twice": (
        replace(WELL, events=(TOLD, TOLD)),
        "event e1 was taken 2 times",
    ),
    "a revision under two ids": (
        replace(WELL, events=(TOLD, replace(TOLD, id="e2"))),
        "revision 1 of d1 was told under two ids",
    ),
    "a revision with nothing new": (
        replace(WELL, events=(TOLD, replace(TOLD, id="e2", revision=2))),
        "d1 was told as revision 2, with nothing new in it",
    ),
    "an order that is two despatches": (
        replace(WELL, events=(TOLD, replace(TOLD, id="e2", despatch_id="d2"))),
        "order 501 is 2 despatches",
    ),
    "an event again, though nothing went wrong": (
        replace(WELL, again=("e1",)),
        "event e1 came again",
    ),
    "an older revision after a newer one": (
        replace(WELL, out_of_order=("e1",)),
        "event e1 came after a newer one",
    ),
    "a change that is not ended": (
        replace(WELL, changes=(replace(EDITED, in_work=True),)),
        "the change of S-2 is in work",
    ),
    "an order that is cancelled twice": (
        replace(WELL, changes=(replace(EDITED, said=("cancelled", "cancelled")),)),
        "S-2 was told 2 times: cancelled",
    ),
    "a cancellation that nobody was told of": (
        replace(WELL, changes=(replace(CANCELLED, is_cancelled=False),)),
        "S-3 was cancelled upstream, and nobody was told at the warehouse",
    ),
    "an edit of which both may be sent": (
        replace(WELL, changes=(replace(EDITED, is_cancelled=False),)),
        "S-2 was edited upstream, and both may be sent",
    ),
    "an order that is cancelled, and nothing in its place": (
        replace(WELL, changes=(replace(EDITED, replaced=False),)),
        "S-2 was cancelled, and nothing replaces it",
    ),
}


@pytest.mark.parametrize(("books", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_says_what_broke(books: Books, sentence: str) -> None:
    assert sentence in told(books)


ALLOWED: dict[str, Books] = {
    "what was found in a day full of troubles": replace(
        WELL,
        counting=(Counting(900, "stock.wair", "TEE @ WH-1"),),
        not_compared=("away",),
        again=("e1",),
        is_calm=False,
    ),
    "a revision that tells something new": replace(
        WELL, events=(TOLD, replace(TOLD, id="e2", revision=2, content="with its number"))
    ),
    "a person is asked about a change": replace(
        WELL, changes=(replace(CANCELLED, is_cancelled=False, asked=True),)
    ),
    "WAIR was told that nothing is reserved": replace(
        WELL, feed=replace(HOLDS, reserved={("WH-1", "TEE"): 2, ("WH-1", "CAP"): 0})
    ),
}


@pytest.mark.parametrize("books", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_may_be_breaks_no_rule(books: Books) -> None:
    assert told(books) == []
