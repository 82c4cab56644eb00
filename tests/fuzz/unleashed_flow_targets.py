"""Entries that are whole flows of Unleashed's, its queue's messages, and its webhooks.

A flow's own resource answers from a script, everything else is the simulators'. Whatever is
answered, both ticks end in words, and what is parked, logged and kept tells of nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from returns_hub.adapters.queues.sqs import Queue
from returns_hub.adapters.unleashed.webhooks import is_genuine, read_notice
from returns_hub.bootstrap import Hub
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.strict_json import read_json
from returns_hub.domain.unleashed.flow_names import FlowName
from returns_hub.domain.unleashed.notices import Notice
from returns_hub.domain.unleashed.settings import FLOW_NAMES
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.runs import Run
from tests.fuzz.file_targets import merchant_file, merchant_model
from tests.fuzz.message_targets import Sqs
from tests.fuzz.replies import read_script, script
from tests.fuzz.targets import ROOT, Refused, Target, Wrong, delivered, without_canaries
from tests.fuzz.unleashed_targets import GUID, OUTAGES, STOCK, page
from tests.fuzz.unleashed_world import Scripting, answer, held, scripted_flow
from tests.support import fakes
from tests.support.erp_stock import StockBench
from tests.support.erp_worlds import ErpBench, unleashed_block
from tests.support.worlds import merchant_file as merchant_content

LONGEST_WORD = 40
"""Letters of the longest word that a record ends in."""


def flow(name: FlowName, resource: str, **settings: Any) -> Callable[[bytes], dict[str, int]]:
    """Two ticks of a flow."""

    def run(data: bytes) -> dict[str, int]:
        bench, partner = scripted_flow(name, resource, **settings)
        partner.play(read_script(data))
        ended = bench.run(name)
        again = bench.run(name)
        _ended(bench, ended, again)
        if bench.mintsoft.journal and not bench.records.states:
            raise Wrong("written without a record", str(bench.mintsoft.journal)[:100])
        return ended

    return run


def _ended(bench: ErpBench, *ticks: dict[str, int]) -> None:
    for word in (word for ended in ticks for word in ended):
        if not word.isprintable() or len(word) > LONGEST_WORD:
            raise Wrong("a record ends in what is no word", ascii(word)[:100])
    held(bench)


def stock_flow(data: bytes) -> dict[str, int]:
    """Two ticks of the stock sync, whatever Unleashed says it has."""
    bench = StockBench()
    bench.clock.left = 600.0
    partner = Scripting(bench.unleashed, "StockOnHand")
    bench.to_unleashed = partner
    partner.play(read_script(data))
    ended = bench.run("stock")
    _ended(bench, ended, bench.run("stock"))
    return ended


def sync_message(data: bytes) -> str:
    """A message that asks for one flow of a merchant, through the batch: it has no effect when it
    is bad, and is never a fault of the hub's own."""
    asked: list[tuple[str, FlowName]] = []
    telemetry = fakes.Telemetry()

    def world(merchant: str, name: FlowName) -> ErpWorld:
        asked.append((merchant, name))
        raise Misconfigured("merchant.unknown", "no such merchant")

    hub = SimpleNamespace(
        settings=SimpleNamespace(unleashed_sync_queue_url="queue"),
        queue=lambda url: Queue(cast(Any, Sqs()), url),
        clock=fakes.TestClock(),
        telemetry=telemetry,
        erp=SimpleNamespace(world=world, by_hand=lambda merchant: world(merchant, "orders")),
    )
    hub.batch = partial(Hub.batch, cast(Any, hub))
    hub.clock.left = 300.0
    record = {"messageId": "m1", "receiptHandle": "h1", "body": delivered(data)}
    answered = Run(cast(Hub, hub)).unleashed_of_flows({"Records": [record]})
    for _, fields in telemetry.lines:
        without_canaries(str(fields), "log line")
    faults = [fields["fault"] for message, fields in telemetry.lines if message == "fault"]
    if faults:
        raise Wrong(f"a bad message is a fault of our own: {faults[0]}", str(faults[0]))
    if answered["batchItemFailures"]:
        raise Retryable("queue.postponed", "it comes back")
    if any(name not in FLOW_NAMES for _, name in asked):
        raise Wrong("what is no flow was run", ascii(asked)[:100])
    return asked[0][0] if asked else ""


def webhook_notice(data: bytes) -> Notice:
    """A delivery's body, once its signature held."""
    try:
        content = read_json(data)
    except ValueError:
        raise Refused("not JSON") from None
    notice = read_notice(content)
    without_canaries(f"{notice.delivery} {notice.event} {notice.subscription}", "notice")
    if len(notice.delivery) > 64 or not notice.delivery.isascii():
        raise Wrong("a delivery's id is none", ascii(notice.delivery)[:100])
    return notice


def webhook_signature(data: bytes) -> bool:
    """Headers and body of anybody's: nobody gets in without the key."""
    head, _, body = data.partition(b"\n")
    stamp, _, given = delivered(head).partition(" ")
    if is_genuine(body, timestamp=stamp, signature=given, keys=["a-key", ""], now=fakes.START):
        raise Wrong("let in without the key", ascii(head)[:100])
    return False


NOTICE = {
    "eventNotificationId": GUID,
    "subscriptionId": GUID,
    "eventType": "SalesOrder.Updated",
    "data": json.dumps({"salesOrderGuid": GUID}),
    "createdOn": "2026-03-02T09:00:00Z",
}
MESSAGE = {"merchant": "example", "flow": "orders", "asked_at": "2026-03-02T08:59:00+00:00"}
ERP_FILE = (ROOT / "config" / "example-unleashed.yaml").read_text(encoding="utf-8")
MOVES = {"orders_at_source": True, "asns_at_destination": True}


def _flow(name: FlowName, resource: str, **settings: Any) -> Target:
    whole = answer(f"/{resource}/1")
    row = whole["Items"][0]
    seeds = (
        script(whole),
        script(whole, row),
        script(page(row, {"Guid": GUID}, row | {"Guid": GUID, "LastModifiedOn": None})),
        script(page()),
    )
    run = flow(name, resource, **settings)
    return Target(f"flow-{name.replace('_', '-')}", "script", run, (dict,), (*seeds, *OUTAGES))


def _file(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


FLOW_TARGETS: tuple[Target, ...] = (
    _flow("orders", "SalesOrders", edits={"increases": True, "decreases": True}),
    _flow("shipments", "SalesShipments", splitting=True),
    _flow("products", "Products"),
    _flow("customers", "Customers"),
    _flow("purchase_orders", "PurchaseOrders", create_products=True),
    _flow("transfers", "WarehouseStockTransfers", **MOVES),
    _flow("assemblies", "Assemblies", orders=True, asns=True, complete=True),
    Target(
        "flow-stock",
        "script",
        stock_flow,
        (dict,),
        (
            script(STOCK),
            script(page(*STOCK["Items"][:2], STOCK["Items"][0] | {"QtyOnHand": 7})),
            script(page()),
            *OUTAGES,
        ),
    ),
    Target(
        "sync-message",
        "json",
        sync_message,
        (str,),
        (
            json.dumps(MESSAGE).encode(),
            json.dumps(MESSAGE | {"key": GUID, "is_deletion": True}).encode(),
            b'{"merchant": "another-1", "flow": "stock"}',
        ),
    ),
    Target("unleashed-notice", "json", webhook_notice, (Notice,), (_file(NOTICE),)),
    Target(
        "unleashed-signature",
        "raw",
        webhook_signature,
        (bool,),
        (b"1772442000 AAAA=\n" + _file(NOTICE),),
    ),
    Target(
        "merchant-file-erp",
        "yaml",
        merchant_file,
        (Merchant,),
        (ERP_FILE.encode(), _file(merchant_content(unleashed=unleashed_block()))),
        canaries=False,
    ),
    Target(
        "merchant-model-erp",
        "json",
        merchant_model,
        (Merchant,),
        (
            _file(merchant_content(unleashed=unleashed_block())),
            _file(merchant_content(unleashed=unleashed_block(orders={"mode": "live"}))),
        ),
        canaries=False,
    ),
)
