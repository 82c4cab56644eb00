"""Lambda's own runtime client, watched: which modules it loads, and which it had to compile.

Run as a script in place of ``python -m awslambdaric``; it tells what it saw in a file, after the
init and after each answer.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

COMPILED: list[str] = []
TOLD: dict[str, Any] = {"compiled": COMPILED}


def _watch_compiling() -> None:
    compile_ = SourceFileLoader.source_to_code

    def source_to_code(self: Any, data: Any, path: Any, **more: Any) -> Any:
        COMPILED.append(str(path))
        return compile_(self, data, path, **more)

    SourceFileLoader.source_to_code = source_to_code  # type: ignore[method-assign]


def _modules() -> dict[str, str]:
    """Every module, with the file that its code was read from."""
    loaded = list(sys.modules.items())
    return {name: str(getattr(made, "__cached__", None) or "") for name, made in loaded}


def _watch_asking() -> None:
    from awslambdaric.lambda_runtime_client import (  # noqa: PLC0415 - compiling is watched first
        LambdaRuntimeClient,
    )

    ask = LambdaRuntimeClient.wait_next_invocation

    def wait_next_invocation(self: Any) -> Any:
        TOLD["answered" if "init" in TOLD else "init"] = _modules()
        file = Path(os.environ["OBSERVED"])
        (whole := file.with_suffix(".part")).write_text(json.dumps(TOLD), encoding="utf-8")
        whole.rename(file)
        return ask(self)

    LambdaRuntimeClient.wait_next_invocation = wait_next_invocation


if __name__ == "__main__":
    del sys.path[0]  # this script's folder, which no environment has
    _watch_compiling()
    _watch_asking()
    from awslambdaric.__main__ import main

    main(["", sys.argv[1]])
