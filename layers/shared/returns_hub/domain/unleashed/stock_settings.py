"""What the `unleashed:` block says about stock, products and customers.

Source of the settings and their defaults: see `order_settings`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import Hours, Mode, Switch, WholeNumber
from returns_hub.domain.unleashed.flow_base import ChangesFlow

AdjustmentMeans = Literal["unknown", "delta", "absolute"]
"""What `NewQuantity` of an adjustment's line is: the units to add (or remove), or the new total."""
StockCount = Literal["level", "on_hand"]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
ProductField = Literal["barcode", "image_url", "weight", "purchase_price"]


class HardStop(Frozen):
    """Beyond one of these, nothing of a warehouse's stock is sent, and a person is asked."""

    most_percent: WholeNumber = Field(
        default=20, ge=1, le=100, description="units that change, of all units of the warehouse"
    )
    from_units: WholeNumber = Field(
        default=100, ge=0, le=1_000_000, description="fewer units than this may always change"
    )
    most_to_zero_percent: WholeNumber = Field(
        default=30, ge=1, le=100, description="products that would go to 0, of all with stock"
    )
    most_units_of_a_product: WholeNumber = Field(
        default=10_000, ge=1, le=10_000_000, description="units by which one product may change"
    )
    most_value: Decimal | None = Field(
        default=None,
        gt=0,
        max_digits=14,
        description="worth of all changes, each without its sign, in the account's own currency",
    )


class StockSync(ChangesFlow):
    """Stock of the warehouse becomes adjustments of Unleashed; or the other way round."""

    master: Literal["mintsoft", "unleashed"] = Field(
        default="mintsoft",
        description="whose count is right: Unleashed is adjusted to the warehouse's, or the "
        "warehouse's is set to Unleashed's (not advised)",
    )
    adjustment_means: AdjustmentMeans = Field(
        default="unknown",
        description="what NewQuantity of an adjustment is: units to add, or the new total; no "
        "source tells, hub unleashed prove-stock proves it on a test product",
    )
    adjustment_reason: str = Field(
        default="Mintsoft",
        min_length=1,
        max_length=20,
        description="an adjustment reason that exists in Unleashed (Settings, System)",
    )
    count: StockCount = Field(
        default="level",
        description="level compares all units there, allocated ones too; on_hand compares what is "
        "not allocated, on both sides",
    )
    count_quarantine: Switch = Field(
        default=False, description="units in quarantine count as well; they cannot be sold"
    )
    exclude_bundles: Switch = Field(
        default=True, description="a bundle's stock repeats its components' and is left alone"
    )
    once_per_day: Switch = Field(
        default=False, description="once a day at daily_at, in place of every_minutes"
    )
    daily_at: LocalTime = Field(default="02:00", description="time of day in unleashed.time_zone")
    full_every_hours: Hours = Field(
        default=24, description="so often every product is compared; in between changed ones"
    )
    settle_minutes: WholeNumber = Field(
        default=30,
        ge=0,
        le=1440,
        description="a difference has to be this old before it is adjusted",
    )
    lines_per_adjustment: WholeNumber = Field(
        default=100, ge=1, le=500, description="lines of one adjustment"
    )
    hard_stop: HardStop = HardStop.model_construct()

    @model_validator(mode="after")
    def _is_proven(self) -> Self:
        by_adjustments = self.master == "mintsoft"
        if self.mode is Mode.LIVE and by_adjustments and self.adjustment_means == "unknown":
            raise ValueError(
                "mode is live, and adjustment_means is unknown: hub unleashed prove-stock proves "
                "on a test product whether Unleashed adds NewQuantity or takes it for the total; "
                "then say delta or absolute"
            )
        return self


class Products(ChangesFlow):
    """Products of Unleashed are made, updated and discontinued in the warehouse."""

    first_look_back_hours: Hours | None = Field(
        default=None, description="how far the first run reads back; null: every product"
    )
    create: Switch = Field(default=True, description="new products are made in the warehouse")
    updates: tuple[ProductField, ...] = Field(
        default=("barcode", "image_url", "weight", "purchase_price"),
        description="what changes after that; empty: nothing",
    )
    overwrite_weight: Switch = Field(
        default=False, description="weight changes also where the warehouse has one that is not 0"
    )
    discontinue: Switch = Field(
        default=True, description="a product that is obsolete or deleted is discontinued"
    )
    weight_unit: Literal["kg", "g", "lb", "oz"] = Field(
        default="kg", description="of weights in Unleashed, which does not tell it"
    )
    length_unit: Literal["m", "cm", "mm", "in"] = Field(
        default="cm", description="of sizes in Unleashed, which does not tell it"
    )


class Customers(Frozen):
    """Customers are read for their addresses, and for orders that are exported."""

    mode: Mode = Field(default=Mode.OFF, description="shadow and live are the same: it only reads")
    every_hours: Hours = Field(default=24, description="hours between two runs")
