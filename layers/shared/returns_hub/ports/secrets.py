"""What an adapter needs of the store of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class SecretLike(Protocol):
    """A secret as read."""

    @property
    def value(self) -> Mapping[str, str]:
        """Its content."""

    @property
    def version(self) -> str:
        """Changes whenever the content is set."""


class Secrets(Protocol):
    """Secrets that are read, and set anew."""

    def read(self, merchant: str, name: str, *, fresh: bool = False) -> SecretLike:
        """The secret.

        Raises:
            Misconfigured: It is missing.
        """

    def write(self, merchant: str, name: str, value: Mapping[str, str]) -> str:
        """Store the secret."""
