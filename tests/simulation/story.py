"""A failing seed's short story: what went wrong, and what happened around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from returns_hub.domain.facts import Event
from returns_hub.domain.miinto.facts import MarketEvent
from tests.simulation.checker import Verdict
from tests.simulation.market import Market
from tests.simulation.market_left import ours, rmas_of_ours
from tests.simulation.world import Simulation

LINES, LINES_OF_MARKET = 60, 600


def story(run: Simulation, verdict: Verdict) -> str:
    """The story, in lines."""
    wanted = run.scenario
    lines = [f"seed {wanted.seed}: {len(verdict.broken)} rules broken"]
    lines += [f"  {line}" for line in verdict.broken]
    lines.append(
        f"  tenant: {wanted.authentication}, list {wanted.returns_list}, by date "
        f"{wanted.by_date}, look-up {'proven' if wanted.proven else 'unproven'}, "
        f"index delay {wanted.index_delay:.0f} s"
    )
    for name in ("aws", "redo", "mintsoft", "miinto", "process"):
        faults = {key: value for key, value in asdict(getattr(wanted, name)).items() if value}
        lines.append(f"  {name}: {faults}")
    for plan in wanted.returns:
        lines.append(f"  return {plan.number} ({plan.merchant}): {plan.lines} {plan.received}")
        for event in run.returns.timeline(plan.merchant, plan.return_id):
            seconds = (event.at - wanted.start).total_seconds()
            lines.append(f"    {seconds:9.1f} s  {event.fact.in_words()[:150]}")
    most = LINES
    if run.market is not None:
        lines += _at_market(run.market)
        most = LINES_OF_MARKET
    lines.append("  and on the wire:")
    lines += [f"    {at:9.1f} s  {who}: {what}" for at, who, what in list(run.journal)[:most]]
    return "\n".join(lines)


def _at_market(market: Market) -> Iterator[str]:
    """The marketplace's part: its settings, and every timeline."""
    start, merchant = market.run.scenario.start, market.merchant
    yield f"  miinto: {market.plan.simulator}"
    yield f"  file: {market.plan.file}"
    yield from (f"  basket {deal.plan}" for deal in market.deals)
    for shop, number in market.miinto.orders.offers.transfers:
        yield f"  transfer {shop}/{number}"
        yield from _told(market.timelines.timeline(merchant, "transfer", shop, number), start)
    for order in ours(market):
        yield f"  order {order.shop}/{order.id}"
        yield from _told(market.timelines.timeline(merchant, "order", order.shop, order.id), start)
    for rma in rmas_of_ours(market):
        yield f"  {rma.kind} {market.return_id(rma)}: {[line.status for line in rma.lines]}"
        yield from _told(market.run.returns.timeline(merchant, market.return_id(rma)), start)
    for item in market.run.parking.list_parked(merchant):
        yield f"  parked {item.parked_id}: {item.code}: {item.reason[:150]}"


def _told(events: Iterable[Event | MarketEvent], start: datetime) -> Iterator[str]:
    for event in events:
        words = getattr(event.fact, "in_words", lambda fact=event.fact: repr(fact))()
        yield f"    {(event.at - start).total_seconds():9.1f} s  {words[:200]}"
