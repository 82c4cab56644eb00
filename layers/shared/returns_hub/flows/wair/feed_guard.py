"""A location whose stock would drop at once is told nothing of until a person lets it pass."""

from __future__ import annotations

import json

from returns_hub.domain.wair.stock_changes import Drop
from returns_hub.errors import Permanent
from returns_hub.flows.wair.feed_batch import FLOW
from returns_hub.flows.wair.feed_cursor import Place
from returns_hub.flows.wair.feed_world import FeedWorld


class DropGuard:
    """Asks a person, once for each drop.

    Args:
        world: The merchant's.
        place: The feed's cursor, which keeps the questions.
    """

    def __init__(self, world: FeedWorld, place: Place) -> None:
        self._world = world
        self._place = place
        self._most = world.require_intelligence().connection.most_to_zero_percent

    def is_sudden(self, drop: Drop) -> bool:
        """Whether a person would be asked."""
        return drop.is_sudden(self._most)

    def may_pass(self, location: str, drop: Drop) -> bool:
        """Whether the drop is none, or a person let it pass; else one is asked."""
        asked = self._place.cursor.drops.get(location)
        if not self.is_sudden(drop):
            if asked is not None:
                self.forget(location)
            return True
        if asked is None:
            asked = f"drop-{self._world.stores.clock.now():%Y%m%dT%H%M%SZ}"
            self._place.advance(drops={**self._place.cursor.drops, location: asked})
        standing = self._standing(location, asked)
        if standing == "replayed":
            return True
        if not standing:
            self._ask(location, asked, drop)
        return False

    def forget(self, location: str) -> None:
        """The drop was told, or is no more; the next one is another question."""
        drops = self._place.cursor.drops
        if location in drops:
            self._place.advance(drops={k: v for k, v in drops.items() if k != location})

    def _ask(self, location: str, asked: str, drop: Drop) -> None:
        why = Permanent(
            "stock.sudden_drop",
            f"{drop.to_zero} of {drop.had_stock} SKUs of location {location} that had stock would "
            "go to 0 at once: nothing of it is told until you replay this (let it pass) or stock "
            "is back",
        )
        payload = {"merchant": self._world.merchant, "location": location}
        self._world.world.park(
            FLOW,
            _parked_id(location, asked),
            why,
            subject=f"feed/{location}",
            payload=json.dumps(payload | {"to_zero": drop.to_zero, "had_stock": drop.had_stock}),
        )

    def _standing(self, location: str, asked: str) -> str:
        """Where the question stands; nothing when it is not on the list (yet)."""
        wanted = _parked_id(location, asked)
        listed = self._world.stores.parking.list_parked(self._world.merchant, closed_too=True)
        return next((item.state for item in listed if item.parked_id == wanted), "")


def _parked_id(location: str, asked: str) -> str:
    return f"{FLOW}/{location}/{asked}"
