"""What hub status reads: kept overviews, queues, last acts; a bounded number of requests."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from cli.audit_reading import Wanted, found_acts
from returns_hub.adapters.queues.standing import queue_standing
from returns_hub.bootstrap import Hub
from returns_hub.domain.audit import Act
from returns_hub.domain.overview.overview import QueueStanding

DEAD = "_dead_letter_queue_url"
MOST_ACTS = 3
ACTS_WITHIN = timedelta(days=7)


def queues_of(made: Hub) -> tuple[QueueStanding, ...]:
    """Every queue that this stack has; 2 requests to SQS for each."""
    settings = made.settings.model_dump()
    found = []
    for name, dead_url in settings.items():
        if not name.endswith(DEAD) or not dead_url:
            continue
        short = name.removesuffix(DEAD)
        url = settings.get(f"{short}_queue_url", "")
        if url:
            found.append(queue_standing(made.sqs, short.replace("_", "-"), url, dead_url))
    return tuple(found)


def last_acts(made: Hub, merchant: str, now: datetime) -> tuple[Act, ...]:
    """The last acts of people about a merchant; at most 4 requests: about it and about no merchant,
    in at most two months."""
    if not made.settings.audit_table:
        return ()
    wanted = Wanted(now - ACTS_WITHIN, now + timedelta(minutes=1), merchant=merchant)
    return tuple(islice(found_acts(made, wanted), MOST_ACTS))
