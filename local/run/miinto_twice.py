"""What was done twice at the marketplace, by the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from local.run.miinto_books import Books, announced


def duplicates(books: Books) -> Iterator[str]:
    """Sentences, one for each thing that was done more than once."""
    yield from _twice(
        "position {} of transfer {} of {} was decided",
        (
            (position, entry["transfer"], entry["shop"])
            for entry in books.journal("transfer_decided")
            for position in (*entry["accepted"], *entry["declined"])
        ),
    )
    made = (e["number"] for e in books.mintsoft["journal"] if e["call"] == "create-order")
    yield from _twice("order {} was made in Mintsoft", ((number,) for number in made))
    yield from _twice(
        "the comment {!r} was put on Mintsoft's order {}",
        (
            (entry["text"][:60], entry["order_id"])
            for entry in books.mintsoft["journal"]
            if entry["call"] == "order-comment"
        ),
    )
    yield from _twice(
        "Miinto was told of the parcel of position {} of order {} of {}",
        (
            (position, entry["order"], entry["shop"])
            for entry in books.journal("tracking_told")
            for position in entry["positions"]
        ),
    )
    for return_id, records in announced(books.mintsoft).items():
        for extra in records[1:]:
            yield f"external return {extra['id']} was made again for {return_id}"
    yield from _twice(
        "position {} of RMA {} of {} was decided",
        (
            (position, entry["rma"], entry["shop"])
            for entry in books.journal("rma_decided")
            for position in entry["verdicts"]
        ),
    )
    yield from _twice(
        "position {} of order {} of {} was requested",
        (
            (position, entry["order"], entry["shop"])
            for entry in books.journal("rma_requested")
            for position in entry["positions"]
        ),
    )
    yield from _twice(
        "the refund of position {} of {} was told",
        (
            (line["position"], refund["return_id"])
            for refund in books.refunds
            for line in refund["lines"]
        ),
    )


def _twice(sentence: str, things: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    for thing, count in Counter(things).items():
        for _ in range(count - 1):
            yield f"{sentence.format(*thing)} more than once"
