"""Guids by natural key: products, customers and warehouses by their codes.

Guids differ from account to account, so that they are kept by account: whoever changes from a
sandbox to a live account meets none of the old ones. Filters by code match beginnings (the pages on
products and sales orders say so), so that codes are compared here, exactly. A code may hold what
cannot be in a query; then its longest beginning that can is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from returns_hub.adapters.unleashed.client import UnleashedClient
from returns_hub.adapters.unleashed.reading import Raw, guid_of, value_of
from returns_hub.adapters.unleashed.signing import SAFE, Query

Kind = Literal["product", "customer", "warehouse"]
PAGE_SIZE = 200


class Guids(Protocol):
    """Guids that were looked up before; entries expire after some days."""

    def known(self, account: str, kind: str, codes: Iterable[str]) -> dict[str, str]:
        """Guids of those of the codes that are known."""

    def remember(self, account: str, kind: str, guids: Mapping[str, str]) -> None:
        """Keep code -> Guid."""

    def forget(self, account: str, kind: str, codes: Iterable[str]) -> None:
        """Drop entries that proved wrong."""


@dataclass(frozen=True)
class _List:
    path: str
    code: str
    filter: str | None = None
    more: Query = ()


LISTS: dict[Kind, _List] = {
    "product": _List("/Products", "ProductCode", "productCode", (("includeObsolete", True),)),
    "customer": _List("/Customers", "CustomerCode", "customerCode", (("includeObsolete", True),)),
    "warehouse": _List("/Warehouses", "WarehouseCode"),
}


class NaturalKeys:
    """Guids of one account, kept.

    Args:
        client: The account.
        guids: Where they are kept.
    """

    def __init__(self, client: UnleashedClient, guids: Guids) -> None:
        self._client = client
        self._guids = guids

    def asked_by(self, client: UnleashedClient) -> NaturalKeys:
        """The same Guids, asked for by another copy of the account's client."""
        return NaturalKeys(client, self._guids)

    def find(self, kind: Kind, codes: Iterable[str]) -> dict[str, str]:
        """Guids by code; a code that Unleashed does not know is not in it.

        One request for each code that is not kept, and for warehouses one for all. For many
        products read the list of products, and `learn` from it.

        Raises:
            As `UnleashedClient.read`.
        """
        account = self._client.account
        wanted = list(dict.fromkeys(code for code in codes if code))
        found = self._guids.known(account, kind, wanted)
        missing = [code for code in wanted if code not in found]
        if not missing:
            return found
        if LISTS[kind].filter is None:
            fresh = self._all(kind)
        else:
            fresh = {}
            for code in missing:
                fresh |= self._by_code(kind, code)
        if fresh:
            self._guids.remember(account, kind, fresh)
        return found | {code: fresh[code] for code in missing if code in fresh}

    def learn(self, kind: Kind, rows: Iterable[Raw]) -> None:
        """Keep the Guids of objects that were read anyway."""
        found = dict(pair for row in rows if (pair := _pair(kind, row)))
        if found:
            self._guids.remember(self._client.account, kind, found)

    def kept(self, kind: str, names: Iterable[str]) -> dict[str, str]:
        """Guids that are kept under these names, of whatever kind; Unleashed is not asked."""
        return self._guids.known(self._client.account, kind, list(names))

    def keep(self, kind: str, guids: Mapping[str, str]) -> None:
        """Keep Guids under names of whatever kind."""
        self._guids.remember(self._client.account, kind, guids)

    def forget(self, kind: Kind, codes: Iterable[str]) -> None:
        """Drop Guids that Unleashed does not know any more."""
        self._guids.forget(self._client.account, kind, codes)

    def _all(self, kind: Kind) -> dict[str, str]:
        rows = self._client.rows(LISTS[kind].path, LISTS[kind].more, size=PAGE_SIZE)
        return dict(pair for row in rows if (pair := _pair(kind, row)))

    def _by_code(self, kind: Kind, code: str) -> dict[str, str]:
        """The one object with this code; reading ends where it is found."""
        listed = LISTS[kind]
        begins = SAFE.match(code)
        query: list[tuple[str, Any]] = [*listed.more]
        if begins and listed.filter:
            query.insert(0, (listed.filter, begins[0]))
        for row in self._client.rows(listed.path, query, size=PAGE_SIZE):
            pair = _pair(kind, row)
            if pair is not None and pair[0] == code:
                return {code: pair[1]}
        return {}


def _pair(kind: Kind, row: Raw) -> tuple[str, str] | None:
    code, guid = value_of(row, LISTS[kind].code), guid_of(row)
    return (code, guid) if isinstance(code, str) and code and re.search("[1-9a-f]", guid) else None
