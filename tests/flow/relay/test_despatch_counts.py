"""What is told of units: over the parts of a split order, of merged ones, and of bundles."""

from __future__ import annotations

import json

from returns_hub.domain.bundles import KnownBundle
from tests.support.relay import RelayBench, counts_of


def test_the_parts_of_a_split_order_are_counted_each_and_together() -> None:
    it = RelayBench()
    first = it.order("DK-1", ("TEE", 5), ("MUG", 2))
    second = it.split(first, {"TEE": 2, "MUG": 2})
    third = it.split(first, {"TEE": 1})
    it.despatch(second, tracking_number="TR-2")

    assert it.run() == {"told": 1}
    it.deliver()
    (event,) = it.taken()
    assert (event["part"], event["parts"], event["parts_counted"]) == (2, 3, 3)
    assert counts_of(event) == {"MUG": (2, 2, 2, 0, 0), "TEE": (5, 2, 2, 0, 3)}

    it.mintsoft.set_status(third, 3)
    it.despatch(first, tracking_number="TR-1")
    assert it.run() == {"told": 1}
    it.deliver()
    event = it.taken()[-1]
    assert event["mintsoft_order_id"] == first
    assert counts_of(event) == {"MUG": (2, 0, 2, 0, 0), "TEE": (5, 2, 4, 1, 0)}
    assert len(it.taken()) == 2


def test_parts_that_are_seen_together_are_counted_in_the_order_in_which_they_left() -> None:
    it = RelayBench()
    first = it.order("DK-1", ("TEE", 5))
    second = it.split(first, {"TEE": 2})
    it.despatch(second)
    it.clock.advance(minutes=5)
    it.despatch(first)

    assert it.run() == {"told": 2}
    it.deliver()
    by_order = {event["mintsoft_order_id"]: counts_of(event)["TEE"] for event in it.taken()}
    assert by_order == {second: (5, 2, 2, 0, 3), first: (5, 3, 5, 0, 0)}


def test_a_merged_order_names_all_numbers_and_counts_them_together() -> None:
    it = RelayBench()
    one = it.order("DK-1", ("TEE", 1))
    other = it.order("DK-2", ("TEE", 2), ("MUG", 1))
    it.merge(one, other)
    it.despatch(one, tracking_number="TR-1")

    it.run()
    it.deliver()
    (event,) = it.taken()
    assert event["order_numbers"] == ["DK-1", "DK-2"]
    assert counts_of(event) == {"MUG": (1, 1, 1, 0, 0), "TEE": (3, 3, 3, 0, 0)}


def test_a_part_of_an_order_that_was_merged_counts_with_its_other_part() -> None:
    it = RelayBench()
    one = it.order("DK-1", ("TEE", 3))
    part = it.split(one, {"TEE": 1})
    it.despatch(part)
    it.clock.advance(minutes=1)
    it.merge(one, it.order("DK-2", ("MUG", 1)))
    it.despatch(one)

    it.run()
    it.deliver()
    event = next(e for e in it.taken() if e["mintsoft_order_id"] == one)
    assert counts_of(event) == {"MUG": (1, 1, 1, 0, 0), "TEE": (3, 2, 3, 0, 0)}


def test_a_bundle_is_told_with_its_components_and_nested_ones_too() -> None:
    it = RelayBench(bills={"TEE": {"MUG": 2, "CAP": 1}, "CAP": {"PEAK": 3}})
    first = it.order("DK-1", ("TEE", 3))
    second = it.split(first, {"TEE": 1})
    it.despatch(second)

    it.run()
    it.deliver()
    (line,) = it.taken()[0]["lines"]
    assert counts_of({"lines": [line]}) == {"TEE": (3, 1, 1, 0, 2)}
    assert counts_of({"lines": line["components"]}) == {
        "MUG": (6, 2, 2, 0, 4),
        "PEAK": (9, 3, 3, 0, 6),
    }


def test_a_bundle_of_the_warehouses_is_told_with_its_components_too() -> None:
    it = RelayBench()
    known = KnownBundle("TEE", 901, parts={"MUG": 2})
    it.kept.keep_bundles("example", [known, KnownBundle("CAP", 903)])
    it.sent("DK-1", ("TEE", 3), ("CAP", 1))

    it.run()
    it.deliver()
    cap, tee = it.taken()[0]["lines"]
    assert counts_of({"lines": tee["components"]}) == {"MUG": (6, 6, 6, 0, 0)}
    assert cap["components"] == [], "it is known to be a bundle, and nobody says of what"


def test_a_bundle_that_cannot_be_expanded_is_told_without_components() -> None:
    it = RelayBench(bills={"TEE": {"MUG": 1}})
    it.kept.keep_bundles("example", [KnownBundle("MUG", 902, parts={"TEE": 1})])
    it.sent("DK-1", ("TEE", 3))
    it.run()
    it.deliver()
    assert it.taken()[0]["lines"][0]["components"] == []


def test_another_part_leaving_is_no_news_of_the_one_that_left_before() -> None:
    it = RelayBench()
    first = it.order("DK-1", ("TEE", 5))
    second = it.split(first, {"TEE": 2})
    it.despatch(second)
    it.run()
    it.split(first, {"TEE": 1})
    it.despatch(first)

    assert it.run() == {"told": 1}
    assert [json.loads(text)["despatch"]["revision"] for text in it.outbox.texts] == [1, 1]
