"""SKUs and maps that are made wrong: what people type, import and forget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.merchant_samples import sample_files
from local.run.drift_orders import UNKNOWN
from local.run.drift_returns import REASON
from local.run.drift_stage import DriftStage, Planted
from local.run.drift_stock import ANNEX, NEW_ID, READ_BACK, SHED, SHOP
from local.run.erp_cases_sales import ADDRESS

LONG = f"{'LONG' * 12}-RED-M"
PRODUCTS = {
    90411: " ",
    90412: "SPACE-RED-M ",
    90413: "TEE-BLU\u200b-L",
    90414: "STAR*-RED-M",
    90415: LONG,
    90416: "1E+12",
    90418: "0099",
    90419: "PARKA-TAN-S",
}
IN_UNLEASHED = ("99", "Parka-Tan-S")
"""Spelt otherwise than at Mintsoft."""
NOWHERE = "DREAM-RED-M"
"""Kept by WAIR alone."""
SHIRT, BARCODE = 90201, "5700000000017"


def of(kind: str, subject: str) -> Planted:
    """One of the area's."""
    return Planted("example", f"lint.{kind}", subject)


def at_rest(stage: DriftStage) -> Iterator[Planted]:
    """Somebody types something, and somebody forgets something."""
    yield from _of_skus(stage)
    yield from _of_maps(stage)


def _of_skus(stage: DriftStage) -> Iterator[Planted]:
    client_id = stage.file("example").mintsoft.client_id
    rows = {
        str(key): {"sku": sku, "name": "A product", "client_id": client_id}
        for key, sku in PRODUCTS.items()
    }
    stage.mintsoft.do("seed", products=rows)
    for code in IN_UNLEASHED:
        fields = {"ProductCode": code, "ProductDescription": code}
        stage.clerk("example", "add-product", fields=fields)
    stage.mintsoft.do("change-product", id=NEW_ID, fields={"EAN": BARCODE})
    yield of("sku_blank", "product 90411 in mintsoft")
    yield of("sku_white_space", "'SPACE-RED-M ' in mintsoft")
    yield of("sku_invisible", "TEE-BLU<U+200B>-L in mintsoft")
    yield of("sku_twins", "TEE-BLU-L / TEE-BLU<U+200B>-L")
    yield of("sku_characters", "STAR*-RED-M in mintsoft")
    yield of("sku_too_long", f"{LONG} in mintsoft")
    yield of("sku_scientific", "1E+12 in mintsoft")
    yield of("sku_pattern", "1E+12 in mintsoft")
    yield of("sku_pattern", "0099 in mintsoft")
    yield of("sku_leading_zeros", "0099 / 99")
    yield of("sku_twins_across", "PARKA-TAN-S / Parka-Tan-S")
    yield of("barcode_duplicate", f"barcode {BARCODE} in mintsoft")
    for sku in ("SPACE-RED-M", "STAR*-RED-M", LONG, "1E+12"):
        yield of("sku_not_in_unleashed", sku)
    placed = stage.clerk(
        "example", "place-order", customer="WEBSHOP", goods={UNKNOWN: 1}, fields=ADDRESS
    )
    yield of("order_sku_unknown", UNKNOWN)
    unmade = f"Unleashed order {placed['number']}"
    yield Planted("example", "orders.unleashed_not_at_warehouse", unmade)
    item = {"itemId": "DREAM", "code": "DREAM", "skus": [{"skuId": NOWHERE, "code": NOWHERE}]}
    stage.wair.do("keep", set="items", records=[item])
    yield of("wair_sku_not_in_mintsoft", NOWHERE)


def _of_maps(stage: DriftStage) -> Iterator[Planted]:
    shed = {"name": "Shed", "code": "SHD"}
    stage.mintsoft.do("seed", warehouses={str(SHED): shed}, stock={str(SHED): {str(SHIRT): 3}})
    yield of("warehouse_unmapped", f"Mintsoft warehouse {SHED} Shed")
    yield of("reason_unmapped", f"reason {REASON}")
    yield of("reason_unknown", "reason dusty")
    yield of("courier_unknown", "courier service Pigeon Post")
    stage.change_file("example", _mistaken)
    stage.change_file("outlet", _unproven)


def _mistaken(content: dict[str, Any]) -> None:
    """The example merchant's file as somebody in a hurry made it."""
    mintsoft, unleashed, wair = content["mintsoft"], content["unleashed"], content["wair"]
    known = dict.fromkeys(_reasons(), 1)
    mintsoft["reasons"] = {
        "default": 0,
        "map": {**known, **mintsoft["reasons"]["map"], "dusty": 8},
    }
    unleashed["warehouses"]["GHOST"] = SHED - 2
    unleashed["orders"]["couriers"] = {"Express": "Pigeon Post"}
    content["miinto"]["shops"].append({"id": SHOP, "country": "SE", "warehouse": 3})
    wair["locations"].append({"id": "ANX", "name": "Annex", "warehouses": [ANNEX]})
    for name, more in READ_BACK.items():
        wair["data_sets"][name] |= more


def _unproven(content: dict[str, Any]) -> None:
    """The outlet's file, in which nobody says which of two numbers is which."""
    content["mintsoft"]["orders"]["stock_level_means"] = "unknown"
    content["unleashed"]["stock"]["mode"] = "shadow"


def _reasons() -> set[str]:
    """Reasons that customers of the samples give."""
    items = (item for one in sample_files() for item in one["return"]["items"])
    words = {str(item[key]) for item in items for key in ("reason", "reasonCode") if item.get(key)}
    return words - {REASON}
