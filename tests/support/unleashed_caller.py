"""A caller of Unleashed's simulator that signs as its clients do, core only."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from local.simulators.changed_settings import changed
from local.simulators.clock import SetClock
from local.simulators.unleashed.auth import signature
from local.simulators.unleashed.sample import API_ID, API_KEY, sample
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.wire import Reply, Request
from tests.support.fakes import START

HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "client-type": "example/hub",
}


def content_of(reply: Reply) -> Any:
    """The body of a success."""
    assert reply.status in {200, 201}, (reply.status, reply.body)
    return json.loads(reply.body) if reply.body else None


def refusal_of(reply: Reply) -> tuple[int, str]:
    """Status and description of a refusal."""
    content = json.loads(reply.body)
    assert set(content) == {"Description", "DebugInformation"}, content
    return reply.status, content["Description"]


class Account:
    """The sample company, its clock, its key, and its users."""

    def __init__(
        self,
        *,
        management: bool = False,
        clock: Callable[[], datetime] | None = None,
        **settings: Any,
    ) -> None:
        self.clock = SetClock(START)
        self.unleashed = UnleashedSimulator(clock or self.clock, dice=random.Random(7))
        self.unleashed.seed(sample(management=management))
        self.set(**settings)
        self.desk = self.unleashed.desk()

    def set(self, **settings: Any) -> None:
        self.unleashed.settings = changed(self.unleashed.settings, settings)

    def call(
        self,
        method: str,
        target: str,
        content: Any = None,
        *,
        signed: str | None = None,
        **headers: str,
    ) -> Reply:
        """A signed call. ``signed`` is a query that is signed instead of the one sent."""
        path, _, query = target.partition("?")
        sent = {
            **HEADERS,
            "api-auth-id": API_ID,
            "api-auth-signature": signature(API_KEY, query if signed is None else signed),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        body = b"" if content is None else json.dumps(content).encode()
        given = {name: value for name, value in sent.items() if value}
        return self.unleashed.handle(Request(method, path, {}, given, body, target))

    def get(self, target: str) -> Any:
        return content_of(self.call("GET", target))

    def items(self, target: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(target)["Items"]
        return found

    def post(self, target: str, content: Any = None) -> Any:
        return content_of(self.call("POST", target, content))

    def put(self, target: str, content: Any) -> Any:
        return content_of(self.call("PUT", target, content))

    def delete(self, target: str) -> None:
        content_of(self.call("DELETE", target))

    def refused(self, method: str, target: str, content: Any = None) -> str:
        """The description of a 400."""
        status, text = refusal_of(self.call(method, target, content))
        assert status == 400, (status, text)
        return text

    def admin(self, action: str, content: Any = None, *, status: int = 200) -> Any:
        """An action at the side door."""
        path = f"/_admin/{action}"
        body = b"" if content is None else json.dumps(content).encode()
        reply = self.unleashed.handle(Request("POST", path, {}, {}, body, path))
        assert reply.status == status, reply.body
        return json.loads(reply.body)

    def books(self) -> dict[str, Any]:
        found: dict[str, Any] = self.admin("books")["companies"][API_ID]
        return found

    def happened(self, what: str) -> list[dict[str, Any]]:
        """The journal's entries of one kind."""
        return [row for row in self.books()["journal"] if row["what"] == what]

    def on_hand(self, code: str, warehouse: str = "MAIN") -> float:
        """What Unleashed says is on hand."""
        rows = self.items(f"/StockOnHand?warehouseCode={warehouse}&pageSize=1000")
        return next((float(r["QtyOnHand"]) for r in rows if r["ProductCode"] == code), 0.0)
