"""An HTTP API in front of functions, as Amazon API Gateway runs one.

By its developer guide: a request is an event in payload format 2.0, and only a route of the
template reaches a function. Bodies of more than 10 MB are refused, and events of more than 6 MB
(which status the second gets there is told nowhere; here both are 413). What a function is too
slow for is 503, what it fails at is 500; neither says why. Unlike there, a request waits for an
execution environment when none is free: the few of this machine stand for many.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from local.http_handler import QuietHandler
from local.lambda_host.host import InvokeResult, LambdaHost, Throttled
from local.stack import HttpRoute

MOST_BYTES = 10 * 1024 * 1024
LARGEST_EVENT = 6 * 1024 * 1024
"""Lambda's limit of a synchronous event, envelope included."""
MOST_DRAINED = 64 * 1024 * 1024
TEXTS = ("text/", "application/json", "application/xml", "application/javascript")
"""Content types whose bodies come as text; others come in base64."""
ANY_METHOD = frozenset({"ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD"})
WAIT_FOR_ENVIRONMENT = 0.005

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The API answers by itself."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Throttle:
    """A bucket of turns: `rate` new ones a second, at most `burst` in it."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._turns = self._burst
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether there was a turn."""
        with self._lock:
            now = time.monotonic()
            self._turns = min(self._burst, self._turns + (now - self._filled) * self._rate)
            self._filled = now
            if self._turns < 1:
                return False
            self._turns -= 1
            return True


@dataclass(frozen=True)
class HttpRequest:
    """A request. Header names are in lower case, and one sent twice is joined by a comma."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class HttpSource:
    """Every HTTP API of a stack behind one address of this machine."""

    def __init__(self, routes: list[HttpRoute], *, host: LambdaHost, port: int = 0) -> None:
        self._routes = [(route, _pattern(route.path)) for route in routes]
        self._throttles = {route.api: Throttle(route.rate, route.burst) for route in routes}
        self._host = host
        self._watchers: list[Callable[[str, int, float], None]] = []
        handler = type("Handler", (_Handler,), {"source": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: HttpRequest) -> Answer:
        """Status, headers and body of the answer to one request."""
        began = time.monotonic()
        api = self._routes[0][0].api if self._routes else ""
        try:
            route, parameters = self._route(request)
            api = route.api
            answer = self._answer(request, route, parameters)
        except Refused as refused:
            message = json.dumps({"message": refused.message}).encode()
            answer = refused.status, {"Content-Type": "application/json"}, message
        for watcher in self._watchers:
            watcher(api, answer[0], (time.monotonic() - began) * 1000)
        return answer

    def watched_by(self, watcher: Callable[[str, int, float], None]) -> None:
        """From now on tell of every answer: its API, status, and how many milliseconds it took."""
        self._watchers.append(watcher)

    def _answer(self, request: HttpRequest, route: HttpRoute, parameters: dict[str, str]) -> Answer:
        if len(request.body) > MOST_BYTES:
            raise Refused(413, "Request Entity Too Large")
        if not self._throttles[route.api].take():
            raise Refused(429, "Too Many Requests")
        event = event_of(route, parameters, request)
        if len(json.dumps(event)) > LARGEST_EVENT:
            raise Refused(413, "Request Entity Too Large")
        return reply_of(self._invoke(route, event))

    def _route(self, request: HttpRequest) -> tuple[HttpRoute, dict[str, str]]:
        path = urlsplit(request.target).path
        for route, pattern in self._routes:
            found = pattern.fullmatch(path)
            if found and route.method in {request.method, *ANY_METHOD}:
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
        raise Refused(404, "Not Found")

    def _invoke(self, route: HttpRoute, event: dict[str, Any]) -> InvokeResult:
        ends = time.monotonic() + route.timeout
        while True:
            try:
                result = self._host.invoke(route.function, event)
            except Throttled:
                if time.monotonic() > ends:
                    raise Refused(503, "Service Unavailable") from None
                time.sleep(WAIT_FOR_ENVIRONMENT)
                continue
            if time.monotonic() > ends:
                raise Refused(503, "Service Unavailable")
            return result


def _pattern(path: str) -> re.Pattern[str]:
    """Matches a path of this route; a parameter is one part of it."""
    parts = re.split(r"\{(\w+)\}", path)
    texts = [
        f"(?P<{part}>[^/]+)" if position % 2 else re.escape(part)
        for position, part in enumerate(parts)
    ]
    return re.compile("".join(texts))


def event_of(route: HttpRoute, parameters: dict[str, str], request: HttpRequest) -> dict[str, Any]:
    """The event of a request, in payload format 2.0."""
    headers, body = request.headers, request.body
    parts = urlsplit(request.target)
    now = datetime.now(UTC)
    key = f"{route.method} {route.path}"
    path = unquote(parts.path)
    kind = headers.get("content-type", "application/json")
    text = _as_text(body) if kind.startswith(TEXTS) else None
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": parts.query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": route.api,
            "domainName": headers.get("host", "127.0.0.1"),
            "domainPrefix": route.api,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex[:16],
            "routeKey": key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": text is None,
    }
    if parameters:
        event["pathParameters"] = parameters
    if parts.query:
        event["queryStringParameters"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if body:
        event["body"] = text if text is not None else base64.b64encode(body).decode()
    return event


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def reply_of(result: InvokeResult) -> Answer:
    """What the API makes of a function's answer.

    Raises:
        Refused: The function failed, or its answer is none.
    """
    payload = result.payload
    if result.error:
        raise Refused(500, "Internal Server Error")
    if not isinstance(payload, dict) or "statusCode" not in payload:
        # What is no answer in the format is taken for the body of one.
        return 200, {"Content-Type": "application/json"}, json.dumps(payload).encode()
    status, text = payload["statusCode"], payload.get("body") or ""
    if not isinstance(status, int) or not isinstance(text, str):
        raise Refused(500, "Internal Server Error")
    body = base64.b64decode(text) if payload.get("isBase64Encoded") else text.encode()
    headers = {str(name): str(value) for name, value in (payload.get("headers") or {}).items()}
    return status, headers, body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(QuietHandler):
    source: HttpSource

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding") or not length.isdigit():
            self.close_connection = True
            self._reply(411, {}, b'{"message":"Length Required"}')
            return
        body = self._body(int(length))
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known},{value}"
        request = HttpRequest(self.command, self.path, headers, body)
        self._reply(*self.source.answer(request))

    def _body(self, length: int) -> bytes:
        """The body; of one that is too large only so much that it shows."""
        body = self.rfile.read(min(length, MOST_BYTES + 1))
        left = length - len(body)
        self.close_connection = self.close_connection or left > 0
        # Whoever is still sending would not read the answer.
        left = min(left, MOST_DRAINED)
        while left > 0 and (part := self.rfile.read(min(left, 1 << 20))):
            left -= len(part)
        return body

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = _serve  # noqa: N815 - the base class's names
    do_HEAD = _serve  # noqa: N815
    do_POST = _serve  # noqa: N815
    do_PUT = _serve  # noqa: N815
    do_PATCH = _serve  # noqa: N815
    do_DELETE = _serve  # noqa: N815
    do_OPTIONS = _serve  # noqa: N815
