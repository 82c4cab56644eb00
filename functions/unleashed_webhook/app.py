"""The door for Unleashed's webhooks: an HTTP request in, its answer out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "unleashed_webhook")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Put what a delivery names onto the queue, if it is one."""
    with HUB.invocation(context) as run:
        return run.unleashed_webhook(event)
