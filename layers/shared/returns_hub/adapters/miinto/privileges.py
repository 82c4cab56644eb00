"""What a login may use: the shops and their countries, read from a channel's privileges.

Source: Miinto's auth SDK (the shape ``privileges[system][elementType][elementId][component]``, in
which ``*`` may stand at any level) and two clients of merchants (shops are the keys under
``__GLOBAL__.Store``, a country's shops the keys under ``<country>.ShopAdmin``). The masks are not
read: no client does. PHP writes an empty map as ``[]``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

ANY = "*"
EVERYWHERE = "__GLOBAL__"
OF_ALL = "Store"
OF_A_COUNTRY = "ShopAdmin"
COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
MOST_SHOPS = 400
"""They are kept in a secret, which holds 64 KiB."""
LONGEST_ID = 64


@dataclass(frozen=True)
class Grant:
    """A shop that the login may use, and the countries it is given for; none when none is told."""

    shop: str
    countries: tuple[str, ...]


@dataclass(frozen=True)
class Grants:
    """What a login may use. With `any_shop` it is not limited to those that are named."""

    shops: tuple[Grant, ...] = ()
    any_shop: bool = False

    def to_text(self) -> str:
        """As it is kept with the channel."""
        rows = [[grant.shop, *grant.countries] for grant in self.shops]
        return json.dumps({"any": self.any_shop, "shops": rows}, separators=(",", ":"))

    @staticmethod
    def of_text(text: str) -> Grants | None:
        """What `to_text` wrote; None when it is not that."""
        try:
            content = json.loads(text)
            rows = [Grant(str(row[0]), tuple(map(str, row[1:]))) for row in content["shops"]]
            return Grants(tuple(rows), content["any"] is True)
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            return None


def grants_of(privileges: Any) -> Grants:
    """The shops and countries that privileges name, in the order of their ids."""
    countries: dict[str, set[str]] = {}
    any_shop = False
    for system, elements in _map(privileges).items():
        country = system.upper() if COUNTRY.fullmatch(system) else ""
        if not country and system not in {EVERYWHERE, ANY}:
            continue
        kinds = (
            {OF_A_COUNTRY}
            if country
            else {OF_ALL}
            if system == EVERYWHERE
            else {OF_ALL, OF_A_COUNTRY}
        )
        for kind, shops in _map(elements).items():
            if kind not in kinds | {ANY}:
                continue
            for shop in _map(shops):
                if shop == ANY:
                    any_shop = True
                elif 0 < len(shop) <= LONGEST_ID and len(countries) < MOST_SHOPS:
                    countries.setdefault(shop, set()).update({country} - {""})
    rows = (Grant(shop, tuple(sorted(found))) for shop, found in sorted(countries.items()))
    return Grants(tuple(rows), any_shop)


def _map(content: Any) -> dict[str, Any]:
    """An object; anything else, PHP's ``[]`` among it, holds nothing."""
    return content if isinstance(content, dict) else {}
