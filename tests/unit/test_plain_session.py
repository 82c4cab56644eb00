"""A redirect is an answer like any other: nobody looks where it leads."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from returns_hub.adapters.http.transport import partner_session


class _Body(BytesIO):
    """Counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        self.taken += len(part)
        return part


class _Moved(BaseAdapter):
    def __init__(self, location: str) -> None:
        super().__init__()
        self.location, self.body = location, _Body(b"x" * 100_000)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 302, request, request.url or ""
        answer.headers["Location"] = self.location
        answer.raw = HTTPResponse(self.body, preload_content=False, status=302)
        return answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    "location", ["\xd6", "https://else\x80", "//[", "https://elsewhere.example.test", ""]
)
def test_where_a_redirect_leads_is_neither_read_nor_followed(location: str) -> None:
    moved, session = _Moved(location), partner_session()
    session.mount("https://", moved)
    answer = session.get("https://shop.example.test", allow_redirects=False, stream=True)
    assert answer.status_code == 302
    assert moved.body.taken == 0
