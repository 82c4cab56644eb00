"""The local page in a browser: what people do there, and what must not happen to them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.support.cloudwatch import ERRORS
from tests.support.page import Page, rows

FIND, PARKED, FAILING, ROWS_WIDGET, SCRIPTED = (f"#widget-{number}" for number in (4, 5, 9, 10, 11))
GRAPH, SUMMARY = "#widget-2", "#widget-14"


def refresh(tab: Any) -> None:
    """Ask for everything anew as its time would, which takes no focus, and wait for it."""
    tab.evaluate("() => document.getElementById('refresh').dispatchEvent(new MouseEvent('click'))")
    tab.wait_for_function("() => !document.querySelector('.busy')")


def button(tab: Any, name: str, words: str) -> Any:
    """An action's button in the row of what is parked."""
    return tab.locator(f"{PARKED} tr", has_text=name).locator("a", has_text=words)


def focused(tab: Any) -> str:
    """Words of what has the focus, inside of widgets too."""
    return str(
        tab.evaluate(
            """() => { let e = document.activeElement;
            while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
            return e.getAttribute("aria-label") || e.textContent.trim() || e.id || e.localName; }"""
        )
    )


def test_every_kind_of_widget_shows_what_it_has(opened: Open, page: Page) -> None:
    tab = opened()
    tab.wait_for_selector(f"{SUMMARY} >> text=All quiet")
    assert tab.locator(f"{GRAPH} .legend li").all_inner_texts()[0].startswith("example")
    assert tab.locator("#widget-6 .value b").inner_text() == "6"
    assert "In alarm" in tab.locator("#widget-7").inner_text()
    empty = tab.locator("#widget-8 .empty").inner_text()
    assert empty == "Nothing was published yet as ReturnsHub/dev Never (service=returns-hub)"
    assert "FILL()" in tab.locator("#widget-12 .notes").inner_text()
    assert "the type log are not honoured" in tab.locator("#widget-13 .notes").inner_text()
    assert page.functions.asked[0]["widgetContext"]["dashboardName"] == "returns-hub"
    assert tab.title() == "(1) returns-hub"


def test_a_widget_that_fails_says_why_and_the_others_go_on(opened: Open, page: Page) -> None:
    tab = opened()
    tab.wait_for_selector(f"{FAILING} .failure")
    words = tab.locator(f"{FAILING} .failure").inner_text()
    assert "ZeroDivisionError" in words
    assert ".local/logs/OpsWidgetsFunction.*.log" in words
    page.functions.answers["failing"] = lambda event: "<p>Mended</p>"
    refresh(tab)
    tab.wait_for_selector(f"{FAILING} >> text=Mended")
    assert tab.locator(f"{FAILING}.failed").count() == 0


def test_a_search_takes_what_was_typed(opened: Open, page: Page) -> None:
    tab = opened()
    tab.fill(f"{FIND} input", "ORDER-7")
    tab.press(f"{FIND} input", "Enter")
    tab.wait_for_selector(f"{FIND} >> text=1 return for ORDER-7")
    refresh(tab)
    assert tab.locator(f"{FIND} >> text=1 return for ORDER-7").count() == 1
    tab.click(f"{FIND} .back")
    tab.wait_for_selector(f"{FIND} >> text=1 return for", state="detached")


def test_a_replay_is_previewed_and_confirmed_once(opened: Open, page: Page) -> None:
    tab = opened()
    button(tab, "PARK-2", "Preview").click()
    tab.wait_for_selector("#popup >> text=What a replay of PARK-2 would do")
    tab.keyboard.press("Escape")
    assert not tab.locator("#popup").is_visible()
    button(tab, "PARK-2", "Replay").click()
    assert tab.locator("#confirm-words").inner_text() == "Replay PARK-2?"
    tab.click("#confirm >> text=Cancel")
    assert page.functions.acted == []
    button(tab, "PARK-2", "Replay").click()
    tab.click("#confirm >> text=Confirm")
    tab.wait_for_selector(f"{PARKED} >> text=PARK-2 goes on.")
    (act,) = page.functions.acted
    assert {name: act[name] for name in ("act", "of")} == {"act": "replay", "of": "PARK-2"}
    tab.click(f"{PARKED} .back")
    tab.wait_for_selector(f"{PARKED} >> text=PARK-3")
    assert tab.locator(f"{PARKED} >> text=PARK-2").count() == 0


def test_the_keyboard_alone_is_enough(opened: Open, page: Page) -> None:
    tab = opened()
    tab.wait_for_selector(f"{PARKED} >> text=PARK-1")
    tab.focus(f"{FIND} input")
    stops = []
    for _ in range(5):
        tab.keyboard.press("Tab")
        stops.append(focused(tab))
    assert stops == ["Search", "What this widget is", "Preview", "Replay", "Preview"]
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#popup >> text=What a replay of PARK-2 would do")
    tab.keyboard.press("Escape")
    assert focused(tab) == "Preview"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#confirm-words >> text=Replay PARK-2?")
    assert focused(tab) == "Cancel"
    tab.keyboard.press("Escape")
    assert page.functions.acted == []
    assert focused(tab) == "Replay"
    tab.keyboard.press("Space")
    tab.wait_for_selector("#confirm[open]")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(f"{PARKED} >> text=PARK-2 goes on.")
    assert len(page.functions.acted) == 1


def test_two_questions_in_a_row_are_two_and_each_is_answered_once(opened: Open, page: Page) -> None:
    tab = opened()
    button(tab, "PARK-2", "Replay").wait_for()
    # Cancelled and asked again at once: the first one's closing is told after the second was asked.
    tab.evaluate(
        """() => {
        const [cancel, confirm] = document.querySelectorAll("#confirm button");
        const replay = document.querySelector("#widget-5 .body > div").shadowRoot
          .querySelectorAll(".btn-primary")[1];
        replay.click(); cancel.click(); replay.click();
        setTimeout(() => confirm.click(), 200);
        }"""
    )
    tab.wait_for_selector(f"{PARKED} >> text=PARK-2 goes on.")
    assert len(page.functions.acted) == 1


def test_a_refresh_keeps_focus_text_and_rows(opened: Open, page: Page) -> None:
    tab = opened()
    tab.fill(f"{FIND} input", "half a wo")
    button(tab, "PARK-2", "Replay").focus()
    page.functions.parked = ["PARK-0", "PARK-00", "PARK-2", "PARK-3"]
    refresh(tab)
    tab.wait_for_selector(f"{PARKED} >> text=PARK-00")
    assert tab.locator(f"{FIND} input").input_value() == "half a wo"
    tab.keyboard.press("Enter")
    assert tab.locator("#confirm-words").inner_text() == "Replay PARK-2?"


def test_live_values_come_without_flicker_and_keep_what_is_open(opened: Open, page: Page) -> None:
    tab = opened()
    tab.click("#alarms summary >> text=others")
    tab.evaluate("() => { window.kept = document.querySelector('#widget-2 svg'); }")
    page.metrics.put(ERRORS, page.clock.moment(), 0)
    page.clock.go_on(minutes=10)
    refresh(tab)
    tab.wait_for_selector("#alarm-list >> text=No alarm is raised.")
    assert tab.locator("#alarms details[data-key=others]").get_attribute("open") is not None
    assert tab.evaluate("() => window.kept === document.querySelector('#widget-2 svg')")
    assert tab.title() == "returns-hub"


def test_ten_thousand_rows_scroll_inside_their_widget(opened: Open, page: Page) -> None:
    table = rows(10_000)
    page.functions.answers["rows"] = lambda event: table
    tab = opened()
    tab.wait_for_selector(f"{ROWS_WIDGET} >> text=R-09999", state="attached")
    assert tab.locator(f"{ROWS_WIDGET} tbody tr").count() == 10_000
    body = tab.locator(f"{ROWS_WIDGET} .body")
    assert body.evaluate("e => e.scrollHeight > 20 * e.clientHeight")
    body.evaluate("e => { e.scrollTop = 50000; }")
    page.functions.answers["rows"] = lambda event: table.replace("EUR 7.00", "EUR 8.00")
    began = time.monotonic()
    refresh(tab)
    assert time.monotonic() - began < 10
    assert body.evaluate("e => e.scrollTop") == 50000
    assert tab.locator(f"{ROWS_WIDGET} >> text=EUR 7.00").count() == 0
    assert tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_scripts_are_taken_out_of_a_widget_and_that_is_told(opened: Open) -> None:
    tab = opened()
    tab.wait_for_selector(f"{SCRIPTED} >> text=Harmless")
    tab.click(f"{SCRIPTED} >> text=Harmless")
    assert tab.locator(f"{SCRIPTED} .notes").inner_text() == (
        "CloudWatch takes this out of a widget, and so did this page: "
        "<script>, <iframe>, onclick, javascript: in href, onerror"
    )
    assert "owned" not in tab.title()
    assert tab.locator(f"{SCRIPTED} iframe, {SCRIPTED} script").count() == 0


@pytest.mark.parametrize("width", [375, 1300])
def test_nothing_is_wider_than_the_screen_and_the_order_is_the_dashboards(
    opened: Open, width: int
) -> None:
    tab = opened(width=width)
    tab.wait_for_selector(f"{ROWS_WIDGET} >> text=R-00000")
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
    tops = tab.locator("main .widget").evaluate_all("all => all.map(e => e.offsetTop)")
    assert tops == sorted(tops)
    if width == 375:
        assert len(set(tops)) == len(tops)


def test_dark_and_light_follow_the_system_until_one_is_chosen(opened: Open, page: Page) -> None:
    tab = opened(scheme="dark")

    def background() -> str:
        return str(tab.evaluate("() => getComputedStyle(document.body).backgroundColor"))

    tab.wait_for_selector(f"{SUMMARY} >> text=All quiet")
    assert background() == "rgb(14, 19, 24)"
    assert page.functions.asked[-1]["widgetContext"]["theme"] == "dark"
    tab.select_option("#theme", "light")
    assert background() == "rgb(244, 245, 247)"
    tab.wait_for_function("() => !document.querySelector('.busy')")
    assert page.functions.asked[-1]["widgetContext"]["theme"] == "light"
    tab.reload()
    assert background() == "rgb(244, 245, 247)"


def test_a_graph_is_read_with_the_pointer_and_with_keys(opened: Open) -> None:
    tab = opened()
    tab.hover(f"{GRAPH} .plot svg", position={"x": 200, "y": 40}, force=True)
    assert "north" in tab.locator(f"{GRAPH} .reading").inner_text()
    tab.mouse.move(5, 5)
    tab.focus(f"{GRAPH} .graph")
    tab.keyboard.press("ArrowLeft")
    assert tab.locator(f"{GRAPH} .reading div").first.inner_text().strip() == "14:55 UTC"
    tab.keyboard.press("ArrowLeft")
    assert tab.locator(f"{GRAPH} .reading div").first.inner_text().strip() == "14:50 UTC"
    tab.keyboard.press("Escape")
    assert tab.locator(f"{GRAPH} .reading").count() == 0


def test_an_empty_dashboard_and_a_stack_that_is_gone(opened: Open, page: Page) -> None:
    tab = opened()
    page.functions.parked.clear()
    refresh(tab)
    tab.wait_for_selector(f"{PARKED} >> text=Nobody has to do anything.")
    tab.context.set_offline(True)
    tab.click("#refresh")
    tab.wait_for_selector("#state >> text=does not answer")
    tab.wait_for_selector(f"{PARKED} >> text=The local stack does not answer")


def test_an_alarm_leads_to_its_section_of_the_runbook(opened: Open) -> None:
    tab = opened()
    tab.click("#alarms a >> text=stale cursor")
    tab.wait_for_url("**/docs/runbook.md#stale-cursor")
    assert tab.locator("#stale-cursor").inner_text() == "Stale cursor"
