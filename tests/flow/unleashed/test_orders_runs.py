"""Which sales orders are imported, and what runs, shadows and plans make of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.erp_orders import ADDRESS, BLUE, CAP, FLOW, MOVED, TEE, OrdersBench


def test_an_order_of_our_own_is_left() -> None:
    bench = OrdersBench()
    guid, _ = bench.place(fields={"SourceId": "returns-hub:order:1"})

    assert bench.run("orders") == {"skipped": 1}
    assert bench.told(guid) == ["unleashed.order_ours"]


def test_each_warehouse_gets_its_own_and_one_elsewhere_none() -> None:
    bench = OrdersBench(warehouses={"MAIN": 3}, warehouses_elsewhere=["3PL"])
    guid, number = bench.place(warehouse="3PL")
    assert bench.run("orders") == {"skipped": 1}
    assert (bench.all_with(number), bench.told(guid)) == ([], ["unleashed.order_elsewhere"])

    both = OrdersBench()
    numbers = [both.place(warehouse=code)[1] for code in ("MAIN", "3PL")]
    both.run("orders")
    assert [both.got(number).warehouse_id for number in numbers] == [3, 4]


def test_half_a_unit_is_a_persons_question_for_the_whole_order() -> None:
    bench = OrdersBench()
    _, number = bench.place({TEE: 2, BLUE: 0.5})

    assert bench.run("orders") == {"parked": 1}
    assert bench.all_with(number) == []
    assert "line 2 orders 0.5 of TEE-BLU-L" in bench.reasons()[0]


def test_a_sku_on_two_lines_is_one_line_at_the_average_price() -> None:
    bench = OrdersBench()
    _, number = bench.place({TEE: 2, BLUE: 1})
    order = bench.hands.numbered("SalesOrders", number)
    order["SalesOrderLines"][1]["Product"] = order["SalesOrderLines"][0]["Product"]
    bench.run("orders")

    assert bench.units(number) == {TEE: 3}


def test_an_order_without_goods_is_left() -> None:
    bench = OrdersBench()
    guid, number = bench.place({TEE: 1}, charges={"Freight": 4})
    order = bench.hands.numbered("SalesOrders", number)
    order["SalesOrderLines"] = order["SalesOrderLines"][1:]

    assert bench.run("orders") == {"skipped": 1}
    assert bench.told(guid) == ["unleashed.order_no_goods"]


def test_what_makes_no_sense_holds_up_no_other() -> None:
    bench = OrdersBench()
    _, bad = bench.place()
    _, good = bench.place()
    bench.hands.numbered("SalesOrders", bad)["SalesOrderLines"][0]["OrderQuantity"] = None
    bench.run("orders")

    assert bench.units(good) == {TEE: 2}
    assert bench.parked() == ["unleashed.unreadable_order"]
    assert bench.reasons() == [f"order {bad}: line 1 has no OrderQuantity"]


def test_what_was_made_before_live_from_is_the_other_connectors() -> None:
    bench = OrdersBench()
    old, number = bench.place()
    bench.clock.advance(hours=1)
    bench.file["live_from"] = bench.clock.now().isoformat()
    bench.version += 1
    bench.hands.edit_order(number, {TEE: 5})
    new, _ = bench.place()

    assert bench.run("orders") == {"skipped": 1, "imported": 1}
    assert bench.told(old) == ["unleashed.before_live"]
    assert bench.record(new).done("order")


def test_an_order_without_its_date_may_be_the_other_connectors() -> None:
    bench = OrdersBench()
    _, number = bench.place()
    bench.hands.numbered("SalesOrders", number)["CreatedOn"] = None

    assert bench.run("orders") == {"parked": 1}
    assert "has no CreatedOn" in bench.reasons()[0]


# -- shadow, plan, runs ---------------------------------------------------------------------------


def test_shadow_says_what_it_would_do_and_live_does_it() -> None:
    bench = OrdersBench({"mode": "shadow"})
    guid, number = bench.place({TEE: 2, CAP: 1})
    assert bench.run("orders") == {"shadow": 1}
    assert bench.run("orders") == {}
    assert bench.all_with(number) == []
    (told,) = [
        event.fact
        for event in bench.records.timeline("example", FLOW, guid)
        if event.fact.kind == "would_send"
    ]
    assert told.summary == (f"order {number} in warehouse 3: 2 x {TEE}, 1 x {CAP}; courier AUTO")

    bench.set("orders", mode="live")

    assert bench.run("orders") == {"imported": 1}
    assert bench.units(number) == {TEE: 2, CAP: 1}


def test_the_plan_is_readable_tells_no_person_and_writes_nothing() -> None:
    bench = OrdersBench({"channel": "Miinto", "number_prefix": "UNL-"})
    _, number = bench.place({TEE: 2})
    bench.place(warehouse="3PL", status="Parked")
    bench.clock.advance(minutes=20)

    (plan,) = bench.plan("orders")

    does = {change.does: change for change in plan.changes}
    assert set(does) == {"create", "skip"}
    assert [step.summary for step in does["create"].steps] == [
        f"order UNL-{number} in warehouse 3: 2 x {TEE}; courier AUTO, channel Miinto"
    ]
    assert does["skip"].reason == "orders of its status are not imported"
    assert "Patricia" not in str(plan)
    assert "LS1" not in str(plan)
    assert (bench.journal("create-order"), bench.records.events) == ([], {})


def test_nothing_of_a_person_is_kept_or_told() -> None:
    bench = OrdersBench()
    _, number = bench.place(fields={"CustomerRef": "Patricia-77", "Comments": "for Patricia"})
    bench.run("orders")
    bench.hands.set_order_fields(number, MOVED)
    bench.run("orders")
    bench.place(address=ADDRESS | {"DeliveryCountry": ""})
    bench.run("orders")

    kept = str((bench.records.events, bench.parking.items, bench.telemetry.lines))
    for text in ("Patricia", "Test Street", "Other Road", "LS1", "York", "Leeds"):
        assert text not in kept


def test_many_orders_take_several_runs_and_none_is_lost_or_made_twice() -> None:
    bench = OrdersBench(page_size=20, calls_per_run=12)
    numbers = [bench.place()[1] for _ in range(130)]
    handle = bench.mintsoft.handle

    def slow(request: Any) -> Any:
        bench.clock.left -= 0.4
        return handle(request)

    bench.mintsoft.handle = slow  # type: ignore[method-assign]
    runs = 0
    while runs < 20 and len(bench.journal("create-order")) < len(numbers):
        bench.clock.left = 60.0
        bench.run("orders")
        runs += 1

    assert 1 < runs < 20
    assert [len(bench.all_with(number)) for number in numbers] == [1] * len(numbers)
    assert bench.run("orders", minutes=60) == {}


def test_our_own_writes_to_an_order_are_no_change_of_it() -> None:
    bench = OrdersBench()
    guid, number = bench.place()
    bench.run("orders")
    version = bench.record(guid).version

    order = bench.hands.numbered("SalesOrders", number)
    bench.clock.advance(minutes=1)
    bench.desk_there.company.touch(order, "api@unleashedsoftware.com")

    assert bench.run("orders") == {}
    assert bench.record(guid).version == version


def test_the_first_run_reads_as_far_back_as_the_file_says() -> None:
    bench = OrdersBench({"first_look_back_hours": 2})
    old, _ = bench.place()
    bench.clock.advance(hours=3)
    new, _ = bench.place()
    bench.run("orders")

    assert (bench.record(old).version, bench.record(new).outcome) == (0, "imported")
    assert bench.clock.now() - bench.record(new).changed_at < timedelta(hours=1)  # type: ignore[operator]
