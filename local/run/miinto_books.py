"""The books of a run's marketplace: of Miinto's simulator, of the warehouse's, and of the queue by
which refunds go home."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from returns_hub.domain.miinto.settings import slug_of

MARKED = re.compile(r"Miinto return (\S+) \[(RH-[0-9a-f]{20})\]")
GOOD = "DoNothing"
"""The stock action of goods that can be sold again."""


@dataclass(frozen=True)
class Books:
    """What the judge reads.

    Args:
        miinto: Books of Miinto's simulator.
        mintsoft: Books of Mintsoft's.
        good_reasons: Ids of Mintsoft's return reasons for goods that can be sold again.
        refunds: Bodies of the events on the queue of refunds.
        hub_says: (shop, transfer) -> the hub's word about a transfer that it did not decide.
        login: The hub's at Miinto.
    """

    miinto: Mapping[str, Any]
    mintsoft: Mapping[str, Any]
    good_reasons: frozenset[int]
    refunds: Sequence[Mapping[str, Any]]
    hub_says: Mapping[tuple[str, int], str]
    login: str

    def journal(self, what: str) -> list[Mapping[str, Any]]:
        """Entries of one kind in Miinto's journal."""
        return [entry for entry in self.miinto["journal"] if entry["what"] == what]

    def orders_called(self, number: str) -> list[Mapping[str, Any]]:
        """Mintsoft's orders with this number."""
        return [order for order in self.mintsoft["orders"] if order["number"] == number]


def number_of(shop: str, order: int) -> str:
    """What an order of Miinto's is called in Mintsoft, where the merchant's file says nothing."""
    return f"MI-{slug_of(shop)}-{order}"


def announced(mintsoft: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """RMAs in Mintsoft: return id -> its external returns."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in mintsoft["external_returns"]:
        marks = {mark[1] for mark in map(_mark, record["rows"]) if mark}
        for return_id in sorted(marks):
            found.setdefault(return_id, []).append(record)
    return found


def _mark(row: Mapping[str, Any]) -> re.Match[str] | None:
    return MARKED.search(row["comments"])


def is_marketplaces(record: Mapping[str, Any]) -> bool:
    """Whether an external return of Mintsoft's is the marketplace's: of an RMA, or of an order."""
    return bool(record["order_id"]) or any(_mark(row) for row in record["rows"])
