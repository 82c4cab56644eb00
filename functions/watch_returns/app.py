"""The door for watching: a schedule's tick in, what came of each merchant's due returns out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "watch_returns")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - a tick says nothing
    """Look at the returns that somebody must look at again by now."""
    with HUB.invocation(context) as run:
        return run.watch_returns()
