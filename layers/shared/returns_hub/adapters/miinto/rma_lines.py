"""What a position of an RMA is in the merchant's own words: its SKU, and what it is worth."""

from __future__ import annotations

from decimal import Decimal

from returns_hub.domain.miinto.money import Money
from returns_hub.domain.miinto.orders import OrderLine, OrderState
from returns_hub.domain.miinto.rmas import Rma, RmaPosition
from returns_hub.domain.miinto.rule import PriceIs
from returns_hub.ports.marketplace import SkuOf


def skus_of(rma: Rma, order: OrderState | None, sku_of: SkuOf) -> dict[str, str | None]:
    """Position -> SKU: that of the order's line, where it was found once, else found anew."""
    lines = order.lines if order is not None else ()
    return {
        position.id: _of_order(position, lines) or sku_of(rma.shop, position.item)
        for position in rma.positions
    }


def _of_order(position: RmaPosition, lines: tuple[OrderLine, ...]) -> str | None:
    """The SKU of the one line of the order that the position is of."""
    named = {line.sku for line in lines if str(line.position) == position.order_position}
    if position.order_position is not None and named:
        return next(iter(named)) if len(named) == 1 else None
    item = position.item
    for told, of_line in ((item.product_id, "product_id"), (item.gtin, "gtin")):
        same = {line.sku for line in lines if told and getattr(line, of_line) == told}
        if len(same) == 1:
            return next(iter(same))
    return None


def value_of(position: RmaPosition, currency: str | None, price_is: PriceIs) -> Decimal | None:
    """What the position is worth, in the currency's own unit.

    No source tells whether a price is of the unit or of the line: of one unit both are the same,
    of more it is not known until the merchant's file says (`miinto.transfers.price_is`).
    """
    if position.price is None or currency is None:
        return None
    if position.quantity > 1 and price_is == "unknown":
        return None
    units = position.quantity if price_is == "unit" else 1
    return Money(minor=position.price * units, currency=currency).amount
