"""One adjustment of Unleashed's stock: booked once, and then held against what stock really did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from returns_hub.domain.operations import Claim, Found, LookUp, NotFound
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.names import UNLEASHED
from returns_hub.domain.unleashed.stock_check import (
    SHOWS_WITHIN,
    SentLine,
    observe,
    record_problem,
)
from returns_hub.domain.unleashed.stock_rows import AdjustmentDraft, StockRow
from returns_hub.domain.unleashed.stock_rule import StockDifference, lines_of
from returns_hub.domain.unleashed.stock_settings import AdjustmentMeans
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.stock.moved import moved_since

ADJUST = "adjust"
VERIFY = "verify"
NOTHING_SENT = "none"
"""The partner's id of an adjustment that was not needed any more when its turn came."""
STALE_AFTER = timedelta(minutes=2)
"""What was read longer ago is read again before anything is sent on it."""


@dataclass(frozen=True)
class Group:
    """Differences that one adjustment books, and the rows that they were found on.

    Args:
        code: The warehouse's.
        at: When the rows were read.
        differences: None of them is 0; empty when there is nothing to book.
        rows: By SKU.
    """

    code: str
    at: datetime
    differences: tuple[StockDifference, ...] = ()
    rows: Mapping[str, StockRow] | None = None

    def sent(self, means: AdjustmentMeans) -> tuple[SentLine, ...]:
        """As it is sent; while it is not proven what is sent, as units to add."""
        rows = self.rows or {}
        sent = lines_of(self.differences, "delta" if means == "unknown" else means)
        quantities = {line.sku: line.new_quantity for line in sent}
        return tuple(
            SentLine(
                sku=one.sku,
                guid=rows[one.sku].guid,
                units=one.units,
                on_hand=one.on_hand,
                allocated=rows[one.sku].allocated,
                on_purchase=rows[one.sku].on_purchase,
                new_quantity=quantities[one.sku],
            )
            for one in self.differences
        )


def adjust_step(world: ErpWorld, group: Group, state: SyncState, name: str) -> Step:
    """Book a group's differences.

    Looked up by its Guid, which is made of the operation's key; see `ErpStockRoom.adjust`.
    """
    settings, stock, clock = world.connection.stock, world.erp.stock, world.stores.clock
    guid = adjust_guid(state, name)
    sent = group.sent(settings.adjustment_means)

    def send(by: datetime) -> str:
        if not sent:
            return NOTHING_SENT
        if clock.now() - group.at > STALE_AFTER:
            raise Retryable("unleashed.stock_stale", "stock was read too long ago", after=1)
        if settings.adjustment_means == "absolute":
            _require_as_read(world, group.code, sent)
        draft = AdjustmentDraft(
            guid=guid,
            warehouse_code=group.code,
            reason=settings.adjustment_reason,
            day=clock.now().date(),
            lines=lines_of(group.differences, settings.adjustment_means),
            comment=f"counted by the warehouse {group.at:%Y-%m-%d %H:%M} UTC",
        )
        return stock.adjust(draft, by)

    def look_up(_: Claim) -> LookUp:
        found = stock.read_adjustment(guid)
        return NotFound() if found is None else Found(guid)

    more = sum(one.units for one in group.differences if one.units > 0)
    less = sum(one.units for one in group.differences if one.units < 0)
    return Step(
        name=name,
        partner=UNLEASHED,
        summary=f"adjust {len(sent)} products of {group.code}: {more:+d} and {less:+d} units",
        send=send,
        look_up=look_up,
        told=to_told(group, sent, settings.adjustment_means),
        does="create",
        passing=True,
    )


def _require_as_read(world: ErpWorld, code: str, lines: tuple[SentLine, ...]) -> None:
    """Raise when a product's stock moved since the adjustment was computed: a total that is set on
    older stock would take back what was booked meanwhile."""
    rows = world.erp.stock.rows_of(code, [one.guid for one in lines])
    moved = [one.sku for one in lines if _on_hand(rows, one) != one.on_hand]
    if moved:
        raise Retryable(
            "unleashed.stock_stale", f"stock of {moved[0]} moved while it was compared", after=1
        )


def _on_hand(rows: Mapping[str, StockRow], line: SentLine) -> Decimal:
    row = rows.get(line.guid)
    return Decimal(0) if row is None else row.on_hand


def adjust_guid(state: SyncState, name: str) -> str:
    """The Guid of what a step books."""
    return guid_for(state.operation_key(name))


def verify_step(world: ErpWorld, told: Mapping[str, Any], guid: str, name: str) -> Step:
    """Hold stock against what an adjustment should have made of it. Reads alone.

    It goes through the ledger so that it is done once, and before anything else of the warehouse;
    there is nothing to look up, since it changes nothing.
    """
    stock, clock = world.erp.stock, world.stores.clock
    code, at, means, lines = of_told(told)

    def send(_: datetime) -> str:
        age = clock.now() - at
        seen = stock.read_adjustment(guid)
        if seen is None and age < SHOWS_WITHIN:
            raise Retryable("unleashed.not_shown", "the adjustment is not shown yet", after=60)
        if seen is None:
            raise surprise(code, f"adjustment {guid} is not in Unleashed")
        problem = record_problem(seen, lines, code)
        if problem:
            raise surprise(code, problem)
        rows = stock.rows_of(code, [one.guid for one in lines])
        observed = observe(lines, rows, means, age)
        if not observed.is_right:
            observed = observe(lines, rows, means, age, moved_since(world, code, at))
        if observed.comes_later:
            raise Retryable("unleashed.not_shown", observed.why, after=60)
        if not observed.is_right:
            raise surprise(code, observed.why)
        return ""

    return Step(
        name=name,
        partner=UNLEASHED,
        summary=f"look whether the stock of {len(lines)} products of {code} is as it should be",
        send=send,
        look_up=lambda _: NotFound(),
        settle=0.0,
        passing=True,
    )


def verify_name(adjust: str) -> str:
    """The step that holds an adjustment's outcome against what it should be."""
    return f"{VERIFY}/{adjust.partition('/')[2]}"


def unverified(state: SyncState) -> list[StepState]:
    """Adjustments that are booked, and whose effect nobody has looked at.

    What a person took off the list is not looked at again.
    """
    found = []
    for step in state.steps:
        if not step.name.startswith(f"{ADJUST}/") or step.partner_id in {"", NOTHING_SENT}:
            continue
        look = state.step(verify_name(step.name))
        is_waived = look is not None and (
            look.stuck == "withdrawn" or (look.retry and state.outcome == "discarded")
        )
        if not is_waived and not (look and look.how):
            found.append(step)
    return found


def is_stopped(state: SyncState) -> bool:
    """Whether stock did not do what an adjustment should have made of it, and a person is asked."""
    looks = (step for step in state.steps if step.name.startswith(f"{VERIFY}/"))
    return bool(state.parked) and any(step.stuck == "refused" for step in looks)


def guids_in(step: StepState) -> dict[str, str]:
    """Products of an adjustment, by SKU, as its step tells them."""
    _, _, _, lines = of_told(step.told)
    return {one.sku: one.guid for one in lines}


def surprise(code: str, why: str) -> Permanent:
    """The hard stop."""
    return Permanent(
        "unleashed.stock_surprise",
        f"the stock sync is stopped, in every warehouse: after an adjustment of {code}, "
        f"{why}. Look at the stock on both sides; discard this when the sync may go on, or replay "
        "it to have it looked at again",
    )


def to_told(group: Group, sent: tuple[SentLine, ...], means: AdjustmentMeans) -> dict[str, Any]:
    """What a step tells on its record's timeline."""
    return {
        "code": group.code,
        "at": group.at.isoformat(),
        "means": means,
        "lines": [
            [
                one.sku,
                one.guid,
                one.units,
                *(str(n) for n in (one.on_hand, one.allocated, one.on_purchase, one.new_quantity)),
            ]
            for one in sent
        ],
    }


def of_told(
    told: Mapping[str, Any],
) -> tuple[str, datetime, AdjustmentMeans, tuple[SentLine, ...]]:
    """Warehouse, when it was read, what `NewQuantity` was taken for, and the lines, as told."""
    lines = tuple(
        SentLine(sku, guid, units, *(Decimal(number) for number in numbers))
        for sku, guid, units, *numbers in told["lines"]
    )
    return told["code"], datetime.fromisoformat(told["at"]), told["means"], lines
