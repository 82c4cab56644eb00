"""What WAIR's public pages do not tell: settings, by default the strict way; and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

DOCUMENTED: Final = "documented"
OTHER: Final = "other"


@dataclass(frozen=True)
class SetWords:
    """How a data set is called.

    Args:
        path: Where it is posted, below the base path.
        wrapper: The array's name in the body.
        names: Documented name -> its name in this dialect, where it is another; ``skus.skuId`` is
            of a SKU inside of an item.
        read_path: Where it can be read back; empty where it cannot.
    """

    path: str
    wrapper: str
    names: Mapping[str, str] = field(default_factory=dict)
    read_path: str = ""


WORDS: Mapping[str, Mapping[str, SetWords]] = {
    DOCUMENTED: {
        "locations": SetWords("/Locations", "locations"),
        "sizes": SetWords("/Sizes", "sizes"),
        "colors": SetWords("/Colors", "colors"),
        "items": SetWords("/Items", "items"),
        "stock": SetWords("/Stock", "stock"),
        "reserved": SetWords("/StockNotForReplenishment", "stockNotForReplenishment"),
    },
    OTHER: {
        "locations": SetWords(
            "/master/stores", "stores", {"locationId": "storeId", "type": "kind"}, "/master/stores"
        ),
        "sizes": SetWords("/master/sizes", "sizeList", {"sortOrder": "rank"}, "/master/sizes"),
        "colors": SetWords("/master/colours", "colours", {"colorId": "colourId"}),
        "items": SetWords(
            "/master/articles",
            "articles",
            {
                "itemId": "articleId",
                "description": "title",
                "skus": "variants",
                "skus.skuId": "variantId",
                "skus.colorId": "colourId",
            },
            "/master/articles",
        ),
        "stock": SetWords(
            "/inventory/levels",
            "levels",
            {"locationId": "storeId", "skuId": "variantId", "quantity": "onHand"},
            "/inventory/levels/export",
        ),
        "reserved": SetWords(
            "/inventory/reserved",
            "reservations",
            {"locationId": "storeId", "skuId": "variantId", "startDateTime": "from"},
            "/inventory/reserved",
        ),
    },
}
ADVICE_PATHS: Mapping[str, tuple[str, str]] = {
    DOCUMENTED: ("/Recommendations/stockTargets", "/Recommendations/transfers"),
    OTHER: ("/advice/targets", "/advice/moves"),
}
"""Of stock targets and of transfers."""


@dataclass(frozen=True)
class Settings:
    """Settings, in the order of a request's way. Seconds are of the simulator's clock.

    Attributes:
        dialect: ``other`` has other paths, wrappers and field names, and sets can be read back,
            which no document tells: an adapter passes by configuration only.
        tenant_refusal: HTTP status for a missing or unknown ``X-Tenant``.
        token_seconds: How long a token is good.
        over_advised: What more records than WAIR advises for one call do.
        outside_batch: Whether rows are taken outside of Batch/start and Batch/stop.
        start_while_open: What Batch/start does while a batch is open.
        stop_when_closed: What Batch/stop does when none is open.
        batch_answer: What Batch/start answers.
        unknown_keys: What a key that there is not does in a record.
        full_load: Whether ``fullLoad`` replaces the whole set.
        errors: How a 400 lists what is wrong: as texts, as ASP.NET does, or in words.
        largest_limit: Records of a page at most.
        over_limit: What a larger ``Limit`` does.
        page_end: ``told`` by moreRecordsAvailable, or the end is ``not_told``.
        offset: Whether ``Offset`` is heeded.
    """

    dialect: Literal["documented", "other"] = "documented"
    tenant_refusal: Literal[400, 401, 403] = 400
    token_seconds: int = 3600
    over_advised: Literal["refuse", "take"] = "refuse"
    outside_batch: Literal["refuse", "take"] = "refuse"
    start_while_open: Literal["ignore", "refuse"] = "ignore"
    stop_when_closed: Literal["refuse", "ignore"] = "refuse"
    batch_answer: Literal["id", "empty", "text"] = "id"
    unknown_keys: Literal["refuse", "ignore"] = "refuse"
    full_load: Literal["replaces", "ignored"] = "replaces"
    errors: Literal["list", "problem", "text"] = "list"
    largest_limit: int = 1000
    over_limit: Literal["clamp", "refuse"] = "clamp"
    page_end: Literal["told", "not_told"] = "told"
    offset: Literal["heeded", "ignored"] = "heeded"

    @property
    def words(self) -> Mapping[str, SetWords]:
        """The dialect's words by data set."""
        return WORDS[self.dialect]
