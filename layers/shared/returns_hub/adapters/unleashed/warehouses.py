"""Warehouses of Unleashed; read only.

Source: a working client's sample (``GET /Warehouses``): ``WarehouseCode``, ``WarehouseName``,
``Obsolete``, and the address: ``StreetNo``, ``AddressLine1``, ``AddressLine2``, ``Suburb``,
``City``, ``Region``, ``Country``, ``PostCode``, ``PhoneNumber``, ``MobileNumber``, ``ContactName``.
"""

from __future__ import annotations

from returns_hub.adapters.unleashed.account import UnleashedAccount, UnleashedResource
from returns_hub.adapters.unleashed.reading import Raw, code_of, text_of, value_of
from returns_hub.domain.unleashed.warehouses import ErpWarehouse
from returns_hub.domain.warehouse_orders import Recipient

PATH = "/Warehouses"


class UnleashedWarehouses(UnleashedResource):
    """`ports.erp.ErpWarehouses`."""

    def __init__(self, account: UnleashedAccount) -> None:
        super().__init__(account)
        self._read: tuple[Raw, ...] | None = None

    def warehouses(self) -> tuple[ErpWarehouse, ...]:
        """See `ErpWarehouses.warehouses`. A code is as Unleashed has it, blanks included."""
        rows = self._read = tuple(self._client.rows(PATH, size=self._connection.page_size))
        return tuple(
            ErpWarehouse(
                code=code_of(row, "WarehouseCode"),
                name=text_of(row, "WarehouseName"),
                obsolete=value_of(row, "Obsolete") is True,
            )
            for row in rows
        )

    def address_of(self, code: str) -> Recipient | None:
        """See `ErpWarehouses.address_of`."""
        if self._read is None:
            self.warehouses()
        row = next((row for row in self._read or () if code_of(row, "WarehouseCode") == code), None)
        return None if row is None else _recipient(row)


def _recipient(row: Raw) -> Recipient:
    street = " ".join(filter(None, (text_of(row, "StreetNo"), text_of(row, "AddressLine1"))))
    lines = (street, text_of(row, "AddressLine2"), text_of(row, "Suburb"))
    # One word is a last name, which couriers ask for.
    first, _, last = text_of(row, "ContactName").rpartition(" ")
    return Recipient(
        country=text_of(row, "Country"),
        first_name=first.strip(),
        last_name=last,
        company=text_of(row, "WarehouseName") or code_of(row, "WarehouseCode"),
        address=tuple(filter(None, lines)),
        town=text_of(row, "City"),
        county=text_of(row, "Region"),
        postcode=text_of(row, "PostCode"),
        phone=text_of(row, "PhoneNumber") or text_of(row, "MobileNumber"),
    )
