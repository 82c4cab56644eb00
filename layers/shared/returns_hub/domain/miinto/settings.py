"""The `miinto:` block of a merchant's file.

What the documents do not tell (they are listed in docs/miinto.md) is a setting here, with the
cautious choice as default.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, StringConstraints, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import BaseUrl, Mode, RequestRate, SecretName, WholeNumber
from returns_hub.domain.flow_settings import Clocks, CreateExternalReturns, Flows, ProcessReceipts
from returns_hub.domain.miinto.refund_settings import RefundSettings
from returns_hub.domain.miinto.rma_contract import RmaContract
from returns_hub.domain.policy import Confirm, Person, Policy, Preset, RejectReason, RejectRow

SHOP = re.compile(r"1-m!i!s-(\d{3}-\d+)", re.ASCII)
"""A shop's id ("unified location"): dialling code of the market and number of the shop."""

ShopId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!._-]{1,64}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Switch = Annotated[bool, Strict()]


def slug_of(shop: str) -> str:
    """The shop's id in letters, digits and dashes: ``045-1234`` for ``1-m!i!s-045-1234``."""
    found = SHOP.fullmatch(shop)
    return found[1] if found else re.sub(r"[^A-Za-z0-9]+", "-", shop).strip("-")


class MiintoShop(Frozen):
    """One shop that the login may use: one market, one currency, one warehouse."""

    id: ShopId = Field(description="as `hub miinto shops` shows it, e.g. 1-m!i!s-045-1234")
    warehouse: WholeNumber = Field(ge=1, description="Mintsoft warehouse that sends its orders")
    country: Country | None = Field(
        default=None, description="ISO 3166 country of the market; told by the login by default"
    )
    orders: Switch = Field(default=True, description="transfers and orders of this shop are synced")
    rmas: Switch = Field(default=True, description="RMAs of this shop are synced")

    @property
    def slug(self) -> str:
        """See `slug_of`."""
        return slug_of(self.id)


class AcceptRule(Frozen):
    """When a transfer's position is accepted without a person."""

    automatic: Switch = Field(
        default=False, description="decide by the rule; else every position waits for a person"
    )
    price_reference: Literal["final", "original"] = Field(
        default="final",
        description="price final incl. tax (with the discount), or price original incl. tax",
    )
    price_threshold: Decimal = Field(
        default=Decimal("0.97"),
        gt=0,
        le=2,
        max_digits=6,
        description="the offered price must be at least this share of the reference price",
    )
    rounding: Literal["up", "down", "half_up"] = Field(
        default="up", description="of threshold x reference to whole minor units"
    )
    stock_kept_back: int = Field(default=0, ge=0, description="units of each SKU never promised")
    otherwise: Literal["leave", "decline"] = Field(
        default="leave",
        description="a position that the rule does not accept: leave it to a person, or decline "
        "it. One whose product or price is not known is always left",
    )


class Transfers(Frozen):
    """Transfers (offered orders): what is done about pending ones."""

    mode: Mode = Field(
        default=Mode.OFF, description="shadow judges every transfer and decides none"
    )
    rule: AcceptRule = AcceptRule.model_construct()
    price_is: Literal["unknown", "unit", "line"] = Field(
        default="unknown",
        description="what a position's price counts for; no source tells, and until it is known "
        "positions of more than one unit are left to a person",
    )


class Orders(Frozen):
    """Accepted orders become orders in the store of record."""

    mode: Mode = Mode.OFF
    into: Literal["mintsoft", "unleashed"] = Field(
        default="mintsoft", description="who takes the order; unleashed needs its connection"
    )
    number_prefix: str = Field(
        default="MI-",
        pattern=r"^[A-Za-z0-9-]{0,10}$",
        description="before market and order number, which are unique for each market only",
    )
    courier_default: str = Field(
        default="AUTO",
        min_length=1,
        max_length=60,
        description="Mintsoft courier service where the order names no provider that we map; AUTO "
        "leaves it to Mintsoft's shipping rules",
    )
    couriers: dict[str, str] = Field(
        default_factory=dict,
        description="Miinto shipping provider id -> Mintsoft courier service (id or name)",
    )
    channel: str | None = Field(
        default=None, max_length=60, description="Mintsoft channel of these orders"
    )
    label_field: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$",
        description="dotted path of the label's URL in Miinto's order; no source tells one",
    )
    first_look_back_hours: int = Field(default=24, ge=1, le=24 * 30)
    overlap_minutes: int = Field(default=120, ge=5, le=1440)
    cancel_when_new: Switch = Field(
        default=False,
        description="an order that Miinto does not hold accepted any more is cancelled in Mintsoft "
        "while it is NEW there; else, and always later, a person is told",
    )

    @model_validator(mode="after")
    def _cancels_what_it_makes(self) -> Self:
        if self.into == "unleashed" and self.cancel_when_new:
            raise ValueError(
                "cancel_when_new is about orders that the hub makes in Mintsoft; with into: "
                "unleashed a person is told"
            )
        return self


class TrackingCall(Frozen):
    """How Miinto is told that an order was sent. The call is not public: off until confirmed."""

    mode: Mode = Mode.OFF
    method: Literal["PATCH", "POST", "PUT"] = "PATCH"
    path: str = Field(
        default="/shops/{shop}/orders/{order}",
        pattern=r"^/[A-Za-z0-9/{}._-]+$",
        description="{shop} and {order} are filled in",
    )
    body: dict[str, Any] = Field(
        default_factory=lambda: {
            "shippingProviderId": "{provider}",
            "trackAndTrace": "{tracking}",
        },
        description="{provider}, {tracking}, {tracking_url} and {despatched_at} are filled in",
    )
    seen_at: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$",
        description="dotted path of the tracking number in Miinto's order, by which a call without "
        "an answer is looked up; without it a person is asked",
    )
    providers: dict[str, str] = Field(
        default_factory=dict, description="Mintsoft courier name -> Miinto shipping provider id"
    )
    provider_default: str | None = Field(
        default=None, max_length=60, description="where the order does not allow the mapped one"
    )


class StockPush(Frozen):
    """Mintsoft's stock is told to Miinto, by the feed's variant key."""

    mode: Mode = Mode.OFF
    stock_kept_back: int = Field(default=0, ge=0)
    batch: int = Field(default=100, ge=1, le=1000, description="variants in one request")
    full_every_hours: int = Field(
        default=24, ge=1, le=168, description="so often every variant is told; else changed ones"
    )
    most_to_zero_percent: int = Field(
        default=30,
        ge=1,
        le=100,
        description="when more of a shop's variants than this share would go to 0 at once, nothing "
        "is told and a person is asked",
    )


class Feed(Frozen):
    """The merchant's own product feed for Miinto (TSV): prices, GTINs, variant keys."""

    url: BaseUrl
    secret: SecretName | None = Field(
        default=None, description="name of the secret with `user` and `password`, if it has any"
    )


REJECT_REASONS: dict[RejectRow, RejectReason] = {
    "damaged": "The item arrived damaged",
    "scrapped": "The item arrived in a state in which it cannot be sold",
    "unknown_condition": "The item's condition is not accepted",
    "short": "Fewer items arrived than the RMA holds",
    "missing": "The item did not arrive",
}


class RmaPolicy(Policy):
    """The decision table of RMAs: a person confirms what the hub proposes, unless told else."""

    preset: Preset = "marketplace"
    confirm: Confirm = Confirm.model_construct(processing="always", rejecting=True)
    after_hold: Person = "ask"
    reject_reasons: dict[RejectRow, RejectReason] = Field(
        default_factory=lambda: dict(REJECT_REASONS),
        description="row of `lines` -> the reason that Miinto is given, unless the person who "
        "answered said why; a row that is left out is told in the hub's own words",
    )


class AnnounceRmas(CreateExternalReturns):
    """Pending RMAs become external returns in the warehouse."""

    mode: Mode = Mode.OFF


class ProcessRmas(ProcessReceipts):
    """RMAs are decided by what the warehouse found."""

    mode: Mode = Mode.OFF
    policy: RmaPolicy = RmaPolicy.model_construct()


class Rmas(Frozen):
    """RMAs: returns whose buyer is Miinto's, and whose refund Miinto pays."""

    announce: AnnounceRmas = AnnounceRmas.model_construct()
    decide: ProcessRmas = ProcessRmas.model_construct()
    clocks: Clocks = Clocks.model_construct()
    requests: Literal["off", "ask", "automatic"] = Field(
        default="off",
        description="goods of a Miinto order that came without an RMA: leave, ask a person, or "
        "make an RMA request",
    )
    contract: RmaContract = RmaContract.model_construct()


class MiintoConnection(Frozen):
    """The marketplace."""

    test_mode: Switch = Field(
        default=False, description="the sandbox's hosts are the defaults of the addresses"
    )
    auth_url: BaseUrl = "https://api-auth.miinto.net"
    order_url: BaseUrl = "https://api-order.miinto.net"
    stock_url: BaseUrl = "https://api-stock.miinto.net"
    product_map_url: BaseUrl = "https://api-pc.miinto.net"
    version: str = Field(
        default="2.6",
        pattern=r"^\d{1,2}\.\d{1,2}$",
        description="Miinto-Api-Control-Version; RMAs need at least 2.5",
    )
    flavour: str = Field(default="Miinto-Generic", pattern=r"^[A-Za-z0-9-]{1,40}$")
    secret: SecretName = Field(
        default="miinto", description="name of the secret with the login: `identifier`, `secret`"
    )
    channel_minutes: int = Field(
        default=50, ge=1, le=1440, description="a channel older than this is renewed"
    )
    requests_per_second: RequestRate = 5.0
    page_size: int = Field(default=50, ge=1, le=1000)
    shops: tuple[MiintoShop, ...] = Field(default=(), max_length=50)
    level: Literal["orders_and_stock", "stock_only"] = "orders_and_stock"
    identify_by: tuple[Literal["product_map", "gtin", "sku"], ...] = Field(
        default=("product_map", "gtin"),
        description="how a position's product is found, in this order; sku takes Miinto's item id "
        "for the SKU",
    )
    feed: Feed | None = None
    transfers: Transfers = Transfers.model_construct()
    orders: Orders = Orders.model_construct()
    tracking: TrackingCall = TrackingCall.model_construct()
    stock: StockPush = StockPush.model_construct()
    rma: Rmas = Rmas.model_construct()
    refunds: RefundSettings = RefundSettings.model_construct()

    @model_validator(mode="before")
    @classmethod
    def _sandbox_hosts(cls, content: Any) -> Any:
        if not isinstance(content, dict) or content.get("test_mode") is not True:
            return content
        return {
            "auth_url": "https://api-auth-sandbox.miinto.net",
            "order_url": "https://api-order-sandbox.miinto.net",
        } | content

    @model_validator(mode="after")
    def _shops_differ(self) -> Self:
        for what, names in (
            ("id", [shop.id for shop in self.shops]),
            ("short name", [shop.slug for shop in self.shops]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"two shops have the {what} {min(twice)}")
        bad = [shop.id for shop in self.shops if not shop.slug]
        if bad:
            raise ValueError(f"the shop id {bad[0]} has no letter and no digit")
        return self

    @model_validator(mode="after")
    def _sandbox_has_no_stock_host(self) -> Self:
        live = self.stock_url.endswith("api-stock.miinto.net")
        if self.test_mode and live and self.stock.mode is Mode.LIVE:
            raise ValueError(
                "test_mode: no test host for stock is known, and stock.mode is live; name stock_url"
            )
        return self

    @property
    def channel_secret(self) -> str:
        """Name of the secret that keeps the channel; the functions may write such names only."""
        return f"{self.secret}-session"

    @property
    def base_url(self) -> str:
        """Where orders and RMAs are, for what treats every portal alike."""
        return self.order_url

    def shop(self, shop: str) -> MiintoShop | None:
        """The shop with this id or short name."""
        return next((found for found in self.shops if shop in {found.id, found.slug}), None)

    @property
    def rma_flows(self) -> Flows:
        """The switches of the flows about returns, as RMAs go through them."""
        return Flows(
            create_external_returns=self.rma.announce,
            process_receipts=self.rma.decide,
            clocks=self.rma.clocks,
        )
