"""The door for approved returns: a batch of Amazon SQS messages in, the failed ones out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "create_external_return")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Announce each approved return to its warehouse."""
    with HUB.invocation(context) as run:
        return run.approved_returns(event)
