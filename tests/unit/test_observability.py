"""Redaction, metrics' dimensions and settings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from returns_hub.domain.privacy import REDACTED
from returns_hub.errors import Misconfigured, Permanent, Retryable, Skip, UnknownOutcome, Verdict
from returns_hub.observability import PowertoolsTelemetry, redact
from returns_hub.ports import Measured
from returns_hub.settings import Settings


def test_what_is_private_by_its_name_is_redacted_at_any_depth() -> None:
    given = {
        "authorization": "Bearer abc",
        "headers": {"ms-apikey": "k1"},
        "rows": [{"emailAddress": "pat@example.test", "sku": "TEE"}],
        "giftCards": ["1234"],
        "password": "x",
        "body": "whole",
    }
    shown = json.dumps(redact(given))

    for private in ("abc", "k1", "pat@", "1234", '"x"', "whole"):
        assert private not in shown
    assert "TEE" in shown


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cret-token",
        "failed for ms-apikey: s3cret-token",
        "GET /x?APIKey=s3cret-token&y=1",
        "mail s3cret-token@example.test bounced",
    ],
)
def test_what_is_private_by_its_look_is_redacted(text: str) -> None:
    assert "s3cret-token" not in redact(text)
    assert REDACTED in redact(text)


def test_ordinary_words_stay() -> None:
    assert redact({"code": "mintsoft.refused", "return_id": "66aa", "n": 3}) == {
        "code": "mintsoft.refused",
        "return_id": "66aa",
        "n": 3,
    }


def test_an_id_never_becomes_a_dimension(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = PowertoolsTelemetry()
    with pytest.raises(ValueError, match="return_id"):
        telemetry.count("X", return_id="66aa")

    telemetry.count("A", merchant="m", outcome="o")
    telemetry.count("B")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "merchant" in lines[0]
    assert "merchant" not in lines[1]


def test_measures_of_one_moment_are_one_line_of_embedded_metrics(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "returns-hub")
    telemetry = PowertoolsTelemetry()
    with pytest.raises(ValueError, match="return_id"):
        telemetry.measure({"X": Measured((1,))}, return_id="66aa")
    telemetry.measure({}, partner="redo")

    latencies = Measured(tuple(map(float, range(101))), "Milliseconds")
    telemetry.measure({"Calls": Measured((3,)), "Latency": latencies}, partner="redo")
    telemetry.count("Calls", 3, partner="redo")

    blob, counted = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    (directive,) = blob["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "ReturnsHub",
        "Dimensions": [["partner", "service"]],
        "Metrics": [
            {"Name": "Calls", "Unit": "Count"},
            {"Name": "Latency", "Unit": "Milliseconds"},
        ],
    }
    assert (blob["partner"], blob["service"], blob["Calls"]) == ("redo", "returns-hub", [3])
    # More than a line takes would lose the line.
    assert len(blob["Latency"]) == 100
    # One metric, whichever way it is told.
    (other,) = counted["_aws"]["CloudWatchMetrics"]
    assert set(other["Dimensions"][0]) == {"partner", "service"}


def test_two_stages_in_one_account_count_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry = PowertoolsTelemetry()

    def namespaces() -> list[str]:
        telemetry.count("X", merchant="m")
        telemetry.measure({"X": Measured((1,))}, merchant="m")
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in lines]

    for stage in ("dev", "prod"):
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", f"ReturnsHub/{stage}")
        assert namespaces() == [f"ReturnsHub/{stage}"] * 2
    for nothing in ("", None):
        monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")
        if nothing is not None:
            monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", nothing)
        assert namespaces() == ["ReturnsHub"] * 2


def test_without_metrics_by_merchant_the_same_line_stays_in_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "returns-hub")
    telemetry = PowertoolsTelemetry()

    def lines(**dimensions: str) -> list[dict[str, Any]]:
        telemetry.count("Worked", 2, **dimensions)
        waits = {"Waiting": Measured((1.5, 2)), "Oldest": Measured((3,), "Milliseconds")}
        telemetry.measure(waits, **dimensions)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    of_merchant = {"merchant": "m", "flow": "f"}
    metrics, others = lines(**of_merchant), lines(partner="redo")
    assert all("_aws" in line for line in (*metrics, *others))
    monkeypatch.setenv("METRICS_BY_MERCHANT", "no")
    kept = lines(**of_merchant)
    assert kept == [{k: v for k, v in line.items() if k != "_aws"} for line in metrics]
    assert (kept[0]["merchant"], kept[0]["Worked"], kept[1]["Waiting"]) == ("m", [2.0], [1.5, 2])
    # What no merchant is named with is watched by alarms, and stays a metric.
    assert all("_aws" in line for line in (*lines(partner="redo"), *lines()))
    with pytest.raises(ValueError, match="return_id"):
        telemetry.count("X", merchant="m", return_id="66aa")
    monkeypatch.setenv("METRICS_BY_MERCHANT", "yes")
    assert all("_aws" in line for line in lines(**of_merchant))


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(Misconfigured, match="LEDGER_TABLE"):
        Settings.from_environment({"RETURNS_TABLE": "x"})


@pytest.mark.parametrize("verdict", [Retryable, Permanent, UnknownOutcome, Skip, Misconfigured])
def test_every_verdict_carries_a_word_and_a_sentence(verdict: type[Verdict]) -> None:
    raised = verdict("a.word", "a sentence")
    assert (raised.code, raised.reason) == ("a.word", "a sentence")
    assert issubclass(Misconfigured, Retryable)


def test_lines_of_records_worked_on_side_by_side_never_mix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys
    import threading
    import time

    class SlowStream:
        """A stream on which every write gives way to other threads."""

        def __init__(self) -> None:
            self.text = ""

        def write(self, text: str) -> int:
            self.text += text
            time.sleep(0.0005)
            return len(text)

        def flush(self) -> None:
            return

    stream = SlowStream()
    monkeypatch.setattr(sys, "stdout", stream)
    telemetry = PowertoolsTelemetry()
    threads = [
        threading.Thread(target=telemetry.count, args=("X",), kwargs={"merchant": str(n)})
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = stream.text.splitlines()
    assert len(lines) == 20
    assert {json.loads(line)["merchant"] for line in lines} == {str(n) for n in range(20)}
