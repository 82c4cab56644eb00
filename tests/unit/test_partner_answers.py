"""Both partners' classifiers, as tables: every answer has one verdict."""

from __future__ import annotations

import contextlib

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
)

from returns_hub.adapters.http.transport import Answer, NoAnswer, no_answer
from returns_hub.adapters.http.words import retry_after
from returns_hub.adapters.mintsoft import errors as mintsoft
from returns_hub.adapters.redo import errors as redo
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.support.fakes import START

HTML = b"<html><body>Error 1015</body></html>"
OK = b'{"ID": 41, "Success": true, "Message": "done"}'
CUT = Answer(200, {}, b'{"ID": 4', complete=False)
NOT_SENT, SENT = NoAnswer(False, "refused"), NoAnswer(True, "lost")


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body)


MINTSOFT = [
    (NOT_SENT, Retryable, Retryable),
    (SENT, Retryable, UnknownOutcome),
    (CUT, Retryable, UnknownOutcome),
    (answer(200, HTML), Retryable, UnknownOutcome),
    (answer(200, b""), Retryable, UnknownOutcome),
    (answer(301), Retryable, UnknownOutcome),
    (answer(400, b'{"Message": "The request is invalid."}'), Permanent, Permanent),
    (answer(401), mintsoft.Unauthorised, mintsoft.Unauthorised),
    (answer(403), Misconfigured, Misconfigured),
    (answer(404), mintsoft.NotThere, mintsoft.NotThere),
    (answer(405, b'{"Message": "no"}'), Permanent, Permanent),
    (answer(422), Permanent, Permanent),
    (answer(429, HTML, Retry_After="0"), Retryable, Retryable),
    (answer(500, b'{"Message": "An error has occurred."}'), Retryable, UnknownOutcome),
    (answer(502, HTML), Retryable, UnknownOutcome),
    (answer(503), Retryable, UnknownOutcome),
    (answer(504), Retryable, UnknownOutcome),
    (answer(599), Retryable, UnknownOutcome),
]


@pytest.mark.parametrize(("outcome", "as_read", "as_write"), MINTSOFT)
def test_mintsofts_answers(outcome: Answer, as_read: type, as_write: type) -> None:
    for is_read, verdict in ((True, as_read), (False, as_write)):
        with pytest.raises(verdict) as raised:
            mintsoft.content_of(outcome, is_read=is_read)
        assert type(raised.value) is verdict


def test_mintsofts_zero_retry_after_is_ignored() -> None:
    with pytest.raises(Retryable) as raised:
        mintsoft.content_of(answer(429, HTML, Retry_After="0"), is_read=False)
    assert raised.value.after >= 5


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ({"ID": 0, "Success": True}, UnknownOutcome),
        ({"ID": True, "Success": True}, UnknownOutcome),
        ({"ID": "41", "Success": True}, UnknownOutcome),
        ({"Success": True}, UnknownOutcome),
        ({"ID": 0, "Success": False, "Message": "Client does not exist"}, Permanent),
        ({"ID": 41, "Success": False}, Permanent),
        ({"ID": 41, "Success": "true"}, UnknownOutcome),
        ({"ID": 41}, UnknownOutcome),
        ([], UnknownOutcome),
        ("41", UnknownOutcome),
        (None, UnknownOutcome),
    ],
)
def test_what_is_not_a_clear_success_is_none(content: object, verdict: type) -> None:
    with pytest.raises(verdict):
        mintsoft.created_id(content)


def test_a_clear_success_gives_the_id() -> None:
    assert mintsoft.created_id({"ID": 41, "Success": True}) == 41


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ({"ID": 0, "Success": True}, None),
        ({"Success": True}, None),
        ({"ID": 0, "Success": False, "Message": "Order cannot be cancelled"}, Permanent),
        ({"Success": False, "Message": None}, Permanent),
        ({"Success": False, "Message": "You do not have permission"}, Misconfigured),
        ({"Success": False, "Message": "User is not authorised to do this"}, Misconfigured),
        ({"Success": False, "Message": "Client Users cannot specify a ClientId!"}, Misconfigured),
        ({"Success": "true"}, UnknownOutcome),
        ({"ID": 7, "Comment": "text"}, UnknownOutcome),
        ([], UnknownOutcome),
        (None, UnknownOutcome),
    ],
)
def test_what_mintsoft_says_of_a_write_whose_id_is_known(
    content: object, verdict: type | None
) -> None:
    if verdict is None:
        mintsoft.require_done(content)
        return
    with pytest.raises(verdict) as raised:
        mintsoft.require_done(content)
    assert type(raised.value) is verdict


DONE = {"OrderId": 501, "DropShipOrderId": 0, "Success": True}
EXISTS = {"OrderId": 0, "Success": False, "Message": "Order X already exists"}


@pytest.mark.parametrize(
    ("content", "made"),
    [
        ([DONE], (501, None)),
        (DONE, (501, None)),
        ([DONE | {"DropShipOrderId": 502}], (501, 502)),
        ([DONE, DONE | {"OrderId": 502}], (501, 502)),
        ([DONE | {"OrderId": 0, "DropShipOrderId": 502}], (502, None)),
        ([{"OrderId": 501, "Success": True}], (501, None)),
    ],
)
def test_the_ids_of_an_order_that_was_made(content: object, made: tuple[int, int | None]) -> None:
    assert mintsoft.created_orders(content) == made


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ([], UnknownOutcome),
        (None, UnknownOutcome),
        ("501", UnknownOutcome),
        ([501], UnknownOutcome),
        ([{"OrderId": 501}], UnknownOutcome),
        ([{"Success": True}], UnknownOutcome),
        ([{"Success": True, "OrderId": True}], UnknownOutcome),
        ([{"Success": True, "OrderId": "501"}], UnknownOutcome),
        ([{"Success": "true", "OrderId": 501}], UnknownOutcome),
        ([DONE, {"OrderId": 0, "Success": False, "Message": "x"}], UnknownOutcome),
        ([DONE, EXISTS], UnknownOutcome),
        ([{"Success": False, "OrderId": 501, "Message": "No stock"}], Permanent),
        ({"Success": False, "Message": "Product X does not exist"}, Permanent),
        ([{"Success": False}], Permanent),
        ([{"Success": False, "Message": "No permission to create orders"}], Misconfigured),
        ([{"Success": False, "Message": "Read-only user"}], Misconfigured),
        ([EXISTS], mintsoft.AlreadyThere),
        ([{"Success": False, "Message": "already exist"}], mintsoft.AlreadyThere),
        ([EXISTS | {"Message": "ExternalOrderReference Already Exists"}], mintsoft.AlreadyThere),
    ],
)
def test_what_is_not_a_clear_order_is_none(content: object, verdict: type) -> None:
    with pytest.raises(verdict) as raised:
        mintsoft.created_orders(content)
    assert type(raised.value) is verdict


@pytest.mark.parametrize(("told", "order_id"), [(501, 501), (0, None), (None, None), ("5", None)])
def test_the_order_that_exists_may_be_named(told: object, order_id: int | None) -> None:
    with pytest.raises(mintsoft.AlreadyThere) as raised:
        mintsoft.created_orders([EXISTS | {"OrderId": told}])
    assert raised.value.existing_id == order_id


MADE = {"ProductId": 9001, "SKU": "HAT", "Name": "Hat", "Success": True, "Message": "Created"}
SKU_TAKEN = MADE | {"Success": False, "ProductId": 0, "Message": "SKU HAT already exists"}


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (None, UnknownOutcome),
        ([MADE], UnknownOutcome),
        ("9001", UnknownOutcome),
        ({"ProductId": 9001}, UnknownOutcome),
        (MADE | {"Success": "true"}, UnknownOutcome),
        (MADE | {"ProductId": 0}, UnknownOutcome),
        (MADE | {"ProductId": True}, UnknownOutcome),
        (MADE | {"ProductId": "9001"}, UnknownOutcome),
        ({"ID": 9001, "Success": True}, UnknownOutcome),
        (MADE | {"Success": False}, Permanent),
        ({"Success": False}, Permanent),
        (SKU_TAKEN, mintsoft.AlreadyThere),
        (SKU_TAKEN | {"Message": "No permission to add products"}, Misconfigured),
        (
            SKU_TAKEN | {"Message": "Client Users cannot specify a ClientId!"},
            Misconfigured,
        ),
    ],
)
def test_what_is_not_a_clear_product_is_none(content: object, verdict: type) -> None:
    with pytest.raises(verdict) as raised:
        mintsoft.created_product(content)
    assert type(raised.value) is verdict


def test_the_id_of_a_product_that_was_made_or_exists() -> None:
    assert mintsoft.created_product(MADE) == 9001
    with pytest.raises(mintsoft.AlreadyThere) as raised:
        mintsoft.created_product(SKU_TAKEN | {"ProductId": 7})
    assert raised.value.existing_id == 7


def test_mintsofts_words_are_fit_for_a_screen() -> None:
    with pytest.raises(Permanent) as raised:
        mintsoft.created_id({"Success": False, "Message": "No\x00\n\x1b[31m " + "x" * 999})
    assert raised.value.reason.isprintable()
    assert len(raised.value.reason) < 400


PROBLEM = b'{"type": "about:blank", "title": "Bad", "detail": "no products"}'
SCOPE = b'{"title": "Insufficient token scope", "detail": "missing `returns_write`"}'
REDO = [
    (NOT_SENT, Retryable, Retryable),
    (SENT, Retryable, UnknownOutcome),
    (answer(301), Retryable, UnknownOutcome),
    (answer(400, PROBLEM), Permanent, Permanent),
    (answer(401), redo.Unauthorised, redo.Unauthorised),
    (answer(403, SCOPE), Misconfigured, Misconfigured),
    (answer(404, b""), Permanent, Permanent),
    (answer(409, PROBLEM), Permanent, Permanent),
    (answer(422, PROBLEM), Permanent, Permanent),
    (answer(429), Retryable, Retryable),
    (answer(500), Retryable, UnknownOutcome),
    (answer(502, HTML), Retryable, UnknownOutcome),
    (answer(503, Retry_After="30"), Retryable, UnknownOutcome),
]


@pytest.mark.parametrize(("outcome", "as_read", "as_write"), REDO)
def test_redos_answers(outcome: Answer, as_read: type, as_write: type) -> None:
    for is_read, verdict in ((True, as_read), (False, as_write)):
        with pytest.raises(verdict) as raised:
            redo.answer_of(outcome, is_read=is_read, now=START)
        assert type(raised.value) is verdict


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "x"'])
def test_a_write_that_redo_answered_with_success_is_done_whatever_its_body(body: bytes) -> None:
    for status in (200, 201, 204):
        redo.answer_of(answer(status, body), is_read=False, now=START)


def test_redos_read_with_a_broken_body_is_repeated() -> None:
    with pytest.raises(Retryable):
        redo.content_of(CUT, now=START)


def test_a_missing_scope_is_named() -> None:
    with pytest.raises(Misconfigured, match="returns_write"):
        redo.answer_of(answer(403, SCOPE), is_read=False, now=START)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", 2),
        ("soon", 2),
        ("nan", 2),
        ("inf", 900),
        ("-5", 2),
        ("7", 7),
        ("99999", 900),
        ("Mon, 02 Mar 2026 09:00:30 GMT", 30),
        ("Mon, 02 Mar 2020 09:00:30 GMT", 2),
    ],
)
def test_retry_after_is_clamped(value: str, seconds: float) -> None:
    given_answer = answer(429, Retry_After=value)
    assert retry_after(given_answer, START, least=2, most=900) == seconds


@given(status=st.integers(100, 599), body=st.binary(max_size=200), is_read=st.booleans())
def test_no_answer_escapes_the_classifiers(status: int, body: bytes, is_read: bool) -> None:
    known = (Retryable, Permanent, UnknownOutcome, mintsoft.Unauthorised, mintsoft.NotThere)
    with contextlib.suppress(*known):
        mintsoft.content_of(answer(status, body), is_read=is_read)
    with contextlib.suppress(*known, redo.Unauthorised):
        redo.answer_of(answer(status, body), is_read=is_read, now=START)
    with contextlib.suppress(*known, redo.Unauthorised):
        redo.content_of(answer(status, body), now=START)


POOL: object = None


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (requests.exceptions.ConnectTimeout("x"), False),
        (requests.exceptions.ConnectionError(NewConnectionError(POOL, "x")), False),  # type: ignore[arg-type]
        (
            requests.exceptions.ConnectionError(
                MaxRetryError(POOL, "/", NewConnectionError(POOL, "x"))  # type: ignore[arg-type]
            ),
            False,
        ),
        (requests.exceptions.ConnectionError(ConnectTimeoutError("x")), False),
        (requests.exceptions.ConnectionError(ProtocolError("reset")), True),
        (requests.exceptions.ConnectionError("aborted"), True),
        (requests.exceptions.ConnectionError(), True),
        (requests.exceptions.ReadTimeout("x"), True),
        (requests.exceptions.SSLError("x"), True),
        (requests.exceptions.ChunkedEncodingError("x"), True),
        (requests.exceptions.InvalidURL("x"), False),
        (requests.exceptions.RequestException("x"), True),
    ],
)
def test_only_a_connection_that_was_never_made_is_known_not_sent(
    error: requests.RequestException, sent: bool
) -> None:
    assert no_answer(error).sent is sent
