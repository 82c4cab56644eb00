"""WAIR's simulator: strict where its pages are silent, and what its books tell."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from local.simulators.changed_settings import changed
from local.simulators.clock import SetClock
from local.simulators.wair.sample import PASSWORD, TENANT, USER, sample
from local.simulators.wair.sets import ADVISED
from local.simulators.wair.settings import ADVICE_PATHS, OTHER, WORDS, Settings
from local.simulators.wair.simulator import WairSimulator
from local.simulators.wire import Reply, Request
from tests.support.fakes import START

STOCK = {"locationId": "COR", "skuId": "TEE", "quantity": 4}
ITEM = {"itemId": "T", "code": "T", "skus": [{"skuId": "TEE", "code": "TEE"}]}
RESERVED = {**STOCK, "id": "1", "startDateTime": "1970-01-01T00:00:00Z"}


class Caller:
    """A user of the sample tenant."""

    def __init__(self, **settings: Any) -> None:
        self.clock = SetClock(START)
        self.wair = WairSimulator(self.clock, Settings(**settings), dice=random.Random(1))
        self.wair.seed(sample())
        self.headers = {"x-tenant": TENANT}
        token = self.content("POST", "/Token", {"username": USER, "password": PASSWORD})
        self.headers["authorization"] = f"{token['tokenType']} {token['accessToken']}"

    def call(self, method: str, path: str, content: Any = None, **query: str) -> Reply:
        body = b"" if content is None else json.dumps(content).encode()
        return self.wair.handle(Request(method, f"/api/v1{path}", query, self.headers, body))

    def content(self, method: str, path: str, content: Any = None, **query: str) -> Any:
        reply = self.call(method, path, content, **query)
        assert reply.status == 200, reply.body
        return json.loads(reply.body) if reply.body else None

    def refusal(self, path: str, content: Any, **query: str) -> str:
        reply = self.call("POST", path, content, **query)
        assert reply.status == 400, reply.body
        return "; ".join(json.loads(reply.body)["errors"])

    def started(self) -> Caller:
        self.content("POST", "/Batch/start")
        return self

    def admin(self, name: str, content: Any = None) -> Any:
        body = b"" if content is None else json.dumps(content).encode()
        reply = self.wair.handle(Request("POST", f"/_admin/{name}", {}, {}, body))
        return json.loads(reply.body)

    @property
    def books(self) -> dict[str, Any]:
        return self.wair.tenant().books()


@pytest.mark.parametrize("path", ["/Token", "/Batch/start", "/Stock", "/Recommendations/transfers"])
@pytest.mark.parametrize("tenant", [None, "another"])
def test_no_call_is_taken_without_its_tenant(path: str, tenant: str | None) -> None:
    caller = Caller()
    caller.headers["x-tenant"] = tenant or ""
    assert "X-Tenant" in caller.refusal(path, {})
    assert caller.wair.refused_entries["400 The X-Tenant header is not a tenant's."] == 1


def test_a_token_ends_and_is_of_one_tenant() -> None:
    caller = Caller(token_seconds=90)
    assert caller.call("POST", "/Batch/start").status == 200
    caller.wair.seed({"tenants": [{"code": "rival"}]})
    caller.headers["x-tenant"] = "rival"
    assert caller.call("POST", "/Batch/start").status == 401
    caller.headers["x-tenant"] = TENANT
    caller.clock.advance(seconds=90)
    assert caller.call("POST", "/Batch/start").status == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"username": USER, "password": "x"}, 401),
        ({"username": "x", "password": PASSWORD}, 401),
        ({"username": USER}, 400),
        ([], 400),
    ],
)
def test_a_wrong_login_gets_no_token(given: Any, status: int) -> None:
    caller = Caller()
    assert caller.call("POST", "/Token", given).status == status
    assert len(caller.wair.tokens) == 1


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("/Stock", [], "not an object"),
        ("/Stock", {"stocks": [STOCK]}, "The stock field is required"),
        ("/Stock", {"stock": [STOCK], "more": 1}, "nothing but stock"),
        ("/Stock", {"stock": [7]}, "stock[0] is not an object"),
        ("/Stock", {"stock": [STOCK, {**STOCK, "skuId": None}]}, "The stock[1].skuId field"),
        ("/Stock", {"stock": [{**STOCK, "skuId": " "}]}, "stock[0].skuId is not an id"),
        ("/Stock", {"stock": [{**STOCK, "skuId": 7}]}, "stock[0].skuId is not a text"),
        ("/Stock", {"stock": [{**STOCK, "quantity": "4"}]}, "quantity is not a number"),
        ("/Stock", {"stock": [{**STOCK, "quantity": True}]}, "quantity is not a number"),
        ("/Stock", {"stock": [{**STOCK, "onHand": 4}]}, "stock[0].onHand is not known"),
        ("/Items", {"items": [{**ITEM, "skus": {}}]}, "items[0].skus is not an array"),
        ("/Items", {"items": [{"itemId": "T", "code": "T"}]}, "items[0].skus field is required"),
        (
            "/Items",
            {"items": [{**ITEM, "skus": [{"skuId": "A"}]}]},
            "The items[0].skus[0].code field is required",
        ),
        (
            "/StockNotForReplenishment",
            {"stockNotForReplenishment": [{**RESERVED, "startDateTime": "soon"}]},
            "is not a time",
        ),
        (
            "/StockNotForReplenishment",
            {"stockNotForReplenishment": [{**RESERVED, "startDateTime": "2026-01-01T00:00:00"}]},
            "has no time zone",
        ),
        ("/Locations", {"locations": [{"locationId": "A", "code": "A", "address": "x"}]}, "object"),
    ],
)
def test_a_body_that_is_not_valid_is_refused_whole(path: str, content: Any, said: str) -> None:
    caller = Caller().started()
    before = caller.books
    assert said in caller.refusal(path, content)
    after = caller.books
    assert after["refusals"] == {f"POST /api/v1{path} 400": 1}
    assert {**after, "refusals": {}} == before


@pytest.mark.parametrize("name", ["stock", "items"])
def test_more_than_is_advised_is_refused_by_a_switch(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ADVISED == {"stock": 50_000, "items": 25_000}
    known: Any = ADVISED
    monkeypatch.setitem(known, name, 3)
    caller = Caller().started()
    path, row = ("/Stock", STOCK) if name == "stock" else ("/Items", ITEM)
    caller.content("POST", path, {name: [row] * 3})
    assert "At most 3" in caller.refusal(path, {name: [row] * 4})
    caller.admin("settings", {"over_advised": "take"})
    caller.content("POST", path, {name: [row] * 4})


def test_an_upsert_replaces_what_it_names_and_nothing_else() -> None:
    caller = Caller().started()
    caller.content("POST", "/Stock", {"stock": [STOCK, {**STOCK, "skuId": "MUG"}]})
    caller.content("POST", "/Stock", {"stock": [{**STOCK, "quantity": 0}]})
    caller.content("POST", "/Stock", {"stock": []})
    assert caller.books["stock"] == {"COR": {"TEE": 0, "MUG": 4}}
    assert [one["units"] for one in caller.books["mutations"]] == [4, 4, -4]


def test_a_full_load_counts_with_its_last_part_and_not_when_its_batch_ends_before() -> None:
    caller = Caller().started()
    caller.content("POST", "/Stock", {"stock": [STOCK]})
    other = {"stock": [{**STOCK, "skuId": "MUG"}]}
    caller.content("POST", "/Stock", other, fullLoad="true", moreRecordsAvailable="true")
    assert caller.books["unfinished_full_loads"] == ["stock"]
    caller.content("POST", "/Batch/stop")
    assert caller.books["stock"] == {"COR": {"TEE": 4}}
    assert caller.books["unfinished_full_loads"] == []
    caller.started().content("POST", "/Stock", other, fullLoad="true")
    assert caller.books["stock"] == {"COR": {"MUG": 4}}
    caller.admin("settings", {"full_load": "ignored"})
    caller.content("POST", "/Stock", {"stock": [STOCK]}, fullLoad="true")
    assert caller.books["stock"] == {"COR": {"MUG": 4, "TEE": 4}}


def test_rows_are_taken_in_a_batch_and_an_open_one_is_in_the_books() -> None:
    caller = Caller()
    assert "No batch is open" in caller.refusal("/Stock", {"stock": [STOCK]})
    assert "No batch is open" in caller.refusal("/Batch/stop", None)
    caller.started().started().content("POST", "/Stock", {"stock": [STOCK]})
    assert caller.books["batches"] == {"open": 1, "started": 1}
    caller.content("POST", "/Batch/stop")
    assert caller.books["batches"] == {"open": 0, "started": 1, "stopped": 1}
    assert caller.books["journal"][2] | {"at": "", "batch": ""} == {
        "number": 3,
        "at": "",
        "what": "told",
        "set": "stock",
        "rows": 1,
        "full": False,
        "more": False,
        "batch": "",
    }


@pytest.mark.parametrize("query", [{"fullLoad": "yes"}, {"full": "true"}])
def test_an_unknown_parameter_is_refused(query: dict[str, str]) -> None:
    Caller().started().refusal("/Stock", {"stock": [STOCK]}, **query)


def test_the_other_dialect_knows_nothing_of_the_documented_words() -> None:
    caller = Caller(dialect=OTHER).started()
    for words in WORDS["documented"].values():
        assert caller.call("POST", words.path, {}).status == 404
    for path in ADVICE_PATHS["documented"]:
        assert caller.call("GET", path).status == 404
    told = {"levels": [{"storeId": "COR", "variantId": "TEE", "onHand": 4}]}
    caller.content("POST", "/inventory/levels", told)
    assert caller.books["stock"] == {"COR": {"TEE": 4}}
    assert caller.content("GET", "/inventory/levels/export")["levels"] == told["levels"]
    assert caller.call("GET", "/inventory/levels").status == 405


def test_pages_are_of_a_limit_and_say_whether_there_are_more() -> None:
    caller = Caller(largest_limit=3)
    page = caller.content("GET", "/Recommendations/stockTargets", Offset="0", Limit="50")
    assert (len(page["stockTargets"]), page["limit"], page["moreRecordsAvailable"]) == (3, 3, True)
    page = caller.content("GET", "/Recommendations/stockTargets", Offset="3", Limit="50")
    assert (len(page["stockTargets"]), page["offset"]) == (1, 3)
    assert page["moreRecordsAvailable"] is False
    assert caller.call("GET", "/Recommendations/stockTargets", Offset="-1").status == 400
    since = {"FromConfirmedDateTime": "yesterday"}
    assert caller.call("GET", "/Recommendations/transfers", **since).status == 400


def test_the_side_door() -> None:
    caller = Caller()
    caller.admin("set-stock", {"location": "COR", "stock": {"TEE": 7}})
    caller.admin("advise", {"targets": [{"locationId": "A", "skuId": "B", "targetQuantity": 1}]})
    books = caller.admin("books")["tenants"][TENANT]
    assert books["stock"] == {"COR": {"TEE": 7}}
    assert len(caller.wair.tenant().advice.targets) == 5
    kept = {"id": "x", "locationId": "COR", "skuId": "TEE", "quantity": 2}
    caller.admin("keep", {"set": "reserved", "records": [kept]})
    caller.admin("keep", {"set": "reserved", "records": [kept | {"quantity": 3}]})
    books = caller.admin("books")["tenants"][TENANT]
    assert books["sets"]["reserved"] == [kept | {"quantity": 3}]
    assert books["journal"] == []
    assert "error" in caller.admin("keep", {"set": "prices", "records": []})
    caller.admin("expire-tokens")
    assert caller.call("POST", "/Batch/start").status == 401
    for wrong in ({"nothing": 1}, {"dialect": "third"}):
        with pytest.raises(ValueError, match=r"setting|one of"):
            changed(Settings(), wrong)
    assert "without" in caller.admin("advise", {"transfers": [{"skuId": "A"}]})["error"]
