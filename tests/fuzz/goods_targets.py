"""Entries where Mintsoft's answers about products, ASNs and changes of orders come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.domain.warehouse_goods import ProductChange
from returns_hub.errors import Permanent, Retryable
from tests.fuzz.order_targets import EXISTS, _refused, _says
from tests.fuzz.order_targets import ORDER as SENT_ORDER
from tests.fuzz.partner_answers import OUTAGES
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Target, Wrong
from tests.fuzz.unleashed_targets import Read
from tests.fuzz.unleashed_world import usable
from tests.support import fakes
from tests.support.goods_worlds import GoodsBench, asn_draft, new_product
from tests.support.order_worlds import LATER

SINCE = fakes.START - timedelta(days=1)
CHANGE = ProductChange(name="Hat, red")
Act = Callable[[GoodsBench], object]


def _bench() -> tuple[GoodsBench, ScriptedPartner]:
    """A merchant whose Mintsoft answers from a script."""
    partner = ScriptedPartner()

    class Goods(GoodsBench):
        def http(self, base_url: str, _: Any, name: str) -> PartnerHttp:
            return super().http(base_url, partner, name)

    return Goods(), partner


def reading(act: Act) -> Callable[[bytes], Read]:
    """An entry that reads: a value comes of whole answers, and can be written down."""

    def run(data: bytes) -> Read:
        bench, partner = _bench()
        partner.play(read_script(data))
        value = act(bench)
        last = partner.seen.last
        if last and (last.status not in {200, 404} or (last.status == 200 and not last.is_whole)):
            raise Wrong("a value comes of an answer that is none", f"status {last.status}")
        usable(value)
        return Read(value)

    return run


def writing(act: Act) -> Callable[[bytes], Read]:
    """An entry that writes: success and refusal only where the answer to the write says so."""

    def run(data: bytes) -> Read:
        bench, partner = _bench()
        partner.play(read_script(data))
        try:
            value = act(bench)
        except (Permanent, Retryable) as verdict:
            wrote = partner.seen.wrote
            if wrote and wrote.wire != "refused" and not wrote.is_encoded and not _refused(wrote):
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        wrote = partner.seen.wrote
        if wrote is not None and not wrote.is_encoded and _says(wrote, False):
            raise Wrong("a refused write counts as done", repr(value)[:100])
        usable(value)
        return Read(value)

    return run


def _read(name: str, act: Act, *seeds: bytes) -> Target:
    return Target(name, "script", reading(act), (Read,), (*seeds, *OUTAGES))


def _write(name: str, act: Act, *seeds: bytes) -> Target:
    return Target(name, "script", writing(act), (Read,), (*seeds, *OUTAGES))


PRODUCT = {
    "ID": 901,
    "SKU": "HAT",
    "Name": "Hat, blue",
    "ClientId": 12,
    "EAN": "5000000000012",
    "Weight": 0.2,
    "CostPrice": 2.1375,
    "DisCont": False,
    "HasBatchNumber": True,
    "LastUpdated": "2026-03-02T08:15:00.1234567",
}
ASN = {
    "ID": 301,
    "ClientId": 12,
    "WarehouseId": 3,
    "POReference": "PO-77",
    "Comments": f"from the docks [{asn_draft().marker}]",
    "ASNStatus": {"ID": 1, "Name": "NEW"},
    "EstimatedDelivery": "2026-03-09T00:00:00",
    "LastUpdated": "2026-03-02T08:15:00.1234567",
    "Items": [{"ID": 69, "SKU": "TEE", "ProductId": 901, "Quantity": 50, "QuantityReceived": 0}],
}
OPEN_ORDER = SENT_ORDER | {
    "OrderStatusId": 1,
    "OrderItems": [{"ID": 70, "SKU": "TEE", "Quantity": 1, "Allocated": 1, "Commited": 0}],
}
DONE = {"ID": 901, "Success": True, "Message": "done"}
NOT_DONE = {"ID": 0, "Success": False, "Message": "Product does not exist"}

GOODS_TARGETS: tuple[Target, ...] = (
    _read(
        "goods-product",
        lambda bench: bench.products.find_product("HAT"),
        script([{"ID": 901, "SKU": "HAT"}], PRODUCT),
        script(901, PRODUCT),
        script(Scripted(404), [PRODUCT], PRODUCT),
    ),
    _read(
        "goods-product-look-up",
        lambda bench: bench.products.look_up_product("HAT"),
        script(901, PRODUCT),
        script(Scripted(404), [PRODUCT | {"SKU": "hat"}]),
        script(Scripted(404), []),
    ),
    _read(
        "goods-products",
        lambda bench: bench.products.products_updated_since(SINCE, 6),
        script([PRODUCT, PRODUCT | {"ID": 902, "ClientId": 13}], []),
        script([PRODUCT] * 100, []),
    ),
    _write(
        "goods-make-product",
        lambda bench: bench.products.create_product(new_product(), LATER),
        script(Scripted(404), [], DONE, PRODUCT),
        script(Scripted(404), [], NOT_DONE),
        script(901, PRODUCT),
    ),
    _write(
        "goods-change-product",
        lambda bench: bench.products.update_product(901, CHANGE, LATER),
        script(PRODUCT, DONE, PRODUCT | {"Name": "Hat, red"}),
        script(PRODUCT, NOT_DONE, PRODUCT),
        script(PRODUCT | {"Name": "Hat, red"}),
    ),
    _read("goods-asn", lambda bench: bench.asns.read_asn(301), script(ASN), script([ASN])),
    _read(
        "goods-asns",
        lambda bench: bench.asns.asns_updated_since(SINCE, 6),
        script([ASN, ASN | {"ID": 302, "ClientId": 13}], []),
    ),
    _read(
        "goods-asn-look-up",
        lambda bench: bench.asns.find_asn(asn_draft(), SINCE),
        script([ASN], ASN),
        script([ASN | {"Comments": "none"}], []),
        script([]),
    ),
    _write(
        "goods-make-asn",
        lambda bench: bench.asns.create_asn(asn_draft(), LATER),
        script(DONE),
        script(NOT_DONE),
    ),
    _write(
        "goods-set-units",
        lambda bench: bench.order_changes.set_order_units(501, "TEE", 3, LATER),
        script(OPEN_ORDER, DONE),
        script(OPEN_ORDER, NOT_DONE),
        script(EXISTS),
    ),
)
