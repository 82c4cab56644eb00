"""A person decides positions of a transfer: by the same way as the rule, with the person's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.domain.miinto.transfers import BY_RULE, TransferState
from returns_hub.errors import Conflict, Permanent, Retryable, Verdict
from returns_hub.flows.contention import TRIES_AGAINST_OTHERS
from returns_hub.flows.miinto.decide_transfer import ELSEWHERE, commit, decide, release
from returns_hub.flows.miinto.identify import skus_found
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.pending import still_pending


def accept_positions(
    market: MarketWorld, shop: str, transfer: int, positions: Sequence[int], who: str
) -> str:
    """Accept positions, whatever the rule says about them.

    Args:
        market: Whose.
        shop: The shop's id or short name.
        transfer: The transfer's id.
        positions: Positions that wait.
        who: The person; goes onto the timeline.

    Returns:
        What came of it, in a sentence.

    Raises:
        Permanent: It may not be decided, or Miinto refused, or somebody else was first.
        Retryable, UnknownOutcome: It is committed; the next run sees to it.
    """
    return _by_hand(market, shop, transfer, positions, (), who)


def decline_positions(
    market: MarketWorld, shop: str, transfer: int, positions: Sequence[int], who: str
) -> str:
    """Decline positions; as `accept_positions`."""
    return _by_hand(market, shop, transfer, (), positions, who)


def release_decision(  # noqa: PLR0917 - which request of what, and who says so
    market: MarketWorld, shop: str, transfer: int, number: int, who: str, note: str
) -> str:
    """A person looked at Miinto: a request that had no answer was not carried out.

    Its positions wait again, and are decided by a request of their own.

    Raises:
        Permanent: There is no such request that a person was asked about.
        Retryable: Others keep changing the transfer.
    """
    of_shop = _shop(market, shop)
    for _ in range(TRIES_AGAINST_OTHERS):
        state = _known(market, of_shop, transfer)
        asked = [one for one in state.decisions if one.number == number]
        if not asked or asked[0].outcome != "unknown":
            raise Permanent(
                "miinto.not_asked", f"nobody is asked about request {number} of this transfer"
            )
        try:
            release(market, state, asked[0], who, note)
        except Conflict:
            continue
        return f"request {number} was not carried out; its positions wait again"
    raise _others()


def _by_hand(  # noqa: PLR0917
    market: MarketWorld,
    shop: str,
    transfer: int,
    accepted: Sequence[int],
    declined: Sequence[int],
    who: str,
) -> str:
    if market.settings.transfers.mode is not Mode.LIVE:
        raise Permanent(
            "miinto.transfers_not_live", "transfers.mode is not live: the hub decides nothing"
        )
    if market.settings.level != "orders_and_stock":
        raise Permanent("miinto.stock_only", "level is stock_only: the hub decides nothing")
    of_shop = _shop(market, shop)
    chosen = tuple(dict.fromkeys((*accepted, *declined)))
    if not chosen:
        raise Permanent("miinto.no_position", "name at least one position")
    pending = still_pending(market, of_shop.id, transfer)
    skus = _unjudged(market, of_shop, transfer, accepted)
    state = _committed(market, of_shop, transfer, accepted, declined, pending, who, skus)
    ended = decide(
        market,
        of_shop,
        state,
        state.decisions[-1],
        lambda: still_pending(market, of_shop.id, transfer),
    )
    match ended.decision.outcome:
        case "done" if ended.decision.order is not None:
            return f"Miinto made order {ended.decision.order} of it"
        case "done":
            return "Miinto took it"
        case "lost":
            raise Permanent(ELSEWHERE, ended.why)
        case _:
            raise Permanent("miinto.not_decided", ended.why)


def _unjudged(
    market: MarketWorld, shop: MiintoShop, transfer: int, accepted: Sequence[int]
) -> Mapping[int, str]:
    """SKUs of accepted positions that nothing has judged: what they promise has to count at once,
    or the rule gives the same units away before their order is seen.

    Where they cannot be found out about the person's word stands all the same.
    """
    state = _known(market, shop, transfer)
    judged = {one.position for one in state.judgements if one.sku is not None}
    wanted = [one for one in state.positions if one.id in accepted and one.id not in judged]
    if not wanted:
        return {}
    try:
        found = skus_found(market, shop.id, [position.item for position in wanted])
    except Verdict as verdict:
        telemetry = market.stores.telemetry
        telemetry.log("not identified", transfer=transfer, code=verdict.code, reason=verdict.reason)
        return {}
    skus = {position.id: found.get(position.item) for position in wanted}
    return {position: sku for position, sku in skus.items() if sku is not None}


def _committed(  # noqa: PLR0917
    market: MarketWorld,
    shop: MiintoShop,
    transfer: int,
    accepted: Sequence[int],
    declined: Sequence[int],
    pending: frozenset[int],
    who: str,
    skus: Mapping[int, str],
) -> TransferState:
    by = who if who not in {"", BY_RULE} else "a person"
    for _ in range(TRIES_AGAINST_OTHERS):
        state = _known(market, shop, transfer)
        for position in (*accepted, *declined):
            _require_waiting(state, position, pending)
        fact = commit(state, dict.fromkeys(accepted), dict.fromkeys(declined), by, skus)
        try:
            return market.record_transfer(state, "decided by hand", fact, actor=by)
        except Conflict:
            continue
    raise _others()


def _require_waiting(state: TransferState, position: int, pending: frozenset[int]) -> None:
    if position not in {known.id for known in state.positions}:
        raise Permanent("miinto.no_such_position", f"the transfer has no position {position}")
    for decision in state.decisions:
        is_held = decision.outcome not in {"refused", "lost"}
        if is_held and position in decision.positions:
            raise Permanent(
                "miinto.position_committed",
                f"position {position} is decided, or being decided, by {decision.by}",
            )
    if position not in pending:
        raise Permanent(
            ELSEWHERE, f"position {position} is not pending at Miinto: decided there, or expired"
        )


def _shop(market: MarketWorld, shop: str) -> MiintoShop:
    found = market.settings.shop(shop)
    if found is None:
        raise Permanent("miinto.unknown_shop", f"the merchant's file has no shop {shop}")
    if not found.orders:
        raise Permanent("miinto.orders_off", f"orders of the shop {found.slug} are switched off")
    return found


def _known(market: MarketWorld, shop: MiintoShop, transfer: int) -> TransferState:
    state = market.market.transfer(market.merchant, shop.id, transfer)
    if not state.version:
        raise Permanent(
            "miinto.unknown_transfer", f"the hub has seen no transfer {transfer} of {shop.slug}"
        )
    return state


def _others() -> Retryable:
    return Retryable("transfer.busy", "others keep changing the transfer; try again", after=5)
