"""Which market a shop is of, told by its id alone."""

from __future__ import annotations

from returns_hub.domain.miinto.settings import SHOP, MiintoShop

OF_DIALLING_CODE = {
    "031": "NL",
    "032": "BE",
    "033": "FR",
    "034": "ES",
    "039": "IT",
    "041": "CH",
    "044": "GB",
    "045": "DK",
    "046": "SE",
    "047": "NO",
    "048": "PL",
    "049": "DE",
    "086": "CN",
    "358": "FI",
}
"""Dialling code in a shop's id -> ISO 3166 country. Which shops a login may use, and for which
countries, its privileges tell; this is only for naming a shop without asking Miinto."""

OTHER_CURRENCIES = {
    "CH": "CHF",
    "CN": "CNY",
    "DK": "DKK",
    "GB": "GBP",
    "NO": "NOK",
    "PL": "PLN",
    "SE": "SEK",
}
"""Currencies of Miinto's markets outside the euro, as vendors' documents list them."""


def market_of(shop: str) -> str:
    """The country of a shop's id, e.g. ``DK`` of ``1-m!i!s-045-1234``; nothing if it tells none."""
    found = SHOP.fullmatch(shop)
    return OF_DIALLING_CODE.get(found[1][:3], "") if found else ""


def country_of(shop: MiintoShop) -> str:
    """The country that the file says, else the id's."""
    return shop.country or market_of(shop.id)


def currency_of(shop: MiintoShop) -> str:
    """The currency that buyers of the shop's country pay in; nothing if the country is not known.

    What counts is the currency that a transfer tells; this is for looking at settings beforehand.
    """
    country = country_of(shop)
    return OTHER_CURRENCIES.get(country, "EUR") if country else ""
