"""Webhooks of Unleashed's: whether a delivery is Unleashed's, and which object it is about.

Sources: three independent clients. ``x-unleashed-signature`` is the base64 of the HMAC-SHA256 of
``timestamp.body`` under the subscription's key, with the timestamp of ``x-unleashed-timestamp``;
what is older than 300 seconds is to be refused. ``data`` is a JSON text or an object, and holds ids
only: the object itself has to be read. Names come in camel case or in Pascal case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from returns_hub.adapters.unleashed.dates import moment_of
from returns_hub.adapters.unleashed.reading import GUID, text_of, value_of
from returns_hub.domain.strict_json import read_json
from returns_hub.domain.unleashed.notices import FLOW_TOLD, Notice, flow_told
from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.domain.webhooks import SHORTEST_SIGNING_SECRET, Proof, Terms, WebRequest
from returns_hub.errors import Permanent

SIGNATURE_HEADER = "x-unleashed-signature"
TIMESTAMP_HEADER = "x-unleashed-timestamp"
OLDEST_SECONDS = 300
EVENT = re.compile(r"[a-z]{1,30}\.[a-z]{1,30}", re.ASCII)
STAMP = re.compile(r"\d{1,12}", re.ASCII)


def is_genuine(
    body: bytes, *, timestamp: str, signature: str, keys: Iterable[str], now: datetime
) -> bool:
    """Whether a delivery was signed with one of the keys, not long ago.

    It takes the same time wherever the signatures differ.

    Args:
        body: As it came.
        timestamp: The header, Unix seconds.
        signature: The header.
        keys: Of the subscriptions; while one is changed, the one before as well.
        now: When it came.
    """
    stamp = timestamp.strip()
    if not STAMP.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > OLDEST_SECONDS:
        return False
    given = signature.strip().encode("utf-8", "replace")
    message = stamp.encode() + b"." + body
    matches = [
        hmac.compare_digest(
            base64.b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()), given
        )
        for key in keys
        if key
    ]
    return any(matches)


def _is_signed(request: WebRequest, key: str) -> bool:
    """A request that says when it came, signed with this key a moment before."""
    return request.came_at is not None and is_genuine(
        request.body,
        timestamp=request.timestamp,
        signature=request.signature,
        keys=(key,),
        now=request.came_at,
    )


SIGNATURE = Proof("signature_key", SHORTEST_SIGNING_SECRET, holds=_is_signed)
"""Every subscription has a key of its own: the secret's field may hold several, with blanks
between."""


class Part(BaseModel):
    """What this door reads of a merchant's file."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    unleashed: UnleashedConnection | None = None


class File(Protocol):
    """A merchant's file, or this door's part of it."""

    @property
    def unleashed(self) -> UnleashedConnection | None:
        """The ERP's block."""


def terms_of(merchant: File) -> Terms | None:
    """A merchant's terms at Unleashed's door; None when its file takes no deliveries there."""
    connection = merchant.unleashed
    if connection is None or not connection.webhooks.enabled:
        return None
    return Terms(connection.webhooks.secret, SIGNATURE, partial(read_delivery, connection))


def terms_of_nobody() -> Terms:
    """What a request is held against that no merchant's terms apply to."""
    return Terms("", SIGNATURE, read_notice)


def read_delivery(connection: UnleashedConnection, content: Any) -> Notice:
    """What a delivery tells this merchant's flows; see `read_notice`.

    An event of a flow that is off, or of an object that no flow reads, names no flow.
    """
    notice = read_notice(content)
    return replace(notice, flow=flow_told(notice.event, connection))


def read_notice(content: Any) -> Notice:
    """What a delivery tells, once it is known to be Unleashed's.

    Args:
        content: Its JSON.

    Raises:
        Permanent: It names no object although its event is about one, so that nothing can be done
            with it; or it is no object itself.
    """
    told = _object(content)
    event = text_of(told, "eventType").lower()
    event = event if EVENT.fullmatch(event) else "other"
    subject = event.partition(".")[0]
    is_read = subject in FLOW_TOLD or event == "other"
    guid = _guid_in(told, subject) if is_read else ""
    if is_read and not guid:
        raise Permanent("webhook.no_object", "the delivery names no object: its data has no Guid")
    created = text_of(told, "createdOn")
    return Notice(
        delivery=_delivery(told, event, guid, created),
        event=event,
        guid=guid,
        subscription=_id(text_of(told, "subscriptionId")),
        created_at=_moment(created),
    )


def _delivery(content: Mapping[str, Any], event: str, guid: str, created: str) -> str:
    named = _id(text_of(content, "eventNotificationId"))
    if named:
        return named
    return hashlib.sha256(f"{event}/{guid}/{created}".encode()).hexdigest()[:32]


def _object(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise Permanent("webhook.unreadable", "the delivery is no JSON object")
    return content


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        content = read_json(text)
    except ValueError:
        raise Permanent(
            "webhook.unreadable", "the delivery's data is a text, and not JSON"
        ) from None
    return _object(content)


def _guid_in(content: Mapping[str, Any], subject: str) -> str:
    """The Guid of the object that the event is about; the only one, where none has its name."""
    data = value_of(content, "data")
    if isinstance(data, str):
        data = _parsed(data)
    if not isinstance(data, dict):
        return ""
    named = [_guid(text_of(data, name)) for name in (f"{subject}Guid", "guid")]
    others = {_guid(value) for key, value in data.items() if key.lower().endswith("guid")} - {""}
    found = [guid for guid in named if guid]
    if found:
        return found[0]
    return others.pop() if len(others) == 1 else ""


def _guid(value: Any) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    return text if GUID.fullmatch(text) else ""


def _id(text: str) -> str:
    return text.lower() if re.fullmatch(r"[A-Za-z0-9-]{1,64}", text) else ""


def _moment(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except ValueError:
        return None
