"""Positions of a transfer are decided at Miinto: once, and never on a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from returns_hub.domain.facts import Parked
from returns_hub.domain.miinto.facts import (
    MarketFact,
    PositionsCommitted,
    PositionsDecided,
    TransferGone,
    Unparked,
)
from returns_hub.domain.miinto.settings import MiintoShop, slug_of
from returns_hub.domain.miinto.transfers import (
    BY_RULE,
    DecisionOfTransfer,
    TransferState,
    decide_transfer_key,
)
from returns_hub.domain.operations import Claim, Found, Inconclusive, LookUp, NotFound
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.pending import still_pending
from returns_hub.ports import ParkedItem

FLOW = "decide_transfers"
SETTLE_SECONDS = 60.0
GIVE_UP_SECONDS = 1800.0
ORDER_SHOWS_SECONDS = 600.0
"""After this an order that accepting made is in the list of orders. No source tells; a decision
whose answer was lost is looked for that long."""
ORDERS_BACK = timedelta(days=7)
"""An order may bear the time of the buyer's basket, which is older than the offer."""
ELSEWHERE = "miinto.decided_elsewhere"
AUTOMATIC_OFF = "miinto.automatic_off"
UNKNOWN = "operation.unknown_outcome"
PositionsNow = Callable[[], frozenset[int]]


@dataclass(frozen=True)
class Ended:
    """What came of a request, and the timeline after it. `why` is for people."""

    state: TransferState
    decision: DecisionOfTransfer
    why: str = ""


def commit(
    state: TransferState,
    accepted: Iterable[int],
    declined: Iterable[int],
    by: str,
    skus: Mapping[int, str] = MappingProxyType({}),
) -> PositionsCommitted:
    """The next request of a transfer; from its record on no other may hold these positions."""
    return PositionsCommitted(
        number=len(state.decisions) + 1,
        accepted=tuple(accepted),
        declined=tuple(declined),
        by=by,
        skus=dict(skus),
    )


def decide(
    market: MarketWorld,
    shop: MiintoShop,
    state: TransferState,
    decision: DecisionOfTransfer,
    pending_now: PositionsNow,
) -> Ended:
    """Have Miinto decide what was committed, and record what came of it.

    The request holds exactly what was committed, or is not made: where a position is not pending
    any more, somebody else decided it or it expired, and the rest is committed anew.

    The look-up after a request without an answer. Positions that are still pending are never
    taken for "not carried out", however long ago it was: nobody told that Miinto decides before
    it answers, and a second request could accept what a person declined there meanwhile. So in
    the end a person is asked. Once they are not pending, an order that holds them tells that they
    were accepted. It cannot tell by whom, and it need not: it is the shop's order either way.
    Without such an order somebody else was first. Declined positions leave no trace; that they are
    gone, and in no order, is what was wanted.

    Raises:
        Retryable: Not done, or somebody is at it.
        UnknownOutcome: It may be done; looked for again later.
        Conflict: It ended, and somebody changed the timeline meanwhile; the next run records it.
    """
    operation = market.world.operation(
        decide_transfer_key(market.merchant, shop.slug, state.id, decision.number),
        settle=SETTLE_SECONDS,
        give_up=GIVE_UP_SECONDS,
    )
    looked_up_lost = False

    def send(send_by: datetime) -> str:
        if looked_up_lost:
            raise Permanent(ELSEWHERE, "somebody else decided it, or the offer expired")
        if decision.by == BY_RULE and not market.settings.transfers.rule.automatic:
            raise Permanent(AUTOMATIC_OFF, "deciding by the rule was switched off before it was")
        missing = sorted(set(decision.positions) - pending_now())
        if missing:
            raise Permanent(ELSEWHERE, f"not pending any more: {_listed(missing)}")
        order = market.marketplace.decide_transfer(
            shop.id, state.id, decision.accepted, decision.declined, send_by
        )
        return "" if order is None else str(order)

    def look_up(claim: Claim) -> LookUp:
        nonlocal looked_up_lost
        try:
            found = _look_up(market, shop, state, decision, claim)
        except Permanent as verdict:
            return Inconclusive(f"Miinto does not let it be looked up: {verdict.reason}")
        looked_up_lost = isinstance(found, NotFound)
        return found

    try:
        done = market.world.run(operation, send=send, look_up=look_up)
    except Permanent as verdict:
        return _not_done(market, shop, state, decision, verdict)
    order = int(done.partner_id) if done.partner_id else _order_if_known(market, shop, decision)
    fact = PositionsDecided(number=decision.number, outcome="done", how=done.how, order=order)
    return _record(market, state, decision, "Miinto took the decision", fact)


def _look_up(
    market: MarketWorld,
    shop: MiintoShop,
    state: TransferState,
    decision: DecisionOfTransfer,
    claim: Claim,
) -> LookUp:
    pending = still_pending(market, shop.id, state.id) & set(decision.positions)
    if pending:
        return Inconclusive(
            f"a decision had no answer, and Miinto still shows {_listed(pending)} pending; look "
            "at the transfer there before it is decided again"
        )
    order, held = _order_with(market, shop, state, decision)
    if order is not None and held >= set(decision.accepted) and held.isdisjoint(decision.declined):
        return Found(str(order) if decision.accepted else "")
    if not decision.accepted and order is None:
        return Found("")
    age = market.stores.clock.now() - claim.first_claimed_at
    if order is None and age < timedelta(seconds=ORDER_SHOWS_SECONDS):
        return Inconclusive(
            "a decision had no answer; its positions are not pending, and no order holds them yet"
        )
    if still_pending(market, shop.id, state.id) & set(decision.positions):
        return Inconclusive("Miinto shows its positions pending now and then")
    return NotFound()


def _order_with(
    market: MarketWorld, shop: MiintoShop, state: TransferState, decision: DecisionOfTransfer
) -> tuple[int | None, frozenset[int]]:
    """The newest order that holds any of the request's positions as accepted, and which."""
    offered_at = state.created_at or state.first_seen_at or market.stores.clock.now()
    wanted = frozenset(decision.positions)
    for order in market.marketplace.orders(shop.id, offered_at - ORDERS_BACK):
        held = wanted.intersection(position.id for position in order.accepted)
        if held:
            return order.id, held
    return None, frozenset()


def _order_if_known(
    market: MarketWorld, shop: MiintoShop, decision: DecisionOfTransfer
) -> int | None:
    """The order of a decision that Miinto took without naming it; it is not waited for: the flow
    of orders finds it too."""
    if not decision.accepted:
        return None
    wanted = set(decision.accepted)
    since = market.stores.clock.now() - ORDERS_BACK
    try:
        for order in market.marketplace.orders(shop.id, since):
            if wanted <= {position.id for position in order.accepted}:
                return order.id
    except Verdict:
        return None
    return None


def _not_done(
    market: MarketWorld,
    shop: MiintoShop,
    state: TransferState,
    decision: DecisionOfTransfer,
    verdict: Permanent,
) -> Ended:
    """A request that was refused, or never made, or that nobody knows the end of.

    Refused with a position that is not pending: somebody was first, and the others may be tried
    again, as may all that was never sent. Refused while all are pending: Miinto does not want it,
    and a person has to look.
    """
    number, reason = decision.number, verdict.reason
    if verdict.code == UNKNOWN:
        return _park(market, shop, state, decision, verdict)
    gone = sorted(set(decision.positions) - still_pending(market, shop.id, state.id))
    if gone or verdict.code in {ELSEWHERE, AUTOMATIC_OFF}:
        fact = PositionsDecided(number=number, outcome="lost", reason=reason)
        facts = [fact, *went(state, gone, "decided_elsewhere", reason, but=number)]
        is_off = verdict.code == AUTOMATIC_OFF
        rule = "switched off meanwhile" if is_off else "somebody else was first"
        return _record(market, state, decision, rule, *facts, why=reason)
    fact = PositionsDecided(number=number, outcome="refused", reason=reason)
    return _record(market, state, decision, "Miinto refused it", fact, why=reason)


def went(
    state: TransferState,
    positions: Iterable[int],
    code: str,
    reason: str = "",
    but: int | None = None,
) -> list[MarketFact]:
    """That these positions went by themselves: the whole transfer where nothing else is of it.

    `but` is the number of a request that turns out to have decided nothing.
    """
    missing = tuple(positions)
    if not missing:
        return []
    others = {position.id for position in state.positions}.difference(missing)
    others -= set(state.gone_positions)
    is_ours = any(
        decision.outcome in {"", "unknown", "done"} and decision.number != but
        for decision in state.decisions
    )
    of = missing if others or is_ours else ()
    return [TransferGone(code=code, reason=reason, positions=of)]


def _record(
    market: MarketWorld,
    state: TransferState,
    decision: DecisionOfTransfer,
    rule: str,
    *facts: MarketFact,
    why: str = "",
) -> Ended:
    was_parked = decision.outcome == "unknown"
    more: list[MarketFact] = []
    if was_parked and not _others_unknown(state, decision):
        more.append(Unparked(act="replayed", note="it was found out what came of it"))
    after = market.record_transfer(state, rule, *facts, *more)
    if was_parked:
        close_parked(market, state, decision, "hub", why or rule)
    ended = next(one for one in after.decisions if one.number == decision.number)
    units = len(ended.positions)
    market.stores.telemetry.count(
        "TransferPositionsDecided", units, merchant=market.merchant, outcome=ended.outcome
    )
    return Ended(after, ended, why)


def _park(
    market: MarketWorld,
    shop: MiintoShop,
    state: TransferState,
    decision: DecisionOfTransfer,
    verdict: Permanent,
) -> Ended:
    if decision.outcome == "unknown":
        return Ended(state, decision, verdict.reason)
    parked_id = parked_decision_id(shop.slug, state.id, decision.number)
    subject = f"transfer {shop.slug}/{state.id}"
    market.world.park(FLOW, parked_id, verdict, subject=subject, payload=decision.model_dump_json())
    after = market.record_transfer(
        state,
        "a person is asked",
        PositionsDecided(number=decision.number, outcome="unknown", reason=verdict.reason),
        Parked(
            flow=FLOW,
            parked_id=parked_id,
            code=verdict.code,
            reason=verdict.reason,
            subject=f"request-{decision.number}",
        ),
    )
    ended = next(one for one in after.decisions if one.number == decision.number)
    return Ended(after, ended, verdict.reason)


def release(
    market: MarketWorld, state: TransferState, decision: DecisionOfTransfer, who: str, note: str
) -> TransferState:
    """A person vouches that a parked request was not carried out: its positions wait again.

    What decides them next is a request of its own.
    """
    more: list[MarketFact] = []
    if not _others_unknown(state, decision):
        more.append(Unparked(act="replayed", note=note))
    fact = PositionsDecided(
        number=decision.number, outcome="lost", how="by hand", reason=note or "it was not done"
    )
    after = market.record_transfer(state, "a person vouched for it", fact, *more, actor=who)
    close_parked(market, state, decision, who, note)
    return after


def parked_decision_id(slug: str, transfer: int, number: int) -> str:
    """The id, in the list of parked work, of a decision that nobody knows the end of."""
    return f"{FLOW}/{slug}/{transfer}/{number}"


def close_parked(
    market: MarketWorld, state: TransferState, decision: DecisionOfTransfer, who: str, note: str
) -> None:
    """Take what was found out, or told by a person, off the list of parked work."""
    item = ParkedItem(
        merchant=market.merchant,
        parked_id=parked_decision_id(slug_of(state.shop), state.id, decision.number),
        flow=FLOW,
        code=UNKNOWN,
        reason="",
        subject="",
        payload="",
    )
    market.stores.parking.close(item, "replayed", who, note)


def _others_unknown(state: TransferState, decision: DecisionOfTransfer) -> bool:
    return any(d.outcome == "unknown" and d.number != decision.number for d in state.decisions)


def _listed(positions: Iterable[int]) -> str:
    ids = sorted(positions)
    told = ", ".join(str(number) for number in ids)
    return f"position{'s' if len(ids) > 1 else ''} {told}"
