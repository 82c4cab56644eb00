"""Another acceptance rule is tried on the transfers of the last days; nothing is sent or stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pydantic import ValidationError

from returns_hub.domain.miinto import what_if as trial
from returns_hub.domain.miinto.settings import AcceptRule
from returns_hub.domain.miinto.transfers import TransferState
from returns_hub.errors import Permanent
from returns_hub.flows.miinto.market_world import MarketWorld
from returns_hub.ports.marketplace import MarketQuery

PAGE = 200
MOST_DAYS = 366
LONGEST_REASON = 500


def what_if(market: MarketWorld, rule: AcceptRule, days: int) -> trial.WhatIf:
    """What the rule would have done with transfers offered in the last `days`, beside what
    happened. See `domain.miinto.what_if`.

    Raises:
        Permanent: `days` is not between 1 and 366.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Permanent("miinto.what_if_days", f"days must be between 1 and {MOST_DAYS}")
    settings = market.settings
    stories = (
        trial.Story(
            state, market.market.timeline(market.merchant, "transfer", state.shop, state.id)
        )
        for state in _transfers(market, days)
    )
    warehouses = {shop.id: shop.warehouse for shop in settings.shops}
    return trial.what_if(stories, rule, settings.transfers.price_is, warehouses)


def read_rule(content: object) -> AcceptRule:
    """A rule as a file has it: the keys of `transfers.rule`.

    Raises:
        Permanent: It is none; the reason names each key that is wrong.
    """
    known = ", ".join(AcceptRule.model_fields)
    if not isinstance(content, dict):
        raise Permanent("miinto.rule", f"a rule is a map of some of these keys: {known}")
    try:
        return AcceptRule.model_validate(content)
    except ValidationError as error:
        raise Permanent("miinto.rule", _in_words(error, known)) from None


def _in_words(error: ValidationError, known: str) -> str:
    """What is wrong, key by key, in one line: a key can be any text."""
    strange, problems = [], []
    for problem in error.errors(include_input=False):
        key = ".".join(str(part)[:40] for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            strange.append(key)
        else:
            said = problem["msg"]
            problems.append(f"{key}: {said[0].lower()}{said[1:]}")
    if strange:
        problems.insert(0, f"{', '.join(strange[:3])} is no key of a rule; there are {known}")
    text = "; ".join(problems)[:LONGEST_REASON]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _transfers(market: MarketWorld, days: int) -> Iterator[TransferState]:
    since = market.stores.clock.now() - timedelta(days=days)
    after = ""
    while True:
        query = MarketQuery(since=since, limit=PAGE, after=after)
        page = market.market.find_transfers(market.merchant, query)
        yield from (row for row in page.rows if isinstance(row, TransferState))
        after = page.after
        if not after:
            return
