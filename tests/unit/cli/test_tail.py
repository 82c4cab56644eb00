"""hub tail: log lines as they come, readable, without metrics and without what is private."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli import worlds
from cli.logs.lines import read_line
from cli.logs.sources import CloudWatchLogs, LocalFiles, function_name, groups_of
from cli.worlds import CommandError
from tests.unit.cli.conftest import Command

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def line(message: str, at: datetime = NOW, **data: Any) -> str:
    content = {
        "level": "INFO",
        "message": message,
        "timestamp": f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}+0000",
        "service": "returns-hub",
        "data": data,
    }
    return json.dumps(content)


def test_a_line_is_told_in_words() -> None:
    found = read_line(line("comes back", merchant="example", why="busy", code="x.y"), "f", NOW)
    assert found is not None
    assert found.merchant == "example"
    assert found.in_words() == "comes back code=x.y why=busy"
    assert found.at == NOW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "START RequestId: 1 Version: $LATEST",
        "END RequestId: 1",
        "REPORT RequestId: 1\tDuration: 3 ms",
        '{"_aws": {"CloudWatchMetrics": []}, "Parked": 1}',
        '{"merchant":"example","service":"returns-hub","Parked":[1.0]}',
    ],
)
def test_metrics_and_the_runtimes_own_lines_are_left_out(text: str) -> None:
    assert read_line(text, "f", NOW) is None


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("2026 1-2 Task timed out after 60 s", "ERROR", "Task timed out"),
        ("[ERROR] Runtime.ExitError", "ERROR", "ExitError"),
        ("plain words\x1b[2J", "", "plain words\ufffd"),
        ("[1, 2]", "", "[1, 2]"),
        ('{"level": "ERROR", "message": "fault", "exception_name": "KeyError"}', "ERROR", "KeyErr"),
    ],
)
def test_other_lines_are_told_as_they_are(text: str, level: str, words: str) -> None:
    found = read_line(text, "f", NOW)
    assert found is not None
    assert found.level == level
    assert words in found.in_words()


@pytest.mark.parametrize(
    "text",
    [
        line("x", email="jo@example.test", api_key="k-123"),
        line("tell jo@example.test"),
        line("x", note={"customer": "jo@example.test"}),
        "plain jo@example.test",
        '{"message": "x", "exception": "Bearer k-123 and jo@example.test"}',
    ],
)
def test_what_must_not_be_logged_is_taken_out_once_more(text: str) -> None:
    found = read_line(text, "f", NOW)
    assert found is not None
    told = found.in_words() + json.dumps(found.as_json())
    assert "example.test" not in told
    assert "k-123" not in told


def test_a_function_is_named_as_its_folder() -> None:
    assert function_name("CreateExternalReturnLogGroup") == "create_external_return"
    assert function_name("PollMintsoftFunction") == "poll_mintsoft"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def test_files_are_read_on_where_they_ended_and_lines_told_once_whole(logs: Path) -> None:
    path = logs / "PollMintsoftFunction.0a1b2c3d.log"
    path.write_text(f"{line('old', NOW - 20 * MINUTE)}\n{line('one')}\n{line('tw')[:9]}")
    source = LocalFiles(logs, None, NOW - 10 * MINUTE)
    assert [found.message for found in source.read()] == ["one"]
    assert list(source.read()) == []
    with path.open("a") as file:
        file.write(line("tw")[9:] + "\n")
    (logs / "WatchReturnsFunction.0a1b2c3d.log").write_text(line("other") + "\n")
    assert [(f.function, f.message) for f in source.read()] == [
        ("poll_mintsoft", "tw"),
        ("watch_returns", "other"),
    ]


def test_a_file_that_goes_while_it_is_looked_for_has_no_lines(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (logs / "PollMintsoftFunction.0a1b2c3d.log").write_text(line("one") + "\n")
    gone = logs / "PollMintsoftFunction.00000000.log"
    listed = [gone, *logs.glob("*.log")]
    monkeypatch.setattr(Path, "glob", lambda *_: iter(listed))
    source = LocalFiles(logs, None, NOW - 10 * MINUTE)
    assert [found.message for found in source.read()] == ["one"]


class Logs:
    """CloudWatch Logs with these events, two a page."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[dict[str, Any]] = []

    def put(self, group: str, text: str, at: datetime = NOW) -> None:
        rows = self.events.setdefault(group, [])
        event_id = f"{group}-{len(rows)}"
        rows.append({"eventId": event_id, "timestamp": int(at.timestamp() * 1000), "message": text})

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        rows = [
            row
            for row in self.events.get(asked["logGroupName"], [])
            if row["timestamp"] >= asked["startTime"]
        ]
        start = int(asked.get("nextToken", "0"))
        page: dict[str, Any] = {"events": rows[start : start + 2]}
        if len(rows) > start + 2:
            page["nextToken"] = str(start + 2)
        return page


def test_cloudwatch_is_asked_at_its_pace_and_each_line_told_once() -> None:
    client, waits = Logs(), list[float]()
    for number in range(3):
        client.put("g", line(str(number)), NOW + number * timedelta(seconds=1))
    source = CloudWatchLogs(client, {"f": "g", "h": "i"}, NOW - MINUTE, waits.append)
    assert [found.message for found in source.read()] == ["0", "1", "2"]
    assert len(client.asked) == len(waits) == 3
    assert min(waits) >= 0.25
    client.put("g", line("late"), NOW - timedelta(seconds=30))
    client.put("i", line("other"), NOW)
    assert [found.message for found in source.read()] == ["late", "other"]
    assert list(source.read()) == []


def test_what_was_told_is_not_remembered_for_ever() -> None:
    client = Logs()
    source = CloudWatchLogs(client, {"f": "g"}, NOW - MINUTE, lambda _: None)
    for number in range(50):
        client.put("g", line(str(number)), NOW + number * MINUTE)
        list(source.read())
    assert len(source._told) < 10


def test_logs_that_may_not_be_read_are_told_to_be_so() -> None:
    class Refusing:
        def filter_log_events(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "FilterLogEvents")

    source = CloudWatchLogs(Refusing(), {"f": "g"}, NOW, lambda _: None)
    with pytest.raises(CommandError, match="cannot be read"):
        list(source.read())


def test_groups_are_those_of_functions() -> None:
    rows = [
        ("PollMintsoftFunction", "AWS::Lambda::Function", "fn"),
        ("PollMintsoftLogGroup", "AWS::Logs::LogGroup", "group"),
        ("WebhooksAccessLogGroup", "AWS::Logs::LogGroup", "access"),
    ]
    names = ("LogicalResourceId", "ResourceType", "PhysicalResourceId")

    class CloudFormation:
        def get_paginator(self, _: str) -> CloudFormation:
            return self

        def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
            for row in rows:
                yield {"StackResourceSummaries": [dict(zip(names, row, strict=True))]}

    assert groups_of(CloudFormation(), "s") == {"poll_mintsoft": "group"}


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, logs: Path) -> Path:
    """A local stack's logs of three functions' lines."""
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    monkeypatch.setattr(worlds, "_local_stack_runs", lambda: True)
    now = datetime.now(UTC)
    text = [
        line("second", now - MINUTE, merchant="example", code="a.b"),
        line("first", now - 2 * MINUTE, merchant="example-2"),
        line("long ago", now - 60 * MINUTE),
    ]
    (logs / "PollMintsoftFunction.1.log").write_text("\n".join(text[:2]) + "\n")
    (logs / "WatchReturnsFunction.1.log").write_text(text[2] + "\n")
    return logs


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), ["first", "second"]),
        (("--since", "2h"), ["long ago", "first", "second"]),
        (("--merchant", "example"), ["second"]),
        (("--function", "watch_returns", "--since", "2h"), ["long ago"]),
        (("--grep", "CODE=a"), ["second"]),
        (("--grep", "nothing like it"), []),
    ],
)
def test_lines_are_told_in_their_order_as_they_are_wanted(
    local: Path, command: Command, words: tuple[str, ...], told: list[str]
) -> None:
    result = command("tail", "--no-follow", "--json", *words)
    assert result.exit_code == 0, result.output
    assert [json.loads(row)["message"] for row in result.stdout.splitlines()] == told


def test_lines_for_people(local: Path, command: Command) -> None:
    lines = command("tail", "--no-follow").stdout.splitlines()
    assert lines[1].endswith("poll_mintsoft example second code=a.b")


def test_it_goes_on_until_it_is_stopped(
    local: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(_: float) -> None:
        path = local / "PollMintsoftFunction.1.log"
        if "third" in path.read_text():
            raise KeyboardInterrupt
        with path.open("a") as file:
            file.write(line("third", datetime.now(UTC)) + "\n")

    monkeypatch.setattr("cli.logs.verb.time.sleep", sleep)
    result = command("tail")
    assert result.exit_code == 0
    words = [row.split()[2] if "third" in row else "" for row in result.stdout.splitlines()]
    assert words == ["", "", "third"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--grep", "("), 2, "--grep"),
        (("--since", "soon"), 2, "is no time"),
        (("--function", "pol_mintsoft"), 1, "there is no function pol_mintsoft; there are: catch"),
    ],
)
def test_what_makes_no_sense_is_refused(
    local: Path, command: Command, words: tuple[str, ...], code: int, said: str
) -> None:
    result = command("tail", "--no-follow", *words)
    assert result.exit_code == code
    assert said in result.output


def test_without_a_stack_it_says_where_to_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: Command
) -> None:
    monkeypatch.setattr(worlds, "WORLD_FILE", tmp_path / "world.json")
    result = command("tail", "--no-follow")
    assert result.exit_code == worlds.UNREACHABLE
    assert "--stack" in result.output
