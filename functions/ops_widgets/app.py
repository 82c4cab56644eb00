"""The door for widgets: what the dashboard asks for in, HTML out. It reads, and does nothing."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "ops_widgets")


def handler(event: Any, context: Any) -> str | dict[str, Any]:
    """Show one widget."""
    with HUB.invocation(context) as run:
        return run.widget(event, context)
