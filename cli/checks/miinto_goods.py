"""Of Miinto: products, prices, warehouses, couriers; whether orders could be made and sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import islice

from cli.checks.miinto_reads import of_shop
from cli.checks.mintsoft_orders import look_at_orders
from cli.checks.model import Finding, Market, Subject, failed, ok, skipped, warning
from returns_hub.domain.file_types import Mode
from returns_hub.domain.lint.maps import couriers_of_miinto
from returns_hub.domain.miinto.markets import currency_of
from returns_hub.domain.miinto.settings import MiintoShop

MOST_ROWS = 20_000
"""Of a product map or a feed: enough to tell, and not the whole of a large one."""
SAMPLE = 5
"""Orders of a shop whose shipping providers are read."""
LOOK_BACK = timedelta(days=30)


def warehouses(subject: Subject, market: Market) -> Iterator[Finding]:
    """Whether each shop's warehouse is there."""
    known = subject.world.warehouse.warehouse_ids()
    have = ", ".join(f"{number} {name}" for number, name in sorted(known.items()))
    for shop in market.connection.shops:
        name = f"warehouse {shop.warehouse} (shop {shop.slug})"
        if shop.warehouse in known:
            yield ok(name, known[shop.warehouse])
        else:
            yield failed(
                name,
                f"is not an active warehouse; there are: {have}",
                "correct miinto.shops in the merchant file",
            )


def product_maps(_: Subject, market: Market) -> Iterator[Finding]:
    """Whether each shop's product map is there, and names SKUs."""
    if "product_map" not in market.connection.identify_by:
        yield skipped("product map", "is not used (miinto.identify_by)")
        return
    for shop in market.connection.shops:
        name = f"product map of {shop.slug}"
        yield from of_shop(name, partial(_product_map, name, market, shop))


def _product_map(name: str, market: Market, shop: MiintoShop) -> Iterator[Finding]:
    rows = list(islice(market.world.marketplace.product_map(shop.id), MOST_ROWS))
    named = sum(bool(row.sku and row.product_id) for row in rows)
    more = " or more" if len(rows) == MOST_ROWS else ""
    if named:
        yield ok(name, f"{len(rows)}{more} rows, {named} with SKU and Miinto's item id")
    else:
        yield warning(
            name,
            f"{len(rows)} rows, none with both SKU and Miinto's item id",
            "products are then found by GTIN alone; see whether the shop is on Product Centre",
        )


def feed(_: Subject, market: Market) -> Iterator[Finding]:
    """Whether the feed comes, can be read, and has what is asked of it."""
    connection = market.connection
    decides = connection.transfers.mode is Mode.LIVE and connection.transfers.rule.automatic
    if connection.feed is None:
        if decides or connection.stock.mode is Mode.LIVE:
            what = "reference prices" if decides else "the keys by which stock is told"
            yield failed("feed", f"no feed is named, and it holds {what}", "name miinto.feed.url")
        else:
            yield skipped("feed", "none is named; deciding by the rule and telling stock need it")
        return
    rows, gtins = 0, 0
    priced: Counter[str] = Counter()
    for row in islice(market.world.marketplace.feed(), MOST_ROWS):
        rows += 1
        gtins += bool(row.gtin)
        priced.update({**(row.original_prices or {}), **(row.final_prices or {})}.keys())
    more = " or more" if rows == MOST_ROWS else ""
    if not rows:
        yield failed("feed", "holds no variant that can be read", "see the feed, and its log")
        return
    told = ", ".join(f"{units} in {currency}" for currency, units in sorted(priced.items()))
    yield ok("feed", f"{rows}{more} variants, {gtins} with a GTIN; prices: {told or 'none'}")
    if gtins == 0 and "gtin" in connection.identify_by:
        yield warning(
            "GTINs of the feed",
            "there are none: a product is not found by its GTIN",
            "add the column gtin, or take gtin out of miinto.identify_by",
        )
    for currency, slugs in _currencies(market).items():
        name = f"prices in {currency}"
        if priced[currency]:
            yield ok(name, f"{priced[currency]} variants (shops {', '.join(slugs)})")
        else:
            bad = failed if decides else warning
            yield bad(
                name,
                f"no variant has one, and the shops {', '.join(slugs)} are paid in it: their "
                "positions would wait for a person",
                f"add the column c:retail_price_{currency}:integer to the feed",
            )


def _currencies(market: Market) -> dict[str, list[str]]:
    """Currency -> shops that are paid in it, as far as their ids tell."""
    found: dict[str, list[str]] = {}
    for shop in market.connection.shops:
        currency = currency_of(shop)
        if currency and shop.orders:
            found.setdefault(currency, []).append(shop.slug)
    return found


def price_is(_: Subject, market: Market) -> Iterator[Finding]:
    """A position's price is of a unit or of the line: no source tells."""
    transfers = market.connection.transfers
    if transfers.mode is Mode.OFF:
        yield skipped("what a price counts for", "transfers are off")
    elif transfers.price_is == "unknown":
        yield warning(
            "what a price counts for",
            "miinto.transfers.price_is is unknown: positions of more than one unit wait for a "
            "person",
            "compare a position of two units with the price in Miinto, and say unit or line",
        )
    else:
        yield ok("what a price counts for", f"the {transfers.price_is}, as the file says")


def orders_in_mintsoft(subject: Subject, market: Market) -> Iterator[Finding]:
    """Mintsoft's order statuses, the couriers that the file names, and the stock of each shop."""
    orders = market.connection.orders
    makes = orders.mode is not Mode.OFF and orders.into == "mintsoft"
    if not makes and market.connection.stock.mode is Mode.OFF and _judges_nothing(market):
        yield skipped("orders and stock in Mintsoft", "nothing in the file needs them")
        return
    yield from look_at_orders(
        market.world.orders,
        subject.merchant.mintsoft.orders,
        sorted({shop.warehouse for shop in market.connection.shops}),
        couriers_of_miinto(market.connection),
    )


def _judges_nothing(market: Market) -> bool:
    return market.connection.transfers.mode is Mode.OFF


def providers(subject: Subject, market: Market) -> Iterator[Finding]:
    """Whether the providers that Miinto allows for orders are mapped, on a sample of orders."""
    connection = market.connection
    if connection.level == "stock_only" or connection.orders.mode is Mode.OFF:
        yield skipped("shipping providers", "orders are not synced")
        return
    for shop in connection.shops:
        if shop.orders:
            name = f"shipping providers of {shop.slug}"
            yield from of_shop(name, partial(_allowed, name, subject, market, shop))


def _allowed(name: str, subject: Subject, market: Market, shop: MiintoShop) -> Iterator[Finding]:
    orders, since = market.connection.orders, subject.now - LOOK_BACK
    sample = list(islice(market.world.marketplace.orders(shop.id, since), SAMPLE))
    allowed: Counter[str] = Counter()
    for order in sample:
        found = market.world.marketplace.shipping_providers(shop.id, order.id)
        allowed.update({provider.id for provider in found})
    if not allowed:
        yield skipped(name, f"{len(sample)} orders in 30 days tell none; check again later")
        return
    unmapped = sorted(set(allowed) - set(orders.couriers))
    if unmapped:
        yield warning(
            name,
            f"not in the map: {', '.join(unmapped)}; such orders go by {orders.courier_default}",
            "add them to miinto.orders.couriers",
            unmapped=unmapped,
        )
    else:
        yield ok(name, f"{', '.join(sorted(allowed))}: all mapped")
    yield from _sent_by(shop.slug, market, set(allowed))


def _sent_by(slug: str, market: Market, allowed: set[str]) -> Iterator[Finding]:
    """Whether the providers that Miinto would be told of are ones that it allows."""
    tracking = market.connection.tracking
    if tracking.mode is Mode.OFF:
        return
    told = set(tracking.providers.values())
    told |= {tracking.provider_default} if tracking.provider_default else set()
    strange = sorted(told - allowed)
    name = f"providers that {slug} is told of"
    if strange:
        yield warning(
            name,
            f"not among those of its orders: {', '.join(strange)}",
            "correct miinto.tracking.providers, if they are meant for this market",
        )
    else:
        yield ok(name, "are ones that Miinto allows")


def tracking(_: Subject, market: Market) -> Iterator[Finding]:
    """The call by which Miinto is told of despatches is not public."""
    call = market.connection.tracking
    if call.mode is Mode.OFF:
        yield skipped(
            "tracking",
            "is off: Miinto is not told of despatches, for its call is not public",
            "ask Miinto for the call, put it into miinto.tracking, and try it in shadow",
        )
        return
    told = "is looked up by miinto.tracking.seen_at" if call.seen_at else "cannot be looked up"
    yield warning(
        "tracking",
        f"{call.method} {call.path} is not proven: no read can; a call without an answer {told}",
        "see that Miinto has confirmed the call"
        + ("" if call.seen_at else "; name miinto.tracking.seen_at"),
    )
