"""A headless Chromium for the tests of the local page; without one they are skipped, and say so."""

from __future__ import annotations

import site
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.page import Page, served
from tools.setup import NO_CHROMIUM, VENVS, chromium

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE_MS = 20_000
"""For whatever has to appear; a machine may be slow."""
Open = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests; each opens a context of its own."""
    program = chromium()
    for packages in (VENVS / "browser" / "lib").glob("python3.*/site-packages"):
        site.addsitedir(str(packages))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("NOTHING WAS CHECKED IN A BROWSER: run python3.11 tools/setup.py browser")
    if program is None:
        pytest.skip(f"NOTHING WAS CHECKED IN A BROWSER: {NO_CHROMIUM}")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page with every kind of widget, after three hours that end with an alarm."""
    with served(tmp_path) as shown:
        shown.live_through()
        yield shown


@pytest.fixture
def window(browser: Any) -> Iterator[Open]:
    """Opens a page in a window; a script that fails is a failure of the test."""
    contexts: list[Any] = []
    failures: list[str] = []

    def open_(url: str, *, width: int = 1300, height: int = 900, scheme: str = "light") -> Any:
        size = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, color_scheme=scheme))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(PATIENCE_MS)
        tab.on("pageerror", lambda error: failures.append(str(error)))
        tab.goto(url)
        tab.wait_for_selector("html[data-ready]")
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert not failures


@pytest.fixture
def opened(window: Open, page: Page) -> Open:
    """Opens `page` in a window."""
    return partial(window, page.url)
