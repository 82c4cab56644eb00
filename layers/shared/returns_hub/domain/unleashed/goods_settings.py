"""What the `unleashed:` block says about goods that come in, are made and are moved.

Source of the settings and their defaults: see `order_settings`.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from returns_hub.domain.file_types import Mode, Switch
from returns_hub.domain.unleashed.flow_base import (
    Courier,
    CustomStatuses,
    FewestMinutes,
    UnleashedFlow,
)

PurchaseStatusWord = Literal["parked", "placed", "unapproved", "costed", "receipted", "complete"]


class PurchaseImport(UnleashedFlow):
    """Purchase orders of Unleashed become ASNs of the warehouse."""

    statuses: tuple[PurchaseStatusWord, ...] = Field(
        default=("placed",), min_length=1, description="purchase orders of these are imported"
    )
    custom_statuses: CustomStatuses = Field(
        default=(), description="where any is named, these alone are imported, whatever statuses is"
    )
    create_products: Switch = Field(
        default=False, description="a product that the warehouse does not have is made there"
    )


class Receipts(UnleashedFlow):
    """What the warehouse booked in is receipted on its purchase order."""

    over_receipt: Literal["report", "raise_line"] = Field(
        default="report",
        description="more units than ordered: a person is asked, or the line is raised first",
    )
    part_deliveries: Literal["when_complete", "each"] = Field(
        default="when_complete",
        description="one receipt when the warehouse has finished the ASN, or one for each booking; "
        "whether Unleashed takes a second receipt is not proven",
    )
    complete_order: Switch = Field(
        default=False, description="a purchase order that is receipted in full is completed"
    )


class Assemblies(UnleashedFlow):
    """Assemblies of Unleashed are picked, and received, in the warehouse."""

    orders: Switch = Field(default=False, description="an order that picks the components")
    asns: Switch = Field(default=False, description="an ASN that receives what was assembled")
    statuses: tuple[Literal["parked", "completed"], ...] = Field(
        default=("parked",), min_length=1, description="assemblies of these are imported"
    )
    custom_statuses: CustomStatuses = Field(
        default=(), description="where any is named, these alone are imported, whatever statuses is"
    )
    courier: Courier = Field(
        default="AUTO", description="Mintsoft courier service by which such orders are known"
    )
    complete: Switch = Field(
        default=False, description="an assembly whose ASN is booked in is completed in Unleashed"
    )

    @model_validator(mode="after")
    def _does_anything(self) -> Self:
        if self.mode is not Mode.OFF and not (self.orders or self.asns):
            raise ValueError(
                f"mode is {self.mode.value}, but orders and asns are false: nothing would be done"
            )
        if self.complete and not self.asns:
            raise ValueError("complete needs asns: the ASN's booking completes the assembly")
        return self


class WarehouseTransfers(UnleashedFlow):
    """Warehouse transfers of Unleashed are picked at their source, received where they go."""

    every_minutes: FewestMinutes = Field(default=15, description="minutes between two runs")
    orders_at_source: Switch = Field(
        default=False, description="an order at the source, to the destination's address"
    )
    asns_at_destination: Switch = Field(
        default=False, description="an ASN at the destination; its booking completes the transfer"
    )
    statuses: tuple[Literal["parked", "completed"], ...] = Field(
        default=("parked",), min_length=1, description="transfers of these are imported"
    )
    courier: Courier = Field(
        default="AUTO", description="Mintsoft courier service by which such orders are known"
    )

    @model_validator(mode="after")
    def _does_anything(self) -> Self:
        if self.mode is not Mode.OFF and not (self.orders_at_source or self.asns_at_destination):
            raise ValueError(
                f"mode is {self.mode.value}, but orders_at_source and asns_at_destination are "
                "false: nothing would be done"
            )
        return self


class CreditNotes(UnleashedFlow):
    """Returns that were processed become free-entry credit notes."""

    complete: Switch = Field(
        default=False, description="complete the note; else it stays parked for a person"
    )
    return_to_stock: Switch = Field(
        default=False,
        description="lines whose goods the warehouse took back into stock say so; else the stock "
        "sync brings them",
    )
    reason: str = Field(
        default="Return", min_length=1, max_length=100, description="text of a line's reason"
    )
