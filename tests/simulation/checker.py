"""The history's rules, over the partners' own books and the hub's: what must never be broken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from returns_hub.domain.decisions import decide
from returns_hub.domain.facts import Event, ReceiptTaken
from returns_hub.domain.policy import Policy
from returns_hub.domain.returns import PortalAbilities
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import canonical, fold
from tests.simulation import canary_rules, market_rules, rma_rules, told_rules
from tests.simulation.market import Market
from tests.simulation.returns_left import knows
from tests.simulation.scenario import ReturnPlan
from tests.simulation.world import Simulation

BY_TEAM = frozenset({"rejected", "deleted"})
MARKER = re.compile(r"RH-[0-9a-f]{20}")


@dataclass(frozen=True)
class Verdict:
    """What became of a run: how each return ended, and the rules that were broken."""

    endings: Counter[str]
    broken: tuple[str, ...]
    duplicates: int
    lost: int

    @property
    def holds(self) -> bool:
        """Whether every rule held."""
        return not self.broken


def check(run: Simulation) -> Verdict:
    """Check a run that is over."""
    twice = [
        *_made_twice(run),
        *_processed_twice(run),
        *_told_twice(run),
        *told_rules.done_twice(run),
        *_of_the_market(run, market_rules.done_twice, rma_rules.done_twice),
    ]
    lost = [*run.undone(), *_dead(run), *_orphans(run)]
    broken = [
        *(f"twice: {line}" for line in twice),
        *(f"lost: {line}" for line in lost),
        *(f"fault: {line}" for line in run.faults),
        *(f"history: {line}" for line in run.watch.broken),
        *(f"told: {line}" for line in told_rules.told(run)),
        *(f"canaries: {line}" for line in canary_rules.told(run)),
        *(f"market: {line}" for line in _of_the_market(run, market_rules.broken)),
        *(f"RMAs: {line}" for line in _of_the_market(run, rma_rules.broken)),
    ]
    endings: Counter[str] = Counter()
    for plan in run.scenario.returns:
        state = run.returns.load(plan.merchant, plan.return_id)
        timeline = run.returns.timeline(plan.merchant, plan.return_id)
        endings[state.outcome if knows(state) else "closed untold"] += 1
        where = f"return {plan.number}"
        broken += [f"timeline: {where}: {line}" for line in _timeline(run, plan, state, timeline)]
        broken += [f"partners: {where}: {line}" for line in _agrees(run, plan, state)]
        broken += [f"goods: {where}: {line}" for line in _paid_for_what_came(run, plan)]
        broken += [f"goods: {where}: {line}" for line in _on_sale(run, plan)]
        broken += [f"decision: {where}: {line}" for line in _decided(run, timeline)]
        broken += [f"followed: {where}: {line}" for line in _followed(run, plan, state, timeline)]
        broken += [f"told: {where}: {line}" for line in told_rules.versions(run, plan, timeline)]
        broken += [f"told: {where}: {line}" for line in told_rules.heard(run, plan, state)]
        broken += [f"acts: {where}: {line}" for line in told_rules.acts(run, plan, timeline)]
    return Verdict(endings, tuple(broken), len(twice), len(lost))


def _of_the_market(run: Simulation, *rules: Callable[[Market], Iterator[str]]) -> Iterator[str]:
    if run.market is not None:
        for rule in rules:
            yield from rule(run.market)


def _markers(run: Simulation) -> Counter[str]:
    found: Counter[str] = Counter()
    for record in run.mintsoft.returns.values():
        for marker in {m for row in record.rows for m in MARKER.findall(row.comments)}:
            found[marker] += 1
    return found


def _made_twice(run: Simulation) -> Iterator[str]:
    for marker, count in _markers(run).items():
        if count > 1:
            yield f"{count} external returns carry {marker}"


def _processed_twice(run: Simulation) -> Iterator[str]:
    for merchant, redo in run.redo.items():
        for line, count in redo.books.submissions.items():
            if count > 1:
                yield f"{merchant}: {line} was submitted {count} times"
        for line, count in redo.books.payments.items():
            if count > 1:
                yield f"{merchant}: {line} was paid {count} times"


def _told_twice(run: Simulation) -> Iterator[str]:
    for merchant, redo in run.redo.items():
        for name, comments in redo.comments.items():
            texts = Counter(
                marker for comment in comments for marker in MARKER.findall(comment["message"])
            )
            for marker, count in texts.items():
                if count > 1:
                    yield f"{merchant}: {name} was told {count} times ({marker})"


def _dead(run: Simulation) -> Iterator[str]:
    for name in ("approved-returns", "miinto-rma", "store-refunds"):
        for message in run.queues[name].dead if name in run.queues else ():
            yield f"message {message.number} of {name} is in the dead-letter queue"


def _orphans(run: Simulation) -> Iterator[str]:
    """Records in the warehouse that no timeline knows, unless a person was asked about them."""
    known: set[int] = set(run.ignored)
    if run.market is not None:
        known |= market_rules.records(run.market)
    for plan in run.scenario.returns:
        state = run.returns.load(plan.merchant, plan.return_id)
        known |= {s.external_return_id for s in state.shipments if s.external_return_id}
        parked = {run.marker(plan, s.key) for s in state.shipments if s.parked}
        known |= {
            record.id
            for record in run.mintsoft.returns.values()
            if any(m in parked for row in record.rows for m in MARKER.findall(row.comments))
        }
    for record in run.mintsoft.returns.values():
        if record.id not in known:
            yield f"external return {record.id} is on no timeline"


def _timeline(
    run: Simulation, plan: ReturnPlan, state: ReturnState, timeline: tuple[Event, ...]
) -> Iterator[str]:
    stored = run.plain.get_item(
        TableName="ReturnsTable",
        Key={"pk": {"S": f"{plan.merchant}#return#{plan.return_id}"}, "sk": {"S": "STATE"}},
        ConsistentRead=True,
    )
    text = stored.get("Item", {}).get("state", {}).get("S", "")
    if canonical(fold(plan.merchant, plan.return_id, timeline)) != text and text:
        yield "folding the timeline does not give the stored state"
    if [event.sequence for event in timeline] != list(range(1, state.version + 1)):
        yield "the timeline has gaps"
    planned = Counter(line.line_id for s in state.shipments for line in s.planned.lines)
    yield from (f"line {line} is in {n} shipments" for line, n in planned.items() if n > 1)
    committed = Counter(line.line_id for batch in state.batches for line in batch.lines)
    yield from (f"line {line} is in {n} batches" for line, n in committed.items() if n > 1)
    if state.outcome == "parked" and not run.parking.list_parked(plan.merchant):
        yield "parked, but not in the list of parked work"


def _agrees(run: Simulation, plan: ReturnPlan, state: ReturnState) -> Iterator[str]:
    """What the timeline says was done was done."""
    redo = run.redo[plan.merchant]
    for shipped in state.shipments:
        if shipped.external_return_id is None:
            continue
        record = run.mintsoft.returns.get(shipped.external_return_id)
        if record is None:
            yield f"external return {shipped.external_return_id} does not exist"
            continue
        planned: Counter[str] = Counter()
        for goods in shipped.planned.lines:
            planned[goods.sku] += goods.quantity
        if run.warehouse.announced_units(record) != planned:
            yield f"record {record.id} does not hold the goods of shipment {shipped.key}"
        if run.marker(plan, shipped.key) not in record.rows[0].comments:
            yield f"shipment {shipped.key} is linked to another's record {record.id}"
        if shipped.commented and not any(
            f"external return {record.id} " in comment["message"]
            for comment in redo.comments.get(plan.return_id, [])
        ):
            yield f"the comment about {record.id} is missing"
    for batch in state.batches:
        if batch.outcome != "processed":
            continue
        for line in batch.lines:
            sent = redo.books.submissions[f"{plan.return_id}/{line.line_id}"]
            open_still = _item(redo, plan, line.line_id)["status"] == "open"
            # A return that the team rejected or reset ends the look-up; nothing is sent to it.
            by_team = state.reopenings or redo.returns[plan.return_id]["status"] in BY_TEAM
            if not sent and open_still and not by_team:
                yield f"line {line.line_id} counts as processed and was never submitted"
    yield from _ledger(run, plan, state)


def _ledger(run: Simulation, plan: ReturnPlan, state: ReturnState) -> Iterator[str]:
    rows = run.plain.tables["LedgerTable"].items
    for shipped in state.shipments:
        key = f"create-external-return/{plan.merchant}/{plan.return_id}/{shipped.key}"
        row: dict[str, Any] = rows.get((key,), {})
        confirmed = row.get("state", {}).get("S") == "CONFIRMED"
        if shipped.external_return_id is not None and not confirmed:
            yield f"{key} is made, and the ledger says {row.get('state')}"
        if confirmed and str(shipped.external_return_id) != row["partner_id"]["S"]:
            if shipped.external_return_id is None and shipped.parked:
                continue
            yield f"{key}: the ledger and the timeline name different records"


def _paid_for_what_came(run: Simulation, plan: ReturnPlan) -> Iterator[str]:
    """No more lines of a SKU are processed than units of it arrived, green ones aside."""
    redo = run.redo[plan.merchant]
    arrived: Counter[str] = Counter()
    for record in run.mintsoft.returns.values():
        if record.confirmed and run.warehouse.plan_of(record) is plan:
            for sku, units in run.warehouse.most_received[record.id].items():
                arrived[sku] += units
    state = run.returns.load(plan.merchant, plan.return_id)
    refused = {line.line_id for batch in state.batches for line in batch.lines if line.reject}
    processed: Counter[str] = Counter()
    for key in redo.books.submissions:
        name, line = key.split("/")
        if name == plan.return_id and line not in refused:
            processed[_item(redo, plan, line)["sku"]] += 1
    for sku, count in processed.items():
        if count > arrived[sku]:
            yield f"{count} x {sku} processed, {arrived[sku]} arrived"


def _on_sale(run: Simulation, plan: ReturnPlan) -> Iterator[str]:
    """Where the table keeps them off sale, no damaged or scrapped goods are restocked."""
    policy = Policy.model_validate(run.scenario.policy)
    if "process" in {policy.table()[row] for row in ("damaged", "scrapped")}:
        return
    redo = run.redo[plan.merchant]
    good: Counter[str] = Counter()
    for record in run.mintsoft.returns.values():
        if record.confirmed and run.warehouse.plan_of(record) is plan:
            for sku, units in run.warehouse.most_good[record.id].items():
                good[sku] += units
    answered = run.returns.load(plan.merchant, plan.return_id).answers
    on_sale: Counter[str] = Counter()
    for key, restocked in redo.books.restocked.items():
        name, line = key.split("/")
        if name == plan.return_id and restocked and line not in answered:
            on_sale[_item(redo, plan, line)["sku"]] += 1
    for sku, count in on_sale.items():
        if count > good[sku]:
            yield f"{count} x {sku} restocked, {good[sku]} good ones arrived"


def _decided(run: Simulation, timeline: tuple[Event, ...]) -> Iterator[str]:
    """Every decision can be made again from what the timeline holds."""
    policy = Policy.model_validate(run.scenario.policy)
    for event in timeline:
        fact = event.fact
        if isinstance(fact, ReceiptTaken) and fact.case is not None:
            again = decide(fact.case, policy, PortalAbilities(amount_counts="line"))
            if (again.action.value, again.note) != (fact.decision, fact.note):
                yield f"{fact.receipt} was {fact.decision}, and is {again.action.value} again"


def _followed(
    run: Simulation, plan: ReturnPlan, state: ReturnState, timeline: tuple[Event, ...]
) -> Iterator[str]:
    """Closings that were told are on the timeline, and every clock rang at most once a stage."""
    rung = Counter(
        (event.fact.shipment, event.fact.stage)
        for event in timeline
        if event.fact.kind == "clock_rang"
    )
    yield from (f"{stage} of {key} rang {n} times" for (key, stage), n in rung.items() if n > 1)
    status = run.redo[plan.merchant].returns[plan.return_id]["status"]
    # A reading of the portal may be some seconds old, and then a message's news is not seen in it.
    heard = plan.team_is_heard and plan.message_delays and not run.scenario.redo.stale_seconds
    if plan.closed_by_team_at is None or not heard:
        return
    if status in {"open", "delivered"}:
        yield from (f"shipment {s.key} stays withdrawn" for s in state.shipments if s.withdrawn)
        left = (r for r in state.receipts if r.settled == "skipped_closed")
        yield from (f"{r.receipt} came while it was closed, and was left" for r in left)
    if status not in BY_TEAM:
        return
    for shipped in state.shipments:
        made = shipped.external_return_id
        if made is not None and state.receipt(made) is None and not shipped.withdrawn:
            yield f"{made} stays behind after the return was {status}, and nobody was told"


def _item(redo: Any, plan: ReturnPlan, line: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = redo.returns[plan.return_id]["items"]
    return next(item for item in items if item["id"] == line)
