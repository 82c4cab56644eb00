"""What of an order that the warehouse sold becomes which lines of a sales order. Pure.

What no source tells, and is a setting or an assumption here: whether a price holds tax
(``prices``), what a discount counts for (``discounts``), and whether an order that has a bundle
shows its components too. Where it does, with no price and exactly as many as the bundle is made of,
they are the bundle's own and are not told a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from returns_hub.domain.unleashed.order_settings import OrderExport
from returns_hub.domain.unleashed.sale_amounts import PricesAre, SaleLine, line_of, shared_out
from returns_hub.domain.warehouse_goods import BundleComponent
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder
from returns_hub.domain.warehouse_sales import SoldItem, WarehouseSale
from returns_hub.errors import Permanent

DESPATCHED = "DESPATCHED"
Bundles = Mapping[str, Sequence[BundleComponent]]
"""Components by the SKU of their bundle."""


def is_wanted_status(order: WarehouseOrder, settings: OrderExport) -> bool:
    """Whether orders in its status are exported. One that was invoiced was sent as well."""
    if DESPATCHED in settings.statuses and order.stage is OrderStage.DESPATCHED:
        return True
    return order.status_word.upper() in settings.statuses


def goods_of(
    items: Sequence[SoldItem], bundles: Bundles, mode: Literal["components", "bundle"]
) -> list[SoldItem]:
    """The items, with bundles as bundles, or as their components without a price."""
    left = list(items)
    for item in items:
        parts = bundles.get(item.sku)
        if parts:
            left = _without_own(left, item, parts)
    if mode == "bundle":
        return left
    out: list[SoldItem] = []
    for item in left:
        parts = bundles.get(item.sku)
        if not parts:
            out.append(item)
            continue
        out += [SoldItem(part.sku, part.quantity * item.quantity) for part in parts]
    return out


def export_lines(
    sale: WarehouseSale, settings: OrderExport, tax_rate: Decimal, bundles: Bundles
) -> tuple[SaleLine, ...]:
    """The lines of the sales order: goods, and carriage where there is any.

    Carriage goes on the first part of a split order alone: whether the warehouse shows it on every
    part is not told.

    Raises:
        Permanent: A price is missing, or there is a discount, or no price can be made sense of.
    """
    if settings.prices == "unknown":
        raise Permanent(
            "unleashed.prices_unknown",
            "unleashed.order_export.prices is unknown: say whether Mintsoft's prices are net or "
            "gross, and replay",
        )
    making = _Making(sale, settings, tax_rate, settings.prices)
    if settings.discounts == "ask" and (sale.discount or any(item.discount for item in sale.items)):
        raise making.unfit(
            "unleashed.export_discount",
            "it has a discount, of which no source tells what it counts for; make the sales order "
            "by hand and discard this, or set unleashed.order_export.discounts: leave_out",
        )
    try:
        return making.lines(bundles)
    except (ValueError, ArithmeticError) as error:
        raise making.unfit("unleashed.export_unfit", str(error)) from error


@dataclass(frozen=True)
class _Making:
    sale: WarehouseSale
    settings: OrderExport
    tax_rate: Decimal
    prices: PricesAre

    def unfit(self, code: str, why: str) -> Permanent:
        return Permanent(code, f"order {self.sale.order.number[:60]}: {why}")

    def lines(self, bundles: Bundles) -> tuple[SaleLine, ...]:
        left = goods_of(self.sale.items, bundles, "bundle")
        lines: list[SaleLine] = []
        for item in left:
            amount = self._amount(item)
            parts = bundles.get(item.sku) if self.settings.bundles == "components" else None
            if not parts:
                lines.append(self._line(item.sku, item.quantity, amount))
                continue
            shares = [Decimal(part.quantity) for part in parts]
            for part, share in zip(
                parts, shared_out(amount, shares, self.sale.currency), strict=True
            ):
                lines.append(self._line(part.sku, part.quantity * item.quantity, share))
        if not lines:
            raise ValueError("it has no goods")
        if self.sale.carriage > 0 and self.sale.order.part == 1:
            lines.append(self._carriage())
        return tuple(lines)

    def _amount(self, item: SoldItem) -> Decimal:
        if item.price is None:
            if self.settings.missing_prices == "zero":
                return Decimal(0)
            raise self.unfit(
                "unleashed.export_no_price",
                f"{item.sku[:60]} has no price in Mintsoft; give it one there and replay, or set "
                "unleashed.order_export.missing_prices: zero",
            )
        if not item.price.is_finite() or item.price < 0:
            raise ValueError(f"the price of {item.sku[:60]} is below 0, or no number")
        return item.price * item.quantity

    def _line(self, sku: str, quantity: int, amount: Decimal) -> SaleLine:
        return line_of(
            sku,
            quantity,
            amount,
            tax_rate=self.tax_rate,
            currency=self.sale.currency,
            prices=self.prices,
        )

    def _carriage(self) -> SaleLine:
        return line_of(
            self.settings.carriage_product or "",
            1,
            self.sale.carriage,
            tax_rate=self.tax_rate,
            currency=self.sale.currency,
            prices="net",
            description=self.settings.carriage_description,
        )


def _without_own(
    rows: list[SoldItem], bundle: SoldItem, parts: Sequence[BundleComponent]
) -> list[SoldItem]:
    """The rows without those that are the bundle's own components, where all of them are shown."""
    own: list[SoldItem] = []
    for part in parts:
        wanted = part.quantity * bundle.quantity
        found = next(
            (
                row
                for row in rows
                if row.sku == part.sku
                and row.quantity == wanted
                and not row.price
                and not any(row is other for other in own)
            ),
            None,
        )
        if found is None:
            return rows
        own.append(found)
    return [row for row in rows if not any(row is other for other in own)]
