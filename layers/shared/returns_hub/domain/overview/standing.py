"""What of an overview is not as it should be: the same for alarms, summaries and screens."""

from __future__ import annotations

from datetime import datetime, timedelta

from returns_hub.domain.overview.overview import Overview, PartnerStanding

BREAKER_OPEN_AFTER = timedelta(minutes=10)
"""A gate that is closed for less opens by itself more often than not."""


def is_shut(partner: PartnerStanding, now: datetime) -> bool:
    """Whether a partner's gate is closed for so long that somebody should know."""
    return partner.closed_since is not None and now - partner.closed_since >= BREAKER_OPEN_AFTER


def breakers_open(overview: Overview, now: datetime) -> tuple[PartnerStanding, ...]:
    """Partners that `is_shut`."""
    return tuple(partner for partner in overview.partners if is_shut(partner, now))


def budgets_over(overview: Overview) -> tuple[PartnerStanding, ...]:
    """Partners whose calls are foreseen not to last."""
    return tuple(
        partner
        for partner in overview.partners
        if partner.forecast is not None and partner.forecast > 1
    )
