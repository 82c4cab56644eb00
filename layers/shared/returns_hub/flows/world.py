"""What a flow is given: the merchant's file, its partners, and the hub's own stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from returns_hub.domain.facts import Event, Fact
from returns_hub.domain.merchant import LiveMerchant
from returns_hub.domain.operations import Claim, LookUp, Operation
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Misconfigured, Permanent, Verdict
from returns_hub.flows.operation import Done, run_operation
from returns_hub.flows.parked import OPERATOR_NEEDED, park
from returns_hub.ports import (
    CapabilitiesStore,
    Catalogue,
    Clock,
    Cursors,
    Ledger,
    ParkedItem,
    Parking,
    ReturnsPortal,
    ReturnsStore,
    Telemetry,
    Warehouse,
)
from returns_hub.ports.refunds import RefundTargets

if TYPE_CHECKING:
    from returns_hub.flows.miinto.market_world import MarketWorld
    from returns_hub.ports.sync import SyncStore

REQUEST_SECONDS = 30.0
"""The longest that one request to a partner takes; the HTTP adapter holds to it."""


@dataclass(frozen=True)
class Stores:
    """The hub's own stores and its clock; the same for every merchant."""

    ledger: Ledger
    returns: ReturnsStore
    cursors: Cursors
    parking: Parking
    catalogue: Catalogue
    capabilities: CapabilitiesStore
    clock: Clock
    telemetry: Telemetry
    owner: str


@dataclass(frozen=True)
class Noted:
    """A fact that is not on a timeline yet: the rule that made it, and when it was so."""

    rule: str
    fact: Fact
    at: datetime


@dataclass(frozen=True)
class World:
    """One merchant's world."""

    live: LiveMerchant
    stores: Stores
    warehouse: Warehouse
    portal: ReturnsPortal
    portal_of: Callable[[LiveMerchant], ReturnsPortal] | None = None
    market_of: Callable[[World], MarketWorld] | None = None
    refunds: RefundTargets | None = None
    records: Callable[[], SyncStore] | None = None

    def for_return(self, return_id: str) -> World:
        """The world as a flow about this return sees it: its portal, its switches.

        A merchant's RMAs are returns of another portal than its own; see `Merchant.of_return`.

        Raises:
            Misconfigured: This world was made without that portal.
        """
        merchant = self.live.merchant.of_return(return_id)
        if merchant is self.live.merchant:
            return self
        if self.portal_of is None:
            raise Misconfigured(
                "portal.not_wired", f"{return_id} is of another portal, which is not at hand here"
            )
        live = self.live.model_copy(update={"merchant": merchant})
        return replace(self, live=live, portal=self.portal_of(live))

    def marketplace(self) -> MarketWorld | None:
        """The world of flows about the merchant's marketplace; None without one."""
        if self.market_of is None or self.live.merchant.miinto is None:
            return None
        return self.market_of(self)

    @property
    def merchant(self) -> str:
        """The merchant's id."""
        return self.live.merchant.merchant

    def record(self, state: ReturnState, rule: str, *facts: Fact) -> ReturnState:
        """Append facts to a return's timeline in one transaction; the state they fold to.

        Raises:
            Conflict: Someone else appended meanwhile.
        """
        at = self.stores.clock.now()
        return self.record_all(state, *(Noted(rule, fact, at) for fact in facts))

    def record_all(self, state: ReturnState, *noted: Noted) -> ReturnState:
        """As `record`, for facts of several rules or moments, oldest first.

        Raises:
            Conflict: Someone else appended meanwhile.
        """
        events = [
            Event(
                sequence=state.version + position,
                at=one.at,
                actor="hub",
                rule=one.rule,
                config_version=self.live.version,
                fact=one.fact,
            )
            for position, one in enumerate(noted, start=1)
        ]
        return self.stores.returns.append(state, events) if events else state

    def operation(
        self, key: str, *, settle: float, give_up: float, retry_rejected: bool = False
    ) -> Operation:
        """An operation; what it made shows in a look-up `settle` seconds after its request."""
        return Operation(
            key=key,
            merchant=self.merchant,
            request_seconds=REQUEST_SECONDS,
            settle_seconds=settle,
            give_up_seconds=give_up,
            retry_rejected=retry_rejected,
        )

    def run(
        self,
        operation: Operation,
        *,
        send: Callable[[datetime], str],
        look_up: Callable[[Claim], LookUp],
    ) -> Done:
        """Do one write to a partner, once; see `flows.operation.run_operation`."""
        return run_operation(
            operation,
            ledger=self.stores.ledger,
            clock=self.stores.clock,
            owner=self.stores.owner,
            send=send,
            look_up=look_up,
        )

    def require_partners(self) -> None:
        """Raise while asking a partner is known to be no use, before anything is begun.

        Raises:
            Retryable: Come back when it may be tried.
        """
        self.warehouse.require_open()
        self.portal.require_open()

    def tell_if_misconfigured(self, verdict: Verdict) -> None:
        """Count what only an operator can mend; the work itself waits."""
        if isinstance(verdict, Misconfigured):
            telemetry = self.stores.telemetry
            telemetry.count("Misconfigured", merchant=self.merchant, code=verdict.code)
            telemetry.count(OPERATOR_NEEDED)

    def run_failed(self, verdict: Verdict, *, flow: str) -> None:
        """Count and log a scheduled run that could not be done; a later one is the retry."""
        self.tell_if_misconfigured(verdict)
        telemetry = self.stores.telemetry
        telemetry.count("RunsFailed", flow=flow, merchant=self.merchant)
        telemetry.log("run failed", flow=flow, code=verdict.code, reason=verdict.reason)

    def park(
        self, flow: str, parked_id: str, verdict: Permanent, *, subject: str, payload: str
    ) -> None:
        """Set work aside for a person, and count it."""
        park(
            self.stores,
            ParkedItem(
                merchant=self.merchant,
                parked_id=parked_id,
                flow=flow,
                code=verdict.code,
                reason=verdict.reason,
                subject=subject,
                payload=payload,
            ),
        )
