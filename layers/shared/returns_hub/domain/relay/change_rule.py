"""What becomes of the warehouse's order when it was edited or cancelled upstream. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from returns_hub.domain.base import short_hash
from returns_hub.domain.order_changes import NOT_BEGUN
from returns_hub.domain.relay.hub_orders import made_for
from returns_hub.domain.relay.order_change import OrderChange
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder

OF_WHOM = {
    "unleashed": "Unleashed's: change it there, and the hub's flows follow",
    "miinto": "Miinto's: it is cancelled there, and the hub's flows follow",
}


class Standing(StrEnum):
    """How far a part of an order is, as far as it matters here."""

    OPEN = "open"
    BEGUN = "begun"
    GONE = "gone"
    CANCELLED = "cancelled"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Flag:
    """A comment for the warehouse on one of its orders.

    Args:
        order_id: The warehouse's.
        number: Its number.
        about: Names what is told, so that it is told once.
        text: The comment, without its marker.
    """

    order_id: int
    number: str
    about: str
    text: str


@dataclass(frozen=True)
class Ask:
    """What a person is asked."""

    code: str
    why: str


@dataclass(frozen=True)
class Judged:
    """What is to be done about a change: first the writes, then what comes after them.

    Args:
        cancel: Parts to be cancelled.
        flags: Comments to be on orders.
        ask: A person is asked this, once the writes are done.
        leave: Nothing is done, for this reason.
        waits: For what, in a sentence; looked at again later.
    """

    cancel: tuple[WarehouseOrder, ...] = ()
    flags: tuple[Flag, ...] = ()
    ask: Ask | None = None
    leave: Ask | None = None
    waits: str = ""


@dataclass(frozen=True)
class Known:
    """What is known when a change is judged.

    Args:
        parts: The order's parts at the warehouse, or the merged order that holds it.
        replaced_by: The number of the order that replaces it: where that one was edited as well
            and is not there, of the one after it.
        replacement: The same of that order.
        is_dropped: What replaces it was cancelled upstream.
        may_cancel: By the merchant's file.
        is_overdue: It has been waited for long enough.
        not_cancelled: Ids of parts that the hub asked the warehouse to cancel, in vain.
    """

    parts: tuple[WarehouseOrder, ...]
    replaced_by: str | None = None
    replacement: tuple[WarehouseOrder, ...] = ()
    is_dropped: bool = False
    may_cancel: bool = True
    is_overdue: bool = False
    not_cancelled: frozenset[int] = frozenset()


def standing_of(part: WarehouseOrder) -> Standing:
    """Where a part stands; one whose units are fixed to a pick is begun, whatever its status."""
    if part.is_cancelled:
        return Standing.CANCELLED
    if part.is_shipped:
        return Standing.GONE
    if part.stage in {OrderStage.UNKNOWN, OrderStage.FAILED}:
        return Standing.UNCLEAR
    if part.stage in NOT_BEGUN and not any(item.committed for item in part.items or ()):
        return Standing.OPEN
    return Standing.BEGUN


def judge(change: OrderChange, known: Known) -> Judged:
    """What is to be done about the change that counts."""
    if not known.parts:
        return _not_there(change, known)
    live = tuple(part for part in known.parts if not part.is_cancelled)
    missing = _missing(known.parts)
    if not live and missing:
        return _hidden(known, missing)
    if not live:
        return Judged(
            leave=Ask("order_change.cancelled_already", f"order {change.order} is cancelled")
        )
    maker = next(filter(None, map(made_for, known.parts)), None)
    if maker is not None:
        why = f"order {change.order} was made by the hub and is {OF_WHOM[maker]}"
        return Judged(ask=Ask("order_change.hub_made", why))
    problem = _unclear(change, live)
    if problem is not None and change.kind == "edited":
        return problem
    if change.kind == "cancelled":
        return _cancelled(known, live)
    return _edited(change, known, live)


# -- cancelled ------------------------------------------------------------------------------------


def _cancelled(known: Known, live: tuple[WarehouseOrder, ...]) -> Judged:
    """Each part by itself: what can be stopped is, and a person is asked about the rest."""
    alone = [part for part in live if not _is_merged(part)]
    of = {word: [p for p in alone if standing_of(p) is word] for word in Standing}
    cancel = tuple(
        part
        for part in of[Standing.OPEN]
        if known.may_cancel and part.order_id not in known.not_cancelled
    )
    kept = [part for part in of[Standing.OPEN] if part not in cancel]
    merged = [part for part in live if _is_merged(part)]
    flagged = [*kept, *of[Standing.BEGUN], *(p for p in merged if not p.is_shipped)]
    told = "was cancelled upstream"
    asks = [
        _ask("too_late", of[Standing.GONE], f"{told} when it had left: it is a return now"),
        _ask("unclear", of[Standing.UNCLEAR], f"{told}; what its status means is not known"),
        _ask("merged", merged, f"{told} and is merged with another: look what is to be sent"),
        _ask("in_work", of[Standing.BEGUN], f"{told} and is in work: stop it there"),
        _ask(
            "not_cancelled" if known.may_cancel else "flag_only",
            kept,
            f"{told}; the warehouse did not cancel it: cancel it there"
            if known.may_cancel
            else f"{told}: cancel it there (order_changes.cancel is off)",
        ),
    ]
    missing = _missing(known.parts)
    flags = tuple(
        _flag(part, "cancelled", f"{told}. Do not send it before it is clear.") for part in flagged
    )
    hidden = _hidden(known, missing) if missing else Judged()
    if hidden.waits:
        return Judged(cancel, flags, waits=hidden.waits)
    return Judged(cancel, flags, _one([*asks, hidden.ask]))


# -- edited ---------------------------------------------------------------------------------------


def _edited(change: OrderChange, known: Known, live: tuple[WarehouseOrder, ...]) -> Judged:
    """The original is cancelled when the order that replaces it is there and nobody has begun."""
    named = known.replaced_by
    if any(map(_is_merged, live)):
        why = "was edited upstream and is merged with another: look what is to be sent"
        flags = _flags(
            (p for p in live if not p.is_shipped), "was edited upstream. Do not send it yet."
        )
        return Judged(flags=flags, ask=_ask("merged", live, why))
    words = {standing_of(part) for part in live}
    missing = _missing(known.parts)
    if named is not None and _is_there(known.replacement):
        if missing and not known.is_overdue:
            return Judged(waits=missing)
        return _replaced(change, known, live, is_whole=not missing)
    if named is None and Standing.GONE in words:
        why = "was edited upstream when it had left: send what is missing, or take it back"
        return Judged(ask=_ask("too_late", live, why))
    waits = f"order {change.order} was edited upstream, and {_why_absent(known)}"
    flags = _flags(live, f"was edited upstream{_by(known)}. Do not send it yet.")
    if known.is_dropped:
        why = f"order {change.order} was replaced by {named}, which was cancelled upstream: look"
        return Judged(flags=flags, ask=Ask("order_change.replacement_cancelled", why))
    if known.is_overdue:
        return Judged(flags=flags, ask=Ask("order_change.no_replacement", f"{waits}: look"))
    return Judged(flags=flags, waits=waits)


def _replaced(
    change: OrderChange, known: Known, live: tuple[WarehouseOrder, ...], *, is_whole: bool
) -> Judged:
    is_open = is_whole and all(standing_of(part) is Standing.OPEN for part in live)
    in_vain = any(part.order_id in known.not_cancelled for part in live)
    if is_open and known.may_cancel and not in_vain:
        return Judged(cancel=live)
    others = tuple(part for part in known.replacement if not part.is_cancelled)
    pair = f"{change.order} was replaced by {known.replaced_by}"
    flags = (
        *_flags(live, f"was edited upstream{_by(known)}. Send only one of them."),
        *_flags(others, f"replaces order {change.order}. Send only one of them."),
    )
    states = f"{_words(live)}; {known.replaced_by} is {_words(others)}"
    if is_open:
        code = "not_cancelled" if known.may_cancel else "flag_only"
        return Judged(
            flags=flags,
            ask=Ask(f"order_change.{code}", f"order {pair}, and is not cancelled ({states})"),
        )
    why = f"order {pair}, and both may be sent: it is {states}; stop one of them"
    return Judged(flags=flags, ask=Ask("order_change.duplicate", why))


def _is_there(parts: tuple[WarehouseOrder, ...]) -> bool:
    """Whether an order can be counted on to be sent: not cancelled, and it holds goods."""
    live = [part for part in parts if not part.is_cancelled]
    return bool(live) and all(
        standing_of(part) is not Standing.UNCLEAR and part.units() for part in live
    )


def _why_absent(known: Known) -> str:
    if known.replaced_by is None:
        return "nobody told which order replaces it"
    if not known.replacement:
        return f"{known.replaced_by}, which replaces it, is not at the warehouse"
    return f"{known.replaced_by}, which replaces it, is {_words(known.replacement)} there"


# -- both -----------------------------------------------------------------------------------------


def _not_there(change: OrderChange, known: Known) -> Judged:
    """It can be told before the order comes; and it may never come."""
    why = f"order {change.order} is not at the warehouse"
    if known.is_overdue:
        return Judged(leave=Ask("order_change.no_such_order", f"{why}, and did not come"))
    return Judged(waits=why)


def _unclear(change: OrderChange, live: tuple[WarehouseOrder, ...]) -> Judged | None:
    unclear = [part for part in live if standing_of(part) is Standing.UNCLEAR]
    why = f"was {change.kind} upstream; what its status means is not known: look at it"
    ask = _ask("unclear", unclear, why)
    return Judged(ask=ask) if ask else None


def _missing(parts: tuple[WarehouseOrder, ...]) -> str:
    """That not all parts of a split order are shown; empty when they are."""
    told = max(part.parts for part in parts)
    if len(parts) >= told:
        return ""
    return f"the warehouse shows {len(parts)} of {told} parts of order {parts[0].number}"


def _hidden(known: Known, missing: str) -> Judged:
    """Parts that are not shown may be soon; after a while a person looks."""
    if known.is_overdue:
        return Judged(ask=Ask("order_change.parts_missing", missing))
    return Judged(waits=missing)


def _is_merged(part: WarehouseOrder) -> bool:
    return len(part.numbers) > 1


def _flags(parts: Iterable[WarehouseOrder], text: str) -> tuple[Flag, ...]:
    return tuple(_flag(part, f"edited/{short_hash(text, 12)}", text) for part in parts)


def _flag(part: WarehouseOrder, about: str, text: str) -> Flag:
    return Flag(part.order_id, part.number, about, f"Order {part.number} {text}")


def _by(known: Known) -> str:
    return f" (replaced by {known.replaced_by})" if known.replaced_by else ""


def _ask(code: str, parts: Iterable[WarehouseOrder], why: str) -> Ask | None:
    named = tuple(parts)
    if not named:
        return None
    return Ask(f"order_change.{code}", f"order {named[0].number} {why} ({_words(named)})")


def _one(asks: Iterable[Ask | None]) -> Ask | None:
    """One question of several: the first one's code, and every reason."""
    found = [ask for ask in asks if ask is not None]
    return Ask(found[0].code, "; ".join(ask.why for ask in found)) if found else None


def _words(parts: Iterable[WarehouseOrder]) -> str:
    """Parts and their statuses, for people."""
    return ", ".join(f"id {part.order_id} {part.status_word[:40] or 'unknown'}" for part in parts)
