"""A merchant with bundles, for tests of the flow about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from returns_hub.domain.bundles import Bills
from returns_hub.domain.sync.records import RecordSeen, StepDone, StepPlanned, SyncEvent, SyncFact
from returns_hub.domain.warehouse_goods import BundleComponent, WarehouseProduct
from returns_hub.flows.bundles.look import bills_of, look_at_bundles
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.ports import ParkedItem
from tests.support import fakes
from tests.support.fake_advice import AdviceBench
from tests.support.fakes import START
from tests.support.order_worlds import LATER, draft


class BundleBench(AdviceBench):
    """Mintsoft with the bundle SET of two tees and a cap, and BARE, of which nobody knows."""

    def __init__(self, **bundles: Any) -> None:
        super().__init__(bundles={"mode": "on"} | bundles)
        del self.file["wair"]
        self.bundle("SET", TEE=2, CAP=1)
        self.bundle("BARE")
        for sku in ("TEE", "MUG", "CAP", "SET", "BARE"):
            self.orders.set_stock(sku, 100)

    # -- the warehouse ----------------------------------------------------------------------

    def bundle(self, sku: str, **parts: int) -> None:
        """Somebody makes a bundle, or says what it is made of."""
        known = self.products.find_product(sku)
        number = known.product_id if known else max([9000, *self.products.kept]) + 1
        self.products.kept[number] = WarehouseProduct(number, sku, sku.title(), is_bundle=True)
        self.products.parts[number] = tuple(
            BundleComponent(part, units) for part, units in parts.items()
        )
        self.products.edit_product(number)
        self.orders.skus.add(sku)

    def order(self, number: str, **goods: int) -> int:
        """Somebody makes an order."""
        made = self.orders.create_order(draft(number, *goods.items()), LATER.replace(year=2099))
        return made.order_id

    # -- the hub ----------------------------------------------------------------------------

    def look(self, *, at_once: bool = False, **later: float) -> Any:
        """One run, 15 minutes later unless it is said."""
        self.clock.advance(**(later or {"minutes": 15}))
        return look_at_bundles(self.world(), at_once)

    def bills(self) -> Bills:
        """What bundles are made of, as far as it is known."""
        return bills_of(self.world())

    def set_bundles(self, **changes: Any) -> None:
        """Change the `bundles:` block."""
        self.file["bundles"] = self.file["bundles"] | changes
        self.version += 1

    def record(self, key: str, *, done: bool = False, units: Mapping[str, int]) -> None:
        """A sales order of Unleashed whose order of the warehouse is about to be made, or was."""
        state = self.records.load("example", "unleashed.orders", key)
        told = {"number": f"SO-{key}", "warehouse": 3, "units": dict(units), "address": "x"}
        facts: list[SyncFact] = [
            RecordSeen(source_version="1"),
            StepPlanned(step="order", summary="make it", told=told),
        ]
        if done:
            facts = [StepDone(step="order", partner_id="9", how="sent")]
        events = [
            SyncEvent(sequence=n, at=START, actor="hub", rule="x", config_version=1, fact=fact)
            for n, fact in enumerate(facts, state.version + 1)
        ]
        self.records.append(state, events)

    # -- people -----------------------------------------------------------------------------

    def questions(self, *, closed_too: bool = False) -> list[ParkedItem]:
        """What people are asked."""
        return list(self.parking.list_parked("example", closed_too=closed_too))

    def reasons(self) -> str:
        """Of every open question."""
        return "\n".join(item.reason for item in self.questions())

    def person(self) -> Desk:
        """Somebody at the list of parked work."""

        def nothing(_: str) -> None:
            raise AssertionError("no message wakes anything")

        return Desk("pat", fakes.Returns(), self.parking, self.clock, nothing, nothing)

    def says(self, act: str) -> str:
        """They replay or discard the only question."""
        (item,) = self.questions()
        if act == "replay":
            return replay(item, self.person())
        return discard(item, self.person(), "leave it")
