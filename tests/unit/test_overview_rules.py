"""Freshness, keys, gauges and the summary's words: rules without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.merchant_files import read_merchant_file
from cli.secret_verbs import names_of
from local.stack import ROOT
from returns_hub.domain.merchant import Merchant
from returns_hub.domain.overview.keys import (
    is_ending,
    key_end,
    named_secrets,
    secret_refused,
    sessions,
)
from returns_hub.domain.overview.overview import (
    Cause,
    DriftStanding,
    Freshness,
    KeyStanding,
    PartnerStanding,
    StepStanding,
)
from returns_hub.domain.overview.steps import Step
from returns_hub.domain.overview.summary import summary_of
from returns_hub.flows.overview.gauges import sums_of, tell_merchant
from tests.support.fakes import START, Telemetry
from tests.support.overviews import overview
from tests.support.worlds import merchant_file

FILES = sorted((ROOT / "config").glob("*.yaml"))
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def fresh(every: int = 300, **changes: Any) -> Freshness:
    return Freshness(job="j", flow="f", every_seconds=every, **changes)


# -- freshness ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "minutes", "stale"),
    [(300, 15, False), (300, 16, True), (60, 14, False), (60, 16, True), (3600, 179, False)],
)
def test_a_cursor_is_stale_after_three_intervals_and_at_least_a_quarter_of_an_hour(
    every: int, minutes: int, stale: bool
) -> None:
    one = fresh(every, succeeded_at=START)
    assert one.is_stale(START + minutes * MINUTE) is stale
    assert fresh(3600, succeeded_at=START).is_stale(START + 181 * MINUTE)


def test_a_job_is_as_old_as_its_success_or_its_switch_whatever_was_later() -> None:
    now = START + 10 * HOUR
    assert fresh().age(now) is None
    assert not fresh().is_stale(now)
    assert fresh(since=START).age(now) == 10 * HOUR
    assert fresh(succeeded_at=START, since=START + 9 * HOUR).age(now) == HOUR
    assert fresh(succeeded_at=START + 9 * HOUR, since=START).lateness(now) == 12.0


# -- keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_secrets_that_are_looked_at_are_those_that_people_set(path: Path) -> None:
    merchant = read_merchant_file(path).merchant
    assert merchant is not None
    of_targets = {target.secret for target in merchant.despatch_relay.targets}
    assert set(named_secrets(merchant)) == set(names_of(merchant)) | of_targets


def test_a_login_has_a_session_and_a_static_key_none() -> None:
    plain = Merchant.model_validate(merchant_file())
    mintsoft = merchant_file()["mintsoft"] | {"authentication": "login"}
    login = Merchant.model_validate(merchant_file(mintsoft=mintsoft))
    assert (sessions(plain), sessions(login)) == ((), ("mintsoft-session",))


@pytest.mark.parametrize(
    ("content", "end"),
    [
        ({"ends_at": "2027-01-31"}, datetime(2027, 1, 31, tzinfo=UTC)),
        ({"ends_at": "2027-01-31T10:00:00+02:00"}, datetime(2027, 1, 31, 8, tzinfo=UTC)),
        ({"expires_at": "2026-03-03T09:00:00+00:00"}, START + 24 * HOUR),
        ({"ends_at": "soon", "expires_at": "2026-03-03T09:00:00+00:00"}, START + 24 * HOUR),
        ({"ends_at": ""}, None),
        ({"api_key": "2027-01-31"}, None),
    ],
)
def test_a_secret_tells_when_its_key_ends(content: dict[str, str], end: datetime | None) -> None:
    assert key_end(content) == end


@pytest.mark.parametrize(
    ("hours", "renews", "ending"),
    [(72, False, True), (73, False, False), (-1, False, True), (72, True, False), (2, True, True)],
)
def test_a_key_ends_soon_unless_it_renews_by_itself(hours: int, renews: bool, ending: bool) -> None:
    key = KeyStanding(name="redo", ends_at=START + hours * HOUR, renews=renews)
    assert is_ending(key, START) is ending
    assert not is_ending(KeyStanding(name="redo"), START)


def test_a_code_tells_which_secret_is_refused() -> None:
    merchant = Merchant.model_validate(merchant_file())
    assert secret_refused(merchant, "redo.token_refused") == "redo"
    assert secret_refused(merchant, "mintsoft.login_refused") == "mintsoft"
    assert secret_refused(merchant, "redo.forbidden") is None
    assert secret_refused(merchant, "unleashed.key_refused") is None


# -- gauges -------------------------------------------------------------------------------------

TROUBLE = overview(
    freshness=(fresh(succeeded_at=START - HOUR, failing="redo.away"), fresh(succeeded_at=START)),
    past_clock=3,
    causes=(Cause(code="sku", flow="f", count=4, oldest=START),),
    partners=(
        PartnerStanding(partner="redo", closed_until=START, closed_since=START - 10 * MINUTE),
        PartnerStanding(partner="mintsoft", closed_until=START, closed_since=START - 9 * MINUTE),
        PartnerStanding(partner="unleashed", calls_used=9, calls_limit=8, forecast=1.2),
    ),
    keys=(
        KeyStanding(name="redo", failing="redo.token_refused"),
        KeyStanding(name="wair", ends_at=START + HOUR),
    ),
    drift=DriftStanding(looked_at=START, open=7, is_over_limit=True),
    not_told=("partners: away",),
)


def test_sums_are_told_at_zero_too() -> None:
    assert {name: one.values for name, one in sums_of([overview()], 0, START).items()} == {
        "CursorsStale": (0,),
        "ReturnsPastClock": (0,),
        "BreakersOpen": (0,),
        "KeysFailing": (0,),
        "KeysEnding": (0,),
        "BudgetForecastOver": (0,),
        "OverviewsFailed": (0,),
    }


def test_sums_are_over_all_merchants() -> None:
    found = sums_of([TROUBLE, TROUBLE, overview()], 2, START)
    assert {name: one.values[0] for name, one in found.items()} == {
        "CursorsStale": 2,
        "ReturnsPastClock": 6,
        "BreakersOpen": 2,
        "KeysFailing": 2,
        "KeysEnding": 2,
        "BudgetForecastOver": 2,
        "OverviewsFailed": 2,
    }


def test_a_merchants_gauges_and_no_more() -> None:
    steps = (
        StepStanding(
            step=Step.TRANSIT,
            count=2,
            oldest_since=START - 36 * HOUR,
            value={"GBP": Decimal("9.5")},
        ),
        StepStanding(step=Step.PERSON),
    )
    before = overview(steps=(StepStanding(step=Step.PERSON, count=1, value={"EUR": Decimal(4)}),))
    telemetry = Telemetry()
    tell_merchant(TROUBLE.model_copy(update={"steps": steps}), before, telemetry)

    assert telemetry.counts == [
        ("CursorLateness", 12.0, {"merchant": "example"}),
        ("ParkedOpen", 4, {"merchant": "example"}),
        ("ReturnsWaiting", 2, {"merchant": "example", "flow": "transit"}),
        ("OldestWaitingHours", 36.0, {"merchant": "example", "flow": "transit"}),
        ("ValueWaiting", 9.5, {"merchant": "example", "flow": "transit", "code": "GBP"}),
        ("ReturnsWaiting", 0, {"merchant": "example", "flow": "person"}),
        ("OldestWaitingHours", 0.0, {"merchant": "example", "flow": "person"}),
        # Nothing waits in euros any more: a gauge that is not told would stand still.
        ("ValueWaiting", 0.0, {"merchant": "example", "flow": "person", "code": "EUR"}),
    ]


# -- the summary --------------------------------------------------------------------------------


def test_all_is_quiet() -> None:
    made = summary_of([overview(), overview(merchant="other")], [], START)
    assert (made.day, made.is_quiet, made.text) == ("2026-03-02", True, "All quiet at 2 merchants.")


def test_what_is_not_quiet_is_named_line_by_line() -> None:
    made = summary_of([TROUBLE], ["lost"], START)
    assert not made.is_quiet
    assert made.text.splitlines() == [
        "Not all is quiet at 2 merchants:",
        "lost: its overview could not be made",
        "example: f has not succeeded for 1 h 0 min (redo.away)",
        "example: 3 returns delivered and past their clock",
        "example: 4 parked: sku (f)",
        "example: redo is closed since 2026-03-02 08:50 UTC",
        "example: calls to unleashed will be 120% of the month's",
        "example: redo is refused (redo.token_refused)",
        "example: wair ends 2026-03-02 10:00 UTC",
        "example: drift is over its limit: 7 differences",
        "example: not told: partners: away",
    ]


def test_a_summary_stays_short() -> None:
    causes = tuple(Cause(code=f"c{n}", flow="f", count=n, oldest=START) for n in range(1, 9))
    many = [overview(merchant=f"m{n}", causes=causes) for n in range(40)]
    lines = summary_of(many, [], START).text.splitlines()
    assert len(lines) == 62
    assert lines[1] == "m0: 8 parked: c8 (f)"
    assert lines[6] == "m0: … and 3 more like that"
    assert lines[-1] == "… and 180 more"
