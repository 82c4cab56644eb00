"""Test returns, scopes and the newest returns: what the adapter asks of Redo, and what it makes of
the answers; and that the simulator is strict."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.redo.simulator import Settings
from local.simulators.wire import Reply, Request
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.adapters.redo.sandbox import RedoSandboxReturns
from returns_hub.adapters.redo.scopes import RedoScopes
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome
from returns_hub.ports import SandboxLine, SandboxReturnDraft, ShipFrom
from tests.support.checks import ALL_SCOPES, ORDER, redo_client, sandbox_returns
from tests.support.fakes import START
from tests.support.worlds import TOKEN, Bench, item, redo_return

DRAFT = SandboxReturnDraft(
    shop="shopify",
    order_id="6100",
    lines=(SandboxLine("14", "Damaged", "damaged"), SandboxLine("15", "Too warm")),
    ship_from=ShipFrom("1 Sample Row", "Leeds", "West Yorkshire", "LS1 1AA", "GB"),
    note="for a test",
    idempotency_key="RH-1",
)
LATER = START + timedelta(days=1)


def with_order(**settings: Any) -> tuple[Bench, RedoSandboxReturns]:
    bench = Bench()
    bench.redo.settings = Settings(**settings)
    bench.redo.orders["order1"] = json.loads(json.dumps(ORDER))
    return bench, sandbox_returns(bench)


# -- making one -------------------------------------------------------------------------------


def test_a_test_return_is_asked_for_as_redos_API_has_it() -> None:
    bench, sandbox = with_order()
    made = sandbox.make_return(DRAFT, LATER)

    (asked,) = bench.to_redo.requests
    assert (asked.method, asked.path) == ("POST", "/v2.2/stores/store/returns")
    assert asked.headers["idempotency-key"] == "RH-1"
    assert asked.json() == {
        "data": {
            "provider": "shopify",
            "externalOrderId": "6100",
            "items": [
                {
                    "lineItemId": "14",
                    "quantity": 1,
                    "reason": "Damaged",
                    "reasonCode": "damaged",
                    "compensation": "refund",
                },
                {
                    "lineItemId": "15",
                    "quantity": 1,
                    "reason": "Too warm",
                    "compensation": "refund",
                },
            ],
            "shippingAddress": {
                "line1": "1 Sample Row",
                "city": "Leeds",
                "state": "West Yorkshire",
                "postalCode": "LS1 1AA",
                "country": "GB",
            },
            "notes": "for a test",
        },
        "options": {"createExternalRMAs": False},
    }
    read = bench.world().portal.read_return(made)
    assert [(line.sku, line.reason) for line in read.lines] == [
        ("TEE", "Damaged"),
        ("MUG", "Too warm"),
    ]


def test_the_same_key_again_makes_no_second_return() -> None:
    bench, sandbox = with_order()
    first = sandbox.make_return(DRAFT, LATER)

    assert sandbox.make_return(DRAFT, LATER) == first
    assert bench.redo.calls.counts["POST /v2.2/stores/store/returns 200"] == 1
    assert bench.redo.books.made == [first]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"order_id": "6199"}, "does not know it"),
        ({"lines": (SandboxLine("99", "x"),)}, "400"),
        ({"ship_from": ShipFrom("1", "Leeds", "X", "LS1", "gb")}, "400"),
        ({"shop": ""}, "400"),
    ],
)
def test_what_redo_refuses_is_refused_for_good(change: dict[str, Any], status: str) -> None:
    bench, sandbox = with_order()

    with pytest.raises(Permanent, match=status):
        sandbox.make_return(replace(DRAFT, **change), LATER)
    assert bench.redo.books.made == []


def test_a_key_that_comes_with_another_body_is_a_conflict() -> None:
    _, sandbox = with_order()
    sandbox.make_return(DRAFT, LATER)

    with pytest.raises(Permanent, match="409"):
        sandbox.make_return(replace(DRAFT, note="another"), LATER)


def test_without_the_scope_nothing_is_made() -> None:
    bench, sandbox = with_order()
    bench.redo.tokens[TOKEN] = frozenset({"returns_read"})

    with pytest.raises(Misconfigured, match="returns_write"):
        sandbox.make_return(DRAFT, LATER)


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.ERROR_500_AFTER, FaultKind.HTML_200_AFTER]
)
def test_an_answer_that_tells_no_id_leaves_the_outcome_open(kind: FaultKind) -> None:
    bench, sandbox = with_order()
    bench.redo.faults.add(Fault(kind, path="/returns", times=1))

    with pytest.raises(UnknownOutcome):
        sandbox.make_return(DRAFT, LATER)
    assert len(bench.redo.books.made) == 1


def test_after_its_time_to_send_nothing_leaves() -> None:
    bench, sandbox = with_order()

    with pytest.raises(Retryable):
        sandbox.make_return(DRAFT, START - timedelta(seconds=1))
    assert bench.redo.books.made == []


# -- looking it up ----------------------------------------------------------------------------


def test_what_a_draft_made_is_found_by_order_lines_and_time() -> None:
    _, sandbox = with_order()
    assert sandbox.find_made(DRAFT, START) == NotFound()
    made = sandbox.make_return(DRAFT, LATER)

    assert sandbox.find_made(DRAFT, START) == Found(made)
    assert sandbox.find_made(DRAFT, START + timedelta(seconds=4)) == Found(made)
    assert sandbox.find_made(DRAFT, START + timedelta(seconds=6)) == NotFound()
    assert sandbox.find_made(replace(DRAFT, order_id="6199"), START) == NotFound()
    assert sandbox.find_made(replace(DRAFT, lines=DRAFT.lines[:1]), START) == NotFound()


def test_two_that_fit_are_inconclusive() -> None:
    _, sandbox = with_order()
    sandbox.make_return(DRAFT, LATER)
    sandbox.make_return(replace(DRAFT, idempotency_key="RH-2"), LATER)

    assert isinstance(sandbox.find_made(DRAFT, START), Inconclusive)


@pytest.mark.off_contract("a return whose items are a number")
def test_rows_that_cannot_be_read_do_not_hide_the_one_that_fits() -> None:
    bench, sandbox = with_order()
    made = sandbox.make_return(DRAFT, LATER)
    bench.put(redo_return([item(1, "TEE")], id="x") | {"items": 5})

    assert sandbox.find_made(DRAFT, START) == Found(made)


# -- the simulator is strict ------------------------------------------------------------------


def post(bench: Bench, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"authorization": f"Bearer {TOKEN}", **headers}
    return bench.redo.handle(
        Request("POST", "/v2.2/stores/store/returns", headers=given, body=content)
    )


def good_body() -> dict[str, Any]:
    bench, sandbox = with_order()
    sandbox.make_return(DRAFT, LATER)
    body: dict[str, Any] = bench.to_redo.requests[0].json()
    return body


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good body with one thing changed, or left out when the value is `...`."""
    body = good_body()
    part: Any = body
    *way, last = path.split(".")
    for name in way:
        part = part[int(name)] if name.isdigit() else part[name]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data", ...),
        ("data", []),
        ("more", 1),
        ("options.more", True),
        ("options.createExternalRMAs", "no"),
        ("data.more", 1),
        ("data.provider", ...),
        ("data.provider", 5),
        ("data.externalOrderId", ...),
        ("data.items", ...),
        ("data.items", []),
        ("data.items", {}),
        ("data.items.0.lineItemId", ...),
        ("data.items.0.lineItemId", "99"),
        ("data.items.0.quantity", ...),
        ("data.items.0.quantity", 0),
        ("data.items.0.quantity", True),
        ("data.items.0.quantity", 2),
        ("data.items.0.reason", ...),
        ("data.items.0.compensation", "exchange"),
        ("data.items.0.more", 1),
        ("data.shippingAddress", ...),
        ("data.shippingAddress.city", ...),
        ("data.shippingAddress.country", "United Kingdom"),
        ("data.shippingAddress.more", 1),
    ],
)
def test_the_simulator_takes_only_what_the_API_has(path: str, value: Any) -> None:
    bench, _ = with_order()
    reply = post(bench, changed(path, value))

    assert reply.status == 400
    assert reply.headers["Content-Type"] == "application/json"
    assert set(json.loads(reply.body)) == {"type", "title", "detail"}
    assert bench.redo.books.made == []


def test_the_simulator_takes_a_body_without_what_is_optional() -> None:
    bench, _ = with_order()
    body = changed("options", ...)
    del body["data"]["notes"]

    assert post(bench, body).status == 201
    assert post(bench, b"[").status == 400
    other = Request("POST", "/v2.2/stores/other/returns", headers={}, body=b"{}")
    assert bench.redo.handle(other).status == 401


def test_the_simulator_spreads_lines_over_the_locations_it_is_set_to() -> None:
    bench, sandbox = with_order(made_locations=("loc_a", "loc_b", "loc_c"))
    made = bench.redo.returns[sandbox.make_return(DRAFT, LATER)]

    assert [(s["externalLocationId"], len(s["itemIds"])) for s in made["shipments"]] == [
        ("loc_a", 1),
        ("loc_b", 1),
    ]


# -- scopes -----------------------------------------------------------------------------------


def scopes(bench: Bench) -> RedoScopes:
    return RedoScopes(redo_client(bench))


def test_S3_each_scope_is_tried_by_a_read_of_its_own() -> None:
    bench = Bench()
    readable = ("returns_read", "webhooks_read", "invoices_read", "orders_read")
    for scope in readable:
        bench.redo.tokens[TOKEN] = frozenset({scope})
        held = {name: scopes(bench).holds(name) for name in ALL_SCOPES}
        assert held == {
            **dict.fromkeys(readable, False),
            scope: True,
            "returns_write": None,
            "webhooks_write": None,
        }
    assert {request.method for request in bench.to_redo.requests} == {"GET"}


def test_S3_what_is_no_answer_about_the_scope_is_no_answer() -> None:
    bench = Bench()
    bench.redo.faults.add(Fault(FaultKind.ERROR_500_BEFORE, times=1))
    with pytest.raises(Retryable, match="500"):
        scopes(bench).holds("returns_read")

    bench.redo.tokens.clear()
    with pytest.raises(Misconfigured, match="refuses the token"):
        scopes(bench).holds("returns_read")


# -- the newest returns -----------------------------------------------------------------------


def portal(bench: Bench) -> RedoPortal:
    made = bench.world().portal
    assert isinstance(made, RedoPortal)
    return made


def test_the_newest_returns_come_whole_with_the_SKUs_of_the_orders_beside_them() -> None:
    bench = Bench()
    order = {
        "id": "order1",
        "name": "#5501",
        "items": [{"id": "6100000000001/1", "variant": {"sku": "TEE"}}],
    }
    for number in range(3):
        moment = (START - timedelta(hours=number)).isoformat()
        body = redo_return([item(1, None)], id=f"r{number}", updatedAt=moment)
        bench.put(body, [order])
    found = portal(bench).recent_returns(2)

    assert [one.id for one in found.returns] == ["r0", "r1"]
    assert [one.lines[0].sku for one in found.returns] == ["TEE", "TEE"]
    assert found.unreadable == ()
    assert len(bench.to_redo.requests) == 1


def test_rows_that_are_no_returns_are_named_and_orders_that_are_none_are_left() -> None:
    bench = Bench()
    answer = {
        "returns": [5, {"id": "r1"}, {"id": "pat@example.test"}, redo_return([item(1, "TEE")])],
        "orders": [7, {"name": "x"}],
    }
    bench.redo.handle = lambda request: Reply(200, {}, json.dumps(answer).encode())  # type: ignore[method-assign]
    found = portal(bench).recent_returns(10)

    assert len(found.returns) == 1
    assert found.unreadable[0] == "a row without an id at its top"
    assert found.unreadable[1].startswith("r1 at")
    assert found.unreadable[2].startswith("a row without an id at")


def test_a_list_that_is_none_is_not_taken_for_an_empty_one() -> None:
    bench = Bench()
    bench.redo.handle = lambda request: Reply(200, {}, b"[]")  # type: ignore[method-assign]

    with pytest.raises(Retryable, match="no returns"):
        portal(bench).recent_returns(10)
