"""The money line: how many returns wait at each step, since when, and what they are worth.

One reading asks each of the seven steps' rows of the sparse index ``returns-by-step`` once, at most
`MOST_COUNTED` + 1 rows of each, the longest waiting first. A row is some 300 bytes, at most 500, so
that is at most five requests of a megabyte a step, 35 in all, and 70,007 rows, however many returns
are stored. Where fewer wait than fit into a megabyte, about 3,000 a step, it is seven requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from returns_hub.domain.clocks import first_stage, starts_at
from returns_hub.domain.file_types import Mode
from returns_hub.domain.flow_settings import Flows
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.rmas import is_of_miinto
from returns_hub.domain.overview.overview import StepStanding
from returns_hub.domain.overview.steps import Step
from returns_hub.ports import ReturnsStore, Waiting

MOST_COUNTED = 10_000
"""Returns of a step that are counted; beyond it a count is "at least"."""


@dataclass(frozen=True)
class MoneyLine:
    """One reading of what waits.

    Args:
        steps: Every step in its order, those at which nothing waits too.
        past_clock: Returns that were delivered and are past their clock; of each step the
            `MOST_COUNTED` that wait longest are looked at.
    """

    steps: tuple[StepStanding, ...]
    past_clock: int = 0


def money_line(returns: ReturnsStore, merchant: str) -> tuple[StepStanding, ...]:
    """Every step in its order, and what waits there; see the module for what it costs."""
    return tuple(_standing(step, rows) for step, rows in _read(returns, merchant))


def read_money_line(returns: ReturnsStore, merchant: Merchant, now: datetime) -> MoneyLine:
    """The money line and, of the same rows, how many returns are past their clock.

    A row tells the first delivery of its return that nobody has booked in. It is past its clock
    when the first stage that the file names (`clocks`) has rung by now or is about to. Returns that
    somebody flagged or parked meanwhile count too: they wait at another step, and their goods
    still lie somewhere. With the clocks off, or receipts off, nothing is past them.
    """
    read = _read(returns, merchant.merchant)
    own = _clock(merchant.flows)
    of_rmas = own if merchant.miinto is None else _clock(merchant.miinto.rma_flows)
    late = 0
    for _, rows in read:
        for row in rows[:MOST_COUNTED]:
            clock = of_rmas if is_of_miinto(row.return_id) else own
            late += _is_late(row, clock, now)
    return MoneyLine(tuple(_standing(step, rows) for step, rows in read), late)


def _read(returns: ReturnsStore, merchant: str) -> tuple[tuple[Step, tuple[Waiting, ...]], ...]:
    return tuple((step, returns.in_step(merchant, step, MOST_COUNTED + 1)) for step in Step)


def _clock(flows: Flows) -> timedelta | None:
    return None if flows.process_receipts.mode is Mode.OFF else first_stage(flows.clocks)


def _is_late(row: Waiting, clock: timedelta | None, now: datetime) -> bool:
    since = starts_at(row.delivered_at)
    return since is not None and clock is not None and since + clock <= now


def _standing(step: Step, rows: Sequence[Waiting]) -> StepStanding:
    counted = rows[:MOST_COUNTED]
    if not counted:
        return StepStanding(step=step)
    value: dict[str, Decimal] = {}
    for row in counted:
        if row.value is not None:
            value[row.currency] = value.get(row.currency, Decimal(0)) + row.value
    return StepStanding(
        step=step,
        count=len(counted),
        is_at_least=len(rows) > MOST_COUNTED,
        oldest_since=counted[0].since,
        oldest_return=counted[0].return_id,
        value=dict(sorted(value.items())),
        unvalued=sum(row.value is None for row in counted),
    )
