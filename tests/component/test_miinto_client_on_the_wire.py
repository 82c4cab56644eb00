"""Miinto's requests over real sockets: what the server reads is what was signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import string
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_hub.adapters.http.bodies import CutOff
from returns_hub.adapters.http.pace import Pace
from returns_hub.adapters.http.transport import PartnerHttp, PartnerTime
from returns_hub.adapters.miinto.client import MiintoClient, Query, quoted
from returns_hub.adapters.miinto.connect import Around, client_of, marketplace_of
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.errors import Retryable
from tests.support import fakes

SHOP = "1-m!i!s-045-1234"
NAME, TOKEN = "M!t!Ch!v1!0000012345-650a1b2c3d4e5-111222333", "01" * 20
ROWS = json.dumps([[f"STYLE-{n}", f"SKU-{n}", "", f"id-{n}"] for n in range(20_000)]).encode()


class RealClock(fakes.TestClock):
    """Measures what really goes by."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Raw(BaseHTTPRequestHandler):
    """Checks signatures over the bytes of the request line, the Host header and the body."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, bytes]]
    cuts_off = False

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        method, target, _ = self.requestline.split(" ")
        self.seen.append((method, target, body))
        if target == "/channels":
            self._send(200, {"id": NAME, "token": TOKEN, "privileges": []})
        elif not self._is_signed(method, target, body):
            self._send(401, {"errors": [{"code": 1003, "message": "the signature is wrong"}]})
        elif target.startswith("/productmaps"):
            self._stream()
        else:
            self._send(200, {"name": "Acme", "target": target})

    def _is_signed(self, method: str, target: str, body: bytes) -> bool:
        def sha(content: bytes) -> str:
            return hashlib.sha256(content).hexdigest()

        told = {name: self.headers.get(f"Miinto-Api-Auth-{name}", "") for name in ("ID", "Seed")}
        stamp = self.headers.get("Miinto-Api-Auth-Timestamp", "")
        path, _, query = target.partition("?")
        host = self.headers["Host"].partition(":")[0]
        message = "\n".join(
            [
                sha(f"{method}\n{host}\n{path}\n{query}".encode()),
                sha(f"{told['ID']}\n{stamp}\n{told['Seed']}\nMNT-HMAC-SHA256-1-0".encode()),
                sha(body),
            ]
        )
        wanted = hmac.new(TOKEN.encode(), message.encode(), hashlib.sha256).hexdigest()
        return wanted == self.headers.get("Miinto-Api-Auth-Signature")

    def _send(self, status: int, data: Any) -> None:
        word = "success" if status == 200 else "failure"
        content = json.dumps({"meta": {"status": word}, "data": data}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ROWS)))
        self.end_headers()
        self.wfile.write(ROWS[: len(ROWS) // 2] if self.cuts_off else ROWS)
        self.close_connection = True

    do_GET = _answer  # noqa: N815 - the base class's names
    do_POST = _answer  # noqa: N815
    do_PATCH = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        return


class Running:
    """The server, and a client that speaks with it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, bytes]] = []
        self.handler = type("Handler", (Raw,), {"seen": self.seen})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.telemetry = fakes.Telemetry()
        self.connection = MiintoConnection(
            auth_url=self.url, order_url=self.url, stock_url=self.url, product_map_url=self.url
        )
        self.around = self._around()
        self.client: MiintoClient = client_of("example", self.connection, self.around)

    def _around(self) -> Around:
        clock, secrets = RealClock(), fakes.Secrets()
        secrets.values["example", "miinto"] = {"identifier": "x", "secret": "y"}

        def http(partner: str, base_url: str) -> PartnerHttp:
            return PartnerHttp(
                base_url,
                partner=partner,
                gate=Pace(10_000, clock),
                clock=clock,
                telemetry=self.telemetry,
                spent=PartnerTime(),
            )

        return Around(http, secrets, fakes.Cursors(clock), clock, "run-1", self.telemetry)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    found = Running()
    yield found
    found.stop()


def test_a_shops_exclamation_marks_are_sent_as_they_are_and_brackets_encoded(
    running: Running,
) -> None:
    query: Query = [("status[]", "pending"), ("limit", 50), ("unifiedLocationId", SHOP)]
    running.client.read(f"/shops/{quoted(SHOP)}/transfers", query, template="/t")

    assert running.seen[-1][:2] == (
        "GET",
        f"/shops/{SHOP}/transfers?status%5B%5D=pending&limit=50&unifiedLocationId={SHOP}",
    )


@settings(max_examples=60)
@given(
    part=st.text(string.printable, min_size=1, max_size=12).filter(
        lambda text: not {"", ".", ".."} & set(text.split("/"))
    ),
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
def test_what_is_signed_is_what_the_server_reads(running: Running, part: str, value: str) -> None:
    """A wrong signature would be answered with 401, and that with a login and Misconfigured."""
    path = f"/shops/{quoted(part)}/things"
    running.client.read(path, [("a[]", value), ("a[]", part)], template="/t")
    running.client.write(
        "PATCH",
        path,
        template="/t",
        body={"text": value},
        send_by=datetime.now(UTC) + timedelta(minutes=1),
    )
    method, target, body = running.seen[-1]
    assert (method, target) == ("PATCH", path)
    assert json.loads(body) == {"text": value}


def test_a_product_map_comes_row_by_row(running: Running) -> None:
    market = marketplace_of(running.client, "example", running.connection, running.around)
    found = market.product_map(SHOP)
    assert next(found).sku == "SKU-0"
    assert sum(1 for _ in found) == 19_999


def test_a_product_map_that_is_cut_off_is_no_whole_one(running: Running) -> None:
    running.handler.cuts_off = True  # type: ignore[attr-defined]
    market = marketplace_of(running.client, "example", running.connection, running.around)
    count = 0
    try:
        with pytest.raises(Retryable, match="cut off"):
            for _ in market.product_map(SHOP):
                count += 1
    finally:
        running.handler.cuts_off = False  # type: ignore[attr-defined]
    assert 9_000 < count < 11_000


@pytest.mark.parametrize(("seconds", "most_bytes"), [(0.0, 10**9), (60.0, 1000)])
def test_a_body_that_takes_too_long_or_too_much_is_given_up(
    running: Running, seconds: float, most_bytes: int
) -> None:
    with (
        pytest.raises(CutOff),
        running.client.stream(
            "/productmaps",
            [("unifiedLocationId", SHOP)],
            template="/productmaps",
            service="product_map",
            seconds=seconds,
            most_bytes=most_bytes,
        ) as parts,
    ):
        list(parts)
