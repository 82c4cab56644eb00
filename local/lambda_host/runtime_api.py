"""The Lambda Runtime API for one execution environment, on a loopback port of its own."""

from __future__ import annotations

import json
import queue
import threading
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any, ClassVar

from local.http_handler import QuietHandler

PREFIX = "/2018-06-01/runtime"


@dataclass
class Invocation:
    """One event on its way through an environment, and what came back."""

    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str
    finished: threading.Event = field(default_factory=threading.Event)
    payload: bytes = b""
    failed: bool = False


class RuntimeApi:
    """Hands events to one runtime client and takes its answers."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.init_error: dict[str, Any] | None = None
        self._pending: queue.Queue[Invocation | None] = queue.Queue()
        self._current: Invocation | None = None
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """For `AWS_LAMBDA_RUNTIME_API`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def hand_over(self, invocation: Invocation) -> None:
        """Give the runtime client its next event."""
        self._pending.put(invocation)

    def close(self) -> None:
        """Stop serving; a client that waits is let go."""
        self._pending.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Invocation | None:
        """Block until there is an event. The first call says that the code is loaded."""
        self.ready.set()
        self._current = self._pending.get()
        return self._current

    def finish(self, payload: bytes, *, failed: bool) -> None:
        """The runtime client's answer to the event in hand."""
        if self._current is not None:
            self._current.payload = payload
            self._current.failed = failed
            self._current.finished.set()

    def fail_init(self, payload: bytes) -> None:
        """The code could not be loaded."""
        self.init_error = json.loads(payload or b"{}")
        self.ready.set()


class _Handler(QuietHandler):
    timeout: ClassVar[float | None] = None
    """A client asks again when its event is done, which may take minutes."""
    api: RuntimeApi

    def _hand_out(self) -> None:
        invocation = self.api.next()
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Content-Type": "application/json",
        }
        self._reply(200, invocation.event, headers)

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == f"{PREFIX}/init/error":
            self.api.fail_init(body)
        elif self.path.endswith("/response"):
            self.api.finish(body, failed=False)
        elif self.path.endswith("/error"):
            self.api.finish(body, failed=True)
        self._reply(202, b'{"status":"OK"}', {"Content-Type": "application/json"})

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = _hand_out  # noqa: N815 - the base class's names
    do_POST = _take  # noqa: N815
