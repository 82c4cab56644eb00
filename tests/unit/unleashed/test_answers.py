"""Unleashed's classifier as tables: every answer has one verdict."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from returns_hub.adapters.http.transport import Answer, NoAnswer
from returns_hub.adapters.unleashed.bodies import content_of, private_in
from returns_hub.adapters.unleashed.errors import (
    Asked,
    KeyRefused,
    NotThere,
    of_the_key,
    told_by,
    words_in,
)
from returns_hub.domain.strict_json import MOST_DIGITS, read_json
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START

HTML = b"<html><body>Just a moment</body></html>"
ORDER = {"Guid": "00000000-0000-4000-8000-000000000001", "Description": "an order's own words"}


def answer(status: int, content: Any = None, body: bytes = b"", **headers: str) -> Answer:
    told = json.dumps(content).encode() if content is not None else body
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, told)


def refusing(words: str = "", **more: Any) -> dict[str, Any]:
    return {"Description": words, "DebugInformation": None} | more


SPENT = refusing("The monthly API request limit has been reached")
CASES = [
    (NoAnswer(False, "connection refused"), Retryable, Retryable),
    (NoAnswer(True, "read timeout"), Retryable, UnknownOutcome),
    (answer(200, body=HTML), Retryable, UnknownOutcome),
    (answer(200, refusing("Object reference not set")), Retryable, UnknownOutcome),
    (Answer(200, {}, json.dumps(ORDER).encode(), complete=False), Retryable, UnknownOutcome),
    (Answer(200, {}, b"", complete=False), Retryable, UnknownOutcome),
    (answer(302, Location="https://else.example.test"), Retryable, UnknownOutcome),
    (answer(400, refusing("SubTotal does not add up")), Permanent, Permanent),
    (answer(400), Permanent, Permanent),
    (answer(400, body=HTML), Permanent, Permanent),
    (Answer(400, {}, b'{"Descr', complete=False), Retryable, UnknownOutcome),
    (answer(400, SPENT), Misconfigured, Misconfigured),
    # A customer's limit is no limit of calls.
    (answer(400, refusing("The customer's credit limit is exceeded")), Permanent, Permanent),
    (
        answer(400, refusing("The monthly credit limit of ACME is exceeded")),
        Permanent,
        Permanent,
    ),
    (
        answer(400, refusing("Over the customer's credit limit: the request was not saved")),
        Permanent,
        Permanent,
    ),
    (answer(401), KeyRefused, KeyRefused),
    (answer(401, refusing("Unauthorized")), KeyRefused, KeyRefused),
    (answer(403), KeyRefused, KeyRefused),
    (answer(403, body=HTML), KeyRefused, KeyRefused),
    (answer(404, refusing("not found")), NotThere, NotThere),
    (answer(404), NotThere, NotThere),
    (answer(405, body=HTML), Permanent, Permanent),
    (answer(409, refusing("exists")), Permanent, Permanent),
    (answer(422, refusing("no")), Permanent, Permanent),
    (answer(418), Retryable, UnknownOutcome),
    (answer(429, body=HTML), Retryable, Retryable),
    (answer(429, SPENT), Misconfigured, Misconfigured),
    (answer(500, refusing("An error has occurred")), Retryable, UnknownOutcome),
    (answer(502, body=HTML), Retryable, UnknownOutcome),
    (answer(503), Retryable, UnknownOutcome),
    (answer(504), Retryable, UnknownOutcome),
]


@pytest.mark.parametrize(("outcome", "as_read", "as_write"), CASES)
def test_unleasheds_answers(outcome: Any, as_read: type, as_write: type) -> None:
    with pytest.raises(as_read) as read:
        told_by(outcome, is_read=True, now=START)
    with pytest.raises(as_write) as written:
        told_by(outcome, is_read=False, now=START)
    assert (type(read.value), type(written.value)) == (as_read, as_write)


def test_a_success_is_what_it_holds() -> None:
    for status in (200, 201):
        assert told_by(answer(status, ORDER), is_read=False, now=START) == ORDER
        assert told_by(answer(status, ORDER), is_read=True, now=START) == ORDER


def test_a_write_may_be_answered_with_nothing_and_a_read_may_not() -> None:
    assert told_by(answer(204), is_read=False, now=START) is None
    assert told_by(answer(200, body=b" "), is_read=False, now=START) is None
    with pytest.raises(Retryable, match="not whole JSON"):
        told_by(answer(200), is_read=True, now=START)


@pytest.mark.parametrize(
    ("status", "said", "nearly_spent", "worked", "query", "code"),
    [
        (403, "", False, False, False, "unleashed.key_refused"),
        (403, "", False, False, True, "unleashed.key_refused"),
        (401, "Unauthorized", False, False, True, "unleashed.key_refused"),
        (403, "", False, True, True, "unleashed.query_refused"),
        (403, "", False, True, False, "unleashed.key_refused"),
        (403, "", True, True, True, "unleashed.calls_spent"),
        (403, "", True, False, False, "unleashed.calls_spent"),
        (403, "Your API limit is reached", False, True, False, "unleashed.calls_spent"),
    ],
)
def test_a_refused_key_is_told_apart_by_what_we_know(
    status: int, said: str, nearly_spent: bool, worked: bool, query: bool, code: str
) -> None:
    asked = Asked(START, is_nearly_spent=nearly_spent, has_worked=worked, has_query=query)
    verdict = of_the_key(KeyRefused(status, said), asked)

    assert type(verdict) is Misconfigured
    assert verdict.code == code
    assert str(status) in verdict.reason
    # A bare 403 tells nothing, so that the month's calls are named wherever they may be it.
    assert "month's calls" in verdict.reason


def test_what_waits_for_the_month_asks_again_within_the_hour() -> None:
    asked = Asked(START, is_nearly_spent=True, has_worked=True, has_query=False)
    assert of_the_key(KeyRefused(403, ""), asked).after == 3600


@pytest.mark.parametrize(
    "content",
    [
        {"Description": "Too late", "DebugInformation": None},
        {"description": "Too late"},
        {"Message": "Too late"},
        {"Description": None, "DebugInformation": "Too late\n   at Some.Code()"},
        {"Errors": [{"Description": "Too late"}]},
        {"errors": ["Too late"]},
        "Too late",
    ],
)
def test_a_refusals_words_are_found_wherever_they_are(content: Any) -> None:
    assert words_in(content) == "Too late"
    with pytest.raises(Permanent, match="Unleashed refuses it: Too late"):
        told_by(answer(400, content), is_read=False, now=START)


def test_a_developers_words_are_not_shown_beside_the_description() -> None:
    content = refusing("No such product", DebugInformation="stack trace")
    assert words_in(content) == "No such product"


@pytest.mark.parametrize("content", [None, 7, [], {}, {"Description": 7}, {"Errors": {"a": 1}}])
def test_a_refusal_without_words_says_its_status(content: Any) -> None:
    with pytest.raises(Permanent, match="Unleashed answered 400"):
        told_by(answer(400, content), is_read=False, now=START)


def test_unleasheds_words_are_fit_for_a_screen() -> None:
    words = "No\x00\n\x1b[31m pat@example.test of 12 ROSE LANE 0123456789abcdef0123456789abcdef "
    with pytest.raises(Permanent) as raised:
        told_by(
            answer(400, refusing(words + "x" * 999)),
            is_read=False,
            now=START,
            private=["12 Rose Lane"],
        )
    said = raised.value.reason
    assert said.isprintable()
    assert len(said) < 400
    assert "pat@" not in said
    assert "0123456789abcdef" not in said
    assert "ROSE" not in said


def test_what_a_body_holds_of_a_person_is_found() -> None:
    body = {
        "DeliveryName": "Pat Example",
        "DeliveryPostCode": "LS1 1AA",
        "CustomerRef": "WEB-1042",
        "DeliveryContact": {"FirstName": "Pat", "EmailAddress": "pat@example.test"},
        "Addresses": [{"StreetAddress": "12 Rose Lane", "AddressType": "Postal"}],
        "Customer": {"CustomerCode": "WEBSHOP", "CustomerName": "Pat Example Ltd"},
        "SalesOrderLines": [{"Product": {"ProductCode": "MUG-BLU"}, "Comments": "for Pat"}],
        "DeliverySuburb": None,
        "DeliveryRegion": "A",
    }
    found = private_in(body)

    assert found >= {"Pat Example", "LS1 1AA", "pat@example.test", "12 Rose Lane", "for Pat"}
    assert not found & {"MUG-BLU", "WEBSHOP", "A", "Postal"}


def test_429_waits_as_it_is_told_within_bounds() -> None:
    for header, seconds in (("", 5), ("1", 5), ("60", 60), ("99999", 900), ("nan", 5)):
        with pytest.raises(Retryable) as raised:
            told_by(answer(429, Retry_After=header), is_read=False, now=START)
        assert raised.value.after == seconds


KNOWN = (Retryable, Permanent, UnknownOutcome, KeyRefused, NotThere)


@given(status=st.integers(100, 599), body=st.binary(max_size=200), is_read=st.booleans())
def test_no_answer_escapes_the_classifier(status: int, body: bytes, is_read: bool) -> None:
    with contextlib.suppress(*KNOWN):
        told_by(answer(status, body=body), is_read=is_read, now=START)


NAMES = ["Description", "DebugInformation", "Errors", "Message", "Guid", "Items"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(content=JSON, status=st.sampled_from([200, 400, 401, 403, 404, 429, 500]))
def test_no_content_escapes_the_classifier(content: Any, status: int) -> None:
    for is_read in (True, False):
        with contextlib.suppress(*KNOWN):
            told_by(answer(status, content), is_read=is_read, now=START)


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=14, min_value=-1e9, max_value=1e9
)
LARGEST = 10**MOST_DIGITS - 1
SENT: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@example(content=-LARGEST)
@given(content=SENT)
def test_what_was_read_is_written_as_it_was(content: Any) -> None:
    """Numbers as well: 14 decimals of a cost are not those of a float."""
    sent = content_of(content)
    again = read_json(sent)

    assert again == content
    assert content_of(again) == sent


@pytest.mark.parametrize("bad", [1.5, {"a": float("nan")}, [read_json, 1]])
def test_what_is_no_exact_json_is_not_sent(bad: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        content_of(bad)
