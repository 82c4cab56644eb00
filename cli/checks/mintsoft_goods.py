"""ASNs in Mintsoft: whether they can be read, and what their statuses and numbers mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.checks.model import Finding, failed, ok, warning
from returns_hub.domain.goods_settings import WarehouseGoodsSettings
from returns_hub.domain.warehouse_asns import ENDED, AsnPage, prove_booked
from returns_hub.ports.goods import AsnWarehouse

SETTING = "mintsoft.goods.booked_quantity"
LOOK_BACK = timedelta(days=90)
MOST_CALLS = 3


def look_at_goods(
    asns: AsnWarehouse, settings: WarehouseGoodsSettings, now: datetime
) -> Iterator[Finding]:
    """What reads alone can prove: the statuses, and which number of an item is booked in.

    Args:
        asns: The merchant's ASNs.
        settings: What the file says about them.
        now: The moment; ASNs booked in during the 90 days before it are looked at.
    """
    unknown = asns.unknown_asn_statuses()
    if not unknown:
        yield ok("ASN statuses", "are those that the hub knows")
    for said in unknown:
        yield warning(
            "ASN statuses", said, "tell the makers of the hub; such ASNs wait for a person"
        )
    yield _booked(asns.asns_updated_since(now - LOOK_BACK, MOST_CALLS, ENDED), settings)


def _booked(page: AsnPage, settings: WarehouseGoodsSettings) -> Finding:
    """Whether the file's word for what is booked in is what items and their portions show."""
    check, says = "booked quantities", settings.booked_quantity
    items = [item for asn in page.asns for item in asn.items or ()]
    proof = prove_booked(page.asns)
    if proof.is_contradicted:
        return failed(check, "items tell different things", f"leave {SETTING} unknown")
    if proof.means == "unknown":
        differ = sum(item.booked_in("unknown") is None for item in items)
        if items and not differ:
            return ok(check, f"both numbers agree on all {len(items)} items of ASNs booked in")
        return warning(
            check,
            f"{differ} of {len(items)} items have two numbers that differ, and none tells which "
            "counts",
            f"check again when goods were booked in; until then leave {SETTING} unknown",
        )
    if says == "unknown":
        return warning(
            check,
            f"{proof.means} counts; the hub asks a person where the two numbers differ",
            f"set {SETTING} to {proof.means}",
        )
    if says != proof.means:
        return failed(
            check,
            f"{proof.means} counts, and the file says {says}",
            f"set {SETTING} to {proof.means}",
        )
    return ok(check, f"{says} counts")
