"""The door for stock intelligence: a tick, or one flow of one merchant, in; counts out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "wair_sync")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Tell stock and products to stock intelligence, and despatches upstream."""
    with HUB.invocation(context) as run:
        if "Records" in event:
            return run.feed_of_flows(event)
        return run.feed_tick()
