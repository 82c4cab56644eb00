"""A measurement in a process of its own, so that none finds what another left in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def apart(module: str, *words: object) -> Any:
    """What a module of the bench prints last, as JSON.

    Raises:
        SystemExit: It failed; with the end of what it said.
    """
    told = ["-m", module, *map(str, words)]
    done = subprocess.run([sys.executable, *told], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(told[1:])} failed\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
