"""A credit note that somebody made in Unleashed for an order of the marketplace becomes a store's
refund, so that the marketplace, which was paid, pays the buyer.

It goes the way of every store's refund: onto the store-refunds queue, as ``store-refund/1``
(docs/events.md). That flow asks for the RMA, once for each `refund_id`, or a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.domain.base import short_hash
from returns_hub.domain.file_types import Mode
from returns_hub.domain.operations import Claim, LookUp, NotFound
from returns_hub.domain.refunds import OrderByNumber, StoreRefund, StoreRefundLine
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.credits import ErpCreditNote, has_marker
from returns_hub.domain.unleashed.names import CREDIT_NOTES, CREDITS_THERE
from returns_hub.domain.unleashed.sales_orders import OF_MARKETPLACE, OUR_SOURCE, SalesOrder
from returns_hub.errors import Misconfigured, Permanent, Skip
from returns_hub.flows.miinto.order_numbers import beginnings
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.timed import TimedFromPast

TOLD = "store_refund"
SOURCE = "unleashed"


class CreditsThereSource(TimedFromPast):
    """`flows.sync.shape.Source` of completed credit notes that are not the hub's."""

    name = CREDITS_THERE

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.credit_notes)
        self._world = world
        self._settings = world.connection.credit_notes

    def pull(self, since: datetime) -> Iterator[Change[ErpCreditNote]]:
        """Completed notes; a parked one is a draft, and one with a marker is the hub's own."""
        for note in self._world.erp.credit_notes.changed_since(since):
            if note.is_completed and not self._is_ours(note):
                yield _change(note)

    def read(self, key: str) -> Change[ErpCreditNote] | None:
        """One note."""
        note = self._world.erp.credit_notes.read(key)
        return None if note is None else _change(note)

    def plan(self, change: Change[ErpCreditNote], state: SyncState) -> Plan:
        """Tell it, where its order is the marketplace's."""
        note, told = change.content, state.step(TOLD)
        if told is not None and told.how:
            return Plan(outcome="told")
        if self._is_ours(note) or not note.is_completed:
            raise Skip("unleashed.credit_ours", "it is the hub's own, or not completed")
        order = self._order(note)
        number = self._number(order) if order is not None else ""
        if not number:
            if note.customer_code in self._world.connection.marketplace.customers.values():
                raise Permanent(
                    "unleashed.credit_of_nothing",
                    f"credit note {note.number[:60]} is of the marketplace's customer, and names "
                    "no order of it: look which one it is, and ask Miinto for the RMA by hand",
                )
            raise Skip("unleashed.credit_not_market", "its order is none of the marketplace's")
        return Plan([self._tell(note, number)], outcome="told")

    # -- how ----------------------------------------------------------------------------------

    def _is_ours(self, note: ErpCreditNote) -> bool:
        """By its marker; and by its Guid, where somebody emptied its comments."""
        if has_marker(note.comments):
            return True
        records, merchant = self._world.sync.records, self._world.merchant
        return records.made_by(merchant, CREDIT_NOTES, note.guid) is not None

    def _order(self, note: ErpCreditNote) -> SalesOrder | None:
        number = self._world.erp.credit_notes.order_number_of(note)
        if not number:
            return None
        try:
            return self._world.erp.orders.with_number(number)
        except Permanent:
            # It holds what cannot be asked for: none of Unleashed's own numbers.
            return None

    def _number(self, order: SalesOrder) -> str:
        """The marketplace's number of a sales order that was made for it, or exported; else
        empty."""
        if order.source_id.startswith(OF_MARKETPLACE):
            return order.source_id.removeprefix(OF_MARKETPLACE)
        number = order.source_id.removeprefix(OUR_SOURCE).partition("#")[0]
        miinto = self._world.world.live.merchant.miinto
        is_theirs = miinto is not None and number.startswith(tuple(beginnings(miinto)))
        return number if order.is_ours and is_theirs else ""

    def _tell(self, note: ErpCreditNote, number: str) -> Step:
        """Put it onto the queue. A queue cannot be searched: after a lost answer it is told again
        under the same `refund_id`, which its consumer takes for the same refund."""
        refund = self._refund(note, number)
        tell = self._world.tell_store_refund

        def send(_: datetime) -> str:
            if tell is None:
                raise Misconfigured(
                    "settings.missing", "this function was given no STORE_REFUNDS_QUEUE_URL"
                )
            tell(refund.model_dump_json(by_alias=True))
            return refund.refund_id

        def look_up(_: Claim) -> LookUp:
            return NotFound()

        goods = ", ".join(f"{many} {sku}" for sku, many in refund.units.items())
        summary = f"credit note {note.number} of order {number}: {goods}, as a store's refund"
        return Step(TOLD, "queue", summary, send, look_up, told={"refund": refund.refund_id})

    def _refund(self, note: ErpCreditNote, number: str) -> StoreRefund:
        """The refund. It tells goods, and amounts before tax are not told: what Miinto pays is its
        own to know."""
        if not note.units or any(not sku or many < 1 for sku, many in note.units.items()):
            raise Permanent(
                "unleashed.credit_unreadable",
                f"credit note {note.number[:60]} has a line without a product, or with a part of a "
                "unit; ask Miinto for the RMA by hand, and discard this",
            )
        return StoreRefund(
            schema_="store-refund/1",
            merchant=self._world.merchant,
            refund_id=f"unleashed-{note.guid}",
            occurred_at=note.modified_at or self._world.stores.clock.now(),
            source=SOURCE,
            order=OrderByNumber(number=number),
            lines=tuple(
                StoreRefundLine(sku=sku, quantity=many) for sku, many in sorted(note.units.items())
            ),
            currency=note.currency or None,
        )


def sources(world: ErpWorld) -> list[CreditsThereSource]:
    """None unless the marketplace takes refunds from stores at all."""
    miinto = world.world.live.merchant.miinto
    if miinto is None or miinto.refunds.mode is Mode.OFF or miinto.refunds.from_store == "off":
        return []
    return [CreditsThereSource(world)]


def _change(note: ErpCreditNote) -> Change[ErpCreditNote]:
    seen = (note.is_completed, note.is_deleted, sorted((note.units or {}).items()))
    return Change(note.guid, short_hash(repr(seen), 24), note.modified_at, note)
