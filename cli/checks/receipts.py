"""How confirmed goods are found, and whether a lost answer can be looked up."""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.model import Area, Check, Finding, Subject, ok, warning
from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.flows.find_receipts import choose
from returns_hub.flows.probe import probe

WHY = {
    ReceiptStrategy.LIST: "the list of returns honours its updated-since filter",
    ReceiptStrategy.BY_DATE: "the search by date compares the day of the last update",
    ReceiptStrategy.DUE_IDS: "our own open external returns are read by id; no list is proven here",
}


def _capabilities(subject: Subject) -> Iterator[Finding]:
    found = probe(subject.world)
    configured = subject.merchant.flows.process_receipts.strategy
    strategy = choose(configured, found)
    proven = {
        ReceiptStrategy.LIST: bool(found.returns_list),
        ReceiptStrategy.BY_DATE: bool(found.by_date_is_updated),
    }
    if proven.get(strategy, True):
        yield ok("finding receipts", f"{strategy.value}: {WHY[strategy]}", strategy=strategy.value)
    else:
        best = choose(ReceiptStrategy.AUTO, found).value
        yield warning(
            "finding receipts",
            f"the file says {strategy.value}, and it is not proven that {WHY[strategy]}",
            f"auto would use {best}: set flows.process_receipts.strategy to auto",
            strategy=strategy.value,
        )
    if found.marker_look_up:
        yield ok("look-up by marker", "proven: a lost answer can be looked up")
    else:
        yield warning(
            "look-up by marker",
            "not proven yet: until then a create whose answer is lost is parked for a person if it "
            "cannot be found",
            "check again while an external return that the hub made is open in Mintsoft",
        )


AREA = Area("receipts", "Finding receipts", (Check("probe", _capabilities, ("mintsoft",)),))
