"""One invocation for the dashboard: a widget that is shown, or an act that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from returns_hub.adapters.dynamodb.act_budget import DynamoDbActBudget
from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.overviews import DynamoDbOverviews
from returns_hub.desk import desk_of, letter_desk_of
from returns_hub.flows.overview.dashboard_acts import ActDesk
from returns_hub.widgets import acting, door
from returns_hub.widgets.page import Ways
from returns_hub.widgets.room import Room

if TYPE_CHECKING:
    from returns_hub.bootstrap import Hub


class WidgetRuns:
    """One invocation's work.

    Args:
        made: The hub.
        request: The invocation's id; what CloudTrail names an act's person by.
    """

    def __init__(self, made: Hub, request: str) -> None:
        self._hub = made
        self._request = request

    def widget(self, event: object, endpoint: str) -> str | dict[str, Any]:
        """A widget.

        Args:
            event: CloudWatch's.
            endpoint: This function's ARN, as it was called; the widget's buttons call it.
        """
        return door.answer(event, lambda: self.room(endpoint), self._hub.telemetry, self._request)

    def act(self, event: object) -> str | dict[str, Any]:
        """What came of an act."""
        return acting.acted(event, self.act_desk, self._hub.telemetry, self._request)

    def room(self, endpoint: str) -> Room:
        """What widgets read from."""
        made = self._hub
        return Room(
            clock=made.clock,
            merchants=made.merchants,
            overviews=DynamoDbOverviews(made.dynamodb, made.settings.control_table, made.clock),
            returns=made.returns,
            parked=made.parking,
            audit=made.audit,
            findings=DynamoDbFindings(made.dynamodb, made.settings.findings_table, made.clock),
            dead_letters=made.dead_letter_queues,
            ways=Ways(shows=endpoint, acts=made.settings.ops_acts_arn),
        )

    def act_desk(self, who: str) -> ActDesk:
        """What an act in this name needs."""
        made, trace = self._hub, f"[request {self._request}]"
        settings = made.settings
        return ActDesk(
            who=who,
            request=self._request,
            desk=desk_of(made, who, trace),
            letters=letter_desk_of(made, who, trace),
            parked=made.parking,
            queues=made.dead_letter_queues,
            audit=made.audit,
            budget=DynamoDbActBudget(
                made.dynamodb, settings.control_table, made.clock, settings.acts_per_minute
            ),
            cursors=made.cursors,
            merchants=made.merchants,
            telemetry=made.telemetry,
        )
