"""Orders of Mintsoft as they were sold: `ports.warehouse_sales.WarehouseSales`.

Sources: Mintsoft's Swagger (Order, OrderItem): the names ``Price``, ``Discount``,
``ShippingTotalExVat``, ``DiscountTotalExVat``. What a price holds, and what a discount counts for,
no source tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from returns_hub.adapters.mintsoft.answers import one, rows_of
from returns_hub.adapters.mintsoft.errors import NotThere
from returns_hub.adapters.mintsoft.models import Theirs
from returns_hub.adapters.mintsoft.order_models import Order, OrderItem
from returns_hub.adapters.mintsoft.order_reads import ORDER, MintsoftOrderBook
from returns_hub.adapters.mintsoft.order_translate import moment_of
from returns_hub.domain.warehouse_orders import Recipient
from returns_hub.domain.warehouse_sales import ZERO, SoldItem, WarehouseSale

TEMPLATE = f"{ORDER}/{{id}}"


class SaleItem(OrderItem):
    """A line of an order with its price."""

    price: Decimal | None = Field(default=None, alias="Price")
    discount: Decimal | None = Field(default=None, alias="Discount")


class SaleCountry(Theirs):
    """A country's name."""

    name: str | None = Field(default=None, alias="Name")


class SaleCurrency(Theirs):
    """A currency's code."""

    code: str | None = Field(default=None, alias="Code")


class SaleChannel(Theirs):
    """A sales channel."""

    id: int = Field(alias="ID")
    name: str | None = Field(default=None, alias="Name")


class Sale(Order):
    """An order with what was paid. Personal data is told on, never kept or shown."""

    items: tuple[SaleItem, ...] | None = Field(default=None, alias="OrderItems")
    ordered_on: str | None = Field(default=None, alias="OrderDate")
    currency: SaleCurrency | None = Field(default=None, alias="Currency")
    country: SaleCountry | None = Field(default=None, alias="Country", repr=False)
    carriage: Decimal | None = Field(default=None, alias="ShippingTotalExVat")
    discount: Decimal | None = Field(default=None, alias="DiscountTotalExVat")
    company: str | None = Field(default=None, alias="CompanyName", repr=False)
    first_name: str | None = Field(default=None, alias="FirstName", repr=False)
    last_name: str | None = Field(default=None, alias="LastName", repr=False)
    address_1: str | None = Field(default=None, alias="Address1", repr=False)
    address_2: str | None = Field(default=None, alias="Address2", repr=False)
    address_3: str | None = Field(default=None, alias="Address3", repr=False)
    town: str | None = Field(default=None, alias="Town", repr=False)
    county: str | None = Field(default=None, alias="County", repr=False)
    postcode: str | None = Field(default=None, alias="PostCode", repr=False)


class MintsoftSales(MintsoftOrderBook):
    """`ports.warehouse_sales.WarehouseSales`; channels are read once for each object, a run."""

    _channels: dict[int, str] | None = None

    def channels(self) -> Mapping[int, str]:
        """See `WarehouseSales.channels`."""
        if self._channels is None:
            rows = rows_of(SaleChannel, self._client.read_call(f"{ORDER}/Channels"))
            self._channels = {row.id: (row.name or "").strip() for row in rows}
        return self._channels

    def read_sale(self, order_id: int) -> WarehouseSale | None:
        """See `WarehouseSales.read_sale`."""
        path = f"{ORDER}/{order_id}"
        try:
            row = one(Sale, self._client.read(path, template=TEMPLATE))
            if not self._is_ours(row):
                return None
            if row.items is None:
                items = self._client.read(f"{path}/Items", template=f"{TEMPLATE}/Items")
                row = row.model_copy(update={"items": tuple(rows_of(SaleItem, items))})
        except NotThere:
            return None
        channel = "" if row.channel_id is None else self.channels().get(row.channel_id, "")
        return WarehouseSale(
            order=self._translated(row),
            currency=_text(row.currency.code if row.currency else None).upper(),
            items=tuple(_item(item) for item in row.items or () if (item.quantity or 0) > 0),
            channel=channel,
            carriage=row.carriage or ZERO,
            discount=row.discount or ZERO,
            ordered_at=moment_of(row.ordered_on, self._zone),
            recipient=_recipient(row),
        )


def _item(item: SaleItem) -> SoldItem:
    return SoldItem(_text(item.sku), item.quantity or 0, item.price, item.discount or ZERO)


def _recipient(row: Sale) -> Recipient:
    lines = (_text(line) for line in (row.address_1, row.address_2, row.address_3))
    return Recipient(
        country=_text(row.country.name if row.country else None),
        first_name=_text(row.first_name),
        last_name=_text(row.last_name),
        company=_text(row.company),
        address=tuple(line for line in lines if line),
        town=_text(row.town),
        county=_text(row.county),
        postcode=_text(row.postcode),
    )


def _text(value: str | None) -> str:
    return (value or "").strip()
