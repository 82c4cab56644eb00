"""The timelines of transfers and orders: state is what folding them gives, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from returns_hub.domain.facts import Parked, PersonalDataForgotten
from returns_hub.domain.forgetting import forgotten_order
from returns_hub.domain.miinto.facts import (
    Despatched,
    LabelLinked,
    MarketEvent,
    MarketFact,
    OrderCancelled,
    OrderEnded,
    OrderMade,
    OrderPlanned,
    OrderSeen,
    PositionsCommitted,
    PositionsDecided,
    RefundTied,
    RmaRequested,
    RmaTied,
    TrackingSent,
    TransferGone,
    TransferJudged,
    TransferSeen,
    Unparked,
)
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.transfers import DecisionOfTransfer, Position, TransferState


def apply_to_transfer(state: TransferState, event: MarketEvent) -> TransferState:
    """The state after one more event.

    Raises:
        ValueError: The event is not the next one of this timeline.
    """
    _require_next(state.version, event)
    changes = _of_transfer(state, event.fact, event.at)
    return state.model_copy(update={"version": event.sequence, **changes})


def apply_to_order(state: OrderState, event: MarketEvent) -> OrderState:
    """The state after one more event.

    Raises:
        ValueError: The event is not the next one of this timeline.
    """
    _require_next(state.version, event)
    changes = _of_order(state, event.fact, event.at)
    return state.model_copy(update={"version": event.sequence, **changes})


def fold_transfer(state: TransferState, events: Iterable[MarketEvent]) -> TransferState:
    """The state after these events."""
    for event in events:
        state = apply_to_transfer(state, event)
    return state


def fold_order(state: OrderState, events: Iterable[MarketEvent]) -> OrderState:
    """The state after these events."""
    for event in events:
        state = apply_to_order(state, event)
    return state


def _require_next(version: int, event: MarketEvent) -> None:
    if event.sequence != version + 1:
        raise ValueError(f"event {event.sequence} does not follow version {version}")


def _of_transfer(state: TransferState, fact: MarketFact, at: datetime) -> dict[str, Any]:
    match fact:
        case TransferSeen():
            known = {position.id: position for position in state.positions}
            known |= {position.id: position for position in fact.positions}
            return {
                "currency": fact.currency or state.currency,
                "created_at": fact.created_at or state.created_at,
                "first_seen_at": state.first_seen_at or at,
                "positions": tuple(known.values()),
                "gone": "",
                "gone_positions": _without(state.gone_positions, fact.positions),
            }
        case TransferJudged():
            judged = {judgement.position: judgement for judgement in state.judgements}
            judged |= {judgement.position: judgement for judgement in fact.judgements}
            return {"judgements": tuple(judged.values())}
        case PositionsCommitted():
            made = DecisionOfTransfer(
                number=fact.number,
                accepted=fact.accepted,
                declined=fact.declined,
                by=fact.by,
                skus=fact.skus,
            )
            return {"decisions": (*state.decisions, made)}
        case PositionsDecided():
            update = {"outcome": fact.outcome, "order": fact.order}
            return {
                "decisions": tuple(
                    d.model_copy(update=update) if d.number == fact.number else d
                    for d in state.decisions
                )
            }
        case TransferGone():
            if not fact.positions:
                return {"gone": fact.code}
            gone = dict.fromkeys((*state.gone_positions, *fact.positions))
            return {"gone_positions": tuple(gone)}
        case Parked():
            return {} if fact.beside else {"parked": fact.parked_id}
        case Unparked():
            return {"parked": ""}
        case _:
            return {}


def _without(gone: tuple[int, ...], pending: Iterable[Position]) -> tuple[int, ...]:
    back = {position.id for position in pending}
    return tuple(position for position in gone if position not in back)


def _of_order(state: OrderState, fact: MarketFact, at: datetime) -> dict[str, Any]:
    match fact:
        case PersonalDataForgotten():
            return forgotten_order(state)
        case OrderSeen():
            return {
                "parent_id": fact.parent_id,
                "created_at": fact.created_at,
                "first_seen_at": state.first_seen_at or at,
                "currency": fact.currency,
                "lines": fact.lines,
                "shadow": False,
                "number": "" if state.shadow else state.number,
            }
        case OrderPlanned():
            return {
                "number": fact.number,
                "warehouse": fact.warehouse,
                "provider": fact.provider,
                "shadow": fact.shadow,
            }
        case OrderMade():
            return {"made_id": fact.made_id, "parked": "", "shadow": False}
        case LabelLinked():
            return {"label_linked": True}
        case Despatched():
            made = fact.despatch.made_id
            others = [d for d in state.despatches if made is None or d.made_id != made]
            return {"despatches": (*others, fact.despatch)}
        case TrackingSent():
            return {"tracking_sent": (*state.tracking_sent, fact.tracking)}
        case RmaTied():
            return {"rmas": tuple(dict.fromkeys((*state.rmas, fact.return_id)))}
        case RefundTied():
            return {"refunds": tuple(dict.fromkeys((*state.refunds, fact.refund_id)))}
        case _:
            return _of_work_on_order(state, fact)


def _of_work_on_order(state: OrderState, fact: MarketFact) -> dict[str, Any]:
    """What ends the work on an order, or sets it aside."""
    match fact:
        case OrderCancelled():
            return {"cancelled": fact.code}
        case OrderEnded():
            return {"ended": fact.code}
        case RmaRequested():
            known = {request.source: request for request in state.requests}
            return {"requests": tuple((known | {fact.request.source: fact.request}).values())}
        case Parked(beside=True):
            return {"asked": tuple(dict.fromkeys((*state.asked, fact.parked_id)))}
        case Parked():
            return {"parked": fact.parked_id}
        case Unparked() if fact.parked_id and fact.parked_id != state.parked:
            return {}
        case Unparked(act="discarded"):
            return {"parked": "", "ended": "discarded"}
        case Unparked():
            return {
                "parked": "",
                "replays": state.replays + 1,
                "attempt": state.attempt + int(fact.send_again),
            }
        case _:
            return {}
