"""The month's calls of one account, taken from a count that all environments share.

Calls are taken in blocks before they are made, so that counting costs one small write for
`AT_A_TIME` calls; what a block has left is used by the environment's next invocations. An
environment that ends loses what is left of its blocks, so that the count is never too low.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from returns_hub.domain.unleashed.budget import (
    CallClass,
    CallPlan,
    Usage,
    ceiling,
    forecast,
    is_nearly_spent,
    month_of,
    refusal,
)
from returns_hub.errors import Retryable
from returns_hub.ports import Clock, Telemetry

FORESEEN_OVER = "UnleashedCallsForeseenOver"
"""The metric; without a merchant it is over all of them, as the alarm watches it."""
AT_A_TIME = 25
TRIES = 4


@dataclass(frozen=True)
class Full:
    """The count has no room for a block; how it stands."""

    usage: Usage


class CallCounts(Protocol):
    """Where the counts of all environments meet."""

    def read(self, account: str, month: str) -> Usage:
        """A month's count."""

    def take(
        self, account: str, month: str, kind: CallClass, count: int, most: int | None
    ) -> Usage | Full:
        """Count so many calls, unless all classes together would then be more than `most`.

        Returns:
            The count after that.
        """


class Meter:
    """Counts an account's calls, and says which of them have to wait.

    Args:
        account: Whose calls.
        plan: What the account may use.
        counts: Where environments meet.
        clock: Tells the month.
        tell: Takes every new count, with the forecast for the month.
    """

    def __init__(
        self,
        account: str,
        plan: CallPlan,
        counts: CallCounts,
        clock: Clock,
        tell: Callable[[int, Usage, int], None] = lambda *_: None,
    ) -> None:
        self._account = account
        self._plan = plan
        self._counts = counts
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._month = ""
        self._usage: Usage | None = None
        self._left: dict[CallClass, int] = {}

    def spend(self, kind: CallClass) -> None:
        """Count one call that is about to be made.

        Raises:
            Retryable: Calls of this class have to wait; none was counted.
        """
        with self._lock:
            self._turn_the_month()
            if not self._left.get(kind, 0):
                self._left[kind] = self._take(kind)
            self._left[kind] -= 1

    def is_nearly_spent(self) -> bool:
        """Whether, as far as is known here, the month's calls are all but used."""
        with self._lock:
            self._turn_the_month()
            return self._usage is not None and is_nearly_spent(self._plan, self._usage)

    def usage(self) -> Usage:
        """The month's count as it stands; 1 request."""
        return self._counts.read(self._account, month_of(self._clock.now()))

    def _turn_the_month(self) -> None:
        month = month_of(self._clock.now())
        if month != self._month:
            self._month, self._usage, self._left = month, None, {}

    def _take(self, kind: CallClass) -> int:
        now = self._clock.now()
        for _ in range(TRIES):
            if self._usage is None and self._plan.monthly_calls is not None:
                self._usage = self._counts.read(self._account, self._month)
            usage = self._usage or Usage()
            refused = refusal(self._plan, usage, kind, now)
            if refused is not None:
                raise refused
            most = ceiling(self._plan, usage, kind, now)
            count = AT_A_TIME if most is None else min(AT_A_TIME, most - usage.total)
            taken = self._counts.take(self._account, self._month, kind, count, most)
            if isinstance(taken, Usage):
                self._usage = taken
                self._tell(count, taken, forecast(taken.total, now))
                return count
            self._usage = taken.usage
        raise Retryable("unleashed.budget", "others were faster again and again", after=1)


def teller(
    merchant: str, plan: CallPlan, telemetry: Telemetry
) -> Callable[[int, Usage, int], None]:
    """Tells metrics and logs of every block of calls."""

    def tell(count: int, usage: Usage, foreseen: int) -> None:
        telemetry.count("UnleashedCalls", count, merchant=merchant)
        limit = plan.monthly_calls
        if limit is not None and foreseen > limit:
            telemetry.count(FORESEEN_OVER, merchant=merchant)
            telemetry.count(FORESEEN_OVER)
        telemetry.log(
            "unleashed calls", used=usage.total, foreseen=foreseen, limit=limit, bulk=usage.bulk
        )

    return tell
