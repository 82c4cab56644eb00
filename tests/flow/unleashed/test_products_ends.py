"""Products of Unleashed that end, and products that other flows need."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.domain.sync.records import SyncState
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.take import Taking
from returns_hub.flows.unleashed.goods.products import ProductsSource, product_step
from tests.support.erp_products import (
    FLOW,
    bench_in_step,
    edited,
    guid,
    hands,
    state,
    there,
    writes,
)
from tests.support.erp_worlds import ErpBench


@pytest.fixture
def bench() -> ErpBench:
    return bench_in_step()


# -- its end -----------------------------------------------------------------------------------


def test_a_product_that_is_obsolete_is_discontinued_and_taken_up_again(bench: ErpBench) -> None:
    hands(bench).obsolete_product("TEE-RED-M")
    assert bench.run("products") == {"discontinued": 1}
    assert there(bench, "TEE-RED-M").discontinued
    assert bench.run("products") == {}

    assert edited(bench, Obsolete=False, Barcode="501") == {"taken_up": 1}
    tee = there(bench, "TEE-RED-M")
    assert (tee.discontinued, tee.ean) == (False, "501")


def test_what_was_obsolete_before_the_hub_was_live_is_left() -> None:
    bench = ErpBench()
    hands(bench).obsolete_product("TEE-RED-M")
    bench.clock.advance(days=30)
    bench.file["live_from"] = bench.clock.now().isoformat()
    bench.set("products")

    bench.run("products")

    assert not there(bench, "TEE-RED-M").discontinued


def test_a_deleted_product_is_discontinued_when_somebody_tells_of_it(bench: ErpBench) -> None:
    key = guid(bench, "CAP-BLACK")
    hands(bench).delete_product("CAP-BLACK")
    assert bench.run("products") == {}, "no list shows that it went"

    told_of(bench, key)

    assert there(bench, "CAP-BLACK").discontinued
    assert bench.state_of(FLOW, key).outcome == "discontinued"
    told_of(bench, key)
    assert len(writes(bench)) == 1


def test_a_product_that_was_deleted_and_made_anew_is_not_discontinued(bench: ErpBench) -> None:
    key = guid(bench, "CAP-BLACK")
    hands(bench).delete_product("CAP-BLACK")
    hands(bench).add_product({"ProductCode": "CAP-BLACK", "ProductDescription": "Cap"})

    told_of(bench, key)
    bench.run("products")

    assert not there(bench, "CAP-BLACK").discontinued
    assert state(bench, "CAP-BLACK").outcome == "in_step"
    assert bench.state_of(FLOW, key).skips == ("unleashed.made_anew",)


def test_a_deleted_product_that_mintsoft_never_had_is_left(bench: ErpBench) -> None:
    told_of(bench, "00000000-0000-4000-8000-000000000009")

    assert writes(bench) == []


def told_of(bench: ErpBench, key: str) -> None:
    """A webhook names a product, and its record is dealt with as it is now."""
    bench.clock.advance(minutes=1)
    world = bench.erp_world("products")
    source = ProductsSource(world)
    change = source.read(key)
    assert change is not None
    Taking(source, world.sync, lambda: True).deal_with(change)


# -- for others --------------------------------------------------------------------------------


def needed(bench: ErpBench, code: str) -> Any:
    """The step by which an other flow's record has the product made."""
    empty = SyncState(merchant="example", flow="unleashed.purchase_orders", key="po-1")
    return product_step(bench.erp_world("purchase_orders"), empty, code)


def test_another_flow_has_a_product_made(bench: ErpBench) -> None:
    hands(bench).add_product({"ProductCode": "MUG-BLU", "ProductDescription": "Blue mug"})

    step = needed(bench, "MUG-BLU")
    step.send(bench.clock.now().replace(year=2100))

    assert there(bench, "MUG-BLU").name == "Blue mug"
    assert needed(bench, "MUG-BLU") is None
    assert bench.run("products") == {"in_step": 1}


@pytest.mark.parametrize(
    ("code", "code_of_it", "says"),
    [
        ("NONE", "unleashed.no_such_product", "has no product"),
        ("A&B", "unleashed.bad_product", "holds &"),
        ("CARRIAGE", "unleashed.bad_product", "never diminishes"),
    ],
)
def test_a_product_that_cannot_be_made_is_refused_with_the_reason(
    bench: ErpBench, code: str, code_of_it: str, says: str
) -> None:
    hands(bench).add_product({"ProductCode": "A&B", "ProductDescription": "Odd"})

    with pytest.raises(Permanent, match=says) as refused:
        needed(bench, code)

    assert refused.value.code == code_of_it


def test_a_product_that_is_being_made_is_waited_for(bench: ErpBench) -> None:
    hands(bench).add_product({"ProductCode": "MUG-BLU", "ProductDescription": "Blue mug"})
    bench.mintsoft.faults.add(Fault(FaultKind.ERROR_500_BEFORE, method="PUT", path="/api/Product$"))
    assert bench.run("products") == {"later": 1}

    with pytest.raises(Retryable, match="being made"):
        needed(bench, "MUG-BLU")
