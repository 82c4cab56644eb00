"""The tokens that open a webhook's door, kept in the container for a short time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from returns_hub.domain.webhooks import usable_tokens
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports import Clock, Merchants

KEPT_SECONDS = 30.0
AGAIN_SECONDS = 5.0
"""So long a wrong token is not worth asking the store again."""
STALE_SECONDS = 900.0
"""So long known tokens are believed while the store cannot be asked."""
MOST_KEPT = 500
"""Merchants; names that are made up must not fill the memory."""


class Secret(Protocol):
    """A secret's content."""

    @property
    def value(self) -> Mapping[str, str]:
        """The fields."""


class Secrets(Protocol):
    """The store of secrets, as far as it is needed here."""

    def find(self, merchant: str, name: str) -> Secret | None:
        """The secret as it is now; None when it was never made."""


@dataclass(frozen=True)
class _Known:
    read_at: float
    tokens: tuple[str, ...]


class WebhookKeys:
    """`ports.WebhookKeys`. A merchant without a file or without the secret has no tokens."""

    def __init__(self, merchants: Merchants, secrets: Secrets, clock: Clock) -> None:
        self._merchants = merchants
        self._secrets = secrets
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def tokens(self, merchant: str, *, fresh: bool = False) -> tuple[str, ...]:
        """See `ports.WebhookKeys.tokens`."""
        now = self._clock.monotonic()
        known = self._known.get(merchant)
        age = now - known.read_at if known else float("inf")
        if known and age < (AGAIN_SECONDS if fresh else KEPT_SECONDS):
            return known.tokens
        try:
            tokens = self._read(merchant)
        except Misconfigured:
            raise
        except Retryable:
            if known and age < STALE_SECONDS:
                return known.tokens
            raise
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[merchant] = _Known(now, tokens)
        return tokens

    def _read(self, merchant: str) -> tuple[str, ...]:
        try:
            live = self._merchants.live(merchant)
        except Permanent:
            return ()
        if live.merchant.redo is None:
            return ()
        name = live.merchant.redo.webhook.secret
        found = self._secrets.find(merchant, name)
        return usable_tokens(found.value, name) if found else ()
