"""The `unleashed:` block of a merchant's file.

Every setting of the warehouse's own connector is here under a name that says what it does;
docs/unleashed.md maps the names. What no source tells is a setting with the careful choice as
default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import (
    BaseUrl,
    Mode,
    RequestRate,
    SecretName,
    Switch,
    WebhookSecretName,
    WholeNumber,
)
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.goods_settings import (
    Assemblies,
    CreditNotes,
    PurchaseImport,
    Receipts,
    WarehouseTransfers,
)
from returns_hub.domain.unleashed.order_settings import (
    Despatches,
    MarketplaceOrders,
    OrderExport,
    OrderImport,
    ShipmentImport,
)
from returns_hub.domain.unleashed.stock_settings import Customers, Products, StockSync

LONGEST_CODE = 15
"""Characters of a warehouse's code at Unleashed."""
FLOW_NAMES: tuple[FlowName, ...] = (
    "products",
    "customers",
    "orders",
    "shipments",
    "despatches",
    "purchase_orders",
    "receipts",
    "assemblies",
    "transfers",
    "order_export",
    "credit_notes",
    "stock",
)
"""In the order in which one run does them: what others stand on first, counting last."""
WITHOUT_WAREHOUSE: frozenset[FlowName] = frozenset({"products", "customers", "credit_notes"})


def same_code(code: str) -> str:
    """What two codes have in common that people take for one: case and blanks do not count."""
    return "".join(code.split()).casefold()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone's name, e.g. Europe/London") from None
    return name


def _codes(codes: dict[str, int]) -> dict[str, int]:
    seen: dict[str, str] = {}
    by_id: dict[int, str] = {}
    for code, warehouse in codes.items():
        if not code.strip() or code != code.strip() or not code.isprintable():
            raise ValueError("a warehouse code is as Unleashed shows it, without blanks around it")
        if len(code) > LONGEST_CODE:
            raise ValueError(
                f"the code {code} has more than {LONGEST_CODE} characters: no code of Unleashed"
            )
        other = seen.setdefault(same_code(code), code)
        if other != code:
            raise ValueError(f"the codes {other} and {code} are one code but for case or blanks")
        first = by_id.setdefault(warehouse, code)
        if first != code:
            raise ValueError(
                f"the codes {first} and {code} both name Mintsoft warehouse {warehouse}; stock "
                "could not be told apart"
            )
    return codes


Warehouses = Annotated[
    dict[str, Annotated[WholeNumber, Field(ge=1)]], Field(max_length=50), AfterValidator(_codes)
]


class UnleashedWebhooks(Frozen):
    """What Unleashed tells the hub by itself; polling carries on beside it."""

    enabled: Switch = Field(
        default=False, description="deliveries of orders and products are taken and acted on"
    )
    secret: WebhookSecretName = Field(
        default="unleashed-webhook",
        description="name of the secret with the subscriptions' signature key; ends in -webhook",
    )


class UnleashedConnection(Frozen):
    """The ERP: one connection for every warehouse of the account."""

    base_url: BaseUrl = "https://api.unleashedsoftware.com"
    secret: SecretName = Field(
        default="unleashed", description="name of the secret with `api_id` and `api_key`"
    )
    client_type: str = Field(
        default="returnshub/sync",
        pattern=r"^[a-z0-9]{1,30}/[a-z0-9]{1,30}$",
        description="header client-type: partner or account, and app; lower case",
    )
    requests_per_second: RequestRate = 2.0
    page_size: WholeNumber = Field(
        default=200, ge=1, le=1000, description="rows of one page of orders and the like"
    )
    catalogue_page_size: WholeNumber = Field(
        default=1000, ge=1, le=1000, description="rows of one page of products and stock"
    )
    monthly_calls: WholeNumber = Field(
        default=250_000, ge=1000, description="calls a month that the account's plan holds"
    )
    reserve_percent: WholeNumber = Field(
        default=10,
        ge=0,
        le=90,
        description="of monthly_calls: kept for despatches, receipts and what people ask for",
    )
    calls_per_run: WholeNumber = Field(
        default=300, ge=10, le=5000, description="most calls of one flow in one run"
    )
    order_management: Literal["unknown", "on", "off"] = Field(
        default="unknown",
        description="the account's switch Order Management; despatches are told in another way",
    )
    batches_and_serials: Switch = Field(
        default=False, description="batch and serial numbers go along, both ways"
    )
    base_currency: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217 currency of the account's books; orders in it have exchange rate 1",
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Europe/London", description="zone of daily_at"
    )
    warehouses: Warehouses = Field(
        default_factory=dict, description="Unleashed's warehouse code -> Mintsoft warehouse id"
    )
    warehouses_elsewhere: tuple[str, ...] = Field(
        default=(),
        max_length=50,
        description="codes of warehouses that are not in this Mintsoft; never told of",
    )
    asns_awaiting_delivery: Switch = Field(
        default=False, description="ASNs come ready to receive, and not as new"
    )
    webhooks: UnleashedWebhooks = UnleashedWebhooks.model_construct()
    products: Products = Products.model_construct()
    customers: Customers = Customers.model_construct()
    orders: OrderImport = OrderImport.model_construct()
    shipments: ShipmentImport = ShipmentImport.model_construct()
    despatches: Despatches = Despatches.model_construct()
    stock: StockSync = StockSync.model_construct()
    purchase_orders: PurchaseImport = PurchaseImport.model_construct()
    receipts: Receipts = Receipts.model_construct()
    assemblies: Assemblies = Assemblies.model_construct()
    transfers: WarehouseTransfers = WarehouseTransfers.model_construct()
    order_export: OrderExport = OrderExport.model_construct()
    marketplace: MarketplaceOrders = MarketplaceOrders.model_construct()
    credit_notes: CreditNotes = CreditNotes.model_construct()

    @property
    def modes(self) -> Mapping[FlowName, Mode]:
        """The switch of every flow, in the order of a run."""
        return {name: getattr(self, name).mode for name in FLOW_NAMES}

    def is_live(self, *names: FlowName) -> bool:
        """Whether every one of these flows writes."""
        modes = self.modes
        return all(modes[name] is Mode.LIVE for name in names)

    @model_validator(mode="after")
    def _flows_agree(self) -> Self:
        for problem in self._clashes():
            raise ValueError(problem)
        return self

    def _clashes(self) -> Iterator[str]:
        elsewhere = {same_code(code) for code in self.warehouses_elsewhere}
        for code in self.warehouses:
            if same_code(code) in elsewhere:
                yield f"the code {code} stands in warehouses and in warehouses_elsewhere"
        live = [name for name, mode in self.modes.items() if mode is Mode.LIVE]
        needy = [name for name in live if name not in WITHOUT_WAREHOUSE]
        if needy and not self.warehouses:
            yield f"{needy[0]}.mode is live, and warehouses maps no code; the default one is MAIN"
        if self.is_live("orders", "shipments"):
            yield (
                "orders.mode and shipments.mode are both live: an order and its shipments are the "
                "same goods, and they would be sent twice; import one of the two"
            )
        if self.is_live("despatches") and self.order_management == "unknown":
            yield (
                "despatches.mode is live, and order_management is unknown: it decides whether a "
                "shipment or the order is written; hub check tells what the account's orders show"
            )
        if self.is_live("order_export") and self.order_management == "unknown":
            yield (
                "order_export.mode is live, and order_management is unknown: it decides how an "
                "order that was sent is completed; hub check tells what the account's orders show"
            )
        yield from self._export_clashes()
        yield from self._stock_clashes()

    def _export_clashes(self) -> Iterator[str]:
        importing = next((n for n in ("orders", "shipments") if self.modes[n] is Mode.LIVE), None)
        if importing is None or not self.is_live("order_export"):
            return
        own = {*self.orders.channels.values(), *filter(None, [self.orders.channel])}
        both = {c.casefold() for c in own} & {c.casefold() for c in self.order_export.channels}
        if not self.order_export.channels or both or not own:
            yield (
                f"order_export.mode and {importing}.mode are both live: orders would go round in a "
                "circle; import against a channel of its own (orders.channel), and name other ones "
                "in order_export.channels"
            )

    def _stock_clashes(self) -> Iterator[str]:
        notes = self.credit_notes
        if self.is_live("stock", "credit_notes") and notes.return_to_stock and not notes.complete:
            yield (
                "credit_notes.return_to_stock without credit_notes.complete, and stock.mode is "
                "live: goods would come twice when a person completes a note; say complete: true, "
                "or leave the goods to the stock sync"
            )
        if self.stock.master != "unleashed" or not self.is_live("stock"):
            return
        if self.is_live("receipts"):
            yield (
                "stock.master is unleashed and receipts.mode is live: goods that the warehouse "
                "books in would be counted on both sides; receipt them in one place"
            )
        if self.stock.count != "level":
            yield (
                "stock.master is unleashed and stock.count is on_hand: what can be set in Mintsoft "
                "is all units; say level"
            )
