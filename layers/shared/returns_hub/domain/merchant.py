"""A merchant is a file: everything about it that is not a secret.

The models here are the contract of `config/<merchant>.yaml`; the JSON Schema is made from them.
Secrets are named, never held. Defaults are the safe choice; a new merchant starts in shadow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, model_validator

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.bundle_settings import Bundles
from returns_hub.domain.drift.settings import DriftSettings, LintSettings
from returns_hub.domain.file_types import (
    BaseUrl,
    Mode,
    RequestRate,
    SecretName,
    WholeNumber,
)
from returns_hub.domain.flow_settings import Flows
from returns_hub.domain.goods_settings import WarehouseGoodsSettings
from returns_hub.domain.miinto.rmas import is_of_miinto, shop_slug_of
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.order_settings import WarehouseOrderSettings
from returns_hub.domain.portals import LoopConnection, RedoConnection
from returns_hub.domain.relay.settings import DespatchRelay, OrderChangesSettings
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.domain.wair.settings import WairConnection


class WarehouseMap(Frozen):
    """Which warehouse gets a shipment."""

    by_location: dict[str, WholeNumber] = Field(
        default_factory=dict,
        description="the shipment's externalLocationId -> Mintsoft warehouse id",
    )
    merchant_address: WholeNumber | None = Field(
        default=None,
        ge=1,
        description="warehouse of the merchant's address, for shipments with no mapped location",
    )


class ReasonMap(Frozen):
    """Which Mintsoft return reason a customer's reason becomes."""

    default: WholeNumber = Field(
        ge=0,
        description="reason id for what the map does not have; 0 is a placeholder",
    )
    map: dict[str, WholeNumber] = Field(
        default_factory=dict, description="reason code (or text) of the portal -> reason id"
    )

    @property
    def is_placeholder(self) -> bool:
        """Whether the default is still 0, which also switches the map's validation off."""
        return self.default == 0


class MintsoftConnection(Frozen):
    """The warehouse."""

    base_url: BaseUrl = "https://api.mintsoft.co.uk"
    client_id: WholeNumber = Field(ge=1, description="the brand's id inside the 3PL's Mintsoft")
    user_kind: Literal["warehouse", "client"] = Field(
        default="warehouse",
        description="a client user's key is bound to its client and must not send a ClientId",
    )
    authentication: Literal["api_key", "login"] = Field(
        default="api_key",
        description="a static key, or user name and password exchanged for a 24-hour key",
    )
    secret: SecretName = Field(default="mintsoft", description="name of the secret with the key")
    requests_per_second: RequestRate = 2.0
    warehouses: WarehouseMap = WarehouseMap.model_construct()
    reasons: ReasonMap
    reference_length: int = Field(default=50, ge=20, le=50, description="characters")
    time_zone: str = Field(
        default="Europe/London",
        description="zone of Mintsoft's times, which carry no offset; reads overlap for it",
    )
    settle_seconds: int = Field(
        default=120,
        ge=60,
        le=3600,
        description="after this a create whose answer was lost can be looked for",
    )
    orders: WarehouseOrderSettings = WarehouseOrderSettings.model_construct()
    goods: WarehouseGoodsSettings = WarehouseGoodsSettings.model_construct()


class Merchant(Frozen):
    """One brand or client of a 3PL, as its file says."""

    merchant: MerchantId
    name: str = Field(min_length=1, max_length=100)
    live_from: UtcTime | None = Field(
        default=None, description="returns approved earlier are never announced again"
    )
    portal: Literal["redo", "loop", "miinto"] = Field(
        default="redo",
        description="the returns portal's API: Redo's own, or Loop's dialect; miinto where RMAs "
        "are all the returns there are",
    )
    redo: RedoConnection | None = Field(default=None, description="needed with portal: redo")
    loop: LoopConnection | None = Field(default=None, description="needed with portal: loop")
    miinto: MiintoConnection | None = Field(
        default=None, description="the marketplace, beside the returns portal"
    )
    unleashed: UnleashedConnection | None = Field(
        default=None, description="the ERP, whose orders the warehouse sends and whose stock it is"
    )
    wair: WairConnection | None = Field(
        default=None, description="stock intelligence, which is told stock and products"
    )
    despatch_relay: DespatchRelay = DespatchRelay.model_construct()
    order_changes: OrderChangesSettings = OrderChangesSettings.model_construct()
    bundles: Bundles = Bundles.model_construct()
    drift: DriftSettings = DriftSettings.model_construct()
    lint: LintSettings = LintSettings.model_construct()
    mintsoft: MintsoftConnection
    flows: Flows = Flows.model_construct()
    sandbox: Annotated[bool, Strict()] = Field(
        default=False,
        description="a tenant for tests: the end-to-end check may make test returns in its portal",
    )

    @property
    def has_feed(self) -> bool:
        """Whether the schedule of stock intelligence has anything to do for it."""
        relays = self.despatch_relay.mode is not Mode.OFF
        return self.wair is not None or relays or self.bundles.mode == "on"

    @property
    def portal_connection(self) -> RedoConnection | LoopConnection | MiintoConnection:
        """The connection that `portal` names.

        Raises:
            ValueError: It is not described; no file is taken like that.
        """
        connections = {"redo": self.redo, "loop": self.loop, "miinto": self.miinto}
        connection = connections[self.portal]
        if connection is None:
            needs = "its store_id" if self.portal == "redo" else "{} for its defaults"
            raise ValueError(f"portal: {self.portal} needs {self.portal}: with {needs}")
        return connection

    @property
    def portal_name(self) -> str:
        """Whose returns these are, for people."""
        connection = self.portal_connection
        if isinstance(connection, MiintoConnection):
            return "Miinto"
        is_loops = isinstance(connection, LoopConnection) and connection.host == "loop"
        return "Loop" if is_loops else "Redo"

    def of_return(self, return_id: str) -> Merchant:
        """The file as flows about this return see it.

        An RMA of Miinto is a return of the portal ``miinto``, with the switches of `miinto.rma`.
        Its goods go to its shop's warehouse, unless `warehouses.by_location` has the shop's id.
        """
        if self.miinto is None or not is_of_miinto(return_id):
            return self
        update: dict[str, Any] = {"portal": "miinto", "flows": self.miinto.rma_flows}
        shop = self.miinto.shop(shop_slug_of(return_id))
        if shop is not None:
            maps = self.mintsoft.warehouses
            places = {shop.id: shop.warehouse, **maps.by_location}
            warehouses = maps.model_copy(update={"by_location": places})
            update["mintsoft"] = self.mintsoft.model_copy(update={"warehouses": warehouses})
        return self.model_copy(update=update)

    @model_validator(mode="after")
    def _portal_is_described(self) -> Self:
        _ = self.portal_connection
        return self

    @model_validator(mode="after")
    def _has_its_store_of_record(self) -> Self:
        for problem in _store_problems(self):
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _live_needs_a_date(self) -> Self:
        flows = self.flows
        modes = [flows.create_external_returns.mode, flows.process_receipts.mode]
        if self.miinto is not None:
            of_miinto = self.miinto
            modes += [of_miinto.transfers.mode, of_miinto.orders.mode, of_miinto.tracking.mode]
            modes += [of_miinto.stock.mode, of_miinto.rma.announce.mode, of_miinto.rma.decide.mode]
            modes += [of_miinto.refunds.mode]
        if self.unleashed is not None:
            modes += self.unleashed.modes.values()
        if self.wair is not None:
            modes += self.wair.modes
        modes += [self.despatch_relay.mode, self.order_changes.mode]
        if Mode.LIVE in modes and self.live_from is None:
            raise ValueError(
                "live_from is needed before a flow may be live: the moment of the switch"
            )
        return self


def _store_problems(merchant: Merchant) -> Iterator[str]:
    """What is missing of the ERP as the store of record of the marketplace's orders and refunds."""
    miinto, erp = merchant.miinto, merchant.unleashed
    if miinto is None:
        return
    if miinto.refunds.credit_note == "unleashed" and erp is None:
        yield "miinto.refunds.credit_note: unleashed needs an unleashed: block"
    if miinto.orders.into != "unleashed":
        return
    if erp is None:
        yield "miinto.orders.into: unleashed needs an unleashed: block"
    elif miinto.orders.mode is not Mode.OFF:
        sold = erp.marketplace
        if not sold.customers or sold.tax_code is None:
            yield (
                "miinto.orders.into: unleashed needs unleashed.marketplace.customers, a customer "
                "for each currency, and its tax_code"
            )
        if miinto.orders.mode is Mode.LIVE and not erp.is_live("orders"):
            yield (
                "miinto.orders.into is unleashed and its mode live, and unleashed.orders.mode is "
                "not: nobody would send the orders"
            )


class LiveMerchant(Frozen):
    """A merchant's file as it was applied, with the version that every decision names."""

    version: int = Field(ge=1)
    applied_at: UtcTime
    applied_by: str
    merchant: Merchant
