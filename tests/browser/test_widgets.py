"""The hub's own widgets on the page: a rich morning, and what an operator does with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import ROOT, Stack, translated
from tests.browser.conftest import Open
from tests.support.page import READS, HubsOwn, Page, served
from tests.support.widget_samples import rich
from tests.support.worlds import RETURN_ID


def of_the_template(folder: Path) -> list[dict[str, Any]]:
    """The widgets of the template's own dashboard."""
    stack = Stack(translated(ROOT / "template.yaml", folder), {"Stage": "local"}, stack_name="hub")
    (board,) = stack.properties_of("AWS::CloudWatch::Dashboard").values()
    widgets: list[dict[str, Any]] = json.loads(board["DashboardBody"])["widgets"]
    return widgets


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return of_the_template(tmp_path_factory.mktemp("translated"))


@pytest.fixture
def own() -> HubsOwn:
    return HubsOwn(rich())


@pytest.fixture
def page(tmp_path: Path, widgets: list[dict[str, Any]], own: HubsOwn) -> Iterator[Page]:
    with served(tmp_path, widgets, own) as shown:
        yield shown


def frame(tab: Any, widgets: list[dict[str, Any]], name: str) -> Any:
    """The frame of a widget by its name in the template."""
    (number,) = (
        number
        for number, widget in enumerate(widgets, start=1)
        if widget["properties"].get("params", {}).get("widget") == name
    )
    return tab.locator(f"#widget-{number}")


def test_every_widget_of_the_template_is_shown_in_its_order(
    opened: Open, widgets: list[dict[str, Any]]
) -> None:
    tab = opened()
    customs = [widget for widget in widgets if widget["type"] == "custom"]
    assert all(widget["properties"]["endpoint"] == READS for widget in customs)
    tab.wait_for_function("() => !document.querySelector('.busy')")
    assert tab.locator(".widget.failed").count() == 0
    assert tab.locator(".widget .notes").all_inner_texts() == []
    titles = tab.locator("main .widget > header h2").all_inner_texts()
    assert titles[0].startswith("Freshness")
    order = ["Freshness", "Money line", "Needs a person", "Queues", "Drift", "Recent", "Partners"]
    places = [next(n for n, title in enumerate(titles) if title.startswith(w)) for w in order]
    assert places == sorted(places)


def test_parked_work_is_looked_at_replayed_after_a_word_and_gone(
    opened: Open, own: HubsOwn, widgets: list[dict[str, Any]]
) -> None:
    tab = opened()
    parked = frame(tab, widgets, "parked")
    parked.locator("button", has_text="Open").first.click()
    row = parked.locator("tr", has_text="ret00002")
    row.locator("button", has_text="Look").click()
    parked.locator("button", has_text="Replay").first.wait_for()
    assert own.behind.sent.returns == []
    parked.locator("button", has_text="Replay").first.click()
    tab.wait_for_selector("#confirm[open]")
    tab.click("#confirm >> text=Cancel")
    assert own.behind.sent.returns == []
    parked.locator("button", has_text="Replay").first.click()
    tab.click("#confirm >> text=Confirm")
    tab.wait_for_selector("#popup[open]")
    assert len(own.behind.sent.returns) == 1
    (act,) = [a for a in own.behind.audit.acts.values() if a.who == "dashboard returns-hub"]
    assert "replay" in act.verb
    tab.keyboard.press("Escape")
    parked.locator(".back").click()
    parked.locator("button", has_text="Open").first.click()
    parked.locator("tr", has_text="ret00003").wait_for()
    assert parked.locator("tr", has_text="ret00002").count() == 0


def test_a_return_is_found_and_tells_its_story_on_a_narrow_screen(
    opened: Open, widgets: list[dict[str, Any]]
) -> None:
    tab = opened(width=375)
    find = frame(tab, widgets, "find")
    words = find.locator("input[name=words]")
    words.fill("nothing of the kind")
    words.press("Enter")
    find.locator("text=Nothing was found.").wait_for()
    words.fill(RETURN_ID)
    words.press("Enter")
    find.locator("button", has_text="Story").click()
    find.locator("text=#5501").first.wait_for()
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 375
