"""One invocation's work: a batch of despatches to be told upstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from returns_hub.adapters.relay.target import HttpDespatchTarget
from returns_hub.domain.relay.settings import RelayTarget
from returns_hub.flows.relay.tell_despatch import RelayDesk, tell_despatch
from returns_hub.ports.relay import DespatchTarget

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

WORST_CASE_DESPATCH_SECONDS = 45.0


class DespatchRuns:
    """One invocation's work."""

    def __init__(self, made: Hub) -> None:
        self._hub = made

    def batch(self, event: dict[str, Any]) -> dict[str, Any]:
        """A batch of messages; the partial batch response."""
        hub_, stores = self._hub, self._hub.stores()
        return hub_.batch(
            event,
            lambda body: tell_despatch(body, stores, self._desk),
            hub_.settings.despatches_queue_url,
            worst_case=WORST_CASE_DESPATCH_SECONDS,
        )

    def _desk(self, merchant: str) -> RelayDesk:
        hub_ = self._hub
        world = hub_.world(merchant)

        def target_of(target: RelayTarget) -> DespatchTarget:
            def secret(*, fresh: bool) -> Mapping[str, str]:
                return hub_.secrets.read(merchant, target.secret, fresh=fresh).value

            # A gate of its own: one that is away keeps no other waiting.
            http = hub_.partners.http(
                merchant, f"relay-{target.name}", target.url, target.requests_per_second
            )
            return HttpDespatchTarget(http, target, secret=secret, clock=hub_.clock)

        return RelayDesk(world, hub_.sync_records(), target_of)
