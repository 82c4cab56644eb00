"""Looking through the portal's past: which returns are meant, and what becomes of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from returns_hub.domain.base import Frozen, UtcTime, short_hash
from returns_hub.domain.eligibility import is_the_old_connectors
from returns_hub.domain.file_types import Mode
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.returns import UNDER_WAY, ReturnStatus, ReturnSummary
from returns_hub.domain.state import ReturnState


class Selection(Frozen):
    """Which returns are meant: those that changed in a window, or those named by their ids.

    Args:
        since: Start of the window, inclusive.
        until: Its end, exclusive.
        open_ended: Nobody named the window's end: it is when the work was begun.
        statuses: Only returns that are in one of these now; empty for any.
        ids: The returns named; no window then.
        even_before_live: Announce also those made before the merchant's moment of the switch.
    """

    since: UtcTime | None = None
    until: UtcTime | None = None
    open_ended: bool = False
    statuses: tuple[ReturnStatus, ...] = ()
    ids: tuple[str, ...] = ()
    even_before_live: bool = False

    @property
    def in_words(self) -> str:
        """The selection in a line, for an operator."""
        states = " or ".join(status.value for status in self.statuses)
        also = ", even those made before live_from" if self.even_before_live else ""
        if self.since is None or self.until is None:
            return f"{len(self.ids)} returns by id{also}"
        window = f"changed from {_minute(self.since)} to {_minute(self.until)} (UTC)"
        return f"returns {window}{f', now {states}' if states else ''}{also}"

    @property
    def digest(self) -> str:
        """The same whenever the same is asked for."""
        asked = self.model_copy(update={"until": None}) if self.open_ended else self
        return short_hash(asked.model_dump_json())


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


class Ending(StrEnum):
    """What became of one return; in a dry run what would."""

    SENT = "sent"
    SENT_TO_ADOPT = "sent_to_adopt"
    SENT_THOUGH_BEFORE_LIVE = "sent_though_before_live"
    KNOWN = "known"
    BEFORE_LIVE_FROM = "before_live_from"
    NOT_UNDER_WAY = "not_under_way"
    UNKNOWN_ID = "unknown_id"


SENT = frozenset({Ending.SENT, Ending.SENT_TO_ADOPT, Ending.SENT_THOUGH_BEFORE_LIVE})


def judge(
    found: ReturnSummary, state: ReturnState, merchant: Merchant, *, even_before_live: bool
) -> Ending:
    """What is to be done with a return of the portal's past."""
    if found.status not in UNDER_WAY:
        return Ending.NOT_UNDER_WAY
    if is_the_old_connectors(found, state, merchant):
        settings = merchant.flows.create_external_returns
        if even_before_live:
            return Ending.SENT_THOUGH_BEFORE_LIVE
        if settings.before_live_from == "adopt" and settings.mode is Mode.LIVE:
            return Ending.SENT_TO_ADOPT
        return Ending.BEFORE_LIVE_FROM
    told = state.portal_updated_at
    return Ending.KNOWN if told is not None and told >= found.updated_at else Ending.SENT


def occurred_at(found: ReturnSummary, ending: Ending, merchant: Merchant) -> datetime:
    """When the return counts as approved, which the flow holds against the moment of the switch.

    The portal does not tell. A return that is to be adopted counts as approved when it was made,
    so that nothing new is ever made for it; one that an operator wants announced all the same
    counts as approved after the switch.
    """
    if ending is Ending.SENT_TO_ADOPT:
        return found.created_at
    if ending is Ending.SENT_THOUGH_BEFORE_LIVE and merchant.live_from is not None:
        return max(found.updated_at, merchant.live_from)
    return found.updated_at
