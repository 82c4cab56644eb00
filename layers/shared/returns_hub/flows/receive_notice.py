"""A delivery of the ERP's webhook: which record it names, and onto the queue, once.

Nothing of a delivery is believed but which object to read again. So a repeat does no harm; it is
held back all the same, for it would cost a call.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns_hub.domain.events import SyncAsked
from returns_hub.domain.unleashed.notices import Notice
from returns_hub.ports.deliveries import Deliveries


def take_notice(
    merchant: str,
    notice: Notice,
    now: datetime,
    deliveries: Deliveries,
    publish: Callable[[str], object],
) -> str:
    """Put what a delivery names onto the queue, unless that was done before.

    It is noted as taken after it was sent: what breaks off between the two is told again, and what
    comes twice is read twice.

    Returns:
        ``queued``; ``repeated``; or ``not_needed`` where no flow has to hear of it.

    Raises:
        Retryable: A store or the queue cannot be reached; whoever sent it may send it again.
    """
    if notice.flow is None:
        return "not_needed"
    if deliveries.is_known(merchant, notice.delivery):
        return "repeated"
    asked = SyncAsked(
        merchant=merchant,
        flow=notice.flow,
        asked_at=now,
        key=notice.guid,
        is_deletion=notice.is_deletion,
    )
    publish(asked.model_dump_json(exclude_defaults=True))
    deliveries.remember(merchant, notice.flow, notice.delivery, now)
    return "queued"
