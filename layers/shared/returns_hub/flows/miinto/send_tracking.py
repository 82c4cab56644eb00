"""Miinto is told of a despatch, by a call that no document describes: off until confirmed.

The call is the merchant file's (`miinto.tracking`). It is looked up by the tracking number in
Miinto's order, where the file names the field that shows it (`seen_at`); without it a call whose
answer was lost is never repeated by itself: a person is asked.
"""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.facts import WouldSend
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.facts import TrackingSent
from returns_hub.domain.miinto.keys import send_tracking_key
from returns_hub.domain.miinto.orders import Despatch, OrderState
from returns_hub.domain.miinto.settings import TrackingCall, slug_of
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.errors import Permanent
from returns_hub.flows.miinto.market_world import MarketWorld

FLOW = "miinto_despatches"
SETTLE_SECONDS = 60.0
GIVE_UP_SECONDS = 3600.0


def send_tracking(mw: MarketWorld, state: OrderState) -> OrderState:
    """Tell Miinto of every despatch that it was not told of, or say what would be told.

    Raises:
        Permanent: Refused; or no provider is known, or nobody knows the end of a call.
        Retryable, UnknownOutcome: Come back.
        Conflict: Someone else appended meanwhile.
    """
    settings = mw.settings.tracking
    if settings.mode is Mode.OFF:
        return state
    for despatch in state.untold:
        if despatch.tracking in state.tracking_sent:
            continue
        provider = _provider(mw, state, despatch, settings)
        if settings.mode is Mode.SHADOW:
            summary = f"{despatch.tracking} by {provider} for order {state.id}"
            would = WouldSend(partner="miinto", operation="send tracking", summary=summary)
            fact = TrackingSent(tracking=despatch.tracking, how="shadow")
            state = mw.record_order(state, "tell Miinto", would, fact)
            continue
        how = _send(mw, state, despatch, provider)
        fact = TrackingSent(tracking=despatch.tracking, how=how)
        state = mw.record_order(state, "tell Miinto", fact)
        mw.stores.telemetry.count("MarketTracking", merchant=mw.merchant, outcome=how)
    return state


def _send(mw: MarketWorld, state: OrderState, despatch: Despatch, provider: str) -> str:
    tracking = despatch.tracking
    operation = mw.world.operation(
        send_tracking_key(mw.merchant, state.shop, state.id, tracking, state.attempt),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
        retry_rejected=state.replays > 0,
    )
    values = {
        "provider": provider,
        "tracking": tracking,
        "tracking_url": despatch.tracking_url,
        "despatched_at": despatch.at.isoformat() if despatch.at else "",
    }

    def send(send_by: datetime) -> str:
        mw.marketplace.send_tracking(state.shop, state.id, values, send_by)
        return tracking

    def look_up(_: Claim) -> LookUp:
        return _look_up(mw, state, tracking)

    return mw.world.run(operation, send=send, look_up=look_up).how


def _look_up(mw: MarketWorld, state: OrderState, tracking: str) -> LookUp:
    """Whether Miinto's order shows the number.

    An empty field is conclusive. Another number is not: of an order in parts the field may show
    one of several.
    """
    where = f"Miinto's order {state.id} of shop {slug_of(state.shop)}"
    if mw.settings.tracking.seen_at is None:
        return Inconclusive(
            f"nobody knows whether {where} was told of {tracking}: tracking.seen_at names no field "
            "to look at; look there, then replay, with --send-again if it was not"
        )
    order = mw.marketplace.read_order(state.shop, state.id)
    if order is None:
        return Inconclusive(f"{where} cannot be read; look for {tracking} there")
    if order.tracking_seen == tracking:
        return Found(tracking)
    if order.tracking_seen:
        return Inconclusive(f"{where} shows another tracking number than {tracking}; look there")
    return NotFound()


def _provider(
    mw: MarketWorld, state: OrderState, despatch: Despatch, settings: TrackingCall
) -> str:
    """Miinto's provider for the courier: the mapped one where Miinto allows it for the order, else
    the default.

    Raises:
        Permanent: There is neither.
    """
    mapped = {name.casefold(): provider for name, provider in settings.providers.items()}
    wanted = mapped.get(despatch.carrier.casefold())
    allowed: set[str] = set()
    if wanted is not None:
        told = mw.marketplace.shipping_providers(state.shop, state.id)
        allowed = {provider.id for provider in told}
    if wanted is not None and wanted in allowed:
        return wanted
    if settings.provider_default is not None:
        return settings.provider_default
    why = f"courier {despatch.carrier[:60] or 'none'} is not in tracking.providers"
    if wanted is not None:
        why = f"Miinto does not allow {wanted} for this order"
    raise Permanent(
        "miinto.no_provider",
        f"{why}, and tracking.provider_default is not set; tell Miinto by hand and discard, or "
        "mend the file and replay",
    )
