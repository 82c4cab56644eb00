"""The `drift:` and `lint:` blocks of a merchant's file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.expressions import expression_problem
from returns_hub.domain.file_types import Hours, Switch, WholeNumber

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Tolerance(Frozen):
    """Differences that are let pass."""

    units: WholeNumber = Field(default=0, ge=0, le=10_000, description="of a SKU at a place")
    percent: WholeNumber = Field(
        default=0, ge=0, le=100, description="of the larger number; the larger tolerance counts"
    )


class DriftSettings(Frozen):
    """How systems are held against each other. Nothing is written to any of them."""

    enabled: Switch = Field(
        default=True, description="look by schedule; hub drift look needs no switch"
    )
    every_hours: Hours = Field(default=6, description="hours between two looks")
    grace_minutes: WholeNumber = Field(
        default=60,
        ge=5,
        le=1440,
        description="what is younger is on its way; a difference counts when a second look, so "
        "much later, shows the very same",
    )
    returns: Switch = Field(default=True, description="returns over all systems that know them")
    stock: Switch = Field(default=True, description="stock over all systems that know it")
    orders: Switch = Field(default=True, description="orders that stalled between two systems")
    look_back_days: WholeNumber = Field(
        default=30, ge=1, le=90, description="returns and orders that changed since"
    )
    stalled_after_hours: Hours = Field(
        default=48, description="an order that nobody moved on for so long has stalled"
    )
    stock_tolerance: Tolerance = Tolerance.model_construct()
    prices: Currency = Field(default="GBP", description="currency of the warehouse's cost prices")
    limit_findings: WholeNumber = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="an alarm is raised above so many that count, the lint's aside",
    )
    limit_value: Decimal | None = Field(
        default=None, ge=0, description="or above so much, in the currency of prices"
    )


class LintSettings(Frozen):
    """Looking over SKUs and maps. Nothing is written."""

    enabled: Switch = Field(default=True, description="look with every drift look, once a day")
    every_hours: Hours = Field(default=24, description="hours between two looks")
    longest_sku: WholeNumber = Field(
        default=50, ge=5, le=100, description="longer SKUs are told; partners cut them"
    )
    allowed: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        default=r"[A-Za-z0-9._/-]",
        description="regular expression of one character that every partner takes in a SKU",
    )
    ignore: tuple[Annotated[str, StringConstraints(max_length=200)], ...] = Field(
        default=(),
        max_length=1000,
        description="SKUs, and subjects of findings, that are left alone; * stands for anything",
    )

    @model_validator(mode="after")
    def _allowed_is_one(self) -> Self:
        problem = expression_problem(self.allowed)
        if problem:
            raise ValueError(f"lint.allowed {problem}")
        return self
