"""What a merchant's file says about its warehouse's products and ASNs."""

from __future__ import annotations

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.file_types import WholeNumber
from returns_hub.domain.warehouse_asns import BookedMeans, GoodsIn
from returns_hub.domain.warehouse_goods import LengthUnit, ProductUpdate, WeightUnit


class WarehouseGoodsSettings(Frozen):
    """Products and ASNs that the hub makes and changes in the warehouse."""

    weight_unit: WeightUnit = Field(
        default="kg", description="unit of the products' weights; Mintsoft's own words name none"
    )
    length_unit: LengthUnit = Field(
        default="cm", description="unit of the products' height, width and depth"
    )
    product_update: ProductUpdate = Field(
        default="whole",
        description="whether a change of a product sends all of it, as it was read, or the changed "
        "fields alone; no source tells whether Mintsoft keeps what is left out",
    )
    po_reference_length: WholeNumber = Field(
        default=50, ge=10, le=100, description="most characters of an ASN's PO reference"
    )
    goods_in_type: GoodsIn = Field(
        default="Carton",
        description="how the goods of an ASN come; Mintsoft wants one of its words",
    )
    booked_quantity: BookedMeans = Field(
        default="unknown",
        description="which of Mintsoft's two numbers of an ASN's item counts as booked in; while "
        "it is unknown only items whose two agree are taken",
    )
