"""What a decision about a return is made from, and what it says."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.matching import CaseLine, Finding
from returns_hub.domain.receipts import Goods

ANSWERED = "answered by a person"
EXTRAS = "*"
"""In a person's answers: the goods that no line announced."""


class Case(Frozen):
    """All that a decision about one return is made from.

    Args:
        closed: The portal's word when it has finished with the return, else empty.
        lines: The return's lines.
        goods: Everything received so far, earlier receipts first.
        more_expected: Another external return of this return is not confirmed yet.
        age_seconds: How long ago the newest of these goods were confirmed.
        value: What the return is worth to the customer, in `currency`; None when not told.
        answers: What a person decided: line id, or `EXTRAS`, -> action.
        restock: The team's restock setting.
    """

    closed: str = ""
    lines: tuple[CaseLine, ...] = ()
    goods: tuple[Goods, ...] = ()
    more_expected: bool = False
    age_seconds: int = 0
    value: Decimal | None = None
    currency: str | None = None
    answers: dict[str, str] = Field(default_factory=dict)
    restock: bool = True
    answer_reasons: dict[str, str] = Field(
        default_factory=dict, description="line id -> why a person rejects it, in their words"
    )
    answered_for: dict[str, int] | None = Field(
        default=None,
        description="line id -> units received of it, and `EXTRAS` + SKU -> units beyond the "
        "lines, when a person answered. An answer about goods beyond the lines, or to hold a line, "
        "was given for those units: with more of them the table decides again. Other answers "
        "about a line stay, unless the policy has a person confirm them: then they count for what "
        "was found of the line. None: every answer counts whatever comes",
    )


class Action(StrEnum):
    """What the findings ask for."""

    PROCESS = "process"
    FLAG = "flag"
    ASK = "ask"
    HOLD = "hold"
    WAIT = "wait"
    NOTHING = "nothing"
    SKIP_CLOSED = "skip_closed"


class LineToProcess(Frozen):
    """A line to process or reject, and whether its goods go back on sale.

    `amount`, when it is there, replaces what the portal would pay for the line, in the return's
    currency. `reason` is what a portal that takes reasons is told of a rejected line.
    """

    line_id: str
    sku: str
    restock: bool
    reject: bool = False
    amount: Decimal | None = None
    reason: str = ""

    def in_words(self) -> str:
        """What is done with the line, in a few words."""
        if self.reject:
            return f"reject: {self.reason}" if self.reason else "reject"
        share = f", {self.amount} paid" if self.amount is not None else ""
        return ("restock" if self.restock else "no restock") + share


class Decision(Frozen):
    """What to do about a return now, by which rule of which policy, and why.

    `look_again_seconds` is when the same goods are decided on anew, if nothing else comes.
    `proposed` are the lines that would be processed, once a person has confirmed it.
    """

    action: Action
    rule: str
    policy: str = ""
    findings: tuple[Finding, ...] = ()
    lines: tuple[LineToProcess, ...] = ()
    note: str = ""
    look_again_seconds: int | None = None
    proposed: tuple[LineToProcess, ...] = ()
