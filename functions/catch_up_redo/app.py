"""The door for catching up: a schedule's tick in, what was found for each merchant out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "catch_up_redo")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - a tick says nothing
    """Put returns that nobody told the hub of onto the queue."""
    with HUB.invocation(context) as run:
        return run.catch_up()
