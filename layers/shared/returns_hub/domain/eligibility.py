"""Which returns are announced to the warehouse (R10, R17; the switch-over of S5)."""

from __future__ import annotations

from datetime import datetime

from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.returns import (
    CLOSED,
    UNDER_WAY,
    PortalReturn,
    ReturnStatus,
    ReturnSummary,
)
from returns_hub.domain.state import ReturnState
from returns_hub.errors import Permanent, Skip

BEFORE_LIVE_FROM = "merchant.before_live_from"


def require_ours(
    portal_return: PortalReturn, merchant: Merchant, *, approved_at: datetime, is_known: bool
) -> None:
    """Raise unless this return is to be announced.

    Args:
        portal_return: The return, as read from the portal.
        merchant: Its switches and the moment of the switch.
        approved_at: When it was approved.
        is_known: The hub has shipments of it on the timeline already.

    Raises:
        Skip: It is not ours, not open any more, or not approved yet.
        Permanent: The portal uses a status that the hub was not told of.
    """
    settings = merchant.flows.create_external_returns
    if portal_return.type not in settings.types:
        raise Skip(
            "return.type_excluded", f"{portal_return.type} is not one of the types announced"
        )
    status = portal_return.status
    if status is ReturnStatus.UNKNOWN:
        raise Permanent(
            "return.unknown_status",
            f"the portal says {portal_return.status_word!r}, a status the hub was not told of",
        )
    if status in CLOSED:
        raise Skip("return.not_open", f"the return is {status.value} by now")
    if status not in UNDER_WAY:
        raise Skip(
            "return.not_approved", f"the return is {status.value}: no goods are on their way"
        )
    if (
        is_before_live(merchant, approved_at)
        and settings.before_live_from == "leave"
        and not is_known
    ):
        raise Skip(BEFORE_LIVE_FROM, "approved before live_from: the old connector's return")


def is_before_live(merchant: Merchant, approved_at: datetime) -> bool:
    """Whether a return was approved before a live merchant's moment of the switch."""
    is_live = merchant.flows.create_external_returns.mode is Mode.LIVE
    return is_live and merchant.live_from is not None and approved_at < merchant.live_from


def is_the_old_connectors(found: ReturnSummary, state: ReturnState, merchant: Merchant) -> bool:
    """Whether a return that the hub comes upon by itself may be one of the old connector's.

    The portal does not tell when a return was approved, and it changes long after that; so what
    was made before the switch counts as approved before it, unless the hub has shipments of it,
    or was told of it as of one that was approved later.
    """
    if merchant.live_from is None or found.created_at >= merchant.live_from or state.shipments:
        return False
    return state.portal_updated_at is None or state.skipped(BEFORE_LIVE_FROM)
