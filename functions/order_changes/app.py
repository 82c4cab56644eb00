"""The door for changed orders: a batch of Amazon SQS messages in, the failed ones out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "order_changes")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Flag or cancel orders that were edited or cancelled upstream."""
    with HUB.invocation(context) as run:
        return run.order_changes(event)
