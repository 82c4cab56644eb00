"""Customers, the shop's team and the carrier: what they do to returns in the portal."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from local.simulators.redo.bodies import whole_order, whole_totals
from tests.simulation.scenario import ReturnPlan
from tests.support.worlds import item, redo_return, shipment

if TYPE_CHECKING:
    from tests.simulation.world import Simulation


class Team:
    """Everybody who changes returns in the portal."""

    def __init__(self, run: Simulation) -> None:
        self._run = run
        for plan in self._run.scenario.returns:
            self._run.scheduler.after(plan.approved_at, partial(self.approve, plan))
            if plan.closed_by_team_at is not None:
                self._run.scheduler.after(plan.closed_by_team_at, partial(self._close, plan))
            if plan.reopened_at is not None:
                self._run.scheduler.after(plan.reopened_at, partial(self._reopen, plan))
            if plan.delivered_at is not None:
                self._run.scheduler.after(plan.delivered_at, partial(self.deliver, plan))
            if plan.merged_at is not None:
                self._run.scheduler.after(plan.merged_at, partial(self._merge, plan))

    def approve(self, plan: ReturnPlan) -> None:
        """A return is made and approved, or waits to be approved; the hub is told."""
        body = self._body(plan)
        redo = self._run.redo[plan.merchant]
        waits = dict(self._run.scenario.webhook.waits if self._run.scenario.webhook else ())
        if plan.number in waits:
            body["status"] = "needs_review"
            self._run.scheduler.after(waits[plan.number], partial(self._approve_at_last, plan))
        redo.put(body, [whole_order({"id": body["order"]["id"]})])
        self._publish(plan, body if plan.with_body else None)

    def _approve_at_last(self, plan: ReturnPlan) -> None:
        redo = self._run.redo[plan.merchant]
        if redo.returns[plan.return_id]["status"] == "needs_review":
            self._run.note("team", f"approves {plan.return_id}")
            redo.change_status(plan.return_id, "open")

    def publish_again(self, plan: ReturnPlan) -> None:
        """Tell of a return as it is now, as a person may with the `hub` command."""
        self._publish(plan, None)

    def _publish(self, plan: ReturnPlan, body: dict[str, Any] | None) -> None:
        content: dict[str, Any] = {
            "schema": "approved-return/1",
            "merchant": plan.merchant,
            "return_id": plan.return_id,
            "occurred_at": self._run.scheduler.now().isoformat(),
            "source": "test",
        }
        if body is not None:
            content["return"] = body
        text = json.dumps(content)
        queue = self._run.queues["approved-returns"]
        for delay in plan.message_delays:
            queue.send(text, delay)

    def _body(self, plan: ReturnPlan) -> dict[str, Any]:
        lines = list(plan.lines)
        items = [
            item(
                number,
                line.sku,
                line.quantity,
                shipmentGroupIds=[line.group],
                greenReturn=line.green,
                refund={"amount": {"amount": "12.50", "currency": "GBP"}},
            )
            for number, line in enumerate(lines, start=1)
        ]
        groups = sorted({line.group for line in lines})
        shipments = [
            shipment(group, [f"item{n}" for n, line in enumerate(lines, 1) if line.group == group])
            for group in groups
        ]
        off = timedelta(seconds=self._run.scenario.redo.clock_off)
        now = (self._run.scheduler.now() + off).isoformat()
        return redo_return(
            items,
            id=plan.return_id,
            shipments=shipments,
            createdAt=now,
            updatedAt=now,
            totals=whole_totals(refund="12.50"),
        )

    def _close(self, plan: ReturnPlan) -> None:
        redo = self._run.redo[plan.merchant]
        if plan.return_id in redo.returns:
            self._run.note("team", f"closes {plan.return_id} ({plan.closed_as})")
            redo.change_status(plan.return_id, plan.closed_as)
            self._tell_what_the_team_did(plan)

    def _reopen(self, plan: ReturnPlan) -> None:
        redo = self._run.redo[plan.merchant]
        if plan.return_id in redo.returns:
            self._run.note("team", f"reopens {plan.return_id}")
            redo.change_status(plan.return_id, "open")
            self._tell_what_the_team_did(plan)

    def deliver(self, plan: ReturnPlan) -> None:
        """The carrier delivers every parcel of a return that is under way."""
        found = self._run.redo[plan.merchant].returns.get(plan.return_id)
        if found is None or found["status"] != "open":
            return
        self._run.note("carrier", f"delivers {plan.return_id}")
        for parcel in found["shipments"]:
            parcel["status"] = "delivered"
        self._run.redo[plan.merchant].set_status(plan.return_id, "delivered")
        self._tell_what_the_team_did(plan)

    def _tell_what_the_team_did(self, plan: ReturnPlan) -> None:
        if plan.team_is_heard:
            found = self._run.redo[plan.merchant].returns[plan.return_id]
            self._publish(plan, found if plan.with_body else None)

    def _merge(self, plan: ReturnPlan) -> None:
        """The customer adds a line; the portal tells of the return again."""
        redo = self._run.redo[plan.merchant]
        found = redo.returns.get(plan.return_id)
        if found is None or found["status"] != "open":
            return
        number = len(found["items"]) + 1
        # Into a parcel of its own, or into one that may have been announced by now.
        group = "m" if plan.number % 2 else plan.lines[0].group
        found["items"].append(item(number, "TEE", shipmentGroupIds=[group]))
        if group == "m":
            found["shipments"].append(shipment("m", [f"item{number}"]))
        redo.set_status(plan.return_id, "open")
        self._run.note("customer", f"adds a line to {plan.return_id}")
        self._publish(plan, found if plan.with_body else None)
