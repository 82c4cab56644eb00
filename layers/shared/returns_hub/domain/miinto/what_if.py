"""Another acceptance rule tried on past transfers: what it would have won and lost, in money.

Pure: a judgement holds what was known when it was recorded. Each is made again by the other rule,
in the order in which they were made then. Units of a SKU that were accepted then and would not be
are free for the next ones, and the other way round, so that the other rule never has more units
than there were. What no rule can change, and what stock came between two recorded judgements, is
not known and is not made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import Field

from returns_hub.domain.base import Frozen
from returns_hub.domain.miinto.facts import (
    MarketEvent,
    PositionsCommitted,
    TransferJudged,
)
from returns_hub.domain.miinto.products import Identified, Reference
from returns_hub.domain.miinto.rule import InStock, PriceIs, judge
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.transfers import (
    BY_RULE,
    Judgement,
    Position,
    Transfer,
    TransferState,
)

Would = Literal["accept", "decline", "leave", "cannot_tell"]
Happened = Literal["accepted", "declined", "gone", "waiting", "unknown"]
"""``unknown``: a request was made of which nobody knows yet what came of it."""


@dataclass(frozen=True)
class Story:
    """A transfer: where it stands, and all that happened to it."""

    state: TransferState
    events: tuple[MarketEvent, ...]


class Tried(Frozen):
    """A position: what happened to it, and what the other rule would have done.

    `worth` is in minor units of `currency`, None where it is not known whether the price counts
    for a unit or for all. `by` is who decided: ``rule``, or the person's name.
    """

    shop: str
    transfer: int
    position: int
    quantity: int
    price: int
    currency: str | None
    worth: int | None
    happened: Happened
    would: Would
    code: str
    why: str
    by: str = ""

    @property
    def is_won(self) -> bool:
        """Whether it would be accepted and was not."""
        return self.would == "accept" and self.happened in {"declined", "gone", "waiting"}

    @property
    def is_lost(self) -> bool:
        """Whether it was accepted and would not be. What a person accepted would have been left
        to a person as well."""
        if self.happened != "accepted":
            return False
        return self.would == "decline" or (self.would == "leave" and self.by == BY_RULE)


class Worth(Frozen):
    """Sums in minor units of one currency."""

    accepted: int = 0
    would_accept: int = 0
    won: int = 0
    lost: int = 0


class WhatIf(Frozen):
    """What came of trying.

    Args:
        positions: By the time that they were offered, then shop, transfer and position.
        counts: ``happened: would`` -> positions.
        money: Currency -> sums.
        without_worth: Positions, won or lost among them, whose worth is not known.
    """

    positions: tuple[Tried, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    money: dict[str, Worth] = Field(default_factory=dict)
    without_worth: int = 0

    @property
    def cannot_tell(self) -> int:
        """Positions about which too little was kept."""
        return sum(1 for one in self.positions if one.would == "cannot_tell")


def what_if(
    stories: Iterable[Story],
    rule: AcceptRule,
    price_is: PriceIs,
    warehouses: Mapping[str, int],
) -> WhatIf:
    """Try the rule on these transfers.

    Args:
        stories: In any order; the same ones give the same answer.
        rule: The other rule.
        price_is: What an offered price counts for.
        warehouses: Shop -> its warehouse; shops of one share its units.
    """
    told = sorted(stories, key=_offered)
    trial = _Trial(rule, price_is, warehouses)
    for moment in _in_order(told):
        trial.go_on(*moment)
    tried = tuple(
        _tried(story.state, position, trial, price_is)
        for story in told
        for position in story.state.positions
    )
    return _summed(tried)


Moment = tuple[Story, MarketEvent]


def _offered(story: Story) -> tuple[str, str, int]:
    state = story.state
    moment = state.created_at or state.first_seen_at
    return (moment.isoformat() if moment else "", state.shop, state.id)


def _in_order(stories: Iterable[Story]) -> list[Moment]:
    """Judgements and requests as they followed from each other: all judgements of one run, the
    oldest offer first, before what was committed because of them."""
    moments = [
        (story, event)
        for story in stories
        for event in story.events
        if isinstance(event.fact, TransferJudged | PositionsCommitted)
    ]
    return sorted(moments, key=lambda m: (*_at(m[1]), _offered(m[0]), m[1].sequence))


def _at(event: MarketEvent) -> tuple[datetime, int]:
    fact = event.fact
    if isinstance(fact, TransferJudged):
        return (fact.stock_at or event.at, 0)
    return (event.at, 1)


@dataclass
class _Trial:
    """The other rule on its way through the past."""

    rule: AcceptRule
    price_is: PriceIs
    warehouses: Mapping[str, int]
    verdicts: dict[tuple[str, int, int], Judgement] = field(default_factory=dict)
    free: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Units accepted then, less those that would be: of each warehouse and SKU."""

    def go_on(self, story: Story, event: MarketEvent) -> None:
        match event.fact:
            case TransferJudged(judgements=judgements):
                for judgement in judgements:
                    self._judge_again(story, judgement)
            case PositionsCommitted(number=number):
                self._accepted_then(story, number)

    def _accepted_then(self, story: Story, number: int) -> None:
        state = story.state
        for decision in state.decisions:
            if decision.number != number or decision.outcome in {"lost", "refused"}:
                continue
            for position in state.positions:
                judgement = state.judgement(position.id)
                if position.id in decision.accepted and judgement and judgement.sku:
                    self.free[self._shelf(state.shop, judgement.sku)] += position.quantity

    def _judge_again(self, story: Story, then: Judgement) -> None:
        state = story.state
        key = (state.shop, state.id, then.position)
        position = next((p for p in state.positions if p.id == then.position), None)
        before = self.verdicts.get(key)
        if position is None or (before is not None and before.verdict != "person"):
            return
        self.verdicts[key] = now = self._again(state, position, then)
        if now.verdict == "accept" and now.sku is not None:
            self.free[self._shelf(state.shop, now.sku)] -= position.quantity

    def _again(self, state: TransferState, position: Position, then: Judgement) -> Judgement:
        if then.sku is None or then.stock is None:
            return then.model_copy(update={"verdict": "person"})
        units = then.stock + self.free[self._shelf(state.shop, then.sku)]
        offered = Transfer(
            shop=state.shop, id=state.id, currency=state.currency, pending=(position,)
        )
        (now,) = judge(
            offered,
            products={position.id: Identified(then.sku, ())},
            stock={then.sku: InStock(units, bundle=then.code == "bundle")},
            prices={position.id: Reference(then.final_price, then.original_price)},
            rule=self.rule,
            price_is=self.price_is,
        )
        return now

    def _shelf(self, shop: str, sku: str) -> tuple[int, str]:
        return (self.warehouses.get(shop, 0), sku)


def _tried(state: TransferState, position: Position, trial: _Trial, price_is: PriceIs) -> Tried:
    verdict = trial.verdicts.get((state.shop, state.id, position.id))
    happened, by = _happened(state, position.id)
    would: Would = "cannot_tell"
    code, why = "not_judged", "it was gone, or decided, before the hub judged it"
    if verdict is not None:
        code, why = verdict.code, verdict.why
        would = "leave" if verdict.verdict == "person" else verdict.verdict
        if verdict.sku is not None and verdict.stock is None and code != "stock_unknown":
            would = "cannot_tell"
            code, why = "stock_not_kept", "the judgement does not tell the stock of that time"
    return Tried(
        shop=state.shop,
        transfer=state.id,
        position=position.id,
        quantity=position.quantity,
        price=position.price,
        currency=state.currency,
        worth=_worth(position, price_is),
        happened=happened,
        would=would,
        code=code,
        why=why,
        by=by,
    )


def _happened(state: TransferState, position: int) -> tuple[Happened, str]:
    for decision in state.decisions:
        if position not in decision.positions or decision.outcome in {"lost", "refused"}:
            continue
        if decision.is_open:
            return "unknown", decision.by
        return ("accepted" if position in decision.accepted else "declined"), decision.by
    if state.gone or position in state.gone_positions:
        return "gone", ""
    return "waiting", ""


def _worth(position: Position, price_is: PriceIs) -> int | None:
    if position.quantity == 1 or price_is == "line":
        return position.price
    return position.price * position.quantity if price_is == "unit" else None


def _summed(tried: tuple[Tried, ...]) -> WhatIf:
    sums: dict[str, Counter[str]] = {}
    without_worth = 0
    for one in tried:
        kinds = {
            "accepted": one.happened == "accepted",
            "would_accept": one.would == "accept",
            "won": one.is_won,
            "lost": one.is_lost,
        }
        if not any(kinds.values()):
            continue
        if one.worth is None or one.currency is None:
            without_worth += 1
            continue
        of_currency = sums.setdefault(one.currency, Counter())
        of_currency.update({kind: one.worth for kind, is_it in kinds.items() if is_it})
    counts = Counter(f"{one.happened}: {one.would}" for one in tried)
    return WhatIf(
        positions=tried,
        counts=dict(sorted(counts.items())),
        money={currency: Worth(**of) for currency, of in sorted(sums.items())},
        without_worth=without_worth,
    )
