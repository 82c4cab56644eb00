"""The desk at which a person acts: the same for the command and for the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from returns_hub.flows.dead_letters import LetterDesk
from returns_hub.flows.operator import Desk

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


def desk_of(made: Hub, who: str, trace: str = "") -> Desk:
    """What a person's acts on parked work need, of this hub."""
    settings = made.settings
    return Desk(
        who=who,
        returns=made.returns,
        parking=made.parking,
        clock=made.clock,
        send_return=lambda text: made.queue(settings.approved_returns_queue_url).send(text),
        send_receipt=lambda text: made.queue(settings.poll_mintsoft_queue_url).send(text),
        send_store_refund=lambda text: made.queue(settings.store_refunds_queue_url).send(text),
        market=lambda: made.market.store(),  # noqa: PLW0108 - loaded when it is asked for
        records=made.sync_records,
        send_order_change=lambda text: made.queue(settings.order_changes_queue_url).send(text),
        send_despatch=lambda text: made.queue(settings.despatches_queue_url).send(text),
        trace=trace,
    )


def letter_desk_of(made: Hub, who: str, trace: str = "") -> LetterDesk:
    """What a person's acts on dead letters need, of this hub."""
    return LetterDesk(
        who=who,
        returns=made.returns,
        parking=made.parking,
        clock=made.clock,
        known=frozenset(made.merchants.all_ids()),
        trace=trace,
    )
