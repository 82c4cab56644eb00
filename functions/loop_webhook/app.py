"""The door for webhooks in Loop's shape: an HTTP request in, its answer out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "loop_webhook")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Put a delivery onto the queue, if it is one."""
    with HUB.invocation(context) as run:
        return run.loop_webhook(event)
