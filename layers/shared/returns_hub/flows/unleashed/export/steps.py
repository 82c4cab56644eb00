"""The writes to Unleashed about an order that is exported: made, sent, completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.domain.operations import Claim, LookUp, NotFound, marker_of
from returns_hub.domain.sync.records import StepState, SyncState
from returns_hub.domain.unleashed.despatches import DespatchNote, SoldOrder, by_line, tracking_of
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.names import ORDER, UNLEASHED
from returns_hub.domain.unleashed.sales_draft import SalesDraft
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.errors import Permanent
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.ports.erp.despatches import NewShipment

SHIPMENT, DISPATCH, COMPLETE = "shipment", "dispatch", "complete"


@dataclass(frozen=True)
class Exported:
    """What a record's timeline says of the sales order that it became.

    Args:
        guid: The sales order's.
        number: The warehouse's.
        held: Units that the warehouse's order had then, by its own SKUs.
        units: Units on the sales order.
    """

    guid: str
    number: str
    held: Mapping[str, int]
    units: Mapping[str, int]

    @staticmethod
    def of(step: StepState) -> Exported:
        """As it was told."""
        told = step.told
        guid = step.partner_id or str(told["guid"])
        return Exported(guid, str(told["number"]), dict(told["held"]), dict(told["units"]))


class ExportSteps:
    """Makes the steps of one record; Unleashed is asked only when one is taken."""

    def __init__(self, world: ErpWorld, state: SyncState) -> None:
        self._world = world
        self._state = state
        self._erp = world.erp.despatches

    def make(self, draft: SalesDraft, held: Mapping[str, int]) -> Step:
        """Make the sales order; its Guid is the step's.

        Looked up by the Guid, which follows from the operation's key, so that nobody else has it.
        """
        making, before = self._world.erp.order_making, self._state.step(ORDER)
        units = draft.units()
        if before is not None and before.is_open:
            units = Exported.of(before).units  # type: ignore[assignment]

        def send(by: datetime) -> str:
            return making.make_order(draft, by)

        def look_up(_: Claim) -> LookUp:
            return making.find_order(draft.guid, units)

        told: dict[str, Any] = {
            "guid": draft.guid,
            "number": draft.reference,
            "held": dict(held),
            "units": draft.units(),
        }
        goods = ", ".join(f"{many} {sku}" for sku, many in sorted(draft.units().items())[:10])
        summary = (
            f"sales order for {draft.customer_code} of order {draft.reference}: {goods}; "
            f"{draft.totals.gross} {draft.currency}"
        )
        return Step(ORDER, UNLEASHED, summary, send, look_up, told=told, does="create")

    def sent(self, guid: str, number: str, parts: tuple[WarehouseOrder, ...]) -> list[Step]:
        """What tells Unleashed that the goods left: the order is completed, which books them; with
        Order Management a shipment of everything is dispatched first."""
        steps = []
        if self._world.connection.order_management == "on":
            steps = [self._shipment(guid, number), self._dispatch(guid, number, parts)]
        return [*steps, self._complete(guid, number)]

    def _shipment(self, guid: str, number: str) -> Step:
        key = self._state.operation_key(SHIPMENT)

        def new() -> NewShipment:
            order = self._order(guid, number)
            return NewShipment(
                guid_for(key), marker_of(key), order, _all_of(order), f"Mintsoft {number}"
            )

        def send(by: datetime) -> str:
            return self._erp.make_shipment(new(), by)

        def look_up(_: Claim) -> LookUp:
            return self._erp.find_shipment(new())

        summary = f"a shipment of all of order {number}"
        return Step(SHIPMENT, UNLEASHED, summary, send, look_up, does="create")

    def _dispatch(self, guid: str, number: str, parts: tuple[WarehouseOrder, ...]) -> Step:
        """See `ErpDespatches.is_dispatched` for the look-up."""

        def shipment() -> str:
            state = self._world.sync.load(self._state.flow, self._state.key)
            return state.partner_id(SHIPMENT)

        def send(by: datetime) -> str:
            order = self._order(guid, number)
            left = max((part.despatched_at for part in parts if part.despatched_at), default=None)
            note = DespatchNote(
                tracking=tracking_of(parts),
                company="",
                packages=None,
                left_on=left.date() if left else None,
                units=_all_of(order),
            )
            self._erp.dispatch(shipment(), note, by)
            return shipment()

        def look_up(_: Claim) -> LookUp:
            made = shipment()
            return self._erp.is_dispatched(made) if made else NotFound()

        told = {"tracking": tracking_of(parts)}
        summary = f"the shipment of order {number} dispatched"
        return Step(DISPATCH, UNLEASHED, summary, send, look_up, told=told)

    def _complete(self, guid: str, number: str) -> Step:
        """See `ErpDespatches.is_completed` for the look-up."""

        def send(by: datetime) -> str:
            self._erp.complete(self._order(guid, number), by)
            return ""

        summary = f"the sales order of order {number} completed"
        return Step(COMPLETE, UNLEASHED, summary, send, lambda _: self._erp.is_completed(guid))

    def _order(self, guid: str, number: str) -> SoldOrder:
        order = self._erp.sold_order(guid)
        if order is None or order.is_deleted:
            raise Permanent(
                "unleashed.export_deleted",
                f"the sales order of order {number[:60]} was deleted in Unleashed, and the "
                "warehouse sent the goods; see to the stock there, and discard this",
            )
        return order


def _all_of(order: SoldOrder) -> dict[int, int]:
    return {line: int(many) for line, many in by_line(order.lines).items()}
