"""Miinto's signature: HMAC-SHA256 over what goes on the wire.

Source: Miinto's own PHP client (``miinto_api_client``, HMAC middleware), with which four clients of
merchants agree byte for byte. No step here encodes anything: method, path, query and body are taken
as they are sent, so that a shop id's ``!`` and a list's ``status%5B%5D`` are signed as they are.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TYPE = "MNT-HMAC-SHA256-1-0"
NO_BODY = b""


@dataclass(frozen=True)
class Channel:
    """A login's session. Its repr shows no token."""

    id: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Dialect:
    """The two headers that say which API is spoken."""

    version: str
    flavour: str


def resource_of(method: str, host: str, path: str, query: str) -> str:
    """What is asked for: `host` has no port, `query` is percent-encoded and has no ``?``."""
    return _sha("\n".join((method.upper(), host, path, query)).encode())


def header_of(channel_id: str, timestamp: str, seed: str) -> str:
    """Who asks, and when."""
    return _sha("\n".join((channel_id, timestamp, seed, TYPE)).encode())


def payload_of(body: bytes) -> str:
    """What is sent; `NO_BODY` for nothing."""
    return _sha(body)


def signature_of(token: str, resource: str, header: str, payload: str) -> str:
    """The signature. The token is the key as text: its hexadecimal digits are not decoded."""
    message = "\n".join((resource, header, payload)).encode()
    return hmac.new(token.encode(), message, hashlib.sha256).hexdigest()


def signed_headers(
    channel: Channel,
    dialect: Dialect,
    method: str,
    url: str,
    body: bytes,
    *,
    timestamp: int,
    seed: str,
) -> dict[str, str]:
    """The seven headers of a signed request.

    Args:
        channel: Who asks.
        dialect: Which API is spoken.
        method: The HTTP method.
        url: The address as it goes on the wire, its query encoded.
        body: The very bytes that are sent.
        timestamp: Seconds since 1970, UTC; the tolerance is not known.
        seed: Another short text for each request.
    """
    parts = urlsplit(url)
    stamp = str(timestamp)
    signature = signature_of(
        channel.token,
        resource_of(method, parts.hostname or "", parts.path, parts.query),
        header_of(channel.id, stamp, seed),
        payload_of(body),
    )
    return {
        "Miinto-Api-Auth-ID": channel.id,
        "Miinto-Api-Auth-Signature": signature,
        "Miinto-Api-Auth-Timestamp": stamp,
        "Miinto-Api-Auth-Seed": seed,
        "Miinto-Api-Auth-Type": TYPE,
        "Miinto-Api-Control-Flavour": dialect.flavour,
        "Miinto-Api-Control-Version": dialect.version,
    }


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
