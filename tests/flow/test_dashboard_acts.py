"""Acts from the dashboard: done once, recorded with their end, and refused in clear words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from returns_hub.domain.audit import Act
from returns_hub.domain.facts import OperatorActed
from returns_hub.domain.parked_ids import parked_batch_id
from returns_hub.errors import Retryable
from returns_hub.flows.overview.dashboard_acts import LEASE_SECONDS
from tests.support.widget_samples import rich
from tests.support.widgets import REQUEST, Dashboard
from tests.support.worlds import RETURN_ID
from tests.unit.test_widgets import Page

BATCH = parked_batch_id(RETURN_ID, 1)
CAUSE: dict[str, Any] = {"flow": "create_external_return", "code": "mintsoft.unknown_sku"}
READABLE = "0b5c2a9e-0000-4000-8000-000000000001"
UNREADABLE = "0b5c2a9e-0000-4000-8000-000000000002"


def done(it: Dashboard, note: str = "", **params: Any) -> str:
    """The words of an act's pop-up."""
    context = {"forms": {"all": {"note": note}}} if note else None
    return Page(it.act(context, **params)).words


def replay(it: Dashboard, **changes: Any) -> str:
    given: dict[str, Any] = {
        "act": "parked replay",
        "merchant": "example",
        "parked_id": BATCH,
        "seen": 1,
    }
    return done(it, **given | changes)


def discard(it: Dashboard, note: str = "", **changes: Any) -> str:
    given: dict[str, Any] = {
        "act": "parked discard",
        "merchant": "example",
        "parked_id": BATCH,
        "seen": 1,
    }
    return done(it, note, **given | changes)


def acts_of(it: Dashboard, request: str = REQUEST) -> list[Act]:
    return [act for act in it.audit.acts.values() if act.act_id.startswith(request)]


def story(it: Dashboard) -> list[Any]:
    return [
        event
        for event in it.returns.timeline("example", RETURN_ID)
        if isinstance(event.fact, OperatorActed)
    ]


# -- parked work ----------------------------------------------------------------------------------


def test_a_replay_wakes_the_flow_once_and_is_recorded_with_its_end() -> None:
    it = rich()
    words = replay(it)
    assert "Replayed" in words
    assert f"dashboard hub-dev, request {REQUEST}" in words
    assert len(it.sent.receipts) == 1
    (event,) = story(it)
    assert event.actor == "dashboard hub-dev"
    assert event.fact.subject == BATCH
    assert event.fact.note == f"[request {REQUEST}]"
    (act,) = acts_of(it)
    assert act.model_dump(exclude={"at"}) == Act(
        act_id=REQUEST,
        at=act.at,
        who="dashboard hub-dev",
        through="dashboard",
        verb="parked replay",
        merchant="example",
        subject=BATCH,
        return_id=RETURN_ID,
        outcome="done",
        told="replayed",
    ).model_dump(exclude={"at"})
    assert it.telemetry.total("OperatorActs", flow="parked replay", outcome="done") == 1


def test_the_same_request_twice_acts_once() -> None:
    it = rich()
    replay(it)
    words = replay(it)
    assert "It was replayed by dashboard hub-dev before; nothing was done." in words
    assert len(it.sent.receipts) == 1
    assert len(story(it)) == 1
    assert [act.outcome for act in acts_of(it)] == ["done"]


def test_while_one_act_is_done_no_other_is_begun() -> None:
    it = rich()
    held = it.cursors.acquire("dashboard-acts/example", "another", LEASE_SECONDS)
    assert held is not None
    assert "Another act is being done" in replay(it)
    assert not it.sent.receipts
    assert not acts_of(it)
    it.clock.advance(seconds=LEASE_SECONDS + 1)
    assert "Replayed" in replay(it)


def test_what_was_parked_again_since_it_was_looked_at_is_refused() -> None:
    it = rich()
    it.parking.park(it.parking.items["example", BATCH])
    assert "It was parked again since you looked" in replay(it)
    assert not it.sent.receipts
    assert not story(it)
    assert "Replayed" in replay(it, seen=2)


@pytest.mark.parametrize("seen", ["", "0", "2", "x"])
def test_nothing_is_done_for_whoever_does_not_say_what_they_saw(seen: str) -> None:
    it = rich()
    assert "nothing was done" in replay(it, seen=seen).lower()
    assert not it.sent.receipts


def test_a_discard_needs_a_note_and_keeps_it() -> None:
    it = rich()
    assert "A discard needs a note" in discard(it)
    assert it.parking.items["example", BATCH].state == "open"
    assert "Discarded" in discard(it, "refunded in the portal")
    item = it.parking.items["example", BATCH]
    assert (item.state, item.closed_by, item.note) == (
        "discarded",
        "dashboard hub-dev",
        "refunded in the portal",
    )
    (event,) = story(it)
    assert event.fact.note == f"refunded in the portal [request {REQUEST}]"
    (act,) = acts_of(it)
    assert (act.verb, act.note) == ("parked discard", "refunded in the portal")


def test_a_note_that_is_too_long_is_refused() -> None:
    it = rich()
    assert "A note has at most 500 characters" in discard(it, "x" * 501)
    assert it.parking.items["example", BATCH].state == "open"


def test_one_cause_is_replayed_together_up_to_the_cap_and_each_is_recorded() -> None:
    it = rich()
    page = Page(it.show("parked", merchant="example", **CAUSE))
    (asked,) = page.asks(act="parked replay")
    words = done(it, **asked)
    assert "25 replayed" in words
    assert len(it.sent.returns) == 25
    acts = acts_of(it)
    assert {act.act_id for act in acts} == {f"{REQUEST}.{n}" for n in range(1, 26)}
    assert {act.outcome for act in acts} == {"done"}
    assert "The list changed since you looked" in done(it, **asked)
    assert len(it.sent.returns) == 25


@pytest.mark.parametrize(
    "changes", [{"count": 26}, {"count": 0}, {"flow": ""}, {"code": ""}, {"seen": "0"}]
)
def test_more_than_what_was_seen_is_never_acted_on(changes: dict[str, Any]) -> None:
    it = rich()
    (asked,) = Page(it.show("parked", merchant="example", **CAUSE)).asks(act="parked replay")
    assert "nothing was done" in done(it, **asked | changes).lower()
    assert not it.sent.returns


def test_a_whole_cause_is_never_discarded() -> None:
    it = rich()
    (asked,) = Page(it.show("parked", merchant="example", **CAUSE)).asks(act="parked replay")
    assert "one at a time" in done(it, "why", **asked | {"act": "parked discard"})
    assert all(item.state == "open" for item in it.parking.items.values())


def test_beyond_the_budget_an_act_is_refused_and_told_when_to_try_again() -> None:
    it = rich()
    it.budget.left = 0
    words = replay(it)
    assert "try again in 12 s" in words
    assert not it.sent.receipts
    assert not acts_of(it)
    assert it.telemetry.total("OperatorActs", flow="parked replay", outcome="refused") == 1
    it.budget.left = 1
    assert "Replayed" in replay(it)


def test_an_act_that_cannot_be_recorded_is_not_done() -> None:
    it = rich()

    def full(act: Act) -> None:
        raise Retryable("aws.dynamodb.busy", "dynamodb answered Throttling")

    it.audit.record = full  # type: ignore[method-assign]
    assert "Throttling" in replay(it)
    assert not it.sent.receipts
    assert not story(it)


def test_an_act_that_fails_is_recorded_as_failed_and_can_be_asked_for_again() -> None:
    it = rich()
    send, it.sent.receipts = it.sent.receipts, []

    class Away(list[str]):
        def append(self, _: str) -> None:
            raise Retryable("aws.sqs.busy", "sqs answered Throttling")

    it.sent.receipts = Away()
    assert "Sqs answered Throttling" in replay(it)
    (act,) = acts_of(it)
    assert (act.outcome, act.told) == ("failed", "sqs answered Throttling")
    assert it.parking.items["example", BATCH].state == "open"
    it.sent.receipts = send
    it.clock.advance(seconds=1)
    given = {"act": "parked replay", "merchant": "example", "parked_id": BATCH, "seen": 1}
    assert "Replayed" in Page(str(it.acted(given, "r2"))).words
    assert len(send) == 1
    assert len(story(it)) == 1


def test_work_that_needs_an_answer_is_not_replayed() -> None:
    it = rich()
    it.park(7, flow="request_rma", code="rma.asked", parked_id="request_rma/x/1")
    words = replay(it, parked_id="request_rma/x/1")
    assert "it needs an answer" in words
    assert [act.outcome for act in acts_of(it)] == ["refused"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"act": "config apply"},
        {"act": ["parked replay"]},
        {"act": "parked replay"},
        {"act": "parked replay", "merchant": "nobody", "parked_id": BATCH, "seen": 1},
        {"act": "parked replay", "merchant": "<b>", "parked_id": BATCH, "seen": 1},
        {"act": "parked replay", "merchant": "northwind", "parked_id": BATCH, "seen": 1},
        {"act": "dlq replay"},
        {"act": "dlq replay", "queue": "approved-returns"},
        {"act": "dlq replay", "queue": "nowhere", "message_id": READABLE},
        {"act": "dlq replay", "queue": "approved-returns", "message_id": "gone"},
        {"act": "parked replay", "merchant": "example", "parked_id": "x" * 9000, "seen": 1},
    ],
)
def test_what_makes_no_sense_does_nothing_and_says_so(params: dict[str, Any]) -> None:
    it = rich()
    page = Page(str(it.acted(params)))
    assert [given["class"] for _, given in page.elements if given.get("role") == "status"] == [
        "rh-box rh-bad"
    ]
    assert (it.sent.returns, it.sent.receipts, acts_of(it)) == ([], [], [])
    assert len(it.queues[0].letters) == 2


def test_who_acts_is_the_dashboard_by_a_name_that_a_dashboard_can_have() -> None:
    for name, who in (
        ("ops-board_1", "dashboard ops-board_1"),
        ("x\nroot", "dashboard (without a name)"),
    ):
        it = rich()
        it.act(
            {"dashboardName": name},
            act="parked replay",
            merchant="example",
            parked_id=BATCH,
            seen=1,
        )
        assert {act.who for act in acts_of(it)} == {who}


# -- dead letters ---------------------------------------------------------------------------------


def test_a_dead_letter_is_sent_back_and_told() -> None:
    it = rich()
    words = done(it, act="dlq replay", queue="approved-returns", message_id=READABLE)
    assert "Replayed" in words
    assert list(it.queues[0].letters) == [UNREADABLE]
    assert len(it.queues[0].sent) == 1
    (event,) = story(it)
    assert (event.fact.act, event.fact.note) == ("dead_letter_replayed", f"[request {REQUEST}]")
    (act,) = acts_of(it)
    assert (act.outcome, act.return_id) == ("done", RETURN_ID)
    again = done(it, act="dlq replay", queue="approved-returns", message_id=READABLE)
    assert "It is gone; nothing was done" in again
    assert len(it.queues[0].sent) == 1


def test_one_that_cannot_be_read_is_not_sent_back() -> None:
    it = rich()
    words = done(it, act="dlq replay", queue="approved-returns", message_id=UNREADABLE)
    assert "mend it with hub dlq edit" in words
    assert len(it.queues[0].letters) == 2
    assert not acts_of(it)


def test_a_discarded_dead_letter_is_kept_among_the_parked_work() -> None:
    it = rich()
    given: dict[str, Any] = {
        "act": "dlq discard",
        "queue": "approved-returns",
        "message_id": UNREADABLE,
    }
    assert "A discard needs a note" in done(it, **given)
    assert len(it.queues[0].letters) == 2
    assert "Discarded" in done(it, "a test message", **given)
    assert list(it.queues[0].letters) == [READABLE]
    kept = it.parking.items["example", f"dead-letter/{UNREADABLE}"]
    assert (kept.state, kept.note) == ("discarded", "a test message")
    assert REQUEST in kept.reason
    assert "kept hidden" in kept.payload


def test_a_letter_among_very_many_may_not_be_given_out_and_that_is_said() -> None:
    it = rich()
    queue = it.queues[0]
    letters = dict(queue.letters)
    queue.letters.clear()
    for _ in range(300):
        queue.put("{}", it.clock.now() - timedelta(hours=1))
    queue.letters |= letters
    words = done(it, act="dlq replay", queue="approved-returns", message_id=READABLE)
    assert "not among those that the queue gave out now" in words
    assert queue.looked == 200
