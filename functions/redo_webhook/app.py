"""The webhook's door: an HTTP request of the returns portal in, its answer out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "redo_webhook")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Put a delivery onto the queue, if it is one."""
    with HUB.invocation(context) as run:
        return run.redo_webhook(event)
