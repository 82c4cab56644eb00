"""`ports.ReturnsPortal` on Miinto's RMAs: an RMA is a return whose refund Miinto pays.

Every reading is a fresh one. The time of a reading counts as the return's last change: an RMA may
carry none, and Miinto's clock and ours must not be mixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.adapters.miinto.rma_lines import skus_of, value_of
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.rmas import RETURN_ID, Rma, RmaStatus
from returns_hub.domain.miinto.settings import MiintoConnection, MiintoShop
from returns_hub.domain.returns import (
    Compensation,
    LineStatus,
    PortalAbilities,
    PortalReturn,
    ReturnLine,
    ReturnStatus,
    ReturnSummary,
    ShipmentInfo,
)
from returns_hub.errors import Permanent
from returns_hub.ports import Clock, RecentReturns
from returns_hub.ports.marketplace import MarketStore, Rmas, SkuOf

ABILITIES = PortalAbilities(
    amount_counts="never",
    takes_comments=False,
    flags=False,
    gives_reasons=True,
    decided_elsewhere_too=True,
)
"""Positions are accepted or declined whole, by whoever is first. Stock is none of Miinto's business
here, so the hub's restock choices change nothing there."""

PARCEL = "rma"
"""The key of an RMA's one shipment."""
LINE_STATUS: Mapping[RmaStatus, LineStatus] = {
    "pending": LineStatus.OPEN,
    "accepted": LineStatus.COMPLETE,
    "declined": LineStatus.REJECTED,
    "unknown": LineStatus.UNKNOWN,
}


class MiintoPortal:
    """One merchant's RMAs.

    Args:
        merchant: The merchant's id.
        connection: The merchant's `miinto:` block.
        rmas: The RMA calls.
        market: Orders with their lines, and RMAs as they were read last.
        sku_of: Finds the product of a position whose order tells none.
        clock: For the moment of a reading.
    """

    def __init__(  # noqa: PLR0917 - whose, and what of the marketplace
        self,
        merchant: str,
        connection: MiintoConnection,
        rmas: Rmas,
        market: MarketStore,
        sku_of: SkuOf,
        clock: Clock,
    ) -> None:
        self._merchant = merchant
        self._connection = connection
        self._rmas = rmas
        self._market = market
        self._sku_of = sku_of
        self._clock = clock

    @property
    def abilities(self) -> PortalAbilities:
        """See `ports.ReturnsPortal.abilities`."""
        return ABILITIES

    def require_open(self) -> None:
        """See `ports.ReturnsPortal.require_open`."""
        self._rmas.require_open()

    def parse(self, body: Mapping[str, Any], order: Mapping[str, Any] | None) -> PortalReturn:  # noqa: ARG002 - no message carries one
        """See `ports.ReturnsPortal.parse`; messages about RMAs are thin."""
        raise Permanent("event.wrong_body", "a message about an RMA carries no body")

    def read_return(self, return_id: str) -> PortalReturn:
        """See `ports.ReturnsPortal.read_return`."""
        shop, rma = self._read(return_id)
        return self._as_return(return_id, shop, rma)

    def _read(self, return_id: str) -> tuple[MiintoShop, Rma]:
        """The RMA as Miinto has it now."""
        shop, id_ = self._named(return_id)
        rma = self._rmas.read(shop.id, id_)
        if rma is None:
            raise Permanent("miinto.rma_unknown", f"Miinto does not know RMA {id_} of {shop.id}")
        return shop, rma

    def _named(self, return_id: str) -> tuple[MiintoShop, str]:
        """The shop and Miinto's own id; an id that holds signs of its own stands in what was kept
        when the RMA was fetched."""
        named = RETURN_ID.fullmatch(return_id)
        if named is None:
            raise Permanent("miinto.no_rma", f"{return_id} is not the id of an RMA")
        shop = self._connection.shop(named["shop"])
        if shop is None:
            raise Permanent(
                "miinto.shop_unknown",
                f"no shop {named['shop']} in miinto.shops; add it, or discard",
            )
        kept = self._market.rma(self._merchant, return_id)
        return shop, kept.id if kept is not None else named["rma"]

    def _as_return(self, return_id: str, shop: MiintoShop, rma: Rma) -> PortalReturn:
        now = self._clock.now()
        order = self._order_of(rma)
        skus = skus_of(rma, order, self._sku_of)
        price_is = self._connection.transfers.price_is
        lines = tuple(
            ReturnLine(
                id=position.id,
                order_line_id=position.order_position or "",
                sku=skus[position.id],
                quantity=position.quantity,
                status=LINE_STATUS[position.status],
                reason=position.reason,
                reason_code=position.reason or None,
                barcode=position.item.gtin,
                value=value_of(position, rma.currency, price_is),
            )
            for position in rma.positions
        )
        values = [line.value for line in lines]
        total = sum((v for v in values if v is not None), Decimal(0))
        parcel = ShipmentInfo(
            group_id=PARCEL,
            tracking_number=rma.tracking,
            location_id=shop.id,
            line_ids=tuple(line.id for line in lines),
            status="delivered" if rma.delivered_at else "",
            delivered_at=rma.delivered_at,
        )
        return PortalReturn(
            id=return_id,
            type=self._connection.rma.contract.types.get(rma.type, "return"),
            status=status_of(rma),
            status_word=", ".join(rma.unknown_words) or rma.status_word,
            created_at=rma.created_at or now,
            updated_at=now,
            order_names=tuple(filter(None, [_order_name(rma, order)])),
            lines=lines,
            shipments=(parcel,),
            compensation=(Compensation.REFUND,),
            value_total=total if values and None not in values else None,
            currency=rma.currency,
            unknown_words=tuple(f"status {word}" for word in rma.unknown_words),
        )

    def _order_of(self, rma: Rma) -> OrderState | None:
        """The order that the RMA is of, when the hub knows it."""
        if rma.order_number is None:
            return None
        found = self._market.order(self._merchant, rma.shop, rma.order_number)
        return found if found.version else None

    def returns_updated(
        self,
        since: datetime,  # noqa: ARG002 - see below
        until: datetime,  # noqa: ARG002
        status: ReturnStatus | None = None,
    ) -> Iterator[ReturnSummary]:
        """See `ports.ReturnsPortal.returns_updated`: pending RMAs alone, whenever they changed.

        RMAs have no filter by time that anybody told of; what was decided is found by
        `flows.miinto.fetch_rmas`, which reads again what it knows as pending.
        """
        for rma in self._pending():
            if status is None or status_of(rma) is status:
                yield self._summary(rma)

    def _pending(self) -> Iterator[Rma]:
        for shop in self._connection.shops:
            if shop.rmas:
                yield from self._rmas.list(shop.id, "pending")

    def _summary(self, rma: Rma) -> ReturnSummary:
        now = self._clock.now()
        return ReturnSummary(
            id=rma.return_id,
            status=status_of(rma),
            created_at=rma.created_at or now,
            updated_at=rma.updated_at or rma.created_at or now,
        )

    def returns_of_order(self, order_name: str) -> tuple[ReturnSummary, ...]:
        """See `ports.ReturnsPortal.returns_of_order`; of the RMAs that were fetched, by the order's
        number in Miinto or the store of record."""
        return tuple(
            self._summary(rma)
            for rma in self._market.find_rmas(self._merchant)
            if order_name in {rma.parent_id, rma.order_id}
            or order_name == _order_name(rma, self._order_of(rma))
        )

    def recent_returns(self, limit: int) -> RecentReturns:
        """See `ports.ReturnsPortal.recent_returns`: pending RMAs, the newest first."""
        read = [
            self._as_return(rma.return_id, shop, rma)
            for rma in self._pending()
            if (shop := self._connection.shop(rma.shop)) is not None
        ]
        newest = sorted(read, key=lambda found: found.created_at, reverse=True)
        return RecentReturns(tuple(newest[:limit]))

    def comments(self, return_id: str) -> tuple[str, ...]:  # noqa: ARG002 - an RMA has none
        """See `ports.ReturnsPortal.comments`."""
        return ()

    def add_comment(self, return_id: str, text: str, send_by: datetime) -> None:  # noqa: ARG002
        """See `ports.ReturnsPortal.add_comment`; no flow calls it, see `ABILITIES`."""
        raise Permanent("portal.no_comments", "Miinto takes no comments")

    def set_status(self, return_id: str, status: ReturnStatus, send_by: datetime) -> None:  # noqa: ARG002
        """See `ports.ReturnsPortal.set_status`; positions are accepted or declined, no more."""
        raise Permanent(
            "portal.no_status",
            "an RMA is put into no status; accept or decline its positions (hub miinto rma)",
        )

    def process(self, return_id: str, lines: Sequence[LineToProcess], send_by: datetime) -> None:
        """See `ports.ReturnsPortal.process`.

        The RMA is read once more right before: positions that somebody has decided meanwhile are
        left out, whatever they decided. When nothing is left, nothing is sent.

        Raises:
            Permanent: Also when the RMA says something nobody told us of, or a position is to be
                declined for no reason.
        """
        shop, rma = self._read(return_id)
        if rma.unknown_words:
            raise Permanent(
                "return.unknown_status",
                f"Miinto says {', '.join(rma.unknown_words)} of it, which the hub was not told of",
            )
        pending = {position.id for position in rma.positions if position.status == "pending"}
        wanted = [line for line in lines if line.line_id in pending]
        unsaid = [line.line_id for line in wanted if line.reject and not line.reason]
        if unsaid:
            raise Permanent(
                "rma.no_reason", f"position {unsaid[0]} is to be declined, and nobody said why"
            )
        accepted = [line.line_id for line in wanted if not line.reject]
        declined = {line.line_id: line.reason for line in wanted if line.reject}
        if accepted or declined:
            self._rmas.decide(shop.id, rma.id, accepted, declined, send_by)

    def check_access(self) -> str:
        """See `ports.ReturnsPortal.check_access`."""
        counted = {
            shop.id: sum(1 for _ in self._rmas.list(shop.id, "pending"))
            for shop in self._connection.shops
            if shop.rmas
        }
        told = ", ".join(f"{count} in {shop}" for shop, count in counted.items())
        return f"pending RMAs: {told or 'no shop is asked for any'}"


def status_of(rma: Rma) -> ReturnStatus:
    """The return's status: open while a position is to be decided, then what its positions are."""
    if rma.unknown_words:
        return ReturnStatus.UNKNOWN
    found = {position.status for position in rma.positions} or {rma.status}
    if "pending" in found:
        return ReturnStatus.DELIVERED if rma.delivered_at else ReturnStatus.OPEN
    return ReturnStatus.COMPLETE if "accepted" in found else ReturnStatus.REJECTED


def _order_name(rma: Rma, order: OrderState | None) -> str:
    """The order as the warehouse knows it, else as the buyer does, else the shop's own number."""
    number = order.number if order is not None else ""
    return number or rma.parent_id or rma.order_id or ""
