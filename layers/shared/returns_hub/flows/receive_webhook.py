"""A portal's webhook delivers: who it is, what it is, and onto the queue (X1).

Nothing is done here but to check and to enqueue; everything else is the message's own flow.

What a request becomes:

==========================  ======  ==============================================================
request                     answer  what else
==========================  ======  ==============================================================
a delivery                  202     one message for the return
… about something that no   200     nothing, counted
return's flow has to hear
… of a return that is not   200     nothing: no goods are on their way. The approval is delivered
approved yet and not known          too, as an update
not POST                    405     counted
no token or signature of    401     counted. The same words for a merchant that there is not
this merchant
not in a delivery's form    413,    counted, and kept among the parked work: whoever has the key is
(too large, another type,   415,    the portal, and may never send it in a better form
not JSON)                   400
JSON, but names no return   200     the same. Not an error to the sender: it cannot work however
                                    often it is sent again
a store that is down, a     503     counted; the portal sends again
secret that is not usable
==========================  ======  ==============================================================

Unleashed's deliveries come to the same door in other terms (`flows.receive_notice`): they are
answered 200, name an object and no return, and one that was taken before is not taken again.

Of what is kept there is the shape, the size and the SHA-256; never a value, since the portal still
has the return and the body holds its customer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from returns_hub.domain.events import (
    WEBHOOK,
    WEBHOOK_ARRIVAL,
    WEBHOOK_BACKFILL,
    full_event,
    thin_event,
)
from returns_hub.domain.returns import NOT_YET_APPROVED
from returns_hub.domain.strict_json import read_json
from returns_hub.domain.unleashed.notices import Notice
from returns_hub.domain.webhooks import Delivery, Entry, WebAnswer, WebRequest, outline
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from returns_hub.flows.parked import ParkingStores, park
from returns_hub.flows.receive_notice import take_notice
from returns_hub.ports import Clock, ParkedItem, ReturnsStore, WebhookKeys
from returns_hub.ports.deliveries import Deliveries

REDO_WEBHOOK, LOOP_WEBHOOK = "redo_webhook", "loop_webhook"
UNLEASHED_WEBHOOK = "unleashed_webhook"
FLOWS = frozenset({REDO_WEBHOOK, LOOP_WEBHOOK, UNLEASHED_WEBHOOK})
"""Names of the doors, for what they keep."""
REFUSED = "WebhookRefused"
"""The metric, over all reasons and by each, that the alarm of refused deliveries watches."""
LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. A return of 500 lines, the most that is announced, is about 1 MB with its order, and the
most hostile body of this size is read within a second. API Gateway takes 10 MB, and a function's
event 6 MB."""
LARGEST_MESSAGE = 256 * 1024
"""Bytes of a message with bodies. Every SQS queue takes so much; 1 MiB only the newer ones do."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""A version further in the future is not believed: it would hide every later one."""
MERCHANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
NO_ENTRY = {
    REDO_WEBHOOK: "a valid bearer token is needed",
    LOOP_WEBHOOK: "a valid signature or bearer token is needed",
    UNLEASHED_WEBHOOK: "a valid signature of a fresh delivery is needed",
}
"""The same for every merchant of a door, whatever its terms: nothing tells which there are."""
NOBODY = ("\x00" * 32,)
"""What a token is compared with when there is nothing to compare it with."""
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    503: "Service Unavailable",
}


class DoorStores(ParkingStores, Protocol):
    """The hub's own stores, as far as a door needs them."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def returns(self) -> ReturnsStore:
        """What is known of returns; asked for what is not approved yet alone."""


@dataclass(frozen=True)
class Door:
    """What the door needs.

    Args:
        flow: Which door it is, one of `FLOWS`.
        stores: The hub's own stores.
        keys: The terms and keys of each merchant.
        publish: Sends a message to the queue of the door's flow; raises Retryable.
        deliveries: The ERP's that were taken before; its door has to have it.
    """

    flow: str
    stores: DoorStores
    keys: WebhookKeys
    publish: Callable[[str], object]
    deliveries: Deliveries | None = None


class _Unusable(Exception):  # noqa: N818 - an answer, not a fault
    """Whoever sent it has the key, and it is no delivery."""

    def __init__(self, status: int, code: str, detail: str, content: Any = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.content = content


def receive_webhook(request: WebRequest, door: Door) -> WebAnswer:
    """Answer one request; see the table above. Raises nothing but faults of the hub's own."""
    if request.method != "POST":
        return _refusal(door, 405, "method", "deliveries are sent by POST", {"Allow": "POST"})
    try:
        entry = _entry(request, door.keys)
        if entry is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            return _refusal(door, 401, "token", NO_ENTRY[door.flow], challenge)
        try:
            return _take(request, entry, door)
        except _Unusable as unusable:
            return _keep(request, unusable, door)
    except Verdict as verdict:
        return _later(verdict, door)


def _entry(request: WebRequest, keys: WebhookKeys) -> Entry | None:
    """What lets the request in; compared in constant time, whether the merchant is known or not."""
    is_merchant = MERCHANT.fullmatch(request.merchant) is not None
    entry = keys.entry(request.merchant) if is_merchant else keys.nobody
    if _opens(entry, request):
        return entry
    if not is_merchant or not (request.authorization or request.signature):
        return None
    # The key may have been changed a moment ago.
    entry = keys.entry(request.merchant, fresh=True)
    return entry if _opens(entry, request) else None


def _opens(entry: Entry, request: WebRequest) -> bool:
    matches = [entry.terms.proof.holds(request, key) for key in entry.keys or NOBODY]
    return bool(entry.keys) and any(matches)


def _take(request: WebRequest, entry: Entry, door: Door) -> WebAnswer:
    content = _content(request)
    try:
        delivery = entry.terms.read(content)
    except Permanent as verdict:
        raise _Unusable(200, verdict.code, verdict.reason, content) from None
    if isinstance(delivery, Notice):
        return _take_notice(request.merchant, delivery, door)
    outcome = "queued"
    if not delivery.return_id:
        outcome = "not_needed"
    elif _is_wanted(request.merchant, delivery, door.stores):
        text = message_of(request.merchant, delivery, door.stores.clock.now())
        door.publish(text)
    else:
        outcome = "not_approved"
    telemetry = door.stores.telemetry
    telemetry.count("Webhooks", merchant=request.merchant, outcome=outcome)
    if delivery.has_failed:
        telemetry.count("PortalProcessingFailed", merchant=request.merchant)
    telemetry.log(
        "delivery", return_id=delivery.return_id, delivered=delivery.kind, outcome=outcome
    )
    return WebAnswer(202 if outcome == "queued" else 200, {"outcome": outcome})


def _take_notice(merchant: str, notice: Notice, door: Door) -> WebAnswer:
    """A delivery of the ERP's, which names one object; always 200, as its sources have it."""
    if door.deliveries is None:
        raise Misconfigured("settings.missing", "this door keeps no deliveries of the ERP's")
    now = door.stores.clock.now()
    outcome = take_notice(merchant, notice, now, door.deliveries, door.publish)
    telemetry = door.stores.telemetry
    telemetry.count("Webhooks", merchant=merchant, outcome=outcome)
    telemetry.log("delivery", delivered=notice.event, key=notice.guid, outcome=outcome)
    return WebAnswer(200, {"outcome": outcome})


def _content(request: WebRequest) -> Any:
    """The JSON of the request.

    Raises:
        _Unusable: It has none in a delivery's form.
    """
    body = request.body
    if len(body) > LARGEST_BODY:
        raise _Unusable(413, "webhook.too_large", f"the body is larger than {LARGEST_BODY} bytes")
    if not _is_json(request.content_type):
        raise _Unusable(415, "webhook.content_type", "the body has to be application/json")
    try:
        return read_json(body.decode("utf-8"))
    except ValueError:
        raise _Unusable(400, "webhook.not_json", "the body is not JSON in UTF-8") from None


def _is_json(content_type: str) -> bool:
    """Whether a body of this type is worth reading; a missing type is taken for JSON."""
    return content_type in {"", "application/json", "text/json"} or (
        content_type.startswith("application/") and content_type.endswith("+json")
    )


def _is_wanted(merchant: str, delivery: Delivery, stores: DoorStores) -> bool:
    """Whether the return's flow has to hear of it: all but what waits for its approval."""
    if delivery.status not in NOT_YET_APPROVED:
        return True
    try:
        return stores.returns.load(merchant, delivery.return_id).version > 0
    except Retryable:
        return True  # the flow looks for itself


def message_of(merchant: str, delivery: Delivery, now: datetime) -> str:
    """The message for the return's flow; its `occurred_at` is the version that was delivered.

    It is a thin one, so that the return is read from the portal, when the bodies cannot be used,
    when they do not fit, and when no version can be told or believed. Then it is news, whatever is
    known already.
    """
    version = delivery.updated_at
    if version is None or version > now + CLOCKS_DIFFER:
        return thin_event(merchant, delivery.return_id, now, WEBHOOK_ARRIVAL)
    source = WEBHOOK_BACKFILL if delivery.kind == "backfill" else WEBHOOK
    thin = thin_event(merchant, delivery.return_id, version, source)
    if delivery.portal_return is None:
        return thin
    full = full_event(
        merchant,
        delivery.return_id,
        version,
        source,
        portal_return=delivery.portal_return,
        portal_order=delivery.portal_order,
    )
    return full if len(full) <= LARGEST_MESSAGE else thin


def _keep(request: WebRequest, unusable: _Unusable, door: Door) -> WebAnswer:
    """Park what cannot be used, once however often it is sent, and answer."""
    body = request.body
    digest = hashlib.sha256(body).hexdigest()
    kept = {"sha256": digest, "bytes": len(body), "outline": outline(unusable.content)}
    park(
        door.stores,
        ParkedItem(
            merchant=request.merchant,
            parked_id=f"{door.flow}/{digest[:24]}",
            flow=door.flow,
            code=unusable.code,
            reason=f"{unusable.detail}; the return is found by catching up, or published by hand",
            subject="",
            payload=json.dumps(kept),
        ),
    )
    if unusable.status < 400:
        _count_refusal(door, unusable.code)
        return WebAnswer(unusable.status, {"outcome": "kept", "detail": unusable.detail})
    return _refusal(door, unusable.status, unusable.code, unusable.detail)


def _later(verdict: Verdict, door: Door) -> WebAnswer:
    """Nothing is lost while the portal sends again, as it does after any answer but a 2xx."""
    telemetry = door.stores.telemetry
    telemetry.log("delivery not taken", code=verdict.code, reason=verdict.reason)
    if isinstance(verdict, Misconfigured):
        telemetry.count("Misconfigured", code=verdict.code)
    return _refusal(door, 503, "unavailable", "try again later", {"Retry-After": "30"})


def _refusal(
    door: Door, status: int, code: str, detail: str, headers: dict[str, str] | None = None
) -> WebAnswer:
    """An answer as problem+json (RFC 9457), counted."""
    _count_refusal(door, code)
    problem = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail}
    return WebAnswer(status, problem, headers or {})


def _count_refusal(door: Door, code: str) -> None:
    # Without the merchant: before the key is known to be right, that is anybody's word.
    door.stores.telemetry.count(REFUSED)
    door.stores.telemetry.count(REFUSED, code=code)
