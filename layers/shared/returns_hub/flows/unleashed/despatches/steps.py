"""The writes that tell Unleashed of a despatch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returns_hub.domain.operations import Claim, Found, LookUp, NotFound, marker_of
from returns_hub.domain.unleashed.despatches import (
    DespatchNote,
    ErpShipment,
    GoodsLine,
    SoldOrder,
    tracking_of,
)
from returns_hub.domain.unleashed.guids import guid_for
from returns_hub.domain.unleashed.names import UNLEASHED
from returns_hub.domain.warehouse_orders import WarehouseOrder
from returns_hub.flows.sync.shape import Step
from returns_hub.flows.unleashed.despatches.facts import DespatchFacts
from returns_hub.ports.erp.despatches import NewShipment

COMPLETE = "complete"
DISPATCH = "dispatch"
FILL = "fill"
MAKE = "shipment"
PLACE = "place"
TRACK = "tracking"


@dataclass(frozen=True)
class Telling(DespatchFacts):
    """What one plan works with, and the steps that it can take."""

    # -- what was told ----------------------------------------------------------------------------

    def told_tracking(self, *names: str) -> str:
        """The tracking number that was told last, by steps of these names and their turns."""
        turns = tuple(f"{name}/" for name in names)
        told = [
            str(step.told.get("tracking", ""))
            for step in self.state.steps
            if step.how and (step.name in names or step.name.startswith(turns))
        ]
        return told[-1] if told else ""

    # -- steps ------------------------------------------------------------------------------------

    def make(self, name: str, order: SoldOrder, units: Mapping[int, int]) -> tuple[Step, list[str]]:
        """Make a shipment; the step, and a list whose last is the Guid that it has."""
        key = self.state.operation_key(name)
        known = self.state.partner_id(name)
        new = NewShipment(
            guid=guid_for(key),
            marker=marker_of(key),
            order=order,
            units=units,
            comments=f"Mintsoft order {self.sent.number}",
        )
        made = [known or new.guid]

        def send(by: datetime) -> str:
            made.append(self.erp.make_shipment(new, by))
            return made[-1]

        def look_up(_: Claim) -> LookUp:
            found = self.erp.find_shipment(new)
            if isinstance(found, Found):
                made.append(found.partner_id)
            return found

        told = {"units": _by_sku(units, order.lines)}
        summary = f"a shipment of order {order.number} with {_said(told['units'])}"
        return self._step(name, summary, send, look_up, told=told, does="create"), made

    def dispatch(
        self, name: str, guids: list[str], note: DespatchNote, units: Mapping[str, int], what: str
    ) -> Step:
        """Dispatch a shipment; see `ErpDespatches.is_dispatched` for the look-up."""

        def send(by: datetime) -> str:
            self.erp.dispatch(guids[-1], note, by)
            return guids[-1]

        told = note.told() | {"shipment": guids[-1], "units": dict(units)}
        return self._step(
            name,
            f"{what} dispatched, tracking {note.tracking or 'none'}",
            send,
            lambda _: self.erp.is_dispatched(guids[-1]),
            told=told,
        )

    def fill(self, guids: list[str], note: DespatchNote, what: str) -> Step:
        """Write tracking, company and batches on a shipment that completing will dispatch."""

        def send(by: datetime) -> str:
            self.erp.fill_shipment(guids[-1], note, by)
            return ""

        return self._step(
            self.state.anew(FILL),
            f"{what}: tracking {note.tracking or 'none'}",
            send,
            lambda _: self.erp.is_filled(guids[-1], note),
            told=note.told(),
        )

    def place(self, order: SoldOrder) -> Step:
        """Place a parked order; see `ErpDespatches.is_placed` for the look-up."""

        def send(by: datetime) -> str:
            self.erp.place(order.guid, by)
            return ""

        return self._step(
            self.state.anew(PLACE),
            f"order {order.number} placed, so that it takes a shipment",
            send,
            lambda _: self.erp.is_placed(order.guid),
        )

    def complete(self, order: SoldOrder) -> Step:
        """Complete an order; see `ErpDespatches.is_completed` for the look-up."""

        def send(by: datetime) -> str:
            self.erp.complete(order, by)
            return ""

        return self._step(
            COMPLETE,
            f"order {order.number} completed",
            send,
            lambda _: self.erp.is_completed(order.guid),
        )

    def retrack(
        self, base: str, shipment: ErpShipment, parts: Sequence[WarehouseOrder], *told_by: str
    ) -> Step | None:
        """The tracking number on a shipment that is dispatched: where it has none, and where it has
        one that we told and the warehouse has another by now. What a person wrote there stays."""
        tracking, name = tracking_of(parts), self.state.anew(base)
        ours = self.told_tracking(base, *told_by)
        is_wanted = tracking not in {"", shipment.tracking} and shipment.tracking in {"", ours}
        if not is_wanted and not self.state.is_open(name):
            return None

        def send(by: datetime) -> str:
            self.erp.note_tracking(shipment.guid, tracking, by, instead_of=shipment.tracking)
            return ""

        return self._step(
            name,
            f"shipment {shipment.number}: tracking {tracking}",
            send,
            lambda _: self.erp.has_tracking(shipment.guid, tracking),
            told={"tracking": tracking},
        )

    def track_made(self, order: SoldOrder) -> Step | None:
        """The tracking number on the shipment that completing an order makes.

        Looked up by reading the order's shipments, every one of which is listed: a dispatched one
        without a tracking number tells that it was not written.
        """
        tracking, name = tracking_of(self.sent.shipped), self.state.anew(TRACK)
        if not tracking and not self.state.is_open(name):
            return None

        def bare() -> list[ErpShipment]:
            found = self.erp.shipments_of(order.number)
            return [one for one in found if one.is_dispatched and not one.tracking]

        def send(by: datetime) -> str:
            found = bare()
            if tracking and len(found) == 1:
                self.erp.note_tracking(found[0].guid, tracking, by)
            return ""

        def look_up(_: Claim) -> LookUp:
            return NotFound() if len(bare()) == 1 else Found("")

        told = {"tracking": tracking}
        return self._step(name, f"order {order.number}: tracking {tracking}", send, look_up, told)

    def _step(
        self,
        name: str,
        summary: str,
        send: Callable[[datetime], str],
        look_up: Callable[[Claim], LookUp],
        told: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Step:
        return Step(name, UNLEASHED, summary, send, look_up, told=told or {}, **more)


def _by_sku(units: Mapping[int, int], lines: Iterable[GoodsLine]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for line in lines:
        total[line.sku] += units.get(line.line, 0)
    return {sku: many for sku, many in total.items() if many}


def _said(units: Mapping[str, int]) -> str:
    return ", ".join(f"{many} {sku}" for sku, many in sorted(units.items()))
