"""The trail of what people did, in memory and in DynamoDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.items import as_text
from returns_hub.domain.audit import Act
from returns_hub.errors import Conflict
from tests.contract.conftest import Stores
from tests.support.fakes import START

DAY = timedelta(days=1)
END = START + DAY


def act(name: str, at: datetime = START, **changes: Any) -> Act:
    base = Act(act_id=name, at=at, who="pat", through="hub", verb="dlq replay", merchant="example")
    return base.model_copy(update=changes)


def ids(found: Any) -> list[str]:
    return [each.act_id for each in found]


def test_an_act_comes_back_as_it_was_recorded_with_its_end_over_it(stores: Stores) -> None:
    asked = act(
        "a",
        return_id="ret_1",
        subject="p-1",
        details={"cause": "mintsoft.refused"},
        note="the SKU is there now",
        config_version=7,
    )
    stores.audit.record(asked)
    assert list(stores.audit.of_merchant("example", START - DAY, END)) == [asked]
    done = asked.model_copy(update={"outcome": "done", "told": "1 replayed"})
    stores.audit.record(done)
    stores.audit.record(done)
    for found in (
        stores.audit.of_merchant("example", START - DAY, END),
        stores.audit.by_person("pat", START - DAY, END),
        stores.audit.of_return("example", "ret_1", START - DAY, END),
    ):
        assert list(found) == [done]


@pytest.mark.parametrize("second", ["asked", "failed"])
def test_an_end_is_never_written_over(stores: Stores, second: str) -> None:
    done = act("a", outcome="done")
    stores.audit.record(act("a"))
    stores.audit.record(done)
    with pytest.raises(Conflict):
        stores.audit.record(act("a", outcome=second))
    assert list(stores.audit.of_merchant("example", START, END)) == [done]


def test_an_id_that_is_taken_is_refused(stores: Stores) -> None:
    stores.audit.record(act("a"))
    stores.audit.record(act("a"))
    with pytest.raises(Conflict):
        stores.audit.record(act("a", verb="dlq discard"))


def test_merchants_persons_and_returns_are_told_apart(stores: Stores) -> None:
    stores.audit.record(act("a", return_id="r"))
    stores.audit.record(act("b", merchant="example-2", who="sam", return_id="r"))
    stores.audit.record(act("c", merchant="", who="sam"))
    assert ids(stores.audit.of_merchant("example", START, END)) == ["a"]
    assert ids(stores.audit.of_merchant("", START, END)) == ["c"]
    assert ids(stores.audit.by_person("sam", START, END)) == ["c", "b"]
    assert ids(stores.audit.by_person("pa", START, END)) == []
    assert ids(stores.audit.of_return("example-2", "r", START, END)) == ["b"]


def test_acts_come_in_the_order_asked_for_over_the_months(stores: Stores) -> None:
    names = [f"{number:02d}" for number in range(12)]
    for number, name in enumerate(names):
        stores.audit.record(act(name, START - number * 10 * DAY, return_id="r"))
    since = START - 100 * DAY
    inside = names[:11]
    audit, oldest = stores.audit, {"newest_first": False}
    assert ids(audit.of_merchant("example", since, END)) == inside
    assert ids(audit.of_merchant("example", since, END, **oldest)) == inside[::-1]
    assert ids(audit.by_person("pat", since, END)) == inside
    assert ids(audit.by_person("pat", since, END, **oldest)) == inside[::-1]
    assert ids(audit.of_return("example", "r", since, END)) == inside
    assert ids(audit.of_return("example", "r", since, END, **oldest)) == inside[::-1]


def test_from_since_on_and_before_until(stores: Stores) -> None:
    for name, at in (("a", START), ("b", START + DAY), ("c", START + 2 * DAY)):
        stores.audit.record(act(name, at))
    found = stores.audit.of_merchant("example", START + DAY, START + 2 * DAY)
    assert ids(found) == ["b"]
    assert ids(stores.audit.by_person("pat", START + DAY, START + 2 * DAY)) == ["b"]
    assert ids(stores.audit.of_merchant("example", END, START)) == []


def test_a_month_that_nobody_asks_for_is_not_read(dynamodb: Stores) -> None:
    for month in range(6):
        dynamodb.audit.record(act(str(month), START - month * 28 * DAY))
    dynamodb.requests.clear()
    found = dynamodb.audit.of_merchant("example", START - 3 * 365 * DAY, END)
    assert ids(islice(found, 2)) == ["0", "1"]
    assert dynamodb.requests == ["Query"] * 2


def test_since_ever_asks_for_no_more_months_than_are_kept(dynamodb: Stores) -> None:
    dynamodb.requests.clear()
    assert list(dynamodb.audit.of_merchant("example", START - 10 * 365 * DAY, START)) == []
    assert 14 <= len(dynamodb.requests) <= 15
    dynamodb.requests.clear()
    assert list(dynamodb.audit.by_person("pat", START - 10 * 365 * DAY, START)) == []
    assert dynamodb.requests == ["Query"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_month_that_is_yet_to_come_is_not_asked_for(
    dynamodb: Stores, *, newest_first: bool
) -> None:
    dynamodb.audit.record(act("a"))
    dynamodb.requests.clear()
    end = datetime.max.replace(tzinfo=UTC)
    found = dynamodb.audit.of_merchant("example", START - DAY, end, newest_first=newest_first)
    assert ids(found) == ["a"]
    assert len(dynamodb.requests) <= 3


def test_an_act_goes_after_thirteen_months(dynamodb: Stores) -> None:
    dynamodb.audit.record(act("a"))
    (row,) = dynamodb.client.scan(TableName="AuditTable")["Items"]
    assert int(row["expires_at"]["N"]) == int((START + 400 * DAY).timestamp())


def test_what_another_release_wrote_is_told_all_the_same(dynamodb: Stores) -> None:
    row = {"pk": f"example#{as_text(START)[:7]}", "sk": f"{as_text(START)}#x", "person_pk": "pat"}
    typed = {name: {"S": value} for name, value in (row | {"act": '{"new": 1}'}).items()}
    dynamodb.client.put_item(TableName="AuditTable", Item=typed)
    for found in (
        dynamodb.audit.of_merchant("example", START, END),
        dynamodb.audit.by_person("pat", START, END),
    ):
        (told,) = found
        assert (told.act_id, told.at, told.who, told.merchant) == ("x", START, "pat", "example")
        assert "another release" in told.told
