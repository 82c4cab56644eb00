"""Where messages go that met a fault of the hub's own; for operators.

A module of its own, so that no function loads the contracts of messages that are not its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from returns_hub.adapters.queues.dead_letters import DeadLetterQueue
from returns_hub.drift_runs import look_asked
from returns_hub.errors import Misconfigured
from returns_hub.feed_runs import feed_asked
from returns_hub.flows.miinto.store_refund_message import parse as store_refund
from returns_hub.flows.receive_approved_return import parse as approved_return
from returns_hub.flows.relay.despatch_message import parse as relayed_despatch
from returns_hub.flows.relay.order_change_message import parse as order_change
from returns_hub.runs import receipts_asked, sync_asked

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub

Contract = Callable[[str], object]


def dead_letter_queues(hub: Hub) -> tuple[DeadLetterQueue, ...]:
    """Every dead-letter queue that this stack has; one of an earlier release has fewer.

    Raises:
        Misconfigured: Not told where they are; functions are not.
    """
    at = hub.settings
    if not (at.approved_returns_dead_letter_queue_url and at.poll_mintsoft_dead_letter_queue_url):
        raise Misconfigured("settings.missing", "no dead-letter queues were named")
    return tuple(
        DeadLetterQueue(hub.sqs, name, url, source=hub.queue(source), contract=contract)
        for name, url, source, contract in _named(hub)
        if url
    )


def _named(hub: Hub) -> Iterator[tuple[str, str, str, Contract]]:
    at = hub.settings
    yield (
        "approved-returns",
        at.approved_returns_dead_letter_queue_url,
        at.approved_returns_queue_url,
        approved_return,
    )
    yield (
        "poll-mintsoft",
        at.poll_mintsoft_dead_letter_queue_url,
        at.poll_mintsoft_queue_url,
        receipts_asked,
    )
    yield (
        "miinto-rma",
        at.miinto_rma_dead_letter_queue_url,
        at.miinto_rma_queue_url,
        receipts_asked,
    )
    yield (
        "store-refunds",
        at.store_refunds_dead_letter_queue_url,
        at.store_refunds_queue_url,
        store_refund,
    )
    yield (
        "unleashed-sync",
        at.unleashed_sync_dead_letter_queue_url,
        at.unleashed_sync_queue_url,
        sync_asked,
    )
    yield "wair-sync", at.wair_sync_dead_letter_queue_url, at.wair_sync_queue_url, feed_asked
    yield (
        "order-changes",
        at.order_changes_dead_letter_queue_url,
        at.order_changes_queue_url,
        order_change,
    )
    yield (
        "despatches",
        at.despatches_dead_letter_queue_url,
        at.despatches_queue_url,
        relayed_despatch,
    )
    yield (
        "drift-report",
        at.drift_report_dead_letter_queue_url,
        at.drift_report_queue_url,
        look_asked,
    )
