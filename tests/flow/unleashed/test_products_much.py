"""The first reading of a catalogue, over several runs, and what a run costs after that."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.unleashed.hands_goods import Hands
from tests.support.erp_worlds import ErpBench

FLOW = "unleashed.products"


def stocked(count: int, *, both: bool = True, **block: Any) -> ErpBench:
    """A merchant with so many more products, which Mintsoft has as well, or has not."""
    bench = ErpBench(catalogue_page_size=10, **block)
    users = Hands(bench.desk_there)
    for number in range(count):
        code = f"P{number:04}"
        users.add_product(
            {"ProductCode": code, "ProductDescription": code, "DefaultPurchasePrice": 2}
        )
    if both:
        products = {str(2000 + n): _there(f"P{n:04}") for n in range(count)}
        bench.mintsoft.seed({"products": products})
    bench.set("products", create=False, updates=["barcode"])
    return bench


def _there(code: str) -> dict[str, Any]:
    return {"sku": code, "name": code, "client_id": 12}


def paths(bench: ErpBench, of: Any) -> list[str]:
    found = [request.path for request in of.requests]
    of.requests.clear()
    return found


def run_until_whole(bench: ErpBench) -> list[dict[str, int]]:
    runs = []
    while True:
        runs.append(bench.run("products"))
        cursor = bench.cursors.read(f"sync/{FLOW}/example")
        if cursor["whole"]:
            return runs
        assert len(runs) < 20


def test_a_reading_that_its_calls_do_not_suffice_for_goes_on_where_it_was() -> None:
    bench = stocked(200, calls_per_run=10)

    runs = run_until_whole(bench)

    asked = paths(bench, bench.to_unleashed)
    assert [run.get("cut_off", 0) for run in runs] == [1, 1, 0]
    assert asked == [f"/Products/{n}" for n in (*range(1, 11), *range(10, 20), 19, 20, 21, 22)]
    dealt_with = [state for state in bench.records.states.values() if state.flow == FLOW]
    assert len(dealt_with) == 212
    assert not any(state.in_work for state in dealt_with)


def test_the_warehouses_list_is_read_once_for_all_runs() -> None:
    bench = stocked(200, calls_per_run=10)

    run_until_whole(bench)

    lists = [path for path in paths(bench, bench.to_mintsoft) if path.endswith("/List")]
    assert len(lists) == 4, "three pages, and one behind the last"


def test_what_is_in_step_costs_the_warehouse_nothing() -> None:
    bench = stocked(200)

    (ended,) = run_until_whole(bench)

    assert ended == {"in_step": 208, "skipped": 4}
    asked = paths(bench, bench.to_mintsoft)
    assert set(asked) == {"/api/Product/List"}


def test_afterwards_it_costs_what_changed() -> None:
    bench = stocked(200)
    run_until_whole(bench)
    paths(bench, bench.to_unleashed)
    paths(bench, bench.to_mintsoft)
    users = Hands(bench.desk_there)
    for number in range(5):
        users.change_product(f"P{number:04}", {"Barcode": f"50{number}"})

    assert bench.run("products") == {"updated": 5}

    assert paths(bench, bench.to_unleashed) == ["/Products/1"]
    assert len(paths(bench, bench.to_mintsoft)) == 5 * 4


def test_time_that_ends_while_the_warehouses_list_is_read_is_no_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = stocked(200)
    monkeypatch.setattr("returns_hub.flows.unleashed.goods.product_list.CALLS_AT_ONCE", 1)
    read = bench.products.products_updated_since

    def slowly(*asked: Any) -> Any:
        bench.clock.left -= 20.0
        return read(*asked)

    monkeypatch.setattr(bench.products, "products_updated_since", slowly)
    bench.clock.left = 90.0

    assert bench.run("products") == {"not_started": 1}
    bench.clock.left = 600.0
    assert run_until_whole(bench) == [{"in_step": 208, "skipped": 4}]
    lists = [path for path in paths(bench, bench.to_mintsoft) if path.endswith("/List")]
    assert len(lists) == 4


@pytest.mark.parametrize(("days", "ended"), [(5, "made"), (7, "in_step")])
def test_an_old_shelf_is_not_believed(days: int, ended: str) -> None:
    """With the shelf the product is missing; without it Mintsoft is asked, and has it."""
    bench = stocked(30)
    bench.set("products", create=True)
    bench.to_unleashed.refuse = True
    assert bench.run("products") == {"cut_off": 1}
    assert ("example", "SOCK-3PK") not in bench.shelf.rows
    assert ("example", "P0008") in bench.shelf.rows
    bench.to_unleashed.refuse = False
    bench.mintsoft.seed({"products": {"5000": _there("SOCK-3PK")}})

    bench.run("products", days=days)

    assert bench.state_of(FLOW, _guid(bench, "SOCK-3PK")).outcome == ended
    made = [p["sku"] for p in bench.mintsoft.tenant.products.values()]
    assert made.count("SOCK-3PK") == 1


def test_a_page_size_that_changed_begins_at_the_front() -> None:
    bench = stocked(200, calls_per_run=10)
    bench.run("products")
    bench.file["unleashed"]["catalogue_page_size"] = 100
    paths(bench, bench.to_unleashed)

    run_until_whole(bench)

    assert paths(bench, bench.to_unleashed) == ["/Products/1", "/Products/2", "/Products/3"]


def test_a_product_that_moved_onto_an_earlier_page_is_not_passed_over() -> None:
    """Somebody deletes products while the list is read."""
    bench = stocked(60)
    users = Hands(bench.desk_there)
    carry = bench.to_unleashed.send
    gone: list[int] = []

    def deleting(request: Any, *more: Any, **named: Any) -> Any:
        if "/Products/3" in request.url and not gone:
            for number in range(4):
                users.delete_product(f"P{number:04}")
                gone.append(number)
        return carry(request, *more, **named)

    bench.to_unleashed.send = deleting  # type: ignore[method-assign]

    run_until_whole(bench)

    seen = {key for _, flow, key in bench.records.states if flow == FLOW}
    assert set(bench.desk_there.company.all("Products")) <= seen


def _guid(bench: ErpBench, code: str) -> str:
    found: str = bench.desk_there.company.coded("Products", code)["Guid"]
    return found
