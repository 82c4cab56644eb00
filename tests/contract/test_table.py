"""Reading a table page by page and in batches, and what DynamoDB does not take at once."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.adapters.dynamodb.table import MOST_TRIES, Row, Table, put
from returns_hub.errors import Retryable
from tests.contract.conftest import Stores


class Waits:
    """How long was waited between tries."""

    def __init__(self, simulated: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[float] = []
        monkeypatch.setattr(simulated.clock, "sleep", self.made.append)


def table(stores: Stores) -> Table:
    return Table(stores.client, "FeedTable", stores.clock)


def written(made: Table, count: int) -> list[Row]:
    keys: list[Row] = [{"pk": "p", "sk": f"{number:03d}"} for number in range(count)]
    made._write_all(put(key) for key in keys)
    return keys


def test_a_query_gives_as_many_as_are_asked_for_over_all_pages(simulated: Stores) -> None:
    made = table(simulated)
    keys = written(made, 40)

    def first(limit: int) -> list[Any]:
        return list(made._rows("pk = :pk", {":pk": "p"}, limit))

    assert list(made._partition("p")) == keys
    assert first(7) == keys[:7]
    assert first(0) == []
    assert first(99) == keys


def test_keys_that_dynamodb_did_not_read_are_asked_for_again(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = table(simulated)
    keys = written(made, 130)
    really = simulated.client.batch_get_item
    asked: list[int] = []

    def half(*, RequestItems: Any) -> Any:
        wanted = RequestItems["FeedTable"]["Keys"]
        asked.append(len(wanted))
        answer = really(RequestItems={"FeedTable": {"Keys": wanted[:60]}})
        left = {"FeedTable": {"Keys": wanted[60:]}} if wanted[60:] else {}
        return {**answer, "UnprocessedKeys": left}

    monkeypatch.setattr(simulated.client, "batch_get_item", half)
    waits = Waits(simulated, monkeypatch)
    found = made._read_all(keys)
    assert sorted(str(row["sk"]) for row in found) == [key["sk"] for key in keys]
    assert asked == [100, 40, 30]
    assert waits.made == [0.1]


def test_waits_double_and_come_to_an_end(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*, RequestItems: Any) -> Any:
        return {"UnprocessedItems": RequestItems}

    monkeypatch.setattr(simulated.client, "batch_write_item", busy)
    waits = Waits(simulated, monkeypatch)
    with pytest.raises(Retryable, match="takes no more for now"):
        written(table(simulated), 1)
    assert waits.made == [0.1 * 2**number for number in range(MOST_TRIES - 1)]
