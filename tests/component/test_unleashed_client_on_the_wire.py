"""Unleashed's requests over real sockets: the query that a server reads is the one signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.adapters.unleashed.client import SERIAL_BATCH, UnleashedClient
from returns_hub.adapters.unleashed.connect import Around, client_of
from tests.support import fakes
from tests.support.unleashed_wire import API_ID, API_KEY, CallCounts, Connection, Guids


class Raw(BaseHTTPRequestHandler):
    """Checks signatures over the bytes of the request line."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, bytes]]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        method, target, _ = self.requestline.split(" ")
        self.seen.append((method, target, body))
        query = target.partition("?")[2]
        digest = hmac.new(API_KEY.encode(), query.encode(), hashlib.sha256).digest()
        is_signed = self.headers["api-auth-signature"] == base64.b64encode(digest).decode()
        kinds = {self.headers["Accept"], self.headers["Content-Type"]}
        is_ours = self.headers["api-auth-id"] == API_ID and kinds == {"application/json"}
        content = json.dumps({"target": target}).encode() if is_signed and is_ours else b""
        self.send_response(200 if content else 403)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = _answer  # noqa: N815 - the base class's names
    do_POST = _answer  # noqa: N815
    do_PUT = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        return


class Running:
    """The server, and a client that speaks with it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, bytes]] = []
        handler = type("Handler", (Raw,), {"seen": self.seen})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.clock = fakes.TestClock(datetime.now(UTC))
        self.client = self._client(f"http://127.0.0.1:{self._server.server_address[1]}")

    def _client(self, url: str) -> UnleashedClient:
        secrets = fakes.Secrets()
        secrets.values["example", "unleashed"] = {"api_id": API_ID, "api_key": API_KEY}
        telemetry = fakes.Telemetry()

        def http(partner: str, base_url: str) -> PartnerHttp:
            return PartnerHttp(
                base_url,
                partner=partner,
                gate=Pace(100_000, self.clock),
                clock=self.clock,
                telemetry=telemetry,
                spent=PartnerTime(),
            )

        around = Around(http, secrets, CallCounts(), Guids(), self.clock, telemetry)
        return client_of("example", Connection(base_url=url), around)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.stop()


VALUES = st.text(string.ascii_letters + string.digits + "-_.:,", min_size=1, max_size=20)


@settings(max_examples=40)
@given(values=st.lists(VALUES, max_size=3))
def test_a_server_reads_what_was_signed(running: Running, values: list[str]) -> None:
    query = [("modifiedSince", "2024-04-17T23:11:05"), *(("orderStatus", one) for one in values)]
    told = running.client.read("/SalesOrders/2", query, template="t")
    wanted = "&".join(f"{name}={value}" for name, value in query)
    assert told["target"] == f"/SalesOrders/2?{wanted}"


def test_writes_with_and_without_query_and_body(running: Running) -> None:
    send_by = running.clock.now() + timedelta(seconds=60)
    client = running.client
    client.write("POST", "/PurchaseOrders/g/Receipt", template="t", send_by=send_by)
    client.write(
        "PUT",
        "/SalesShipments/g",
        template="t",
        send_by=send_by,
        query=SERIAL_BATCH,
        body={"Comments": "ü"},
    )
    assert running.seen[-2:] == [
        ("POST", "/PurchaseOrders/g/Receipt", b""),
        ("PUT", "/SalesShipments/g?serialBatch=true", '{"Comments":"ü"}'.encode()),
    ]
