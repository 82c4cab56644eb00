"""The channel at every awkward moment: one login for all, and none too many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.simulators.wire import Reply, WireFault
from returns_hub.adapters.miinto.client import MiintoClient
from returns_hub.adapters.miinto.privileges import Grants
from returns_hub.adapters.miinto.signing import Channel
from returns_hub.domain.miinto.settings import MiintoConnection
from returns_hub.errors import Misconfigured, Permanent, Retryable, Verdict
from tests.support.fakes import START
from tests.support.miinto_wire import PASSWORD, SHOP, MiintoBench, failure, success

PATH = f"/shops/{SHOP}"
CHANNEL_SECRET = MiintoConnection().channel_secret
HTML = Reply(200, {"Content-Type": "text/html"}, b"<html>maintenance</html>")


def bench_with(**connection: object) -> MiintoBench:
    bench = MiintoBench(**connection)
    bench.wire.answers["GET", PATH] = success({"name": "Acme Aarhus"})
    bench.wire.answers["PATCH", PATH] = success({"done": True})
    return bench


def ask(client: MiintoClient) -> object:
    return client.read(PATH, template="/shops/{shop}").data


def test_the_first_use_logs_in_once_and_keeps_the_channel_for_everyone() -> None:
    bench = bench_with()
    first, second = bench.client(), bench.client("run-2")
    for client in (first, second, first):
        assert ask(client) == {"name": "Acme Aarhus"}

    assert bench.wire.logins == 1
    kept = bench.secrets.values["example", CHANNEL_SECRET]
    assert set(kept) == {"id", "token", "made_at", "grants", "login"}
    assert bench.telemetry.total("KeysRenewed", partner="miinto") == 1


def test_a_channel_is_renewed_at_the_configured_age_and_not_before() -> None:
    bench = bench_with(channel_minutes=50)
    client = bench.client()
    ask(client)
    bench.clock.advance(minutes=49)
    ask(client)
    assert bench.wire.logins == 1
    bench.clock.advance(minutes=1)
    ask(client)
    assert bench.wire.logins == 2


def test_what_another_run_renewed_is_taken_up() -> None:
    bench = bench_with()
    warm = bench.client()
    ask(warm)
    bench.clock.advance(minutes=50)
    # The warm container still has the old one in its cache of secrets.
    before = dict(bench.secrets.cached["example", CHANNEL_SECRET])
    ask(bench.client("run-2"))
    bench.secrets.cached["example", CHANNEL_SECRET] = before

    ask(warm)
    assert bench.wire.logins == 2


@pytest.mark.parametrize(
    "refusal",
    [
        failure("the channel has ended", status=401),
        failure("no access", status=403),
        failure("Unauthorized"),
        failure(),
    ],
)
def test_a_channel_that_ended_early_costs_one_login_and_the_call_is_made(refusal: Reply) -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    bench.clock.advance(minutes=5)
    bench.wire.end_channels()
    bench.wire.refusal = refusal

    assert client.write(
        "PATCH", PATH, template="/shops/{shop}", body={}, send_by=START + timedelta(hours=1)
    ) == {"done": True}
    assert ask(client) == {"name": "Acme Aarhus"}
    assert bench.wire.logins == 2
    assert len([one for one in bench.wire.asked(PATH) if one.method == "PATCH"]) == 2


def test_a_channel_replaced_by_another_run_is_found_without_a_login() -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    used = client.session().channel
    bench.wire.end_channels()
    bench.clock.advance(minutes=51)
    ask(bench.client("run-2"))
    bench.secrets.cached["example", CHANNEL_SECRET] = {
        "id": used.id,
        "token": used.token,
        "made_at": bench.clock.now().isoformat(),
        "grants": Grants().to_text(),
    }
    ask(client)

    assert bench.wire.logins == 2
    used_by = [one.headers["Miinto-Api-Auth-ID"] for one in bench.wire.asked(PATH)]
    assert used_by[-2] == used.id != used_by[-1]


@pytest.mark.parametrize(
    ("refusal", "verdict", "code"),
    [
        (failure("no", status=401), Misconfigured, "miinto.channel_refused"),
        (failure("not this account's", status=403), Misconfigured, "miinto.forbidden"),
        (failure(), Permanent, "miinto.refused"),
    ],
)
def test_a_refusal_that_a_new_channel_does_not_help_is_told_and_logins_are_not_hammered(
    refusal: Reply, verdict: type[Verdict], code: str
) -> None:
    bench = bench_with()
    bench.wire.answers["GET", PATH] = refusal
    client = bench.client()
    for _ in range(10):
        with pytest.raises(verdict) as raised:
            ask(client)
        assert raised.value.code == code
    assert bench.wire.logins == 1

    bench.clock.advance(minutes=2)
    for _ in range(10):
        with pytest.raises(verdict):
            ask(client)
    assert bench.wire.logins == 2


def test_two_renewers_at_once_make_one_login() -> None:
    bench = bench_with()
    bench.cursors.acquire("miinto-login/example", "another run", 60)

    with pytest.raises(Retryable, match="another run"):
        ask(bench.client())
    assert bench.wire.logins == 0


def test_while_another_run_renews_an_old_channel_is_used_on() -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    bench.clock.advance(minutes=55)
    bench.cursors.acquire("miinto-login/example", "another run", 60)

    assert ask(client) == {"name": "Acme Aarhus"}
    assert bench.wire.logins == 1


def test_while_the_login_is_away_an_old_channel_is_used_on_and_it_is_not_asked_each_time() -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    bench.clock.advance(minutes=55)
    bench.wire.login_reply = failure("down", status=503)
    for _ in range(5):
        assert ask(client) == {"name": "Acme Aarhus"}
    assert bench.wire.logins == 2
    bench.clock.advance(minutes=1)
    bench.wire.login_reply = None
    ask(client)
    assert bench.wire.logins == 3


def test_a_login_that_is_set_anew_is_used_at_once_and_a_mistake_in_it_is_told() -> None:
    bench = bench_with()
    client, other = bench.client(), bench.client("run-2")
    ask(client)
    bench.clock.advance(minutes=2)
    bench.secrets.write("example", "miinto", {"identifier": "hub@example.test", "secret": "wrong"})
    with pytest.raises(Misconfigured, match="hub secrets set example miinto"):
        ask(client)

    bench.secrets.write("example", "miinto", {"identifier": "hub@example.test", "secret": PASSWORD})
    assert ask(client) == ask(other) == {"name": "Acme Aarhus"}
    assert bench.wire.logins == 3


def test_while_nobody_can_read_the_login_its_channel_is_used_on() -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    del bench.secrets.values["example", "miinto"]
    bench.secrets.cached.clear()
    assert ask(client) == {"name": "Acme Aarhus"}


def test_a_wrong_password_is_told_and_not_hammered() -> None:
    bench = bench_with()
    bench.secrets.values["example", "miinto"] |= {"secret": "wrong"}
    for _ in range(6):
        for owner in ("run-1", "run-2"):
            with pytest.raises(Misconfigured, match="hub secrets set example miinto") as raised:
                ask(bench.client(owner))
            assert raised.value.code == "miinto.login_refused"
        bench.clock.advance(minutes=9)
    assert bench.wire.logins == 1

    bench.secrets.write("example", "miinto", {"identifier": "hub@example.test", "secret": PASSWORD})
    assert ask(bench.client()) == {"name": "Acme Aarhus"}


def test_after_an_hour_a_refused_login_is_tried_again() -> None:
    bench = bench_with()
    bench.secrets.values["example", "miinto"] |= {"secret": "wrong"}
    for _ in range(2):
        with pytest.raises(Misconfigured):
            ask(bench.client())
        bench.clock.advance(minutes=61)
    assert bench.wire.logins == 2


@pytest.mark.parametrize(
    "reply",
    [
        failure("identifier or secret is wrong"),
        failure("identifier or secret is wrong", status=400),
        failure(),
        failure("gone", status=404),
        success({"id": "", "token": "x"}),
        success({"id": "a\nb", "token": "x"}),
        success({"id": "a", "token": None}),
        success([]),
    ],
)
def test_an_answer_that_may_be_about_the_login_is_waited_out_ever_longer(reply: Reply) -> None:
    bench = bench_with()
    bench.wire.login_reply = reply
    tried: list[int] = []
    for minute in range(120):
        with pytest.raises(Misconfigured, match="hub secrets set example miinto"):
            ask(bench.client())
        if bench.wire.logins > len(tried):
            tried.append(minute)
        bench.clock.advance(minutes=1)
    assert tried == [0, 5, 15, 35, 75]


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        failure("down", status=500),
        failure("later", status=429),
        failure("Too many requests"),
        Reply(200, wire=WireFault.RESET),
        Reply(200, wire=WireFault.LATE),
    ],
)
def test_a_login_without_an_answer_is_tried_again_soon(reply: Reply) -> None:
    bench = bench_with()
    bench.wire.login_reply = reply
    with pytest.raises(Retryable) as raised:
        ask(bench.client())
    assert not isinstance(raised.value, Misconfigured)
    bench.wire.login_reply = None
    assert ask(bench.client()) == {"name": "Acme Aarhus"}


@pytest.mark.parametrize("value", [{}, {"identifier": "x"}, {"identifier": " ", "secret": "x"}])
def test_a_secret_that_is_missing_or_malformed_says_so(value: dict[str, str]) -> None:
    bench = bench_with()
    bench.secrets.values["example", "miinto"] = value
    with pytest.raises(Misconfigured, match="secret"):
        ask(bench.client())
    assert bench.wire.logins == 0


@pytest.mark.parametrize(
    "damage",
    [
        {"made_at": "yesterday"},
        {"made_at": "2026-03-02T09:00:00"},
        {"grants": "x"},
        {"grants": "{}"},
    ],
)
def test_a_kept_channel_that_cannot_be_read_is_made_anew(damage: dict[str, str]) -> None:
    bench = bench_with()
    ask(bench.client())
    bench.secrets.values["example", CHANNEL_SECRET] |= damage
    bench.secrets.cached.clear()
    ask(bench.client())
    assert bench.wire.logins == 2


def test_a_channel_made_by_another_release_without_its_token_is_made_anew() -> None:
    bench = bench_with()
    bench.secrets.values["example", CHANNEL_SECRET] = {"id": "x"}
    ask(bench.client())
    assert bench.wire.logins == 1


def test_secrets_are_in_no_log_line_no_reason_and_no_repr() -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    session = client.session()
    bench.clock.advance(minutes=51)
    bench.wire.login_reply = failure(f"{PASSWORD} of hub@example.test is wrong", status=422)
    with pytest.raises(Misconfigured) as raised:
        ask(client)
    token = bench.secrets.values["example", CHANNEL_SECRET]["token"]

    for text in (repr(raised.value), bench.logged(), repr(session), repr(Channel("a", token))):
        assert PASSWORD not in text
        assert token not in text
        assert "hub@" not in text


def test_a_write_whose_time_went_by_during_the_login_is_not_sent() -> None:
    bench = bench_with()
    client = bench.client()
    ask(client)
    bench.clock.advance(minutes=2)
    bench.wire.end_channels()
    with pytest.raises(Retryable) as raised:
        client.write(
            "PATCH",
            PATH,
            template="/shops/{shop}",
            body={},
            send_by=bench.clock.now() - timedelta(seconds=1),
        )
    assert raised.value.code == "partner.too_late"
    assert [one.method for one in bench.wire.asked(PATH)] == ["GET"]
