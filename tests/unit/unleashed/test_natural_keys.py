"""Guids by code: kept by account, compared exactly, found though a code cannot be in a query."""

from __future__ import annotations

from typing import Any

from local.simulators.wire import json_reply
from tests.support.unleashed_wire import API_KEY, Seen, UnleashedBench, guid, listed

CODES = ["MUG", "MUG-BLU", "MUG-BLU-2", "mug-blu", "A/B 1", "A", "Überzug"]


def bench_with(codes: list[str]) -> UnleashedBench:
    """Products by code; the filter matches beginnings, whatever their case."""
    bench = UnleashedBench()
    rows = [{"Guid": guid(n), "ProductCode": code} for n, code in enumerate(codes, start=1)]

    def products(seen: Seen) -> Any:
        begins = seen.one("productCode").lower()
        found = [row for row in rows if str(row["ProductCode"]).lower().startswith(begins)]
        number = int(seen.path.rsplit("/", 1)[1])
        return json_reply(200, listed(found, number, int(seen.one("pageSize"))))

    bench.wire.answers["GET", "/Products"] = products
    warehouses = [{"Guid": guid(90 + n), "WarehouseCode": w} for n, w in enumerate(["MAIN", "3PL"])]
    bench.wire.lists("/Warehouses", warehouses)
    return bench


def test_codes_are_compared_exactly() -> None:
    bench = bench_with(CODES)
    keys = bench.natural_keys(bench.client())

    assert keys.find("product", ["MUG-BLU", "mug-blu", "MUG-B"]) == {
        "MUG-BLU": guid(2),
        "mug-blu": guid(4),
    }


def test_what_is_kept_is_not_asked_for_again() -> None:
    bench = bench_with(CODES)
    keys = bench.natural_keys(bench.client())
    keys.find("product", ["MUG"])
    asked = len(bench.wire.seen)

    assert keys.find("product", ["MUG", "MUG", ""]) == {"MUG": guid(1)}
    assert len(bench.wire.seen) == asked
    keys.forget("product", ["MUG"])
    keys.find("product", ["MUG"])
    assert len(bench.wire.seen) == asked + 1


def test_one_that_is_not_there_is_asked_for_again_later() -> None:
    bench = bench_with(CODES)
    keys = bench.natural_keys(bench.client())
    assert keys.find("product", ["NEW"]) == {}
    assert keys.find("product", ["NEW"]) == {}
    assert len(bench.wire.seen) == 2


def test_obsolete_ones_are_found_as_well() -> None:
    bench = bench_with(CODES)
    bench.natural_keys(bench.client()).find("product", ["MUG"])
    assert bench.wire.seen[0].query == "productCode=MUG&includeObsolete=true&pageSize=200"


def test_a_code_that_cannot_be_in_a_query_is_found_by_its_beginning() -> None:
    bench = bench_with(CODES)
    keys = bench.natural_keys(bench.client())

    assert keys.find("product", ["A/B 1", "Überzug"]) == {"A/B 1": guid(5), "Überzug": guid(7)}
    assert [seen.one("productCode") for seen in bench.wire.seen] == ["A", ""]


def test_warehouses_are_read_once_for_all() -> None:
    bench = bench_with(CODES)
    keys = bench.natural_keys(bench.client())

    assert keys.find("warehouse", ["MAIN"]) == {"MAIN": guid(90)}
    assert keys.find("warehouse", ["3PL"]) == {"3PL": guid(91)}
    assert len(bench.wire.seen) == 1


def test_another_account_has_guids_of_its_own() -> None:
    """From a sandbox to the live account: the same codes, other Guids."""
    bench = bench_with(CODES)
    bench.guids.remember(bench.client().account, "product", {"MUG": guid(77)})
    other = "99992222-3333-4444-5555-666677778888"
    bench.wire.keys[other] = API_KEY
    bench.set_key(other, API_KEY)
    bench.secrets.cached.clear()

    assert bench.natural_keys(bench.client()).find("product", ["MUG"]) == {"MUG": guid(1)}


def test_what_was_read_anyway_is_learnt_and_what_is_no_object_is_not() -> None:
    bench = bench_with(CODES)
    keys = bench.natural_keys(bench.client())
    keys.learn(
        "customer",
        [
            {"Guid": guid(1).upper(), "customercode": "ACME"},
            {"Guid": "00000000-0000-0000-0000-000000000000", "CustomerCode": "NONE"},
            {"CustomerCode": "NO-GUID"},
            {"Guid": guid(2)},
        ],
    )
    assert keys.find("customer", ["ACME"]) == {"ACME": guid(1)}
    assert not bench.wire.seen
    assert list(bench.guids.rows.values()) == [guid(1)]
