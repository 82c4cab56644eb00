"""Customers of Unleashed: their Guids are kept, and nothing else of them."""

from __future__ import annotations

import json
from typing import Any

from tests.support.erp_worlds import ErpBench


def stocked(count: int, **block: Any) -> ErpBench:
    bench = ErpBench(**block)
    customers = bench.desk_there.company
    (currency, *_) = customers.all("Currencies")
    for number in range(count):
        row = dict.fromkeys(next(iter(customers.all("Customers").values())))
        row |= {"CustomerCode": f"C{number:03}", "CustomerName": f"Pat Sample {number}"}
        row |= {"Currency": currency, "Obsolete": number == 0, "StopCredit": False}
        for stamp in ("CreatedOn", "CreatedBy", "LastModifiedOn", "LastModifiedBy", "_order"):
            row.pop(stamp, None)
        customers.add("Customers", row)
    bench.set("customers", mode="shadow")
    return bench


def kept(bench: ErpBench) -> set[str]:
    return {code for _, kind, code in bench.guids.rows if kind == "customer"}


def asked(bench: ErpBench) -> list[str]:
    found = [request.target for request in bench.to_unleashed.requests]
    bench.to_unleashed.requests.clear()
    return found


def test_a_run_keeps_the_guids_of_all_customers_and_counts_them() -> None:
    bench = stocked(5)

    assert bench.run("customers") == {}

    assert kept(bench) == {"WEBSHOP", "WEBSHOP-DK", "BOUTIQUE", *(f"C00{n}" for n in range(5))}
    assert bench.telemetry.total("UnleashedCustomers", merchant="example") == 8
    assert asked(bench) == ["/Customers/1?includeObsolete=true&pageSize=200"]


def test_it_runs_once_in_its_hours_and_reads_what_changed() -> None:
    bench = stocked(5)
    bench.run("customers")
    assert bench.run("customers", hours=23) == {"not_due": 1}
    asked(bench)

    assert bench.run("customers", hours=1) == {}

    (target,) = asked(bench)
    assert "modifiedSince=" in target
    assert bench.telemetry.total("UnleashedCustomers", merchant="example") == 8


def test_more_customers_than_a_run_may_ask_for_are_read_over_several() -> None:
    bench = stocked(40, page_size=2, calls_per_run=10)

    assert bench.run("customers") == {"cut_off": 1}
    assert bench.run("customers", minutes=5) == {"cut_off": 1}
    assert bench.run("customers", minutes=5) == {}

    assert len(kept(bench)) == 43
    assert bench.run("customers", minutes=5) == {"not_due": 1}
    pages = [target.split("?")[0] for target in asked(bench)]
    assert pages[:11] == [f"/Customers/{n}" for n in (*range(1, 11), 10)]


def test_nobodys_name_is_kept_or_logged() -> None:
    bench = stocked(5)

    bench.run("customers")

    everything = json.dumps(
        [bench.telemetry.lines, str(bench.guids.rows), str(bench.records.states)], default=str
    )
    everything += str(bench.cursors.read("sync/unleashed.customers/example"))
    assert "Sample" not in everything
    assert bench.records.states == {}


def test_nothing_is_written_to_anybody() -> None:
    bench = stocked(5)
    bench.set("customers", mode="live")

    bench.run("customers")

    assert bench.written_there() == []
    assert bench.to_mintsoft.requests == []
