"""Every rule over a run of a merchant whose systems are compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.simulation import drift_rules
from tests.simulation.drift import DriftSimulation
from tests.simulation.drift_books import Books
from tests.simulation.drift_gather import books_of
from tests.simulation.erp_checker import check_erp


@dataclass(frozen=True)
class DriftVerdict:
    """What became of a run, and the rules that were broken."""

    broken: tuple[str, ...]
    duplicates: int
    lost: int
    counts: Counter[str]

    @property
    def holds(self) -> bool:
        """Whether every rule held."""
        return not self.broken


def check_drift(run: DriftSimulation) -> DriftVerdict:
    """Check a run that is over, by its own rules and by those of a merchant with Unleashed."""
    books, erp = books_of(run), check_erp(run)
    told_twice = list(drift_rules.twice(books))
    broken = [
        *erp.broken,
        *(f"twice: {line}" for line in told_twice),
        *(f"drift: {line}" for line in drift_rules.broken(books)),
    ]
    return DriftVerdict(
        tuple(dict.fromkeys(broken)),
        erp.duplicates + len(told_twice),
        erp.lost,
        erp.counts + counts(run, books),
    )


def counts(run: DriftSimulation, books: Books) -> Counter[str]:
    """What happened, so that days can be seen to have met it."""
    market = run.market
    stored = run.mintsoft.returns.values()
    changed = Counter(f"orders {one.kind} upstream" for one in books.changes)
    return (
        Counter(
            {
                "busy days": run.drift.days,
                "looks": books.looks,
                "findings that count": len(books.counting),
                "feeds: batches": books.feed.started,
                "despatches told upstream": len(books.events),
                "returns booked in": sum(record.confirmed for record in stored),
                "Miinto orders": len(market.miinto.orders.orders) if market else 0,
                "Miinto RMAs": len(market.miinto.rmas.rmas) if market else 0,
            }
        )
        + changed
    )
