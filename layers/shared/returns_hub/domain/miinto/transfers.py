"""Transfers: orders that Miinto offers to a shop, position by position.

A transfer has a timeline of its own. It is judged by the rule, decided once for each of its
positions (an operation of the ledger), and gone when somebody else decided or it expired.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.miinto.money import Currency, MinorUnits


class Item(Frozen):
    """What Miinto tells of a position's product; there is no SKU in it."""

    product_id: str | None = Field(default=None, description="Miinto's item id")
    gtin: str | None = None
    name: str = ""
    brand: str | None = None


class Position(Frozen):
    """One line of a transfer or an order; `price` in minor units, for a unit or for the line (no
    source tells which)."""

    id: int
    quantity: int = Field(ge=1)
    price: MinorUnits
    item: Item = Item()


class Transfer(Frozen):
    """A transfer as read: its positions that wait for a decision."""

    shop: str
    id: int
    currency: Currency | None = None
    created_at: UtcTime | None = None
    pending: tuple[Position, ...] = ()


class Judgement(Frozen):
    """What the rule says about one position, and why, in the field's words."""

    position: int
    verdict: Literal["accept", "decline", "person"]
    code: str = Field(description="bounded word, e.g. accepted, out_of_stock, price_too_low")
    why: str
    sku: str | None = None
    available: int | None = Field(default=None, description="units that could be promised")
    least_price: int | None = Field(default=None, description="minor units, for one unit")


class DecisionOfTransfer(Frozen):
    """Positions that one request decides; `order` is what accepting made."""

    number: int
    accepted: tuple[int, ...] = ()
    declined: tuple[int, ...] = ()
    by: str = Field(description="``rule``, or the person's name")
    outcome: Literal["", "done", "refused", "unknown", "lost"] = ""
    order: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet what became of the request."""
        return self.outcome in {"", "unknown"}


TransferStanding = Literal["pending_approval", "decided", "gone", "parked"]


class TransferState(Frozen):
    """Where the hub stands with a transfer: the fold of its timeline."""

    merchant: MerchantId
    shop: str
    id: int
    version: int = 0
    currency: Currency | None = None
    created_at: UtcTime | None = None
    first_seen_at: UtcTime | None = None
    positions: tuple[Position, ...] = Field(default=(), description="every one ever seen pending")
    judgements: tuple[Judgement, ...] = ()
    decisions: tuple[DecisionOfTransfer, ...] = ()
    gone: str = Field(default="", description="why it is decided elsewhere: a bounded word")
    parked: str = ""

    @property
    def committed(self) -> frozenset[int]:
        """Positions that a request was or will be made for; no other may ever hold them, unless
        the first was refused."""
        return frozenset(
            position
            for decision in self.decisions
            if decision.outcome not in {"refused", "lost"}
            for position in (*decision.accepted, *decision.declined)
        )

    @property
    def waiting(self) -> tuple[Position, ...]:
        """Positions that nobody has decided."""
        return tuple(p for p in self.positions if p.id not in self.committed)

    @property
    def standing(self) -> TransferStanding:
        """One word for operators."""
        if self.parked:
            return "parked"
        if self.gone:
            return "gone"
        return "pending_approval" if self.waiting else "decided"

    @property
    def in_work(self) -> bool:
        """Whether something is still to be done: a position waits, or a request's end is open."""
        waits = bool(self.waiting) and not self.gone
        return waits or any(decision.is_open for decision in self.decisions)
