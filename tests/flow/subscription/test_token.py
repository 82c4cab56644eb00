"""The token of the portal's deliveries: made, changed, compared, never shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from local.simulators.faults import FaultKind
from local.simulators.problems import bad_request
from returns_hub.domain.subscriptions import judge
from returns_hub.errors import Misconfigured, Permanent, UnknownOutcome
from returns_hub.flows.subscription import (
    check_failed,
    make_token,
    rotate_token,
    status,
)
from returns_hub.flows.subscription_steps import REPAIRED
from tests.support.subscription_worlds import (
    OTHER,
    TOKEN,
    Guard,
    harm,
)


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
