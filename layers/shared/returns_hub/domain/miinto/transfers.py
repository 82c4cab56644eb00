"""Transfers: orders that Miinto offers to a shop, position by position.

A transfer has a timeline of its own. It is judged by the rule, decided once for each of its
positions (an operation of the ledger), and gone when somebody else decided or it expired.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.miinto.money import Currency, MinorUnits

BY_RULE = "rule"
"""Who decided, where no person did."""


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
    least_price: int | None = Field(
        default=None, description="minor units, for what the position's price counts for"
    )
    stock: int | None = Field(
        default=None,
        description="the warehouse's units less what was promised before this run: before what "
        "the rule keeps back, and before older positions of the same run",
    )
    final_price: MinorUnits | None = Field(default=None, description="the feed's, for one unit")
    original_price: MinorUnits | None = Field(default=None, description="the feed's, for one unit")

    def says_the_same_as(self, other: Judgement | None) -> bool:
        """Whether a timeline would be told nothing new: stock alone comes and goes all day."""
        return other is not None and self._lasting == other._lasting

    @property
    def _lasting(self) -> tuple[object, ...]:
        prices = (self.least_price, self.final_price, self.original_price)
        return (self.position, self.verdict, self.code, self.sku, *prices)


def decide_transfer_key(merchant: str, shop_slug: str, transfer: int, number: int) -> str:
    """The ledger's key of a decision: one for each request that a transfer's timeline commits."""
    return f"decide-transfer/{merchant}/{shop_slug}/{transfer}/{number}"


class DecisionOfTransfer(Frozen):
    """Positions that one request decides; `order` is what accepting made.

    `skus`: see `facts.PositionsCommitted`.
    """

    number: int
    accepted: tuple[int, ...] = ()
    declined: tuple[int, ...] = ()
    by: str = Field(description="``rule``, or the person's name")
    outcome: Literal["", "done", "refused", "unknown", "lost"] = ""
    order: int | None = None
    skus: dict[int, str] = Field(default_factory=dict)

    @property
    def positions(self) -> tuple[int, ...]:
        """All that the request holds."""
        return (*self.accepted, *self.declined)

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet what became of the request."""
        return self.outcome in {"", "unknown"}


TransferStanding = Literal["pending_approval", "deciding", "decided", "gone", "parked"]
"""``deciding``: a request was or will be made, and nobody knows yet what came of it."""


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
    gone_positions: tuple[int, ...] = Field(
        default=(), description="positions that are not pending any more, by nobody's request here"
    )
    parked: str = ""

    @property
    def committed(self) -> frozenset[int]:
        """Positions that a request was or will be made for; no other may ever hold them, unless
        the first was refused."""
        return frozenset(
            position
            for decision in self.decisions
            if decision.outcome not in {"refused", "lost"}
            for position in decision.positions
        )

    @property
    def refused(self) -> frozenset[int]:
        """Positions that Miinto did not let the hub decide, though they were pending."""
        return frozenset(
            position
            for decision in self.decisions
            if decision.outcome == "refused"
            for position in decision.positions
        )

    @property
    def waiting(self) -> tuple[Position, ...]:
        """Positions that nobody has decided."""
        others = self.committed.union(self.gone_positions)
        return () if self.gone else tuple(p for p in self.positions if p.id not in others)

    @property
    def unresolved(self) -> tuple[DecisionOfTransfer, ...]:
        """Requests of which nobody knows yet what came of them."""
        return tuple(decision for decision in self.decisions if decision.is_open)

    def judgement(self, position: int) -> Judgement | None:
        """What the rule said last about a position."""
        return next((j for j in self.judgements if j.position == position), None)

    @property
    def standing(self) -> TransferStanding:
        """One word for operators."""
        if self.parked:
            return "parked"
        if self.unresolved:
            return "deciding"
        if self.gone:
            return "gone"
        return "pending_approval" if self.waiting else "decided"

    @property
    def in_work(self) -> bool:
        """Whether something is still to be done: a position waits, or a request's end is open."""
        return bool(self.waiting or self.unresolved)
