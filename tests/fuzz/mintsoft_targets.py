"""What the hub asks of Mintsoft about external returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from returns_hub.adapters.mintsoft.client import log_in
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.receipts import Receipt
from returns_hub.errors import Misconfigured
from returns_hub.flows.world import World
from returns_hub.ports import Capabilities, ExternalReturnDraft, ReceiptPage, ReturnItemDraft
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import (
    EMPTY_404,
    OUTAGES,
    is_answered,
    reading,
    scripted_bench,
    scripted_world,
    send_by,
    writing,
)
from tests.fuzz.replies import Scripted, read_script, script
from tests.fuzz.targets import Target, Wrong
from tests.support import fakes, worlds

MARKER = "hub-0123456789abcdef"
MINTSOFT_NOT_DONE = frozenset({400, 401, 403, 404, 405, 413, 414, 415, 422, 429})
RECEIPT_LIKE = (Receipt, type(None))


def _toolkit(reply: Scripted) -> Mapping[str, Any]:
    try:
        content = reply.content()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _mintsoft_made(reply: Scripted) -> bool:
    made = _toolkit(reply).get("ID")
    is_id = isinstance(made, int) and not isinstance(made, bool) and made > 0
    return (
        is_answered(reply)
        and reply.status == 200
        and _toolkit(reply).get("Success") is True
        and is_id
    )


def _mintsoft_refused(reply: Scripted) -> bool:
    says_no = reply.status == 200 and _toolkit(reply).get("Success") is False
    return is_answered(reply) and (reply.status in MINTSOFT_NOT_DONE or says_no)


def _create(world: World) -> int:
    draft = ExternalReturnDraft(
        warehouse_id=3,
        reference="#5501",
        marker=MARKER,
        items=(ReturnItemDraft(sku="TEE", product_id=901, quantity=1, reason_id=1),),
    )
    return world.warehouse.create_external_return(draft, send_by())


def mintsoft_look_up(data: bytes) -> object:
    """The look-up after a create without an answer: "not found" leads to a second create."""
    world, partner = scripted_world("mintsoft")
    replies = read_script(data)
    partner.play(replies)
    found = world.warehouse.look_up_external_return(MARKER, fakes.START - timedelta(hours=1))
    served = replies[: partner.seen.asked]
    if isinstance(found, NotFound):
        for reply in served:
            if not reply.is_encoded and is_answered(reply) and reply.status == 200:
                _no_marker(reply)
    if isinstance(found, Found) and not any(MARKER.encode() in reply.body for reply in served):
        is_escaped = any(b"\\u" in reply.body or reply.is_encoded for reply in served)
        if not is_escaped:
            raise Wrong("found without the marker", found.partner_id)
    return found


def _no_marker(reply: Scripted) -> None:
    try:
        content = reply.content()
    except ValueError:
        raise Wrong("not found, by an answer that cannot be read", repr(reply)[:100]) from None
    for items in _values_of("ReturnItems", content):
        for item in items if isinstance(items, list) else ():
            comments = item.get("Comments") if isinstance(item, dict) else None
            if isinstance(comments, str) and MARKER in comments:
                raise Wrong("not found, though the marker was there", comments[:100])


def _values_of(name: str, content: Any) -> Iterator[Any]:
    waiting = [content]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if name in node:
                yield node[name]
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def mintsoft_log_in(data: bytes) -> str:
    """The login: a key that can be sent, or a refusal only where Mintsoft refused."""
    partner = scripted_world("mintsoft")[1]
    bench = scripted_bench("mintsoft")
    partner.play(read_script(data))
    http = bench.http("http://127.0.0.1:2", partner, "mintsoft")
    try:
        key = log_in(http, "hub", worlds.PASSWORD)
    except Misconfigured as verdict:
        last = partner.seen.last
        said_no = last and is_answered(last) and last.status in MINTSOFT_NOT_DONE | {200}
        if not said_no:
            raise Wrong("an outage counts as a refused login", str(verdict)) from None
        raise
    last = partner.seen.last
    if last is None or not last.is_whole or last.status != 200:
        raise Wrong("a key comes of an answer that is not whole", ascii(key))
    if not key.isascii() or " " in key or key.startswith(("{", "[")):
        raise Wrong("a key comes of an answer that holds none", ascii(key))
    return key


ROW = {
    "ID": 41,
    "ClientId": 12,
    "Reference": "#5501",
    "Confirmed": True,
    "LastUpdated": "2026-03-02T09:15:00.1234567",
    "ReturnItems": [{"SKU": "TEE", "Quantity": 1, "Comments": f"hub [{MARKER}]"}],
    "Customer": {"Email": CANARIES[0], "Phone": CANARIES[1]},
}
OTHERS_ROW = ROW | {
    "ID": 42,
    "ClientId": 13,
    "ReturnItems": [{"SKU": "TEE", "Quantity": 1, "Comments": "no marker"}],
}
BARE_ROW = {key: value for key, value in ROW.items() if key != "ReturnItems"}
DONE = {"ID": 41, "Success": True, "SensitiveData": None, "Message": "", "WarningMessage": None}
REFUSAL = DONE | {"ID": 0, "Success": False, "Message": "Invalid SKU"}


def _list_since(world: World) -> ReceiptPage:
    return world.warehouse.list_updated_since(fakes.START - timedelta(days=1), 6)


def _probe(world: World) -> Capabilities:
    known = Receipt(
        external_return_id=41,
        version="v",
        confirmed=True,
        updated_at=fakes.START,
        markers=(MARKER,),
    )
    return world.warehouse.probe(known, MARKER, fakes.START - timedelta(days=5))


def probing(data: bytes) -> Capabilities:
    """The probe; most answers count as "not proven", so that any of them may give a value."""
    world, partner = scripted_world("mintsoft")
    partner.play(read_script(data))
    return _probe(world)


def _by_reference(world: World) -> object:
    return world.warehouse.find_by_reference("#5501", {"TEE": 1}, fakes.START)


MINTSOFT_TARGETS: tuple[Target, ...] = (
    Target(
        "mintsoft-find-product",
        "script",
        reading("mintsoft", lambda w: w.warehouse.find_product("TEE"), also=frozenset({404})),
        (int, type(None)),
        (script(901, {"ID": 901, "SKU": "TEE", "ClientId": 12}), script(0), *OUTAGES),
    ),
    Target(
        "mintsoft-create",
        "script",
        writing("mintsoft", _create, is_done=_mintsoft_made, is_not_done=_mintsoft_refused),
        (int,),
        (script(DONE), script(REFUSAL), *OUTAGES),
    ),
    Target(
        "mintsoft-look-up",
        "script",
        mintsoft_look_up,
        (Found, NotFound, Inconclusive),
        (
            script([OTHERS_ROW], [ROW]),
            script([]),
            script([BARE_ROW], ROW, []),
            script([OTHERS_ROW]),
            *OUTAGES,
        ),
    ),
    Target(
        "mintsoft-find-by-reference",
        "script",
        reading("mintsoft", _by_reference, also=frozenset({404})),
        (Found, NotFound, Inconclusive),
        (script([ROW], []), script([ROW], [ROW | {"ID": 43}], []), *OUTAGES),
    ),
    Target(
        "mintsoft-read",
        "script",
        reading("mintsoft", lambda w: w.warehouse.read_external_return(41), also=frozenset({404})),
        RECEIPT_LIKE,
        (script(ROW), script(OTHERS_ROW), *OUTAGES),
    ),
    Target(
        "mintsoft-list",
        "script",
        reading("mintsoft", _list_since, also=frozenset({404})),
        (ReceiptPage,),
        (script([ROW, BARE_ROW], ROW, []), script({"Results": [ROW]}, []), script([ROW]), *OUTAGES),
    ),
    Target(
        "mintsoft-by-date",
        "script",
        reading(
            "mintsoft", lambda w: w.warehouse.search_by_date(fakes.START), also=frozenset({404})
        ),
        (ReceiptPage,),
        (script([ROW, BARE_ROW, OTHERS_ROW], ROW), script([]), script([BARE_ROW] * 51), *OUTAGES),
    ),
    Target(
        "mintsoft-reasons",
        "script",
        reading("mintsoft", lambda w: w.warehouse.reasons()),
        (tuple,),
        (
            script([{"ID": 1, "Name": "Unwanted", "StockAction": "Restock", "Active": True}]),
            *OUTAGES,
        ),
    ),
    Target(
        "mintsoft-warehouses",
        "script",
        reading("mintsoft", lambda w: w.warehouse.warehouse_ids()),
        (dict,),
        (script([{"ID": 3, "Name": "Corby", "Active": True}]), *OUTAGES),
    ),
    Target(
        "mintsoft-probe",
        "script",
        probing,
        (Capabilities,),
        (script([ROW], [ROW], []), script([ROW], EMPTY_404), *OUTAGES),
    ),
    Target(
        "mintsoft-log-in",
        "script",
        mintsoft_log_in,
        (str,),
        (
            script("e3b0c442-98fc-4c14-9afb-f4c8996fb924"),
            script(Scripted(body=b"e3b0c442-98fc-4c14")),
            script(Scripted(401)),
            *OUTAGES,
        ),
    ),
)
