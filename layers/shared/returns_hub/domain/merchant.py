"""A merchant is a file: everything about it that is not a secret.

The models here are the contract of `config/<merchant>.yaml`; the JSON Schema is made from them.
Secrets are named, never held. Defaults are the safe choice; a new merchant starts in shadow.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, Strict, StringConstraints, model_validator

from returns_hub.domain.base import Frozen, MerchantId, UtcTime


class Mode(StrEnum):
    """How far a flow goes: `shadow` does everything but write to a partner."""

    OFF = "off"
    SHADOW = "shadow"
    LIVE = "live"


class ShortLine(StrEnum):
    """What happens when fewer units of a line arrived than the customer announced.

    The portal's process call takes a line whole, so a short line cannot be paid in part.
    """

    FLAG = "flag"
    HOLD = "hold"
    PROCESS = "process"


class ReceiptStrategy(StrEnum):
    """How confirmed external returns are found (Mintsoft offers no proven list of returns)."""

    AUTO = "auto"
    LIST = "list"
    BY_DATE = "by_date"
    DUE_IDS = "due_ids"


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _https_or_loopback(value: str) -> str:
    if not value.isprintable() or " " in value:
        raise ValueError("a base URL holds no white space")
    parts = urlsplit(value)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a base URL holds no user, password, query or fragment")
    if parts.scheme == "https" and parts.hostname:
        return value.rstrip("/")
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return value.rstrip("/")
    raise ValueError("must start with https:// (http:// is for this machine only)")


BaseUrl = Annotated[str, AfterValidator(_https_or_loopback)]
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
ReturnType = Literal["return", "claim", "warranty"]
WholeNumber = Annotated[int, Strict()]
"""Not a text and not YAML's yes, which would otherwise count as 1."""
RequestRate = Annotated[float, Field(gt=0, le=100)]


class RedoConnection(Frozen):
    """The returns portal."""

    base_url: BaseUrl = "https://api.getredo.com/v2.2"
    store_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    secret: SecretName = Field(default="redo", description="name of the secret with the API token")
    requests_per_second: RequestRate = 5.0


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
    warehouses: WarehouseMap = WarehouseMap()
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


class CreateExternalReturns(Frozen):
    """Approved returns become external returns in the warehouse."""

    mode: Mode = Mode.SHADOW
    types: tuple[ReturnType, ...] = ("return",)
    before_live_from: Literal["leave", "adopt"] = Field(
        default="leave",
        description="returns approved before live_from: leave them, or adopt the record found",
    )


class ProcessReceipts(Frozen):
    """Goods that the warehouse confirmed are processed in the portal."""

    mode: Mode = Mode.SHADOW
    restock: bool = Field(default=True, description="the team's inventory restock setting")
    short_line: ShortLine = ShortLine.FLAG
    strategy: ReceiptStrategy = ReceiptStrategy.AUTO
    overlap_minutes: int = Field(default=90, ge=75, le=1440)
    calls_per_run: int = Field(
        default=60, ge=1, le=1000, description="most reads of Mintsoft in one run"
    )
    settle_minutes: int = Field(
        default=20,
        ge=5,
        le=1440,
        description="how long a process call without an answer is watched before a person is asked",
    )


class CatchUp(Frozen):
    """Returns that changed in the portal and were not told of are found and announced."""

    enabled: bool = Field(
        default=False,
        description="ask the portal every five minutes what changed; a net under what publishes",
    )
    overlap_minutes: int = Field(default=15, ge=5, le=1440)
    first_look_back_hours: int = Field(default=24, ge=1, le=24 * 30)


class Flows(Frozen):
    """The switches."""

    create_external_returns: CreateExternalReturns = CreateExternalReturns()
    process_receipts: ProcessReceipts = ProcessReceipts()
    catch_up: CatchUp = CatchUp()


class Merchant(Frozen):
    """One brand or client of a 3PL, as its file says."""

    merchant: MerchantId
    name: str = Field(min_length=1, max_length=100)
    live_from: UtcTime | None = Field(
        default=None, description="returns approved earlier are never announced again"
    )
    redo: RedoConnection
    mintsoft: MintsoftConnection
    flows: Flows = Flows()
    sandbox: Annotated[bool, Strict()] = Field(
        default=False,
        description="a tenant for tests: the end-to-end check may make test returns in its portal",
    )

    @model_validator(mode="after")
    def _live_needs_a_date(self) -> Self:
        flows = self.flows
        modes = (flows.create_external_returns.mode, flows.process_receipts.mode)
        if Mode.LIVE in modes and self.live_from is None:
            raise ValueError(
                "live_from is needed before a flow may be live: the moment of the switch"
            )
        return self


class LiveMerchant(Frozen):
    """A merchant's file as it was applied, with the version that every decision names."""

    version: int = Field(ge=1)
    applied_at: UtcTime
    applied_by: str
    merchant: Merchant
