"""The portal's subscription is made, and kept whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import FaultKind
from local.simulators.problems import problem
from local.simulators.wire import Reply, json_reply
from returns_hub.domain.subscriptions import callback_url, external_id_of
from returns_hub.errors import Misconfigured, Retryable, UnknownOutcome
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.subscription import (
    ensure,
    rotate_token,
    status,
)
from returns_hub.flows.subscription_steps import REPAIRED
from tests.support.subscription_worlds import (
    HARMS,
    OTHER,
    OURS,
    TOKEN,
    URL,
    Guard,
    Stopped,
    harm,
    stopping_at,
)
from tests.support.worlds import TOKEN as API_TOKEN


def test_it_is_made_as_the_portal_wants_it_and_asks_for_nothing_older(guard: Guard) -> None:
    assert guard.check() == "created"

    (request,) = [r for r in guard.bench.to_redo.requests if r.method == "POST"]
    assert request.path == "/v2.2/stores/store/webhooks"
    assert request.json() == {
        "webhook": {
            "topic": "return",
            "kind": "redo",
            "externalId": OURS,
            "backfill": False,
            "callback": {"url": URL, "auth": {"bearer": {"token": TOKEN}}},
        }
    }
    assert (guard.ours.url, guard.ours.token) == (URL, TOKEN)
    assert guard.replays() == []
    assert (guard.total(REPAIRED), guard.total(OPERATOR_NEEDED)) == (0, 0)


def test_one_of_an_earlier_life_is_set_right_without_an_alarm(guard: Guard) -> None:
    """The hub's own tables are new: nobody knows what that subscription ever delivered."""
    guard.portal.subscribe("https://old.example.test", OTHER, external_id=OURS)

    assert guard.check() == "created"
    assert (guard.ours.url, guard.ours.token) == (URL, TOKEN)
    assert (guard.total(REPAIRED), guard.replays()) == (0, [])


@pytest.mark.parametrize("token", ["a*b-token-of-deliveries-0123456789", "****", ""])
def test_only_what_looks_like_a_mask_is_one(whole: Guard, token: str) -> None:
    whole.ours.token = token
    assert whole.check() == ("whole" if "***" in token else "repaired")


def test_one_that_is_whole_costs_one_read(whole: Guard) -> None:
    assert whole.check() == "whole"
    assert [r.method for r in whole.bench.to_redo.requests] == ["GET"]


@pytest.mark.parametrize("how", HARMS)
def test_what_was_lost_or_altered_is_repaired_told_and_replayed(whole: Guard, how: str) -> None:
    seen_whole = whole.bench.clock.now() - timedelta(minutes=15)
    harm(whole, how)

    assert whole.check() == "repaired"
    assert (whole.ours.url, whole.ours.token, whole.ours.kind) == (URL, TOKEN, "redo")
    assert whole.total(REPAIRED) == 1
    assert whole.replays() == [(seen_whole - timedelta(hours=1)).isoformat()]
    whole.later()
    assert whole.check() == "whole"
    assert whole.total(REPAIRED) == 1


@pytest.mark.parametrize("how", HARMS)
def test_what_was_repaired_is_repaired_again_tomorrow(whole: Guard, how: str) -> None:
    for _ in range(3):
        harm(whole, how)
        assert whole.check() == "repaired"
        whole.later(days=1)
        assert whole.check() == "whole"
    assert whole.total(REPAIRED) == 3
    assert len(set(whole.replays())) == 3


def test_the_call_that_repairs_is_the_smallest(whole: Guard) -> None:
    harm(whole, "url")
    whole.check()
    put, asked = [r for r in whole.bench.to_redo.requests if r.method != "GET"]

    assert (put.method, put.path) == ("PUT", f"/v2.2/webhooks/{whole.ours.id}")
    assert set(put.json()["webhook"]) == {"callback", "externalId"}
    assert asked.path == f"/v2.2/webhooks/{whole.ours.id}/replay"
    assert set(asked.json()) == {"start"}


def test_what_is_not_ours_is_never_touched(guard: Guard) -> None:
    foreign = guard.portal.subscribe("https://other.example.test", OTHER, external_id="theirs")
    nameless = guard.portal.subscribe("https://third.example.test", None)
    before = replace(foreign), replace(nameless)
    guard.check()
    harm(guard, "token")
    guard.later()
    guard.check()
    report = ensure(guard.bench.webhook(), remove_duplicates=True)

    assert (guard.portal.subscriptions[foreign.id], guard.portal.subscriptions[nameless.id]) == (
        before
    )
    assert {row.id for row in report.standing.foreign} == {foreign.id, nameless.id}


def test_one_at_our_address_is_reported_and_removed_only_when_asked(whole: Guard) -> None:
    by_hand = whole.portal.subscribe(URL, OTHER)
    twin = whole.portal.subscribe(URL, TOKEN, external_id=OURS)

    assert whole.check() == "duplicated"
    assert whole.writes() == []
    assert not status(whole.bench.webhook()).is_whole
    ensure(whole.bench.webhook())
    assert whole.writes() == []
    report = ensure(whole.bench.webhook(), remove_duplicates=True)
    assert report.is_whole
    assert whole.writes() == ["DELETE", "DELETE"]
    assert {by_hand.id, twin.id}.isdisjoint(whole.portal.subscriptions)


def test_of_two_with_our_key_the_whole_one_is_ours(guard: Guard) -> None:
    guard.portal.subscribe("https://old.example.test", OTHER, external_id=OURS)
    kept = guard.portal.subscribe(URL, TOKEN, external_id=OURS)
    report = status(guard.bench.webhook())

    assert report.standing.ours is not None
    assert (report.standing.ours.id, report.standing.word) == (kept.id, "duplicated")


def test_two_stacks_on_one_store_do_not_fight(whole: Guard) -> None:
    whole.bench.file["redo"]["webhook"] = {"url": "https://test.example.test/webhooks/redo"}
    ensure(whole.bench.webhook("test-stack"))

    assert len(whole.all) == 2
    del whole.bench.file["redo"]["webhook"]
    assert whole.check() == "whole"


@pytest.mark.parametrize("how", HARMS)
@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.ERROR_500_AFTER]
)
def test_a_repair_whose_answer_was_lost_is_found_and_told_and_not_made_twice(
    whole: Guard, how: str, kind: FaultKind
) -> None:
    harm(whole, how)
    method = {"lost": "POST", "dialect": "DELETE"}.get(how, "PUT")
    whole.fault(kind, method, path=r"/webhooks(/[^/]+)?$")

    assert whole.try_check() == "redo.unknown_outcome"
    whole.later()
    assert whole.try_check() == "repaired"
    assert whole.total(REPAIRED) == 1
    assert len(whole.replays()) == 1
    assert len(whole.all) == 1
    expected = {"lost": ["POST"], "dialect": ["DELETE", "POST"]}.get(how, ["PUT"])
    assert whole.writes() == [*expected, "POST"]


def test_a_repair_that_never_arrived_is_made_later(whole: Guard) -> None:
    harm(whole, "token")
    whole.fault(FaultKind.RESET_BEFORE, "PUT")

    assert whole.try_check() == "redo.unknown_outcome"
    whole.later()
    assert whole.check() == "repaired"
    assert whole.writes() == ["PUT", "PUT", "POST"]


@pytest.mark.parametrize("how", HARMS)
def test_a_stop_between_the_write_and_its_record_loses_nothing(whole: Guard, how: str) -> None:
    """The process ends wherever it writes to its own stores; the next look ends the work."""
    harm(whole, how)
    stopped = 0
    for position in range(40):
        try:
            stopping_at(whole, position)
        except Stopped:
            stopped += 1
            whole.later()
            continue
        break
    assert stopped >= 6
    assert whole.check() == "whole"
    assert (whole.ours.url, whole.ours.token, whole.ours.kind) == (URL, TOKEN, "redo")
    assert whole.total(REPAIRED) >= 1
    assert len(whole.all) == 1
    report = status(whole.bench.webhook())
    assert whole.replays() or report.memory.not_replayed


def test_a_portal_that_does_not_show_what_it_took_is_not_written_to_again_and_again(
    whole: Guard,
) -> None:
    harm(whole, "url")
    whole.portal._set = lambda *_: None  # type: ignore[method-assign]

    assert whole.try_check() == "webhook.not_seen"
    assert whole.writes() == ["PUT"]


def test_what_the_portal_refuses_is_told_and_tried_again_when_it_may_be_mended(
    whole: Guard,
) -> None:
    harm(whole, "url")
    carry_out = whole.portal._change
    whole.portal._change = lambda *_: problem(422, "No", "no").reply  # type: ignore[method-assign]
    assert whole.try_check() == "redo.refused"
    assert whole.total(OPERATOR_NEEDED) == 1

    whole.portal._change = carry_out  # type: ignore[method-assign]
    whole.later()
    assert whole.try_check() == "repaired"


def test_a_missing_scope_asks_for_an_operator(whole: Guard) -> None:
    whole.bench.redo.tokens[API_TOKEN] = frozenset({"returns_read"})

    assert whole.try_check() == "redo.forbidden"
    assert whole.total(OPERATOR_NEEDED) == 1


def test_while_somebody_else_is_at_it_nothing_is_done(whole: Guard) -> None:
    harm(whole, "lost")
    lease = whole.bench.cursors.acquire("webhook/example", "other", 60)

    assert whole.check() == "busy"
    with pytest.raises(Retryable):
        ensure(whole.bench.webhook())
    assert whole.writes() == []
    assert lease is not None
    whole.bench.cursors.release(lease)
    assert whole.check() == "repaired"


def test_a_second_change_first_finishes_the_one_before(whole: Guard) -> None:
    whole.fault(FaultKind.RESET_BEFORE, "PUT")
    with pytest.raises(UnknownOutcome):
        rotate_token(whole.bench.webhook())
    second = whole.secret["token"]
    whole.later()
    rotate_token(whole.bench.webhook())

    assert whole.secret["previous_token"] == second
    assert whole.ours.token == whole.secret["token"]
    assert whole.writes() == ["PUT", "PUT", "PUT"]


@pytest.mark.parametrize(
    "row",
    [
        {"id": "x", "callback": {"url": 5, "auth": {"bearer": {"token": TOKEN}}}},
        {"id": "x", "callback": {"url": "u", "auth": {"bearer": {"token": [TOKEN]}}}},
        {"callback": TOKEN},
    ],
)
@pytest.mark.off_contract("subscriptions of another shape")
def test_a_body_that_does_not_fit_is_not_quoted(guard: Guard, row: Any) -> None:
    reply = json_reply(200, {"webhooks": [row]})
    guard.portal._list = lambda *_: reply  # type: ignore[method-assign]
    with pytest.raises(Retryable) as raised:
        status(guard.bench.webhook())
    assert TOKEN not in f"{raised.value} {raised.value.__cause__}"


@pytest.mark.off_contract("pages where the document has none")
def test_a_list_with_pages_is_read_to_its_end(whole: Guard) -> None:
    """None are documented; were there some, ours could be on the second."""
    rows = json.loads(whole.portal._list(None, "store").body)["webhooks"]  # type: ignore[arg-type]
    callback = {"url": f"{URL}/2", "auth": None}
    other = rows[0] | {"id": "other", "externalId": None, "callback": callback}

    def page(request: Any, _: str) -> Reply:
        last = "x-page-continue" in request.headers
        reply = json_reply(200, {"webhooks": rows if last else [other]})
        following = {} if last else {"X-Page-Next": "2"}
        return replace(reply, headers={**reply.headers, **following})

    whole.portal._list = page  # type: ignore[method-assign, assignment]
    assert whole.check() == "whole"


@pytest.mark.parametrize("base", ["", "http://hub.example.test", "ftp://127.0.0.1", "hub.test"])
def test_an_address_that_the_portal_cannot_use_is_a_setting_to_mend(base: str) -> None:
    with pytest.raises(Misconfigured):
        callback_url(base, "example")


def test_the_address_ends_in_the_merchant() -> None:
    for base in ("https://own.example.test/redo", "https://own.example.test/redo/"):
        assert callback_url(base, "example") == "https://own.example.test/redo/example"
    assert callback_url("http://127.0.0.1:8080", "example").startswith("http://127.0.0.1:8080/")


def test_the_key_is_the_same_each_time_and_another_for_each_stack_and_merchant() -> None:
    names = [("a", "b-c"), ("a-b", "c"), ("a", "b")]
    assert len({external_id_of(*name) for name in names}) == 3
