"""Unleashed's simulator behind a socket and without one: what is signed is what travels."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from local.simulators.changed_settings import changed
from local.simulators.deliverer import Deliverer
from local.simulators.faults import Fault, FaultKind
from local.simulators.unleashed.auth import signature
from local.simulators.unleashed.sample import API_ID, API_KEY, sample
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.unleashed.webhooks import delivery_signature
from local.simulators.wire import Server
from tests.support.in_process import InProcess

IN_PROCESS = "http://127.0.0.1:4"
SINCE = "modifiedSince=2024-04-17T23:11:05&orderStatus=Placed,Backordered"


class Client:
    """A client that signs what `requests` is going to send."""

    def __init__(self, url: str, core: UnleashedSimulator) -> None:
        self.url = url
        self.core = core
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(IN_PROCESS, InProcess(core))

    def send(self, method: str, target: str, content: Any = None) -> requests.Response:
        request = requests.Request(method, f"{self.url}{target}", json=content).prepare()
        request.headers.update(
            {
                "Accept": "application/json",
                "Content-Type": "application/json",
                "client-type": "example/hub",
                "api-auth-id": API_ID,
                "api-auth-signature": signature(API_KEY, request.path_url.partition("?")[2]),
            }
        )
        return self.session.send(request, timeout=5)

    def admin(self, action: str, content: Any) -> Any:
        return self.session.post(f"{self.url}/_admin/{action}", json=content, timeout=5).json()


@pytest.fixture(params=["socket", "in process"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    core = UnleashedSimulator()
    core.seed(sample())
    if request.param == "in process":
        yield Client(IN_PROCESS, core)
        return
    with Server(core) as server:
        yield Client(server.url, core)


def test_a_query_is_checked_as_it_travels(client: Client) -> None:
    client.admin("place-order", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1.5}})
    answer = client.send("GET", f"/SalesOrders/1?{SINCE}")
    (row,) = answer.json()["Items"]
    assert row["SalesOrderLines"][0]["OrderQuantity"] == 1.5
    escaped = SINCE.replace(":", "%3A")
    refused = client.send("GET", f"/SalesOrders/1?{escaped}")
    assert (refused.status_code, refused.content) == (403, b"")


def test_a_write_travels_and_is_on_the_books_of_the_side_door(client: Client) -> None:
    body = {
        "Warehouse": {"WarehouseCode": "MAIN"},
        "AdjustmentReason": "Mintsoft",
        "Status": "Completed",
        "StockAdjustmentLines": [
            {"Product": {"ProductCode": "TEE-RED-M"}, "NewQuantity": -1.25, "NewActualValue": -9}
        ],
    }
    guid = "6f0d0000-0000-4000-8000-00000000a001"
    assert client.send("POST", f"/StockAdjustments/{guid}", body).json()["Guid"] == guid
    books = client.admin("books", {})["companies"][API_ID]
    assert books["stock"]["MAIN"]["TEE-RED-M"] == 38.75
    assert [row["guid"] for row in books["journal"] if row["what"] == "stock_adjusted"] == [guid]


def test_a_lost_answer_is_lost_after_the_write(client: Client) -> None:
    client.core.faults.add(Fault(FaultKind.RESET_AFTER, path="FreeCredit"))
    body = {
        "CreditDate": "2026-03-02",
        "Customer": {"CustomerCode": "WEBSHOP"},
        "Warehouse": {"WarehouseCode": "MAIN"},
        "ExchangeRate": 1,
        "CreditLines": [
            {
                "Product": {"ProductCode": "TEE-RED-M"},
                "CreditQuantity": 1,
                "CreditPrice": 10,
                "Reason": "Return",
                "Return": True,
            }
        ],
    }
    with pytest.raises(requests.ConnectionError):
        client.send("POST", "/CreditNotes/FreeCredit", body)
    assert len(client.send("GET", "/CreditNotes").json()["Items"]) == 1


def test_deliveries_travel_signed() -> None:
    came: list[tuple[dict[str, str], bytes]] = []
    arrived = threading.Event()

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()
            arrived.set()

        def log_message(self, format: str, *args: Any) -> None:
            return

    core = UnleashedSimulator(settings=None)
    core.settings = changed(core.settings, {"webhook_loopback": True})
    core.seed(sample())
    hub = HTTPServer(("127.0.0.1", 0), Hub)
    serving = threading.Thread(target=hub.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    try:
        with Server(core) as server, Deliverer([(core.desk().webhooks, server.lock)]):
            client = Client(server.url, core)
            wanted = {
                "description": "hub",
                "notificationUrl": f"http://127.0.0.1:{hub.server_address[1]}/unleashed",
                "eventTypes": ["salesorder.created"],
            }
            key = client.send("POST", "/webhooks/subscriptions", wanted).json()["signatureKey"]
            made = client.admin("place-order", {"customer": "WEBSHOP", "goods": {"TEE-RED-M": 1}})
            assert arrived.wait(10)
    finally:
        hub.shutdown()
        hub.server_close()
        serving.join()
    headers, body = came[0]
    right = delivery_signature(key, headers["x-unleashed-timestamp"], body)
    assert headers["x-unleashed-signature"] == right
    assert json.loads(json.loads(body)["data"]) == {"salesOrderGuid": made["guid"]}
