"""hub check: secrets, the file, schedules, the newest returns; and how checks are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cli.checks import (
    catch_up,
    going_live,
    policy,
    recent_returns,
    schedules,
    secrets,
    webhook,
)
from cli.checks.model import Area, Check, Finding, Result, Subject, ok
from returns_hub.domain.facts import DueSet
from returns_hub.errors import Misconfigured
from returns_hub.flows.catch_up_counts import Counted
from tests.support.checks import findings, good_bench, ran
from tests.support.fakes import START
from tests.support.worlds import Bench, item, redo_return, shipment

OK, WARNING, FAILED, SKIPPED = Result.OK, Result.WARNING, Result.FAILED, Result.SKIPPED
SESSION = ("example", "mintsoft-session")


# -- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "not set"),
        ({"token": "x"}, "no api_token"),
        ({"api_token": "  "}, "no api_token"),
        ({"api_token": " hunter2"}, "white space"),
        ({"api_token": "hunter2\n"}, "white space"),
        ({"api_token": "Bearer hunter2"}, "only the key itself"),
        ({"api_token": "hunter2\x00x"}, "control characters"),
        ({"api_token": "hunt er2"}, "a space"),
        ({"api_token": "hünter2"}, "no key has"),
    ],
)
def test_S3_a_secret_that_is_missing_or_malformed_fails_without_showing_it(
    content: dict[str, str], words: str
) -> None:
    bench = good_bench()
    bench.secrets.values["example", "redo"] = content
    found = findings(bench, [secrets.AREA])["secret redo"]

    assert found.result is FAILED
    assert words in found.found
    assert found.to_do == "hub secrets set example redo"
    assert "hunter2" not in str(found)
    assert "hünter2" not in str(found)


def test_S3_good_secrets_pass_and_a_static_key_has_no_known_end() -> None:
    found = findings(good_bench(), [secrets.AREA])

    assert found["secret redo"].found == "holds api_token"
    assert found["secret mintsoft"].result is OK
    assert "no known end date" in found["end of the Mintsoft key"].found
    assert found["end of the Mintsoft key"].details == {"ends_at": None}
    assert "no end date is known" in found["end of the Redo token"].found


def login_bench() -> Bench:
    bench = good_bench()
    bench.file["mintsoft"]["authentication"] = "login"
    bench.secrets.values["example", "mintsoft"] = {"username": "pat", "password": "pass word"}
    return bench


@pytest.mark.parametrize(
    ("hours", "result", "words"),
    [
        (20.0, OK, "in 20.0 h"),
        (3.8, OK, "in 3.8 h"),
        (3.7, WARNING, "the renewer has not run"),
        (-1.0, FAILED, "the renewer has not run"),
    ],
)
def test_R6_the_session_keys_end_tells_whether_the_renewer_runs(
    hours: float, result: Result, words: str
) -> None:
    bench = login_bench()
    ends = bench.clock.now() + timedelta(hours=hours)
    bench.secrets.values[SESSION] = {"api_key": "k", "expires_at": ends.isoformat()}
    found = findings(bench, [secrets.AREA])["end of the Mintsoft key"]

    assert found.result is result
    assert words in found.found
    assert found.details == {"ends_at": ends.isoformat()}


@pytest.mark.parametrize(
    "content", [{"api_key": "k"}, {"expires_at": "soon"}, {"expires_at": "2026-03-02T09:00:00"}]
)
def test_R6_a_session_that_tells_no_end_fails(content: dict[str, str]) -> None:
    bench = login_bench()
    bench.secrets.values[SESSION] = content

    assert findings(bench, [secrets.AREA])["end of the Mintsoft key"].result is FAILED


def malformed(name: str) -> dict[str, str]:
    raise Misconfigured("secret.malformed", f"secret {name} is not JSON")


@pytest.mark.parametrize(
    ("area", "row"),
    [
        (secrets.AREA, "secret redo"),
        (secrets.AREA, "end of the Mintsoft key"),
        (webhook.AREA, "secret redo-webhook"),
    ],
)
def test_S3_a_secret_that_cannot_be_read_fails_wherever_it_is_looked_at(
    area: Area, row: str
) -> None:
    found = findings(login_bench(), [area], read_secret=malformed)[row]

    assert found.result is FAILED
    assert "is not JSON" in found.found
    assert found.to_do


def test_R6_a_merchant_without_a_session_key_is_new_or_has_no_renewer() -> None:
    bench = login_bench()
    assert findings(bench, [secrets.AREA])["end of the Mintsoft key"].result is SKIPPED

    old = bench.world()
    bench.clock.advance(minutes=16)
    later = findings(bench, [secrets.AREA], world=old)["end of the Mintsoft key"]
    assert later.result is FAILED
    assert "refresh_credentials" in later.to_do


def test_R6_a_refused_login_is_told() -> None:
    bench = login_bench()
    lease = bench.cursors.acquire("mintsoft-login/example", "a", 60)
    assert lease is not None
    bench.cursors.advance(lease, {"refused_version": "1", "at": "2026-03-02T08:00:00+00:00"})
    found = findings(bench, [secrets.AREA])["end of the Mintsoft key"]

    assert found.result is FAILED
    assert "refused the login at 2026-03-02T08:00" in found.found
    assert found.to_do == "hub secrets set example mintsoft"


# -- the file ---------------------------------------------------------------------------------


def with_file(path: str, value: Any) -> Bench:
    bench = good_bench()
    *way, last = path.split(".")
    part: Any = bench.file
    for name in way:
        part = part[name]
    part[last] = value
    return bench


@pytest.mark.parametrize(
    ("path", "value", "row"),
    [
        ("mintsoft.reasons.default", 0, "mintsoft.reasons.default"),
        ("mintsoft.warehouses", {}, "mintsoft.warehouses"),
        ("mintsoft.secret", "redo", "mintsoft.secret"),
        ("flows.create_external_returns.mode", "shadow", "flows"),
        (
            "flows.process_receipts.policy",
            {"lines": {"short": "process"}},
            "flows.process_receipts.policy.lines.short",
        ),
        (
            "flows.process_receipts.policy",
            {"preset": "pay-what-arrived"},
            "flows.process_receipts.policy.lines.short",
        ),
        ("flows.process_receipts.restock", False, "restock"),
        ("redo.base_url", "https://proxy.example.test/v2.2", "redo.base_url"),
        ("mintsoft.base_url", "https://wms.example.test", "mintsoft.base_url"),
        ("sandbox", True, "sandbox"),
    ],
)
def test_what_the_file_allows_and_is_probably_not_wanted_warns(
    path: str, value: Any, row: str
) -> None:
    good = findings(good_bench(), [policy.AREA])
    found = findings(with_file(path, value), [policy.AREA])[row]

    assert row not in good or good[row].result is OK
    assert (found.result, bool(found.to_do)) == (WARNING, True)


def test_a_brisk_pace_warns_at_mintsofts_own_address_only() -> None:
    bench = good_bench()
    assert "mintsoft.requests_per_second" not in findings(bench, [policy.AREA])

    bench.file["mintsoft"]["base_url"] = "https://api.mintsoft.co.uk"
    found = findings(bench, [policy.AREA])
    assert found["mintsoft.requests_per_second"].result is WARNING
    assert "mintsoft.base_url" not in found


@pytest.mark.parametrize(
    ("live_from", "result"),
    [(None, WARNING), ("2020-01-01T00:00:00Z", WARNING), ("2026-01-01T00:00:00Z", OK)],
)
def test_R13_the_moment_of_the_switch_is_looked_at(live_from: str | None, result: Result) -> None:
    bench = good_bench()
    bench.file |= {"live_from": live_from, "flows": {}}

    assert findings(bench, [going_live.AREA])["live_from"].result is result


# -- schedules --------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "late"), [("live", FAILED), ("shadow", WARNING)])
def test_R12_a_receipts_run_that_does_not_come_is_told(mode: str, late: Result) -> None:
    bench = good_bench()
    bench.file["flows"]["process_receipts"]["mode"] = mode
    name = "receipts run"
    assert findings(bench, [schedules.AREA])[name].result is OK

    bench.clock.advance(minutes=15)
    found = findings(bench, [schedules.AREA])[name]
    assert found.result is late
    assert "16 min ago" in found.found
    assert "poll_mintsoft" in found.to_do
    assert found.details["runs"] == 1


def test_R12_a_run_that_never_came_is_new_or_fails() -> None:
    bench = Bench()
    assert findings(bench, [schedules.AREA])["receipts run"].result is SKIPPED

    old = bench.world()
    bench.clock.advance(minutes=16)
    found = findings(bench, [schedules.AREA], world=old)["receipts run"]
    assert (found.result, found.found) == (FAILED, "has never come")


def test_R12_a_run_that_comes_and_does_not_come_through_warns() -> None:
    bench = good_bench()
    bench.clock.advance(minutes=30)
    lease = bench.cursors.acquire("receipts/example", "a", 60)
    assert lease is not None
    assert findings(bench, [schedules.AREA])["receipts run"].found == "is at work now"
    bench.cursors.release(lease)
    found = findings(bench, [schedules.AREA])["receipts run"]

    assert found.result is WARNING
    assert "not come through for 31 min" in found.found


def test_schedules_that_are_off_are_skipped() -> None:
    bench = good_bench()
    bench.file["flows"]["process_receipts"]["mode"] = "off"
    found = findings(bench, [schedules.AREA])

    assert found.pop("watch run").result is OK
    assert {finding.result for finding in found.values()} == {SKIPPED}


def due_bench() -> Bench:
    """A bench with a return that should be looked at in an hour."""
    bench = good_bench()
    fact = DueSet(due_kind="process", at=bench.clock.now() + timedelta(hours=1))
    bench.world().record(bench.returns.load("example", "r1"), "test", fact)
    return bench


def test_R12_a_watch_that_does_not_look_is_told_and_nothing_due_is_well() -> None:
    bench = due_bench()
    assert findings(bench, [schedules.AREA])["watch run"].found == "nothing is overdue"

    old = bench.world()
    bench.clock.advance(minutes=76)
    found = findings(bench, [schedules.AREA], world=old)["watch run"]
    assert found.result is FAILED
    assert "watch_returns" in found.to_do

    ran(bench, "watch", {"at": START.isoformat(), "return_id": "r0"})
    found = findings(bench, [schedules.AREA])["watch run"]
    assert found.result is WARNING
    assert "return r1" in found.found


def test_X1_the_look_after_the_webhook_has_forty_five_minutes() -> None:
    bench = good_bench()
    bench.file["redo"]["webhook"] = {"enabled": True}
    ran(bench, "webhook")
    bench.clock.advance(minutes=44)
    assert findings(bench, [schedules.AREA])["webhook run"].result is OK

    bench.clock.advance(minutes=2)
    found = findings(bench, [schedules.AREA])["webhook run"]
    assert found.result is FAILED
    assert "every 15 minutes" in found.found
    assert "check_webhooks" in found.to_do


@pytest.mark.parametrize(("minutes", "result"), [(29, OK), (31, WARNING), (24 * 60 + 1, FAILED)])
def test_X2_how_far_catching_up_is_behind(minutes: int, result: Result) -> None:
    bench = good_bench()
    bench.file["flows"]["catch_up"] = {"enabled": True}
    assert findings(bench, [catch_up.AREA])["catching up"].result is SKIPPED

    since = bench.clock.now() - timedelta(minutes=minutes)
    ran(bench, "catch-up", {"since": since.isoformat()})
    found = findings(bench, [catch_up.AREA, schedules.AREA])
    assert found["catching up"].result is result
    assert found["catching up"].details["lag_minutes"] == minutes
    assert found["catch-up run"].result is OK


def counted(bench: Bench, **counts: int) -> Finding:
    tally = Counted.of({}, START - timedelta(days=1)).begin()
    for ending, number in counts.items():
        for _ in range(number):
            tally.note(ending, START, is_first_reading=True)
    value = Counted(START - timedelta(days=1), {}).with_all(tally).to_value()
    ran(bench, "catch-up", {"since": START.isoformat(), **value})
    return findings(bench, [catch_up.AREA])["what catching up had to send"]


def test_X2_what_was_missed_is_told() -> None:
    bench = good_bench()
    bench.file["flows"]["catch_up"] = {"enabled": True}
    name = "what catching up had to send"
    assert findings(bench, [catch_up.AREA])[name].result is SKIPPED
    assert counted(bench, known=3).result is OK
    assert counted(bench, sent=3).result is OK

    some = counted(bench, known=3, sent=1)
    assert (some.result, some.details["missed_percent"]) == (WARNING, 25.0)
    bench.file["redo"]["webhook"] = {"enabled": True}
    assert counted(bench, sent=3).result is WARNING


def test_X2_catching_up_that_is_off_is_told() -> None:
    found = findings(good_bench(), [catch_up.AREA])["catching up"]

    assert (found.result, bool(found.to_do)) == (SKIPPED, True)


# -- the newest returns -----------------------------------------------------------------------


def with_returns(*bodies: dict[str, Any]) -> Bench:
    bench = good_bench()
    for number, body in enumerate(bodies):
        bench.put(body | {"id": f"r{number}"})
    return bench


def newest(bench: Bench, **changes: Any) -> dict[str, Finding]:
    return findings(bench, [recent_returns.AREA], **changes)


def test_R4_a_mapped_return_teaches_nothing_new() -> None:
    bench = with_returns(redo_return([item(1, "TEE", reasonCode="damaged")]))
    found = newest(bench, skus=10)

    assert {finding.result for finding in found.values()} == {OK}
    assert "1 read" in found["newest returns"].found
    assert "all known" in found["SKUs in Mintsoft"].found


def test_R2_locations_that_the_file_does_not_map_are_counted() -> None:
    far = [shipment("a", externalLocationId="loc_far"), shipment("b", externalLocationId="loc_far")]
    bodies = [
        redo_return([item(1, "TEE")], shipments=far),
        redo_return([item(1, "TEE")], shipments=[shipment("c", externalLocationId="loc_x")]),
        redo_return([item(1, "TEE")]),
        redo_return([item(1, "TEE")], type="claim", shipments=far),
    ]
    bench = with_returns(*bodies)
    found = newest(bench)["locations"]
    assert found.result is WARNING
    assert found.details == {"unmapped": {"loc_far": 2, "loc_x": 1}}
    assert "warehouse 3 (merchant_address)" in found.found

    del bench.file["mintsoft"]["warehouses"]["merchant_address"]
    found = newest(bench)["locations"]
    assert found.result is FAILED
    assert "are skipped" in found.found


def test_R2_shipments_without_a_location_need_the_merchants_address() -> None:
    bench = with_returns(redo_return([item(1, "TEE")], shipments=[{"shipmentGroupId": "sg_one"}]))
    assert newest(bench)["locations"].result is OK

    del bench.file["mintsoft"]["warehouses"]["merchant_address"]
    found = newest(bench)["locations"]
    assert (found.result, found.details) == (FAILED, {"unmapped": {"(no location)": 1}})


def test_R4_reasons_that_fall_to_the_default_are_counted() -> None:
    lines = [
        item(1, "TEE", reasonCode="damaged"),
        item(2, "TEE"),
        item(3, "TEE", reasonCode=None, reasonCodes=[], reason="Too warm", reasons=[]),
        item(4, "TEE", greenReturn=True, reasonCode="kept"),
    ]
    found = newest(with_returns(redo_return(lines)))["customers' reasons"]

    assert found.result is WARNING
    assert found.details == {"unmapped": {"fit": 1, "Too warm": 1}}
    assert "sent as 1" in found.found


def test_R1_lines_without_SKU_are_counted_and_returns_that_would_be_parked() -> None:
    bodies = [redo_return([item(1, "TEE"), item(2, None)]), redo_return([item(1, " ")])]
    found = newest(with_returns(*bodies))["lines without SKU"]

    assert found.result is WARNING
    assert found.details == {"lines": 2, "returns": 1}


def test_returns_that_make_no_sense_are_told() -> None:
    found = newest(with_returns(redo_return([item(1, "TEE", quantity=0)])))
    odd = found["returns that make no sense"]

    assert odd.result is WARNING
    assert odd.details == {"refused": {"return.bad_quantity": 1}}


def test_R1_SKUs_that_mintsoft_does_not_know_fail_within_bounds() -> None:
    lines = [item(1, "TEE"), item(2, "TEE"), item(3, "NEW"), item(4, "OTHER")]
    bench = with_returns(redo_return(lines))
    found = newest(bench, skus=10)["SKUs in Mintsoft"]
    assert found.result is FAILED
    assert found.details == {"unknown": {"NEW": 1, "OTHER": 1}}
    assert "3 of 3" in found.found

    assert newest(bench)["SKUs in Mintsoft"].result is SKIPPED
    bench.to_mintsoft.requests.clear()
    assert newest(bench, skus=1)["SKUs in Mintsoft"].result is OK
    assert len(bench.to_mintsoft.requests) == 2


def test_R1_a_SKU_that_an_alias_leads_to_the_warehouse_is_known() -> None:
    bench = with_returns(redo_return([item(1, "SHOP-TEE")]))
    assert newest(bench, skus=10)["SKUs in Mintsoft"].result is FAILED

    matching = {"aliases": {"TEE": "SHOP-TEE"}}
    bench.file["flows"]["process_receipts"]["policy"] = {"matching": matching}
    assert newest(bench, skus=10)["SKUs in Mintsoft"].result is OK


def test_SKUs_are_looked_up_while_there_is_time() -> None:
    bench = with_returns(redo_return([item(1, "TEE"), item(2, "MUG")]))
    left = iter([60.0] * 30)

    def remaining() -> float:
        return 5.0 if len(bench.to_mintsoft.requests) >= 2 else next(left)

    bench.clock.remaining = remaining  # type: ignore[method-assign]
    found = newest(bench, skus=2)["SKUs in Mintsoft"]

    assert (found.result, found.found) == (WARNING, "1 of 2 looked up; the time was up")


@pytest.mark.off_contract("words that Redo may add")
def test_types_and_words_that_the_hub_does_not_take_are_told() -> None:
    odd = redo_return(
        [item(1, "TEE", status="lost_in_space")],
        type="swap",
        compensationMethods=["refund", "beer"],
    )
    found = newest(with_returns(odd, redo_return([item(1, "TEE")], type="claim")))
    assert found["types"].details == {"excluded": {"swap": 1, "claim": 1}}
    words = found["words the hub does not know"]
    assert words.result is WARNING
    assert words.details["words"] == {
        "type 'swap'": 1,
        "item status 'lost_in_space'": 1,
        "compensation 'beer'": 1,
    }


@pytest.mark.off_contract("a status that Redo may add")
def test_a_status_that_the_hub_was_not_told_of_fails() -> None:
    found = newest(with_returns(redo_return([item(1, "TEE")], status="napping")))

    assert found["words the hub does not know"].result is FAILED
    assert "parked" in found["words the hub does not know"].found


@pytest.mark.off_contract("a return whose items are a text")
def test_a_return_that_cannot_be_read_is_named_and_the_others_are_read() -> None:
    broken = redo_return([item(1, "TEE")]) | {"items": "none"}
    found = newest(with_returns(redo_return([item(1, "TEE")]), broken))

    assert found["returns that cannot be read"].result is FAILED
    assert "r1 at items" in found["returns that cannot be read"].found
    assert "1 read" in found["newest returns"].found


def test_the_newest_returns_are_one_call_and_only_so_many() -> None:
    bench = with_returns(*(redo_return([item(1, "TEE")]) for _ in range(5)))
    found = newest(bench, last=3, skus=5)

    assert "3 read" in found["newest returns"].found
    (asked,) = bench.to_redo.requests
    assert asked.headers["x-page-size"] == "3"
    assert newest(bench, last=0)["newest returns"].result is SKIPPED


def test_without_returns_there_is_nothing_to_learn() -> None:
    assert newest(good_bench())["newest returns"].result is SKIPPED


# -- how checks are made ----------------------------------------------------------------------


def area(*checks: Check) -> Area:
    return Area("test", "Test", checks)


def test_a_fault_of_one_check_does_not_hide_the_others() -> None:
    def broken(_: Subject) -> list[Finding]:
        raise KeyError("hunter2")

    found = findings(
        good_bench(), [area(Check("one", broken), Check("two", lambda _: [ok("two", "fine")]))]
    )
    assert found["one"].result is FAILED
    assert "KeyError" in found["one"].found
    assert "hunter2" not in str(found["one"])
    assert found["two"].result is OK


def test_when_the_time_is_up_nothing_more_is_begun_and_that_is_no_pass() -> None:
    bench = good_bench()
    bench.clock.left = 6.0
    found = findings(bench)

    assert {finding.result for finding in found.values()} == {FAILED}
    assert all(finding.unreachable for finding in found.values())
    assert not bench.to_redo.requests + bench.to_mintsoft.requests


def test_R12_times_are_told_in_words_that_fit() -> None:
    bench = good_bench()
    for after, words in ((timedelta(hours=5), "5 h"), (timedelta(days=3), "3 days")):
        bench.clock.moment = START + after
        assert f"{words} ago" in findings(bench, [schedules.AREA])["receipts run"].found
