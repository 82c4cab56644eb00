"""Returns are found by words that somebody has in hand: an id, an order, a SKU, a tracking number.

What it costs does not depend on how many returns there are. For the words as a whole, and where
these find nothing for each of at most `MOST_WORDS` words: one query for each of the three kinds of
term, at most `limit` + 1 rows, and one item where the word may be an external return's number. Then
the states of what was found, 100 in a request. With the usual limit of 20 a single word is at most
5 requests, 64 rows and 22 states; four words are at most 21 requests, 319 rows and 46 states. Only
where states are so large that DynamoDB hands them over in parts (16 MB) are there more requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from returns_hub.domain.overview.search_terms import TermKind
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.state import ReturnState
from returns_hub.ports import ReturnsStore

MOST_WORDS = 4
MOST_ROWS = 100
"""The highest limit."""
LONGEST = 400
"""Characters of all words together; the rest is not looked at."""
RETURN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
IN_WORDS = {TermKind.ORDER: "order", TermKind.TRACKING: "tracking", TermKind.SKU: "SKU"}


@dataclass(frozen=True)
class FoundReturn:
    """A return that was found.

    Args:
        return_id: Which.
        matched: What was found of it, e.g. ``order #5501``; several with commas between them.
        outcome: `ReturnState.outcome`.
        step: Where it waits; None when it waits for nothing.
        since: Since when it waits there.
        order_names: Names of its orders.
    """

    return_id: str
    matched: str
    outcome: str
    step: Step | None
    since: datetime | None
    order_names: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What was found; `is_cut` says that there is more."""

    rows: tuple[FoundReturn, ...] = ()
    is_cut: bool = False


def find_returns(returns: ReturnsStore, merchant: str, words: str, *, limit: int = 20) -> Found:
    """Returns of a merchant by free words.

    Tried are, in this order: a return's id, an external return's number, an order's name, a
    tracking number, a SKU; of each the newest first. Letters' case and a ``#`` before an order's
    name do not count, but in a return's id they do. Returns are found by what was known when they
    were seen and planned, and not later than 400 days after.

    Args:
        returns: Where they are.
        merchant: Whose; no other merchant's return is ever found.
        words: What somebody typed.
        limit: Most rows; more than `MOST_ROWS` are never told.
    """
    limit = max(1, min(limit, MOST_ROWS))
    text = " ".join(words[:LONGEST].split())
    found = _look(returns, merchant, [text], limit) if text else Found()
    split = text.split()[:MOST_WORDS]
    return found if found.rows or len(split) < 2 else _look(returns, merchant, split, limit)


def _look(returns: ReturnsStore, merchant: str, words: Iterable[str], limit: int) -> Found:
    by: dict[str, dict[str, None]] = {}
    ids: dict[str, None] = {}
    is_cut = False
    for word in words:
        if RETURN_ID.fullmatch(word):
            ids[word] = None
        for matched, found in _candidates(returns, merchant, word, limit + 1):
            is_cut |= len(found) > limit
            for return_id in found[:limit]:
                by.setdefault(return_id, {})[f"{matched} {word}"] = None
    wanted = [*ids, *islice((found for found in by if found not in ids), limit + 1)]
    states = [state for state in returns.load_many(merchant, wanted) if state.version]
    rows = tuple(_row(state, by.get(state.return_id, {}), ids) for state in states)
    return Found(rows[:limit], is_cut or len(rows) > limit)


def _candidates(
    returns: ReturnsStore, merchant: str, word: str, limit: int
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each way of looking finds, by its name."""
    if NUMBER.fullmatch(word):
        made_for = returns.find(merchant, int(word))
        yield "external return", () if made_for is None else (made_for,)
    for kind in TermKind:
        yield IN_WORDS[kind], returns.find_by(merchant, kind, word, limit)


def _row(state: ReturnState, matched: Iterable[str], ids: Iterable[str]) -> FoundReturn:
    told = ["return id"] if state.return_id in ids else []
    return FoundReturn(
        return_id=state.return_id,
        matched=", ".join([*told, *matched]),
        outcome=state.outcome,
        step=state.step,
        since=state.step_since,
        order_names=state.order_names,
    )
