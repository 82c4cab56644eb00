"""One accepted order of Miinto becomes one order of the store of record.

The order of steps, and why a crash between any two of them is harmless:

1. read the order anew, with its customer, who is kept nowhere;
2. plan it: number, warehouse and courier go onto the timeline;
3. make it in Mintsoft, an operation of the ledger, looked up by the number; or in the ERP, in the
   same way, and wait until the warehouse has it of there;
4. record Mintsoft's id;
5. put the label's link, where there is one, into a comment: an operation of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns_hub.domain.facts import WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import LabelLinked, OrderMade, OrderPlanned
from returns_hub.domain.miinto.keys import create_order_key, order_comment_key
from returns_hub.domain.miinto.order_draft import courier_for, draft_of, number_of, texts_of
from returns_hub.domain.miinto.orders import MarketOrder, OrderState
from returns_hub.domain.miinto.settings import MiintoShop, slug_of
from returns_hub.domain.operations import Claim, Found, LookUp, NotFound, Operation
from returns_hub.domain.wair.order_context import with_context
from returns_hub.domain.warehouse_orders import OrderDraft, units_of
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.order_work import ask

FLOW = "miinto_orders"
GIVE_UP_SECONDS = 24 * 3600.0
COMMENT_SETTLE_SECONDS = 30.0
GONE = "order.gone"
NOT_THERE_YET = "order.not_in_warehouse"


def make_order(mw: MarketWorld, state: OrderState, order: MarketOrder) -> str:
    """Make one order that is on its timeline and not made, or say what would be made.

    Raises:
        Permanent: Refused, or it makes no sense; a person has to act.
        Retryable, UnknownOutcome: Come back.
        Conflict: Someone else appended meanwhile.
    """
    settings = mw.settings.orders
    shop = mw.settings.shop(state.shop)
    if shop is None:
        raise Permanent(
            "miinto.unknown_shop",
            f"shop {slug_of(state.shop)} is not in the merchant's file any more; add it, or "
            "discard the order",
        )
    planned, courier = _plan(mw, state, shop)
    if settings.mode is Mode.SHADOW:
        return _would_make(mw, state, order, shop, planned, courier)
    after = state.model_copy(update={"number": planned.number, "warehouse": planned.warehouse})
    draft = _draft(mw, after, order, shop, courier)
    if not state.number:
        state = mw.record_order(state, "plan the order", planned)
    operation = _operation(mw, state)

    def send(send_by: datetime) -> str:
        if mw.sales is not None:
            return mw.sales.create_sales_order(draft, send_by)
        return str(mw.orders.create_order(draft, send_by).order_id)

    done = mw.world.run(operation, send=send, look_up=_look_up(mw, state))
    how = "looked_up" if done.how == "looked_up" else "sent"
    made = OrderMade(made_id=_in_warehouse(mw, state, done.partner_id), how=how)
    state = mw.record_order(state, "one order for each number", made)
    mw.stores.telemetry.count("MarketOrders", merchant=mw.merchant, outcome=how)
    link_label(mw, state, order)
    return "made"


def find_made(mw: MarketWorld, state: OrderState) -> int | None:
    """Mintsoft's id of an order that an earlier run made, if it made one. Nothing is sent.

    Raises:
        Retryable, UnknownOutcome, Permanent: Nobody knows yet; or the ERP has it, and the warehouse
            has not.
    """
    made = find_told(mw, state)
    return None if made is None else _in_warehouse(mw, state, made)


def find_told(mw: MarketWorld, state: OrderState) -> str | None:
    """The store of record's id of an order that an earlier run made; see `find_made`.

    Raises:
        Retryable, UnknownOutcome, Permanent: Nobody knows yet.
    """

    def send(_: datetime) -> str:
        raise Retryable(GONE, "the order is not made any more")

    try:
        done = mw.world.run(_operation(mw, state), send=send, look_up=_look_up(mw, state))
    except Retryable as verdict:
        if verdict.code == GONE:
            return None
        raise
    except Permanent as verdict:
        if verdict.code == "operation.unknown_outcome":
            raise
        return None
    return done.partner_id


def _in_warehouse(mw: MarketWorld, state: OrderState, made: str) -> int:
    """The warehouse's id of what was made: by the warehouse itself, or by the ERP, whose order the
    flow between the two brings there.

    Raises:
        Retryable: It is not there yet.
    """
    if made.isdigit():
        return int(made)
    order_id = mw.warehouse_order_of(made)
    if order_id is None:
        raise Retryable(
            NOT_THERE_YET,
            f"Unleashed has order {state.number}, and the warehouse has not got it yet",
            after=300,
        )
    return order_id


def link_label(mw: MarketWorld, state: OrderState, order: MarketOrder) -> OrderState:
    """Put the label's link into a comment on the warehouse's order, once, where there is one.

    The look-up is conclusive: the warehouse lists every comment of an order, and ours ends with
    its marker.
    """
    url, made_id = order.label_url, state.made_id
    if not url or made_id is None or state.label_linked:
        return state
    operation = mw.world.operation(
        order_comment_key(mw.merchant, state.shop, state.id, "label"),
        settle=COMMENT_SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
    )

    def send(send_by: datetime) -> str:
        text = f"Miinto's shipping label: {url} [{operation.marker}]"
        mw.orders.add_order_comment(made_id, text, send_by)
        return operation.marker

    def look_up(_: Claim) -> LookUp:
        told = any(operation.marker in text for text in mw.orders.order_comments(made_id))
        return Found(operation.marker) if told else NotFound()

    try:
        mw.world.run(operation, send=send, look_up=look_up)
    except Permanent as verdict:
        reason = f"the label's link is not on Mintsoft's order {state.number}: {verdict.reason}"
        return ask(mw, state, FLOW, "label", verdict.code, reason)
    return mw.record_order(state, "the label's link", LabelLinked())


def _plan(mw: MarketWorld, state: OrderState, shop: MiintoShop) -> tuple[OrderPlanned, str]:
    """The plan, as it was recorded or anew, and the courier."""
    settings = mw.settings.orders
    allowed: list[str] = []
    if settings.couriers:
        told = mw.marketplace.shipping_providers(state.shop, state.id)
        allowed = [provider.id for provider in told]
    provider, courier = courier_for(allowed, settings)
    planned = OrderPlanned(
        number=state.number or number_of(settings.number_prefix, shop.slug, state.id),
        warehouse=state.warehouse or shop.warehouse,
        courier=courier,
        provider=provider,
        shadow=settings.mode is Mode.SHADOW,
    )
    return planned, courier


def _draft(
    mw: MarketWorld, state: OrderState, order: MarketOrder, shop: MiintoShop, courier: str
) -> OrderDraft:
    draft = draft_of(
        state,
        order,
        shop,
        courier=courier,
        price_is=mw.settings.transfers.price_is,
        settings=mw.settings.orders,
    )
    return with_context(draft, mw.world.live.merchant.wair, texts_of(order, state.lines))


def _would_make(  # noqa: PLR0917 - what the draft is made of
    mw: MarketWorld,
    state: OrderState,
    order: MarketOrder,
    shop: MiintoShop,
    planned: OrderPlanned,
    courier: str,
) -> str:
    after = state.model_copy(update={"number": planned.number, "warehouse": planned.warehouse})
    goods = ", ".join(f"{line.quantity} x {line.sku or 'unknown'}" for line in state.lines[:20])
    summary = f"order {planned.number} in warehouse {planned.warehouse}: {goods}; courier {courier}"
    try:
        _draft(mw, after, order, shop, courier)
    except Permanent as verdict:
        summary += f"; it would wait for a person: {verdict.reason}"
    partner = "mintsoft" if mw.sales is None else "unleashed"
    would = WouldSend(partner=partner, operation="create order", summary=summary)
    mw.record_order(state, "plan the order", planned, would)
    return "shadow"


def _operation(mw: MarketWorld, state: OrderState) -> Operation:
    return mw.world.operation(
        create_order_key(mw.merchant, state.number),
        settle=mw.world.live.merchant.mintsoft.settle_seconds,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=state.replays > 0,
    )


def _look_up(mw: MarketWorld, state: OrderState) -> Callable[[Claim], LookUp]:
    """By the number, which Mintsoft keeps unique for the client and refuses a second time; in the
    ERP by the Guid that follows from the number."""
    units = units_of((line.sku or "", line.quantity) for line in state.lines)

    def look_up(claim: Claim) -> LookUp:
        if mw.sales is not None:
            return mw.sales.find_sales_order(state.number, units=units)
        return mw.orders.find_order(state.number, units=units, since=claim.first_claimed_at)

    return look_up
