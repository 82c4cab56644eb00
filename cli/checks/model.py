"""What a check is, what it looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.domain.unleashed.budget import Usage
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.flows.subscription_steps import Report
from returns_hub.flows.unleashed.erp_world import ErpWorld
from returns_hub.flows.unleashed.subscribe import Subscribing
from returns_hub.flows.wair.feed_world import Intelligence
from returns_hub.flows.world import World
from returns_hub.ports import RecentReturns, TokenScopes
from returns_hub.ports.marketplace import MarketplaceProbe

Partner = Literal["portal", "mintsoft", "miinto", "unleashed", "wair"]
MOST_RECENT = 500
"""The portal's largest page."""


class Result(StrEnum):
    """How a check came out; `SKIPPED` is what cannot be looked at, or has nothing to look at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One row of the report.

    Args:
        name: What was looked at.
        result: How it came out.
        found: What was found, in a sentence.
        to_do: What to do about it; empty when nothing.
        details: Counts, times and the like, for machines.
        unreachable: It failed because something was not reached, so it may pass later.
        area: The area's name; set by the runner.
        merchant: The merchant's id, or empty; set by the runner.
    """

    name: str
    result: Result
    found: str
    to_do: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    unreachable: bool = False
    area: str = ""
    merchant: str = ""


def ok(name: str, found: str, **details: Any) -> Finding:
    """It is as it should be."""
    return Finding(name, Result.OK, found, details=details)


def warning(name: str, found: str, to_do: str, **details: Any) -> Finding:
    """It works, and may not be what is wanted."""
    return Finding(name, Result.WARNING, found, to_do, details)


def failed(name: str, found: str, to_do: str, **details: Any) -> Finding:
    """It has to be mended before the merchant goes live."""
    return Finding(name, Result.FAILED, found, to_do, details)


def skipped(name: str, found: str, to_do: str = "", **details: Any) -> Finding:
    """It cannot be looked at, or there is nothing to look at."""
    return Finding(name, Result.SKIPPED, found, to_do, details)


@dataclass(frozen=True)
class Market:
    """What the checks of a marketplace look at."""

    world: MarketWorld
    probe: MarketplaceProbe

    @property
    def connection(self) -> MiintoConnection:
        """The block `miinto` of the merchant's file."""
        return self.world.settings


@dataclass(frozen=True)
class ErpDesk:
    """What the checks of an ERP look at: it, the count of the month's calls, and its webhook."""

    world: ErpWorld
    usage: Callable[[], Usage]
    subscribing: Callable[[], Subscribing] | None = None


@dataclass(frozen=True)
class Subject:
    """What the checks of one merchant look at. Nothing here writes to a partner.

    Args:
        world: The merchant's file, partners and stores.
        read_secret: A secret's content by the name the file gives it, fresh; raises Misconfigured.
        scopes: What the portal's token may do; None for a portal without scopes.
        addresses: The stack's outputs by name.
        subscription: How the hub's subscription at the portal stands, by reads alone; None for a
            portal at which the hub keeps none. Raises Misconfigured.
        last: So many of the newest returns are read.
        skus: So many different SKUs of them are looked up in the warehouse.
        market_of: The merchant's marketplace; None for one that has none. Raises Misconfigured.
        erp_of: The merchant's ERP; the same.
        lint_of: Every system of the merchant's, for the lint; None where the stack has no tables
            for it. Raises Misconfigured.
        feed_of: The merchant's stock intelligence; the same.
    """

    world: World
    read_secret: Callable[[str], Mapping[str, str]]
    scopes: TokenScopes | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    subscription: Callable[[], Report] | None = None
    last: int = 50
    skus: int = 0
    market_of: Callable[[], Market] | None = None
    erp_of: Callable[[], ErpDesk] | None = None
    lint_of: Callable[[], DriftWorld] | None = None
    feed_of: Callable[[], Intelligence | None] | None = None

    @property
    def merchant(self) -> Merchant:
        """The merchant, as its live file has it."""
        return self.world.live.merchant

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.world.stores.clock.now()

    @cached_property
    def newest(self) -> RecentReturns:
        """The newest returns, read once."""
        return self.world.portal.recent_returns(self.last)

    @cached_property
    def market(self) -> Market | None:
        """The merchant's marketplace, if it has one."""
        return self.market_of() if self.market_of else None

    @cached_property
    def erp(self) -> ErpDesk | None:
        """The merchant's ERP, if it has one."""
        return self.erp_of() if self.erp_of else None

    @cached_property
    def feed(self) -> Intelligence | None:
        """The merchant's stock intelligence, if it has any."""
        return self.feed_of() if self.feed_of else None


Look = Callable[[Subject], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """One look; its verdicts become a failed row named after it.

    Args:
        name: For that row.
        look: Finds things out by reads.
        asks: The partners it cannot do without: not asked again once one did not answer.
        applies: Whether there is anything of it for this merchant; else it makes no row at all.
    """

    name: str
    look: Look
    asks: tuple[Partner, ...] = ()
    applies: Callable[[Subject], bool] = lambda _: True


@dataclass(frozen=True)
class Area:
    """Checks that belong together.

    Args:
        name: One word, the same in every release: scripts read it.
        title: For people.
        checks: In the order in which they are made.
    """

    name: str
    title: str
    checks: tuple[Check, ...]
