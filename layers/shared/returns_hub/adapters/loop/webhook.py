"""Webhooks of Loop's: whether a delivery is Loop's, and what it tells.

Source: Loop's webhook reference. Every delivery carries ``X-Loop-Signature``: the base64 of the
HMAC-SHA256 of the body as it came, under the subscription's secret. (An older page asks to escape
slashes and to drop line ends first; Loop's own examples sign the bytes that arrived.) There is no
event for an approval: a return that is ``open`` is approved. A body need not hold when the return
changed, and nothing in it is taken for true but which return it is about: that one is read again.

Whether Redo signs the Loop-shaped deliveries of its own webhooks is not known; its documents name
the bearer token alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from returns_hub.adapters.loop import models
from returns_hub.adapters.loop.translate import Unreadable, in_utc, status_of, zone_of
from returns_hub.domain.merchant import LoopConnection
from returns_hub.domain.returns import ReturnStatus
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent

SIGNATURE_HEADER = "X-Loop-Signature"


@dataclass(frozen=True)
class LoopDelivery:
    """What a delivery tells.

    Args:
        return_id: Which return changed, as the hub names it.
        updated_at: When, in UTC; None when the body does not say, as Loop's own example does not.
            Then the delivery is as new as its arrival.
        state: The return's state, in the portal's word; empty when the topic does not tell it.
        trigger: What happened, e.g. ``return.updated``.
    """

    return_id: str
    updated_at: datetime | None
    state: str
    trigger: str

    @property
    def status(self) -> ReturnStatus:
        """What the state says."""
        return status_of(self.state)


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Whether the body was signed with the secret; takes the same time wherever they differ."""
    if not secret or not header:
        return False
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), header.strip().encode("utf-8", "replace"))


def parse_delivery(body: bytes, connection: LoopConnection) -> LoopDelivery:
    """What a delivery tells. Verify it first.

    Raises:
        Permanent: It is not a delivery about a return.
    """
    try:
        content = models.Delivery.model_validate(read_json(body))
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "its top"
        raise Permanent("loop.bad_delivery", f"the delivery cannot be read at {where}") from None
    except ValueError:
        raise Permanent("loop.bad_delivery", "the delivery is not JSON") from None
    # In the other topics `id` is something else, e.g. the label request's.
    numbers = content.id or content.return_id if content.topic == "return" else content.return_id
    by_redo = connection.address_returns_by == "redo_return_id"
    return_id = content.redo_id if by_redo else numbers
    if not return_id:
        raise Permanent("loop.bad_delivery", "the delivery names no return")
    # The other topics' time is the label's, and `edited_at` is not when the state changed: taken
    # for the return's time, either could make a delivery look older than what is known.
    moment = content.updated_at if content.topic == "return" else None
    try:
        updated_at = in_utc(moment, zone_of(connection)) if moment else None
    except Unreadable as error:
        raise Permanent("loop.bad_delivery", str(error)) from None
    return LoopDelivery(
        return_id=return_id,
        updated_at=updated_at,
        state=(content.state or content.return_state or "")[:40],
        trigger=content.trigger[:60],
    )
