"""A forwarding HTTP proxy that does something to the process whose request it carries.

It stands in front of AWS or of a partner, so that a test can choose one request of a real function
process, by what is asked and the how manieth time, and kill or stop the process there: before the
request went on, or after it was carried out and before its answer was heard.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

UPSTREAM_SECONDS = 30.0
SIGNAL_SECONDS = 30.0
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Kind:
    """A kind of request: all words are in its line (method, path, AWS target) or its body."""

    words: tuple[str, ...]

    def fits(self, line: str, body: bytes) -> bool:
        """Whether a request is of this kind."""
        text = body.decode("utf-8", "replace")
        return all(word in line or word in text for word in self.words)


@dataclass
class Trap:
    """What happens at the `nth` request of a kind; once.

    Args:
        kind: Which requests are counted.
        hook: Called with the process id of whoever asks.
        after: False: before the request goes on, which it then does not. True: after it was
            carried out and before the asker hears.
        nth: At which of them; 1 is the first.
    """

    kind: Kind
    hook: Callable[[int], None]
    after: bool
    nth: int = 1
    count: int = 0
    pid: int = 0
    sprung: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """Forwards to `upstream`, on a loopback port of its own."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._lock = threading.Lock()
        self._traps: list[Trap] = []
        self._waiting: set[_Handler] = set()
        self.requests: list[tuple[str, bytes]] = []
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.end_idle()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def set(self, trap: Trap) -> None:
        """Set a trap."""
        with self._lock:
            self._traps.append(trap)

    def clear(self) -> None:
        """Take all traps away, and forget what was asked."""
        with self._lock:
            self._traps.clear()
            self.requests.clear()

    def count(self, kind: Kind) -> int:
        """How many requests of a kind came since `clear`."""
        with self._lock:
            return sum(kind.fits(line, body) for line, body in self.requests)

    # -- connections that are kept alive ----------------------------------------------------

    def end_idle(self) -> int:
        """Close every connection on which nothing is asked, as when its keep-alive ran out."""
        with self._lock:
            idle = list(self._waiting)
        for handler in idle:
            with suppress(OSError):
                handler.connection.shutdown(socket.SHUT_RDWR)
        return len(idle)

    def forget_idle(self) -> int:
        """Forget every idle connection without a word, as a router between the two does.

        The client takes it for open; its next request is answered with a reset.
        """
        with self._lock:
            for handler in self._waiting:
                handler.forgotten = True
            return len(self._waiting)

    # -- for the handlers -------------------------------------------------------------------

    def waits(self, handler: _Handler, *, now: bool) -> None:
        """A connection begins or ends to wait for its next request."""
        with self._lock:
            (self._waiting.add if now else self._waiting.discard)(handler)

    def asked(self, line: str, body: bytes) -> Trap | None:
        """Note a request; the trap that it springs."""
        with self._lock:
            self.requests.append((line, body))
            for trap in self._traps:
                if trap.sprung.is_set() or not trap.kind.fits(line, body):
                    continue
                trap.count += 1
                if trap.count == trap.nth:
                    return trap
        return None

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Carry a request on. A connection for each: none is ever found dead on the way."""
        connection = http.client.HTTPConnection(
            str(self._upstream.hostname), self._upstream.port, timeout=UPSTREAM_SECONDS
        )
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 120
    proxy: Proxy
    forgotten = False

    def _carry(self) -> None:
        self.proxy.waits(self, now=False)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        # Whoever was killed in the midst of asking asked nothing.
        if self.forgotten or len(body) < length:
            self._reset()
            return
        line = f"{self.command} {self.path} {self.headers.get('X-Amz-Target', '')}"
        trap = self.proxy.asked(line, body)
        if trap is not None and not trap.after:
            self._spring(trap)
            self._reset()
            return
        headers = {n: v for n, v in self.headers.items() if n.lower() not in HOP_BY_HOP}
        status, answered, content = self.proxy.forward(self.command, self.path, headers, body)
        if trap is not None:
            self._spring(trap)
        self.send_response_only(status)
        for name, value in answered:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _spring(self, trap: Trap) -> None:
        trap.pid = asker(self.client_address[1], self.proxy.port)
        trap.hook(trap.pid)
        trap.sprung.set()

    def _reset(self) -> None:
        """Close with RST, as a peer that knows nothing of the connection does."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    do_GET = _carry  # noqa: N815 - the base class's names
    do_POST = _carry  # noqa: N815
    do_PUT = _carry  # noqa: N815
    do_PATCH = _carry  # noqa: N815
    do_DELETE = _carry  # noqa: N815

    def handle_one_request(self) -> None:
        self.proxy.waits(self, now=True)
        try:
            super().handle_one_request()
        except (OSError, ValueError, http.client.HTTPException):
            self.close_connection = True
        finally:
            self.proxy.waits(self, now=False)

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        return


# -- processes ------------------------------------------------------------------------------


def asker(port: int, proxy_port: int) -> int:
    """The child of ours that holds the socket from `port` to the proxy.

    Raises:
        LookupError: It is none of our children; nothing else may be killed.
    """
    inode = _inode(port, proxy_port)
    for pid in _children():
        with suppress(OSError):
            held = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
            if f"socket:[{inode}]" in held:
                return pid
    raise LookupError(f"no child of this process asks from port {port}")


def children() -> Iterator[tuple[int, str]]:
    """Our children that run, with their environment's text."""
    for pid in _children():
        with suppress(OSError):
            yield pid, Path(f"/proc/{pid}/environ").read_text(encoding="utf-8", errors="replace")


def _children() -> list[int]:
    pids = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [pid for pid in pids if _status(pid).parent == os.getpid()]


def _inode(port: int, proxy_port: int) -> str:
    wanted = (f":{port:04X}", f":{proxy_port:04X}")
    for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = row.split()
        if fields[1].endswith(wanted[0]) and fields[2].endswith(wanted[1]):
            return fields[9]
    raise LookupError(f"no socket from port {port}")


@dataclass(frozen=True)
class _Status:
    state: str
    parent: int


def _status(pid: int) -> _Status:
    """A process's state (R, S, T, Z …) and parent; state "" when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _Status("", 0)
    fields = text.rpartition(")")[2].split()
    return _Status(fields[0], int(fields[1]))


def kill(pid: int) -> None:
    """SIGKILL to the process's group, and wait until it is dead: it hears nothing any more."""
    os.killpg(pid, signal.SIGKILL)
    _wait_for(pid, {"Z", "X", ""})


def stop(pid: int) -> None:
    """SIGSTOP to the process's group, and wait until it stands."""
    os.killpg(pid, signal.SIGSTOP)
    _wait_for(pid, {"T"})


def go_on(pid: int) -> None:
    """SIGCONT to the process's group."""
    os.killpg(pid, signal.SIGCONT)


def _wait_for(pid: int, states: set[str]) -> None:
    ends = time.monotonic() + SIGNAL_SECONDS
    while _status(pid).state not in states:
        if time.monotonic() > ends:
            raise TimeoutError(f"process {pid} is {_status(pid).state}, not one of {states}")
        time.sleep(0.001)
