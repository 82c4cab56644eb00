"""Rules over stock on both sides: it comes to the warehouse's count, and never swings.

Goods that a document moves will move on the other side by that document. What else moved is what
adjustments have to bring over: the gap of a product is what moved without a document in the
warehouse, less what did so in Unleashed, adjustments with it. Whether what a person took off the
list, deleted or booked by hand counts as a document's is not said; both are allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.simulation.erp_books import Books, Movement, Place

WINDOW = 900.0
"""Seconds between a reading of stock and the booking of an adjustment: a process may stop, and the
partner commit late."""
MOST_DOUBTS = 8
ADJUSTED = "stock_adjusted"


def twice(books: Books) -> Iterator[str]:
    """Differences that were adjusted more than once, or that were none."""
    if books.adjusts:
        yield from wrong_adjustments(books)


def broken(books: Books) -> Iterator[str]:
    """Every other rule about stock."""
    if books.adjusts:
        yield from swings(books)
        yield from left_apart(books)


def wrong_adjustments(books: Books) -> Iterator[str]:
    """An adjustment goes towards the count, and not beyond it: no two for one difference."""
    for place, rows in _by_place(books).items():
        known: list[Movement] = []
        since = 0.0
        for row in rows:
            if is_ours(row):
                gaps = _gaps_since(books, known, max(since, row.at - WINDOW))
                if not any(_fits(row.units, gap) for gap in gaps):
                    yield (
                        f"at {row.at:.0f} s {row.units:+d} {place[1]} were adjusted in {place[0]}, "
                        f"and the difference was {_or(gaps)}"
                    )
                since = row.at
            known.append(row)


def swings(books: Books) -> Iterator[str]:
    """No product is adjusted up and down again without anything having happened between."""
    for place, rows in _by_place(books).items():
        ours = [at for at, row in enumerate(rows) if is_ours(row)]
        for first, second in pairwise(ours):
            one, other = rows[first], rows[second]
            begins = one.at - WINDOW
            causes = [*(row.at for row in rows if not is_ours(row)), *books.acts]
            happened = any(begins <= at <= other.at for at in causes)
            if one.units * other.units < 0 and not happened:
                yield (
                    f"{place[1]} in {place[0]} swings: {one.units:+d} at {one.at:.0f} s, "
                    f"{other.units:+d} at {other.at:.0f} s, and nothing happened between"
                )


def left_apart(books: Books) -> Iterator[str]:
    """In the end Unleashed says what the warehouse counted, but for goods on their way; unless a
    person was asked about the stock itself."""
    if books.is_stopped:
        return
    grouped = _by_place(books)
    for place in sorted(books.open_places):
        gaps = gaps_of(books, grouped.get(place, []))
        if 0 not in gaps:
            yield f"{place[1]} in {place[0]} is {_or(gaps)} away from the count"


def gaps_of(books: Books, rows: list[Movement]) -> set[int]:
    """What a product's stock in Unleashed has to change by, for all that is not said."""
    sure = 0
    doubtful: dict[str, int] = {}
    for row in rows:
        units = row.units if row.side == "warehouse" else -row.units
        if not is_tracked(books, row.doc):
            sure += units
        elif is_doubtful(books, row.doc):
            doubtful[row.doc] = doubtful.get(row.doc, 0) + units
    found = {sure}
    for units in [many for many in doubtful.values() if many][:MOST_DOUBTS]:
        found |= {gap + units for gap in found}
    return found


def is_tracked(books: Books, doc: str) -> bool:
    """Whether the hub carries a document's goods over: the warehouse has an order or an ASN."""
    return any(made.doc == doc for made in (*books.orders, *books.asns)) if doc else False


def is_doubtful(books: Books, doc: str) -> bool:
    """Whether a document's goods may count as others do."""
    found = books.documents.get(doc)
    return found is None or found.let_go or found.by_hand or found.is_deleted


def is_ours(row: Movement) -> bool:
    """Whether it is an adjustment of the hub's."""
    return row.side == "unleashed" and row.what == ADJUSTED and row.by_hub


def _gaps_since(books: Books, known: list[Movement], since: float) -> set[int]:
    """Every gap from a moment on."""
    first = next((at for at, row in enumerate(known) if row.at > since), len(known))
    found: set[int] = set()
    for end in range(first, len(known) + 1):
        found |= gaps_of(books, known[:end])
    return found


def _fits(units: int, gap: int) -> bool:
    return units * gap > 0 and abs(units) <= abs(gap)


def _by_place(books: Books) -> dict[Place, list[Movement]]:
    found: dict[Place, list[Movement]] = {}
    for row in books.movements:
        found.setdefault((row.place, row.sku), []).append(row)
    return found


def _or(gaps: set[int]) -> str:
    return " or ".join(f"{gap:+d}" for gap in sorted(gaps)) or "nothing"
