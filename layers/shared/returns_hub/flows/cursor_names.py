"""Names of cursors that more than their own flow asks for."""

from __future__ import annotations

from typing import Literal

MarketStep = Literal["transfers", "orders", "despatches", "rmas", "stock"]


def receipts(merchant: str) -> str:
    """What the warehouse confirmed."""
    return f"receipts/{merchant}"


def watched(merchant: str) -> str:
    """Returns that somebody has to look at again."""
    return f"watch/{merchant}"


def subscription(merchant: str) -> str:
    """The portal's subscription to the hub's door."""
    return f"webhook/{merchant}"


def keys(merchant: str) -> str:
    """The merchant's keys: renewals, and when they end."""
    return f"keys/{merchant}"


def marketplace(step: MarketStep, merchant: str) -> str:
    """One step of the marketplace's tick."""
    return f"miinto/{step}/{merchant}"


def drift_look(merchant: str) -> str:
    """The look for drift."""
    return f"drift/look/{merchant}"


def lint(merchant: str) -> str:
    """Lints that a look for drift made."""
    return f"drift/lint/{merchant}"


def feed(merchant: str) -> str:
    """What stock intelligence is told."""
    return f"wair/feed/{merchant}"


def advice(merchant: str) -> str:
    """What stock intelligence advises."""
    return f"wair/advice/{merchant}"


def bundles(merchant: str) -> str:
    """The look at bundles."""
    return f"wair/bundles/{merchant}"


def mintsoft_login(merchant: str) -> str:
    """The login that makes the warehouse's 24-hour keys; `adapters.mintsoft.credentials` has it."""
    return f"mintsoft-login/{merchant}"


def miinto_login(merchant: str) -> str:
    """The login that makes channels of the marketplace; `adapters.miinto.channel` has it."""
    return f"miinto-login/{merchant}"


def migration(name: str) -> str:
    """How far a migration came; it is of no merchant."""
    return f"migration/{name}"
