"""`ports.Marketplace` on Miinto's merchant API.

How each write is looked up: a decision by its transfer's position, which is no longer pending once
it was taken (`read_transfer`); tracking by the configured place in the order (`read_order`), or not
at all; stock is absolute, so telling it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from returns_hub.adapters.http.bodies import CutOff
from returns_hub.adapters.miinto import models
from returns_hub.adapters.miinto.client import MiintoClient, quoted
from returns_hub.adapters.miinto.errors import NotThere
from returns_hub.adapters.miinto.product_map import product_of, rows_of
from returns_hub.adapters.miinto.templates import filled, filled_path
from returns_hub.adapters.miinto.translate import (
    Unreadable,
    read_as,
    to_order,
    to_providers,
    to_transfer,
)
from returns_hub.domain.miinto.orders import MarketOrder, ShippingProvider
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.miinto.transfers import Transfer
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports import Telemetry
from returns_hub.ports.marketplace import FeedRow, MappedProduct, ShopAccess, StockRow

NEWEST_FIRST = ("sort", "-createdAt")
"""The one order that clients are known to ask for; a list that keeps it can be read while it
changes."""
MAP_SECONDS = 240.0
LARGEST_MAP = 1024 * 1024 * 1024


class FeedRows(Protocol):
    """The merchant's product feed."""

    def rows(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        """Every variant; with `nameless` also those without a SKU."""


class MiintoMarketplace:
    """Miinto, for one merchant.

    Args:
        client: Signed requests.
        connection: The merchant's settings.
        feed: The merchant's product feed, if one is named.
        telemetry: Is told what was left out of a list.
    """

    def __init__(
        self,
        client: MiintoClient,
        connection: MiintoConnection,
        *,
        feed: FeedRows | None,
        telemetry: Telemetry,
    ) -> None:
        self._client = client
        self._connection = connection
        self._feed = feed
        self._telemetry = telemetry

    def require_open(self) -> None:
        """See `ports.Marketplace.require_open`."""
        self._client.require_open()

    def shops(self) -> tuple[ShopAccess, ...]:
        """See `ports.Marketplace.shops`; a shop that tells no name, e.g. inactive, has none."""
        granted = self._client.session().grants.shops
        return tuple(
            ShopAccess(id=one.shop, countries=one.countries, name=self._name_or_none(one.shop))
            for one in granted
        )

    def pending_transfers(self, shop: str) -> Iterator[Transfer]:
        """See `ports.Marketplace.pending_transfers`.

        Nobody promises that the list heeds the wanted state, so its rows are looked at as well.

        Raises:
            Retryable: Also, after every other was given, when one cannot be read.
        """
        unreadable = ""
        query = [("status[]", "pending"), NEWEST_FIRST]
        path, template = f"{_shop(shop)}/transfers", "/shops/{shop}/transfers"
        for page in self._client.pages(path, query, template=template):
            for row in page:
                try:
                    found = to_transfer(row, shop)
                except Unreadable as why:
                    unreadable = unreadable or str(why)
                    continue
                if found.pending:
                    yield found
        if unreadable:
            raise _unreadable("a transfer", unreadable)

    def read_transfer(self, shop: str, transfer: int) -> Transfer | None:
        """See `ports.Marketplace.read_transfer`. The list costs a request for each page of it."""
        found = (one for one in self.pending_transfers(shop) if one.id == transfer)
        return next(found, None)

    def decide_transfer(
        self,
        shop: str,
        transfer: int,
        accepted: Sequence[int],
        declined: Sequence[int],
        send_by: datetime,
    ) -> int | None:
        """See `ports.Marketplace.decide_transfer`."""
        if set(accepted) & set(declined) or not (accepted or declined):
            raise Permanent(
                "miinto.no_decision", "a decision names each position once, and at least one"
            )
        chosen = {"acceptedPositions": accepted, "declinedPositions": declined}
        data = self._client.write(
            "PATCH",
            f"{_shop(shop)}/transfers/{transfer}",
            template="/shops/{shop}/transfers/{transfer}",
            body={name: [{"id": one} for one in ids] for name, ids in chosen.items() if ids},
            send_by=send_by,
        )
        try:
            made = read_as(models.Decided, data).new_order if isinstance(data, dict) else None
        except Unreadable:
            # It is done, as the envelope says; the order is found by its transfer's list.
            return None
        return made.id if made is not None else None

    def orders(self, shop: str, since: datetime) -> Iterator[MarketOrder]:
        """See `ports.Marketplace.orders`.

        The documents name no filter by date. An order without a time of its own has its basket's,
        which is older; so reading goes on until a whole page is older than `since`.

        Raises:
            Retryable: Also, after every other was given, when one cannot be read.
        """
        unreadable = ""
        query = [("status[]", "accepted"), NEWEST_FIRST]
        path, template = f"{_shop(shop)}/orders", "/shops/{shop}/orders"
        for page in self._client.pages(path, query, template=template):
            is_old = True
            for row in page:
                try:
                    order = to_order(row, shop)
                except Unreadable as why:
                    unreadable, is_old = unreadable or str(why), False
                    continue
                if order.created_at is None or order.created_at >= since:
                    is_old = False
                    yield order
            if is_old:
                break
        if unreadable:
            raise _unreadable("an order", unreadable)

    def read_order(self, shop: str, order: int) -> MarketOrder | None:
        """See `ports.Marketplace.read_order`."""
        try:
            told = self._client.read(
                f"{_shop(shop)}/orders/{order}", template="/shops/{shop}/orders/{order}"
            )
        except NotThere:
            return None
        try:
            return to_order(
                told.data,
                shop,
                with_buyer=True,
                label_field=self._connection.orders.label_field,
                tracking_field=self._connection.tracking.seen_at,
            )
        except Unreadable as why:
            raise _unreadable("the order", str(why)) from None

    def shipping_providers(self, shop: str, order: int) -> tuple[ShippingProvider, ...]:
        """See `ports.Marketplace.shipping_providers`; none for an order that is not known."""
        try:
            told = self._client.read(
                f"{_shop(shop)}/shipping-providers/orders/{order}",
                template="/shops/{shop}/shipping-providers/orders/{order}",
            )
            return to_providers(told.data)
        except NotThere:
            return ()
        except Unreadable as why:
            raise _unreadable("the shipping providers", str(why)) from None

    def send_tracking(
        self, shop: str, order: int, values: Mapping[str, str], send_by: datetime
    ) -> None:
        """See `ports.Marketplace.send_tracking`."""
        call = self._connection.tracking
        self._client.write(
            call.method,
            filled_path(call.path, shop=quoted(shop), order=str(order)),
            template=call.path,
            body=filled(call.body, values),
            send_by=send_by,
            is_documented=False,
        )

    def product_map(self, shop: str) -> Iterator[MappedProduct]:
        """See `ports.Marketplace.product_map`; rows that are none are counted and left out."""
        left_out = 0
        try:
            with self._client.stream(
                "/productmaps",
                [("unifiedLocationId", shop)],
                template="/productmaps",
                service="product_map",
                seconds=MAP_SECONDS,
                most_bytes=LARGEST_MAP,
            ) as parts:
                for row in rows_of(parts):
                    product = product_of(row)
                    if product is None:
                        left_out += 1
                    else:
                        yield product
        except NotThere:
            raise Misconfigured(
                "miinto.no_product_map", f"Miinto has no product map for the shop {shop}"
            ) from None
        except CutOff as cut:
            raise Retryable("miinto.cut_off", f"Miinto's product map {cut}", after=300) from None
        if left_out:
            self._telemetry.log("product map", shop=shop, left_out=left_out)

    def feed(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        """See `ports.Marketplace.feed`."""
        if self._feed is not None:
            yield from self._feed.rows(nameless=nameless)

    def push_stock(self, shop: str, rows: Sequence[StockRow], send_by: datetime) -> None:
        """See `ports.Marketplace.push_stock`. The size of a batch is the caller's."""
        if not rows:
            return
        self._client.write(
            "PATCH",
            f"/locations/{quoted(shop)}/items",
            template="/locations/{shop}/items",
            body=[_stock(row) for row in rows],
            send_by=send_by,
            service="stock",
            is_documented=False,
        )

    def check_access(self) -> str:
        """See `ports.Marketplace.check_access`.

        Raises:
            Misconfigured: The login is refused, or may not use a shop of the file's.
        """
        granted = self._client.session().grants
        known = {one.shop: one.countries for one in granted.shops}
        wanted = [shop.id for shop in self._connection.shops] or list(known)
        told = [self._proven(shop, known, any_shop=granted.any_shop) for shop in wanted]
        return f"the login may use {len(known)} shops; read: {'; '.join(told) or 'none'}"

    def _proven(self, shop: str, known: Mapping[str, tuple[str, ...]], *, any_shop: bool) -> str:
        if shop not in known and not any_shop:
            raise Misconfigured("miinto.shop_not_granted", f"the login may not use the shop {shop}")
        try:
            name = self._name(shop)
        except NotThere:
            raise Misconfigured(
                "miinto.no_such_shop", f"Miinto does not know the shop {shop}"
            ) from None
        countries = ", ".join(known.get(shop, ())) or "no country named"
        return f"{shop} {name!r} ({countries})"

    def _name(self, shop: str) -> str:
        told = self._client.read(_shop(shop), template="/shops/{shop}")
        try:
            return read_as(models.Shop, told.data).name[:100]
        except Unreadable:
            return ""

    def _name_or_none(self, shop: str) -> str:
        try:
            return self._name(shop)
        except (NotThere, Permanent, Misconfigured):
            return ""


def _shop(shop: str) -> str:
    return f"/shops/{quoted(shop)}"


def _stock(row: StockRow) -> dict[str, Any]:
    return {
        "stock": row.stock,
        "group": row.group,
        "brand": row.brand,
        "color": row.color,
        "size": row.size,
    }


def _unreadable(what: str, where: str) -> Retryable:
    return Retryable("miinto.unreadable", f"{what} of Miinto's cannot be read {where}", after=300)
