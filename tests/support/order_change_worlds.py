"""Orders that change upstream, on Mintsoft's simulator or on the warehouse in memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from local.simulators.mintsoft.simulator import Settings
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Retryable
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.relay.change_order import receive_order_change
from returns_hub.flows.relay.order_change_message import FLOW
from returns_hub.flows.relay.order_change_source import OrderChangeWorld
from returns_hub.flows.sync.sync_world import SyncWorld
from tests.support.bare import person_at
from tests.support.order_worlds import OrderBench, draft
from tests.support.sync import FakeSyncStore

STATUS_IDS = {
    "NEW": 1,
    "PRINTED": 2,
    "CANCELLED": 3,
    "DESPATCHED": 4,
    "HOLDING": 7,
    "FAILED": 8,
    "ONBACKORDER": 9,
    "PICKED": 17,
}


class ChangeBench(OrderBench):
    """`OrderBench` with a store upstream that tells of changes, and a person at the list."""

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        super().__init__(settings)
        self.file["order_changes"] = {"mode": "live"} | changes
        self.records: Any = FakeSyncStore(self.clock)
        self.warehouse: Any = self.orders
        self.queue: list[str] = []
        self.cuts: Any = None

    # -- what happens in it -----------------------------------------------------------------

    def order(self, number: str = "1001", *items: tuple[str, int], status: str = "NEW") -> int:
        """An order that came to the warehouse another way, and how far it is."""
        content = draft(number, *items, name_values=(), external_reference=f"shop-{number}")
        made = self.orders.create_order(content, self.clock.now() + timedelta(days=1)).order_id
        if status == "DESPATCHED":
            self.despatch(made)
        elif status != "NEW":
            self.mintsoft.set_status(made, STATUS_IDS[status])
        return made

    def message(self, change_id: str = "ch-1", **changes: Any) -> str:
        """A message of the queue: order 1001 was cancelled, unless it says otherwise."""
        content = {
            "schema": "order-change/1",
            "merchant": "example",
            "id": change_id,
            "order": "1001",
            "kind": "cancelled",
            "occurred_at": self.clock.now().isoformat(),
            "source": "shop",
        }
        return json.dumps(content | changes)

    def deliver(self, text: str) -> str:
        """One delivery."""
        world = self.change_world()
        return receive_order_change(text, world.sync.stores, lambda _: world)

    def change_world(self) -> OrderChangeWorld:
        """The merchant's world, for one run."""
        return OrderChangeWorld(SyncWorld(self.world(), self.records), self.warehouse)

    def told(self, change_id: str = "ch-1", **changes: Any) -> str:
        """A change is told, and delivered once; ``comes back`` when it is to come again."""
        text = self.message(change_id, **changes)
        return self.again(text)

    def again(self, text: str) -> str:
        """A message is delivered, once more."""
        try:
            return self.deliver(text)
        except Retryable as verdict:
            return f"comes back: {verdict.code}"

    def edited(self, replaced_by: str | None = "1001-1", **changes: Any) -> str:
        """Order 1001 was edited."""
        named = {"replaced_by": replaced_by} if replaced_by else {}
        return self.told(**{"kind": "edited"} | named | changes)

    def until_end(self, text: str, tries: int = 40) -> str:
        """A message is delivered until it ends."""
        for _ in range(tries):
            ended = self.again(text)
            if not ended.startswith("comes back"):
                return ended
            self.clock.advance(minutes=10)
        raise AssertionError("it never ends")

    def desk(self) -> Desk:
        """A person at the list of parked work."""
        return person_at(self, records=lambda: self.records, send_order_change=self.queue.append)

    def replay(self, **more: Any) -> str:
        """A person has the only parked item done again, and its message is delivered."""
        (item,) = self.parking.list_parked(self.owner_of_parked())
        assert replay(item, self.desk(), **more) == "replayed"
        return self.again(self.queue.pop())

    def discard(self) -> None:
        """A person takes the only parked item off."""
        (item,) = self.parking.list_parked(self.owner_of_parked())
        assert discard(item, self.desk(), "seen to") == "discarded"

    # -- what came of it --------------------------------------------------------------------

    def owner_of_parked(self) -> str:
        """Whose list has something."""
        return next(o for o in ("example", "_unknown") if self.parking.list_parked(o))

    def parked(self, merchant: str = "example") -> list[str]:
        """Codes of the open parked work."""
        return [item.code for item in self.parking.list_parked(merchant)]

    def reason(self) -> str:
        """Why the only parked item is."""
        (item,) = self.parking.list_parked(self.owner_of_parked())
        return str(item.reason)

    def stands(self, order_id: int) -> str:
        """The status of an order."""
        names = {number: word for word, number in STATUS_IDS.items()}
        return names[self.mintsoft.orders[order_id].status_id]

    def comments_on(self, order_id: int) -> list[str]:
        """Comments on an order."""
        return [comment.text for comment in self.mintsoft.orders[order_id].comments]

    def cancelled(self) -> list[int]:
        """Ids of orders that were cancelled through the API."""
        return [entry["id"] for entry in self.journal("cancel-order")]

    def record(self, order: str = "1001") -> SyncState:
        """Where the hub stands with an order."""
        found: SyncState = self.records.load("example", FLOW, order)
        return found

    def on_timeline(self, order: str = "1001") -> list[str]:
        """Kinds of what stands on an order's timeline."""
        return [e.fact.kind for e in self.records.timeline("example", FLOW, order)]

    def writes(self) -> int:
        """Writes that Mintsoft carried out, but for orders made."""
        return len(self.journal("cancel-order")) + len(self.journal("order-comment"))
