"""A small stand-in for Miinto's services, for the adapter's own tests: it holds every request to
the signature, computed here by another hand, and answers what a test scripts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from local.simulators.wire import Reply, WireFault, json_reply
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.miinto.client import MiintoClient
from returns_hub.adapters.miinto.connect import Around, client_of, marketplace_of
from returns_hub.adapters.miinto.marketplace import MiintoMarketplace
from returns_hub.domain.miinto.settings import MiintoConnection
from tests.support import fakes
from tests.support.bare import line_to
from tests.support.in_process import refused_connection, response_of

SHOP = "1-m!i!s-045-1234"
OTHER_SHOP = "1-m!i!s-031-778"
IDENTIFIER, PASSWORD = "hub@example.test", "pass-word"
PRIVILEGES: dict[str, Any] = {
    "__GLOBAL__": {"Store": {SHOP: {"*": -1}, OTHER_SHOP: {"*": -1}}},
    "DK": {"ShopAdmin": {SHOP: {"*": -1}}},
    "NL": {"ShopAdmin": {OTHER_SHOP: []}},
}
Asked = tuple[str, str]
Answers = Callable[["Seen"], Reply]


def success(data: Any, status: int = 200, **meta: Any) -> Reply:
    """Miinto's envelope around data."""
    return json_reply(
        status, {"meta": {"status": "success", "version": "2.6"} | meta, "data": data}
    )


def failure(message: str = "", code: int = 2001, status: int = 200) -> Reply:
    """A failure; without words when there is no message."""
    data = {"errors": [{"code": code, "message": message}]} if message else []
    return json_reply(status, {"meta": {"status": "failure", "version": "2.6"}, "data": data})


class Seen:
    """A request as it goes on the wire."""

    def __init__(self, request: requests.PreparedRequest) -> None:
        parts = urlsplit(str(request.url))
        self.method = str(request.method)
        self.host = parts.hostname or ""
        self.path, _, self.raw_query = request.path_url.partition("?")
        self.query = parse_qsl(self.raw_query, keep_blank_values=True)
        self.headers = {str(name): str(value) for name, value in request.headers.items()}
        body = request.body or b""
        self.body = body.encode() if isinstance(body, str) else bytes(body)

    def one(self, name: str) -> str:
        """A query's value."""
        return dict(self.query)[name]


class MiintoWire(BaseAdapter):
    """All services; `answers` are by method and path, and what a list holds is paged."""

    def __init__(self, clock: fakes.TestClock) -> None:
        super().__init__()
        self._clock = clock
        self.seen: list[Seen] = []
        self.channels: dict[str, str] = {}
        self.logins = 0
        self.password = PASSWORD
        self.privileges: Any = PRIVILEGES
        self.login_reply: Reply | None = None
        self.refusal = failure("the channel has ended", status=401)
        self.answers: dict[Asked, Reply | Answers] = {}
        self.next: list[Reply] = []
        """Answers given instead, one for each signed request."""
        self.refuses = False

    # -- the wire ---------------------------------------------------------------------------

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

    def _answer(self, seen: Seen) -> Reply:
        if seen.path == "/channels":
            return self._log_in(seen)
        if seen.path not in {"/status", "/feed.tsv"}:
            if not self.is_signed(seen):
                return self.refusal
            if self.next:
                return self.next.pop(0)
        answer = self.answers.get((seen.method, seen.path), failure("not found", status=404))
        return answer(seen) if callable(answer) else answer

    def _log_in(self, seen: Seen) -> Reply:
        assert seen.headers["Content-Type"] == "application/json"
        assert "Miinto-Api-Auth-ID" not in seen.headers
        self.logins += 1
        if self.login_reply is not None:
            return self.login_reply
        given = json.loads(seen.body)
        if given != {"identifier": IDENTIFIER, "secret": self.password}:
            return failure("identifier or secret is wrong", status=401)
        name = f"M!t!Ch!v1!0000012345-650a1b2c3d4e5-{111222332 + self.logins}"
        self.channels[name] = hashlib.sha1(name.encode()).hexdigest()  # noqa: S324
        data = {"id": name, "token": self.channels[name], "data": {"accessorId": 12345}}
        return success(data | {"privileges": self.privileges})

    def is_signed(self, seen: Seen) -> bool:
        """Whether the signature is right, by the rule of the documents."""
        told = seen.headers
        token = self.channels.get(told.get("Miinto-Api-Auth-ID", ""))
        stamp = told.get("Miinto-Api-Auth-Timestamp", "")
        if token is None or stamp != str(int(self._clock.now().timestamp())):
            return False
        assert told["Content-Type"] == "application/json"
        assert told["Miinto-Api-Control-Flavour"] == "Miinto-Generic"
        assert told["Miinto-Api-Control-Version"] == "2.6"

        def sha(text: bytes) -> str:
            return hashlib.sha256(text).hexdigest()

        seed, kind = told["Miinto-Api-Auth-Seed"], told["Miinto-Api-Auth-Type"]
        message = "\n".join(
            [
                sha(f"{seen.method}\n{seen.host}\n{seen.path}\n{seen.raw_query}".encode()),
                sha(f"{told['Miinto-Api-Auth-ID']}\n{stamp}\n{seed}\n{kind}".encode()),
                sha(seen.body),
            ]
        )
        wanted = hmac.new(token.encode(), message.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, told["Miinto-Api-Auth-Signature"])

    # -- what tests script --------------------------------------------------------------------

    def end_channels(self) -> None:
        """Every channel made so far is refused from now on."""
        self.channels.clear()

    def lists(self, path: str, rows: list[Any]) -> None:
        """A list that is paged by limit and offset."""

        def page(seen: Seen) -> Reply:
            offset, limit = int(seen.one("offset")), int(seen.one("limit"))
            return success(rows[offset : offset + limit], totalItemCount=len(rows))

        self.answers["GET", path] = page

    def asked(self, path: str) -> list[Seen]:
        """The requests to a path."""
        return [one for one in self.seen if one.path == path]


class MiintoBench:
    """Everything a test of the adapter holds in its hands."""

    def __init__(self, **connection: Any) -> None:
        self.clock = fakes.TestClock()
        self.telemetry = fakes.Telemetry()
        self.secrets = fakes.Secrets()
        self.secrets.values["example", "miinto"] = {"identifier": IDENTIFIER, "secret": PASSWORD}
        self.cursors = fakes.Cursors(self.clock)
        self.wire = MiintoWire(self.clock)
        self.adapter: BaseAdapter = self.wire
        self.connection = MiintoConnection.model_validate(connection)

    def around(self, owner: str = "run-1") -> Around:
        return Around(
            http=self.http,
            secrets=self.secrets,
            cursors=self.cursors,
            clock=self.clock,
            owner=owner,
            telemetry=self.telemetry,
        )

    def http(self, partner: str, base_url: str) -> PartnerHttp:
        return line_to(base_url, self.adapter, partner, clock=self.clock, telemetry=self.telemetry)

    def client(self, owner: str = "run-1") -> MiintoClient:
        return client_of("example", self.connection, self.around(owner))

    def marketplace(self) -> MiintoMarketplace:
        return marketplace_of(self.client(), "example", self.connection, self.around())

    def logged(self) -> str:
        """All that was logged and counted."""
        return repr((self.telemetry.lines, self.telemetry.counts))


def basic(user: str, password: str) -> str:
    """The header of Basic authentication."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


RESET = Reply(200, wire=WireFault.RESET)
