"""What stock intelligence advised, as it is kept: in the simulation's DynamoDB and in moto's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns_hub.adapters.dynamodb import kept_advice
from returns_hub.adapters.dynamodb.kept_advice import KeptAdvice
from returns_hub.domain.wair.advice import StockTarget, TransferProposal
from returns_hub.errors import Conflict, Permanent, Retryable
from tests.contract.conftest import Stores
from tests.support.fakes import START


@pytest.fixture(params=["simulated", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.getfixturevalue(str(request.param))
    return made


@pytest.fixture
def kept(stores: Stores) -> KeptAdvice:
    return KeptAdvice(stores.client, "FeedTable", stores.clock)


def target(sku: str, location: str = "WH-1", units: str = "5") -> StockTarget:
    return StockTarget(location, sku, Decimal(units), date(2026, 3, 2))


def proposal(reference: str, **changes: Any) -> TransferProposal:
    content: dict[str, Any] = {
        "reference": reference,
        "from_location": "WH-1",
        "to_location": "ST-7",
        "sku": "TEE",
        "quantity": Decimal("2.5"),
        "kind": "Redistribution",
        "batch": "B1",
        "batch_description": "March",
        "planned_for": datetime(2026, 3, 9, tzinfo=UTC),
    }
    return TransferProposal(**content | changes)


def items(stores: Stores) -> list[str]:
    found = stores.client.query(
        TableName="FeedTable",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "m#targets#1"}},
        ConsistentRead=True,
    )
    return [item["sk"]["S"] for item in found["Items"]]


def test_targets_come_back_as_they_were_and_by_location(kept: KeptAdvice) -> None:
    told = [target("TEE"), target("CAP", "ST-7", "0.5"), StockTarget("WH-1", "MUG", Decimal(0))]

    assert kept.keep_targets("m", iter(told), START) == 3
    assert sorted(kept.targets("m"), key=lambda one: one.sku) == [told[1], told[2], told[0]]
    assert list(kept.targets("m", "ST-7")) == [told[1]]
    assert list(kept.targets("m", "ELSEWHERE")) == []
    assert list(kept.targets("other")) == []


def test_targets_of_the_next_list_stand_in_place_of_those_before(
    kept: KeptAdvice, stores: Stores
) -> None:
    kept.keep_targets("m", [target("TEE"), target("CAP")], START)
    kept.keep_targets("m", [target("CAP", units="9")], START)
    assert [(one.sku, one.quantity) for one in kept.targets("m")] == [("CAP", Decimal(9))]
    assert items(stores), "those before stay, for whoever is reading them"

    assert kept.keep_targets("m", [], START) == 0
    assert list(kept.targets("m")) == []
    assert not items(stores)


def test_a_list_that_was_cut_off_replaces_nothing(kept: KeptAdvice, stores: Stores) -> None:
    kept.keep_targets("m", [target("TEE")], START)

    def cut_off() -> Iterator[StockTarget]:
        yield target("CAP")
        raise Retryable("wair.cut_off", "the list did not come to its end")

    for _ in range(2):
        with pytest.raises(Retryable):
            kept.keep_targets("m", cut_off(), START)
    assert [one.sku for one in kept.targets("m")] == ["TEE"]
    kept.keep_targets("m", [target("MUG")], START)
    assert [one.sku for one in kept.targets("m")] == ["MUG"]


def test_a_target_that_slipped_from_page_to_page_counts_once(kept: KeptAdvice) -> None:
    assert kept.keep_targets("m", [target("TEE"), target("CAP"), target("TEE")], START) == 2
    assert len(list(kept.targets("m"))) == 2


def test_many_targets_fill_several_buckets(
    kept: KeptAdvice, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_advice, "BUCKET_BYTES", 200)
    told = [target(f"SKU-{number:03d}") for number in range(60)]

    assert kept.keep_targets("m", told, START) == 60
    assert list(kept.targets("m", "WH-1")) == told
    assert len(items(stores)) > 1


def test_more_targets_than_can_be_kept_replace_nothing(
    kept: KeptAdvice, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.keep_targets("m", [target("TEE")], START)
    monkeypatch.setattr(kept_advice, "MOST_TARGETS", 2)

    with pytest.raises(Permanent) as raised:
        kept.keep_targets("m", [target("A"), target("B"), target("C")], START)
    assert raised.value.code == "wair.too_many_targets"
    assert [one.sku for one in kept.targets("m")] == ["TEE"]


def test_of_two_who_write_targets_one_gives_way(kept: KeptAdvice) -> None:
    def meanwhile() -> Iterator[StockTarget]:
        yield target("TEE")
        kept.keep_targets("m", [target("CAP")], START)

    with pytest.raises(Conflict):
        kept.keep_targets("m", meanwhile(), START)
    assert [one.sku for one in kept.targets("m")] == ["CAP"]


def test_a_proposal_is_kept_once_for_its_reference(kept: KeptAdvice) -> None:
    first, second = proposal("R1"), proposal("R2", planned_for=None, kind="")

    assert kept.keep_proposals("m", [first, second, first], START) == 2
    again = [proposal("R3"), proposal("R1", quantity=Decimal(9)), second]
    assert kept.keep_proposals("m", again, START + timedelta(hours=1)) == 1
    assert kept.keep_proposals("m", again, START + timedelta(hours=2)) == 0
    assert next(one.reference for one in kept.proposals("m")) == "R3"
    assert sorted(kept.proposals("m"), key=lambda one: one.reference) == [
        first,
        second,
        proposal("R3"),
    ]


def test_proposals_without_a_reference_are_told_apart_by_what_they_say(kept: KeptAdvice) -> None:
    told = [proposal(""), proposal("", sku="CAP"), proposal("")]

    assert kept.keep_proposals("m", told, START) == 2
    assert kept.keep_proposals("m", told, START) == 0


def test_many_proposals_come_newest_first_and_no_more_than_asked_for(kept: KeptAdvice) -> None:
    for day in range(3):
        some = [proposal(f"R{day}-{number:02d}") for number in range(45)]
        assert kept.keep_proposals("m", some, START + timedelta(days=day)) == 45

    newest = [one.reference for one in kept.proposals("m", most=50)]
    assert len(newest) == 50
    assert {reference[:2] for reference in newest[:45]} == {"R2"}
    assert {reference[:2] for reference in newest[45:]} == {"R1"}


def test_proposals_are_gone_after_400_days(kept: KeptAdvice, stores: Stores) -> None:
    kept.keep_proposals("m", [proposal("R1")], START)

    stores.clock.advance(days=399)
    assert len(list(kept.proposals("m"))) == 1
    stores.clock.advance(days=2)
    assert list(kept.proposals("m")) == []
    assert kept.keep_proposals("m", [proposal("R1")], stores.clock.now()) == 1
