"""The RMA contract is configuration: two dialects read and written, and words that nobody told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from returns_hub.adapters.miinto.errors import NotThere
from returns_hub.adapters.miinto.rma_bodies import NoId, decision_body, request_body, to_rma
from returns_hub.adapters.miinto.rmas import MiintoRmas
from returns_hub.domain.miinto.rma_contract import DecideCall, RmaContract
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.ports.marketplace import RmaRequestDraft
from tests.support.rma_dialects import DIALECT_A, DIALECT_B, body_a, body_b
from tests.support.rma_worlds import DENMARK

SEND_BY = datetime(2026, 3, 2, 10, tzinfo=UTC)
BOTH = pytest.mark.parametrize(
    ("contract", "body"), [(DIALECT_A, body_a), (DIALECT_B, body_b)], ids=["a", "b"]
)


def read(body: dict[str, Any], contract: RmaContract = DIALECT_A) -> Rma:
    return to_rma(body, DENMARK, contract)


# -- reading ------------------------------------------------------------------------------------


@BOTH
def test_both_dialects_tell_the_same_rma(contract: RmaContract, body: Any) -> None:
    rma = read(body(), contract)

    assert (rma.return_id, rma.status) == ("miinto-045-1234-30001", "pending")
    assert (rma.order_id, rma.parent_id, rma.currency) == ("555001", "2611111", "DKK")
    assert rma.created_at == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert [(p.id, p.status, p.quantity, p.price) for p in rma.positions] == [
        ("811", "pending", 1, 49900),
        ("812", "accepted", 2, 100),
        ("813", "declined", 1, None),
    ]
    first = rma.positions[0]
    assert (first.order_position, first.reason, first.comment) == ("71", "too_small", "Runs small")
    assert (first.item.gtin, first.item.product_id) == ("5700000000017", "1111-2222")
    assert not rma.unknown_words


@BOTH
def test_who_bought_is_not_kept(contract: RmaContract, body: Any) -> None:
    raw = read(body(), contract).raw

    assert "Ida" not in str(raw)
    assert raw["extra"] == {"kept": 1}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (body_a(status="on_hold"), "on_hold"),
        (body_a(pendingPositions=[{"id": 811, "status": "lost"}]), "lost"),
        (body_a(pendingPositions=[{"id": 811, "status": "accepted"}]), "accepted"),
        (body_a(acceptedPositions=[{"id": 811}]), "(in two lists)"),
        (body_a(pendingPositions=["x"]), "(unreadable: pendingPositions is no list of positions)"),
        (body_a(pendingPositions=[{"quantity": 1}]), "(unreadable: a position has no id)"),
        (
            body_a(pendingPositions=[{"id": 811, "quantity": 0}]),
            "(unreadable: position 811 has no quantity that makes sense)",
        ),
        (
            {"id": 1, "positions": [{"id": 2, "status": "x"}], "status": "pending"},
            "x",
        ),
        ({"id": 1}, "(none)"),
    ],
    ids=[
        "of the RMA",
        "of a position",
        "against its list",
        "in two lists",
        "no rows",
        "no id",
        "no units",
        "own word",
        "nothing told",
    ],
)
def test_what_nobody_told_of_is_unknown(body: dict[str, Any], word: str) -> None:
    assert word in read(body).unknown_words


def test_a_word_of_another_dialect_is_unknown() -> None:
    assert read(body_b(rmaStatus="accepted"), DIALECT_B).unknown_words == ("accepted",)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([("OPEN"), ("APPROVED")], "pending"),
        ([("REFUSED"), ("APPROVED")], "accepted"),
        ([("REFUSED"), ("REFUSED")], "declined"),
    ],
)
def test_a_word_that_leaves_it_to_the_positions(rows: list[str], status: str) -> None:
    lines = [{"lineId": n, "rmaStatus": word} for n, word in enumerate(rows, start=1)]

    assert read(body_b(rmaStatus="PARTLY", lines=lines), DIALECT_B).status == status


def test_positions_take_the_rmas_word_where_they_have_none() -> None:
    rma = read({"id": 1, "status": "Accepted", "positions": [{"id": 2}]})

    assert [p.status for p in rma.positions] == ["accepted"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [("too_small", "too_small"), ({"code": "fit", "text": "Small"}, "fit"), ({"text": "S"}, "S")],
)
def test_a_reason_is_a_text_or_an_object(reason: Any, said: str) -> None:
    rma = read(body_a(pendingPositions=[{"id": 811, "reason": reason}]))

    assert rma.positions[0].reason == said


def test_an_rma_without_id_is_none() -> None:
    with pytest.raises(NoId):
        read({"status": "pending"})


def test_a_price_in_an_unknown_unit_is_none() -> None:
    rma = read(body_a(pendingPositions=[{"id": 811, "price": "499.00"}]))

    assert rma.positions[0].price is None
    assert rma.status == "pending"


# -- writing ------------------------------------------------------------------------------------


def test_a_decision_in_the_first_dialect() -> None:
    body = decision_body(DIALECT_A.deciding, ["811", "x-9"], {"812": "Worn"})

    assert body == {
        "acceptedPositions": [{"id": 811}, {"id": "x-9"}],
        "declinedPositions": [{"id": 812, "reason": "Worn"}],
    }
    assert decision_body(DIALECT_A.deciding, ["811"], {}) == {"acceptedPositions": [{"id": 811}]}
    assert decision_body(DIALECT_A.deciding, [], {"812": "x"}) == {
        "declinedPositions": [{"id": 812, "reason": "x"}]
    }


def test_a_decision_in_the_second_dialect() -> None:
    assert decision_body(DIALECT_B.deciding, ["811"], {"812": "Worn"}) == {
        "lines": [
            {"lineId": 811, "verdict": "APPROVE"},
            {"lineId": 812, "verdict": "REFUSE", "reasonText": "Worn"},
        ]
    }


def test_ids_reasons_and_places_as_the_contract_says() -> None:
    call = DecideCall(
        ids="text",
        reason_field="why.text",
        longest_reason=20,
        accept_reason="Fine",
        id_field="p.id",
    )

    assert decision_body(call, ["7"], {"8": "x" * 30}) == {
        "acceptedPositions": [{"p": {"id": "7"}, "why": {"text": "Fine"}}],
        "declinedPositions": [{"p": {"id": "8"}, "why": {"text": "x" * 19 + "\u2026"}}],
    }
    silent = DecideCall(reason_field=None)
    assert decision_body(silent, [], {"8": "x"}) == {"declinedPositions": [{"id": 8}]}


@pytest.mark.parametrize("id_", ["007", "-1", "\u0665", "1" * 30, "R-1"])
def test_an_id_that_a_number_would_change_is_a_text(id_: str) -> None:
    (row,) = decision_body(DIALECT_A.deciding, [id_], {})["acceptedPositions"]

    assert row == {"id": id_}


def test_a_request_in_both_dialects() -> None:
    draft = RmaRequestDraft(DENMARK, 555001, {"71": 1, "72": 2}, "Came back", "ref")  # type: ignore[dict-item]
    numbered = RmaRequestDraft(DENMARK, 555001, {71: 1}, "Came back", "ref")

    assert request_body(DIALECT_A.requesting, numbered) == {
        "orderId": 555001,
        "positions": [{"id": 71, "quantity": 1, "reason": "Came back"}],
    }
    assert request_body(DIALECT_B.requesting, numbered) == {
        "lines": [{"orderLineId": 71, "qty": 1, "reason": {"text": "Came back"}}]
    }
    assert len(request_body(DIALECT_A.requesting, draft)["positions"]) == 2


# -- the calls ----------------------------------------------------------------------------------


class Client:
    """A client of Miinto that keeps what it is asked."""

    def __init__(self, *pages: list[Any], data: Any = None) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._pages = pages
        self._data = data

    def require_open(self) -> None:
        raise Retryable("miinto.down", "away")

    def read(self, path: str, query: Sequence[Any] = (), *, template: str) -> Any:
        self.asked.append(("GET", path, template))
        if self._data is None:
            raise NotThere
        return SimpleNamespace(data=self._data)

    def pages(self, path: str, query: Sequence[Any] = (), *, template: str) -> Iterator[list[Any]]:
        self.asked.append(("GET", path, list(query)))
        yield from self._pages

    def write(self, method: str, path: str, **more: Any) -> Any:
        self.asked.append((method, path, more))
        return {"id": 77, "returnId": "R-77"} if more["is_documented"] else None


def test_calls_of_the_first_dialect() -> None:
    client = Client([body_a()], data=body_a())
    rmas = MiintoRmas(client, DIALECT_A)

    assert [rma.id for rma in rmas.list(DENMARK, "pending")] == ["30001"]
    assert rmas.read(DENMARK, "30001") is not None
    rmas.decide(DENMARK, "30001", ["811"], {}, SEND_BY)
    draft = RmaRequestDraft(DENMARK, 555001, {71: 1}, "x", "ref")
    assert rmas.request(draft, SEND_BY) == "77"

    base = "/shops/1-m!i!s-045-1234"
    assert client.asked[0] == (
        "GET",
        f"{base}/rmas",
        [("status[]", "pending"), ("sort", "-createdAt")],
    )
    assert client.asked[1][:2] == ("GET", f"{base}/rmas/30001")
    assert client.asked[2][:2] == ("PATCH", f"{base}/rmas/30001")
    assert client.asked[2][2]["template"] == "/shops/{shop}/rmas/{rma}"
    assert client.asked[2][2]["is_documented"] is False
    assert client.asked[3][:2] == ("POST", f"{base}/rma-requests")


def test_calls_of_the_second_dialect() -> None:
    client = Client([body_b()], data=body_b(returnId="R/1"))
    rmas = MiintoRmas(client, DIALECT_B)

    assert len(list(rmas.list(DENMARK, "pending"))) == 1
    assert rmas.read(DENMARK, "R/1") is not None
    rmas.decide(DENMARK, "R/1", [], {"811": "x"}, SEND_BY)
    assert rmas.request(RmaRequestDraft(DENMARK, 5, {71: 1}, "x", "ref"), SEND_BY) == "R-77"

    base = "/shops/1-m!i!s-045-1234"
    assert client.asked[0] == ("GET", f"{base}/returns", [("rmaStatus", "OPEN")])
    assert client.asked[1][1] == f"{base}/returns/R%2F1"
    assert client.asked[2][:2] == ("POST", f"{base}/returns/R%2F1/decision")
    assert client.asked[3][:2] == ("POST", f"{base}/orders/5/return-requests")


def test_a_list_is_narrowed_whatever_miinto_gives() -> None:
    decided = body_a(id=2, status="accepted", pendingPositions=[])
    client = Client([body_a(), decided, body_a(id=3, status="odd")])

    assert [rma.id for rma in MiintoRmas(client, DIALECT_A).list(DENMARK, "pending")] == [
        "30001",
        "3",
    ]


def test_an_entry_without_id_is_told_after_the_others() -> None:
    client = Client([{"status": "pending"}, body_a()])
    rows = MiintoRmas(client, DIALECT_A).list(DENMARK)

    assert next(rows).id == "30001"
    with pytest.raises(Misconfigured, match="has no id in id"):
        next(rows)


def test_what_miinto_does_not_know_is_none() -> None:
    assert MiintoRmas(Client(), DIALECT_A).read(DENMARK, "1") is None


def test_an_answer_about_another_rma_is_no_answer() -> None:
    with pytest.raises(Retryable, match="another RMA"):
        MiintoRmas(Client(data=body_a()), DIALECT_A).read(DENMARK, "1")


# -- the settings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"listing": {"path": "/rmas"}}, "the path has no {shop}"),
        ({"reading": {"path": "/shops/{shop}/rmas"}}, "the path has no {rma}"),
        ({"reading": {"path": "/shops/{shop}/{id}"}}, "{id} is no place"),
        ({"deciding": {"path": "/shops/{shop}/{rma}?x=1"}}, "parts of letters"),
        ({"deciding": {"path": "https://x.example.test/{shop}/{rma}"}}, "parts of letters"),
        ({"deciding": {"method": "DELETE"}}, "'PATCH', 'POST' or 'PUT'"),
        ({"deciding": {"declined_list": "acceptedPositions"}}, "are two lists"),
        (
            {"deciding": {"style": "one_list", "accept_word": "x", "decline_word": "x"}},
            "are two words",
        ),
        ({"deciding": {"id_field": "p", "reason_field": "p.why"}}, "to the same place"),
        ({"requesting": {"order_field": None}}, "the path has no {order}"),
        ({"words": {"accepted": ["Pending"]}}, "is among pending and among accepted"),
        ({"words": {"declined": []}}, "at least 1 item"),
        ({"fields": {"id": []}}, "without it nothing can be told apart"),
        ({"fields": {"id": ["a[0]"]}}, "should match pattern"),
        ({"fields": {"id": ["__import__('os')"]}}, "should match pattern"),
        ({"lists": {}}, "at least 1 item"),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as error:
        RmaContract.model_validate(content)
    assert said in str(error.value)
