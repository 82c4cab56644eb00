"""Subscriptions of Unleashed's webhooks.

Sources: an independent client in live use, and the headings of Unleashed's page. ``GET`` and
``POST /webhooks/subscriptions``, signed as every call; the answer to the POST is the only one with
the key. Reply keys come in camel case or in Pascal case. How one is deleted or paused no source
tells: that is done in Unleashed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from returns_hub.adapters.unleashed.account import UnleashedResource
from returns_hub.adapters.unleashed.errors import NotThere
from returns_hub.adapters.unleashed.reading import text_of, value_of
from returns_hub.errors import Permanent, Retryable
from returns_hub.ports.erp.webhooks import ErpSubscription, MadeSubscription

PATH = "/webhooks/subscriptions"
DESCRIPTION = "returns hub"


class UnleashedSubscriptions(UnleashedResource):
    """`ports.erp.webhooks.ErpWebhooks`."""

    def subscriptions(self) -> tuple[ErpSubscription, ...]:
        """See `ErpWebhooks.subscriptions`."""
        try:
            content = self._client.read(PATH, template=PATH)
        except NotThere:
            content = None
        rows = value_of(content, "Items") if isinstance(content, dict) else content
        if not isinstance(rows, list):
            raise Retryable(
                "unleashed.unreadable", "Unleashed's answer to its subscriptions is no list"
            )
        return tuple(_subscription(row) for row in rows if isinstance(row, dict))

    def subscribe(self, url: str, events: Sequence[str], by: datetime) -> MadeSubscription:
        """See `ErpWebhooks.subscribe`."""
        content = self._client.write(
            "POST",
            PATH,
            template=PATH,
            body={"description": DESCRIPTION, "notificationUrl": url, "eventTypes": list(events)},
            send_by=by,
        )
        told = content if isinstance(content, dict) else {}
        made = MadeSubscription(text_of(told, "subscriptionId"), text_of(told, "signatureKey"))
        if not made.key:
            raise Permanent(
                "unleashed.key_lost",
                "Unleashed made a subscription, and its answer has no signatureKey; take it off in "
                "Unleashed, and set its key by hand once you have made another",
            )
        return made


def _subscription(row: Mapping[str, Any]) -> ErpSubscription:
    events = value_of(row, "eventTypes")
    named = [str(event).lower() for event in events] if isinstance(events, list) else []
    return ErpSubscription(
        id=text_of(row, "subscriptionId"),
        url=text_of(row, "notificationUrl"),
        events=tuple(sorted(named)),
    )
