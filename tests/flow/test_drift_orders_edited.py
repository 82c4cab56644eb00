"""Orders that were edited upstream and taken in twice, found without anybody telling of it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from returns_hub.domain.drift.findings import Difference
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.unleashed.echoes import reference_of
from returns_hub.errors import Retryable
from returns_hub.flows.drift.comparisons import COMPARISONS
from returns_hub.flows.drift.drift_world import DriftWorld
from returns_hub.flows.sync.sync_world import SyncWorld
from tests.support.order_change_worlds import ChangeBench
from tests.support.order_worlds import LATER, draft
from tests.support.worlds import merchant_file

(COMPARED,) = (one for one in COMPARISONS if one.name == "orders.edited")


def look(bench: ChangeBench) -> list[Difference]:
    """What one look tells."""
    nothing = cast(Any, None)
    feed = SimpleNamespace(
        sync=SyncWorld(bench.world(), bench.records),
        orders=bench.orders,
        world=bench.world(),
        merchant="example",
    )
    world = DriftWorld(feed=cast(Any, feed), findings=nothing, at=bench.clock.now())
    assert COMPARED.applies(world)
    found = list(COMPARED.differences(world))
    assert {one.kind for one in found} <= COMPARED.kinds
    return found


@pytest.mark.parametrize("number", ["1001-1", "1001-E1", "1001/2", "1001-12"])
def test_an_order_and_its_edit_are_found(number: str) -> None:
    bench = ChangeBench()
    bench.order("1001", ("TEE", 3), ("MUG", 1))
    bench.order(number, ("TEE", 2))
    bench.order("1002")
    (found,) = look(bench)
    assert found.kind == "orders.edited_twice"
    assert found.subject == f"1001 + {number}"
    assert dict(found.says) == {
        "Mintsoft 1001": "not despatched",
        f"Mintsoft {number}": "not despatched",
    }
    assert (found.units, found.confirm) == (2, True)
    assert found.mend == f"hub orders change example 1001 edited --replaced-by {number} --dry-run"


@pytest.mark.parametrize(
    ("statuses", "is_found"),
    [
        (("NEW", "PICKED"), True),
        (("DESPATCHED", "DESPATCHED"), True),
        (("NEW", "DESPATCHED"), False),
        (("DESPATCHED", "NEW"), False),
        (("CANCELLED", "NEW"), False),
        (("NEW", "CANCELLED"), False),
    ],
)
def test_two_are_held_against_each_other_where_both_may_go_or_both_have_gone(
    statuses: tuple[str, str], is_found: bool
) -> None:
    bench = ChangeBench()
    bench.order("1001", status=statuses[0])
    bench.order("1001-1", status=statuses[1])
    assert bool(look(bench)) is is_found


def test_an_edit_of_an_edit_counts_though_the_first_was_cancelled() -> None:
    bench = ChangeBench()
    bench.order("1001", status="CANCELLED")
    bench.order("1001-1")
    bench.order("1001-2")
    assert [one.subject for one in look(bench)] == ["1001-1 + 1001-2"]


def test_numbers_that_only_look_alike_are_not_held_against_each_other() -> None:
    bench = ChangeBench()
    for number in ("SO-10", "SO-11", "1001", "1001-123", "11001", "1001-A"):
        bench.order(number)
    assert look(bench) == []


def test_a_split_order_is_one() -> None:
    bench = ChangeBench()
    bench.split(bench.order("1001", ("TEE", 2)), {"TEE": 1})
    assert look(bench) == []


def test_an_order_that_was_merged_with_its_edit_is_found() -> None:
    bench = ChangeBench()
    bench.merge(bench.order("1001"), bench.order("1001-1"))
    assert [one.subject for one in look(bench)] == ["1001 + 1001-1"]


def test_two_orders_with_one_reference_are_found() -> None:
    bench = ChangeBench()
    one, other = bench.order("1001"), bench.order("2002")
    for order in (one, other):
        bench.mintsoft.orders[order].external_reference = "shop-77"
    assert [found.subject for found in look(bench)] == ["1001 + 2002"]


def test_what_the_hub_made_is_left_out() -> None:
    bench = ChangeBench()
    for number in ("SO-1", "SO-1/1", "SO-1/2"):
        reference = reference_of("shipment", number)
        bench.orders.create_order(draft(number, external_reference=reference), LATER)
    assert look(bench) == []


def test_a_change_that_waits_is_in_flight_and_one_that_a_person_is_asked_about_is_not() -> None:
    bench = ChangeBench()
    order = bench.order("1001")
    bench.edited()
    bench.mintsoft.set_status(order, 17)
    bench.order("1001-1", status="PICKED")
    assert look(bench) == []
    bench.edited()
    assert bench.parked() == ["order_change.duplicate"]
    assert len(look(bench)) == 1


def test_a_list_that_does_not_come_to_its_end_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = ChangeBench()
    bench.order("1001")
    updated = bench.orders.orders_updated_since
    monkeypatch.setattr(
        bench.orders, "orders_updated_since", lambda since, *_, **__: updated(since, 1)
    )
    with pytest.raises(Retryable):
        look(bench)


def test_orders_of_long_ago_are_left() -> None:
    bench = ChangeBench()
    bench.order("1001")
    bench.order("1001-1")
    bench.clock.advance(days=31)
    assert look(bench) == []


def test_the_merchants_file_says_what_an_edit_puts_behind_a_number() -> None:
    bench = ChangeBench(edit_suffix="_v[0-9]")
    bench.order("1001")
    bench.order("1001-1")
    bench.order("1001_v2")
    assert [found.subject for found in look(bench)] == ["1001 + 1001_v2"]


@pytest.mark.parametrize("suffix", ["(", "[0-9]*", "a{999999999999}", "(-?[0-9]+)+"])
def test_a_suffix_that_is_none_is_refused(suffix: str) -> None:
    with pytest.raises(ValueError, match="edit_suffix"):
        Merchant.model_validate(merchant_file(order_changes={"edit_suffix": suffix}))


def test_one_that_changed_while_it_was_listed_counts_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = ChangeBench()
    order = bench.order("1001", ("TEE", 2))
    bench.order("1001-1", ("TEE", 2))
    page = bench.orders.orders_updated_since(bench.clock.now() - timedelta(days=1), 9)
    bench.clock.advance(minutes=1)
    bench.mintsoft.set_status(order, 3)
    later = bench.orders.orders_updated_since(bench.clock.now() - timedelta(days=1), 9)
    both = (*later.orders, *page.orders)
    monkeypatch.setattr(bench.orders, "orders_updated_since", lambda *_, **__: type(page)(both, 2))
    assert look(bench) == []
