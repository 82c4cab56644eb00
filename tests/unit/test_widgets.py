"""The dashboard's widgets: what they show, what it costs, and that nothing gets out of hand."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from returns_hub.domain.audit import Act
from returns_hub.domain.facts import OperatorActed, Parked, Seen
from returns_hub.domain.overview.overview import Cause, Overview
from returns_hub.errors import Retryable
from returns_hub.flows.receive_approved_return import parse
from returns_hub.widgets.door import WIDGETS
from tests.support.widget_samples import GOOD_LETTER, VIEWS, rich, story_of
from tests.support.widgets import ACTS, SHOWS, Dashboard, FakeDeadLetters, event

VOID = {"input"}
FIRST = "create_external_return/ret00001/s1"
BATCH = "process_receipts/66aa01f0c0ffee0000000001/batch-1"
CANARIES = {
    "name": "Erika Mustermann",
    "street": "Heidestr. 17",
    "e-mail": "erika@example.test",
    "token": "Bearer canary-token-123",
}


class Page(HTMLParser):
    """A widget as a browser has it: balanced, and with its actions."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.actions: list[tuple[str, dict[str, str | None], Any]] = []
        self.words = ""
        self._closed_last = ""
        self._content: str | None = None
        self.feed(markup)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag == "cwdb-action":
            self.actions.append((self._closed_last, given, None))
            self._content = ""
        self._closed_last = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag
        self._closed_last = tag
        if tag == "cwdb-action":
            trigger, given, _ = self.actions[-1]
            self.actions[-1] = (trigger, given, json.loads(self._content or ""))
            self._content = None

    def handle_data(self, data: str) -> None:
        self._closed_last = ""
        if self._content is not None:
            self._content += data
        elif not self.open or self.open[-1] != "style":
            self.words += f" {data}"

    def asks(self, **wanted: Any) -> list[dict[str, Any]]:
        """Params of actions that hold these."""
        return [params for _, _, params in self.actions if wanted.items() <= params.items()]


def view(it: Dashboard, widget: str, context: dict[str, Any] | None = None, **params: Any) -> Page:
    return Page(it.show(widget, context, **params))


# -- every widget ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "params"), VIEWS)
def test_every_view_is_whole_and_can_be_used_with_the_keyboard_alone(
    title: str, params: dict[str, Any]
) -> None:
    page = view(rich(), **params)
    for tag, given in page.elements:
        assert tag not in {"script", "iframe", "use", "a", "img"}, title
        assert not [name for name in given if name.startswith("on") or name in {"href", "src"}]
    for trigger, given, asked in page.actions:
        # The tag works on the element right before it; a button is reached and pressed by keys.
        assert trigger == "button", (title, asked)
        assert given["action"] == "call"
        assert given["endpoint"] == (ACTS if "act" in asked else SHOWS)
        assert ("confirmation" in given) == ("act" in asked)
        assert given["display"] == ("popup" if "act" in asked else "widget")
    buttons = [given for tag, given in page.elements if tag == "button"]
    assert len(buttons) == len(page.actions)


def test_a_form_is_sent_nowhere_by_itself_and_enter_presses_its_button() -> None:
    page = view(rich(), "find", merchant="example")
    (form,) = [given for tag, given in page.elements if tag == "form"]
    assert form == {"method": "dialog"}
    assert [given["type"] for tag, given in page.elements if tag == "button"] == ["submit"]


@pytest.mark.parametrize("widget", WIDGETS)
def test_each_says_what_it_is(widget: str) -> None:
    told = rich().answer({"describe": True, "widget": widget})
    assert isinstance(told, dict)
    sample = re.search(r"```json\n(.*?)\n```", told["markdown"], re.DOTALL)
    assert sample is not None
    params = json.loads(sample[1])
    assert params["widget"] == widget
    assert "There is no such widget" not in rich().show(**params)


def test_without_a_name_all_are_told() -> None:
    told = rich().answer({"describe": True})
    assert isinstance(told, dict)
    assert all(f"### {name}" in told["markdown"] for name in WIDGETS)


@pytest.mark.parametrize("widget", WIDGETS)
def test_an_empty_hub_says_what_is_good_about_it_or_what_to_do(widget: str) -> None:
    page = view(Dashboard(), widget)
    assert "rh-box" in str(page.elements)
    assert len(page.words.split()) > 4


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_hub_without_a_merchant_shows_something_too(widget: str) -> None:
    it = Dashboard()
    it.merchants.files.clear()
    assert view(it, widget).words.strip()


def test_the_dashboards_theme_is_taken_and_without_one_the_browsers() -> None:
    it = rich()
    for theme, wanted in (("dark", "rh-dark"), ("light", "rh-light"), ("x", "rh-auto")):
        (tag, given) = view(it, "summary", {"theme": theme}).elements[0]
        assert tag == "div"
        assert str(given["class"]).split() == ["rh", wanted, "cwdb-no-default-styles"]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ({"offsetISO": "+02:00", "offsetInMinutes": -120}, "10:58"),
        ({"offsetISO": "-05:30"}, "03:28"),
        ({"offsetInMinutes": 60}, "09:58"),
        ({"offsetInMinutes": 10**9}, "08:58"),
        ({"offsetISO": "+99:00"}, "08:58"),
        ("Mars", "08:58"),
    ],
)
def test_times_are_the_dashboards_with_utc_behind_them(zone: Any, shown: str) -> None:
    page = view(rich(), "summary", {"timezone": zone})
    (given,) = [given for tag, given in page.elements if tag == "time"]
    assert given["title"] == "2026-03-02 08:58:00 UTC"
    assert given["datetime"] == "2026-03-02T08:58:00Z"
    assert shown in page.words


# -- what cannot be shown -------------------------------------------------------------------------


def test_an_unknown_widget_is_told_which_there_are() -> None:
    words = view(rich(), "nonsense").words
    assert "There is no such widget" in words
    assert "freshness" in words


@pytest.mark.parametrize(
    "params",
    [
        {"widget": "freshness", "merchant": "nobody"},
        {"widget": "freshness", "merchant": "<script>"},
        {"widget": "parked", "merchant": "example", "parked_id": "x" * 5000},
        {"widget": "parked", "merchant": "example", "parked_id": "gone"},
        {"widget": "money_line", "merchant": "example", "step": "nowhere"},
        {"widget": "money_line", "step": "person"},
        {"widget": "dead_letters", "queue": "nowhere"},
        {"widget": "dead_letters", "queue": "approved-returns", "page": "-1"},
        {"widget": "dead_letters", "queue": "approved-returns", "page": "9" * 400},
        {"widget": "find", "merchant": "example", "return_id": "../../x"},
        {"widget": "find", "return_id": "66aa"},
        {"widget": "find", "merchant": "example", "words": "x" * 500},
        {"widget": "drift", "merchant": "example", "page": "one"},
    ],
)
def test_what_makes_no_sense_is_one_clear_box(params: dict[str, Any]) -> None:
    page = view(rich(), **params)
    boxes = [given for tag, given in page.elements if given.get("role") == "status"]
    assert len(boxes) == 1
    assert boxes[0]["class"] == "rh-box rh-bad"
    assert not page.actions


def test_a_fault_shows_nothing_half_rendered_and_no_trace() -> None:
    it = rich()

    def broken(merchant: str) -> Overview | None:
        raise KeyError(CANARIES["e-mail"])

    it.overviews.latest = broken  # type: ignore[method-assign]
    page = view(it, "freshness")
    assert "a fault of the hub's own" in page.words
    assert "KeyError" not in page.words
    assert not [tag for tag, _ in page.elements if tag == "table"]
    assert ("fault", {"widget": "freshness", "fault": "KeyError"}) in it.telemetry.lines


@pytest.mark.shows_planted("a verdict of the test's own")
def test_what_cannot_be_read_now_is_told_in_its_own_words() -> None:
    it = rich()

    def busy(merchant: str) -> Overview | None:
        raise Retryable("aws.dynamodb.busy", "dynamodb answered Throttling, ask erika@example.test")

    it.overviews.latest = busy  # type: ignore[method-assign]
    words = view(it, "summary").words
    assert "Dynamodb answered Throttling" in words
    assert "erika" not in words


@pytest.mark.shows_planted("the test puts it into the stores, to see that no widget shows it")
def test_no_personal_data_and_no_secret_is_shown_anywhere() -> None:
    it = rich()
    hidden = json.dumps({"merchant": "example", "customer": CANARIES, "note": CANARIES["street"]})
    asked = "parked for erika@example.test with Bearer canary-token-123"
    it.park(1, payload=hidden, reason=asked, closed_by="", note=asked)
    it.queues[0].put(hidden, it.clock.now(), "canary")
    named = GOOD_LETTER | {"ErikaMustermann": 1}
    it.queues[0].put(named, it.clock.now(), "canary-2")
    it.audit.record(
        Act(
            act_id="c",
            at=it.clock.now(),
            who="arn:aws:iam::1:user/pat",
            through="hub",
            verb="parked discard",
            merchant="example",
            subject="erika@example.test",
            note=asked,
            told=asked,
        )
    )
    told = OperatorActed(act="discarded", subject="x", note=asked)
    parked = Parked(flow="f", parked_id="p", code="c", reason=asked)
    return_id = "66aa01f0c0ffee0000000077"
    story_of(it, return_id, [(told, "by hand", "erika@example.test"), (parked, "r", "hub")])
    more = [
        {
            "widget": "parked",
            "merchant": "example",
            "parked_id": "create_external_return/ret00001/s1",
        },
        {"widget": "dead_letters", "queue": "approved-returns", "message_id": "canary"},
        {"widget": "dead_letters", "queue": "approved-returns", "message_id": "canary-2"},
        {"widget": "find", "merchant": "example", "return_id": return_id},
    ]
    for params in [*(params for _, params in VIEWS), *more]:
        shown = it.show(**params)
        for what, canary in CANARIES.items():
            assert canary not in shown, (what, params)
        assert "ErikaMustermann" not in shown
        assert "canary-token" not in shown


# -- each widget ----------------------------------------------------------------------------------


def test_freshness_has_the_latest_first_and_says_how_many_are_late() -> None:
    page = view(rich(), "freshness")
    assert "1 of 7 cursors late" in page.words
    assert page.words.index("catch up redo") < page.words.index("unleashed sync")
    assert "5.4 intervals late" in page.words


def test_an_overview_that_is_old_says_so() -> None:
    it = rich()
    assert "This is an old picture" not in view(it, "summary").words
    it.clock.advance(minutes=20)
    assert "This is an old picture" in view(it, "summary").words


def test_quiet_is_quiet_only_when_all_of_it_is_known() -> None:
    it = Dashboard()
    calm = Overview(merchant="example", at=it.clock.now(), config_version=1, mode="live")
    it.overviews.keep(calm)
    assert "All quiet" in view(it, "summary").words
    it.overviews.keep(calm.model_copy(update={"not_told": ("the gates could not be read",)}))
    words = view(it, "summary").words
    assert "All quiet" not in words
    assert "the gates could not be read" in words
    cause = Cause(code="c", flow="f", count=1, oldest=it.clock.now())
    it.overviews.keep(calm.model_copy(update={"causes": (cause,)}))
    assert "Not quiet" in view(it, "summary").words


def test_a_step_of_the_money_line_opens_its_returns() -> None:
    it = rich()
    (asked,) = view(it, "money_line", merchant="example").asks(step="person")
    page = view(it, **asked)
    (story,) = page.asks(widget="find")
    assert story["return_id"] in page.words


def test_a_cause_opens_its_items_and_an_item_what_a_replay_would_do() -> None:
    it = rich()
    causes = view(it, "needs_person")
    (asked,) = causes.asks(code="operation.unknown_outcome")
    (looked,) = view(it, **asked).asks(
        parked_id="process_receipts/66aa01f0c0ffee0000000001/batch-1"
    )
    page = view(it, **looked)
    assert "never repeated" in page.words
    (replay,) = page.asks(act="parked replay")
    assert replay == {
        "act": "parked replay",
        "merchant": "example",
        "parked_id": looked["parked_id"],
        "seen": 1,
    }
    assert page.asks(act="parked discard")


def test_ten_thousand_parked_items_come_in_pages_of_fifty_each_once() -> None:
    it = Dashboard()
    for number in range(10_000):
        it.park(number)
    asked: dict[str, Any] | None = {
        "widget": "parked",
        "merchant": "example",
        "flow": "create_external_return",
        "code": "mintsoft.unknown_sku",
    }
    seen: list[str] = []
    pages = 0
    while asked is not None:
        shown = it.show(**asked)
        assert len(shown) < 120_000
        # Its actions' content alone: a browser's reading of 200 pages takes its time.
        given = [json.loads(text) for text in re.findall(r">({[^<]*})</cwdb-action>", shown)]
        looks = [params["parked_id"] for params in given if "parked_id" in params]
        assert len(looks) <= 50
        seen += looks
        pages += 1
        nexts = [params for params in given if "after" in params and "act" not in params]
        asked = nexts[0] if nexts else None
    assert len(seen) == len(set(seen)) == 10_000
    assert pages == 200


def test_a_stack_without_acts_offers_none() -> None:
    it = rich()
    it.acts_are_there = False
    for _, params in VIEWS:
        assert not [asked for asked in view(it, **params).asks() if "act" in asked]


def test_dead_letters_are_looked_at_in_bounds_and_given_back() -> None:
    it = Dashboard()
    queue = FakeDeadLetters("approved-returns", parse)
    for number in range(10_000):
        queue.put("{}", it.clock.now() - timedelta(seconds=number))
    it.queues.append(queue)
    assert "10,000 dead letters" in view(it, "dead_letters").words
    assert queue.looked == 0
    page = view(it, "dead_letters", queue="approved-returns")
    assert queue.looked == 200
    assert len(page.asks(widget="dead_letters", queue="approved-returns")) <= 54
    assert "These may not be all" in page.words
    (more,) = page.asks(page=1)
    assert "51 to 100 of 200" in view(it, **more).words
    assert len(queue.letters) == 10_000


def test_a_message_that_cannot_be_read_is_not_offered_for_replay() -> None:
    page = view(
        rich(),
        "dead_letters",
        queue="approved-returns",
        message_id="0b5c2a9e-0000-4000-8000-000000000002",
    )
    assert "this release cannot read it" in page.words
    assert not page.asks(act="dlq replay")
    assert page.asks(act="dlq discard")


def test_an_id_is_shown_as_it_is_written() -> None:
    it = rich()
    seen = Seen(
        source="webhook", return_type="return", status="open", portal_updated_at=it.clock.now()
    )
    story_of(it, "RMA-Example_1", [(seen, "seen", "hub")])
    page = view(it, "find", merchant="example", return_id="RMA-Example_1")
    assert "Return RMA-Example_1" in page.words


@pytest.mark.parametrize("shown", ["", "example"])
def test_back_leads_to_what_the_widget_showed(shown: str) -> None:
    it = rich()
    given: dict[str, Any] = {"merchant": shown} if shown else {}
    step = view(it, "money_line", **given).asks(merchant="example", step="person")[0]
    (back,) = view(it, **step).asks(widget="money_line")
    assert back == {"widget": "money_line", **given}

    cause = view(it, "parked", **given).asks(merchant="example")[0]
    (back,) = [
        one
        for one in view(it, **cause).asks(widget="parked")
        if not one.keys() & {"parked_id", "after"}
    ]
    assert back == {"widget": "parked", **given}


def test_a_search_takes_the_form_when_its_button_was_pressed_and_else_the_buttons_word() -> None:
    it = rich()
    typed = {"forms": {"all": {"words": "#5502", "merchant": "example"}}}
    page = view(it, "find", typed, search=1, words="TEE", merchant="northwind")
    assert len(page.asks(widget="find", return_id="66aa01f0c0ffee0000000002")) == 1
    assert not page.asks(return_id="66aa01f0c0ffee0000000001")
    # A row's button says whose return it is; what somebody chose in the form meanwhile does not.
    other = {"forms": {"all": {"merchant": "northwind"}}}
    words = view(it, "find", other, merchant="example", return_id="66aa01f0c0ffee0000000001").words
    assert "External return 48123 made" in words


def test_a_story_tells_what_came_by_which_rule_and_by_whose_hand() -> None:
    it = rich()
    words = view(it, "find", merchant="example", return_id="66aa01f0c0ffee0000000001").words
    for told in (
        "worth 63.90 GBP",
        "External return 48123 made",
        "decided: process",
        "policy default/3",
        "configuration v7",
        "MUG: no restock, 4.50 paid",
        "Waits for a person",
        "hub timeline example 66aa01f0c0ffee0000000001",
    ):
        assert told in words, told
    words = view(it, "find", merchant="example", return_id="66aa01f0c0ffee0000000002").words
    assert "By hand: comment" in words
    assert "by arn:aws:sts::123456789012:assumed-role/Operators/pat" in words


def test_a_story_of_very_many_events_is_bounded() -> None:
    it = Dashboard()
    facts = [(OperatorActed(act="comment", subject=str(n)), "by hand", "pat") for n in range(900)]
    story_of(it, "66aa01f0c0ffee0000000009", facts)
    shown = it.show("find", merchant="example", return_id="66aa01f0c0ffee0000000009")
    assert "700 older events" in shown
    assert shown.count("By hand") == 200


def test_acts_are_told_with_the_request_and_one_that_was_cut_off_as_such() -> None:
    it = rich()
    act = Act(
        act_id="r-77",
        at=it.clock.now() - timedelta(minutes=9),
        who="dashboard hub-dev",
        through="dashboard",
        verb="parked replay",
        merchant="example",
    )
    it.audit.record(act)
    page = view(it, "recent_actions")
    assert "cut off?" in page.words
    assert any("request r-77" in str(given.get("title")) for _, given in page.elements)


def test_costs_of_reading_do_not_grow_with_the_merchants() -> None:
    it = Dashboard(*(f"m{number:03d}" for number in range(60)))
    for name in it.merchants.all_ids():
        it.overviews.keep(Overview(merchant=name, at=it.clock.now(), config_version=1, mode="live"))
    for widget in ("summary", "freshness", "money_line", "needs_person", "partners", "cost"):
        it.overviews.reads = 0
        assert "40 more merchants are not shown" in view(it, widget).words
        assert it.overviews.reads == 20


def test_nothing_an_event_can_hold_breaks_the_door() -> None:
    it = rich()
    deep: Any = {}
    for _ in range(2000):
        deep = {"widgetContext": deep}
    odd_ones: tuple[Any, ...] = (
        None,
        [],
        "x",
        7,
        {"widget": []},
        {"widget": "find", "widgetContext": []},
        deep,
        event({"forms": 7, "timezone": 7, "dashboardName": {}}, widget="find"),
        {"widget": "find", "words": 10**4000, "describe": "yes"},
    )
    for odd in odd_ones:
        assert it.answer(odd)
        assert it.acted(odd)
