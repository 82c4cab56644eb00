"""The warehouse's bundles, as they are kept: in the simulation's DynamoDB and in moto's."""

from __future__ import annotations

from typing import Any

import pytest

from returns_hub.adapters.dynamodb.kept_bundles import KeptBundles
from returns_hub.domain.bundles import KnownBundle
from tests.contract.conftest import Stores


@pytest.fixture(params=["simulated", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.getfixturevalue(str(request.param))
    return made


@pytest.fixture
def kept(stores: Stores) -> KeptBundles:
    return KeptBundles(stores.client, "FeedTable", stores.clock)


def bundle(number: int, **parts: int) -> KnownBundle:
    return KnownBundle(f"SET-{number}", number, "v1", parts, 3)


def test_bundles_come_back_as_they_were_beside_those_before(kept: KeptBundles) -> None:
    told = {f"SET-{number}": bundle(number, TEE=number) for number in range(1, 200)}
    kept.keep_bundles("m", told.values())
    assert kept.bundles("m") == told
    assert kept.bundles("other") == {}

    kept.keep_bundles("m", [bundle(7)], gone=["SET-9", "SET-7", "NOT-THERE"])
    del told["SET-9"]
    assert kept.bundles("m") == told | {"SET-7": bundle(7)}


def test_only_what_changed_is_written(simulated: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptBundles(simulated.client, "FeedTable", simulated.clock)
    really, written = simulated.client.batch_write_item, list[int]()

    def counted(*, RequestItems: Any) -> Any:
        written.extend(len(requests) for requests in RequestItems.values())
        return really(RequestItems=RequestItems)

    monkeypatch.setattr(simulated.client, "batch_write_item", counted)
    kept.keep_bundles("m", [bundle(number, TEE=1) for number in range(50)])
    assert 25 < sum(written) <= 50
    written.clear()
    kept.keep_bundles("m", [bundle(7, TEE=1)])
    kept.keep_bundles("m", [])
    assert written == []
    kept.keep_bundles("m", [bundle(7, CAP=1)])
    assert written == [1]
