"""The signature of what is told, in the form of the Standard Webhooks specification.

``webhook-id`` is the event's id, ``webhook-timestamp`` the second of this try, and
``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. A key
that begins with ``whsec_`` is base64 behind it; any other is taken as it is. A receiver refuses
what is too old, so that what was overheard cannot be sent again later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from returns_hub.errors import Misconfigured

PREFIX = "whsec_"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def key_of(text: str) -> bytes:
    """The key in a secret's text.

    Raises:
        Misconfigured: It says that it is base64, and is not, or is empty.
    """
    if not text.startswith(PREFIX):
        return text.encode()
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(
            "secret.malformed", f"the signing_key begins with {PREFIX} and is not base64 behind it"
        ) from None
    if not key:
        # What is told would go out unsigned.
        raise Misconfigured(
            "secret.malformed", f"the signing_key begins with {PREFIX} and holds no key behind it"
        )
    return key


def signed(key: bytes, event_id: str, seconds: int, body: bytes) -> Mapping[str, str]:
    """The headers.

    Args:
        key: Secret.
        event_id: The event's.
        seconds: Since 1970, of this try.
        body: The bytes that are sent.
    """
    told = f"{event_id}.{seconds}.".encode() + body
    digest = hmac.new(key, told, hashlib.sha256).digest()
    return {
        ID: event_id,
        TIMESTAMP: str(seconds),
        SIGNATURE: f"v1,{base64.b64encode(digest).decode()}",
    }
