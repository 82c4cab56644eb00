"""Loop's deliveries: whether they are Loop's, and which return they are about."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.adapters.loop.webhook import (
    NOT_OURS,
    SIGNATURE,
    is_signed,
    read_delivery,
    terms_of,
)
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.portals import REDOS_LOOP, LoopConnection
from returns_hub.domain.webhooks import BEARER_TOKEN, Delivery
from returns_hub.errors import Permanent
from tests.support.loop_worlds import REDO_ID, loop_file
from tests.support.worlds import merchant_file

BODY = b'{"topic":"return","trigger":"return.updated","id":1673,"url":"https:\\/\\/x.test"}'
AT_LOOP = LoopConnection()
AT_REDO = LoopConnection.model_validate({"host": "redo", "address_returns_by": "redo_return_id"})


def signature(body: bytes, key: str = "shh") -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def test_a_signature_of_the_body_as_it_came_is_taken() -> None:
    assert is_signed(BODY, signature(BODY), "shh")
    assert is_signed(BODY, f" {signature(BODY)}\n", "shh")


def test_a_signature_worked_out_by_hand_is_taken() -> None:
    """RFC 4231, test case 2, in base64."""
    given = base64.b64encode(
        bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    ).decode()
    assert is_signed(b"what do ya want for nothing?", given, "Jefe")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "x",
        "\u20ac",
        signature(BODY, "other"),
        signature(BODY + b" "),
        signature(BODY)[:-1],
        hmac.new(b"shh", BODY, hashlib.sha256).hexdigest(),
        signature(BODY).swapcase(),
    ],
)
def test_anything_else_is_not(header: str | None) -> None:
    assert not is_signed(BODY, header, "shh")


def test_without_a_secret_nothing_is_signed() -> None:
    assert not is_signed(BODY, signature(BODY, ""), "")


def delivery(connection: LoopConnection = AT_LOOP, **content: Any) -> Delivery:
    return read_delivery(connection, {"topic": "return"} | content)


@pytest.mark.parametrize(
    "trigger", ["return.created", "return.updated", "return.closed", "return.invented"]
)
@pytest.mark.parametrize("number", [1673, "1673", " 1673 "])
def test_a_return_is_named_whatever_happened_to_it(trigger: str, number: object) -> None:
    told = delivery(trigger=trigger, id=number, state="open", updated_at="2026-03-02T09:00:00Z")

    assert told.return_id == "1673"
    assert told.kind == (trigger if trigger != "return.invented" else "other")
    assert told.updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_nothing_else_of_a_body_is_taken_for_true() -> None:
    told = delivery(id=1, state="expired", return_state="closed", line_items=[{"sku": "TEE"}])
    assert (told.status, told.portal_return, told.portal_order) == (None, None, None)


def test_the_time_of_an_edit_or_of_a_label_is_not_taken_for_the_returns() -> None:
    assert delivery(id=1, edited_at="2020-01-01T00:00:00Z", state="closed").updated_at is None
    old = "2020-01-01T00:00:00Z"
    assert delivery(topic="label", return_id=1, updated_at=old).updated_at is None


@pytest.mark.parametrize("topic", ["label", "return.processing", "unheard of"])
def test_other_topics_name_the_return_in_a_field_of_their_own(topic: str) -> None:
    assert delivery(topic=topic, id=99, return_id=1673).return_id == "1673"
    with pytest.raises(Permanent):
        delivery(topic=topic, id=99)


@pytest.mark.parametrize("topic", sorted(NOT_OURS))
def test_topics_that_tell_a_return_nothing_name_none(topic: str) -> None:
    assert delivery(topic=topic, id=99, return_id=1673).return_id == ""


def test_at_redos_host_the_return_is_named_as_the_file_says() -> None:
    assert delivery(AT_REDO, id=1673, redo_id=REDO_ID).return_id == REDO_ID
    with pytest.raises(Permanent, match="names no return: redo_id"):
        delivery(AT_REDO, id=1673)


def test_a_time_without_an_offset_is_in_the_files_zone() -> None:
    new_york = LoopConnection(time_zone="America/New_York")
    told = delivery(new_york, id=1, updated_at="2026-03-02 09:00:00")
    assert told.updated_at == datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_the_proof_is_the_one_of_the_host_unless_the_file_says_otherwise() -> None:
    def proof(**connection: Any) -> object:
        terms = terms_of(Merchant.model_validate(loop_file(**connection)))
        assert terms is not None
        assert terms.secret == "loop-webhook"
        return terms.proof

    at_redo = {"host": "redo", "base_url": REDOS_LOOP}
    assert proof() is SIGNATURE
    assert proof(**at_redo) is BEARER_TOKEN
    assert proof(**at_redo, webhook={}) is BEARER_TOKEN
    assert proof(**at_redo, webhook={"authentication": "signature"}) is SIGNATURE
    assert terms_of(Merchant.model_validate(merchant_file())) is None
    with pytest.raises(ValidationError, match="Loop signs"):
        proof(webhook={"authentication": "bearer"})
    others: tuple[Any, ...] = ("x", None, [])
    for wrong in others:
        with pytest.raises(ValidationError, match="webhook"):
            proof(**at_redo, webhook=wrong)


@pytest.mark.parametrize("name", ["webhook", "loop-webhook"])
def test_no_partners_key_has_a_name_that_the_door_may_read(name: str) -> None:
    with pytest.raises(ValidationError, match="end in webhook"):
        LoopConnection(secret=name)
    with pytest.raises(ValidationError):
        LoopConnection.model_validate({"webhook": {"secret": "loop"}})
