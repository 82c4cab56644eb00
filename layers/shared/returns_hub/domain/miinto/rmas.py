"""RMAs as read from Miinto. In the hub an RMA is a return of the portal ``miinto``."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.miinto.money import Currency, MinorUnits
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.miinto.transfers import Item

RETURN_ID = re.compile(r"miinto-(?P<shop>[A-Za-z0-9-]+)-(?P<rma>[A-Za-z0-9_]+)", re.ASCII)
RmaStatus = Literal["pending", "accepted", "declined", "unknown"]


class RmaPosition(Frozen):
    """One line of an RMA."""

    id: str
    order_position: str | None = None
    quantity: int = Field(default=1, ge=1)
    price: MinorUnits | None = None
    item: Item = Item()
    status: RmaStatus = "pending"
    status_word: str = Field(default="", description="as Miinto writes it, where it does")
    reason: str = ""
    comment: str = ""


class Rma(Frozen):
    """An RMA, parsed as its configured contract says, with the body it came in.

    `status` is ``unknown`` for words that nobody told us of: no decision is made on it.
    """

    shop: str
    id: str
    status: RmaStatus
    status_word: str = ""
    type: str = ""
    created_at: UtcTime | None = None
    updated_at: UtcTime | None = None
    delivered_at: UtcTime | None = None
    order_id: str | None = None
    parent_id: str | None = None
    currency: Currency | None = None
    positions: tuple[RmaPosition, ...] = ()
    tracking: str | None = None
    raw: dict[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def unknown_words(self) -> tuple[str, ...]:
        """Words for a status that nobody told us of, of the RMA and its positions."""
        words = [self.status_word or "(none)"] if self.status == "unknown" else []
        words += [p.status_word or "(none)" for p in self.positions if p.status == "unknown"]
        return tuple(dict.fromkeys(words))

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to decide something of it, as far as words are known."""
        return self.status == "pending" or any(p.status == "pending" for p in self.positions)

    @property
    def order_number(self) -> int | None:
        """The shop-level order's id; None where the RMA names none, or none of digits."""
        return number_in(self.order_id)

    @property
    def return_id(self) -> str:
        """The return's id in the hub: ``miinto-045-1234-30001``."""
        return return_id_of(self.shop, self.id)


def number_in(text: str | None) -> int | None:
    """The id that a text is, which has at most 15 digits; None for any other text."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 15 else None


def return_id_of(shop: str, rma: str) -> str:
    """The id of the return that an RMA is in the hub."""
    return f"miinto-{slug_of(shop)}-{re.sub(r'[^A-Za-z0-9_]', '_', rma)}"


def shop_slug_of(return_id: str) -> str:
    """The short name of the shop that an RMA is of; empty for another return."""
    found = RETURN_ID.fullmatch(return_id)
    return found["shop"] if found else ""


def is_of_miinto(return_id: str) -> bool:
    """Whether a return is an RMA of Miinto."""
    return RETURN_ID.fullmatch(return_id) is not None
