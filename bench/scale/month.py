"""What a month costs at list prices, of what was measured of one merchant.

Prices are those of `cli/cost/prices.json`, which says of when and of which region. Left out: taxes,
discounts, the free tier, traffic out, logs beyond their ingestion, and the partners' own bills.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from bench.scale.life import Asked, Measured
from cli.cost.bill import FunctionUse, Item, Prices, Use, bill, total

HOURS_OF_A_MONTH = 730
MEMORY_MB, DOOR_MEMORY_MB = 512, 1024
REQUESTS_OF_A_MESSAGE = 3
"""Sent, received, deleted; batches make it less."""
IDLE_POLLS_OF_A_QUEUE = 650_000
"""Receives a month of an event source mapping that finds nothing."""
QUEUES, ALARMS, DASHBOARDS = 9, 63, 1
DELIVERIES_OF_A_RETURN = 4
"""Of the portal's webhook: created, updated, delivered, completed."""
DOOR_SECONDS = 0.05
TICKS_THAT_FAN_OUT = 12
"""Messages an hour of a merchant whose receipts are looked for every five minutes."""
MONTHS_KEPT = 13
"""What a return leaves expires after 400 days."""
METRICS, METRICS_OF_A_MERCHANT = 40, 30
SECRETS_OF_A_MERCHANT = 4
"""The portal's token, the warehouse's key and session, the webhook's token."""


@dataclass(frozen=True)
class Month:
    """A month's bill: what returns cause, what merchants cause by being there, and the stack."""

    of_returns: tuple[Item, ...]
    of_merchants: tuple[Item, ...]
    of_the_stack: tuple[Item, ...]
    returns: int

    @property
    def in_all(self) -> Decimal:
        return total((*self.of_returns, *self.of_merchants, *self.of_the_stack))

    @property
    def of_one_return(self) -> Decimal:
        return self.in_all / max(self.returns, 1)


def month(
    measured: Measured, prices: Prices, *, returns: int, merchants: int, processor_seconds: float
) -> Month:
    """Price it.

    Args:
        processor_seconds: Of one return, which the simulation's time does not contain.
    """
    by_return, by_hour = measured.of_a_return, measured.idle_hour
    kept = replace(by_return, stored_bytes=by_return.stored_bytes * MONTHS_KEPT)
    hours = merchants * HOURS_OF_A_MONTH
    deliveries = returns * DELIVERIES_OF_A_RETURN
    seconds = by_return.invocation_seconds + processor_seconds
    of_returns = replace(
        _used(kept, returns, by_return.messages),
        functions={
            "work": FunctionUse(returns * by_return.invocations, returns * seconds, MEMORY_MB),
            "doors": FunctionUse(deliveries, deliveries * DOOR_SECONDS, DOOR_MEMORY_MB),
        },
        api_requests=deliveries,
    )
    of_merchants = replace(
        _used(replace(by_hour, stored_bytes=0.0), hours, TICKS_THAT_FAN_OUT),
        functions={
            "ticks": FunctionUse(
                hours * TICKS_THAT_FAN_OUT, hours * by_hour.invocation_seconds, MEMORY_MB
            )
        },
        metrics=merchants * METRICS_OF_A_MERCHANT,
        secrets=merchants * SECRETS_OF_A_MERCHANT,
    )
    of_the_stack = Use(
        share=1.0,
        queue_requests=QUEUES * IDLE_POLLS_OF_A_QUEUE,
        metrics=METRICS,
        alarms=ALARMS,
        dashboards=DASHBOARDS,
        keys=1,
    )
    return Month(
        bill(of_returns, prices), bill(of_merchants, prices), bill(of_the_stack, prices), returns
    )


def _used(asked: Asked, many: float, messages: float) -> Use:
    return Use(
        share=1.0,
        reads=many * asked.read_units,
        writes=many * asked.write_units,
        queue_requests=many * messages * REQUESTS_OF_A_MESSAGE,
        log_bytes=many * asked.log_bytes,
        stored_bytes=int(many * max(asked.stored_bytes, 0.0)),
    )
