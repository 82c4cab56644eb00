"""The `miinto.refunds:` block of a merchant's file: accepted RMAs go home, refunds come in."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import Mode

Target = Literal["queue", "bus", "credit_note"]


class RefundSettings(Frozen):
    """Refunds between Miinto, which pays the buyer, and the store that has to book them."""

    mode: Mode = Field(
        default=Mode.OFF,
        description="of both ways; shadow writes to the timelines what would have been sent",
    )
    to: Literal["none", "queue", "bus"] = Field(
        default="none",
        description="where the event refund/1 of an accepted RMA goes: the stack's refunds queue, "
        "or the EventBridge bus that the stack was given",
    )
    credit_note: Literal["off", "unleashed"] = Field(
        default="off",
        description="make a credit note in the store of record, for the order that it has",
    )
    from_store: Literal["off", "ask", "automatic"] = Field(
        default="off",
        description="a refund that a store tells of becomes an RMA request: never, when a person "
        "confirms it, or by itself",
    )

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where an accepted RMA's refund goes, in this order."""
        events: tuple[Target, ...] = () if self.to == "none" else (self.to,)
        return events if self.credit_note == "off" else (*events, "credit_note")

    @model_validator(mode="after")
    def _does_anything(self) -> Self:
        if self.mode is not Mode.OFF and not self.targets and self.from_store == "off":
            raise ValueError(
                f"mode is {self.mode.value}, but `to` is none and from_store is off: nothing would "
                "be done"
            )
        return self
