"""What searching and the money line cost over 100,000 stored returns: requests and items read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.found_returns import step_attributes, term_rows
from returns_hub.adapters.dynamodb.items import typed
from returns_hub.adapters.dynamodb.returns import DynamoDbReturns
from returns_hub.domain.overview.search_terms import Term, TermKind
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.state import ReturnState
from returns_hub.domain.timeline import canonical
from returns_hub.flows.overview.find_returns import Found, find_returns
from returns_hub.flows.overview.money_line import MOST_COUNTED, money_line
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.fakes import START, TestClock

RETURNS = 100_000
OF_ONE_SKU = 20_000
IN_TRANSIT = 30_000
ROWS_OF_A_PAGE = 2097
"""A megabyte of rows of the index where each is as large as any gets, 500 bytes."""


class Counting:
    """Passes requests on, and counts them and the items that they read."""

    def __init__(self, under: InMemoryDynamoDb) -> None:
        self._under = under
        self.requests: list[str] = []
        self.items = 0

    def __getattr__(self, name: str) -> Any:
        def call(**parameters: Any) -> Any:
            answer = getattr(self._under, name)(**parameters)
            self.requests.append(name)
            self.items += answer.get("ScannedCount", 0) + len(answer.get("Item", ()) and [1])
            self.items += sum(map(len, answer.get("Responses", {}).values()))
            return answer

        return call


def put(store: InMemoryDynamoDb, row: dict[str, Any]) -> None:
    table = store.tables["ReturnsTable"]
    item = typed(row)
    table.items[table.key_of(item)] = item


@pytest.fixture(scope="module")
def full(tables: dict[str, Any]) -> InMemoryDynamoDb:
    """100,000 returns, each with an order and every fifth with the same SKU; 30,000 on their way,
    the others done."""
    store = InMemoryDynamoDb({"ReturnsTable": tables["ReturnsTable"]}, page=ROWS_OF_A_PAGE)
    moving = ReturnState(
        merchant="m", return_id="RETURN", version=1, step=Step.TRANSIT, step_since=START
    )
    done = moving.model_copy(update={"step": None, "step_since": None})
    texts = {state.step: canonical(state) for state in (moving, done)}
    for number in range(RETURNS):
        return_id = f"r{number:06}"
        at = START + timedelta(seconds=number)
        state = moving if number < IN_TRANSIT else done
        text = texts[state.step].replace("RETURN", return_id)
        state = state.model_copy(
            update={"return_id": return_id, "step_since": state.step_since and at}
        )
        key = {"pk": f"m#return#{return_id}", "sk": "STATE", "state": text}
        put(store, key | step_attributes(state))
        terms = [Term(TermKind.ORDER, str(number))]
        terms += [Term(TermKind.SKU, "tee")] if number % 5 == 0 else []
        for row in term_rows(state, terms, at, at, others=2)[0]:
            put(store, row)
    for number in range(50):
        put(store, {"pk": f"m#external-return#{number}", "sk": "LINK", "return_id": "r000007"})
    return store


@pytest.fixture
def counting(full: InMemoryDynamoDb) -> Counting:
    return Counting(full)


def search(counting: Counting, words: str, limit: int = 20) -> Found:
    client: Any = counting
    returns = DynamoDbReturns(client, "ReturnsTable", TestClock())
    return find_returns(returns, "m", words, limit=limit)


@pytest.mark.parametrize("limit", [1, 20, 100])
def test_a_sku_of_20000_returns_costs_as_much_as_one_of_a_few(
    counting: Counting, limit: int
) -> None:
    found = search(counting, "TEE", limit)

    newest = [f"r{RETURNS - 5 * (number + 1):06}" for number in range(limit)]
    assert [row.return_id for row in found.rows] == newest
    assert found.is_cut
    # The SKU, an order and a tracking number; one or, of 101 states, two requests for states.
    assert counting.requests.count("query") == 3
    assert counting.requests.count("batch_get_item") == (1 if limit < 100 else 2)
    assert len(counting.requests) <= 5
    assert counting.items <= 2 * (limit + 1) + 1


@pytest.mark.parametrize("words", ["7", "99999", "r054321", "none", "#41", "TEE"])
def test_a_word_costs_five_requests_at_most(counting: Counting, words: str) -> None:
    search(counting, words)

    assert len(counting.requests) <= 5
    assert counting.items <= 64 + 22


def test_four_words_cost_21_requests_at_most(counting: Counting) -> None:
    found = search(counting, "7 99999 TEE r054321 41")

    assert len(found.rows) == 20
    assert found.is_cut
    assert len(counting.requests) <= 21
    assert counting.items <= 319 + 46


def test_the_money_line_costs_five_requests_a_step_at_most(counting: Counting) -> None:
    client: Any = counting
    steps = money_line(DynamoDbReturns(client, "ReturnsTable", TestClock()), "m")

    transit = steps[1]
    assert (transit.step, transit.count, transit.is_at_least) == (Step.TRANSIT, MOST_COUNTED, True)
    assert (transit.oldest_return, transit.oldest_since) == ("r000000", START)
    assert all(not step.count for step in steps if step.step is not Step.TRANSIT)
    # The step of 30,000 takes five pages, each of the others one.
    assert counting.requests == ["query"] * (5 + 6)
    assert counting.items == MOST_COUNTED + 1
