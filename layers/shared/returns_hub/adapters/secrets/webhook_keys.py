"""What opens a webhook's door, kept in the container for a short time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from returns_hub.domain.webhooks import Entry, Terms, usable_keys
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.ports import Clock

KEPT_SECONDS = 30.0
AGAIN_SECONDS = 5.0
"""So long a wrong key is not worth asking the store again."""
STALE_SECONDS = 900.0
"""So long known keys are believed while the store cannot be asked."""
MOST_KEPT = 500
"""Merchants; names that are made up must not fill the memory."""


File = TypeVar("File")
File_co = TypeVar("File_co", covariant=True)


class Applied(Protocol[File_co]):
    """A merchant's file as it was applied."""

    @property
    def merchant(self) -> File_co:
        """The file, or as much of it as the door reads."""


class Files(Protocol[File_co]):
    """Merchants' files, as far as they are needed here."""

    def live(self, merchant: str) -> Applied[File_co]:
        """The file that is live; raises Permanent when there is none."""


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
    entry: Entry


class WebhookKeys(Generic[File]):
    """`ports.WebhookKeys` of one door.

    Args:
        merchants: Their files.
        secrets: Where the keys are.
        clock: Of the container.
        terms_of: The terms by a merchant's file; None for one that takes no deliveries here.
        nobody: The terms of whoever has none, so that the answer takes as long and is the same.
    """

    def __init__(
        self,
        merchants: Files[File],
        secrets: Secrets,
        clock: Clock,
        *,
        terms_of: Callable[[File], Terms | None],
        nobody: Terms,
    ) -> None:
        self._merchants = merchants
        self._secrets = secrets
        self._clock = clock
        self._terms_of = terms_of
        self.nobody = Entry(nobody)
        """See `ports.WebhookKeys.nobody`."""
        self._known: dict[str, _Known] = {}

    def entry(self, merchant: str, *, fresh: bool = False) -> Entry:
        """See `ports.WebhookKeys.entry`."""
        now = self._clock.monotonic()
        known = self._known.get(merchant)
        age = now - known.read_at if known else float("inf")
        if known and age < (AGAIN_SECONDS if fresh else KEPT_SECONDS):
            return known.entry
        try:
            entry = self._read(merchant)
        except Misconfigured:
            raise
        except Retryable:
            if known and age < STALE_SECONDS:
                return known.entry
            raise
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[merchant] = _Known(now, entry)
        return entry

    def _read(self, merchant: str) -> Entry:
        try:
            live = self._merchants.live(merchant)
        except Permanent:
            return self.nobody
        terms = self._terms_of(live.merchant)
        found = self._secrets.find(merchant, terms.secret) if terms else None
        if terms is None or found is None:
            return self.nobody
        return Entry(terms, usable_keys(found.value, terms.secret, terms.proof))
