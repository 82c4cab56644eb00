"""What comes to a webhook's door, what is answered, and the tokens that open it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Misconfigured

SHORTEST_TOKEN = 32
"""Characters. The token alone opens the door: deliveries carry no signature."""
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
        body: As it came; empty when its encoding is broken.
    """

    method: str
    merchant: str
    authorization: str = field(default="", repr=False)
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)


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
        kind: ``created``, ``updated``, ``backfill``, or ``other`` for a word we were not told of.
        return_id: The return.
        status: Where it stands; None when the delivery does not say.
        updated_at: The version of the return that is told of; None when it does not say.
        portal_return: Of the portal's own body, what its adapter reads; None when that cannot be
            read whole, so that the return has to be read from the portal.
        portal_order: As `portal_return`, of the order.
    """

    kind: str
    return_id: str
    status: ReturnStatus | None = None
    updated_at: datetime | None = None
    portal_return: Mapping[str, Any] | None = None
    portal_order: Mapping[str, Any] | None = None


def usable_tokens(content: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The tokens of a webhook's secret: the one in use, and while it is changed the one before.

    Raises:
        Misconfigured: There is none, or one is too short to be a secret. Neither is in the reason.
    """
    found = [content.get(part, "").strip() for part in ("token", "previous_token")]
    if not found[0]:
        raise Misconfigured("webhook.no_token", f"secret {name} has no token")
    tokens = tuple(token for token in found if token)
    if any(len(token) < SHORTEST_TOKEN for token in tokens):
        raise Misconfigured(
            "webhook.short_token",
            f"a token in secret {name} is shorter than {SHORTEST_TOKEN} characters",
        )
    return tokens


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
