"""Every rule over a run of a merchant with Unleashed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.simulation import canary_rules, erp_rules, erp_stock_rules
from tests.simulation.erp import ErpSimulation
from tests.simulation.erp_books import Books
from tests.simulation.erp_gather import books_of


@dataclass(frozen=True)
class ErpVerdict:
    """What became of a run, and the rules that were broken."""

    broken: tuple[str, ...]
    duplicates: int
    lost: int
    counts: Counter[str]

    @property
    def holds(self) -> bool:
        """Whether every rule held."""
        return not self.broken


def check_erp(run: ErpSimulation) -> ErpVerdict:
    """Check a run that is over."""
    books = books_of(run)
    twice = [*erp_rules.done_twice(books), *erp_stock_rules.twice(books)]
    lost = [
        *run.undone(),
        *(f"{name} is not done: {why}" for name, why in run.desk.pending.items()),
    ]
    broken = [
        *(f"twice: {line}" for line in twice),
        *(f"lost: {line}" for line in lost),
        *(f"fault: {line}" for line in run.faults),
        *(f"history: {line}" for line in run.watch.broken),
        *(f"books: {line}" for line in erp_rules.broken(books)),
        *(f"stock: {line}" for line in erp_stock_rules.broken(books)),
        *(f"canaries: {line}" for line in canary_rules.told(run)),
    ]
    return ErpVerdict(tuple(dict.fromkeys(broken)), len(twice), len(lost), counts(books))


def counts(books: Books) -> Counter[str]:
    """What happened, so that a slice of seeds can be seen to have met it."""
    found: Counter[str] = Counter()
    for order in books.orders:
        found[f"{order.doc.partition(':')[0]}: orders made"] += 1
    for asn in books.asns:
        found[f"{asn.doc.partition(':')[0]}: ASNs made"] += 1
    for one in books.booked:
        kind = one.doc.partition(":")[0]
        found[f"{kind}: {one.what} by {'the hub' if one.by_hub else 'hand'}"] += 1
    found["adjustments"] += sum(erp_stock_rules.is_ours(row) for row in books.movements)
    return found
