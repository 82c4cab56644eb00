"""The contracts about refunds, and the queue and the bus that refunds go home on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import jsonschema
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from pydantic import ValidationError

from cli.schemas import refund_schema, store_refund_schema
from returns_hub.adapters.queues.refunds import RefundsBus, RefundsQueue
from returns_hub.domain.miinto.refund_settings import RefundSettings
from returns_hub.domain.miinto.refunding import amount_of
from returns_hub.domain.operations import NotFound
from returns_hub.domain.refunds import REFUND_ID, Refund, RefundLine, refund_id_of
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from returns_hub.flows.miinto.store_refund_message import parse
from tests.support.fakes import START, TestClock

EVENTS = Path(__file__).resolve().parents[2] / "docs" / "events"
LATER = START + timedelta(minutes=1)
REFUND = Refund(
    merchant="example",
    refund_id=refund_id_of("miinto-045-1234-30001", ("811",)),
    return_id="miinto-045-1234-30001",
    shop="1-m!i!s-045-1234",
    market="DK",
    order_id=555001,
    parent_order_id="2611111",
    order_number="MI-DK-555001",
    currency="DKK",
    lines=(
        RefundLine(sku="TEE", quantity=1, amount_minor=49900, position="811", order_position=71),
    ),
    total_minor=49900,
    reason="goods_accepted",
    accepted_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)


# -- the contracts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "schema"),
    [("refund-1", refund_schema), ("store-refund-1", store_refund_schema)],
)
def test_the_published_schemas_are_current(file: str, schema: Any) -> None:
    assert (EVENTS / f"{file}.schema.json").read_text(encoding="utf-8") == schema()


def test_what_is_told_is_what_the_schema_says_and_always_the_same_bytes() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(refund_schema()))
    content = json.loads(REFUND.to_json())
    assert validator.is_valid(content)
    assert Refund.model_validate(content).to_json() == REFUND.to_json()
    assert not validator.is_valid(content | {"email": "ida@example.test"})


def test_the_examples_are_what_the_contracts_take() -> None:
    example = json.loads((EVENTS / "refund-1.example.json").read_text(encoding="utf-8"))
    assert Refund.model_validate(example).refund_id == example["refund_id"]
    parse((EVENTS / "store-refund-1.example.json").read_text(encoding="utf-8"))


GOOD = json.loads((EVENTS / "store-refund-1.example.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"order": {"market": "DK", "id": 555001}},
        {"order": {"market": "DK"}},
        {"order": {"number": "MI-1", "market": "DK", "id": 1}},
        {"lines": []},
        {"lines": [{"sku": "TEE", "quantity": 0}]},
        {"lines": [{"sku": "TEE", "quantity": "1"}]},
        {"lines": [{"sku": "TEE", "quantity": 1, "amount_minor": -1}]},
        {"lines": [{"sku": "", "quantity": 1}]},
        {"refund_id": "a b"},
        {"merchant": "Bad!"},
        {"currency": "dkk"},
        {"origin": None},
        {"schema": "store-refund/2"},
        {"extra": 1},
    ],
)
def test_schema_and_model_agree(change: dict[str, Any]) -> None:
    content = GOOD | change
    try:
        parse(json.dumps(content))
        taken = True
    except Permanent:
        taken = False
    validator = jsonschema.Draft202012Validator(json.loads(store_refund_schema()))
    assert validator.is_valid(content) is taken


def test_an_id_names_its_return_and_its_positions_in_any_order() -> None:
    one = refund_id_of("miinto-045-1234-30001", ("811", "812"))
    assert one == refund_id_of("miinto-045-1234-30001", ("812", "811"))
    assert one != refund_id_of("miinto-045-1234-30001", ("811",))
    named = REFUND_ID.fullmatch(one)
    assert named is not None
    assert named["return_id"] == "miinto-045-1234-30001"
    assert REFUND_ID.fullmatch("SR-1") is None


@pytest.mark.parametrize(
    ("price", "units", "ordered", "price_is", "worth"),
    [
        (100, 2, 2, "unit", 200),
        (100, 1, 2, "unit", 100),
        (100, 2, 2, "line", 100),
        (100, 1, 2, "line", None),
        (100, 1, 1, "unknown", 100),
        (100, 2, 2, "unknown", None),
        (100, 1, 2, "unknown", None),
        (None, 1, 1, "unit", None),
        (0, 3, 3, "unit", 0),
    ],
)
def test_a_lines_worth_is_told_only_where_it_is_known(
    price: Any, units: int, ordered: int, price_is: Any, worth: Any
) -> None:
    assert amount_of(price, units, ordered, price_is) == worth


# -- the settings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"mode": "live"}, "nothing would be done"),
        ({"mode": "shadow"}, "nothing would be done"),
    ],
)
def test_settings_that_do_nothing_or_cannot_be_done_are_refused(content: Any, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        RefundSettings.model_validate(content)


def test_targets_are_what_the_file_names() -> None:
    assert RefundSettings().targets == ()
    assert RefundSettings.model_validate({"mode": "live", "to": "bus"}).targets == ("bus",)
    assert RefundSettings.model_validate({"mode": "live", "from_store": "ask"}).targets == ()


# -- the queue and the bus ----------------------------------------------------------------------


def queue_of(answer: Any) -> RefundsQueue:
    def send_message(**sent: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        answer.update(sent)
        return {"MessageId": "m-1"}

    client: Any = SimpleNamespace(send_message=send_message)
    return RefundsQueue(client, "https://queue", TestClock())


def test_the_queue_takes_the_event_and_who_it_is_for() -> None:
    sent: dict[str, Any] = {}
    assert queue_of(sent).publish(REFUND, LATER) == "m-1"
    assert sent["MessageBody"] == REFUND.to_json()
    assert sent["MessageAttributes"]["schema"]["StringValue"] == "refund/1"
    assert sent["MessageAttributes"]["merchant"]["StringValue"] == "example"


def refusal(code: str, status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "op")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (refusal("RequestThrottled"), Retryable),
        (refusal("InternalError", 500), Retryable),
        (EndpointConnectionError(endpoint_url="https://queue"), Retryable),
        (refusal("AccessDenied", 403), Misconfigured),
    ],
)
def test_a_queue_that_refuses_is_asked_again(error: Exception, verdict: type[Verdict]) -> None:
    with pytest.raises(verdict):
        queue_of(error).publish(REFUND, LATER)


def bus_of(answer: Any) -> tuple[RefundsBus, Stubber]:
    client = boto3.client(
        "events", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stubber = Stubber(client)
    entry = {
        "EventBusName": "refunds",
        "Source": "returns-hub",
        "DetailType": "refund/1",
        "Detail": REFUND.to_json(),
    }
    stubber.add_response("put_events", answer, {"Entries": [entry]})
    stubber.activate()
    return RefundsBus(lambda: client, "refunds", TestClock()), stubber


def test_the_bus_takes_the_event() -> None:
    bus, stubber = bus_of({"FailedEntryCount": 0, "Entries": [{"EventId": "e-1"}]})
    assert bus.publish(REFUND, LATER) == "e-1"
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}, Retryable),
        ({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}, Retryable),
        ({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "MalformedDetail"}]}, Permanent),
        ({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "NotAuthorizedForSource"}]}, Retryable),
        ({"FailedEntryCount": 0, "Entries": []}, Retryable),
        ({"FailedEntryCount": 0, "Entries": [{"ErrorMessage": "odd"}]}, Retryable),
    ],
)
def test_an_entry_that_the_bus_did_not_take_is_not_told(
    answer: Any, verdict: type[Verdict]
) -> None:
    bus, _ = bus_of(answer)
    with pytest.raises(verdict):
        bus.publish(REFUND, LATER)


def test_nothing_leaves_after_its_claims_time() -> None:
    early = START - timedelta(seconds=1)
    sent: dict[str, Any] = {}
    with pytest.raises(Retryable):
        queue_of(sent).publish(REFUND, early)
    assert not sent
    bus, stubber = bus_of({"FailedEntryCount": 0, "Entries": [{"EventId": "e-1"}]})
    with pytest.raises(Retryable):
        bus.publish(REFUND, early)
    with pytest.raises(AssertionError):
        stubber.assert_no_pending_responses()


def test_an_event_is_never_found_so_that_it_may_be_told_again() -> None:
    assert queue_of({}).find_published(REFUND) == NotFound()
    assert bus_of({"FailedEntryCount": 0, "Entries": []})[0].find_published(REFUND) == NotFound()
