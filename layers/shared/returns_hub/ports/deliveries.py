"""Deliveries of the ERP's webhook: which were taken, and whether they come at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Watched:
    """What came for one flow in one of two ways, since a moment.

    Args:
        since: When counting began; None before it.
        delivered: Deliveries since then, repeats left out.
        missed: Changes since then that polling found and no delivery had told of.
        last_at: When the newest delivery came, ever; None without one.
    """

    since: datetime | None = None
    delivered: int = 0
    missed: int = 0
    last_at: datetime | None = None


class Deliveries(Protocol):
    """Deliveries that were taken, and counts of both ways. Nothing of a delivery is kept but its
    id."""

    def is_known(self, merchant: str, delivery: str) -> bool:
        """Whether a delivery was taken before. 1 request."""

    def remember(self, merchant: str, flow: str, delivery: str, at: datetime) -> None:
        """Note that a delivery was taken, and count it for its flow. 2 requests.

        Raises:
            Retryable: The store cannot be reached.
        """

    def missed(self, merchant: str, flow: str, count: int) -> None:
        """Count changes that polling found by itself. 1 request."""

    def watched(self, merchant: str, flow: str) -> Watched:
        """What was counted. 1 request."""

    def begin(self, merchant: str, flow: str, was: Watched, now: datetime) -> bool:
        """Count from 0 again, from `now`; whether it was this caller who began. 1 request."""
