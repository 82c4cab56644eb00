"""Events of the HTTP API: odd headers, missing fields, encodings."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from returns_hub.adapters.gateway.http_api import request_of, response_of
from returns_hub.domain.webhooks import WebAnswer


def event(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "POST /webhooks/redo/{merchant}",
        "rawPath": "/webhooks/redo/example",
        "headers": {"content-type": "application/json", "authorization": "Bearer t"},
        "requestContext": {"http": {"method": "POST", "path": "/webhooks/redo/example"}},
        "pathParameters": {"merchant": "example"},
        "body": "{}",
        "isBase64Encoded": False,
    }
    return content | changes


def test_a_request_is_read() -> None:
    found = request_of(event())
    assert (found.method, found.merchant, found.body) == ("POST", "example", b"{}")
    assert (found.authorization, found.content_type) == ("Bearer t", "application/json")


@pytest.mark.parametrize("name", ["Authorization", "AUTHORIZATION", "aUTHORIZATION"])
def test_a_headers_name_is_read_in_any_case(name: str) -> None:
    assert request_of(event(headers={name: " Bearer t "})).authorization == "Bearer t"


@pytest.mark.parametrize(
    "headers",
    [
        None,
        [],
        "x",
        {},
        {"authorization": None},
        {"authorization": ["Bearer t"]},
        {"authorization": "Bearer t", "Authorization": "Bearer t"},
    ],
)
def test_a_header_that_is_missing_or_ambiguous_is_empty(headers: Any) -> None:
    assert request_of(event(headers=headers)).authorization == ""


@pytest.mark.parametrize("name", ["X-Loop-Signature", "x-loop-signature"])
def test_a_signature_is_read_by_the_header_of_the_portal(name: str) -> None:
    asked = event(headers={name: " c2ln "})
    assert request_of(asked, "X-Loop-Signature").signature == "c2ln"
    assert request_of(asked).signature == ""
    twice = event(headers={"x-loop-signature": "c2ln", "X-LOOP-SIGNATURE": "c2ln"})
    assert request_of(twice, "X-Loop-Signature").signature == ""
    assert "c2ln" not in repr(request_of(asked, "X-Loop-Signature"))


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("application/json; charset=utf-8", "application/json"),
        (" Application/JSON ;x", "application/json"),
        (";", ""),
    ],
)
def test_a_content_type_is_read_without_its_parameters(kind: str, read: str) -> None:
    assert request_of(event(headers={"Content-Type": kind})).content_type == read


@pytest.mark.parametrize(
    ("body", "encoded", "read"),
    [
        (base64.b64encode(b"\xff\x00").decode(), True, b"\xff\x00"),
        ("not base64!", True, b""),
        ("e30", True, b""),
        ("é", False, "é".encode()),
        ("\ud800", False, b"\xed\xa0\x80"),
        (None, False, b""),
        (None, True, b""),
        (5, False, b""),
        ({"a": 1}, False, b""),
        ("{}", "yes", b"{}"),
    ],
)
def test_a_body_is_bytes_whatever_it_came_as(body: Any, encoded: Any, read: bytes) -> None:
    assert request_of(event(body=body, isBase64Encoded=encoded)).body == read


@pytest.mark.parametrize("name", ["headers", "requestContext", "pathParameters", "body"])
@pytest.mark.parametrize("value", [None, 5, "x", [], {"x": 1}])
def test_no_field_has_to_be_of_its_kind(name: str, value: Any) -> None:
    request_of(event(**{name: value}))


def test_the_secret_parts_are_not_shown() -> None:
    shown = repr(request_of(event(body="pat@example.test")))
    assert "Bearer" not in shown
    assert "pat" not in shown


def test_an_answer_is_in_the_format_and_is_not_kept_by_anybody() -> None:
    given = response_of(WebAnswer(202, {"outcome": "queued"}, {"X": "y"}))
    assert given["statusCode"] == 202
    assert json.loads(given["body"]) == {"outcome": "queued"}
    assert given["headers"] == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X": "y",
    }
