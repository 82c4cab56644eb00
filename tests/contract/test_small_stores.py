"""Parked work, the catalogue, capabilities, merchant files: in memory and in DynamoDB alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from returns_hub.domain.merchant import Merchant
from returns_hub.domain.miinto.rma_proof import RmaProof
from returns_hub.errors import Conflict, Misconfigured, Permanent, Retryable
from returns_hub.ports import Capabilities, ParkedItem
from tests.contract.conftest import Stores
from tests.support.fakes import START
from tests.support.worlds import merchant_file


def test_parking_the_same_twice_keeps_one(stores: Stores) -> None:
    item = ParkedItem("m", "f/r", "f", "c", "why", "r", "{}")
    stores.parking.park(item)
    stores.parking.park(item)

    (found,) = stores.parking.list_parked("m")
    assert replace(found, first_seen_at=None) == replace(item, times=2)
    assert stores.parking.list_parked("other") == ()


def test_what_a_person_dealt_with_is_closed_kept_and_open_again_when_parked_again(
    stores: Stores,
) -> None:
    item = ParkedItem("m", "f/r", "f", "c", "why", "r", "{}")
    assert not stores.parking.close(item, "discarded", "pat")
    stores.parking.park(item)

    assert stores.parking.close(item, "replayed", "pat", "mended")
    assert not stores.parking.close(item, "discarded", "lee")
    assert stores.parking.list_parked("m") == ()
    (closed,) = stores.parking.list_parked("m", closed_too=True)
    assert (closed.state, closed.closed_by, closed.note) == ("replayed", "pat", "mended")

    stores.parking.park(item)
    (again,) = stores.parking.list_parked("m")
    assert (again.state, again.closed_by, again.note) == ("open", "", "")


def test_what_was_parked_again_since_it_was_read_stays_open(stores: Stores) -> None:
    stores.parking.park(ParkedItem("m", "f/r", "f", "c", "why", "r", "{}"))
    (read,) = stores.parking.list_parked("m")
    stores.parking.park(read)

    assert not stores.parking.close(read, "replayed", "pat")
    (newest,) = stores.parking.list_parked("m")
    assert stores.parking.close(newest, "replayed", "pat")


def test_closed_work_is_not_taken_out_of_the_table_for_a_list_of_what_is_open(
    simulated: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        simulated.parking.park(ParkedItem("m", f"f/{number}", "f", "c", "why", "r", "{}"))
    for item in simulated.parking.list_parked("m")[:9]:
        simulated.parking.close(item, "replayed", "pat")
    carry_out, taken = simulated.client.query, list[str]()

    def query(**parameters: Any) -> Any:
        answer = carry_out(**parameters)
        taken.extend(row["sk"]["S"] for row in answer["Items"])
        return answer

    monkeypatch.setattr(simulated.client, "query", query)

    assert [item.parked_id for item in simulated.parking.list_parked("m")] == ["f/9"]
    assert taken == ["f/9"]
    assert len(simulated.parking.list_parked("m", closed_too=True)) == 10


def test_a_huge_payload_is_cut_and_never_refused(dynamodb: Stores) -> None:
    dynamodb.parking.park(ParkedItem("m", "x", "f", "c", "why", "", "é\x00\ud800" * 300_000))

    (kept,) = dynamodb.parking.list_parked("m")
    assert kept.payload.endswith("longer than what is kept]")


def test_the_catalogue_knows_remembers_and_forgets(stores: Stores) -> None:
    many = {f"SKU-{number}": number for number in range(1, 131)}
    stores.catalogue.remember("m", many)

    assert stores.catalogue.known("m", [*many, "NEW"]) == many
    assert stores.catalogue.known("other", ["SKU-1"]) == {}
    stores.catalogue.forget("m", ["SKU-1"])
    assert stores.catalogue.known("m", ["SKU-1", "SKU-2"]) == {"SKU-2": 2}


def test_the_catalogue_asks_once_for_many_and_not_at_all_when_warm(dynamodb: Stores) -> None:
    from returns_hub.adapters.dynamodb.catalogue import DynamoDbCatalogue

    dynamodb.catalogue.remember("m", {f"S{n}": n + 1 for n in range(20)})
    cold = DynamoDbCatalogue(dynamodb.client, "CatalogueTable", dynamodb.clock)
    dynamodb.requests.clear()
    for _ in range(3):
        cold.known("m", [f"S{n}" for n in range(20)])

    assert dynamodb.requests == ["BatchGetItem"]
    dynamodb.clock.advance(days=8)
    assert cold.known("m", ["S1"]) == {}


def test_capabilities_are_unproven_until_put(stores: Stores) -> None:
    assert stores.capabilities.get("m") == Capabilities()
    found = Capabilities(returns_list=False, marker_look_up=True, probed_at=START)
    stores.capabilities.put("m", found)

    assert stores.capabilities.get("m") == found


def test_an_rma_contract_is_unproven_until_it_is_kept_and_a_newer_proof_counts(
    stores: Stores,
) -> None:
    assert stores.capabilities.rma_proof("m") is None
    good = RmaProof(contract="c1", proven=True, at=START, unknown_words=("in_review",))
    stores.capabilities.keep_rma_proof("m", good)
    stores.capabilities.put("m", Capabilities(marker_look_up=True))

    assert stores.capabilities.rma_proof("m") == good
    assert stores.capabilities.rma_proof("n") is None
    bad = RmaProof(contract="c1", proven=False, at=START, why="Miinto answered 404")
    stores.capabilities.keep_rma_proof("m", bad)
    assert stores.capabilities.rma_proof("m") == bad
    assert stores.capabilities.get("m").marker_look_up is True


def test_merchant_files_are_versioned_and_a_lost_race_is_told(dynamodb: Stores) -> None:
    merchants = dynamodb.merchants
    file = Merchant.model_validate(merchant_file())
    assert merchants.apply(file, "ana", after=0).version == 1
    with pytest.raises(Conflict):
        merchants.apply(file, "ben", after=0)
    merchants.apply(file, "ben", after=1)

    assert merchants.live("example").version == 2
    assert [found.applied_by for found in merchants.versions("example")] == ["ana", "ben"]
    assert merchants.version("example", 1).merchant == file
    assert merchants.all_ids() == ("example",)
    with pytest.raises(Permanent, match="hub config apply"):
        merchants.live("nobody")


def test_the_blocks_of_merchant_files_are_listed(dynamodb: Stores) -> None:
    merchants = dynamodb.merchants
    blocks: dict[str, dict[str, Any]] = {
        "both": {"miinto": {}, "unleashed": {}},
        "erp": {"unleashed": {}},
        "neither": {},
        "sold": {"miinto": {}},
    }
    for name, block in blocks.items():
        merchants.apply(
            Merchant.model_validate(merchant_file(merchant=name, **block)), "a", after=0
        )
    assert merchants.ids_with_unleashed() == ("both", "erp")
    assert merchants.ids_with_miinto() == ("both", "sold")

    merchants.apply(Merchant.model_validate(merchant_file(merchant="erp")), "ana", after=1)
    assert merchants.ids_with_unleashed() == ("both",)


def test_throttling_is_retryable_and_a_missing_table_is_not(dynamodb: Stores) -> None:
    from returns_hub.adapters.dynamodb.returns import DynamoDbReturns

    elsewhere = DynamoDbReturns(dynamodb.client, "no-such-table", dynamodb.clock)
    with pytest.raises(Misconfigured):
        elsewhere.load("m", "r")

    def refuse(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://x")

    dynamodb.client.meta.events.register_first("before-send.dynamodb.*", refuse)
    with pytest.raises(Retryable):
        dynamodb.returns.load("m", "r")
