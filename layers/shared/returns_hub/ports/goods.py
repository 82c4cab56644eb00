"""What a flow needs of a warehouse that keeps products and expects goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.operations import LookUp
    from returns_hub.domain.order_changes import OrderHeaderChange
    from returns_hub.domain.warehouse_asns import Asn, AsnChange, AsnDraft, AsnPage, AsnStage
    from returns_hub.domain.warehouse_goods import (
        BundleComponent,
        NewProduct,
        ProductChange,
        ProductMade,
        ProductPage,
        ProductUpdated,
        WarehouseProduct,
    )


class ProductsWarehouse(Protocol):
    """The products of one merchant in its warehouse.

    Every write raises Retryable when it cannot be sent before `send_by`; Permanent when it is
    refused; Misconfigured when the key's user may not do it; UnknownOutcome when it may have been
    carried out.
    """

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def find_product(self, sku: str) -> WarehouseProduct | None:
        """This client's product with exactly this SKU, a discontinued one as well."""

    def find_products(self, skus: Iterable[str]) -> Mapping[str, WarehouseProduct]:
        """This client's products with exactly these SKUs; those that it has not are left out.

        Takes two or three calls for each SKU: for many, read `products_updated_since` once.
        """

    def look_up_product(self, sku: str) -> LookUp:
        """Find out whether there is a product with exactly this SKU.

        `NotFound` is conclusive: two ways of asking know of none. It is inconclusive when there is
        one whose SKU is spelt alike (Mintsoft does not tell case apart), or when the search may
        have left some out.
        """

    def read_product(self, product_id: int) -> WarehouseProduct | None:
        """One product; None when the warehouse does not know it as this client's."""

    def products_updated_since(
        self, since: datetime | None, most_calls: int, first_page: int = 1
    ) -> ProductPage:
        """This client's products changed at or after `since`; all of them without it.

        The warehouse's clock and zone are not proven: read back an overlap, and take each `key`
        once. The order is not promised to hold from one call to the next.
        """

    def bundle_components(self, product_id: int) -> tuple[BundleComponent, ...]:
        """What a bundle is made of; empty when the product is none, or is not known."""

    def create_product(self, draft: NewProduct, send_by: datetime) -> ProductMade:
        """Make a product, or a bundle when it names components.

        Looked up by its SKU: `look_up_product`. One that exists already with exactly this SKU is
        found, is this call's success, and is left as it is.

        Raises:
            Permanent: Also when one exists whose SKU is spelt alike.
        """

    def update_product(
        self, product_id: int, change: ProductChange, send_by: datetime
    ) -> ProductUpdated:
        """Change the fields that are named and keep the rest.

        Looked up by `read_product(...).lacks(change)`, which is conclusive: a product is read by
        its id. Nothing is sent when it has everything already.
        """

    def set_on_hand(
        self, warehouse_id: int, units: Mapping[str, int], send_by: datetime
    ) -> Mapping[str, str]:
        """Make a warehouse have exactly so many units of each SKU, at most 50 of them.

        Looked up by `OrdersWarehouse.stock_levels`: whether they say so by now. That is conclusive
        for what it is asked for, since a number is set and not a difference: what was set and
        moved on afterwards is read anew, and set to what is wanted then.

        Returns:
            The warehouse's words about SKUs that it refused while it took others.
        """


class AsnWarehouse(Protocol):
    """The ASNs of one merchant in its warehouse. What writes raise: see `ProductsWarehouse`."""

    def require_open(self) -> None:
        """See `ports.Warehouse.require_open`."""

    def create_asn(self, draft: AsnDraft, send_by: datetime) -> int:
        """Make an ASN, as a draft of the warehouse; its id. `confirm_asn` makes it expected.

        Looked up by `find_asn`: an ASN has no number that the warehouse would refuse twice.
        """

    def find_asn(self, draft: AsnDraft, since: datetime) -> LookUp:
        """Find the ASN that this draft became, made at or after `since`, the first try.

        It is ours by its marker. One with the reference and units of the draft and without the
        marker is inconclusive. `NotFound` is conclusive: everything that changed since the first
        try was read, until reading it once more gave nothing new.
        """

    def asns_with_reference(self, reference: str, since: datetime, most_calls: int) -> AsnPage:
        """This client's ASNs with exactly this PO reference that changed at or after `since`."""

    def read_asn(self, asn_id: int) -> Asn | None:
        """One ASN with its items; None when the warehouse does not know it as this client's."""

    def asns_updated_since(
        self,
        since: datetime,
        most_calls: int,
        stages: frozenset[AsnStage] | None = None,
        *,
        first_page: int = 1,
    ) -> AsnPage:
        """This client's ASNs changed at or after `since`, with their items; from a page of the
        list on, which `AsnPage.next_page` of the same list gave.

        Read back an overlap, and take each `key` once.
        """

    def confirm_asn(self, asn_id: int, send_by: datetime) -> None:
        """Make the warehouse expect a draft; one that it expects already is not an error.

        Looked up by `read_asn(...).stage`, which is conclusive: it is read by its id.
        """

    def update_asn(self, asn_id: int, change: AsnChange, send_by: datetime) -> None:
        """Change the header of an ASN that is not begun; its items cannot be changed.

        Looked up by `read_asn(...).has(change)`. Nothing is sent when it is so already.

        Raises:
            Permanent: The warehouse works on it already, or does not know it.
        """

    def cancel_asn(self, asn_id: int, send_by: datetime) -> None:
        """Take back an ASN that is not begun: the warehouse deletes it, for good.

        Looked up by `read_asn`: it is None. One that is gone already is not an error.

        Raises:
            Permanent: The warehouse works on it already.
        """

    def unknown_asn_statuses(self) -> tuple[str, ...]:
        """Statuses of this warehouse that are not what we take them for, in sentences."""


class OrderChanges(Protocol):
    """Changes to orders that are not begun. What writes raise: see `ProductsWarehouse`.

    Whether the warehouse begins between the look and the write cannot be prevented: what it then
    says counts, and the order shows it when it is read again.
    """

    def set_order_units(
        self,
        order_id: int,
        sku: str,
        units: int,
        send_by: datetime,
        *,
        unit_price: Decimal | None = None,
    ) -> None:
        """Make the order hold exactly so many units of a SKU: a line is added, changed or removed.

        The price, in the order's currency, is for a line that is added.

        Looked up by `read_order(...).units()`, which is conclusive: an order is read by its id.
        The number wanted is named, not a difference, so that a repetition changes nothing.

        Raises:
            Permanent: The order is begun, is not known, would be left empty, or has the SKU on
                several lines.
        """

    def update_order(self, order_id: int, change: OrderHeaderChange, send_by: datetime) -> None:
        """Change an order's header. Looked up by `order_has`.

        Raises:
            Permanent: The order is begun, or is not known.
        """

    def order_has(self, order_id: int, change: OrderHeaderChange) -> LookUp:
        """Whether the order's header is as the change wants it; the id when it is.

        `NotFound` is conclusive: the order is read by its id.
        """
