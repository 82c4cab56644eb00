"""WAIR's API, told and read: its simulator, whatever no page tells, one way or the other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair_sample import PASSWORD, USER
from local.simulators.wair_settings import OTHER, Settings
from local.simulators.wire import Reply
from returns_hub.domain.wair.rows import ItemRow, LocationRow, SkuRow, StockRow
from returns_hub.domain.wair.settings import DATA_SETS
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.ports.feed import Part
from tests.support import fakes
from tests.support.wair import (
    COLOR,
    ITEM,
    LOCATION,
    RESERVED,
    ROWS,
    RUN,
    SIZE,
    WairBench,
    in_dialect,
)

FAULTS: list[tuple[FaultKind, type[Verdict], str]] = [
    (FaultKind.RESET_BEFORE, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.RESET_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.TIMEOUT_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.ERROR_500_BEFORE, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.ERROR_500_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.HTML_ERROR, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.HTML_200_AFTER, UnknownOutcome, "wair.unknown_outcome"),
    (FaultKind.HTTP_429, Retryable, "wair.rate_limited"),
    (FaultKind.HTML_429, Retryable, "wair.rate_limited"),
]


def tell(bench: WairBench, *parts: Part) -> None:
    """One upload."""
    bench.feed.begin(RUN, bench.send_by)
    for part in parts or [Part(name, ROWS[name]) for name in DATA_SETS]:
        bench.feed.tell(RUN, part, bench.send_by)
    bench.feed.end(RUN, bench.send_by)


def stock(**levels: int) -> tuple[StockRow, ...]:
    return tuple(StockRow("COR", sku, units) for sku, units in levels.items())


# -- the upload ---------------------------------------------------------------------------------


def test_every_set_arrives_in_the_documented_words() -> None:
    bench = WairBench()
    tell(bench)

    assert bench.books["stock"] == {"COR": {"TEE-RED-M": 40, "TEE-RED-L": 0}}
    assert bench.books["sets"] == {
        "locations": [
            {"locationId": "COR", "code": "COR", "description": "Corby", "type": "Warehouse"}
        ],
        "sizes": [{"sizeId": "M", "code": "M", "description": "Medium", "sortOrder": 30}],
        "colors": [{"colorId": "RED", "code": "RED", "description": "Red"}],
        "items": [
            {
                "itemId": "TEE",
                "code": "TEE",
                "description": "Tee",
                "skus": [
                    {
                        "skuId": f"TEE-RED-{size}",
                        "code": f"TEE-RED-{size}",
                        "styleId": "TEE-RED",
                        "colorId": "RED",
                        "sizeId": size,
                    }
                    for size in "ML"
                ],
            }
        ],
        "reserved": [
            {
                "id": "COR|TEE-RED-M",
                "locationId": "COR",
                "skuId": "TEE-RED-M",
                "startDateTime": "2026-03-02T09:00:00Z",
                "quantity": 2,
            }
        ],
    }
    assert bench.books["batches"] == {"open": 0, "started": 1, "stopped": 1}
    assert not bench.books["refusals"]


def test_another_dialect_needs_configuration_only() -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    tell(bench)

    assert bench.books["stock"] == {"COR": {"TEE-RED-M": 40, "TEE-RED-L": 0}}
    assert {name: len(rows) for name, rows in bench.books["sets"].items()} == {
        "locations": 1,
        "sizes": 1,
        "colors": 1,
        "items": 1,
        "reserved": 1,
    }
    paths = {one.path for one in bench.wire.requests}
    assert not paths & {"/api/v1/Stock", "/api/v1/Items"}


def test_without_the_configuration_the_other_dialect_is_told_as_a_wrong_path() -> None:
    bench = WairBench(Settings(dialect=OTHER))
    bench.feed.begin(RUN, bench.send_by)
    with pytest.raises(Misconfigured, match="it has no /Stock; correct its path") as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == "wair.no_such_call"


def test_the_tenant_is_on_every_call() -> None:
    bench = WairBench()
    tell(bench)
    list(bench.advice.targets())

    assert len(bench.wire.requests) == 1 + 2 + len(DATA_SETS) + 1
    assert {one.headers.get("x-tenant") for one in bench.wire.requests} == {"example"}
    assert not bench.wair.refused_entries


def test_what_the_batch_answers_is_given_back() -> None:
    for settings, told in (
        (Settings(), '{"batchId": "b-'),
        (Settings(batch_answer="text"), "b-"),
        (Settings(batch_answer="empty"), ""),
    ):
        assert WairBench(settings).feed.begin(RUN, fakes.START.replace(year=2027)).startswith(told)


def test_a_batch_that_a_run_left_open_is_gone_on_with_and_closed() -> None:
    bench = WairBench(Settings(start_while_open="refuse"))
    bench.feed.begin(RUN, bench.send_by)
    bench.feed = bench.sink()
    tell(bench)
    assert bench.books["batches"] == {"open": 0, "started": 1, "stopped": 1}


def test_another_refusal_of_the_batch_is_told() -> None:
    bench = WairBench()
    refusal = Reply(400, {}, b'{"errors": ["The month is closed."]}')
    bench.feed.check_access()
    bench.answers(refusal)
    for act in (bench.feed.begin, bench.feed.end):
        with pytest.raises(Permanent, match="The month is closed"):
            act(RUN, bench.send_by)


def test_without_batches_none_is_started() -> None:
    bench = WairBench(Settings(outside_batch="take"), batch=False)
    tell(bench)
    assert bench.books["batches"] == {"open": 0}
    assert bench.books["stock"] == {"COR": {"TEE-RED-M": 40, "TEE-RED-L": 0}}


def test_a_full_load_replaces_the_set_with_its_last_part_and_not_before() -> None:
    sets = {"stock": {"mode": "live", "full_load": True}}
    bench = WairBench(data_sets=sets)
    tell(bench, Part("stock", stock(OLD=9, TEE=1)))
    bench.feed.begin(RUN, bench.send_by)
    bench.feed.tell(RUN, Part("stock", stock(TEE=2), 1, full=True, more=True), bench.send_by)
    assert bench.books["stock"] == {"COR": {"OLD": 9, "TEE": 1}}
    bench.feed.tell(RUN, Part("stock", stock(MUG=3), 2, full=True), bench.send_by)
    bench.feed.end(RUN, bench.send_by)

    assert bench.books["stock"] == {"COR": {"TEE": 2, "MUG": 3}}


@pytest.mark.parametrize(
    ("full_load", "part"),
    [(True, Part("stock", stock(TEE=2))), (False, Part("stock", stock(TEE=2), full=True))],
)
def test_partial_data_and_a_file_that_does_not_ask_for_it_zero_nothing(
    full_load: bool, part: Part
) -> None:
    bench = WairBench(data_sets={"stock": {"mode": "live", "full_load": full_load}})
    tell(bench, Part("stock", stock(OLD=9)))
    tell(bench, part)
    assert bench.books["stock"] == {"COR": {"OLD": 9, "TEE": 2}}
    assert all("fullLoad" not in one.query for one in bench.asked("/Stock"))


def test_an_empty_part_is_told_only_where_it_replaces_the_set() -> None:
    bench = WairBench(data_sets={"stock": {"mode": "live", "full_load": True}})
    tell(bench, Part("stock", stock(OLD=9)))
    tell(bench, Part("stock", ()))
    assert bench.books["stock"] == {"COR": {"OLD": 9}}
    tell(bench, Part("stock", (), full=True))
    assert bench.books["stock"] == {}


def test_what_is_not_known_is_left_out() -> None:
    bench = WairBench(data_sets={"items": {"mode": "live", "fields": {"skus.weight": "weight"}}})
    bench.wair.settings = Settings(unknown_keys="ignore")
    plain = SkuRow("MUG", "MUG", "MUG")
    tell(bench, Part("items", [ItemRow("MUG", "MUG", "Mug", (plain,))]))
    (sent,) = bench.asked("/Items")
    assert sent.json()["items"][0]["skus"] == [{"skuId": "MUG", "code": "MUG", "styleId": "MUG"}]


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", ["list", "problem", "text"])
def test_a_400_is_known_refused_in_its_own_words(errors: Any) -> None:
    bench = WairBench(Settings(errors=errors))
    bench.feed.begin(RUN, bench.send_by)
    with pytest.raises(Permanent, match=r"stock\[0\]\.skuId is not an id") as told:
        bench.feed.tell(RUN, Part("stock", [StockRow("COR", " ", 1)]), bench.send_by)
    assert told.value.code == "wair.refused"


def test_the_words_of_many_faults_are_shortened() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    with pytest.raises(Permanent, match=r"; and 15 more$") as told:
        bench.feed.tell(RUN, Part("stock", [StockRow("COR", " ", 1)] * 40), bench.send_by)
    assert len(told.value.reason) < 400


@pytest.mark.parametrize(("kind", "verdict", "code"), FAULTS)
def test_what_a_write_came_to_is_never_guessed(
    kind: FaultKind, verdict: type[Verdict], code: str
) -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.wair.faults.add(Fault(kind, path="/Stock", times=None))
    with pytest.raises(verdict) as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == code
    assert type(told.value) is verdict


def test_a_refused_connection_is_known_not_done() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.wire.refuse = True
    with pytest.raises(Retryable) as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == "wair.unreachable"


def test_a_redirect_is_a_wrong_address() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.answers(Reply(302, {"Location": "https://elsewhere.example.test"}))
    with pytest.raises(Misconfigured, match=r"wair\.base_url"):
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)


# -- the token ----------------------------------------------------------------------------------


def test_one_token_serves_every_run_of_a_container_until_shortly_before_its_end() -> None:
    bench = WairBench()
    for _ in range(3):
        bench.feed = bench.sink()
        tell(bench)
    assert bench.wair.logins[USER] == 1
    bench.clock.advance(seconds=3600 - 60)
    tell(bench)
    assert bench.wair.logins[USER] == 2
    assert not bench.wair.refused_entries


def test_a_token_that_ended_before_its_time_is_renewed_once_and_nothing_is_told_twice() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.wair.expire_tokens()
    bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert bench.wair.logins[USER] == 2
    assert [one["rows"] for one in bench.books["journal"] if one["what"] == "told"] == [2]


def test_a_refusal_after_the_renewal_is_an_operators() -> None:
    bench = WairBench()
    bench.feed.begin(RUN, bench.send_by)
    bench.wair.faults.add(Fault(FaultKind.UNAUTHORISED, path="/Stock", times=None))
    with pytest.raises(Misconfigured) as told:
        bench.feed.tell(RUN, Part("stock", ROWS["stock"]), bench.send_by)
    assert told.value.code == "wair.token_refused"
    assert len(bench.asked("/Stock")) == 2
    assert bench.wair.logins[USER] == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_tenant_is_told_as_one(status: Any) -> None:
    bench = WairBench(Settings(tenant_refusal=status), tenant="another")
    with pytest.raises(Misconfigured, match="tenant") as told:
        bench.feed.check_access()
    assert told.value.code == "wair.login_refused"


def test_a_refused_login_is_not_tried_again_until_it_is_changed() -> None:
    bench = WairBench()
    bench.secrets.values["example", "wair"] = {"username": USER, "password": "wrong-pass"}
    for _ in range(3):
        with pytest.raises(Misconfigured, match="user name and password"):
            bench.sink().begin(RUN, bench.send_by)
    assert len(bench.asked("/Token")) == 1
    bench.secrets.write("example", "wair", {"username": USER, "password": PASSWORD})
    bench.sink().begin(RUN, bench.send_by)
    assert bench.wair.logins[USER] == 1


def test_a_refused_login_is_tried_again_after_a_while() -> None:
    bench = WairBench()
    bench.wair.faults.add(Fault(FaultKind.UNAUTHORISED, path="/Token"))
    with pytest.raises(Misconfigured):
        bench.feed.check_access()
    bench.clock.advance(minutes=11)
    assert bench.feed.check_access()


@pytest.mark.parametrize(
    "kind", [FaultKind.ERROR_500_BEFORE, FaultKind.RESET_AFTER, FaultKind.HTML_200_AFTER]
)
def test_a_login_without_an_answer_may_be_tried_again(kind: FaultKind) -> None:
    bench = WairBench()
    bench.wair.faults.add(Fault(kind, path="/Token"))
    with pytest.raises(Retryable) as told:
        bench.feed.check_access()
    assert not isinstance(told.value, Misconfigured)
    assert bench.feed.check_access()


@pytest.mark.parametrize("answer", [b"{}", b'{"accessToken": "a\\r\\nb"}', b'{"accessToken": 7}'])
def test_a_login_that_gives_no_token_gives_none(answer: bytes) -> None:
    bench = WairBench()
    bench.answers(Reply(200, {}, answer))
    with pytest.raises(Retryable, match="no token"):
        bench.feed.check_access()


@pytest.mark.parametrize("secret", [{}, {"username": "x"}, {"username": "x", "password": " "}])
def test_a_secret_that_lacks_something_is_told(secret: dict[str, str]) -> None:
    bench = WairBench()
    bench.secrets.values["example", "wair"] = secret
    with pytest.raises(Misconfigured):
        bench.feed.check_access()
    assert not bench.wire.requests


def test_neither_logs_nor_refusals_have_the_password_or_the_token() -> None:
    bench = WairBench()
    tell(bench)
    (token,) = bench.wair.tokens
    echo = json.dumps({"errors": [f"user {USER} with {PASSWORD} and {token}"]}).encode()
    bench.answers(Reply(400, {}, echo))
    said = [bench.logged(), repr(bench.logins)]
    for act in (bench.feed.check_access, lambda: bench.feed.begin(RUN, bench.send_by)):
        bench.clock.advance(hours=2)
        with pytest.raises(Verdict) as told:
            act()
        said.append(str(told.value))
    bench.logins.by_key.clear()
    with pytest.raises(Verdict) as told:
        bench.sink().check_access()
    said.append(str(told.value))
    assert not [text for text in said if PASSWORD in text or token in text]


# -- reading back -------------------------------------------------------------------------------


def test_what_was_told_is_read_back_as_it_was() -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    tell(bench)
    back = {name: bench.feed.told_back(name) for name in DATA_SETS}

    assert back["colors"] is None
    assert COLOR.color == "RED"
    assert list(back["locations"] or ()) == [LOCATION]
    assert list(back["sizes"] or ()) == [SIZE]
    assert list(back["reserved"] or ()) == [RESERVED]
    told = {(row.sku, row.on_hand) for row in back["stock"] or () if isinstance(row, StockRow)}
    assert told == {("TEE-RED-M", 40), ("TEE-RED-L", 0)}
    (item,) = list(back["items"] or ())
    assert item == replace(ITEM, skus=tuple(replace(sku, barcode="") for sku in ITEM.skus))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(dialect=OTHER),
        Settings(dialect=OTHER, largest_limit=700),
        Settings(dialect=OTHER, page_end="not_told"),
        Settings(dialect=OTHER, page_end="not_told", largest_limit=500),
    ],
    ids=["told", "clamped", "not told", "clamped and not told"],
)
def test_every_page_is_read(settings: Settings) -> None:
    bench = WairBench(settings, data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(2500)})
    rows = [row for row in bench.feed.told_back("stock") or () if isinstance(row, StockRow)]
    assert {row.sku: row.on_hand for row in rows} == {f"S{n}": n for n in range(2500)}
    assert len(rows) == 2500


def test_a_list_that_is_not_paged_is_read_once() -> None:
    settings = Settings(dialect=OTHER, page_end="not_told", offset="ignored")
    bench = WairBench(settings, data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(300)})
    assert len(list(bench.feed.told_back("stock") or ())) == 300


def test_pages_without_end_are_cut_off_and_told() -> None:
    bench = WairBench(Settings(dialect=OTHER, offset="ignored"), data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(1500)})
    with pytest.raises(Retryable, match="no further page"):
        list(bench.feed.told_back("stock") or ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wrapper": "other"}, "no array other"),
        ({"fields": {"on_hand": "units", "location": "storeId", "sku": "variantId"}}, "no units"),
    ],
)
def test_words_that_do_not_fit_what_is_read_are_told(change: dict[str, Any], said: str) -> None:
    sets = in_dialect(OTHER)
    sets["stock"] |= change
    bench = WairBench(Settings(dialect=OTHER), data_sets=sets)
    bench.wair.set_stock("COR", {"TEE": 1})
    with pytest.raises(Misconfigured, match=said):
        list(bench.feed.told_back("stock") or ())


@pytest.mark.parametrize("kind", [FaultKind.ERROR_500_BEFORE, FaultKind.CUT_OFF_AFTER])
def test_a_read_that_breaks_off_is_no_end(kind: FaultKind) -> None:
    bench = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER))
    bench.wair.set_stock("COR", {f"S{n}": n for n in range(1500)})
    bench.wair.faults.add(Fault(kind, path="/export", after=1, times=None))
    rows = bench.feed.told_back("stock") or iter(())
    assert isinstance(next(rows), StockRow)
    with pytest.raises(Retryable):
        list(rows)


# -- the check ----------------------------------------------------------------------------------


def test_access_tells_what_was_read() -> None:
    assert "/Recommendations/stockTargets can be read" in WairBench().feed.check_access()
    other = WairBench(Settings(dialect=OTHER))
    assert "it has no /Recommendations/stockTargets" in other.feed.check_access()
    told = WairBench(Settings(dialect=OTHER), data_sets=in_dialect(OTHER)).feed.check_access()
    assert "/master/stores can be read" in told


def test_a_location_row_of_another_kind_reads_its_numbers_as_text() -> None:
    sets = in_dialect(OTHER)
    bench = WairBench(Settings(dialect=OTHER), data_sets=sets)
    bench.wair.tenant().sets["locations"].records["7",] = {"locationId": 7, "code": None}
    assert list(bench.feed.told_back("locations") or ()) == [LocationRow("7", "", "", "")]
