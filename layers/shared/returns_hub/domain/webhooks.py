"""What comes to a webhook's door, what is answered, and the keys that open it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from returns_hub.errors import Misconfigured

if TYPE_CHECKING:
    from returns_hub.domain.returns import ReturnStatus
    from returns_hub.domain.unleashed.notices import Notice

SHORTEST_TOKEN = 32
"""Characters. The token alone opens the door: deliveries carry no signature."""
SHORTEST_SIGNING_SECRET = 16
"""Characters. It never travels; whoever has seen a delivery may try secrets at leisure, though."""
MOST_NAMES = 30
DEEPEST = 3


@dataclass(frozen=True)
class WebRequest:
    """A request, as far as the door reads it.

    Args:
        method: In capitals; empty when the event does not say.
        merchant: The path's last part, decoded, as it came.
        authorization: The header; empty when missing or ambiguous.
        content_type: The header, without its parameters, in lower case.
        signature: The portal's header for it; empty as `authorization`.
        body: As it came; empty when its encoding is broken.
        timestamp: The header of when it was sent, which is signed too; empty as `authorization`.
        came_at: When it came; None where nothing is proven by its age.
    """

    method: str
    merchant: str
    authorization: str = field(default="", repr=False)
    content_type: str = ""
    signature: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)
    timestamp: str = ""
    came_at: datetime | None = None


@dataclass(frozen=True)
class WebAnswer:
    """An answer; `content` becomes JSON."""

    status: int
    content: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What a portal's webhook tells about one return.

    Args:
        kind: What happened, in the portal's word, e.g. ``created``, ``updated``, ``backfill``; or
            ``other`` for a word we were not told of.
        return_id: The return; empty for what no return's flow has to hear of.
        status: Where it stands; None when the delivery does not say.
        updated_at: The version of the return that is told of; None when it does not say.
        portal_return: Of the portal's own body, what its adapter reads; None when that cannot be
            read whole, so that the return has to be read from the portal.
        portal_order: As `portal_return`, of the order.
        has_failed: The portal did not do what it had taken on.
    """

    kind: str
    return_id: str
    status: ReturnStatus | None = None
    updated_at: datetime | None = None
    portal_return: Mapping[str, Any] | None = None
    portal_order: Mapping[str, Any] | None = None
    has_failed: bool = False


@dataclass(frozen=True)
class Proof:
    """How a delivery shows that it is the portal's.

    Args:
        field: The secret's field with the key; `previous_` and that is the key before.
        shortest: Characters of a key that can be used.
        holds: Whether a request shows it under this key; takes the same time wherever they differ.
    """

    field: str
    shortest: int
    holds: Callable[[WebRequest, str], bool]


@dataclass(frozen=True)
class Terms:
    """A merchant's terms at a door.

    Args:
        secret: Name of the secret with the keys.
        proof: How its deliveries show whose they are.
        read: Makes a delivery of the JSON: of a portal's, or of the ERP's; raises Permanent when
            it does not say what it is about.
    """

    secret: str
    proof: Proof
    read: Callable[[Any], Delivery | Notice]


@dataclass(frozen=True)
class Entry:
    """The terms with the keys; no keys for a merchant that takes no deliveries."""

    terms: Terms
    keys: tuple[str, ...] = field(default=(), repr=False)


def _is_token(request: WebRequest, token: str) -> bool:
    scheme, _, given = request.authorization.partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else ""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())


BEARER_TOKEN = Proof("token", SHORTEST_TOKEN, holds=_is_token)


def usable_keys(content: Mapping[str, str], name: str, proof: Proof) -> tuple[str, ...]:
    """The keys of a webhook's secret: those in use, and while they are changed those before.

    A field holds one key or, where a portal gives every webhook its own, several with spaces
    between.

    Raises:
        Misconfigured: There is none, or one is too short to be a secret. Neither is in the reason.
    """
    word = proof.field
    found = [content.get(part, "").strip() for part in (word, f"previous_{word}")]
    if not found[0]:
        raise Misconfigured("webhook.no_token", f"secret {name} has no {word}")
    keys = tuple(key for text in found for key in text.split())
    if any(len(key) < proof.shortest for key in keys):
        raise Misconfigured(
            "webhook.short_token",
            f"a {word} in secret {name} is shorter than {proof.shortest} characters",
        )
    return keys


def outline(content: Any, deepest: int = DEEPEST) -> Any:
    """The shape of a JSON content without its values, which may be personal data."""
    match content:
        case dict() if deepest:
            rows = list(content.items())[:MOST_NAMES]
            return {_plain(name): outline(value, deepest - 1) for name, value in rows}
        case list() if deepest:
            return [outline(content[0], deepest - 1)] if content else []
        case dict():
            return "object"
        case list():
            return "list"
        case str():
            return "text"
        case bool():
            return "boolean"
        case None:
            return None
    return "number"


def _plain(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]{1,40}", name) else "…"
