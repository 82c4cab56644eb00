"""Rules over the books of a merchant with Unleashed: each yields what was broken, in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.simulation.erp_books import Books, Document, Made


def done_twice(books: Books) -> Iterator[str]:
    """What was made or booked more than once."""
    yield from orders_twice(books)
    yield from asns_twice(books)
    yield from receipted_twice(books)
    yield from booked_twice(books)
    yield from credited_twice(books)


def broken(books: Books) -> Iterator[str]:
    """What the books of both sides do not agree about."""
    yield from order_units(books)
    yield from receipts(books)
    yield from despatches(books)
    yield from moves(books)
    yield from echoes(books)


def lost(books: Books) -> Iterator[str]:
    """What is not done, and nothing says why."""
    for document in books.documents.values():
        if document.is_gone or document.told:
            continue
        if document.wants_order and not _of(books.orders, document):
            yield f"{_named(document)} has no order in the warehouse, and nothing tells why"
        if document.wants_asn and not _of(books.asns, document):
            yield f"{_named(document)} has no ASN in the warehouse, and nothing tells why"


# -- once ---------------------------------------------------------------------------------------


def orders_twice(books: Books) -> Iterator[str]:
    """At most one order in the warehouse for each document."""
    for name, count in Counter(order.doc for order in books.orders).items():
        if count > 1:
            yield f"{_called(books, name)} has {count} orders in the warehouse"


def asns_twice(books: Books) -> Iterator[str]:
    """At most one ASN for each document."""
    for name, count in Counter(asn.doc for asn in books.asns).items():
        if count > 1:
            yield f"{_called(books, name)} has {count} ASNs in the warehouse"


def receipted_twice(books: Books) -> Iterator[str]:
    """No more receipts of the hub's than bookings; one for an ASN that is told when it is over."""
    booked = Counter(
        {asn.doc: (asn.bookings if books.parts else min(asn.bookings, 1)) for asn in books.asns}
    )
    told = Counter(one.doc for one in books.booked if one.what == "receipted" and one.by_hub)
    for name, count in told.items():
        if count > booked[name]:
            yield f"{_called(books, name)} was receipted {count} times for {booked[name]} bookings"


def booked_twice(books: Books) -> Iterator[str]:
    """Each order is completed, each shipment dispatched, each move completed at most once."""
    done = Counter((one.what, one.guid) for one in books.booked if one.what != "receipted")
    for (what, guid), count in done.items():
        if count > 1:
            yield f"{guid} was {what} {count} times in Unleashed"


def credited_twice(books: Books) -> Iterator[str]:
    """At most one credit note for each batch of a return that was processed."""
    for name, count in books.credits.items():
        if count > 1:
            yield f"{name} has {count} credit notes"


# -- the same on both sides ---------------------------------------------------------------------


def order_units(books: Books) -> Iterator[str]:
    """The warehouse's order holds what Unleashed's document says, or a person was told."""
    for order in books.orders:
        document = books.documents.get(order.doc)
        if document is None:
            yield f"order {order.number} of the warehouse is for {order.doc}, which is not there"
            continue
        if document.kind == "assembly" or order.is_cancelled or document.is_gone:
            continue
        if _plus(order.units) != _plus(document.units) and not document.told:
            yield (
                f"{_named(document)} says {_told(document.units)}, and order {order.number} holds "
                f"{_told(order.units)}"
            )


def receipts(books: Books) -> Iterator[str]:
    """Unleashed's stock goes up by what was booked in, and by nothing else."""
    for asn in books.asns:
        document = books.documents.get(asn.doc)
        if document is None or document.kind != "purchase":
            continue
        told = moved(books, asn.doc, "unleashed", by_hub=True)
        for sku in {*told, *asn.done}:
            if told[sku] > asn.done.get(sku, 0):
                yield (
                    f"{told[sku]} {sku} of {_named(document)} were receipted, and "
                    f"{asn.done.get(sku, 0)} were booked in"
                )
        ends = asn.is_over and not document.told_back and not document.by_hand
        if ends and _plus(told) != _plus(asn.done):
            yield (
                f"{_told(asn.done)} of {_named(document)} were booked in, {_told(told)} receipted, "
                "and nothing tells why"
            )


def despatches(books: Books) -> Iterator[str]:
    """The hub books in Unleashed what the warehouse sent, and all of it."""
    for order in books.orders:
        document = books.documents.get(order.doc)
        if document is None or document.kind not in {"sale", "shipment"}:
            continue
        left = moved(books, order.doc, "unleashed", by_hub=True)
        told = Counter({sku: -units for sku, units in left.items()})
        for sku, units in told.items():
            if units > order.done.get(sku, 0):
                yield (
                    f"{units} {sku} of {_named(document)} left Unleashed by the hub's word, and "
                    f"{order.done.get(sku, 0)} left the warehouse"
                )
        ends = order.is_over and not document.told_back and not document.by_hand
        if ends and not order.is_cancelled and _plus(told) != _plus(order.done):
            yield (
                f"{_told(order.done)} of {_named(document)} left the warehouse, {_told(told)} left "
                "Unleashed, and nothing tells why"
            )


def moves(books: Books) -> Iterator[str]:
    """A transfer or an assembly is completed by the hub only once its goods were booked in."""
    booked_in = {asn.doc: asn for asn in books.asns}
    for one in books.booked:
        if one.what != "completed" or not one.by_hub:
            continue
        document = books.documents.get(one.doc)
        if document is None or document.kind not in {"transfer", "assembly"}:
            continue
        asn = booked_in.get(one.doc)
        if asn is None or _plus(asn.done) != _plus(document.units):
            came = _told(asn.done) if asn else "nothing"
            yield f"{_named(document)} was completed, and {came} was booked in"


def echoes(books: Books) -> Iterator[str]:
    """Nothing of the hub's own comes back as a change."""
    yield from books.echoes
    for line in books.late_writes:
        yield f"though nothing happened any more, the hub wrote {line}"


# -- words --------------------------------------------------------------------------------------


def moved(books: Books, doc: str, side: str, *, by_hub: bool) -> Counter[str]:
    """Units that a document moved at a side, in all warehouses."""
    units: Counter[str] = Counter()
    for one in books.movements:
        if (one.doc, one.side, one.by_hub) == (doc, side, by_hub):
            units[one.sku] += one.units
    return units


def _of(made: tuple[Made, ...], document: Document) -> list[Made]:
    return [one for one in made if one.doc == document.name]


def _plus(units: Mapping[str, int]) -> dict[str, int]:
    return {sku: many for sku, many in units.items() if many}


def _told(units: Mapping[str, int]) -> str:
    return ", ".join(f"{many} {sku}" for sku, many in sorted(_plus(units).items())) or "nothing"


def _named(document: Document) -> str:
    return f"{document.kind} {document.number}"


def _called(books: Books, name: str) -> str:
    found = books.documents.get(name)
    return _named(found) if found else name
