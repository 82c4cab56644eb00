"""The door for drift: a tick, or one merchant's look, in; counts out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "drift_report")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Hold the systems against each other, and keep what differs."""
    with HUB.invocation(context) as run:
        if "Records" in event:
            return run.drift_of_merchants(event)
        return run.drift_tick()
