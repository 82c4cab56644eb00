"""The account's key pair, from its secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from returns_hub.adapters.unleashed.signing import KeyPair
from returns_hub.errors import Misconfigured

API_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
"""It is a Guid; all we need is that it fits into a header."""
API_KEY = re.compile(r"[!-~]{8,200}", re.ASCII)


class Secret(Protocol):
    """A secret's content."""

    @property
    def value(self) -> Mapping[str, str]:
        """The fields."""


class Secrets(Protocol):
    """The store of secrets, as far as it is needed here."""

    def read(self, merchant: str, name: str, *, fresh: bool = False) -> Secret:
        """The secret.

        Raises:
            Misconfigured: It is missing.
        """


KeySource = Callable[[bool], KeyPair]
"""The key pair in use; with True as it is in the store now."""


def key_source(secrets: Secrets, merchant: str, name: str) -> KeySource:
    """Reads a merchant's key pair whenever it is asked for.

    Args:
        secrets: Where it is.
        merchant: Whose.
        name: Of the secret with ``api_id`` and ``api_key``.
    """

    def read(fresh: bool) -> KeyPair:
        return key_pair_in(secrets.read(merchant, name, fresh=fresh).value, name)

    return read


def key_pair_in(content: Mapping[str, str], name: str) -> KeyPair:
    """The key pair in a secret's content.

    Raises:
        Misconfigured: A part is missing or cannot be one. Neither is in the reason.
    """
    found = {part: content.get(part, "").strip() for part in ("api_id", "api_key")}
    for part, pattern in (("api_id", API_ID), ("api_key", API_KEY)):
        if not found[part]:
            raise Misconfigured("secret.malformed", f"secret {name} has no {part}")
        if not pattern.fullmatch(found[part]):
            raise Misconfigured(
                "secret.malformed", f"{part} in secret {name} is none: copy it from Unleashed again"
            )
    return KeyPair(found["api_id"], found["api_key"])
