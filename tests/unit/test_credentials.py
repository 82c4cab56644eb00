"""The 24-hour key at every awkward moment: R6."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.faults import Fault, FaultKind
from returns_hub.errors import Misconfigured, Retryable
from returns_hub.flows.refresh_credentials import refresh_credentials
from tests.support.worlds import PASSWORD, Bench, item, redo_return


def with_login() -> Bench:
    bench = Bench()
    bench.file["mintsoft"]["authentication"] = "login"
    bench.secrets.values["example", "mintsoft"] = {"username": "login", "password": PASSWORD}
    bench.put(redo_return([item(1, "TEE")]))
    return bench


def logins(bench: Bench) -> int:
    return bench.mintsoft.logins["login"]


def test_R6_a_static_key_is_used_as_it_is() -> None:
    bench = Bench()
    bench.put(redo_return([item(1, "TEE")]))

    bench.approve()

    assert not bench.mintsoft.logins
    assert bench.credentials().renew_if_due() == "static key: nothing to renew"


def test_R6_the_first_use_logs_in_once_and_keeps_the_key_for_everyone() -> None:
    bench = with_login()

    bench.approve()
    bench.credentials().current()

    assert logins(bench) == 1
    assert bench.external_returns()
    kept = bench.secrets.values["example", "mintsoft-session"]
    assert set(kept) == {"api_key", "issued_at", "expires_at"}


def test_R6_the_key_is_renewed_well_before_its_end_and_not_earlier() -> None:
    bench = with_login()
    bench.credentials().current()
    bench.clock.advance(hours=19)
    assert "good for 5.0 h" in bench.credentials().renew_if_due()
    bench.clock.advance(hours=1, minutes=1)

    assert bench.credentials().renew_if_due() == "key renewed"
    assert logins(bench) == 2


def test_R6_a_key_that_expired_in_a_warm_container_is_renewed_on_use() -> None:
    bench = with_login()
    credentials = bench.credentials()
    old = credentials.current()
    bench.clock.advance(hours=25)

    assert credentials.current() != old
    assert logins(bench) == 2


def test_R6_a_key_that_dies_between_two_calls_of_one_return_is_replaced() -> None:
    bench = with_login()
    bench.mintsoft.faults.add(Fault(FaultKind.UNAUTHORISED, path="CreateExternalReturn"))

    assert bench.approve() == "announced"
    assert len(bench.external_returns()) == 1
    assert logins(bench) == 2


def test_R6_a_key_replaced_by_someone_else_is_found_in_the_secret_without_a_login() -> None:
    bench = with_login()
    warm = bench.credentials()
    used = warm.current()
    bench.clock.advance(hours=20, minutes=1)
    bench.credentials().renew_if_due()
    before = logins(bench)

    assert warm.after_refusal(used) != used
    assert logins(bench) == before


def test_R6_another_program_on_the_same_login_costs_one_login_not_a_war() -> None:
    bench = with_login()
    bench.approve()
    bench.mintsoft.expire_keys()
    other = redo_return([item(1, "MUG")], id="66aa01f0c0ffee0000000002")
    bench.put(other)

    assert bench.approve(bench.message(return_id="66aa01f0c0ffee0000000002")) == "announced"
    assert logins(bench) == 2


@pytest.mark.parametrize("warm", [True, False])
def test_R6_a_key_that_may_not_be_read_is_not_ended_by_a_login(
    monkeypatch: pytest.MonkeyPatch, warm: bool
) -> None:
    """Others use it; a login for each call of a function without the right would end theirs."""
    bench = with_login()
    bench.credentials().current()
    credentials = bench.credentials()
    used = credentials.current() if warm else ""
    read = bench.secrets.read

    def denied(merchant: str, name: str, *, fresh: bool = False) -> Any:
        if name.endswith("-session"):
            raise Misconfigured("aws.secretsmanager.refused", "AccessDeniedException")
        return read(merchant, name, fresh=fresh)

    monkeypatch.setattr(bench.secrets, "read", denied)
    with pytest.raises(Misconfigured, match="AccessDenied"):
        credentials.after_refusal(used) if warm else credentials.current()
    assert logins(bench) == 1


def test_R6_two_renewers_at_once_make_one_login() -> None:
    bench = with_login()
    bench.cursors.acquire("mintsoft-login/example", "another run", 60)

    with pytest.raises(Retryable, match="another run"):
        bench.credentials().current()
    assert logins(bench) == 0


def test_a_refused_static_key_is_not_tried_again_for_a_minute() -> None:
    bench = Bench()
    bench.secrets.values["example", "mintsoft"] = {"api_key": "wrong"}
    bench.put(redo_return([item(1, "TEE")]))
    world = bench.world()
    for _ in range(5):
        with pytest.raises(Misconfigured, match="hub secrets set example mintsoft"):
            world.warehouse.find_product("TEE")

    assert len(bench.to_mintsoft.requests) == 1
    bench.clock.advance(seconds=61)
    with pytest.raises(Misconfigured):
        world.warehouse.find_product("TEE")
    assert len(bench.to_mintsoft.requests) == 2


def test_a_new_static_key_is_taken_up_at_once() -> None:
    bench = Bench()
    bench.secrets.values["example", "mintsoft"] = {"api_key": "old"}
    world = bench.world()
    bench.secrets.read("example", "mintsoft")
    bench.secrets.values["example", "mintsoft"] = {"api_key": "static-key"}

    assert world.warehouse.find_product("TEE") == 901


def test_wrong_user_or_password_is_told_and_not_hammered() -> None:
    bench = with_login()
    bench.secrets.values["example", "mintsoft"] = {"username": "login", "password": "x"}

    for _ in range(3):
        with pytest.raises(Misconfigured, match="user name and password"):
            bench.approve()
        bench.clock.advance(minutes=5)
    assert len([r for r in bench.to_mintsoft.requests if r.path == "/api/Auth"]) == 1

    bench.secrets.write("example", "mintsoft", {"username": "login", "password": PASSWORD})
    assert bench.approve() == "announced"


@pytest.mark.parametrize(
    "value", [{}, {"api_key": ""}, {"username": "login"}, {"username": "", "password": "x"}]
)
def test_a_secret_that_is_missing_or_malformed_says_so_without_its_value(
    value: dict[str, str],
) -> None:
    bench = with_login()
    bench.secrets.values["example", "mintsoft"] = value

    with pytest.raises(Misconfigured, match="mintsoft") as verdict:
        bench.approve()
    assert PASSWORD not in verdict.value.reason


def test_keys_and_passwords_are_in_no_log_line_and_no_repr() -> None:
    bench = with_login()
    bench.approve()
    key = bench.secrets.values["example", "mintsoft-session"]["api_key"]

    seen = repr((bench.telemetry.lines, bench.telemetry.counts, bench.parking.items))
    assert key not in seen
    assert PASSWORD not in seen
    assert key not in repr(bench.credentials()._stored(fresh=True))


def test_one_merchants_trouble_does_not_keep_the_others_from_renewal() -> None:
    good = with_login()
    bad = with_login()
    bad.secrets.values.clear()

    def renewal_of(name: str) -> object:
        return (bad if name == "bad" else good).credentials()

    stores = good.stores()
    done = {
        name: refresh_credentials(name, renewal_of, stores)  # type: ignore[arg-type]
        for name in ("bad", "good")
    }

    assert done["good"] == "key renewed"
    assert "not set" in done["bad"]
    assert good.telemetry.total("KeyRenewalFailed", merchant="bad") == 1


def test_the_return_of_a_refused_key_waits_until_the_key_is_mended() -> None:
    bench = Bench()
    bench.secrets.values["example", "mintsoft"] = {"api_key": "wrong"}
    bench.put(redo_return([item(1, "TEE")]))

    with pytest.raises(Misconfigured, match="hub secrets set"):
        bench.approve()
    assert not bench.parking.list_parked("example")
    assert bench.telemetry.total("Misconfigured", code="mintsoft.key_refused") == 1
    assert bench.telemetry.total("OperatorNeeded") == 1
    bench.secrets.values["example", "mintsoft"] = {"api_key": "static-key"}
    bench.secrets.cached.clear()
    assert bench.approve() == "announced"
