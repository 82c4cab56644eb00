"""Miinto's simulator behind a socket and without one: what is signed is what travels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.simulators.faults import Fault, FaultKind
from local.simulators.miinto.auth import TYPE, signature
from local.simulators.miinto.sample import DK, IDENTIFIER, sample
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.wire import Server
from tests.support.in_process import InProcess

SECRET = "an invented secret"
IN_PROCESS = "http://127.0.0.1:3"


class Client:
    """A client that signs what `requests` is going to send."""

    def __init__(self, url: str, core: MiintoSimulator) -> None:
        self.url = url
        self.core = core
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(IN_PROCESS, InProcess(core))
        login = {"identifier": IDENTIFIER, "secret": SECRET}
        data = self.session.post(f"{url}/auth/channels", json=login, timeout=5).json()["data"]
        self.channel, self.token = data["id"], data["token"]

    def send(self, method: str, path: str, content: Any = None) -> requests.Response:
        request = requests.Request(method, f"{self.url}{path}", json=content).prepare()
        sent_path, _, query = request.path_url.partition("?")
        timestamp = str(int(self.core.state.now().timestamp()))
        right = signature(
            token=self.token,
            channel=self.channel,
            timestamp=timestamp,
            seed="1",
            method=method,
            host="127.0.0.1",
            path=sent_path,
            query=query,
            body=bytes(request.body or b""),  # type: ignore[arg-type]
        )
        request.headers.update(
            {
                "Miinto-Api-Auth-ID": self.channel,
                "Miinto-Api-Auth-Signature": right,
                "Miinto-Api-Auth-Timestamp": timestamp,
                "Miinto-Api-Auth-Seed": "1",
                "Miinto-Api-Auth-Type": TYPE,
                "Miinto-Api-Control-Flavour": "Miinto-Generic",
                "Miinto-Api-Control-Version": "2.6",
            }
        )
        return self.session.send(request, timeout=5)


@pytest.fixture(params=["socket", "in process"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    core = MiintoSimulator()
    core.seed(sample(SECRET))
    if request.param == "in process":
        yield Client(IN_PROCESS, core)
        return
    with Server(core) as server:
        yield Client(server.url, core)


@pytest.mark.parametrize("query", ["status%5B%5D=pending&limit=50", "status[]=pending", "a=%C3%A5"])
def test_a_target_is_checked_as_it_travels(client: Client, query: str) -> None:
    client.core.offer([DK], [{"sku": "TEE-RED-M"}])
    answer = client.send("GET", f"/order/shops/{DK}/transfers?{query}")
    assert (answer.status_code, len(answer.json()["data"])) == (200, 1)


def test_a_decision_travels_and_is_on_the_books_of_the_side_door(client: Client) -> None:
    made = client.core.offer([DK], [{"sku": "TEE-RED-M"}])["transfers"][0]
    body = {"acceptedPositions": [{"id": made["positions"][0]}]}
    answer = client.send("PATCH", f"/order/shops/{DK}/transfers/{made['id']}", body)
    assert answer.json()["data"] == {"newOrder": {"id": 555001}}

    books = client.session.get(f"{client.url}/_admin/books", timeout=5).json()
    assert [row["what"] for row in books["journal"]] == [
        "transfer_offered",
        "order_made",
        "transfer_decided",
    ]
    calls = client.session.get(f"{client.url}/_admin/calls", timeout=5).json()
    assert calls["PATCH /order/shops/{id}/transfers/{id} 200"] == 1


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        (FaultKind.RESET_BEFORE, False),
        (FaultKind.RESET_AFTER, True),
        (FaultKind.CUT_OFF_AFTER, True),
    ],
)
def test_a_connection_is_lost_before_and_after_a_decision(
    client: Client, kind: FaultKind, done: bool
) -> None:
    made = client.core.offer([DK], [{"sku": "TEE-RED-M"}])["transfers"][0]
    fault = {"kind": kind.value, "method": "PATCH"}
    client.session.post(f"{client.url}/_admin/faults", json=fault, timeout=5)
    body = {"acceptedPositions": [{"id": made["positions"][0]}]}
    with pytest.raises(requests.RequestException):
        client.send("PATCH", f"/order/shops/{DK}/transfers/{made['id']}", body).json()
    assert bool(client.core.all_books()["orders"]) is done


def test_html_under_200_is_no_envelope(client: Client) -> None:
    client.core.faults.add(Fault(FaultKind.HTML_200_AFTER))
    answer = client.send("GET", f"/order/shops/{DK}/transfers")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
