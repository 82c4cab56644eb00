"""Drift of stock that is planted: counts that somebody changed on one side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from local.partners import FEED, SAMPLES
from local.run.drift_orders import UNKNOWN
from local.run.drift_stage import DriftStage, Planted
from local.run.miinto_cases import DK, NL
from local.simulators.miinto.catalogue import feed_text, variant_of
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.miinto.stock_push import Variant

NEW_PRODUCT, NEW_ID = "VEST-TAN-TINY", 90401
"""Made at the warehouse by hand: Unleashed and WAIR know nothing of it."""
TWICE = {90402: "TWIN-RED-M", 90403: "TWIN-RED-M"}
BELOW_ZERO, BELOW_ID = "DEBT-RED-M", 90404
HAT, HAT_ID = "OUT-HAT", 90405
ANNEX, SHED = 6, 7
"""Warehouses that were opened: one that the file names, and one that it does not."""
SHOP = "1-m!i!s-046-900"
"""A shop that was opened, and told nothing yet."""
OFFERED = "GHOST-RED-M"
"""In the feed, and nowhere else."""
RENAMED = "HOODIE-GREY-M"
"""Its colour is spelt otherwise in the feed from now on."""
OUTLET_STOCK = ("OUT-COAT-M", "OUT-BELT")
READ_BACK: dict[str, dict[str, Any]] = {
    "stock": {
        "path": "/inventory/levels",
        "wrapper": "levels",
        "fields": {"location": "storeId", "sku": "variantId", "on_hand": "onHand"},
        "read_path": "/inventory/levels/export",
    },
    "reserved": {
        "path": "/inventory/reserved",
        "wrapper": "reservations",
        "fields": {"location": "storeId", "sku": "variantId", "starts_at": "from"},
        "read_path": "/inventory/reserved",
    },
    "items": {
        "master": "wair",
        "path": "/master/articles",
        "wrapper": "articles",
        "fields": {
            "item": "articleId",
            "name": "title",
            "skus": "variants",
            "skus.sku": "variantId",
            "skus.color": "colourId",
        },
        "read_path": "/master/articles",
    },
}
"""What an operator found in WAIR's Swagger: where sets can be read back. The simulator's dialect
`other`, since no document names such a call."""


def of(kind: str, subject: str, merchant: str = "example") -> Planted:
    """One of the area's."""
    return Planted(merchant, f"stock.{kind}", subject)


def at_rest(stage: DriftStage) -> Iterator[Planted]:
    """Somebody counts, or names, something otherwise."""
    yield from _of_unleashed(stage)
    yield from _of_mintsoft(stage)
    yield from _of_miinto(stage)
    yield from _of_wair(stage)


def _of_unleashed(stage: DriftStage) -> Iterator[Planted]:
    stage.clerk("example", "count-stock", warehouse="MAIN", counted={"DRESS-GRN-S": 2})
    yield of("unleashed", "DRESS-GRN-S @ MAIN")
    stage.clerk("outlet", "count-stock", warehouse="LEEDS", counted=dict.fromkeys(OUTLET_STOCK, 0))
    yield of("unleashed_whole", "all of LEEDS", "outlet")
    fields = {"ProductCode": UNKNOWN, "ProductDescription": "Scarf Sand M"}
    stage.clerk("example", "add-product", fields=fields)
    stage.clerk("example", "count-stock", warehouse="MAIN", counted={UNKNOWN: 4})
    yield of("mintsoft_missing", f"{UNKNOWN} @ MAIN")
    yield Planted("example", "lint.sku_not_in_mintsoft", UNKNOWN)
    yield of("unleashed_map", "warehouse GHOST")
    yield Planted("example", "lint.warehouse_unknown", "Unleashed warehouse GHOST")


def _of_mintsoft(stage: DriftStage) -> Iterator[Planted]:
    products = {NEW_ID: NEW_PRODUCT, **TWICE, BELOW_ID: BELOW_ZERO}
    _made(stage, products, "example")
    _made(stage, {HAT_ID: HAT}, "outlet")
    for sku in sorted(set(products.values())):
        yield Planted("example", "lint.sku_not_in_unleashed", sku)
    yield Planted("outlet", "lint.sku_not_in_unleashed", HAT)
    _count(stage, 3, NEW_ID, 3)
    yield of("unleashed_missing", f"{NEW_PRODUCT} @ MAIN")
    yield of("wair", f"{NEW_PRODUCT} @ COR")
    yield Planted("example", "lint.size_unordered", "size TINY")
    for product in TWICE:
        _count(stage, 3, product, 1)
    yield of("doubled_rows", "TWIN-RED-M @ Mintsoft warehouse 3")
    yield Planted("example", "lint.sku_duplicate", "TWIN-RED-M in mintsoft")
    _count(stage, 3, BELOW_ID, -2)
    yield of("negative", f"{BELOW_ZERO} @ Mintsoft warehouse 3")
    _count(stage, 5, HAT_ID, 5)
    stage.order("OUT-1", {HAT: 1}, "outlet", 5)
    yield of("level_meaning_unknown", "mintsoft.orders.stock_level_means", "outlet")
    yield Planted("outlet", "orders.not_begun", "order OUT-1")


def _made(stage: DriftStage, products: dict[int, str], merchant: str) -> None:
    """Products that somebody makes at the warehouse."""
    client_id = stage.file(merchant).mintsoft.client_id
    rows = {
        str(key): {"sku": sku, "name": sku.title(), "client_id": client_id}
        for key, sku in products.items()
    }
    stage.mintsoft.do("seed", products=rows)


def _count(stage: DriftStage, warehouse: int, product: int, units: int, aside: int = 0) -> None:
    stage.mintsoft.do(
        "set-stock",
        warehouse_id=warehouse,
        product_id=product,
        units=units,
        quarantined=aside,
    )


def _of_miinto(stage: DriftStage) -> Iterator[Planted]:
    """A colour that is spelt otherwise in the feed, a product that is not there, and a new shop."""
    sample = json.loads((SAMPLES / "world.json").read_text(encoding="utf-8"))["miinto"]
    rows = {row["sku"]: variant_of(row) for row in sample["catalogue"]}
    old = rows[RENAMED]
    rows[RENAMED] = replace(old, color=f"Dark {old.color}")
    rows[OFFERED] = variant_of({"sku": OFFERED, "prices": {"DKK": 9900}})
    text = feed_text(rows.values(), sample["feed_currencies"])
    stage.miinto.do("seed", feeds={FEED: text})
    yield Planted("example", "lint.feed_sku_not_in_mintsoft", OFFERED)
    known = Variant(old.sku, old.group, old.brand, old.color, old.size).hash
    for shop in (DK, NL):
        for name in (RENAMED, f"variant {known}"):
            yield of("miinto", f"{name} @ shop {slug_of(shop)}")
    opened = {"id": SHOP, "country": "SE", "currency": "SEK", "name": "Example Fashion SE"}
    (account,) = sample["accounts"]
    shops = [{**account, "shops": [*account["shops"], SHOP]}]
    secret = stage.partners.credentials["miinto_secret"]
    stage.miinto.do("seed", shops=[opened], accounts=[{**shops[0], "secret": secret}])
    yield of("miinto_whole", f"all of shop {slug_of(SHOP)}")


def _of_wair(stage: DriftStage) -> Iterator[Planted]:
    """Numbers that somebody at WAIR changed, and a location that was never fed."""
    stage.wair.do("settings", dialect="other")
    stage.wair.do("set-stock", location="COR", stock={"TEE-RED-M": 1})
    yield of("wair", "TEE-RED-M @ COR")
    reserved = {
        "id": "by-hand",
        "locationId": "LDN",
        "skuId": "TEE-RED-M",
        "startDateTime": "1970-01-01T00:00:00Z",
        "quantity": 5,
    }
    stage.wair.do("keep", set="reserved", records=[reserved])
    yield of("wair_reserved", "TEE-RED-M @ LDN")
    annex = {"name": "Annex", "code": "ANX"}
    stage.mintsoft.do("seed", warehouses={str(ANNEX): annex})
    for product in (90201, 90202):
        _count(stage, ANNEX, product, 4, 1)
    yield of("wair_whole", "all of ANX")
    yield of("wair_reserved_whole", "all of ANX")
