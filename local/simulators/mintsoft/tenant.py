"""What a 3PL has in the simulated Mintsoft: its settings, users, records and stock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from local.simulators.admin import CallLog
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan

KEY_LASTS = timedelta(hours=24)
NO_EXPIRY = "9999-12-31T23:59:59.9999999"
NOT_SET = "0001-01-01T00:00:00"
PAGE_LIMIT = 100
REFERENCE_LENGTH = 50


@dataclass(frozen=True)
class Settings:
    """What the sources do not tell, or what differs from tenant to tenant.

    Those of orders: how the search matches without ``exactMatch``, whether it heeds that, whether
    its rows lack status, courier and items, how long an order's number may be, whether a refusal
    names the order that exists, what becomes of an order that is short of stock, what is answered
    to a user who may not write, and whether an order that is held or waits for stock can be
    cancelled. Those of stock: what ``Level`` means, and whether there is a ``TotalStockLevel``
    beside it. Those of products and ASNs: what becomes of what a change
    leaves out, whether a SKU can be there twice, which of an item's two numbers is kept, whether a
    confirmed ASN waits for approval, and whether a list's order holds from call to call. And what
    on hand is that can be set: everything that is there, or what is not set aside.
    """

    returns_list: Literal["absent", "honoured", "ignores_filter"] = "absent"
    by_date: Literal["updated", "created"] = "updated"
    items_in_lists: bool = True
    over_limit: Literal["refuse", "cap"] = "refuse"
    zone: str = "Europe/London"
    index_delay_seconds: float = 0.0
    look_up_heeds_client: bool = True
    search: Literal["exact", "part"] = "part"
    exact_match_heeded: bool = True
    search_rows_bare: bool = True
    order_number_length: int = 50
    duplicate_names_order: bool = True
    short_of_stock: Literal["back_order", "new"] = "back_order"
    level_means: Literal["available", "on_hand", "on_hand_alone"] = "available"
    not_allowed: Literal["401", "403", "refusal"] = "401"
    product_update: Literal["keeps", "empties"] = "keeps"
    duplicate_sku: Literal["refuse", "allow"] = "refuse"
    look_up_discontinued: bool = True
    asn_update: Literal["keeps", "drops_items"] = "keeps"
    asn_counts: Literal["both", "booked", "received"] = "both"
    asn_approval: bool = False
    asn_order: Literal["shuffled", "stable"] = "shuffled"
    on_hand_set: Literal["all", "free"] = "all"
    cancels_held: bool = False


@dataclass(frozen=True)
class User:
    """A user: a warehouse user sees every client, a client user only its own."""

    name: str
    password: str
    client_id: int | None = None
    static_key: str | None = None
    read_only: bool = False


@dataclass
class Row:
    """A row of a return."""

    id: int
    sku: str
    product_id: int
    quantity: int
    reason_id: int
    comments: str
    serial: str | None = None


@dataclass
class ExternalReturn:
    """A return, and when it was made and last changed (UTC); an internal one has an order."""

    id: int
    client_id: int
    warehouse_id: int
    reference: str
    rows: list[Row]
    created_at: datetime
    updated_at: datetime
    confirmed: bool = False
    order_id: int = 0
    made_by: str = "api"


@dataclass
class OrderItem:
    """A line of an order."""

    id: int
    sku: str
    product_id: int
    quantity: int
    price: float | None = None
    details: str = ""
    allocated: int = 0
    committed: int = 0
    discount: float | None = None


@dataclass
class Comment:
    """A comment on an order."""

    id: int
    text: str
    admin: bool
    user: str


@dataclass
class Order:
    """An order, or a part of one. `header` is what else its body said, in Mintsoft's words."""

    id: int
    client_id: int
    number: str
    external_reference: str
    warehouse_id: int
    status_id: int
    courier_id: int
    items: list[OrderItem]
    created_at: datetime
    updated_at: datetime
    header: dict[str, Any] = field(default_factory=dict)
    name_values: list[dict[str, Any]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    part: int = 1
    parts: int = 1
    tracking_number: str = ""
    tracking_url: str = ""
    despatched_at: datetime | None = None
    parcels: int = 1
    scanned: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Stock:
    """Units of a product in a warehouse: all of them, and those of them in quarantine."""

    units: int
    quarantined: int
    updated_at: datetime


@dataclass
class Tenant:
    """What the 3PL has: users, clients, warehouses, reasons, products, couriers, channels."""

    users: dict[str, User] = field(default_factory=dict)
    clients: dict[int, str] = field(default_factory=dict)
    warehouses: dict[int, dict[str, Any]] = field(default_factory=dict)
    reasons: dict[int, dict[str, Any]] = field(default_factory=dict)
    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    couriers: dict[int, dict[str, Any]] = field(default_factory=lambda: dict(COURIERS))
    channels: dict[int, str] = field(default_factory=lambda: {1: "Default", 2: "Miinto"})
    statuses: dict[int, tuple[str, str]] = field(default_factory=lambda: dict(STATUSES))


COURIERS: dict[int, dict[str, Any]] = {
    1: {"name": "Unassigned"},
    7: {"name": "DHL Parcel Connect"},
    8: {"name": "GLS Parcel Shop"},
    9: {"name": "Retired Post", "active": False},
}
STATUSES: dict[int, tuple[str, str]] = {
    1: ("NEW", "NEW"),
    2: ("PRINTED", "PROCESSING"),
    3: ("CANCELLED", "CANCELLED"),
    4: ("DESPATCHED", "DESPATCHED"),
    5: ("INVOICED", "DESPATCHED"),
    6: ("INVOICEFAILED", "DESPATCHED"),
    7: ("HOLDING", "HOLDING"),
    8: ("FAILED", "FAILED"),
    9: ("ONBACKORDER", "ONBACKORDER"),
    10: ("AWAITINGCONFIRMATION", "AWAITINGCONFIRMATION"),
    11: ("AWAITINGDOCUMENTATION", "AWAITINGDOCUMENTATION"),
    12: ("AWAITINGPAYMENT", "AWAITINGPAYMENT"),
    13: ("QUERYRAISED", "QUERYRAISED"),
    14: ("PACKANDHOLD", "PACKANDHOLD"),
    15: ("AWAITINGPICKING", "PROCESSING"),
    16: ("PICKINGSTARTED", "PROCESSING"),
    17: ("PICKED", "PROCESSING"),
    18: ("FRAUDRISK", "FRAUDRISK"),
    19: ("PICKINGSKIPPED", "PROCESSING"),
    20: ("PACKED", "PROCESSING"),
    21: ("AWAITINGREPLEN", "PROCESSING"),
    22: ("PROCESSING", "PROCESSING"),
    23: ("REBINNED", "PROCESSING"),
}
"""Id -> name and external name. Of the external names only those of 4, 5 and 6 are recorded."""
NEW, CANCELLED, DESPATCHED, ON_BACK_ORDER = 1, 3, 4, 9
SHIPPED = frozenset({4, 5, 6})
CLOSED = SHIPPED | {CANCELLED}


class MintsoftRecords:
    """The records and what every part of the simulator needs of them."""

    def __init__(self, now: Now = system_now, settings: Settings | None = None) -> None:
        self._now = now
        self.settings = settings or Settings()
        self.tenant = Tenant()
        self.returns: dict[int, ExternalReturn] = {}
        self.orders: dict[int, Order] = {}
        self.stock: dict[tuple[int, int], Stock] = {}
        self.journal: list[dict[str, Any]] = []
        self.faults = FaultPlan()
        self.calls = CallLog()
        self.logins: Counter[str] = Counter()
        self._next_id = 41
        self._next_row_id = 68
        self._next_order_id = 500

    def note(self, call: str, user: str, **what: Any) -> None:
        """Write down a write that was accepted; nothing personal in it."""
        self.journal.append({"at": self._now(), "call": call, "user": user, **what})

    def naive(self, moment: datetime) -> str:
        """A time as Mintsoft writes it: in its own zone, with seven digits of a second."""
        local = moment.astimezone(ZoneInfo(self.settings.zone))
        return local.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7"

    def since(self, text: str) -> datetime | None:
        """A time as it is asked for; None for what cannot be read, which is ignored."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.settings.zone))

    def row_id(self) -> int:
        """The next id of a row of anything."""
        self._next_row_id += 1
        return self._next_row_id

    def product_with(self, sku: str, client_id: int) -> int:
        """The id of the client's product with this SKU; 0 when there is none."""
        for number, product in self.tenant.products.items():
            if product["sku"] == sku and product["client_id"] == client_id:
                return number
        return 0
