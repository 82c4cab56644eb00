"""The Lambda host: AWS's own runtime client over our Runtime API."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from local.lambda_host import host as lambda_host
from local.lambda_host.host import InvokeResult, LambdaHost, Throttled
from local.sources.rules import RuleClock, scheduled_event
from local.stack import ROOT, FunctionSpec, ScheduleSource

APP = """
import os, time
CALLS = []
def handler(event, context):
    CALLS.append(1)
    match event.get("do"):
        case "raise": raise ValueError("broken on purpose")
        case "sleep": time.sleep(event["seconds"])
        case "exit": os._exit(3)
        case "fill": CALLS.append("x" * 200_000_000); time.sleep(3)
        case "environment": return dict(os.environ)
        case "left": return context.get_remaining_time_in_millis()
    return {"calls": len(CALLS), "pid": os.getpid(), "id": context.aws_request_id}
"""


def host_of(tmp_path: Path, app: str = APP, timeout: float = 2.0, memory: int = 128) -> LambdaHost:
    code = tmp_path / "code"
    code.mkdir(exist_ok=True)
    (code / "app.py").write_text(app, encoding="utf-8")
    spec = FunctionSpec("F", code, "app.handler", timeout, memory, 2, {"MINE": "yes"})
    return LambdaHost({"F": spec}, layer=tmp_path, extra_environment={}, logs=tmp_path / "logs")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LambdaHost]:
    made = host_of(tmp_path)
    yield made
    made.close()


def test_the_first_call_is_cold_and_the_environment_is_kept(host: LambdaHost) -> None:
    first, second = host.invoke("F", {}), host.invoke("F", {})

    assert (first.cold, second.cold) == (True, False)
    assert first.payload["pid"] == second.payload["pid"]
    assert (first.payload["calls"], second.payload["calls"]) == (1, 2)
    assert first.payload["id"] != second.payload["id"]


def test_an_exception_has_awss_shape_and_the_environment_lives_on(host: LambdaHost) -> None:
    before = host.invoke("F", {}).payload["pid"]
    failed = host.invoke("F", {"do": "raise"})

    assert failed.error == "Unhandled"
    assert failed.payload["errorType"] == "ValueError"
    assert failed.payload["errorMessage"] == "broken on purpose"
    assert failed.payload["stackTrace"]
    assert host.invoke("F", {}).payload["pid"] == before


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"do": "sleep", "seconds": 30}, "Sandbox.Timedout"),
        ({"do": "exit"}, "Runtime.ExitError"),
        ({"do": "fill"}, "Runtime.OutOfMemory"),
    ],
)
def test_what_kills_an_environment_leaves_a_fresh_one(
    host: LambdaHost, event: dict[str, Any], error: str
) -> None:
    before = host.invoke("F", {}).payload["pid"]

    assert host.invoke("F", event).payload["errorType"] == error
    after = host.invoke("F", {})
    assert after.cold
    assert after.payload["pid"] != before


def test_code_that_cannot_be_loaded_says_so(tmp_path: Path) -> None:
    host = host_of(tmp_path, "import nothing_like_it\n")
    failed = host.invoke("F", {})
    host.close()

    assert failed.error == "Unhandled"
    assert "nothing_like_it" in str(failed.payload)


def test_an_init_that_takes_longer_than_awss_is_part_of_the_first_invocation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lambda_host, "INIT_SECONDS", 0.0)
    host = host_of(tmp_path, f"{APP}\ntime.sleep(0.3)\n", timeout=60.0)
    first, second = host.invoke("F", {"do": "left"}), host.invoke("F", {"do": "left"})
    host.close()

    assert (first.error, first.cold, second.cold) == ("", True, False)
    assert first.payload < 60_000 - 200, "the rest of the init took none of its time"


def test_an_init_without_end_is_a_timeout_and_leaves_a_fresh_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lambda_host, "INIT_SECONDS", 0.0)
    host = host_of(tmp_path, "import time\ntime.sleep(600)\n", timeout=0.2)
    failed, again = host.invoke("F", {}), host.invoke("F", {})
    host.close()

    assert failed.payload["errorType"] == "Sandbox.Timedout"
    assert "timed out after 0.20 seconds" in failed.payload["errorMessage"]
    assert again.cold
    assert host.failures == {("F", "Sandbox.Timedout"): 2}


def test_another_release_takes_the_next_event_and_what_is_in_work_ends_in_its_own(
    host: LambdaHost, tmp_path: Path
) -> None:
    host.invoke("F", {})
    ended: list[InvokeResult] = []
    slow = threading.Thread(
        target=lambda: ended.append(host.invoke("F", {"do": "sleep", "seconds": 0.5}))
    )
    slow.start()
    while host.processes("F"):
        time.sleep(0.01)
    code = tmp_path / "new"
    code.mkdir()
    (code / "app.py").write_text("def handler(event, context): return 'new'", encoding="utf-8")
    host.deploy(FunctionSpec("F", code, "app.handler", 2.0, 128, 2, {}))

    assert host.invoke("F", {}).payload == "new"
    slow.join()
    assert ended[0].payload["calls"] == 2
    assert [host.invoke("F", {}).payload for _ in range(3)] == ["new"] * 3
    assert len(host.processes("F")) == 1


def test_failures_are_counted_by_their_kind_without_their_words(host: LambdaHost) -> None:
    for do in ("raise", "raise", "exit", "nothing"):
        host.invoke("F", {"do": do})

    assert host.failures == {("F", "ValueError"): 2, ("F", "Runtime.ExitError"): 1}


def test_nothing_of_this_process_leaks_into_the_environment(
    host: LambdaHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAK", "me")
    environment = host.invoke("F", {"do": "environment"}).payload

    assert "LEAK" not in environment
    assert environment["MINE"] == "yes"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "F"


def test_the_deadline_is_the_functions_own(host: LambdaHost) -> None:
    assert 1000 < host.invoke("F", {"do": "left"}).payload <= 2000


def test_more_at_once_than_allowed_is_throttled(host: LambdaHost) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def call(_: int) -> InvokeResult | None:
        try:
            return host.invoke("F", {"do": "sleep", "seconds": 0.5})
        except Throttled:
            return None

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(call, range(4)))
    assert sum(result is None for result in results) == 2
    assert host.failures == {("F", "Throttled"): 2}


def test_a_killed_host_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(APP, encoding="utf-8")
    script = f"""
import sys, time
from pathlib import Path
from local.lambda_host import host as lambda_host
from local.lambda_host.host import LambdaHost
from local.stack import FunctionSpec
tmp = Path({str(tmp_path)!r})
spec = FunctionSpec("F", tmp / "code", "app.handler", 5.0, 128, 2, {{}})
host = LambdaHost({{"F": spec}}, layer=tmp, extra_environment={{}}, logs=tmp / "logs")
print(host.invoke("F", {{}}).payload["pid"], flush=True)
time.sleep(60)
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    ends = time.monotonic() + 30
    while time.monotonic() < ends and _runs(child):
        time.sleep(0.05)

    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False


def test_the_clock_can_be_sped_up_and_repeats_as_often_as_the_template_says(
    tmp_path: Path,
) -> None:
    host = host_of(tmp_path)
    schedules = [ScheduleSource("EveryFiveMinutes", "F", 300.0, 0)]
    clock = RuleClock(schedules, host=host, speed=3000)
    started = time.monotonic()
    clock.start()
    while time.monotonic() < started + 30 and clock.ticks["F"] < 4:
        time.sleep(0.01)
    clock.stop()
    took = time.monotonic() - started
    host.close()

    assert 4 <= clock.ticks["F"] <= took / 0.1 + 1


def test_ticks_that_come_too_fast_never_overlap_more_than_twice() -> None:
    """Else each would have an environment started, on a machine that is too busy already."""
    begun: list[str] = []
    release = threading.Event()

    class Busy:
        def invoke(self, function: str, _: object) -> InvokeResult:
            begun.append(function)
            release.wait(60)
            return InvokeResult(None, "", 0.0, cold=False)

    schedules = [ScheduleSource(name, name, 300.0, 0) for name in ("F", "G")]
    clock = RuleClock(schedules, host=cast("LambdaHost", Busy()), speed=30_000)
    clock.start()
    ends = time.monotonic() + 30
    while time.monotonic() < ends and len(begun) < 4:
        time.sleep(0.01)
    time.sleep(0.2)  # twenty more ticks would be due
    at_once = sorted(begun)
    release.set()
    clock.stop()

    assert at_once == ["F", "F", "G", "G"]


def test_a_scheduled_event_has_awss_shape() -> None:
    from tests.support.fakes import START

    event = scheduled_event(ScheduleSource("R", "F", 300.0, 0), START)
    assert event["detail-type"] == "Scheduled Event"
    assert event["source"] == "aws.events"
    assert event["time"] == "2026-03-02T09:00:00Z"
    assert event["resources"][0].endswith("rule/R")


def test_a_child_outlives_the_thread_that_asked_for_it() -> None:
    from local.processes import end, spawn

    children: list[subprocess.Popen[bytes]] = []

    def ask() -> None:
        command = [sys.executable, "-c", "import time; time.sleep(30)"]
        children.append(spawn(command, environment=dict(os.environ), output=subprocess.DEVNULL))

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    time.sleep(0.3)
    try:
        assert children[0].poll() is None
    finally:
        end(children[0])
