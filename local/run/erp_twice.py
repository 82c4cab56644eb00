"""What was done twice between the ERP and the warehouse, by the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from local.run.erp_books import ErpBooks, is_erps

ONCE = {
    "order_completed": "sales order {} was completed",
    "purchase_receipted": "purchase order {} was receipted",
    "purchase_completed": "purchase order {} was completed",
    "transfer_completed": "transfer {} was completed",
    "assembly_completed": "assembly {} was completed",
    "shipment_dispatched": "shipment {} was dispatched",
    "stock_adjusted": "adjustment {} was booked",
    "credit_completed": "credit note {} was completed",
}
"""Word of Unleashed's journal -> what it says of one record."""
NAMES = ("shipment", "purchase", "transfer", "assembly", "adjustment", "credit", "order")
"""Keys of the journal's entries with a document's number."""


def duplicates(books: ErpBooks) -> Iterator[str]:
    """Sentences, one for each thing that was done more than once."""
    made = [e for e in books.warehouse_journal("create-order") if is_erps(e)]
    yield from _twice(f"an order was made in Mintsoft for {e['external_reference']}" for e in made)
    clients = {place.client_id: name for name, place in books.places.items()}
    yield from _twice(
        f"the ASN {asn['header'].get('POReference')} of {clients[asn['client_id']]} was made"
        for asn in books.mintsoft["asns"]
        if asn["client_id"] in clients
    )
    for what, sentence in ONCE.items():
        for merchant in books.companies:
            told = Counter(
                (entry["guid"], next((str(entry[k]) for k in NAMES if k in entry), ""))
                for entry in books.journal(merchant, what)
            )
            for (_, number), count in told.items():
                yield from _again(sentence.format(number), count)
    for merchant in books.companies:
        yield from _twice(
            f"the order {e['source_id']} was exported to Unleashed"
            for e in books.told(merchant, "order_made")
        )
    yield from _twice(f"the credit note {text!r} was made" for text in books.credits.values())


def _twice(sentences: Iterable[str]) -> Iterator[str]:
    for sentence, count in Counter(sentences).items():
        yield from _again(sentence, count)


def _again(sentence: str, count: int) -> Iterator[str]:
    for _ in range(count - 1):
        yield f"{sentence} more than once"
