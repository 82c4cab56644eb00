"""What really happened between the ERP and the warehouse, by both simulators' books."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from local.run.erp_books import SHIPPED, Entry, ErpBooks, booked, is_erps
from local.run.erp_twice import duplicates
from local.run.judgement import Shown, StoryJudgement
from returns_hub.domain.unleashed.echoes import OF_UNLEASHED, reference_of

TEST = "a test of what an adjustment means"
"""What the comment of a proof's adjustments begins with."""
NO_ORDER = "unleashed.credit_no_order"
"""What a person is told of a return whose order Unleashed does not have."""
WEBHOOKS = "webhooks"
UNLEASHED = "unleashed."
"""What the names of the ERP's flows begin with."""


def _products(books: ErpBooks) -> int:
    calls = ("create-product", "update-product")
    return len({entry["id"] for call in calls for entry in books.warehouse_journal(call)})


def _despatches(books: ErpBooks) -> int:
    return sum(len(_shown_there(books, m) & _sent_here(books, m)) for m in books.companies)


def _asns(books: ErpBooks) -> int:
    numbers = {
        (merchant, entry["purchase"])
        for merchant in books.companies
        for entry in books.journal(merchant, "purchase_made")
    }
    return sum(len(books.asns_of(merchant, number)) for merchant, number in numbers)


def _adjustments(books: ErpBooks) -> int:
    return sum(
        not any(str(text).startswith(TEST) for text in entry["comments"])
        for entry in books.all_told("stock_adjusted")
    )


def _deliveries(books: ErpBooks) -> int:
    return len(books.deliveries())


COUNTS: Mapping[str, tuple[str, str, Callable[[ErpBooks], int]]] = {
    "products": ("products_kept", "made or updated at Mintsoft", _products),
    "customers": ("customers_read", "read for their addresses", lambda b: b.customers),
    "orders": (
        "unleashed_orders",
        "imported, one of them edited, one deleted",
        lambda b: len(b.imported("order")),
    ),
    "shipments": (
        "unleashed_shipments",
        "imported, of one order",
        lambda b: len(b.imported("shipment")),
    ),
    "despatches": ("despatches_told", "told with their tracking number", _despatches),
    "purchase_orders": ("asns", "announced as ASNs", _asns),
    "receipts": (
        "receipts",
        "receipted as booked in, one of them short",
        lambda b: len(b.all_told("purchase_receipted")),
    ),
    "assemblies": (
        "assemblies",
        "picked, received, completed",
        lambda b: len(b.all_told("assembly_completed")),
    ),
    "transfers": (
        "transfers",
        "picked at one warehouse, received at the other",
        lambda b: len(b.all_told("transfer_completed")),
    ),
    "order_export": (
        "orders_exported",
        "of a web shop, made as sales orders",
        lambda b: len(b.all_told("order_made")),
    ),
    "credit_notes": (
        "credit_notes",
        "of returns that were processed",
        lambda b: len(b.all_told("credit_made")),
    ),
    "stock": ("adjustments", "of counted differences", _adjustments),
    WEBHOOKS: ("webhooks_taken", "deliveries, one of a deleted product", _deliveries),
}
"""Flow -> its name in the last line, what is counted, and how."""


def judge_erp(books: ErpBooks) -> StoryJudgement:
    """Judge a run."""
    judgement = StoryJudgement(duplicates=list(duplicates(books)))
    for flow in (*books.flows, WEBHOOKS):
        name, what, count = COUNTS[flow]
        judgement.counts[name] = count(books)
        judgement.shown.append(Shown(flow, what, judgement.counts[name]))
        if not judgement.counts[name]:
            judgement.lost.append(f"{flow}: nothing of it was shown")
    for merchant in books.companies:
        judgement.lost += _orders_lost(books, merchant)
        judgement.lost += _goods_lost(books, merchant)
        judgement.unexpected += _otherwise(books, merchant)
        if "stock" in books.flows:
            judgement.unexpected += stock_differs(books, merchant)
        judgement.lost += _exports_lost(books, merchant)
    judgement.lost += _returns_lost(books)
    judgement.unexpected += _strangers(books)
    judgement.unexpected += _questions(books)
    return judgement


# -- orders -----------------------------------------------------------------------------------


def _last(books: ErpBooks, merchant: str, kind: str) -> Iterator[tuple[Entry, bool]]:
    """Records that people made, as the journal shows them last, and whether they are deleted."""
    made = [e["guid"] for e in books.journal(merchant, f"{kind}_made")]
    ours = {e["guid"] for e in books.told(merchant, f"{kind}_made")}
    for guid in made:
        if guid in ours:
            continue
        words = [f"{kind}_{what}" for what in ("made", "changed", "deleted")]
        story = [
            e
            for e in books.companies[merchant]["journal"]
            if e["guid"] == guid and e["what"] in words
        ]
        yield story[-1], story[-1]["what"] == words[-1]


def _imports(books: ErpBooks, merchant: str) -> Iterator[tuple[str, str, str, Entry, bool]]:
    """What Mintsoft has to have: name, number of its sales order, reference, entry, is deleted."""
    management = _has_shipments(books, merchant)
    for entry, is_deleted in _last(books, merchant, "shipment" if management else "order"):
        if management:
            name, reference = entry["shipment"], reference_of("shipment", entry["guid"])
        else:
            name, reference = entry["order"], reference_of("order", entry["guid"])
        yield name, entry["order"], reference, entry, is_deleted


def _has_shipments(books: ErpBooks, merchant: str) -> bool:
    """Whether a merchant's orders reach Mintsoft as shipments."""
    client = books.places[merchant].client_id
    return any(order["client_id"] == client for order in books.imported("shipment"))


def _orders_lost(books: ErpBooks, merchant: str) -> Iterator[str]:
    completed = {e["guid"] for e in books.journal(merchant, "order_completed")}
    for name, number, reference, entry, is_deleted in _imports(books, merchant):
        made = books.orders_of(reference)
        if not made:
            if not is_deleted:
                yield f"{name} is not in Mintsoft"
            continue
        if is_deleted and not any(entry["guid"] in item.subject for item in books.parked):
            yield f"{name} was deleted after its import, and nobody is asked about it"
        for order in made:
            if order["status_id"] not in SHIPPED:
                continue
            if order["tracking_number"] not in books.tracking(merchant, number):
                yield f"{name} left as {order['tracking_number']}, and Unleashed was not told"
    for entry, is_deleted in _last(books, merchant, "order"):
        if not is_deleted and entry["guid"] not in completed:
            yield f"{entry['order']} is not completed at Unleashed"


def _sent_here(books: ErpBooks, merchant: str) -> set[str]:
    """Tracking numbers of Unleashed's orders that left Mintsoft."""
    client = books.places[merchant].client_id
    return {
        order["tracking_number"]
        for kind in ("order", "shipment")
        for order in books.imported(kind)
        if order["client_id"] == client and order["status_id"] in SHIPPED
    }


def _shown_there(books: ErpBooks, merchant: str) -> set[str]:
    """Tracking numbers that Unleashed shows."""
    numbers = {e["order"] for e in books.journal(merchant, "order_made")}
    return {shown for number in numbers for shown in books.tracking(merchant, number)}


# -- goods ------------------------------------------------------------------------------------


def _goods_lost(books: ErpBooks, merchant: str) -> Iterator[str]:
    for entry, is_deleted in _last(books, merchant, "purchase"):
        if not is_deleted:
            yield from _ended(
                books, merchant, entry["purchase"], entry["guid"], "purchase_receipted"
            )
    for kind in ("transfer", "assembly"):
        for entry, is_deleted in _last(books, merchant, kind):
            if is_deleted:
                continue
            if not books.orders_of(reference_of(kind, entry["guid"])):
                yield f"the goods of {entry[kind]} were not picked in Mintsoft"
            yield from _ended(books, merchant, entry[kind], entry["guid"], f"{kind}_completed")


def _ended(books: ErpBooks, merchant: str, number: str, guid: str, word: str) -> Iterator[str]:
    if not books.asns_of(merchant, number):
        yield f"{number} was not announced to Mintsoft"
    elif guid not in {entry["guid"] for entry in books.told(merchant, word)}:
        yield f"{number} is booked in, and Unleashed was not told"


# -- what came from elsewhere -----------------------------------------------------------------


def _exports_lost(books: ErpBooks, merchant: str) -> Iterator[str]:
    left, there = len(books.of_web_shop(merchant)), len(books.exported(merchant))
    if there != left:
        yield f"{left} orders of the web shop left, and {there} are completed at Unleashed"


def _returns_lost(books: ErpBooks) -> Iterator[str]:
    """Returns without a credit note."""
    for return_id in books.returns:
        if not any(return_id in text for text in books.credits.values()):
            yield f"return {return_id} was processed, and Unleashed has no credit note"


# -- nothing otherwise ------------------------------------------------------------------------


def _otherwise(books: ErpBooks, merchant: str) -> Iterator[str]:
    """What ended, but with other units."""
    for name, _, reference, entry, is_deleted in _imports(books, merchant):
        wanted = {sku: round(float(units)) for sku, units in entry["lines"].items()}
        for order in books.orders_of(reference):
            found = {item["sku"]: item["quantity"] for item in order["items"]}
            if not is_deleted and found != wanted:
                yield f"{name} has {found} in Mintsoft, and {wanted} in Unleashed"
    for entry in books.told(merchant, "purchase_receipted"):
        told = {sku: round(float(line["receipted"])) for sku, line in entry["lines"].items()}
        for asn in books.asns_of(merchant, entry["purchase"]):
            if booked(asn) != told:
                yield f"{entry['purchase']}: {booked(asn)} booked in, and {told} receipted"
    company = books.companies[merchant]
    for row in company["webhooks"]["deliveries"]:
        if row["state"] == "dropped":
            yield f"the webhook {row['event_id']} of {merchant} was never taken"
    for word in ("refusals", "unknown_keys"):
        for what, count in company[word].items():
            yield f"Unleashed refused something of {merchant}, {count} times: {what}"


def stock_differs(books: ErpBooks, merchant: str) -> Iterator[str]:
    """Products of which the two sides do not have as many units."""
    here, there = books.held(merchant), books.on_hand(merchant)
    for code, sku in sorted({*here, *there}):
        units = here.get((code, sku), 0), there.get((code, sku), 0)
        if sku in books.counted[merchant] and units[0] != units[1]:
            yield f"{sku} in {code} of {merchant}: {units[0]} in Mintsoft, {units[1]} in Unleashed"


def _strangers(books: ErpBooks) -> Iterator[str]:
    """Orders in Mintsoft that say they are of a record of Unleashed's, and there is none such."""
    guids = {entry["guid"] for company in books.companies.values() for entry in company["journal"]}
    for order in books.mintsoft["orders"]:
        if is_erps(order):
            reference = order["external_reference"].removeprefix(OF_UNLEASHED)
            if reference.partition(":")[2] not in guids:
                yield f"order {order['number']} in Mintsoft is of no record of Unleashed's"


def _questions(books: ErpBooks) -> Iterator[str]:
    """What a person is asked, but about orders that were deleted, and about returns of orders that
    Unleashed never had."""
    deleted = {
        entry["guid"]
        for merchant in books.companies
        for entry in books.journal(merchant, "order_deleted")
    }
    for item in books.parked:
        if not item.flow.startswith(UNLEASHED) or any(g in item.subject for g in deleted):
            continue
        if item.code != NO_ORDER or any(r in item.subject for r in books.returns):
            yield f"a person of {item.merchant} is asked ({item.flow}): {item.reason}"
