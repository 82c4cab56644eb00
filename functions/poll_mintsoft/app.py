"""The door for receipts: a schedule's tick, or one merchant's share of one, in; counts out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "poll_mintsoft")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Process what the warehouses confirmed."""
    with HUB.invocation(context) as run:
        if "Records" in event:
            return run.receipts_of_merchants(event)
        return run.receipts_tick()
