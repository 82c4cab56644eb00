"""What a person is asked about bundles: each once, and closed by the hub when it is answered.

``hub parked replay`` has the hub look again, and ask again where nothing has changed; with ``hub
parked discard`` it never asks about that order and that bundle again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

from returns_hub.domain.base import short_hash
from returns_hub.domain.bundles import WHY_UNKNOWN, Bills, bill_fault, in_words
from returns_hub.errors import Permanent
from returns_hub.flows.bundles.orders import OrderSeen
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.ports import ParkedItem

FLOW = "wair_bundles"
FLOWS = frozenset({FLOW})
UNKNOWN, DIFFERS = "bundle.components_unknown", "bundle.bills_differ"
WHO = "hub"


def question_about(order: OrderSeen, sku: str) -> str:
    """The id of the question about an order and a bundle in it."""
    return f"{FLOW}/{order.place}/{short_hash(order.key)}/{short_hash(sku)}"


def question_of_bills(sku: str, of_file: Mapping[str, int], of_warehouse: Mapping[str, int]) -> str:
    """The id of the question about two bills of one bundle; another for another difference."""
    said = json.dumps([sku, dict(of_file), dict(of_warehouse)], sort_keys=True)
    return f"{FLOW}/differs/{short_hash(said, 24)}"


class Questions:
    """The questions of one merchant, as they stand."""

    def __init__(self, world: FeedWorld) -> None:
        self._world = world

    @cached_property
    def _listed(self) -> dict[str, ParkedItem]:
        listed = self._world.stores.parking.list_parked(self._world.merchant, closed_too=True)
        return {item.parked_id: item for item in listed if item.flow == FLOW}

    def standing(self, question: str) -> str:
        """``open``, ``discarded``, ``replayed`` by a person, or empty where it is to be asked."""
        item = self._listed.get(question)
        if item is None or (item.state == "replayed" and item.closed_by == WHO):
            return ""
        return item.state

    def ask_about(self, order: OrderSeen, sku: str, units: int, bills: Bills) -> bool:
        """Ask about an order, unless it was; whether it was asked now."""
        fault = bill_fault(sku, bills) or "no_components"
        why = Permanent(
            UNKNOWN,
            f"{order.in_words} has {units} x bundle {sku[:60]}: {WHY_UNKNOWN[fault]}, so that "
            "nobody can pick it; give it its components in Mintsoft, or in bundles.bills of the "
            "merchant's file: the question then closes by itself",
        )
        payload = {"place": order.place, "order": order.key, "sku": sku, "units": units}
        subject = f"{order.place}-order/{order.key}"
        return self._ask(question_about(order, sku), why, subject, payload)

    def ask_which(
        self, sku: str, of_file: Mapping[str, int], of_warehouse: Mapping[str, int]
    ) -> bool:
        """Ask which bill of a bundle is right, unless it was asked; whether it was asked now."""
        why = Permanent(
            DIFFERS,
            f"bundle {sku[:60]} is {in_words(of_file)} in the merchant's file (bundles.bills), and "
            f"{in_words(of_warehouse)} in Mintsoft; the file's word counts here: mend the one that "
            "is wrong, and the question closes by itself, or discard it",
        )
        payload = {"sku": sku, "file": dict(of_file), "warehouse": dict(of_warehouse)}
        question = question_of_bills(sku, of_file, of_warehouse)
        return self._ask(question, why, f"bundle/{short_hash(sku)}", payload)

    def close(self, question: str, why: str) -> None:
        """Take a question off the list, where a person has not."""
        item = self._listed.get(question)
        if item is not None and item.state == "open":
            self._world.stores.parking.close(item, "replayed", WHO, why)

    def _ask(
        self, question: str, why: Permanent, subject: str, payload: Mapping[str, object]
    ) -> bool:
        if self.standing(question) in {"open", "discarded"}:
            return False
        text = json.dumps({"merchant": self._world.merchant, **payload}, sort_keys=True)
        self._world.world.park(FLOW, question, why, subject=subject, payload=text)
        return True
