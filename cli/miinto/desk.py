"""What a verb of Miinto works with: one merchant's marketplace, its stores, and its shops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cli.choices import one_merchant
from cli.terminal import REFUSED, clean
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.bootstrap import Hub
from returns_hub.domain.miinto.markets import country_of, market_of
from returns_hub.domain.miinto.settings import MiintoConnection, slug_of
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.ports.marketplace import MarketStore

Done = TypeVar("Done")


@dataclass(frozen=True)
class Desk:
    """One merchant's marketplace, for a person: the hub that was reached, and what flows get."""

    hub: Hub
    market_world: MarketWorld

    @property
    def merchant(self) -> str:
        """The merchant's id."""
        return self.market_world.merchant

    @property
    def connection(self) -> MiintoConnection:
        """The block `miinto` of the merchant's file."""
        return self.market_world.settings

    @property
    def store(self) -> MarketStore:
        """Timelines of transfers and orders, and what was read of RMAs."""
        return self.market_world.market

    @property
    def price_is(self) -> str:
        """What a position's price counts for."""
        return self.connection.transfers.price_is

    def country(self, shop: str) -> str:
        """The market of a shop, told without asking Miinto; nothing when it is not known."""
        found = self.connection.shop(shop)
        return country_of(found) if found else market_of(shop)


def desk_of(reach: Reach, merchant: str | None) -> Desk:
    """The marketplace of the merchant named, or of the only one.

    Raises:
        CommandError: The merchant does not sell there.
    """
    made = reach.hub()
    owner = one_merchant(made, merchant)
    if made.merchants.live(owner).merchant.miinto is None:
        raise CommandError(clean(f"{owner}'s file has no block miinto: (docs/miinto.md)"), REFUSED)
    return Desk(made, made.market_world(owner))


def shop_of(desk: Desk, given: str) -> str:
    """The id of a shop that is named by its id or its short name.

    Raises:
        CommandError: The file has no such shop.
    """
    found = desk.connection.shop(given)
    if found is None:
        have = ", ".join(shop.slug for shop in desk.connection.shops) or "none yet"
        raise CommandError(
            clean(f"the file of {desk.merchant} has no shop {given}; there are: {have}"), REFUSED
        )
    return found.id


def short(shop: str) -> str:
    """The shop's short name."""
    return slug_of(shop)


def once(act: Callable[[], Done]) -> Done:
    """Do what is asked; when its end is not known, say how to find out.

    Raises:
        CommandError: It was not done, or it is not known whether it was.
    """
    try:
        return act()
    except Misconfigured:
        raise
    except UnknownOutcome as verdict:
        raise CommandError(
            clean(
                f"{verdict.reason}. It may have been done: in {verdict.after:.0f} s repeat the "
                "command, which looks before it sends"
            ),
            UNREACHABLE,
        ) from None
    except Retryable as verdict:
        raise CommandError(
            clean(f"{verdict.reason}. In {verdict.after:.0f} s repeat the command"), UNREACHABLE
        ) from None
