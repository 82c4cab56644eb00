"""Subscriptions of the ERP's webhook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MOST_SUBSCRIPTIONS = 5
"""Of one account (Unleashed's page on webhooks)."""


@dataclass(frozen=True)
class ErpSubscription:
    """One subscription, as it is listed.

    Args:
        id: Its id.
        url: Where it delivers.
        events: What it delivers, in lower case.
    """

    id: str
    url: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class MadeSubscription:
    """One that was made a moment ago.

    Args:
        id: Its id.
        key: What its deliveries are signed with; shown this once.
    """

    id: str
    key: str = field(repr=False)


class ErpWebhooks(Protocol):
    """Subscriptions of the account."""

    def subscriptions(self) -> tuple[ErpSubscription, ...]:
        """All of them, without their keys. 1 request."""

    def subscribe(self, url: str, events: Sequence[str], by: datetime) -> MadeSubscription:
        """Make one. 1 request, that leaves before `by`.

        Raises:
            UnknownOutcome: It may have been made; its key is lost then.
        """
