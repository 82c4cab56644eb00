"""What a merchant's file says about its warehouse's orders and stock."""

from __future__ import annotations

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import WholeNumber
from returns_hub.domain.warehouse_stock import LevelMeans


class WarehouseOrderSettings(Frozen):
    """Orders that the hub makes in the warehouse, and the stock it reads there."""

    number_length: WholeNumber = Field(
        default=50, ge=10, le=100, description="most characters of an order's number"
    )
    stock_level_means: LevelMeans = Field(
        default="unknown",
        description="whether Mintsoft's Level counts what is available or all on hand; sources "
        "differ, and while it is unknown the smaller of its two numbers counts",
    )
