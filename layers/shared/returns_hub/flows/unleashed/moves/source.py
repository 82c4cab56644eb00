"""Transfers and assemblies of Unleashed: picked at one place, received at another, completed there.

One record for each, by its Guid: what Unleashed says of it, and what the warehouse has done with
the order and the ASN that were made for it, together make its version. So a change on either side
is one change of one record, and a person is asked about it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from returns_hub.domain.base import short_hash
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.echoes import guid_in, reference_of
from returns_hub.domain.unleashed.flow_base import UnleashedFlow
from returns_hub.domain.unleashed.moves import Move, MoveKind
from returns_hub.domain.unleashed.names import ASN, ORDER
from returns_hub.domain.warehouse_asns import Asn, AsnStage
from returns_hub.domain.warehouse_orders import OrderStage, WarehouseOrder, units_of
from returns_hub.flows.long_orders import asns_from, orders_from
from returns_hub.flows.sync.shape import Change, Plan, Reached
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.timed import WAREHOUSE_OVERLAP, TimedFromPast
from returns_hub.ports.erp.moves import ErpMoves

ASNS, CANCELLED = "asns", "cancelled"
"""The warehouse's lists, as a place names them."""


@dataclass(frozen=True)
class MoveFlow:
    """What differs between transfers and assemblies.

    Args:
        name: The source's.
        kind: Of its records.
        settings: Its block of the merchant's file.
        erp: The ERP's.
        orders: An order is made at the source.
        asns: An ASN is made at the destination.
        completes: The ASN's booking completes it in the ERP.
        courier: Of its orders.
        is_wanted: Whether those of its status are imported.
        ship_to: The code of the warehouse whose address an order has.
        cannot_complete: Why the hub may not complete it, in a sentence; None when it may.
    """

    name: str
    kind: MoveKind
    settings: UnleashedFlow
    erp: ErpMoves
    orders: bool
    asns: bool
    completes: bool
    courier: str
    is_wanted: Callable[[Move], bool]
    ship_to: Callable[[Move], str]
    cannot_complete: Callable[[Move], str | None]


@dataclass(frozen=True)
class Standing:
    """A move as both sides show it.

    Args:
        move: As the ERP shows it.
        orders: The parts of the order that was made for it; None when it is not known to be made.
        asn: The ASN that was made for it; None when it is not known to be made, or is gone.
        asn_is_gone: It was made, and the warehouse does not know it any more.
    """

    move: Move
    orders: tuple[WarehouseOrder, ...] | None = None
    asn: Asn | None = None
    asn_is_gone: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether all of the order left, as far as it was not cancelled."""
        left = [order for order in self.orders or () if not order.is_cancelled]
        return bool(left) and all(order.is_shipped for order in left)

    @property
    def is_cancelled(self) -> bool:
        """Whether all of the order was cancelled."""
        return bool(self.orders) and all(order.is_cancelled for order in self.orders or ())

    @property
    def is_over(self) -> bool:
        """Whether the warehouse has nothing left to do with it."""
        order_ended = not self.orders or self.is_sent or self.is_cancelled
        return order_ended and (self.asn is None or self.asn.has_ended)

    def ordered(self) -> dict[str, int]:
        """Units of each SKU on the order."""
        return _units(order for order in self.orders or () if not order.is_cancelled)

    def sent(self) -> dict[str, int]:
        """Units of each SKU that left."""
        return _units(order for order in self.orders or () if order.is_shipped)

    @property
    def version(self) -> str:
        """Equal for readings between which nothing changed that is acted on."""
        of_asn = "gone" if self.asn_is_gone else "none"
        if self.asn is not None:
            of_asn = asn_version(self.asn)
        return f"{self.move.version}.{self._of_order}.{of_asn}"

    @property
    def _of_order(self) -> str:
        if self.orders is None:
            return "none"
        parts = [
            f"{order.order_id} {_word(order)} {sorted(order.units().items())}"
            for order in self.orders
        ]
        return short_hash("\n".join(parts))


def asn_version(asn: Asn) -> str:
    """What of an ASN is acted on; what comes of it before it has ended leads nowhere."""
    if asn.stage is AsnStage.DISCREPANCY:
        return "held"
    if not asn.has_ended:
        return "open"
    came = sorted((item.sku, item.received, item.booked) for item in asn.items or ())
    return short_hash(f"{asn.items is None} {came}")


def _word(order: WarehouseOrder) -> str:
    known = {OrderStage.DESPATCHED, OrderStage.CANCELLED}
    return order.stage.value if order.stage in known else "open"


def _units(orders: Iterable[WarehouseOrder]) -> dict[str, int]:
    return units_of((sku, units) for order in orders for sku, units in order.units().items())


class MovesSource(TimedFromPast):
    """`flows.sync.shape.Source` and `LongList` of transfers, or of assemblies.

    Args:
        world: The merchant's.
        flow: Which.
        plan: What is to be done about one; see `plan`.
    """

    basis = ""

    def __init__(
        self,
        world: ErpWorld,
        flow: MoveFlow,
        plan: Callable[[ErpWorld, MoveFlow, Standing, SyncState], Plan],
    ) -> None:
        super().__init__(flow.settings)
        self.name = flow.name
        self._world = world
        self._flow = flow
        self._plan = plan

    def pull(self, since: datetime) -> Iterator[Change[Standing]]:
        """What changed in the ERP; then what the warehouse booked in, or cancelled, since.

        The warehouse is asked by lists of what changed, a call or two for a run, however many
        moves are open: none of them is looked at for its own sake.
        """
        for told in self.pull_from(since, ""):
            if isinstance(told, Change):
                yield told

    def pull_from(self, since: datetime, place: str) -> Iterator[Change[Standing] | Reached]:
        """See `LongList.pull_from`; a place is one of the warehouse's lists, and a page of it.

        What changes in the ERP while those are read is found once they are: `since` is when the
        first of the runs began.
        """
        part, _, page = place.partition("/")
        is_first = part not in {ASNS, CANCELLED}
        if is_first:
            for move in self._flow.erp.changed_since(since):
                yield self._change(move)
        back = since - WAREHOUSE_OVERLAP
        if self._flow.asns and part != CANCELLED:
            for asns in asns_from(self._world.asns, back, "" if is_first else page):
                if isinstance(asns, Reached):
                    yield Reached(f"{ASNS}/{asns.place}")
                else:
                    yield from self._booked(asns)
        if self._flow.orders:
            first = page if part == CANCELLED else ""
            for orders in orders_from(self._world.orders, back, first, OrderStage.CANCELLED):
                if isinstance(orders, Reached):
                    yield Reached(f"{CANCELLED}/{orders.place}")
                else:
                    yield from self._cancelled(orders)

    def read(self, key: str) -> Change[Standing] | None:
        """See `Source.read`."""
        move = self._flow.erp.read(key)
        return None if move is None else self._change(move)

    def plan(self, change: Change[Standing], state: SyncState) -> Plan:
        """See `Source.plan`."""
        return self._plan(self._world, self._flow, change.content, state)

    # -- how --------------------------------------------------------------------------------

    def _change(self, move: Move) -> Change[Standing]:
        standing = standing_of(self._world, self._flow, move)
        return Change(move.guid, standing.version, move.modified_at, standing)

    def _booked(self, asns: Iterable[Asn]) -> Iterator[Change[Standing]]:
        for asn in asns:
            tells = asn.has_ended or asn.stage is AsnStage.DISCREPANCY
            state = self._owner_of(asn) if tells else None
            if state is None or state.source_version.endswith(f".{asn_version(asn)}"):
                continue
            yield from self._anew(state.key)

    def _owner_of(self, asn: Asn) -> SyncState | None:
        """The record that an ASN was made for. Its comments name it, and so does the step; an
        order's id may be the same number, so that the step has to be the ASN's."""
        named = guid_in(asn.comments, self._flow.kind)
        made_for = named or self._world.sync.records.made_by(
            self._world.merchant, self.name, str(asn.asn_id)
        )
        state = self._world.sync.load(self.name, made_for) if made_for else None
        is_ours = state is not None and state.partner_id(ASN) == str(asn.asn_id)
        return state if is_ours else None

    def _cancelled(self, orders: Iterable[WarehouseOrder]) -> Iterator[Change[Standing]]:
        for order in orders:
            guid = guid_in(order.external_reference, self._flow.kind)
            if guid and self._world.sync.load(self.name, guid).done(ORDER):
                yield from self._anew(guid)

    def _anew(self, key: str) -> Iterator[Change[Standing]]:
        change = self.read(key)
        if change is not None:
            yield change


def standing_of(
    world: ErpWorld, flow: MoveFlow, move: Move, asns: Mapping[int, Asn] | None = None
) -> Standing:
    """A move with what the warehouse has done about it; reads the order and the ASN that it is
    known to have, but for those of `asns`, which were read just now."""
    state = world.sync.load(flow.name, move.guid)
    order, asn = state.step(ORDER), state.step(ASN)
    orders = _held(world, order) if order and order.partner_id else None
    if asn is None or not asn.partner_id:
        return Standing(move, orders)
    asn_id = int(asn.partner_id)
    found = (asns or {}).get(asn_id) or world.asns.read_asn(asn_id)
    return Standing(move, orders, found, asn_is_gone=found is None)


def _held(world: ErpWorld, step: StepState) -> tuple[WarehouseOrder, ...]:
    """The order as the warehouse holds it: its parts, or what it was merged into; empty when it is
    gone. Mostly one call: a split order tells that it has parts, and a merged one is not there."""
    one = world.orders.read_order(int(step.partner_id))
    if one is not None and one.parts == 1:
        return (one,)
    found = world.orders.orders_with_number(str(step.told.get("number", "")))
    is_known = one is None or any(order.order_id == one.order_id for order in found)
    return found if is_known or one is None else (one,)


def reference_in_comments(move: Move, text: str) -> str:
    """The comments of a move's ASN: for people, and which record it is for."""
    return f"{text} [{reference_of(move.kind, move.guid)}]"
