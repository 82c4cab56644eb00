"""What happens in a run around the stock feed: orders that a shop took in, and their changes.

A case never waits: it yields a word for what it waits for, and goes on when that is to be seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from local.partners import PartnerSimulators
from local.run.erp_books import SHOP
from local.run.erp_stage import GLS, Steps, until
from local.run.side_door import SideDoor
from local.run.wair_books import CANCELLED, Asked, WairBooks
from local.world import LocalWorld
from returns_hub.flows.bundles.questions import FLOW as BUNDLES

MERCHANT = "example"
CORBY = 3
BUNDLE, BUNDLE_ID = "GIFT-SET", 90290
"""A bundle that somebody makes at Mintsoft, and forgets its components."""
SKU = "HOODIE-GREY-M"
"""What the shop sells: the other stories sell none of it."""


@dataclass
class WairStage:
    """The simulators, as people upstream and in the warehouse see them. As of the last look.

    Args:
        world: The running world.
        partners: Its simulators.
    """

    world: LocalWorld
    partners: PartnerSimulators
    books: WairBooks = field(default_factory=WairBooks)
    asked: Asked = field(default_factory=Asked)

    def __post_init__(self) -> None:
        self.wair = SideDoor(self.partners.wair_url)
        self.mintsoft = SideDoor(self.partners.mintsoft_url)
        self.channel = SideDoor(self.partners.channel_url)
        live = self.world.hub.merchants.live(MERCHANT).merchant
        self.client_id = live.mintsoft.client_id
        self._tenant = live.wair.tenant if live.wair else ""
        places = live.wair.locations if live.wair else ()
        self._locations = {place.id: place.warehouses for place in places}

    def look(self) -> None:
        """See how everything stands now."""
        self.books = WairBooks(
            client_id=self.client_id,
            locations=self._locations,
            tenant=self.wair.books()["tenants"][self._tenant],
            mintsoft=self.mintsoft.books(),
            channel=self.channel.books(),
            parked=self.world.hub.parking.list_parked(MERCHANT),
            asked=self.asked,
        )

    def last_look(self) -> WairBooks:
        """Everything that the judge reads."""
        self.look()
        store = self.world.hub.feeds.kept
        has = self.partners.wair.tenant(self._tenant).advice
        return replace(
            self.books,
            advice=(len(list(store.targets(MERCHANT))), len(list(store.proposals(MERCHANT)))),
            advised=(len(has.targets), len(has.transfers)),
        )

    def note(self, **more: Any) -> None:
        """What people wanted, for the judge."""
        self.asked = replace(self.asked, **more)

    def order(self, number: str, goods: Mapping[str, int]) -> int:
        """A shop takes an order in; its id at Mintsoft."""
        body = {
            "OrderNumber": f"{SHOP}{number}",
            "WarehouseId": CORBY,
            "Currency": "GBP",
            "Country": "GB",
            "CourierService": "AUTO",
            "FirstName": "A.",
            "LastName": "Buyer",
            "Address1": "7 Buyer Street",
            "Town": "York",
            "PostCode": "YO1 7AA",
            "OrderItems": [{"SKU": sku, "Quantity": units} for sku, units in goods.items()],
        }
        made = self.mintsoft.do("make-order", client_id=self.client_id, body=body)
        return int(made["id"])

    def send(self, order_id: int) -> None:
        """An order leaves the warehouse."""
        tracking = f"TRACK{order_id:07d}"
        self.mintsoft.do("despatch", id=order_id, courier_id=GLS, tracking_number=tracking)

    def tell_change(self, number: str, kind: str, replaced_by: str = "") -> None:
        """The shop says that an order was changed; a message may come twice."""
        event = {
            "schema": "order-change/1",
            "merchant": MERCHANT,
            "source": "samples",
            "id": f"{number}-{kind}",
            "order": number,
            "kind": kind,
            "occurred_at": datetime.now(UTC).isoformat(),
        }
        if replaced_by:
            event["replaced_by"] = replaced_by
        sqs, url = self.world.aws.client("sqs"), self.world.queue_url("OrderChangesQueue")
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))

    # -- what is to be seen -----------------------------------------------------------------

    def is_told(self, order_id: int) -> bool:
        """Whether the channel knows that it left."""
        return order_id in self.books.relayed()

    def knows_products(self) -> bool:
        """Whether WAIR knows all that the warehouse has."""
        return {row["sku"] for row in self.books.products()} <= set(self.books.skus_there())

    def is_cancelled(self, number: str) -> bool:
        """Whether all parts of an order are cancelled at Mintsoft."""
        parts = self.books.parts(number)
        return bool(parts) and all(part["status_id"] == CANCELLED for part in parts)


def make_bundle(mintsoft: SideDoor, client_id: int) -> None:
    """Somebody makes a bundle at Mintsoft, and forgets to say what it is made of."""
    row = {"sku": BUNDLE, "name": "Gift set", "client_id": client_id, "components": {}}
    mintsoft.do("seed", products={str(BUNDLE_ID): row})


# -- cases ------------------------------------------------------------------------------------


def fed(stage: WairStage) -> Steps:
    """WAIR has what Mintsoft has."""
    yield from until(
        "telling WAIR every row",
        lambda: set(stage.books.on_hand_here()) <= set(stage.books.on_hand_there()),
    )


def split(stage: WairStage) -> Steps:
    """Three units are ordered; two leave, and a third one later."""
    first = stage.order("1001", {SKU: 3})
    stage.note(split=f"{SHOP}1001")
    second = int(stage.mintsoft.do("split", id=first, units={SKU: 1})["id"])
    for part in (first, second):
        stage.send(part)
        yield from until("telling the channel", lambda part=part: stage.is_told(part))  # type: ignore[misc]


def cancelled(stage: WairStage) -> Steps:
    """An order is cancelled in the shop, and nobody has begun it."""
    stage.order("1002", {SKU: 1})
    stage.note(cancelled=f"{SHOP}1002")
    stage.tell_change(f"{SHOP}1002", "cancelled")
    yield from until("cancelling an order", lambda: stage.is_cancelled(f"{SHOP}1002"))


def edited(stage: WairStage) -> Steps:
    """An order gets one more unit in the shop, which makes a new order of it."""
    old, new = f"{SHOP}1003", f"{SHOP}1003-E1"
    stage.order("1003", {SKU: 1})
    stage.note(edited=(old, new))
    stage.tell_change(old, "edited", new)
    yield "the order that takes its place"
    made = stage.order("1003-E1", {SKU: 2})
    yield from until("cancelling the order that was edited", lambda: stage.is_cancelled(old))
    stage.send(made)
    yield from until("telling the channel", lambda: stage.is_told(made))


def bundled(stage: WairStage) -> Steps:
    """An order holds a bundle of which nobody knows the components."""
    stage.order("1004", {BUNDLE: 1})
    stage.note(bundle=f"{SHOP}1004")
    yield from until("asking about a bundle", lambda: bool(stage.books.questions(BUNDLES)))


@dataclass(frozen=True)
class Case:
    """One thing that happens: in the field's words, and what people do and wait for."""

    about: str
    steps: Callable[[WairStage], Steps]


CASES = (
    Case("WAIR is told all stock and products", fed),
    Case("An order leaves in two parts, and the channel is told of each", split),
    Case("An order that was cancelled upstream is cancelled", cancelled),
    Case("Of an order that was edited upstream one is sent", edited),
    Case("A person is asked about a bundle without components", bundled),
)
