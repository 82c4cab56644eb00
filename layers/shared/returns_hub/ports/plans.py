"""Where plans are kept, and what holds them against what was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from returns_hub.domain.plans import Plan, PlanLine, Standing


class Plans(Protocol):
    """Plans that are kept for 90 days. Every method raises Retryable while it cannot be asked."""

    def keep(self, plan: Plan) -> None:
        """Keep a plan."""

    def load(self, plan_id: str) -> Plan:
        """A plan that was kept.

        Raises:
            Permanent: There is none, or it cannot be read.
        """

    def lines(self, merchant: str, limit: int) -> tuple[PlanLine, ...]:
        """A merchant's plans, the newest first."""


class LedgerBook(Protocol):
    """The ledger as people read it."""

    def standings(self, keys: Iterable[str]) -> Iterator[Standing]:
        """How operations stand, in no order; those that were never begun are left out."""

    def settled_since(self, merchant: str, since: datetime) -> Iterator[Standing]:
        """A merchant's operations that were settled at or after a moment, in no order.

        It reads the whole ledger, slowly, so as not to be in the flows' way: for a person who asks,
        never for a flow, nor for anything that is shown unasked.
        """
