"""Loop's classifier as tables: every answer has one verdict, and 200 alone says nothing."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_hub.adapters.http.transport import Answer, NoAnswer
from returns_hub.adapters.loop.errors import NONE_THERE, Unauthorised, content_of, require_taken
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START

HTML = b"<html><body>Just a moment</body></html>"
NOT_SENT, SENT = NoAnswer(False, "refused"), NoAnswer(True, "lost")


def answer(status: int, content: Any = None, body: bytes = b"", **headers: str) -> Answer:
    told = json.dumps(content).encode() if content is not None else body
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, told)


def errors(message: str, code: str = "") -> dict[str, Any]:
    return {"errors": {"message": message} | ({"code": code} if code else {})}


FLAGGED = errors(
    "Return is open and therefore cannot be processed.", "UNPROCESSABLE_FLAGGED_RETURN"
)
CLOSED = errors("Return is closed and therefore cannot be processed.", "UNPROCESSABLE_RETURN")
KEY = {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}}
CASES = [
    (NOT_SENT, Retryable, Retryable),
    (SENT, Retryable, UnknownOutcome),
    (Answer(200, {}, b'"tru', complete=False), Retryable, UnknownOutcome),
    (answer(200, body=HTML), Retryable, UnknownOutcome),
    (answer(200, body=b""), Retryable, UnknownOutcome),
    (answer(200, FLAGGED), Permanent, Permanent),
    (answer(200, CLOSED), Permanent, Permanent),
    (answer(200, errors("No return found with this ID.")), Permanent, Permanent),
    (answer(200, {"error": {"message": "No return found"}}), Permanent, Permanent),
    (answer(200, {"errors": [{"message": "Not yours"}]}), Permanent, Permanent),
    (answer(200, errors("x", "NOT_AUTHORIZED")), Unauthorised, Unauthorised),
    (answer(200, {"errors": "Unauthorized."}), Unauthorised, Unauthorised),
    (answer(200, errors("oops", "UNEXPECTED_ERROR")), Retryable, UnknownOutcome),
    (answer(201, "true"), Retryable, UnknownOutcome),
    (answer(302, body=b"", Location="https://else.example.test"), Retryable, UnknownOutcome),
    (answer(400, {"errors": ["Bad"]}), Permanent, Permanent),
    (answer(401, KEY), Unauthorised, Unauthorised),
    (answer(403, body=HTML), Misconfigured, Misconfigured),
    (answer(404, {"message": "Not Found"}), Permanent, Permanent),
    (answer(422, errors("Content is required")), Permanent, Permanent),
    (answer(429, body=HTML), Retryable, Retryable),
    (
        answer(500, {"message": "An error was encountered during processing."}),
        Retryable,
        UnknownOutcome,
    ),
    (answer(502, body=HTML), Retryable, UnknownOutcome),
    (answer(503), Retryable, UnknownOutcome),
]


@pytest.mark.parametrize(("outcome", "as_read", "as_write"), CASES)
def test_loops_answers(outcome: Answer, as_read: type, as_write: type) -> None:
    with pytest.raises(as_read) as read:
        content_of(outcome, now=START)
    with pytest.raises(as_write) as written:
        require_taken(outcome, now=START)
    assert (type(read.value), type(written.value)) == (as_read, as_write)


@pytest.mark.parametrize("content", ["true", True])
def test_an_action_is_taken_only_where_the_body_says_so(content: Any) -> None:
    require_taken(answer(200, content), now=START)


@pytest.mark.parametrize("content", ["false", False, 1, 0, "", [], {}, "ok", {"returns": []}])
def test_what_says_neither_may_have_been_done(content: Any) -> None:
    with pytest.raises(UnknownOutcome):
        require_taken(answer(200, content), now=START)


def test_null_says_nothing() -> None:
    with pytest.raises(UnknownOutcome):
        require_taken(answer(200, body=b"null"), now=START)


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ({"message": "Return is cancelled and therefore cannot be processed."}, Permanent),
        ({"content": "Return is expired and cannot be processed."}, Permanent),
        ({"message": "Processing triggered successfully"}, UnknownOutcome),
    ],
)
def test_a_bare_sentence_refuses_only_where_it_says_so(
    content: dict[str, str], verdict: type
) -> None:
    with pytest.raises(verdict):
        require_taken(answer(200, content), now=START)


def test_a_refusal_names_the_portals_code_and_words() -> None:
    with pytest.raises(Permanent, match=r"cannot be processed.*UNPROCESSABLE_FLAGGED_RETURN"):
        require_taken(answer(200, FLAGGED), now=START)
    with pytest.raises(Permanent) as unknown:
        content_of(answer(200, {"error": {"message": "No return found with this ID."}}), now=START)
    assert unknown.value.code == "loop.not_found"


def test_loops_words_are_fit_for_a_screen() -> None:
    with pytest.raises(Permanent) as raised:
        require_taken(
            answer(200, errors("No\x00\n\x1b[31m pat@example.test " + "x" * 999)), now=START
        )
    assert raised.value.reason.isprintable()
    assert "pat@" not in raised.value.reason
    assert len(raised.value.reason) < 400


def test_an_empty_list_of_errors_is_no_refusal() -> None:
    content = {"id": 1, "errors": []}
    assert content_of(answer(200, content), now=START) == content


def test_the_status_for_none_is_none_and_only_where_it_was_said_to_be() -> None:
    assert content_of(answer(422, "false"), now=START, none_is=422) is NONE_THERE
    with pytest.raises(Permanent):
        content_of(answer(422, "false"), now=START)


def test_429_waits_as_it_is_told_within_bounds() -> None:
    for header, seconds in (("", 5), ("1", 5), ("60", 60), ("99999", 900)):
        with pytest.raises(Retryable) as raised:
            require_taken(answer(429, Retry_After=header), now=START)
        assert raised.value.after == seconds


@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_no_answer_escapes_the_classifier(status: int, body: bytes) -> None:
    known = (Retryable, Permanent, UnknownOutcome, Unauthorised)
    with contextlib.suppress(*known):
        content_of(answer(status, body=body), now=START)
    with contextlib.suppress(*known):
        require_taken(answer(status, body=body), now=START)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["errors", "error", "message", "content", "code"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(content=JSON)
def test_no_shape_of_a_body_counts_as_done_but_the_one_that_says_so(content: Any) -> None:
    if content is True or content == "true":
        return
    with pytest.raises((Permanent, UnknownOutcome, Unauthorised)):
        require_taken(answer(200, body=json.dumps(content).encode()), now=START)
