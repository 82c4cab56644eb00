"""A person's returns, orders and messages in every table, for tests of forgetting them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from returns_hub.adapters.dynamodb.audit import DynamoDbAudit
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.items import typed
from returns_hub.adapters.dynamodb.ledger import DynamoDbLedger
from returns_hub.adapters.dynamodb.market import DynamoDbMarketStore
from returns_hub.adapters.dynamodb.parking import DynamoDbParking
from returns_hub.adapters.dynamodb.personal_data import DynamoDbPersonalData
from returns_hub.adapters.dynamodb.personal_rows import Tables
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.adapters.dynamodb.sync import DynamoDbSyncStore
from returns_hub.domain.audit import Act
from returns_hub.domain.case import LineToProcess
from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.domain.facts import (
    CommentAdded,
    Event,
    ExternalReturnMade,
    Fact,
    LinesCommitted,
    LinesProcessed,
    ReceiptSettled,
    ReceiptTaken,
    Seen,
    ShipmentsPlanned,
    Skipped,
)
from returns_hub.domain.miinto.facts import (
    Despatched,
    MarketEvent,
    MarketFact,
    OrderEnded,
    OrderMade,
    OrderPlanned,
    OrderSeen,
    RmaTied,
    TrackingSent,
)
from returns_hub.domain.miinto.keys import create_order_key, send_tracking_key
from returns_hub.domain.miinto.orders import Despatch, OrderLine
from returns_hub.domain.miinto.rmas import Rma, RmaPosition
from returns_hub.domain.operations import (
    Claim,
    Operation,
    OperationState,
    create_external_return_key,
    sync_step_key,
)
from returns_hub.domain.shipments import PlannedLine, PlannedShipment
from returns_hub.domain.sync.records import (
    RecordSeen,
    RecordSettled,
    StepDone,
    StepPlanned,
    SyncEvent,
    SyncFact,
)
from returns_hub.flows.privacy.find import Found, find_all
from returns_hub.flows.privacy.forget import PrivacyDesk
from returns_hub.flows.privacy.subject import Wanted, find_subject
from returns_hub.flows.relay.order_change_message import FLOW as ORDER_CHANGES
from returns_hub.ports import Clock, ParkedItem
from returns_hub.ports.privacy import Subject

MERCHANT = "example"
PAT = "66aa01f0c0ffee0000000001"
RMA = "miinto-045-1234-30001"
SHOP = "1-m!i!s-045-1234"
ORDER_NAME = "#EX-5501"
TRACKING = "RMPAT0001GB"
WORDS = {
    ORDER_NAME,
    "EX-5501",
    "ex-5501",
    TRACKING,
    TRACKING.lower(),
    "Pat Vale",
    "robin@example.test",
    "12 Long Lane",
    "too tight for Pat",
    "MIINTO-TRACK-7",
    "Pat's neighbour took it",
}
"""Personal values that are planted, in every form in which they are kept."""
TABLES = Tables(
    returns="ReturnsTable",
    ledger="LedgerTable",
    parked="ParkedTable",
    market="MarketTable",
    sync="SyncTable",
    findings="FindingsTable",
    audit="AuditTable",
)


class People:
    """Two persons' data in the tables of one client; the other person's is never touched.

    Args:
        client: DynamoDB.
        clock: Tells the time.
    """

    def __init__(self, client: Any, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.returns = DynamoDbReturns(client, TABLES.returns, clock)
        self.parking = DynamoDbParking(client, TABLES.parked, clock)
        self.market = DynamoDbMarketStore(client, TABLES.market, clock)
        self.sync = DynamoDbSyncStore(client, TABLES.sync, clock)
        self.ledger = DynamoDbLedger(client, TABLES.ledger, clock)
        self.audit = DynamoDbAudit(client, TABLES.audit, clock)
        self.findings = DynamoDbFindings(client, TABLES.findings, clock)
        self.data = DynamoDbPersonalData(client, TABLES, clock)

    # -- what is there ------------------------------------------------------------------------

    def plant(self) -> None:
        """Pat's data, and somebody else's beside it."""
        self.tell(PAT, *story(ORDER_NAME, TRACKING, 41))
        self.tell("other", *story("#EX-5502", "RMOTHER0002GB", 42, "Sam"))
        self.park("dealt-with", "message from Pat Vale, 12 Long Lane", subject=PAT)
        self.park("others", '{"buyer": "Sam Poe"}', subject="other")
        self._refused(create_external_return_key(MERCHANT, PAT, "a"), "Pat Vale is unknown here")
        self._refused(create_order_key(MERCHANT, "MI-7001"), "12 Long Lane is no address")
        self._refused(
            send_tracking_key(MERCHANT, SHOP, 7001, "MIINTO-TRACK-7"), "Pat Vale has it already"
        )
        self.park("miinto_orders/045-1234/7001/insert", "Pat Vale has no postcode")
        self.park("miinto_orders/045-1234/70010/insert", "Sam Poe has none: other")
        self.park("label", "the label of MIINTO-TRACK-7 cannot be read", subject="a label")
        self._acted(PAT, f"Pat's neighbour took it: {ORDER_NAME}", {"order": ORDER_NAME})
        self._acted("other", "Sam Poe called", {})
        self._acted("", "Pat Vale rang", {"order": ORDER_NAME}, name="by-order")
        self._acted("", "Pat Vale rang", {"ids": f"f/{PAT}/a"}, name="by-parked-id")
        self._acted("", "Pat Vale rang", {"name": "045-1234/7001/r"}, name="by-request")
        self._acted("", "Sam Poe called", {"order": "#EX-5502", "name": "045-1234/70010"})
        self._found(f"return {PAT} of {ORDER_NAME}", Standing.RESOLVED)
        self._found("return other", Standing.RESOLVED)
        self.tell_order(*order_story())
        self.market.keep_rma(MERCHANT, rma())
        self._record(ORDER_CHANGES, "EX-5501", "Pat Vale wants it elsewhere: 12 Long Lane")
        self._record(ORDER_CHANGES, ORDER_NAME, "Pat Vale wants it elsewhere: 12 Long Lane")
        self._record("unleashed.orders", "a-guid", "Pat Vale's EX-5501 is a gift")
        self._record("unleashed.orders", "another-guid", "other: Sam Poe's EX-5502 is none")
        self._record(ORDER_CHANGES, "EX-5502", "Sam Poe wants two")

    def tell(self, return_id: str, *facts: Fact) -> None:
        """Append these facts to a return's timeline."""
        state = self.returns.load(MERCHANT, return_id)
        at = self.clock.now()
        events = [
            Event(sequence=n, at=at, actor="hub", rule="t", config_version=1, fact=fact)
            for n, fact in enumerate(facts, start=state.version + 1)
        ]
        self.returns.append(state, events)

    def tell_order(self, *facts: MarketFact, number: int = 7001) -> None:
        """Append these facts to an order's timeline."""
        state = self.market.order(MERCHANT, SHOP, number)
        at = self.clock.now()
        events = [
            MarketEvent(sequence=n, at=at, actor="hub", rule="t", config_version=1, fact=fact)
            for n, fact in enumerate(facts, start=state.version + 1)
        ]
        self.market.append_to_order(state, events)

    def park(self, parked_id: str, payload: str, *, subject: str = "", close: bool = True) -> None:
        """A parked item, dealt with or open."""
        item = ParkedItem(
            merchant=MERCHANT,
            parked_id=parked_id,
            flow="create_external_return",
            code="event.unreadable",
            reason=f"cannot be read: {payload[:20]}",
            subject=subject,
            payload=payload,
        )
        self.parking.park(item)
        if close:
            self.parking.close(item, "discarded", "arn:aws:iam::1:user/kim", "by hand")

    def _refused(self, key: str, reason: str) -> None:
        operation = Operation(key, MERCHANT, 1, 1, 1)
        claim = self.ledger.claim(operation, "owner")
        assert isinstance(claim, Claim)
        self.ledger.settle(claim, OperationState.REJECTED, code="refused", reason=reason)

    def _acted(self, return_id: str, note: str, details: dict[str, str], name: str = "") -> None:
        act = Act(
            act_id=f"act-{return_id or name}",
            at=self.clock.now(),
            who="arn:aws:iam::1:user/kim",
            through="hub",
            verb="returns comment",
            merchant=MERCHANT,
            return_id=return_id,
            details=details,
            note=note,
            outcome="done",
            told=f"{return_id}: told of {details.get('order', 'it')}",
        )
        self.audit.record(act)

    def _found(self, subject: str, standing: Standing) -> None:
        at = self.clock.now()
        one = Finding(Difference("returns.open", subject, {"hub": "a"}), standing, at, at)
        self.findings.keep(MERCHANT, Look(at=at, counted={"returns.open": 1}), [one])

    def _record(self, flow: str, key: str, text: str) -> None:
        state = self.sync.load(MERCHANT, flow, key)
        facts: list[SyncFact] = [
            RecordSeen(source_version="v1"),
            StepPlanned(
                step="flag", summary=f"a comment: {text}", told={"text": text, "tracking": "T1"}
            ),
            StepDone(step="flag", partner_id="", how="sent"),
            RecordSettled(source_version="v1", outcome="told"),
        ]
        at = self.clock.now()
        events = [
            SyncEvent(sequence=n, at=at, actor="hub", rule="t", config_version=1, fact=fact)
            for n, fact in enumerate(facts, start=1)
        ]
        self.sync.append(state, events)
        self._refused(sync_step_key(MERCHANT, flow, key, "flag"), text)

    # -- forgetting ---------------------------------------------------------------------------

    def subject(self, **wanted: tuple[str, ...]) -> Subject:
        """Who is meant; Pat by the return's id when nothing else is said."""
        who = Wanted(**wanted) if wanted else Wanted(return_ids=(PAT, RMA))
        return find_subject(who, MERCHANT, self.returns, lambda: self.market)

    def find(self, subject: Subject | None = None, *, scan: bool = True) -> Found:
        """All of it."""
        tell = (lambda _name, _read: None) if scan else None
        return find_all(subject or self.subject(), self.data, None, tell)

    @property
    def desk(self) -> PrivacyDesk:
        """Kim's."""
        return PrivacyDesk(
            who="arn:aws:iam::1:user/kim",
            data=self.data,
            returns=self.returns,
            market=lambda: self.market,
            clock=self.clock,
            look=self.find,
        )


def story(order: str, tracking: str, number: int, who: str = "Pat") -> tuple[Fact, ...]:
    """A return from its announcement to its end; the buyer's words in each place for words."""
    line = PlannedLine(line_id="l1", sku="TEE", quantity=1, reason_id=1, reason_mapped=True)
    shipment = PlannedShipment(
        key="a", warehouse_id=3, reference=order, lines=(line,), tracking=tracking
    )
    at = "2026-03-02T09:00:00Z"
    return (
        Seen.model_validate(
            {
                "source": "webhook",
                "return_type": "return",
                "status": "open",
                "portal_updated_at": at,
                "order_names": [order],
            }
        ),
        ShipmentsPlanned(shipments=(shipment,)),
        ExternalReturnMade(shipment="a", external_return_id=number, how="sent"),
        CommentAdded(about="a"),
        ReceiptTaken(
            external_return_id=number,
            receipt="r1",
            units={"TEE": 1},
            decision="process",
            note=f"too tight for {who}, {order}",
        ),
        LinesCommitted(
            batch=1, receipt="r1", lines=(LineToProcess(line_id="l1", sku="TEE", restock=True),)
        ),
        LinesProcessed(batch=1, how="sent"),
        ReceiptSettled(external_return_id=number, receipt="r1", outcome="processed"),
        Skipped(flow="f", code="return.closed", reason=f"{who} Vale's {order} is complete"),
        Seen.model_validate(
            {
                "source": "webhook",
                "return_type": "return",
                "status": "complete",
                "portal_updated_at": "2026-03-03T09:00:00Z",
                "order_names": [order],
            }
        ),
    )


def order_story() -> tuple[MarketFact, ...]:
    """An order of the marketplace, sent and told."""
    sent = Despatch(carrier="C", tracking="MIINTO-TRACK-7", tracking_url="https://c.example.test/7")
    return (
        OrderSeen(parent_id="P-7001", lines=(OrderLine(position=1, quantity=1, price=100),)),
        OrderPlanned(number="MI-7001", warehouse=3),
        OrderMade(made_id=900, how="sent"),
        Despatched(despatch=sent),
        TrackingSent(tracking="MIINTO-TRACK-7"),
        RmaTied(return_id=RMA),
        OrderEnded(code="sent", reason="given to Pat Vale"),
    )


def rma(**changes: Any) -> Rma:
    """A decided RMA with the buyer's words in it."""
    content: dict[str, Any] = {
        "shop": SHOP,
        "id": "30001",
        "status": "accepted",
        "order_id": "7001",
        "tracking": TRACKING,
        "positions": (
            RmaPosition(id="1", reason="too tight for Pat", comment="call robin@example.test"),
        ),
        "raw": {"comment": "too tight for Pat", "id": 30001},
    }
    made = Rma(**content | changes)
    return made.model_copy(update={"shop": SHOP})


def every_row(client: Any) -> dict[str, dict[str, Any]]:
    """Every item of every table of the client's, by table and key."""
    found: dict[str, dict[str, Any]] = {}
    for name, items in _items(client).items():
        for item in items:
            key = "|".join(item[part]["S"] for part in ("pk", "sk") if part in item)
            found[f"{name}|{key}"] = item
    return found


def _items(client: Any) -> dict[str, list[dict[str, Any]]]:
    if hasattr(client, "tables"):
        return {name: list(table.items.values()) for name, table in client.tables.items()}
    names = client.list_tables()["TableNames"]
    return {name: client.scan(TableName=name)["Items"] for name in names}


def planted_in(client: Any) -> list[str]:
    """Where a planted value of Pat's is, and which."""
    return [
        f"{key}: {word}"
        for key, item in every_row(client).items()
        for word in WORDS
        if word in repr(item) or word in key
    ]


def put(client: Any, table: str, **row: str | int) -> None:
    """An item as a hand or another release wrote it."""
    client.put_item(TableName=table, Item=typed(row))


LATER = timedelta(minutes=1)
