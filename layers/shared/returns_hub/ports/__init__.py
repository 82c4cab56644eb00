"""What a flow needs from outside, as Protocols. Adapters and the tests' fakes both satisfy them.

Every method may raise the verdicts of `returns_hub.errors`; what else it raises is said there.
"""

from __future__ import annotations

from returns_hub.ports.orders import OrdersWarehouse
from returns_hub.ports.portal import (
    Invoices,
    RecentReturns,
    ReturnsPortal,
    SandboxLine,
    SandboxReturnDraft,
    SandboxReturns,
    ShipFrom,
    TokenScopes,
    WebhookKeys,
    WebhookSubscriptions,
)
from returns_hub.ports.stores import (
    Catalogue,
    Clock,
    Cursors,
    CursorStanding,
    KeyRenewal,
    Lease,
    Ledger,
    Measured,
    Merchants,
    ParkedCauses,
    ParkedItem,
    Parking,
    ReturnsStore,
    RunReport,
    Telemetry,
    Waiting,
    WorkQueue,
)
from returns_hub.ports.warehouse import (
    Capabilities,
    CapabilitiesStore,
    ExternalReturnDraft,
    Reason,
    ReceiptPage,
    ReturnItemDraft,
    Warehouse,
)

__all__ = [
    "Capabilities",
    "CapabilitiesStore",
    "Catalogue",
    "Clock",
    "CursorStanding",
    "Cursors",
    "ExternalReturnDraft",
    "Invoices",
    "KeyRenewal",
    "Lease",
    "Ledger",
    "Measured",
    "Merchants",
    "OrdersWarehouse",
    "ParkedCauses",
    "ParkedItem",
    "Parking",
    "Reason",
    "ReceiptPage",
    "RecentReturns",
    "ReturnItemDraft",
    "ReturnsPortal",
    "ReturnsStore",
    "RunReport",
    "SandboxLine",
    "SandboxReturnDraft",
    "SandboxReturns",
    "ShipFrom",
    "Telemetry",
    "TokenScopes",
    "Waiting",
    "Warehouse",
    "WebhookKeys",
    "WebhookSubscriptions",
    "WorkQueue",
]
