"""Invented returns, and events as Amazon SQS gives them to a function."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from bench.throughput.place import MERCHANTS
from local.merchant_samples import sample_files

AT_A_TIME = 10
"""Messages of one event, as template.yaml has it."""


@dataclass(frozen=True)
class Invented:
    """One return of one line, and its order."""

    merchant: str
    body: dict[str, Any]
    order: dict[str, Any]

    @property
    def id(self) -> str:
        """The portal's id."""
        return str(self.body["id"])


def invented(count: int) -> list[Invented]:
    """So many returns that nobody has seen, spread over the merchants."""
    now = datetime.now(UTC)
    created, updated = (_text(moment) for moment in (now - timedelta(hours=2), now))
    made = []
    for number in range(count):
        text = _sample().replace("{created}", created).replace("{updated}", updated)
        content = json.loads(text)
        for name in ("return", "order"):
            content[name]["id"] = uuid.uuid4().hex[:24]
        content["return"]["order"]["id"] = content["order"]["id"]
        merchant = MERCHANTS[number % len(MERCHANTS)]
        made.append(Invented(merchant, content["return"], content["order"]))
    return made


@cache
def _sample() -> str:
    return json.dumps(sample_files()[0])


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def event_of(some: Sequence[Invented], *, is_full: bool) -> dict[str, Any]:
    """A batch of messages; full ones carry the portal's bodies, as its webhook brings them."""
    return {
        "Records": [
            {
                "messageId": uuid.uuid4().hex,
                "receiptHandle": "none",
                "body": _message(one, is_full=is_full),
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for one in some
        ]
    }


def _message(one: Invented, *, is_full: bool) -> str:
    event: dict[str, Any] = {
        "schema": "approved-return/1",
        "merchant": one.merchant,
        "return_id": one.id,
        "occurred_at": datetime.now(UTC).isoformat(),
        "source": "bench",
    }
    if is_full:
        event |= {"return": one.body, "order": one.order}
    return json.dumps(event)
