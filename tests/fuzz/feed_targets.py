"""Entries of stock intelligence: messages that ask for a flow, WAIR's answers to a whole feed and
to a whole reading of advice, and what Mintsoft says of products and stock on its way there."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import requests

from local.simulators.wair.sample import TENANT
from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.adapters.queues.sqs import Queue, run_batch
from returns_hub.adapters.wair.connect import advice_of, sink_of
from returns_hub.adapters.wair.csv_rows import csv_of
from returns_hub.adapters.wair.naming import naming_of
from returns_hub.bootstrap import Hub
from returns_hub.domain.drift.folding import Folding
from returns_hub.domain.drift.settings import LintSettings
from returns_hub.domain.invoices import NUMBER
from returns_hub.domain.lint.register import Register
from returns_hub.domain.lint.skus import SkuRules, is_blank, shown
from returns_hub.domain.wair.catalogue import Product, Units, catalogue_of
from returns_hub.domain.wair.location_stock import LocationStock
from returns_hub.domain.wair.rows import Row
from returns_hub.domain.wair.settings import DataSetName, SkuRule, WairConnection
from returns_hub.drift_runs import DriftRuns
from returns_hub.errors import Misconfigured
from returns_hub.feed_runs import FeedRuns
from returns_hub.flows.wair.advice import read_advice
from returns_hub.flows.wair.feed_world import FeedWorld, Intelligence
from tests.fuzz.goods_targets import PRODUCT
from tests.fuzz.goods_targets import _bench as goods_bench
from tests.fuzz.message_targets import Sqs
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import OUTAGES
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Target, Wrong, checked_reason, without_canaries
from tests.fuzz.wair_targets import PAGE, REFUSALS, TARGET_ROW, TRANSFER_ROW, _pages
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fake_advice import FEED_TABLE, AdviceBench, proposal, target
from tests.support.feed_worlds import FeedBench
from tests.support.in_process import InProcess
from tests.support.wair import BASE, WairBench

# -- messages that ask for work -------------------------------------------------------------------


class _Asked:
    """A hub that knows no merchant, and whom it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.telemetry = fakes.Telemetry()
        self.clock = fakes.TestClock()
        self.clock.left = 900.0
        urls = dict.fromkeys(("wair_sync_queue_url", "drift_report_queue_url"), "queue")
        self.settings = SimpleNamespace(**urls, findings_table="FindingsTable")
        self.feeds = SimpleNamespace(world=self.world)
        self.dynamodb = SimpleNamespace(query=lambda **_: {"Items": []})

    def batch(
        self, event: dict[str, Any], handle: Callable[[str], object], url: str, *, worst_case: float
    ) -> dict[str, Any]:
        return run_batch(
            event,
            handle,
            queue=Queue(cast(Any, Sqs()), url),
            clock=self.clock,
            telemetry=self.telemetry,
            worst_case=worst_case,
        )

    def reading_only(self) -> _Asked:
        return self

    def world(self, merchant: str) -> Any:
        self.asked.append(merchant)
        raise Misconfigured("merchant.unknown", "no such merchant")


def _asking(work: Callable[[Hub], Callable[[dict[str, Any]], dict[str, Any]]], data: bytes) -> str:
    """A message through the batch: it is for one merchant, or without effect, and never a fault."""
    hub = _Asked()
    record = {
        "messageId": "m1",
        "receiptHandle": "h1",
        "body": data.decode("utf-8", "replace"),
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    answer = work(cast(Hub, hub))({"Records": [record]})
    for _, fields in hub.telemetry.lines:
        without_canaries(str(fields), "log line")
    faults = [fields["fault"] for message, fields in hub.telemetry.lines if message == "fault"]
    if faults:
        raise Wrong(f"a bad message is a fault of our own: {faults[0]}", str(faults[0]))
    if answer != {"batchItemFailures": []}:
        raise Wrong("a message comes back that a tick asks for again", repr(answer)[:200])
    return hub.asked[0] if hub.asked else ""


# -- a whole feed ---------------------------------------------------------------------------------


class Flaky(ScriptedPartner):
    """WAIR answers as the script says, and then as it should. It has what it said that it took, and
    what it took before a connection was lost. Logins are well."""

    def __init__(self, behind: WairBench) -> None:
        super().__init__()
        self._real = InProcess(behind.wair)
        self._left = 0

    def play(self, replies: list[Scripted]) -> None:
        super().play(replies)
        self._left = len(replies)

    def send(self, request: requests.PreparedRequest, *more: Any, **named: Any) -> Any:
        self._real.requests.clear()
        if not self._left or request.path_url.endswith("/Token"):
            return self._real.send(request, *more, **named)
        self._left -= 1
        reply = self._replies[min(self.seen.asked, len(self._replies) - 1)]
        is_taken = reply.wire in {"", "cut", "reset"} and (
            200 <= reply.status < 300 or reply.wire == "reset"
        )
        if is_taken:
            answer = self._real.send(request, *more, **named)
            if not answer.ok:
                self.seen.asked += 1
                return answer
        return super().send(request, *more, **named)


class _FedBench(FeedBench):
    """`FeedBench` over WAIR's own adapter."""

    def __init__(self) -> None:
        super().__init__(base_url=BASE, tenant=TENANT)
        self.there = WairBench()
        self.there.clock = self.clock
        self.there.wair._now = self.clock
        self.wire = Flaky(self.there)
        self.there.wire = self.wire

    def world(self) -> FeedWorld:
        connection = WairConnection.model_validate(self.file["wair"])
        self.there.connection = connection
        around = self.there.around
        world = super().world()
        made = Intelligence(connection, sink_of(connection, around), advice_of(connection, around))
        return replace(world, intelligence=made)


def whole_feed(data: bytes) -> str:
    """Whatever WAIR answers for a while: once it is well again it comes to have what the warehouse
    has, and no batch stays open."""
    bench = _FedBench()
    for number, sku in enumerate(("TEE-RED-M", "TEE-RED-L", "MUG")):
        bench.products.put(sku)
        bench.stock.put(sku, 10 + number, 8)
    replies = read_script(data)[:40]
    bench.wire.play(replies)
    ended = bench.run()
    bench.stock.put("MUG", 7, 7)
    bench.run()
    for _ in range(8):
        if not bench.is_due(hours=1):
            break
        bench.run(hours=1)
    _kept_quiet(bench)
    tenant = bench.there.wair.tenant()
    books = tenant.books()
    stock = books["stock"].get("WH-1")
    if stock != {"TEE-RED-M": 10, "TEE-RED-L": 11, "MUG": 7}:
        raise Wrong("what was not taken is never told again", repr(stock))
    held = {row["skuId"]: row["quantity"] for row in books["sets"]["reserved"] if row["quantity"]}
    if held != {"TEE-RED-M": 2, "TEE-RED-L": 3}:
        raise Wrong("reserved units stay that are no more", repr(held))
    if tenant.open_batch:
        raise Wrong("a batch stays open", repr(ended))
    return "failed" if ended.get("failed") else "told"


def _kept_quiet(bench: Any) -> None:
    for item in bench.parking.items.values():
        checked_reason(item.reason, item.code)
        without_canaries(f"{item.reason} {item.payload} {item.parked_id}", item.code)
    without_canaries(repr(bench.telemetry.lines), "log line")
    faults = [fields for message, fields in bench.telemetry.lines if message == "fault"]
    if faults:
        raise Wrong("a partner's answer is a fault of our own", repr(faults[0])[:200])


# -- advice ---------------------------------------------------------------------------------------

_KEPT = (target("TEE", units=3), target("MUG", units=1))


class _AdvisedBench(AdviceBench):
    """`AdviceBench` over WAIR's own adapter, which answers from a script."""

    def __init__(self, **which: bool) -> None:
        super().__init__(wair={"base_url": BASE, "tenant": TENANT, "advice": which})
        self.there = WairBench()
        self.partner = ScriptedPartner()

    def play(self, replies: list[Scripted]) -> None:
        self.there.wire = self.partner
        self.partner.play(replies)

    def world(self) -> FeedWorld:
        world = super().world()
        found = world.require_intelligence()
        self.there.connection = found.connection
        return replace(
            world,
            intelligence=replace(found, advice=advice_of(found.connection, self.there.around)),
        )


def _advised(which: str, data: bytes) -> str:
    """A list that came to its end takes the place of the one before; else that one stands."""
    bench = _AdvisedBench(**{which: True, _other(which): False})
    bench.there.feed.check_access()
    bench.kept.keep_targets("example", _KEPT, bench.clock.now())
    bench.kept.keep_proposals("example", [proposal("P-1")], bench.clock.now())
    bench.play(read_script(data))
    counts = read_advice(bench.world(), True)
    targets = tuple(bench.kept.targets("example"))
    proposals = tuple(bench.kept.proposals("example"))
    if counts.get("failed") or which != "targets":
        if {one.sku: one.quantity for one in targets} != {"TEE": 3, "MUG": 1}:
            raise Wrong("a list that was not read to its end replaces one", repr(targets)[:200])
    elif len(targets) != counts["targets"]:
        raise Wrong("fewer targets are kept than were counted", repr(counts))
    if sum(one.reference == "P-1" for one in proposals) != 1:
        raise Wrong("a proposal is lost, or there twice", repr(proposals)[:200])
    advised: tuple[Any, ...] = (*targets, *proposals)
    if not all(one.quantity.is_finite() and one.sku for one in advised):
        raise Wrong("advice about nothing is kept", repr((targets, proposals))[:200])
    _kept_quiet(bench)
    return "failed" if counts.get("failed") else "read"


def _other(which: str) -> str:
    return "transfers" if which == "targets" else "targets"


# -- Mintsoft's products and stock ----------------------------------------------------------------

RULE = SkuRule.model_validate(
    {"pattern": r"(?P<item>[A-Z]+)-(?P<color>[A-Z]+)-(?P<size>[A-Z0-9]+)"}
)
STOCK_ROW = {
    "ID": 1,
    "SKU": "TEE-RED-M",
    "ProductId": 901,
    "WarehouseId": 3,
    "ClientId": 12,
    "Breakdown": [{"Type": "Quarantine", "Quantity": 1}],
    "Level": 8,
    "TotalStockLevel": 10,
    "Bundle": False,
    "LastUpdated": "2026-03-02T08:15:00.1234567",
}
TOLD: tuple[DataSetName, ...] = ("sizes", "colors", "items", "stock", "reserved")
HOSTILE = (
    "=HYPERLINK(1)",
    "TEE\tRED",
    "TEE\u202eDER",
    "TEE\ud800",
    "tee-red-m",
    "\u00a0",
    "TEE\u2013RED\u2013M",
    "0012",
    "+1E+11",
    "a" * 700,
    CANARIES[0],
)


def _connection(sink: str) -> WairConnection:
    return WairConnection.model_validate(
        {
            "sink": sink,
            "base_url": BASE if sink == "wair_api" else None,
            "tenant": TENANT if sink == "wair_api" else "",
            "locations": [{"id": "WH-1", "warehouses": [3]}],
        }
    )


def _told(name: DataSetName, rows: list[Row]) -> None:
    """Every sink can write the rows, and a spreadsheet takes no cell for a formula."""
    for sink in ("wair_api", "file_json"):
        naming = naming_of(_connection(sink), name)
        content = json.loads(naming.body(rows))
        if len(content[naming.wrapper]) != len(rows):
            raise Wrong("rows are lost on their way", name)
    made, count = csv_of(naming_of(_connection("file_csv"), name), rows)
    lines = list(csv.reader(StringIO(made.decode(), newline="")))
    if len(lines) != count + 1 or count < len(rows):
        raise Wrong("lines of a file are not its rows", f"{name}: {len(lines)}, {count}")
    cells = [cell for line in lines for cell in line]
    if any(cell[:1] in {"=", "+", "@", "\t"} and not NUMBER.fullmatch(cell) for cell in cells):
        raise Wrong("a cell is a formula to a spreadsheet", name)


def products_told(data: bytes) -> int:
    """Mintsoft's products as items, sizes and colours, and what the lint says of them."""
    bench, partner = goods_bench()
    partner.play(read_script(data))
    found = bench.products.products_updated_since(None, 4).products
    products = [Product.of(one) for one in found]
    for one in products:
        if Product.of_text(str(one.product_id), one.to_text()) != one:
            raise Wrong("a product changes when it is kept", repr(one)[:200])
    tables: Any = InMemoryDynamoDb({"FeedTable": FEED_TABLE})
    kept = DynamoDbFeedStore(tables, "FeedTable", fakes.TestClock())
    texts = {str(one.product_id): one.to_text() for one in products}
    kept.keep_told("example", "products", texts)
    if kept.told("example", "products") != texts:
        raise Wrong("products change when they are kept", repr(texts)[:200])
    catalogue = catalogue_of(products, RULE, Units(), count_bundles=True)
    rows: dict[DataSetName, list[Row]] = {
        "items": list(catalogue.items()),
        "sizes": list(catalogue.sizes()),
        "colors": list(catalogue.colors()),
    }
    for name, some in rows.items():
        _told(name, some)
    told = [sku.sku for item in rows["items"] for sku in item.skus]  # type: ignore[union-attr]
    if len({sku.casefold() for sku in told}) != len(told):
        raise Wrong("one SKU is told twice", repr(told)[:200])
    _linted(found)
    return len(told)


def _linted(found: Any) -> None:
    """What the lint says can be kept, and one SKU is one subject."""
    rules, register = SkuRules(LintSettings()), Register("example")
    folding = Folding((), fakes.START, timedelta(minutes=60))
    for product in found:
        written = product.written or product.sku
        for problem in rules.problems(written):
            _one_line(problem.said)
        if not is_blank(written):
            _one_line(shown(written))
            register.see("mintsoft", written, str(product.product_id), product.barcodes)
    for difference in (*register.duplicates(), *register.twins()):
        folding.see(difference)
        for text in (difference.subject, *map(str, difference.says.values())):
            _one_line(text)


def _one_line(text: str) -> None:
    if not text.isprintable() or len(text) > 700:
        raise Wrong("a finding is not one printable line", ascii(text)[:200])
    text.encode()


def stock_told(data: bytes) -> int:
    """Mintsoft's stock as rows, whatever the file says that its numbers mean."""
    bench, partner = goods_bench()
    partner.play(read_script(data))
    levels = bench.orders.stock_levels(3)
    told = 0
    for means in ("unknown", "available", "on_hand"):
        stock = LocationStock("WH-1", {})
        # Two warehouses of one location, of which the second has the same.
        stock.add(levels, cast(Any, means), count_bundles=False)
        stock.add(levels, cast(Any, means), count_bundles=True)
        stock.close()
        rows = [stock.stock_row(at) for at in range(len(stock.skus))]
        reserved = [
            stock.reserved_row(at) for at in range(len(stock.skus)) if stock.reserved[at] >= 0
        ]
        _told("stock", list(rows))
        _told("reserved", list(reserved))
        if any(row.on_hand < 0 for row in rows) or any(row.quantity < 0 for row in reserved):
            raise Wrong("less than nothing is told", repr(rows)[:200])
        if any(not row.sku.strip() or not row.sku.isprintable() for row in rows):
            raise Wrong("stock of no SKU is told", repr(rows)[:200])
        told += len(rows)
    return told


_PRODUCTS = script([PRODUCT, PRODUCT | {"ID": 902, "SKU": "TEE-RED-M"}], [])

FEED_TARGETS: tuple[Target, ...] = (
    Target(
        "feed-asked",
        "json",
        partial(_asking, lambda hub: FeedRuns(hub).of_flows),
        (str,),
        (
            b'{"merchant": "example", "flow": "feed"}',
            b'{"merchant": "example", "flow": "advice", "asked_at": "2026-03-02T09:15:00Z"}',
        ),
    ),
    Target(
        "look-asked",
        "json",
        partial(_asking, lambda hub: DriftRuns(hub).of_merchants),
        (str,),
        (
            b'{"merchant": "example"}',
            b'{"merchant": "example", "asked_at": "2026-03-02T09:15:00Z"}',
        ),
    ),
    Target(
        "wair-whole-feed",
        "script",
        whole_feed,
        (str,),
        (
            script(Scripted(200)),
            script(Scripted(200), Scripted(200), Scripted(wire="reset"), Scripted(500)),
            script(Scripted(200), Scripted(400, body=b'{"errors": {"stock[0]": ["no"]}}')),
            script(*([Scripted(200)] * 3), Scripted(wire="late"), Scripted(401)),
            *(script(*([Scripted(200)] * at)) + b"\n" + REFUSALS[at % 4] for at in range(6)),
            *OUTAGES,
        ),
    ),
    Target(
        "wair-targets-kept",
        "script",
        partial(_advised, "targets"),
        (str,),
        _pages("stockTargets", TARGET_ROW),
    ),
    Target(
        "wair-transfers-kept",
        "script",
        partial(_advised, "transfers"),
        (str,),
        (
            *_pages("transfers", TRANSFER_ROW),
            script({"transfers": [TRANSFER_ROW | {"referenceId": "P-1"}], **PAGE}),
        ),
    ),
    Target(
        "products-told",
        "script",
        products_told,
        (int,),
        (
            _PRODUCTS,
            *(script([PRODUCT, PRODUCT | {"ID": 902, "SKU": sku}], []) for sku in HOSTILE),
            script([PRODUCT | {"ID": n, "EAN": "0012"} for n in range(901, 905)], []),
        ),
    ),
    Target(
        "stock-told",
        "script",
        stock_told,
        (int,),
        (
            script([STOCK_ROW, STOCK_ROW | {"ID": 2, "SKU": "MUG", "Level": 0}]),
            *(script([STOCK_ROW, STOCK_ROW | {"ID": 2, "SKU": sku}]) for sku in HOSTILE),
            script([STOCK_ROW, STOCK_ROW]),
        ),
    ),
)
