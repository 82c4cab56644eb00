"""WAIR's token: kept, renewed once, refused, and never told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from local.simulators.wair.sample import PASSWORD, USER
from local.simulators.wair.settings import Settings
from local.simulators.wire import Reply
from returns_hub.domain.wair.settings import DATA_SETS
from returns_hub.errors import Misconfigured, Retryable, Verdict
from returns_hub.ports.feed import Part
from tests.support.wair import (
    ROWS,
    RUN,
    WairBench,
)


def tell(bench: WairBench, *parts: Part) -> None:
    """One upload."""
    bench.feed.begin(RUN, bench.send_by)
    for part in parts or [Part(name, ROWS[name]) for name in DATA_SETS]:
        bench.feed.tell(RUN, part, bench.send_by)
    bench.feed.end(RUN, bench.send_by)


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
