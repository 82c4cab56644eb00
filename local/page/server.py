"""Serves the page on this machine, and to this machine's own browser alone.

Other sites may make a browser send requests here: so the Host has to be ours (a name of their own
that leads here is not), an Origin too, a call has to bear the page's token and JSON, and the page
cannot be framed. What a widget answers is shown under a policy that runs no script but the page's.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local.http_handler import QuietHandler
from local.page.board import STATIC, Board
from local.page.custom import Answer, Look
from local.page.layout import RANGES, Widget

MOST_BYTES = 1024 * 1024
USUAL_PORT = 8765
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

Reply = tuple[int, str, bytes]
"""Status, content type, body."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A request is not carried out; the message is the answer."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class PageServer:
    """Serves a board at 127.0.0.1.

    Args:
        board: What is shown.
        port: Where; 0 for any, and another one when it is taken.
    """

    def __init__(self, board: Board, *, port: int = USUAL_PORT) -> None:
        self._board = board
        self.token = secrets.token_urlsafe(24)
        handler = type("Handler", (_Handler,), {"server_of": self})
        try:
            self._server = _Server(("127.0.0.1", port), handler)
        except OSError:
            self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="page", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """Carry out one request; names of headers are in lower case."""
        try:
            self._check(headers)
            if method == "POST":
                return self._call(target, headers, body)
            return self._get(target)
        except Refused as refused:
            return refused.status, "text/plain; charset=utf-8", str(refused).encode()

    def _check(self, headers: dict[str, str]) -> None:
        own = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if headers.get("host") not in own:
            raise Refused(421, "This page is served to its own address alone.")
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in own}:
            raise Refused(403, "Other sites may not ask here.")

    def _get(self, target: str) -> Reply:
        parts = urlsplit(target)
        path = unquote(parts.path)
        if path == "/":
            return _html(self._board.shell(self.token))
        if path == "/live":
            wanted = parse_qs(parts.query).get("range", [""])[0]
            return _json(self._board.live(wanted))
        if path.startswith("/docs/"):
            found = self._board.document(path.removeprefix("/docs/"))
            if found is not None:
                return _html(found)
        if path.startswith("/static/"):
            return _static(path.removeprefix("/static/"))
        raise Refused(404, "There is no such page.")

    def _call(self, target: str, headers: dict[str, str], body: bytes) -> Reply:
        if not hmac.compare_digest(headers.get("x-page-token", ""), self.token):
            raise Refused(403, "The page's token is missing or old: load the page again.")
        if headers.get("content-type", "").split(";")[0] != "application/json":
            raise Refused(415, "A call is JSON.")
        if urlsplit(target).path != "/widget":
            raise Refused(404, "There is no such call.")
        try:
            content = json.loads(body)
            answer = self._asked(content)
        except (ValueError, TypeError, AttributeError) as error:
            raise Refused(400, f"That is no call: {error}") from error
        return _json({"kind": answer.kind, "html": answer.html})

    def _asked(self, content: dict[str, Any]) -> Answer:
        widget = self._board.dashboard.widget(str(content.get("id")))
        if widget is None or widget.kind != "custom":
            raise Refused(404, "There is no such widget.")
        match content.get("what"):
            case "load":
                return self._board.custom.load(widget, _look(content))
            case "describe":
                return self._board.custom.describe(widget)
            case "call":
                return self._acted(widget, content)
        raise Refused(400, "A call loads, describes or calls.")

    def _acted(self, widget: Widget, content: dict[str, Any]) -> Answer:
        params = content.get("params") or {}
        if not isinstance(params, dict):
            raise Refused(400, "The parameters of an action are a JSON object.")
        endpoint = str(content.get("endpoint", ""))
        return self._board.custom.call(widget, endpoint, params, _look(content))


def _look(content: dict[str, Any]) -> Look:
    forms = content.get("forms") or {}
    return Look(
        width=int(content.get("width", 600)),
        height=int(content.get("height", 300)),
        theme="dark" if content.get("theme") == "dark" else "light",
        range_seconds=RANGES.get(str(content.get("range")), 3 * 3600),
        forms={str(name): str(value) for name, value in forms.items()},
    )


def _html(text: str) -> Reply:
    return 200, "text/html; charset=utf-8", text.encode()


def _json(content: dict[str, Any]) -> Reply:
    return 200, "application/json", json.dumps(content).encode()


def _static(name: str) -> Reply:
    file = STATIC / name
    if "/" in name or file.suffix not in KINDS or not file.is_file():
        raise Refused(404, "There is no such file.")
    return 200, f"{KINDS[file.suffix]}; charset=utf-8", file.read_bytes()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Handler(QuietHandler):
    server_of: PageServer

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > MOST_BYTES or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._reply(413, "text/plain; charset=utf-8", b"Too large, or of no length.")
            return
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._reply(*self.server_of.answer(self.command, self.path, headers, body))

    def _reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = _serve  # noqa: N815 - the base class's names
    do_POST = _serve  # noqa: N815
