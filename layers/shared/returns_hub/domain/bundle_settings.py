"""The `bundles:` block of a merchant's file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.bundles import WHY_UNKNOWN, faults_of
from returns_hub.domain.file_types import Hours, Minutes, WholeNumber

Sku = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Bundles(Frozen):
    """What bundles are made of, beside what the warehouse says of its own."""

    mode: Literal["off", "on"] = Field(
        default="off", description="on: orders for bundles without known components are raised"
    )
    every_minutes: Minutes = Field(default=15, description="minutes between two looks at orders")
    read_every_hours: Hours = Field(default=24, description="of the warehouse's own bundles")
    bills: dict[Sku, dict[Sku, Annotated[WholeNumber, Field(ge=1, le=1000)]]] = Field(
        default_factory=dict,
        max_length=5000,
        description="bundle's SKU -> component's SKU -> units; stands before the warehouse's word",
    )

    @model_validator(mode="after")
    def _no_bundle_of_itself(self) -> Self:
        for bundle, parts in self.bills.items():
            if not parts:
                raise ValueError(f"bundle {bundle[:40]} has no components")
            if bundle in parts:
                raise ValueError(f"bundle {bundle[:40]} is a component of itself")
        for bundle, fault in faults_of(self.bills).items():
            raise ValueError(f"bundle {bundle[:40]}: {WHY_UNKNOWN[fault]}")
        return self
