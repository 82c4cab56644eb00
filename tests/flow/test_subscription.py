"""The portal's subscription is made, kept whole, and what it missed is replayed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from local.simulators.faults import Fault, FaultKind
from local.simulators.problems import bad_request, problem
from local.simulators.redo.deliveries import Subscription
from local.simulators.wire import Reply, json_reply
from returns_hub.domain.subscriptions import callback_url, external_id_of, judge
from returns_hub.errors import Misconfigured, Permanent, Retryable, UnknownOutcome, Verdict
from returns_hub.flows.parked import OPERATOR_NEEDED
from returns_hub.flows.subscription import (
    check,
    check_failed,
    ensure,
    make_token,
    replay,
    rotate_token,
    status,
)
from returns_hub.flows.subscription_steps import REPAIRED
from tests.support.worlds import TOKEN as API_TOKEN
from tests.support.worlds import Bench

URL = "https://hub.example.test/webhooks/redo/example"
OURS = "returns-hub/stack/example"
TOKEN = "first-token-of-deliveries-0123456789"
OTHER = "other-token-of-deliveries-0123456789"


class Guard:
    """A bench with a token set; what the portal has, and what was asked of it."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.bench.secrets.values["example", "redo-webhook"] = {"token": TOKEN}
        self.portal = self.bench.redo.webhooks

    def check(self) -> str:
        return check(self.bench.webhook())

    def try_check(self) -> str:
        """As the schedule does."""
        try:
            return self.check()
        except Verdict as verdict:
            check_failed(self.bench.world(), verdict)
            return verdict.code

    def later(self, **by: float) -> None:
        self.bench.clock.advance(**(by or {"minutes": 15}))

    @property
    def all(self) -> list[Subscription]:
        return list(self.portal.subscriptions.values())

    @property
    def ours(self) -> Subscription:
        (found,) = [s for s in self.all if s.external_id == OURS]
        return found

    @property
    def secret(self) -> dict[str, str]:
        return self.bench.secrets.values["example", "redo-webhook"]

    def writes(self) -> list[str]:
        return [r.method for r in self.bench.to_redo.requests if r.method != "GET"]

    def replays(self) -> list[str]:
        return [asked["start"] for asked in self.portal.replays]

    def fault(self, kind: FaultKind, method: str, path: str = "webhooks", **more: Any) -> None:
        self.bench.redo.faults.add(Fault(kind, path=path, method=method, **more))

    def total(self, metric: str) -> float:
        return self.bench.telemetry.total(metric)


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def whole(guard: Guard) -> Guard:
    """A guard whose subscription was made, and seen whole, some time ago."""
    assert guard.check() == "created"
    guard.later()
    assert guard.check() == "whole"
    guard.bench.to_redo.requests.clear()
    guard.later()
    return guard


def harm(guard: Guard, how: str) -> None:
    ours = guard.ours
    if how == "lost":
        guard.portal.remove(ours.id)
    elif how == "url":
        ours.url = "https://elsewhere.example.test/x"
    elif how == "token":
        ours.token = OTHER
    elif how == "no token":
        ours.token = None
    elif how == "dialect":
        ours.kind = "loop"


HARMS = ["lost", "url", "token", "no token", "dialect"]


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


def test_a_replay_goes_back_at_most_thirty_days(whole: Guard) -> None:
    whole.later(days=100)
    harm(whole, "lost")
    whole.check()
    (start,) = whole.replays()
    gone_back = whole.bench.clock.now() - datetime.fromisoformat(start)
    assert timedelta(days=30) <= gone_back < timedelta(days=30, seconds=1)


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


# -- crashes and answers that are lost ------------------------------------------------------


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


class Stopped(BaseException):
    """The environment is gone: nothing of ours runs any more, no clean-up either."""


def stopping_at(whole: Guard, position: int) -> None:
    """A look that ends for good at its n-th write to the ledger or the cursor, before or after."""
    bench, left = whole.bench, [position]
    real = (bench.ledger.claim, bench.ledger.settle, bench.cursors.advance, bench.cursors.release)

    def stopping(call: Any) -> Any:
        def made(*given: Any, **named: Any) -> Any:
            if left[0] == 0:
                raise Stopped
            left[0] -= 1
            answer = call(*given, **named)
            if left[0] == 0:
                raise Stopped
            left[0] -= 1
            return answer

        return made

    bench.ledger.claim = stopping(real[0])  # type: ignore[method-assign]
    bench.ledger.settle = stopping(real[1])  # type: ignore[method-assign]
    bench.cursors.advance = stopping(real[2])  # type: ignore[method-assign]
    # A stopped process releases nothing: its lease ends by itself.
    bench.cursors.release = lambda lease: None if left[0] == 0 else real[3](lease)  # type: ignore[method-assign]
    try:
        check(bench.webhook())
    finally:
        bench.ledger.claim, bench.ledger.settle = real[0], real[1]  # type: ignore[method-assign]
        bench.cursors.advance, bench.cursors.release = real[2], real[3]  # type: ignore[method-assign]


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


# -- replays --------------------------------------------------------------------------------


def test_a_replay_without_an_answer_is_told_and_never_repeated_on_a_guess(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.RESET_AFTER, "POST", path="replay")

    assert whole.check() == "repaired"
    assert whole.total(OPERATOR_NEEDED) == 1
    for _ in range(3):
        whole.later()
        assert whole.check() == "whole"
    assert len(whole.replays()) == 1
    assert whole.total(OPERATOR_NEEDED) == 1
    report = status(whole.bench.webhook())
    assert report.memory.not_replayed is not None
    assert not report.is_whole

    replay(whole.bench.webhook(), report.memory.not_replayed, again=True)
    assert len(whole.replays()) == 2
    assert status(whole.bench.webhook()).is_whole


def test_a_replay_that_is_known_not_made_is_made_by_the_next_look(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.HTTP_429, "POST", path="replay")

    assert whole.try_check() == "redo.rate_limited"
    assert whole.replays() == []
    whole.later()
    assert whole.try_check() == "whole"
    assert len(whole.replays()) == 1


def test_the_next_damage_replays_what_an_unknown_replay_may_have_left_out(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.RESET_BEFORE, "POST", path="replay")
    whole.check()
    left = status(whole.bench.webhook()).memory.not_replayed
    assert left is not None
    whole.later(hours=5)
    harm(whole, "url")

    assert whole.check() == "repaired"
    assert whole.replays() == [left.isoformat()]
    assert status(whole.bench.webhook()).is_whole


def test_a_damage_while_a_replay_is_under_way_has_it_made_again_from_there(whole: Guard) -> None:
    harm(whole, "lost")
    whole.check()
    (first,) = whole.replays()
    whole.later(hours=3)
    whole.check()
    harm(whole, "lost")
    whole.check()
    assert whole.replays() == [first, first]

    whole.later(days=2)
    whole.check()
    harm(whole, "lost")
    whole.check()
    assert whole.replays()[2] > first


def test_a_person_s_replay_is_made_once_and_again_when_they_say_so(whole: Guard) -> None:
    start = whole.bench.clock.now() - timedelta(days=2)

    assert replay(whole.bench.webhook(), start).how == "sent"
    assert replay(whole.bench.webhook(), start).how == "already"
    assert len(whole.replays()) == 1
    assert replay(whole.bench.webhook(), start, again=True).how == "sent"
    assert replay(whole.bench.webhook(), start).how == "already"
    assert len(whole.replays()) == 2


def test_a_person_s_replay_without_an_answer_says_so_until_they_ask_again(whole: Guard) -> None:
    start = whole.bench.clock.now() - timedelta(days=2)
    whole.fault(FaultKind.TIMEOUT_AFTER, "POST", path="replay")

    with pytest.raises(UnknownOutcome, match="not known"):
        replay(whole.bench.webhook(), start)
    whole.later()
    with pytest.raises(Permanent, match="not known"):
        replay(whole.bench.webhook(), start)
    assert len(whole.replays()) == 1
    assert replay(whole.bench.webhook(), start, again=True).how == "sent"


def test_a_replay_from_too_late_pays_nothing(whole: Guard) -> None:
    harm(whole, "lost")
    whole.fault(FaultKind.RESET_BEFORE, "POST", path="replay")
    whole.check()
    whole.later()
    replay(whole.bench.webhook(), whole.bench.clock.now())

    assert status(whole.bench.webhook()).memory.not_replayed is not None


def test_nothing_is_replayed_through_a_subscription_that_is_not_whole(whole: Guard) -> None:
    harm(whole, "token")
    with pytest.raises(Permanent, match="altered"):
        replay(whole.bench.webhook(), whole.bench.clock.now())
    assert whole.replays() == []


# -- tokens ---------------------------------------------------------------------------------


def test_a_token_is_made_when_there_is_none(guard: Guard) -> None:
    guard.bench.secrets.values.clear()
    with pytest.raises(Misconfigured, match="--make-token"):
        guard.check()
    assert make_token(guard.bench.webhook())
    assert not make_token(guard.bench.webhook())
    assert guard.check() == "created"
    assert len(guard.secret["token"]) == 43
    assert guard.ours.token == guard.secret["token"]


def test_a_change_of_token_keeps_the_former_and_is_no_repair(whole: Guard) -> None:
    report = rotate_token(whole.bench.webhook())

    assert report.is_whole
    assert whole.secret["previous_token"] == TOKEN
    assert whole.ours.token == whole.secret["token"] != TOKEN
    assert (whole.total(REPAIRED), whole.replays()) == (0, [])


def test_a_change_of_token_that_was_cut_off_is_finished_without_an_alarm(whole: Guard) -> None:
    whole.fault(FaultKind.RESET_BEFORE, "PUT")
    with pytest.raises(UnknownOutcome):
        rotate_token(whole.bench.webhook())
    assert whole.ours.token == TOKEN
    assert status(whole.bench.webhook()).standing.word == "token_to_be_changed"

    whole.later()
    assert whole.check() == "token_changed"
    assert whole.ours.token == whole.secret["token"]
    assert (whole.total(REPAIRED), whole.replays()) == (0, [])


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
    "echo",
    [
        pytest.param("left_out", marks=pytest.mark.off_contract("a subscription without `auth`")),
        "masked",
    ],
)
def test_a_token_that_the_portal_does_not_show_is_set_when_it_changes(
    whole: Guard, echo: Any
) -> None:
    deliveries = whole.portal.deliveries
    deliveries.settings = replace(deliveries.settings, echo=echo)
    assert whole.check() == "whole"
    whole.fault(FaultKind.RESET_BEFORE, "PUT")
    with pytest.raises(UnknownOutcome):
        rotate_token(whole.bench.webhook())
    whole.later()

    assert whole.check() == "token_changed"
    assert whole.ours.token == whole.secret["token"] != TOKEN
    whole.later()
    assert whole.check() == "whole"
    assert whole.writes() == ["PUT", "PUT"]


@pytest.mark.parametrize(
    "token", ["short", "x" * 600, "with spaces " * 4, "ünïcödé" * 8, "a\n" * 30]
)
def test_a_token_that_fits_no_header_is_refused_and_not_shown(guard: Guard, token: str) -> None:
    guard.bench.secrets.values["example", "redo-webhook"] = {"token": token}
    with pytest.raises(Misconfigured) as raised:
        guard.check()
    assert token not in str(raised.value)
    assert guard.bench.to_redo.requests == []


# -- nothing tells the token ----------------------------------------------------------------


def test_no_token_reaches_a_log_a_metric_a_cursor_the_ledger_or_a_repr(whole: Guard) -> None:
    word = "words-without-digits-that-no-pattern-knows"
    whole.secret["token"] = word
    whole.later()
    whole.check()
    refusal = bad_request(f"callback.auth.bearer.token {word} is weak").reply
    whole.portal._change = lambda *_: refusal  # type: ignore[method-assign]
    harm(whole, "token")
    with pytest.raises(Permanent) as raised:
        whole.check()
    check_failed(whole.bench.world(), raised.value)

    webhook = whole.bench.webhook()
    seen = [
        str(raised.value),
        repr(status(webhook)),
        repr(webhook.wanted()),
        repr(whole.bench.telemetry.lines),
        repr(whole.bench.telemetry.counts),
        repr(whole.bench.cursors._rows),
        repr(whole.bench.ledger.rows),
    ]
    for token in (word, OTHER, TOKEN):
        assert [text for text in seen if token in text] == []
    assert "is weak" in str(raised.value)


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


# -- where deliveries go --------------------------------------------------------------------


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


def test_tokens_are_compared_without_telling_how_much_of_them_fits(
    whole: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hmac

    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def noting(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return bool(real(one, two))

    monkeypatch.setattr(hmac, "compare_digest", noting)
    webhook = whole.bench.webhook()
    found = tuple(
        row.model_copy(update={"token": SecretStr(OTHER)}) for row in webhook.subscriptions.list()
    )
    judge(webhook.wanted(), found)
    assert (OTHER.encode(), TOKEN.encode()) in compared
