"""A simulator of somebody who is told of despatches: a sales channel, strict as a good one is.

Built from what docs/events.md asks of a receiver of `despatch/1`: the bearer token and the
signature of Standard Webhooks are verified, computed here by another hand, and what was signed too
long ago is refused; an id is taken once, and under the same id other content is refused; the event
has exactly the contract's fields, and its counts add up. What a receiver is free to choose is a
setting.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from local.simulators.admin import CallLog
from local.simulators.clock import Now, system_now
from local.simulators.faults import FaultPlan
from local.simulators.serving import Serving, usual_actions
from local.simulators.wire import Reply, Request, json_reply

TOLERANCE_SECONDS = 300
FIELDS = frozenset(
    {"schema", "merchant", "id", "despatch_id", "revision", "order_numbers", "external_reference"}
    | {"mintsoft_order_id", "part", "parts", "parts_counted", "despatched_at", "carrier"}
    | {"tracking_number", "tracking_url", "lines"}
)
COUNTS = ("ordered", "despatched", "despatched_so_far", "cancelled", "left")


@dataclass(frozen=True)
class Settings:
    """What a receiver is free to choose.

    Args:
        path: Where it takes events.
        success: Its status when it takes one.
        again: What it answers to an id that it has: a success, 409 naming the id, or 409 alone.
        refuses: Numbers of orders that it does not know; it answers 422.
        signature: Whether it asks for one.
        moved_to: Where it sends everybody (308); empty: nowhere.
        gone: It answers 410.
    """

    path: str = "/despatches"
    success: int = 200
    again: Literal["success", "conflict", "bare_conflict"] = "success"
    refuses: tuple[str, ...] = ()
    signature: bool = True
    moved_to: str = ""
    gone: bool = False


@dataclass
class Books:
    """What really happened."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    came_again: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unsigned: int = 0


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The reply of a request that is refused."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status)
        self.reply = json_reply(status, {"error": message})


class ReceiverSimulator(Serving):
    """The core."""

    def __init__(self, now: Now = system_now, settings: Settings | None = None) -> None:
        self._now = now
        self.settings = settings or Settings()
        self.signing_key = b""
        self.token = ""
        self.books = Books()
        self.faults = FaultPlan()
        self.calls = CallLog()
        self._digests: dict[str, str] = {}
        self._newest: dict[str, int] = {}

    def _carry_out(self, request: Request) -> Reply:
        try:
            return self._take(request)
        except Refusal as refusal:
            return refusal.reply

    def _take(self, request: Request) -> Reply:
        if self.settings.moved_to:
            return Reply(308, {"Location": self.settings.moved_to})
        if self.settings.gone:
            raise Refusal(410, "This endpoint was retired.")
        if request.path != self.settings.path:
            raise Refusal(404, "Not found.")
        if request.method != "POST":
            raise Refusal(405, "POST only.")
        self._require_known(request)
        event = _event(request)
        return self._book(event, request)

    # -- who asks -----------------------------------------------------------------------------

    def _require_known(self, request: Request) -> None:
        sent = request.headers.get("authorization", "")
        if self.token and sent != f"Bearer {self.token}":
            raise Refusal(401, "Invalid token.")
        if not self.settings.signature:
            return
        name, stamp = (request.headers.get(f"webhook-{word}", "") for word in ("id", "timestamp"))
        told = b".".join((name.encode(), stamp.encode(), request.body))
        digest = base64.b64encode(hmac.digest(self.signing_key, told, hashlib.sha256)).decode()
        given = request.headers.get("webhook-signature", "").split(" ")
        if not self.signing_key or f"v1,{digest}" not in given:
            self.books.unsigned += 1
            raise Refusal(401, "Invalid signature.")
        if not stamp.isdigit() or abs(self._now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            raise Refusal(401, "The signature is too old.")

    # -- what is told -------------------------------------------------------------------------

    def _book(self, event: dict[str, Any], request: Request) -> Reply:
        name, digest = event["id"], hashlib.sha256(request.body).hexdigest()
        if unknown := [n for n in event["order_numbers"] if n in self.settings.refuses]:
            raise Refusal(422, f"Order {unknown[0]} is not known here.")
        known = self._digests.get(name)
        if known is not None:
            if known != digest:
                raise Refusal(422, "Another event came under this id before.")
            self.books.came_again.append(name)
            return self._again(name)
        self._digests[name] = digest
        if self._newest.get(event["despatch_id"], 0) > event["revision"]:
            self.books.out_of_order.append(name)
        self._newest[event["despatch_id"]] = event["revision"]
        self.books.taken.append(event)
        return json_reply(self.settings.success, {"ok": True, "id": name})

    def _again(self, name: str) -> Reply:
        match self.settings.again:
            case "success":
                return json_reply(self.settings.success, {"ok": True, "id": name})
            case "conflict":
                return json_reply(409, {"error": "duplicate", "id": name})
            case "bare_conflict":
                return json_reply(409, {"error": "A request with this key is in progress."})

    # -- for tests and the local stack ----------------------------------------------------------

    def seed(self, content: dict[str, Any]) -> None:
        """Set the token and the signing key, as the hub's secret holds them."""
        text = content.get("signing_key", "")
        is_coded = text.startswith("whsec_")
        self.signing_key = base64.b64decode(text[len("whsec_") :]) if is_coded else text.encode()
        self.token = content.get("token", "")

    def all_books(self) -> dict[str, Any]:
        """What really happened."""
        return asdict(self.books)

    def _admin_actions(self) -> dict[str, Callable[[Any], Any]]:
        return usual_actions(self)


def _event(request: Request) -> dict[str, Any]:
    """The body, held to the contract.

    Raises:
        Refusal: It does not hold.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refusal(415, "application/json only.")
    try:
        event: Any = request.json()
    except ValueError:
        raise Refusal(400, "The body is not JSON.") from None
    if not isinstance(event, dict) or set(event) != FIELDS or event["schema"] != "despatch/1":
        raise Refusal(400, "The body is not despatch/1.")
    name = event["id"]
    if request.headers.get("idempotency-key") != name:
        raise Refusal(400, "Idempotency-Key is not the event's id.")
    if request.headers.get("webhook-id", name) != name:
        raise Refusal(400, "webhook-id is not the event's id.")
    for line in _rows(event["lines"]):
        for counted in (line, *_rows(line.get("components"))):
            if not all(_is_number(counted.get(count)) for count in COUNTS):
                raise Refusal(400, "A line lacks a count.")
            ordered, _, so_far, cancelled, left = (counted[count] for count in COUNTS)
            if ordered != so_far + cancelled + left or min(counted[c] for c in COUNTS) < 0:
                raise Refusal(422, f"{json.dumps(counted.get('sku'))} does not add up.")
    return event


def _rows(content: Any) -> list[dict[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise Refusal(400, "The lines are no list of objects.")
    return content


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
