"""Scripts of replies: what a partner answers, one block for each request, as text.

A block is ``== STATUS [cut|reset|late|refused]``, header lines, an empty line, and the body up to
the next block. The last block answers every further request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import requests
from urllib3.exceptions import IncompleteRead
from urllib3.response import HTTPResponse

from local.simulators.wire import Reply, Request
from tests.support.in_process import InProcess, refused_connection

WIRES = frozenset({"cut", "reset", "late", "refused"})
MOST_REQUESTS = 1500
"""More than any one call of the adapters may need."""


class EndlessRequests(Exception):
    """One call asked the partner again and again."""


@dataclass(frozen=True)
class Scripted:
    """One reply."""

    status: int = 200
    wire: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def is_whole(self) -> bool:
        """Whether the body reaches the adapter as it is here."""
        return self.wire != "cut"

    @property
    def is_encoded(self) -> bool:
        """Whether what the body says depends on its encoding."""
        return any(name.lower() == "content-encoding" for name, _ in self.headers)

    def content(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is not whole, or not JSON.
        """
        if not self.is_whole:
            raise ValueError("cut off")
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def script(*replies: Scripted | object) -> bytes:
    """The text of replies; what is not one is the JSON body of a 200."""
    blocks = []
    for reply in replies:
        one = reply
        if not isinstance(one, Scripted):
            one = Scripted(body=json.dumps(reply).encode())
        head = "".join(f"\n{name}: {value}" for name, value in one.headers)
        first = f"== {one.status} {one.wire}".strip()
        blocks.append(f"{first}{head}\n\n".encode("latin-1") + one.body)
    return b"\n".join(blocks)


def read_script(data: bytes) -> list[Scripted]:
    """The replies of a text; any bytes give at least one."""
    return [_reply(block) for block in data.removeprefix(b"== ").split(b"\n== ")]


def _reply(block: bytes) -> Scripted:
    head, _, body = block.partition(b"\n\n")
    first, *rows = head.decode("latin-1").split("\n")
    number, _, wire = first.partition(" ")
    is_number = number.isascii() and number.isdigit() and len(number) < 4
    pairs = (row.partition(":") for row in rows)
    headers = tuple(
        (name.strip(), value.strip(" \t\r"))
        for name, colon, value in pairs
        if colon and name.strip()
    )
    known = wire.strip() if wire.strip() in WIRES else ""
    return Scripted(int(number) if is_number else 200, known, headers, body)


@dataclass
class _Nobody:
    def handle(self, request: Request) -> Reply:
        raise AssertionError(request.path)


@dataclass
class Seen:
    """What the partner was asked, and what it answered last, and to the last write, whose path is
    `wrote_to`."""

    asked: int = 0
    last: Scripted | None = None
    wrote: Scripted | None = None
    wrote_to: str = ""


class ScriptedPartner(InProcess):
    """Answers requests from a script."""

    def __init__(self) -> None:
        super().__init__(_Nobody())
        self._replies: list[Scripted] = [Scripted()]
        self.seen = Seen()

    def play(self, replies: list[Scripted]) -> None:
        """Answer with these from now on."""
        self._replies = replies
        self.seen = Seen()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        # A real connection writes headers and the path as these; what cannot be is an error there.
        for value in request.headers.values():
            str(value).encode("latin-1")
        (request.url or "").encode("ascii")
        seen = self.seen
        reply = self._replies[min(seen.asked, len(self._replies) - 1)]
        seen.asked += 1
        seen.last = reply
        if request.method != "GET" or str(request.url).endswith("/Cancel"):
            seen.wrote, seen.wrote_to = reply, request.path_url
        if seen.asked > MOST_REQUESTS:
            raise EndlessRequests(f"{seen.asked} requests in one call")
        if reply.wire == "refused":
            raise refused_connection()
        if reply.wire == "reset":
            raise requests.exceptions.ConnectionError("Connection aborted.")
        if reply.wire == "late":
            raise requests.exceptions.ReadTimeout("Read timed out.")
        return _response(request, reply)


def _response(request: requests.PreparedRequest, reply: Scripted) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response.url = request.url or ""
    response.request = request
    body: BytesIO = BytesIO(reply.body) if reply.is_whole else _CutOff(reply.body)
    headers = dict(reply.headers)
    response.headers.update(headers)
    response.raw = HTTPResponse(body, headers=headers, preload_content=False, status=reply.status)
    return response


class _CutOff(BytesIO):
    """All of a body, then the connection is gone before its announced end."""

    def read1(self, size: int | None = -1, /) -> bytes:
        part = super().read1(size)
        if not part:
            raise IncompleteRead(self.tell(), 1)
        return part
