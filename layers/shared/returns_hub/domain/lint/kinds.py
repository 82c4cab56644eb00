"""Every kind of finding of the lint: what it is, what it comes from, and what to do about it.

docs/drift.md has each of them; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from returns_hub.domain.drift.findings import Difference, Said

MOST_SAID = 60
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Kind:
    """A kind of finding.

    Args:
        means: What is found, in a few words.
        cause: Where it mostly comes from.
        mend: What to do next; ``{merchant}`` is filled in.
        confirm: It could be on its way: a second look has to show it.
    """

    means: str
    cause: str
    mend: str
    confirm: bool = False


CORRECT = (
    "correct the SKU where it is kept (Mintsoft: Products, Edit; Unleashed: the product's code)"
)
MAPS = "correct the file, then: hub config validate FILE; hub config apply FILE"

KINDS: Mapping[str, Kind] = {
    "lint.sku_blank": Kind(
        "a product or a feed row has no SKU",
        "made by hand or imported without one",
        "give it its SKU, or take it off, where the finding says it is",
    ),
    "lint.sku_white_space": Kind(
        "white space before or behind a SKU",
        "copied out of a mail or a spreadsheet",
        CORRECT,
    ),
    "lint.sku_invisible": Kind(
        "a SKU holds characters that nobody sees",
        "copied out of a web page or a spreadsheet",
        f"type the SKU anew; {CORRECT}",
    ),
    "lint.sku_characters": Kind(
        "a SKU holds characters that a partner may not take",
        "a naming rule of another system",
        f"{CORRECT}, or allow them in lint.allowed",
    ),
    "lint.sku_too_long": Kind(
        "a SKU is longer than lint.longest_sku",
        "a SKU that was put together of names",
        f"{CORRECT}, or raise lint.longest_sku",
    ),
    "lint.sku_scientific": Kind(
        "a SKU looks like a number that a spreadsheet rounded, 1E+12",
        "an import out of a spreadsheet whose column was no text",
        "import the product again with its column as text; the digits are lost",
    ),
    "lint.sku_twins": Kind(
        "two products of one system have SKUs that people take for one",
        "made twice, spelt differently",
        "merge the two in the system that has both, and keep one spelling",
    ),
    "lint.sku_twins_across": Kind(
        "two systems spell one SKU differently",
        "made by hand on both sides",
        "spell it the same on both sides; until then they are two products",
    ),
    "lint.sku_leading_zeros": Kind(
        "SKUs of digits that differ by zeros in front",
        "an import out of a spreadsheet, which drops them",
        "spell it the same everywhere; import with the column as text",
    ),
    "lint.sku_duplicate": Kind(
        "a system has the same SKU twice",
        "made twice",
        "discontinue or rename one of the two in the system that has both",
    ),
    "lint.barcode_duplicate": Kind(
        "a system has one barcode on several SKUs",
        "a product that was copied",
        "correct the barcode of all but one (Mintsoft: EAN, UPC; Unleashed: Barcode; feed: gtin)",
    ),
    "lint.sku_pattern": Kind(
        "a SKU does not fit wair.skus.pattern: it is an item of its own there",
        "an older naming rule",
        "correct the SKU, widen wair.skus.pattern, or name the SKU in lint.ignore",
    ),
    "lint.size_unordered": Kind(
        "a size has no place in wair.skus.sizes and is no number: it is sorted last",
        "a new size",
        "add it to wair.skus.sizes, then: hub config apply FILE",
    ),
    "lint.sku_not_in_mintsoft": Kind(
        "Unleashed sells a product that Mintsoft does not have",
        "it was not imported yet, or was refused",
        "hub unleashed plan {merchant} products",
        confirm=True,
    ),
    "lint.sku_not_in_unleashed": Kind(
        "Mintsoft has a product that Unleashed does not have",
        "made at the warehouse by hand",
        "make it in Unleashed with exactly this SKU, or discontinue it in Mintsoft",
        confirm=True,
    ),
    "lint.feed_sku_not_in_mintsoft": Kind(
        "the Miinto feed offers a SKU that Mintsoft does not have",
        "listed before the product was made, or spelt otherwise",
        "make the product in Mintsoft with exactly this SKU, or take it out of the feed",
        confirm=True,
    ),
    "lint.wair_sku_not_in_mintsoft": Kind(
        "WAIR, the master of items, has a SKU that Mintsoft does not have: an order for it would "
        "be refused",
        "it was made in WAIR and not brought to Mintsoft",
        "make it in Mintsoft with exactly this SKU; with Unleashed: "
        "hub unleashed plan {merchant} products",
        confirm=True,
    ),
    "lint.order_sku_unknown": Kind(
        "a current order names a SKU that is no product of Mintsoft",
        "the product was not made, or was renamed, after the order was taken",
        "make the product in Mintsoft with exactly this SKU; then: "
        "hub parked list --merchant {merchant}",
        confirm=True,
    ),
    "lint.warehouse_unmapped": Kind(
        "a warehouse is in no map of the file: of Mintsoft with stock in it, or of Unleashed",
        "a warehouse that was opened, or is somebody else's",
        "map it, name Unleashed's in unleashed.warehouses_elsewhere, or the finding in "
        f"lint.ignore; {MAPS}",
    ),
    "lint.warehouse_unknown": Kind(
        "the file maps a warehouse that is not there, or is switched off",
        "it was closed or renamed, or a typing mistake",
        MAPS,
    ),
    "lint.location_unmapped": Kind(
        "returns name a location that mintsoft.warehouses.by_location does not have",
        "a location that was added in the shop",
        f"add it to mintsoft.warehouses.by_location, or set merchant_address; {MAPS}",
    ),
    "lint.reason_unknown": Kind(
        "the file maps a return reason to an id that Mintsoft does not have, or has switched off",
        "the reason was deleted or switched off in Mintsoft",
        f"name an active id in mintsoft.reasons (hub check {{merchant}} --area mintsoft); {MAPS}",
    ),
    "lint.reason_unmapped": Kind(
        "customers give a reason that is not mapped, and the default is 0",
        "the map was never filled in",
        f"add it to mintsoft.reasons.map, and set mintsoft.reasons.default; {MAPS}",
    ),
    "lint.courier_unknown": Kind(
        "the file names a courier service that Mintsoft does not have, or has switched off",
        "it was renamed or ended in Mintsoft",
        f"name one that exists (Mintsoft: Settings, Couriers); {MAPS}",
    ),
    "lint.courier_unmapped": Kind(
        "orders went by a courier for which Unleashed has no shipping company",
        "a courier that was added in Mintsoft",
        f"add it to unleashed.despatches.shipping_companies, or make it in Unleashed; {MAPS}",
    ),
}


def found(
    kind: str,
    subject: str,
    says: Mapping[str, Said],
    *,
    merchant: str,
    units: int = 0,
    confirm: bool | None = None,
) -> Difference:
    """A finding of this kind; with `confirm` it is said whether a second look has to show it."""
    known = KINDS[kind]
    return Difference(
        kind=kind,
        subject=subject[:LONGEST_SUBJECT],
        says={name: _short(said) for name, said in says.items()},
        units=units,
        cause=known.cause,
        mend=known.mend.format(merchant=merchant),
        confirm=known.confirm if confirm is None else confirm,
    )


def _short(said: Said) -> Said:
    if isinstance(said, str) and len(said) > MOST_SAID:
        return f"{said[: MOST_SAID - 1]}…"
    return said
