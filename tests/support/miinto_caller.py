"""A caller of Miinto's simulator that signs as Miinto's own libraries do, core or wire."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import urlencode

from local.simulators.changed_settings import changed
from local.simulators.clock import SetClock
from local.simulators.miinto.auth import TYPE, signature
from local.simulators.miinto.sample import IDENTIFIER, sample
from local.simulators.miinto.simulator import MiintoSimulator
from local.simulators.wire import Reply, Request
from tests.support.fakes import START

SECRET = "an invented secret"
HOST = "127.0.0.1"


def data_of(reply: Reply) -> Any:
    """The data of a success."""
    content = json.loads(reply.body)
    assert (reply.status, content["meta"]["status"]) == (200, "success"), content
    return content["data"]


def refusal_of(reply: Reply) -> tuple[int, str]:
    """Status and message of a failure."""
    content = json.loads(reply.body)
    assert content["meta"]["status"] == "failure", content
    return reply.status, content["data"]["errors"][0]["message"]


class Caller:
    """A login's channel at a simulator."""

    def __init__(self, miinto: MiintoSimulator, clock: SetClock, name: str = IDENTIFIER) -> None:
        self.miinto = miinto
        self.clock = clock
        self.name = name
        self._seed = 0
        self.channel = ""
        self.token = ""

    def log_in(self, secret: str = SECRET) -> Reply:
        body = json.dumps({"identifier": self.name, "secret": secret}).encode()
        headers = {"content-type": "application/json", "host": f"{HOST}:9000"}
        reply = self.miinto.handle(
            Request("POST", "/auth/channels", {}, headers, body, "/auth/channels")
        )
        content = json.loads(reply.body)
        if content["meta"]["status"] == "success":
            self.channel, self.token = content["data"]["id"], content["data"]["token"]
        return reply

    def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        signed: str | None = None,
        host: str = HOST,
        ago: float = 0.0,
        seed: str | None = None,
        **headers: str,
    ) -> Request:
        """A signed request. ``signed`` is a target that is signed instead of the one sent."""
        path, _, query = (signed or target).partition("?")
        self._seed += 1
        timestamp = str(int(self.clock().timestamp() - ago))
        given = seed or str(self._seed)
        right = signature(
            token=self.token,
            channel=self.channel,
            timestamp=timestamp,
            seed=given,
            method=method,
            host=HOST,
            path=path,
            query=query,
            body=body,
        )
        sent = {
            "host": f"{host}:9000",
            "miinto-api-auth-id": self.channel,
            "miinto-api-auth-signature": right,
            "miinto-api-auth-timestamp": timestamp,
            "miinto-api-auth-seed": given,
            "miinto-api-auth-type": TYPE,
            "miinto-api-control-flavour": "Miinto-Generic",
            "miinto-api-control-version": "2.6",
            "content-type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(
            method,
            target.partition("?")[0],
            {},
            {name: value for name, value in sent.items() if value},
            body,
            target,
        )

    def call(self, method: str, target: str, content: Any = None, **how: Any) -> Reply:
        body = b"" if content is None else json.dumps(content).encode()
        return self.miinto.handle(self.request(method, target, body, **how))

    def get(self, path: str, query: list[tuple[str, str]] | None = None, **how: Any) -> Reply:
        return self.call("GET", f"/order{path}" + (f"?{urlencode(query)}" if query else ""), **how)

    def write(self, method: str, path: str, content: Any) -> Reply:
        return self.call(method, f"/order{path}", content)


class Marketplace:
    """The sample world of Miinto's, its clock, and callers with a channel."""

    def __init__(self, **settings: Any) -> None:
        self.clock = SetClock(START)
        self.miinto = MiintoSimulator(self.clock, dice=random.Random(7))
        self.miinto.seed(sample(SECRET))
        self.set(**settings)

    def set(self, **settings: Any) -> None:
        self.miinto.settings = changed(self.miinto.settings, settings)

    def caller(self, name: str = IDENTIFIER) -> Caller:
        caller = Caller(self.miinto, self.clock, name)
        caller.log_in()
        return caller

    def admin(self, action: str, content: Any = None) -> Any:
        """An action at the side door."""
        path = f"/_admin/{action}"
        body = b"" if content is None else json.dumps(content).encode()
        reply = self.miinto.handle(Request("POST", path, {}, {}, body, path))
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def happened(self, what: str) -> list[dict[str, Any]]:
        """The journal's entries of one kind."""
        return [row for row in self.miinto.all_books()["journal"] if row["what"] == what]
