"""What Unleashed tells by webhook is dealt with at once, once, and polling carries on beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.unleashed.hands_goods import Hands
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.sync.cursor import SyncCursor, cursor_name
from returns_hub.flows.sync.mailbox import MOST_WAITING, Mailbox
from returns_hub.flows.unleashed.beside import ALONE, SILENT, is_stale, look_at_webhook
from returns_hub.flows.unleashed.run import leave_told, run_told
from tests.support.erp_orders import FLOW, TEE, OrdersBench
from tests.support.erp_products import there
from tests.support.fakes import TestClock
from tests.support.sync import FakePartner, FakeSource
from tests.support.unleashed_door import NoticeDoor

PRODUCTS = "unleashed.products"


class Told:
    """Orders and products that the webhook tells of, through the door and from its queue."""

    def __init__(self, orders: dict[str, Any] | None = None) -> None:
        self.bench = OrdersBench(orders)
        self.bench.set("products")
        self.bench.run("products")
        self.bench.run("orders")
        self.door = NoticeDoor(self.bench)
        self.door.subscribe()
        self.bench.clock.advance(minutes=1)
        self.forget()

    def forget(self) -> None:
        self.bench.to_unleashed.requests.clear()
        self.bench.to_mintsoft.requests.clear()

    def come(self) -> dict[str, int]:
        """What is due is delivered, and dealt with."""
        self.door.deliver()
        return self.door.work()

    def missed(self, flow: str = "orders") -> int:
        return self.door.deliveries.watched("example", flow).missed


@pytest.fixture
def told() -> Told:
    return Told()


def made_orders(told: Told) -> int:
    return sum(
        request.method == "PUT" and request.path == "/api/Order"
        for request in told.bench.to_mintsoft.requests
    )


# -- at once, and once -------------------------------------------------------------------------


def test_an_order_is_imported_before_any_list_is_read(told: Told) -> None:
    guid, _ = told.bench.place()

    assert told.come()["imported"] == 1

    assert told.bench.state_of(FLOW, guid).outcome == "imported"
    assert told.bench.asked_there("/SalesOrders/1") == []
    assert made_orders(told) == 1


def test_polling_carries_on_and_finds_nothing_left(told: Told) -> None:
    told.bench.place()
    told.come()

    assert told.bench.run("orders") == {}
    assert made_orders(told) == 1
    assert told.missed() == 0


def test_what_polling_found_first_is_known_when_it_is_told(told: Told) -> None:
    told.bench.place()
    assert told.bench.run("orders")["imported"] == 1

    told.come()

    assert told.door.bench.telemetry.total("Synced", outcome="imported") == 1
    assert made_orders(told) == 1


def test_a_delivery_that_comes_twice_is_read_once(told: Told) -> None:
    told.bench.account.set(webhook_double=1.0)
    guid, _ = told.bench.place()
    told.door.deliver()

    keys = [asked.key for asked in told.door.asked()]

    assert len(keys) == len(set(told.door.deliveries.taken))
    assert guid in keys


def test_an_edit_follows_at_once(told: Told) -> None:
    _, number = told.bench.place({TEE: 2})
    told.come()
    told.bench.clock.advance(minutes=1)
    told.bench.hands.edit_order(number, {TEE: 5})

    assert told.come()["edited"] == 1

    assert told.bench.units(number) == {TEE: 5}


def test_a_deleted_order_is_a_persons_question(told: Told) -> None:
    _, number = told.bench.place()
    told.come()
    told.bench.clock.advance(minutes=1)
    told.bench.hands.delete_order(number)

    told.come()

    assert told.bench.parked() == ["unleashed.order_deleted"]


def test_a_deleted_order_is_cancelled_where_the_file_says_so() -> None:
    told = Told({"edits": {"deletions": "cancel"}})
    _, number = told.bench.place()
    told.come()
    told.bench.clock.advance(minutes=1)
    told.bench.hands.delete_order(number)

    assert told.come() == {"cancelled": 1}


def test_a_deleted_product_which_no_list_shows_is_discontinued(told: Told) -> None:
    Hands(told.bench.desk_there).delete_product("CAP-BLACK")

    assert told.come() == {"discontinued": 1}

    assert there(told.bench, "CAP-BLACK").discontinued


def test_an_order_that_is_gone_without_a_trace_is_a_persons_question(told: Told) -> None:
    guid, _ = told.bench.place()
    told.come()
    told.bench.desk_there.company.records["SalesOrders"].pop(guid)

    ended = run_told("orders", told.bench.erp_world("orders"), guid, is_sure=True)

    assert ended == {"parked": 1}
    assert told.bench.parked() == ["sync.gone"]
    run_told("orders", told.bench.erp_world("orders"), guid, is_sure=True)
    assert len(told.bench.parked()) == 1


# -- not visible yet ---------------------------------------------------------------------------

NOBODY = "99999999-9999-4999-8999-999999999999"


@pytest.mark.parametrize("flow", ["orders", "products"])
def test_what_does_not_show_yet_is_told_again(told: Told, flow: Any) -> None:
    with pytest.raises(Retryable) as raised:
        run_told(flow, told.bench.erp_world(flow), NOBODY)
    assert raised.value.code == "sync.not_visible"
    assert told.bench.state_of(f"unleashed.{flow}", NOBODY).version == 0
    assert (
        told.bench.cursors.standing(cursor_name(f"unleashed.{flow}", "example")).held_until is None
    )


def test_what_never_shows_is_nothing(told: Told) -> None:
    run_told("orders", told.bench.erp_world("orders"), NOBODY, is_sure=True)
    assert told.bench.parked() == []
    assert told.bench.run("orders") == {}


# -- another run is at work --------------------------------------------------------------------


def test_while_another_run_is_at_work_it_is_left_for_the_next_one(told: Told) -> None:
    guid, _ = told.bench.place()
    told.door.deliver()
    cursors = told.bench.cursors
    lease = cursors.acquire(cursor_name(FLOW, "example"), "another", 300)
    assert lease is not None

    assert set(told.door.work()) == {"left"}
    assert told.bench.state_of(FLOW, guid).version == 0
    cursors.release(lease)

    # The interval is not over: only what was told of is dealt with.
    assert told.bench.run("orders", minutes=2) == {"imported": 1}
    assert told.bench.asked_there("/SalesOrders/1") == []
    assert Mailbox(FLOW, "example", told.bench.stores()).waiting() == {}


def test_what_was_left_is_taken_by_the_next_record_too(told: Told) -> None:
    first, _ = told.bench.place()
    second, _ = told.bench.place()
    leave_told("orders", told.bench.erp_world("orders"), first)

    assert run_told("orders", told.bench.erp_world("orders"), second) == {"imported": 2}


def test_what_was_told_again_meanwhile_stays_in_the_mailbox(told: Told) -> None:
    box = Mailbox(FLOW, "example", told.bench.stores())
    box.put("a")
    seen = box.waiting()
    told.bench.clock.advance(seconds=1)
    box.put("a")

    box.clear(seen)

    assert list(box.waiting()) == ["a"]
    box.clear(box.waiting())
    assert box.waiting() == {}


def test_a_mailbox_that_somebody_is_at_sends_the_message_back(told: Told) -> None:
    box = Mailbox(FLOW, "example", told.bench.stores())
    lease = told.bench.cursors.acquire(box.name, "another", 10)
    assert lease is not None
    with pytest.raises(Retryable):
        box.put("a")
    told.bench.cursors.advance(lease, {"told": {str(at): "x" for at in range(MOST_WAITING)}})
    told.bench.cursors.release(lease)
    with pytest.raises(Retryable, match="2000 records wait"):
        box.put("a")
    box.put("7")
    assert len(box.waiting()) == 100


def test_a_partner_that_is_away_leaves_the_record_to_the_next_tick(told: Told) -> None:
    guid, _ = told.bench.place()
    told.door.deliver()
    told.bench.to_unleashed.refuse = True

    assert set(told.door.work()) == {"later"}
    told.bench.to_unleashed.refuse = False

    assert told.bench.run("orders", minutes=2)["imported"] == 1
    assert told.bench.state_of(FLOW, guid).outcome == "imported"


def test_what_came_back_before_waits_on(told: Told) -> None:
    first, _ = told.bench.place()
    told.bench.to_unleashed.refuse = True
    run_told("orders", told.bench.erp_world("orders"), first)
    told.bench.to_unleashed.refuse = False
    second, _ = told.bench.place()

    assert run_told("orders", told.bench.erp_world("orders"), second) == {"imported": 1}

    assert told.bench.run("orders", minutes=2) == {"imported": 1}
    assert told.bench.state_of(FLOW, first).outcome == "imported"


def test_in_shadow_nothing_is_written() -> None:
    told = Told({"mode": "shadow"})
    guid, _ = told.bench.place()

    assert told.come() == {"shadow": 1}

    assert made_orders(told) == 0
    told.bench.set("orders", mode="live")
    assert told.bench.run("orders")["imported"] == 1
    assert told.bench.state_of(FLOW, guid).outcome == "imported"


def test_a_flow_that_is_off_does_nothing(told: Told) -> None:
    told.bench.set("orders", mode="off")
    assert run_told("orders", told.bench.erp_world("orders"), NOBODY) == {"off": 1}


# -- both ways are watched ---------------------------------------------------------------------


def look(told: Told, **later: float) -> None:
    told.bench.clock.advance(**later)
    for flow in ("orders", "products", "despatches"):
        look_at_webhook(flow, told.bench.erp_world(flow))


def silent(told: Told) -> float:
    return told.bench.telemetry.total(SILENT, flow="orders", merchant="example")


def test_a_webhook_that_tells_nothing_is_seen_by_what_polling_finds(told: Told) -> None:
    look(told, minutes=1)
    told.bench.place()
    told.bench.run("orders")
    assert told.missed() == 1
    assert told.bench.telemetry.total(ALONE, flow="orders", merchant="example") == 1
    look(told, hours=23)
    assert silent(told) == 0

    look(told, hours=1)

    assert silent(told) == 1
    (line,) = [row for row in told.bench.telemetry.lines if "polling alone" in row[0]]
    assert (line[1]["changes"], line[1]["deliveries"]) == (1, 0)
    look(told, hours=1)
    look(told, hours=25)
    assert silent(told) == 1


def test_while_deliveries_come_a_lost_one_is_counted_and_is_no_silence(told: Told) -> None:
    look(told, minutes=1)
    told.bench.place()
    told.come()
    told.bench.account.set(webhook_drop=1.0)
    told.bench.place()
    told.bench.run("orders")

    look(told, hours=24)

    assert silent(told) == 0
    assert [row[1]["changes"] for row in told.bench.telemetry.lines if "alone" in row[0]] == [1]


def test_a_change_of_a_moment_ago_may_still_be_delivered(told: Told) -> None:
    told.bench.place()
    assert told.bench.run("orders", seconds=100)["not_due"] == 1
    told.bench.clock.advance(minutes=20)
    told.bench.place()
    told.bench.run("orders", seconds=100)
    assert told.missed() == 1


def test_what_is_older_than_the_interval_is_not_the_webhooks_fault(told: Told) -> None:
    told.bench.place()
    told.bench.run("orders", days=2)
    assert told.missed() == 0


def test_counting_that_fails_stops_no_run(told: Told) -> None:
    told.bench.place()
    told.door.deliveries.away = Permanent("dynamodb.away", "down")
    assert told.bench.run("orders")["imported"] == 1


def test_without_webhooks_nothing_is_counted(told: Told) -> None:
    told.bench.file["unleashed"]["webhooks"] = {"enabled": False}
    told.bench.version += 1
    told.bench.place()
    told.bench.run("orders")
    look(told, hours=25)
    assert told.missed() == 0
    assert told.door.deliveries.watched("example", "orders").since is None


@pytest.mark.parametrize(
    ("every", "read_ago", "stale"),
    [
        (timedelta(minutes=5), timedelta(minutes=59), False),
        (timedelta(minutes=5), timedelta(minutes=61), True),
        (timedelta(minutes=30), timedelta(minutes=119), False),
        (timedelta(minutes=30), timedelta(minutes=121), True),
        (timedelta(0), timedelta(hours=25), False),
        (timedelta(0), timedelta(hours=97), True),
    ],
)
def test_how_long_a_list_may_stay_unread(
    every: timedelta, read_ago: timedelta, stale: bool
) -> None:
    clock = TestClock()
    source = FakeSource(clock, FakePartner(clock))
    source.every = every
    now = clock.now()
    assert is_stale(source, SyncCursor(ran=now, read=now - read_ago), now) is stale
    # A list of several runs counts by its newest one; one that was never read whole by none.
    assert not is_stale(source, SyncCursor(ran=now, read=now - read_ago, at="2/200"), now)
    assert not is_stale(source, SyncCursor(ran=now - read_ago), now)
