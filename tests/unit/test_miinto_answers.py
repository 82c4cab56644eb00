"""Miinto's classifier as tables: every answer has one verdict, and 200 alone says nothing."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.http.transport import Answer, NoAnswer
from returns_hub.adapters.miinto.errors import (
    ChannelRefused,
    NotThere,
    Told,
    require_taken,
    told_by,
)
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START

HTML = b"<html><body>Just a moment</body></html>"
NOT_SENT, SENT = NoAnswer(False, "refused"), NoAnswer(True, "lost")
SUCCESS = {"meta": {"status": "success", "version": "2.6"}, "data": {"newOrder": {"id": 1}}}


def answer(status: int, content: Any = None, body: bytes = b"", **headers: str) -> Answer:
    told = json.dumps(content).encode() if content is not None else body
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, told)


def failing(message: str = "", code: Any = 2001) -> dict[str, Any]:
    errors = [{"code": code, "message": message}] if message else []
    return {"meta": {"status": "failure", "version": "2.6"}, "data": {"errors": errors}}


CASES = [
    (NOT_SENT, Retryable, Retryable),
    (SENT, Retryable, UnknownOutcome),
    # What is no answer of Miinto's, under a status of success.
    (answer(200, body=HTML), Retryable, UnknownOutcome),
    (Answer(200, {}, b'{"meta":{"status":"succ', complete=False), Retryable, UnknownOutcome),
    (Answer(200, {}, json.dumps(SUCCESS).encode(), complete=False), Retryable, UnknownOutcome),
    (answer(200, []), Retryable, UnknownOutcome),
    (answer(200, {"data": {}}), Retryable, UnknownOutcome),
    (answer(200, {"meta": [], "data": {}}), Retryable, UnknownOutcome),
    (answer(200, {"meta": {"status": "maybe"}, "data": {}}), Retryable, UnknownOutcome),
    (answer(200, {"meta": {"status": True}, "data": {}}), Retryable, UnknownOutcome),
    (answer(200, body=b""), Retryable, UnknownOutcome),
    (answer(204, body=b""), Retryable, UnknownOutcome),
    # A failure under HTTP 200.
    (answer(200, failing("The position is decided already")), Permanent, Permanent),
    (answer(200, failing("The shop is not active")), Misconfigured, Misconfigured),
    (answer(200, failing("The channel has expired")), ChannelRefused, ChannelRefused),
    (answer(200, failing("Unknown token")), ChannelRefused, ChannelRefused),
    (answer(200, failing("Invalid signature")), ChannelRefused, ChannelRefused),
    (answer(200, failing("No", code=401)), ChannelRefused, ChannelRefused),
    (answer(200, failing("No", code="403")), ChannelRefused, ChannelRefused),
    (answer(200, failing()), ChannelRefused, ChannelRefused),
    (answer(200, {"meta": {"status": "failure"}}), ChannelRefused, ChannelRefused),
    (answer(200, {"meta": {"status": "FAILURE"}, "data": []}), ChannelRefused, ChannelRefused),
    (answer(200, failing("Too many requests")), Retryable, Retryable),
    (answer(200, failing("No", code=429)), Retryable, Retryable),
    (answer(200, failing("The service is temporarily unavailable")), Retryable, Retryable),
    (answer(200, failing("Internal error")), Retryable, UnknownOutcome),
    (answer(200, failing("The request timed out")), Retryable, UnknownOutcome),
    (answer(200, {"meta": {"status": "error"}, "data": "Not so"}), Permanent, Permanent),
    # Other statuses.
    (answer(302, body=b"", Location="https://else.example.test"), Retryable, UnknownOutcome),
    (answer(400, failing("Parameter `offset` has invalid type")), Permanent, Permanent),
    (answer(400, failing("The signature is wrong")), ChannelRefused, ChannelRefused),
    (Answer(400, {}, b'{"meta', complete=False), Retryable, UnknownOutcome),
    (answer(401, failing("No")), ChannelRefused, ChannelRefused),
    (answer(401, body=HTML), ChannelRefused, ChannelRefused),
    (answer(403, failing("the shop is not this account's")), ChannelRefused, ChannelRefused),
    (answer(404, failing("not found")), NotThere, NotThere),
    (answer(409, failing("decided already")), Permanent, Permanent),
    (answer(415, body=HTML), Permanent, Permanent),
    (answer(422, failing("no such position")), Permanent, Permanent),
    (answer(429, body=HTML), Retryable, Retryable),
    (answer(500, failing("Internal error")), Retryable, UnknownOutcome),
    (answer(500, SUCCESS), Retryable, UnknownOutcome),
    (answer(502, body=HTML), Retryable, UnknownOutcome),
    (answer(503), Retryable, UnknownOutcome),
    (answer(504), Retryable, UnknownOutcome),
]


@pytest.mark.parametrize(("outcome", "as_read", "as_write"), CASES)
def test_miintos_answers(outcome: Answer, as_read: type, as_write: type) -> None:
    with pytest.raises(as_read) as read:
        told_by(outcome, is_read=True, now=START)
    with pytest.raises(as_write) as written:
        told_by(outcome, is_read=False, now=START)
    assert (type(read.value), type(written.value)) == (as_read, as_write)


def test_a_success_is_told_with_its_count() -> None:
    body = {"meta": {"status": "Success", "totalItemCount": 7}, "data": [1]}
    assert told_by(answer(200, body), is_read=True, now=START) == Told([1], 7)
    assert told_by(answer(201, SUCCESS), is_read=False, now=START) == Told(SUCCESS["data"], None)


@pytest.mark.parametrize(
    ("given", "total"), [("12", 12), (-1, None), (True, None), ("x", None), (1.5, None), (0, 0)]
)
def test_a_count_that_is_none(given: Any, total: int | None) -> None:
    body = {"meta": {"status": "success", "totalItemCount": given}, "data": []}
    assert told_by(answer(200, body), is_read=True, now=START).total == total


@pytest.mark.parametrize(
    "taken",
    [
        answer(200, body=b""),
        answer(204, body=b""),
        answer(200, []),
        answer(200, {"data": {}}),
        answer(202, {"meta": {"status": "success"}}),
    ],
)
def test_a_write_without_a_documented_answer_is_taken_unless_it_fails(taken: Answer) -> None:
    require_taken(taken, now=START)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (answer(200, body=HTML), UnknownOutcome),
        (Answer(200, {}, b"", complete=False), UnknownOutcome),
        (answer(200, failing("No such item")), Permanent),
        (answer(200, failing("Unauthorized")), ChannelRefused),
        (answer(400, failing("No")), Permanent),
        (answer(500), UnknownOutcome),
        (answer(301), UnknownOutcome),
        (SENT, UnknownOutcome),
        (NOT_SENT, Retryable),
    ],
)
def test_and_what_is_not_taken(outcome: Any, verdict: type) -> None:
    with pytest.raises(verdict) as raised:
        require_taken(outcome, now=START)
    assert type(raised.value) is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict", "code"),
    [
        (answer(401), Misconfigured, "miinto.channel_refused"),
        (answer(403, failing("not yours")), Misconfigured, "miinto.forbidden"),
        (answer(200, failing("Unauthorized")), Misconfigured, "miinto.channel_refused"),
        (answer(200, failing()), Permanent, "miinto.refused"),
    ],
)
def test_what_a_refused_channel_comes_to_when_a_new_one_does_not_help(
    outcome: Answer, verdict: type, code: str
) -> None:
    with pytest.raises(ChannelRefused) as raised:
        told_by(outcome, is_read=False, now=START)
    assert (type(raised.value.verdict), raised.value.verdict.code) == (verdict, code)


@pytest.mark.parametrize(
    "content",
    [
        failing("Too late"),
        {"meta": {"status": "failure"}, "data": {"errors": {"1": {"message": "Too late"}}}},
        {"meta": {"status": "failure"}, "data": {"error": {"message": "Too late"}}},
        {"meta": {"status": "failure"}, "data": {"errors": ["Too late"]}},
        {"meta": {"status": "failure"}, "data": "Too late"},
        {"meta": {"status": "failure", "message": "Too late"}, "data": []},
        {"meta": {"status": "failure"}, "errors": [{"message": "Too late"}]},
    ],
)
def test_a_refusals_words_are_found_wherever_they_are(content: Any) -> None:
    with pytest.raises(Permanent, match="Too late"):
        told_by(answer(200, content), is_read=False, now=START)
    with pytest.raises(Permanent, match="422: Too late"):
        told_by(answer(422, content), is_read=False, now=START)


def test_a_refusal_names_miintos_code() -> None:
    with pytest.raises(Permanent, match=r"has invalid type \(2001\)"):
        told_by(answer(200, failing("`offset` has invalid type")), is_read=True, now=START)
    with pytest.raises(Permanent, match="code 2009"):
        content = {"meta": {"status": "failure"}, "data": {"errors": [{"code": 2009}]}}
        told_by(answer(200, content), is_read=True, now=START)


def test_miintos_words_are_fit_for_a_screen() -> None:
    words = "No\x00\n\x1b[31m pat@example.test said Blue Shoe 0123456789abcdef0123456789abcdef "
    with pytest.raises(Permanent) as raised:
        told_by(
            answer(422, failing(words + "x" * 999)),
            is_read=False,
            now=START,
            private=["Blue Shoe", ""],
        )
    said = raised.value.reason
    assert said.isprintable()
    assert len(said) < 400
    assert "pat@" not in said
    assert "0123456789abcdef" not in said
    assert "Blue" not in said


def test_429_waits_as_it_is_told_within_bounds() -> None:
    for header, seconds in (("", 5), ("1", 5), ("60", 60), ("99999", 900), ("nan", 5)):
        with pytest.raises(Retryable) as raised:
            told_by(answer(429, Retry_After=header), is_read=False, now=START)
        assert raised.value.after == seconds


KNOWN = (Retryable, Permanent, UnknownOutcome, ChannelRefused, NotThere)


@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_no_answer_escapes_the_classifier(status: int, body: bytes) -> None:
    for is_read in (True, False):
        with contextlib.suppress(*KNOWN):
            told_by(answer(status, body=body), is_read=is_read, now=START)
    with contextlib.suppress(*KNOWN):
        require_taken(answer(status, body=body), now=START)


NAMES = ["meta", "data", "status", "errors", "error", "message", "code", "success", "failure"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(NAMES) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=10,
)


@given(content=JSON, meta=JSON)
def test_no_body_counts_as_done_but_the_one_that_says_so(content: Any, meta: Any) -> None:
    if isinstance(content, dict):
        content = content | {"meta": meta}
    status = meta.get("status") if isinstance(meta, dict) else None
    if isinstance(content, dict) and status == "success":
        return
    body = json.dumps(content).encode()
    with pytest.raises((Permanent, UnknownOutcome, ChannelRefused, Retryable)):
        told_by(answer(200, body=body), is_read=False, now=START)
