"""The report: one content as JSON, as CSV and as a page, in which a partner's words stay words."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest

from returns_hub.domain.drift.findings import Difference, Finding, Look, Standing
from returns_hub.domain.drift.page import as_page, in_words
from returns_hub.domain.drift.report import COLUMNS, Report, as_csv, as_json, report_of

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNITS = Difference(
    "returns.units_differ",
    "return r1, external return 501",
    {"mintsoft": "1 x TEE", "hub": "2 x TEE", "redo": None},
    units=1,
    value=Decimal("19.90"),
    currency="GBP",
    since=AT - timedelta(days=4),
    cause="the warehouse changed the record",
    mend="hub timeline example r1",
)
HOLD = Difference("orders.on_hold", "order 7", {"mintsoft": "ON HOLD"}, units=3)
EVIL = '<script>alert("x")</script>'


def finding(difference: Difference, standing: Standing = Standing.NEW, **more: Any) -> Finding:
    return replace(Finding(difference, standing, AT, AT, told_at=AT), **more)


def report(*findings: Finding, resolved: tuple[Finding, ...] = (), **look: Any) -> Report:
    counted: dict[str, int] = {}
    units: dict[str, int] = {}
    for each in findings:
        if each.counts:
            kind = each.difference.kind
            counted[kind] = counted.get(kind, 0) + 1
            units[kind] = units.get(kind, 0) + each.difference.units
    made = Look(AT, **({"counted": counted, "units": units} | look))
    return report_of("example", made, findings, resolved, over_limit=False)


BOTH = report(
    finding(HOLD, Standing.RECURRING),
    finding(UNITS),
    finding(replace(HOLD, subject="order 8"), Standing.SUSPECTED),
    resolved=(finding(replace(HOLD, subject="order 9"), Standing.RESOLVED, resolved_at=AT),),
    value={"GBP": Decimal("19.90")},
)


def test_the_json_has_totals_by_kind_and_each_finding() -> None:
    content = json.loads(as_json(BOTH))
    assert content["schema"] == "drift-report/1"
    assert content["total"] == {
        "findings": 2,
        "units": 4,
        "value": {"GBP": "19.90"},
        "new": 1,
        "recurring": 1,
        "resolved": 1,
        "beyond": 0,
    }
    assert [kind["kind"] for kind in content["kinds"]] == [HOLD.kind, UNITS.kind]
    assert content["kinds"][0]["resolved"] == 1
    rows = {row["subject"]: row for row in content["findings"]}
    assert set(rows) == {"order 7", UNITS.subject}
    assert rows[UNITS.subject]["says"] == {"mintsoft": "1 x TEE", "hub": "2 x TEE", "redo": None}
    assert (rows[UNITS.subject]["value"], rows[UNITS.subject]["age_hours"]) == ("19.90", 96)
    assert [row["subject"] for row in content["resolved"]] == ["order 9"]


def test_the_keys_of_the_json_do_not_change_by_accident() -> None:
    """Programs read it: a key may be added here, and none taken away."""
    content = json.loads(as_json(BOTH))
    assert set(content) == {
        *("schema", "merchant", "at", "over_limit", "total", "kinds", "compared"),
        *("not_compared", "suspected", "apart", "findings", "resolved"),
    }
    assert set(content["findings"][0]) == {
        *("id", "kind", "area", "subject", "standing", "says", "units", "value", "currency"),
        *("since", "cause", "mend", "confirm", "first_seen", "last_seen", "looks", "told_at"),
        *("resolved_at", "returned", "age_hours"),
    }


def test_the_same_content_gives_the_same_bytes() -> None:
    assert as_json(BOTH) == as_json(BOTH)
    assert as_page(BOTH) == as_page(BOTH)


def test_what_differs_beyond_those_that_are_kept_is_counted() -> None:
    many = report(finding(HOLD), counted={HOLD.kind: 900}, units={HOLD.kind: 5000})
    content = json.loads(as_json(many))
    assert (content["total"]["findings"], content["total"]["units"]) == (900, 5000)
    beyond = report(finding(HOLD), beyond={HOLD.kind: 899})
    assert "899 more, smaller ones" in as_page(beyond)


def test_the_csv_has_a_row_for_each_and_no_formula() -> None:
    evil = replace(UNITS, subject="=HYPERLINK(1)", cause="+1+1", mend="@SUM(1)", units=7)
    rows = list(csv.DictReader(io.StringIO(as_csv(report(finding(evil), finding(HOLD))))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["subject"] for row in rows] == ["order 7", "'=HYPERLINK(1)"]
    assert (rows[1]["cause"], rows[1]["mend"]) == ("'+1+1", "'@SUM(1)")
    assert rows[1]["says"] == "mintsoft: 1 x TEE; hub: 2 x TEE; redo: nothing"
    assert (rows[1]["units"], rows[1]["value"], rows[0]["value"]) == ("7", "19.90", "")


def test_the_largest_comes_first_within_its_area() -> None:
    shown = report(
        finding(replace(HOLD, subject="few", units=1)),
        finding(replace(HOLD, subject="dear", units=1, value=Decimal(5), currency="GBP")),
        finding(replace(HOLD, subject="many", units=9)),
    )
    assert [each.difference.subject for each in shown.findings] == ["dear", "many", "few"]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def test_the_page_shows_words_cause_and_what_mends_it() -> None:
    text = read(as_page(BOTH)).text
    for words in ("1 x TEE", "2 x TEE", "nothing", "19.90 GBP", "4 days", UNITS.cause, UNITS.mend):
        assert words in text
    assert "order 8" not in text
    assert "order 9" in text


@pytest.mark.parametrize(("times", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_the_page_says_how_often_something_came_back(times: int, words: str) -> None:
    text = read(as_page(report(finding(UNITS, returned=times)))).text
    assert f"new, came back {words}" in text


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    page = as_page(BOTH)
    tags = read(page).tags
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {t for t, _ in tags}
    assert not any(name.startswith("on") for _, found in tags for name in found)
    assert not re.search(r"https?://|url\(|@import", page)
    policy = next(a["content"] for t, a in tags if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "prefers-color-scheme: dark" in page
    assert "max-width: 46rem" in page
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in tags


@pytest.mark.parametrize("field", ["subject", "cause", "mend", "kind"])
def test_a_partners_words_stay_words(field: str) -> None:
    evil = replace(HOLD, **{field: f"orders.{EVIL}"})  # type: ignore[arg-type]
    page = as_page(report(finding(evil)))
    assert EVIL not in page
    assert EVIL in read(page).text


def test_what_systems_say_and_are_called_stays_words_too() -> None:
    evil = replace(HOLD, says={EVIL: EVIL}, value=Decimal(1), currency=EVIL)
    page = as_page(
        report(
            finding(evil),
            resolved=(finding(evil, Standing.RESOLVED, resolved_at=AT),),
            failed={EVIL: EVIL},
            apart={EVIL: 1},
            value={EVIL: Decimal(1)},
        )
    )
    assert EVIL not in page


def test_a_page_shows_the_largest_and_says_how_many_more_there_are() -> None:
    many = [finding(replace(HOLD, subject=f"order {n}", units=n)) for n in range(1, 1004)]
    page = as_page(report(*many))
    assert "and 3 more; the CSV has all" in page
    assert "order 1003<" in page
    assert "order 3<" not in page
    assert len(as_csv(report(*many)).splitlines()) == 1004


def test_a_look_without_a_difference_says_so_and_what_it_did_not_compare() -> None:
    page = as_page(report(failed={"stock.wair": "the token was refused"}))
    assert "Nothing differs, as far as was compared" in page
    assert "stock.wair: the token was refused" in page


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=71), "71 h"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_ages_are_said_as_people_say_them(age: timedelta, words: str) -> None:
    assert in_words(age) == words
