"""hub miinto shops: what the login may use, what the file has, and whether the services answer."""

from __future__ import annotations

from typing import Any

import click

from cli.choices import merchants_argument
from cli.miinto.desk import desk_of, short
from cli.terminal import clean, console, json_option, pass_reach, say_json, shown, table
from cli.verbs import verb
from cli.worlds import Reach
from returns_hub.domain.miinto.markets import country_of
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.errors import Verdict
from returns_hub.ports.marketplace import SERVICES, MarketplaceProbe, Service, ShopAccess


@verb()
@merchants_argument
@json_option
@pass_reach
def shops(reach: Reach, merchant: str | None, as_json: bool) -> None:
    """Log in, and show the shops that the login may use, beside those of the file.

    An entry for the merchant's file is printed for each shop that is not in it yet.

    Example: hub miinto shops example-miinto

    See also: hub check, docs/miinto.md
    """
    desk = desk_of(reach, merchant)
    services = services_of(desk.hub.market.probe(desk.merchant))
    granted = {shop.id: shop for shop in desk.market_world.marketplace.shops()}
    configured = {shop.id: shop for shop in desk.connection.shops}
    ids = list(dict.fromkeys([*granted, *configured]))
    if as_json:
        say_json(
            {
                "merchant": desk.merchant,
                "test_mode": desk.connection.test_mode,
                "services": services,
                "shops": [_row(one, granted.get(one), configured.get(one)) for one in ids],
            }
        )
        return
    mode = "TEST MODE: the sandbox" if desk.connection.test_mode else "live"
    click.echo(f"logged in ({mode}); version {desk.connection.version}")
    for name, told in services.items():
        click.echo(clean(f"  {name.replace('_', ' ')}: {told}"))
    rows = table("shop", "short", "countries", "name", "in the file")
    for one in ids:
        rows.add_row(*_cells(one, granted.get(one), configured.get(one)))
    console().print(rows)
    _say_missing([one for one in ids if one not in configured])


def services_of(probe: MarketplaceProbe) -> dict[str, str]:
    """What each service says of itself, or why it says nothing."""
    return {service: _status(probe, service) for service in SERVICES}


def _status(probe: MarketplaceProbe, service: Service) -> str:
    try:
        return probe.service_status(service) or "answers, without a status"
    except Verdict as verdict:
        return verdict.reason


def standing(granted: ShopAccess | None, configured: MiintoShop | None) -> str:
    """One word on a shop."""
    if granted is None:
        return "not_granted"
    return "configured" if configured is not None else "not_configured"


def _row(shop: str, granted: ShopAccess | None, configured: MiintoShop | None) -> dict[str, Any]:
    return {
        "id": shop,
        "short": short(shop),
        "countries": list(granted.countries) if granted else [],
        "name": granted.name if granted else "",
        "standing": standing(granted, configured),
        "configured": configured.model_dump(mode="json") if configured else None,
    }


def _cells(shop: str, granted: ShopAccess | None, configured: MiintoShop | None) -> tuple[str, ...]:
    if granted is None:
        told = "yes, BUT THE LOGIN MAY NOT USE IT"
    elif configured is None:
        told = "no"
    else:
        off = [name for name in ("orders", "rmas") if not getattr(configured, name)]
        without = f", without {' and '.join(off)}" if off else ""
        told = f"warehouse {configured.warehouse}{without}"
    countries = granted.countries if granted else ()
    of_file = country_of(configured) if configured else ""
    return (
        shown(shop),
        shown(short(shop)),
        shown(", ".join(countries) or (f"({of_file})" if of_file else "-")),
        shown((granted.name if granted else "") or "-"),
        shown(told),
    )


def _say_missing(ids: list[str]) -> None:
    if not ids:
        return
    click.echo("for the file (the warehouse is yours to say):\n  shops:")
    for one in ids:
        click.echo(clean(f"    - id: {one}\n      warehouse: 0 # Mintsoft warehouse"))
