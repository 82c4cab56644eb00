"""Customers of Unleashed; read only.

Sources: a digest of the page on customers: filters by code and name match beginnings, and an
address is ``{AddressType, AddressName, StreetAddress, StreetAddress2, City, Region, Country,
PostalCode}``; orders have ``DeliveryPostCode``, and ``PostCode`` is read as well. The types are
Postal, Physical and Shipping. Of a currency an order's customer shows ``CurrencyId`` alone; the
customer itself shows ``Currency`` with its code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from returns_hub.adapters.unleashed import dates
from returns_hub.adapters.unleashed.account import UnleashedAccount, UnleashedResource
from returns_hub.adapters.unleashed.reading import (
    Raw,
    code_of,
    guid_of,
    part_of,
    rows_of,
    text_of,
    value_of,
)
from returns_hub.adapters.unleashed.signing import SAFE
from returns_hub.domain.unleashed.customers import CustomersPage, ErpCustomer
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.errors import Permanent

PATH = "/Customers"
IN_THIS_ORDER = ("shipping", "physical", "postal")
MOST_REMEMBERED = 500


class UnleashedCustomers(UnleashedResource):
    """`ports.erp.ErpCustomers`; what it read it remembers as long as it lives, which is a run."""

    def __init__(self, account: UnleashedAccount) -> None:
        super().__init__(account)
        self._read: dict[str, Raw | None] = {}
        self._named: dict[str, ErpCustomer | None] = {}

    def address_of(self, code: str) -> Recipient | None:
        """See `ErpCustomers.address_of`."""
        row = self._row(code)
        return None if row is None else _recipient_of(row)

    def with_code(self, code: str) -> ErpCustomer | None:
        """See `ErpCustomers.with_code`."""
        row = self._row(code)
        return None if row is None else _customer(row)

    def with_name(self, name: str) -> ErpCustomer | None:
        """See `ErpCustomers.with_name`.

        A name with a blank cannot be a filter: its beginning is one, and the whole is compared
        here. The code of the one that was found is kept under the name, so that the search is not
        made again; the name is a channel's.
        """
        if name not in self._named:
            self._named[name] = self._kept_under(name) or self._searched(name)
        return self._named[name]

    def learn(self, since: datetime | None, first: int = 1) -> Iterator[CustomersPage]:
        """See `ErpCustomers.learn`."""
        query: list[tuple[str, str | bool]] = [("includeObsolete", True)]
        if since is not None:
            query.append(("modifiedSince", dates.since(since)))
        size = self._connection.page_size
        for page in self._client.pages(PATH, query, size=size, first=max(first, 1), settle=False):
            self._account.keys.learn("customer", page.rows)
            yield CustomersPage(page.number, len(page.rows))

    # -- how ----------------------------------------------------------------------------------

    def _row(self, code: str) -> Raw | None:
        if code not in self._read:
            if len(self._read) >= MOST_REMEMBERED:
                self._read.clear()
            self._read[code] = self._asked_for(code)
        return self._read[code]

    def _asked_for(self, code: str) -> Raw | None:
        """The customer by its Guid; a kept one that is none any more is looked up again."""
        keys = self._account.keys
        for _ in range(2):
            guid = keys.find("customer", [code]).get(code)
            if guid is None:
                return None
            row = self._by_guid(guid)
            if row is not None and value_of(row, "CustomerCode") == code:
                return row
            keys.forget("customer", [code])
        return None

    def _by_guid(self, guid: str) -> Raw | None:
        return self._one(PATH, guid)

    def _kept_under(self, name: str) -> ErpCustomer | None:
        guid = self._account.keys.kept("customer_name", [name]).get(name)
        row = self._by_guid(guid) if guid else None
        if row is None or not _is_named(row, name):
            return None
        return _customer(row)

    def _searched(self, name: str) -> ErpCustomer | None:
        begins = SAFE.match(name.strip())
        query: list[tuple[str, str | int | bool]] = []
        if begins:
            query.append(("customerName", begins[0]))
        rows = self._client.rows(PATH, query, size=self._connection.page_size)
        found = {guid_of(row): row for row in rows if _is_named(row, name)}
        if len(found) > 1:
            codes = ", ".join(sorted(_customer(row).code for row in found.values())[:5])
            raise Permanent(
                "unleashed.customer_twice",
                f"Unleashed has several customers of one name ({codes}); rename one, or name one "
                "customer by its code in the merchant's file",
            )
        for guid, row in found.items():
            self._account.keys.keep("customer_name", {name: guid})
            return _customer(row)
        return None


def _is_named(row: Raw, name: str) -> bool:
    is_live = value_of(row, "Obsolete") is not True
    return is_live and text_of(row, "CustomerName") == name.strip()


def _customer(row: Raw) -> ErpCustomer:
    return ErpCustomer(
        guid=guid_of(row),
        code=code_of(row, "CustomerCode"),
        name=text_of(row, "CustomerName"),
        currency=text_of(part_of(row, "Currency"), "CurrencyCode").upper(),
        obsolete=value_of(row, "Obsolete") is True,
    )


def _recipient_of(row: Raw) -> Recipient | None:
    address = _address_of(row)
    if address is None:
        return None
    lines = (text_of(address, n) for n in ("StreetAddress", "StreetAddress2", "Suburb"))
    return Recipient(
        country=text_of(address, "Country"),
        first_name=text_of(row, "ContactFirstName"),
        last_name=text_of(row, "ContactLastName"),
        company=text_of(row, "CustomerName"),
        address=tuple(line for line in lines if line),
        town=text_of(address, "City"),
        county=text_of(address, "Region"),
        postcode=_postcode_of(address),
        email=text_of(row, "Email"),
        phone=text_of(row, "PhoneNumber") or text_of(row, "MobileNumber"),
    )


def _address_of(row: Raw) -> Raw | None:
    """The first address with anything in it, the kind for goods first; of one kind the default."""
    try:
        addresses = rows_of(row, "Addresses")
    except ValueError:
        return None
    shown = [a for a in addresses if _kind_of(a) in IN_THIS_ORDER and _says_where(a)]
    shown.sort(key=lambda a: (IN_THIS_ORDER.index(_kind_of(a)), value_of(a, "IsDefault") is False))
    return shown[0] if shown else None


def _kind_of(address: Raw) -> str:
    return text_of(address, "AddressType").lower()


def _says_where(address: dict[str, Any]) -> bool:
    named = ("StreetAddress", "StreetAddress2", "City")
    return any(text_of(address, name) for name in named) or bool(_postcode_of(address))


def _postcode_of(address: Raw) -> str:
    names = ("PostalCode", "PostCode", "DeliveryPostCode")
    return next((code for name in names if (code := text_of(address, name))), "")
