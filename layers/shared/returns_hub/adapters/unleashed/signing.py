"""Unleashed's signature: HMAC-SHA256 over the query as it goes on the wire, and nothing else.

Source: Unleashed's page on authentication. The message is everything behind the ``?``, the empty
text when there is none; no host, path, method or body. The key is used as text. Whatever differs by
one byte gets a bare 403: a client that sent ``%3A`` for the colons of a time got one for every such
call. How a value that needs escaping has to be signed is documented nowhere, so such values are
refused here; their callers filter by Guid or code, or after reading.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from returns_hub.errors import Permanent

Query = Sequence[tuple[str, str | int | bool]]
"""Names and values, in the order in which they are sent and signed."""
NAME = re.compile(r"[A-Za-z]+", re.ASCII)
SAFE = re.compile(r"[A-Za-z0-9_.:,-]+", re.ASCII)
"""Values that no client or server writes in another way."""
JSON = "application/json"


@dataclass(frozen=True)
class KeyPair:
    """An account's API id and key. Its repr shows no key."""

    api_id: str
    api_key: str = field(repr=False)

    @property
    def account(self) -> str:
        """A short name of the account, for counters and caches; tells nothing of the key."""
        return hashlib.sha256(self.api_id.lower().encode()).hexdigest()[:16]


def query_of(query: Query) -> str:
    """A query as it is sent and signed: ``pageSize=200&modifiedSince=2024-04-17T23:11:05``.

    Raises:
        Permanent: A value cannot be sent so that its signature is known to hold. The value is not
            in the reason.
    """
    return "&".join(f"{_name(name)}={_value(name, value)}" for name, value in query)


def is_safe(value: str) -> bool:
    """Whether a value can be in a query."""
    return SAFE.fullmatch(value) is not None


def signature_of(key: str, query: str) -> str:
    """The signature of a query, which has no ``?``."""
    digest = hmac.new(key.encode(), query.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed_headers(keys: KeyPair, client_type: str, url: str) -> dict[str, str]:
    """The headers of every request.

    Args:
        keys: Who asks.
        client_type: Our name; lower case, without blanks, about 20 characters.
        url: The address as it goes on the wire.
    """
    _, _, query = url.partition("?")
    return {
        "Accept": JSON,
        "Content-Type": JSON,
        "api-auth-id": keys.api_id,
        "api-auth-signature": signature_of(keys.api_key, query),
        "client-type": client_type,
    }


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a query")
    return name


def _value(name: str, value: str | int | bool) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not text:
        raise Permanent("unleashed.empty_filter", f"Unleashed's filter {name} would be empty")
    if not is_safe(text):
        bad = sorted({c if c.isprintable() else f"U+{ord(c):04X}" for c in SAFE.sub("", text)})
        raise Permanent(
            "unleashed.unsafe_filter",
            f"Unleashed's filter {name} cannot hold {' '.join(map(repr, bad[:5]))}: how it is "
            "signed is not known; read without it and filter afterwards",
        )
    return text
