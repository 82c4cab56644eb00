"""Documents of the embedded metric format, and logs as they grow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.cloudwatch.emf import Broken, LogFollower, read_document
from local.cloudwatch.metrics import Metric, MetricStore
from returns_hub.observability import PowertoolsTelemetry

NOW = 1_764_000_000.0
HUB = {"service": "returns-hub"}


def document(root: dict[str, Any] | None = None, **changes: Any) -> str:
    """A document of one directive, with what is changed of it."""
    directive = {
        "Namespace": "ReturnsHub",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "Parked", "Unit": "Count"}],
    }
    kept = {name: value for name, value in {**directive, **changes}.items() if value is not None}
    meta = {"Timestamp": int(NOW * 1000), "CloudWatchMetrics": [kept]}
    members = {"service": "returns-hub", "Parked": 2}
    return json.dumps({"_aws": meta, **members, **(root or {})})


def test_a_document_publishes_each_metric_once_for_every_set_of_dimensions() -> None:
    found = read_document(
        document(
            {"partner": "redo", "Latency": [12, 30.5]},
            Dimensions=[["service"], ["service", "partner"], []],
            Metrics=[{"Name": "Parked"}, {"Name": "Latency", "Unit": "Milliseconds"}],
        ),
        NOW,
    )
    assert [(str(one.metric), one.values, one.unit) for one in found] == [
        ("ReturnsHub Parked (service=returns-hub)", (2.0,), "None"),
        ("ReturnsHub Parked (partner=redo, service=returns-hub)", (2.0,), "None"),
        ("ReturnsHub Parked", (2.0,), "None"),
        ("ReturnsHub Latency (service=returns-hub)", (12.0, 30.5), "Milliseconds"),
        ("ReturnsHub Latency (partner=redo, service=returns-hub)", (12.0, 30.5), "Milliseconds"),
        ("ReturnsHub Latency", (12.0, 30.5), "Milliseconds"),
    ]
    assert {one.at for one in found} == {NOW}


def test_what_the_hub_itself_prints_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    PowertoolsTelemetry().count("Parked", 3, merchant="example")
    line = capsys.readouterr().out
    at = json.loads(line)["_aws"]["Timestamp"] / 1000
    (found,) = read_document(line, at)
    assert found.metric.name == "Parked"
    assert dict(found.metric.dimensions)["merchant"] == "example"
    assert found.values == (3.0,)


def _aws(**meta: Any) -> str:
    return json.dumps({"_aws": meta})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (document() + document(), "something stands beside it"),
        ("INFO " + document(), "something stands beside it"),
        ('["_aws"]', "the root is no object"),
        (json.dumps({"_aws": 1}), "_aws is no object"),
        (_aws(CloudWatchMetrics=[]), "Timestamp"),
        (_aws(Timestamp="now", CloudWatchMetrics=[]), "Timestamp"),
        (_aws(Timestamp=1, CloudWatchMetrics=[]), "two weeks ago"),
        (_aws(Timestamp=int((NOW + 8000) * 1000), CloudWatchMetrics=[]), "two hours ahead"),
        (_aws(Timestamp=int(NOW * 1000)), "CloudWatchMetrics is no list"),
        (document(Namespace=None), "Namespace"),
        (document(Namespace="n" * 256), "Namespace"),
        (document(Dimensions=None), "Dimensions is no list"),
        (document(Dimensions=[]), "Dimensions is empty"),
        (document(Dimensions=["service"]), "a set of dimensions is no list"),
        (document(Dimensions=[["partner"]]), "the dimension partner has no text"),
        (document({"partner": 7}, Dimensions=[["partner"]]), "the dimension partner has no text"),
        (document({"partner": ""}, Dimensions=[["partner"]]), "the dimension partner has no text"),
        (document(Dimensions=[[f"d{n}" for n in range(31)]]), "more than 30 dimensions"),
        (document(Metrics=[{"Name": "Lost"}]), "Lost has no value"),
        (document(Metrics=[{}]), "Name is no text"),
        (document(Metrics=[{"Name": "Parked"}] * 101), "more than 100 metrics"),
        (document(Metrics=[{"Name": "Parked", "Unit": "Parcels"}]), "its Unit"),
        (document(Metrics=[{"Name": "Parked", "Unit": ["Count"]}]), "its Unit"),
        (document(Metrics=[{"Name": "Parked", "StorageResolution": 5}]), "StorageResolution"),
        (document(Metrics=[{"Name": "Parked", "StorageResolution": [1]}]), "StorageResolution"),
        (document({"Parked": "2"}), "no number"),
        (document({"Parked": True}), "no number"),
        (document({"Parked": [1, None]}), "no number"),
        (document({"Parked": {"a": 1}}), "no number"),
        (document({"Parked": [1] * 101}), "more than 100 values"),
        (document().replace('"Parked": 2', '"Parked": NaN'), "no JSON object"),
        (document().replace('"Parked": 2', '"Parked": 1e999'), "no number"),
        (document({"note": "x" * 1024 * 1024}), "larger than 1 MB"),
    ],
)
def test_what_breaks_the_specification_publishes_nothing(text: str, why: str) -> None:
    with pytest.raises(Broken, match=why.replace("(", "\\(")):
        read_document(text, NOW)


class Followed:
    """A folder of logs, and what was taken from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.metrics = MetricStore()
        self.follower = LogFollower(folder, self.metrics, lambda wall: wall)

    def write(self, text: str, name: str = "PollFunction.0a1b.log") -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def total(self) -> float | None:
        self.follower.read(NOW)
        metric = Metric.of("ReturnsHub", "Parked", HUB)
        return self.metrics.statistic(metric, "Sum", NOW - 60, NOW + 60)


def test_logs_are_read_once_as_they_grow_and_half_a_line_waits(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    assert followed.total() is None
    followed.write(f"START\n{document()}\n")
    assert followed.total() == 2
    assert followed.total() == 2
    line = document()
    followed.write(line[:40])
    assert followed.total() == 2
    followed.write(line[40:] + "\n")
    followed.write(f"{document()}\n", "Other.77.log")
    assert followed.total() == 6
    assert followed.follower.documents == 3


def test_an_array_without_values_publishes_nothing(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    followed.write(f"{document({'Parked': []})}\n")
    assert followed.total() is None
    assert followed.metrics.metrics() == []


def test_broken_lines_are_counted_with_the_function_and_why(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    followed.write(f"{document()}{document()}\n" * 2 + document({"Parked": "x"}) + "\n")
    followed.write('{"message": "a line of a log that names \\"_aws\\" is none"}\n')
    assert followed.total() is None
    assert followed.follower.problems == {
        ("PollFunction", "it is no JSON object, or something stands beside it"): 2,
        ("PollFunction", "Parked has a value that is no number"): 1,
    }
