"""A location whose stock would drop at once is told nothing of until a person lets it pass."""

from __future__ import annotations

import json
from typing import Literal

from returns_hub.domain.wair.stock_changes import Drop
from returns_hub.errors import Permanent
from returns_hub.flows.wair.feed_batch import FLOW
from returns_hub.flows.wair.feed_cursor import Place
from returns_hub.flows.wair.feed_world import FeedWorld
from returns_hub.ports import ParkedItem

LEFT = "left-"
"""How a question begins about a location that left the file."""


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
        if asked is not None and (not self.is_sudden(drop) or asked.startswith(LEFT)):
            self.forget(location)
            asked = None
        if not self.is_sudden(drop):
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

    def leaving(self, location: str, skus: int) -> Literal["tell", "stay", ""]:
        """What a person says of a location that the file does not name any more, and of which
        stock was told; empty until then, and a person is asked."""
        asked = self._place.cursor.drops.get(location, "")
        if not asked.startswith(LEFT):
            asked = f"{LEFT}{self._world.stores.clock.now():%Y%m%dT%H%M%SZ}"
            self._place.advance(drops={**self._place.cursor.drops, location: asked})
        standing = self._standing(location, asked)
        if standing in {"replayed", "discarded"}:
            return "tell" if standing == "replayed" else "stay"
        if not standing:
            why = Permanent(
                "wair.location_left",
                f"the file does not name location {location} any more, and stock of {skus} SKUs "
                "was told of it, which stays there: replay this to have it told as 0, discard it "
                "to leave it as it is, or name the location again",
            )
            self._park(location, asked, why, {"skus": skus})
        return ""

    def forget(self, location: str) -> None:
        """The drop was told, or is no more; the next one is another question."""
        asked = self._place.cursor.drops.get(location)
        if asked is None:
            return
        item = self._item(location, asked)
        if item is not None and item.state == "open":
            note = "it is over: there is nothing to be decided any more"
            self._world.stores.parking.close(item, "discarded", "hub", note)
        drops = self._place.cursor.drops
        self._place.advance(drops={k: v for k, v in drops.items() if k != location})

    def _ask(self, location: str, asked: str, drop: Drop) -> None:
        why = Permanent(
            "stock.sudden_drop",
            f"{drop.to_zero} of {drop.had_stock} SKUs of location {location} that had stock would "
            "go to 0 at once: nothing of it is told until you replay this (let it pass) or stock "
            "is back",
        )
        numbers = {"to_zero": drop.to_zero, "had_stock": drop.had_stock}
        self._park(location, asked, why, numbers)

    def _park(self, location: str, asked: str, why: Permanent, numbers: dict[str, int]) -> None:
        payload = {"merchant": self._world.merchant, "location": location}
        self._world.world.park(
            FLOW,
            _parked_id(location, asked),
            why,
            subject=f"feed/{location}",
            payload=json.dumps(payload | numbers),
        )

    def _standing(self, location: str, asked: str) -> str:
        """Where the question stands; nothing when it is not on the list (yet)."""
        item = self._item(location, asked)
        return item.state if item is not None else ""

    def _item(self, location: str, asked: str) -> ParkedItem | None:
        wanted = _parked_id(location, asked)
        listed = self._world.stores.parking.list_parked(self._world.merchant, closed_too=True)
        return next((item for item in listed if item.parked_id == wanted), None)


def _parked_id(location: str, asked: str) -> str:
    return f"{FLOW}/{location}/{asked}"
