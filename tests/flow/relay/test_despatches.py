"""Despatches upstream: what left is put onto the queue once for each target, and counted right."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.mintsoft import order_reads
from returns_hub.flows.relay import despatches
from returns_hub.flows.relay.despatches import DespatchSource
from returns_hub.flows.sync.take import Taking
from tests.support.fakes import START
from tests.support.order_worlds import PAT
from tests.support.relay import RelayBench, counts_of


def test_what_left_is_told_with_carrier_and_tracking_and_without_the_recipient() -> None:
    it = RelayBench()
    made = it.sent("DK-1001", ("TEE", 2), ("MUG", 1))

    assert it.run() == {"told": 1}
    assert it.deliver() == ["told"]

    (event,) = it.taken()
    assert event["schema"] == "despatch/1"
    assert event["id"] == f"example-despatch-{made}-r1"
    assert event["order_numbers"] == ["DK-1001"]
    assert event["external_reference"] == "ref-DK-1001"
    assert (event["mintsoft_order_id"], event["part"], event["parts"]) == (made, 1, 1)
    assert event["despatched_at"] == "2026-03-02T09:00:00Z"
    assert event["carrier"] == "DHL Parcel Connect"
    assert event["tracking_number"] == "TR-1"
    assert event["tracking_url"] == "https://track.example.test/TR-1"
    assert counts_of(event) == {"MUG": (1, 1, 1, 0, 0), "TEE": (2, 2, 2, 0, 0)}
    said = json.dumps(event) + repr(it.records.events)
    for word in (PAT.first_name, PAT.last_name, PAT.town, PAT.email, PAT.phone, PAT.address[0]):
        assert word not in said


def test_the_same_despatch_is_told_once_however_often_it_is_seen() -> None:
    it = RelayBench()
    made = it.sent()
    it.run()
    it.run()
    it.mintsoft.orders[made].updated_at = it.clock.now()
    assert it.run() == {}

    assert it.outbox.puts == 1
    assert it.deliver() == ["told"]


def test_a_key_that_is_no_order_of_the_warehouses_is_none() -> None:
    assert DespatchSource(RelayBench().feed_world()).read("\u00b2") is None


def test_what_did_not_leave_is_not_told() -> None:
    it = RelayBench()
    it.order("DK-1")
    cancelled = it.order("DK-2")
    it.mintsoft.set_status(cancelled, 3)

    assert it.run() == {}
    assert it.outbox.puts == 0


def test_every_despatch_is_told_however_long_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_reads, "PAGE_SIZE", 1)
    monkeypatch.setattr(despatches, "MOST_CALLS", 4)
    it = RelayBench()
    numbers = [f"DK-{number}" for number in range(9)]
    for number in numbers:
        it.sent(number)
    for _ in range(3):
        it.run()
        it.clock.advance(minutes=5)
    it.deliver()
    assert sorted(number for event in it.taken() for number in event["order_numbers"]) == numbers


def test_every_target_is_told_and_the_event_is_the_same() -> None:
    it = RelayBench("channel", "wair")
    it.sent()

    assert it.run() == {"told": 1}
    assert it.deliver() == ["told", "told"]
    assert it.taken("channel") == it.taken("wair")


def test_tracking_that_comes_later_is_told_once_as_the_next_revision() -> None:
    it = RelayBench()
    made = it.sent(tracking="")
    it.run()
    it.deliver()
    it.add_tracking(made, "TR-9")

    assert it.run() == {"told": 1}
    assert it.run() == {}
    assert it.deliver() == ["told"]
    first, second = it.taken()
    assert (first["tracking_number"], first["revision"]) == (None, 1)
    assert (second["tracking_number"], second["revision"]) == ("TR-9", 2)
    assert second["despatch_id"] == first["despatch_id"]
    assert second["id"] == f"{first['despatch_id']}-r2"


# -- what is not told ---------------------------------------------------------------------------


def test_what_left_before_live_from_is_not_told_and_says_so_once() -> None:
    it = RelayBench()
    it.file["live_from"] = (START + timedelta(minutes=5)).isoformat()
    made = it.sent()
    later = it.order("DK-2")
    it.clock.advance(minutes=6)
    it.despatch(later)

    assert it.run() == {"told": 1, "skipped": 1}
    assert it.state_of(made).skips == ("relay.before_live",)
    assert [json.loads(t)["despatch"]["mintsoft_order_id"] for t in it.outbox.texts] == [later]


def test_only_orders_of_the_channels_are_told() -> None:
    it = RelayBench(channels=["miinto"])
    channels = it.mintsoft.tenant.channels
    names = {word: number for number, word in channels.items()}
    theirs = it.sent("DK-1", channel=names["Miinto"])
    it.sent("DK-2", channel=next(n for n in channels if n != names["Miinto"]))

    assert it.run() == {"told": 1}
    assert [json.loads(t)["despatch"]["mintsoft_order_id"] for t in it.outbox.texts] == [theirs]


def test_a_channel_that_the_warehouse_does_not_have_is_a_wrong_setting() -> None:
    it = RelayBench(channels=["Mintoo"])
    it.sent("DK-1")

    assert "cut_off" in it.run()
    assert it.telemetry.total("Misconfigured", code="relay.no_such_channel") == 1
    it.set(channels=["Miinto"])
    it.run()
    assert it.outbox.puts == 1


def test_off_does_nothing_and_shadow_tells_what_it_would_and_live_then_tells_it() -> None:
    it = RelayBench(mode="off")
    made = it.sent()
    assert it.run() == {"off": 1}
    it.set(mode="shadow")
    assert it.run() == {"shadow": 1}
    assert it.outbox.puts == 0
    assert it.state_of(made).standing == "shadow"
    it.set(mode="live")
    assert it.run() == {"told": 1}
    assert it.deliver() == ["told"]


def test_the_plan_tells_it_and_writes_nothing() -> None:
    it = RelayBench("channel", "wair")
    it.sent("DK-1", ("TEE", 2))
    (change,) = it.plan().changes
    assert change.does == "create"
    assert [step.partner for step in change.steps] == ["channel", "wair"]
    assert change.steps[0].summary == "tell channel that 2 units of DK-1 left"
    assert it.outbox.puts == 0
    assert it.records.states == {}


def test_what_was_told_and_is_taken_back_goes_to_a_person() -> None:
    it = RelayBench()
    made = it.sent()
    it.run()
    it.mintsoft.orders[made].status_id = 1

    assert it.again(made, "a-1") == "parked"
    assert it.parked() == ["relay.taken_back"]
    it.discard()


def test_what_was_never_put_and_is_taken_back_is_not_told() -> None:
    it = RelayBench()
    made = it.sent()
    it.outbox.broken = 1
    it.run()
    it.mintsoft.orders[made].status_id = 1

    assert it.run(minutes=30) == {"skipped": 1}
    assert it.outbox.texts == []


# -- trouble on the way to the queue ------------------------------------------------------------


def test_a_queue_that_cannot_be_asked_is_tried_again_and_who_was_told_is_not_told_again() -> None:
    it = RelayBench("channel", "wair")
    it.sent()
    put = it.outbox.put

    def second_fails(message: Any, send_by: Any) -> None:
        it.outbox.broken = int(it.outbox.puts == 1)
        put(message, send_by)

    it.outbox.put = second_fails  # type: ignore[method-assign]
    assert it.run() == {"later": 1}
    assert it.run() == {"told": 1}
    assert sorted(json.loads(t)["target"] for t in it.outbox.texts) == ["channel", "wair"]


def test_the_power_goes_after_the_message_was_put_and_it_is_told_once() -> None:
    it = RelayBench()
    it.sent()
    it.outbox.lost = 1
    with pytest.raises(RuntimeError):
        it.run()
    it.run(minutes=30)
    it.run(minutes=30)

    assert len(it.outbox.texts) == 2, "nobody knows whether it is on the queue"
    assert sorted(it.deliver()) == ["known", "told"]
    assert len(it.taken()) == 1


def test_what_changes_before_it_is_known_to_be_on_the_queue_gives_way_to_the_newer() -> None:
    it = RelayBench()
    made = it.sent(tracking="")
    it.outbox.lost = 1
    with pytest.raises(RuntimeError):
        it.run()
    it.add_tracking(made, "TR-9")
    it.run(minutes=30)
    it.run(minutes=30)

    revisions = [json.loads(text)["despatch"]["revision"] for text in it.outbox.texts]
    assert revisions == [1, 2]
    assert it.deliver() == ["superseded", "told"]
    (event,) = it.taken()
    assert event["tracking_number"] == "TR-9"
    assert it.state_of(made).standing == "told"


def test_what_changes_back_before_it_was_told_is_told_all_the_same() -> None:
    """The time is over when the older revision has given way, and the newer is not planned yet."""
    it = RelayBench()
    made = it.sent(tracking="TR-1")
    it.outbox.broken = 1
    assert it.run() == {"later": 1}
    it.add_tracking(made, "TR-2")
    world, has_time = it.feed_world(), iter([True, False])
    source = DespatchSource(world)
    change = source.read(str(made))
    assert change is not None
    assert Taking(source, world.sync, lambda: next(has_time)).deal_with(change).word == "later"
    it.add_tracking(made, "TR-1")
    it.run(minutes=30)

    assert it.deliver() == ["told"]
    assert it.taken()[-1]["tracking_number"] == "TR-1"


def test_a_target_that_joins_later_is_told_of_what_leaves_from_then_on() -> None:
    it = RelayBench("channel")
    made = it.sent(tracking="")
    it.run()
    it.add_receiver("wair")
    it.set(targets=it.targets())
    it.sent("DK-2")
    assert it.run() == {"told": 1}
    it.deliver()
    assert [e["order_numbers"] for e in it.taken("wair")] == [["DK-2"]]
    it.add_tracking(made, "TR-9")
    it.run()
    it.deliver()
    assert it.taken("wair")[-1]["id"] == it.taken("channel")[-1]["id"]


def test_what_was_begun_for_a_target_that_is_gone_is_closed_and_the_others_are_told() -> None:
    it = RelayBench("channel", "wair")
    made = it.sent()
    it.outbox.broken = 1
    assert it.run() == {"later": 1}
    del it.receivers["channel"]
    it.set(targets=it.targets())

    assert it.run() == {"told": 1}
    assert [json.loads(text)["target"] for text in it.outbox.texts] == ["wair"]
    assert it.state_of(made).open_steps == ()


def test_an_order_in_a_status_of_the_tenants_own_costs_no_read() -> None:
    it = RelayBench()
    it.mintsoft.tenant.statuses[42] = ("OWN", "OWN")
    it.mintsoft.set_status(it.order("DK-1"), 42)
    it.to_mintsoft.requests.clear()
    it.run()
    reads = [asked for asked in it.to_mintsoft.requests if asked.path.startswith("/api/Order/5")]
    assert reads == []


def test_the_flow_is_due_after_its_interval_and_when_something_comes_back() -> None:
    it = RelayBench()
    assert despatches.is_on(it.live().merchant)
    now = it.clock.now
    assert despatches.is_due(it.feed_world(), now())
    it.run()
    assert not despatches.is_due(it.feed_world(), now() + timedelta(minutes=4))
    assert despatches.is_due(it.feed_world(), now() + timedelta(minutes=5))
    it.sent()
    it.outbox.broken = 1
    it.run()
    assert despatches.is_due(it.feed_world(), now())
    it.set(mode="off")
    assert not despatches.is_on(it.live().merchant)


# -- once more, by a person ---------------------------------------------------------------------


def test_a_person_has_it_told_again_under_a_new_revision_to_the_targets_they_name() -> None:
    it = RelayBench("channel", "wair")
    made = it.sent()
    it.run()
    it.deliver()

    assert it.again(made, "a-1", "wair") == "told"
    assert it.again(made, "a-1", "wair") == "known"
    assert it.deliver() == ["told"]
    assert it.run() == {}
    assert [e["revision"] for e in it.taken("wair")] == [1, 2]
    assert [e["revision"] for e in it.taken("channel")] == [1]
    it.add_tracking(made, "TR-9")
    it.run()
    it.deliver()
    assert [e["revision"] for e in it.taken("channel")] == [1, 3]
    assert [e["revision"] for e in it.taken("wair")] == [1, 2, 3]
