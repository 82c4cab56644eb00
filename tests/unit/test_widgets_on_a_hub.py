"""The dashboard's functions over real adapters, held to their policies and to what reads cost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from returns_hub.adapters.dynamodb.findings import DynamoDbFindings
from returns_hub.adapters.dynamodb.overviews import DynamoDbOverviews
from returns_hub.domain.operations import create_external_return_key
from returns_hub.ports import ParkedItem
from tests.simulation.permissions import AccessDenied
from tests.support.widget_hub import CONTEXT, SETTINGS, WidgetHub, letter
from tests.support.widget_samples import GOOD_LETTER, VIEWS, rich
from tests.support.widgets import REQUEST
from tests.support.worlds import RETURN_ID
from tests.unit.test_widgets import BATCH, Page

ASKED = {"act": "parked replay", "merchant": "example", "parked_id": BATCH, "seen": 1}


def filled() -> WidgetHub:
    """The rich example, in DynamoDB."""
    it, example = WidgetHub(), rich()
    for merchant in ("example", "northwind"):
        it.apply(merchant)
    it.clock.moment = example.clock.moment
    made = it.open
    client: Any = made.dynamodb
    overviews = DynamoDbOverviews(client, SETTINGS.control_table, made.clock)
    for overview in example.overviews.kept.values():
        overviews.keep(overview)
    for (merchant, return_id), events in example.returns.events.items():
        made.returns.append(made.returns.load(merchant, return_id), events)
    for item in example.parking.items.values():
        made.parking.park(item)
    findings = DynamoDbFindings(client, SETTINGS.findings_table, made.clock)
    look = example.findings.last_look("example")
    assert look is not None
    findings.keep("example", look, example.findings.open_findings("example"))
    for act in example.audit.acts.values():
        made.audit.record(act)
    letter(it, "approved-returns", GOOD_LETTER)
    it.calls.clear()
    return it


@pytest.fixture(scope="module")
def hub() -> WidgetHub:
    return filled()


MOST_REQUESTS = {
    "Summary": 3,
    "Freshness": 3,
    "Money line": 2,
    "Needs a person": 3,
    "Parked, one cause": 2,
    "Parked, one item": 2,
    "Dead letters": 0,
    "Dead letters of a queue": 0,
    "One dead letter": 0,
    "Search": 6,
    "Story": 4,
    "Drift": 4,
    "Drift of a merchant": 3,
    "Recent actions": 7,
    "Partners": 3,
    "Cost": 3,
    "An error": 1,
}
"""Requests to DynamoDB, the list of merchants included; what the widgets' docstrings say."""


@pytest.mark.parametrize(("title", "params"), VIEWS)
def test_each_view_is_shown_within_its_policy_and_costs_what_it_says(
    hub: WidgetHub, title: str, params: dict[str, Any]
) -> None:
    hub.calls.clear()
    if "message_id" in params:
        params = params | {"message_id": "approved-returns-dead-0"}
    page = Page(hub.show(**params))
    assert "a fault of the hub's own" not in page.words
    assert "not wired" not in page.words
    boxes = [given for _, given in page.elements if given.get("class") == "rh-box rh-bad"]
    assert bool(boxes) == (title in {"An error", "Parked, one item"})
    assert len(hub.calls) <= MOST_REQUESTS[title], Counter(hub.calls)
    assert not {"scan", "put_item", "update_item"} & {name for name, _ in hub.calls}


def test_what_is_shown_does_not_cost_more_with_more_returns_parked_items_and_acts() -> None:
    """The parked list is the one whose cost grows with what is parked, and it is bounded."""
    it = filled()
    for number in range(3000):
        it.open.parking.park(
            ParkedItem(
                merchant="example",
                parked_id=create_external_return_key("example", f"x{number:05d}", "s"),
                flow="other",
                code="other.code",
                reason="another cause",
                subject="",
                payload="{}",
            )
        )
    cause = {"flow": "create_external_return", "code": "mintsoft.unknown_sku"}
    it.calls.clear()
    Page(it.show(widget="parked", merchant="example", **cause))
    assert Counter(it.calls)["query", "ParkedTable"] <= 10
    it.calls.clear()
    Page(it.show(widget="needs_person"))
    assert not [table for _, table in it.calls if table == "ParkedTable"]


def test_an_act_is_done_within_its_policy() -> None:
    it = filled()
    told = it.act(act="parked replay", merchant="example", parked_id=BATCH, seen=1)
    assert "Replayed" in Page(told).words
    assert list(it.queues["poll-mintsoft"].values()) == [
        f'{{"merchant": "example", "return_id": "{RETURN_ID}"}}'
    ]
    first = "create_external_return/ret00001/s1"
    told = it.act("done by hand", act="parked discard", merchant="example", parked_id=first, seen=1)
    assert "Discarded" in Page(told).words
    name = "approved-returns-dead-0"
    told = it.act(act="dlq replay", queue="approved-returns", message_id=name)
    assert "Replayed" in Page(told).words
    assert not it.queues["approved-returns-dead"]
    assert len(it.queues["approved-returns"]) == 1
    now = it.clock.now()
    acts = list(it.open.audit.of_merchant("example", now - timedelta(1), now + timedelta(1)))
    mine = [act for act in acts if act.act_id.startswith(REQUEST)]
    assert {(act.verb, act.outcome) for act in mine} == {
        ("parked replay", "done"),
        ("parked discard", "done"),
        ("dlq replay", "done"),
    }


def test_acts_are_let_through_up_to_the_budget_and_again_later() -> None:
    it = filled()
    for number in range(1, 31):
        item = f"create_external_return/ret{number:05d}/s1"
        assert "Replayed" in it.act(act="parked replay", merchant="example", parked_id=item, seen=1)
    given: dict[str, Any] = {
        "act": "parked replay",
        "merchant": "example",
        "parked_id": BATCH,
        "seen": 1,
    }
    assert "Too many acts from dashboards; try again in 2 s" in it.act(**given)
    it.clock.advance(seconds=2)
    assert "Replayed" in it.act(**given)


def test_the_function_that_shows_cannot_act() -> None:
    it = filled()
    hub = it.hub_of("OpsWidgetsFunction")
    with hub.invocation(CONTEXT) as run:
        words = Page(str(run.act(ASKED, CONTEXT))).words
    assert "a fault of the hub's own" in words
    assert [fields["fault"] for _, fields in it.telemetry.lines if "fault" in fields] == [
        AccessDenied.__name__
    ]
    assert not it.queues.get("poll-mintsoft")


def test_a_request_that_comes_twice_acts_once() -> None:
    it = filled()
    given: dict[str, Any] = {"merchant": "example", "seen": 1, "request": "once"}
    first, second = (f"create_external_return/ret{number:05d}/s1" for number in (1, 2))
    assert "Replayed" in it.act(act="parked replay", parked_id=first, **given)
    words = Page(it.act(act="parked replay", parked_id=second, **given)).words
    assert "This very request was dealt with before; nothing more was done" in words
    assert len(it.queues["approved-returns"]) == 1
