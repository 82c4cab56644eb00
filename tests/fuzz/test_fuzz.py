"""A quick slice of the fuzzing, every input that once failed, and proof that faults are found."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli.schemas import event_schema
from returns_hub.adapters.http.transport import Answer
from returns_hub.adapters.http.words import retry_after
from returns_hub.adapters.mintsoft.times import to_utc, zone
from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.receive_approved_return import parse
from tests.fuzz import mutations
from tests.fuzz.__main__ import main
from tests.fuzz.all_targets import TARGETS, target_of
from tests.fuzz.engine import Answer as Judged
from tests.fuzz.engine import Fault, Fuzzer, alarm, judge, minimised
from tests.fuzz.replies import Scripted, read_script, script
from tests.fuzz.targets import Target

FOUND = Path(__file__).with_name("found")
SLICE = 60
"""Cases of each target here; `python -m tests.fuzz` runs many more."""


@pytest.mark.parametrize("path", sorted(FOUND.glob("*.input")), ids=lambda path: path.stem)
def test_what_failed_once_holds(path: Path) -> None:
    target = target_of(path.name.partition("--")[0])
    with alarm(5.0):
        judged = judge(target, path.read_bytes())
    assert isinstance(judged, Judged), judged


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_slice_of_every_target_holds(target: Target) -> None:
    report = Fuzzer(target, 7).run(SLICE)
    assert not report.faults
    assert report.cases == SLICE
    assert report.edges > 10


def test_the_same_seed_gives_the_same_cases() -> None:
    def cases(seed: int) -> list[bytes]:
        seen: list[bytes] = []
        Fuzzer(target_of("approved-return"), seed, before=seen.append).run(40)
        return seen

    assert cases(3) == cases(3)
    assert cases(3) != cases(4)


# -- the fuzzer can fail --------------------------------------------------------------------------


def _wrong_in_a_corner(data: bytes) -> dict[str, Any]:
    """A reader of a bad day: it forgets what may be missing, and what is no number."""
    try:
        content = json.loads(data)
        rows = content["rows"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Permanent("test.refused", "not ours") from None
    if not isinstance(rows, list):
        raise Permanent("test.refused", "rows are a list")
    return {"units": sum(row["quantity"] for row in rows)}


def _leaky(data: bytes) -> str:
    raise Permanent("test.refused", f"cannot read {data.decode('utf-8', 'replace')[:80]}")


def _endless(data: bytes) -> str:
    while b"1" not in data:
        time.sleep(0.001)
    return ""


SEED = json.dumps({"rows": [{"quantity": 1}], "address": mutations.CANARIES[0]}).encode()


def test_a_forgotten_case_is_found_and_made_small() -> None:
    wrong = Target("wrong", "json", _wrong_in_a_corner, (dict,), (SEED,))
    report = Fuzzer(wrong, 1).run(300)
    assert any("Error" in name for name in report.faults)
    assert min(len(fault.data) for fault in report.faults.values()) < len(SEED)


def test_a_reason_that_repeats_personal_data_is_found() -> None:
    leaky = Target("leaky", "json", _leaky, (str,), (SEED,))
    report = Fuzzer(leaky, 1).run(50)
    assert "reason repeats a canary: test.refused" in report.faults


def test_a_value_of_another_type_and_a_hang_are_found() -> None:
    wrong_type = judge(Target("type", "json", len, (str,), (SEED,)), SEED)
    assert isinstance(wrong_type, Fault)
    with alarm(0.05):
        endless = judge(Target("endless", "json", _endless, (str,), (SEED,)), b"0")
    assert isinstance(endless, Fault)
    assert endless.name == "does not end in time"


def test_a_fault_keeps_its_name_when_it_is_made_small() -> None:
    wrong = Target("wrong", "json", _wrong_in_a_corner, (dict,), (SEED,))
    fault = judge(wrong, b'{"rows": [{"quantity": 1}, {"sku": "TEE"}], "more": [1, 2, 3]}')
    assert isinstance(fault, Fault)
    small = minimised(wrong, fault)
    assert small.name == fault.name
    assert len(small.data) < 30


def test_the_command_ends_with_1_when_a_property_broke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Target("wrong", "json", _wrong_in_a_corner, (dict,), (SEED,))
    monkeypatch.setattr("tests.fuzz.__main__.TARGETS", (wrong,))
    arguments = ["--cases", "300", "--jobs", "1", "--found", str(tmp_path)]
    assert main(arguments) == 1
    assert "FAULT wrong" in capsys.readouterr().out
    assert any(tmp_path.iterdir())


def _careful(data: bytes) -> int:
    return len(data)


def test_the_command_ends_with_0_when_all_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = Target("careful", "json", _careful, (int,), (SEED,))
    monkeypatch.setattr("tests.fuzz.__main__.TARGETS", (careful,))
    assert main(["--cases", "40", "--jobs", "2", "--found", str(tmp_path)]) == 0
    assert not list(tmp_path.iterdir())


@given(st.lists(st.builds(Scripted, st.integers(100, 599), st.just(""), st.just(()), st.binary())))
def test_any_bytes_are_a_script(replies: list[Scripted]) -> None:
    assert read_script(script(*replies))


# -- small readers, by Hypothesis -----------------------------------------------------------------

LONDON = zone("Europe/London")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
header = st.one_of(
    st.text(max_size=40), st.sampled_from([h.partition(": ")[2] for h in mutations.HEADERS])
)


@example("Mon, 01 Jan 99999999999 00:00:00 GMT")
@given(header)
@settings(derandomize=True, max_examples=300)
def test_any_retry_after_is_seconds_within_bounds(value: str) -> None:
    seconds = retry_after(Answer(429, {"Retry-After": value}, b""), NOW, least=2.0, most=900.0)
    assert 2.0 <= seconds <= 900.0


moments = st.one_of(
    st.text(max_size=30),
    st.sampled_from(mutations.TIMES),
    st.datetimes(timezones=st.none() | st.timezones()).map(datetime.isoformat),
)


@example("0001-01-01T00:00:00+05:00")
@given(moments)
@settings(derandomize=True, max_examples=300)
def test_any_time_of_mintsofts_is_a_moment_or_refused(text: str) -> None:
    try:
        moment = to_utc(text, LONDON)
    except ValueError:
        return
    assert moment.tzinfo is UTC


# -- the published schema and the model -----------------------------------------------------------

RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _pattern(
    _: Any, pattern: str, instance: object, __: Any
) -> Any:  # jsonschema's own signature for a keyword
    # As ECMA 262 reads it, which JSON Schema names: $ is the very end, not before a last newline.
    if isinstance(instance, str) and not re.search(pattern.removesuffix("$") + r"\Z", instance):
        yield jsonschema.ValidationError(f"does not match {pattern}")


CHECKER = jsonschema.FormatChecker(formats=())


@CHECKER.checks("date-time", raises=(ValueError, OverflowError))
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not RFC_3339.fullmatch(value):
        return False
    text = re.sub(r"(\.\d{1,6})\d*", r"\1", value.upper())
    datetime.fromisoformat(text).astimezone(UTC)
    return True


Validator = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _pattern}
)
VALIDATOR = Validator(json.loads(event_schema()), format_checker=CHECKER)

word = st.one_of(
    st.text(max_size=8),
    st.text("abz019-_.A\n ", max_size=70),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
NAIVE_NOW = NOW.replace(tzinfo=None)
good_time = st.datetimes(
    min_value=NAIVE_NOW - timedelta(days=9000),
    max_value=NAIVE_NOW + timedelta(days=9000),
    timezones=st.just(UTC),
).map(datetime.isoformat)
event = st.fixed_dictionaries(
    {
        "schema": st.just("approved-return/1") | word,
        "merchant": st.from_regex(r"^[a-z0-9][a-z0-9-]{0,45}$") | word,
        "return_id": st.from_regex(r"^[A-Za-z0-9_-]+$") | word,
        "occurred_at": good_time,
        "source": st.from_regex(r"^[a-z0-9][a-z0-9_.-]*$") | word,
    },
    optional={"return": word, "order": word, "extra": word},
)
GOOD = {
    "schema": "approved-return/1",
    "merchant": "example",
    "return_id": "r1",
    "occurred_at": "2026-03-02T09:00:00Z",
    "source": "test",
}
TIMES: tuple[object, ...] = (
    *mutations.TIMES,
    *(0, 1700000000, 1.5, -1, 10**20, True, None, []),
    "2026-03-02_09:15:00Z",
    "2026-03-02T09:15:00 Z",
    " 2026-03-02T09:15:00Z",
)
BY_OUR_NAMES = ("portal_return", "portal_order", "schema_")


def _agree(content: dict[str, Any]) -> None:
    try:
        parse(json.dumps(content))
        taken = True
    except Permanent:
        taken = False
    assert taken == VALIDATOR.is_valid(content), content


@given(event, st.none() | st.sampled_from(sorted(GOOD)))
@settings(derandomize=True, max_examples=150)
def test_schema_and_model_agree_on_fields(content: dict[str, Any], missing: str | None) -> None:
    if missing is not None:
        content.pop(missing)
    _agree(content)


@given(st.sampled_from(sorted(GOOD)), word)
@settings(derandomize=True, max_examples=150)
def test_schema_and_model_agree_on_one_changed_field(name: str, value: object) -> None:
    if name == "occurred_at" and not isinstance(value, bool | list | dict | None):
        return  # Times have tests of their own.
    _agree(GOOD | {name: value})


@pytest.mark.parametrize("name", BY_OUR_NAMES)
def test_schema_and_model_agree_on_our_own_names(name: str) -> None:
    _agree(GOOD | {name: "approved-return/1" if name == "schema_" else {}})


@pytest.mark.parametrize("value", TIMES)
def test_schema_and_model_agree_on_times(value: object) -> None:
    _agree(GOOD | {"occurred_at": value})


def test_a_retryable_asks_for_a_time_that_can_be_waited() -> None:
    target = target_of("redo-comments")
    for header_line in mutations.HEADERS[:8]:
        name, _, value = header_line.partition(": ")
        reply = Scripted(429, headers=((name, value),))
        with pytest.raises(Retryable) as raised:
            target.run(script(reply))
        assert 0 < raised.value.after <= 900
