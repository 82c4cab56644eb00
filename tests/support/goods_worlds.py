"""Products, ASNs and order changes of a merchant on Mintsoft's simulator."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from local.simulators.mintsoft.simulator import Settings
from returns_hub.adapters.mintsoft.asns import MintsoftAsns
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.order_changes import MintsoftOrderChanges
from returns_hub.adapters.mintsoft.products import MintsoftProducts
from returns_hub.domain.operations import marker_of
from returns_hub.domain.warehouse_asns import AsnDraft, AsnLine
from returns_hub.domain.warehouse_goods import NewProduct
from tests.support.order_worlds import OrderBench

DAY = date(2026, 3, 9)


def asn_draft(reference: str = "PO-77", *goods: tuple[str, int], **changes: Any) -> AsnDraft:
    """An ASN for fifty shirts, unless other goods are named."""
    lines = goods or (("TEE", 50),)
    content: dict[str, Any] = {
        "reference": reference,
        "marker": marker_of(f"create-asn/example/{reference}"),
        "warehouse_id": 3,
        "lines": tuple(AsnLine(sku, units, f"L{n}") for n, (sku, units) in enumerate(lines, 1)),
        "expected": DAY,
        "supplier": "Example Mills",
        "comments": "from the docks",
        "packages": 2,
    }
    return AsnDraft(**content | changes)


def new_product(sku: str = "HAT", **changes: Any) -> NewProduct:
    """A hat."""
    content: dict[str, Any] = {
        "sku": sku,
        "name": "Hat, blue",
        "ean": "5000000000012",
        "weight": Decimal("0.2"),
        "height": Decimal(2),
        "width": Decimal(20),
        "depth": Decimal("25.5"),
        "image_url": "https://images.example.test/hat.png",
        "cost_price": Decimal("2.1375"),
        "has_batches": True,
    }
    return NewProduct(**content | changes)


class GoodsBench(OrderBench):
    """`OrderBench` with products, ASNs and order changes, and the hands of those at the dock."""

    def __init__(self, settings: Settings | None = None, **file: Any) -> None:
        super().__init__(settings, **file)
        connection = self.live().merchant.mintsoft
        http = self.http(connection.base_url, self.to_mintsoft, "mintsoft")
        client = MintsoftClient(http, self.credentials())
        self.products = MintsoftProducts(client, connection)
        self.asns = MintsoftAsns(client, connection)
        self.order_changes = MintsoftOrderChanges(client, connection, clock=self.clock)

    def as_client_user(self) -> None:
        """The key is a client user's from now on."""
        user = {"name": "hub", "password": "x", "static_key": "static-key", "client_id": 12}
        self.mintsoft.seed({"users": [user]})

    def book_in(
        self, asn_id: int, *goods: tuple[str, int], complete: bool = True, **apart: str
    ) -> None:
        """Goods are booked in, all of one batch, serial number or expiry date that is named."""
        rows = [{"sku": sku, "quantity": units, **apart} for sku, units in goods]
        self.mintsoft.book_in(asn_id, rows or None, complete=complete)

    def announce(self, reference: str, *goods: tuple[str, int]) -> int:
        """Somebody at the warehouse makes an ASN."""
        rows = [{"sku": sku, "quantity": units} for sku, units in goods]
        return self.mintsoft.make_asn(12, 3, reference, rows).id

    def set_asn_status(self, asn_id: int, status_id: int) -> None:
        self.mintsoft.set_asn_status(asn_id, status_id)

    def edit_product(self, product_id: int, **fields: Any) -> None:
        """Somebody edits a product; the fields are those of `ProductChange`."""
        words = {"image_url": "ImageURL", "name": "Name", "discontinued": "DisCont"}
        self.mintsoft.change_product(product_id, **{words[k]: v for k, v in fields.items()})
