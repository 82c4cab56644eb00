"""The real HTTP adapters over a simulator's core, without a socket, wire faults included."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import IncompleteRead, NewConnectionError
from urllib3.response import HTTPResponse

from local.simulators.wire import Core, Reply, Request, WireFault


class InProcess(BaseAdapter):
    """Carries requests to a core. `refuse` makes connecting fail; `before` sees each request."""

    def __init__(self, core: Core) -> None:
        super().__init__()
        self._core = core
        self.refuse = False
        self.requests: list[Request] = []

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if self.refuse:
            raise refused_connection()
        asked = request_of(request)
        self.requests.append(asked)
        return response_of(request, self._core.handle(asked))

    def close(self) -> None:
        return


def refused_connection() -> requests.exceptions.ConnectionError:
    """Nothing listens there."""
    return requests.exceptions.ConnectionError(
        NewConnectionError(None, "refused")  # type: ignore[arg-type]
    )


def request_of(request: requests.PreparedRequest) -> Request:
    """A prepared request as a core takes it."""
    parts = urlsplit(str(request.url or ""))
    body = request.body or b""
    return Request(
        method=request.method or "GET",
        path=str(parts.path),
        query=dict(parse_qsl(str(parts.query), keep_blank_values=True)),
        headers={"host": str(parts.netloc)}
        | {str(name).lower(): str(value) for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else bytes(body),
        target=request.path_url,
    )


def response_of(
    request: requests.PreparedRequest, reply: Reply, drip: BytesIO | None = None
) -> requests.Response:
    """A core's reply as `requests` shows it, faults on the wire included; `drip` is a slow body."""
    if reply.wire is WireFault.RESET:
        raise requests.exceptions.ConnectionError("Connection aborted.")
    if reply.wire is WireFault.LATE:
        raise requests.exceptions.ReadTimeout("Read timed out.")
    response = requests.Response()
    response.status_code = reply.status
    response.headers.update(reply.headers)
    response.url = str(request.url or "")
    response.request = request
    body: Any = BytesIO(reply.body)
    if reply.wire is WireFault.CUT_OFF:
        body = _CutOff(reply.body)
    elif reply.wire is WireFault.SLOW_DRIP and drip is not None:
        body = drip
    response.raw = HTTPResponse(body, preload_content=False, status=reply.status)
    return response


class _CutOff(BytesIO):
    """Half of a body, then the connection is gone."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body[: len(body) // 2])
        self._missing = len(body) - len(body) // 2

    def read1(self, size: int | None = -1, /) -> bytes:
        part = super().read1(size)
        if not part and self._missing:
            raise IncompleteRead(self.tell(), self._missing)
        return part
