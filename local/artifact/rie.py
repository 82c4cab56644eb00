"""One cold start in AWS's Runtime Interface Emulator, and what it took."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.artifact.built import machine
from local.processes import end, free_port, spawn, wait_for_port
from local.stack import ROOT

RIE = (
    ROOT
    / ".venvs/sam/lib/python3.11/site-packages/samcli/local/rapid"
    / f"aws-lambda-rie-{machine()}"
)
OBSERVED = Path(__file__).with_name("observed.py")
READY_WITHIN = 30.0
ANSWER_WITHIN = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Started:
    """One cold start, and its first answer.

    Args:
        answer: The handler's, or ``errorMessage`` and ``errorType``.
        seconds: From the process's start to the answer, as whoever called sees it.
        init_ms: Of the runtime's init, as the emulator reports it.
        invoke_ms: Of the invocation that followed.
        cpu_seconds: Of processor, by the runtime's process.
        most_mb: The most memory that the process had.
        seen: What `observed` told: modules after the init and after the answer, sources compiled.
    """

    answer: Any
    seconds: float
    init_ms: float
    invoke_ms: float
    cpu_seconds: float
    most_mb: float
    log: str
    seen: Mapping[str, Any] = field(default_factory=dict)


def cold_start(
    event: Any,
    *,
    path: Sequence[Path],
    environment: Mapping[str, str],
    folder: Path,
    handler: str = "app.handler",
    memory_mb: int = 512,
    timeout: float = 60,
    logs: Path,
    observe: bool = False,
) -> Started:
    """Start a function once and give it one event.

    Args:
        event: As its source sends it.
        path: Where its modules are, the function's folder first.
        environment: Of the function; nothing else is inherited.
        folder: The function's.
        handler: Its handler.
        memory_mb: What the template gives it; only told, not enforced here.
        timeout: Seconds.
        logs: A folder for what it says.
        observe: Whether to list the modules it loads; takes time of its own.
    """
    port, log = free_port(), logs / f"{folder.name}-{time.monotonic_ns()}.log"
    seen = log.with_suffix(".json")
    told = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": ":".join(map(str, path)),
        "LAMBDA_TASK_ROOT": str(folder),
        # What is mounted cannot be written on AWS; here whoever is root could, and the next start
        # would find bytecode that no start on AWS ever has.
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "cold",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(int(timeout)),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "OBSERVED": str(seen),
        **environment,
    }
    # -S: an environment has what was mounted and what its runtime brings, and nothing else.
    python = [str(getattr(sys, "_base_executable", sys.executable)), "-S"]
    runtime = [*python, str(OBSERVED)] if observe else [*python, "-m", "awslambdaric"]
    command = [
        *(str(RIE), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{free_port()}", *runtime, handler),
    ]
    with log.open("wb") as output:
        process = spawn(command, environment=told, output=output, folder=folder)
        try:
            if not wait_for_port(port, process, READY_WITHIN):
                raise RuntimeError(f"the emulator did not start: {log.read_text(errors='replace')}")
            # The emulator starts the runtime with the first call, as Lambda does.
            began = time.monotonic()
            try:
                answer = _invoke(port, event)
            except urllib.error.HTTPError as error:
                said = log.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"the runtime did not come up:\n{said[:3000]}") from error
            seconds = time.monotonic() - began
            cpu, most = _usage(process.pid)
            if observe:
                _wait_for(seen)
        finally:
            end(process, patience=0.2)
    text = log.read_text(encoding="utf-8", errors="replace")
    return Started(
        answer=answer,
        seconds=seconds,
        init_ms=_figure(r"INIT REPORT\(durationMs: ([0-9.]+)", text),
        invoke_ms=_figure(r"INVOKE RTDONE\(.*duration: ([0-9.]+)ms", text),
        cpu_seconds=cpu,
        most_mb=most,
        log=text,
        seen=json.loads(seen.read_text(encoding="utf-8")) if observe else {},
    )


def _invoke(port: int, event: Any) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations",
        data=json.dumps(event).encode(),
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answered:  # noqa: S310
        return json.loads(answered.read() or b"null")


def _wait_for(seen: Path) -> None:
    """Until the runtime has told what it had loaded when it had answered."""
    ends = time.monotonic() + READY_WITHIN
    while "answered" not in (seen.read_text(encoding="utf-8") if seen.exists() else ""):
        if time.monotonic() > ends:
            raise RuntimeError("the watched runtime does not say what it loaded")
        time.sleep(0.01)


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found.group(1)) if found else float("nan")


def _usage(emulator: int) -> tuple[float, float]:
    """Seconds of processor and MB at the most, of the runtime's process."""
    tasks = Path(f"/proc/{emulator}/task").glob("*/children")
    children = [int(word) for task in tasks for word in task.read_text().split()]
    if not children:
        return float("nan"), float("nan")
    fields = Path(f"/proc/{children[0]}/stat").read_text().rpartition(")")[2].split()
    most = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{children[0]}/status").read_text())
    return (int(fields[11]) + int(fields[12])) / TICKS, int(most.group(1)) / 1024 if most else 0.0
