"""Who is meant: from a word that a person has in hand to the hub's own ids.

The hub keeps no e-mails, no names and no addresses, so a person is found by what they bought: a
return's id, an order's name or number, a tracking number. No portal's list is filtered by e-mail
(Redo: no customer filter; of Loop nothing is documented), so by an e-mail only texts can be
searched that somebody sent the hub, and the person's returns are asked of the portal by its search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from returns_hub.domain.forgetting import personal_texts
from returns_hub.domain.miinto.keys import (
    cancel_order_key,
    create_order_key,
    order_comment_key,
    send_tracking_key,
)
from returns_hub.domain.miinto.orders import OrderState
from returns_hub.domain.miinto.rmas import is_of_miinto
from returns_hub.domain.miinto.settings import slug_of
from returns_hub.domain.operations import (
    create_external_return_key,
    flag_key,
    process_key,
    rma_request_key,
)
from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.state import ReturnState
from returns_hub.domain.sync.records import LONGEST_KEY
from returns_hub.domain.unleashed.names import CREDIT_NOTES
from returns_hub.flows.relay.despatches import NAME as DESPATCHES
from returns_hub.flows.relay.order_change_message import FLOW as ORDER_CHANGES
from returns_hub.flows.unleashed.credits.due import key_of
from returns_hub.ports import ReturnsStore
from returns_hub.ports.marketplace import MarketStore
from returns_hub.ports.privacy import Subject

MOST_RETURNS = 100
"""Of one order or tracking number."""
ORDER = "order "
RETURN = "return "


@dataclass(frozen=True)
class Wanted:
    """What was given of the person; the hub keeps none of it.

    Args:
        return_ids: Returns, by id; a marketplace's RMA has one too.
        orders: Orders' names or numbers, the store's or Miinto's as ``SHOP/NUMBER``.
        tracking: Tracking numbers.
        texts: Anything that may stand in a message: an e-mail, a name.
    """

    return_ids: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    tracking: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def find_subject(
    wanted: Wanted,
    merchant: str,
    returns: ReturnsStore,
    market: Callable[[], MarketStore] | None,
) -> Subject:
    """The returns, orders and records that belong to what was given.

    Args:
        wanted: What was given.
        merchant: Whose customer.
        returns: The merchant's returns.
        market: Its marketplace's store, where it has one.
    """
    ids = dict.fromkeys(wanted.return_ids)
    for kind, words in ((TermKind.ORDER, wanted.orders), (TermKind.TRACKING, wanted.tracking)):
        for word in words:
            ids |= dict.fromkeys(returns.find_by(merchant, kind, word, MOST_RETURNS))
    orders: list[OrderState] = []
    if market is not None:
        orders = list(_orders(wanted, merchant, ids, market()))
        ids |= dict.fromkeys(rma for order in orders for rma in order.rmas)
    known_as = dict.fromkeys((*wanted.orders, *wanted.tracking, *wanted.texts))
    states = [returns.load(merchant, return_id) for return_id in ids]
    known = [state for state in states if state.version]
    for state in known:
        contents = (state.model_dump(mode="json"), *_facts(returns, state))
        known_as |= dict.fromkeys(word for one in contents for word in personal_texts(one))
    operations = [key for state in known for key in _operations(state)]
    if market is not None:
        for order in orders:
            told = _told_of(order, market())
            known_as |= dict.fromkeys((order.number, order.parent_id, *told))
            operations += _order_operations(order, told)
    plain = (word.strip().lstrip("#") for word in known_as)
    words = tuple(filter(None, dict.fromkeys((*known_as, *plain))))
    return Subject(
        merchant=merchant,
        return_ids=tuple(ids),
        orders=tuple((order.shop, order.id) for order in orders),
        records=tuple(dict.fromkeys(_records(known, orders, words))),
        operations=tuple(dict.fromkeys(operations)),
        words=words,
    )


def names_of(subject: Subject) -> tuple[str, ...]:
    """What stands in the register for the subject: ids alone."""
    returns = (f"{RETURN}{return_id}" for return_id in subject.return_ids)
    return (*returns, *(f"{ORDER}{shop} {number}" for shop, number in subject.orders))


def wanted_again(names: Iterable[str]) -> Wanted:
    """What the register's names stand for."""
    wanted = Wanted()
    for name in names:
        if name.startswith(RETURN):
            wanted = replace(wanted, return_ids=(*wanted.return_ids, name.removeprefix(RETURN)))
        elif name.startswith(ORDER):
            shop, _, number = name.removeprefix(ORDER).partition(" ")
            wanted = replace(wanted, orders=(*wanted.orders, f"{shop}/{number}"))
    return wanted


def _facts(returns: ReturnsStore, state: ReturnState) -> list[object]:
    events = returns.timeline(state.merchant, state.return_id)
    return [event.fact.model_dump(mode="json") for event in events]


def _told_of(order: OrderState, market: MarketStore) -> tuple[str, ...]:
    """Tracking numbers of an order; once its state is closed, its entries alone tell them."""
    events = market.timeline(order.merchant, "order", order.shop, order.id)
    facts = [event.fact.model_dump(mode="json") for event in events]
    return personal_texts([order.model_dump(mode="json"), *facts])


def _orders(
    wanted: Wanted, merchant: str, ids: Iterable[str], market: MarketStore
) -> Iterable[OrderState]:
    found: dict[tuple[str, int], OrderState] = {}
    for word in wanted.orders:
        shop, _, number = word.rpartition("/")
        if shop and number.isdecimal():
            order: OrderState | None = market.order(merchant, shop, int(number))
        else:
            order = market.order_of(merchant, number=word)
        if order is not None and order.version:
            found[order.shop, order.id] = order
    for return_id in filter(is_of_miinto, ids):
        rma = market.rma(merchant, return_id)
        if rma is not None and rma.order_id and rma.order_id.isdecimal():
            order = market.order(merchant, rma.shop, int(rma.order_id))
            if order.version:
                found[order.shop, order.id] = order
    return found.values()


def _records(
    states: Iterable[ReturnState], orders: Iterable[OrderState], words: Iterable[str]
) -> Iterable[tuple[str, str]]:
    for state in states:
        for batch in state.batches:
            yield CREDIT_NOTES, key_of(state.return_id, str(batch.number))
    for order in orders:
        if order.made_id is not None:
            yield DESPATCHES, str(order.made_id)
        if order.number:
            yield ORDER_CHANGES, order.number
    for word in words:
        if len(word) <= LONGEST_KEY:
            yield ORDER_CHANGES, word


def _operations(state: ReturnState) -> Iterable[str]:
    """Keys of the operations that the state tells of; those of comments are found by a scan."""
    merchant, return_id = state.merchant, state.return_id
    for shipment in state.shipments:
        for attempt in range(shipment.attempt + 1):
            yield create_external_return_key(merchant, return_id, shipment.key, attempt)
    for batch in state.batches:
        for attempt in range(batch.attempt + 1):
            yield process_key(merchant, return_id, batch.number, attempt)
    for receipt in state.receipts:
        yield flag_key(merchant, return_id, receipt.receipt)


def _order_operations(order: OrderState, told: Iterable[str]) -> Iterable[str]:
    """Keys of the operations about an order of the marketplace; `told` has its tracking numbers."""
    merchant, shop, number = order.merchant, order.shop, order.id
    if order.number:
        yield create_order_key(merchant, order.number)
        yield cancel_order_key(merchant, order.number)
    yield order_comment_key(merchant, shop, number, "label")
    for tracking in told:
        for attempt in range(order.attempt + 1):
            yield send_tracking_key(merchant, shop, number, tracking, attempt)
    for request in order.requests:
        for attempt in range(request.attempt + 1):
            yield rma_request_key(merchant, slug_of(shop), number, request.source, attempt)
