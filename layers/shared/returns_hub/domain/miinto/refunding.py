"""From an accepted RMA to the refund that goes home."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.miinto.orders import OrderLine, OrderState
from returns_hub.domain.miinto.requests import order_position, position_status
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, number_in
from returns_hub.domain.miinto.rule import PriceIs
from returns_hub.domain.miinto.settings import MiintoConnection, slug_of
from returns_hub.domain.refunds import Refund, RefundLine, refund_id_of

REASON_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Accepted:
    """How positions whose refund is to go home stand at Miinto, read just now.

    Args:
        lines: Accepted, and of no refund yet.
        pending: Not decided there, or in a word that the hub was not told of.
        declined: Declined there.
    """

    lines: tuple[RmaPosition, ...]
    pending: tuple[str, ...]
    declined: tuple[str, ...]


def accepted_of(rma: Rma, wanted: Collection[str] | None, known: Collection[str]) -> Accepted:
    """Positions that Miinto shows as accepted.

    Args:
        rma: Read just now.
        wanted: Ids of those that the hub had accepted; None for all that are.
        known: Ids of those whose refund went home, or is about to.
    """
    lines: list[RmaPosition] = []
    pending: list[str] = []
    declined: list[str] = []
    for position in rma.positions:
        if position.id in known or (wanted is not None and position.id not in wanted):
            continue
        status = position_status(rma, position)
        if status == "accepted":
            lines.append(position)
        elif wanted is not None:
            (declined if status == "declined" else pending).append(position.id)
    if wanted is not None:
        shown = {position.id for position in rma.positions}
        pending += sorted(set(wanted) - shown - set(known))
    return Accepted(tuple(lines), tuple(pending), tuple(declined))


def amount_of(price: int | None, quantity: int, ordered: int, price_is: PriceIs) -> int | None:
    """What a line of so many units is worth, in minor units; None where nobody can tell.

    A line's price is not divided: what a part of a line is worth is the marketplace's to say.
    """
    if price is None:
        return None
    if price_is == "unit":
        return price * quantity
    whole = quantity == ordered
    return price if whole and (price_is == "line" or quantity == 1) else None


def refund_of(
    rma: Rma,
    positions: tuple[RmaPosition, ...],
    order: OrderState,
    settings: MiintoConnection,
    *,
    merchant: str,
    skus: Mapping[str, str],
    by_hub: bool,
    accepted_at: datetime,
) -> Refund:
    """The refund of these positions of an RMA.

    Args:
        rma: The RMA.
        positions: Its accepted positions.
        order: What the hub knows of the order; nothing at all when it never saw it.
        settings: The merchant's `miinto:` block.
        merchant: Its id.
        skus: The RMA's position -> SKU that was announced to the warehouse, where the order has
            none.
        by_hub: Whether the hub accepted it, after the goods came.
        accepted_at: When it was accepted.
    """
    lines = {line.position: line for line in order.lines}
    currency = rma.currency or order.currency
    told: list[RefundLine] = []
    for position in positions:
        placed = order_position(position, order)
        line = lines.get(placed) if placed is not None else None
        amount = _amount(position, line, settings.transfers.price_is) if currency else None
        told.append(
            RefundLine(
                sku=(line.sku if line else None) or skus.get(position.id) or None,
                quantity=position.quantity,
                amount_minor=amount,
                position=position.id,
                order_position=placed if placed is not None else number_in(position.order_position),
                reason=position.reason if REASON_CODE.fullmatch(position.reason) else None,
            )
        )
    amounts = [line.amount_minor for line in told]
    shop = settings.shop(rma.shop)
    return Refund(
        merchant=merchant,
        refund_id=refund_id_of(rma.return_id, tuple(position.id for position in positions)),
        return_id=rma.return_id,
        shop=rma.shop,
        market=(shop.country if shop else None) or slug_of(rma.shop),
        order_id=order.id if order.version else rma.order_number,
        parent_order_id=rma.parent_id or order.parent_id or None,
        order_number=order.number or None,
        currency=currency,
        lines=tuple(told),
        total_minor=None if None in amounts else sum(filter(None, amounts)),
        reason="goods_accepted" if by_hub else "accepted_at_miinto",
        accepted_at=accepted_at,
    )


def _amount(position: RmaPosition, line: OrderLine | None, price_is: PriceIs) -> int | None:
    price = position.price if position.price is not None else (line.price if line else None)
    ordered = line.quantity if line else position.quantity
    return amount_of(price, position.quantity, ordered, price_is)
