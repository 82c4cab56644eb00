"""Requests, replies, and the server that carries them, faults on the wire included."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from local.http_handler import QuietHandler


@dataclass(frozen=True)
class Request:
    """A request. Header names are in lower case; query names as they came.

    `target` is path and query exactly as they were on the wire, for partners that sign them.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is not.
        """
        return json.loads(self.body)


class WireFault(StrEnum):
    """What goes wrong on the wire, after the core has done what it did."""

    RESET = "reset"
    CUT_OFF = "cut_off"
    SLOW_DRIP = "slow_drip"
    LATE = "late"


@dataclass(frozen=True)
class Reply:
    """A reply; `seconds` is how long a late or dripping one takes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wire: WireFault | None = None
    seconds: float = 0.0


def json_reply(status: int, content: Any, content_type: str = "application/json") -> Reply:
    """A reply with a JSON body."""
    body = json.dumps(content, default=str).encode()
    return Reply(status, {"Content-Type": content_type}, body)


class Core(Protocol):
    """What the server serves."""

    def handle(self, request: Request) -> Reply:
        """Answer one request."""


class _Handler(QuietHandler):
    core: Core
    lock: threading.Lock
    delay: float

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            # Whoever asked is gone in the midst of it, as a process that is killed: no request.
            self.close_connection = True
            return
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            target=self.requestline.split(" ")[1],
        )
        with self.lock:
            reply = self._reply_to(request)
        if self.delay and not request.path.startswith("/_admin/"):
            time.sleep(self.delay)
        self._send(reply)

    def _reply_to(self, request: Request) -> Reply:
        try:
            return self.core.handle(request)
        except ValueError as error:
            # A caller who hangs up is a ValueError too, which nobody is told of.
            asked = f"{type(self.core).__name__}: {request.method} {request.path}"
            raise RuntimeError(asked) from error

    def _send(self, reply: Reply) -> None:
        if reply.wire is WireFault.RESET:
            self._reset()
            return
        if reply.wire is WireFault.LATE:
            time.sleep(reply.seconds)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.wire is WireFault.CUT_OFF:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.wfile.flush()
            self._reset()
        elif reply.wire is WireFault.SLOW_DRIP:
            self._drip(reply)
        else:
            self.wfile.write(reply.body)

    def _drip(self, reply: Reply) -> None:
        pause = reply.seconds / max(len(reply.body), 1)
        for at in range(len(reply.body)):
            self.wfile.write(reply.body[at : at + 1])
            self.wfile.flush()
            time.sleep(pause)

    def _reset(self) -> None:
        """Close with RST, as a peer that crashed does."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    do_GET = _answer  # noqa: N815 - the base class's names
    do_POST = _answer  # noqa: N815
    do_PUT = _answer  # noqa: N815
    do_DELETE = _answer  # noqa: N815
    do_PATCH = _answer  # noqa: N815


class Server:
    """A core behind HTTP on 127.0.0.1; every answer takes `delay` seconds more than it needs."""

    def __init__(self, core: Core, port: int = 0, *, delay: float = 0.0) -> None:
        self.lock = threading.Lock()
        members = {"core": core, "lock": self.lock, "delay": delay}
        self._handler = type("Handler", (_Handler,), members)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer_after(self, delay: float) -> None:
        """From now on answers take so many seconds more."""
        setattr(self._handler, "delay", delay)  # noqa: B010 - made above, so that types know no field

    def start(self) -> Server:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
