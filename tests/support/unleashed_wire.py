"""A small stand-in for Unleashed, for the adapter's own tests: it holds every request to the
signature, computed here by another hand, and answers what a test scripts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import BaseAdapter

from local.simulators.wire import Reply, json_reply
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.unleashed.client import UnleashedClient
from returns_hub.adapters.unleashed.connect import Around, client_of, natural_keys_of
from returns_hub.adapters.unleashed.meter import Full
from returns_hub.adapters.unleashed.natural_keys import NaturalKeys
from returns_hub.domain.unleashed.budget import CallClass, Usage
from tests.support import fakes
from tests.support.bare import line_to
from tests.support.in_process import refused_connection, response_of

API_ID = "11112222-3333-4444-5555-666677778888"
API_KEY = "unit-test-key-0001=="
Answers = Callable[["Seen"], Reply]


def guid(number: int) -> str:
    """A Guid by a number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def stamp(milliseconds: int) -> str:
    """A time as Unleashed's JSON has it."""
    return f"/Date({milliseconds})/"


def listed(rows: list[Any], number: int, size: int) -> dict[str, Any]:
    """A page in Unleashed's envelope, clamped as Unleashed does it."""
    pages = max(1, -(-len(rows) // size))
    given = min(number, pages)
    return {
        "Pagination": {
            "NumberOfItems": len(rows),
            "PageSize": size,
            "PageNumber": given,
            "NumberOfPages": pages,
        },
        "Items": rows[(given - 1) * size : given * size],
    }


class Seen:
    """A request as it goes on the wire."""

    def __init__(self, request: requests.PreparedRequest) -> None:
        self.method = str(request.method)
        self.path, _, self.query = request.path_url.partition("?")
        self.headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
        body = request.body or b""
        self.body = body.encode() if isinstance(body, str) else bytes(body)

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    def one(self, name: str) -> str:
        """A query's value."""
        pairs = (part.partition("=") for part in self.query.split("&"))
        return {key: value for key, _, value in pairs}.get(name, "")


class UnleashedWire(BaseAdapter):
    """The host; `answers` are by method and path without the page's number."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = {API_ID: API_KEY}
        self.seen: list[Seen] = []
        self.answers: dict[tuple[str, str], Reply | Answers] = {}
        self.next: list[Reply] = []
        """Answers given instead, one for each request."""
        self.refuses = False

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if self.refuses:
            raise refused_connection()
        seen = Seen(request)
        self.seen.append(seen)
        return response_of(request, self._answer(seen))

    def close(self) -> None:
        return

    def lists(self, path: str, rows: list[Any]) -> None:
        """A list that is paged."""

        def page(seen: Seen) -> Reply:
            number = int(seen.path.rsplit("/", 1)[1])
            return json_reply(200, listed(rows, number, int(seen.one("pageSize"))))

        self.answers["GET", path] = page

    def _answer(self, seen: Seen) -> Reply:
        assert seen.headers["accept"] == "application/json"
        assert seen.headers["content-type"] == "application/json"
        assert seen.headers["client-type"] == "returnshub/sync"
        if self.next:
            return self.next.pop(0)
        if not self.is_signed(seen):
            return Reply(403)
        path, _, last = seen.path.rpartition("/")
        if seen.method != "GET" or not last.isdigit():
            path = seen.path
        answer = self.answers.get((seen.method, path), json_reply(404, {"Description": "none"}))
        return answer(seen) if callable(answer) else answer

    def is_signed(self, seen: Seen) -> bool:
        """Whether the signature is right, by the rule of the documents."""
        key = self.keys.get(seen.headers["api-auth-id"])
        if key is None or "%3A" in seen.query:
            return False
        digest = hmac.new(key.encode(), seen.query.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode() == seen.headers["api-auth-signature"]


class CallCounts:
    """`adapters.unleashed.meter.CallCounts` in memory; tests/contract holds it to DynamoDB's."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Usage] = {}
        self.requests = 0

    def read(self, account: str, month: str) -> Usage:
        self.requests += 1
        return self.counts.get((account, month), Usage())

    def take(
        self, account: str, month: str, kind: CallClass, count: int, most: int | None
    ) -> Usage | Full:
        self.requests += 1
        before = self.counts.get((account, month), Usage())
        if most is not None and before.total + count > most:
            return Full(before)
        changed = {kind.value: getattr(before, kind.value) + count}
        after = Usage(**{k.value: getattr(before, k.value) for k in CallClass} | changed)
        self.counts[account, month] = after
        return after


class Guids:
    """`adapters.unleashed.natural_keys.Guids` in memory; held to DynamoDB's as well."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], str] = {}

    def known(self, account: str, kind: str, codes: Any) -> dict[str, str]:
        return {c: self.rows[account, kind, c] for c in codes if (account, kind, c) in self.rows}

    def remember(self, account: str, kind: str, guids: Mapping[str, str]) -> None:
        self.rows |= {(account, kind, code): found for code, found in guids.items()}

    def forget(self, account: str, kind: str, codes: Any) -> None:
        for code in codes:
            self.rows.pop((account, kind, code), None)


@dataclass(frozen=True)
class Connection:
    """What the client needs of a merchant's file."""

    base_url: str = "https://api.example.test"
    secret: str = "unleashed"
    client_type: str = "returnshub/sync"
    monthly_calls: int | None = 250_000
    reserve_percent: int = 10


class UnleashedBench:
    """Everything a test of the adapter holds in its hands."""

    def __init__(self, **connection: Any) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        self.secrets = fakes.Secrets()
        self.set_key(API_ID, API_KEY)
        self.counts = CallCounts()
        self.guids = Guids()
        self.wire = UnleashedWire()
        self.connection = Connection(**connection)

    def set_key(self, api_id: str, api_key: str) -> None:
        """What the secret holds from now on."""
        self.secrets.values["example", "unleashed"] = {"api_id": api_id, "api_key": api_key}

    def around(self) -> Around:
        return Around(
            http=self.http,
            secrets=self.secrets,
            counts=self.counts,
            guids=self.guids,
            clock=self.clock,
            telemetry=self.telemetry,
        )

    def http(self, partner: str, base_url: str) -> PartnerHttp:
        return line_to(base_url, self.wire, partner, clock=self.clock, telemetry=self.telemetry)

    def client(self) -> UnleashedClient:
        return client_of("example", self.connection, self.around())

    def natural_keys(self, client: UnleashedClient) -> NaturalKeys:
        return natural_keys_of(client, self.around())

    def logged(self) -> str:
        """All that was logged and counted."""
        return repr((self.telemetry.lines, self.telemetry.counts))
