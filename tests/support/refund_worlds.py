"""A merchant with Miinto for tests of refunds and RMA requests: its RMAs and targets in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from returns_hub.domain.case import LineToProcess
from returns_hub.domain.facts import Fact, LinesCommitted
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.miinto.facts import (
    MarketEvent,
    MarketFact,
    OrderMade,
    OrderPlanned,
    OrderSeen,
)
from returns_hub.domain.miinto.orders import OrderLine, OrderState
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of
from returns_hub.domain.miinto.rmas import Rma, RmaPosition, RmaStatus
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.receipts import Receipt, ReceivedRow
from returns_hub.domain.refunds import Refund
from returns_hub.domain.returns import (
    LineStatus,
    PortalAbilities,
    PortalReturn,
    ReturnLine,
    ReturnStatus,
)
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent, Retryable, UnknownOutcome
from returns_hub.flows.miinto.foreign_receipt import on_foreign_receipt
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.miinto.receive_store_refund import receive_store_refund
from returns_hub.flows.process_lines import finish_batches
from returns_hub.flows.world import World
from returns_hub.ports import ReturnsPortal
from returns_hub.ports.marketplace import Marketplace, RmaRequestDraft
from returns_hub.ports.orders import OrdersWarehouse
from returns_hub.ports.refunds import CreditNoteDraft, RefundTargets
from tests.support.market import MarketStore
from tests.support.worlds import Bench, merchant_file

SHOP, SLUG, ORDER, NUMBER, MADE = "1-m!i!s-045-1234", "045-1234", 555001, "MI-DK-555001", 7001
RMA, RETURN = "30001", "miinto-045-1234-30001"
Kind = TypeVar("Kind")


def miinto(**changes: Any) -> dict[str, Any]:
    """The `miinto:` block: everything live, refunds onto the queue, requests by themselves."""
    content: dict[str, Any] = {
        "shops": [{"id": SHOP, "warehouse": 3, "country": "DK"}],
        "transfers": {"price_is": "unit"},
        "rma": {"decide": {"mode": "live"}, "requests": "automatic"},
        "refunds": {"mode": "live", "to": "queue", "from_store": "automatic"},
    }
    return content | changes


def position(number: int, units: int = 1, *, of: int | None = 71, **changes: Any) -> RmaPosition:
    """An RMA's position, of the order's position `of`."""
    content = {"id": str(number), "order_position": str(of) if of else None, "quantity": units}
    return RmaPosition.model_validate(content | changes)


class FakeRmas:
    """`ports.marketplace.Rmas`; a test says what goes wrong with the next request."""

    def __init__(self, now: Any) -> None:
        self._now = now
        self.rmas: dict[tuple[str, str], Rma] = {}
        self.drafts: list[RmaRequestDraft] = []
        self.trouble: list[str] = []
        self.tells_id = True
        self.tells_reference = True
        self.unreadable = ""

    def require_open(self) -> None:
        return None

    def put(self, rma: Rma) -> Rma:
        self.rmas[rma.shop, rma.id] = rma
        return rma

    def list(self, shop: str, status: RmaStatus | None = None) -> Iterator[Rma]:
        if self.unreadable:
            raise Permanent("miinto.not_found", self.unreadable)
        for (of, _), rma in list(self.rmas.items()):
            if of == shop and status in {None, rma.status}:
                yield rma

    def read(self, shop: str, rma: str) -> Rma | None:
        return self.rmas.get((shop, rma))

    def decide(
        self,
        shop: str,
        rma: str,
        accepted: Sequence[str],
        declined: Mapping[str, str],
        send_by: datetime,
    ) -> None:
        statuses = dict.fromkeys(accepted, "accepted") | dict.fromkeys(declined, "declined")
        self.stand(shop, rma, statuses)

    def stand(self, shop: str, rma: str, statuses: Mapping[str, str]) -> Rma:
        known = self.rmas[shop, rma]
        positions = tuple(
            p.model_copy(update={"status": statuses.get(p.id, p.status)}) for p in known.positions
        )
        decided = {p.status for p in positions} - {"pending"}
        whole = "pending" if "pending" in {p.status for p in positions} else min(decided)
        return self.put(known.model_copy(update={"positions": positions, "status": whole}))

    def request(self, draft: RmaRequestDraft, send_by: datetime) -> str:
        self.drafts.append(draft)
        trouble = self.trouble.pop(0) if self.trouble else ""
        if trouble == "refused":
            raise Permanent("miinto.refused", "Miinto refused it")
        if trouble == "not sent":
            raise Retryable("miinto.busy", "come back", after=30)
        if trouble != "lost, not made":
            number = f"9{len(self.rmas):04}"
            self.put(
                Rma(
                    shop=draft.shop,
                    id=number,
                    status="pending",
                    type="RMA_REQUEST",
                    created_at=self._now(),
                    order_id=str(draft.order),
                    positions=tuple(
                        position(9000 + p, units, of=p) for p, units in draft.positions.items()
                    ),
                    raw={"reference": draft.reference} if self.tells_reference else {},
                )
            )
        if trouble.startswith("lost"):
            raise UnknownOutcome("miinto.no_answer", "no answer")
        return number if self.tells_id else ""


class FakeEvents:
    """`ports.refunds.RefundEvents`; keeps what was told, the same bytes each time."""

    def __init__(self) -> None:
        self.told: list[Refund] = []
        self.trouble: list[Exception] = []

    def publish(self, refund: Refund, send_by: datetime) -> str:
        trouble = self.trouble.pop(0) if self.trouble else None
        if isinstance(trouble, Retryable | Permanent):
            raise trouble
        self.told.append(refund)
        if trouble is not None:
            raise trouble
        return f"message-{len(self.told)}"

    def find_published(self, refund: Refund) -> LookUp:
        return NotFound()


class FakeCreditNotes:
    """`ports.refunds.CreditNotes`; tests/contract holds it to what is asked of every one."""

    def __init__(self) -> None:
        self.made: dict[str, list[CreditNoteDraft]] = {}
        self.lose_answers = 0

    def create_credit_note(self, draft: CreditNoteDraft, send_by: datetime) -> str:
        if not draft.lines:
            raise Permanent("credit_note.empty", "a credit note needs a line")
        notes = self.made.setdefault(draft.reference, [])
        notes.append(draft)
        if self.lose_answers:
            self.lose_answers -= 1
            raise UnknownOutcome("credit_note.no_answer", "no answer")
        return f"CN-{draft.reference}"

    def find_credit_note(self, reference: str, since: datetime | None = None) -> LookUp:
        match self.made.get(reference, []):
            case []:
                return NotFound()
            case [_]:
                return Found(f"CN-{reference}")
        return Inconclusive("two credit notes have this reference")


class FakeRmaPortal:
    """As much of `ports.ReturnsPortal` as processing lines of an RMA needs."""

    def __init__(self, bench: RefundBench) -> None:
        self._bench = bench
        self.abilities = PortalAbilities(takes_comments=False, flags=False, gives_reasons=True)

    def require_open(self) -> None:
        return None

    def read_return(self, return_id: str) -> PortalReturn:
        rma = self._bench.rmas.rmas[SHOP, return_id.rpartition("-")[2]]
        words = {"accepted": LineStatus.COMPLETE, "declined": LineStatus.REJECTED}
        lines = tuple(
            ReturnLine(
                id=p.id,
                order_line_id=p.order_position or "",
                sku=self._bench.sku_of(p),
                quantity=p.quantity,
                status=words.get(p.status, LineStatus.OPEN),
            )
            for p in rma.positions
        )
        is_open = any(line.status is LineStatus.OPEN for line in lines)
        now = self._bench.clock.now()
        return PortalReturn(
            id=return_id,
            status=ReturnStatus.OPEN if is_open else ReturnStatus.COMPLETE,
            created_at=now,
            updated_at=now,
            lines=lines,
        )

    def process(self, return_id: str, lines: Sequence[LineToProcess], send_by: datetime) -> None:
        self._bench.rmas.decide(
            SHOP,
            return_id.rpartition("-")[2],
            [line.line_id for line in lines if not line.reject],
            {line.line_id: "no" for line in lines if line.reject},
            send_by,
        )


@dataclass
class RefundBench(Bench):
    """`Bench` with the marketplace in memory."""

    file: dict[str, Any] = field(default_factory=lambda: merchant_file(miinto=miinto()))
    credit_notes_on: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.market = MarketStore(self.clock)
        self.rmas = FakeRmas(self.clock.now)
        self.queue, self.bus, self.notes = FakeEvents(), FakeEvents(), FakeCreditNotes()
        self.prove()

    def prove(self, *, proven: bool = True) -> None:
        """`hub check` read RMAs, and they are, or are not, what the file says."""
        of_miinto = self.live().merchant.miinto
        assert of_miinto is not None
        proof = RmaProof(contract=contract_of(of_miinto), proven=proven, at=self.clock.now())
        self.capabilities.keep_rma_proof("example", proof)

    def live(self) -> LiveMerchant:
        live = super().live()
        if not self.credit_notes_on:
            return live
        of_miinto = live.merchant.miinto
        assert of_miinto is not None
        refunds = of_miinto.refunds.model_copy(update={"credit_note": "unleashed"})
        changed = of_miinto.model_copy(update={"refunds": refunds})
        merchant = live.merchant.model_copy(update={"miinto": changed})
        return live.model_copy(update={"merchant": merchant})

    def world(self) -> World:
        return replace(
            super().world(),
            portal_of=lambda _: cast("ReturnsPortal", FakeRmaPortal(self)),
            market_of=self.market_world,
            refunds=RefundTargets(queue=self.queue, bus=self.bus, credit_notes=self.notes),
        )

    def market_world(self, world: World | None = None) -> MarketWorld:
        return MarketWorld(
            world=world or self.world(),
            marketplace=cast("Marketplace", None),
            rmas=self.rmas,
            market=self.market,
            orders=cast("OrdersWarehouse", None),
        )

    # -- what happens -------------------------------------------------------------------------

    def order(self, *lines: OrderLine, order: int = ORDER, number: str = NUMBER) -> OrderState:
        """An order that was seen and is in the warehouse."""
        rows = lines or (OrderLine(position=71, quantity=1, price=49900, sku="TEE"),)
        seen = OrderSeen(
            parent_id="2611111", created_at=self.clock.now(), currency="DKK", lines=rows
        )
        planned = OrderPlanned(number=number, warehouse=3)
        made = OrderMade(made_id=MADE + order - ORDER, how="sent")
        state = self.market.order("example", SHOP, order)
        return self.market_world().record_order(state, "t", seen, planned, made)

    def rma(self, *positions: RmaPosition, number: str = RMA, **changes: Any) -> Rma:
        """An RMA that the buyer made."""
        content: dict[str, Any] = {
            "shop": SHOP,
            "id": number,
            "status": "pending",
            "type": "return",
            "created_at": self.clock.now(),
            "order_id": str(ORDER),
            "parent_id": "2611111",
            "currency": "DKK",
            "positions": positions or (position(811, price=49900, reason="too_small"),),
        }
        return self.rmas.put(Rma.model_validate(content | changes))

    def sku_of(self, of: RmaPosition) -> str | None:
        lines = self.market.order("example", SHOP, ORDER).lines
        return next((line.sku for line in lines if str(line.position) == of.order_position), None)

    def commit(self, *accepted: str, declined: Sequence[str] = (), number: int = 1) -> ReturnState:
        """What the decision engine writes before a batch is sent."""
        lines = [LineToProcess(line_id=one, sku="TEE", restock=True) for one in accepted]
        lines += [
            LineToProcess(line_id=one, sku="TEE", restock=False, reject=True) for one in declined
        ]
        return self.tell(LinesCommitted(batch=number, receipt="41@1", lines=tuple(lines)))

    def tell(self, *facts: Fact, return_id: str = RETURN) -> ReturnState:
        state = self.returns.load("example", return_id)
        return self.world().record(state, "t", *facts)

    def finish(self, return_id: str = RETURN) -> ReturnState:
        """Send the batches that are committed."""
        world = self.world().for_return(return_id)
        state = self.returns.load("example", return_id)
        return finish_batches(state, world.portal.read_return(return_id), world)

    def accept(self, *lines: str, declined: Sequence[str] = ()) -> ReturnState:
        """The hub accepts lines of the RMA, and does what follows at once."""
        number = len(self.rma_state().batches) + 1
        self.commit(*lines, declined=declined, number=number)
        return self.finish()

    def came(
        self, *goods: tuple[str, int], made: int = 9001, version: str = "1", **more: Any
    ) -> str:
        """Goods that no return of ours announced are booked in."""
        rows = tuple(ReceivedRow(sku=sku, quantity=units) for sku, units in goods or (("TEE", 1),))
        content: dict[str, Any] = {
            "external_return_id": made,
            "version": version,
            "confirmed": True,
            "updated_at": self.clock.now(),
            "rows": rows,
            "order_id": MADE,
            "order_number": NUMBER,
        }
        return on_foreign_receipt(Receipt.model_validate(content | more), self.market_world())

    def store_message(self, *goods: tuple[str, int], **changes: Any) -> str:
        content: dict[str, Any] = {
            "schema": "store-refund/1",
            "merchant": "example",
            "refund_id": "SR-1",
            "occurred_at": self.clock.now().isoformat(),
            "source": "shop",
            "order": {"number": NUMBER},
            "lines": [{"sku": sku, "quantity": units} for sku, units in goods or (("TEE", 1),)],
        }
        return json.dumps(content | changes)

    def refunded(self, *goods: tuple[str, int], **changes: Any) -> str:
        """A store tells of a refund."""
        return self.deliver(self.store_message(*goods, **changes))

    def deliver(self, text: str) -> str:
        market = self.market_world()
        return receive_store_refund(text, market.stores, lambda _: market)

    # -- what came of it ----------------------------------------------------------------------

    def rma_state(self, return_id: str = RETURN) -> ReturnState:
        return self.returns.load("example", return_id)

    def order_state(self, order: int = ORDER) -> OrderState:
        return self.market.order("example", SHOP, order)

    def rma_facts(self, kind: type[Kind], return_id: str = RETURN) -> list[Kind]:
        timeline = self.returns.timeline("example", return_id)
        return [event.fact for event in timeline if isinstance(event.fact, kind)]

    def order_facts(self, kind: type[Kind]) -> list[Kind]:
        events: tuple[MarketEvent, ...] = self.market.timeline("example", "order", SHOP, ORDER)
        facts: list[MarketFact] = [event.fact for event in events]
        return [fact for fact in facts if isinstance(fact, kind)]

    def parked(self) -> list[str]:
        return [item.code for item in self.parking.list_parked("example")]
