"""A day of the feed, the relay, changed orders and drift with a buyer's data and secrets planted
wherever partners have such: none of it is in anything that the hub writes or says."""

from __future__ import annotations

import json
import zlib
from base64 import b85decode
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.sample import PASSWORD
from tests.flow.wair.test_wair_sync_policy import MIINTO
from tests.support.order_change_worlds import STATUS_IDS
from tests.support.relay import SECRET, RelayBench
from tests.support.wair_hub import WairHub
from tests.support.worlds import KEY, TOKEN, item, redo_return

MAIL, PHONE = "zephyrine.quill@mail.example.test", "+447700900987"
PERSON = {
    "FirstName": "Zephyrine",
    "LastName": "Quillfeather",
    "CompanyName": "Quillfeather Ltd",
    "Address1": "17 Canarymews Lane",
    "Town": "Canaryville",
    "PostCode": "CN4 7RY",
    "Email": MAIL,
    "Phone": PHONE,
    "Mobile": PHONE,
    "DeliveryNotes": "behind the canarypots",
}
SOURCE = {
    "emailAddress": MAIL,
    "phoneNumber": PHONE,
    "name": {"given": "Zephyrine", "surname": "Quillfeather"},
    "mailingAddress": {"line1": "17 Canarymews Lane", "city": "Canaryville", "zip": "CN4 7RY"},
}
RELAY_KEY, RELAY_TOKEN = SECRET["signing_key"], SECRET["token"]
CANARIES = (
    *("Zephyrine", "Quillfeather", "Canarymews", "Canaryville", "CN4 7RY", "CN47RY", "canarypots"),
    *(MAIL, MAIL.replace("@", "%40"), "zephyrine.quill", PHONE, PHONE.removeprefix("+")),
    *(PASSWORD, TOKEN, RELAY_KEY, RELAY_TOKEN),
)
LIVE = {"mode": "live"}


class Hub(WairHub):
    """One function of the stack; the portal is there too."""

    def _session(self) -> requests.Session:
        session = super()._session()
        session.mount("http://127.0.0.1:1", self.bench.to_redo)
        return session

    def changes(self, *bodies: str) -> None:
        """A batch of changed orders."""
        records = [
            {
                "messageId": str(number),
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, body in enumerate(bodies)
        ]
        with self.invocation(120.0) as run:
            run.order_changes({"Records": records})

    def look(self) -> dict[str, Any]:
        """A tick of drift."""
        with self.invocation(900.0) as run:
            return run.drift_tick()


class Stack:
    """The four functions over one merchant with everything."""

    def __init__(self) -> None:
        self.bench = RelayBench()
        orders = {"stock_level_means": "available"}
        self.bench.file["mintsoft"] = self.bench.file["mintsoft"] | {"orders": orders}
        more = {
            "miinto": MIINTO,
            "bundles": {"mode": "on"},
            "order_changes": LIVE | {"cancel": True},
        }
        self.feed = Hub("WairSyncFunction", self.bench, **more)
        self.feed.apply()
        self.feed.set_secret("example", "redo", {"api_token": TOKEN})
        self.relay = self._also("DespatchRelayFunction")
        self.changed = self._also("OrderChangesFunction")
        self.drift = self._also("DriftReportFunction")
        self.hubs = (self.feed, self.relay, self.changed, self.drift)
        self.queues: list[str] = []

    def _also(self, function: str) -> Hub:
        made = Hub(function, self.bench)
        made.tables, made.secrets = self.feed.tables, self.feed.secrets
        made.wair = self.feed.wair
        return made

    def order(self, number: str, **more: Any) -> int:
        """An order of hers."""
        made = self.bench.order(number, ("TEE", 2), **more)
        order = self.bench.mintsoft.orders[made]
        order.header |= PERSON | {"Comments": f"call {PHONE}, or mail {MAIL}"}
        return made

    def sent(self, number: str) -> int:
        """The same, and it left."""
        made = self.order(number)
        url = f"https://track.example.test/TR?postcode=CN47RY&email={MAIL.replace('@', '%40')}"
        self.bench.despatch(made, tracking_number=f"TR-{number}", tracking_url=url)
        return made

    def ticks(self, count: int = 6) -> None:
        """Ticks of the feed; the relay is told of what they put onto its queue."""
        self.feed.ticks(count)
        messages = [json.dumps(one) for one in self.feed.take()]
        self.queues += messages
        self.relay.despatches(*messages)
        self.bench.clock.advance(minutes=20)
        self.relay.despatches(*messages)

    # -- all that was written or said -------------------------------------------------------

    def written(self) -> Iterator[tuple[str, str]]:
        """Where, and what."""
        for hub in self.hubs:
            name = hub.policy.function
            for line in hub.telemetry.lines:
                yield f"log of {name}", repr(line)
            yield f"metrics of {name}", repr(hub.telemetry.counts)
            for file, content in hub.bucket.files.items():
                yield f"file {file}", content.decode()
        for name, table in self.feed.tables.tables.items():
            for _, row in (version for versions in table.past.values() for version in versions):
                yield f"row of {name}", repr(row)
                if row and "told" in row:
                    yield f"told row of {name}", _unpacked(row["told"]["S"])
        for text in self.queues:
            yield "message", text
        for post in self.bench.posts():
            yield "told upstream", post.body.decode()
        for request in self.feed.wair.wire.requests:
            if not request.path.endswith("/Token"):
                yield f"told to WAIR {request.path}", request.body.decode()


def _unpacked(text: str) -> str:
    try:
        return zlib.decompress(b85decode(text)).decode()
    except (ValueError, zlib.error):
        return text


def lived() -> Stack:
    """A day in which everything is met that ends in words."""
    it = Stack()
    bench = it.bench
    rows = {20_000 + n: f"SKU-{n}" for n in range(12)} | {20_100: "sku-1", 20_101: " "}
    people = {"Description": f"made for Zephyrine Quillfeather, {MAIL}", "client_id": 12}
    products = {str(n): {"sku": sku, "name": f"Product {n}"} | people for n, sku in rows.items()}
    stock = {str(n): 9 for n in rows if n < 20_100}
    bench.mintsoft.seed({"products": products, "stock": {"3": stock}})
    it.sent("DK-1")
    late = it.sent("DK-2")
    it.order("DK-3")
    twice = (it.order("DK-4"), it.order("DK-4-1"))
    picked = it.order("DK-5")
    bench.mintsoft.set_status(picked, STATUS_IDS["PICKED"])
    stale = bench.clock.now()
    bench.put(
        redo_return(
            [item(1, "TEE", customerComment=f"I am Zephyrine, {PHONE}")],
            source=SOURCE,
            createdAt=stale.isoformat(),
            updatedAt=stale.isoformat(),
        )
    )
    it.ticks()

    # The receiver and WAIR repeat what they should not have been told.
    bench.channel.faults.add(Fault(FaultKind.ERROR_500_AFTER))
    bench.add_tracking(late, "TR-LATE")
    it.feed.wair.wair.faults.add(Fault(FaultKind.ERROR_500_AFTER))
    it.ticks()

    # Changes upstream: cancelled, edited, one that cannot be any more, and one that is none.
    at = bench.clock.now().isoformat()
    change = {"schema": "order-change/1", "merchant": "example", "occurred_at": at}
    change |= {"source": "shop", "kind": "cancelled"}
    messages = [
        change | {"id": "c1", "order": "DK-3"},
        change | {"id": "c2", "order": "DK-4", "kind": "edited", "replaced_by": "DK-4-1"},
        change | {"id": "c3", "order": "DK-5"},
        change | {"id": "c4", "order": "DK-404"},
    ]
    it.changed.changes(*map(json.dumps, messages))
    assert twice

    # Everything empties at once, and two looks tell what differs.
    empty = dict.fromkeys(stock, 0)
    bench.mintsoft.seed({"stock": {"3": empty}})
    it.ticks()
    bench.clock.advance(days=4)
    it.drift.look()
    bench.clock.advance(hours=7)
    it.drift.look()
    bench.clock.advance(days=1)
    it.feed.apply(wair=bench.file["wair"] | {"sink": "file_json", "advice": {}})
    it.ticks()
    return it


@pytest.fixture(scope="module")
def it() -> Stack:
    return lived()


def test_the_day_met_everything(it: Stack) -> None:
    """Else nothing is proven."""
    where = {name for name, _ in it.written()}
    tables = {"FeedTable", "FindingsTable", "LedgerTable", "ParkedTable", "SyncTable"}
    assert {f"row of {name}" for name in tables} <= where
    assert "told row of FeedTable" in where
    assert {"message", "told upstream", "told to WAIR /api/v1/Stock"} <= where
    files = {name for name in where if name.startswith("file ")}
    assert {"file reports/example/latest.html", "file reports/example/latest.csv"} <= files
    assert any("file feeds/example/" in name for name in files)
    report = json.loads(it.drift.bucket.files["reports/example/latest.json"])
    kinds = {kind["kind"] for kind in report["kinds"]}
    assert {"returns.no_external_return", "orders.not_begun", "lint.sku_twins"} <= kinds
    assert it.bench.journal("cancel-order")
    assert it.bench.journal("order-comment")


@pytest.mark.parametrize("canary", CANARIES)
def test_nobody_is_told_of_her_or_of_a_secret(it: Stack, canary: str) -> None:
    plain = canary.casefold()
    leaks = [f"{where}: {text[:300]}" for where, text in it.written() if plain in text.casefold()]
    assert leaks == []


def test_what_mintsoft_takes_for_a_key_is_nowhere(it: Stack) -> None:
    assert [where for where, text in it.written() if KEY in text] == []
