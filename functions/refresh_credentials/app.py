"""The door for key renewal: a schedule's tick in, what was done for each merchant out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "refresh_credentials")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - a tick says nothing
    """Renew the warehouse keys that are due."""
    with HUB.invocation(context) as run:
        return run.refresh_credentials()
