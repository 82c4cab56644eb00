"""Partners that repeat what they were sent: none of it is in a verdict, nor in the log."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from local.simulators.wire import Reply, Request
from returns_hub.adapters.http import unsaid
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.http.words import in_one_line
from returns_hub.adapters.loop import errors as loop
from returns_hub.adapters.miinto import errors as miinto
from returns_hub.adapters.mintsoft import errors as mintsoft
from returns_hub.adapters.redo import errors as redo
from returns_hub.adapters.relay import errors as relay
from returns_hub.adapters.unleashed import errors as unleashed
from returns_hub.adapters.wair import errors as wair
from tests.support.bare import line_to
from tests.support.canaries import PERSON, first_in, found_in, secret
from tests.support.fakes import Telemetry, TestClock
from tests.support.in_process import InProcess

CLOCK = TestClock()
NOW = CLOCK.now()
STATUSES = (200, 400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 502, 503)
HEADERS = {
    "Authorization": f"Bearer {secret('bearer')}",
    "ms-apikey": secret("mintsoft"),
    "Miinto-API-Auth-Signature": f"keyid={secret('id')}; signature=/{secret('sign')}+==",
}
BODY = [
    {
        "OrderNumber": "MI-1",
        "OrderItems": [{"SKU": "TEE-RED-M", "Quantity": 1}],
        "Password": secret("password"),
        "Customer": {"emailAddress": PERSON["Email"], "name": {"given": "Ines Wexquillname"}},
        **PERSON,
    }
]
"""One part of a request that a person may read, and many that nobody may."""


TOLD = {
    **PERSON,
    **{name: value.removeprefix("Bearer ") for name, value in HEADERS.items()},
    "a password": secret("password"),
    "a query's key": secret("query"),
    "a mail": PERSON["Email"],
}
"""Everything private that the partner is sent, and may tell."""


@dataclass
class Echo:
    """A partner that refuses everything, with the same in every field that is read for words."""

    status: int = 400
    words: str = ""
    page: bool = False

    def handle(self, request: Request) -> Reply:
        """See `wire.Core`."""
        if self.page:
            page = f"<html><title>{self.words}</title><pre>{self.words}</pre></html>"
            return Reply(self.status, {"Content-Type": "text/html"}, page.encode())
        problems = [{"code": "1", "message": self.words, "Message": self.words}]
        content = {
            **dict.fromkeys(("title", "detail", "error", "Message", "Description"), self.words),
            "message": self.words,
            "Success": False,
            "meta": {"status": "failure", "errors": problems},
            "errors": problems,
            "Errors": problems,
        }
        return Reply(self.status, {}, json.dumps(content).encode())


@dataclass
class Line:
    """The hub's line to an echo."""

    echo: Echo
    telemetry: Telemetry = field(default_factory=Telemetry)

    def http(self, partner: str) -> PartnerHttp:
        """Requests to it."""
        base = f"https://{partner}.example.test"
        return line_to(base, InProcess(self.echo), partner, clock=CLOCK, telemetry=self.telemetry)

    def ask(self, partner: str) -> Any:
        """What a write comes to, with a key in its query too."""
        query = {"apikey": secret("query"), "OrderNumber": "MI-1"}
        return self.http(partner).request(
            "POST", "/orders", template="/orders", query=query, headers=HEADERS, json_body=BODY
        )


READERS: dict[str, Callable[[Any], object]] = {
    "mintsoft": lambda outcome: mintsoft.created_id(mintsoft.content_of(outcome, is_read=False)),
    "mintsoft rows": lambda outcome: mintsoft.rows_done(
        [mintsoft.content_of(outcome, is_read=False)]
    ),
    "redo": lambda outcome: redo.content_of(outcome, now=NOW),
    "loop": lambda outcome: loop.require_taken(outcome, now=NOW),
    "miinto": lambda outcome: miinto.told_by(outcome, is_read=False, now=NOW),
    "unleashed": lambda outcome: unleashed.told_by(outcome, is_read=False, now=NOW),
    "wair": lambda outcome: wair.content_of(outcome, wair.Asked("WAIR", "x", False, NOW)),
    "relay": lambda outcome: relay.require_taken(outcome, target="shop", event_id="evt-1", now=NOW),
}


def words_of(error: BaseException | None) -> Iterator[str]:
    """All that an exception and what led to it hold."""
    while error is not None:
        yield repr(error.args)
        yield repr(vars(error))
        error = error.__cause__


def not_ours_or_holds(error: Exception) -> bool:
    """Whether it is another fault than an adapter's, or holds something private."""
    is_ours = type(error).__module__.startswith("returns_hub.")
    return not is_ours or any(map(found_in, words_of(error)))


@pytest.mark.parametrize("partner", READERS)
@pytest.mark.parametrize("page", [False, True], ids=["JSON", "page"])
def test_a_refusal_that_repeats_the_request_is_cleared_of_it(partner: str, page: bool) -> None:
    leaks: list[str] = []
    for status in STATUSES:
        for name, value in TOLD.items():
            line = Line(Echo(status, f"TEE: {value} is refused", page))
            try:
                READERS[partner](line.ask(partner.partition(" ")[0]))
            except Exception as error:  # noqa: BLE001 - adapters' own signals, too
                leaked = f"{status} {name} {error!r}" if not_ours_or_holds(error) else ""
                leaks += [leaked] if leaked else []
            assert not first_in(repr(line.telemetry.lines))
    assert leaks == []


def test_the_words_are_read_and_what_is_nobodys_stays() -> None:
    """Else nothing is proven."""
    for partner, read in READERS.items():
        told: list[str] = []
        for status in STATUSES:
            try:
                read(Line(Echo(status, "TEE-RED-M is unknown")).ask(partner.partition(" ")[0]))
            except Exception as error:  # noqa: BLE001 - as above
                told += words_of(error)
        assert any("TEE-RED-M is unknown" in text for text in told), partner


@pytest.mark.parametrize(
    "how",
    [str, str.upper, lambda text: quote(text, safe=""), html.escape, lambda t: json.dumps(t)[1:-1]],
    ids=["plain", "capitals", "URL", "HTML", "JSON"],
)
@pytest.mark.parametrize("name", ["Address1", "LastName", "Town", "DeliveryNotes"])
def test_however_it_is_written(how: Callable[[str], str], name: str) -> None:
    Line(Echo()).ask("x")
    assert not first_in(in_one_line(f"TEE: {how(PERSON[name])} is refused"))


def test_a_key_in_base64_is_hidden_whole() -> None:
    """Such a key has no twenty letters and digits together, by which a token is known."""
    key = "ab/cd+ef/gh=="
    header = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}", "X-Key": key}
    Line(Echo()).http("x").request("GET", "/", template="/", headers=header)
    told = in_one_line(f"no user for {key} or {header['Authorization']}")
    assert key not in told
    assert header["Authorization"].split()[1] not in told


def test_only_what_was_sent_lately_is_hidden_and_short_words_stay() -> None:
    line = Line(Echo())
    line.http("x").request("POST", "/", template="/", json_body={"Phone": "1", "Town": "Leeds"})
    assert in_one_line("1 row of Leeds") == "1 row of …"
    for _ in range(unsaid.KEPT):
        line.http("x").request("POST", "/", template="/", json_body={"SKU": "Leeds"})
    assert in_one_line("1 row of Leeds") == "1 row of Leeds"


def test_a_body_that_is_no_json_or_too_long_is_no_trouble() -> None:
    line = Line(Echo())
    for body in (b"[" * 100_000, b"\xff\xfe", b'"' + b"x" * unsaid.LARGEST_BODY + b'"'):
        line.http("x").request("POST", "/", template="/", body=body)
        assert in_one_line("as it is") == "as it is"
