"""What the warehouse booked in of a purchase order's ASN is receipted on the purchase order.

A record is a purchase order; it changes when its ASN does. A receipt takes three writes, each of
its own in the ledger: lines are raised where more came than was ordered and the file allows it,
every line is set to what came, and then the receipt itself, which has no body and books what is
set. The hub counts by itself what it receipted: its steps tell it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.names import RECEIPTS
from returns_hub.domain.unleashed.purchase_orders import PurchaseOrder
from returns_hub.domain.unleashed.purchase_rule import lines_problem, listed, named, services_of
from returns_hub.domain.unleashed.receipt_rule import (
    Allocation,
    Came,
    Receipted,
    allocate,
    came_of,
    receipted_of,
    rows_told,
    version_of,
)
from returns_hub.domain.warehouse_asns import Asn, AsnStage, BookedMeans
from returns_hub.errors import Misconfigured, Permanent, Retryable, Skip
from returns_hub.flows.long_orders import asns_from
from returns_hub.flows.sync.shape import Change, Plan, Reached
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.goods.receipt_steps import (
    ReceiptSteps,
    open_receipt,
    receipts_in,
    was_left,
)
from returns_hub.flows.unleashed.goods.whose_asn import WhoseAsn
from returns_hub.flows.unleashed.timed import TimedByWarehouse

MOST_CALLS = 20
"""Pages of the list of ASNs, of a hundred each, for who needs all of it at once."""
Asns = Change[Asn]


class ReceiptsSource(TimedByWarehouse):
    """`flows.sync.shape.Source` and `LongList`: ASNs that were booked in -> receipts of purchase
    orders."""

    name = RECEIPTS
    basis = ""

    def __init__(self, world: ErpWorld) -> None:
        super().__init__(world.connection.receipts)
        self._world = world
        self._settings = world.connection.receipts
        self._whose = WhoseAsn(world)

    @property
    def means(self) -> BookedMeans:
        """Which of an ASN item's two numbers counts."""
        return self._world.world.live.merchant.mintsoft.goods.booked_quantity

    def pull(self, since: datetime) -> Iterator[Asns]:
        """See `Source.pull`."""
        for told in self.pull_from(since, ""):
            if isinstance(told, Change):
                yield told

    def pull_from(self, since: datetime, place: str) -> Iterator[Asns | Reached]:
        """ASNs of other flows, and those that nobody has begun, are left.

        See `LongList.pull_from`; the places are those of `asns_from`.
        """
        for told in asns_from(self._world.asns, since, place):
            if isinstance(told, Reached):
                yield told
                continue
            for asn in told:
                guid = self._whose.order_of(asn) if asn.is_begun else None
                if guid is not None:
                    yield self.change(guid, asn)

    def read(self, key: str) -> Asns | None:
        """See `Source.read`."""
        asn = self._whose.asn_of(key)
        return None if asn is None else self.change(key, asn)

    def change(self, guid: str, asn: Asn) -> Asns:
        """A purchase order's ASN as a version of its record."""
        return Change(guid, version_of(asn, self.means), asn.updated_at, asn)

    # -- what is to be done ---------------------------------------------------------------------

    def plan(self, change: Asns, state: SyncState) -> Plan:
        """See `Source.plan`."""
        asn, guid = change.content, change.key
        self._whose.require_linked(guid)
        begun = open_receipt(state)
        if begun is not None and not begun.retry:
            return self._go_on(begun, self._order(guid), state)
        waits = self._wait(asn)
        if waits is not None:
            return waits
        order = self._order(guid)
        before = receipted_of(step.told for step in receipts_in(state))
        came = self._came(asn, order)
        if order.is_receipted:
            if begun is not None:
                return self._go_on(begun, order, state)
            return self._receipted_already(order, asn, came, before, state)
        services = self._services(order, asn)
        tracked = self._world.connection.batches_and_serials
        wanted = allocate(order, came, before, services=services, tracked=tracked)
        make = ReceiptSteps(self._world, order, state)
        if begun is not None and begun.name == make.receipt_name(wanted.told()):
            return self._go_on(begun, order, state)
        self._require_clear(order, asn, wanted)
        outcome = _outcome(asn, wanted)
        if not wanted.books:
            return Plan(outcome=outcome if before.lines else "nothing_came")
        self._require_receivable(order, asn, before, state)
        steps = [
            *make.raise_lines(wanted),
            *make.set_lines(wanted),
            make.receipt(wanted.lines, wanted.told()),
        ]
        if asn.has_ended and not wanted.short:
            steps += make.complete(is_wanted=self._settings.complete_order)
        return Plan(steps, outcome=outcome)

    def _go_on(self, begun: StepState, order: PurchaseOrder, state: SyncState) -> Plan:
        """A receipt was sent, or may have been: nothing else is done before its end is known, with
        the units that it told. In particular no line is written, so that the order's stamp is what
        it was before."""
        before = receipted_of(step.told for step in receipts_in(state))
        lines = rows_told(begun.told, order, before)
        step = ReceiptSteps(self._world, order, state).receipt(lines, begun.told, begun.name)

        def send(by: datetime) -> str:
            try:
                return step.send(by)
            except Retryable as verdict:
                if verdict.code != "unleashed.changed_meanwhile":
                    raise
                # What was begun cannot be gone on with, and would come back for ever.
                raise Permanent("receipts.changed", f"{verdict.reason}; replay this") from None

        return Plan([replace(step, send=send)], again=True)

    def _wait(self, asn: Asn) -> Plan | None:
        """What to do while the warehouse is not so far; None when it is."""
        if asn.stage is AsnStage.DISCREPANCY:
            raise Permanent(
                "receipts.discrepancy",
                f"ASN {asn.asn_id} for {asn.reference} is a discrepancy in Mintsoft: clear it up "
                "there, then replay this",
            )
        if asn.stage is AsnStage.UNKNOWN:
            return Plan(outcome="unknown_status")
        came = came_of(asn, self.means)
        if came is None:
            if not asn.has_ended:
                return Plan(outcome="booking", again=True)
            raise Misconfigured(
                "receipts.booked_unclear",
                f"the two numbers of ASN {asn.asn_id}'s items differ, and nobody has said which "
                "counts as booked in: say mintsoft.goods.booked_quantity",
                after=900,
            )
        if asn.has_ended:
            return None
        if not any(one.units for one in came.values()):
            return Plan(outcome="expected")
        if self._settings.part_deliveries == "when_complete":
            return Plan(outcome="part_booked", again=True)
        return None

    def _order(self, guid: str) -> PurchaseOrder:
        order = self._world.erp.purchase_orders.read(guid)
        if order is None:
            raise Permanent(
                "receipts.no_order",
                "the purchase order of goods that were booked in is not in Unleashed any more",
            )
        problem = lines_problem(order)
        if problem:
            raise Permanent("receipts.order", problem)
        return order

    def _came(self, asn: Asn, order: PurchaseOrder) -> Mapping[str, Came]:
        skus = {line.guid: line.sku for line in order.lines}
        return came_of(asn, self.means, skus) or {}

    def _receipted_already(
        self,
        order: PurchaseOrder,
        asn: Asn,
        came: Mapping[str, Came],
        before: Receipted,
        state: SyncState,
    ) -> Plan:
        """Unleashed takes no receipt for it any more: nothing is booked twice."""
        units = {sku: one.units for sku, one in came.items() if one.units}
        if before.lines:
            more = _differences(before.units, units)
            if more:
                raise Permanent(
                    "receipts.closed",
                    f"purchase order {order.number} is {order.status} since its receipt, and takes "
                    f"no other; receipted and booked in are: {named(more)}; adjust the stock in "
                    "Unleashed by hand, then discard this",
                )
            is_full = asn.has_ended and all(
                before.lines.get(line.guid, 0) >= line.quantity for line in order.lines
            )
            make = ReceiptSteps(self._world, order, state)
            steps = make.complete(is_wanted=is_full and self._settings.complete_order)
            return Plan(steps, outcome="receipted" if asn.has_ended else "receipted_so_far")
        there: dict[str, int] = {}
        for line in order.lines:
            there[line.sku] = there.get(line.sku, 0) + int(line.receipt)
        services = self._services(order, asn) if _differences(there, units) else frozenset()
        goods = {sku: many for sku, many in there.items() if sku not in services}
        differs = _differences(goods, units)
        if differs and asn.has_ended and any(there.values()):
            raise Skip(
                "receipts.by_hand",
                f"purchase order {order.number} was receipted in Unleashed by hand; receipted and "
                f"booked in are: {named(differs)}",
            )
        return Plan(outcome="by_hand")

    def _require_receivable(
        self, order: PurchaseOrder, asn: Asn, before: Receipted, state: SyncState
    ) -> None:
        if was_left(state):
            raise Permanent(
                "receipts.left",
                f"nobody knows whether an earlier receipt of purchase order {order.number} was "
                "booked, so that the hub books no other one: receipt the rest by hand, then "
                "discard this",
            )
        if not order.is_placed:
            raise Permanent(
                "receipts.not_placed",
                f"purchase order {order.number} is {order.status} in Unleashed, which takes "
                f"receipts of Placed ones; goods of it are booked in by ASN {asn.asn_id}: set it "
                "to Placed and replay this, or receipt them by hand and discard this",
            )
        by_hand = any(line.tracked > before.lines.get(line.guid, 0) for line in order.lines)
        if by_hand or (order.was_received and not before.lines):
            raise Permanent(
                "receipts.part_by_hand",
                f"purchase order {order.number} was receipted in part by hand, and Unleashed does "
                "not tell how much; receipt the rest by hand, then discard this",
            )

    def _services(self, order: PurchaseOrder, asn: Asn) -> frozenset[str]:
        """Codes of what came with the goods and never lies in stock; once the ASN has ended."""
        shown = {item.line_id.lower() for item in asn.items or ()}
        known = {item.sku for item in asn.items or ()}
        rest = [row for row in order.lines if row.guid not in shown and row.sku not in known]
        if not rest or not asn.has_ended:
            return frozenset()
        skus = {row.sku for row in rest}
        return services_of(self._world.erp.purchase_orders.products_of(order)) & skus

    def _require_clear(self, order: PurchaseOrder, asn: Asn, wanted: Allocation) -> None:
        """Raise where a person has to decide before anything of the order is booked."""
        number = order.number
        if wanted.strange:
            raise Permanent(
                "receipts.not_ordered",
                f"ASN {asn.asn_id}: {listed(wanted.strange)} came, and purchase order {number} "
                "does not have it; add a line there and replay this",
            )
        if wanted.fewer:
            raise Permanent(
                "receipts.fewer",
                f"purchase order {number}: {listed(wanted.fewer)} more was receipted than the "
                "warehouse says now; adjust the stock in Unleashed by hand, then discard this",
            )
        if wanted.unclear:
            raise Permanent("receipts.batches", f"purchase order {number}: {named(wanted.unclear)}")
        if wanted.over and self._settings.over_receipt == "report":
            raise Permanent(
                "receipts.over",
                f"purchase order {number}: {listed(wanted.over)} more came than is ordered; raise "
                "the line in Unleashed and replay this, or say "
                "unleashed.receipts.over_receipt: raise_line",
            )


def _outcome(asn: Asn, wanted: Allocation) -> str:
    if not asn.has_ended:
        return "receipted_so_far"
    return "receipted_short" if wanted.short else "receipted"


def _differences(receipted: Mapping[str, int], booked: Mapping[str, int]) -> list[str]:
    both = sorted({*receipted, *booked})
    pairs = [(sku, receipted.get(sku, 0), booked.get(sku, 0)) for sku in both]
    return [f"{sku[:60]} {one} and {other}" for sku, one, other in pairs if one != other]
