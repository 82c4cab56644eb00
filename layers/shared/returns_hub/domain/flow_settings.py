"""The switches and settings of a merchant's flows about returns."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import Hours, Mode
from returns_hub.domain.policy import Policy

ReturnType = Literal["return", "claim", "warranty"]


class ReceiptStrategy(StrEnum):
    """How confirmed external returns are found (Mintsoft offers no proven list of returns)."""

    AUTO = "auto"
    LIST = "list"
    BY_DATE = "by_date"
    DUE_IDS = "due_ids"


class CreateExternalReturns(Frozen):
    """Approved returns become external returns in the warehouse."""

    mode: Mode = Mode.SHADOW
    types: tuple[ReturnType, ...] = ("return",)
    before_live_from: Literal["leave", "adopt"] = Field(
        default="leave",
        description="returns approved before live_from: leave them, or adopt the record found",
    )


class ProcessReceipts(Frozen):
    """Goods that the warehouse confirmed are processed in the portal."""

    mode: Mode = Mode.SHADOW
    restock: bool = Field(default=True, description="the team's inventory restock setting")
    policy: Policy = Policy.model_construct()
    strategy: ReceiptStrategy = ReceiptStrategy.AUTO
    overlap_minutes: int = Field(default=90, ge=75, le=1440)
    calls_per_run: int = Field(
        default=60, ge=1, le=1000, description="most reads of Mintsoft in one run"
    )
    settle_minutes: int = Field(
        default=20,
        ge=5,
        le=1440,
        description="how long a process call without an answer is watched before a person is asked",
    )
    check_after_minutes: int = Field(
        default=10,
        ge=0,
        le=1440,
        description="so long after lines were processed the portal is read again; 0: never",
    )
    check_until_minutes: int = Field(
        default=60,
        ge=5,
        le=10_080,
        description="what is not complete so long after it was processed is raised to a person",
    )


class CatchUp(Frozen):
    """Returns that changed in the portal and were not told of are found and announced."""

    enabled: bool = Field(
        default=False,
        description="ask the portal every five minutes what changed; a net under what publishes",
    )
    overlap_minutes: int = Field(default=15, ge=5, le=1440)
    first_look_back_hours: int = Field(default=24, ge=1, le=24 * 30)


class Clocks(Frozen):
    """Goods that the carrier delivered and that nobody booked in.

    Each stage rings once for a shipment, so many hours after its delivery; null leaves it out.
    None of them pays anything.
    """

    enabled: bool = False
    warn_hours: Hours | None = Field(
        default=72, description="tell it on the portal's timeline, and count it"
    )
    hold_hours: Hours | None = Field(
        default=None, description="flag the return in the portal, so that nobody pays by mistake"
    )
    escalate_hours: Hours | None = Field(default=168, description="raise it to a person")

    @model_validator(mode="after")
    def _rings_at_all(self) -> Self:
        if self.enabled and not (self.warn_hours or self.hold_hours or self.escalate_hours):
            raise ValueError(
                "a clock without warn_hours, hold_hours and escalate_hours never rings"
            )
        return self


class Flows(Frozen):
    """The switches."""

    create_external_returns: CreateExternalReturns = CreateExternalReturns.model_construct()
    process_receipts: ProcessReceipts = ProcessReceipts.model_construct()
    catch_up: CatchUp = CatchUp.model_construct()
    clocks: Clocks = Clocks.model_construct()
