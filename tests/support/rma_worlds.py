"""A merchant whose marketplace's RMAs go through the flows of returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from returns_hub.adapters.miinto.portal import MiintoPortal
from returns_hub.domain.facts import Event
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.miinto.facts import MarketEvent, MarketFact, OrderPlanned, OrderSeen
from returns_hub.domain.miinto.orders import OrderLine
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, RmaStatus
from returns_hub.domain.miinto.transfers import Item
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.miinto.fetch_rmas import fetch_rmas
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.receive_approved_return import receive_approved_return
from returns_hub.flows.way import Way
from returns_hub.flows.world import World
from returns_hub.ports.marketplace import RmaRequestDraft
from tests.support.market import MarketStore
from tests.support.worlds import Bench, Kind, merchant_file

DENMARK = "1-m!i!s-045-1234"
HOLLAND = "1-m!i!s-031-778"
RMA_ID = "30001"
RMA_RETURN = "miinto-045-1234-30001"
CREATED = datetime.fromisoformat("2026-03-02T08:15:00+00:00")


def position(number: int, gtin: str = "5700000000017", **changes: Any) -> RmaPosition:
    """A position of an RMA, pending; `gtin` is what the fake identification knows it by."""
    content: dict[str, Any] = {
        "id": str(810 + number),
        "order_position": str(70 + number),
        "price": 49900,
        "item": Item(gtin=gtin, name="Linen shirt"),
        "reason": "too_small",
    }
    return RmaPosition(**(content | changes))


def rma(*positions: RmaPosition, **changes: Any) -> Rma:
    """An RMA of one position, or of those given, pending."""
    content: dict[str, Any] = {
        "shop": DENMARK,
        "id": RMA_ID,
        "status": "pending",
        "status_word": "pending",
        "created_at": CREATED,
        "order_id": "555001",
        "parent_id": "2611111",
        "currency": "DKK",
        "positions": positions or (position(1),),
        "raw": {"id": 30001},
    }
    return Rma(**(content | changes))


@dataclass
class FakeRmas:
    """`ports.marketplace.Rmas` in memory, as Miinto would behave: what is decided stays decided."""

    kept: dict[tuple[str, str], Rma] = field(default_factory=dict)
    decisions: list[tuple[str, str, tuple[str, ...], dict[str, str]]] = field(default_factory=list)
    requests: list[RmaRequestDraft] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    down: dict[str, Verdict] = field(default_factory=dict)
    """What a shop's list raises; under ``*`` what `require_open` does."""
    before_read: Callable[[int], None] | None = None
    """Is told how many readings of an RMA there were before this one."""
    before_decide: Callable[[], None] | None = None
    after_decide: Callable[[], None] | None = None
    """May raise, as a connection that is lost before or after the decision."""

    def put(self, *rmas: Rma) -> None:
        for one in rmas:
            self.kept[one.shop, one.id] = one

    def require_open(self) -> None:
        if "*" in self.down:
            raise self.down["*"]

    def list(self, shop: str, status: RmaStatus | None = None) -> Iterator[Rma]:
        for (owner, _), one in list(self.kept.items()):
            wanted = status is None or one.status == status or one.unknown_words
            if owner == shop and (wanted or (status == "pending" and one.is_open)):
                yield one
        if shop in self.down:
            raise self.down[shop]

    def read(self, shop: str, rma: str) -> Rma | None:
        self.require_open()
        if self.before_read is not None:
            self.before_read(len(self.reads))
        self.reads.append(rma)
        return self.kept.get((shop, rma))

    def decide(
        self,
        shop: str,
        rma: str,
        accepted: Sequence[str],
        declined: Mapping[str, str],
        send_by: datetime,
    ) -> None:
        if self.before_decide is not None:
            self.before_decide()
        known = self.kept[shop, rma]
        pending = {p.id for p in known.positions if p.status == "pending"}
        if not {*accepted, *declined} <= pending:
            raise Permanent("miinto.refused", "Miinto refuses it: decided already")
        self.decisions.append((shop, rma, tuple(accepted), dict(declined)))
        self.settle(shop, rma, accepted=accepted, declined=tuple(declined))
        if self.after_decide is not None:
            self.after_decide()

    def settle(
        self, shop: str, rma: str, *, accepted: Sequence[str] = (), declined: Sequence[str] = ()
    ) -> None:
        """Positions become decided, by the hub or by somebody at Miinto."""
        known = self.kept[shop, rma]
        said: dict[str, RmaStatus] = dict.fromkeys(accepted, "accepted")
        said |= dict.fromkeys(declined, "declined")
        rows = tuple(
            p.model_copy(update={"status": said.get(p.id, p.status)}) for p in known.positions
        )
        found = {p.status for p in rows}
        status = "pending" if "pending" in found else "declined" if found == {"declined"} else ""
        word = status or "accepted"
        update = {"positions": rows, "status": word, "status_word": word}
        self.kept[shop, rma] = known.model_copy(update=update)

    def request(self, draft: RmaRequestDraft, send_by: datetime) -> str:
        self.requests.append(draft)
        return f"request-{len(self.requests)}"


SKUS = {"5700000000017": "TEE", "5700000000024": "MUG", "5700000000031": "CAP"}


def rma_file(**rma_settings: Any) -> dict[str, Any]:
    """A merchant file with two shops; the arguments go into `miinto.rma`."""
    settings = {"announce": {"mode": "live"}, "decide": {"mode": "live"}} | rma_settings
    return merchant_file(
        miinto={
            "shops": [{"id": DENMARK, "warehouse": 4}, {"id": HOLLAND, "warehouse": 3}],
            "rma": settings,
        }
    )


def prove_rmas(bench: Bench) -> None:
    """As if `hub check` had proven the RMA contract of the bench's file."""
    connection = bench.live().merchant.miinto
    assert connection is not None
    proof = RmaProof(contract=contract_of(connection), proven=True, at=bench.clock.now())
    bench.capabilities.keep_rma_proof("example", proof)


@dataclass
class RmaBench(Bench):
    """A bench with a marketplace beside the portal."""

    file: dict[str, Any] = field(default_factory=rma_file)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rmas = FakeRmas()
        self.market_store = MarketStore(self.clock)
        self.sent: list[str] = []
        self.skus = dict(SKUS)
        prove_rmas(self)

    def world(self) -> World:
        return replace(super().world(), portal_of=self.rma_portal)

    def rma_portal(self, live: LiveMerchant) -> MiintoPortal:
        connection = live.merchant.miinto
        assert connection is not None
        return MiintoPortal(
            "example", connection, self.rmas, self.market_store, self.sku_of, self.clock
        )

    def sku_of(self, shop: str, item: Item) -> str | None:
        return self.skus.get(item.gtin or "")

    def market(self) -> MarketWorld:
        nothing = cast(Any, None)
        return MarketWorld(self.world(), nothing, self.rmas, self.market_store, nothing)

    # -- what happens -----------------------------------------------------------------------

    def fetch(self) -> dict[str, int]:
        """One tick's share that fetches RMAs."""
        return fetch_rmas(self.market(), Way(self.sent.append, lambda: 0))

    def deliver(self) -> list[str]:
        """Every message that was published is delivered; how each ended."""
        texts, self.sent[:] = list(self.sent), []
        return [self.approve(text) for text in texts]

    def approve(self, text: str | None = None) -> str:
        world = self.world()
        return receive_approved_return(text or self.message(), world.stores, lambda _: world)

    def announced(self, *rmas: Rma) -> RmaBench:
        """RMAs are fetched and their goods announced."""
        self.rmas.put(*(rmas or (rma(),)))
        assert self.fetch()["told"] == len(rmas or (1,))
        assert set(self.deliver()) == {"announced"}
        return self

    def order(self, number: str = "MI-DK-555001", *lines: OrderLine) -> None:
        """The hub knows the order that the RMA is of."""
        state = self.market_store.order("example", DENMARK, 555001)
        seen = OrderSeen(parent_id="2611111", currency="DKK", lines=lines)
        facts: list[MarketFact] = [seen, OrderPlanned(number=number, warehouse=4)]
        events = [
            MarketEvent(
                sequence=place, at=self.clock.now(), actor="t", rule="t", config_version=1, fact=f
            )
            for place, f in enumerate(facts, start=1)
        ]
        self.market_store.append_to_order(state, events)

    # -- what came of it --------------------------------------------------------------------

    def rma_state(self) -> Any:
        return self.returns.load("example", RMA_RETURN)

    def rma_events(self) -> tuple[Event, ...]:
        return self.returns.timeline("example", RMA_RETURN)

    def rma_facts(self, kind: type[Kind]) -> list[Kind]:
        return [event.fact for event in self.rma_events() if isinstance(event.fact, kind)]

    def parked(self, code: str) -> list[str]:
        """Reasons of open parked items of this code."""
        return [i.reason for i in self.parking.list_parked("example") if i.code == code]
