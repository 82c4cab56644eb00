"""The published contract of the approved-returns queue (docs/events.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from returns_hub.domain.base import Frozen, MerchantId, UtcTime
from returns_hub.domain.unleashed.flow_names import FlowName

SCHEMA_NAME = "approved-return/1"
CATCH_UP = "catch-up"
"""The source of what the hub found out by itself."""
BACKFILL = "backfill"
"""The source of what an operator had looked for in the portal's past."""
REPLAY = "replay"
"""The source of an operator's repetition: work that was parked is tried again."""
WEBHOOK = "webhook"
"""The source of what the portal's webhook told."""
WEBHOOK_BACKFILL = "webhook-backfill"
"""As `WEBHOOK`, when the portal told again of what had happened before."""
WEBHOOK_ARRIVAL = "webhook-arrival"
"""As `WEBHOOK`, when no version was told: `occurred_at` is when the delivery came. It is always
news, since the portal's clock and ours may differ."""
MIINTO = "miinto"
"""The source of an RMA that was fetched and is new or changed. As `WEBHOOK_ARRIVAL`: an RMA may
carry no time of its last change, so `occurred_at` is when it was fetched."""
ALWAYS_NEWS = frozenset({REPLAY, WEBHOOK_ARRIVAL, MIINTO})
TOLD_BY_WEBHOOK = frozenset({WEBHOOK, WEBHOOK_BACKFILL, WEBHOOK_ARRIVAL, MIINTO})
"""Sources that tell when a return changed, and not when it was approved."""
BY_VERSION = frozenset({WEBHOOK, WEBHOOK_BACKFILL, CATCH_UP})
"""Sources whose `occurred_at` is the version of the return (the portal's own time of its last
change), and not the moment of its approval."""

ReturnId = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
]

Guid = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)
]
"""Of an object of Unleashed's, in lower case."""


class ReceiptsAsked(Frozen):
    """A merchant's receipts are to be looked at; with a return's id, those of that return only."""

    merchant: MerchantId
    return_id: ReturnId | None = None


class SyncAsked(Frozen):
    """One flow between a merchant's ERP and its warehouse is to run.

    `asked_at` is the tick that asked: once the next one has come, the message is worth nothing.

    With a `key` it is about that record of the flow alone, which the ERP's webhook told of at
    `asked_at`; `is_deletion` when it told that the record is gone.
    """

    merchant: MerchantId
    flow: FlowName
    asked_at: UtcTime | None = None
    key: Guid | None = None
    is_deletion: bool = False


FeedFlow = Literal["feed", "advice", "despatches", "bundles"]


class FeedAsked(Frozen):
    """One flow of stock intelligence is asked for, of one merchant, in a tick."""

    merchant: MerchantId
    flow: FeedFlow
    asked_at: UtcTime | None = None


class LookAsked(Frozen):
    """A look for drift is asked for, of one merchant."""

    merchant: MerchantId
    asked_at: UtcTime | None = None


class ApprovedReturn(Frozen):
    """A return was approved: its goods may be announced to the warehouse.

    `portal_return` and `portal_order` are the portal's own bodies, taken as they came; the portal's
    adapter reads them. Without them the return is read from the portal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["approved-return/1"] = Field(alias="schema")
    merchant: MerchantId
    return_id: ReturnId
    occurred_at: UtcTime
    source: str = Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    portal_return: dict[str, Any] | None = Field(default=None, alias="return")
    portal_order: dict[str, Any] | None = Field(default=None, alias="order")


def thin_event(merchant: str, return_id: str, occurred_at: datetime, source: str) -> str:
    """A message about a return without its body, so that it holds no personal data."""
    event = {
        "schema": SCHEMA_NAME,
        "merchant": merchant,
        "return_id": return_id,
        "occurred_at": occurred_at.isoformat(),
        "source": source,
    }
    return json.dumps(event)


def full_event(
    merchant: str,
    return_id: str,
    occurred_at: datetime,
    source: str,
    *,
    portal_return: Mapping[str, Any],
    portal_order: Mapping[str, Any] | None,
) -> str:
    """A message with the portal's bodies."""
    event = json.loads(thin_event(merchant, return_id, occurred_at, source))
    bodies = {"return": portal_return} | ({"order": portal_order} if portal_order else {})
    return json.dumps(event | bodies)


def replay_of(merchant: str, return_id: str, occurred_at: datetime) -> str:
    """The message that does a return again."""
    return thin_event(merchant, return_id, occurred_at, REPLAY)
