"""What the adapter asks and the simulator answers, against the document.

`tests/conftest.py` holds every conversation of every other test to it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.wire import Reply, Request, json_reply
from tests.official import document, recorder
from tests.official.contract import OF_A_GATEWAY, PROBLEM, assert_delivery, contract
from tests.official.exercises import (
    AMOUNTS,
    ANSWERS,
    CALLS,
    NOT_GIVEN,
    SAYS_NOTHING,
    Desk,
    all_states,
    process_one,
    provoke,
    public_calls,
)
from tests.official.recorder import complaint, contradictions_of, listening
from tests.support.worlds import RETURN_ID, item, redo_return


def test_every_call_of_the_adapter_is_exercised() -> None:
    assert public_calls() == CALLS.keys() | SAYS_NOTHING


@pytest.mark.parametrize("name", CALLS)
def test_a_call_asks_and_is_answered_as_documented(name: str) -> None:
    with listening() as heard:
        CALLS[name](Desk())
    assert heard.pairs
    known = {404} if name == "RedoScopes.holds" else set()
    assert all(reply.status < 300 or reply.status in known for _, reply in heard.pairs)
    assert heard.contradictions() == {}


def test_every_documented_answer_is_given_and_is_as_documented() -> None:
    with listening() as heard:
        for call in CALLS.values():
            call(Desk())
        for operation in ANSWERS:
            provoke(Desk(), operation)
    operations = {operation.name: operation for operation in map(_operation, heard.pairs)}
    given = set()
    for request, reply in heard.pairs:
        assert contract().of_reply(request, reply) == ()
        if reply.status and reply.body not in OF_A_GATEWAY:
            operation = _operation((request, reply))
            given.add((operation.name, operation.answer_of(reply.status)))
    documented = {(name, answer) for name, it in operations.items() for answer in it.answers}

    assert operations.keys() <= ANSWERS.keys()
    assert documented - given == NOT_GIVEN.keys()


def test_returns_of_every_state_are_answered_as_documented_and_read() -> None:
    with listening() as heard:
        for body in all_states(Desk()):
            desk = Desk()
            desk.bench.put(body)
            read = desk.portal().read_return(RETURN_ID)
            assert (read.id, read.status) == (RETURN_ID, body["status"])
            assert len(read.lines) == len(body["items"])
            CALLS["RedoPortal.returns_updated"](desk)
    assert heard.contradictions() == {}


def test_a_processed_and_a_held_return_stay_as_documented() -> None:
    desk = Desk()
    with listening() as heard:
        CALLS["RedoPortal.process"](desk)
        desk.clock.advance(seconds=5)
        CALLS["RedoPortal.read_return"](desk)
        CALLS["RedoPortal.set_status"](desk)
        CALLS["RedoPortal.add_comment"](desk)
        CALLS["RedoPortal.comments"](desk)
        CALLS["RedoPortal.read_return"](desk)
    assert heard.contradictions() == {}
    assert desk.bench.redo.books.payments


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_sent_as_a_number_of_its_own_digits(amount: str) -> None:
    desk = Desk()
    with listening() as heard:
        process_one(desk, amount=Decimal(amount))
    (sent,) = [json.loads(request.body, parse_float=Decimal) for request, _ in heard.pairs]
    assert sent["products"] == [
        {
            "_id": "item1",
            "processInput": {"restock": True, "newMerchantAdjustment": Decimal(amount)},
        }
    ]


def test_what_is_delivered_is_as_documented() -> None:
    desk = Desk()
    deliveries = desk.bench.redo.webhooks.deliveries
    deliveries.settings = replace(deliveries.settings, double=1.0, stale=1.0)
    with listening() as heard:
        CALLS["RedoSubscriptions.put"](desk)
        CALLS["RedoPortal.process"](desk)
        desk.clock.advance(seconds=5)
        CALLS["RedoPortal.set_status"](desk)
        for body in all_states(desk):
            desk.bench.put(body)
        CALLS["RedoSubscriptions.replay"](desk)
        deliveries.deliver_due(lambda _: 200)
    assert {json.loads(one.body)["type"] for one in heard.deliveries} == {"updated", "backfill"}
    assert len(heard.deliveries) > 100
    assert heard.contradictions() == {}


# -- and what is not as documented is seen ------------------------------------------------------

GET = Request("GET", f"/v2.2/returns/{RETURN_ID}", {}, {"authorization": "Bearer x"})
LIST = replace(GET, path="/v2.2/stores/s/returns", query={"updated_at_min": "2026-03-02T08:00:00Z"})


def _sent(method: str, path: str, body: object) -> Request:
    headers = {"authorization": "Bearer x", "content-type": "application/json"}
    return Request(method, f"/v2.2/returns/r{path}", {}, headers, json.dumps(body).encode())


PROCESS = {"products": [{"_id": "a", "processInput": {"restock": True}}]}


def test_good_requests_are_good() -> None:
    for request in (GET, LIST, _sent("POST", "/process", PROCESS)):
        assert contract().of_request(request) == ()
    problem = Reply(404, {"Content-Type": f"{PROBLEM}; charset=utf-8"}, b"{}")
    assert contract().of_reply(GET, problem) == ()


@pytest.mark.parametrize(
    ("request_", "about"),
    [
        (replace(GET, headers={}), "Security"),
        (replace(GET, method="PATCH"), "no operation"),
        (replace(GET, path=f"/v2.1/returns/{RETURN_ID}"), "no operation"),
        (replace(LIST, query={"updated_at_min": "yesterday"}), "date-time"),
        (replace(LIST, query={"page-size": "20"}), "page-size"),
        (replace(LIST, query={"status": "approved"}), "approved"),
        (replace(LIST, headers={**LIST.headers, "x-page-size": "501"}), "maximum"),
        (replace(LIST, headers={**LIST.headers, "x-page": "2"}), "x-page"),
        (replace(GET, headers={**GET.headers, "idempotency-key": "k"}), "idempotency-key"),
        (_sent("PUT", "/status", {"status": "in_transit"}), "in_transit"),
        (_sent("PUT", "/status", {"status": "flagged", "note": "why"}), "note"),
        (_sent("PUT", "/status", {}), "status"),
        (_sent("POST", "/comments", {"message": "text"}), "comment"),
        (_sent("POST", "/comments", {"comment": {"message": "a", "image": "b"}}), "comment"),
        (_sent("POST", "/process", {"products": [{"id": "a"}]}), "_id"),
        (_sent("POST", "/process", {"products": [{"_id": "a", "quantity": 1}]}), "quantity"),
        (_sent("POST", "/process", {"items": PROCESS["products"]}), "products"),
        (replace(_sent("POST", "/process", PROCESS), body=b""), "body"),
        (replace(_sent("POST", "/process", PROCESS), headers=GET.headers), "mimetype"),
    ],
)
def test_a_request_off_the_document_is_seen(request_: Request, about: str) -> None:
    assert about in " ".join(contract().of_request(request_))


def _answer(**changes: Any) -> Reply:
    desk = Desk()
    desk.bench.put(redo_return([item(1, "TEE")]) | changes)
    return desk.bench.redo.handle(
        Request("GET", GET.path, {}, {"authorization": "Bearer redo-token"})
    )


@pytest.mark.off_contract("answers that are not as documented")
@pytest.mark.parametrize(
    ("reply", "about"),
    [
        (lambda: _answer(status="approved"), "approved"),
        (lambda: _answer(location="loc_1"), "location"),
        (lambda: _answer(createdAt="yesterday"), "date-time"),
        (lambda: _answer(items=[{"id": "a"}]), "orderItem"),
        (lambda: _answer(source={}), "emailAddress"),
        (lambda: _answer(type=None), "type"),
        (lambda: json_reply(404, {"title": "Not Found"}), "mimetype"),
        (lambda: json_reply(404, {"title": 404}, PROBLEM), "title"),
        (lambda: json_reply(404, {"message": "no"}, PROBLEM), "message"),
        (lambda: Reply(200, {"Content-Type": "application/json"}, b"{"), ""),
        (lambda: json_reply(200, []), "object"),
    ],
)
def test_a_reply_off_the_document_is_seen(reply: Any, about: str) -> None:
    found = contradictions_of(GET, reply())
    assert found
    assert about in " ".join(found)
    contradictions_of(GET, _answer(status="approved"))


def test_a_body_where_there_is_none_is_seen() -> None:
    status = _sent("PUT", "/status", {"status": "flagged"})
    assert contract().of_reply(status, Reply(204)) == ()
    assert contract().of_reply(status, json_reply(204, {"ok": True})) == (
        "a body where the document has none",
    )
    assert contract().of_reply(status, json_reply(200, {})) != ()


def test_a_table_is_a_text_even_when_it_is_empty() -> None:
    export = replace(GET, path="/v2.2/invoices/pending/items.csv")
    for body in (b"amount\n1\n", "Größe\n".encode(), b""):
        for kind in ("text/csv", "text/csv; charset=utf-8"):
            assert contract().of_reply(export, Reply(200, {"Content-Type": kind}, body)) == ()
            assert contract().of_reply(GET, Reply(200, {"Content-Type": kind}, body)) != ()
    assert contract().of_reply(export, json_reply(200, "amount")) != ()


def test_only_what_a_client_sent_is_a_request_of_ours() -> None:
    by_hand = replace(LIST, query={"since": "x"})
    assert contradictions_of(by_hand, json_reply(200, {"returns": [], "orders": []})) == ()
    sent = replace(by_hand, headers={**by_hand.headers, "user-agent": "returns-hub/0"})
    assert contradictions_of(sent, json_reply(200, {"returns": [], "orders": []})) != ()


# -- deliveries ---------------------------------------------------------------------------------


def _delivery(**changes: Any) -> dict[str, Any]:
    example: dict[str, Any] = contract().document["webhooks"]["return"]["post"]["requestBody"][
        "content"
    ]["application/json"]["example"]
    return {**example, **changes}


def _headers(**changes: str) -> Mapping[str, str]:
    return {"Authorization": "Bearer chosen", "Content-Type": "application/json", **changes}


def test_the_documents_own_delivery_is_good() -> None:
    assert_delivery(_delivery(), _headers())
    assert_delivery(json.dumps(_delivery(type="backfill")).encode(), _headers())


@pytest.mark.parametrize(
    ("body", "headers", "about"),
    [
        (_delivery, {"Authorization": "Basic x"}, "Security"),
        (_delivery, {"Content-Type": "text/plain"}, "mimetype"),
        (lambda: _delivery(type="approved"), {}, "approved"),
        (lambda: _delivery(at=5), {}, "at"),
        (lambda: _delivery(store="64e5"), {}, "store"),
        (lambda: _delivery(**{"return": {"id": "a"}}), {}, "createdAt"),
        (lambda: _delivery(order=None), {}, "order"),
    ],
)
def test_a_delivery_off_the_document_is_seen(
    body: Any, headers: dict[str, str], about: str
) -> None:
    with pytest.raises(AssertionError, match=about):
        assert_delivery(body(), _headers(**headers))


# -- the judge of every other test --------------------------------------------------------------


def test_a_test_answers_for_what_was_said_in_it() -> None:
    desk = Desk()
    with listening() as heard:
        CALLS["RedoPortal.set_status"](desk)
        assert complaint(heard.contradictions(), is_off_contract=False) == ""
        assert "drop the mark" in complaint(heard.contradictions(), is_off_contract=True)
        heard.pairs.append((GET, json_reply(200, [])))
        assert "GET /v2.2/returns" in complaint(heard.contradictions(), is_off_contract=False)
        assert complaint(heard.contradictions(), is_off_contract=True) == ""


@pytest.mark.off_contract("a delivery of a status that there is not")
def test_a_test_answers_for_what_was_delivered_in_it() -> None:
    desk = Desk()
    with listening() as heard:
        desk.bench.redo.set_status(RETURN_ID, "approved")
        desk.bench.redo.webhooks.deliveries.deliver_due(lambda _: 200)
    told = complaint(heard.contradictions(), is_off_contract=False)
    assert "a delivery, return.status: 'approved'" in told


@pytest.mark.off_contract("a month that there is not")
def test_what_differs_only_in_its_moments_is_checked_once_and_no_other_thing_is_a_moment() -> None:
    known = len(recorder._known)
    for minute in range(3):
        moment = f"2026-03-02T08:0{minute}:00Z"
        assert contradictions_of(GET, _answer(createdAt=moment)) == ()
    assert len(recorder._known) <= known + 2
    assert contradictions_of(GET, _answer(createdAt="2026-13-02T08:00:00Z")) != ()


@pytest.mark.parametrize("is_offline", [True, False])
def test_a_missing_document_fails_or_is_skipped_only_offline(
    monkeypatch: pytest.MonkeyPatch, is_offline: bool
) -> None:
    monkeypatch.setattr(document, "is_here", lambda: False)
    monkeypatch.setenv("HUB_OFFLINE", "1" if is_offline else "0")
    ends = pytest.skip.Exception if is_offline else pytest.fail.Exception
    with pytest.raises(ends, match="make contract"):
        document.needed()


def _operation(pair: tuple[Request, Reply]) -> Any:
    found = contract().operation(pair[0])
    assert found is not None
    return found
