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
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.adapters.unleashed.dates import moment_of
from returns_hub.adapters.unleashed.reading import GUID, text_of, value_of
from returns_hub.domain.strict_json import read_json
from returns_hub.errors import Permanent

SIGNATURE_HEADER = "x-unleashed-signature"
TIMESTAMP_HEADER = "x-unleashed-timestamp"
OLDEST_SECONDS = 300
EVENT = re.compile(r"[a-z]{1,30}\.[a-z]{1,30}", re.ASCII)
STAMP = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True)
class Notice:
    """What a delivery tells; nothing of it is believed but which object to read.

    Args:
        delivery: Its id, by which a repeat is known; another for every event.
        event: In lower case, e.g. ``salesorder.updated``; ``other`` for no such word.
        guid: The object's.
        subscription: The id of the subscription; empty when it does not say.
        created_at: When it happened; None when it does not say.
    """

    delivery: str
    event: str
    guid: str
    subscription: str = ""
    created_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What kind of object, e.g. ``salesorder``."""
        return self.event.partition(".")[0]


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


def read_notice(body: bytes) -> Notice:
    """What a delivery tells, once it is known to be Unleashed's.

    Raises:
        Permanent: It names no object, so that nothing can be done with it.
    """
    content = _object(body)
    event = text_of(content, "eventType").lower()
    event = event if EVENT.fullmatch(event) else "other"
    guid = _guid_in(content, event.partition(".")[0])
    if not guid:
        raise Permanent("webhook.no_object", "the delivery names no object: its data has no Guid")
    created = text_of(content, "createdOn")
    return Notice(
        delivery=_delivery(content, event, guid, created),
        event=event,
        guid=guid,
        subscription=_id(text_of(content, "subscriptionId")),
        created_at=_moment(created),
    )


def dedupe_key(notice: Notice) -> str:
    """The name under which a delivery is remembered as done."""
    return f"unleashed-webhook/{notice.delivery}"


def _delivery(content: Mapping[str, Any], event: str, guid: str, created: str) -> str:
    named = _id(text_of(content, "eventNotificationId"))
    if named:
        return named
    return hashlib.sha256(f"{event}/{guid}/{created}".encode()).hexdigest()[:32]


def _object(text: bytes | str) -> Mapping[str, Any]:
    try:
        content = read_json(text)
    except ValueError:
        raise Permanent("webhook.unreadable", "the delivery is not JSON") from None
    if not isinstance(content, dict):
        raise Permanent("webhook.unreadable", "the delivery is no JSON object")
    return content


def _guid_in(content: Mapping[str, Any], subject: str) -> str:
    """The Guid of the object that the event is about; the only one, where none has its name."""
    data = value_of(content, "data")
    if isinstance(data, str):
        data = _object(data)
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
