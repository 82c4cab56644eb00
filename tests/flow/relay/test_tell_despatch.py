"""Messages of the despatches queue: each event once, and never an older one last."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind, plain_error
from returns_hub.domain.operations import OperationState
from returns_hub.errors import Retryable
from returns_hub.flows.relay.despatch_message import FLOW
from returns_hub.flows.relay.tell_despatch import tell_despatch
from tests.support.relay import RelayBench


@pytest.fixture
def it() -> RelayBench:
    """One despatch on the queue."""
    bench = RelayBench()
    bench.sent()
    bench.run()
    return bench


def spoil(it: RelayBench, kind: FaultKind, **more: Any) -> None:
    it.channel.faults.add(Fault(kind, **more))


def on_queue(it: RelayBench, place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(it.outbox.texts[place])
    return found


def test_the_request_carries_its_id_its_token_and_a_fresh_signature(it: RelayBench) -> None:
    event_id = on_queue(it)["despatch"]["id"]
    assert it.deliver() == ["told"]
    (post,) = it.posts()
    assert post.method == "POST"
    assert post.path == "/despatches"
    assert post.headers["idempotency-key"] == post.headers["webhook-id"] == event_id
    assert post.headers["authorization"] == "Bearer channel-token"
    assert int(post.headers["webhook-timestamp"]) == int(it.clock.now().timestamp())
    assert it.telemetry.total("DespatchesTold", outcome="told") == 1


def test_a_message_that_comes_twice_is_told_once(it: RelayBench) -> None:
    it.outbox.texts *= 2
    assert it.deliver() == ["told", "known"]
    assert len(it.posts()) == 1


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET_AFTER,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.HTML_ERROR,
        FaultKind.RESET_BEFORE,
    ],
)
def test_an_answer_that_is_lost_is_told_again_under_the_same_id(
    it: RelayBench, kind: FaultKind
) -> None:
    spoil(it, kind)
    assert it.deliver()[0] in {"relay.no_answer", "relay.no_clear_answer"}
    assert it.deliver() == ["operation.in_work"], "the claim's lease is not over"
    it.clock.advance(minutes=3)
    assert it.deliver() == ["told"]
    assert len(it.taken()) == 1
    assert {post.headers["idempotency-key"] for post in it.posts()} == {it.taken()[0]["id"]}


@pytest.mark.parametrize(
    ("again", "ends"),
    [("success", "told"), ("conflict", "told"), ("bare_conflict", "relay.no_clear_answer")],
)
def test_an_id_that_the_receiver_names_as_known_is_told(
    it: RelayBench, again: Any, ends: str
) -> None:
    it.channel.settings = replace(it.channel.settings, again=again)
    spoil(it, FaultKind.RESET_AFTER)
    it.deliver()
    it.clock.advance(minutes=3)
    assert it.deliver() == [ends]
    assert len(it.taken()) == 1


def test_where_the_file_says_ask_an_answer_that_is_lost_goes_to_a_person(it: RelayBench) -> None:
    it.set(targets=it.targets(answer_lost="ask"))
    spoil(it, FaultKind.RESET_BEFORE)
    it.deliver()
    it.clock.advance(minutes=3)
    assert it.deliver() == ["parked"]
    assert it.parked() == ["operation.unknown_outcome"]
    assert len(it.posts()) == 1

    it.replay()
    it.clock.advance(minutes=3)
    assert it.deliver() == ["parked"], "nobody vouched that it did not arrive"
    it.replay(send_again=True)
    it.clock.advance(minutes=3)
    assert it.deliver() == ["told"]
    assert len(it.taken()) == 1


def test_a_receiver_that_never_answers_clearly_goes_to_a_person_after_three_days(
    it: RelayBench,
) -> None:
    spoil(it, FaultKind.HTML_ERROR, times=None)
    ends: list[str] = []
    for _ in range(30):
        ends += it.deliver()
        it.clock.advance(hours=4)
    assert ends[-1] == "parked"
    assert ends.count("parked") == 1
    assert 17 <= len(it.posts()) <= 19


@pytest.mark.parametrize("status", [401, 403, 404, 405, 410])
def test_what_is_about_the_settings_waits_for_an_operator(
    it: RelayBench, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(it.channel, "_take", lambda _: plain_error(status))
    assert it.deliver() == ["relay.not_let_in"]
    assert it.telemetry.total("Misconfigured", code="relay.not_let_in") == 1
    monkeypatch.undo()
    assert it.deliver() == ["told"]


def test_a_receiver_that_moved_is_not_followed(it: RelayBench) -> None:
    it.channel.settings = replace(it.channel.settings, moved_to="http://10.0.0.1/inside")
    assert it.deliver() == ["relay.redirected"]
    assert len(it.posts()) == 1
    it.channel.settings = replace(it.channel.settings, moved_to="")
    assert it.deliver() == ["told"]


def test_a_key_that_was_changed_is_read_anew_and_the_event_is_told_in_the_same_breath(
    it: RelayBench,
) -> None:
    it.secrets.read("example", "channel")
    changed = {"signing_key": "another-key", "token": "another"}
    it.channel.seed(changed)
    it.secrets.values["example", "channel"] = changed
    assert it.deliver() == ["told"]
    assert len(it.posts()) == 2


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        ({}, "secret.missing"),
        ({"other": "x"}, "secret.malformed"),
        ({"signing_key": "whsec_%%"}, "secret.malformed"),
        ({"token": "a\nb"}, "relay.cannot_be_sent"),
    ],
)
def test_a_secret_that_cannot_be_used_waits_for_an_operator_and_nothing_leaves(
    it: RelayBench, secret: dict[str, str], code: str
) -> None:
    it.secrets.values["example", "channel"] = secret
    assert it.deliver() == [code]
    assert it.posts() == []


@pytest.mark.parametrize("names", [{"token"}, {"signing_key"}])
def test_token_and_signature_go_each_without_the_other(it: RelayBench, names: set[str]) -> None:
    whole = it.secrets.values["example", "channel"]
    it.secrets.values["example", "channel"] = {n: v for n, v in whole.items() if n in names}
    it.channel.settings = replace(it.channel.settings, signature="signing_key" in names)
    it.channel.token = whole["token"] if "token" in names else ""
    assert it.deliver() == ["told"]
    (post,) = it.posts()
    assert ("authorization" in post.headers) is ("token" in names)
    assert ("webhook-signature" in post.headers) is ("signing_key" in names)


def test_a_refusal_is_parked_with_the_receivers_reason_and_done_again_by_a_person(
    it: RelayBench,
) -> None:
    it.channel.settings = replace(it.channel.settings, refuses=("DK-1001",))
    assert it.deliver() == ["parked"]
    (item,) = it.parking.list_parked("example")
    assert (item.flow, item.code) == (FLOW, "relay.refused")
    assert item.reason == "channel refuses it (422): Order DK-1001 is not known here."
    it.channel.settings = replace(it.channel.settings, refuses=())
    it.replay()
    assert it.deliver() == ["told"]


def test_a_receiver_that_asks_for_fewer_requests_is_given_its_time(it: RelayBench) -> None:
    spoil(it, FaultKind.HTTP_429, retry_after="120")
    with pytest.raises(Retryable) as caught:
        tell_despatch(it.outbox.texts[0], it.stores(), it.desk_of)
    assert caught.value.after == 120
    assert it.deliver() == ["told"], "known not done: no claim's lease is waited for"


def test_a_receiver_that_is_away_is_tried_again(it: RelayBench) -> None:
    it.to_receivers["channel"].refuse = True
    assert it.deliver() == ["relay.unreachable"]
    it.to_receivers["channel"].refuse = False
    assert it.deliver() == ["told"]


def test_one_targets_trouble_is_its_own() -> None:
    it = RelayBench("channel", "wair")
    it.sent()
    it.run()
    it.to_receivers["channel"].refuse = True
    assert sorted(it.deliver()) == ["relay.unreachable", "told"]
    assert len(it.taken("wair")) == 1


# -- files that change, messages that are none --------------------------------------------------


def test_a_target_that_is_gone_from_the_file_is_a_question(it: RelayBench) -> None:
    it.set(targets=[it.targets()[0] | {"name": "another"}])
    assert it.deliver() == ["parked"]
    assert it.parked() == ["relay.no_such_target"]
    assert it.posts() == []
    it.set(targets=it.targets())
    it.replay()
    assert it.deliver() == ["told"]


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_what_is_on_the_queue_waits_while_the_relay_is_not_live(it: RelayBench, mode: str) -> None:
    it.set(mode=mode)
    assert it.deliver() == ["relay.not_live"]
    assert it.posts() == []
    it.set(mode="live")
    assert it.deliver() == ["told"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schema": "despatch/1"}, "despatch.wrong_schema"),
        ({"merchant": "other"}, "despatch.invalid"),
        ({"target": "No Name"}, "despatch.invalid"),
        ({"more": 1}, "despatch.invalid"),
    ],
)
def test_a_message_that_is_none_is_kept_whole_for_a_person(
    it: RelayBench, change: dict[str, Any], code: str
) -> None:
    text = json.dumps(on_queue(it) | change)
    assert it.tell(text) == "parked"
    (item,) = it.parking.list_parked("_unknown")
    assert (item.code, item.payload) == (code, text)


def test_a_revision_that_no_despatch_can_have_is_kept_and_costs_nothing(it: RelayBench) -> None:
    """Every older one would be closed by a request to the ledger."""
    content = on_queue(it)
    late = content["despatch"] | {"revision": 51}
    late["id"] = f"{late['despatch_id']}-r{late['revision']}"
    assert it.tell(json.dumps(content | {"despatch": late})) == "parked"
    (item,) = it.parking.list_parked("_unknown")
    assert item.code == "despatch.invalid"
    assert "more than 50 revisions" in item.reason
    assert it.posts() == []


def test_messages_of_an_unknown_merchant_and_such_as_are_no_json_are_kept(it: RelayBench) -> None:
    content = on_queue(it)
    despatch = content["despatch"] | {"merchant": "gone"}
    order = despatch["mintsoft_order_id"]
    despatch |= {"despatch_id": f"gone-despatch-{order}", "id": f"gone-despatch-{order}-r1"}
    assert it.tell(json.dumps(content | {"merchant": "gone", "despatch": despatch})) == "parked"
    assert it.tell("{") == "parked"
    codes = {item.code for item in it.parking.list_parked("_unknown")}
    assert codes == {"merchant.unknown", "despatch.not_json"}


# -- the power goes -----------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(6))
def test_wherever_the_power_goes_the_receiver_takes_the_event_once(it: RelayBench, at: int) -> None:
    """Cut before or after each of: the claim, the request, the settling."""
    text = it.outbox.texts[0]
    cut = _Cut(it, at)
    with pytest.raises(RuntimeError):
        it.tell(text)
    cut.mend()
    ends = []
    for _ in range(4):
        it.clock.advance(minutes=3)
        ends.append(it.tell(text))
    assert ends[-1] == "known"
    assert len(it.taken()) == 1
    (row,) = [r for key, r in it.ledger.rows.items() if key.startswith("tell-despatch/")]
    assert row.state is OperationState.CONFIRMED


class _Cut:
    """The power goes at one of six places of one telling."""

    def __init__(self, it: RelayBench, at: int) -> None:
        self._it = it
        self._place = -1
        self._at = at
        self._kept = (it.ledger.claim, it.channel.handle, it.ledger.settle)
        for owner, name in ((it.ledger, "claim"), (it.channel, "handle"), (it.ledger, "settle")):
            setattr(owner, name, self._around(getattr(owner, name)))

    def _around(self, call: Any) -> Any:
        def cut(*given: Any, **named: Any) -> Any:
            self._gone()
            answer = call(*given, **named)
            self._gone()
            return answer

        return cut

    def _gone(self) -> None:
        self._place += 1
        if self._place == self._at:
            raise RuntimeError("cut")

    def mend(self) -> None:
        it = self._it
        it.ledger.claim, it.channel.handle, it.ledger.settle = self._kept  # type: ignore[method-assign]
