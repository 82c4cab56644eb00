"""The `wair:` block of a merchant's file: where stock and products are told, and how.

WAIR's stock body is not public in full (docs.wair.ai, `/docs/post-stock`), so that paths, wrappers
and field names are settings; the defaults are the documented ones, and where none is documented a
guess that `hub check` asks about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from returns_hub.domain.base import Frozen
from returns_hub.domain.expressions import pattern_problem, sku_pattern_problem
from returns_hub.domain.file_types import (
    BaseUrl,
    Hours,
    Minutes,
    Mode,
    RequestRate,
    SecretName,
    Switch,
    WholeNumber,
)
from returns_hub.domain.wair.fields import naming_problem

Sink = Literal["wair_api", "http_json", "file_json", "file_csv"]
DataSetName = Literal["locations", "sizes", "colors", "items", "stock", "reserved"]
DATA_SETS: Final[tuple[DataSetName, ...]] = get_args(DataSetName)
"""In the order in which they are told: what is named before what names it."""
Path = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]{0,200}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,59}$")]
"""A key of JSON."""
LocationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]

ADVISED_MOST: Final[Mapping[DataSetName, int]] = {"stock": 50_000, "items": 25_000}
"""Records of one call at most, as docs.wair.ai advises ("Integration core principles"); of the
other sets no number is published, and what is advised for items is taken."""
OTHERS_MOST: Final = 25_000

DEFAULTS: Final[Mapping[DataSetName, tuple[str, str, Mapping[str, str]]]] = {
    "locations": (
        "/Locations",
        "locations",
        {"location": "locationId", "code": "code", "name": "description", "type": "type"},
    ),
    "sizes": (
        "/Sizes",
        "sizes",
        {"size": "sizeId", "code": "code", "name": "description", "sort_order": "sortOrder"},
    ),
    "colors": (
        "/Colors",
        "colors",
        {"color": "colorId", "code": "code", "name": "description"},
    ),
    "items": (
        "/Items",
        "items",
        {
            "item": "itemId",
            "code": "code",
            "name": "description",
            "skus": "skus",
            "skus.sku": "skuId",
            "skus.code": "code",
            "skus.style": "styleId",
            "skus.color": "colorId",
            "skus.size": "sizeId",
        },
    ),
    "stock": (
        "/Stock",
        "stock",
        {"location": "locationId", "sku": "skuId", "on_hand": "quantity"},
    ),
    "reserved": (
        "/StockNotForReplenishment",
        "stockNotForReplenishment",
        {
            "id": "id",
            "location": "locationId",
            "sku": "skuId",
            "starts_at": "startDateTime",
            "quantity": "quantity",
        },
    ),
}
"""Path, wrapper and field names of WAIR's API, where the file says nothing else. Only the fields
that are named are told."""

OUR_NAMES: Final = frozenset(
    {
        "customer reference",
        "miinto order",
        "miinto parent order",
        "miinto shop",
        "unleashed guid",
        "unleashed order",
        "unleashed shipment",
    }
)
"""Names of pairs that the hub writes into orders, and reads back."""


class DataSet(Frozen):
    """How one set of rows is told."""

    mode: Mode = Field(
        default=Mode.OFF, description="shadow reads and compares everything and tells nothing"
    )
    master: Literal["mintsoft", "wair"] = Field(
        default="mintsoft",
        description="whose word counts: with mintsoft rows are told; with wair they are not, and "
        "drift is looked for where read_path says from where",
    )
    path: Path | None = Field(default=None, description="below base_url; WAIR's own by default")
    wrapper: Word | None = Field(
        default=None, description="the array's name in the body; WAIR's own by default"
    )
    fields: dict[Annotated[str, StringConstraints(max_length=40)], Word] = Field(
        default_factory=dict,
        description="our field -> its name there, beside or in place of the documented names",
    )
    omit: tuple[Annotated[str, StringConstraints(max_length=40)], ...] = Field(
        default=(), description="our fields that are not told"
    )
    chunk: WholeNumber | None = Field(
        default=None, ge=1, le=50_000, description="rows of one call; at most what WAIR advises"
    )
    full_load: Switch = Field(
        default=False,
        description="the nightly full run sets fullLoad, which WAIR is taken to understand as "
        "replacing the whole set; never set when the source was not read to its end",
    )
    read_path: Path | None = Field(
        default=None,
        description="where the set can be read back, for drift; no document names such a call",
    )


class WairLocation(Frozen):
    """A location of WAIR's, and the warehouses whose stock it is."""

    id: LocationId = Field(
        description="stable id there; a warehouse's code, never a number that could change"
    )
    name: str = Field(default="", max_length=100, description="what people call it")
    warehouses: tuple[WholeNumber, ...] = Field(
        min_length=1, max_length=50, description="Mintsoft warehouse ids, whose stock is summed"
    )
    type: str = Field(default="Warehouse", max_length=40, description="as WAIR words it")


class SkuRule(Frozen):
    """How a SKU tells its item, style, colour and size; the warehouse keeps none of them."""

    pattern: str = Field(
        default=r"^(?P<item>.+?)-(?P<color>[^-]+)-(?P<size>[^-]+)$",
        max_length=300,
        description="regular expression over the SKU with groups item, color and size; a SKU that "
        "does not fit is an item of its own, and is told by the lint",
    )
    style: Literal["item_color", "item"] = Field(
        default="item_color", description="what a style is: an item in a colour, or an item"
    )
    sizes: tuple[Annotated[str, StringConstraints(min_length=1, max_length=20)], ...] = Field(
        default=("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL"),
        max_length=500,
        description="sizes in their order; numbers sort by themselves, others come last",
    )
    size_names: dict[str, str] = Field(default_factory=dict, description="size -> its label")
    color_names: dict[str, str] = Field(default_factory=dict, description="colour -> its label")

    @model_validator(mode="after")
    def _pattern_names_items(self) -> Self:
        problem = sku_pattern_problem(self.pattern)
        if problem:
            raise ValueError(f"pattern {problem}")
        return self


class OrderContext(Frozen):
    """A fit profile or recommendation id that travels into the warehouse's order record."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(
        description="name of the pair in Mintsoft's order, e.g. WairRecommendation"
    )
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="regular expression with one group, over each of the order's texts"
    )

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        problem = pattern_problem(self.pattern)
        if problem:
            raise ValueError(f"pattern {problem}")
        if self.name.strip() != self.name or not self.name.isprintable():
            raise ValueError("name must be printable, without blanks around it")
        if self.name.casefold() in OUR_NAMES:
            raise ValueError(f"name: the hub itself writes {self.name} into orders")
        return self


class Advice(Frozen):
    """What WAIR advises is read and kept; nothing is done by it."""

    targets: Switch = Field(default=False, description="read stock targets")
    transfers: Switch = Field(default=False, description="read proposals of transfers")
    every_hours: Hours = Field(default=24, description="hours between two readings")
    targets_path: Path = "/Recommendations/stockTargets"
    transfers_path: Path = "/Recommendations/transfers"


class WairConnection(Frozen):
    """Stock intelligence."""

    sink: Sink = Field(
        default="wair_api",
        description="where rows go: WAIR's API, any HTTP endpoint that takes JSON, or files",
    )
    base_url: BaseUrl | None = Field(
        default=None,
        description="up to and with /api/v1; WAIR publishes that of its test environment only",
    )
    tenant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,60}$")] = Field(
        default="", description="the code that WAIR gave; the X-Tenant header of every call"
    )
    secret: SecretName = Field(
        default="wair", description="name of the secret: username and password, or token"
    )
    folder: Annotated[
        str, StringConstraints(pattern=r"^feeds(/[A-Za-z0-9_-]+)*$", max_length=100)
    ] = Field(
        default="feeds",
        description="of the stack's own bucket, for the sinks file_json, file_csv; feeds, or one "
        "below it, where the function may write",
    )
    requests_per_second: RequestRate = 2.0
    batch: Switch = Field(
        default=True, description="put every upload between Batch/start and Batch/stop"
    )
    every_minutes: Minutes = Field(default=15, description="minutes between two runs with stock")
    master_data_every_hours: Hours = Field(default=24, description="of products and what is theirs")
    full_every_hours: Hours = Field(
        default=24, description="hours between two runs that tell every row, changed or not"
    )
    full_at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        default="02:00", description="not before this time of day, in the zone of mintsoft"
    )
    most_to_zero_percent: WholeNumber = Field(
        default=30,
        ge=1,
        le=100,
        description="a person is asked before more of a location's stocked SKUs go to 0 at once",
    )
    locations: tuple[WairLocation, ...] = Field(min_length=1, max_length=100)
    count_bundles: Switch = Field(
        default=False, description="also tell the stock of bundles, which repeats their parts'"
    )
    skus: SkuRule = SkuRule.model_construct()
    data_sets: dict[DataSetName, DataSet] = Field(default_factory=dict)
    advice: Advice = Advice.model_construct()
    order_context: tuple[OrderContext, ...] = Field(default=(), max_length=10)

    def data_set(self, name: DataSetName) -> DataSet:
        """How this set is told; off where the file does not name it."""
        return self.data_sets.get(name, DataSet())

    def is_told(self, name: DataSetName) -> bool:
        """Whether rows of this set go there at all, in shadow too."""
        found = self.data_set(name)
        return found.mode is not Mode.OFF and found.master == "mintsoft"

    def path_of(self, name: DataSetName) -> str:
        """Where the set is told, below the base URL."""
        return self.data_set(name).path or DEFAULTS[name][0]

    def wrapper_of(self, name: DataSetName) -> str:
        """The array's name."""
        return self.data_set(name).wrapper or DEFAULTS[name][1]

    def fields_of(self, name: DataSetName) -> dict[str, str]:
        """Our field -> its name there, of those that are told."""
        found = self.data_set(name)
        named = {**DEFAULTS[name][2], **found.fields}
        return {ours: theirs for ours, theirs in named.items() if ours not in found.omit}

    def chunk_of(self, name: DataSetName) -> int:
        """Rows of one call."""
        most = ADVISED_MOST.get(name, OTHERS_MOST)
        return min(self.data_set(name).chunk or most, most)

    @property
    def modes(self) -> list[Mode]:
        """The mode of every set that is told."""
        return [self.data_set(name).mode for name in DATA_SETS if self.is_told(name)]

    @model_validator(mode="before")
    @classmethod
    def _sets_by_name(cls, content: Any) -> Any:
        if isinstance(content, dict) and content.get("data_sets") is None:
            return {key: value for key, value in content.items() if key != "data_sets"}
        return content

    @model_validator(mode="after")
    def _fits_its_sink(self) -> Self:
        if self.sink in {"wair_api", "http_json"} and self.base_url is None:
            raise ValueError(f"sink: {self.sink} needs a base_url")
        if self.sink == "wair_api" and not self.tenant:
            raise ValueError("sink: wair_api needs the tenant, the code that WAIR gave")
        if (self.advice.targets or self.advice.transfers) and self.sink != "wair_api":
            raise ValueError("advice: only the sink wair_api gives any; switch it off")
        return self

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [context.name.casefold() for context in self.order_context]
        if len(set(names)) != len(names):
            raise ValueError("order_context: a name stands twice")
        return self

    @model_validator(mode="after")
    def _names_our_fields(self) -> Self:
        for name, found in self.data_sets.items():
            problem = naming_problem(name, found.fields, found.omit)
            if problem:
                raise ValueError(f"data_sets.{name}: {problem}")
        return self

    @model_validator(mode="after")
    def _each_warehouse_once(self) -> Self:
        ids = [location.id.casefold() for location in self.locations]
        if len(set(ids)) != len(ids):
            raise ValueError("a location's id stands twice")
        warehouses = [one for location in self.locations for one in location.warehouses]
        twice = {one for one in warehouses if warehouses.count(one) > 1}
        if twice:
            raise ValueError(
                f"warehouse {min(twice)} is of two locations: one would overwrite the other"
            )
        return self
