"""Returns that were processed become free-entry credit notes of Unleashed, once each.

Each batch of lines that the portal took is a record; see `due` for how it comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.operations import Claim, LookUp, marker_of
from returns_hub.domain.state import BatchState, ReturnState
from returns_hub.domain.sync.records import SyncState
from returns_hub.domain.unleashed.credits import (
    CreditDraft,
    CreditLine,
    Returned,
    lines_to_credit,
)
from returns_hub.domain.unleashed.names import (
    CREDIT_NOTES,
    ORDER,
    ORDER_EXPORT,
    ORDERS,
    UNLEASHED,
)
from returns_hub.domain.unleashed.sales_orders import SalesOrder
from returns_hub.errors import Permanent, Skip
from returns_hub.flows.sync.shape import Change, Plan, Step
from returns_hub.flows.unleashed.credits.due import key_of, version_of
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.timed import TimedFromPast

NOTE, COMPLETE = "note", "complete"


@dataclass(frozen=True)
class Processed:
    """Lines of a return that were processed together."""

    state: ReturnState
    batch: BatchState

    @property
    def named(self) -> str:
        """For people."""
        return f"return {self.state.return_id}, batch {self.batch.number}"

    def units(self) -> dict[str, int]:
        """Units of each of the return's lines, as they were announced."""
        return {
            line.line_id: line.quantity
            for shipment in self.state.shipments
            for line in shipment.planned.lines
        }

    def before(self) -> list[Returned]:
        """What was processed of the return before, whoever credits it: two batches of a product
        that was sold at two prices are not both credited at the first one."""
        units, at = self.units(), self.batch.processed_at
        earlier = [
            one
            for one in self.state.batches
            if at and one.processed_at and (one.processed_at, one.number) < (at, self.batch.number)
        ]
        return [
            Returned(line.sku, units.get(line.line_id, 0), line.restock)
            for one in sorted(earlier, key=lambda one: (one.processed_at, one.number))
            for line in one.lines
            if not line.reject
        ]


class CreditNotesSource(TimedFromPast):
    """`flows.sync.shape.Source` of what was processed; its changes are handed over, none listed."""

    name = CREDIT_NOTES

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.credit_notes)
        self._world = world
        self._settings = world.connection.credit_notes

    def pull(self, since: datetime) -> Iterator[Change[Processed]]:  # noqa: ARG002
        """None: what is due is put onto this flow's list of records in work."""
        return iter(())

    def read(self, key: str) -> Change[Processed] | None:
        """Lines that were processed, from the return's own timeline."""
        return_id, _, number = key.rpartition("/")
        state = self._world.stores.returns.load(self._world.merchant, return_id)
        batch = next((one for one in state.batches if str(one.number) == number), None)
        if batch is None:
            return None
        version, at = version_of(batch), batch.processed_at
        return Change(key_of(return_id, number), version, at, Processed(state, batch))

    def plan(self, change: Change[Processed], state: SyncState) -> Plan:
        """A credit note for each sales order that lines of it were sold on."""
        processed = change.content
        made = [one for one in state.steps if one.name.startswith(f"{NOTE}/") and one.how]
        if made and made[0].told.get("of") == len(made):
            # What was sold is not asked again.
            guids, steps = [one.name.partition("/")[2] for one in made], []
        else:
            lines = self._lines(processed)
            guids = list(lines)
            steps = [self._note(guid, lines[guid], len(lines), processed, state) for guid in guids]
        if self._settings.complete:
            steps += [self._complete(guid, state) for guid in guids]
        return Plan(steps, outcome="credited")

    # -- what is credited -----------------------------------------------------------------------

    def _lines(self, processed: Processed) -> dict[str, tuple[CreditLine, ...]]:
        """By the sales order's Guid.

        Raises:
            Permanent: What was sold, or for how much, is not known.
            Skip: Nothing of it is credited.
        """
        returned = self._returned(processed)
        orders = self._orders(processed, {one.sku for one in returned})
        try:
            return lines_to_credit(
                returned,
                orders,
                to_stock=self._settings.return_to_stock,
                before=processed.before(),
            )
        except ValueError as error:
            raise Permanent(
                "unleashed.credit_no_price",
                f"{processed.named}: {error}; make the credit note by hand, and discard this",
            ) from None

    def _returned(self, processed: Processed) -> list[Returned]:
        planned = processed.units()
        found = []
        for line in processed.batch.lines:
            if line.reject:
                continue
            units = planned.get(line.line_id)
            if units is None or line.amount is not None:
                why = (
                    f"how many units of {line.sku[:60]} came back is not known"
                    if units is None
                    else f"{line.amount} was paid for {line.sku[:60]}, in place of its price"
                )
                raise Permanent(
                    "unleashed.credit_no_price",
                    f"{processed.named}: {why}; make the credit note by hand, and discard this",
                )
            found.append(Returned(line.sku, units, line.restock))
        if not found:
            raise Skip("unleashed.credit_nothing", "none of its lines was accepted")
        return found

    def _orders(self, processed: Processed, skus: set[str]) -> list[SalesOrder]:
        """The sales orders that its order is at Unleashed, as the hub knows them, or by number."""
        names = [name.strip().lstrip("#") for name in processed.state.order_names]
        found: dict[str, SalesOrder] = {}
        for name in filter(None, names):
            for guid in self._known_as(name):
                order = self._world.erp.orders.read(guid)
                if order is not None:
                    found[order.guid] = order
            if not found:
                order = self._numbered(name)
                if order is not None:
                    found[order.guid] = order
        usable = [
            order
            for order in found.values()
            if not order.is_deleted
            and not order.unreadable
            and skus & {line.sku for line in order.lines}
        ]
        if not usable:
            raise Permanent(
                "unleashed.credit_no_order",
                f"{processed.named}: Unleashed has no sales order of order "
                f"{', '.join(names)[:60] or 'without a number'} with these goods; make the credit "
                "note by hand, and discard this",
            )
        return usable

    def _known_as(self, name: str) -> Iterator[str]:
        """Guids of sales orders that became the warehouse's orders with this number, or that they
        became."""
        records, merchant = self._world.sync.records, self._world.merchant
        for order in self._world.orders.orders_with_number(name):
            made = str(order.order_id)
            exported = self._world.sync.load(ORDER_EXPORT, made).partner_id(ORDER)
            if exported:
                yield exported
            source = records.made_by(merchant, ORDERS, made)
            if source:
                yield source

    def _numbered(self, name: str) -> SalesOrder | None:
        prefix = self._world.connection.orders.number_prefix
        for number in dict.fromkeys((name, name.removeprefix(prefix))):
            try:
                found = self._world.erp.orders.with_number(number)
            except Permanent:
                # It holds what cannot be asked for.
                continue
            if found is not None:
                return found
        return None

    # -- writing --------------------------------------------------------------------------------

    def _note(
        self,
        guid: str,
        lines: tuple[CreditLine, ...],
        notes: int,
        processed: Processed,
        state: SyncState,
    ) -> Step:
        """Make the note, parked. Looked up by a marker in its comments, see
        `ErpCreditNotes.find_note`; Unleashed gives its Guid."""
        name, credits_ = f"{NOTE}/{guid}", self._world.erp.credit_notes
        at = processed.batch.processed_at or self._world.stores.clock.now()
        draft = CreditDraft(
            marker=marker_of(state.operation_key(name)),
            order_guid=guid,
            lines=lines,
            reason=self._settings.reason,
            comments=f"{self._settings.reason}: {processed.named}",
            credited_on=at.date(),
        )

        def send(by: datetime) -> str:
            return credits_.make_note(draft, by)

        def look_up(claim: Claim) -> LookUp:
            return credits_.find_note(draft, claim.first_claimed_at)

        goods = ", ".join(f"{line.quantity} {line.sku} at {line.price}" for line in lines[:10])
        told = {"units": draft.units(), "of": notes}
        summary = f"a credit note for {processed.named}: {goods}"
        return Step(name, UNLEASHED, summary, send, look_up, told=told, does="create")

    def _complete(self, guid: str, state: SyncState) -> Step:
        """Complete the note. Looked up by reading it by the Guid that making it gave."""
        erp = self._world.erp.credit_notes

        def note() -> str:
            return self._world.sync.load(CREDIT_NOTES, state.key).partner_id(f"{NOTE}/{guid}")

        def send(by: datetime) -> str:
            erp.complete(note(), by)
            return ""

        return Step(
            f"{COMPLETE}/{guid}",
            UNLEASHED,
            "the credit note completed",
            send,
            lambda _: erp.is_completed(note()),
        )
