"""The despatch relay for tests: the real flow over Mintsoft's and receivers' cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.mintsoft.simulator import Settings
from local.simulators.receiver import ReceiverSimulator
from local.simulators.wire import Request
from returns_hub.adapters.dynamodb.feed import DynamoDbFeedStore
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.sales import MintsoftSales
from returns_hub.adapters.relay.target import HttpDespatchTarget
from returns_hub.domain.relay.despatch import RelayedDespatch
from returns_hub.domain.relay.settings import RelayTarget
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.operator import Desk, discard, replay
from returns_hub.flows.relay import despatches
from returns_hub.flows.relay.despatches import Again, DespatchSource
from returns_hub.flows.relay.tell_despatch import RelayDesk, tell_despatch
from returns_hub.flows.sync.plan import SyncPlan, plan_sync
from returns_hub.flows.sync.sync_world import SyncWorld
from returns_hub.flows.sync.take import Taking
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.flows.world import Stores
from returns_hub.ports.relay import DespatchTarget
from tests.support.bare import person_at
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fake_advice import FEED_TABLE
from tests.support.goods_worlds import GoodsBench
from tests.support.in_process import InProcess
from tests.support.order_worlds import draft
from tests.support.sync import FakeSyncStore

SECRET = {"signing_key": "whsec_dGVzdC1rZXktb2YtdGhlLWNoYW5uZWw=", "token": "channel-token"}


class FakeOutbox:
    """`ports.relay.DespatchOutbox`. `broken` puts fail; in `lost` ones the power is cut after."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.puts = 0
        self.broken = 0
        self.lost = 0

    def put(self, message: RelayedDespatch, send_by: datetime) -> None:
        self.puts += 1
        if self.broken:
            self.broken -= 1
            raise Retryable("aws.sqs.busy", "not now", after=10)
        self.texts.append(message.to_json())
        if self.lost:
            self.lost -= 1
            raise RuntimeError("cut")


class RelayBench(GoodsBench):
    """`GoodsBench` whose despatches are told to receivers; `channel` is the first.

    Args:
        names: Of the targets.
        settings: Mintsoft's quirks.
        block: Changes to the `despatch_relay:` block.
    """

    def __init__(
        self, *names: str, settings: Settings | None = None, bills: Any = None, **block: Any
    ) -> None:
        super().__init__(settings)
        self.records = FakeSyncStore(self.clock)
        self.outbox = FakeOutbox()
        tables: Any = InMemoryDynamoDb({"FeedTable": FEED_TABLE})
        self.kept = DynamoDbFeedStore(tables, "FeedTable", self.clock)
        self.receivers: dict[str, ReceiverSimulator] = {}
        self.to_receivers: dict[str, InProcess] = {}
        for name in names or ("channel",):
            self.add_receiver(name)
        self.file["despatch_relay"] = {"mode": "live", "targets": self.targets()} | block
        if bills:
            self.file["bundles"] = {"bills": bills}

    def add_receiver(self, name: str) -> None:
        """Somebody who takes events; the file does not name them by this."""
        self.receivers[name] = ReceiverSimulator(now=self.clock)
        self.receivers[name].seed(SECRET)
        self.to_receivers[name] = InProcess(self.receivers[name])
        self.secrets.values["example", name] = dict(SECRET)

    def targets(self, **changes: Any) -> list[dict[str, Any]]:
        """Every receiver as the file names it."""
        return [
            {"name": name, "url": "http://127.0.0.1:9/despatches"} | {"secret": name} | changes
            for name in self.receivers
        ]

    def set(self, **block: Any) -> None:
        """The `despatch_relay:` block is changed."""
        self.file["despatch_relay"] = self.file["despatch_relay"] | block
        self.version += 1

    @property
    def channel(self) -> ReceiverSimulator:
        """The first receiver."""
        return next(iter(self.receivers.values()))

    # -- the worlds -------------------------------------------------------------------------

    def feed_world(self) -> FeedWorld:
        connection = self.live().merchant.mintsoft
        http = self.http(connection.base_url, self.to_mintsoft, "mintsoft")
        sales = MintsoftSales(
            MintsoftClient(http, self.credentials()), connection, clock=self.clock
        )
        world = replace(self.world(), records=lambda: self.records)
        return FeedWorld(
            sync=SyncWorld(world, self.records),
            orders=self.orders,
            order_changes=self.order_changes,
            products=self.products,
            sales=sales,
            kept=self.kept,
            outbox=self.outbox,
        )

    def desk_of(self, merchant: str) -> RelayDesk:
        if merchant != "example":
            raise Permanent("merchant.unknown", f"no merchant {merchant!r}")
        return RelayDesk(self.world(), self.records, self.target)

    def target(self, target: RelayTarget) -> DespatchTarget:
        def secret(*, fresh: bool) -> Mapping[str, str]:
            return self.secrets.read("example", target.secret, fresh=fresh).value

        http: PartnerHttp = self.http(
            target.url, self.to_receivers[target.name], f"relay-{target.name}"
        )
        return HttpDespatchTarget(http, target, secret=secret, clock=self.clock)

    # -- what happens in it -----------------------------------------------------------------

    def order(self, number: str = "DK-1001", *items: tuple[str, int], **changes: Any) -> int:
        """An order at the warehouse."""
        by = self.clock.now() + timedelta(hours=1)
        return self.orders.create_order(draft(number, *items, **changes), by).order_id

    def sent(
        self, number: str = "DK-1001", *items: tuple[str, int], tracking: str = "TR-1", **more: Any
    ) -> int:
        """An order that left."""
        made = self.order(number, *items, **more)
        url = f"https://track.example.test/{tracking}" if tracking else ""
        self.despatch(made, tracking_number=tracking, tracking_url=url)
        return made

    def add_tracking(self, order_id: int, number: str) -> None:
        """The courier's number comes after the parcel left."""
        order = self.mintsoft.orders[order_id]
        order.tracking_number, order.updated_at = number, self.clock.now()

    def run(self, **later: float) -> dict[str, int]:
        """One run of the source, ten minutes later unless it is said."""
        self.clock.advance(**(later or {"minutes": 10}))
        return dict(despatches.run(self.feed_world()))

    def plan(self) -> SyncPlan:
        """What the next run would do."""
        world = self.feed_world()
        return plan_sync(DespatchSource(world), world.sync)

    def again(self, order_id: int, request: str, *targets: str) -> str:
        """A person has it told once more."""
        world = self.feed_world()
        source = DespatchSource(world, Again(request, frozenset(targets or self.receivers)))
        change = source.read(str(order_id))
        assert change is not None
        return Taking(source, world.sync, lambda: True).deal_with(change).word

    def tell(self, text: str) -> str:
        """One delivery of one message; in a word what came of it."""
        stores: Stores = self.stores()
        try:
            return tell_despatch(text, stores, self.desk_of)
        except Retryable as verdict:
            return verdict.code
        except UnknownOutcome as verdict:
            return verdict.code

    def deliver(self) -> list[str]:
        """Every message that the queue holds is delivered once; what comes back stays."""
        texts, self.outbox.texts = self.outbox.texts, []
        ends = []
        for text in texts:
            word = self.tell(text)
            ends.append(word)
            if word not in {"told", "known", "superseded", "parked"}:
                self.outbox.texts.append(text)
        return ends

    def person(self) -> Desk:
        return person_at(self, records=lambda: self.records, send_despatch=self.outbox.texts.append)

    def replay(self, *, send_again: bool = False) -> None:
        """A person has the only parked item done again."""
        (item,) = self.parking.list_parked("example")
        assert replay(item, self.person(), send_again=send_again) == "replayed"

    def discard(self) -> None:
        """A person takes the only parked item off."""
        (item,) = self.parking.list_parked("example")
        assert discard(item, self.person(), "seen to") == "discarded"

    # -- what came of it --------------------------------------------------------------------

    def state_of(self, order_id: int) -> SyncState:
        return self.records.load("example", despatches.NAME, str(order_id))

    def parked(self) -> list[str]:
        """Codes of the open parked work."""
        return [item.code for item in self.parking.list_parked("example")]

    def taken(self, name: str = "") -> list[dict[str, Any]]:
        """Events that a receiver took, in their order."""
        receiver = self.receivers[name] if name else self.channel
        return receiver.books.taken

    def posts(self, name: str = "channel") -> list[Request]:
        """Requests that reached a receiver."""
        return self.to_receivers[name].requests


def counts_of(event: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """SKU -> ordered, despatched, so far, cancelled, left."""
    names = ("ordered", "despatched", "despatched_so_far", "cancelled", "left")
    return {line["sku"]: tuple(line[name] for name in names) for line in event["lines"]}
