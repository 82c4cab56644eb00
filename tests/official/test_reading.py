"""The adapter reads whatever the document allows, and what Redo may add tomorrow.

Replies are made from the document's schemas. A valid one is read, and what was read is what was
said; a broken one is read or ends in a verdict. Nothing else ever comes out of the adapter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local.simulators.wire import Reply, Request, json_reply
from returns_hub.adapters.redo.deliveries import read_delivery
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from tests.official.contract import contract
from tests.official.exercises import CALLS, DRAFT, INVOICE, MAKES, STATUSES, SUBSCRIPTION, Desk
from tests.official.recorder import listening
from tests.official.values import Maker, Values
from tests.support.in_process import InProcess
from tests.support.worlds import RETURN_ID

FROM, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
THOROUGH = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
ONE, LIST = "GET /returns/{returnId}", "GET /stores/{storeId}/returns"
COMMENTS = "GET /returns/{returnId}/comments"
NEVER_READ = "GET /stores/{storeId}/orders/{orderId}"
WEBHOOKS, WEBHOOK = "GET /stores/{storeId}/webhooks", "GET /webhooks/{webhookId}"
INVOICES = "GET /stores/{storeId}/invoices"
READERS: Mapping[str, Callable[[Desk], object]] = {
    ONE: lambda desk: desk.portal().read_return(RETURN_ID),
    LIST: lambda desk: list(desk.portal().returns_updated(FROM, UNTIL)),
    COMMENTS: lambda desk: desk.portal().comments(RETURN_ID),
    WEBHOOKS: lambda desk: desk.subscriptions().list(),
    WEBHOOK: lambda desk: desk.subscriptions().read(SUBSCRIPTION),
    INVOICES: lambda desk: desk.invoices().list(),
    MAKES: lambda desk: desk.sandbox().make_return(DRAFT, desk.soon),
}
"""For each operation whose answer is read, a call that takes it."""
OTHERS: Mapping[str, tuple[str, Callable[[Desk], object]]] = {
    "of order": (LIST, lambda desk: desk.portal().returns_of_order("#1")),
    "recent": (LIST, lambda desk: desk.portal().recent_returns(50)),
    "made": (LIST, lambda desk: desk.sandbox().find_made(DRAFT, FROM)),
}
"""Further calls that take the answer of one of these operations."""
FILES: Mapping[str, Callable[[Desk], bytes]] = {
    "GET /invoices/{invoiceId}/items.csv": lambda desk: desk.invoices().items(INVOICE),
    "GET /invoices/pending/items.csv": lambda desk: desk.invoices().pending_items(),
}
"""Operations whose answer is a file."""


def made(operation: str, *, is_tomorrow: bool = False) -> Values:
    """Answers of an operation; made when the document is looked at, not when this file is."""

    def values() -> Values:
        method, path = operation.split()
        answer = contract().document["paths"][path][method.lower()]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        return Maker(contract(), is_tomorrow=is_tomorrow).values(schema)

    return st.deferred(values)


def events(*, is_tomorrow: bool = False) -> Values:
    """Deliveries."""

    def values() -> Values:
        body = contract().document["webhooks"]["return"]["post"]["requestBody"]
        schema = {**body["content"]["application/json"]["schema"], "required": ["return", "order"]}
        return Maker(contract(), is_tomorrow=is_tomorrow).values(schema)

    return st.deferred(values)


class Says:
    """In the simulator's place: one reply to everything."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def handle(self, request: Request) -> Reply:
        return self.reply


@cache
def _desk() -> Desk:
    return Desk()


def read(call: str, content: object) -> Any:
    """What the adapter makes of an answer, by an operation or a name of `OTHERS`."""
    desk = _desk()
    desk.bench.to_redo = InProcess(Says(json_reply(200, content)))
    return (OTHERS[call][1] if call in OTHERS else READERS[call])(desk)


def test_every_answer_that_the_adapter_reads_is_tried() -> None:
    with listening() as heard:
        for call in CALLS.values():
            call(Desk())
    operations = [contract().operation(request) for request, _ in heard.pairs]
    reads = {it.name for it in operations if it and it.method == "GET"} - {NEVER_READ}
    assert reads | {MAKES} == READERS.keys() | FILES.keys()


def check_return(body: dict[str, Any], order: dict[str, Any], found: Any) -> None:
    """What was read is what was said."""
    skus = {line["id"]: (line.get("variant") or {}).get("sku") for line in order["items"]}
    assert found.id == body["id"]
    word = body["status"].strip().lower()
    assert found.status == (word if word in STATUSES else ReturnStatus.UNKNOWN)
    assert found.updated_at == datetime.fromisoformat(body["updatedAt"])
    assert [line.id for line in found.lines] == [item["id"] for item in body["items"]]
    for line, item in zip(found.lines, body["items"], strict=True):
        assert line.quantity == item["quantity"]
        assert line.sku == (item.get("sku") or skus.get(item["orderItem"]["id"]))
        assert line.keep_item == bool(item.get("greenReturn"))
        assert line.reason == item["reason"]
        assert line.barcode == item.get("upc")
        assert line.shipment_group_ids == tuple(item.get("shipmentGroupIds") or ())
    if body.get("shipments") is not None:
        assert [p.tracking_number or "" for p in found.shipments] == [
            parcel.get("tracker") or "" for parcel in body["shipments"]
        ]


def check_list(content: dict[str, Any], found: Any) -> None:
    assert [(row.id, row.created_at) for row in found] == [
        (row["id"], datetime.fromisoformat(row["createdAt"])) for row in content["returns"]
    ]


@THOROUGH
@given(made(ONE))
def test_a_return_is_read_as_it_is_said(content: dict[str, Any]) -> None:
    asked = Request("GET", f"/v2.2/returns/{RETURN_ID}")
    assert contract().of_reply(asked, json_reply(200, content)) == ()
    check_return(content["return"], content["order"], read(ONE, content))


@THOROUGH
@given(made(ONE, is_tomorrow=True))
def test_a_return_of_tomorrow_is_read_too(content: dict[str, Any]) -> None:
    check_return(content["return"], content["order"], read(ONE, content))


@THOROUGH
@given(made(LIST) | made(LIST, is_tomorrow=True))
def test_a_list_is_read_as_it_is_said(content: dict[str, Any]) -> None:
    check_list(content, read(LIST, content))


@THOROUGH
@given(made(LIST) | made(LIST, is_tomorrow=True))
def test_the_newest_returns_are_all_read(content: dict[str, Any]) -> None:
    found = read("recent", content)
    assert [row.id for row in found.returns] == [row["id"] for row in content["returns"]]
    assert found.unreadable == ()


@THOROUGH
@given(made(MAKES) | made(MAKES, is_tomorrow=True))
def test_the_id_of_a_return_that_was_made_is_read(content: dict[str, Any]) -> None:
    content["return"]["id"] = RETURN_ID
    assert read(MAKES, content) == RETURN_ID


@THOROUGH
@given(made(COMMENTS) | made(COMMENTS, is_tomorrow=True))
def test_comments_are_read_as_they_are_said(content: dict[str, Any]) -> None:
    said = [comment["message"] for comment in content["comments"] if comment.get("message")]
    assert read(COMMENTS, content) == tuple(said)


@THOROUGH
@given(events() | events(is_tomorrow=True))
def test_a_delivery_is_read_as_it_is_said(content: dict[str, Any]) -> None:
    found = _desk().portal().parse(content["return"], content["order"])
    check_return(content["return"], content["order"], found)


@THOROUGH
@given(events() | events(is_tomorrow=True))
def test_what_the_door_leaves_of_a_delivery_is_read_as_the_whole_would_be(
    content: dict[str, Any],
) -> None:
    portal = _desk().portal()
    body = {**content["return"], "id": RETURN_ID}
    kept = read_delivery({**content, "return": body})
    assert kept.portal_return is not None
    assert portal.parse(kept.portal_return, kept.portal_order) == portal.parse(
        body, content["order"]
    )


def check_subscription(said: dict[str, Any], found: Any) -> None:
    auth = said["callback"]["auth"]
    bearer = (auth or {}).get("bearer") or {}
    token = found.token.get_secret_value() if found.token is not None else None
    assert (found.id, found.url) == (said["id"], said["callback"]["url"])
    assert (found.external_id, found.topic) == (said["externalId"], said["topic"])
    assert found.created_at == datetime.fromisoformat(said["createdAt"])
    assert token == bearer.get("token")
    assert found.token_shown == (auth is None or bearer.get("token") is not None)


@THOROUGH
@given(made(WEBHOOKS) | made(WEBHOOKS, is_tomorrow=True))
def test_subscriptions_are_read_as_they_are_said(content: dict[str, Any]) -> None:
    for said, found in zip(content["webhooks"], read(WEBHOOKS, content), strict=True):
        check_subscription(said, found)


@THOROUGH
@given(made(WEBHOOK) | made(WEBHOOK, is_tomorrow=True))
def test_a_subscription_is_read_as_it_is_said(content: dict[str, Any]) -> None:
    check_subscription(content["webhook"], read(WEBHOOK, content))


@THOROUGH
@given(made(INVOICES) | made(INVOICES, is_tomorrow=True))
def test_invoices_are_read_as_they_are_said(content: dict[str, Any]) -> None:
    for said, found in zip(content["invoices"], read(INVOICES, content), strict=True):
        assert (found.id, found.status) == (said["id"], said["status"])
        assert found.currency == (said["charge"].get("currency") or "")
        assert found.updated_at == datetime.fromisoformat(said["updatedAt"])


@pytest.mark.parametrize("operation", FILES)
def test_a_file_is_taken_as_it_is_and_nothing_else_for_one(operation: str) -> None:
    desk = Desk()
    for body in (b"", "Größe,1\r\n".encode(), b"\xff\x00"):
        csv = Reply(200, {"Content-Type": "text/csv; charset=utf-8"}, body)
        desk.bench.to_redo = InProcess(Says(csv))
        assert FILES[operation](desk) == body
        desk.bench.to_redo = InProcess(Says(Reply(200, {"Content-Type": "text/html"}, body)))
        with pytest.raises(Retryable):
            FILES[operation](desk)


GONE = object()
WRONG: tuple[object, ...] = (GONE, None, 5, -1.5, "x", "", [], {}, True, [None], {"a": 1})
FAULTS = st.tuples(st.integers(0, 10**6), st.sampled_from(WRONG))


@pytest.mark.parametrize("call", [*READERS, *OTHERS])
def test_a_broken_answer_is_read_or_ends_in_a_verdict(call: str) -> None:
    seen = {"read": 0, "verdict": 0}
    operation = OTHERS[call][0] if call in OTHERS else call

    @THOROUGH
    @given(made(operation), st.lists(FAULTS, min_size=1, max_size=9))
    def try_one(content: dict[str, Any], faults: list[tuple[int, object]]) -> None:
        try:
            read(call, broken(content, faults))
            seen["read"] += 1
        except (Permanent, Retryable, Misconfigured, UnknownOutcome):
            seen["verdict"] += 1

    try_one()
    assert all(seen.values())


def broken(content: dict[str, Any], faults: list[tuple[int, object]]) -> Any:
    """The content with some of its places gone or something else."""
    copy: Any = deepcopy(content)
    for where, wrong in faults:
        places = list(_places(copy))
        if not places:
            return {} if wrong is GONE else wrong
        inside, key = places[where % len(places)]
        if wrong is GONE:
            del inside[key]
        else:
            inside[key] = wrong
        copy = json.loads(json.dumps(copy))
    return copy


def _places(node: Any) -> Any:
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])
