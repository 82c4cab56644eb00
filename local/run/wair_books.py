"""The books of a run's stock feed, despatches upstream, changed orders and bundles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.run.erp_books import SHIPPED
from returns_hub.ports import ParkedItem

Entry = Mapping[str, Any]
Levels = dict[tuple[str, str], int]
"""(Location, SKU) -> units."""
CANCELLED = 3
"""Mintsoft's status of an order that is cancelled."""


@dataclass(frozen=True)
class Asked:
    """What people upstream wanted, and did.

    Args:
        split: The order that left in two parts.
        cancelled: The order that was cancelled upstream.
        edited: The order that was edited, and the one that took its place.
        bundle: The order that holds a bundle whose components nobody knows.
        changed: The location and the SKU of the one row that changed at the end; how many rows of
            stock were told for it, and where it changed. Empty while it was not looked at.
    """

    split: str = ""
    cancelled: str = ""
    edited: tuple[str, str] = ("", "")
    bundle: str = ""
    changed: tuple[str, str] = ("", "")
    rows_told: int = 0
    rows_moved: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class WairBooks:
    """What the story looks at, and what the judge reads.

    Args:
        client_id: The merchant's id at Mintsoft.
        locations: WAIR's location -> Mintsoft's warehouses whose stock it is.
        tenant: Books of the tenant at WAIR.
        mintsoft: Books of Mintsoft.
        channel: Books of who is told of despatches.
        parked: What the hub asks a person.
        asked: What people wanted.
        advice: How many stock targets and proposals of transfers the hub keeps.
        advised: How many WAIR has.
    """

    client_id: int = 0
    locations: Mapping[str, Sequence[int]] = field(default_factory=dict)
    tenant: Mapping[str, Any] = field(default_factory=dict)
    mintsoft: Mapping[str, Any] = field(default_factory=dict)
    channel: Mapping[str, Any] = field(default_factory=dict)
    parked: Sequence[ParkedItem] = ()
    asked: Asked = Asked()
    advice: tuple[int, int] = (0, 0)
    advised: tuple[int, int] = (0, 0)

    @property
    def written(self) -> tuple[int, ...]:
        """Grows with everything that anybody writes."""
        told = len(self.tenant["journal"]) + len(self.channel["taken"])
        return told, len(self.mintsoft["journal"]), len(self.parked)

    # -- WAIR -------------------------------------------------------------------------------

    def told(self, data_set: str) -> list[Entry]:
        """Calls with rows of a set."""
        calls = (entry for entry in self.tenant["journal"] if entry["what"] == "told")
        return [entry for entry in calls if entry["set"] == data_set]

    def rows(self, data_set: str) -> list[Entry]:
        """What WAIR has of a set."""
        return list(self.tenant["sets"][data_set])

    def on_hand_there(self) -> Levels:
        """Stock at WAIR."""
        stock = self.tenant["stock"]
        return {(place, sku): units for place, rows in stock.items() for sku, units in rows.items()}

    def reserved_there(self) -> Levels:
        """What WAIR has as not for replenishment."""
        rows = self.rows("reserved")
        return {(r["locationId"], r["skuId"]): r["quantity"] for r in rows if r["quantity"]}

    def skus_there(self) -> dict[str, Entry]:
        """SKU -> what WAIR knows of it."""
        return {sku["skuId"]: sku for item in self.rows("items") for sku in item["skus"]}

    # -- Mintsoft ---------------------------------------------------------------------------

    def on_hand_here(self) -> Levels:
        """Stock at Mintsoft, summed as the locations sum it."""
        found: Counter[tuple[str, str]] = Counter()
        for place, row, sku in self._rows_here():
            found[place, sku] += row["units"]
        return dict(found)

    def reserved_here(self) -> Levels:
        """What orders have set aside at Mintsoft, and what is in quarantine."""
        places = {w: place for place, ids in self.locations.items() for w in ids}
        found: Counter[tuple[str, str]] = Counter()
        for place, row, sku in self._rows_here():
            found[place, sku] += row["quarantined"]
        for order in self.orders():
            if order["status_id"] not in SHIPPED and order["status_id"] != CANCELLED:
                for item in order["items"]:
                    found[places[order["warehouse_id"]], item["sku"]] += item["allocated"]
        return {key: units for key, units in found.items() if units}

    def _rows_here(self) -> Iterator[tuple[str, Entry, str]]:
        places = {w: place for place, ids in self.locations.items() for w in ids}
        for row in self.mintsoft["stock"]:
            product = self.mintsoft["products"][str(row["product_id"])]
            if product["client_id"] == self.client_id and row["warehouse_id"] in places:
                yield places[row["warehouse_id"]], row, product["sku"]

    def products(self) -> list[Entry]:
        """The merchant's products that are sold and are no bundles."""
        rows = self.mintsoft["products"].values()
        return [
            row
            for row in rows
            if row["client_id"] == self.client_id
            and not row.get("discontinued")
            and "components" not in row
        ]

    def orders(self) -> list[Entry]:
        """The merchant's orders."""
        return [o for o in self.mintsoft["orders"] if o["client_id"] == self.client_id]

    def parts(self, number: str) -> list[Entry]:
        """The parts of an order."""
        return [order for order in self.orders() if order["number"] == number]

    def sent(self) -> dict[int, Entry]:
        """Id -> what has left."""
        return {order["id"]: order for order in self.orders() if order["status_id"] in SHIPPED}

    def cancels(self, number: str) -> int:
        """How often the hub had an order cancelled."""
        journal = self.mintsoft["journal"]
        return sum(e["call"] == "cancel-order" and e["number"] == number for e in journal)

    # -- upstream, and the hub --------------------------------------------------------------

    def relayed(self) -> dict[int, list[Entry]]:
        """Mintsoft's id of an order -> what the channel was told of it."""
        found: dict[int, list[Entry]] = {}
        for event in self.channel["taken"]:
            found.setdefault(event["mintsoft_order_id"], []).append(event)
        return found

    def questions(self, flow: str) -> list[ParkedItem]:
        """What a person is asked by flows whose names begin so."""
        return [item for item in self.parked if item.flow.startswith(flow)]
