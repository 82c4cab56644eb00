"""Of Miinto: services, login, shops, and whether transfers and orders can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice

from cli.checks.model import Finding, Market, Subject, failed, ok, skipped, warning
from returns_hub.domain.miinto.markets import country_of
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.errors import Misconfigured, Verdict
from returns_hub.ports.marketplace import SERVICES, Service

MOST_READ = 200
"""Transfers of a shop that are read."""
SAMPLE = 5
"""Orders of a shop that are looked at more closely."""
LOOK_BACK = timedelta(days=30)
OF_THE_LOGIN = frozenset({"miinto.login_refused", "miinto.channel_refused"})
"""Trouble that every shop has, and not one alone."""


def services(_: Subject, market: Market) -> Iterator[Finding]:
    """Whether each service is there; asked without the login."""
    connection = market.connection
    if connection.test_mode:
        yield warning(
            "test mode",
            "is on: the sandbox is asked, and no order of it is real",
            "take test_mode out of the file of a merchant that sells",
        )
    for service in SERVICES:
        name = f"service {service.replace('_', ' ')}"
        if not _is_needed(service, market):
            yield skipped(name, "nothing in the file needs it")
            continue
        try:
            said = market.probe.service_status(service)
        except Verdict as verdict:
            yield failed(
                name, verdict.reason, f"see miinto.{service}_url, and that it can be reached"
            )
            continue
        if said.upper() == "OK":
            yield ok(name, "OK")
        else:
            yield warning(name, f"says {said or 'nothing'} of itself", "ask Miinto")


def _is_needed(service: Service, market: Market) -> bool:
    connection = market.connection
    if service == "stock":
        return connection.stock.mode.value != "off"
    if service == "product_map":
        return "product_map" in connection.identify_by
    return True


def shops(_: Subject, market: Market) -> Iterator[Finding]:
    """The shops of the login's privileges, beside those of the file."""
    granted = market.probe.granted()
    known = {shop.id: shop for shop in granted.shops}
    configured = {shop.id: shop for shop in market.connection.shops}
    yield ok("login", f"is taken; it may use {len(known)} shops", shops=sorted(known))
    if not configured:
        yield failed(
            "shops", "the file has none", "add them to miinto.shops; hub miinto shops shows them"
        )
    for shop in configured.values():
        name = f"shop {shop.slug}"
        access = known.get(shop.id)
        if access is None and not granted.any_shop:
            yield failed(
                name, "the login may not use it", "correct miinto.shops, or ask Miinto for it"
            )
            continue
        countries = access.countries if access else ()
        told = country_of(shop)
        if countries and told and told not in {_iso(country) for country in countries}:
            yield warning(
                name,
                f"the file has it in {told}, the login in {', '.join(countries)}",
                "correct miinto.shops",
            )
            continue
        off = [what for what in ("orders", "rmas") if not getattr(shop, what)]
        without = f"; {' and '.join(off)} of it are switched off" if off else ""
        yield ok(name, f"{', '.join(countries) or told or 'no country told'}{without}")
    left = sorted(set(known) - set(configured))
    if left:
        yield warning(
            "shops that are not in the file",
            f"{', '.join(left)}: what is offered to them is left alone",
            "add them to miinto.shops, unless that is what you want",
            shops=left,
        )


def _iso(country: str) -> str:
    return "GB" if country == "UK" else country


def names(_: Subject, market: Market) -> Iterator[Finding]:
    """A signed read of every shop: signature, clock and shop in one."""
    for shop in market.connection.shops:
        name = f"signed read of {shop.slug}"
        yield from of_shop(name, partial(_name, name, market, shop))


def _name(name: str, market: Market, shop: MiintoShop) -> Iterator[Finding]:
    yield ok(name, market.probe.shop_name(shop.id) or "answered, without a name")


def of_shop(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What is found of one shop; its trouble is told and does not hide the other shops."""
    try:
        yield from look()
    except Misconfigured as verdict:
        if verdict.code in OF_THE_LOGIN:
            raise
        yield failed(name, verdict.reason, "correct miinto.shops, or ask Miinto")


def transfers_and_orders(subject: Subject, market: Market) -> Iterator[Finding]:
    """Whether both lists are read with the version of the file."""
    if market.connection.level == "stock_only":
        yield skipped("transfers", "are not synced: level is stock_only")
        return
    for shop in market.connection.shops:
        if shop.orders:
            name = f"transfers of {shop.slug}"
            yield from of_shop(name, partial(_offers, name, market, shop))
            name = f"orders of {shop.slug}"
            yield from of_shop(name, partial(_orders, name, subject, market, shop))


def _offers(name: str, market: Market, shop: MiintoShop) -> Iterator[Finding]:
    offers = list(islice(market.world.marketplace.pending_transfers(shop.id), MOST_READ))
    more = " or more" if len(offers) == MOST_READ else ""
    yield ok(
        name,
        f"version {market.connection.version}: {len(offers)}{more} wait for an answer",
        pending=len(offers),
    )


def _orders(name: str, subject: Subject, market: Market, shop: MiintoShop) -> Iterator[Finding]:
    since = subject.now - LOOK_BACK
    found = list(islice(market.world.marketplace.orders(shop.id, since), SAMPLE))
    told = f"version {market.connection.version}: {len(found)} of the newest were read"
    if found and not any(order.created_at for order in found):
        yield warning(
            name,
            f"{told}, none with a time: every run reads them all",
            "ask Miinto where an order tells when it was made",
        )
    else:
        yield ok(name, told)


def newer_version(_: Subject, market: Market) -> Iterator[Finding]:
    """Whether a newer version of the API is answered; only a note."""
    shops_ = market.connection.shops
    if not shops_:
        return
    major, minor = (int(part) for part in market.connection.version.split("."))
    newer = f"{major}.{minor + 1}"
    if market.probe.answers_version(newer, shops_[0].id):
        found = f"{newer} is answered too; whether it differs is not told"
    else:
        found = f"{newer} is not answered"
    yield ok("newer version", found, version=newer)
