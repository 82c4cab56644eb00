"""A return's timeline as a person reads it: what happened, by which rule, and by whose hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from returns_hub.domain.facts import (
    CarrierDelivered,
    ClockRang,
    CommentAdded,
    DueCleared,
    DueSet,
    Event,
    ExternalReturnMade,
    Fact,
    Flagged,
    LinesCommitted,
    LinesProcessed,
    OperatorActed,
    Parked,
    ProcessingChecked,
    ReceiptSettled,
    ReceiptTaken,
    RefundCommitted,
    RefundSettled,
    Reopened,
    Seen,
    ShipmentsPlanned,
    Skipped,
    WithdrawalHandled,
    Withdrawn,
    WouldSend,
)
from returns_hub.domain.privacy import masked
from returns_hub.widgets.asked import Asked
from returns_hub.widgets.html import Child, Html, join, tag
from returns_hub.widgets.page import bullets, dim, moment
from returns_hub.widgets.words import many, plain, sentence

MOST_EVENTS = 200
MOST_LINES = 30
When = Callable[[datetime], Html]
QUIET = (DueSet, DueCleared)
"""The hub's own notes to look again; folded away."""


def story(events: Sequence[Event], asked: Asked, now: datetime) -> Html:
    """The newest `MOST_EVENTS` events, the oldest of them first."""
    told = events[-MOST_EVENTS:]
    older = len(events) - len(told)
    lines = [_line(event, asked, now) for event in told if not isinstance(event.fact, QUIET)]
    quiet = [event for event in told if isinstance(event.fact, QUIET)]
    return join(
        tag("p", dim(f"{older} older events: hub timeline shows them")) if older else None,
        tag("ol", *lines, class_="rh-story"),
        _quiet(quiet, asked, now) if quiet else None,
    )


def _line(event: Event, asked: Asked, now: datetime) -> Html:
    def when(at: datetime) -> Html:
        return moment(at, asked, now)

    words, details = _told(event.fact, when)
    mark = tag(
        "svg",
        tag("circle", cx=6, cy=6, r=5),
        class_=f"rh-mark {_tone(event)}",
        viewBox="0 0 12 12",
        aria_hidden="true",
    )
    by = [event.rule, f"configuration v{event.config_version}" if event.config_version else ""]
    if event.actor != "hub":
        by.insert(0, f"by {masked(event.actor)}")
    policy = event.fact.policy if isinstance(event.fact, ReceiptTaken) else ""
    by.append(f"policy {policy}" if policy else "")
    return tag(
        "li",
        mark,
        moment(event.at, asked, now),
        " ",
        tag("b", _shown(words)),
        bullets(_shown(detail) for detail in details[:MOST_LINES]),
        dim(f"and {len(details) - MOST_LINES} more") if len(details) > MOST_LINES else None,
        tag("div", dim(" \u00b7 ".join(filter(None, by)))),
    )


def _shown(words: Child) -> Child:
    return masked(words) if isinstance(words, str) else words


def _quiet(events: Sequence[Event], asked: Asked, now: datetime) -> Html:
    lines: list[Child] = [
        join(moment(event.at, asked, now), " ", dim(masked(event.fact.in_words())))
        for event in events
    ]
    summary = tag("summary", f"{many(len(events), 'note')} of the hub to look again")
    return tag("details", summary, bullets(lines))


def _tone(event: Event) -> str:
    match event.fact:
        case OperatorActed() | WithdrawalHandled():
            return "rh-hand"
        case Parked() | RefundSettled(outcome="parked"):
            return "rh-bad"
        case Flagged() | ClockRang() | Withdrawn() | ProcessingChecked(outcome="not_completed"):
            return "rh-warn"
        case ExternalReturnMade() | LinesProcessed() | RefundSettled(outcome="sent"):
            return "rh-good"
        case ProcessingChecked():
            return "rh-good"
        case _:
            return ""


def _told(fact: Fact, when: When) -> tuple[Child, list[Child]]:  # noqa: PLR0912 - one arm for each kind
    """A fact in words, and its details."""
    match fact:
        case Seen():
            orders = f", order {', '.join(fact.order_names)}" if fact.order_names else ""
            worth = ""
            if fact.value is not None:
                worth = f", worth {fact.value:,.2f} {fact.currency}"
            what = f"{fact.return_type} seen in the portal as {plain(fact.status)}{orders}{worth}"
            return sentence(what), [f"told by {plain(fact.source)}"]
        case ShipmentsPlanned():
            return _planned(fact)
        case ExternalReturnMade():
            how = {"sent": "made", "looked_up": "found to be made", "adopted": "taken over"}
            return f"External return {fact.external_return_id} {how[fact.how]}", [
                f"shipment {fact.shipment}"
            ]
        case CommentAdded():
            where = "in the portal" if fact.where == "portal" else "on this timeline alone"
            return f"Comment added {where}", [f"about {fact.about}"]
        case WouldSend():
            return f"Shadow mode: {fact.operation} at {fact.partner} not sent", [fact.summary]
        case Skipped():
            return f"Left undone: {fact.reason}", [f"{fact.code} {fact.subject}".strip()]
        case Parked():
            beside = "; the work goes on" if fact.beside else ""
            return f"Waits for a person: {fact.reason}{beside}", [
                f"{fact.code}, {plain(fact.flow)}"
            ]
        case ReceiptTaken():
            return _receipt(fact)
        case LinesCommitted():
            lines: list[Child] = [
                f"{line.sku or line.line_id}: {line.in_words()}" for line in fact.lines
            ]
            return f"{many(len(fact.lines), 'line')} committed, batch {fact.batch}", lines
        case LinesProcessed():
            how = {"sent": "", "looked_up": " (found to be done)", "already": " (before)"}
            return f"The portal took batch {fact.batch}{how[fact.how]}", []
        case Flagged():
            return "Flagged in the portal", [fact.note]
        case ReceiptSettled():
            settled = f"External return {fact.external_return_id}: {plain(fact.outcome)}"
            return settled, [join("until ", when(fact.until))] if fact.until else []
        case OperatorActed():
            return _by_hand(fact)
        case CarrierDelivered():
            source = "the carrier says" if fact.source == "carrier" else "first seen in the portal"
            told = [f"shipment {fact.shipment}, {source}"]
            return join("Delivered to the warehouse ", when(fact.at)), [*told]
        case ClockRang():
            return f"Not booked in: {fact.stage}", [fact.note]
        case Withdrawn():
            return f"Closed in the portal as {plain(fact.status)}", [fact.note]
        case WithdrawalHandled():
            return f"Shipment {fact.shipment} was seen to in the warehouse", [fact.note]
        case Reopened():
            return f"Under way again, was {plain(fact.was)}", [fact.note] if fact.note else []
        case ProcessingChecked():
            missing: list[Child] = [f"not complete: {line}" for line in fact.lines]
            return f"The portal was read again: {plain(fact.outcome)}", missing
        case RefundCommitted():
            return _refund(fact)
        case RefundSettled():
            return f"Refund {fact.refund_id}: {fact.target}: {plain(fact.outcome)}", []
        case _:
            return fact.in_words(), []


def _planned(fact: ShipmentsPlanned) -> tuple[Child, list[Child]]:
    details: list[Child] = [
        f"shipment {one.key} to warehouse {one.warehouse_id}: "
        + ", ".join(f"{line.quantity} \u00d7 {line.sku}" for line in one.lines)
        for one in fact.shipments
    ]
    details += [f"not announced: {off.sku or off.line_id}: {off.reason}" for off in fact.left_off]
    shadow = " (shadow mode)" if fact.shadow else ""
    return f"{many(len(fact.shipments), 'shipment')} planned{shadow}", details


def _receipt(fact: ReceiptTaken) -> tuple[Child, list[Child]]:
    details: list[Child] = [f"{units} \u00d7 {sku}" for sku, units in fact.units.items()]
    details += [
        f"{found.sku}: {found.received} of {found.expected}, {plain(found.outcome.value)}"
        for found in fact.findings
        if found.received != found.expected or found.detail
    ]
    if fact.note:
        details.append(fact.note)
    return (
        f"The warehouse confirmed external return {fact.external_return_id}; decided: "
        f"{plain(fact.decision)}",
        details,
    )


def _by_hand(fact: OperatorActed) -> tuple[Child, list[Child]]:
    details: list[Child] = [f"{what}: {plain(action)}" for what, action in fact.answers.items()]
    if fact.send_again:
        details.append("vouched that the write without an answer was not carried out")
    if fact.status:
        details.append(f"{plain(fact.before)} to {plain(fact.status)}")
    if fact.note:
        details.append(fact.note)
    outcome = f", {fact.outcome}" if fact.outcome else ""
    return f"By hand: {plain(fact.act)}{outcome}", [fact.subject, *details]


def _refund(fact: RefundCommitted) -> tuple[Child, list[Child]]:
    refund = fact.refund
    total = "amount not told"
    if refund.total_minor is not None:
        total = f"{refund.total_minor} minor units {refund.currency or ''}".strip()
    lines = [f"{line.quantity} \u00d7 {line.sku or line.position}" for line in refund.lines]
    where = "nowhere, in shadow mode" if fact.shadow else " and ".join(fact.targets)
    return f"Refund committed to {where}: {total}", [refund.refund_id, *lines]
