"""The door for the ERP: a tick, or one flow of one merchant, in; counts out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "unleashed_sync")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Keep records of the ERP and of the warehouse in step."""
    with HUB.invocation(context) as run:
        if "Records" in event:
            return run.unleashed_of_flows(event)
        return run.unleashed_tick()
