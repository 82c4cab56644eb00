"""A sales order that the hub makes at Unleashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from returns_hub.domain.unleashed.sale_amounts import SaleLine, SaleTotals, totals_of
from returns_hub.domain.warehouse_orders import Recipient, units_of

LONGEST_NUMBER = 17
"""Characters of an order's number that is set; three more are kept for a suffix (a digest)."""


@dataclass(frozen=True)
class SalesDraft:
    """A sales order to be made.

    Args:
        guid: Ours, the same whenever the order is tried.
        source_id: What we call it; at most 500 characters.
        customer_code: Of Unleashed's customer.
        warehouse_code: Where it is sent from.
        currency: ISO 4217; the customer's.
        exchange_rate: Of the currency to the account's own; 1 for its own.
        tax_code: Unleashed's.
        tax_rate: A share, 0.2 for 20 percent.
        ordered_on: When it was ordered.
        lines: Goods and charges, with their amounts.
        recipient: Who gets the goods; its country as Unleashed shall show it.
        reference: What the customer calls it.
        comments: For people.
        journal_only: The accounts get a journal, and no full invoice.
        status: Unleashed's word.
    """

    guid: str
    source_id: str
    customer_code: str
    warehouse_code: str
    currency: str
    exchange_rate: Decimal
    tax_code: str
    tax_rate: Decimal
    ordered_on: date
    lines: tuple[SaleLine, ...]
    recipient: Recipient = field(repr=False)
    reference: str = field(default="", repr=False)
    comments: str = field(default="", repr=False)
    journal_only: bool = False
    status: str = "Placed"

    @property
    def totals(self) -> SaleTotals:
        """Of all of its lines."""
        return totals_of(self.lines)

    def units(self) -> dict[str, int]:
        """Units of each product; charges have none."""
        return units_of((line.sku, line.quantity) for line in self.lines if line.sku)
