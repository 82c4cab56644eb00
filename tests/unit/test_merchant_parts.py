"""A webhook's door reads its part of a merchant's file: no more, and nothing that is damaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from returns_hub.adapters.dynamodb.items import typed
from returns_hub.adapters.dynamodb.merchant_parts import MerchantParts
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.loop import webhook as loop
from returns_hub.adapters.redo import deliveries as redo
from returns_hub.adapters.unleashed import webhooks as unleashed
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.store_version import ROWS, StoreVersion
from returns_hub.errors import Misconfigured, Permanent
from tests.flow.test_damaged_merchant import HARMS
from tests.simulation.permissions import resources
from tests.support import fakes
from tests.support.dynamodb import InMemoryDynamoDb
from tests.support.loop_worlds import loop_file
from tests.support.worlds import merchant_file

MERCHANT = "example"
DOORS: dict[str, Any] = {"redo": redo, "loop": loop, "unleashed": unleashed}


class Kept:
    """A table with one merchant's file."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.clock = cast(Any, fakes.TestClock())
        tables = {n: r["Properties"] for n, r in resources().items() if "DynamoDB" in r["Type"]}
        made = InMemoryDynamoDb(tables, now=lambda: self.clock.now().timestamp())
        self.tables = cast(Any, made)
        self.merchants = DynamoDbMerchants(self.tables, "MerchantsTable", self.clock)
        self.file = Merchant.model_validate(content)
        self.merchants.apply(self.file, "test", after=0)

    def part(self, door: str) -> MerchantParts[Any]:
        return MerchantParts(self.tables, "MerchantsTable", self.clock, DOORS[door].Part)

    def harm(self, harm: Callable[[dict[str, Any]], object]) -> None:
        key = typed({"pk": MERCHANT, "sk": "LIVE"})
        row = dict(self.tables.get_item(TableName="MerchantsTable", Key=key)["Item"])
        harm(row)
        self.tables.put_item(TableName="MerchantsTable", Item=row)

    def set_file(self, text: str) -> None:
        self.harm(lambda row: row.update(typed({"file": text})))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("content", [merchant_file(), loop_file()], ids=["redo", "loop"])
def test_a_doors_terms_are_those_of_the_whole_file(door: str, content: dict[str, Any]) -> None:
    kept = Kept(content | {"merchant": MERCHANT})
    of_the_part = DOORS[door].terms_of(kept.part(door).live(MERCHANT).merchant)
    of_the_file = DOORS[door].terms_of(kept.file)
    assert (of_the_part is None) == (of_the_file is None)
    if of_the_file is not None:
        assert (of_the_part.secret, of_the_part.proof) == (of_the_file.secret, of_the_file.proof)


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_row_is_refused(harm: str) -> None:
    kept = Kept(merchant_file(merchant=MERCHANT))
    kept.harm(HARMS[harm])
    with pytest.raises(Misconfigured) as refused:
        kept.part("redo").live(MERCHANT)
    assert refused.value.code == "merchant.unreadable"


def test_the_doors_own_block_is_read_as_strictly_as_in_the_file() -> None:
    kept = Kept(merchant_file(merchant=MERCHANT))
    kept.set_file('{"merchant": "example", "redo": {"store_id": "s", "new": 1}}')
    with pytest.raises(Misconfigured, match=r"does not fit this release at redo\.new"):
        kept.part("redo").live(MERCHANT)


def test_a_block_of_another_release_is_its_own_flows_to_wait_for() -> None:
    kept = Kept(merchant_file(merchant=MERCHANT))
    kept.set_file('{"merchant": "example", "redo": {"store_id": "s"}, "new": {}}')
    assert redo.terms_of(kept.part("redo").live(MERCHANT).merchant) is not None
    with pytest.raises(Misconfigured):
        kept.merchants.live(MERCHANT)


def test_nobody_is_told_apart_from_a_store_that_is_not_known() -> None:
    kept = Kept(merchant_file(merchant=MERCHANT))
    with pytest.raises(Permanent):
        kept.part("redo").live("nobody")
    kept.merchants.store.write(
        kept.merchants.store.read(), StoreVersion(ROWS + 2, ROWS + 2), "a later release"
    )
    with pytest.raises(Misconfigured) as refused:
        kept.part("redo").live(MERCHANT)
    assert refused.value.code == "store.unknown_version"
