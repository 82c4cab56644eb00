"""Who may ask the page for what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.page import ACTS, Page, served


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with served(tmp_path) as shown:
        shown.live_through()
        yield shown


def ask(
    page: Page, method: str, target: str, body: object = None, **headers: str
) -> tuple[int, str]:
    given = {
        "host": f"127.0.0.1:{page.server.port}",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    status, _, answer = page.server.answer(method, target, given, json.dumps(body).encode())
    return status, answer.decode()


CALL = {
    "id": "widget-5",
    "what": "call",
    "endpoint": ACTS,
    "params": {"act": "replay", "of": "PARK-1"},
}


def test_a_call_with_the_pages_token_is_carried_out(page: Page) -> None:
    headers = {"x_page_token": page.server.token, "content_type": "application/json"}
    status, answer = ask(page, "POST", "/widget", CALL, **headers)
    assert (status, json.loads(answer)) == (200, {"kind": "html", "html": "<p>PARK-1 goes on.</p>"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_page_token": ""}, 403),
        ({"x_page_token": "guessed"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"host": "evil.example.test"}, 421),
        ({"host": "127.0.0.1:1"}, 421),
        ({"origin": "https://evil.example.test"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_what_another_site_could_send_does_nothing(
    page: Page, headers: dict[str, str], status: int
) -> None:
    usual = {"x_page_token": page.server.token, "content_type": "application/json"}
    assert ask(page, "POST", "/widget", CALL, **{**usual, **headers})[0] == status
    assert page.functions.acted == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**CALL, "id": "widget-99"}, 404),
        ({**CALL, "id": "widget-1"}, 404),
        ({**CALL, "what": "delete"}, 400),
        ({**CALL, "params": ["x"]}, 400),
        ({**CALL, "width": "wide"}, 400),
        ({**CALL, "forms": ["x"]}, 400),
        (["x"], 400),
    ],
)
def test_what_is_no_call_is_refused(page: Page, body: object, status: int) -> None:
    headers = {"x_page_token": page.server.token, "content_type": "application/json"}
    assert ask(page, "POST", "/widget", body, **headers)[0] == status
    assert page.functions.acted == []


def test_another_names_address_gets_nothing(page: Page) -> None:
    assert ask(page, "GET", "/", host="evil.example.test")[0] == 421
    status, html = ask(page, "GET", "/", host=f"localhost:{page.server.port}")
    assert status == 200
    assert page.server.token in html


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/docs/runbook.md", 200),
        ("/docs/../secret.md", 404),
        ("/docs/%2e%2e/secret.md", 404),
        ("/docs//etc/passwd", 404),
        ("/docs/missing.md", 404),
        ("/static/page.css", 200),
        ("/static/page.html", 404),
        ("/static/../server.py", 404),
        ("/static/%2e%2e%2fserver.py", 404),
        ("/other", 404),
    ],
)
def test_only_its_own_files_are_served(page: Page, target: str, status: int) -> None:
    (page.board.root / "secret.md").write_text("# Secret\n", encoding="utf-8")
    assert ask(page, "GET", target)[0] == status


def test_what_is_live(page: Page) -> None:
    page.problems.append("PollFunction: 2 metric lines refused, it has <b>")
    status, answer = ask(page, "GET", "/live?range=PT1H")
    content = json.loads(answer)
    assert status == 200
    assert content["now"] == "the world's time: 21 Nov 2025 15:00 UTC, 30 times as fast"
    assert content["raised"] == 1
    assert "it has &lt;b&gt;" in content["notes"]
    assert "Stale Cursor" in content["alarms"]
    assert 'href="/docs/runbook.md#stale-cursor"' in content["alarms"]
    assert "14:00" in content["widgets"]["widget-2"]
    assert "12:30" not in content["widgets"]["widget-2"]


def test_a_page_of_a_stack_without_a_dashboard_says_so(tmp_path: Path) -> None:
    with served(tmp_path, []) as page:
        assert "The template has no dashboard yet." in ask(page, "GET", "/")[1]


def test_a_port_that_is_taken_is_not_fought_over(page: Page) -> None:
    other = type(page.server)(page.board, port=page.server.port)
    assert other.port != page.server.port
    other.start()
    other.stop()
