"""What the parts of Miinto's simulator share: shops, numbers, the journal, held writes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.simulators.clock import Now
from local.simulators.miinto.catalogue import Variant
from local.simulators.miinto.replies import Caller, Failure
from local.simulators.miinto.settings import Settings
from local.simulators.wire import Reply, WireFault

FIRST_NUMBERS = {
    "transfer": 9001,
    "position": 71,
    "order": 555001,
    "parent": 2611111,
    "rma": 30001,
    "rma_position": 811,
}


@dataclass
class Shop:
    """A shop, Miinto's "unified location": one country and one currency."""

    id: str
    country: str
    currency: str
    name: str
    active: bool = True


@dataclass
class State:
    """The shared part. `settings` is replaced, never changed."""

    now: Now
    settings: Settings
    dice: random.Random
    shops: dict[str, Shop] = field(default_factory=dict)
    catalogue: dict[str, Variant] = field(default_factory=dict)
    providers: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    journal: list[dict[str, Any]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    _numbers: Counter[tuple[str, str]] = field(default_factory=Counter)
    _late: list[tuple[datetime, str, Callable[[], object]]] = field(default_factory=list)

    def number(self, kind: str, shop_id: str) -> int:
        """The next number of a kind. Two markets have the same ones: order numbers are a market's
        own, and no source says that others are not."""
        market = ""
        if self.settings.numbers == "per_market":
            market = self.shops[shop_id].country
        self._numbers[kind, market] += 1
        return FIRST_NUMBERS[kind] + self._numbers[kind, market] - 1

    def note(self, what: str, by: Caller | str, **more: Any) -> None:
        """Write down what was done."""
        who = by if isinstance(by, str) else by.identifier
        entry = {"number": len(self.journal) + 1, "at": time_text(self.now()), "what": what}
        if isinstance(by, Caller):
            entry["channel"] = by.channel
        self.journal.append(entry | {"by": who} | more)

    def write(self, name: str, carry_out: Callable[[], Reply]) -> Reply:
        """Carry a write out, or hold it: then nobody is told what becomes of it.

        Raises:
            Failure: It is refused.
        """
        settings = self.settings
        if settings.holds_decisions == "no" or name not in settings.held:
            return self._refusals_noted(name, carry_out)
        fate = settings.holds_decisions
        if fate == "either":
            fate = self.dice.choice(("done", "lost", "late"))
        if fate == "done":
            self._quietly(name, carry_out)
        elif fate == "late":
            due = self.now() + timedelta(seconds=settings.held_seconds)
            self._late.append((due, name, carry_out))
        return Reply(0, wire=WireFault.RESET)

    def _refusals_noted(self, name: str, carry_out: Callable[[], Reply]) -> Reply:
        try:
            return carry_out()
        except Failure as failure:
            self.refusals[f"{name}: {failure.message}"] += 1
            raise

    def _quietly(self, name: str, carry_out: Callable[[], object]) -> None:
        try:
            carry_out()
        except Failure as failure:
            self.refusals[f"{name}: {failure.message}"] += 1

    def settle(self) -> None:
        """Carry out what was held and is due."""
        due = [entry for entry in self._late if entry[0] <= self.now()]
        self._late = [entry for entry in self._late if entry[0] > self.now()]
        for _, name, carry_out in due:
            self._quietly(name, carry_out)

    @property
    def held(self) -> list[str]:
        """The names of writes that will be carried out later."""
        return [name for _, name, _ in self._late]

    # -- how the settings have things shown -------------------------------------------------

    def currency(self, code: str) -> str:
        """A currency as it is written."""
        case = self.settings.currency_case
        return {"upper": code.upper(), "lower": code.lower(), "title": code.title()}[case]

    def price(self, unit_price: int, quantity: int) -> int:
        """A position's price as it is written, in minor units: of a unit or of the line."""
        return unit_price * (quantity if self.settings.price_is == "line" else 1)

    def item(self, variant: Variant) -> dict[str, Any]:
        """A position's item. It never has the SKU."""
        return {
            "name": variant.title,
            "brand": variant.brand,
            "gtin": variant.gtin if self.settings.gtins else None,
            "productId": variant.miinto_id,
        }

    def empty_map(self) -> Any:
        """A map with nothing in it."""
        return [] if self.settings.empty_map == "list" else {}

    def conflict(self, message: str, code: int) -> Failure:
        """Refused because of what happened before."""
        return Failure(self.settings.conflict_status, code, message)

    def invalid(self, message: str, code: int) -> Failure:
        """Refused as wrong in itself."""
        return Failure(self.settings.invalid_status, code, message)


def time_text(moment: datetime) -> str:
    """A time as Miinto writes it, with an offset."""
    return moment.replace(microsecond=0).isoformat()
