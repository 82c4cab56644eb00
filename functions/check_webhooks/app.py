"""The door for the portal's subscriptions: a schedule's tick in, what was found for each out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "check_webhooks")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - a tick says nothing
    """Repair the subscriptions that are lost or altered."""
    with HUB.invocation(context) as run:
        return run.check_webhooks()
