"""The books of a run's ERP: of Unleashed's simulator by merchant, and of the warehouse's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.simulators.unleashed.company import API
from returns_hub.domain.unleashed.echoes import is_for_unleashed
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.ports import ParkedItem

Entry = Mapping[str, Any]
Levels = dict[tuple[str, str], int]
"""(Unleashed's warehouse code, SKU) -> units; what has none is left out."""
WEB_SHOP = "WEB-"
"""What numbers of orders begin with that Mintsoft has from a web shop."""
SHOP = "SHOP-"
"""Of one whose orders no ERP is told of."""
SHOPS = (WEB_SHOP, SHOP)
SHIPPED = frozenset({4, 5, 6})
"""Mintsoft's statuses of an order that has left."""


@dataclass(frozen=True)
class Place:
    """Where a merchant's records are.

    Args:
        account: Its id at Unleashed.
        client_id: Its id at Mintsoft.
        warehouses: Unleashed's code -> Mintsoft's id.
    """

    account: str
    client_id: int
    warehouses: Mapping[str, int]


@dataclass(frozen=True)
class ErpBooks:
    """What the cases look at, and what the judge reads.

    Args:
        places: Merchant -> where its records are.
        companies: Merchant -> books of its company at Unleashed.
        mintsoft: Books of Mintsoft.
        parked: What the hub asks a person, of both merchants.
        flows: Every flow that has to be shown.
        counted: Merchant -> products whose stock both sides have to agree about.
        customers: How many customers were read.
        returns: Returns of the portal that have to be credited.
        credits: Comments of the credit notes at Unleashed, by Guid.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    companies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mintsoft: Mapping[str, Any] = field(default_factory=dict)
    parked: Sequence[ParkedItem] = ()
    flows: Sequence[FlowName] = ()
    counted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    customers: int = 0
    returns: Sequence[str] = ()
    credits: Mapping[str, str] = field(default_factory=dict)

    @property
    def written(self) -> tuple[int, ...]:
        """Grows with everything that anybody does on either side."""
        there = (len(company["journal"]) for company in self.companies.values())
        return (*there, len(self.mintsoft["journal"]), len(self.parked))

    # -- Unleashed --------------------------------------------------------------------------

    def journal(self, merchant: str, what: str) -> list[Entry]:
        """Entries of one kind in a company's journal."""
        return [entry for entry in self.companies[merchant]["journal"] if entry["what"] == what]

    def told(self, merchant: str, what: str) -> list[Entry]:
        """Those that the hub wrote."""
        return [entry for entry in self.journal(merchant, what) if entry["by"] == API]

    def all_told(self, what: str) -> list[Entry]:
        """Those that the hub wrote, of every merchant."""
        return [entry for merchant in self.companies for entry in self.told(merchant, what)]

    def tracking(self, merchant: str, number: str) -> set[str]:
        """Tracking numbers of the shipments of a sales order, as they were written last."""
        shown: dict[str, str | None] = {}
        for entry in self.companies[merchant]["journal"]:
            if entry["what"].startswith("shipment_") and entry["order"] == number:
                shown[entry["guid"]] = entry["tracking"]
        return {tracking for tracking in shown.values() if tracking}

    def on_hand(self, merchant: str) -> Levels:
        """Stock at Unleashed."""
        return {
            (code, sku): round(units)
            for code, levels in self.companies[merchant]["stock"].items()
            for sku, units in levels.items()
            if units
        }

    # -- Mintsoft ---------------------------------------------------------------------------

    def deliveries(self) -> list[Entry]:
        """Webhooks that the hub took."""
        rows = [row for one in self.companies.values() for row in one["webhooks"]["deliveries"]]
        return [row for row in rows if row["state"] == "delivered"]

    def orders_of(self, reference: str) -> list[Entry]:
        """Mintsoft's orders with this external reference."""
        return [o for o in self.mintsoft["orders"] if o["external_reference"] == reference]

    def imported(self, kind: str) -> list[Entry]:
        """Mintsoft's orders of one kind of Unleashed's records."""
        start = f"unleashed:{kind}:"
        return [o for o in self.mintsoft["orders"] if o["external_reference"].startswith(start)]

    def of_web_shop(self, merchant: str) -> list[Entry]:
        """A client's orders of the web shop that left."""
        client = self.places[merchant].client_id
        return [
            order
            for order in self.mintsoft["orders"]
            if order["client_id"] == client
            and order["status_id"] in SHIPPED
            and order["number"].startswith(WEB_SHOP)
        ]

    def exported(self, merchant: str) -> list[Entry]:
        """Sales orders that the hub made, and that are completed."""
        completed = {entry["guid"] for entry in self.journal(merchant, "order_completed")}
        made = self.told(merchant, "order_made")
        return [entry for entry in made if entry["guid"] in completed]

    def asns_of(self, merchant: str, number: str) -> list[Entry]:
        """A client's ASNs with this reference."""
        client = self.places[merchant].client_id
        return [
            asn
            for asn in self.mintsoft["asns"]
            if asn["client_id"] == client and asn["header"].get("POReference") == number
        ]

    def held(self, merchant: str) -> Levels:
        """Stock at Mintsoft without its quarantine, under Unleashed's warehouse codes."""
        place = self.places[merchant]
        codes = {number: code for code, number in place.warehouses.items()}
        products = self.mintsoft["products"]
        found: Levels = {}
        for row in self.mintsoft["stock"]:
            product = products[str(row["product_id"])]
            if product["client_id"] != place.client_id or row["warehouse_id"] not in codes:
                continue
            units = row["units"] - row["quarantined"]
            if units:
                found[codes[row["warehouse_id"]], product["sku"]] = units
        return found

    def warehouse_journal(self, call: str) -> list[Entry]:
        """Entries of one kind in Mintsoft's journal."""
        return [entry for entry in self.mintsoft["journal"] if entry["call"] == call]


def is_erps(order: Entry) -> bool:
    """Whether an order of Mintsoft's, or a journal's entry about one, was made for Unleashed."""
    return is_for_unleashed(str(order.get("external_reference", "")))


def without_erp(mintsoft: Mapping[str, Any]) -> dict[str, Any]:
    """Mintsoft's books without orders for Unleashed and of other shops, and without what was
    written about other things than orders and returns."""
    orders = [
        order
        for order in mintsoft["orders"]
        if not is_erps(order) and not order["number"].startswith(SHOPS)
    ]
    ids = {order["id"] for order in orders}
    journal = [
        entry
        for entry in mintsoft["journal"]
        if entry["call"] == "create-external-return"
        or (entry["call"] == "create-order" and not is_erps(entry))
        or entry.get("order_id") in ids
    ]
    return {**mintsoft, "orders": orders, "journal": journal}


def booked(asn: Entry) -> dict[str, int]:
    """SKU -> units that were booked in."""
    found: dict[str, int] = {}
    for item in asn["items"]:
        units = sum(part["quantity"] for part in item["allocations"])
        found[item["sku"]] = found.get(item["sku"], 0) + units
    return found
