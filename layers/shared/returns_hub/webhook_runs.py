"""One invocation's work: a request at a door for webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from returns_hub.adapters.dynamodb.merchant_parts import MerchantParts
from returns_hub.adapters.gateway.http_api import request_of, response_of
from returns_hub.adapters.secrets.webhook_keys import WebhookKeys
from returns_hub.domain.webhooks import Terms
from returns_hub.flows.receive_webhook import (
    LOOP_WEBHOOK,
    REDO_WEBHOOK,
    UNLEASHED_WEBHOOK,
    Door,
    receive_webhook,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

    from returns_hub.bootstrap import Hub


class Portal(Protocol):
    """How a portal's deliveries prove themselves and are read; a module of its adapter."""

    @property
    def Part(self) -> type[BaseModel]:  # noqa: N802 - a class, as the modules have it
        """What its door reads of a merchant's file."""

    def terms_of(self, merchant: Any) -> Terms | None:
        """A merchant's terms."""

    def terms_of_nobody(self) -> Terms:
        """Terms that nobody meets."""


class WebhookRuns:
    """One invocation's work; each door loads the words of its own portal alone."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def redo(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request of Redo's."""
        from returns_hub.adapters.redo import deliveries

        door = self._door(REDO_WEBHOOK, deliveries)
        return response_of(receive_webhook(request_of(event), door))

    def loop(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request of Loop's shape."""
        from returns_hub.adapters.loop import webhook

        door = self._door(LOOP_WEBHOOK, webhook)
        return response_of(receive_webhook(request_of(event, webhook.SIGNATURE_HEADER), door))

    def unleashed(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request of Unleashed's."""
        from returns_hub.adapters.unleashed import webhooks

        hub_ = self._hub
        request = request_of(
            event,
            webhooks.SIGNATURE_HEADER,
            timestamp=webhooks.TIMESTAMP_HEADER,
            came_at=hub_.clock.now(),
        )
        door = Door(
            flow=UNLEASHED_WEBHOOK,
            stores=hub_,
            keys=self._keys(UNLEASHED_WEBHOOK, webhooks),
            publish=hub_.queue(hub_.settings.unleashed_sync_queue_url).send,
            deliveries=hub_.deliveries(),
        )
        return response_of(receive_webhook(request, door))

    def _door(self, flow: str, portal: Portal) -> Door:
        hub_ = self._hub
        return Door(
            flow=flow,
            stores=hub_,
            keys=self._keys(flow, portal),
            publish=hub_.queue(hub_.settings.approved_returns_queue_url).send,
        )

    def _keys(self, flow: str, portal: Portal) -> WebhookKeys[Any]:
        """Kept with the container: a key is read from the secret store once in a while."""
        hub_ = self._hub
        if flow not in hub_.webhook_keys:
            hub_.webhook_keys[flow] = WebhookKeys(
                MerchantParts(
                    hub_.dynamodb, hub_.settings.merchants_table, hub_.clock, portal.Part
                ),
                hub_.secrets,
                hub_.clock,
                terms_of=portal.terms_of,
                nobody=portal.terms_of_nobody(),
            )
        return hub_.webhook_keys[flow]
