"""Customers of Unleashed, as far as flows know them. Nothing of it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ErpCustomer:
    """A customer.

    Args:
        guid: Unleashed's.
        code: As Unleashed has it; it never changes.
        name: Personal data, where it is a person's; never logged or stored.
        currency: ISO 4217; empty when it is not shown.
        obsolete: It is no more.
    """

    guid: str
    code: str
    name: str = field(default="", repr=False)
    currency: str = ""
    obsolete: bool = False


@dataclass(frozen=True)
class CustomersPage:
    """A page of the list of customers that was read: its number from 1, and how many are on it."""

    number: int
    count: int
