"""One execution environment that is measured: a process under AWS's own runtime client."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.lambda_host.host import Environment
from local.stack import FunctionSpec
from local.world import LAYER

TICKS = os.sysconf("SC_CLK_TCK")
SECONDS = 600.0
MEGABYTES = 2048
"""Far more than any way needs: what each takes is measured, and none is killed for it."""
CORES = sorted(os.sched_getaffinity(0))
MINE, OTHERS = CORES[-1], CORES[:-1] or CORES
"""The core of the environment, and those of everything else."""


class Failed(Exception):  # noqa: N818 - a state, told to the user
    """An invocation failed; the message says how."""


@dataclass(frozen=True)
class Used:
    """What a process has used: seconds of a processor, and its most memory in MB."""

    cpu: float
    peak_mb: float


class Measured:
    """An environment with a core to itself.

    Args:
        spec: The function; its timeout and memory are raised.
        logs: Folder for what it prints.
        variables: More of its environment.
        first: A folder that is before its own on the path.
        layer: The folder of the shared layer; this tree's own without.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        logs: Path,
        variables: Mapping[str, str],
        first: Path | None = None,
        layer: Path = LAYER,
    ) -> None:
        folders = [first, spec.code, layer]
        path = ":".join(str(folder) for folder in folders if folder is not None)
        roomy = replace(spec, timeout=SECONDS, memory_mb=MEGABYTES)
        self._environment = Environment(roomy, path=path, extra=variables, logs=logs)
        self.pid = self._environment.process.pid
        os.sched_setaffinity(self.pid, {MINE})

    def invoke(self, event: Any) -> Any:
        """The handler's answer.

        Raises:
            Failed: It gave none.
        """
        result = self._environment.invoke(event)
        if result.error:
            raise Failed(f"{result.error}: {result.payload}"[:2000])
        return result.payload

    def used(self) -> Used:
        """What it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return Used((int(user) + int(system)) / TICKS, peak_mb(self.pid))

    def kill(self) -> None:
        """End it as a crash does."""
        self._environment.stop()

    def close(self) -> None:
        """End it and give back what it held here."""
        self._environment.close()


def peak_mb(pid: int) -> float:
    """The most memory that a process has held, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def keep_off() -> None:
    """Leave the environment its core: for this process and those that it starts."""
    os.sched_setaffinity(0, OTHERS)
