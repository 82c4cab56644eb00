"""The door for how every merchant stands: a schedule's tick in, what was told of each out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "ops_metrics")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - a tick says nothing
    """Make every merchant's overview, keep it and tell it."""
    with HUB.invocation(context) as run:
        return run.ops_metrics()
