"""A person is forgotten: what may go is masked or deleted, what keeps things from being done twice
stays (docs/decisions/0031).

The order of steps, and why a crash between any two of them is harmless:

1. the register tells, by id, that it was begun; `hub privacy forget --again` goes on from there;
2. the timeline tells it. From here on the state holds nothing personal, nobody who works with an
   older state can write it back, and what the portal tells again is kept without the person;
3. keys that the return is found by are deleted, then rows beside it are masked. Which they are is
   told by the timeline's older entries, so
4. those are masked last;
5. everything is looked at once more, and the register tells that it came to its end.

Each write is conditional on what was read. Done again, nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from returns_hub.domain.facts import Event, PersonalDataForgotten
from returns_hub.domain.forgetting import forgotten_order, forgotten_return
from returns_hub.domain.miinto.facts import MarketEvent
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.state import ReturnState
from returns_hub.domain.still_needed import order_needs, return_needs
from returns_hub.errors import Conflict, Permanent, Retryable
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.privacy.find import Found
from returns_hub.flows.privacy.subject import names_of
from returns_hub.ports import Clock, ReturnsStore
from returns_hub.ports.marketplace import MarketStore
from returns_hub.ports.privacy import PersonalData, StoredCopy, Subject

State = TypeVar("State", ReturnState, OrderState)
RULE = "forgotten by a person"
NEEDED = "privacy.needed"
LAST = frozenset({"returns.events"})
"""Places that tell what is to be looked for, and are therefore masked when the rest is done."""


@dataclass(frozen=True)
class PrivacyDesk:
    """What forgetting needs.

    Args:
        who: Who has it done; goes onto timelines.
        data: Rows about persons.
        returns: The merchant's returns.
        market: Its marketplace's store; None without one.
        clock: Tells the time.
        look: Finds everything once more, as at first.
    """

    who: str
    data: PersonalData
    returns: ReturnsStore
    market: Callable[[], MarketStore] | None
    clock: Clock
    look: Callable[[Subject], Found]


@dataclass(frozen=True)
class Forgotten:
    """What was done: how many rows were masked and deleted, and what stays, by place."""

    masked: int
    deleted: int
    stays: dict[str, int]


def require_free(found: Found) -> None:
    """Refuse while anything is still needed for goods or money.

    Raises:
        Permanent: It is; the reason tells each.
    """
    if found.needed:
        raise Permanent(NEEDED, "not now: " + "; ".join(found.needed))


def forget(found: Found, desk: PrivacyDesk, tell: Callable[[str], None]) -> Forgotten:
    """Forget the person.

    Args:
        found: What was found and shown.
        desk: See there.
        tell: Is told what was done, row by row, without the person's words.

    Raises:
        Permanent: Something is needed yet; nothing was changed.
        Retryable: Others keep changing it; the same again goes on.
    """
    require_free(found)
    subject = found.subject
    began = desk.clock.now()
    for name in names_of(subject):
        desk.data.remember(subject.merchant, name, began, done=False)
    for return_id in subject.return_ids:
        _close_return(subject.merchant, return_id, desk)
    for shop, number in subject.orders:
        _close_order(subject.merchant, shop, number, desk)
    masked = deleted = 0
    rest = found
    for _ in range(TRIES_AGAINST_OTHERS):
        open_copies = [copy for copy in rest.copies if copy.does in {"mask", "delete"}]
        if not open_copies:
            break
        for copy in sorted(open_copies, key=lambda one: one.place in LAST):
            done = _take_out(copy, desk)
            masked += done == "mask"
            deleted += done == "delete"
            if done:
                tell(f"{done} {copy.where}")
        rest = desk.look(subject)
        require_free(rest)
    else:
        raise Retryable("privacy.contended", "others keep writing about it; do the same again")
    for name in names_of(subject):
        desk.data.remember(subject.merchant, name, began, done=True)
    stays: dict[str, int] = {}
    for copy in rest.copies:
        stays[copy.place] = stays.get(copy.place, 0) + 1
    return Forgotten(masked, deleted, stays)


def _take_out(copy: StoredCopy, desk: PrivacyDesk) -> str:
    """What was done; empty when somebody changed the row, which the next look sees."""
    try:
        desk.data.take_out(copy)
    except Conflict:
        return ""
    return copy.does


def _close_return(merchant: str, return_id: str, desk: PrivacyDesk) -> None:
    """Tell it on the return's timeline."""

    def tell(state: ReturnState, entry: dict[str, Any]) -> None:
        desk.returns.append(state, [Event(**entry)])

    _close(
        f"return {return_id}",
        lambda: desk.returns.load(merchant, return_id),
        lambda state: (forgotten_return(state), return_needs(state)),
        tell,
        desk,
    )


def _close_order(merchant: str, shop: str, number: int, desk: PrivacyDesk) -> None:
    """Tell it on the timeline of an order of the marketplace."""
    if desk.market is None:
        return
    market = desk.market()

    def tell(state: OrderState, entry: dict[str, Any]) -> None:
        market.append_to_order(state, [MarketEvent(**entry)])

    _close(
        f"order {shop} {number}",
        lambda: market.order(merchant, shop, number),
        lambda state: (forgotten_order(state), order_needs(state)),
        tell,
        desk,
    )


def _close(
    name: str,
    load: Callable[[], State],
    judge: Callable[[State], tuple[dict[str, object], str]],
    tell: Callable[[State, dict[str, Any]], None],
    desk: PrivacyDesk,
) -> None:
    """Tell it on a timeline, unless the state holds nothing personal any more.

    Args:
        name: What is closed, in words.
        load: Reads its state.
        judge: What changes in it when it is forgotten, and why it is still needed.
        tell: Appends an entry of its timeline, given as its fields.
        desk: See there.

    Raises:
        Permanent: It is needed again.
        Retryable: Others keep changing it.
    """
    for _ in range(TRIES_AGAINST_OTHERS):
        state = load()
        changes, why = judge(state)
        if not state.version or state.model_copy(update=changes) == state:
            return
        if why:
            raise Permanent(NEEDED, f"not now: {name}: {why}")
        entry = {
            "sequence": state.version + 1,
            "at": desk.clock.now(),
            "actor": desk.who,
            "rule": RULE,
            "config_version": 0,
            "fact": PersonalDataForgotten(),
        }
        try:
            tell(state, entry)
        except Conflict:
            continue
        return
    raise Retryable("privacy.contended", f"others keep changing {name}")
