"""What the cases at the ERP share: people's hands on both sides, and what is to be seen there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local.merchant_samples import COMPANIES
from local.partners import PartnerSimulators
from local.run.erp_books import ErpBooks, Place
from local.run.side_door import SideDoor
from local.stack import LocalStackError
from local.world import LocalWorld
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.domain.unleashed.settings import FLOW_NAMES, UnleashedConnection
from returns_hub.flows.unleashed.sources import SOURCES

Steps = Iterator[str]
"""What a case does; each word that it yields is what it waits for."""
GLS = 8
"""Mintsoft's courier in samples/world.json."""


def until(what: str, reached: Callable[[], object]) -> Steps:
    """Come back until it is reached."""
    while not reached():
        yield what


@dataclass
class Stage:
    """Two simulators, as the people of a run see them. What is seen is as of the last look.

    Args:
        world: The running world.
        partners: Its simulators.
    """

    world: LocalWorld
    partners: PartnerSimulators
    books: ErpBooks = field(default_factory=ErpBooks)
    shown: dict[str, str] = field(default_factory=dict)
    """Word -> Guid or number of a record that others look at."""
    returns: list[str] = field(default_factory=list)
    """Returns of the portal that cases made."""

    def __post_init__(self) -> None:
        self._unleashed = SideDoor(self.partners.unleashed_url)
        self._mintsoft = SideDoor(self.partners.mintsoft_url)
        self._places = {merchant: self._place(merchant) for merchant in COMPANIES}

    def _place(self, merchant: str) -> Place:
        live = self.world.hub.merchants.live(merchant).merchant
        desks = self.partners.unleashed.desks.values()
        (account,) = [d.company.api_id for d in desks if d.company.name == COMPANIES[merchant]]
        return Place(account, live.mintsoft.client_id, self.connection(merchant).warehouses)

    def connection(self, merchant: str) -> UnleashedConnection:
        """The `unleashed:` block of a merchant's file as it is now.

        Raises:
            LocalStackError: It has none.
        """
        found = self.world.hub.merchants.live(merchant).merchant.unleashed
        if found is None:
            raise LocalStackError(f"the file of {merchant} has no unleashed: block")
        return found

    def look(self) -> None:
        """See how both sides stand now."""
        companies = self._unleashed.books()["companies"]
        hub = self.world.hub
        self.books = ErpBooks(
            places=self._places,
            companies={name: companies[place.account] for name, place in self._places.items()},
            mintsoft=self._mintsoft.books(),
            parked=[item for name in COMPANIES for item in hub.parking.list_parked(name)],
        )

    def last_look(self, customers_read: bool) -> ErpBooks:
        """Everything that the judge reads.

        Args:
            customers_read: Whether the list of customers was read to its end.
        """
        self.look()
        return replace(
            self.books,
            returns=tuple(self.returns),
            credits={
                note["Guid"]: str(note["Comments"])
                for merchant in COMPANIES
                for note in self._records(merchant, "CreditNotes")
            },
            flows=tuple(name for name in FLOW_NAMES if name in SOURCES),
            counted={merchant: self._counted(merchant) for merchant in COMPANIES},
            customers=len(self._records("example", "Customers")) if customers_read else 0,
        )

    def _records(self, merchant: str, resource: str) -> list[dict[str, Any]]:
        account = self._places[merchant].account
        rows: Any = self._unleashed.do("records", account=account, resource=resource)
        return list(rows)

    def _counted(self, merchant: str) -> frozenset[str]:
        """Products whose stock is kept in step: the sync leaves services and tracked ones out."""
        return frozenset(
            row["ProductCode"]
            for row in self._records(merchant, "Products")
            if not (row["NeverDiminishing"] or row["IsBatchTracked"] or row["IsSerialized"])
        )

    # -- hands ------------------------------------------------------------------------------

    def clerk(self, merchant: str, action: str, **content: Any) -> dict[str, Any]:
        """Somebody at Unleashed does something."""
        return self._unleashed.do(action, account=self._places[merchant].account, **content)

    def warehouse(self, action: str, **content: Any) -> dict[str, Any]:
        """Somebody at Mintsoft does something."""
        return self._mintsoft.do(action, **content)

    def approve(self, message: str) -> None:
        """The portal tells of an approved return."""
        sqs = self.world.aws.client("sqs")
        url = self.world.queue_url("ApprovedReturnsQueue")
        sqs.send_message(QueueUrl=url, MessageBody=message)

    def despatch(self, kind: str, guid: str) -> str:
        """The order of this record leaves the warehouse; its tracking number."""
        return self.send(self.order(kind, guid)["id"])

    def send(self, order_id: int) -> str:
        """An order of Mintsoft's leaves the warehouse; its tracking number."""
        tracking = f"TRACK{order_id:07d}"
        self.warehouse("despatch", id=order_id, courier_id=GLS, tracking_number=tracking)
        self.look()
        return tracking

    def client_of(self, merchant: str) -> int:
        """A merchant's id at Mintsoft."""
        return self._places[merchant].client_id

    def found_one_more(self, merchant: str, code: str, sku: str) -> None:
        """Somebody in the warehouse counted, and there is one unit more than the books say."""
        self.look()
        place, mintsoft = self._places[merchant], self.books.mintsoft
        (row,) = [
            row
            for row in mintsoft["stock"]
            if row["warehouse_id"] == place.warehouses[code]
            and mintsoft["products"][str(row["product_id"])]["sku"] == sku
        ]
        self.warehouse(
            "set-stock",
            warehouse_id=row["warehouse_id"],
            product_id=row["product_id"],
            units=row["units"] + 1,
            quarantined=row["quarantined"],
        )
        self.look()

    # -- what is to be seen -----------------------------------------------------------------

    def product(self, sku: str) -> Mapping[str, Any]:
        """Mintsoft's product with this SKU; empty while there is none."""
        rows = self.books.mintsoft["products"].values()
        return next((row for row in rows if row["sku"] == sku), {})

    def order(self, kind: str, guid: str) -> Mapping[str, Any]:
        """Mintsoft's order of a record of Unleashed; empty while there is none."""
        found = self.books.orders_of(reference_of(kind, guid))
        return found[0] if found else {}

    def units(self, kind: str, guid: str) -> dict[str, int]:
        """SKU -> units of Mintsoft's order of a record."""
        items = self.order(kind, guid).get("items", ())
        return {item["sku"]: item["quantity"] for item in items}

    def asn(self, merchant: str, number: str) -> Mapping[str, Any]:
        """Mintsoft's ASN with this reference; empty while there is none."""
        found = self.books.asns_of(merchant, number)
        return found[0] if found else {}

    def did(self, merchant: str, what: str, guid: str) -> bool:
        """Whether the hub did this to a record of Unleashed."""
        return any(entry["guid"] == guid for entry in self.books.told(merchant, what))

    def tracking(self, merchant: str, number: str) -> set[str]:
        """Tracking numbers that Unleashed shows on the shipments of an order."""
        return self.books.tracking(merchant, number)

    def stock_agrees(self, merchant: str, code: str, sku: str) -> bool:
        """Whether both sides have as many units of a product."""
        books, key = self.books, (code, sku)
        return books.held(merchant).get(key, 0) == books.on_hand(merchant).get(key, 0)

    def is_asked(self, merchant: str, guid: str) -> bool:
        """Whether a person is asked about a record of Unleashed."""
        return any(i.merchant == merchant and guid in i.subject for i in self.books.parked)
