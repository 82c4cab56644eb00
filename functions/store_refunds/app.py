"""The door for a store's refunds: a batch of Amazon SQS messages in, the failed ones out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "store_refunds")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have the marketplace pay what a store refunded of its orders."""
    with HUB.invocation(context) as run:
        return run.store_refunds(event)
