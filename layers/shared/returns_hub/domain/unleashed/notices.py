"""What a delivery of Unleashed's webhook tells: which object to read, and which flow reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from returns_hub.domain.file_types import Mode

if TYPE_CHECKING:
    from returns_hub.domain.unleashed.settings import UnleashedConnection
from returns_hub.domain.unleashed.flow_names import FlowName

FLOW_TOLD: Mapping[str, FlowName] = {"salesorder": "orders", "product": "products"}
"""The flow that an object's event is for. A customer has no record: where an address is needed it
is read then, so that nothing has to follow."""
TOLD_FLOWS = tuple(FLOW_TOLD.values())
EVENTS = tuple(
    f"{subject}.{what}" for subject in FLOW_TOLD for what in ("created", "updated", "deleted")
)
"""What the hub subscribes to."""


@dataclass(frozen=True)
class Notice:
    """What a delivery tells; nothing of it is believed but which object to read.

    Args:
        delivery: Its id, by which a repeat is known; another for every event.
        event: In lower case, e.g. ``salesorder.updated``; ``other`` for no such word.
        guid: The object's; empty for an event that no flow has to hear of.
        subscription: The id of the subscription; empty when it does not say.
        created_at: When it happened; None when it does not say.
        flow: Which flow of the merchant's has to read it; None for none.
    """

    delivery: str
    event: str
    guid: str
    subscription: str = ""
    created_at: datetime | None = None
    flow: FlowName | None = None

    @property
    def subject(self) -> str:
        """What kind of object, e.g. ``salesorder``."""
        return self.event.partition(".")[0]

    @property
    def is_deletion(self) -> bool:
        """Whether the object is said to be gone."""
        return self.event.endswith(".deleted")


def flow_told(event: str, connection: UnleashedConnection) -> FlowName | None:
    """The flow that has to read an event's object; None where it is off, or there is none."""
    flow = FLOW_TOLD.get(event.partition(".")[0])
    return flow if flow is not None and connection.modes[flow] is not Mode.OFF else None
