"""The door for acts: what a person asks for with a widget's button in, what came of it out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "ops_acts")


def handler(event: Any, context: Any) -> str | dict[str, Any]:
    """Replay or discard what the event names."""
    with HUB.invocation(context) as run:
        return run.act(event, context)
