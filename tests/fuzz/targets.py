"""The hub's entries, each as one small function from bytes to an answer, with inputs to begin with.

An entry may answer with a value of its declared type or with one of the verdicts of
`returns_hub.errors`. What else must hold is said beside each entry and raises `Wrong`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Literal, cast

from pydantic import BaseModel, SecretStr, ValidationError

from cli.merchant_files import read_merchant_file
from local.simulators.redo.bodies import whole_totals
from returns_hub.adapters.mintsoft.client import log_in
from returns_hub.adapters.queues.sqs import Queue
from returns_hub.adapters.redo.invoices import RedoInvoices
from returns_hub.adapters.redo.subscriptions import RedoSubscriptions
from returns_hub.bootstrap import Hub
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.events import ApprovedReturn
from returns_hub.domain.invoices import Invoice
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.receipts import Receipt
from returns_hub.domain.returns import PortalReturn, ReturnStatus, ReturnSummary
from returns_hub.domain.subscriptions import Subscription, Wanted
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.flows.export_invoices import export
from returns_hub.flows.receive_approved_return import parse
from returns_hub.flows.world import World
from returns_hub.ports import (
    Capabilities,
    ExternalReturnDraft,
    ReceiptPage,
    ReturnItemDraft,
)
from returns_hub.runs import Run
from tests.fuzz.mutations import CANARIES
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.support import fakes, worlds
from tests.support.loop_worlds import LoopBench, loop_file
from tests.support.worlds import Bench

ROOT = Path(__file__).parents[2]
LONGEST_REASON = 500
MARKER = "hub-0123456789abcdef"
Dialect = Literal["json", "yaml", "script", "raw"]
PartnerName = Literal["redo", "mintsoft", "loop"]


class Wrong(Exception):
    """The answer breaks a property. `name` tells kinds of findings apart."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name


class Refused(Exception):
    """A refusal that is no verdict: what is wrong with a merchant file, in words."""

    def __init__(self, code: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.lines = lines


@dataclass(frozen=True)
class Target:
    """An entry.

    Args:
        name: As the command line and the reports call it.
        dialect: How its inputs are changed.
        run: The entry; its result is checked against `gives`.
        gives: What a value may be an instance of.
        seeds: Inputs to begin with.
        canaries: Whether reasons are searched for the planted canaries.
    """

    name: str
    dialect: Dialect
    run: Callable[[bytes], object]
    gives: tuple[type, ...]
    seeds: tuple[bytes, ...]
    canaries: bool = True


def checked_reason(text: str, code: str) -> None:
    """A reason is one printable line, and not too long."""
    if not text or not text.isprintable():
        raise Wrong(f"reason is not one printable line: {code}", ascii(text[:200]))
    if len(text) > LONGEST_REASON:
        raise Wrong(f"reason is too long: {code}", f"{len(text)} characters: {text[:100]}")


def without_canaries(text: str, code: str) -> None:
    """No planted secret or personal data in a text for operators or logs."""
    for canary in CANARIES:
        if canary in text:
            raise Wrong(f"reason repeats a canary: {code}", text[:200])


def writable(value: object) -> None:
    """A model can be written down: no surrogates, no numbers that JSON does not have."""
    if isinstance(value, BaseModel):
        value.model_dump_json()


# -- messages -------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    """As a queue delivers it: always valid Unicode."""
    return data.decode("utf-8", "replace")


def approved_return(data: bytes) -> ApprovedReturn:
    """The message's event."""
    event = parse(_text(data))
    if event.occurred_at.tzinfo is not UTC:
        raise Wrong("the time is not in UTC", repr(event.occurred_at))
    return event


def approved_return_to_its_end(data: bytes) -> str:
    """The message through the whole flow: it ends in one of four ways, whatever it holds."""
    bench = Bench()
    bench.put(worlds.redo_return([worlds.item(1, "TEE")]))
    ended = bench.approve(_text(data) or " ")
    if ended not in {"announced", "shadow", "skipped", "parked"}:
        raise Wrong("the flow ends in a way that is none", ended)
    for parked in bench.parking.items.values():
        checked_reason(parked.reason, parked.code)
        without_canaries(parked.reason, parked.code)
    return ended


def redo_body(data: bytes) -> PortalReturn:
    """The portal's bodies inside the message."""
    event = parse(json.dumps(_event())[:-1] + "," + _text(data)[1:])
    found = _world().portal.parse(event.portal_return or {}, event.portal_order)
    writable(found)
    return found


class _Sqs:
    """SQS, as far as postponing needs it."""

    def change_message_visibility(self, **_: object) -> None:
        return

    def send_message(self, **_: object) -> None:
        return


def receipts_message(data: bytes) -> str:
    """A message that asks for one merchant's receipts, through the batch.

    A message without effect or a fault of the hub's own: a bad one has to be told apart from both.
    """
    asked: list[str] = []
    telemetry = fakes.Telemetry()

    def world(merchant: str) -> World:
        asked.append(merchant)
        raise Misconfigured("merchant.unknown", "no such merchant")

    hub = SimpleNamespace(
        settings=SimpleNamespace(poll_mintsoft_queue_url="queue"),
        queue=lambda url: Queue(cast(Any, _Sqs()), url),
        clock=fakes.TestClock(),
        telemetry=telemetry,
        world=world,
    )
    hub.batch = partial(Hub.batch, cast(Any, hub))
    hub.clock.left = 300.0
    record = {"messageId": "m1", "receiptHandle": "h1", "body": _text(data)}
    answer = Run(cast(Hub, hub)).receipts_of_merchants({"Records": [record]})
    if answer not in ({"batchItemFailures": []}, {"batchItemFailures": [{"itemIdentifier": "m1"}]}):
        raise Wrong("the batch's answer is none", repr(answer)[:200])
    for _, fields in telemetry.lines:
        without_canaries(str(fields), "log line")
    faults = [fields["fault"] for message, fields in telemetry.lines if message == "fault"]
    if faults:
        raise Wrong(f"a bad message is a fault of our own: {faults[0]}", str(faults[0]))
    if answer["batchItemFailures"]:
        raise Retryable("queue.postponed", "it comes back")
    if asked and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", asked[0]):
        raise Wrong("what is no merchant's id is looked up", ascii(asked[0])[:100])
    return asked[0] if asked else ""


# -- merchant files -------------------------------------------------------------------------------

_SECRET_PLACES = re.compile(r"""(?m)["']?(?:secret|base_url)["']?\s*:\s*["']?[^\s"',}]*""")
_DIRECTORY = TemporaryDirectory(prefix="merchant-files-")


def scratch_file(name: str) -> Path:
    """Where a case may write a file; the next one overwrites it."""
    return Path(_DIRECTORY.name) / name


def merchant_file(data: bytes) -> Merchant:
    """A merchant's file, as the command reads it; every problem is one short printable line."""
    path = scratch_file("merchant.yaml")
    path.write_bytes(data)
    reading = read_merchant_file(path)
    said = tuple(f"{problem.where} {problem.text}".strip() for problem in reading.problems)
    hidden = CANARIES[2] not in _SECRET_PLACES.sub("", data.decode("utf-8", "replace"))
    for text in said:
        checked_reason(text, "merchant file")
        if hidden and CANARIES[2] in text:
            raise Wrong("a problem shows what may be a secret", text[:200])
    if reading.merchant is None:
        if not reading.errors:
            raise Wrong("a file is refused without a word", "")
        raise Refused(said[0][:60], said)
    _plausible(reading.merchant)
    return reading.merchant


def merchant_model(data: bytes) -> Merchant:
    """The model alone, as versions stored by another release are read."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None
    try:
        merchant = Merchant.model_validate(content)
    except ValidationError as error:
        raise Refused(error.errors()[0]["type"]) from None
    _plausible(merchant)
    return merchant


def _plausible(merchant: Merchant) -> None:
    writable(merchant)
    if Merchant.model_validate_json(merchant.model_dump_json()) != merchant:
        raise Wrong("a merchant changes when it is stored", merchant.merchant)
    live_from = merchant.live_from
    if live_from and live_from.year < 2000:
        # A number that was meant as a date: everything since then would be announced.
        raise Wrong("live_from is read as a moment that nobody wrote", str(live_from))
    for connection in (merchant.portal_connection, merchant.mintsoft):
        url = connection.base_url
        if not url.isprintable() or " " in url:
            raise Wrong("a base URL holds what no URL holds", ascii(url[:100]))


# -- partners -------------------------------------------------------------------------------------

_BENCHES: dict[str, tuple[Bench, ScriptedPartner]] = {}


def _partner(name: PartnerName) -> tuple[World, ScriptedPartner]:
    """A world whose one partner answers from a script; new for each case but for its simulators."""
    if name not in _BENCHES:
        bench, partner = LoopBench() if name == "loop" else Bench(), ScriptedPartner()
        setattr(bench, f"to_{name}", partner)
        _BENCHES[name] = (bench, partner)
    bench, partner = _BENCHES[name]
    bench.telemetry = fakes.Telemetry()
    bench.capabilities.put("example", Capabilities(marker_look_up=True))
    return bench.world(), partner


def _world() -> World:
    return _partner("redo")[0]


def _send_by() -> datetime:
    return fakes.START + timedelta(minutes=2)


REDO_DONE = frozenset({200, 201, 202, 204})
REDO_NOT_DONE = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429})
MINTSOFT_NOT_DONE = frozenset({400, 401, 403, 404, 405, 413, 414, 415, 422, 429})
RECEIPT_LIKE = (Receipt, type(None))


def reading(
    partner_name: PartnerName,
    act: Callable[[World], object],
    *,
    also: frozenset[int] = frozenset(),
) -> Callable[[bytes], object]:
    """An entry that reads. A value comes of a whole 2xx answer, or of a status in `also`."""

    def run(data: bytes) -> object:
        world, partner = _partner(partner_name)
        partner.play(read_script(data))
        value = act(world)
        last = partner.seen.last
        good = REDO_DONE if partner_name == "redo" else {200}
        if last and last.status not in good | also:
            raise Wrong("a value comes of an answer that is none", f"status {last.status}")
        if last and last.status in good and not last.is_whole:
            raise Wrong("a value comes of an answer that is cut off", "")
        writable(value)
        for receipt in value.receipts if isinstance(value, ReceiptPage) else ():
            writable(receipt)
        return value

    return run


def writing(
    partner_name: PartnerName,
    act: Callable[[World], object],
    *,
    is_done: Callable[[Scripted], bool],
    is_not_done: Callable[[Scripted], bool],
) -> Callable[[bytes], object]:
    """An entry that writes: success and refusal only where the answer to the write says so."""

    def run(data: bytes) -> object:
        world, partner = _partner(partner_name)
        partner.play(read_script(data))
        try:
            value = act(world)
        except (Permanent, Retryable) as verdict:
            last = partner.seen.wrote
            if last and last.wire != "refused" and not last.is_encoded and not is_not_done(last):
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        last = partner.seen.wrote
        if last is None or (not last.is_encoded and not is_done(last)):
            raise Wrong("a write that is not provably done counts as done", repr(value)[:100])
        return value

    return run


def _answered(reply: Scripted) -> bool:
    return reply.wire in {"", "cut"}


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
        _answered(reply)
        and reply.status == 200
        and _toolkit(reply).get("Success") is True
        and is_id
    )


def _mintsoft_refused(reply: Scripted) -> bool:
    says_no = reply.status == 200 and _toolkit(reply).get("Success") is False
    return _answered(reply) and (reply.status in MINTSOFT_NOT_DONE or says_no)


def _redo_done(reply: Scripted) -> bool:
    return _answered(reply) and reply.status in REDO_DONE


def _redo_refused(reply: Scripted) -> bool:
    return _answered(reply) and reply.status in REDO_NOT_DONE


def _create(world: World) -> int:
    draft = ExternalReturnDraft(
        warehouse_id=3,
        reference="#5501",
        marker=MARKER,
        items=(ReturnItemDraft(sku="TEE", product_id=901, quantity=1, reason_id=1),),
    )
    return world.warehouse.create_external_return(draft, _send_by())


def mintsoft_look_up(data: bytes) -> object:
    """The look-up after a create without an answer: "not found" leads to a second create."""
    world, partner = _partner("mintsoft")
    replies = read_script(data)
    partner.play(replies)
    found = world.warehouse.look_up_external_return(MARKER, fakes.START - timedelta(hours=1))
    served = replies[: partner.seen.asked]
    if isinstance(found, NotFound):
        for reply in served:
            if not reply.is_encoded and _answered(reply) and reply.status == 200:
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
    partner = _partner("mintsoft")[1]
    bench = _BENCHES["mintsoft"][0]
    partner.play(read_script(data))
    http = bench.http("http://127.0.0.1:2", partner, "mintsoft")
    try:
        key = log_in(http, "hub", worlds.PASSWORD)
    except Misconfigured as verdict:
        last = partner.seen.last
        said_no = last and _answered(last) and last.status in MINTSOFT_NOT_DONE | {200}
        if not said_no:
            raise Wrong("an outage counts as a refused login", str(verdict)) from None
        raise
    last = partner.seen.last
    if last is None or not last.is_whole or last.status != 200:
        raise Wrong("a key comes of an answer that is not whole", ascii(key))
    if not key.isascii() or " " in key or key.startswith(("{", "[")):
        raise Wrong("a key comes of an answer that holds none", ascii(key))
    return key


# -- what to begin with ---------------------------------------------------------------------------


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _planted(body: dict[str, Any]) -> dict[str, Any]:
    """The customer, as the portal sends it; nothing of it may ever be told."""
    address, phone, token = CANARIES
    source = {"emailAddress": address, "phoneNumber": phone, "name": {"given": "Pat"}}
    return body | {"source": source, "giftCards": [{"code": token}]}


def _sample_bodies() -> list[dict[str, Any]]:
    """Bodies from the samples: the shapes that Redo documents."""
    bodies = []
    for path in sorted((ROOT / "samples" / "returns").glob("*.json"))[::9]:
        text = path.read_text().replace("{created}", "2026-03-02T08:15:00Z")
        sample = json.loads(text.replace("{updated}", "2026-03-02T08:59:00Z"))
        bodies.append({"return": _planted(sample["return"]), "order": sample.get("order")})
    return bodies


def _event(**changes: object) -> dict[str, object]:
    event: dict[str, object] = {
        "schema": "approved-return/1",
        "merchant": "example",
        "return_id": worlds.RETURN_ID,
        "occurred_at": "2026-03-02T09:00:00Z",
        "source": "test",
    }
    return event | changes


BODIES = _sample_bodies()
RETURN = _planted(
    worlds.redo_return(
        [worlds.item(1, "TEE"), worlds.item(2, None)],
        totals=whole_totals(refund="39.00"),
        dropoffs=[{"shipmentGroupId": "sg_two"}],
    )
)
ORDER = {
    "id": "order1",
    "name": "#5501",
    "items": [{"id": "6100000000001/2", "variant": {"sku": "MUG"}}],
}
BAD_MESSAGES = json.loads((ROOT / "samples" / "bad-messages.json").read_text())["messages"]
MESSAGES = (
    _json(_event()),
    _json(_event(**{"return": RETURN, "order": ORDER})),
    *(_json(_event(**body)) for body in BODIES[:3]),
    *(message["body"].encode() for message in BAD_MESSAGES),
)
EXAMPLE = (ROOT / "config" / "example.yaml").read_text()
LOOP_EXAMPLE = (ROOT / "config" / "example-loop.yaml").read_text()
WAIR_EXAMPLE = (ROOT / "config" / "example-wair.yaml").read_text()
FED_FILE = worlds.merchant_file(
    wair={
        "sink": "file_csv",
        "folder": "feeds",
        "locations": [{"id": "WH-1", "warehouses": [3]}],
        "skus": {"pattern": "^(?P<item>.+?)-(?P<size>[^-]+)$", "sizes": ["S", "M"]},
        "data_sets": {"stock": {"mode": "shadow", "fields": {"on_hand": "quantity"}}},
        "order_context": [{"name": "WairRecommendation", "pattern": "wair:([A-Za-z0-9-]+)"}],
    },
    despatch_relay={
        "mode": "shadow",
        "channels": ["Shop"],
        "targets": [{"name": "shop", "url": "https://shop.example.test", "secret": "shop"}],
    },
    order_changes={"mode": "shadow", "cancel": True, "edit_suffix": "-\\d+"},
    bundles={"mode": "on", "bills": {"SOCK-3PK": {"SOCK": 3}}},
    drift={
        "stock_tolerance": {"units": 1, "percent": 2},
        "limit_value": "100.00",
        "look_back_days": 30,
    },
    lint={"longest_sku": 40, "allowed": "[A-Z0-9-]", "ignore": ["TEST-*", "lint.*: MUG"]},
)
"""With every block of stock intelligence, the relay and drift."""
LIVE = EXAMPLE.replace("# live_from", "live_from").replace("mode: shadow", "mode: live")
PROBLEM = Scripted(
    400,
    headers=(("Content-Type", "application/problem+json"),),
    body=_json({"type": "about:blank", "title": "Bad Request", "detail": "status is not one"}),
)
LIMITED = Scripted(429, headers=(("Retry-After", "7"),), body=b"<html>Too Many Requests</html>")
DOWN = Scripted(503, body=b"<html>Service Unavailable</html>")
EMPTY_404 = Scripted(404)
OUTAGES = (script(PROBLEM), script(LIMITED), script(DOWN), script(EMPTY_404), script(Scripted(401)))
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
LINES = (LineToProcess(line_id="item1", sku="TEE", restock=True),)
NEXT_PAGE = Scripted(
    headers=(("X-Page-Next", "2"),), body=_json({"returns": [RETURN], "orders": [ORDER]})
)
_redo_write = {"is_done": _redo_done, "is_not_done": _redo_refused}


def _list_since(world: World) -> ReceiptPage:
    return world.warehouse.list_updated_since(fakes.START - timedelta(days=1), 6)


def _updated(world: World) -> tuple[ReturnSummary, ...]:
    return tuple(world.portal.returns_updated(fakes.START - timedelta(days=1), fakes.START))


WEBHOOK = {
    "id": "w1",
    "callback": {"url": "https://hub.example.test", "auth": {"bearer": {"token": CANARIES[0]}}},
    "externalId": "ours",
    "topic": "return",
    "kind": "redo",
    "createdAt": "2026-03-02T08:00:00Z",
    "updatedAt": "2026-03-02T08:00:00Z",
}
INVOICE = {
    "id": "i1",
    "status": "paid",
    "charge": {"amount": "1.20", "currency": "GBP"},
    "createdAt": "2026-03-02T08:00:00Z",
    "updatedAt": "2026-03-02T08:00:00Z",
}
CSV = (("Content-Type", "text/csv"),)
WANTED = Wanted(external_id="ours", url="https://hub.example.test", token=SecretStr(CANARIES[0]))


def _redo_bench() -> Bench:
    return _BENCHES["redo"][0]


def _subscriptions() -> RedoSubscriptions:
    return RedoSubscriptions(_redo_bench().redo_client())


def _invoice_lines(_: World) -> str:
    """One invoice as a table; no cell of it may begin a formula."""
    out = StringIO(newline="")
    export(RedoInvoices(_redo_bench().redo_client()), [Invoice(id="i1", status="paid")], out)
    for row in csv.reader(StringIO(out.getvalue(), newline="")):
        for cell in row:
            if cell.lstrip(" \n")[:1] in set("=@\t\r"):
                raise Wrong("a cell begins a formula", ascii(cell[:100]))
    return out.getvalue()


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
    world, partner = _partner("mintsoft")
    partner.play(read_script(data))
    return _probe(world)


def _by_reference(world: World) -> object:
    return world.warehouse.find_by_reference("#5501", {"TEE": 1}, fakes.START)


TARGETS: tuple[Target, ...] = (
    Target("approved-return", "json", approved_return, (ApprovedReturn,), MESSAGES),
    Target("approved-return-to-its-end", "json", approved_return_to_its_end, (str,), MESSAGES),
    Target(
        "redo-body",
        "json",
        redo_body,
        (PortalReturn,),
        (_json({"return": RETURN, "order": ORDER}), *(_json(body) for body in BODIES)),
    ),
    Target(
        "receipts-message",
        "json",
        receipts_message,
        (str,),
        (b'{"merchant": "example"}', b'{"merchant": "another-1"}'),
    ),
    Target(
        "merchant-file",
        "yaml",
        merchant_file,
        (Merchant,),
        (
            EXAMPLE.encode(),
            LIVE.encode(),
            LOOP_EXAMPLE.encode(),
            WAIR_EXAMPLE.encode(),
            _json(FED_FILE),
            _json(worlds.merchant_file()),
        ),
        canaries=False,
    ),
    Target(
        "merchant-model",
        "json",
        merchant_model,
        (Merchant,),
        (_json(worlds.merchant_file()), _json(loop_file()), _json(FED_FILE)),
        canaries=False,
    ),
    Target(
        "redo-read-return",
        "script",
        reading("redo", lambda world: world.portal.read_return(worlds.RETURN_ID)),
        (PortalReturn,),
        (script({"return": RETURN, "order": ORDER}), *(script(body) for body in BODIES), *OUTAGES),
    ),
    Target(
        "redo-returns-updated",
        "script",
        reading("redo", _updated),
        (tuple,),
        (script(NEXT_PAGE, {"returns": [RETURN], "orders": []}), *OUTAGES),
    ),
    Target(
        "redo-recent-returns",
        "script",
        reading("redo", lambda world: world.portal.recent_returns(50).returns),
        (tuple,),
        (script({"returns": [RETURN], "orders": [ORDER]}), *OUTAGES),
    ),
    Target(
        "redo-comments",
        "script",
        reading("redo", lambda world: world.portal.comments(worlds.RETURN_ID)),
        (tuple,),
        (script({"comments": [{"message": "text"}, {"image": "x"}]}), *OUTAGES),
    ),
    Target(
        "redo-process",
        "script",
        writing("redo", lambda w: w.portal.process("r1", LINES, _send_by()), **_redo_write),
        (type(None),),
        (script({"message": "Processing triggered successfully"}), *OUTAGES),
    ),
    Target(
        "redo-flag",
        "script",
        writing(
            "redo",
            lambda w: w.portal.set_status("r1", ReturnStatus.FLAGGED, _send_by()),
            **_redo_write,
        ),
        (type(None),),
        (script(Scripted(204)), *OUTAGES),
    ),
    Target(
        "redo-add-comment",
        "script",
        writing("redo", lambda w: w.portal.add_comment("r1", "text", _send_by()), **_redo_write),
        (type(None),),
        (script(Scripted(201, body=_json({"comment": {"message": "text"}}))), *OUTAGES),
    ),
    Target(
        "redo-webhooks",
        "script",
        reading("redo", lambda _: _subscriptions().list()),
        (tuple,),
        (script({"webhooks": [WEBHOOK, WEBHOOK | {"callback": {"url": "u"}}]}), *OUTAGES),
    ),
    Target(
        "redo-webhook",
        "script",
        reading("redo", lambda _: _subscriptions().read("w1"), also=frozenset({404})),
        (Subscription, type(None)),
        (script({"webhook": WEBHOOK}), script(Scripted(404)), *OUTAGES),
    ),
    Target(
        "redo-webhook-put",
        "script",
        writing("redo", lambda _: _subscriptions().put(WANTED, _send_by()), **_redo_write),
        (type(None),),
        (script(Scripted(201, body=_json({"webhook": WEBHOOK}))), script({}), *OUTAGES),
    ),
    Target(
        "redo-webhook-replay",
        "script",
        writing(
            "redo",
            lambda _: _subscriptions().replay("w1", fakes.START, _send_by()),
            **_redo_write,
        ),
        (type(None),),
        (script(Scripted(202)), *OUTAGES),
    ),
    Target(
        "redo-invoices",
        "script",
        reading("redo", lambda _: RedoInvoices(_redo_bench().redo_client()).list()),
        (tuple,),
        (script({"invoices": [INVOICE]}), *OUTAGES),
    ),
    Target(
        "redo-invoice-lines",
        "script",
        reading("redo", _invoice_lines),
        (str,),
        (
            script(Scripted(headers=CSV, body=b'a,b,a\n"=1",2\n')),
            script(Scripted(headers=CSV, body=b"")),
            *OUTAGES,
        ),
    ),
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
