"""Webhooks of Loop's: whether a delivery is Loop's, and which return it is about.

Source: Loop's webhook reference. Every delivery carries ``X-Loop-Signature``: the base64 of the
HMAC-SHA256 of the body as it came, under the subscription's secret. (An older page asks to escape
slashes and to drop line ends first; Loop's own examples sign the bytes that arrived.) There is no
event for an approval: a return that is ``open`` is approved. A body need not hold when the return
changed, and nothing in it is taken for true but which return it is about: that one is read again.

Whether Redo signs the Loop-shaped deliveries of its own webhooks is not known; its documents name
the bearer token alone, so the merchant's file says which it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from returns_hub.adapters.loop import models
from returns_hub.adapters.loop.translate import Unreadable, in_utc, zone_of
from returns_hub.domain.events import ReturnId
from returns_hub.domain.portals import LoopConnection
from returns_hub.domain.webhooks import (
    BEARER_TOKEN,
    SHORTEST_SIGNING_SECRET,
    Delivery,
    Proof,
    Terms,
    WebRequest,
)
from returns_hub.errors import Misconfigured, Permanent

SIGNATURE_HEADER = "X-Loop-Signature"
FAILED = "return.processing.failed"
TRIGGERS = frozenset(
    {
        "return.created",
        "return.updated",
        "return.closed",
        "label.created",
        "label.updated",
        "restock.requested",
        "label.request.issued",
        "label.request.cancelled",
        "giftcard.requested",
        "shipment.processed",
        FAILED,
    }
)
"""Words that may be logged; any other could hold anything."""
NOT_OURS = frozenset({"restock", "label.request", "giftcard", "happy.returns.shipment"})
"""Topics that tell a return's flow nothing: goods put back, a label asked for (the label itself is
told of as ``label``), a gift card, a carrier's box of many returns. A topic that we were not told
of is passed on when it names a return: reading one again does no harm."""
_RETURN_ID: TypeAdapter[str] = TypeAdapter(ReturnId)
_ID: TypeAdapter[str] = TypeAdapter(models.Id)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(models.Moment)


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Whether the body was signed with the secret; takes the same time wherever they differ."""
    if not secret or not header:
        return False
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    given = header.strip().encode("utf-8", "replace")
    return hmac.compare_digest(base64.b64encode(digest), given)


def _is_signed(request: WebRequest, secret: str) -> bool:
    return is_signed(request.body, request.signature, secret)


SIGNATURE = Proof("webhook_secret", SHORTEST_SIGNING_SECRET, holds=_is_signed)


class Part(BaseModel):
    """What this door reads of a merchant's file."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    portal: str = "redo"
    loop: LoopConnection | None = None


class File(Protocol):
    """A merchant's file, or this door's part of it."""

    @property
    def portal(self) -> str:
        """The portal's name."""

    @property
    def loop(self) -> LoopConnection | None:
        """Its block."""


def terms_of(merchant: File) -> Terms | None:
    """A merchant's terms at Loop's door; None when its portal speaks another API."""
    connection = merchant.loop
    if merchant.portal != "loop" or connection is None:
        return None
    settings = connection.webhook
    proof = SIGNATURE if settings.authentication == "signature" else BEARER_TOKEN
    return Terms(settings.secret, proof, partial(read_delivery, connection))


def terms_of_nobody() -> Terms:
    """What a request is held against that no merchant's terms apply to."""
    return Terms("", SIGNATURE, partial(read_delivery, LoopConnection()))


def read_delivery(connection: LoopConnection, content: Any) -> Delivery:
    """What a delivery tells, once it is known to be the portal's.

    Returns:
        With the trigger as its kind, e.g. ``return.updated``, or ``other``. Without a version when
        the body does not say when the return changed, as Loop's own example does not. Without a
        status, since the state is not taken from a body.

    Raises:
        Permanent: It names no return, so that nothing can be done with it.
    """
    told: Mapping[str, Any] = content if isinstance(content, dict) else {}
    topic, trigger = _word(told.get("topic")), _word(told.get("trigger"))
    kind = trigger if trigger in TRIGGERS else "other"
    if topic in NOT_OURS:
        return Delivery(kind=kind, return_id="")
    is_return = topic == "return"
    return Delivery(
        kind=kind,
        return_id=_return_id(told, connection, is_return=is_return),
        # The other topics' time is the label's, and `edited_at` is not when the state changed:
        # taken for the return's time, either could make a delivery look older than what is known.
        updated_at=_moment(told.get("updated_at"), connection) if is_return else None,
        has_failed=trigger == FAILED,
    )


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _return_id(told: Mapping[str, Any], connection: LoopConnection, *, is_return: bool) -> str:
    # In the other topics `id` is something else, e.g. the label's.
    names = ("id", "return_id") if is_return else ("return_id",)
    if connection.address_returns_by == "redo_return_id":
        names = ("redo_id",)
    for name in names:
        try:
            return _RETURN_ID.validate_python(_ID.validate_python(told.get(name)))
        except ValidationError:
            continue
    raise Permanent(
        "webhook.no_return",
        f"the delivery names no return: {' and '.join(names)} is missing or no id",
    )


def _moment(value: object, connection: LoopConnection) -> datetime | None:
    try:
        return in_utc(_MOMENT.validate_python(value), zone_of(connection))
    except (ValidationError, Unreadable, Misconfigured):
        return None
