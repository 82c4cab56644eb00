"""The HTTP API in front of functions: what reaches one, and what the API answers by itself."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.lambda_host.host import LambdaHost
from local.sources.http import MOST_BYTES, HttpSource, Throttle
from local.stack import FunctionSpec, HttpRoute

APP = """
import time
def handler(event, context):
    asked = (event.get("queryStringParameters") or {}).get("do", "")
    if asked == "raise": raise ValueError("broken on purpose")
    if asked == "sleep": time.sleep(1.0)
    if asked == "plain": return {"not": "an answer"}
    if asked == "odd": return {"statusCode": "200"}
    if asked == "binary": return {"statusCode": 201, "body": "/wA=", "isBase64Encoded": True,
                                  "headers": {"X-Made": "yes"}}
    import json
    return {"statusCode": 200, "body": json.dumps(event), "headers": {"X-Made": "yes"}}
"""


def route(path: str, **changes: Any) -> HttpRoute:
    content: dict[str, Any] = {
        "api": "Api",
        "method": "POST",
        "path": path,
        "function": "F",
        "timeout": 5.0,
        "rate": 1000.0,
        "burst": 1000,
    }
    return HttpRoute(**(content | changes))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpSource]:
    folder: Path = tmp_path_factory.mktemp("code")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    spec = FunctionSpec("F", folder, "app.handler", 5.0, 128, 2, {})
    host = LambdaHost({"F": spec}, layer=folder, extra_environment={}, logs=folder / "logs")
    routes = [
        route("/hooks/{name}"),
        route("/slow", timeout=0.3),
        route("/any", method="ANY"),
        route("/busy", api="Busy", rate=0.001, burst=2),
    ]
    made = HttpSource(routes, host=host)
    made.start()
    yield made
    made.stop()
    host.close()


class Client:
    """One connection that is kept."""

    def __init__(self, source: HttpSource) -> None:
        parts = urlsplit(source.url)
        self.kept = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)

    def ask(
        self,
        target: str,
        method: str = "POST",
        body: bytes = b"{}",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        self.kept.request(method, target, body, headers or {"Content-Type": "application/json"})
        answer = self.kept.getresponse()
        text = answer.read()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text


@pytest.fixture
def client(source: HttpSource) -> Iterator[Client]:
    made = Client(source)
    yield made
    made.kept.close()


def test_a_request_is_an_event_in_payload_format_2(client: Client) -> None:
    headers = {"Content-Type": "application/json", "X-One": "1", "AUTHORIZATION": "Bearer t"}
    status, event = client.ask(
        "/hooks/some%20one?a=1&b=", body='{"é": 1}'.encode(), headers=headers
    )

    assert status == 200
    assert (event["version"], event["routeKey"]) == ("2.0", "POST /hooks/{name}")
    assert event["pathParameters"] == {"name": "some one"}
    assert event["rawPath"] == "/hooks/some one"
    assert (event["rawQueryString"], event["queryStringParameters"]) == (
        "a=1&b=",
        {"a": "1", "b": ""},
    )
    assert event["headers"]["authorization"] == "Bearer t"
    assert set(event["headers"]) == {name.lower() for name in event["headers"]}
    assert event["requestContext"]["http"]["method"] == "POST"
    assert (event["body"], event["isBase64Encoded"]) == ('{"é": 1}', False)


def test_the_connection_is_kept(client: Client) -> None:
    client.ask("/hooks/x")
    first = client.kept.sock
    client.ask("/hooks/x")
    assert client.kept.sock is first is not None


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("application/json", b"\xff", True),
        ("image/png", b"plain", True),
        ("text/plain; charset=utf-8", b"plain", False),
    ],
)
def test_what_is_no_text_comes_in_base64(
    client: Client, kind: str, body: bytes, encoded: bool
) -> None:
    event = client.ask("/hooks/x", body=body, headers={"Content-Type": kind})[1]
    assert event["isBase64Encoded"] is encoded


def test_a_header_that_was_sent_twice_is_joined(source: HttpSource) -> None:
    parts = urlsplit(source.url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as wire:
        wire.sendall(
            b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n"
            b"Connection: close\r\n\r\n"
        )
        text = b"".join(iter(lambda: wire.recv(65536), b"")).decode()
    event = json.loads(text.partition("\r\n\r\n")[2])
    assert event["headers"]["x-a"] == "1,2"
    assert "body" not in event


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/hooks/x"),
        ("PUT", "/hooks/x"),
        ("POST", "/hooks/"),
        ("POST", "/hooks/x/y"),
        ("POST", "/hooks/../hooks/x"),
        ("POST", "/other"),
        ("POST", "/"),
    ],
)
def test_what_no_route_names_is_not_found(client: Client, method: str, target: str) -> None:
    assert client.ask(target, method=method) == (404, {"message": "Not Found"})


def test_a_part_that_hides_a_slash_is_one_part(client: Client) -> None:
    event = client.ask("/hooks/..%2fother")[1]
    assert event["pathParameters"] == {"name": "../other"}


def test_a_route_for_any_method_says_which_it_was(client: Client) -> None:
    assert client.ask("/any", method="PUT")[1]["requestContext"]["http"]["method"] == "PUT"


def test_a_body_that_is_too_large_is_refused_and_read_off(client: Client) -> None:
    too_large = {"message": "Request Entity Too Large"}
    assert client.ask("/hooks/x", body=b"x" * (MOST_BYTES + 5_000_000)) == (413, too_large)
    assert client.ask("/hooks/x", body=b'"' * 4_000_000) == (413, too_large)
    assert client.ask("/hooks/x")[0] == 200


def test_a_body_of_unknown_length_is_refused(client: Client) -> None:
    headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    assert client.ask("/hooks/x", body=b"", headers=headers)[0] == 411


@pytest.mark.parametrize("do", ["raise", "odd"])
def test_a_function_that_fails_is_told_of_without_a_reason(client: Client, do: str) -> None:
    assert client.ask(f"/hooks/x?do={do}") == (500, {"message": "Internal Server Error"})


def test_an_answer_that_is_none_is_the_body_of_one(client: Client) -> None:
    assert client.ask("/hooks/x?do=plain") == (200, {"not": "an answer"})


def test_an_answer_may_be_binary(client: Client) -> None:
    assert client.ask("/hooks/x?do=binary") == (201, b"\xff\x00")


def test_a_function_that_takes_too_long_is_not_waited_for(client: Client) -> None:
    assert client.ask("/slow?do=sleep") == (503, {"message": "Service Unavailable"})


def test_more_than_the_api_lets_in_is_told_so(client: Client) -> None:
    statuses = [client.ask("/busy")[0] for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


def test_requests_wait_for_an_environment(source: HttpSource) -> None:
    def one(_: int) -> int:
        made = Client(source)
        try:
            return made.ask("/hooks/x")[0]
        finally:
            made.kept.close()

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(one, range(40))) == [200] * 40


def test_a_throttle_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("local.sources.http.time.monotonic", lambda: now[0])
    throttle = Throttle(rate=2.0, burst=3)
    assert [throttle.take() for _ in range(4)] == [True, True, True, False]
    now[0] += 0.5
    assert [throttle.take() for _ in range(2)] == [True, False]
    now[0] += 60
    assert [throttle.take() for _ in range(4)] == [True, True, True, False]
