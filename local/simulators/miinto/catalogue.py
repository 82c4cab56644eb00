"""An invented catalogue, as Miinto keeps it and as the merchant's product feed tells it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Variant:
    """One size and colour of an article. Prices are in minor units with VAT, by currency.

    `miinto_id` empty: the product map does not know it. `gtin` None: it has none.
    """

    sku: str
    gtin: str | None
    miinto_id: str
    group: str
    style: str
    brand: str
    title: str
    color: str
    size: str
    prices: dict[str, int] = field(default_factory=dict)
    discounts: dict[str, int] = field(default_factory=dict)
    stock: int = 5

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the feed and the stock service know it by."""
        return (self.group, self.brand, self.color, self.size)


def variant_of(content: Mapping[str, Any]) -> Variant:
    """A variant from JSON; what is left out is invented from the SKU.

    Raises:
        KeyError: It has no SKU.
        TypeError: It has a field that variants do not have.
    """
    sku = str(content["sku"])
    made: dict[str, Any] = {
        "gtin": None,
        "miinto_id": f"mid-{sku.lower()}",
        "group": f"G-{sku}",
        "style": f"S-{sku}",
        "brand": "Acme",
        "title": sku.replace("-", " ").title(),
        "color": "Black",
        "size": "M",
    }
    return Variant(**{**made, **content})


def sample_catalogue() -> list[Variant]:
    """Eight variants; the SKUs of the first five are those of the sample returns."""
    rows = (
        ("TEE-RED-M", "5700000000017", "Tee", "Red", "M", 19900, 2690),
        ("TEE-BLU-L", "5700000000024", "Tee", "Blue", "L", 19900, 2690),
        ("DRESS-GRN-S", "5700000000031", "Dress", "Green", "S", 59900, 7995),
        ("JEANS-32", "5700000000048", "Jeans", "Indigo", "32", 79900, 10700),
        ("HOODIE-GREY-M", None, "Hoodie", "Grey", "M", 44900, 5995),
        ("LINEN-SHIRT-M", "5700000000055", "Linen shirt", "White", "M", 49900, 6690),
        ("LINEN-SHIRT-L", "5700000000062", "Linen shirt", "White", "L", 49900, 6690),
        ("SCARF-UNMAPPED", None, "Scarf", "Sand", "One size", 29900, 3995),
    )
    return [
        Variant(
            sku=sku,
            gtin=gtin,
            miinto_id=""
            if sku == "SCARF-UNMAPPED"
            else f"1111{number:04d}-2222-4333-8444-555555555555",
            group=f"G-{title.upper().replace(' ', '-')}-{color.upper()}",
            style=f"STYLE-{title.upper().replace(' ', '-')}",
            brand="Acme",
            title=title,
            color=color,
            size=size,
            prices={"DKK": dkk, "EUR": eur, "SEK": dkk * 3 // 2},
        )
        for number, (sku, gtin, title, color, size, dkk, eur) in enumerate(rows, start=1)
    ]


def product_map(variants: Iterable[Variant]) -> list[list[str]]:
    """The product map: item group or style, feed id, GTIN, Miinto item id, all as text."""
    return [
        [variant.group, variant.sku, variant.gtin or "", variant.miinto_id]
        for variant in variants
        if variant.miinto_id
    ]


def feed_text(variants: Iterable[Variant], currencies: Iterable[str]) -> str:
    """The merchant's product feed: tabs, Unix line ends, a header, a row for each variant."""
    wanted = list(currencies)
    prices = [
        f"c:{kind}_{currency}:integer"
        for currency in wanted
        for kind in ("retail_price", "discount_retail_price")
    ]
    header = [
        *("id", "item_group_id", "c:style_id:string", "brand", "title", "color", "size"),
        *("image_link", "c:stock_level:integer", *prices, "material", "madein", "description"),
        *("gtin", "gender"),
    ]
    lines = ["\t".join(header)]
    for variant in variants:
        amounts = [
            str(known.get(currency, ""))
            for currency in wanted
            for known in (variant.prices, variant.discounts)
        ]
        row = [
            *(variant.sku, variant.group, variant.style, variant.brand, variant.title),
            *(variant.color, variant.size, f"https://images.example.test/{variant.sku}.jpg"),
            *(str(variant.stock), *amounts, json.dumps({"en": "cotton"}), "PT"),
            *(f"{variant.title} in {variant.color}", variant.gtin or "", "U"),
        ]
        lines.append("\t".join(row))
    return "\n".join(lines) + "\n"
