"""What really happened around the stock feed, by the books of WAIR, the channel and Mintsoft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from local.run.judgement import Shown, StoryJudgement
from local.run.wair_books import CANCELLED, Entry, Levels, WairBooks
from returns_hub.flows.bundles.questions import FLOW as BUNDLES

SETS = ("locations", "sizes", "colors", "items")
OURS = ("wair_", "relay.")
"""What the names of these flows begin with."""


def judge_wair(books: WairBooks) -> StoryJudgement:
    """Judge a run."""
    judgement = StoryJudgement()
    for name, what, shown in _shown(books):
        judgement.counts[name] = shown
        judgement.shown.append(Shown(name.replace("_", " "), what, shown))
        if not shown:
            judgement.lost.append(f"{name.replace('_', ' ')}: nothing of it was shown")
    judgement.unexpected += _batches(books)
    judgement.lost += _products_lost(books)
    judgement.unexpected += _differing("stock", books.on_hand_here(), books.on_hand_there())
    judgement.unexpected += _differing("reserved", books.reserved_here(), books.reserved_there())
    judgement.unexpected += _one_row(books)
    judgement.unexpected += _advice(books)
    judgement.duplicates += _told_twice(books)
    judgement.lost += _not_relayed(books)
    judgement.unexpected += _counts(books)
    judgement.duplicates += _cancelled_twice(books)
    judgement.unexpected += _changes(books)
    judgement.unexpected += _questions(books)
    return judgement


def _shown(books: WairBooks) -> Iterator[tuple[str, str, int]]:
    asked = books.asked
    cancels = [asked.cancelled, asked.edited[0]]
    yield "feed_batches", "opened and closed", books.tenant["batches"].get("stopped", 0)
    yield "stock_rows", "of stock and of what is reserved", len(books.on_hand_there())
    yield "reserved_rows", "set aside for orders, or in quarantine", len(books.reserved_there())
    known = {row["sku"] for row in books.products()} & books.skus_there().keys()
    yield "feed_products", "told as items", len(known)
    yield "advice_kept", "stock targets and proposals of transfers", sum(books.advice)
    yield "despatches_relayed", "told to the channel, each once", len(books.channel["taken"])
    yield "orders_cancelled", "cancelled or edited upstream", sum(map(books.cancels, cancels))
    yield "bundle_questions", "about orders that it would stall", len(books.questions(BUNDLES))


# -- the feed ---------------------------------------------------------------------------------


def _batches(books: WairBooks) -> Iterator[str]:
    batches = books.tenant["batches"]
    if batches["open"] or batches.get("started", 0) != batches.get("stopped", 0):
        yield (
            f"{batches.get('started', 0)} batches were opened, {batches.get('stopped', 0)} closed"
        )
    for name in books.tenant["unfinished_full_loads"]:
        yield f"a full load of {name} never came to its end"
    for what, count in books.tenant["refusals"].items():
        yield f"WAIR refused something, {count} times: {what}"


def _products_lost(books: WairBooks) -> Iterator[str]:
    """What WAIR does not know, or knows in part."""
    for name in SETS:
        if not books.told(name):
            yield f"of {name} WAIR was told nothing"
    places = {row["locationId"] for row in books.rows("locations")}
    for place in sorted(set(books.locations) - places):
        yield f"WAIR does not know the location {place}"
    there = books.skus_there()
    for product in books.products():
        if product["sku"] not in there:
            yield f"WAIR does not know the product {product['sku']}"
    for name, key in (("sizes", "sizeId"), ("colors", "colorId")):
        known = {row[key] for row in books.rows(name)}
        for word in sorted({sku[key] for sku in there.values() if key in sku} - known):
            yield f"of {name} WAIR does not know {word}"
    for row in books.rows("sizes"):
        if "sortOrder" not in row:
            yield f"the size {row['sizeId']} has no place among the sizes"


def _differing(what: str, here: Levels, there: Levels) -> Iterator[str]:
    for key in sorted({*here, *there}):
        units = here.get(key, 0), there.get(key)
        if units[0] != (units[1] or 0) or (what == "stock" and units[1] is None):
            place, sku = key
            yield f"{what} of {sku} in {place}: {units[0]} in Mintsoft, {units[1]} at WAIR"


def _one_row(books: WairBooks) -> Iterator[str]:
    asked = books.asked
    if asked.rows_told != 1 or list(asked.rows_moved) != [asked.changed]:
        moved = ", ".join(f"{sku} in {place}" for place, sku in asked.rows_moved) or "nothing"
        yield f"one row of stock changed, and {asked.rows_told} were told; at WAIR changed: {moved}"


def _advice(books: WairBooks) -> Iterator[str]:
    for what, kept, has in zip(
        ("stock targets", "proposals of transfers"), books.advice, books.advised, strict=True
    ):
        if kept != has:
            yield f"WAIR has {has} {what}, and {kept} are kept"


# -- despatches upstream ----------------------------------------------------------------------


def _told_twice(books: WairBooks) -> Iterator[str]:
    for event, count in Counter(books.channel["came_again"]).items():
        yield f"the channel was told {event} {count + 1} times"
    for order_id, events in books.relayed().items():
        if len(events) > 1:
            yield f"of order {order_id} the channel was told {len(events)} things"


def _not_relayed(books: WairBooks) -> Iterator[str]:
    relayed = books.relayed()
    for order_id, order in books.sent().items():
        if order_id not in relayed:
            yield f"{order['number']} (order {order_id}) left, and the channel was not told"


def _counts(books: WairBooks) -> Iterator[str]:
    """What the channel was told otherwise than it is."""
    sent = books.sent()
    for name in books.channel["out_of_order"]:
        yield f"the channel was told the older {name} after a newer one"
    if books.channel["unsigned"]:
        yield f"{books.channel['unsigned']} events for the channel were not signed as agreed"
    for order_id, events in books.relayed().items():
        order, event = sent.get(order_id), events[-1]
        if order is None:
            yield f"the channel was told that order {order_id} left, and it did not"
            continue
        told = {line["sku"]: line["despatched"] for line in event["lines"] if line["despatched"]}
        units = _units([order])
        if told != units:
            yield f"{order['number']}: {units} left, and the channel was told {told}"
        if event["tracking_number"] != (order["tracking_number"] or None):
            yield f"{order['number']}: the channel was told the number {event['tracking_number']}"
    yield from _split(books)


def _split(books: WairBooks) -> Iterator[str]:
    """Of an order that left in two parts the last one told has to add up."""
    parts = books.parts(books.asked.split)
    relayed = books.relayed()
    events = [event for part in parts for event in relayed.get(part["id"], ())]
    so_far = {
        sku: max(_counted(event, "despatched_so_far").get(sku, 0) for event in events)
        for sku in _units(parts)
        if events
    }
    left = min((sum(_counted(event, "left").values()) for event in events), default=-1)
    if len(parts) < 2 or so_far != _units(parts) or left != 0:
        yield (
            f"{books.asked.split} left in {len(parts)} parts with {_units(parts)}, and the channel "
            f"was told {so_far} with {left} left"
        )


def _units(parts: list[Entry]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for part in parts:
        for item in part["items"]:
            found[item["sku"]] += item["quantity"]
    return dict(found)


def _counted(event: Entry, what: str) -> dict[str, int]:
    return {line["sku"]: line[what] for line in event["lines"]}


# -- orders that were changed, and bundles ----------------------------------------------------


def _cancelled_twice(books: WairBooks) -> Iterator[str]:
    for number in (books.asked.cancelled, books.asked.edited[0]):
        if books.cancels(number) > 1:
            yield f"{number} was cancelled {books.cancels(number)} times"


def _changes(books: WairBooks) -> Iterator[str]:
    asked = books.asked
    for number in (asked.cancelled, asked.edited[0]):
        for part in books.parts(number):
            if part["status_id"] != CANCELLED:
                yield f"{number} was changed upstream, and is not cancelled at Mintsoft"
            elif not books.cancels(number):
                yield f"{number} is cancelled at Mintsoft, and the hub did not do it"
    for part in books.parts(asked.edited[1]):
        if part["id"] not in books.sent():
            yield f"{asked.edited[1]} took the place of {asked.edited[0]}, and did not leave"
    for order in books.orders():
        known = order["number"] in (asked.cancelled, asked.edited[0])
        if not known and books.cancels(order["number"]):
            yield f"{order['number']} was cancelled, and nobody wanted it"


def _questions(books: WairBooks) -> Iterator[str]:
    """What a person is asked, but about the bundle."""
    wanted = [order["id"] for order in books.parts(books.asked.bundle)]
    about = [item for item in books.questions(BUNDLES) if _order_of(item.subject) in wanted]
    if len(about) != 1:
        yield f"of {books.asked.bundle}, which holds a bundle, {len(about)} questions are asked"
    for item in books.parked:
        if item.flow.startswith(OURS) and item not in about:
            yield f"a person of {item.merchant} is asked ({item.flow}): {item.reason}"


def _order_of(subject: str) -> int:
    """Mintsoft's id of an order that a question is about."""
    name = subject.rpartition("/")[2]
    return int(name) if name.isdigit() else 0
