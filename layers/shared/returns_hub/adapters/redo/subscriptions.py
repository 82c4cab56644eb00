"""Redo's webhook subscriptions: `ports.WebhookSubscriptions`.

Source: Redo's OpenAPI 2.2, ``/stores/{storeId}/webhooks`` and ``/webhooks/{webhookId}``. The
hand-written guide contradicts it (flat bodies, PATCH, topics); the API's own description is
followed. Scopes: ``webhooks_read``, ``webhooks_write``.
"""

from __future__ import annotations

from datetime import datetime

from returns_hub.adapters.redo import webhook_models as models
from returns_hub.adapters.redo.client import RedoClient, checked, quoted
from returns_hub.domain.subscriptions import Subscription, Wanted
from returns_hub.errors import Permanent

NOT_FOUND = "redo.not_found"
OF_ONE = "/webhooks/{id}"
OF_STORE = "/stores/{id}/webhooks"


class RedoSubscriptions:
    """The subscriptions of one store."""

    def __init__(self, client: RedoClient) -> None:
        self._client = client

    def list(self) -> tuple[Subscription, ...]:
        """See `ports.WebhookSubscriptions.list`. No pages are documented; some would be read."""
        path = f"{self._client.store_path}/webhooks"
        rows = self._client.rows(path, "webhooks", template=OF_STORE)
        return tuple(models.to_subscription(checked(models.Webhook, row)) for row in rows)

    def read(self, subscription: str) -> Subscription | None:
        """See `ports.WebhookSubscriptions.read`."""
        try:
            content, _ = self._client.read(_path(subscription), template=OF_ONE)
        except Permanent as verdict:
            if verdict.code != NOT_FOUND:
                raise
            return None
        return models.to_subscription(checked(models.WebhookAlone, content).webhook)

    def put(self, wanted: Wanted, send_by: datetime) -> None:
        """See `ports.WebhookSubscriptions.put`: 201 when made, 200 when one had the external id.

        Looked up by the external id in the list: conclusive, because the list is whole, and done
        twice it is the same subscription.
        """
        self._client.write(
            "POST",
            f"{self._client.store_path}/webhooks",
            template=OF_STORE,
            body=models.create_body(wanted),
            send_by=send_by,
            private=_private(wanted),
        )

    def change(self, subscription: str, wanted: Wanted, send_by: datetime) -> None:
        """See `ports.WebhookSubscriptions.change`: 204.

        Looked up by reading it back: conclusive, and setting it again changes nothing.
        """
        self._client.write(
            "PUT",
            _path(subscription),
            template=OF_ONE,
            body=models.change_body(wanted),
            send_by=send_by,
            private=_private(wanted),
        )

    def delete(self, subscription: str, send_by: datetime) -> None:
        """See `ports.WebhookSubscriptions.delete`: 204. Looked up by reading it: gone is done."""
        try:
            self._client.write("DELETE", _path(subscription), template=OF_ONE, send_by=send_by)
        except Permanent as verdict:
            if verdict.code != NOT_FOUND:
                raise

    def replay(self, subscription: str, start: datetime, send_by: datetime) -> None:
        """See `ports.WebhookSubscriptions.replay`: 202, and no end can be given.

        There is no look-up: Redo shows nothing of a replay but its deliveries.
        """
        self._client.write(
            "POST",
            f"{_path(subscription)}/replay",
            template="/webhooks/{id}/replay",
            body={"start": start.isoformat()},
            send_by=send_by,
        )


def _path(subscription: str) -> str:
    return f"/webhooks/{quoted(subscription)}"


def _private(wanted: Wanted) -> tuple[str, ...]:
    return (wanted.token.get_secret_value(),)
