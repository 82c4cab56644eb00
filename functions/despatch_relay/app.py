"""The door for despatches: a batch of Amazon SQS messages in, the failed ones out."""

from __future__ import annotations

import os
from typing import Any

from returns_hub.bootstrap import hub

HUB = hub(os.environ, "despatch_relay")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Tell despatches to the targets that a merchant names."""
    with HUB.invocation(context) as run:
        return run.despatches(event)
