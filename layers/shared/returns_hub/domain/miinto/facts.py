"""What can happen to a transfer and to an order, each in words of its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.facts import Parked, PersonalDataForgotten, Skipped, Told, WouldSend
from returns_hub.domain.miinto.money import Currency
from returns_hub.domain.miinto.orders import Despatch, OrderLine, RequestState
from returns_hub.domain.miinto.transfers import Judgement, Position


class TransferSeen(Told):
    """The transfer was seen pending for the first time, or with other positions."""

    kind: Literal["transfer_seen"] = "transfer_seen"
    currency: Currency | None = None
    created_at: UtcTime | None = None
    positions: tuple[Position, ...] = ()


class TransferJudged(Told):
    """What the rule says about the positions that wait, and of which version of the rule.

    `stock_at` is when the stock was read: what was committed later is not taken off it.
    """

    kind: Literal["transfer_judged"] = "transfer_judged"
    rule: str
    judgements: tuple[Judgement, ...]
    stock_at: UtcTime | None = None


class PositionsCommitted(Told):
    """These positions are about to be decided; no other request may ever hold them.

    `skus` are of accepted positions that nothing had judged before: what is promised by them.
    """

    kind: Literal["positions_committed"] = "positions_committed"
    number: int
    accepted: tuple[int, ...] = ()
    declined: tuple[int, ...] = ()
    by: str
    skus: dict[int, str] = Field(default_factory=dict)


class PositionsDecided(Told):
    """What came of a request: Miinto took it, refused it, or somebody else was first (``lost``)."""

    kind: Literal["positions_decided"] = "positions_decided"
    number: int
    outcome: Literal["done", "refused", "unknown", "lost"]
    how: str = ""
    order: int | None = None
    reason: str = ""


class TransferGone(Told):
    """The transfer is not pending any more, and not by the hub's decision.

    With `positions` it is only about these of it.
    """

    kind: Literal["transfer_gone"] = "transfer_gone"
    code: str
    reason: str = ""
    positions: tuple[int, ...] = ()


class OrderSeen(Told):
    """The order was seen for the first time, or with other lines."""

    kind: Literal["order_seen"] = "order_seen"
    parent_id: str = ""
    created_at: UtcTime | None = None
    currency: Currency | None = None
    lines: tuple[OrderLine, ...] = ()


class OrderPlanned(Told):
    """The store of record's order is about to be made, under this number."""

    kind: Literal["order_planned"] = "order_planned"
    number: str
    warehouse: int
    courier: str = ""
    provider: str = ""
    shadow: bool = False


class OrderMade(Told):
    """The order exists in the store of record."""

    kind: Literal["order_made"] = "order_made"
    made_id: int
    how: str


class LabelLinked(Told):
    """The label's link is a comment of the store of record's order."""

    kind: Literal["label_linked"] = "label_linked"


class Despatched(Told):
    """The store of record sent it, or a part of it."""

    kind: Literal["despatched"] = "despatched"
    despatch: Despatch


class TrackingSent(Told):
    """Miinto was told of a despatch."""

    kind: Literal["tracking_sent"] = "tracking_sent"
    tracking: str
    how: str = ""


class OrderCancelled(Told):
    """The order is cancelled, by whom the code says."""

    kind: Literal["order_cancelled"] = "order_cancelled"
    code: str
    reason: str = ""


class OrderEnded(Told):
    """Nothing more is to be done for the order: all of it was sent and told, or it was left."""

    kind: Literal["order_ended"] = "order_ended"
    code: str
    reason: str = ""


class RmaTied(Told):
    """An RMA is of this order."""

    kind: Literal["rma_tied"] = "rma_tied"
    return_id: str


class RefundTied(Told):
    """A refund of this order went home, or came from the store."""

    kind: Literal["refund_tied"] = "refund_tied"
    refund_id: str


class RmaRequested(Told):
    """What is known of an RMA request by now; the newest word of its source counts."""

    kind: Literal["rma_requested"] = "rma_requested"
    request: RequestState

    def in_words(self) -> str:
        """The request in a line."""
        request = self.request
        goods = ", ".join(f"{units} x {sku or '?'}" for sku, units in request.units.items())
        said = f"rma requested: {request.outcome}, {goods}, {request.source}"
        said += f", RMA {request.return_id}" if request.return_id else ""
        return f"{said}: {request.reason}" if request.reason else said


class CustomerShown(Told):
    """A person had the buyer's name and address shown whole; the event's actor is who."""

    kind: Literal["customer_shown"] = "customer_shown"


class Unparked(Told):
    """A person had it done again, or took it off the list.

    With `send_again` they vouch that a write whose end nobody knows was never carried out.
    `parked_id` names one of several items; what no work waits for ends nothing.
    """

    kind: Literal["unparked"] = "unparked"
    act: Literal["replayed", "discarded"]
    note: str = ""
    parked_id: str = ""
    send_again: bool = False


MarketFact = Annotated[
    TransferSeen
    | TransferJudged
    | PositionsCommitted
    | PositionsDecided
    | TransferGone
    | OrderSeen
    | OrderPlanned
    | OrderMade
    | LabelLinked
    | Despatched
    | TrackingSent
    | OrderCancelled
    | OrderEnded
    | RmaTied
    | RefundTied
    | RmaRequested
    | CustomerShown
    | Unparked
    | Parked
    | Skipped
    | PersonalDataForgotten
    | WouldSend,
    Field(discriminator="kind"),
]


class MarketEvent(Frozen):
    """One entry of a transfer's or an order's timeline; as `domain.facts.Event`."""

    sequence: int = Field(ge=1)
    at: UtcTime
    actor: str
    rule: str
    config_version: int
    fact: MarketFact


_event = TypeAdapter(MarketEvent)


def market_event_from_json(text: str) -> MarketEvent:
    """An event as it was stored."""
    return _event.validate_json(text, extra="ignore")
