"""Lists of both partners: pages that end, repeat, drift or never end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Literal

import pytest

from local.simulators.mintsoft.simulator import Settings
from local.simulators.redo.simulator import Settings as RedoSettings
from local.simulators.wire import json_reply
from returns_hub.adapters.mintsoft.times import to_naive, to_utc, zone
from returns_hub.adapters.mintsoft.warehouse import MOST_ROWS_WITHOUT_ITEMS, MintsoftWarehouse
from returns_hub.adapters.redo.portal import RedoPortal
from returns_hub.domain.operations import Found, Inconclusive, NotFound
from returns_hub.domain.returns import ReturnStatus
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.ports import ExternalReturnDraft, ReturnItemDraft
from tests.support.fakes import START
from tests.support.worlds import Bench, item, redo_return

AN_HOUR_AGO = START - timedelta(hours=1)
LATER = START + timedelta(days=1)


def with_records(count: int, **settings: Any) -> tuple[Bench, MintsoftWarehouse]:
    bench = Bench()
    bench.mintsoft.settings = Settings(returns_list="honoured", **settings)
    warehouse = bench.world().warehouse
    assert isinstance(warehouse, MintsoftWarehouse)
    draft = ExternalReturnDraft(3, "#1", "M", (ReturnItemDraft("TEE", 901, 1, 1),))
    for _ in range(count):
        warehouse.create_external_return(draft, LATER)
    bench.to_mintsoft.requests.clear()
    return bench, warehouse


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 2), (100, 2), (101, 3), (250, 4)])
def test_a_list_ends_with_an_empty_page_not_with_a_short_one(count: int, pages: int) -> None:
    bench, warehouse = with_records(count)
    page = warehouse.list_updated_since(AN_HOUR_AGO, 60)

    assert len(page.receipts) == count
    assert (page.calls, page.complete) == (pages, True)
    assert len(bench.to_mintsoft.requests) == pages


def test_a_budget_that_runs_out_is_told() -> None:
    _, warehouse = with_records(250)
    page = warehouse.list_updated_since(AN_HOUR_AGO, 2)

    assert not page.complete
    assert len(page.receipts) == 200


def test_a_list_that_heeds_no_page_number_does_not_go_on_for_ever() -> None:
    bench, warehouse = with_records(100)
    carry_out = bench.mintsoft._list

    def always_the_first(query: dict[str, str], user: Any) -> Any:
        return carry_out(query | {"pageno": "1"}, user)

    bench.mintsoft._list = always_the_first  # type: ignore[method-assign]
    page = warehouse.list_updated_since(AN_HOUR_AGO, 60)

    assert len(page.receipts) == 100
    assert len(bench.to_mintsoft.requests) <= 3
    # A full page that comes again hides what comes after it.
    assert not page.complete


def test_a_page_of_others_rows_with_one_of_ours_that_drifted_is_not_the_end() -> None:
    bench, warehouse = with_records(250)
    pages: list[list[dict[str, Any]]] = []
    carry_out = bench.mintsoft._list

    def for_everybody(query: dict[str, str], user: Any) -> Any:
        reply = carry_out(query, user)
        rows = json.loads(reply.body)
        if query["pageno"] == "2":
            for row in rows:
                row["ClientId"] = 13
            rows = [*rows[:-1], pages[0][-1]]
        pages.append(rows)
        return json_reply(200, rows)

    bench.mintsoft._list = for_everybody  # type: ignore[method-assign]
    page = warehouse.list_updated_since(AN_HOUR_AGO, 60)

    assert len(page.receipts) == 150
    assert page.complete


def test_a_row_that_drifts_to_the_next_page_is_not_taken_twice() -> None:
    bench, warehouse = with_records(120)
    carry_out = bench.mintsoft._list
    pages: list[int] = []

    def drifting(query: dict[str, str], user: Any) -> Any:
        pages.append(1)
        if len(pages) == 2:
            warehouse.create_external_return(
                ExternalReturnDraft(3, "#2", "N", (ReturnItemDraft("MUG", 902, 1, 1),)), LATER
            )
        return carry_out(query, user)

    bench.mintsoft._list = drifting  # type: ignore[method-assign]
    page = warehouse.list_updated_since(AN_HOUR_AGO, 60)
    keys = [(r.external_return_id, r.version) for r in page.receipts]

    assert len(keys) == len(set(keys))


def test_filters_that_are_ignored_are_applied_here() -> None:
    bench, warehouse = with_records(3)
    bench.mintsoft.settings = Settings(returns_list="ignores_filter")
    bench.mintsoft.returns[41].client_id = 13
    bench.mintsoft.returns[42].updated_at = START - timedelta(days=3)

    page = warehouse.list_updated_since(AN_HOUR_AGO, 60)

    assert [r.external_return_id for r in page.receipts] == [43]


def test_the_search_finds_the_marker_on_any_day_since_the_claim() -> None:
    bench, warehouse = with_records(1)
    bench.mintsoft.returns[41].updated_at = START + timedelta(days=2)
    bench.clock.advance(days=3)

    assert warehouse.look_up_external_return("M", START) == Found("41")
    assert isinstance(warehouse.look_up_external_return("ELSE", START), Inconclusive)


def test_a_search_over_too_many_days_is_inconclusive() -> None:
    bench, warehouse = with_records(1)
    bench.clock.advance(days=60)

    assert isinstance(warehouse.look_up_external_return("ELSE", START), Inconclusive)


def test_by_reference_two_that_fit_are_inconclusive_and_units_must_agree() -> None:
    bench, warehouse = with_records(2)

    assert isinstance(warehouse.find_by_reference("#1", {"TEE": 1}, START), Inconclusive)
    del bench.mintsoft.returns[42]
    assert warehouse.find_by_reference("#1", {"TEE": 1}, START) == Found("41")
    assert warehouse.find_by_reference("#1", {"TEE": 2}, START) == NotFound()
    assert warehouse.find_by_reference("#9", {"TEE": 1}, START) == NotFound()


def test_by_reference_what_was_not_looked_through_is_not_known_to_be_missing() -> None:
    bench, warehouse = with_records(MOST_ROWS_WITHOUT_ITEMS + 1, items_in_lists=False)
    found = warehouse.find_by_reference("#9", {"TEE": 1}, START)

    assert isinstance(found, Inconclusive)
    assert "#9" in found.why
    bench.clock.advance(days=30)
    assert isinstance(warehouse.find_by_reference("#9", {"TEE": 1}, START), Inconclusive)
    assert warehouse.find_by_reference("#9", {"TEE": 1}, bench.clock.now()) == NotFound()


def test_a_record_of_another_client_is_none_of_ours() -> None:
    bench, warehouse = with_records(1)
    bench.mintsoft.returns[41].client_id = 13

    assert warehouse.read_external_return(41) is None
    assert warehouse.read_external_return(999) is None


def test_a_client_users_key_names_no_client() -> None:
    bench, _ = with_records(0)
    bench.file["mintsoft"]["user_kind"] = "client"
    bench.mintsoft.seed(
        {"users": [{"name": "hub", "password": "x", "static_key": "static-key", "client_id": 12}]}
    )
    warehouse = bench.world().warehouse
    draft = ExternalReturnDraft(3, "#1", "M", (ReturnItemDraft("TEE", 901, 1, 1),))

    assert warehouse.create_external_return(draft, LATER) == 41


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-02T14:41:08.996542", 14),
        ("2026-03-02T14:41:08.9965421", 14),
        ("2026-07-02T14:41:08", 13),
        ("2026-07-02T14:41:08+02:00", 12),
        ("0001-01-01T00:00:00", 0),
        ("9999-12-31T23:59:59.9999999", 23),
    ],
)
def test_mintsofts_times(text: str, hour: int) -> None:
    assert to_utc(text, zone("Europe/London")).hour == hour


def test_times_go_there_as_they_come_and_a_wrong_zone_is_told() -> None:
    assert to_naive(START, zone("Europe/London")) == "2026-03-02T09:00:00"
    with pytest.raises(Misconfigured, match="Mars"):
        zone("Mars/Base")


def portal_with(count: int) -> tuple[Bench, RedoPortal]:
    bench = Bench()
    for number in range(count):
        minute = f"{number // 60:02d}:{number % 60:02d}"
        body = redo_return(
            [item(1, "TEE")], id=f"r{number:04d}", updatedAt=f"2026-03-02T07:{minute}Z"
        )
        bench.put(body)
    portal = bench.world().portal
    assert isinstance(portal, RedoPortal)
    return bench, portal


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (1, 1), (200, 1), (201, 4), (450, 6)])
def test_redos_pages_go_by_headers_and_several_are_read_twice(count: int, calls: int) -> None:
    bench, portal = portal_with(count)
    found = list(portal.returns_updated(START - timedelta(hours=3), START))

    assert len({r.id for r in found}) == len(found) == count
    assert len(bench.to_redo.requests) == calls
    assert all("x-page-size" in r.headers for r in bench.to_redo.requests)


def test_a_redo_list_that_names_a_page_twice_is_not_taken_for_whole() -> None:
    """The last page names none, so there are rows behind it, which would be passed over."""
    bench, portal = portal_with(250)
    carry_out = bench.redo._list

    def same_next(request: Any, store: str) -> Any:
        from dataclasses import replace

        reply = carry_out(request, store)
        return replace(reply, headers={**reply.headers, "X-Page-Next": "1"})

    bench.redo._list = same_next  # type: ignore[method-assign, assignment]
    with pytest.raises(Retryable, match="names a page twice"):
        list(portal.returns_updated(START - timedelta(hours=3), START))

    assert len(bench.to_redo.requests) == 2


@pytest.mark.parametrize("sort", ["updated", "created"])
@pytest.mark.parametrize("leave", [1, 3])
def test_a_return_that_moves_to_an_earlier_page_while_redos_list_is_read_is_found(
    sort: Literal["updated", "created"], leave: int
) -> None:
    bench, portal = portal_with(450)
    bench.redo.settings = RedoSettings(sort=sort)
    carry_out = bench.redo._list
    requests: list[int] = []

    def drifting(request: Any, store: str) -> Any:
        # Between two pages, returns of the first page change, and so leave the window.
        requests.append(1)
        if len(requests) in {2, 3}:
            for number in range(leave):
                newest = 449 - len(requests) * 10 - number
                bench.redo.returns[f"r{newest:04d}"]["updatedAt"] = "2026-03-02T09:30:00Z"
        return carry_out(request, store)

    bench.redo._list = drifting  # type: ignore[method-assign, assignment]
    found = {r.id for r in portal.returns_updated(START - timedelta(hours=3), START)}
    stayed = {
        name
        for name, row in bench.redo.returns.items()
        if not row["updatedAt"].endswith("9:30:00Z")
    }

    assert len(stayed) == 450 - 2 * leave
    assert stayed <= found


def test_a_list_that_never_settles_is_read_again_later() -> None:
    bench, portal = portal_with(250)
    carry_out = bench.redo._list
    numbers = iter(range(1000, 2000))

    def growing(request: Any, store: str) -> Any:
        bench.put(redo_return([item(1, "TEE")], id=f"r{next(numbers)}"))
        return carry_out(request, store)

    bench.redo._list = growing  # type: ignore[method-assign, assignment]
    with pytest.raises(Retryable, match="changes faster"):
        list(portal.returns_updated(START - timedelta(hours=3), START))


def test_a_redo_list_can_be_of_one_status() -> None:
    bench, portal = portal_with(3)
    bench.redo.returns["r0001"]["status"] = "in_transit"
    found = portal.returns_updated(START - timedelta(hours=3), START, ReturnStatus.IN_TRANSIT)

    assert [row.id for row in found] == ["r0001"]
    assert bench.to_redo.requests[0].query["status"] == "in_transit"


@pytest.mark.parametrize("body", [b"[]", b'{"returns": 5}', b'{"return": {}}', b"null"])
@pytest.mark.off_contract("answers of another shape")
def test_an_answer_of_another_shape_is_read_again_later(body: bytes) -> None:
    from local.simulators.wire import Reply

    bench, portal = portal_with(1)
    bench.redo._read = lambda *_: Reply(200, {}, body)  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        portal.read_return("r0000")
