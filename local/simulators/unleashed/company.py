"""What the parts of Unleashed's simulator share: one company's records, numbers and journal."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.clock import Now
from local.simulators.unleashed.replies import NOBODY, Call, Refused, not_found, wrong
from local.simulators.unleashed.settings import Settings
from local.simulators.unleashed.shapes import Record, guid_of
from local.simulators.unleashed.stock import StockBook

API = "api@unleashedsoftware.com"
"""Who made what came through the API, as the official sample shows."""
NATURAL = {
    "Products": "ProductCode",
    "Warehouses": "WarehouseCode",
    "Customers": "CustomerCode",
    "Suppliers": "SupplierCode",
    "Taxes": "TaxCode",
    "Currencies": "CurrencyCode",
    "ShippingCompanies": "Name",
    "UnitsOfMeasure": "Name",
    "ProductGroups": "GroupName",
    "Salespersons": "",
}
"""What a reference may say instead of the Guid; empty where only the Guid is taken."""
SHOWN = {
    "Products": ("Guid", "ProductCode", "ProductDescription"),
    "Customers": ("Guid", "CustomerCode", "CustomerName", "CurrencyId", "LastModifiedOn"),
    "Suppliers": ("Guid", "SupplierCode", "SupplierName"),
    "ShippingCompanies": ("Guid", "Name"),
    "UnitsOfMeasure": ("Guid", "Name"),
    "ProductGroups": ("GroupName", "Guid", "LastModifiedOn"),
    "Salespersons": ("FullName", "Email", "Obsolete", "Guid", "LastModifiedOn"),
    "Taxes": (
        "TaxCode",
        "Description",
        "TaxRate",
        "CanApplyToExpenses",
        "CanApplyToRevenue",
        "Obsolete",
        "Guid",
        "LastModifiedOn",
    ),
    "Currencies": (
        "CurrencyCode",
        "Description",
        "Guid",
        "DefaultBuyRate",
        "DefaultSellRate",
        "LastModifiedOn",
    ),
    "Warehouses": (
        "Guid",
        "WarehouseCode",
        "WarehouseName",
        "IsDefault",
        "Obsolete",
        "StreetNo",
        "AddressLine1",
        "AddressLine2",
        "Suburb",
        "City",
        "Region",
        "Country",
        "PostCode",
        "PhoneNumber",
        "FaxNumber",
        "MobileNumber",
        "DDINumber",
        "ContactName",
        "LastModifiedOn",
    ),
}
"""What a reference shows."""
NUMBERED = {
    "SalesOrders": "SO",
    "SalesShipments": "SS",
    "Invoices": "SI",
    "CreditNotes": "CR",
    "StockAdjustments": "SA",
    "StockCounts": "ST",
    "WarehouseStockTransfers": "TX",
    "PurchaseOrders": "PO",
    "Assemblies": "ASM",
    "BillOfMaterials": "BOM",
}


@dataclass
class House:
    """What all companies share. `settings` is replaced, never changed."""

    now: Now
    settings: Settings
    dice: random.Random


@dataclass
class Company:
    """A company of Unleashed's: what one pair of id and key opens.

    Attributes:
        management: The account's switch "Order Management".
        custom_statuses: At most 10, at most 15 characters each; extensions of Parked.
        reasons: The adjustment reasons of the settings; no call lists them.
        unknown_keys: Keys of bodies that there are not.
        told: What has to know of a change: event, and the data's ids.
    """

    house: House
    api_id: str
    api_key: str
    name: str = "Example company"
    management: bool = False
    custom_statuses: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    journal: list[dict[str, Any]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    told: list[Callable[[str, dict[str, str]], None]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)
    _writes: int = 0

    def __post_init__(self) -> None:
        self.stock = StockBook(self.stamp)

    @property
    def settings(self) -> Settings:
        """What no source tells."""
        return self.house.settings

    # -- time, numbers, the journal ---------------------------------------------------------

    def stamp(self, after: datetime | None = None) -> datetime:
        """The present moment in milliseconds, in any case later than another."""
        now = self.house.now().astimezone(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return now if after is None else max(now, after + timedelta(milliseconds=1))

    def today(self) -> datetime:
        """Midnight, UTC."""
        now = self.house.now().astimezone(UTC)
        return now.replace(hour=0, minute=0, second=0, microsecond=0)

    def new_guid(self) -> str:
        """A Guid from the dice, so that a simulation's seed makes the same ones again."""
        return str(uuid.UUID(int=self.house.dice.getrandbits(128), version=4))

    def number(self, resource: str) -> str:
        """The next number of a resource's documents."""
        self._numbers[resource] += 1
        return f"{NUMBERED[resource]}-{self._numbers[resource]:08d}"

    def note(self, what: str, by: str, guid: str, **more: Any) -> None:
        """Write down what was done."""
        entry = {"number": len(self.journal) + 1, "at": self.house.now().isoformat(), "what": what}
        self.journal.append(entry | {"by": by, "guid": guid} | more)

    def tell(self, event: str, **data: str) -> None:
        """Tell those who have to know of a change."""
        for listener in self.told:
            listener(event, data)

    # -- records ----------------------------------------------------------------------------

    def all(self, resource: str) -> dict[str, Record]:
        """The records of a resource by their Guids."""
        return self.records.setdefault(resource, {})

    def add(self, resource: str, record: Record, by: str = API) -> Record:
        """Keep a new record, with a Guid where it has none."""
        record["Guid"] = record.get("Guid") or self.new_guid()
        self.all(resource)[record["Guid"]] = record
        code = NATURAL.get(resource)
        if code:
            self._codes.setdefault(resource, {})[record[code]] = record["Guid"]
        self.touch(record, by)
        return record

    def remove(self, resource: str, record: Record) -> None:
        """Forget a record.

        Raises:
            ValueError: Another one refers to it.
        """
        guid, code = record["Guid"], NATURAL.get(resource)
        others = (o for rows in self.records.values() for o in rows.values() if o is not record)
        if any(guid in str(other) for other in others):
            raise ValueError(f"{resource} {guid} is in use")
        del self.all(resource)[guid]
        if code:
            del self._codes[resource][record[code]]

    def touch(self, record: Record, by: str) -> None:
        """A record was made or changed. Its stamp is always later than the one before."""
        moment = self.stamp(record.get("LastModifiedOn"))
        if record.get("CreatedOn") is None:
            record |= {"CreatedBy": by, "CreatedOn": moment}
        self._writes += 1
        record |= {"LastModifiedBy": by, "LastModifiedOn": moment, "_order": self._writes}

    def one(self, resource: str, guid: str) -> Record:
        """A record.

        Raises:
            Refused: There is none, or it is not a Guid.
        """
        found = self.all(resource).get(guid.lower())
        if found is None:
            raise not_found(f"{resource} {guid}")
        return found

    def by_code(self, resource: str, code: str) -> Record | None:
        """A record by its natural code, exactly."""
        guid = self._codes.get(resource, {}).get(code)
        return self.all(resource)[guid] if guid else None

    def coded(self, resource: str, code: str) -> Record:
        """A record by its natural code.

        Raises:
            ValueError: There is none.
        """
        found = self.by_code(resource, code)
        if found is None:
            raise ValueError(f"no {resource} {code}")
        return found

    def referred(self, resource: str, name: str, value: Any) -> str | None:
        """The Guid of what a body refers to, by Guid or by natural code.

        Raises:
            Refused: There is no such thing.
        """
        code = NATURAL.get(resource, "")
        if isinstance(value, str) and resource == "ShippingCompanies":
            value = {"Name": value}
        if not isinstance(value, dict):
            raise wrong(f"{name} is not an object.")
        small = {key[:1].upper() + key[1:]: inside for key, inside in value.items()}
        guid = small.get("Guid")
        if guid and guid != NOBODY:
            if guid_of(name, guid) not in self.all(resource):
                raise wrong(f"{name} {guid} does not exist.")
            return str(guid).lower()
        text = small.get(code) if code else None
        if text is None:
            return None
        found = self.by_code(resource, text)
        if found is None:
            raise wrong(f"{name} {text} does not exist.")
        return str(found["Guid"])

    def reference(self, resource: str, guid: str) -> Any:
        """What is shown of something that is referred to."""
        found = self.all(resource)[guid]
        if resource == "ShippingCompanies" and self.settings.shipping_company == "text":
            return found["Name"]
        return {name: found.get(name) for name in SHOWN[resource]}

    # -- what more than one document does ---------------------------------------------------

    def guid_of_new(self, resource: str, guid: str | None) -> tuple[str | None, Record | None]:
        """Under which Guid something new is kept, and what is overwritten by it.

        Raises:
            Refused: The Guid has a record, and that is refused.
        """
        there = self.all(resource).get(guid) if guid else None
        if there is None:
            return guid, None
        match self.settings.existing_guid:
            case "refuse":
                raise wrong(f"{resource} {guid} already exists.")
            case "overwrite":
                return guid, there
            case "duplicate":
                return self.new_guid(), None

    def line_guids(self, lines: Iterable[Record]) -> None:
        """Give lines a Guid and a number where they have none."""
        for at, line in enumerate(lines, start=1):
            line["Guid"] = line.get("Guid") or self.new_guid()
            line["LineNumber"] = line.get("LineNumber") or at
            line["LastModifiedOn"] = self.stamp()

    def stocked(self, product: str | None) -> bool:
        """Whether a product has stock at all."""
        return product is not None and not self.all("Products")[product].get("NeverDiminishing")

    def refused(self, call: Call, refusal: Refused) -> None:
        """Count a refused write."""
        if call.method != "GET":
            self.refusals[f"{call.method} {call.path.split('/')[1]}: {refusal.description}"] += 1


def totals_agree(record: Record, lines: str) -> None:
    """SubTotal, TaxTotal and Total are those of the lines.

    Raises:
        Refused: They are not.
    """
    wanted = line_totals(record[lines])
    for name, sum_of_lines in wanted.items():
        if cents(record[name]) != cents(sum_of_lines):
            raise wrong(f"{name} is {record[name]}, and the lines make {sum_of_lines}.")


def line_totals(lines: Iterable[Record]) -> dict[str, Decimal]:
    """The totals that lines make."""
    rows = list(lines)
    net = sum((row["LineTotal"] or Decimal() for row in rows), Decimal())
    tax = sum((row["LineTax"] or Decimal() for row in rows), Decimal())
    return {"SubTotal": net, "TaxTotal": tax, "Total": net + tax}


def cents(value: Decimal) -> Decimal:
    """Money to two places."""
    return value.quantize(Decimal("0.01"))
