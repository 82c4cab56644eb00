"""`ports.relay.DespatchOutbox` on an SQS queue."""

from __future__ import annotations

from datetime import datetime

from returns_hub.adapters.queues.sqs import Queue
from returns_hub.domain.relay.despatch import RelayedDespatch
from returns_hub.errors import Retryable
from returns_hub.ports import Clock


class DespatchesQueue:
    """`ports.relay.DespatchOutbox`. put: 1 request."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock

    def put(self, message: RelayedDespatch, send_by: datetime) -> None:
        """See `ports.relay.DespatchOutbox.put`."""
        if self._clock.now() > send_by:
            raise Retryable("relay.too_late", "the time to send under this claim is over", after=1)
        self._queue.send(message.to_json())
