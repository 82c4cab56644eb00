"""RMAs of Miinto held against the hub's timelines, and against what the hub decided of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import islice

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.rmas import Rma, RmaPosition
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparison import Comparison
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.drift.waiting import (
    is_with_people,
    is_young,
    looked_back_to,
    settings_of,
)

NOT_TAKEN = "returns.rma_not_taken"
DECIDED_OTHERWISE = "returns.rma_decided_otherwise"
KINDS = frozenset({NOT_TAKEN, DECIDED_OTHERWISE})
MOST_RMAS = 2000
"""RMAs of a shop that a look reads: no source tells of a filter by time."""


def applies(world: DriftWorld) -> bool:
    """Whether returns are compared, and the hub looks after RMAs."""
    merchant = world.world.live.merchant
    has_rmas = merchant.miinto is not None and merchant.miinto.rma.announce.mode is Mode.LIVE
    has_contract = world.market is not None and world.market.rmas is not None
    return settings_of(world).returns and has_rmas and has_contract


def differences(world: DriftWorld) -> Iterator[Difference]:
    """RMAs of every shop that has them.

    Raises:
        Retryable: A shop has more than a look reads.
    """
    market = world.market
    if market is None or market.rmas is None:
        return
    for shop in market.settings.shops:
        if not shop.rmas:
            continue
        rows = market.rmas.list(shop.id)
        for rma in islice(rows, MOST_RMAS):
            if not is_young(rma.updated_at or rma.created_at, world) and _is_recent(rma, world):
                yield from _of(rma, world)
        if next(rows, None) is not None:
            raise Retryable("drift.long_list", f"shop {shop.id} has more RMAs than one look reads")


def _is_recent(rma: Rma, world: DriftWorld) -> bool:
    moment = rma.updated_at or rma.created_at
    return rma.is_open or moment is None or moment >= looked_back_to(world)


def _of(rma: Rma, world: DriftWorld) -> Iterator[Difference]:
    state = world.stores.returns.load(world.merchant, rma.return_id)
    if is_with_people(state):
        return
    if rma.is_open and not state.version and _is_ours(rma, world):
        yield Difference(
            kind=NOT_TAKEN,
            subject=f"RMA {rma.return_id}",
            says={"miinto": rma.status_word or rma.status, "hub": "never seen"},
            units=sum(position.quantity for position in rma.positions),
            since=rma.created_at,
            cause="the run that fetches RMAs did not bring it, or does not come to its end",
            mend=f"hub check {world.merchant} --area miinto",
        )
    yield from _contradicted(rma, state, world)


def _is_ours(rma: Rma, world: DriftWorld) -> bool:
    """Whether it was made after the switch; what has no time may be the old connector's."""
    live_from = world.world.live.merchant.live_from
    made = rma.created_at
    return made is not None and live_from is not None and made >= live_from


def _contradicted(rma: Rma, state: ReturnState, world: DriftWorld) -> Iterator[Difference]:
    """Positions that Miinto shows otherwise than the hub had them decided."""
    sent = {
        line.line_id: line.reject
        for batch in state.batches
        if batch.outcome == "processed"
        for line in batch.lines
    }
    for position in rma.positions:
        wanted = sent.get(position.id)
        if wanted is None or not _is_otherwise(position, rejected=wanted):
            continue
        yield Difference(
            kind=DECIDED_OTHERWISE,
            subject=f"RMA {rma.return_id}, position {position.id}",
            says={"miinto": position.status, "hub": "declined" if wanted else "accepted"},
            units=position.quantity,
            since=rma.updated_at,
            cause="somebody decided it in Miinto's panel before the hub, or changed it after",
            mend=f"hub miinto rma show {shlex.quote(rma.return_id)} --merchant {world.merchant}",
        )


def _is_otherwise(position: RmaPosition, *, rejected: bool) -> bool:
    return position.status == ("accepted" if rejected else "declined")


COMPARISON = Comparison("returns.market", KINDS, applies, differences)
