"""Miinto: the login, its shops, what of it can be read, and whether the file fits.

Nothing is written at Miinto. What is proven about the RMA contract is kept for the flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cli.checks import miinto_goods, miinto_reads, miinto_rmas
from cli.checks.model import Area, Check, Finding, Market, Partner, Subject

LookAtMarket = Callable[[Subject, Market], Iterable[Finding]]


def _check(name: str, look: LookAtMarket, *asks: Partner) -> Check:
    """A check that is made only for a merchant who sells there."""

    def looked(subject: Subject) -> Iterator[Finding]:
        market = subject.market
        if market is not None:
            yield from look(subject, market)

    return Check(name, looked, asks, applies=lambda subject: subject.market_of is not None)


AREA = Area(
    "miinto",
    "Miinto",
    (
        _check("services", miinto_reads.services),
        _check("login and shops", miinto_reads.shops, "miinto"),
        _check("shop names", miinto_reads.names, "miinto"),
        _check("transfers and orders", miinto_reads.transfers_and_orders, "miinto"),
        _check("newer version", miinto_reads.newer_version, "miinto"),
        _check("warehouses of the shops", miinto_goods.warehouses, "mintsoft"),
        _check("product map", miinto_goods.product_maps, "miinto"),
        _check("feed", miinto_goods.feed),
        _check("what a price counts for", miinto_goods.price_is),
        _check("orders in Mintsoft", miinto_goods.orders_in_mintsoft, "mintsoft"),
        _check("shipping providers", miinto_goods.providers, "miinto"),
        _check("tracking", miinto_goods.tracking),
        _check("RMA contract", miinto_rmas.contract, "miinto"),
        _check("RMAs live", miinto_rmas.live),
        _check("RMA requests", miinto_rmas.requests),
    ),
)
