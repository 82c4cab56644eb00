"""Functions, each with a pool of execution environments, as Lambda keeps them."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.iam.held import PERMISSIONS
from local.lambda_host.runtime_api import Invocation, RuntimeApi
from local.processes import end, spawn
from local.stack import FunctionSpec

INIT_SECONDS = 10.0
"""AWS's; what an init takes beyond it is the first invocation's time."""
DEFAULT_CONCURRENCY = 10
WATCH_EVERY = 0.05
HELD = Path(__file__).with_name("held.py")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Throttled(Exception):  # noqa: N818 - Lambda's own word
    """Every environment that the function may have is busy (HTTP 429 on AWS)."""


@dataclass(frozen=True)
class InvokeResult:
    """What an invocation came to. `error` is AWS's word for the kind, empty when all went well."""

    payload: Any
    error: str
    duration_ms: float
    cold: bool


@dataclass(frozen=True)
class Observed:
    """An invocation, or one that was throttled, for whoever watches.

    `at` is when it began, in seconds since 1970 by the machine's clock.
    """

    function: str
    at: float
    duration_ms: float = 0.0
    failed: bool = False
    throttled: bool = False


def kind_of(result: InvokeResult) -> str:
    """The type of a failed invocation's error; never its message, which may tell of a person."""
    payload = result.payload
    named = payload.get("errorType") if isinstance(payload, dict) else None
    return str(named or result.error)


class Environment:
    """One execution environment: a process of its own, one invocation at a time."""

    def __init__(
        self, spec: FunctionSpec, *, path: str, extra: Mapping[str, str], logs: Path
    ) -> None:
        self.spec = spec
        self._api = RuntimeApi()
        # A file of its own: several processes writing to one would mix their lines.
        self._log = (logs / f"{spec.name}.{uuid.uuid4().hex[:8]}.log").open("ab")
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": spec.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
            "LAMBDA_TASK_ROOT": str(spec.code),
            "_HANDLER": spec.handler,
            "PYTHONPATH": path,
            **spec.environment,
            **extra,
        }
        runtime = [str(HELD)] if PERMISSIONS in extra else ["-m", "awslambdaric"]
        command = [sys.executable, *runtime, spec.handler]
        self.process = spawn(
            command, environment=environment, output=self._log.fileno(), folder=spec.code
        )
        self.cold = True

    def invoke(self, event: Any) -> InvokeResult:
        """Run the handler on one event. The environment is spoiled when `is_alive` is False."""
        cold, self.cold = self.cold, False
        started = time.monotonic()
        request_id = str(uuid.uuid4())
        # AWS starts an init that takes longer once more, as a part of this invocation and of its
        # time. Here it just goes on: started again, a slow machine would be slower yet.
        self._wait_for_init(started + INIT_SECONDS)
        ends = time.monotonic() + self.spec.timeout
        if not self._wait_for_init(ends):
            self.stop()
            return self._failure(started, request_id, self._timed_out(), cold=cold)
        if self._api.init_error is not None or not self._api.ready.is_set():
            return self._result(started, self._init_failure(), "Unhandled", cold=cold)
        invocation = Invocation(
            request_id=request_id,
            event=json.dumps(event).encode(),
            deadline_ms=int((time.time() + ends - time.monotonic()) * 1000),
            function_arn=f"arn:aws:lambda:eu-west-1:000000000000:function:{self.spec.name}",
        )
        self._api.hand_over(invocation)
        problem = self._watch(invocation, ends)
        if problem is not None:
            return self._failure(started, request_id, problem, cold=cold)
        payload = json.loads(invocation.payload or b"null")
        error = "Unhandled" if invocation.failed else ""
        return self._result(started, payload, error, cold=cold)

    def _watch(self, invocation: Invocation, ends: float) -> tuple[str, str] | None:
        """Wait for the answer; kill the process when it takes too long or too much."""
        while not invocation.finished.wait(WATCH_EVERY):
            if self.process.poll() is not None:
                return "Runtime.ExitError", "Runtime exited without providing a reason"
            if time.monotonic() > ends:
                self.stop()
                return self._timed_out()
            if self._resident_mb() > self.spec.memory_mb:
                self.stop()
                return "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"
        return None

    def _timed_out(self) -> tuple[str, str]:
        return "Sandbox.Timedout", f"Task timed out after {self.spec.timeout:.2f} seconds"

    def _wait_for_init(self, ends: float) -> bool:
        """Whether the init is over by then, well or not."""
        while not self._api.ready.wait(WATCH_EVERY):
            if self.process.poll() is not None:
                return True
            if time.monotonic() > ends:
                return False
        return True

    def _init_failure(self) -> dict[str, Any]:
        if self._api.init_error is not None:
            self.stop()
            return self._api.init_error
        self.stop()
        return {"errorType": "Runtime.ExitError", "errorMessage": "the code could not be loaded"}

    def _resident_mb(self) -> float:
        try:
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0.0
        return pages * PAGE / 1024 / 1024

    def _failure(
        self, started: float, request_id: str, problem: tuple[str, str], *, cold: bool
    ) -> InvokeResult:
        message = f"RequestId: {request_id} Error: {problem[1]}"
        failure = {"errorType": problem[0], "errorMessage": message}
        return self._result(started, failure, "Unhandled", cold=cold)

    @staticmethod
    def _result(started: float, payload: Any, error: str, *, cold: bool) -> InvokeResult:
        return InvokeResult(payload, error, (time.monotonic() - started) * 1000, cold)

    @property
    def is_alive(self) -> bool:
        """Whether it can take another event."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End the process; on AWS it is killed, so nothing gets a chance to clean up."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it and give back what it held here."""
        end(self.process, patience=0.2)
        self._api.close()
        self._log.close()


class LambdaHost:
    """All functions of a stack.

    Args:
        functions: By name.
        layer: The layer's folder.
        extra_environment: For every function.
        logs: Folder for their logs.
        first: A folder that is before their own on the path; unlike on AWS.
    """

    def __init__(
        self,
        functions: Mapping[str, FunctionSpec],
        *,
        layer: Path,
        extra_environment: Mapping[str, str],
        logs: Path,
        first: Path | None = None,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._functions = dict(functions)
        self._layer = layer
        self._first = first
        self._extra = extra_environment
        self._logs = logs
        self._lock = threading.Lock()
        self._free: dict[str, list[Environment]] = {name: [] for name in functions}
        self._made: dict[str, int] = dict.fromkeys(functions, 0)
        self._all: list[Environment] = []
        self._failures: Counter[tuple[str, str]] = Counter()
        self._watchers: list[Callable[[Observed], None]] = []

    def invoke(self, function: str, event: Any) -> InvokeResult:
        """Invoke a function and wait for its answer.

        Raises:
            Throttled: All its environments are busy.
        """
        began = time.time()
        try:
            environment = self._take(function)
        except Throttled:
            # Without a limit of its own it is this machine that is too small, and not AWS.
            if self._functions[function].concurrency is not None:
                self._tell(Observed(function, began, throttled=True))
            raise
        try:
            result = environment.invoke(event)
        finally:
            self._give_back(function, environment)
        if result.error:
            self._note(function, kind_of(result))
        self._tell(Observed(function, began, result.duration_ms, failed=bool(result.error)))
        return result

    def watched_by(self, watcher: Callable[[Observed], None]) -> None:
        """From now on tell of every invocation, from the thread that made it."""
        self._watchers.append(watcher)

    def _tell(self, observed: Observed) -> None:
        for watcher in self._watchers:
            watcher(observed)

    @property
    def failures(self) -> Counter[tuple[str, str]]:
        """How often invocations failed, or were throttled: (function, kind of error) -> count."""
        with self._lock:
            return Counter(self._failures)

    def _note(self, function: str, kind: str) -> None:
        with self._lock:
            self._failures[function, kind] += 1

    def _take(self, function: str) -> Environment:
        with self._lock:
            if self._free[function]:
                return self._free[function].pop()
            spec = self._functions[function]
            if self._made[function] >= (spec.concurrency or DEFAULT_CONCURRENCY):
                self._failures[function, "Throttled"] += 1
                raise Throttled(function)
            self._made[function] += 1
            folders = (self._first, spec.code, self._layer)
            path = ":".join(str(folder) for folder in folders if folder is not None)
            made = Environment(spec, path=path, extra=self._extra, logs=self._logs)
            self._all.append(made)
            return made

    def _give_back(self, function: str, environment: Environment) -> None:
        with self._lock:
            if environment.is_alive and environment.spec is self._functions[function]:
                self._free[function].append(environment)
                return
            self._made[function] -= 1
            self._all.remove(environment)
        environment.close()

    def release(self, function: str) -> FunctionSpec:
        """The release of a function that runs."""
        with self._lock:
            return self._functions[function]

    def deploy(self, spec: FunctionSpec) -> None:
        """Put another release of a function in place of the one that runs.

        As on AWS, what is in work ends in the release that it began in.
        """
        with self._lock:
            self._functions[spec.name] = spec
            old, self._free[spec.name] = self._free[spec.name], []
            self._made[spec.name] -= len(old)
            self._all = [environment for environment in self._all if environment not in old]
        for environment in old:
            environment.close()

    def warm(self, function: str) -> None:
        """Start an environment ahead of its first event."""
        self._give_back(function, self._take(function))

    def processes(self, function: str) -> list[int]:
        """Process ids of the function's environments."""
        with self._lock:
            return [e.process.pid for e in self._free[function]]

    def close(self) -> None:
        """End every environment."""
        with self._lock:
            environments, self._all = self._all, []
        for environment in environments:
            environment.process.kill()
        for environment in environments:
            environment.close()
