"""What a flow needs of the marketplace, and of the store for its transfers and orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.miinto.facts import MarketEvent
    from returns_hub.domain.miinto.orders import MarketOrder, OrderState, ShippingProvider
    from returns_hub.domain.miinto.rmas import Rma, RmaStatus
    from returns_hub.domain.miinto.transfers import Item, Transfer, TransferState


@dataclass(frozen=True)
class ShopAccess:
    """A shop that the login may use, and the countries it is named for."""

    id: str
    countries: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class MappedProduct:
    """A row of the marketplace's product map; empty texts where it has none."""

    style: str
    sku: str
    gtin: str
    product_id: str


@dataclass(frozen=True)
class FeedRow:
    """A variant of the merchant's own product feed.

    `group`, `brand`, `color` and `size` together are the variant's key; prices are in minor units,
    by currency, without those that the feed leaves empty. `written` is the SKU with the blanks
    around it, where there are any.
    """

    sku: str
    group: str
    brand: str
    color: str
    size: str
    gtin: str = ""
    original_prices: Mapping[str, int] | None = None
    final_prices: Mapping[str, int] | None = None
    written: str = ""


@dataclass(frozen=True)
class StockRow:
    """Units of a variant, by its key in the feed."""

    stock: int
    group: str
    brand: str
    color: str
    size: str


class Marketplace(Protocol):
    """The marketplace of one merchant."""

    def require_open(self) -> None:
        """See `Warehouse.require_open`."""

    def shops(self) -> tuple[ShopAccess, ...]:
        """Shops that the login may use."""

    def pending_transfers(self, shop: str) -> Iterator[Transfer]:
        """Every pending transfer of the shop, each at least once, in no promised order.

        Raises:
            Retryable: The list did not come to its end.
        """

    def read_transfer(self, shop: str, transfer: int) -> Transfer | None:
        """The transfer while it has pending positions; None when it has none any more.

        The documents name no call for a single transfer, so it is looked for in the list.
        """

    def decide_transfer(
        self,
        shop: str,
        transfer: int,
        accepted: Sequence[int],
        declined: Sequence[int],
        send_by: datetime,
    ) -> int | None:
        """Decide positions; the id of the order that accepting made.

        Raises:
            Permanent: Refused, e.g. because somebody decided before.
            Retryable, UnknownOutcome: As every write.
        """

    def orders(self, shop: str, since: datetime) -> Iterator[MarketOrder]:
        """Accepted orders created at or after `since`, the newest first, each at least once."""

    def read_order(self, shop: str, order: int) -> MarketOrder | None:
        """The order with its customer; None when the marketplace does not know it."""

    def shipping_providers(self, shop: str, order: int) -> tuple[ShippingProvider, ...]:
        """Providers allowed for the order."""

    def send_tracking(
        self, shop: str, order: int, values: Mapping[str, str], send_by: datetime
    ) -> None:
        """Make the configured call with these values filled in."""

    def product_map(self, shop: str) -> Iterator[MappedProduct]:
        """Every row of the shop's product map; it can be large."""

    def feed(self, *, nameless: bool = False) -> Iterator[FeedRow]:
        """Every variant of the merchant's own feed; nothing when no feed is configured.

        With `nameless` also those that have no SKU.
        """

    def push_stock(self, shop: str, rows: Sequence[StockRow], send_by: datetime) -> None:
        """Tell the stock of variants; telling it again changes nothing."""

    def check_access(self) -> str:
        """Prove the login by reads; a sentence for the operator."""


Service = Literal["auth", "order", "stock", "product_map"]
SERVICES: tuple[Service, ...] = ("auth", "order", "stock", "product_map")


@dataclass(frozen=True)
class Granted:
    """What a login may use; with `any_shop` it is not limited to those that are named."""

    shops: tuple[ShopAccess, ...]
    any_shop: bool = False


class MarketplaceProbe(Protocol):
    """Reads by which a person finds out what the marketplace answers; no flow needs them."""

    def service_status(self, service: Service) -> str:
        """What a service says of itself, e.g. ``OK``; asked without the login.

        Raises:
            Retryable: It does not answer, or not in the marketplace's words.
        """

    def granted(self) -> Granted:
        """The shops of the login's privileges, without their names. Logs in if need be."""

    def shop_name(self, shop: str) -> str:
        """The shop's name, read with a signed request.

        Raises:
            Misconfigured: The marketplace does not know the shop, or the login may not read it.
        """

    def answers_version(self, version: str, shop: str) -> bool:
        """Whether transfers of the shop are answered with another version of the API."""

    def answer_to(self, path: str) -> str:
        """What a signed GET of a path below the order service is answered with: ``200``, ``403``,
        ``404``, or what else came of it, in words. For paths that no document names."""


@dataclass(frozen=True)
class RmaRequestDraft:
    """An RMA that the merchant asks for: goods came back, or were refunded, without one.

    Args:
        shop: The shop's id.
        order: The shop-level order's id.
        positions: The order's position id -> units.
        reason: For Miinto's people and the buyer.
        reference: Unique to this request, to find it again.
    """

    shop: str
    order: int
    positions: Mapping[int, int]
    reason: str
    reference: str


class SkuOf(Protocol):
    """How a product of the marketplace is found among the merchant's own."""

    def __call__(self, shop: str, item: Item) -> str | None:
        """The SKU; None when no product, or more than one, fits.

        Raises:
            Retryable: It cannot be found out now.
        """


class Rmas(Protocol):
    """The marketplace's RMAs, as the configured contract has them."""

    def require_open(self) -> None:
        """See `Warehouse.require_open`."""

    def list(self, shop: str, status: RmaStatus | None = None) -> Iterator[Rma]:
        """RMAs of the shop, each at least once.

        With `status` those only that are in it, or of which a position is, and those that say
        something nobody told us of.
        """

    def read(self, shop: str, rma: str) -> Rma | None:
        """One RMA; None when the marketplace does not know it."""

    def decide(
        self,
        shop: str,
        rma: str,
        accepted: Sequence[str],
        declined: Mapping[str, str],
        send_by: datetime,
    ) -> None:
        """Accept positions, and decline others with their reasons."""

    def request(self, draft: RmaRequestDraft, send_by: datetime) -> str:
        """Make an RMA request; its id, or nothing where the marketplace does not tell it."""


@dataclass(frozen=True)
class MarketQuery:
    """Which transfers or orders a person asks for; None and empty do not narrow."""

    shop: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    standing: str = ""
    limit: int = 50
    after: str = ""


@dataclass(frozen=True)
class MarketPage:
    """Some transfers or orders, newest first; `after` goes on behind them, empty at the end."""

    rows: tuple[TransferState | OrderState, ...]
    after: str = ""


class MarketStore(Protocol):
    """Timelines of the marketplace's transfers and orders, and what was read of its RMAs."""

    def transfer(self, merchant: str, shop: str, transfer: int) -> TransferState:
        """The state, read consistently; an empty one (version 0) when nothing is known yet."""

    def order(self, merchant: str, shop: str, order: int) -> OrderState:
        """The state, read consistently; an empty one (version 0) when nothing is known yet."""

    def append_to_transfer(
        self, state: TransferState, events: Sequence[MarketEvent]
    ) -> TransferState:
        """Add events to the transfer's timeline; one transaction.

        Raises:
            Conflict: Someone else appended meanwhile.
        """

    def append_to_order(self, state: OrderState, events: Sequence[MarketEvent]) -> OrderState:
        """As `append_to_transfer`, for an order. Its Mintsoft id and number become findable."""

    def timeline(
        self, merchant: str, kind: Literal["transfer", "order"], shop: str, number: int
    ) -> tuple[MarketEvent, ...]:
        """All events, in order."""

    def order_of(
        self, merchant: str, *, number: str = "", made_id: int | None = None
    ) -> OrderState | None:
        """The order with this number, or this id, at the store of record."""

    def orders_in_work(
        self, merchant: str, limit: int, after: OrderState | None = None
    ) -> tuple[OrderState, ...]:
        """Orders that something is still to be done for, oldest first; those behind `after` in
        this order. Not cancelled ones and shadows, nor those sent and told. May be stale: use it
        to find work, never to decide."""

    def transfers_in_work(self, merchant: str, limit: int) -> tuple[TransferState, ...]:
        """Transfers that were seen pending and are neither decided nor gone, oldest first; stale
        as `orders_in_work`."""

    def promised(self, merchant: str) -> Mapping[str, Mapping[str, int]]:
        """Shop -> SKU -> units accepted and not yet in the store of record."""

    def find_transfers(self, merchant: str, query: MarketQuery) -> MarketPage:
        """Transfers by shop, date and standing, newest first."""

    def find_orders(self, merchant: str, query: MarketQuery) -> MarketPage:
        """Orders by shop, date and standing, newest first."""

    def keep_rma(self, merchant: str, rma: Rma) -> bool:
        """Keep what was read, raw and parsed; whether it differs from what was kept."""

    def rma(self, merchant: str, return_id: str) -> Rma | None:
        """An RMA as it was read last."""

    def find_rmas(
        self, merchant: str, *, shop: str | None = None, status: RmaStatus | None = None
    ) -> tuple[Rma, ...]:
        """RMAs as they were read last, newest first."""

    def told_stock(self, merchant: str, shop: str) -> Mapping[str, int]:
        """Variant's hash (12 hexadecimal digits) -> units that the marketplace was told last."""

    def keep_told_stock(
        self, merchant: str, shop: str, told: Mapping[str, int], *, whole: bool = False
    ) -> None:
        """Keep what was told of these variants; with `whole` all others are forgotten. Of one
        writer at a time: call it under the shop's lease."""

    def raw(self, merchant: str, return_id: str) -> Mapping[str, Any]:
        """The body that an RMA came in."""
