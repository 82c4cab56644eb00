"""The door for the marketplace: a tick, or one merchant's share of one, in; counts out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "miinto_rma")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Look at transfers, orders, despatches and RMAs of the marketplace."""
    with HUB.invocation(context) as run:
        if "Records" in event:
            return run.miinto_of_merchants(event)
        return run.miinto_tick()
