"""Rules over looks for drift, the feed, despatches upstream and changed orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from tests.simulation.drift_books import Books, Event, Place


def twice(books: Books) -> Iterator[str]:
    """What the channel, or the warehouse, was told more than once."""
    for name, count in Counter(event.id for event in books.events).items():
        if count > 1:
            yield f"event {name} was taken {count} times"
    yield from _revisions(books)
    pairs = {(event.order, event.despatch_id) for event in books.events}
    for order, count in Counter(order for order, _ in pairs).items():
        if count > 1:
            yield f"order {order} is {count} despatches"
    for change in books.changes:
        for words, count in Counter(change.said).items():
            if count > 1:
                yield f"{change.number} was told {count} times: {words}"
    if books.is_calm:
        yield from (f"event {name} came again" for name in books.again)


def _revisions(books: Books) -> Iterator[str]:
    """Each revision of a despatch has one id, and tells something new."""
    by_despatch: dict[str, list[Event]] = {}
    for event in books.events:
        by_despatch.setdefault(event.despatch_id, []).append(event)
    for name, events in by_despatch.items():
        for one, other in pairwise(sorted(events, key=lambda event: event.revision)):
            if one.revision == other.revision:
                yield f"revision {one.revision} of {name} was told under two ids"
            elif one.content == other.content:
                yield f"{name} was told as revision {other.revision}, with nothing new in it"


def alarms(books: Books) -> Iterator[str]:
    """Where nothing is wrong nothing is found, and all is compared."""
    if not books.is_calm:
        return
    for one in books.counting:
        yield f"at {one.at:.0f} s {one.kind} of {one.subject}: {one.says} ({one.units} units)"
    yield from books.not_compared
    if not books.looks:
        yield "nobody looked"


def feed(books: Books) -> Iterator[str]:
    """Stock intelligence holds what the warehouse has, and no batch is left open."""
    there = books.feed
    if there.is_open or there.started != there.stopped:
        yield f"{there.started} batches were begun and {there.stopped} ended"
    for name in there.unfinished:
        yield f"a full load of {name} was begun and not ended"
    yield from _apart("of", there.held, there.ours, exact=True)
    yield from _apart("reserved of", there.reserved, there.ours_reserved, exact=False)


def untold(books: Books) -> Iterator[str]:
    """Every parcel was told upstream, with what it held; and nothing else was."""
    newest: dict[int, Event] = {}
    for event in books.events:
        known = newest.get(event.order)
        if known is None or known.revision < event.revision:
            newest[event.order] = event
    sent = {parcel.order: parcel for parcel in books.parcels}
    for order, parcel in sent.items():
        told = newest.get(order)
        if told is None:
            yield f"order {parcel.number} ({order}) left, and the channel was not told"
        elif _plus(told.units) != _plus(parcel.units):
            yield (
                f"order {parcel.number} ({order}) left with {_told(parcel.units)}, and the channel "
                f"was told {_told(told.units)}"
            )
    for order in newest.keys() - sent.keys():
        yield f"the channel was told of order {order}, which did not leave"


def unchanged(books: Books) -> Iterator[str]:
    """A changed order ended in one way: it is not sent twice, or at all, unless a person is
    asked."""
    for change in books.changes:
        if change.in_work:
            yield f"the change of {change.number} is in work"
        elif change.kind == "cancelled" and not change.is_cancelled and not change.asked:
            yield f"{change.number} was cancelled upstream, and nobody was told at the warehouse"
        elif change.kind == "edited" and not change.is_cancelled and not change.asked:
            yield f"{change.number} was edited upstream, and both may be sent"
        elif change.kind == "edited" and change.is_cancelled and not change.replaced:
            yield f"{change.number} was cancelled, and nothing replaces it"


def broken(books: Books) -> Iterator[str]:
    """Every rule but of what is done twice, and of what is still to be done."""
    yield from alarms(books)
    for name in books.out_of_order:
        yield f"event {name} came after a newer one"


def lost(books: Books) -> Iterator[str]:
    """What is still to be done."""
    yield from feed(books)
    yield from untold(books)
    yield from unchanged(books)


def _apart(
    word: str, held: Mapping[Place, int], ours: Mapping[Place, int], *, exact: bool
) -> Iterator[str]:
    for place in sorted(held.keys() | ours.keys()):
        there, here = held.get(place), ours.get(place)
        if there == here or (not exact and (there or 0) == (here or 0)):
            continue
        yield f"WAIR holds {there} {word} {place[1]} in {place[0]}, and the warehouse {here}"


def _plus(units: Mapping[str, int]) -> dict[str, int]:
    return {sku: many for sku, many in units.items() if many}


def _told(units: Mapping[str, int]) -> str:
    return ", ".join(f"{many} {sku}" for sku, many in sorted(_plus(units).items())) or "nothing"
